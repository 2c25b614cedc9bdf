//! An order as the mall keeps it: the facts, in whole yen and instants. What the wire shows of it is made by
//! [`crate::wire`]; how it moves is decided by [`crate::progress`].

pub mod amount;
mod change;
mod item;
mod number;
mod package;
mod payment;
mod person;
mod shipping;
pub(crate) mod stored;

use kernel::{JstDate, Timestamp};
use serde::{Deserialize, Serialize};

pub use amount::{Amounts, Price};
pub use change::{Change, DueDate, DueKind};
pub use item::{Coupon, CouponCapital, Item, Sku, TaxRate, Wrapping, WrappingKind};
pub use number::{NoOrderNumber, OrderNumber};
pub use package::{Package, PickUp, SocialGift};
pub use payment::{Authorization, Card, Deposit, Payment, Refund};
pub use person::{Address, Orderer, Person};
pub use shipping::{Parcel, ShippingReport};

use crate::code::{DeliveryClass, Device, Method, OrderType, Progress};

/// An order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// 注文番号.
    pub number: OrderNumber,
    /// 注文種別.
    pub kind: OrderType,
    /// ステータス.
    pub progress: Progress,
    /// 注文日時.
    #[serde(with = "stored::at")]
    pub placed: Timestamp,
    /// 注文確認日時: by the shop, or on arrival in automatic mode.
    #[serde(with = "stored::opt_at")]
    pub confirmed: Option<Timestamp>,
    /// 注文確定日時: the payment is secured, the shop may ship.
    #[serde(with = "stored::opt_at")]
    pub fixed: Option<Timestamp>,
    /// 発送完了報告日時.
    #[serde(with = "stored::opt_at")]
    pub reported: Option<Timestamp>,
    /// 決済確定日時: the mall has the money for good.
    #[serde(with = "stored::opt_at")]
    pub settled: Option<Timestamp>,
    /// When the buyer sent the goods back. No member of the wire shows it: the shop sees the parcel.
    #[serde(with = "stored::opt_at")]
    pub returned: Option<Timestamp>,
    /// Who ordered.
    pub orderer: Orderer,
    /// Where it goes, and what.
    pub packages: Vec<Package>,
    /// ラッピング, at most one of each kind.
    pub wrappings: Vec<Wrapping>,
    /// クーポン.
    pub coupons: Vec<Coupon>,
    /// 利用ポイント, one yen each.
    pub points: i64,
    /// 支払方法 as it stands.
    pub method: Method,
    /// 決済手数料 in yen, tax included.
    pub payment_charge: i64,
    /// Every way of paying that was tried, the present one last; none before the first.
    pub payments: Vec<Payment>,
    /// 請求金額 that was last accepted: edits are compared with it (減額理由).
    pub accepted: Price,
    /// What was changed, in the order it happened.
    pub changes: Vec<Change>,
    /// 期限日, appended and never replaced.
    pub due_dates: Vec<DueDate>,
    /// 要確認: it needs the shop's approval even in automatic mode.
    pub needs_approval: bool,
    /// 楽天確認中: the mall checks it for fraud.
    pub under_check: bool,
    /// 注意表示, and who has to act.
    pub caution: Option<Caution>,
    /// What the shop notes.
    pub notes: Notes,
    /// What kind of order it is, for searches and screens.
    pub traits: Traits,
    /// Ids that were given out to rows, changes and requests of this order; the next one is one higher.
    pub last_id: u32,
}

/// Why an order is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Caution {
    /// The authorization ended, or ends with no shipping date: the shop registers one.
    NoShippingDate,
    /// A new authorization was refused: the buyer has to name another way of paying.
    ReauthorizationRefused,
    /// The first authorization or screening was refused: the buyer has to name another way of paying.
    PaymentRefused,
    /// The recipient of a social gift has not said where it goes.
    RecipientMissing,
}

/// What the shop writes on an order (updateOrderMemo, updateOrderRemarks, updateOrderSubStatus, updateOrderDelivery).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notes {
    /// サブステータス.
    pub sub_status: Option<i64>,
    /// 備考, the buyer's.
    pub remarks: String,
    /// ギフト配送希望.
    pub gift: bool,
    /// ひとことメモ.
    pub memo: Option<String>,
    /// 担当者.
    pub operator: Option<String>,
    /// メール差込文.
    pub mail_plug: Option<String>,
    /// お届け日指定.
    pub delivery_date: Option<Day>,
    /// お届け時間帯: 0, 1, 2, 9 or h1h2.
    pub shipping_term: Option<i64>,
    /// 配送区分.
    pub delivery_class: Option<DeliveryClass>,
    /// 配送方法.
    pub delivery_name: String,
}

/// What kind of order it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traits {
    /// What the buyer ordered with.
    pub device: Device,
    /// 楽天会員.
    pub member: bool,
    /// あす楽.
    pub asuraku: bool,
    /// 医薬品.
    pub drug: bool,
    /// 楽天スーパーDEAL.
    pub deal: bool,
    /// 最強翌日配送.
    pub delivery_certified: bool,
    /// 1営業日以内発送.
    pub one_day: bool,
    /// Changed from the purchase history.
    pub modified: bool,
}

/// A JST date that documents hold as `2026-11-22`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub JstDate);

impl Order {
    /// The payment that counts.
    pub fn payment(&self) -> Option<&Payment> {
        self.payments.last()
    }

    /// The payment that counts, to be changed.
    pub fn payment_mut(&mut self) -> Option<&mut Payment> {
        self.payments.last_mut()
    }

    /// The next id of this order.
    pub fn next_id(&mut self) -> u32 {
        self.last_id += 1;
        self.last_id
    }

    /// What it costs.
    pub fn amounts(&self) -> Amounts {
        Amounts::of(self)
    }

    /// Whether every amount is known (−9999: 送料未確定).
    pub fn is_priced(&self) -> bool {
        matches!(self.amounts().request, Price::Fixed(_))
    }

    /// Whether any parcel has a shipping date, a plan included.
    pub fn has_shipping_date(&self) -> bool {
        self.live_packages().any(|package| package.parcels.iter().any(|parcel| parcel.date.is_some()))
    }

    /// Packages that were not taken out.
    pub fn live_packages(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| !package.deleted)
    }
}

impl Day {
    /// Of `20261122` and nothing else.
    pub fn parse_compact(text: &str) -> Option<Day> {
        let (year, rest) = text.split_at_checked(4)?;
        let (month, day) = rest.split_at_checked(2)?;
        Day::parse(&format!("{year}-{month}-{day}"))
    }

    /// Of `2026-11-22` and nothing else.
    pub fn parse(text: &str) -> Option<Day> {
        let bytes = text.as_bytes();
        if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
            return None;
        }
        let number = |range: std::ops::Range<usize>| {
            let part = &text[range];
            if part.bytes().all(|byte| byte.is_ascii_digit()) { part.parse::<i64>().ok() } else { None }
        };
        let (month, day) = (u8::try_from(number(5..7)?).ok()?, u8::try_from(number(8..10)?).ok()?);
        JstDate::new(number(0..4)?, month, day).map(Day)
    }
}
