//! Shops: their services, keys and webhook secrets, and the index by which keys are found.

use std::collections::BTreeSet;

use kernel::id::hex;
use kernel::{Environment, ServiceId, ShopId, Timestamp};
use shop::rows::SealedCredential;
use shop::{CredentialKind, Scope, Space, Vault, credential};
use store::{StoreError, Tx};

use super::report::Findings;
use super::rows::shop_keys::{self as rows, CredentialRow, IndexRow};

/// Recounts shops and what belongs to them beside charges.
pub(super) fn check(tx: &mut Tx<'_>, vault: &Vault, found: &mut Findings) -> Result<(), StoreError> {
    check_shops(tx, found)?;
    check_services(tx, found)?;
    check_credentials(tx, vault, found)?;
    check_index(tx, vault, found)?;
    check_tokens(tx, found)
}

fn check_shops(tx: &mut Tx<'_>, found: &mut Findings) -> Result<(), StoreError> {
    for (row, shop) in rows::without_shop(tx)? {
        found.both("shop", row, format!("shop {shop}"), "there is no such shop");
    }
    let mut after = i64::MIN;
    loop {
        let page = rows::shops_after(tx, after)?;
        for (shop, spaces) in &page {
            for space in [Space::Sandbox, Space::Live].map(Space::as_str) {
                if !spaces.iter().any(|there| there == space) {
                    found.both(
                        "shop",
                        format!("service {shop}/{space}"),
                        format!("shop {shop}"),
                        "the service is missing",
                    );
                }
            }
        }
        match page.last() {
            Some((last, _)) => after = *last,
            None => return Ok(()),
        }
    }
}

fn check_services(tx: &mut Tx<'_>, found: &mut Findings) -> Result<(), StoreError> {
    let mut after = (i64::MIN, String::new());
    loop {
        let page = rows::services_after(tx, &after)?;
        for (shop, space, service) in &page {
            if let Err(error) = service.parse::<ServiceId>() {
                found.add("shop", format!("service {shop}/{space}"), error.to_string());
            }
        }
        match page.into_iter().next_back() {
            Some((shop, space, _)) => after = (shop, space),
            None => return Ok(()),
        }
    }
}

/// The kinds of credentials that a shop has in an environment, as they come by.
struct Kinds {
    shop: i64,
    environment: String,
    lasting: BTreeSet<&'static str>,
}

impl Kinds {
    /// A shop that has keys in an environment has one of each kind there that was not rotated away.
    fn conclude(self, found: &mut Findings) {
        for kind in CredentialKind::ALL.map(CredentialKind::as_str) {
            if !self.lasting.contains(kind) {
                let row = format!("credential {}/{}", self.shop, self.environment);
                found.add("key", row, format!("there is no {kind}"));
            }
        }
    }
}

fn check_credentials(tx: &mut Tx<'_>, vault: &Vault, found: &mut Findings) -> Result<(), StoreError> {
    let mut after = (i64::MIN, String::new(), String::new());
    let mut kinds: Option<Kinds> = None;
    loop {
        let page = rows::credentials_after(tx, &after)?;
        for row in &page {
            let same = |kinds: &Kinds| kinds.shop == row.shop && kinds.environment == row.environment;
            if !kinds.as_ref().is_some_and(same) {
                let new = Kinds { shop: row.shop, environment: row.environment.clone(), lasting: BTreeSet::new() };
                if let Some(complete) = kinds.replace(new) {
                    complete.conclude(found);
                }
            }
            match open(row, vault) {
                Err(problem) => found.add("key", name(row), problem),
                Ok((kind, value)) => {
                    check_indexed(tx, vault, row, kind, &value, found)?;
                    if let Some(kinds) = kinds.as_mut().filter(|_| row.expires_us.is_none()) {
                        kinds.lasting.insert(kind.as_str());
                    }
                }
            }
        }
        match page.into_iter().next_back() {
            Some(last) => after = (last.shop, last.environment, last.id),
            None => break,
        }
    }
    if let Some(last) = kinds {
        last.conclude(found);
    }
    Ok(())
}

fn name(row: &CredentialRow) -> String {
    format!("credential {}/{}/{}", row.shop, row.environment, row.id)
}

fn index_name(look_up: &[u8]) -> String {
    format!("key_index {}", hex(look_up))
}

/// What a credential is for and its value, or why it is neither.
fn open(row: &CredentialRow, vault: &Vault) -> Result<(CredentialKind, String), String> {
    let environment: Environment = row.environment.parse().map_err(|error| format!("{error}"))?;
    let kind: CredentialKind = row.kind.parse().map_err(|error| format!("{error}"))?;
    let sealed = SealedCredential {
        shop: ShopId(row.shop),
        environment,
        id: row.id.clone(),
        kind,
        sealed: row.sealed.clone(),
        created: Timestamp::from_micros(0),
        expires: None,
    };
    let value = sealed.open(vault).map_err(|error| error.to_string())?.value;
    let fits = match kind {
        CredentialKind::PublicKey | CredentialKind::PrivateKey => {
            credential::well_formed(kind, &value) && value.starts_with(environment.as_str())
        }
        CredentialKind::WebhookSecret => value.starts_with("webhook_"),
        CredentialKind::WebhookSigningSecret => value.starts_with("whsec_"),
    };
    if fits { Ok((kind, value)) } else { Err(format!("its value does not read like a {}", kind.as_str())) }
}

/// A key that requests come with is found by its keyed hash, as long as it counts.
fn check_indexed(
    tx: &mut Tx<'_>,
    vault: &Vault,
    row: &CredentialRow,
    kind: CredentialKind,
    value: &str,
    found: &mut Findings,
) -> Result<(), StoreError> {
    if !kind.is_indexed() {
        return Ok(());
    }
    for look_up in vault.look_ups(value) {
        let Some(index) = rows::index_of(tx, &look_up)? else { continue };
        if index.credential.is_none_or(|credential| name(&credential) != name(row)) {
            found.both("key", index_name(&look_up), name(row), "the index leads elsewhere");
        } else if index.expires_us != row.expires_us {
            found.both("key", index_name(&look_up), name(row), "index and credential end at different times");
        }
        return Ok(());
    }
    found.both("key", index_name(&vault.look_up(value)), name(row), "the key cannot be found by its hash");
    Ok(())
}

fn check_index(tx: &mut Tx<'_>, vault: &Vault, found: &mut Findings) -> Result<(), StoreError> {
    let mut after = Vec::new();
    loop {
        let page = rows::index_after(tx, &after)?;
        for row in &page {
            check_index_row(row, vault, found);
        }
        match page.into_iter().next_back() {
            Some(last) => after = last.look_up,
            None => return Ok(()),
        }
    }
}

fn check_index_row(row: &IndexRow, vault: &Vault, found: &mut Findings) {
    let index = index_name(&row.look_up);
    let Some(credential) = &row.credential else {
        let missing = format!("credential {}/{}/{}", row.shop, row.environment, row.credential_id);
        return found.both("key", index, missing, "there is no such credential");
    };
    match open(credential, vault) {
        Ok((kind, _)) if !kind.is_indexed() => {
            found.add("key", index, format!("a {} is not looked up", kind.as_str()));
        }
        Ok((_, value)) if !vault.look_ups(&value).iter().any(|look_up| look_up[..] == row.look_up) => {
            found.both("key", index, name(credential), "the hash is not that of the key");
        }
        // What does not open is found with the credential.
        Ok(_) | Err(_) => {}
    }
}

fn check_tokens(tx: &mut Tx<'_>, found: &mut Findings) -> Result<(), StoreError> {
    let mut after = String::new();
    loop {
        let page = rows::tokens_after(tx, &after)?;
        for (token, length, scopes) in &page {
            let row = format!("api_token {token}");
            if *length != 32 {
                found.add("token", &row, "its keyed hash has not 32 bytes");
            }
            for error in scopes.split_whitespace().filter_map(|scope| scope.parse::<Scope>().err()) {
                found.add("token", &row, error.to_string());
            }
            if scopes.trim().is_empty() {
                found.add("token", &row, "it has no scope");
            }
        }
        match page.into_iter().next_back() {
            Some((last, _, _)) => after = last,
            None => return Ok(()),
        }
    }
}
