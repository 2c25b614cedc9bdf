//! What the acquirer's book says of a filled shop's charges.

use acquirer::simulator::State;
use kernel::Yen;
use pay::attempt::Work;
use store::Statement;

use super::rows::{self, Authorization, Operation};
use super::{Plan, SANDBOX};

/// The rows of one charge: what was asked for, and where that left the authorization.
pub(super) fn rows_of(plan: &Plan, index: u64) -> Vec<Statement<'static>> {
    let tale = plan.tale(index);
    let (order, name) = (plan.number(index).to_string(), plan.authorization(index));
    let card = tale.order.card.as_deref().unwrap_or_default();
    let amount = tale.order.card_amount();
    let mut held = Authorization {
        name: &name,
        order: &order,
        card,
        amount,
        captured: Yen::ZERO,
        refunded: Yen::ZERO,
        state: State::Authorized,
        created: tale.ordered,
        updated: tale.ordered,
    };
    let mut statements = Vec::with_capacity(4);
    let mut asked = |act: usize, kind: &'static str, opened, amount, at| {
        let id = plan.attempt_id(index, act);
        let reference = if act == 0 { name.clone() } else { format!("{}_{id}", prefix(kind)) };
        // Each attempt has one step, the one with the number 0.
        let operation = Operation { key: format!("{id}-0"), kind, authorization: &name, opened, amount, reference, at };
        statements.push(rows::operation(plan.shop, SANDBOX, &operation));
    };
    asked(0, "authorize", Some((card, order.as_str())), Some(amount), tale.ordered);
    for (act, told) in tale.acts.iter().enumerate() {
        let kind = move_on(&mut held, &told.work);
        held.updated = told.at;
        asked(act + 1, kind, None, (kind != "void").then_some(amount), told.at);
    }
    statements.push(rows::authorization(plan.shop, SANDBOX, &held));
    statements
}

/// What `work` asks the acquirer for; moves what is held to where that leaves it.
fn move_on(held: &mut Authorization<'_>, work: &Work) -> &'static str {
    match (work, held.state) {
        (Work::Capture, _) => {
            (held.state, held.captured) = (State::Captured, held.amount);
            "capture"
        }
        (Work::Cancel | Work::Expire, State::Captured) => {
            (held.state, held.refunded) = (State::Refunded, held.captured);
            "refund"
        }
        (Work::Cancel | Work::Expire, _) => {
            held.state = State::Voided;
            "void"
        }
        (Work::Pay(_) | Work::Change(_), _) => unreachable!("tales go on with captures and cancels"),
    }
}

/// How the acquirer's names for what it did begin.
fn prefix(kind: &str) -> &'static str {
    match kind {
        "capture" => "cap",
        "refund" => "ref",
        _ => "void",
    }
}
