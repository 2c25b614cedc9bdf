//! The 楽天ペイ受注API over HTTP (contract rms-order-api): the gateway in front, which knows licences, functions and limits, and
//! the 18 operations behind it. All of it is about the sandbox of a shop.

mod answer;
mod cancel;
mod confirm;
mod dispatch;
mod edit;
mod expiry;
mod frame;
mod gateway;
mod notes;
mod payment;
mod read;
mod request;
mod search;
mod shipping;
mod switches;

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::routing::any;
use kernel::limit::{Buckets, Rate};
use shop::Vault;
use store::Store;

use crate::licence::Added;
use crate::market::Market;

pub use dispatch::{Entry, TABLE};
pub use gateway::said_outside;
pub use switches::{Switch, Switches, UnknownSwitch};

/// Below it are the operations, each with and without a slash at its end.
pub const ORDERS: &str = "/es/2.0/order";
/// When a licenseKey ends.
pub const EXPIRY: &str = "/es/1.0/license-management/license-key/expiry-date";
/// Everything of the mall's gateway: what is none of its operations is refused in its words.
const EVERYTHING: &str = "/es/{*rest}";

/// How the API answers.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Where it behaves otherwise than usual.
    pub switches: Switches,
    /// Requests with one licenseKey, machine time.
    pub requests_of_a_licence: Rate,
    /// Requests of one address that did not prove whose they are, machine time.
    pub failures_of_an_address: Rate,
}

/// The API. Cheap to clone.
#[derive(Clone)]
pub struct Rms {
    inner: Arc<Inner>,
}

struct Inner {
    market: Market,
    vault: Arc<Vault>,
    settings: Settings,
    requests: Buckets<String>,
    failures: Buckets<IpAddr>,
}

impl Rms {
    /// The API of a market; `vault` knows its licences.
    pub fn new(market: Market, vault: Arc<Vault>, settings: Settings) -> Rms {
        let requests = Buckets::new(settings.requests_of_a_licence);
        let failures = Buckets::new(settings.failures_of_an_address);
        Rms { inner: Arc::new(Inner { market, vault, settings, requests, failures }) }
    }

    /// The market.
    pub fn market(&self) -> &Market {
        &self.inner.market
    }

    /// The database.
    pub fn store(&self) -> &Store {
        self.inner.market.store()
    }

    /// The master keys.
    pub fn vault(&self) -> &Arc<Vault> {
        &self.inner.vault
    }

    /// How it answers.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// What a function that is switched on does to the end of the key.
    pub fn added_function(&self) -> Added {
        if self.has(Switch::FixedLicenceEnd) { Added::KeepsEnd } else { Added::BeginsAgain }
    }

    fn has(&self, switch: Switch) -> bool {
        self.inner.settings.switches.has(switch)
    }
}

/// Every route. They take any method and refuse by themselves, in the gateway's words.
pub fn routes(rms: &Rms) -> Router {
    let mut router = Router::new();
    for entry in &TABLE {
        let rms = rms.clone();
        let answer = any(move |request: Request| request::operation(rms.clone(), entry, request));
        let path = format!("{ORDERS}/{}", entry.operation.name());
        router = router.route(&format!("{path}/"), answer.clone()).route(&path, answer);
    }
    let of_expiry = rms.clone();
    let expiry = any(move |request: Request| expiry::answer(of_expiry.clone(), request));
    let elsewhere = rms.clone();
    let nothing = any(move |request: Request| request::nothing_here(elsewhere.clone(), request));
    router.route(&format!("{EXPIRY}/"), expiry.clone()).route(EXPIRY, expiry).route(EVERYTHING, nothing)
}
