//! What happens to orders, and what follows from it.

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use crate::code::{Method, Reason, Restock};
use crate::order::{Card, Order};

/// Something that happens to an order.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// 注文確認: the shop confirms it.
    Confirm,
    /// 14 days went by without confirmation.
    ConfirmationOverdue,
    /// The recipient of a social gift said where it goes.
    RecipientEntered,
    /// They did not in time.
    RecipientOverdue,
    /// The buyer cancels it by themselves.
    BuyerCancels,
    /// The answer to the request of this serial.
    Answered(u32, Answer),
    /// The buyer paid in.
    Deposited {
        /// Yen.
        amount: i64,
        /// 振込名義カナ.
        name_kana: String,
    },
    /// The deadline of a prepayment went by.
    DepositOverdue,
    /// The day after a fraud check that said no.
    FraudCancelDue,
    /// The buyer was asked for another way of paying and did nothing.
    MethodRequestOverdue,
    /// The buyer names another way of paying, or another card.
    BuyerChangesMethod {
        /// Which.
        method: Method,
        /// The card, if a card pays.
        card: Option<Card>,
    },
    /// The shop sends another version of the order.
    Edited(Box<Edit>),
    /// The shop changed parcels; the order with them.
    ShippingChanged {
        /// The order with its parcels as they are now; nothing else of it differs.
        order: Box<Order>,
    },
    /// Seven days before the planned shipping date.
    ReauthorizationDue,
    /// The authorization's 30 days are over.
    AuthorizationEnds,
    /// Midnight: what was reported is closed.
    NightlyRun,
    /// cancelOrder.
    ShopCancels {
        /// Why.
        reason: Reason,
        /// What becomes of the stock.
        restock: Restock,
    },
    /// cancelOrderAfterShipping.
    ShopCancelsAfterShipping {
        /// Why.
        reason: Reason,
        /// What becomes of the stock.
        restock: Restock,
    },
    /// A cancellation that nobody has to be asked about is final.
    CancellationSettles,
    /// The mall's closing date came.
    SettlementBegins,
    /// The payout date came.
    SettlementDone,
    /// The card's holder got the money back from the issuer.
    ChargedBack,
    /// The buyer sends the goods back; what follows is the shop's to say.
    GoodsReturned,
    /// Refunds that were refused are asked for again.
    RefundAgain,
}

impl Event {
    /// What the audit row of its change calls it.
    pub fn action(&self) -> &'static str {
        match self {
            Event::Confirm => "mall.confirm",
            Event::ConfirmationOverdue => "mall.confirmation_overdue",
            Event::RecipientEntered => "mall.recipient_entered",
            Event::RecipientOverdue => "mall.recipient_overdue",
            Event::BuyerCancels => "mall.buyer_cancels",
            Event::Answered(..) => "mall.answered",
            Event::Deposited { .. } => "mall.deposited",
            Event::DepositOverdue => "mall.deposit_overdue",
            Event::FraudCancelDue => "mall.fraud_cancel",
            Event::MethodRequestOverdue => "mall.method_request_overdue",
            Event::BuyerChangesMethod { .. } => "mall.buyer_changes_method",
            Event::Edited(_) => "mall.edit",
            Event::ShippingChanged { .. } => "mall.shipping",
            Event::ReauthorizationDue => "mall.reauthorization",
            Event::AuthorizationEnds => "mall.authorization_ends",
            Event::NightlyRun => "mall.nightly",
            Event::ShopCancels { .. } => "mall.cancel",
            Event::ShopCancelsAfterShipping { .. } => "mall.cancel_after_shipping",
            Event::CancellationSettles => "mall.cancellation_settles",
            Event::SettlementBegins => "mall.settlement_begins",
            Event::SettlementDone => "mall.settlement_done",
            Event::ChargedBack => "mall.charged_back",
            Event::GoodsReturned => "mall.goods_returned",
            Event::RefundAgain => "mall.refund_again",
        }
    }
}

/// Another version of an order, as updateOrderSender and updateOrderOrderer send it.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// The order with the parts that were sent; status, payments and changes are not looked at.
    pub order: Order,
    /// 減額理由.
    pub reason: Option<Reason>,
    /// 変更後の支払方法.
    pub method: Option<Method>,
}

/// What is asked of others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// オーソリ of so many yen.
    Authorize {
        /// The acquirer's token of the card.
        card: String,
        /// Yen.
        amount: i64,
    },
    /// Gives an authorization back.
    Void {
        /// The acquirer's name for it.
        authorization: String,
    },
    /// 売上請求.
    Capture {
        /// The acquirer's name for it.
        authorization: String,
        /// Yen, at most what was authorized.
        amount: i64,
    },
    /// Gives captured money back.
    Refund {
        /// The acquirer's name for what was captured.
        authorization: String,
        /// Yen.
        amount: i64,
    },
    /// 与信 of a deferred payment.
    Screen {
        /// Yen.
        amount: i64,
    },
    /// Tells the deferred payment's company that it may bill, or needs to no more.
    Bill {
        /// Yen; 0 takes it back.
        amount: i64,
    },
    /// Fraud check.
    CheckFraud,
    /// Sends a prepayment back.
    Return {
        /// Yen.
        amount: i64,
    },
}

/// A request under its serial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The order's own number for it, which the answer carries.
    pub serial: u32,
    /// What is asked.
    pub request: Request,
}

/// What others answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Done; an authorization has a name.
    Done {
        /// The acquirer's name for it, if it made one.
        id: Option<String>,
    },
    /// Refused.
    Refused,
    /// 与信保留: it takes longer, and may still go either way.
    OnHold,
}

/// A mail of the mall to the buyer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Notice {
    /// The shop confirmed.
    Confirmed,
    /// Where to pay until when.
    PayHere,
    /// Too little was paid in.
    PaidShort,
    /// Please name another way of paying.
    ChangeMethod,
    /// It was shipped.
    Shipped,
    /// It is cancelled.
    Cancelled,
    /// Money is on its way back.
    Refunded,
}

impl Notice {
    /// Every notice.
    pub const ALL: [Notice; 7] = [
        Notice::Confirmed,
        Notice::PayHere,
        Notice::PaidShort,
        Notice::ChangeMethod,
        Notice::Shipped,
        Notice::Cancelled,
        Notice::Refunded,
    ];

    /// The word used in rows.
    pub fn as_str(self) -> &'static str {
        match self {
            Notice::Confirmed => "confirmed",
            Notice::PayHere => "pay_here",
            Notice::PaidShort => "paid_short",
            Notice::ChangeMethod => "change_method",
            Notice::Shipped => "shipped",
            Notice::Cancelled => "cancelled",
            Notice::Refunded => "refunded",
        }
    }
}

/// Timers of an order; at most one of each kind runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimerKind {
    /// [`Event::ConfirmationOverdue`].
    Confirmation,
    /// [`Event::RecipientOverdue`].
    Recipient,
    /// [`Event::DepositOverdue`].
    Deposit,
    /// [`Event::MethodRequestOverdue`].
    MethodRequest,
    /// [`Event::FraudCancelDue`].
    FraudCancel,
    /// [`Event::ReauthorizationDue`].
    Reauthorization,
    /// [`Event::AuthorizationEnds`].
    AuthorizationEnd,
    /// [`Event::NightlyRun`].
    Nightly,
    /// [`Event::CancellationSettles`].
    Cancellation,
    /// [`Event::SettlementBegins`].
    Closing,
    /// [`Event::SettlementDone`].
    Payout,
}

impl TimerKind {
    /// Every kind.
    pub const ALL: [TimerKind; 11] = [
        TimerKind::Confirmation,
        TimerKind::Recipient,
        TimerKind::Deposit,
        TimerKind::MethodRequest,
        TimerKind::FraudCancel,
        TimerKind::Reauthorization,
        TimerKind::AuthorizationEnd,
        TimerKind::Nightly,
        TimerKind::Cancellation,
        TimerKind::Closing,
        TimerKind::Payout,
    ];

    /// Its kind among the timers of the store.
    pub fn as_str(self) -> &'static str {
        match self {
            TimerKind::Confirmation => "mall.confirmation",
            TimerKind::Recipient => "mall.recipient",
            TimerKind::Deposit => "mall.deposit",
            TimerKind::MethodRequest => "mall.method_request",
            TimerKind::FraudCancel => "mall.fraud_cancel",
            TimerKind::Reauthorization => "mall.reauthorization",
            TimerKind::AuthorizationEnd => "mall.authorization_end",
            TimerKind::Nightly => "mall.nightly",
            TimerKind::Cancellation => "mall.cancellation",
            TimerKind::Closing => "mall.closing",
            TimerKind::Payout => "mall.payout",
        }
    }

    /// The kind of this name.
    pub fn of(name: &str) -> Option<TimerKind> {
        TimerKind::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// What happens when it is due.
    pub fn event(self) -> Event {
        match self {
            TimerKind::Confirmation => Event::ConfirmationOverdue,
            TimerKind::Recipient => Event::RecipientOverdue,
            TimerKind::Deposit => Event::DepositOverdue,
            TimerKind::MethodRequest => Event::MethodRequestOverdue,
            TimerKind::FraudCancel => Event::FraudCancelDue,
            TimerKind::Reauthorization => Event::ReauthorizationDue,
            TimerKind::AuthorizationEnd => Event::AuthorizationEnds,
            TimerKind::Nightly => Event::NightlyRun,
            TimerKind::Cancellation => Event::CancellationSettles,
            TimerKind::Closing => Event::SettlementBegins,
            TimerKind::Payout => Event::SettlementDone,
        }
    }
}

/// A line of the mall's ledger, in yen; `from` is debited, `to` credited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// The mall got the buyer's money for the shop.
    Received(i64),
    /// Points and the mall's coupons that it owes the shop.
    Promised(i64),
    /// The buyer got money back that the shop had earned.
    GivenBack(i64),
    /// The shop owes back points and coupons of the mall.
    TakenBack(i64),
    /// The shop was paid out.
    PaidOut(i64),
}

/// What has to be done with a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Sets a timer, or ends it.
    Timer {
        /// Which.
        kind: TimerKind,
        /// World time; none ends it.
        due: Option<Timestamp>,
    },
    /// Sends a request.
    Ask(Ask),
    /// Writes a ledger entry.
    Post(Vec<Line>),
    /// Mails the buyer.
    Tell(Notice),
}
