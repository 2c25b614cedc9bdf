//! One order in a world of its own: a clock, timers, requests that wait for answers, and a ledger.

use std::collections::BTreeMap;

use kernel::Timestamp;
use mall::code::{Carrier, Device, Method, OrderType, Progress, Status};
use mall::order::{
    Address, Card, Day, Item, Notes, Order, Orderer, Package, Parcel, Person, Price, Sku, TaxRate, Traits,
};
use mall::progress::{
    Answer, Ask, Confirmation, Effect, Event, Line, Moved, Notice, Policy, Refused, Request, TimerKind, arrive, decide,
};

/// 2026-11-02T10:00:00+0900.
pub const PLACED: Timestamp = Timestamp::from_seconds(1_793_581_200);

pub fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

pub fn card() -> Card {
    Card {
        token: "tok_1".into(),
        name: "VISA".into(),
        number: "XXXX-XXXX-XXXX-0015".into(),
        owner: "RAKUTEN TARO".into(),
        expires: "2028-11".into(),
        pay_type: 0,
        instalments: None,
    }
}

fn person() -> Person {
    let text = |text: &str| Some(text.to_owned());
    Person {
        family_name: "楽天".into(),
        first_name: text("太郎"),
        family_kana: text("ラクテン"),
        first_kana: text("タロウ"),
        phone: [text("03"), text("1234"), text("5678")],
    }
}

fn address() -> Address {
    Address {
        zip: ["158".into(), "0094".into()],
        prefecture: "東京都".into(),
        city: "世田谷区".into(),
        rest: "玉川1-14-1".into(),
    }
}

pub fn item(detail_id: i64, price: i64, units: i64) -> Item {
    Item {
        detail_id,
        name: "煎茶 100g".into(),
        item_id: 10_000_000 + detail_id,
        number: Some("tea-100".into()),
        manage_number: "tea-100".into(),
        price,
        units,
        postage_included: false,
        tax_included: true,
        cod_included: false,
        tax: TaxRate(8),
        choice: None,
        point_rate: 1,
        lead_time: None,
        restock: 0,
        deal: false,
        drug: false,
        single: false,
        skus: vec![Sku { variant: "tea-100".into(), merchant_id: None, info: None }],
        deleted: false,
    }
}

/// Two packets of tea for 2,160 yen, postage 500 yen, paid with `method`.
pub fn order(method: Method) -> Order {
    let package = Package {
        id: 1,
        person: person(),
        address: address(),
        isolated_island: false,
        postage: Price::Fixed(500),
        postage_tax: TaxRate(10),
        cod_fee: Price::Fixed(if method == Method::CashOnDelivery { 330 } else { 0 }),
        cod_tax: TaxRate(10),
        noshi: None,
        items: vec![item(1, 1_080, 2)],
        parcels: Vec::new(),
        default_carrier: Carrier::Yamato,
        drop_off: None,
        pick_up: None,
        social_gift: None,
        deleted: false,
    };
    let payments = match method {
        Method::Card => vec![mall::order::Payment::new(0, method, 0, Some(card()))],
        _ => Vec::new(),
    };
    Order {
        number: "123456-20261102-0000000001".parse().unwrap(),
        kind: OrderType::Normal,
        progress: Progress::AwaitingConfirmation,
        placed: PLACED,
        confirmed: None,
        fixed: None,
        reported: None,
        settled: None,
        returned: None,
        orderer: Orderer {
            person: person(),
            address: address(),
            email: "a1@pc.fw.example".into(),
            sex: None,
            birth: None,
        },
        packages: vec![package],
        wrappings: Vec::new(),
        coupons: Vec::new(),
        points: 0,
        method,
        payment_charge: if method == Method::Deferred { 250 } else { 0 },
        payments,
        accepted: Price::Unset,
        changes: Vec::new(),
        due_dates: Vec::new(),
        needs_approval: false,
        under_check: false,
        caution: None,
        notes: Notes { delivery_name: "宅配便".into(), ..Notes::default() },
        traits: Traits {
            device: Device::Pc,
            member: true,
            asuraku: false,
            drug: false,
            deal: false,
            delivery_certified: false,
            one_day: false,
            modified: false,
        },
        last_id: 0,
    }
}

/// The order and everything around it.
#[derive(Clone, Debug)]
pub struct World {
    pub order: Order,
    pub now: Timestamp,
    pub policy: Policy,
    pub timers: BTreeMap<TimerKind, Timestamp>,
    pub asked: Vec<Ask>,
    pub ledger: Vec<Line>,
    pub told: Vec<Notice>,
    /// Authorizations that the acquirer holds: name to yen.
    pub held: BTreeMap<String, i64>,
    pub captured: BTreeMap<String, i64>,
    made: u32,
}

impl World {
    /// The order arrives.
    pub fn with(order: Order, confirmation: Confirmation) -> World {
        let policy = Policy { confirmation, ..Policy::USUAL };
        let now = order.placed;
        let moved = arrive(order.clone(), &policy, now).unwrap();
        let mut world = World {
            order,
            now,
            policy,
            timers: BTreeMap::new(),
            asked: Vec::new(),
            ledger: Vec::new(),
            told: Vec::new(),
            held: BTreeMap::new(),
            captured: BTreeMap::new(),
            made: 0,
        };
        world.take(moved);
        world
    }

    fn take(&mut self, moved: Moved) {
        self.order = moved.order;
        for effect in moved.effects {
            match effect {
                Effect::Timer { kind, due: Some(due) } => {
                    self.timers.insert(kind, due);
                }
                Effect::Timer { kind, due: None } => {
                    self.timers.remove(&kind);
                }
                Effect::Ask(ask) => self.asked.push(ask),
                Effect::Post(lines) => self.ledger.extend(lines),
                Effect::Tell(notice) => self.told.push(notice),
            }
        }
    }

    pub fn happen(&mut self, event: &Event) -> Result<(), Refused> {
        let moved = decide(&self.order, event, &self.policy, self.now)?;
        self.take(moved);
        Ok(())
    }

    /// Answers the oldest request as a company would: with yes, or as `refuses` says.
    pub fn answer(&mut self, refuses: impl Fn(&Request) -> Option<Answer>) -> bool {
        if self.asked.is_empty() {
            return false;
        }
        let Ask { serial, request } = self.asked.remove(0);
        let answer = refuses(&request).unwrap_or_else(|| self.grant(&request));
        // An answer that counts no more is no fault.
        if let Err(refused) = self.happen(&Event::Answered(serial, answer)) {
            assert_eq!(refused, Refused::Stale);
        }
        true
    }

    fn grant(&mut self, request: &Request) -> Answer {
        let mut id = None;
        match request {
            Request::Authorize { amount, .. } => {
                self.made += 1;
                let name = format!("auth_{}", self.made);
                self.held.insert(name.clone(), *amount);
                id = Some(name);
            }
            Request::Void { authorization } => {
                assert!(self.held.remove(authorization).is_some(), "{authorization} is not held");
            }
            Request::Capture { authorization, amount } => {
                let held = self.held.remove(authorization).expect("captured what is held");
                assert!(*amount <= held);
                self.captured.insert(authorization.clone(), *amount);
            }
            Request::Refund { authorization, amount } => {
                let left = self.captured.get_mut(authorization).expect("refunded what was captured");
                *left -= amount;
                assert!(*left >= 0);
            }
            Request::Screen { .. } | Request::Bill { .. } | Request::CheckFraud | Request::Return { .. } => {}
        }
        Answer::Done { id }
    }

    /// Answers everything, yes to all.
    pub fn answer_all(&mut self) {
        while self.answer(|_| None) {}
    }

    /// Answers everything; authorizations and screenings are refused.
    pub fn refuse_payment(&mut self) {
        let refuses = |request: &Request| match request {
            Request::Authorize { .. } | Request::Screen { .. } => Some(Answer::Refused),
            _ => None,
        };
        while self.answer(refuses) {}
    }

    /// Turns the clock, working off timers in their order; requests are answered as they come.
    pub fn advance(&mut self, to: Timestamp) {
        loop {
            self.answer_all();
            let next = self.timers.iter().map(|(kind, due)| (*due, *kind)).min().filter(|(due, _)| *due <= to);
            let Some((due, kind)) = next else { break };
            self.timers.remove(&kind);
            self.now = self.now.max(due);
            if let Err(refused) = self.happen(&kind.event()) {
                assert_eq!(refused, Refused::Stale, "{kind:?} in {:?}", self.order.progress);
            }
        }
        self.now = self.now.max(to);
    }

    pub fn advance_days(&mut self, days: i64) {
        self.advance(self.now.plus_micros(days * 86_400 * 1_000_000));
    }

    pub fn ship(&mut self, date: Day) -> Result<(), Refused> {
        let mut order = self.order.clone();
        for package in &mut order.packages {
            let parcel =
                Parcel { id: 1, number: Some("1234".into()), carrier: Some(Carrier::Yamato), date: Some(date) };
            package.parcels = vec![parcel];
        }
        self.happen(&Event::ShippingChanged { order: Box::new(order) })
    }

    pub fn unship(&mut self) -> Result<(), Refused> {
        let mut order = self.order.clone();
        order.packages.iter_mut().for_each(|package| package.parcels.clear());
        self.happen(&Event::ShippingChanged { order: Box::new(order) })
    }

    pub fn status(&self) -> Option<Status> {
        self.order.payment().map(|payment| payment.status)
    }

    /// What the shop earned by the ledger, in yen, paid out or not.
    pub fn earned(&self) -> i64 {
        let paid = |line: &Line| if let Line::PaidOut(yen) = line { *yen } else { 0 };
        self.owed() + self.ledger.iter().map(paid).sum::<i64>()
    }

    /// What the mall owes the shop by the ledger, in yen.
    pub fn owed(&self) -> i64 {
        let sign = |line: &Line| match *line {
            Line::Received(yen) | Line::Promised(yen) => yen,
            Line::GivenBack(yen) | Line::TakenBack(yen) => -yen,
            Line::PaidOut(yen) => -yen,
        };
        self.ledger.iter().map(sign).sum()
    }
}
