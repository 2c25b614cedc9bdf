//! Before a mail is sent: what the editor shows, and the mail exactly as the buyer will get it.

use kernel::{ChargeNumber, Environment, ShopId, Timestamp};
use serde::Serialize;
use store::{StoreError, Tx, clock};

use super::blocks::{self, Block};
use super::rows;
use super::state::{self, Refused, Wanted};
use crate::charge;
use crate::mail::render::{self, Tale, Written};
use crate::mail::{Recipient, prepare, rows as mail_rows};
use crate::rules;

/// What stands for the buyer's full name in an editor.
pub const CUSTOMER_NAME_SHOWN: &str = "お客様氏名";

/// What an editor shows before anything is typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Draft {
    object: &'static str,
    /// 注文番号.
    pub charge: String,
    /// 自動挿入文, with [`CUSTOMER_NAME_SHOWN`] where the buyer's name goes.
    pub opening: String,
    /// 挿入項目.
    pub blocks: Vec<Block>,
    /// Mails that the order has had.
    pub sent: i64,
    /// Mails of an order at the most.
    pub most: i64,
    /// The last moment at which one can be sent, Unix seconds, world time.
    pub until: i64,
    /// Why none can be sent now; null if one can: `period_expired` or `too_many_notifications`.
    pub refused: Option<&'static str>,
}

/// A mail as the buyer gets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Preview {
    object: &'static str,
    /// 件名.
    pub subject: String,
    /// The whole text.
    pub body: String,
}

/// What is known of an order when a mail is thought of.
struct Situation {
    ordered: Timestamp,
    sent: i64,
    now: Timestamp,
}

impl Situation {
    fn refused(&self) -> Option<Refused> {
        state::next_number(self.ordered, self.sent, self.now).err()
    }
}

/// What the editor of a mail shows; none if there is no such order.
pub fn draft(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
    number: ChargeNumber,
) -> Result<Option<Draft>, StoreError> {
    let Some(charge) = charge::rows::find(tx, shop, environment, number)? else { return Ok(None) };
    let situation = situation(tx, shop, environment, &charge)?;
    let facts = mail_rows::shop_facts(tx, shop)?;
    let refused = situation.refused().map(|refused| match refused {
        Refused::TooMany => "too_many_notifications",
        Refused::WindowClosed => "period_expired",
        Refused::NoSuchCharge | Refused::Length { .. } | Refused::SubjectLines | Refused::Characters { .. } => {
            "invalid_parameter"
        }
    });
    Ok(Some(Draft {
        object: "mail_draft",
        charge: number.to_string(),
        opening: render::opening_for(&facts, CUSTOMER_NAME_SHOWN),
        blocks: blocks::of(&charge, &facts),
        sent: situation.sent,
        most: rules::NOTIFICATIONS_MAX,
        until: situation.ordered.plus_seconds(rules::NOTIFICATION_WINDOW_DAYS * 86_400).seconds(),
        refused,
    }))
}

/// The mail that `wanted` would be, if it can be sent: the same bytes, while the shop's settings stay.
pub fn preview(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
    wanted: &Wanted,
) -> Result<Result<Preview, Refused>, StoreError> {
    let charge = match wanted.charge {
        Some(number) => charge::rows::find(tx, shop, environment, number)?,
        None => None,
    };
    let Some(charge) = charge else { return Ok(Err(Refused::NoSuchCharge)) };
    if let Some(refused) = situation(tx, shop, environment, &charge)?.refused() {
        return Ok(Err(refused));
    }
    let facts = mail_rows::shop_facts(tx, shop)?;
    let buyer = mail_rows::buyer(tx, shop, environment, &charge.number.to_string())?;
    let tale = Tale::Notification { subject: &wanted.subject, body: &wanted.body };
    let written = render::write(&tale, Recipient::Buyer, &facts, &prepare::buyer(buyer.as_deref()), environment);
    let Written { subject, body } = written;
    Ok(Ok(Preview { object: "mail_preview", subject, body }))
}

fn situation(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
    charge: &charge::Charge,
) -> Result<Situation, StoreError> {
    Ok(Situation {
        ordered: charge.standing.ordered,
        sent: rows::sent(tx, shop, environment, &charge.number.to_string())?,
        now: clock::world_now(tx, shop, environment)?,
    })
}
