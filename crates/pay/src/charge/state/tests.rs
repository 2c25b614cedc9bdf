//! What each verb plans in each state: steps before the change, the charge afterwards, ledger lines, releases after it.

use super::*;

const ORDERED: Timestamp = Timestamp::from_seconds(1_795_327_200); // 2026-11-22T15:00:00+09:00

fn yen(amount: i64) -> Yen {
    Yen::new(amount).unwrap()
}

/// A charge of 1,000 yen, 300 of it points, on a card.
fn standing(state: State) -> Standing {
    let paid = pay(yen(1_000), yen(300), Some("visa".into()), Windows::USUAL, ORDERED);
    let receipts = Receipts { authorization: Some("auth_1".into()), hold: Some("hold_1".into()) };
    let authorized = paid.outcome(&receipts);
    let captured = || authorized.capture(ORDERED).unwrap().outcome(&Receipts::default());
    match state {
        State::Authorized => authorized,
        State::Captured => captured(),
        State::Cancelled => authorized.cancel(ORDERED).unwrap().outcome(&Receipts::default()),
    }
}

/// A plan in short: `steps | after | lines | releases`, or the refusal.
fn told(plan: Result<Plan, Refused>) -> String {
    let plan = match plan {
        Ok(plan) => plan,
        Err(refused) => return format!("{refused:?}"),
    };
    let step = |step: &Step| match step {
        Step::HoldPoints(points) => format!("hold {points}"),
        Step::Authorize { amount, .. } => format!("authorize {amount}"),
        Step::Capture { amount, .. } => format!("capture {amount}"),
        Step::UsePoints { points, .. } => format!("use {points}"),
        Step::Void { .. } => "void".to_owned(),
        Step::Refund { amount, .. } => format!("refund {amount}"),
        Step::ReturnPoints { points, .. } => format!("return {points}"),
    };
    let steps = |steps: &[Step]| steps.iter().map(step).collect::<Vec<_>>().join(", ");
    let line = |line: &Line| format!("{} to {} {}", line.debit(), line.credit(), line.amount());
    let receipts = Receipts { authorization: Some("auth_2".into()), hold: None };
    let after = plan.outcome(&receipts);
    let held = after.authorization.as_ref().map_or("none".to_owned(), |held| format!("{} {}", held.id, held.amount));
    let lines: Vec<String> = plan.lines.iter().map(line).collect();
    format!(
        "{} | {} {} points {} card {held} | {} | {}",
        steps(&plan.steps),
        after.state.as_str(),
        after.amount,
        after.point,
        lines.join(", "),
        steps(&plan.releases)
    )
}

type Verb = fn(&Standing) -> Result<Plan, Refused>;

#[test]
fn every_verb_in_every_state() {
    let verbs: [(&str, Verb); 8] = [
        ("capture", |charge| charge.capture(ORDERED)),
        ("cancel", |charge| charge.cancel(ORDERED)),
        ("expire", |charge| charge.expire(ORDERED)),
        ("change to 1500", |charge| charge.change(yen(1_500), ORDERED)),
        ("change to 600", |charge| charge.change(yen(600), ORDERED)),
        ("change to 200", |charge| charge.change(yen(200), ORDERED)),
        ("change to 1000", |charge| charge.change(yen(1_000), ORDERED)),
        ("change to 99", |charge| charge.change(yen(99), ORDERED)),
    ];
    let claim = "acquirer_receivable to merchant_payable 700, points_receivable to merchant_payable 300";
    let back = "merchant_payable to acquirer_receivable 700, merchant_payable to points_receivable 300";
    let expected = [
        // contract online-lite-api "Rules": capture only a provisional sale.
        (State::Authorized, 0, format!("capture 700, use 300 | captured 1000 points 300 card auth_1 700 | {claim} | ")),
        (State::Authorized, 1, "void, return 300 | cancelled 1000 points 300 card auth_1 700 |  | ".to_owned()),
        (State::Authorized, 2, "NotDue".to_owned()),
        // Raising: a new authorization first, the old one released after.
        (State::Authorized, 3, "authorize 1200 | authorized 1500 points 300 card auth_2 1200 |  | void".to_owned()),
        (State::Authorized, 4, " | authorized 600 points 300 card auth_1 700 |  | ".to_owned()),
        // Below the points: the points above the total go back, the card pays nothing.
        (State::Authorized, 5, " | authorized 200 points 200 card none |  | void, return 100".to_owned()),
        (State::Authorized, 6, "SameTotal".to_owned()),
        (State::Authorized, 7, "TotalTooSmall".to_owned()),
        (State::Captured, 0, "AlreadyCaptured".to_owned()),
        (State::Captured, 1, format!("refund 700, return 300 | cancelled 1000 points 300 card auth_1 700 | {back} | ")),
        (State::Captured, 2, "AlreadyCaptured".to_owned()),
        // An actual sale becomes provisional again, whatever the new total.
        (
            State::Captured,
            3,
            format!("authorize 1200 | authorized 1500 points 300 card auth_2 1200 | {back} | refund 700"),
        ),
        (
            State::Captured,
            4,
            format!("authorize 300 | authorized 600 points 300 card auth_2 300 | {back} | refund 700"),
        ),
        (State::Captured, 5, format!(" | authorized 200 points 200 card none | {back} | refund 700, return 100")),
        (State::Captured, 6, "SameTotal".to_owned()),
        (State::Captured, 7, "TotalTooSmall".to_owned()),
        (State::Cancelled, 0, "AlreadyCancelled".to_owned()),
        (State::Cancelled, 1, "AlreadyCancelled".to_owned()),
        (State::Cancelled, 2, "AlreadyCancelled".to_owned()),
        (State::Cancelled, 3, "AlreadyCancelled".to_owned()),
        (State::Cancelled, 4, "AlreadyCancelled".to_owned()),
        (State::Cancelled, 5, "AlreadyCancelled".to_owned()),
        (State::Cancelled, 6, "AlreadyCancelled".to_owned()),
        (State::Cancelled, 7, "AlreadyCancelled".to_owned()),
    ];
    assert_eq!(expected.len(), State::ALL.len() * verbs.len());
    for (state, verb, expected) in expected {
        let (name, verb) = verbs[verb];
        assert_eq!(told(verb(&standing(state))), expected, "{state:?} {name}");
    }
}

#[test]
fn points_are_used_once_however_often_a_charge_is_captured() {
    let again = standing(State::Captured).change(yen(1_500), ORDERED).unwrap();
    let again = again.outcome(&Receipts { authorization: Some("auth_2".into()), hold: None });
    let claim = "acquirer_receivable to merchant_payable 1200, points_receivable to merchant_payable 300";
    let expected = format!("capture 1200 | captured 1500 points 300 card auth_2 1200 | {claim} | ");
    assert_eq!(told(again.capture(ORDERED)), expected);
}

#[test]
fn points_alone_need_no_card_until_the_total_is_raised() {
    let receipts = Receipts { authorization: None, hold: Some("hold_1".into()) };
    let charge = pay(yen(500), yen(500), None, Windows::USUAL, ORDERED).outcome(&receipts);
    assert_eq!(charge.authorization, None);
    assert_eq!(
        told(charge.capture(ORDERED)),
        "use 500 | captured 500 points 500 card none | points_receivable to merchant_payable 500 | "
    );
    assert_eq!(told(charge.change(yen(600), ORDERED)), "NoCard");
    assert_eq!(told(charge.cancel(ORDERED)), "return 500 | cancelled 500 points 500 card none |  | ");
}

#[test]
fn windows_close_at_midnight_in_japan() {
    // Ordered in November 2026: until the end of April 2027. Captured in November: until the end of December.
    let date = |year, month, day| kernel::JstDate::new(year, month, day).unwrap().start();
    let (authorized, captured) = (standing(State::Authorized), standing(State::Captured));
    for (charge, closes) in [(&authorized, date(2027, 5, 1)), (&captured, date(2027, 1, 1))] {
        let last = closes.plus_micros(-1);
        assert!(charge.cancel(last).is_ok() && charge.change(yen(500), last).is_ok());
        assert_eq!(charge.cancel(closes), Err(Refused::WindowClosed));
        assert_eq!(charge.change(yen(500), closes), Err(Refused::WindowClosed));
    }
    assert!(authorized.capture(date(2027, 5, 1).plus_micros(-1)).is_ok());
    assert_eq!(authorized.capture(date(2027, 5, 1)), Err(Refused::WindowClosed));
    assert_eq!(authorized.expire(date(2027, 5, 1).plus_micros(-1)), Err(Refused::NotDue));
    assert!(authorized.expire(date(2027, 5, 1)).is_ok());
    // Captured in the last month and changed in the month after: the window that was open stays open.
    let late = authorized.capture(date(2027, 4, 20)).unwrap().outcome(&Receipts::default());
    let changed = late.change(yen(500), date(2027, 5, 2)).unwrap();
    let changed = changed.outcome(&Receipts { authorization: Some("auth_2".into()), hold: None });
    assert_eq!(changed.window_ends, date(2027, 6, 1));
}
