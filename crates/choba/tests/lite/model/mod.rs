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

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{variable}={text:?}")))
}

async fn run(engine: Engine) {
    let (cases, first) = (number("CHOBA_MODEL_CASES", CASES), number("CHOBA_MODEL_SEED", 1));
    let app = TestApp::start(engine, Setup::default()).await;
    let mut said: BTreeMap<String, usize> = BTreeMap::new();
    for seed in first..first + cases {
        println!("CHOBA_MODEL_SEED={seed} on {engine:?}");
        let mut play = Play::begin(&app, seed).await;
        for step in 0..STEPS {
            play.step(step).await;
        }
        play.end().await;
        app.verify().await;
        play.said.into_iter().for_each(|(answer, times)| *said.entry(answer).or_default() += times);
    }
    println!("{said:#?}");
    app.finish().await;
}

#[tokio::test]
async fn the_books_agree_with_the_model_on_sqlite() {
    run(Engine::Sqlite).await;
}

#[tokio::test]
async fn the_books_agree_with_the_model_on_postgres() {
    run(Engine::Postgres).await;
}
