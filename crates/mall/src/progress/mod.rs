//! How orders move: one pure function of an order, what happens to it, and the time.
//!
//! [`decide`] answers with the order as it is afterwards and everything that has to be done with the change: requests to
//! the acquirer, timers, lines of the ledger, mails to the buyer. It reads no clock and asks nobody. What the sources do
//! not say exactly is a named number of [`Policy`].

mod arrive;
mod cancel;
mod edit;
mod event;
mod noting;
mod policy;
mod secure;
mod settle;
mod ship;

use kernel::Timestamp;

pub use arrive::arrive;
pub use event::{Answer, Ask, Edit, Effect, Event, Line, Notice, Request, TimerKind};
pub use noting::{Noting, may_note};
pub use policy::{Confirmation, Policy};
pub use settle::{owed_to_the_shop, promised_to_the_shop};

use crate::code::Progress;
use crate::order::{Order, Refund};

/// An order after a decision, and what has to be done with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Moved {
    /// The order as it is from now on.
    pub order: Order,
    /// In the order in which they have to be written.
    pub effects: Vec<Effect>,
}

/// Why something is not done. The wire says it in the words of the operation that was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is cancelled, or will be.
    #[error("the order is cancelled")]
    Cancelled,
    /// Its status does not allow it.
    #[error("the status of the order does not allow it")]
    Status,
    /// The order would cost less than nothing, or more than anybody can pay.
    #[error("the amount is below 0 yen, or too high")]
    Amount,
    /// An amount is not fixed (送料未確定).
    #[error("an amount of the order is not fixed")]
    Unpriced,
    /// A shipping date stands in the way: it has to be removed first.
    #[error("a shipping date is registered")]
    ShippingDate,
    /// The mall is asking for the money right now: only delivery date, time and shipping date can be sent (design,
    /// "while a procedure runs").
    #[error("the settlement procedure is running")]
    Running,
    /// The amount falls, and nobody said why (減額理由).
    #[error("the amount falls without a reason")]
    NoReason,
    /// The way of paying cannot be changed to this one, or not now.
    #[error("the way of paying cannot be changed so")]
    Method,
    /// The buyer's time to cancel is over, or they may not.
    #[error("the buyer cannot cancel any more")]
    TooLate,
    /// 後払い決済 cannot be had with this delivery.
    #[error("deferred payment cannot be had with this delivery")]
    Delivery,
    /// A change to cash on delivery needs the fee.
    #[error("cash on delivery needs its fee")]
    NoCodFee,
    /// It happened already, or concerns a request that counts no more: nothing is to be done.
    #[error("nothing is left to do")]
    Stale,
}

/// What becomes of `order` when `event` happens at `now`.
pub fn decide(order: &Order, event: &Event, policy: &Policy, now: Timestamp) -> Result<Moved, Refused> {
    let mut step = Step { order: order.clone(), effects: Vec::new(), policy, now };
    match event {
        Event::Confirm => secure::confirm(&mut step),
        Event::ConfirmationOverdue => cancel::overdue_confirmation(&mut step),
        Event::RecipientEntered => arrive::recipient_entered(&mut step),
        Event::RecipientOverdue => cancel::overdue_recipient(&mut step),
        Event::BuyerCancels => cancel::by_buyer(&mut step),
        Event::Answered(serial, answer) => secure::answered(&mut step, *serial, answer),
        Event::Deposited { amount, name_kana } => secure::deposited(&mut step, *amount, name_kana),
        Event::DepositOverdue => cancel::overdue_deposit(&mut step),
        Event::FraudCancelDue => cancel::after_fraud(&mut step),
        Event::MethodRequestOverdue => cancel::overdue_method(&mut step),
        Event::BuyerChangesMethod { method, card } => secure::buyer_changes_method(&mut step, *method, card.as_ref()),
        Event::Edited(edit) => edit::edit(&mut step, edit),
        Event::ShippingChanged { order } => ship::changed(&mut step, order),
        Event::ReauthorizationDue => ship::reauthorize(&mut step),
        Event::AuthorizationEnds => ship::authorization_ends(&mut step),
        Event::NightlyRun => ship::nightly(&mut step),
        Event::ShopCancels { reason, .. } => cancel::by_shop(&mut step, *reason),
        Event::ShopCancelsAfterShipping { reason, .. } => cancel::after_shipping(&mut step, *reason),
        Event::CancellationSettles => cancel::settles(&mut step),
        Event::SettlementBegins => settle::begins(&mut step),
        Event::SettlementDone => settle::done(&mut step),
        Event::ChargedBack => settle::charged_back(&mut step),
        Event::GoodsReturned => settle::goods_returned(&mut step),
        Event::RefundAgain => settle::refund_again(&mut step),
    }?;
    Ok(Moved { order: step.order, effects: step.effects })
}

/// A decision being made.
struct Step<'a> {
    order: Order,
    effects: Vec<Effect>,
    policy: &'a Policy,
    now: Timestamp,
}

impl Step<'_> {
    fn progress(&self) -> Progress {
        self.order.progress
    }

    fn go(&mut self, progress: Progress) {
        if self.order.progress != progress {
            // A sub-status belongs to a status.
            self.order.notes.sub_status = None;
        }
        self.order.progress = progress;
    }

    fn set(&mut self, kind: TimerKind, due: Timestamp) {
        self.effects.push(Effect::Timer { kind, due: Some(due) });
    }

    fn unset(&mut self, kind: TimerKind) {
        self.effects.push(Effect::Timer { kind, due: None });
    }

    fn tell(&mut self, notice: Notice) {
        self.effects.push(Effect::Tell(notice));
    }

    fn post(&mut self, lines: &[Line]) {
        self.effects.push(Effect::Post(lines.to_vec()));
    }

    /// Sends a request about the present payment; its answer is the one that counts from now on.
    fn ask(&mut self, request: Request) {
        let serial = self.order.next_id();
        if let Some(payment) = self.order.payment_mut() {
            payment.asked = Some(serial);
        }
        self.effects.push(Effect::Ask(Ask { serial, request }));
    }

    /// Sends a request whose answer changes nothing: something is given back that is needed no more.
    fn release(&mut self, request: Request) {
        let serial = self.order.next_id();
        self.effects.push(Effect::Ask(Ask { serial, request }));
    }

    /// Sends `yen` back to the buyer by `request`, whose answer says when it was done.
    fn refund(&mut self, yen: i64, request: Request) {
        let (at, asked) = (self.now, Some(self.order.next_id()));
        if let Some(payment) = self.order.payment_mut() {
            payment.refunds.push(Refund { amount: yen, at, done: None, asked, refused: false });
        }
        self.effects.extend(asked.map(|serial| Effect::Ask(Ask { serial, request })));
    }
}
