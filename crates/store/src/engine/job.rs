//! An operation on its way through a database thread and back to who waits for it.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::oneshot;

use crate::error::{ErrorKind, StoreError};
use crate::tx::Tx;

/// What to do with what an operation wrote.
#[derive(Debug)]
pub(super) enum Verdict {
    /// It succeeded.
    Keep,
    /// It refused: undo it, and answer with the refusal.
    Undo,
    /// The database failed under it: undo it, perhaps run it again.
    Failed(StoreError),
}

/// An operation whose types are forgotten.
pub(super) trait Job: Send {
    /// Runs the operation (again) and keeps its result.
    fn run(&mut self, tx: &mut Tx<'_>) -> Verdict;

    /// Hands the kept result to who waits, or the failure that came instead of a commit.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

pub(super) struct TypedJob<T, E, F> {
    op: F,
    result: Option<Result<T, E>>,
    waiting: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> TypedJob<T, E, F>
where
    F: FnMut(&mut Tx<'_>) -> Result<T, E>,
{
    pub(super) fn new(op: F) -> (Self, oneshot::Receiver<Result<T, E>>) {
        let (waiting, answer) = oneshot::channel();
        (TypedJob { op, result: None, waiting }, answer)
    }
}

impl<T, E, F> Job for TypedJob<T, E, F>
where
    F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> Verdict {
        self.result = None;
        match catch_unwind(AssertUnwindSafe(|| (self.op)(tx))) {
            Err(panic) => Verdict::Failed(StoreError::new(ErrorKind::Panicked, panic_text(panic.as_ref()))),
            Ok(result) => {
                let succeeded = result.is_ok();
                self.result = Some(result);
                match tx.take_failure() {
                    Some(failure) => Verdict::Failed(failure),
                    None if succeeded => Verdict::Keep,
                    None => Verdict::Undo,
                }
            }
        }
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let answer = match (committed, self.result) {
            (Err(failure), _) => Err(E::from(failure)),
            (Ok(()), Some(result)) => result,
            (Ok(()), None) => Err(E::from(StoreError::programming("an operation was committed without a result"))),
        };
        // Who waited may have given up (a closed connection): the change stands all the same.
        let _ = self.waiting.send(answer);
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("a panic without a text").to_owned()
}
