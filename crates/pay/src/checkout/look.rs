//! What pages and the button may see of a session.

use kernel::{ChargeNumber, Yen};
use serde::Serialize;
use store::{ErrorKind, StoreError, Tx};

use super::security_code::{self, BrandGroup, Setting};
use super::state::Stage;
use super::{Checkout, NotDone, Session, SessionId, rows};
use crate::buyer::{SavedAddress, SavedCard, rows as buyer_rows};
use crate::charge::wire::Snapshot;
use crate::charge::{Charge, rows as charge_rows};
use crate::error::ApiError;
use crate::webhook::secrets;

/// A session as its pages show it.
#[derive(Clone, Debug)]
pub struct View {
    /// The session.
    pub session: Session,
    /// Where it stands.
    pub stage: Stage,
    /// What the shop is called.
    pub shop_name: String,
    /// Whether the shop receives addresses.
    pub receives_address: bool,
    /// The buyer's cards with this shop, newest first.
    pub cards: Vec<SavedCard>,
    /// The buyer's addresses, newest first.
    pub addresses: Vec<SavedAddress>,
    /// Brands and security codes.
    pub settings: Vec<(BrandGroup, Setting)>,
}

impl View {
    /// The chosen card.
    pub fn card(&self) -> Option<&SavedCard> {
        self.cards.iter().find(|card| Some(&card.id) == self.session.card.as_ref())
    }

    /// The chosen address.
    pub fn address(&self) -> Option<&SavedAddress> {
        self.addresses.iter().find(|saved| Some(&saved.id) == self.session.address.as_ref())
    }

    /// Whether the security code of the chosen card has to be asked for when the buyer confirms.
    pub fn asks_for_code(&self) -> bool {
        let asked = |card: &SavedCard| {
            let given = self.session.code_card.as_ref() == Some(&card.id);
            security_code::of_brand(&self.settings, card.brand).is_asked() && !given
        };
        !self.session.card_amount().is_zero() && self.card().is_some_and(asked)
    }

    /// Points that can be used at the most.
    pub fn usable_points(&self, balance: Yen) -> Yen {
        balance.min(self.session.items.total())
    }
}

/// What the button's page learns of a session.
#[derive(Debug, Serialize)]
pub struct Outcome {
    object: &'static str,
    id: String,
    status: &'static str,
    charge: Option<serde_json::Value>,
}

impl Checkout {
    /// The session with what `buyer` may choose from. A session that is another buyer's and cannot change hands any more
    /// is not shown.
    pub async fn view(&self, id: &SessionId, buyer: Option<&str>) -> Result<View, NotDone> {
        let (id, buyer) = (id.clone(), buyer.map(str::to_owned));
        self.gateway().store().read(move |tx| view(tx, &id, buyer.as_deref())).await
    }

    /// What the page of the button learns: whether the buyer paid, and the charge object.
    pub async fn outcome(&self, id: &SessionId) -> Result<(Outcome, Option<String>), ApiError> {
        let (of, vault) = (id.clone(), self.gateway().vault().clone());
        let found = move |tx: &mut Tx<'_>| {
            let Some((session, stage)) = rows::find(tx, &of)? else { return Ok(None) };
            let charge = match &stage {
                Stage::Paid(number) => Some(charge(tx, &of, number)?),
                _ => None,
            };
            let key = match charge {
                Some(_) => secrets::load(tx, &vault, of.shop, of.environment)?.private_key,
                None => String::new(),
            };
            Ok::<_, StoreError>(Some((session, stage, charge, key)))
        };
        let found = self.gateway().store().read(found).await?;
        let (session, stage, charge, key) =
            found.ok_or_else(|| ApiError::missing_resource("There is no such checkout session."))?;
        let charge = charge.map(|charge| {
            let snapshot = Snapshot::of(&charge, id.environment);
            serde_json::to_value(snapshot.to_wire(&key, charge.address_json.as_deref())).expect("a charge is JSON")
        });
        let outcome = Outcome { object: "checkout.session", id: id.to_string(), status: stage.word(), charge };
        Ok((outcome, session.origin))
    }
}

fn charge(tx: &mut Tx<'_>, id: &SessionId, number: &str) -> Result<Charge, StoreError> {
    let lost = || StoreError::new(ErrorKind::Corrupt, format!("checkout_session: its charge {number} is not there"));
    let number: ChargeNumber = number.parse().map_err(|_| lost())?;
    charge_rows::find(tx, id.shop, id.environment, number)?.ok_or_else(lost)
}

fn view(tx: &mut Tx<'_>, id: &SessionId, buyer: Option<&str>) -> Result<View, NotDone> {
    let (mut session, stage) = rows::find(tx, id)?.ok_or(NotDone::NoSuchSession)?;
    if buyer.is_some() && session.buyer.as_deref().is_some_and(|owner| Some(owner) != buyer) {
        if !stage.is_open() {
            return Err(NotDone::NotYours);
        }
        // It changes hands with his first choice; the other's choices are not his to see.
        (session.card, session.code_card, session.address, session.point) = (None, None, None, Yen::ZERO);
    }
    let shop = shop::rows::find_shop(tx, id.shop)?.ok_or(NotDone::NoSuchSession)?;
    let (cards, addresses) = match buyer {
        Some(buyer) => (buyer_rows::cards(tx, buyer, id.shop, id.environment)?, buyer_rows::addresses(tx, buyer)?),
        None => (Vec::new(), Vec::new()),
    };
    let settings = security_code::all(tx, id.shop)?;
    Ok(View {
        session,
        stage,
        shop_name: shop.name,
        receives_address: shop.receives_address,
        cards,
        addresses,
        settings,
    })
}
