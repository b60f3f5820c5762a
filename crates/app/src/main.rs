//! The command.

use std::process::ExitCode;

fn main() -> ExitCode {
    ledgerboard::cli::main()
}
