//! Whether the process lives, and whether it can do its work: what orchestrators and load balancers ask.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use pay::http::Route;

use crate::stop::Stop;

/// Why the process is not ready, in words that anybody may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotReady(pub &'static str);

type Checking = Pin<Box<dyn Future<Output = Result<(), NotReady>> + Send>>;

/// A question whose answer decides whether the process is ready.
#[derive(Clone)]
pub struct ReadyCheck(Arc<dyn Fn() -> Checking + Send + Sync>);

impl ReadyCheck {
    /// Asks by running `check`.
    pub fn new<F, A>(check: F) -> ReadyCheck
    where
        F: Fn() -> A + Send + Sync + 'static,
        A: Future<Output = Result<(), NotReady>> + Send + 'static,
    {
        ReadyCheck(Arc::new(move || Box::pin(check())))
    }

    /// Ready when a read of the database answers.
    pub fn of_store(store: store::Store) -> ReadyCheck {
        ReadyCheck::new(move || {
            let store = store.clone();
            async move {
                let read = store.read(|tx| store::migration::applied(tx).map(|_| ())).await;
                read.map_err(|error: store::StoreError| {
                    tracing::warn!(%error, "not ready: the database does not answer");
                    NotReady("the database does not answer")
                })
            }
        })
    }
}

/// How long a check may take.
const CHECK_LIMIT: Duration = Duration::from_secs(5);

/// `/healthz`: the process lives. `/readyz`: it is not stopping and every check is content.
pub fn routes(checks: Vec<ReadyCheck>, stop: Stop) -> [Route; 2] {
    let checks: Arc<[ReadyCheck]> = checks.into();
    let ready = move || {
        let (checks, stop) = (checks.clone(), stop.clone());
        async move { report(is_ready(&checks, &stop).await) }
    };
    let live = || async { report(Ok(())) };
    [(Method::GET, "/healthz".to_owned(), get(live)), (Method::GET, "/readyz".to_owned(), get(ready))]
}

async fn is_ready(checks: &[ReadyCheck], stop: &Stop) -> Result<(), NotReady> {
    if stop.is_requested() {
        return Err(NotReady("the server is stopping"));
    }
    for check in checks {
        let answer = tokio::time::timeout(CHECK_LIMIT, (check.0)()).await;
        answer.unwrap_or(Err(NotReady("a check takes too long")))?;
    }
    Ok(())
}

fn report(ready: Result<(), NotReady>) -> Response {
    let never_kept = [(header::CACHE_CONTROL, "no-store")];
    match ready {
        Ok(()) => (never_kept, Json(serde_json::json!({"status": "ok"}))).into_response(),
        Err(NotReady(reason)) => {
            let body = Json(serde_json::json!({"status": "unavailable", "reason": reason}));
            (StatusCode::SERVICE_UNAVAILABLE, never_kept, body).into_response()
        }
    }
}
