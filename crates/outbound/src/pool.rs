//! Connections that wait for their next request.
//!
//! They wait for a few seconds only: long enough for many deliveries a second to one host, and shorter than common
//! servers wait before they close (5 seconds), so a request rarely meets a connection that is just being closed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::connection::{Connection, Key};

/// An idle connection is closed by the second sweep after it became idle: after 2 to 4 seconds.
const SWEEP_EVERY: Duration = Duration::from_secs(2);
/// For one key; what comes on top is closed.
const IDLE_MAX_OF_KEY: usize = 32;
/// For all keys together.
const IDLE_MAX: usize = 512;

/// Idle connections by what they are connected to.
#[derive(Default)]
pub(crate) struct Pool {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    idle: HashMap<Key, Vec<Idle>>,
    count: usize,
    sweeps: u64,
    sweeper: Option<JoinHandle<()>>,
}

struct Idle {
    connection: Connection,
    since_sweep: u64,
}

impl Pool {
    /// The connection for `key` that was used last, if one is left open.
    pub(crate) fn take(&self, key: &Key) -> Option<Connection> {
        let mut state = self.lock();
        loop {
            let waiting = state.idle.get_mut(key)?;
            let last = waiting.pop();
            if waiting.is_empty() {
                state.idle.remove(key);
            }
            let connection = last?.connection;
            state.count -= 1;
            if !connection.is_closed() {
                return Some(connection);
            }
        }
    }

    /// Lets `connection` wait for the next request to `key`.
    pub(crate) fn put(self: &Arc<Pool>, key: Key, connection: Connection) {
        let mut state = self.lock();
        let waiting = state.idle.get(&key).map_or(0, Vec::len);
        if connection.is_closed() || state.count >= IDLE_MAX || waiting >= IDLE_MAX_OF_KEY {
            return;
        }
        let since_sweep = state.sweeps;
        state.idle.entry(key).or_default().push(Idle { connection, since_sweep });
        state.count += 1;
        // It ends when nothing is left to sweep, and with the runtime that it was started on.
        if state.sweeper.as_ref().is_none_or(JoinHandle::is_finished) {
            state.sweeper = Some(tokio::spawn(sweep_until_empty(Arc::downgrade(self))));
        }
    }

    /// Closes what was idle at the last sweep already. Whether anything is left.
    fn sweep(&self) -> bool {
        let mut state = self.lock();
        state.sweeps += 1;
        let sweeps = state.sweeps;
        for waiting in state.idle.values_mut() {
            waiting.retain(|idle| idle.since_sweep + 1 >= sweeps && !idle.connection.is_closed());
        }
        state.idle.retain(|_, waiting| !waiting.is_empty());
        state.count = state.idle.values().map(Vec::len).sum();
        if state.count == 0 {
            state.sweeper = None;
        }
        state.count > 0
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn sweep_until_empty(pool: Weak<Pool>) {
    loop {
        tokio::time::sleep(SWEEP_EVERY).await;
        match pool.upgrade() {
            Some(pool) if pool.sweep() => {}
            Some(_) | None => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use kernel::{Clock, Timestamp};
    use tokio::io::AsyncReadExt;
    use tokio::net::TcpListener;

    use super::*;
    use crate::{Guard, tls::Tls};

    struct Stopped;

    impl Clock for Stopped {
        fn now(&self) -> Timestamp {
            Timestamp::from_seconds(0)
        }
    }

    #[tokio::test]
    async fn what_stays_idle_is_closed_by_the_second_sweep() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let key = Key { tls: false, host: "127.0.0.1".to_owned(), port, pin: None };
        let limit = pin!(tokio::time::sleep(Duration::from_secs(20)));
        let opened = Connection::open(&key, &Guard::operator(), &Tls::new(Arc::new(Stopped)), limit).await;
        let (mut server_side, _) = listener.accept().await.unwrap();

        let pool = Arc::new(Pool::default());
        pool.put(key.clone(), opened.unwrap_or_else(|error| panic!("{error}")));
        assert!(pool.sweep());
        let connection = pool.take(&key).unwrap();
        assert!(pool.take(&key).is_none());
        pool.put(key.clone(), connection);
        assert!(pool.sweep());
        assert!(!pool.sweep());
        assert!(pool.take(&key).is_none());
        assert_eq!(server_side.read(&mut [0]).await.unwrap(), 0);
    }
}
