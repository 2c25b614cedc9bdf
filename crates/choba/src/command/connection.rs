//! A running server that a command asks: where it is, with which token, and what it said.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use kernel::ShopId;
use kernel::outside::random_hex;
use outbound::{Bytes, Client, Guard, HeaderName, HeaderValue, Method, Request, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use shop::Scope;

use super::token;
use crate::config::{CommonFlags, Inputs, Settings};
use crate::opened::{Opened, Use};
use crate::output;
use crate::system::{OsEntropy, Stopwatch, SystemClock};

/// Which server and shop, for commands that work through a running server.
#[derive(Debug, clap::Args)]
pub struct Which {
    /// The running server; where this configuration says that it listens, if not said
    #[arg(long)]
    server: Option<String>,
    /// A token with the scope that is needed; made from the data folder for this call, if not said
    #[arg(long, env = "CHOBA_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Which shop
    #[arg(long, default_value_t = 1)]
    pub shop: i64,
    /// Where the data are.
    #[command(flatten)]
    common: CommonFlags,
}

/// What a command needs a token for.
#[derive(Clone, Copy, Debug)]
pub struct Purpose {
    /// The name of the command, which becomes that of the token.
    pub command: &'static str,
    /// The right.
    pub scope: Scope,
    /// How long the token lives that the command makes for itself, in seconds.
    pub token_seconds: i64,
    /// How long an answer may take.
    pub patience: Duration,
}

/// A server that can be asked.
pub struct Connection {
    /// Its address, without a slash at its end.
    pub server: String,
    token: String,
    client: Client,
    patience: Duration,
    /// The token, if it was made for this connection.
    _own: Option<OwnToken>,
}

/// A token that a command made for itself: revoked when it is no longer needed, also after a failure.
struct OwnToken {
    id: String,
    inputs: Inputs,
}

impl Drop for OwnToken {
    fn drop(&mut self) {
        let revoked = Opened::open(&self.inputs, Use::Shared).and_then(|opened| token::revoke(&opened, &self.id));
        // It ends by itself before long.
        if let Err(error) = revoked {
            output::aside(format_args!("choba: {} is not revoked: {error:#}", self.id));
        }
    }
}

#[derive(Deserialize)]
struct Errors {
    errors: Vec<Detail>,
}

#[derive(Deserialize)]
struct Detail {
    #[serde(default)]
    code: String,
    message: String,
}

impl Connection {
    /// The server that the flags name, or the one of the data that they name.
    pub fn to(which: &Which, purpose: Purpose) -> anyhow::Result<Connection> {
        let (server, token, own) = match (&which.server, &which.token) {
            (Some(server), Some(token)) => (server.clone(), token.clone(), None),
            (server, token) => {
                let opened = which.open()?;
                let server = server.clone().unwrap_or_else(|| here(&opened.settings));
                match token {
                    Some(token) => (server, token.clone(), None),
                    None => {
                        let (id, token) = own_token(&opened, which.shop, purpose)?;
                        (server, token, Some(OwnToken { id, inputs: which.common.inputs() }))
                    }
                }
            }
        };
        // The operator named the address, so no address is forbidden.
        let client = Client::new(Guard::operator(), Arc::new(SystemClock));
        let server = server.trim_end_matches('/').to_owned();
        Ok(Connection { server, token, client, patience: purpose.patience, _own: own })
    }

    /// For requests to other places.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Asks with the token; the answer, which must be good JSON of this form, read from the very bytes that came.
    pub async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<T> {
        let authorization = format!("Bearer {}", self.token);
        let body = body.map(|body| ("application/json", Bytes::from(body.to_string())));
        self.send(method, path, &authorization, body).await
    }

    /// Posts what may take longer than the server waits, under a key: asked again until it is done, it is done once.
    pub async fn post_until_done<T: DeserializeOwned>(&self, path: &str, body: &Value) -> anyhow::Result<T> {
        let key = random_hex::<16>(&OsEntropy);
        let authorization = HeaderValue::from_str(&format!("Bearer {}", self.token)).context("the token")?;
        let (url, watch) = (format!("{}{path}", self.server), Stopwatch::start());
        loop {
            let request = Request::new(Method::POST, &url, self.patience)
                .header(HeaderName::from_static("authorization"), authorization.clone())
                .header(HeaderName::from_static("idempotency-key"), HeaderValue::from_str(&key).context("the key")?)
                .header(HeaderName::from_static("content-type"), HeaderValue::from_static("application/json"))
                .body(Bytes::from(body.to_string()));
            let (status, answer) = self.exchange(&url, request).await?;
            if !is_under_way(&answer) || watch.elapsed() >= self.patience {
                return said(&url, status, &answer);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Asks with any authorization.
    pub async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        authorization: &str,
        body: Option<(&'static str, Bytes)>,
    ) -> anyhow::Result<T> {
        let url = format!("{}{path}", self.server);
        let value = HeaderValue::from_str(authorization).context("the token or key")?;
        let mut request = Request::new(method, &url, self.patience);
        request = request.header(HeaderName::from_static("authorization"), value);
        if let Some((media_type, body)) = body {
            let media_type = HeaderValue::from_static(media_type);
            request = request.header(HeaderName::from_static("content-type"), media_type).body(body);
        }
        let (status, answer) = self.exchange(&url, request).await?;
        said(&url, status, &answer)
    }

    async fn exchange(&self, url: &str, mut request: Request) -> anyhow::Result<(StatusCode, Bytes)> {
        request.body_bytes_max = ANSWER_BYTES_MAX;
        let answer = self.client.send(request).await.with_context(|| format!("asking choba at {url}"))?;
        Ok((answer.status, answer.body))
    }
}

/// Whether the server says that it stopped waiting, or that the same is being done.
fn is_under_way(answer: &[u8]) -> bool {
    let errors = serde_json::from_slice::<Errors>(answer).map(|errors| errors.errors).unwrap_or_default();
    errors.iter().any(|detail| ["timeout", "clock_busy"].contains(&detail.code.as_str()))
}

/// What an answer says: what was asked for, or why not.
fn said<T: DeserializeOwned>(url: &str, status: StatusCode, answer: &[u8]) -> anyhow::Result<T> {
    if status.is_success() {
        return serde_json::from_slice(answer).with_context(|| format!("{url} is no choba"));
    }
    let errors = serde_json::from_slice::<Errors>(answer);
    let message = errors.ok().and_then(|errors| errors.errors.into_iter().next()).map(|detail| detail.message);
    let message = message.unwrap_or_else(|| String::from_utf8_lossy(answer).into_owned());
    bail!("{status}: {message}")
}

/// Between two looks at work that goes on.
const PAUSE: Duration = Duration::from_millis(500);

/// A hundred events with a thousand items each.
const ANSWER_BYTES_MAX: usize = 64 << 20;

impl Which {
    /// The data that the flags name.
    pub fn open(&self) -> anyhow::Result<Opened> {
        Opened::open(&self.common.inputs(), Use::Shared)
    }
}

/// Runs what a command asks of a server.
pub fn block_on<T>(asking: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(asking)
}

fn here(settings: &Settings) -> String {
    let scheme = if settings.tls.is_some() { "https" } else { "http" };
    let host =
        if settings.listen.ip().is_unspecified() { "localhost".into() } else { settings.listen.ip().to_string() };
    settings.public_url.clone().unwrap_or_else(|| format!("{scheme}://{host}:{}", settings.listen.port()))
}

/// Makes a token; its id and its value.
fn own_token(opened: &Opened, shop: i64, purpose: Purpose) -> anyhow::Result<(String, String)> {
    let expires = opened.clock.now().plus_seconds(purpose.token_seconds);
    let (token, value) =
        token::create(opened, Some(ShopId(shop)), purpose.command, vec![purpose.scope], Some(expires))?;
    Ok((token.id, value))
}
