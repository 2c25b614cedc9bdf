//! Which route a request took, for figures and log lines: the template of its path, never the path itself.

use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use axum::extract::MatchedPath;
use axum::http::Request;
use tower::{Layer, Service};

/// Where the router notes which route a request took. Empty when none matched.
#[derive(Clone, Debug, Default)]
pub(super) struct RouteSlot(Arc<OnceLock<MatchedPath>>);

impl RouteSlot {
    /// The template, or `unmatched`.
    pub(super) fn template(&self) -> &str {
        self.0.get().map_or("unmatched", MatchedPath::as_str)
    }
}

/// Notes the route after routing; the router tells it to inner services only.
#[derive(Clone, Copy, Debug)]
pub(super) struct NoteRoute;

impl<S> Layer<S> for NoteRoute {
    type Service = NotingRoute<S>;

    fn layer(&self, inner: S) -> NotingRoute<S> {
        NotingRoute(inner)
    }
}

/// See [`NoteRoute`].
#[derive(Clone, Debug)]
pub(super) struct NotingRoute<S>(S);

impl<S: Service<Request<B>>, B> Service<Request<B>> for NotingRoute<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> S::Future {
        let extensions = request.extensions();
        if let (Some(slot), Some(path)) = (extensions.get::<RouteSlot>(), extensions.get::<MatchedPath>()) {
            // A slot is set once: the outermost router is the one that knows the whole template.
            let _ = slot.0.set(path.clone());
        }
        self.0.call(request)
    }
}
