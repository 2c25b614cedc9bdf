//! `choba mall rules`: the rules with a number, where a shop's differ from the usual ones (docs/rms-fidelity.md).

use anyhow::Context as _;
use mall::market::{Rules, rows};
use shop::By;
use store::StoreError;

use crate::config::CommonFlags;
use crate::opened::{Opened, Use};
use crate::output;
use crate::system::OsEntropy;

/// Flags of `choba mall rules`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Exactly these differ from now on: a JSON object, such as {"deposit_days":3}
    #[arg(long, value_name = "JSON")]
    set: Option<String>,
    /// Where the data are.
    #[command(flatten)]
    common: CommonFlags,
}

/// Sets what is to be set, and shows what differs.
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let opened = Opened::open(&arguments.common.inputs(), Use::Shared)?;
    let rules: Option<Rules> = arguments
        .set
        .as_deref()
        .map(|text| serde_json::from_str(text).with_context(|| format!("the rules {text}")))
        .transpose()?;
    let shops = opened.store.read_blocking(rows::shops)?;
    let mut shop = shops.into_iter().next().context("no shop is on the marketplace; `choba serve --demo` opens one")?;
    if let Some(rules) = rules {
        let fields = serde_json::json!({ "rules": [shop.rules, rules] });
        shop.rules = rules;
        let by = By::new(opened.clock.now(), &OsEntropy, "operator".into(), "command line".into());
        let saved = shop.clone();
        opened.store.write_blocking::<_, StoreError, _>(move |tx| {
            let object = format!("{:06}", saved.rms_id);
            let row = by.record(saved.id, tx.machine_now(), ("mall.rules", &object), &fields);
            tx.execute_all(&[rows::save_shop(&saved), row]).map(|_| ())
        })?;
    }
    output::line(format_args!("{}", serde_json::to_string(&shop.rules)?))?;
    Ok(())
}
