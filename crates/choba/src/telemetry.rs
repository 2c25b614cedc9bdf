//! Log lines to standard error, as text for people or as JSON.
//!
//! No line holds personal or card data: log ids, never values.

use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{LogFormat, Settings};

/// Begins to write log lines, for the whole process. A second call changes nothing.
pub fn install(settings: &Settings) {
    // The filter was checked with the rest of the configuration.
    let filter: Targets =
        settings.log_filter.parse().unwrap_or_else(|_| Targets::new().with_default(tracing::Level::INFO));
    let registry = tracing_subscriber::registry().with(filter);
    let lines = fmt::layer().with_writer(std::io::stderr);
    // Who installed a subscriber before, such as a test, keeps it.
    let _ = match settings.log_format {
        LogFormat::Text => registry.with(lines.with_ansi(false)).try_init(),
        LogFormat::Json => registry.with(lines.json().flatten_event(true)).try_init(),
    };
    crate::serve::panic::install_hook();
}
