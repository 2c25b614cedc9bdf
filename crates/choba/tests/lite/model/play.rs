//! One random sequence against the model. A request whose answer may be lost has two possible worlds until it is
//! settled; whichever is seen first is the one that must hold from then on.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use acquirer::simulator::Fault;
use kernel::Timestamp;
use serde_json::{Value, json};
use testkit::sim_clock::SeededEntropy;
use testkit::{Merchant, Reply, Sale, TestApp};

use super::book::{self, Card, Charge, Operation, Outcome, State};
use super::outside;
use crate::words::answer;

/// A card that ends with the month after the beginning.
const ENDS: &str = "ends";
/// Cards that buyers pay with: half of them do as they should.
const CARDS: [&str; 20] = [
    "visa",
    "visa",
    "visa",
    "mastercard",
    "jcb",
    "amex",
    "visa",
    "visa",
    "3ds_passes",
    ENDS,
    ENDS,
    ENDS,
    "capture_refused",
    "capture_refused",
    "insufficient_funds",
    "authorization_answer_lost",
    "capture_answer_lost",
    "capture_request_lost",
    "return_answer_lost",
    "return_request_lost",
];

/// A charge, and what it is if the attempt that is running on it has succeeded.
#[derive(Debug)]
struct Known {
    charge: Charge,
    running: Option<Running>,
    /// Whether releases after a change may still be open.
    releases: bool,
}

/// An attempt whose outcome nobody told us.
#[derive(Clone, Debug)]
struct Running {
    /// The charge afterwards; none if it will be refused.
    after: Option<Charge>,
    /// The key under which it was begun.
    key: Option<String>,
}

/// A request that was sent under a key.
#[derive(Clone, Debug)]
struct Keyed {
    key: String,
    request: Request,
    /// The answer that it got for good.
    answered: Option<(u16, String)>,
}

#[derive(Clone, Debug)]
enum Request {
    Pay(Box<Sale>),
    Change(String, Operation),
}

pub struct Play<'a> {
    app: &'a TestApp,
    random: SeededEntropy,
    merchant: Merchant,
    charges: BTreeMap<String, Known>,
    /// Payments whose outcome nobody told us, by cart: what they come to.
    paying: BTreeMap<String, Outcome>,
    keyed: Vec<Keyed>,
    made: u64,
    began: Timestamp,
    /// How often each answer came, for people who wonder what is tried.
    pub said: BTreeMap<String, usize>,
}

impl<'a> Play<'a> {
    /// A new shop, with a clock of its own.
    pub async fn begin(app: &'a TestApp, seed: u64) -> Play<'a> {
        let merchant = app.new_shop(true).await.sandbox();
        let random = SeededEntropy::new(seed);
        let (charges, paying, keyed) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        let began = app.now(merchant.shop).await;
        Play { app, random, merchant, charges, paying, keyed, made: 0, began, said: BTreeMap::new() }
    }

    /// One random step, and everything compared after it.
    pub async fn step(&mut self, number: usize) {
        let step = self.random.below(100);
        println!("step {number}, at {}", self.now().await);
        match step {
            0..17 => self.pay().await,
            17..62 => self.change().await,
            62..74 => self.retry().await,
            74..78 => self.misuse().await,
            78..82 => self.wait(),
            82..87 => self.lossy_round().await,
            87..92 => self.settle().await,
            _ => self.turn_clock().await,
        }
        self.compare().await;
    }

    /// Everything settled, and compared once more.
    pub async fn end(&mut self) {
        self.settle().await;
        self.compare().await;
        assert!(self.paying.is_empty() && self.charges.values().all(|known| known.running.is_none()));
    }

    async fn now(&self) -> Timestamp {
        self.app.now(self.merchant.shop).await
    }

    fn chance(&self, percent: u64) -> bool {
        self.random.below(100) < percent
    }

    fn some_charge(&self) -> Option<String> {
        let count = self.charges.len() as u64;
        (count > 0).then(|| self.charges.keys().nth(self.random.below(count) as usize).expect("one of them").clone())
    }

    /// A total near what is there, so that edges are met.
    fn some_total(&self, near: Option<&Charge>) -> i64 {
        let random = self.random.below(3_000) as i64 + 1;
        let Some(charge) = near else { return random };
        match self.random.below(8) {
            0 => charge.amount,
            1 => charge.amount + 1,
            2 => charge.point.max(1),
            3 => charge.held.max(1),
            4 => 99 + self.random.below(3) as i64,
            _ => random,
        }
    }

    /// Loses the request or the answer of one of the next messages to the outside; whether it does.
    fn arm(&self) -> bool {
        let fault = match self.random.below(10) {
            0 | 1 => Fault::LoseRequest,
            2 | 3 => Fault::LoseAnswer,
            _ => return false,
        };
        println!("  {fault:?}");
        let countdown = Arc::new(AtomicI64::new(self.random.below(2) as i64));
        let (cards, points) = (countdown.clone(), countdown);
        let hit = move |count: &AtomicI64| if count.fetch_sub(1, Ordering::SeqCst) == 0 { fault } else { Fault::None };
        let simulator = &self.app.wired.simulator;
        simulator.set_faults(Some(Arc::new(move |_| hit(&cards))));
        simulator.set_points_faults(Some(Arc::new(move |_| hit(&points))));
        true
    }

    fn disarm(&self) {
        self.app.wired.simulator.set_faults(None);
        self.app.wired.simulator.set_points_faults(None);
    }

    fn client(&self, key: Option<&String>) -> Merchant {
        key.map_or_else(|| self.merchant.clone(), |key| self.merchant.keyed(key.as_str()))
    }

    async fn send(&mut self, key: Option<&String>, request: &Request) -> Reply {
        let client = self.client(key);
        let (verb, reply) = match request {
            Request::Pay(sale) => ("pay", client.create(sale).await),
            Request::Change(id, Operation::Capture) => ("capture", client.capture(id).await),
            Request::Change(id, Operation::Cancel) => ("cancel", client.cancel(id).await),
            Request::Change(id, Operation::Change(total)) => ("change", client.change(id, *total).await),
        };
        let said = answer(&reply);
        println!("  {said}");
        let short = if reply.status == 200 { "200" } else { said.as_str() };
        *self.said.entry(format!("{verb}: {short}")).or_default() += 1;
        reply
    }

    fn remember(&mut self, key: Option<String>, request: Request, reply: &Reply) {
        let Some(key) = key else { return };
        let answered = (reply.status != 503).then(|| (reply.status, reply.text.clone()));
        self.keyed.push(Keyed { key, request, answered });
    }

    async fn pay(&mut self) {
        self.made += 1;
        let cart = format!("cart {}", self.made);
        let name = CARDS[self.random.below(CARDS.len() as u64) as usize];
        let amount = self.some_total(None);
        let point = match self.random.below(4) {
            0 => self.random.below(amount as u64 + 1) as i64,
            1 if self.chance(30) => amount,
            _ => 0,
        };
        let has_points = self.chance(85);
        let buyer = if has_points { cart.as_str() } else { "no-points" };
        let (year, month, _) = book::end_of_month(self.began, 0).jst_date().civil();
        let details = json!({ "number": "4111111111111111", "expiry_year": year, "expiry_month": month });
        let card = Card { name, ends: (name == ENDS).then(|| book::end_of_month(self.began, 1)) };
        let sale = Sale::of(amount)
            .with("card", if name == ENDS { details } else { json!(name) })
            .point(point)
            .buyer(buyer)
            .with("cart_id", cart.as_str());
        let outcome = book::pay(cart.clone(), card, amount, point, has_points, self.now().await);
        let key = self.chance(70).then(|| format!("pay {}", self.made));
        println!("  pay {amount} with {point} points of {buyer} and {name}, {cart}");
        let lossy = self.arm() || name.starts_with("authorization_");
        let request = Request::Pay(Box::new(sale));
        let reply = self.send(key.as_ref(), &request).await;
        self.disarm();
        self.paid(&cart, outcome, lossy, &reply);
        self.remember(key, request, &reply);
    }

    fn paid(&mut self, cart: &str, outcome: Outcome, lossy: bool, reply: &Reply) {
        if lossy && reply.status == 503 {
            assert_eq!(answer(reply), "503 outcome_unknown");
            self.paying.insert(cart.to_owned(), outcome);
            return;
        }
        self.paying.remove(cart);
        match outcome {
            Err((status, code)) => assert_eq!(answer(reply), format!("{status} {code}")),
            Ok(charge) => {
                let id = reply.good()["id"].as_str().expect("an order number").to_owned();
                self.charges.insert(id, Known { charge, running: None, releases: false });
            }
        }
    }

    async fn change(&mut self) {
        let Some(id) = self.some_charge() else { return };
        let operation = match self.random.below(10) {
            0..4 => Operation::Capture,
            4..6 => Operation::Cancel,
            _ => Operation::Change(self.some_total(Some(&self.charges[&id].charge))),
        };
        self.made += 1;
        let key = self.chance(70).then(|| format!("change {}", self.made));
        println!("  {operation:?} {id}");
        let lossy = self.arm();
        let request = Request::Change(id.clone(), operation);
        let reply = self.send(key.as_ref(), &request).await;
        self.disarm();
        let now = self.now().await;
        let said = answer(&reply);
        let known = self.charges.get_mut(&id).expect("a charge");
        if let Some(running) = known.running.clone() {
            if said == "400 charge_locked" {
                return;
            }
            // It was refused meanwhile: that changes nothing that can be seen.
            assert!(running.after.is_none(), "{said} while an attempt is running on {known:?}");
            known.running = None;
        }
        let outcome = known.charge.after(operation, now);
        known.apply(outcome, lossy, &reply, key.clone());
        self.remember(key, request, &reply);
    }

    /// A request is sent again under its key.
    async fn retry(&mut self) {
        if self.keyed.is_empty() {
            return;
        }
        let index = self.random.below(self.keyed.len() as u64) as usize;
        let Keyed { key, request, answered } = self.keyed[index].clone();
        println!("  again: {key}");
        let reply = self.send(Some(&key), &request).await;
        if let Some((status, text)) = answered {
            assert_eq!((reply.status, &reply.text), (status, &text), "another answer under the same key");
            return;
        }
        if reply.status == 503 {
            assert_eq!(answer(&reply), "503 outcome_unknown");
            return;
        }
        // Settled; `compare` looks whether the charge is what it should be then.
        match request {
            Request::Pay(sale) => {
                let cart = sale.0["cart_id"].as_str().expect("a cart").to_owned();
                if let Some(outcome) = self.paying.remove(&cart) {
                    self.paid(&cart, outcome, false, &reply);
                }
            }
            Request::Change(id, _) => {
                let known = self.charges.get_mut(&id).expect("a charge");
                // It may have ended long ago, and another one may be running by now.
                if let Some(running) = known.running.clone().filter(|running| running.key.as_ref() == Some(&key)) {
                    match running.after {
                        Some(after) => assert_eq!(reply.good()["amount"], after.amount),
                        None => assert_eq!(answer(&reply), "402 invalid_payment"),
                    }
                    known.settle();
                }
            }
        }
        self.keyed[index].answered = Some((reply.status, reply.text));
    }

    /// Another request is sent under a key that was used.
    async fn misuse(&mut self) {
        let Some(id) = self.some_charge() else { return };
        let known = self.keyed.iter().find(|keyed| keyed.answered.is_some());
        let Some(key) = known.map(|keyed| keyed.key.clone()) else { return };
        println!("  misuse: {key}");
        let request = Request::Change(id, Operation::Change(987_654));
        assert_eq!(answer(&self.send(Some(&key), &request).await), "400 idempotency_key_reused");
    }

    fn wait(&self) {
        let seconds = [1, 3, 60, 3_600][self.random.below(4) as usize];
        println!("  wait {seconds}");
        self.app.wait(seconds);
    }

    /// The workers have a round in which every message to the outside gets lost.
    async fn lossy_round(&mut self) {
        let fault = if self.chance(50) { Fault::LoseRequest } else { Fault::LoseAnswer };
        println!("  a round with {fault:?}");
        let simulator = &self.app.wired.simulator;
        simulator.set_faults(Some(Arc::new(move |_| fault)));
        simulator.set_points_faults(Some(Arc::new(move |_| fault)));
        self.app.wait(self.random.below(20) as i64);
        self.app.run_jobs().await;
        self.disarm();
        self.windows_ended().await;
    }

    async fn settle(&mut self) {
        println!("  settle");
        self.app.settle().await;
        self.find_paid().await;
        self.charges.values_mut().for_each(Known::settle);
        self.windows_ended().await;
        for known in self.charges.values_mut() {
            known.settle();
            known.releases = false;
        }
        assert!(self.paying.values().all(Result::is_err), "paid, but not there: {:?}", self.paying);
        self.paying.clear();
    }

    async fn turn_clock(&mut self) {
        let to = self.now().await.plus_seconds(self.random.below(80 * 86_400) as i64);
        // Turning stops where something due cannot be done; lost messages wait in machine time.
        if self.app.left_to_do().await[0] > 0 {
            println!("  the clock passes to {to}, unattended");
            return self.app.turn_unattended(self.merchant.shop, to).await;
        }
        let lost_by_card = |known: &Known| known.charge.card.name.starts_with("return_");
        if self.charges.values().any(lost_by_card) {
            println!("  the clock passes to {to}, unattended; some cards would lose messages");
            return self.app.turn_unattended(self.merchant.shop, to).await;
        }
        println!("  the clock is turned to {to}");
        self.app.advance(self.merchant.shop, to).await;
        self.windows_ended().await;
        for known in self.charges.values_mut() {
            assert!(known.running.as_ref().is_none_or(|running| running.after.is_some()));
            known.settle();
        }
    }

    /// A worker looked at windows that are over: a cancel may have begun where nothing else is running.
    async fn windows_ended(&mut self) {
        self.find_paid().await;
        let now = self.now().await;
        let effects = self.app.all_effects(&self.merchant).await;
        for (id, known) in &mut self.charges {
            known.see(&effects[id].events);
            let ended = known.charge.state == State::Provisional && now >= known.charge.closes;
            if ended && known.running.as_ref().is_none_or(|running| running.after.is_none()) {
                known.running = Some(Running { after: Some(known.charge.cancelled()), key: None });
            }
        }
    }

    /// Payments whose answer was lost may have become charges.
    async fn find_paid(&mut self) {
        for charge in self.listed().await {
            let cart = charge["cart_id"].as_str().expect("a cart");
            let id = charge["id"].as_str().expect("an order number").to_owned();
            if let Some(outcome) = self.paying.get(cart).cloned() {
                let charge = outcome.expect("a payment that is refused makes no charge");
                self.paying.remove(cart);
                self.charges.insert(id, Known { charge, running: None, releases: false });
            }
        }
    }

    async fn listed(&self) -> Vec<Value> {
        let list = self.merchant.list("limit=100").await.good();
        list["data"].as_array().expect("data").clone()
    }

    async fn compare(&mut self) {
        self.find_paid().await;
        let listed = self.listed().await;
        assert_eq!(listed.len(), self.charges.len(), "charges that exist");
        let effects = self.app.all_effects(&self.merchant).await;
        for charge in &listed {
            let id = charge["id"].as_str().expect("an order number");
            let known = self.charges.get_mut(id).expect("a charge that nobody made");
            let effects = effects.get(id).cloned().unwrap_or_default();
            known.see(&effects.events);
            let Known { charge: expected, running, releases } = &*known;
            let flag = |name: &str| charge[name].as_bool().expect("a flag");
            assert_eq!((flag("paid"), flag("captured"), flag("refunded")), expected.flags(), "{known:?}");
            assert_eq!((&charge["amount"], &charge["point"]), (&expected.amount.into(), &expected.point.into()));
            assert_eq!(effects.events, expected.events, "{known:?}");
            let (card, points) = expected.owed();
            assert_eq!((effects.card, effects.points, effects.payable), (card, points, card + points), "{known:?}");
            if running.is_none() && !releases {
                assert_eq!(outside::disagreement(expected, &effects), None);
            }
        }
        self.compare_totals().await;
    }

    async fn compare_totals(&self) {
        for (query, states) in [
            ("payment[paid]=true&payment[captured]=false", [State::Provisional].as_slice()),
            ("payment[captured]=true", &[State::Actual]),
            ("payment[refunded]=true", &[State::Cancelled]),
            ("", &[State::Provisional, State::Actual, State::Cancelled]),
        ] {
            let expected = self.charges.values().filter(|known| states.contains(&known.charge.state)).count();
            assert_eq!(self.merchant.list(&format!("limit=1&{query}")).await.good()["total"], expected, "{query}");
        }
    }
}

impl Known {
    /// An operation was asked for that should come to `outcome`.
    fn apply(&mut self, outcome: Outcome, lossy: bool, reply: &Reply, key: Option<String>) {
        let said = answer(reply);
        let mishap = ["authorization_", "capture_a", "capture_requ", "return_"];
        let lossy = lossy || mishap.iter().any(|mishap| self.charge.card.name.starts_with(mishap));
        if lossy && said == "503 outcome_unknown" {
            if let Err((status, code)) = outcome {
                assert_eq!(status, 402, "{code} is known without asking anybody");
            }
            self.running = Some(Running { after: outcome.ok(), key });
            return;
        }
        match outcome {
            Err((status, code)) => assert_eq!(said, format!("{status} {code}"), "{self:?}"),
            Ok(after) => {
                assert_eq!(reply.status, 200, "{said}: {self:?}");
                self.become_changed(after);
            }
        }
    }

    fn become_changed(&mut self, after: Charge) {
        self.releases = true;
        self.charge = after;
    }

    /// What is running has come to its end.
    fn settle(&mut self) {
        if let Some(after) = self.running.take().and_then(|running| running.after) {
            self.become_changed(after);
        }
    }

    /// The number of events tells whether what is running has succeeded.
    fn see(&mut self, events: &[String]) {
        let after = self.running.as_ref().and_then(|running| running.after.as_ref());
        if after.is_some_and(|after| after.events.len() == events.len()) {
            self.settle();
        }
    }
}
