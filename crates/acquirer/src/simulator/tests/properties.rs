//! Random sequences of commands and lost messages against a naive book of the test's own.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::simulator::{BookAuthorization, Fault, State, book};

const CARDS: [&str; 6] =
    ["visa", "over_limit", "capture_refused", "3ds_passes", "capture_answer_lost", "return_request_lost"];

/// A step in words that shrink well: keys and authorizations are small numbers.
#[derive(Clone, Debug)]
enum Step {
    Authorize { key: u8, card: usize, amount: i64 },
    Complete { key: u8, on: usize, outcome: usize },
    Capture { key: u8, on: usize, amount: i64 },
    Void { key: u8, on: usize },
    Refund { key: u8, on: usize, amount: i64 },
}

fn steps() -> impl Strategy<Value = Vec<(Step, u8)>> {
    let key = 0..40_u8;
    let amount = 0..12_i64;
    let step = prop_oneof![
        (key.clone(), 0..CARDS.len(), amount.clone()).prop_map(|(key, card, amount)| Step::Authorize {
            key,
            card,
            amount
        }),
        (key.clone(), 0..4_usize, 0..3_usize).prop_map(|(key, on, outcome)| Step::Complete { key, on, outcome }),
        (key.clone(), 0..4_usize, amount.clone()).prop_map(|(key, on, amount)| Step::Capture { key, on, amount }),
        (key.clone(), 0..4_usize).prop_map(|(key, on)| Step::Void { key, on }),
        (key, 0..4_usize, amount).prop_map(|(key, on, amount)| Step::Refund { key, on, amount }),
    ];
    prop::collection::vec((step, 0..8_u8), 1..50)
}

impl Step {
    fn command(&self, authorizations: &[String]) -> (u8, Command) {
        let named = |on: usize| authorizations.get(on).cloned().unwrap_or_else(|| "auth_of_nobody".to_owned());
        match self {
            Step::Authorize { key, card, amount } => (*key, authorize(CARDS[*card], *amount)),
            Step::Complete { key, on, outcome } => {
                (*key, Command::CompleteAction { authorization: named(*on), outcome: ActionOutcome::ALL[*outcome] })
            }
            Step::Capture { key, on, amount } => (*key, capture(&named(*on), *amount)),
            Step::Void { key, on } => (*key, void(&named(*on))),
            Step::Refund { key, on, amount } => (*key, refund(&named(*on), *amount)),
        }
    }
}

/// What the test knows by itself: first answers, and sums of what succeeded.
#[derive(Default)]
struct Known {
    answers: BTreeMap<u8, (Command, Answer)>,
    authorizations: Vec<String>,
    amounts: BTreeMap<String, (i64, i64, i64)>,
}

impl Known {
    fn note(&mut self, key: u8, command: Command, answer: Answer) {
        if !matches!(answer, Answer::Refused(_)) {
            match &command {
                Command::Authorize { amount, .. } => {
                    let name = name_of(&answer);
                    self.authorizations.push(name.clone());
                    self.amounts.insert(name, (amount.get(), 0, 0));
                }
                Command::Capture { authorization, amount } => {
                    self.amounts.get_mut(authorization).unwrap().1 += amount.get();
                }
                Command::Refund { authorization, amount } => {
                    self.amounts.get_mut(authorization).unwrap().2 += amount.get();
                }
                Command::CompleteAction { .. } | Command::Void { .. } => {}
            }
        }
        self.answers.insert(key, (command, answer));
    }
}

/// Sends a step, settles it by inquiry if its answer is unknown, and checks what the key was known to have answered.
async fn play(world: &World, known: &mut Known, step: &Step) -> Result<(), TestCaseError> {
    let (key, command) = step.command(&known.authorizations);
    let name = key.to_string();
    let answer = world.send(&name, command.clone()).await;
    let settled = match (&answer, world.inquire(&name).await) {
        (Answer::Unknown(_), Inquiry::Found(found)) => Some(found),
        (Answer::Unknown(_), Inquiry::NeverArrived) => None,
        (_, Inquiry::Found(found)) => {
            prop_assert!(found == answer || word(&answer) == "key_reused");
            Some(found)
        }
        (_, inquiry) => return Err(TestCaseError::fail(format!("{answer:?}, but {inquiry:?}"))),
    };
    match (known.answers.get(&key), settled) {
        (Some((asked, first)), settled) => {
            prop_assert_eq!(settled.as_ref(), Some(first));
            prop_assert!(*asked == command || matches!(word(&answer), "key_reused" | "unknown"));
        }
        (None, Some(first)) => known.note(key, command, first),
        (None, None) => {}
    }
    Ok(())
}

fn agrees(row: &BookAuthorization, known: &Known) -> bool {
    let sums = (row.amount.get(), row.captured.get(), row.refunded.get());
    let told = match row.state {
        State::Declined => known.amounts.get(&row.authorization).copied().unwrap_or((row.amount.get(), 0, 0)),
        State::ActionRequired | State::Authorized | State::Captured | State::Voided | State::Refunded => {
            known.amounts[&row.authorization]
        }
    };
    row.refunded <= row.captured && row.captured <= row.amount && sums == told
}

async fn run(steps: Vec<(Step, u8)>) -> Result<(), TestCaseError> {
    let world = World::sqlite();
    let mut known = Known::default();
    for (step, luck) in steps {
        world.simulator.set_faults(match luck {
            0 => Some(Arc::new(|_: &Request| Fault::LoseRequest)),
            1 => Some(Arc::new(|_: &Request| Fault::LoseAnswer)),
            _ => None,
        });
        play(&world, &mut known, &step).await?;
    }
    let merchant = world.merchant;
    for row in world.read(move |tx| book(tx, merchant)).await {
        prop_assert!(agrees(&row, &known), "{:?} {:?}", row, known.amounts);
    }
    prop_assert_eq!(world.disagreements().await, Vec::<String>::new());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]
    #[test]
    fn whatever_is_sent_the_book_adds_up(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(run(steps))?;
    }
}
