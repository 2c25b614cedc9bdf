//! Card orders of the old model: how they come about, what R-Card Plus does with them before the shop switches over, and
//! what buyers change. What RMS shows of them afterwards is fixed (seed 003).

use kernel::{ShopId, Timestamp, Yen};
use serde_json::json;
use shop::By;
use store::{StoreError, Tx, clock};

use super::rows;
use super::state::Standing;
use crate::market::rows as market;
use crate::market::{Model, WORLD};
use crate::order::OrderNumber;

/// A card order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Whose.
    pub shop: ShopId,
    /// 注文番号.
    pub number: OrderNumber,
    /// When it was placed, world time.
    pub placed: Timestamp,
    /// What it costs.
    pub amount: Yen,
    /// The buyer's card.
    pub card: Card,
    /// Where its payment stands.
    pub standing: Standing,
    /// Counts its changes.
    pub version: i64,
}

/// A card, as far as anybody may know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// The acquirer's token, or a name of docs/magic-cards.md.
    pub token: String,
    /// `VISA`, `JCB` …
    pub brand: String,
    /// The last four digits.
    pub last4: String,
    /// `2029/03`.
    pub expires: String,
    /// The name on it.
    pub owner: String,
}

/// What R-Card Plus does on the shop's screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlusAct {
    /// オーソリ.
    Authorize,
    /// 売上請求.
    Claim,
    /// 取消, of an authorization or of a claim.
    Cancel,
}

/// Why nothing was done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The shop is not on the marketplace, or not on the old model.
    #[error("This shop is not on the old model of the marketplace.")]
    NotOldModel,
    /// R-Card Plus is gone since the shop switched over.
    #[error("R-Card Plus is gone: this shop has switched over to the API.")]
    PlusGone,
    /// There is no such order.
    #[error("There is no such order.")]
    NoSuch,
    /// The payment of the order does not stand so that it can be done.
    #[error("The payment of this order does not allow it.")]
    NotInThatState,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Order {
    /// 決済ステータス as RMS shows it: fixed at 未オーソリ once the shop has switched over.
    pub fn shown_in_rms(&self, has_switched: bool) -> &'static str {
        if has_switched { Standing::Open.name() } else { self.standing.name() }
    }

    /// `****-****-****-1111`.
    pub fn card_number(&self) -> String {
        format!("****-****-****-{}", self.card.last4)
    }
}

/// Writes an order that a buyer placed now.
pub fn place(tx: &mut Tx<'_>, shop: ShopId, amount: Yen, card: Card, by: &By) -> Result<Order, Refused> {
    let known = market::shop_of(tx, shop)?.filter(|known| known.model == Model::Rcard).ok_or(Refused::NotOldModel)?;
    let serial = market::reserve_serials(tx, shop, 1)?.ok_or(Refused::NotOldModel)?;
    let placed = clock::world_now(tx, shop, WORLD)?;
    let number = OrderNumber::new(known.rms_id, placed.jst_date(), serial).ok_or(Refused::NotOldModel)?;
    let order = Order { shop, number, placed, amount, card, standing: Standing::Open, version: 1 };
    let fields = json!({ "amount": amount.get() });
    let record = by.record(shop, tx.machine_now(), ("mall.rcard.order", &number.to_string()), &fields);
    tx.execute_all(&[rows::insert_order(&order), record])?;
    Ok(order)
}

/// Does on R-Card Plus what the shop's staff did there. Nothing of it reaches the acquirer: the API cannot take it over.
pub fn by_plus(tx: &mut Tx<'_>, shop: ShopId, number: OrderNumber, act: PlusAct, by: &By) -> Result<Order, Refused> {
    rows::hold(tx, shop)?;
    if rows::access(tx, shop)?.is_some() {
        return Err(Refused::PlusGone);
    }
    let order = rows::order_for_update(tx, shop, number)?.ok_or(Refused::NoSuch)?;
    let standing = plus_decides(&order.standing, act).ok_or(Refused::NotInThatState)?;
    let fields = json!({ "state": [order.standing.word(), standing.word()] });
    let changed = Order { standing, version: order.version + 1, ..order };
    let record = by.record(shop, tx.machine_now(), ("mall.rcard.plus", &number.to_string()), &fields);
    rows::save_order(tx, &changed)?;
    tx.execute_all(&[record])?;
    Ok(changed)
}

/// Where an order stands after R-Card Plus did `act`; none if it does not allow that.
pub fn plus_decides(standing: &Standing, act: PlusAct) -> Option<Standing> {
    match (standing, act) {
        (Standing::Open, PlusAct::Authorize) => Some(Standing::PlusAuthorized),
        (Standing::PlusAuthorized, PlusAct::Claim) => Some(Standing::PlusClaimed),
        (Standing::PlusAuthorized | Standing::PlusClaimed, PlusAct::Cancel) => Some(Standing::Open),
        (Standing::Open, PlusAct::Claim | PlusAct::Cancel)
        | (Standing::PlusAuthorized, PlusAct::Authorize)
        | (Standing::PlusClaimed, PlusAct::Authorize | PlusAct::Claim)
        | (Standing::Authorized(_) | Standing::Claimed(_), _) => None,
    }
}

/// The buyer names another card (seed 003 "クレジットカード情報の書換"): what is authorized next, is so with this one.
pub fn change_card(tx: &mut Tx<'_>, shop: ShopId, number: OrderNumber, card: Card, by: &By) -> Result<Order, Refused> {
    let order = rows::order_for_update(tx, shop, number)?.ok_or(Refused::NoSuch)?;
    if order.standing != Standing::Open {
        return Err(Refused::NotInThatState);
    }
    let changed = Order { card, version: order.version + 1, ..order };
    rows::save_order(tx, &changed)?;
    tx.execute_all(&[by.record(shop, tx.machine_now(), ("mall.rcard.card", &number.to_string()), &json!({}))])?;
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_card_plus_moves_an_order_only_as_it_stands() {
        let moved = |standing: &Standing, act| plus_decides(standing, act).map_or("-", |standing| standing.word());
        let acts = [PlusAct::Authorize, PlusAct::Claim, PlusAct::Cancel];
        for (standing, expected) in [
            (Standing::Open, ["plus_authorized", "-", "-"]),
            (Standing::PlusAuthorized, ["-", "plus_claimed", "open"]),
            (Standing::PlusClaimed, ["-", "-", "open"]),
        ] {
            assert_eq!(acts.map(|act| moved(&standing, act)), expected, "{standing:?}");
        }
    }
}
