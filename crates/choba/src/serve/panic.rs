//! A panic ends one request, not the process, and is logged once.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::pin::pin;
use std::sync::Once;

/// A panic that was caught.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caught {
    /// What it said.
    pub message: String,
    /// File and line, if the hook is installed.
    pub place: String,
}

thread_local! {
    /// Whether this thread is inside [`catch`], which logs by itself.
    static CATCHING: Cell<bool> = const { Cell::new(false) };
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Replaces the text that Rust writes to standard error by one log line; panics inside [`catch`] are logged by who
/// catches them.
pub fn install_hook() {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        std::panic::set_hook(Box::new(|info: &PanicHookInfo<'_>| {
            let place = info.location().map(ToString::to_string).unwrap_or_default();
            if CATCHING.get() {
                return PLACE.set(place);
            }
            tracing::error!(panic = message(info.payload()), place, "a thread panicked");
        }));
    });
}

/// Runs `future`; a panic in it is the error.
pub async fn catch<F: Future>(future: F) -> Result<F::Output, Caught> {
    let mut future = pin!(future);
    std::future::poll_fn(move |context| {
        let before = CATCHING.replace(true);
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)));
        CATCHING.set(before);
        match polled {
            Ok(poll) => poll.map(Ok),
            Err(payload) => {
                let caught = Caught { message: message(payload.as_ref()).to_owned(), place: PLACE.take() };
                std::task::Poll::Ready(Err(caught))
            }
        }
    })
    .await
}

fn message(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&'static str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("a panic without a message")
}
