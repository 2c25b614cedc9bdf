//! What comes of tries: the fate of their messages, the log, and whether the endpoint is still delivered to. One
//! transaction for many tries.

use kernel::Timestamp;
use store::audit::{self, NewEntry};
use store::outbox::{self, Fate, Message};
use store::{StoreError, Tx, clock};

use super::endpoint::{Endpoint, Reason, State};
use super::send::Try;
use super::{log, rows, schedule};

/// Rows of the log written together: bounds the number of different texts that a connection prepares.
const TOGETHER: usize = 8;

/// A claimed message, and what was done with it.
#[derive(Clone, Debug)]
pub(super) struct Done {
    pub message: Message,
    pub what: What,
    /// For the jitter of the next try.
    pub random: u64,
}

/// What was done with a claimed message.
#[derive(Clone, Debug)]
pub(super) enum What {
    /// It was sent, with this outcome.
    Tried(Box<Try>),
    /// There is nothing that could be sent; why.
    Unreadable(String),
    /// Nothing: it goes back.
    Untried,
}

/// What is decided for an endpoint by the tries made so far.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Course {
    failing_since: Option<Timestamp>,
    disable: Option<Reason>,
}

impl Course {
    /// Pure: the fate of a message after its try, and what it means for the endpoint.
    fn take(&mut self, done: &Done, now: Timestamp) -> Fate {
        let made = match &done.what {
            What::Tried(made) => made,
            What::Unreadable(error) => return Fate::Failed { error: error.clone() },
            What::Untried => return Fate::Untried,
        };
        if made.delivered() {
            self.failing_since = None;
            return Fate::Sent;
        }
        let since = *self.failing_since.get_or_insert(now);
        if made.gone() {
            self.disable = Some(Reason::Gone);
        } else if schedule::given_up(since, now) && self.disable.is_none() {
            self.disable = Some(Reason::Failing);
        }
        let error = made.failure();
        if self.disable.is_some() {
            // It keeps its messages: this one too, whatever its schedule says.
            return Fate::Retry { due: now, error };
        }
        let asked = made.answer.as_ref().ok().and_then(|answer| answer.retry_after_seconds);
        match schedule::wait_after(done.message.attempt, asked, done.random) {
            Some(wait) => Fate::Retry { due: now.plus_micros(wait), error },
            None => Fate::Failed { error },
        }
    }
}

/// Writes what came of tries. The reason if the endpoint is disabled by them: say so loudly once it is committed.
pub(super) fn settle(
    tx: &mut Tx<'_>,
    endpoint: Option<&mut Endpoint>,
    done: &[Done],
    audit_id: &str,
) -> Result<Option<Reason>, StoreError> {
    let Some(first) = done.first() else { return Ok(None) };
    let now = clock::world_now(tx, first.message.shop, first.message.world)?;
    let before = endpoint.as_ref().and_then(|endpoint| endpoint.failing_since);
    let mut course = Course { failing_since: before, disable: None };
    let fates: Vec<(Message, Fate)> = done.iter().map(|done| (done.message.clone(), course.take(done, now))).collect();
    outbox::settle_all(tx, &fates)?;
    let tries: Vec<&Try> = done.iter().filter_map(Done::tried).collect();
    for together in tries.chunks(TOGETHER) {
        tx.execute_all(&together.iter().map(|made| log::rows::insert(made)).collect::<Vec<_>>())?;
    }
    let Some(endpoint) = endpoint.filter(|endpoint| endpoint.state == State::Active) else { return Ok(None) };
    if course.failing_since != before {
        endpoint.failing_since = course.failing_since;
        tx.execute_all(&[rows::set_failing(&endpoint.key, course.failing_since)])?;
    }
    if let Some(reason) = course.disable {
        disable(tx, endpoint, reason, audit_id)?;
    }
    Ok(course.disable)
}

impl Done {
    /// The try, if there was one.
    pub fn tried(&self) -> Option<&Try> {
        match &self.what {
            What::Tried(made) => Some(made),
            What::Unreadable(_) | What::Untried => None,
        }
    }
}

fn disable(tx: &mut Tx<'_>, endpoint: &mut Endpoint, reason: Reason, audit_id: &str) -> Result<(), StoreError> {
    endpoint.state = State::Disabled(reason);
    let fields = serde_json::json!({
        "state": ["active", "disabled"], "reason": reason.as_str(),
        "failing_since_us": endpoint.failing_since.map(Timestamp::micros),
    });
    let (object, fields) = (endpoint.key.object(), fields.to_string());
    let entry = NewEntry {
        shop: endpoint.key.shop,
        id: audit_id,
        at: tx.machine_now(),
        actor: "system",
        origin: "webhook delivery",
        action: "webhook.disable",
        object: &object,
        fields: &fields,
    };
    tx.execute_all(&[rows::save(endpoint), audit::record(&entry)])?;
    Ok(())
}
