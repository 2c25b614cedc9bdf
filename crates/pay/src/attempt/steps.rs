//! The middle step: asking the acquirer and the point service, each request under a key made of the attempt's id.
//!
//! No answer, or one that came too late, is *unknown*: it is never taken for a no. Only the first step of a change may be
//! refused; of a payment also the authorization that follows the hold of points, and then the points go back.

use std::sync::Arc;
use std::time::Duration;

use acquirer::points::{self, PointsProvider};
use acquirer::{ActionOutcome, Answer, Command, Initiator, Inquiry, Merchant, Provider, Refusal};
use kernel::{Timestamp, Yen};
use serde::{Deserialize, Serialize};

use super::{Attempt, Intent, Work};
use crate::charge::order::Presence;
use crate::charge::state::{Receipts, Step};

/// The outside parties of an environment.
#[derive(Clone)]
pub struct Ports {
    /// Cards.
    pub cards: Arc<dyn Provider>,
    /// Points.
    pub points: Arc<dyn PointsProvider>,
    /// How long an answer is waited for.
    pub timeout: Duration,
}

/// What came of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Every step is done.
    Done(Receipts),
    /// Somebody said no, and nothing is left of the attempt outside.
    Refused(String),
    /// Nobody knows; the text says why.
    Unknown(String),
    /// The buyer must act on this page of the provider.
    Waits(String),
}

/// Whether a request may have been sent before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// No.
    First,
    /// Perhaps: inquire before asking again.
    Again,
    /// Perhaps, and a buyer who has not come back is not waited for any more.
    Last,
}

/// What one step came to.
enum Stepped {
    Done(String),
    Refused(String),
    Unknown(String),
    Waits(String),
}

/// Takes every step of the intent.
pub async fn ask(ports: &Ports, intent: &Intent, mode: Mode) -> Asked {
    let mut receipts = Receipts::default();
    for (index, step) in intent.plan.steps.iter().enumerate() {
        let asking = Asking::new(ports, &intent.attempt, index.to_string(), mode);
        match asking.take(step).await {
            Stepped::Done(reference) => note(&mut receipts, step, reference),
            Stepped::Unknown(why) => return Asked::Unknown(why),
            Stepped::Waits(url) => return Asked::Waits(url),
            Stepped::Refused(reason) if index == 0 => return Asked::Refused(reason),
            Stepped::Refused(reason) => return undo(ports, intent, &receipts, reason).await,
        }
    }
    Asked::Done(receipts)
}

/// Takes a step after its change, under a key of its own; `Err` says why it is not done yet.
pub async fn release(ports: &Ports, merchant: Merchant, key: &str, step: &Step, at: Timestamp) -> Result<(), String> {
    let asking = Asking {
        ports,
        merchant,
        order: String::new(),
        account: String::new(),
        key: key.to_owned(),
        at,
        mode: Mode::Again,
        presence: Presence::Simulated,
    };
    match asking.take(step).await {
        Stepped::Done(_) => Ok(()),
        Stepped::Refused(reason) => Err(format!("refused: {reason}")),
        Stepped::Unknown(why) => Err(why),
        Stepped::Waits(_) => Err("an action was required where none can be".to_owned()),
    }
}

fn note(receipts: &mut Receipts, step: &Step, reference: String) {
    match step {
        Step::HoldPoints(_) => receipts.hold = Some(reference),
        Step::Authorize { .. } => receipts.authorization = Some(reference),
        Step::Capture { .. }
        | Step::UsePoints { .. }
        | Step::Void { .. }
        | Step::Refund { .. }
        | Step::ReturnPoints { .. } => {}
    }
}

/// A later step was refused. What a payment held before goes back; anything else cannot be, and stays open for a person.
async fn undo(ports: &Ports, intent: &Intent, receipts: &Receipts, reason: String) -> Asked {
    let (Work::Pay(order), Some(hold)) = (&intent.attempt.work, &receipts.hold) else {
        return Asked::Unknown(format!("a later step was refused ({reason}) after an earlier one was done"));
    };
    let back = Step::ReturnPoints { hold: hold.clone(), points: order.point };
    match Asking::new(ports, &intent.attempt, "u".into(), Mode::Again).take(&back).await {
        Stepped::Done(_) => Asked::Refused(reason),
        Stepped::Refused(why) | Stepped::Unknown(why) | Stepped::Waits(why) => {
            Asked::Unknown(format!("giving the points back: {why}"))
        }
    }
}

struct Asking<'a> {
    ports: &'a Ports,
    merchant: Merchant,
    order: String,
    account: String,
    key: String,
    at: Timestamp,
    mode: Mode,
    presence: Presence,
}

impl<'a> Asking<'a> {
    fn new(ports: &'a Ports, attempt: &Attempt, suffix: String, mode: Mode) -> Asking<'a> {
        let (account, presence) = match &attempt.work {
            Work::Pay(order) => (order.open_id.clone(), order.presence),
            Work::Capture | Work::Cancel | Work::Change(_) | Work::Expire => (String::new(), Presence::Simulated),
        };
        Asking {
            ports,
            merchant: Merchant { shop: attempt.shop, environment: attempt.environment },
            order: attempt.charge.to_string(),
            account,
            key: format!("{}-{suffix}", attempt.id),
            at: attempt.begun,
            mode,
            presence,
        }
    }

    async fn take(&self, step: &Step) -> Stepped {
        match step {
            Step::HoldPoints(points) => {
                self.points(points::Command::Hold { account: self.account.clone(), points: *points }).await
            }
            Step::UsePoints { hold, points } => {
                self.points(points::Command::Use { hold: hold.clone(), points: *points }).await
            }
            Step::ReturnPoints { hold, points } => {
                self.points(points::Command::GiveBack { hold: hold.clone(), points: *points }).await
            }
            Step::Authorize { card, amount } => self.authorize(card, *amount).await,
            Step::Capture { authorization, amount } => {
                self.card(Command::Capture { authorization: authorization.clone(), amount: *amount }).await
            }
            Step::Void { authorization } => self.card(Command::Void { authorization: authorization.clone() }).await,
            Step::Refund { authorization, amount } => {
                self.card(Command::Refund { authorization: authorization.clone(), amount: *amount }).await
            }
        }
    }

    async fn card(&self, command: Command) -> Stepped {
        match self.card_answer(&self.key, command).await {
            Answer::Succeeded(receipt) => Stepped::Done(receipt.reference),
            Answer::Refused(refusal) => Stepped::Refused(refusal.code().to_owned()),
            Answer::RequiresAction { .. } => Stepped::Unknown("an action was required where none can be".into()),
            Answer::Unknown(why) => Stepped::Unknown(why),
        }
    }

    async fn authorize(&self, card: &str, amount: Yen) -> Stepped {
        let initiator = if self.account.is_empty() { Initiator::Merchant } else { Initiator::Buyer };
        let command = Command::Authorize { card: card.to_owned(), amount, order: self.order.clone(), initiator };
        match self.card_answer(&self.key, command).await {
            Answer::Succeeded(receipt) => Stepped::Done(receipt.reference),
            Answer::Refused(refusal) => Stepped::Refused(refusal.code().to_owned()),
            Answer::RequiresAction { authorization, url } => self.act(authorization, url).await,
            Answer::Unknown(why) => Stepped::Unknown(why),
        }
    }

    /// 3-D Secure. A simulated buyer does what his card says, or nothing. A person is sent to the provider's page, and what
    /// the provider saw him do there counts; when he is not waited for any more, he abandoned it.
    async fn act(&self, authorization: String, url: String) -> Stepped {
        let outcome = match self.presence {
            Presence::Simulated => self.ports.cards.simulated_buyer(self.merchant, &authorization).await,
            Presence::Person => match self.ports.cards.action_outcome(self.merchant, &authorization).await {
                None if self.mode != Mode::Last => return Stepped::Waits(url),
                outcome => outcome,
            },
        };
        self.complete(authorization, outcome.unwrap_or(ActionOutcome::Abandoned)).await
    }

    async fn complete(&self, authorization: String, outcome: ActionOutcome) -> Stepped {
        let command = Command::CompleteAction { authorization: authorization.clone(), outcome };
        match self.card_answer(&format!("{}-a", self.key), command).await {
            Answer::Succeeded(_) => Stepped::Done(authorization),
            // Two were at it and said different things: the answer to the first one is found by inquiry.
            Answer::Refused(Refusal::KeyReused) => Stepped::Unknown("the action was completed otherwise".into()),
            Answer::Refused(refusal) => Stepped::Refused(refusal.code().to_owned()),
            Answer::RequiresAction { .. } => Stepped::Refused(Refusal::AuthenticationFailed.code().to_owned()),
            Answer::Unknown(why) => Stepped::Unknown(why),
        }
    }

    async fn card_answer(&self, key: &str, command: Command) -> Answer {
        if self.mode != Mode::First {
            let inquiry = self.ports.cards.inquire(self.merchant, key);
            match self.in_time(inquiry).await {
                Some(Inquiry::Found(answer)) => return answer,
                Some(Inquiry::NeverArrived) => {}
                Some(Inquiry::Unknown(why)) => return Answer::Unknown(why),
                None => return Answer::Unknown("the inquiry was not answered in time".into()),
            }
        }
        let request = acquirer::Request { merchant: self.merchant, key: key.to_owned(), command, at: self.at };
        let answer = self.in_time(self.ports.cards.execute(request)).await;
        answer.unwrap_or_else(|| Answer::Unknown("the acquirer did not answer in time".into()))
    }

    async fn points(&self, command: points::Command) -> Stepped {
        match self.points_answer(command).await {
            points::Answer::Succeeded(receipt) => Stepped::Done(receipt.reference),
            points::Answer::Refused(refusal) => Stepped::Refused(refusal.code().to_owned()),
            points::Answer::Unknown(why) => Stepped::Unknown(why),
        }
    }

    async fn points_answer(&self, command: points::Command) -> points::Answer {
        if self.mode != Mode::First {
            match self.in_time(self.ports.points.inquire(self.merchant, &self.key)).await {
                Some(points::Inquiry::Found(answer)) => return answer,
                Some(points::Inquiry::NeverArrived) => {}
                Some(points::Inquiry::Unknown(why)) => return points::Answer::Unknown(why),
                None => return points::Answer::Unknown("the inquiry was not answered in time".into()),
            }
        }
        let request = points::Request { merchant: self.merchant, key: self.key.clone(), command, at: self.at };
        let answer = self.in_time(self.ports.points.execute(request)).await;
        answer.unwrap_or_else(|| points::Answer::Unknown("the point service did not answer in time".into()))
    }

    async fn in_time<T>(&self, answer: impl Future<Output = T>) -> Option<T> {
        tokio::time::timeout(self.ports.timeout, answer).await.ok()
    }
}

/// A step that is taken after its change, as the outbox keeps it.
#[derive(Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case", deny_unknown_fields)]
enum Release {
    Void { authorization: String },
    Refund { authorization: String, amount: i64 },
    ReturnPoints { hold: String, points: i64 },
}

/// The text of a release for the outbox. Panics for a step that holds or claims: plans release nothing of that kind.
pub fn to_json(step: &Step) -> String {
    let release = match step.clone() {
        Step::Void { authorization } => Release::Void { authorization },
        Step::Refund { authorization, amount } => Release::Refund { authorization, amount: amount.get() },
        Step::ReturnPoints { hold, points } => Release::ReturnPoints { hold, points: points.get() },
        Step::HoldPoints(_) | Step::Authorize { .. } | Step::Capture { .. } | Step::UsePoints { .. } => {
            unreachable!("{step:?} is no release")
        }
    };
    serde_json::to_string(&release).expect("a release is JSON")
}

/// The release that a text of the outbox tells of.
pub fn from_json(text: &str) -> Result<Step, String> {
    let release: Release = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let yen = |amount: i64| Yen::new(amount).map_err(|error| error.to_string());
    Ok(match release {
        Release::Void { authorization } => Step::Void { authorization },
        Release::Refund { authorization, amount } => Step::Refund { authorization, amount: yen(amount)? },
        Release::ReturnPoints { hold, points } => Step::ReturnPoints { hold, points: yen(points)? },
    })
}
