//! What needs attention, each with the one act that helps.

use kernel::Environment;
use pay::attention::{Attention, Count, Expiring};

use super::grouped;
use super::text::TopText;
use crate::ui::Side;
use crate::ui::frame::moment;

/// Changes of unknown outcome that are named one by one.
const NAMED: usize = 5;

/// One thing to do.
pub(super) struct Task {
    pub text: String,
    pub href: String,
    pub act: &'static str,
    /// Whether it is broken already, or only will be.
    pub is_broken: bool,
}

/// What to do in an environment, the most urgent first. What somebody may not see is left out by the caller.
pub(super) fn of(found: &Attention, environment: Environment, t: &'static TopText) -> Vec<Task> {
    let side = Side::of(environment);
    let of = if environment == Environment::Test { t.testing } else { "" };
    let mut tasks = Vec::new();
    let mut task = |text: String, href: String, act, is_broken| {
        tasks.push(Task { text: format!("{of}{text}"), href, act, is_broken });
    };
    for endpoint in &found.endpoints {
        let text = match endpoint.failing_since {
            Some(since) if !endpoint.is_disabled => t.endpoint_failing.replace("{at}", &moment(since)),
            Some(_) | None => t.endpoint_disabled.to_owned(),
        };
        task(text.replace("{url}", &endpoint.url), side.path("/webhooks"), t.endpoint_do, true);
    }
    for unknown in found.unknown.iter().take(NAMED) {
        let text = t.unknown.replace("{charge}", &unknown.charge).replace("{verb}", t.verb(&unknown.verb));
        let href = if unknown.verb == "pay" {
            side.path("/orders")
        } else {
            side.path(&format!("/orders/{}", unknown.charge))
        };
        task(text.replace("{at}", &moment(unknown.since)), href, t.unknown_do, false);
    }
    if found.unknown.len() > NAMED {
        let more = (found.unknown.len() - NAMED).to_string();
        task(t.unknown_many.replace("{n}", &more), side.path("/orders"), t.unknown_do, false);
    }
    if found.mails.found > 0 {
        let text = t.mails.replace("{n}", &counted(found.mails, t));
        task(text, format!("/mailbox?environment={environment}&state=undelivered"), t.mails_do, true);
    }
    if let Some(text) = expiring(&found.expiring, t) {
        let until = found.expiring.ordered_until.map(|day| format!("&to={day}")).unwrap_or_default();
        let only = if side == Side::Live { format!("&environment={environment}") } else { String::new() };
        // The window ends with a month of the order's own: the oldest expire first.
        task(text, side.path(&format!("/orders?status=authorized{until}{only}&sort=date")), t.expiring_do, false);
    }
    tasks
}

fn expiring(found: &Expiring, t: &TopText) -> Option<String> {
    let first = found.first?;
    let text = t.expiring.replace("{n}", &counted(found.count, t)).replace("{yen}", &grouped(found.amount));
    Some(text.replace("{at}", &moment(first)))
}

fn counted(count: Count, t: &TopText) -> String {
    format!("{}{}", grouped(count.found), if count.or_more { t.or_more } else { "" })
}
