//! The programs of PostgreSQL: `pg_dump`, `pg_restore` and `psql`. A password reaches them by the environment: arguments
//! are seen by everybody on the machine.

use super::BackupError;
use domain::db::{Location, care};
use std::{
    io,
    path::Path,
    process::{Command, Output, Stdio},
    time::Duration,
};
use url::form_urlencoded;

/// Dumps the database at `url` into `file`: one transaction sees it all.
pub(super) fn dump(url: &str, file: &Path) -> Result<(), BackupError> {
    let mut command = tool("pg_dump", url);
    command.args(["--format=custom", "--compress=0", "--no-owner", "--no-privileges"]);
    command.arg("--file").arg(file);
    run(command)
}

/// Why `file` cannot be read as a dump; `None` where it can.
pub(super) fn damage(file: &Path) -> Result<Option<String>, BackupError> {
    let mut command = Command::new("pg_restore");
    command.arg("--list").arg(file);
    failure(command)
}

/// Puts a dump in the place of what is in the database at `url`: all of it or nothing.
pub(super) fn replace(url: &str, dump: &Path, script: &Path) -> Result<(), BackupError> {
    let mut command = Command::new("pg_restore");
    command
        .args(["--no-owner", "--no-privileges", "--file"])
        .arg(script)
        .arg(dump);
    run(command)?;
    let mut command = tool("psql", url);
    command.args([
        "--no-psqlrc",
        "--quiet",
        "--set=ON_ERROR_STOP=1",
        "--single-transaction",
        "--command",
        care::DROP_TABLES, // in the transaction in which the dump makes them again
    ]);
    command.arg("--file").arg(script);
    run(command)
}

/// A server that was just stopped is still leaving for a moment: so often it is looked again, with these pauses.
const LOOKS: u32 = 20;
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// Refuses while another session is there: it would go on with what it remembers.
pub(super) fn alone(location: &Location) -> Result<(), BackupError> {
    for _ in 0..LOOKS {
        if care::other_sessions(location)? == 0 {
            return Ok(());
        }
        std::thread::sleep(BETWEEN_LOOKS);
    }
    match care::other_sessions(location)? {
        0 => Ok(()),
        others => Err(BackupError::InUse(others)),
    }
}

/// Whether the program that a backup needs is there.
pub(super) fn has_tools() -> bool {
    let found = Command::new("pg_dump").arg("--version").stdout(Stdio::null()).status();
    found.is_ok_and(|status| status.success())
}

fn tool(program: &str, url: &str) -> Command {
    let (url, password) = without_password(url);
    let mut command = Command::new(program);
    command.arg("--dbname").arg(url);
    if let Some(password) = password {
        command.env("PGPASSWORD", password);
    }
    command
}

fn run(command: Command) -> Result<(), BackupError> {
    match failure(command)? {
        None => Ok(()),
        Some(said) => Err(BackupError::Postgres(said)),
    }
}

/// Runs a program; answers what it said where it failed.
fn failure(mut command: Command) -> Result<Option<String>, BackupError> {
    let program = command.get_program().display().to_string();
    match command.stdin(Stdio::null()).output() {
        Ok(Output { status, .. }) if status.success() => Ok(None),
        Ok(Output { stderr, .. }) => Ok(Some(format!(
            "{program} failed: {}",
            String::from_utf8_lossy(&stderr).trim()
        ))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(BackupError::Postgres(format!(
            "{program} is missing; install the client programs of PostgreSQL (on Debian: apt-get install postgresql-client)"
        ))),
        Err(error) => Err(BackupError::Postgres(format!("{program} does not start: {error}"))),
    }
}

/// A URL without its password, and the password, decoded.
fn without_password(url: &str) -> (String, Option<String>) {
    let (before, query) = url.split_once('?').unwrap_or((url, ""));
    let (mut pairs, mut password) = (Vec::new(), None);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.strip_prefix("password=") {
            Some(secret) => password = decoded(secret),
            None => pairs.push(pair),
        }
    }
    let user = before.split_once("://").and_then(|(scheme, rest)| {
        let (user, host) = rest.rsplit_once('@')?;
        let (user, secret) = user.split_once(':')?;
        password = decoded(secret);
        Some(format!("{scheme}://{user}@{host}"))
    });
    let mut url = user.unwrap_or_else(|| before.to_owned());
    if !pairs.is_empty() {
        url.push('?');
        url.push_str(&pairs.join("&"));
    }
    (url, password)
}

fn decoded(text: &str) -> Option<String> {
    let pair = format!("p={}", text.replace('+', "%2B"));
    let mut pairs = form_urlencoded::parse(pair.as_bytes());
    pairs.next().map(|(_, text)| text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_leaves_the_url_wherever_it_stands() {
        let cases = [
            (
                "postgres://ada@/agenda?host=/run",
                "postgres://ada@/agenda?host=/run",
                None,
            ),
            (
                "postgres://ada:p%40ss+%3A@db:5432/agenda",
                "postgres://ada@db:5432/agenda",
                Some("p@ss+:"),
            ),
            (
                "postgres:///agenda?password=a%26b&host=/run",
                "postgres:///agenda?host=/run",
                Some("a&b"),
            ),
        ];
        for (url, bare, password) in cases {
            assert_eq!(
                without_password(url),
                (bare.to_owned(), password.map(ToOwned::to_owned)),
                "{url}"
            );
        }
    }

    #[test]
    fn a_missing_program_is_named_with_its_package() {
        let said = run(Command::new("no-such-program-of-postgresql"))
            .expect_err("no program")
            .to_string();
        assert!(said.contains("apt-get install postgresql-client"), "{said}");
    }
}
