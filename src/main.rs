//! The program `kermesse`.

use kermesse::{adapters::pictures::worker, cli, heaps};
use std::process::ExitCode;

fn main() -> ExitCode {
    // Before anything else: the worker of pictures must have no thread, no file and no setting.
    if std::env::args_os()
        .nth(1)
        .is_some_and(|argument| argument == worker::COMMAND)
    {
        return worker::main();
    }
    heaps::keep_few();
    cli::main()
}
