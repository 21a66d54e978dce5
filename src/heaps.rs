//! How many heaps the C library keeps.
//!
//! glibc gives threads heaps of their own, up to eight for each processor, and keeps for each what it needed at most. On
//! a large site under load that came to twice the memory, and made nothing faster (`docs/developer/performance.md`).
//! The number is read from the environment when a program starts, so that the server starts itself once more with it.

use std::{env, num::NonZero, os::unix::process::CommandExt, process::Command, thread::available_parallelism};

/// Read by glibc; who sets it decides.
const VARIABLE: &str = "MALLOC_ARENA_MAX";
/// Says that the program was started again: the loader takes the other one from programs with rights of their own.
const STARTED_AGAIN: &str = "STARTED_AGAIN_WITH_FEW_HEAPS";

/// Makes a server one with few heaps: one for each processor and one more; with fewer, threads wait for each other.
/// Returns where that is so already, and where the program cannot be started again, which then works as well, with more
/// memory.
pub fn keep_few() {
    let serves = env::args_os().any(|argument| argument == "serve");
    let is_settled = [VARIABLE, STARTED_AGAIN].iter().any(|name| env::var_os(name).is_some());
    if !cfg!(target_env = "gnu") || !serves || is_settled {
        return;
    }
    let Ok(program) = env::current_exe() else { return };
    let heaps = 1 + available_parallelism().map_or(1, NonZero::get);
    let mut arguments = env::args_os();
    let mut again = Command::new(program);
    if let Some(name) = arguments.next() {
        again.arg0(name);
    }
    // The process stays the same one: only where this fails does it come back.
    let _failed = again
        .args(arguments)
        .env(VARIABLE, heaps.to_string())
        .env(STARTED_AGAIN, "1")
        .exec();
}
