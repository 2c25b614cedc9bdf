//! All clerks of a shop, who work at the same time.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};

use choba::system::Stopwatch;
use testkit::sim_clock::SeededEntropy;

use crate::books::{self, Held, Releases};
use crate::clerk::{Clerk, Outcome};
use crate::client::Connection;
use crate::house::House;
use crate::server::Server;

/// Connections at the same time.
const CLERKS: usize = 8;
/// How long an unanswered request may stay so.
const PATIENCE_SECONDS: u64 = 60;

/// The clerks, and the key that they send.
pub struct Office {
    clerks: Vec<Clerk>,
    private_key: String,
}

/// The dice of a test, printed so that they can be thrown again.
pub fn dice(test: &str) -> SeededEntropy {
    use std::hash::{BuildHasher as _, Hasher as _, RandomState};
    let given = std::env::var("CHOBA_CRASH_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed: u64 = given.unwrap_or_else(|| RandomState::new().build_hasher().finish());
    println!("{test}: CHOBA_CRASH_SEED={seed}");
    SeededEntropy::new(seed)
}

/// How many crashes each database goes through.
pub fn rounds() -> u64 {
    std::env::var("CHOBA_CRASH_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(10)
}

impl Office {
    pub fn of(house: &House, dice: &SeededEntropy) -> Office {
        let clerks = (0..CLERKS).map(|number| Clerk::new(format!("clerk-{number}"), dice.next())).collect();
        Office { clerks, private_key: house.sandbox_key() }
    }

    /// Everybody works until the server is gone. With the answer that is number `moment`, `strike` is called.
    pub fn work_until_gone(&mut self, server: &Server, moment: u64, strike: impl Fn() + Sync) {
        self.work(server, moment, strike, |outcome| outcome != Outcome::Lost);
    }

    /// Everybody works until `answers` requests are answered for good, through whatever happens meanwhile; `strike` is
    /// called with answer number `moment`.
    pub fn work(
        &mut self,
        server: &Server,
        moment: u64,
        strike: impl Fn() + Sync,
        goes_on: impl Fn(Outcome) -> bool + Sync,
    ) {
        let left = AtomicI64::new(moment as i64);
        let (address, key) = (server.address, self.private_key.as_str());
        std::thread::scope(|scope| {
            for clerk in &mut self.clerks {
                let (left, strike, goes_on) = (&left, &strike, &goes_on);
                scope.spawn(move || {
                    let Some(mut connection) = Connection::open(address, key) else { return };
                    loop {
                        let outcome = clerk.step(&mut connection);
                        if outcome == Outcome::Acknowledged && left.fetch_sub(1, Ordering::SeqCst) == 1 {
                            strike();
                        }
                        if !goes_on(outcome) {
                            return;
                        }
                    }
                });
            }
        });
    }

    /// Sends again what was not answered, until it is.
    pub fn settle(&mut self, server: &Server) {
        let (address, key) = (server.address, self.private_key.as_str());
        std::thread::scope(|scope| {
            for clerk in self.clerks.iter_mut().filter(|clerk| clerk.is_waiting()) {
                scope.spawn(move || {
                    let waiting = Stopwatch::start();
                    let mut connection = Connection::open(address, key).expect("a server");
                    while clerk.is_waiting() {
                        assert_ne!(clerk.step(&mut connection), Outcome::Lost, "the server went away");
                        assert!(waiting.elapsed().as_secs() < PATIENCE_SECONDS, "a request stays unanswered");
                    }
                });
            }
        });
    }

    /// Whether a request was sent and not answered for good.
    pub fn is_waiting(&self) -> bool {
        self.clerks.iter().any(Clerk::is_waiting)
    }

    /// How many requests were answered for good.
    pub fn answered(&self) -> usize {
        self.clerks.iter().map(|clerk| clerk.answered.len()).sum()
    }

    /// What was acknowledged holds: at the server, in its answers to the same requests, in the acquirer's book, and in a
    /// recount. Nothing may be waiting for an answer.
    pub fn assert_all(&self, house: &House, server: &Server, releases: Releases) {
        let mut connection = Connection::open(server.address, &self.private_key).expect("a server");
        for clerk in &self.clerks {
            assert!(!clerk.is_waiting());
            clerk.assert_charges(&mut connection);
            clerk.assert_repeated(&mut connection, 10);
        }
        books::assert_book(house, &self.expectations(), releases);
        house.verify();
    }

    /// How many acknowledged requests the server no longer knows of.
    pub fn forgotten(&self, server: &Server) -> usize {
        let mut connection = Connection::open(server.address, &self.private_key).expect("a server");
        self.clerks.iter().map(|clerk| clerk.forgotten(&mut connection)).sum()
    }

    fn expectations(&self) -> BTreeMap<String, Vec<Held>> {
        self.clerks.iter().flat_map(Clerk::expectations).collect()
    }

    /// A connection of somebody else with the same key.
    pub fn connection(&self, server: &Server) -> Connection {
        Connection::open(server.address, &self.private_key).expect("a server")
    }
}

/// Does nothing for a while too short for the clock of a scheduler.
pub fn spin(micros: u64) {
    let spinning = Stopwatch::start();
    while (spinning.elapsed().as_micros() as u64) < micros {
        std::hint::spin_loop();
    }
}
