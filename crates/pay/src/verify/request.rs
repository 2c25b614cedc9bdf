//! Idempotency keys: each names an attempt that began with it, or keeps an answer that still opens, and each attempt that
//! began with a key has it. A kept answer that is missing nobody can tell: nothing was done for it, or an audit row alone.

use kernel::{Environment, ShopId};
use shop::Vault;
use store::idempotency::RequestKey;
use store::{StoreError, Tx};

use super::report::Findings;
use super::rows::request::{self as rows, Kept};
use crate::vault_answer;

/// The space of keys of `/api`.
const API_SCOPE: &str = "api";

/// Recounts the idempotency keys.
pub(super) fn check(tx: &mut Tx<'_>, vault: &Vault, found: &mut Findings) -> Result<(), StoreError> {
    for claim in rows::broken_claims(tx)? {
        let attempt = format!("attempt {}/{}/{}", claim.shop, claim.scope, claim.work);
        let problem = if claim.is_there { "the attempt did not begin with the key" } else { "the attempt is missing" };
        found.both("idempotency", row(claim.shop, &claim.scope, &claim.key), attempt, problem);
    }
    for rows::Lost { shop, environment, key, work: (table, id) } in rows::lost_keys(tx)? {
        let work = format!("{table} {shop}/{environment}/{id}");
        let problem =
            "the work began with the key, which is missing or names other work: sent again, it would be done again";
        found.both("idempotency", row(shop, &environment, &key), work, problem);
    }
    for (shop, scope, first, last) in rows::shared_work(tx)? {
        found.both("idempotency", row(shop, &scope, &first), row(shop, &scope, &last), "several keys name one attempt");
    }
    for (shop, scope, key) in rows::broken_fingerprints(tx)? {
        found.add("idempotency", row(shop, &scope, &key), "its fingerprint is no digest");
    }
    let mut after = (i64::MIN, String::new(), String::new());
    loop {
        let page = rows::kept_after(tx, &after)?;
        for kept in &page {
            if let Some(problem) = wrong_with(kept, vault) {
                found.add("idempotency", row(kept.shop, &kept.scope, &kept.key), problem);
            }
        }
        match page.into_iter().next_back() {
            Some(last) => after = (last.shop, last.scope, last.key),
            None => return Ok(()),
        }
    }
}

fn row(shop: i64, scope: &str, key: &str) -> String {
    format!("idempotency {shop}/{scope}/{key}")
}

/// What is wrong with a kept answer: of requests that change charges only refusals are kept, of those to `/api` only what
/// went well, and all open until they are erased.
fn wrong_with(kept: &Kept, vault: &Vault) -> Option<String> {
    let (scope, kept_statuses) = match kept.scope.parse::<Environment>() {
        Ok(environment) => (environment.as_str(), 400..=499),
        Err(_) if kept.scope == API_SCOPE => (API_SCOPE, 200..=299),
        Err(_) => return Some("its scope is no environment".to_owned()),
    };
    if !kept_statuses.contains(&kept.status) {
        return Some(format!("an answer with the status {} is not kept", kept.status));
    }
    let key =
        RequestKey { shop: ShopId(kept.shop), scope, key: kept.key.clone(), fingerprint: kept.fingerprint.clone() };
    let opened = vault.open(&vault_answer::purpose(&key), kept.answer.as_deref()?);
    match opened.map(|body| serde_json::from_slice::<serde_json::Value>(&body).is_ok()) {
        Ok(true) => None,
        Ok(false) => Some("its answer is no JSON".to_owned()),
        Err(error) => Some(error.to_string()),
    }
}
