//! Says where the built front end is, which the binary embeds.
//!
//! Without one, a debug build embeds a page that says so; a release build fails.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

const SCRIPT: &str = r#"globalThis.handle = async () => JSON.stringify({
  status: 503,
  headers: [["content-type", "text/html; charset=utf-8"]],
  body: "<!doctype html><title>Kermesse</title><h1>The front end is not built</h1><p>Run <code>make run</code>, or <code>npm ci &amp;&amp; npm run build</code> in <code>frontend/</code>, then build again.</p>",
});
"#;
const DATA: [&str; 3] = ["operations.json", "dates.json", "covers.json"];
const ERRORS: [&str; 4] = ["500.en", "500.fr", "503.en", "503.fr"];

#[expect(
    clippy::disallowed_methods,
    reason = "Cargo speaks to build scripts through the environment"
)]
fn main() -> ExitCode {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let root = variable("CARGO_MANIFEST_DIR");
    let root = Path::new(&root).parent().unwrap_or(Path::new(""));
    let built = root.join("frontend/build");
    println!("cargo:rustc-check-cfg=cfg(frontend_built)");
    // As long as one is missing, Cargo asks again with each build.
    let needed: Vec<PathBuf> = needed().map(|name| built.join(name)).collect();
    for file in &needed {
        println!("cargo:rerun-if-changed={}", file.display());
    }
    if needed.iter().all(|file| file.is_file()) {
        println!("cargo:rerun-if-changed={}", built.display());
        println!("cargo:rustc-env=KERMESSE_FRONTEND_BUILD={}", built.display());
        println!("cargo:rustc-cfg=frontend_built");
        return ExitCode::SUCCESS;
    }
    if variable("PROFILE") == "release" {
        println!(
            "cargo:error=frontend/build is missing or not complete: run `make run`, or `npm ci && npm run build` in frontend/"
        );
        return ExitCode::FAILURE;
    }
    println!(
        "cargo:warning=frontend/build is missing or not complete: pages will only say so; run `make run`, or `npm ci && npm run build` in frontend/"
    );
    let out = variable("OUT_DIR");
    let placeholder = Path::new(&out).join("frontend");
    if let Err(error) = write_placeholder(&placeholder) {
        println!("cargo:error=no placeholder of the front end can be written: {error}");
        return ExitCode::FAILURE;
    }
    println!("cargo:rustc-env=KERMESSE_FRONTEND_BUILD={}", placeholder.display());
    ExitCode::SUCCESS
}

/// What `src/page/front.rs` names.
fn needed() -> impl Iterator<Item = String> {
    let errors = ERRORS.iter().map(|name| format!("errors/{name}.html"));
    let data = DATA.iter().map(|name| (*name).to_owned());
    errors.chain(data).chain(["ssr.js".to_owned()])
}

fn write_placeholder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder.join("errors"))?;
    fs::write(folder.join("ssr.js"), SCRIPT)?;
    for name in DATA {
        fs::write(folder.join(name), "{}")?;
    }
    for name in ERRORS {
        let status = name.split('.').next().unwrap_or_default();
        let page = format!("<!doctype html><title>{status}</title><h1>{status}</h1>");
        fs::write(folder.join("errors").join(format!("{name}.html")), page)?;
    }
    Ok(())
}
