//! Asking: the acquirer of cards through its port, the mall's other parties by the order's script.
//!
//! No answer of the acquirer, or one that came too late, is *unknown*: the request is inquired about and sent again under
//! the same key, and never taken for a no.

use std::sync::Arc;
use std::time::Duration;

use acquirer::{Command, Initiator, Inquiry, Merchant, Provider};
use kernel::time::MICROS_PER_SECOND;
use kernel::{ShopId, Timestamp, Yen};

use super::Asked;
use crate::market::WORLD;
use crate::market::script::Verdict;
use crate::progress::{Answer, Request};

const DAY_MICROS: i64 = 86_400 * MICROS_PER_SECOND;

/// Who asks.
#[derive(Clone)]
pub struct Desk {
    /// The acquirer of cards.
    pub cards: Arc<dyn Provider>,
    /// How long it is waited for.
    pub timeout: Duration,
}

/// What came of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// An answer.
    Answer(Answer),
    /// 保留 until this instant of world time, and what is answered then.
    Held(Timestamp, Answer),
    /// Nobody knows; the text says why.
    Unknown(String),
}

/// When a request was written, and whether it may have been sent before.
#[derive(Clone, Copy, Debug)]
pub struct Sending {
    /// Whose it is.
    pub shop: ShopId,
    /// World time of the request.
    pub created: Timestamp,
    /// Perhaps somebody sent it already: inquire first.
    pub again: bool,
}

impl Desk {
    /// Asks.
    pub async fn ask(&self, asked: &Asked, sending: Sending) -> Heard {
        match command(asked) {
            Ok(Some(command)) => self.ask_acquirer(asked, sending, command).await,
            Ok(None) => by_script(asked.verdict, sending.created),
            Err(why) => Heard::Unknown(why),
        }
    }

    async fn ask_acquirer(&self, asked: &Asked, sending: Sending, command: Command) -> Heard {
        let (key, merchant) = (asked.id(), Merchant { shop: sending.shop, environment: WORLD });
        if sending.again {
            match self.in_time(self.cards.inquire(merchant, &key)).await {
                Some(Inquiry::Found(answer)) => return heard(&asked.request, answer),
                Some(Inquiry::NeverArrived) => {}
                Some(Inquiry::Unknown(why)) => return Heard::Unknown(why),
                None => return Heard::Unknown("the inquiry was not answered in time".into()),
            }
        }
        let request = acquirer::Request { merchant, key, command, at: sending.created };
        match self.in_time(self.cards.execute(request)).await {
            Some(answer) => heard(&asked.request, answer),
            None => Heard::Unknown("the acquirer did not answer in time".into()),
        }
    }

    async fn in_time<T>(&self, answer: impl Future<Output = T>) -> Option<T> {
        tokio::time::timeout(self.timeout, answer).await.ok()
    }
}

/// What the acquirer of cards is asked; none if the request is for somebody else.
fn command(asked: &Asked) -> Result<Option<Command>, String> {
    let yen = |amount: i64| Yen::new(amount).map_err(|error| error.to_string());
    Ok(Some(match asked.request.clone() {
        Request::Authorize { card, amount } => {
            let order = asked.order.to_string();
            Command::Authorize { card, amount: yen(amount)?, order, initiator: Initiator::Merchant }
        }
        Request::Void { authorization } => Command::Void { authorization },
        // To claim nothing is to let go of what is held.
        Request::Capture { authorization, amount: 0 } => Command::Void { authorization },
        Request::Capture { authorization, amount } => Command::Capture { authorization, amount: yen(amount)? },
        Request::Refund { authorization, amount } => Command::Refund { authorization, amount: yen(amount)? },
        Request::Screen { .. } | Request::Bill { .. } | Request::CheckFraud | Request::Return { .. } => {
            return Ok(None);
        }
    }))
}

/// What the acquirer's answer says to the order: only an authorization has a name that it keeps.
fn heard(request: &Request, answer: acquirer::Answer) -> Heard {
    match answer {
        acquirer::Answer::Succeeded(receipt) => {
            let names = matches!(request, Request::Authorize { .. });
            Heard::Answer(Answer::Done { id: names.then_some(receipt.reference) })
        }
        acquirer::Answer::Refused(_) => Heard::Answer(Answer::Refused),
        acquirer::Answer::RequiresAction { .. } => {
            Heard::Unknown("an action was required where nobody is who could do it".into())
        }
        acquirer::Answer::Unknown(why) => Heard::Unknown(why),
    }
}

fn by_script(verdict: Verdict, created: Timestamp) -> Heard {
    let (yes, until) = (Answer::Done { id: None }, |days: u16| created.plus_micros(i64::from(days) * DAY_MICROS));
    match verdict {
        Verdict::Yes => Heard::Answer(yes),
        Verdict::No => Heard::Answer(Answer::Refused),
        Verdict::HeldThenYes(days) => Heard::Held(until(days), yes),
        Verdict::HeldThenNo(days) => Heard::Held(until(days), Answer::Refused),
    }
}
