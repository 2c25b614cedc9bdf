//! The hosted checkout and its button: what a buyer sees between the shop's page and the charge, and the simulator's page
//! for 3-D Secure.
//!
//! Every page asks where its session stands and shows what fits, whatever was clicked before: going back, reloading and
//! clicking twice lead to the page of the present stage. [`frame`] is what all of them share.

mod address;
mod button;
mod card;
mod confirm;
pub mod demo;
mod frame;
mod login;
mod points;
mod signup;
mod simulator;
mod stage;
pub(crate) mod text;

pub(crate) use text::yen;

use std::sync::Arc;

use axum::Router;
use axum::extract::FromRef;
use axum::routing::{get, post};
use pay::buyer::Account;
use pay::buyer::account::Office;
use pay::checkout::Checkout;

use crate::ui::{Realm, Ui, Visit};

/// What the checkout's pages stand on. Cheap to clone.
#[derive(Clone)]
pub struct Counter {
    /// What all pages stand on.
    pub ui: Ui,
    /// The checkout's operations.
    pub checkout: Checkout,
    /// The built-in provider, whose page for 3-D Secure is served here.
    pub simulator: Arc<acquirer::simulator::Simulator>,
}

impl FromRef<Counter> for Ui {
    fn from_ref(counter: &Counter) -> Ui {
        counter.ui.clone()
    }
}

impl Counter {
    fn office(&self) -> Office<'_> {
        Office {
            store: self.ui.store(),
            vault: self.ui.vault(),
            passwords: self.checkout.passwords(),
            entropy: self.ui.entropy(),
        }
    }

    /// Who is logged in as a buyer.
    async fn buyer(&self, visit: &Visit) -> Option<Account> {
        let token = visit.session(Realm::Buyer)?;
        let found = self.office().logged_in(token).await;
        found.inspect_err(|error| tracing::error!(%error, "looking a buyer's log-in up")).ok().flatten()
    }
}

/// The pages, the button's script, and what that asks for.
pub fn routes(counter: &Counter) -> Router {
    Router::new()
        .route("/s/js/checkout-lite-v1.js", get(button::script))
        .route("/checkout/sessions", post(button::open))
        .route("/checkout/sessions/{session}/outcome", get(button::outcome))
        .route("/checkout/{session}", get(stage::show))
        .route("/checkout/{session}/login", get(login::show).post(login::log_in))
        .route("/checkout/{session}/logout", post(login::log_out))
        .route("/checkout/{session}/signup", get(signup::show).post(signup::sign_up))
        .route("/checkout/{session}/card", get(card::show).post(card::choose))
        .route("/checkout/{session}/points", get(points::show).post(points::choose))
        .route("/checkout/{session}/address", get(address::show).post(address::choose))
        .route("/checkout/{session}/confirm", get(confirm::show).post(confirm::pay))
        .route("/checkout/{session}/return", get(stage::come_back))
        .route("/checkout/{session}/leave", post(stage::leave))
        .route("/simulator/3ds/{shop}/{environment}/{authorization}", get(simulator::show).post(simulator::act))
        .with_state(counter.clone())
}
