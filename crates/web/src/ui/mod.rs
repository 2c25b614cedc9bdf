//! What all pages share: their frame, components and assets, the headers they are sent with, cookies, the proof that a
//! form came from one of our pages, and the two languages.
//!
//! A page is a function of a [`Visit`] (a GET) or of a [`Posted`] form, the only way to read one, which refuses forms
//! that another site made somebody send.

pub mod answer;
pub mod asset;
pub mod cookie;
pub mod csrf;
pub mod frame;
pub mod kept;
pub mod language;
pub mod menu;
pub mod pages;
pub mod part;
pub mod postal;
pub mod problem;
pub mod query;
pub mod roles;
pub mod side;
pub mod upload;
pub mod visit;

use std::sync::{Arc, OnceLock};

use kernel::{Entropy, Timestamp};
use pay::Gateway;
use shop::password::Passwords;
use shop::staff::Door;
use store::Store;

pub use cookie::Realm;
pub use frame::{Frame, Notice, Tone};
pub use language::Language;
pub use pages::{Access, Pages};
pub use part::{Choice, Link};
pub use problem::Problem;
pub use query::Query;
pub use side::Side;
pub use upload::Uploaded;
pub use visit::{Posted, Sent, Visit};

/// What every page stands on. Cheap to clone.
#[derive(Clone)]
pub struct Ui {
    gateway: Gateway,
    door: Door,
    demo_shop: Arc<OnceLock<&'static str>>,
}

impl Ui {
    /// Pages over `gateway`.
    pub fn new(gateway: Gateway) -> Ui {
        let (store, vault) = (gateway.store().clone(), gateway.vault().clone());
        let door = Door { store, vault, entropy: gateway.shared_entropy(), passwords: Passwords::default() };
        Ui { gateway, door, demo_shop: Arc::default() }
    }

    /// The path of the demo shop, once it is served.
    pub fn demo_shop(&self) -> Option<&'static str> {
        self.demo_shop.get().copied()
    }

    /// Says that the demo shop is served at `path`.
    pub fn has_demo_shop(&self, path: &'static str) {
        // Said twice, it is the same path.
        let _ = self.demo_shop.set(path);
    }

    /// Logins of the shop's staff.
    pub fn door(&self) -> &Door {
        &self.door
    }

    /// The operations of online payments.
    pub fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    /// The database.
    pub fn store(&self) -> &Store {
        self.gateway.store()
    }

    /// The master keys.
    pub fn vault(&self) -> &Arc<shop::Vault> {
        self.gateway.vault()
    }

    /// Where randomness comes from.
    pub fn entropy(&self) -> &dyn Entropy {
        self.gateway.entropy()
    }

    /// Machine time: what sessions and lock-out count in.
    pub fn now(&self) -> Timestamp {
        self.store().machine_now()
    }
}

/// Assets and the switch of language.
pub fn pages(ui: &Ui) -> Pages {
    Pages::new()
        .get("/s/{file}", Access::Everybody, asset::show)
        .get("/favicon.ico", Access::Everybody, asset::icon)
        .post(language::PATH, Access::Everybody, language::switch)
        .with_state(ui.clone())
}
