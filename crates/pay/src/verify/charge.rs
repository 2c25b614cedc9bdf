//! Charges, page by page, each with everything that its attempts left behind.

use std::collections::{BTreeMap, HashMap};

use kernel::{ChargeNumber, Timestamp};
use shop::Space;
use store::{StoreError, Tx};

use super::area::{Area, instant};
use super::attempt;
use super::count::Counts;
use super::figure::Figures;
use super::replay::{self, Replayed};
use super::report::{Findings, differs};
use super::rows::charge::{self as rows, AttemptRow, AuditRow, ChargeRow, EventRow, LineRow, ReleaseRow};
use super::rows::{BEGINNING, PAGE, next_area};
use super::timer::{self, Window};
use crate::charge::item::Item;
use crate::charge::state::State;

/// Attempts read at a time.
const ATTEMPTS: usize = 4 * PAGE;

/// Everything that the attempts of a page of charges left behind.
pub(super) struct Related {
    pub events: HashMap<String, EventRow>,
    pub audit: HashMap<String, AuditRow>,
    pub lines: HashMap<String, Vec<LineRow>>,
    pub releases: BTreeMap<String, ReleaseRow>,
    timers: HashMap<String, i64>,
}

/// What is recounted of a charge: its row, if there is one, and its attempts.
pub(super) struct History<'a> {
    pub area: &'a Area,
    pub id: &'a str,
    pub charge: Option<&'a ChargeRow>,
    /// In the order of their ids, which is about that of their beginning.
    pub attempts: &'a [AttemptRow],
    pub related: &'a Related,
}

impl History<'_> {
    /// The name of the charge's row.
    pub fn row(&self) -> String {
        self.area.row("charge", self.id)
    }

    /// Attempts that changed the charge, in the order of its versions.
    pub fn succeeded(&self) -> Vec<&AttemptRow> {
        let mut succeeded: Vec<_> = self.attempts.iter().filter(|attempt| attempt.state == "succeeded").collect();
        succeeded.sort_by_key(|attempt| (attempt.version, attempt.id.as_str()));
        succeeded
    }
}

/// Recounts every charge.
pub(super) fn check(tx: &mut Tx<'_>, found: &mut Findings) -> Result<(), StoreError> {
    let mut after = BEGINNING;
    while let Some(area) = next_area(tx, &after)? {
        check_area(tx, &area, found)?;
        after = area;
    }
    Ok(())
}

/// World time in an area, by which timers and clocks are judged.
fn world_now(tx: &mut Tx<'_>, area: &Area) -> Result<Timestamp, StoreError> {
    let turned = area.known().is_some_and(|environment| environment.has_test_clock());
    let offset = if turned { rows::clock_offset(tx, area.shop)? } else { None };
    Ok(tx.machine_now().plus_micros(offset.unwrap_or(0)))
}

fn check_area(tx: &mut Tx<'_>, area: &Area, found: &mut Findings) -> Result<(), StoreError> {
    let now = world_now(tx, area)?;
    let (mut counts, mut numbers, mut latest_us) = (Counts::default(), Numbers::default(), i64::MIN);
    let mut figures = Figures::default();
    let mut after = String::new();
    loop {
        let page = Page::after(tx, area, &after)?;
        let related = Related {
            events: rows::events_of(tx, area, &page.attempts)?,
            audit: rows::audit_of(tx, area, &page.attempts)?,
            lines: rows::lines_of(tx, area, &page.attempts)?,
            releases: rows::releases_of(tx, area, &page.attempts)?,
            timers: rows::timers_between(tx, area, &after, page.last.as_deref())?,
        };
        for charge in &page.charges {
            counts.add(charge);
        }
        for history in page.histories(area, &related) {
            numbers.add(&history);
            figures.add(&history);
            latest_us = history.attempts.iter().map(|attempt| attempt.begun_us).fold(latest_us, i64::max);
            recount(&history, now, found);
        }
        match page.last {
            Some(last) => after = last,
            None => break,
        }
    }
    counts.compare(tx, area, found)?;
    figures.compare(tx, area, found)?;
    numbers.compare(tx, area, found)?;
    timer::check_clock(area, latest_us, now, found);
    Ok(())
}

/// Charges and attempts up to the same charge.
struct Page {
    charges: Vec<ChargeRow>,
    attempts: Vec<AttemptRow>,
    /// The last charge of this page; none if no page follows.
    last: Option<String>,
}

impl Page {
    fn after(tx: &mut Tx<'_>, area: &Area, after: &str) -> Result<Page, StoreError> {
        let mut charges = rows::charges_after(tx, area, after, PAGE)?;
        let mut attempts = rows::attempts_after(tx, area, after, ATTEMPTS)?;
        let full = charges.last().filter(|_| charges.len() == PAGE).map(|charge| charge.id.clone());
        let mut last = full;
        if attempts.len() == ATTEMPTS {
            // The attempts of the last charge may go on beyond what was read.
            let cut = attempts[ATTEMPTS - 1].charge.clone();
            let whole = attempts.iter().rev().map(|attempt| &attempt.charge).find(|charge| **charge != cut).cloned();
            let end = match whole {
                Some(whole) => whole,
                None => {
                    attempts = rows::attempts_on(tx, area, &cut)?;
                    cut
                }
            };
            last = Some(last.map_or(end.clone(), |last| last.min(end)));
        }
        if let Some(last) = &last {
            charges.retain(|charge| charge.id <= *last);
            attempts.retain(|attempt| attempt.charge <= *last);
        }
        Ok(Page { charges, attempts, last })
    }

    /// The charges of the page with their attempts, and the attempts without a charge.
    fn histories<'a>(&'a self, area: &'a Area, related: &'a Related) -> Vec<History<'a>> {
        let mut histories: BTreeMap<&str, History<'a>> = BTreeMap::new();
        let new = |id, charge, attempts| History { area, id, charge, attempts, related };
        for charge in &self.charges {
            histories.insert(&charge.id, new(&charge.id, Some(charge), &[]));
        }
        for attempts in self.attempts.chunk_by(|one, other| one.charge == other.charge) {
            let id = attempts[0].charge.as_str();
            histories.entry(id).or_insert_with(|| new(id, None, &[])).attempts = attempts;
        }
        histories.into_values().collect()
    }
}

fn recount(history: &History<'_>, now: Timestamp, found: &mut Findings) {
    for one in history.attempts {
        attempt::check(history, one, found);
    }
    attempt::check_lane(history, found);
    let succeeded = history.succeeded();
    let Some(charge) = history.charge else {
        if let Some(first) = succeeded.first() {
            let made = history.area.row("attempt", &first.id);
            found.add("charge", history.row(), format!("missing, although {made} succeeded"));
        }
        return;
    };
    check_row(history, charge, found);
    check_payable(history, charge, &succeeded, found);
    if succeeded.is_empty() {
        found.add("charge", history.row(), "no attempt made it");
        return;
    }
    let replayed = replay::replay(history, charge, &succeeded, found);
    if let Some(replayed) = &replayed {
        compare(history, charge, replayed, found);
    }
    let window = Window {
        state: charge.state.parse().ok(),
        ends_us: charge.window_ends_us,
        provisional: replayed.map(|replayed| replayed.provisional_window),
        due_us: history.related.timers.get(history.id).copied(),
    };
    timer::check_window(history.area, history.id, &window, now, found);
}

/// What must be true of a charge's row by itself.
fn check_row(history: &History<'_>, charge: &ChargeRow, found: &mut Findings) {
    let row = history.row();
    let mut wrong = |problem: &str| found.add("charge", &row, problem);
    match (charge.id.parse::<ChargeNumber>(), instant(charge.ordered_us)) {
        (Err(_), _) => wrong("its id is no order number"),
        (_, None) => wrong("ordered_us is no instant"),
        (Ok(number), Some(ordered)) if number.date() != ordered.jst_date() => wrong("it was ordered on another day"),
        (Ok(_), Some(_)) => {}
    }
    let Ok(state) = charge.state.parse::<State>() else { return wrong("its state is none") };
    if total(&charge.items) != Some(i128::from(charge.amount)) {
        wrong("its items do not add up to its amount");
    }
    if charge.point < 0 || charge.point > charge.amount {
        wrong("its points are more than its amount");
    }
    let by_card = charge.amount.saturating_sub(charge.point);
    match (&charge.authorization, state) {
        (None, State::Authorized | State::Captured) if by_card > 0 => {
            wrong("nothing is authorized for what the card pays")
        }
        (None, _) if charge.authorized_amount != 0 => wrong("an amount is authorized, and no authorization is named"),
        (Some(_), _) if charge.authorized_amount < by_card => wrong("less is authorized than the card pays"),
        (Some(_), _) if charge.card.is_none() => wrong("something is authorized, and no card is named"),
        (None | Some(_), State::Authorized | State::Captured | State::Cancelled) => {}
    }
    match (&charge.hold, charge.hold_used) {
        (None, 0) if charge.point > 0 => wrong("no hold is named for its points"),
        (None, 0) => {}
        (None, _) => wrong("points were used, and no hold is named"),
        (Some(_), 0) if state == State::Captured => wrong("it is captured, and its points are not used"),
        (Some(_), 0 | 1) => {}
        (Some(_), _) => wrong("whether its points are used is neither yes nor no"),
    }
    for (what, json) in [("address", &charge.address), ("buyer", &charge.buyer)] {
        if json.as_deref().is_some_and(|json| serde_json::from_str::<serde::de::IgnoredAny>(json).is_err()) {
            wrong(&format!("its {what} is no JSON"));
        }
    }
}

/// What items add up to; none if they are not items.
pub(super) fn total(items: &str) -> Option<i128> {
    let items: Vec<Item> = serde_json::from_str(items).ok()?;
    Some(items.iter().map(|item| i128::from(item.unit_price) * i128::from(item.quantity)).sum())
}

/// What the ledger owes the merchant for a charge is what is captured, straight from the lines.
fn check_payable(history: &History<'_>, charge: &ChargeRow, succeeded: &[&AttemptRow], found: &mut Findings) {
    let lines = succeeded.iter().filter_map(|attempt| history.related.lines.get(&attempt.id)).flatten();
    let owed: i128 = lines
        .map(|line| match (line.debit.as_str(), line.credit.as_str()) {
            (_, "merchant_payable") => i128::from(line.amount),
            ("merchant_payable", _) => -i128::from(line.amount),
            _ => 0,
        })
        .sum();
    let captured = if charge.state == State::Captured.as_str() { i128::from(charge.amount) } else { 0 };
    if let Some(problem) = differs("what the ledger owes the merchant for it", owed, captured) {
        found.add("ledger", history.row(), problem);
    }
}

/// The charge's row is what its attempts made of it.
fn compare(history: &History<'_>, charge: &ChargeRow, replayed: &Replayed, found: &mut Findings) {
    let standing = &replayed.standing;
    let (authorization, hold) = (standing.authorization.as_ref(), standing.hold.as_ref());
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "nothing".to_owned());
    let problems = [
        differs("version", charge.version, replayed.changes as i64),
        differs("state", charge.state.as_str(), standing.state.as_str()),
        differs("amount", charge.amount, standing.amount.get()),
        differs("point", charge.point, standing.point.get()),
        differs("authorized_amount", charge.authorized_amount, authorization.map_or(0, |held| held.amount.get())),
        differs("whether something is authorized", charge.authorization.is_some(), authorization.is_some()),
        differs("whether points are held", charge.hold.is_some(), hold.is_some()),
        differs("hold_used", charge.hold_used, i64::from(hold.is_some_and(|hold| hold.used))),
        differs("ordered_us", charge.ordered_us, standing.ordered.micros()),
        differs("updated_us", charge.updated_us, replayed.updated.micros()),
        differs("window_ends_us", charge.window_ends_us, standing.window_ends.micros()),
        differs("cart_id", text(&charge.cart_id), text(&replayed.cart_id)),
        (charge.open_id != replayed.open_id).then(|| "open_id is another one".to_owned()),
        (charge.items != replayed.items).then(|| "items are others".to_owned()),
    ];
    for problem in problems.into_iter().flatten() {
        found.both("charge", history.row(), &replayed.last_event, problem);
    }
}

/// The order numbers of an area, against the service they belong to.
#[derive(Default)]
struct Numbers {
    /// Charges of each service id, and the first of them.
    services: BTreeMap<String, (u64, String)>,
    /// The largest serial, and who has it.
    largest: Option<(u64, String)>,
}

impl Numbers {
    fn add(&mut self, history: &History<'_>) {
        let Ok(number) = history.id.parse::<ChargeNumber>() else { return };
        if self.largest.as_ref().is_none_or(|(largest, _)| *largest < number.serial()) {
            self.largest = Some((number.serial(), history.id.to_owned()));
        }
        let of_service = self.services.entry(number.service().to_string()).or_insert((0, history.id.to_owned()));
        of_service.0 += 1;
    }

    fn compare(self, tx: &mut Tx<'_>, area: &Area, found: &mut Findings) -> Result<(), StoreError> {
        let (Some(environment), Some((largest, of))) = (area.known(), self.largest) else { return Ok(()) };
        let space = Space::of(environment).as_str();
        let row = format!("service {}/{space}", area.shop);
        let Some((service, next_serial)) = rows::service(tx, area.shop, space)? else {
            found.add("shop", row, format!("missing, although charge {of} is numbered by it"));
            return Ok(());
        };
        if i128::from(next_serial) <= i128::from(largest) {
            found.add("shop", &row, format!("its next serial is {next_serial}, and charge {of} has {largest}"));
        }
        for (other, (charges, first)) in self.services {
            if other != service {
                let problem = format!("{charges} order numbers begin with {other} instead of {service}");
                found.both("shop", &row, area.row("charge", first), problem);
            }
        }
        Ok(())
    }
}
