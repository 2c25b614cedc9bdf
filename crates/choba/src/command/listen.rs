//! `choba listen`: streams the events of an environment to a local program, as webhooks, without a tunnel.

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};
use kernel::Environment;
use outbound::{Client, HeaderName, HeaderValue, Method, Request, Target};
use pay::webhook::EventType;
use serde::Deserialize;
use serde_json::value::RawValue;
use shop::Scope;

use super::connection::{Connection, Purpose, Which, block_on};
use crate::output;
use crate::system::Stopwatch;

/// A day: a listener stands open while somebody works.
const PURPOSE: Purpose = Purpose {
    command: "choba listen",
    scope: Scope::Webhooks,
    token_seconds: 86_400,
    patience: Duration::from_secs(30),
};
/// Between two looks for new events.
const PAUSE: Duration = Duration::from_millis(500);
/// Before a server that did not answer is asked again.
const LONG_PAUSE: Duration = Duration::from_secs(3);
/// How long the local program has for its answer, as a shop's server has.
const LIMIT: Duration = Duration::from_secs(15);

/// Flags of `choba listen`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Where to: the URL of a local program, such as http://localhost:3000/webhook
    #[arg(long, value_name = "URL")]
    forward_to: String,
    /// Only these types of events, separated by commas
    #[arg(long, value_delimiter = ',')]
    events: Vec<EventType>,
    /// Of which environment: sandbox, test, live
    #[arg(long, default_value = "sandbox")]
    environment: Environment,
    /// Which shop.
    #[command(flatten)]
    which: Which,
}

#[derive(Deserialize)]
struct Feed {
    next: i64,
    data: Vec<Delivery>,
}

#[derive(Deserialize)]
struct Delivery {
    id: String,
    r#type: String,
    charge: String,
    headers: Vec<(String, String)>,
    body: Box<RawValue>,
}

/// Runs until it is interrupted.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    Target::parse(&arguments.forward_to).with_context(|| format!("--forward-to {}", arguments.forward_to))?;
    if arguments.events.iter().any(|kind| kind.is_synchronous()) {
        bail!("charge.check and ping are sent to endpoints only, while somebody waits for the answer");
    }
    let connection = Connection::to(&arguments.which, PURPOSE)?;
    block_on(async {
        tokio::select! {
            ended = listen(arguments, &connection) => ended,
            interrupted = tokio::signal::ctrl_c() => Ok(interrupted?),
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

async fn listen(arguments: &Arguments, connection: &Connection) -> anyhow::Result<()> {
    let events = format!("/api/shops/{}/{}/events", arguments.which.shop, arguments.environment);
    let begun: Feed = connection.ask(Method::POST, &format!("{events}/listen"), None).await?;
    let mut after = begun.next;
    let (environment, shop, to) = (arguments.environment, arguments.which.shop, &arguments.forward_to);
    output::line(format_args!("listening to {environment} of shop {shop}, forwarding to {to}"))?;
    let types: Vec<&str> = arguments.events.iter().map(|kind| kind.as_str()).collect();
    loop {
        let page = format!("{events}/feed?after={after}&limit=100&events={}", types.join(","));
        match connection.ask::<Feed>(Method::GET, &page, None).await {
            Ok(feed) => {
                let more = !feed.data.is_empty();
                for delivery in feed.data {
                    forward(connection.client(), &arguments.forward_to, delivery).await?;
                }
                after = feed.next;
                if !more {
                    tokio::time::sleep(PAUSE).await;
                }
            }
            Err(error) => {
                output::aside(format_args!("choba: {error:#}; trying again"));
                tokio::time::sleep(LONG_PAUSE).await;
            }
        }
    }
}

/// Sends one event once, and says what came of it.
async fn forward(client: &Client, to: &str, delivery: Delivery) -> io::Result<()> {
    let Delivery { id, r#type, charge, headers, body } = delivery;
    let mut request = Request::new(Method::POST, to, LIMIT).body(body.get().as_bytes().to_vec());
    for (name, value) in headers {
        let header = HeaderName::from_bytes(name.as_bytes()).ok().zip(HeaderValue::from_str(&value).ok());
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
    }
    let watch = Stopwatch::start();
    let said = match client.send(request).await {
        Ok(answer) => answer.status.as_u16().to_string(),
        Err(error) => format!("no answer: {error}"),
    };
    output::line(format_args!("{type} {id} {charge} -> {said} ({} ms)", watch.elapsed().as_millis(), type = r#type))
}
