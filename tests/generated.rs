//! Files in the repository that the program writes: they are what it would write today.

use kermesse::config;
use std::{fs, path::Path};

fn is_current(path: &str, text: &str, command: &str) {
    let kept = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap_or_default();
    assert!(
        kept == text,
        "{path} is not what the program says; run: cargo run -- {command} > {path}"
    );
}

#[test]
fn the_reference_of_the_configuration_is_current() {
    is_current(
        "docs/admin/configuration.md",
        &config::reference(),
        "config --reference",
    );
}

#[test]
fn the_example_of_a_configuration_is_current() {
    is_current("config.example.toml", &config::example(), "config --example");
}
