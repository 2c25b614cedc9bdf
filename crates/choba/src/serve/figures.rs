//! Figures: counted while requests are answered, shown on a listener of their own.

use std::collections::HashMap;
use std::sync::{OnceLock, PoisonError, RwLock};
use std::time::Duration;

use axum::Router;
use axum::http::{Method, header};
use axum::routing::get;
use metrics::{Counter, Histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

const REQUESTS: &str = "choba_http_requests_total";
const SECONDS: &str = "choba_http_request_seconds";

/// Upper ends of the classes that times are counted in, in seconds.
const BUCKETS: [f64; 14] = [0.0005, 0.001, 0.002, 0.004, 0.008, 0.015, 0.03, 0.06, 0.125, 0.25, 0.5, 1.0, 5.0, 20.0];

/// Counters of requests, found again without building their labels anew.
#[derive(Default)]
pub(super) struct Figures {
    /// By method and status, then by route.
    known: RwLock<HashMap<(&'static str, u16), ByRoute>>,
}

type ByRoute = HashMap<Box<str>, (Counter, Histogram)>;

impl Figures {
    /// The method if it is one of the standard ones: labels must not be chosen by strangers.
    pub(super) fn method_label(method: &Method) -> &'static str {
        match *method {
            Method::GET => "GET",
            Method::POST => "POST",
            Method::PUT => "PUT",
            Method::PATCH => "PATCH",
            Method::DELETE => "DELETE",
            Method::HEAD => "HEAD",
            Method::OPTIONS => "OPTIONS",
            _ => "other",
        }
    }

    /// Counts one answer.
    pub(super) fn record(&self, method: &'static str, route: &str, status: u16, elapsed: Duration) {
        let count = |(counter, histogram): &(Counter, Histogram)| {
            counter.increment(1);
            histogram.record(elapsed.as_secs_f64());
        };
        {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(figures) = known.get(&(method, status)).and_then(|routes| routes.get(route)) {
                return count(figures);
            }
        }
        let labels = [("method", method.to_owned()), ("route", route.to_owned())];
        let counter = metrics::counter!(
            REQUESTS, "method" => method, "route" => route.to_owned(), "status" => status.to_string()
        );
        let figures = (counter, metrics::histogram!(SECONDS, &labels));
        count(&figures);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.entry((method, status)).or_default().insert(route.into(), figures);
    }
}

/// Begins to keep figures in this process, once; all listeners of the process share them.
pub fn recorder() -> &'static PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(|| {
        let builder = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &BUCKETS);
        let recorder = builder.expect("the classes are not empty").build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::error!("figures are kept by another recorder of this process; /metrics will be empty");
        }
        metrics::describe_counter!(REQUESTS, "Requests answered");
        metrics::describe_histogram!(SECONDS, metrics::Unit::Seconds, "Time from the head of a request to its answer");
        metrics::describe_gauge!("process_resident_memory_bytes", metrics::Unit::Bytes, "Resident memory");
        metrics::describe_gauge!("choba_build_info", "Always 1; the labels say what runs");
        metrics::gauge!("choba_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1);
        handle
    })
}

/// How often recorded times are sorted into their classes; in between they take up memory.
pub(crate) const UPKEEP: Duration = Duration::from_secs(5);

/// `GET /metrics` in the text format of Prometheus.
pub fn router(handle: &'static PrometheusHandle) -> Router {
    let render = move || async move {
        if let Some(bytes) = resident_bytes() {
            // Whole bytes up to 2^53 are exact in a figure, far more than a machine has.
            metrics::gauge!("process_resident_memory_bytes").set(bytes as f64);
        }
        ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], handle.render())
    };
    Router::new().route("/metrics", get(render))
}

/// Memory of this process that is in RAM, as the kernel tells it; none where it does not.
pub fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()?.checked_mul(1_024)
}
