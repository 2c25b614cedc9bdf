//! The recount finds nothing on databases that are being written to, while answers get lost and releases wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use acquirer::simulator::Fault;
use kernel::{ChargeNumber, Environment};
use pay::Gateway;
use pay::attempt::Work;
use pay::gateway::Answer;
use pay::work;
use testkit::sim_clock::SeededEntropy;

use super::world::{World, change_of, items, number_of, order};

const WORKERS: usize = 4;
const CHARGES: usize = 25;
/// Looks at the books that are taken while the workers are at work.
const LOOKS_MIN: usize = 2;

/// Pays, and then does to the charge what chance says.
async fn live(gateway: &Gateway, chance: &SeededEntropy) {
    let total = 1_000 + 10 * chance.below(200) as i64;
    let point = if chance.below(2) == 0 { 0 } else { chance.below(total as u64 / 5) as i64 };
    let Ok(Answer::Charge(paid, _)) =
        gateway.pay(change_of(Environment::Sandbox, ""), order(total, point, "visa")).await
    else {
        return;
    };
    let number: ChargeNumber = number_of(&paid.to_json());
    for _ in 0..chance.below(5) {
        let work = match chance.below(5) {
            0 | 1 => Work::Capture,
            2 => Work::Cancel,
            _ => Work::Change(items(300 + 10 * chance.below(250) as i64)),
        };
        // Refusals and lost answers belong to life.
        let _ = gateway.change(change_of(Environment::Sandbox, ""), number, work).await;
    }
}

fn stays_clean(world: &World) {
    let chance = Arc::new(SeededEntropy::new(21));
    let lost = chance.clone();
    world.simulator.set_faults(Some(Arc::new(move |_| match lost.below(20) {
        0 => Fault::LoseAnswer,
        1 => Fault::LoseRequest,
        _ => Fault::None,
    })));
    let (looks, finished) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    for _ in 0..WORKERS {
        let (gateway, chance) = (world.gateway.clone(), chance.clone());
        let (looks, finished) = (looks.clone(), finished.clone());
        world.runtime.spawn(async move {
            for _ in 0..CHARGES {
                live(&gateway, &chance).await;
            }
            // However slow the machine is, somebody looks while there is work.
            while looks.load(Ordering::SeqCst) < LOOKS_MIN {
                live(&gateway, &chance).await;
            }
            finished.fetch_add(1, Ordering::SeqCst);
        });
    }
    while finished.load(Ordering::SeqCst) < WORKERS {
        let gateway = world.gateway.clone();
        let rounds = world.runtime.spawn(async move { work::background(&gateway).round().await.map(|_| ()) });
        let report = world.databases.verify();
        assert!(report.is_clean(), "look {looks:?}: {:#?}", report.findings);
        world.runtime.block_on(rounds).unwrap().unwrap();
        world.seal();
        world.clock.advance_seconds(20);
        looks.fetch_add(1, Ordering::SeqCst);
    }
    world.simulator.set_faults(None);
    for _ in 0..20 {
        world.clock.advance_seconds(3_600);
        world.work_off();
    }
    let report = world.databases.verify();
    assert!(report.is_clean(), "at the end: {:#?}", report.findings);
    assert!(report.counted["charge"] > 50);
}

#[test]
fn a_recount_at_work_finds_nothing_on_sqlite() {
    stays_clean(&World::sqlite());
}

#[test]
fn a_recount_at_work_finds_nothing_on_postgres() {
    stays_clean(&World::postgres());
}
