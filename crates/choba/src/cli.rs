//! The command line.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::command::{
    backup, clock, doctor, erase, keys, listen, mall, openapi, restore, secrets, serve, staff, token, trigger, verify,
};
use crate::output;

/// 帳場: the counter of a shop as software. It takes orders and payments for test and for one's own use; it is no
/// acquirer and does not speak for Rakuten.
#[derive(Debug, Parser)]
#[command(name = "choba", version, about, long_about = None, max_term_width = 120)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What `choba` can do; each has its module in `command/`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server until it is told to stop (SIGTERM or Ctrl-C)
    Serve(serve::Arguments),
    /// Show keys and webhook secrets
    Keys(keys::Arguments),
    /// Make, list and revoke tokens for /api
    Token(token::Arguments),
    /// Make, reset and list the accounts that log in to a shop's pages
    Staff(staff::Arguments),
    /// Show or turn the test clock of a sandbox, through the running server
    Clock(clock::Arguments),
    /// Stream events to a local program, as webhooks, through the running server
    Listen(listen::Arguments),
    /// Make an event really happen in sandbox or test, through the running server
    Trigger(trigger::Arguments),
    /// The marketplace: the licence of the RMS order API
    Mall(mall::Arguments),
    /// Erase the personal data of buyers; amounts stay
    Erase(erase::Arguments),
    /// Recount everything from the entries and print what disagrees
    Verify(verify::Arguments),
    /// Back everything up into one file, also while the server runs
    Backup(backup::Arguments),
    /// Print the OpenAPI document; it is the same for all data
    Openapi(openapi::Arguments),
    /// Restore a backup into a new database, and verify it
    Restore(restore::Arguments),
    /// Renew the master key
    Secrets(secrets::Arguments),
    /// Check configuration, data folder, keys, disk and clock of this machine; changes nothing
    Doctor(doctor::Arguments),
}

impl Command {
    /// Does it. Blocks until it is done.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Command::Serve(arguments) => serve::run(&arguments),
            Command::Keys(arguments) => keys::run(&arguments),
            Command::Token(arguments) => token::run(&arguments),
            Command::Staff(arguments) => staff::run(&arguments),
            Command::Clock(arguments) => clock::run(&arguments),
            Command::Listen(arguments) => listen::run(&arguments),
            Command::Trigger(arguments) => trigger::run(&arguments),
            Command::Mall(arguments) => mall::run(&arguments),
            Command::Erase(arguments) => erase::run(&arguments),
            Command::Verify(arguments) => verify::run(&arguments),
            Command::Restore(arguments) => restore::run(&arguments),
            Command::Backup(arguments) => backup::run(&arguments),
            Command::Openapi(arguments) => openapi::run(&arguments),
            Command::Secrets(arguments) => secrets::run(&arguments),
            Command::Doctor(arguments) => doctor::run(&arguments),
        }
    }
}

/// Reads the command line of this process, does what it says, and tells what went wrong on standard error.
pub fn main() -> ExitCode {
    match Cli::parse().command.run() {
        Ok(code) => code,
        Err(error) => {
            output::aside(format_args!("choba: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_reach_the_settings() {
        let line = ["choba", "serve", "--demo", "--data", "d", "--listen", "127.0.0.1:0", "--config", "c.toml"];
        let Command::Serve(arguments) = Cli::try_parse_from(line).unwrap().command else {
            panic!("another command");
        };
        let inputs = arguments.flags.inputs();
        let given: Vec<_> = inputs.flags.iter().map(|(setting, text)| (setting.key, text.as_str())).collect();
        assert_eq!(given, [("data", "d"), ("listen", "127.0.0.1:0"), ("demo", "true")]);
        assert_eq!(inputs.config_file, Some("c.toml".into()));
    }
}
