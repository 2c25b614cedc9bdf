//! Jobs on their way to the threads of the store. Of the threads that have nothing to do, the last one is woken first.
//!
//! What few threads can do, few do: on PostgreSQL each has a connection with its prepared statements, on SQLite each a
//! cache of pages. A server with little to do keeps few of them warm instead of all of them lukewarm.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::job::Job;

type Jobs = Vec<Box<dyn Job>>;

/// Jobs that wait, and threads that wait for jobs.
pub(super) struct Queue {
    state: Mutex<State>,
    limit: usize,
}

struct State {
    jobs: VecDeque<Box<dyn Job>>,
    /// Threads that wait, in the order in which they began to.
    waiting: Vec<Arc<Condvar>>,
    closed: bool,
}

/// Where one thread waits.
#[derive(Default)]
pub(super) struct Seat(Arc<Condvar>);

/// What came of waiting.
pub(super) enum Taken {
    /// At least one job, the one that waited longest first.
    Jobs(Jobs),
    /// None within the time.
    Nothing,
    /// None is left, and none will come.
    Closed,
}

/// Why a job was not accepted.
pub(super) enum NotAccepted {
    /// As many wait as may.
    Full,
    /// The store is closing.
    Closed,
}

impl Queue {
    /// At most `limit` jobs wait.
    pub(super) fn new(limit: usize) -> Queue {
        Queue { state: Mutex::new(State { jobs: VecDeque::new(), waiting: Vec::new(), closed: false }), limit }
    }

    /// Adds a job, and wakes a thread for it if one waits.
    pub(super) fn push(&self, job: Box<dyn Job>) -> Result<(), NotAccepted> {
        let mut state = self.lock();
        if state.closed {
            return Err(NotAccepted::Closed);
        }
        if state.jobs.len() >= self.limit {
            return Err(NotAccepted::Full);
        }
        state.jobs.push_back(job);
        let woken = state.waiting.pop();
        drop(state);
        if let Some(woken) = woken {
            woken.notify_one();
        }
        Ok(())
    }

    /// Takes jobs: of those that wait as many as `share` says for their number, but one at least. Waits for them,
    /// `patience` long or for ever.
    pub(super) fn take(&self, seat: &Seat, share: impl Fn(usize) -> usize, patience: Option<Duration>) -> Taken {
        let mut state = self.lock();
        loop {
            if !state.jobs.is_empty() {
                let count = share(state.jobs.len()).clamp(1, state.jobs.len());
                return Taken::Jobs(state.jobs.drain(..count).collect());
            }
            if state.closed {
                return Taken::Closed;
            }
            state.waiting.push(seat.0.clone());
            let (woken, timed_out) = match patience {
                None => (seat.0.wait(state).unwrap_or_else(PoisonError::into_inner), false),
                Some(patience) => {
                    let (state, waited) = seat.0.wait_timeout(state, patience).unwrap_or_else(PoisonError::into_inner);
                    (state, waited.timed_out())
                }
            };
            state = woken;
            // Who was woken for a job is off the list already; the job may have gone to a thread that came by.
            state.waiting.retain(|waiting| !Arc::ptr_eq(waiting, &seat.0));
            if timed_out && state.jobs.is_empty() && !state.closed {
                return Taken::Nothing;
            }
        }
    }

    /// Accepts no further job; what waits is still taken.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.waiting.drain(..).for_each(|waiting| waiting.notify_one());
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::StoreError;
    use crate::tx::Tx;

    struct Nothing;

    impl Job for Nothing {
        fn run(&mut self, _: &mut Tx<'_>) -> super::super::job::Verdict {
            super::super::job::Verdict::Keep
        }

        fn answer(self: Box<Self>, _: Result<(), StoreError>) {}
    }

    fn taken(queue: &Queue, most: usize) -> Option<usize> {
        match queue.take(&Seat::default(), |_| most, Some(Duration::ZERO)) {
            Taken::Jobs(jobs) => Some(jobs.len()),
            Taken::Nothing => None,
            Taken::Closed => Some(0),
        }
    }

    #[test]
    fn a_share_of_what_waits_is_taken_and_what_was_accepted_is_never_lost() {
        let queue = Queue::new(5);
        for _ in 0..5 {
            assert!(queue.push(Box::new(Nothing)).is_ok());
        }
        assert!(matches!(queue.push(Box::new(Nothing)), Err(NotAccepted::Full)));
        assert_eq!((taken(&queue, 3), taken(&queue, 0)), (Some(3), Some(1)));
        queue.close();
        assert!(matches!(queue.push(Box::new(Nothing)), Err(NotAccepted::Closed)));
        assert_eq!((taken(&queue, 3), taken(&queue, 3)), (Some(1), Some(0)));
    }

    #[test]
    fn the_thread_that_waited_last_is_woken_first() {
        let queue = Arc::new(Queue::new(10));
        let (tell, told) = std::sync::mpsc::channel();
        let threads: Vec<_> = (0..3)
            .map(|number| {
                let (thread_queue, tell) = (queue.clone(), tell.clone());
                let thread = std::thread::spawn(move || {
                    let seat = Seat::default();
                    while let Taken::Jobs(jobs) = thread_queue.take(&seat, |_| 1, None) {
                        tell.send((number, jobs.len())).unwrap();
                    }
                });
                while queue.lock().waiting.len() <= number {
                    std::thread::yield_now();
                }
                thread
            })
            .collect();
        assert_eq!(taken(&queue, 1), None);
        for _ in 0..4 {
            assert!(queue.push(Box::new(Nothing)).is_ok());
            assert_eq!(told.recv().unwrap(), (2, 1));
            while queue.lock().waiting.len() < 3 {
                std::thread::yield_now();
            }
        }
        queue.close();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    }
}
