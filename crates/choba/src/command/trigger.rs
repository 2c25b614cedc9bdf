//! `choba trigger`: makes an event really happen, through the operation that it tells of.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};
use base64::Engine as _;
use kernel::Environment;
use outbound::{Bytes, Method};
use pay::webhook::EventType;
use serde_json::{Value, json};
use shop::{Credential, CredentialKind, Scope};

use super::connection::{Connection, Purpose, Which, block_on};
use crate::output;

const PURPOSE: Purpose =
    Purpose { command: "choba trigger", scope: Scope::Webhooks, token_seconds: 600, patience: Duration::from_secs(60) };
/// What is bought.
const TOTAL_YEN: i64 = 1_000;
/// What it costs after the change of `charge.updated`.
const CHANGED_YEN: i64 = 800;

/// Flags of `choba trigger`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// charge.succeeded, charge.captured, charge.refunded, charge.updated or ping
    event: EventType,
    /// In which environment: sandbox or test
    #[arg(long, default_value = "sandbox")]
    environment: Environment,
    /// The private key of that environment; read from the data folder, if not said
    #[arg(long, env = "CHOBA_PRIVATE_KEY", hide_env_values = true)]
    key: Option<String>,
    /// Which shop.
    #[command(flatten)]
    which: Which,
}

/// Does it.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    if arguments.environment == Environment::Live {
        bail!("in live an event happens when somebody buys: use sandbox or test");
    }
    if arguments.event == EventType::Check {
        bail!("charge.check is asked when a buyer confirms an order: buy something at a checkout");
    }
    let connection = Connection::to(&arguments.which, PURPOSE)?;
    if arguments.event == EventType::Ping {
        return block_on(ping(arguments, &connection));
    }
    let key = arguments.key.clone().map_or_else(|| own_key(arguments), Ok)?;
    let charge = block_on(happen(arguments, &connection, &key))?;
    output::line(format_args!("{} {charge}", arguments.event))?;
    Ok(ExitCode::SUCCESS)
}

/// A buyer pays, and then what else the event tells of; the order number.
async fn happen(arguments: &Arguments, connection: &Connection, key: &str) -> anyhow::Result<String> {
    let authorization = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{key}:")));
    let sale = json!({ "items": [item(TOTAL_YEN)] });
    let body = Some(("application/json", Bytes::from(sale.to_string())));
    let made: Value = connection.send(Method::POST, pay::http::test_helper::PATH, &authorization, body).await?;
    let charge = made["id"].as_str().context("that is no choba")?.to_owned();
    let base = match arguments.environment {
        Environment::Sandbox => "/sandbox/v1",
        Environment::Test | Environment::Live => "/v1",
    };
    let (verb, form) = match arguments.event {
        EventType::Captured => ("capture", String::new()),
        EventType::Refunded => ("refund", String::new()),
        EventType::Updated => ("refund", changed()),
        EventType::Succeeded | EventType::Check | EventType::Ping => return Ok(charge),
    };
    let body = Some(("application/x-www-form-urlencoded", Bytes::from(form)));
    let _changed: Value =
        connection.send(Method::POST, &format!("{base}/charges/{charge}/{verb}"), &authorization, body).await?;
    Ok(charge)
}

fn item(yen: i64) -> Value {
    json!({ "id": "item-01", "name": "triggered", "quantity": 1, "unit_price": yen })
}

fn changed() -> String {
    format!("item_id_1=item-01&item_name_1=triggered&item_quantity_1=1&item_unit_price_1={CHANGED_YEN}")
}

/// Pings every endpoint; fails if one of them did not take it.
async fn ping(arguments: &Arguments, connection: &Connection) -> anyhow::Result<ExitCode> {
    let webhooks = format!("/api/shops/{}/{}/webhooks", arguments.which.shop, arguments.environment);
    let list: Value = connection.ask(Method::GET, &webhooks, None).await?;
    let endpoints = list["data"].as_array().context("that is no choba")?;
    if endpoints.is_empty() {
        bail!("there is no endpoint in {} to ping", arguments.environment);
    }
    let mut failed = false;
    for endpoint in endpoints {
        let (id, url) = (endpoint["id"].as_str().unwrap_or_default(), endpoint["url"].as_str().unwrap_or_default());
        let made: Value = connection.ask(Method::POST, &format!("{webhooks}/{id}/ping"), None).await?;
        let said = made["error"].as_str().map_or_else(|| made["response"]["status"].to_string(), str::to_owned);
        output::line(format_args!("ping {} {url} -> {said}", made["event"].as_str().unwrap_or_default()))?;
        failed |= made["outcome"] != "delivered";
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The newest private key of the environment.
fn own_key(arguments: &Arguments) -> anyhow::Result<String> {
    let opened = arguments.which.open()?;
    let vault = opened.vault()?;
    let sealed = opened.store.read_blocking(shop::rows::credentials)?;
    let ours = sealed.into_iter().rev().find(|sealed| {
        sealed.shop.0 == arguments.which.shop
            && sealed.environment == arguments.environment
            && sealed.kind == CredentialKind::PrivateKey
    });
    let ours = ours.with_context(|| format!("shop {} has no private key", arguments.which.shop))?;
    let Credential { value, .. } = ours.open(&vault)?;
    Ok(value)
}
