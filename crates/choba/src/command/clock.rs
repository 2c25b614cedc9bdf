//! `choba clock`: the test clock of a sandbox, through the running server, which works off what becomes due.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use outbound::Method;
use serde::Deserialize;
use serde_json::json;
use shop::Scope;

use super::connection::{Connection, Purpose, Which, block_on};
use crate::duration;
use crate::output;

const PURPOSE: Purpose =
    Purpose { command: "choba clock", scope: Scope::Clock, token_seconds: 600, patience: Duration::from_secs(600) };

/// Flags of `choba clock`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Say where the clock stands
    Show {
        /// Which clock.
        #[command(flatten)]
        which: Which,
    },
    /// Turn the clock forward; returns when everything that became due is done
    Advance {
        /// How far: 14d, 36h, 1h30m
        by: String,
        /// Which clock.
        #[command(flatten)]
        which: Which,
    },
}

#[derive(Deserialize)]
struct Standing {
    now: i64,
    now_jst: String,
}

/// Does it.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let (which, by) = match &arguments.action {
        Action::Show { which } => (which, None),
        Action::Advance { by, which } => {
            // A slip is named before anything is asked of the server.
            duration::parse(by).with_context(|| format!("{by:?}"))?;
            (which, Some(by))
        }
    };
    let connection = Connection::to(which, PURPOSE)?;
    let clock = format!("/api/shops/{}/clock", which.shop);
    let standing: Standing = block_on(async {
        match by {
            None => connection.ask(Method::GET, &clock, None).await,
            Some(by) => {
                let body = json!({ "by": by });
                connection.post_until_done(&format!("{clock}/advance"), &body).await
            }
        }
    })?;
    output::line(format_args!("{} ({})", standing.now_jst, standing.now))?;
    Ok(ExitCode::SUCCESS)
}
