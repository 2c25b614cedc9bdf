//! Random sequences of operations, lost requests and answers, clock moves and worker rounds, against a naive model
//! ([`book`]): states, ledger, events, the acquirer's book and the kept counts agree after every step.
//!
//! `CHOBA_MODEL_CASES` says how many sequences there are on each engine, `CHOBA_MODEL_SEED` where their seeds begin. A
//! failure prints its seed and every step.

mod book;
mod outside;
mod play;

use std::collections::BTreeMap;

use testkit::{Engine, Setup, TestApp};

use play::Play;

const CASES: u64 = 15;
const STEPS: usize = 50;
/// Sequences on one server, each with a shop of its own: books are recounted as a whole after each.
const CASES_OF_A_SERVER: usize = 10;

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{variable}={text:?}")))
}

async fn run(engine: Engine) {
    let (cases, first) = (number("CHOBA_MODEL_CASES", CASES), number("CHOBA_MODEL_SEED", 1));
    let mut said: BTreeMap<String, usize> = BTreeMap::new();
    let seeds: Vec<u64> = (first..first + cases).collect();
    for together in seeds.chunks(CASES_OF_A_SERVER) {
        let app = TestApp::start(engine, Setup::default()).await;
        for seed in together {
            println!("CHOBA_MODEL_SEED={seed} CHOBA_MODEL_CASES=1 on {engine:?}");
            let mut play = Play::begin(&app, *seed).await;
            for step in 0..STEPS {
                play.step(step).await;
            }
            play.end().await;
            app.verify().await;
            play.said.into_iter().for_each(|(answer, times)| *said.entry(answer).or_default() += times);
        }
        app.finish().await;
    }
    println!("{said:#?}");
}

#[tokio::test]
async fn the_books_agree_with_the_model_on_sqlite() {
    run(Engine::Sqlite).await;
}

#[tokio::test]
async fn the_books_agree_with_the_model_on_postgres() {
    run(Engine::Postgres).await;
}
