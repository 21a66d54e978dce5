//! The real program, run as people run it, with a folder of data of its own.

use serde_json::Value;
use std::{
    fs,
    process::{Command, Output},
};
use tempfile::TempDir;

/// A folder of data that is removed at the end.
pub(crate) struct Site {
    folder: TempDir,
}

/// What a command said.
pub(crate) struct Told {
    /// Whether its exit code is 0.
    pub succeeded: bool,
    /// Its answer.
    pub stdout: String,
    /// Its complaints and its log.
    pub stderr: String,
}

/// The answer of a command that was asked for JSON.
pub(crate) struct Answer {
    /// Whether its exit code is 0.
    pub succeeded: bool,
    /// The answer.
    pub json: Value,
}

impl Site {
    /// An empty one.
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    /// Writes a file and answers its path.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, text).expect("a file");
        path.to_str().expect("UTF-8").to_owned()
    }

    /// Runs the program with these arguments.
    pub(crate) fn run(&self, arguments: &[&str]) -> Told {
        let output = self.output(arguments);
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Told {
            succeeded: output.status.success(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// Runs the program, and reads its answer as JSON.
    pub(crate) fn json(&self, arguments: &[&str]) -> Answer {
        let told = self.run(arguments);
        let json = serde_json::from_str(&told.stdout).unwrap_or_else(|error| {
            panic!(
                "{arguments:?} answers no JSON ({error}): {} {}",
                told.stdout, told.stderr
            )
        });
        Answer {
            succeeded: told.succeeded,
            json,
        }
    }

    fn output(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_kermesse"))
            .args(arguments)
            .env("KERMESSE_DATA_DIR", self.folder.path().join("data"))
            .env_remove("DATABASE_URL")
            .current_dir(self.folder.path())
            .output()
            .expect("the program runs")
    }
}
