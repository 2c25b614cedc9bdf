//! `choba secrets rotate`: a new master key, under which every secret is sealed anew.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use shop::Vault;
use store::StoreError;

use crate::config::{CommonFlags, MasterKeySource};
use crate::master_key::MasterKeys;
use crate::opened::{Opened, Use};
use crate::output;
use crate::system::OsEntropy;

/// Flags of `choba secrets`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Add a master key to the key file and seal every secret under it; stop the server first
    Rotate {
        /// Where the data are.
        #[command(flatten)]
        common: CommonFlags,
    },
}

/// Does it.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let Action::Rotate { common } = &arguments.action;
    let opened = Opened::open(&common.inputs(), Use::AloneOnData)?;
    if opened.store.read_blocking(shop::rows::credentials)?.is_empty() {
        bail!("there are no secrets yet: nothing was changed");
    }
    let keys = match &opened.settings.master_key {
        MasterKeySource::File(path) => {
            let keys = MasterKeys::append(path, &OsEntropy).context("adding a master key")?;
            output::line(format_args!(
                "{}: version {} is new; keep a copy of the file",
                path.display(),
                keys.newest().0
            ))?;
            keys
        }
        // Who keeps the keys elsewhere has put the new one there: what is sealed under older ones is sealed anew.
        MasterKeySource::Environment(keys) => keys.clone(),
    };
    let vault = Arc::new(Vault::new(&keys.versions())?);
    let count = reseal(&opened, &vault)?;
    output::line(format_args!("{count} secrets are sealed under version {}", vault.current_version()))?;
    Ok(ExitCode::SUCCESS)
}

fn reseal(opened: &Opened, vault: &Arc<Vault>) -> anyhow::Result<usize> {
    let vault = vault.clone();
    let sealed = opened.store.read_blocking(shop::rows::credentials)?;
    let mut opened_credentials = Vec::new();
    for credential in sealed {
        let id = credential.id.clone();
        opened_credentials.push(credential.open(&vault).with_context(|| format!("the secret {id}"))?);
    }
    let count = opened_credentials.len();
    let others = opened.store.write_blocking(move |tx| {
        for credential in &opened_credentials {
            shop::rows::reseal_credential(tx, &vault, credential, &OsEntropy)?;
        }
        let apps = shop::staff::second::reseal(tx, &vault, &OsEntropy)?;
        let mails = shop::staff::mail::rows::reseal(tx, &vault, &OsEntropy)?;
        let licences = mall::licence::rows::reseal(tx, &vault, &OsEntropy)?;
        let cards = mall::rcard::access::reseal(tx, &vault, &OsEntropy)?;
        Ok::<_, StoreError>(apps + mails + licences + cards)
    })?;
    Ok(count + others)
}
