//! What one server process runs: routes, background workers, checks of readiness. Everything is put together here.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use pay::http::Route;
use pay::request_log::{self, Recorder};
use tokio::task::{JoinHandle, JoinSet};

use crate::serve::health::{self, ReadyCheck};
use crate::serve::{self, Drained, Refusal, Running, ServeError, ServeSettings, panic};
use crate::stop::{Stop, Stopper};

/// The parts of a server, before it starts.
#[derive(Default)]
pub struct App {
    router: Router,
    operations: Vec<(Method, String)>,
    workers: Vec<Worker>,
    checks: Vec<ReadyCheck>,
    pages: Option<web::Ui>,
    recorder: Option<Recorder>,
}

type Working = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Background work: a task that runs beside the listener until the server stops.
#[derive(Clone)]
pub struct Worker {
    name: &'static str,
    work: Arc<dyn Fn(Stop) -> Working + Send + Sync>,
}

impl Worker {
    /// Work called `name` in log lines. `work` runs until its [`Stop`] asks for the end, finishing what it is at; it is
    /// started again if it panics.
    pub fn new<F, W>(name: &'static str, work: F) -> Worker
    where
        F: Fn(Stop) -> W + Send + Sync + 'static,
        W: Future<Output = ()> + Send + 'static,
    {
        Worker { name, work: Arc::new(move |stop| Box::pin(work(stop))) }
    }

    /// Runs `step` again and again, `pause` apart, until the end is asked for; a step that began is finished.
    pub fn every<F, W>(name: &'static str, pause: Duration, step: F) -> Worker
    where
        F: Fn() -> W + Send + Sync + 'static,
        W: Future<Output = ()> + Send + 'static,
    {
        let step = Arc::new(step);
        Worker::new(name, move |mut stop| {
            let step = step.clone();
            async move {
                while !stop.is_requested() {
                    step().await;
                    let _ = tokio::time::timeout(pause, stop.requested()).await;
                }
            }
        })
    }

    async fn run(self, mut stop: Stop) {
        while let Err(caught) = panic::catch((self.work)(stop.clone())).await {
            let Worker { name, .. } = self;
            tracing::error!(worker = name, panic = caught.message, place = caught.place, "a worker panicked");
            metrics::counter!("choba_worker_panics_total", "worker" => name).increment(1);
            if tokio::time::timeout(RESTART_PAUSE, stop.requested()).await.is_ok() {
                return;
            }
        }
    }
}

/// Pause before a worker that panicked is started again.
const RESTART_PAUSE: Duration = Duration::from_secs(1);

impl App {
    /// A server that answers nothing but `/healthz` and `/readyz`.
    pub fn new() -> App {
        App::default()
    }

    /// Adds routes that no document describes, such as pages for people. They have no fallback of their own: unknown
    /// paths and methods are answered by the server.
    #[must_use]
    pub fn routes(mut self, router: Router) -> App {
        self.router = self.router.merge(router);
        self
    }

    /// Answers people who ask for a path that there is not with a page.
    #[must_use]
    pub fn pages(mut self, ui: web::Ui) -> App {
        self.pages = Some(ui);
        self
    }

    /// Offers what programs ask of the LITE API to the request log.
    #[must_use]
    pub fn recorded(mut self, recorder: Recorder) -> App {
        self.recorder = Some(recorder);
        self
    }

    /// Adds what programs may ask for; the OpenAPI document describes every one of them.
    #[must_use]
    pub fn operations(mut self, routes: impl IntoIterator<Item = Route>) -> App {
        for (method, path, handler) in routes {
            self.router = self.router.route(&path, handler);
            self.operations.push((method, path));
        }
        self
    }

    /// Method and path of everything that programs may ask for.
    pub fn operation_list(&self) -> Vec<(Method, String)> {
        let health = health::routes(Vec::new(), Stop::new().1);
        let health = health.into_iter().map(|(method, path, _)| (method, path));
        self.operations.iter().cloned().chain(health).collect()
    }

    /// Adds background work.
    #[must_use]
    pub fn worker(mut self, worker: Worker) -> App {
        self.workers.push(worker);
        self
    }

    /// Adds a check that must be content for `/readyz`.
    #[must_use]
    pub fn ready_when(mut self, check: ReadyCheck) -> App {
        self.checks.push(check);
        self
    }

    /// Everything that can be asked of the server, with answers for unknown paths and methods.
    pub fn into_router(mut self, stop: Stop) -> Router {
        let checks = std::mem::take(&mut self.checks);
        let (pages, recorder) = (self.pages.take(), self.recorder.take());
        let router = self
            .operations(health::routes(checks, stop))
            .router
            .fallback(move |request| no_such_path(pages.clone(), request))
            .method_not_allowed_fallback(|| async { Refusal::MethodNotAllowed.response() });
        match recorder {
            Some(recorder) => router.layer(from_fn_with_state(recorder, request_log::recorder::record)),
            None => router,
        }
    }

    /// Starts listener and workers on the runtime of the caller. Tests call it with [`ServeSettings::local`].
    pub async fn start(mut self, settings: ServeSettings) -> Result<RunningApp, ServeError> {
        let (stopper, stop) = Stop::new();
        let (worker_stopper, worker_stop) = Stop::new();
        let workers = std::mem::take(&mut self.workers);
        let patience = settings.drain_timeout;
        let running = serve::start(self.into_router(stop), settings).await?;
        let mut tasks = JoinSet::new();
        for worker in workers {
            tasks.spawn(worker.run(worker_stop.clone()));
        }
        let workers = tokio::spawn(async move { while tasks.join_next().await.is_some() {} });
        Ok(RunningApp { running, stopper, worker_stopper, workers, patience })
    }
}

/// A page for people, an error of the API for programs.
async fn no_such_path(pages: Option<web::Ui>, request: Request) -> Response {
    let page = pages.and_then(|ui| web::ui::problem::absent(ui, &request));
    page.unwrap_or_else(|| Refusal::NoSuchPath.response())
}

/// A server that runs.
#[derive(Debug)]
pub struct RunningApp {
    running: Running,
    stopper: Stopper,
    worker_stopper: Stopper,
    workers: JoinHandle<()>,
    patience: Duration,
}

impl RunningApp {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.running.address()
    }

    /// Stops gracefully: no longer ready, requests that were accepted are answered, then workers finish what they are
    /// at. Returns how many connections had to be cut off.
    pub async fn stop(self) -> Drained {
        self.stopper.stop();
        let drained = self.running.stop().await;
        // Workers last: requests in flight may wait for what they do.
        self.worker_stopper.stop();
        let mut workers = self.workers;
        if tokio::time::timeout(self.patience, &mut workers).await.is_err() {
            tracing::warn!("a worker did not come to its end in time; it is cut off");
            workers.abort();
        }
        drained
    }
}
