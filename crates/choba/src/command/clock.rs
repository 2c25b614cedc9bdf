//! `choba clock`: the test clock of a sandbox, through the running server, which works off what becomes due.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use kernel::ShopId;
use outbound::{Client, Guard, HeaderName, HeaderValue, Method, Request, Response};
use serde::Deserialize;
use shop::Scope;

use super::token;
use crate::config::{CommonFlags, Settings};
use crate::duration;
use crate::opened::{Opened, Use};
use crate::system::SystemClock;

/// How long the token lives that the command makes for itself.
const TOKEN_SECONDS: i64 = 600;
/// How long turning may take.
const PATIENCE: Duration = Duration::from_secs(600);

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

#[derive(Debug, clap::Args)]
struct Which {
    /// The running server; where this configuration says that it listens, if not said
    #[arg(long)]
    server: Option<String>,
    /// A token with the scope clock; made from the data folder for this call, if not said
    #[arg(long, env = "CHOBA_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Whose clock
    #[arg(long, default_value_t = 1)]
    shop: i64,
    /// Where the data are.
    #[command(flatten)]
    common: CommonFlags,
}

#[derive(Deserialize)]
struct Standing {
    now: i64,
    now_jst: String,
}

#[derive(Deserialize)]
struct Errors {
    errors: Vec<Detail>,
}

#[derive(Deserialize)]
struct Detail {
    message: String,
}

/// Does it.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let standing = match &arguments.action {
        Action::Show { which } => Connection::to(which)?.call(None)?,
        Action::Advance { by, which } => {
            // A slip is named before anything is asked of the server.
            duration::parse(by).with_context(|| format!("{by:?}"))?;
            Connection::to(which)?.call(Some(by))?
        }
    };
    println!("{} ({})", standing.now_jst, standing.now);
    Ok(ExitCode::SUCCESS)
}

struct Connection {
    url: String,
    token: String,
}

impl Connection {
    fn to(which: &Which) -> anyhow::Result<Connection> {
        let (server, token) = match (&which.server, &which.token) {
            (Some(server), Some(token)) => (server.clone(), token.clone()),
            (server, token) => {
                let opened = Opened::open(&which.common.inputs(), Use::Shared)?;
                let server = server.clone().unwrap_or_else(|| here(&opened.settings));
                let token = token.clone().map_or_else(|| own_token(&opened, which.shop), Ok)?;
                (server, token)
            }
        };
        let url = format!("{}/api/shops/{}/clock", server.trim_end_matches('/'), which.shop);
        Ok(Connection { url, token })
    }

    fn call(&self, by: Option<&str>) -> anyhow::Result<Standing> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let answer = runtime.block_on(self.send(by)).with_context(|| format!("asking choba at {}", self.url))?;
        if answer.status.is_success() {
            return serde_json::from_slice(&answer.body).with_context(|| format!("{} is no choba", self.url));
        }
        let errors = serde_json::from_slice::<Errors>(&answer.body);
        let message = errors.ok().and_then(|errors| errors.errors.into_iter().next()).map(|detail| detail.message);
        let message = message.unwrap_or_else(|| String::from_utf8_lossy(&answer.body).into_owned());
        bail!("{}: {message}", answer.status)
    }

    /// The operator named the address, so no address is forbidden.
    async fn send(&self, by: Option<&str>) -> anyhow::Result<Response> {
        let request = match by {
            None => Request::new(Method::GET, &self.url, PATIENCE),
            Some(by) => Request::new(Method::POST, format!("{}/advance", self.url), PATIENCE)
                .header(HeaderName::from_static("content-type"), HeaderValue::from_static("application/json"))
                .body(serde_json::json!({ "by": by }).to_string()),
        };
        let authorization = HeaderValue::from_str(&format!("Bearer {}", self.token)).context("the token")?;
        let request = request.header(HeaderName::from_static("authorization"), authorization);
        Ok(Client::new(Guard::operator(), Arc::new(SystemClock)).send(request).await?)
    }
}

fn here(settings: &Settings) -> String {
    let scheme = if settings.tls.is_some() { "https" } else { "http" };
    let host =
        if settings.listen.ip().is_unspecified() { "localhost".into() } else { settings.listen.ip().to_string() };
    settings.public_url.clone().unwrap_or_else(|| format!("{scheme}://{host}:{}", settings.listen.port()))
}

fn own_token(opened: &Opened, shop: i64) -> anyhow::Result<String> {
    let expires = opened.clock.now().plus_seconds(TOKEN_SECONDS);
    let (_, value) = token::create(opened, Some(ShopId(shop)), "choba clock", vec![Scope::Clock], Some(expires))?;
    Ok(value)
}
