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
/// How long an unanswered request may stay so. A lease is 60 seconds long, and a database on a server of its own may still
/// commit one for a process that is dead already.
const PATIENCE_SECONDS: u64 = 180;

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
    std::env::var("CHOBA_CRASH_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(20)
}

impl Office {
    pub fn of(house: &House, dice: &SeededEntropy) -> Office {
        let clerks = (0..CLERKS).map(|number| Clerk::new(format!("clerk-{number}"), dice.next())).collect();
        Office { clerks, private_key: house.sandbox_key() }
    }

    /// Everybody works until the server is gone. With the answer that has the number `moment`, `strike` is called.
    pub fn work_until_gone(&mut self, server: &Server, moment: u64, strike: impl Fn() + Sync) {
        let left = AtomicI64::new(moment as i64);
        self.everybody(server, |clerk, connection| {
            loop {
                match clerk.step(connection) {
                    Outcome::Lost => return,
                    Outcome::NotNow => {}
                    Outcome::Acknowledged => {
                        if left.fetch_sub(1, Ordering::SeqCst) == 1 {
                            strike();
                        }
                    }
                }
            }
        });
    }

    /// The same with a server that stays: until `afterwards` more answers have come when the strike is over.
    pub fn work_through(&mut self, server: &Server, moment: u64, afterwards: u64, strike: impl Fn() + Sync) {
        let left = AtomicI64::new(moment as i64);
        let left_afterwards = AtomicI64::new(i64::MAX);
        self.everybody(server, |clerk, connection| {
            while left_afterwards.load(Ordering::SeqCst) > 0 {
                let outcome = clerk.step(connection);
                assert_ne!(outcome, Outcome::Lost, "the server went away");
                if outcome == Outcome::NotNow {
                    continue;
                }
                left_afterwards.fetch_sub(1, Ordering::SeqCst);
                if left.fetch_sub(1, Ordering::SeqCst) == 1 {
                    strike();
                    left_afterwards.store(afterwards as i64, Ordering::SeqCst);
                }
            }
        });
    }

    /// Every clerk sends until `done` says of an outcome, and of how many there were, that it is enough.
    pub fn each_until(&mut self, server: &Server, done: impl Fn(Outcome, usize) -> bool + Sync) {
        self.everybody(server, |clerk, connection| {
            let waiting = Stopwatch::start();
            let mut tries = 1;
            while !done(clerk.step(connection), tries) {
                tries += 1;
                assert!(waiting.elapsed().as_secs() < PATIENCE_SECONDS, "the outcome never came");
            }
        });
    }

    /// Each clerk in a thread of his own, with a connection of his own.
    fn everybody(&mut self, server: &Server, work: impl Fn(&mut Clerk, &mut Connection) + Sync) {
        let (address, key) = (server.address, self.private_key.as_str());
        std::thread::scope(|scope| {
            for clerk in &mut self.clerks {
                let work = &work;
                scope.spawn(move || {
                    // Who comes late finds nobody.
                    if let Some(mut connection) = Connection::open(address, key) {
                        work(clerk, &mut connection);
                    }
                });
            }
        });
    }

    /// Sends again what was not answered, until it is.
    pub fn settle(&mut self, server: &Server) {
        self.everybody(server, |clerk, connection| {
            let waiting = Stopwatch::start();
            while clerk.unanswered().is_some() {
                assert_ne!(clerk.step(connection), Outcome::Lost, "the server went away");
                assert!(waiting.elapsed().as_secs() < PATIENCE_SECONDS, "a request stays unanswered");
            }
        });
    }

    /// Keys of the requests that were sent and not answered for good.
    pub fn unanswered(&self) -> impl Iterator<Item = &str> {
        self.clerks.iter().filter_map(Clerk::unanswered)
    }

    /// How many answers ended in the middle.
    pub fn broken_off(&self) -> usize {
        self.clerks.iter().map(|clerk| clerk.broken_off).sum()
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
            assert_eq!(clerk.unanswered(), None);
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
