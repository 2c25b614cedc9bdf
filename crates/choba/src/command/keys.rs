//! `choba keys`: keys and webhook secrets of the first shop. Live private keys only with `--reveal`, which is audited.

use std::io;
use std::process::ExitCode;

use anyhow::Context as _;
use kernel::Environment;
use kernel::outside::sortable_hex;
use serde::Serialize;
use shop::{Credential, CredentialKind};
use store::audit::{self, NewEntry};

use crate::config::CommonFlags;
use crate::opened::{Opened, Use};
use crate::output;
use crate::system::OsEntropy;

/// Flags of `choba keys`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Show live private keys and secrets too; this is written to the audit log
    #[arg(long)]
    reveal: bool,
    /// Where the data are.
    #[command(flatten)]
    common: CommonFlags,
}

/// The keys of one environment.
#[derive(Debug, Serialize)]
struct Keys {
    environment: &'static str,
    public_key: Option<String>,
    private_key: Option<String>,
    webhook_secret: Option<String>,
    webhook_signing_secret: Option<String>,
}

/// Prints them.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let opened = Opened::open(&arguments.common.inputs(), Use::Shared)?;
    let vault = opened.vault()?;
    let sealed = opened.store.read_blocking(shop::rows::credentials)?;
    let credentials = sealed.into_iter().map(|sealed| sealed.open(&vault)).collect::<Result<Vec<Credential>, _>>()?;
    if arguments.reveal {
        record(&opened).context("writing to the audit log; without it nothing is revealed")?;
    }
    let keys = Environment::ALL.map(|environment| of(environment, &credentials, arguments.reveal));
    if arguments.json {
        output::line(format_args!("{}", serde_json::to_string_pretty(&keys)?))?;
    } else {
        keys.iter().try_for_each(print)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The newest credential of each kind; of Live only the public key, unless revealed.
fn of(environment: Environment, credentials: &[Credential], reveal: bool) -> Keys {
    let newest = |kind: CredentialKind| {
        let fits = |credential: &&Credential| credential.environment == environment && credential.kind == kind;
        let shown = reveal || environment != Environment::Live || kind == CredentialKind::PublicKey;
        credentials.iter().rev().find(fits).filter(|_| shown).map(|credential| credential.value.clone())
    };
    Keys {
        environment: environment.as_str(),
        public_key: newest(CredentialKind::PublicKey),
        private_key: newest(CredentialKind::PrivateKey),
        webhook_secret: newest(CredentialKind::WebhookSecret),
        webhook_signing_secret: newest(CredentialKind::WebhookSigningSecret),
    }
}

fn print(keys: &Keys) -> io::Result<()> {
    output::line(format_args!("{}", keys.environment))?;
    for (name, value) in [
        ("public key", &keys.public_key),
        ("private key", &keys.private_key),
        ("webhook secret", &keys.webhook_secret),
        ("webhook signing secret", &keys.webhook_signing_secret),
    ] {
        output::line(format_args!("  {name:<23}{}", value.as_deref().unwrap_or("(hidden; shown with --reveal)")))?;
    }
    Ok(())
}

fn record(opened: &Opened) -> anyhow::Result<()> {
    let shops = opened.store.read_blocking(shop::rows::shops)?;
    for shop in shops {
        let id = sortable_hex(opened.clock.now(), &OsEntropy);
        opened.store.write_blocking(move |tx| {
            let entry = NewEntry {
                shop: shop.id,
                id: &id,
                at: tx.machine_now(),
                actor: "operator",
                origin: "command line",
                action: "keys.reveal",
                object: "live",
                fields: "{}",
            };
            tx.execute_all(&[audit::record(&entry)]).map(|_| ())
        })?;
    }
    Ok(())
}
