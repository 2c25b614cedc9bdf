//! A clerk: makes charges and changes them, notes every answer, and sends again what was not answered.

use std::collections::BTreeMap;

use acquirer::simulator::State;
use serde_json::json;
use testkit::sim_clock::SeededEntropy;

use crate::books::Held;
use crate::client::{Answer, Connection, Request};

const FORM: &str = "application/x-www-form-urlencoded";
/// Charges that a clerk works on at the same time.
const OPEN_MAX: usize = 5;

/// What is wished for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    Create { total: i64, point: i64 },
    Capture(usize),
    Cancel(usize),
    Change(usize, i64),
}

/// A request that was or will be sent.
#[derive(Clone, Debug)]
pub struct Sent {
    pub wish: Wish,
    pub request: Request,
}

/// What a clerk believes of a charge.
#[derive(Clone, Debug)]
struct Charge {
    id: String,
    total: i64,
    point: i64,
    state: Standing,
    held: Vec<Held>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Authorized,
    Captured,
    Cancelled,
}

/// What came of sending a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was answered for good.
    Acknowledged,
    /// The server asks to come again: nothing is known yet.
    NotNow,
    /// The connection ended.
    Lost,
}

/// One clerk, and a notebook that survives the server.
pub struct Clerk {
    name: String,
    dice: SeededEntropy,
    charges: Vec<Charge>,
    pending: Option<Sent>,
    /// Answers that ended in the middle.
    pub broken_off: usize,
    /// Every request that was answered for good, with its answer.
    pub answered: Vec<(Sent, Answer)>,
}

impl Clerk {
    pub fn new(name: String, seed: u64) -> Clerk {
        let dice = SeededEntropy::new(seed);
        Clerk { name, dice, charges: Vec::new(), pending: None, broken_off: 0, answered: Vec::new() }
    }

    /// The key of the request that was sent and not answered for good.
    pub fn unanswered(&self) -> Option<&str> {
        self.pending.as_ref()?.request.key.as_deref()
    }

    /// Sends the request that was not answered, or the next one.
    pub fn step(&mut self, connection: &mut Connection) -> Outcome {
        let sent = self.pending.take().unwrap_or_else(|| self.next());
        let answer = connection.send(&sent.request);
        let Some(answer) = answer else {
            self.broken_off += usize::from(connection.is_broken_off);
            self.pending = Some(sent);
            return Outcome::Lost;
        };
        if answer.status == 503 {
            self.pending = Some(sent);
            return Outcome::NotNow;
        }
        self.note(sent, answer);
        Outcome::Acknowledged
    }

    fn next(&mut self) -> Sent {
        let wish = self.wish();
        let (path, body) = match wish {
            Wish::Create { total, point } => {
                let item = json!({ "id": "item-01", "name": "商品", "unit_price": total, "quantity": 1 });
                // A buyer of his own for each charge: his points are enough.
                let buyer = format!("{}-{}", self.name, self.charges.len());
                let body = json!({ "items": [item], "point": point, "buyer": { "id": buyer } });
                ("/api/test_helpers/charges".to_owned(), ("application/json", body.to_string()))
            }
            Wish::Capture(at) => (self.path(at, "capture"), (FORM, String::new())),
            Wish::Cancel(at) => (self.path(at, "refund"), (FORM, String::new())),
            Wish::Change(at, total) => {
                let item = "item_id_1=item-01&item_name_1=item&item_quantity_1=1";
                (self.path(at, "refund"), (FORM, format!("{item}&item_unit_price_1={total}")))
            }
        };
        let key = format!("{}-{}", self.name, self.answered.len());
        Sent { wish, request: Request { path, body: Some(body), key: Some(key) } }
    }

    fn path(&self, charge: usize, verb: &str) -> String {
        format!("/sandbox/v1/charges/{}/{verb}", self.charges[charge].id)
    }

    fn wish(&mut self) -> Wish {
        let open: Vec<usize> =
            (0..self.charges.len()).filter(|at| self.charges[*at].state != Standing::Cancelled).collect();
        let at = match open.len() {
            0 => return self.create(),
            OPEN_MAX.. => open[self.dice.below(open.len() as u64) as usize],
            _ if self.dice.below(2) == 0 => return self.create(),
            _ => open[self.dice.below(open.len() as u64) as usize],
        };
        let charge = &self.charges[at];
        match (charge.state, self.dice.below(10)) {
            (Standing::Authorized, 0..6) => Wish::Capture(at),
            (Standing::Authorized, 6..8) | (Standing::Captured, 0..5) => {
                let total = charge.point + 100 + self.dice.below(20_000) as i64;
                // The same total would be refused.
                Wish::Change(at, if total == charge.total { total + 1 } else { total })
            }
            (Standing::Authorized | Standing::Captured, _) => Wish::Cancel(at),
            (Standing::Cancelled, _) => unreachable!("cancelled charges are not open"),
        }
    }

    fn create(&self) -> Wish {
        let total = 600 + self.dice.below(10_000) as i64;
        let point = if self.dice.below(4) == 0 { 1 + self.dice.below(500) as i64 } else { 0 };
        Wish::Create { total, point }
    }

    /// Everything that a clerk wishes for is allowed: the only answer is the charge as it is then.
    fn note(&mut self, sent: Sent, answer: Answer) {
        assert_eq!(answer.status, 200, "{sent:?}: {}", answer.body);
        let at = self.carry_out(sent.wish, &answer);
        let charge = &self.charges[at];
        charge.assert_shown(&answer, &sent);
        self.answered.push((sent, answer));
    }

    fn carry_out(&mut self, wish: Wish, answer: &Answer) -> usize {
        match wish {
            Wish::Create { total, point } => {
                let id = answer.body["id"].as_str().expect("an order number").to_owned();
                let held = vec![Held::authorized(total - point)];
                self.charges.push(Charge { id, total, point, state: Standing::Authorized, held });
                self.charges.len() - 1
            }
            Wish::Capture(at) => {
                let charge = &mut self.charges[at];
                charge.state = Standing::Captured;
                let captured = charge.total - charge.point;
                let held = charge.held.last_mut().unwrap();
                *held = Held { captured, state: State::Captured, ..held.clone() };
                at
            }
            Wish::Cancel(at) => {
                let charge = &mut self.charges[at];
                charge.state = Standing::Cancelled;
                let held = charge.held.last_mut().unwrap();
                *held = held.given_back();
                at
            }
            Wish::Change(at, total) => {
                self.charges[at].change(total);
                at
            }
        }
    }

    /// How every charge should be shown, and what the acquirer should hold for it.
    pub fn expectations(&self) -> BTreeMap<String, Vec<Held>> {
        self.charges.iter().map(|charge| (charge.id.clone(), charge.held.clone())).collect()
    }

    /// The server still shows every charge as it was acknowledged.
    pub fn assert_charges(&self, connection: &mut Connection) {
        for charge in &self.charges {
            let path = format!("/sandbox/v1/charges/{}", charge.id);
            let answer = connection.ask(&Request { path: path.clone(), body: None, key: None });
            assert_eq!(answer.status, 200, "{path}: {}", answer.body);
            charge.assert_shown(&answer, &path);
        }
    }

    /// The last `count` requests get the answers that they got before.
    pub fn assert_repeated(&self, connection: &mut Connection, count: usize) {
        for (sent, answer) in self.answered.iter().rev().take(count) {
            let again = connection.ask(&sent.request);
            assert_eq!(again, *answer, "{sent:?} was answered otherwise before");
        }
    }

    /// How many acknowledged requests the server no longer knows of: another answer, or none of its effect.
    pub fn forgotten(&self, connection: &mut Connection) -> usize {
        let forgotten = |(sent, answer): &&(Sent, Answer)| {
            let id = answer.body["id"].as_str().expect("an order number");
            let path = format!("/sandbox/v1/charges/{id}");
            let shown = connection.ask(&Request { path, body: None, key: None });
            let updated = |answer: &Answer| answer.body["updated"].as_i64();
            let is_there = shown.status == 200 && updated(&shown) >= updated(answer);
            !is_there || (matches!(sent.wish, Wish::Capture(_)) && self.is_captured_no_more(id, &shown))
        };
        self.answered.iter().filter(forgotten).count()
    }

    fn is_captured_no_more(&self, id: &str, shown: &Answer) -> bool {
        let at = self.charges.iter().position(|charge| charge.id == id).expect("a charge of this clerk");
        // What was not answered may have had its effect.
        let is_uncertain = self.pending.as_ref().is_some_and(|sent| sent.wish.charge() == Some(at));
        !is_uncertain && self.charges[at].state == Standing::Captured && shown.body["captured"] != true
    }
}

impl Wish {
    fn charge(self) -> Option<usize> {
        match self {
            Wish::Create { .. } => None,
            Wish::Capture(at) | Wish::Cancel(at) | Wish::Change(at, _) => Some(at),
        }
    }
}

impl Charge {
    /// 金額変更: what is held stays if it is enough; otherwise more is held first and the old given back.
    fn change(&mut self, total: i64) {
        let needed = total - self.point;
        let held = self.held.last_mut().unwrap();
        if self.state == Standing::Captured || held.amount < needed {
            *held = held.given_back();
            self.held.push(Held::authorized(needed));
        }
        (self.state, self.total) = (Standing::Authorized, total);
    }

    fn assert_shown(&self, answer: &Answer, what: &dyn std::fmt::Debug) {
        let flag = |name: &str| answer.body[name].as_bool();
        let shown = (flag("paid"), flag("captured"), flag("refunded"));
        let expected = match self.state {
            Standing::Authorized => (Some(true), Some(false), Some(false)),
            Standing::Captured => (Some(true), Some(true), Some(false)),
            Standing::Cancelled => (Some(false), Some(false), Some(true)),
        };
        assert_eq!(shown, expected, "{what:?}: {}", answer.body);
        assert_eq!(answer.body["id"], self.id.as_str(), "{what:?}");
        assert_eq!(answer.body["amount"], self.total, "{what:?}");
        assert_eq!(answer.body["point"], self.point, "{what:?}");
    }
}
