//! 通知メール履歴: the mails of one order that were asked for, with what each said and what became of it; and sending one
//! again that did not arrive.

use kernel::{ChargeNumber, Environment, ShopId};
use serde::Serialize;
use serde_json::json;
use store::{StoreError, Tx, clock, outbox};

use super::rows::{self, Told};
use crate::charge;
use crate::error::ApiError;
use crate::gateway::Gateway;
use crate::mail::{Outcome, Recipient, rows as mail_rows};
use crate::mailbox::readable_since;
use crate::once::{self, Answer, Asked};

/// The mails of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct History {
    object: &'static str,
    /// 注文番号.
    pub charge: String,
    /// Newest first.
    pub data: Vec<OrderMail>,
}

/// A mail of an order that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrderMail {
    object: &'static str,
    /// `ntfn_…`.
    pub id: String,
    /// Which mail of the order, from 1.
    pub number: i64,
    /// 件名.
    pub subject: String,
    /// 自由記述欄, as it was asked for.
    pub body: String,
    /// The whole text as it left; null until it is written out.
    pub text: Option<String>,
    /// `waiting`, `kept`, `sent`, `nobody`, `refused` or `given_up`.
    pub outcome: &'static str,
    /// What the mail server said last, if it did not take the mail.
    pub error: Option<String>,
    /// Whether it can be sent again.
    pub can_be_sent_again: bool,
    /// World time of the request, Unix seconds.
    pub created: i64,
}

impl OrderMail {
    fn of(told: Told) -> OrderMail {
        let Told { number, notification, text, outcome, error } = told;
        OrderMail {
            object: "order_mail",
            id: notification.id,
            number,
            subject: notification.subject,
            body: notification.body,
            text,
            outcome: outcome.as_str(),
            error,
            can_be_sent_again: has_failed(outcome),
            created: notification.created.seconds(),
        }
    }
}

/// Whether nothing more is done about a mail that did not arrive, though something could be.
fn has_failed(outcome: Outcome) -> bool {
    match outcome {
        Outcome::Refused | Outcome::GivenUp => true,
        Outcome::Waiting | Outcome::Kept | Outcome::Sent | Outcome::Nobody => false,
    }
}

/// The mails of an order that can still be read; none if there is no such order. At most
/// [`crate::rules::NOTIFICATIONS_MAX`].
pub fn of_charge(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
    number: ChargeNumber,
) -> Result<Option<History>, StoreError> {
    if charge::rows::find(tx, shop, environment, number)?.is_none() {
        return Ok(None);
    }
    let (charge, since) = (number.to_string(), readable_since(clock::world_now(tx, shop, environment)?));
    let told = rows::told(tx, (shop, environment), &charge, since)?;
    Ok(Some(History { object: "list", charge, data: told.into_iter().map(OrderMail::of).collect() }))
}

/// What is sent again.
#[derive(Serialize)]
struct SentAgain {
    object: &'static str,
    id: String,
}

/// Sends a mail again that the mail server refused or that was given up: the same text to the same address.
pub async fn send_again(gateway: &Gateway, asked: &Asked, number: ChargeNumber, id: &str) -> Result<Answer, ApiError> {
    let (shop, environment, id) = (asked.shop, asked.environment, id.to_owned());
    let again = move |tx: &mut Tx<'_>| {
        let missing = || ApiError::missing_resource("There is no such mail.");
        let message = format!("{}{}", id.strip_prefix("ntfn_").ok_or_else(missing)?, Recipient::Buyer.suffix());
        let since = readable_since(clock::world_now(tx, shop, environment)?);
        let charge = number.to_string();
        let mail =
            rows::told(tx, (shop, environment), &charge, since)?.into_iter().find(|told| told.notification.id == id);
        let mail = mail.ok_or_else(missing)?;
        if !has_failed(mail.outcome) || !outbox::rerun(tx, shop, &message)? {
            let text = format!("The mail is {}: only one that did not arrive is sent again.", mail.outcome.as_str());
            return Err(ApiError::invalid("mail_not_failed", text));
        }
        mail_rows::wait_again(tx, shop, environment, &message)?;
        let fields = json!({ "notification": id, "outcome": [mail.outcome.as_str(), Outcome::Waiting.as_str()] });
        let answer = SentAgain { object: "order_mail", id: id.clone() };
        Ok(once::Outcome { answer, action: "mail.resend", object: format!("{environment}/{charge}"), fields })
    };
    once::once(gateway, asked, again).await
}
