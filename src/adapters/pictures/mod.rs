//! Pictures are decoded in a process of its own, one for each picture: a decoder that is led astray by bytes from outside
//! can neither read nor write anything but its pipe, and ends with its limits of memory and time.
//!
//! This file is the side of the server: it starts the process, feeds it, and believes nothing that it answers. The side
//! of the process is [`worker`].

mod container;
mod protocol;
mod render;
pub mod worker;

use async_trait::async_trait;
use bytes::Bytes;
use domain::ports::{Picture, PictureError, PictureWorker};
use std::{
    io,
    os::unix::process::ExitStatusExt,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::{Child, Command},
    sync::Semaphore,
};
use worker::Refusal;

/// For one picture, from start to answer. The process has less, of the processor's time; this is for a busy machine.
const TIME: Duration = Duration::from_secs(20);

/// Starts a process for each picture, as many at once as there are cores.
#[derive(Debug)]
pub struct PictureProcess {
    program: PathBuf,
    time: Duration,
    at_once: Semaphore,
}

impl PictureProcess {
    /// Starts `program`, an absolute path, with the one argument [`worker::COMMAND`]; [`this_program`] is the usual one.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, Into::into);
        Self {
            program: program.into(),
            time: TIME,
            at_once: Semaphore::new(cores),
        }
    }

    async fn run(&self, bytes: &[u8]) -> Result<Picture, PictureError> {
        let mut child = self.start().map_err(|error| {
            tracing::error!(%error, program = %self.program.display(), "the picture worker does not start");
            PictureError::Unavailable
        })?;
        let answer = exchange(&mut child, bytes).await;
        if answer.as_ref().is_ok_and(|answer| answer.len() > protocol::MOST_BYTES) {
            tracing::error!("the picture worker answers too much");
            return Err(PictureError::Unavailable);
        }
        let status = child.wait().await;
        match (answer, status) {
            (Ok(answer), Ok(status)) if status.success() => protocol::read(&answer).ok_or_else(|| {
                tracing::error!("the picture worker's answer cannot be read");
                PictureError::Unavailable
            }),
            (_, Ok(status)) => Err(reason(status)),
            (_, Err(error)) => {
                tracing::error!(%error, "the picture worker was lost");
                Err(PictureError::Unavailable)
            }
        }
    }

    fn start(&self) -> io::Result<Child> {
        Command::new(&self.program)
            .arg(worker::COMMAND)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
    }
}

#[async_trait]
impl PictureWorker for PictureProcess {
    async fn render(&self, bytes: Bytes) -> Result<Picture, PictureError> {
        if bytes.len() > domain::media::MOST_BYTES {
            return Err(PictureError::TooLarge);
        }
        let _turn = self
            .at_once
            .acquire()
            .await
            .map_err(|_closed| PictureError::Unavailable)?;
        // When the time is over, the process is dropped, and so killed.
        tokio::time::timeout(self.time, self.run(&bytes))
            .await
            .unwrap_or(Err(PictureError::TooHeavy))
    }
}

/// The program that runs, to be started again as the worker. On Linux this stays right when an upgrade replaces the file.
///
/// # Errors
/// Those of the operating system, where it cannot tell.
pub fn this_program() -> io::Result<PathBuf> {
    if cfg!(target_os = "linux") {
        Ok("/proc/self/exe".into())
    } else {
        std::env::current_exe()
    }
}

/// Both directions at once: a process that answers before it has read everything must not block.
async fn exchange(child: &mut Child, bytes: &[u8]) -> io::Result<Vec<u8>> {
    let pipes = child.stdin.take().zip(child.stdout.take());
    let (mut stdin, stdout) = pipes.ok_or(io::ErrorKind::BrokenPipe)?;
    let feed = async move {
        // One that refuses early does not read the rest: its exit status says why.
        drop(stdin.write_all(bytes).await);
        drop(stdin);
    };
    let hear = async move {
        let mut answer = Vec::new();
        let most = protocol::MOST_BYTES as u64 + 1;
        stdout.take(most).read_to_end(&mut answer).await.map(|_| answer)
    };
    tokio::join!(feed, hear).1
}

fn reason(status: ExitStatus) -> PictureError {
    match (
        status.code().and_then(Refusal::from_code),
        status.code(),
        status.signal(),
    ) {
        (Some(refusal), ..) => refusal.reason(),
        // A panic of a decoder.
        (_, Some(101), _) => PictureError::Unreadable,
        // The limits: SIGABRT where memory is refused, SIGKILL and SIGXCPU where the processor's time is over.
        (.., Some(6 | 9 | 24)) => PictureError::TooHeavy,
        (.., Some(signal)) => {
            tracing::warn!(signal, "a picture made its decoder crash");
            PictureError::Unreadable
        }
        _ => {
            tracing::error!(%status, "the picture worker does not work");
            PictureError::Unavailable
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, os::unix::fs::PermissionsExt, path::Path, time::Instant};

    /// A program that does something else than a worker.
    fn script(folder: &Path, text: &str) -> PathBuf {
        let path = folder.join("worker.sh");
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        path
    }

    async fn outcome(text: &str) -> PictureError {
        outcome_within(TIME, text).await
    }

    async fn outcome_within(time: Duration, text: &str) -> PictureError {
        let folder = tempfile::tempdir().unwrap();
        let worker = PictureProcess {
            time,
            ..PictureProcess::new(script(folder.path(), text))
        };
        worker.render(Bytes::from_static(b"picture")).await.unwrap_err()
    }

    #[tokio::test]
    async fn a_worker_that_does_not_answer_is_killed() {
        let started = Instant::now();
        let outcome = outcome_within(Duration::from_millis(500), "exec /bin/sleep 60").await;
        assert_eq!(outcome, PictureError::TooHeavy);
        assert!(started.elapsed() < Duration::from_secs(30));
    }

    #[tokio::test]
    async fn a_worker_that_never_stops_answering_is_not_listened_to() {
        assert_eq!(outcome("exec /usr/bin/yes").await, PictureError::Unavailable);
    }

    #[tokio::test]
    async fn limits_that_end_a_worker_mean_that_the_picture_is_too_heavy() {
        for signal in ["ABRT", "KILL", "XCPU"] {
            assert_eq!(outcome(&format!("kill -{signal} $$")).await, PictureError::TooHeavy);
        }
        assert_eq!(outcome("kill -SEGV $$").await, PictureError::Unreadable);
        assert_eq!(outcome("exit 101").await, PictureError::Unreadable);
    }

    #[tokio::test]
    async fn a_worker_that_is_missing_or_talks_nonsense_is_unavailable() {
        let nobody = PictureProcess::new("/nowhere/kermesse");
        let missing = nobody.render(Bytes::from_static(b"picture")).await;
        assert_eq!(missing.unwrap_err(), PictureError::Unavailable);
        assert_eq!(outcome("exit 2").await, PictureError::Unavailable);
        assert_eq!(outcome("echo '{}'").await, PictureError::Unavailable);
    }

    #[tokio::test]
    async fn a_large_file_is_refused_before_anything_is_started() {
        let nobody = PictureProcess::new("/nowhere/kermesse");
        let large = Bytes::from(vec![0; 10 * 1024 * 1024 + 1]);
        assert_eq!(nobody.render(large).await.unwrap_err(), PictureError::TooLarge);
    }
}
