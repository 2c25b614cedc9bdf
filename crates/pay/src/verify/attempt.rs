//! Attempts, and what each of them must have left behind: ledger lines, an event, an audit row, releases.

use acquirer::{Refusal, points};
use ledger::Line;
use serde_json::json;

use super::area::instant;
use super::charge::History;
use super::replay::{movement, released_authorization, releases_the_same};
use super::report::{Findings, differs};
use super::rows::charge::{AttemptRow, LineRow, ReleaseRow, release_id};
use crate::attempt::finish::RELEASE_TOPIC;
use crate::attempt::{settle, steps};
use crate::charge::state::Step;
use crate::event::rows::id_of;

/// What an attempt's row says that it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Pay,
    Capture,
    Cancel,
    Change,
    Expire,
}

impl std::str::FromStr for Verb {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "pay" => Ok(Verb::Pay),
            "capture" => Ok(Verb::Capture),
            "cancel" => Ok(Verb::Cancel),
            "change" => Ok(Verb::Change),
            "expire" => Ok(Verb::Expire),
            other => Err(format!("nobody knows how to {other:?}")),
        }
    }
}

impl Verb {
    /// The type of the event (contract online-lite-api "Events and webhooks").
    fn event_type(self) -> &'static str {
        match self {
            Verb::Pay => "charge.succeeded",
            Verb::Capture => "charge.captured",
            Verb::Cancel | Verb::Expire => "charge.refunded",
            Verb::Change => "charge.updated",
        }
    }

    /// Whether a running attempt to do it has arguments.
    fn has_arguments(self) -> bool {
        match self {
            Verb::Pay | Verb::Change => true,
            Verb::Capture | Verb::Cancel | Verb::Expire => false,
        }
    }
}

/// An attempt by itself, and beside its charge, its event and its audit row.
pub(super) fn check(history: &History<'_>, attempt: &AttemptRow, found: &mut Findings) {
    let row = history.area.row("attempt", &attempt.id);
    if instant(attempt.begun_us).is_none() {
        found.add("attempt", &row, "its beginning is no instant");
    }
    if attempt.tries < 0 {
        found.add("attempt", &row, "it was tried less than never");
    }
    let verb: Verb = match attempt.verb.parse() {
        Ok(verb) => verb,
        Err(problem) => return found.add("attempt", &row, problem),
    };
    match attempt.state.as_str() {
        "running" => check_running(history, attempt, verb, &row, found),
        "succeeded" => {
            check_ended(history, attempt, &row, found);
            if attempt.refusal.is_some() {
                found.add("attempt", &row, "it succeeded, and has a reason for a refusal");
            }
            check_event(history, attempt, verb, &row, found);
        }
        "refused" => check_refused(history, attempt, verb, &row, found),
        other => found.add("attempt", &row, format!("its state is {other:?}")),
    }
}

fn check_running(history: &History<'_>, attempt: &AttemptRow, verb: Verb, row: &str, found: &mut Findings) {
    let mut wrong = |problem: String| found.add("attempt", row, problem);
    if attempt.tries >= i64::from(settle::TRIES_STUCK) {
        wrong(format!("stuck: its outcome was asked for {} times and is still unknown", attempt.tries));
    }
    if attempt.ended_us.is_some() || attempt.refusal.is_some() {
        wrong("it is running, and has an end".to_owned());
    }
    if attempt.has_arguments != verb.has_arguments() {
        wrong(format!("it is running, and whether it has arguments is {}", attempt.has_arguments));
    }
    let expected = match (verb, history.charge) {
        (Verb::Pay, None) => 0,
        (Verb::Pay, Some(_)) => return wrong("it is to make a charge that is there".to_owned()),
        (_, Some(charge)) => charge.version,
        (_, None) => return wrong("it is to change a charge that is not there".to_owned()),
    };
    if let Some(problem) = differs("the version that it is to change", attempt.version, expected) {
        found.both("attempt", row, history.row(), problem);
    }
}

fn check_refused(history: &History<'_>, attempt: &AttemptRow, verb: Verb, row: &str, found: &mut Findings) {
    check_ended(history, attempt, row, found);
    let reason = attempt.refusal.as_deref().unwrap_or_default();
    if reason.parse::<Refusal>().is_err() && reason.parse::<points::Refusal>().is_err() {
        found.add("attempt", row, format!("it was refused for the unknown reason {reason:?}"));
    }
    match (verb, history.charge) {
        (Verb::Pay, Some(_)) => {
            found.both("attempt", row, history.row(), "the payment was refused, and there is a charge")
        }
        (Verb::Pay, None) => {}
        (_, None) => found.both("attempt", row, history.row(), "refused, and there is no charge"),
        (_, Some(charge)) if !(0..=charge.version).contains(&attempt.version) => {
            found.both("attempt", row, history.row(), format!("the charge never had version {}", attempt.version));
        }
        (_, Some(_)) => {}
    }
    if let Some(audit) = history.related.audit.get(&attempt.id) {
        let should = json!({ "refused": reason });
        if serde_json::from_str::<serde_json::Value>(&audit.fields).ok().as_ref() != Some(&should) {
            let problem = format!("its fields are {}, expected {should}", audit.fields);
            found.both("audit", audit_row(history, attempt), row, problem);
        }
    }
}

/// What is true of every attempt that ended.
fn check_ended(history: &History<'_>, attempt: &AttemptRow, row: &str, found: &mut Findings) {
    if attempt.ended_us.and_then(instant).is_none() {
        found.add("attempt", row, "it ended, and nobody knows when");
    }
    if attempt.has_arguments {
        found.add("attempt", row, "it ended, and its arguments were not forgotten");
    }
    let audit_row = audit_row(history, attempt);
    let Some(audit) = history.related.audit.get(&attempt.id) else {
        return found.both("audit", audit_row, row, "the attempt ended without an audit row");
    };
    let problems = [
        differs("action", audit.action.as_str(), &format!("charge.{}", attempt.verb)),
        differs("object", audit.object.as_str(), &format!("{}/{}", history.area.environment, attempt.charge)),
        differs("actor", audit.actor.as_str(), &attempt.actor),
        differs("origin", audit.origin.as_str(), &attempt.origin),
    ];
    for problem in problems.into_iter().flatten() {
        found.both("audit", &audit_row, row, problem);
    }
}

fn audit_row(history: &History<'_>, attempt: &AttemptRow) -> String {
    format!("audit {}/{}", history.area.shop, attempt.id)
}

fn check_event(history: &History<'_>, attempt: &AttemptRow, verb: Verb, row: &str, found: &mut Findings) {
    let event_row = history.area.row("event", id_of(&attempt.id));
    let Some(event) = history.related.events.get(&attempt.id) else {
        return found.both("event", event_row, row, "the attempt succeeded without an event");
    };
    let problems = [
        differs("type", event.kind.as_str(), verb.event_type()),
        differs("charge_id", event.charge.as_str(), &attempt.charge),
        differs("created_us", event.created_us, attempt.begun_us),
    ];
    for problem in problems.into_iter().flatten() {
        found.both("event", &event_row, row, problem);
    }
}

/// The ledger has exactly the lines that were planned.
pub(super) fn check_lines(history: &History<'_>, attempt: &AttemptRow, planned: &[Line], found: &mut Findings) {
    let row = |line: i64| history.area.row("ledger_entry", format!("{}/{line}", attempt.id));
    let written: &[LineRow] = history.related.lines.get(&attempt.id).map_or(&[], Vec::as_slice);
    for (number, planned) in (1_i64..).zip(planned) {
        let Some(line) = written.iter().find(|line| line.line == number) else {
            let (debit, credit, amount) = movement(planned);
            found.add("ledger", row(number), format!("missing: {amount} from {credit} to {debit}"));
            continue;
        };
        check_line(attempt, line, planned, &row(number), found);
    }
    for line in written.iter().filter(|line| line.line < 1 || line.line > planned.len() as i64) {
        found.add("ledger", row(line.line), format!("{} moves no such money", attempt.verb));
    }
    let count = planned.len() as i64;
    for line in written.iter().filter(|line| line.lines != count) {
        found.add("ledger", row(line.line), format!("it is one of {} lines, expected {count}", line.lines));
    }
}

fn check_line(attempt: &AttemptRow, line: &LineRow, planned: &Line, row: &str, found: &mut Findings) {
    let (debit, credit, amount) = movement(planned);
    let problems = [
        differs("debit", line.debit.as_str(), debit),
        differs("credit", line.credit.as_str(), credit),
        differs("amount", line.amount, amount),
        differs("kind", line.kind.as_str(), &attempt.verb),
        differs("reference", line.reference.as_str(), &attempt.charge),
        differs("posted_us", line.posted_us, attempt.begun_us),
    ];
    for problem in problems.into_iter().flatten() {
        found.add("ledger", row, problem);
    }
}

/// The outbox has exactly the releases that were planned.
pub(super) fn check_releases(history: &History<'_>, attempt: &AttemptRow, planned: &[Step], found: &mut Findings) {
    for (index, planned) in planned.iter().enumerate() {
        let id = release_id(&attempt.id, index);
        let row = format!("outbox {}/{id}", history.area.shop);
        match history.related.releases.get(&id) {
            None => found.add("release", row, format!("missing: {} left something over", attempt.verb)),
            Some(release) => check_release(history, attempt, release, planned, &row, found),
        }
    }
    for index in planned.len()..2 {
        let id = release_id(&attempt.id, index);
        if history.related.releases.contains_key(&id) {
            let row = format!("outbox {}/{id}", history.area.shop);
            found.add("release", row, format!("{} left nothing of that kind over", attempt.verb));
        }
    }
}

fn check_release(
    history: &History<'_>,
    attempt: &AttemptRow,
    release: &ReleaseRow,
    planned: &Step,
    row: &str,
    found: &mut Findings,
) {
    let problems = [
        differs("topic", release.topic.as_str(), RELEASE_TOPIC),
        differs("world", release.world.as_str(), &history.area.environment),
        differs("lane", release.lane.as_str(), history.id),
        differs("created_us", release.created_us, attempt.begun_us),
        (release.state == "sent" && release.attempts < 1).then(|| "it was sent without a try".to_owned()),
    ];
    for problem in problems.into_iter().flatten() {
        found.add("release", row, problem);
    }
    let charge = history.charge;
    let hold = charge.and_then(|charge| charge.hold.as_deref());
    match steps::from_json(&release.body) {
        Err(error) => found.add("release", row, format!("it cannot be read: {error}")),
        Ok(written) if !releases_the_same(planned, &written, hold) => {
            let problem = format!("it is to {}, expected to {}", said(&written), said(planned));
            found.add("release", row, problem);
        }
        Ok(written) => {
            let current = charge.and_then(|charge| charge.authorization.as_deref());
            if current.is_some() && released_authorization(&written) == current {
                found.both("release", row, history.row(), "what it releases is what the charge stands on");
            }
        }
    }
    if release.state == "failed" {
        let error = release.last_error.as_deref().unwrap_or("nobody knows why");
        found.add("release", row, format!("it could not be released: {error}"));
    }
}

fn said(step: &Step) -> String {
    match step {
        Step::Void { .. } => "void".to_owned(),
        Step::Refund { amount, .. } => format!("refund {amount}"),
        Step::ReturnPoints { points, .. } => format!("return {points} points of the charge's hold"),
        Step::HoldPoints(_) | Step::Authorize { .. } | Step::Capture { .. } | Step::UsePoints { .. } => {
            "do what is no release".to_owned()
        }
    }
}

/// Of the releases of a charge that have not left, the first one waits for its time and the others wait for it.
pub(super) fn check_lane(history: &History<'_>, found: &mut Findings) {
    let changes = history.attempts.iter().filter(|attempt| attempt.verb == "change");
    let ids = changes.flat_map(|change| [0, 1].map(|index| release_id(&change.id, index)));
    let mut lane = ids.filter_map(|id| history.related.releases.get_key_value(&id));
    let head = lane.find(|(_, release)| matches!(release.state.as_str(), "waiting" | "queued"));
    if let Some((id, _)) = head.filter(|(_, release)| release.state == "queued") {
        found.add("release", format!("outbox {}/{id}", history.area.shop), "it is queued behind nothing");
    }
}
