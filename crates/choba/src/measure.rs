//! Figures that only the database knows: what waits, what is overdue, what is not sealed yet.

use store::{Store, StoreError, audit, outbox, timer};

/// Measures once; a failure is logged.
pub async fn measure(store: &Store) {
    let measured = store
        .read(|tx| {
            let attempts = pay::attempt::rows::running(tx, pay::attempt::settle::TRIES_STUCK)?;
            Ok::<_, StoreError>((outbox::lag(tx)?, timer::overdue_count(tx)?, audit::unsealed_count(tx)?, attempts))
        })
        .await;
    match measured {
        Err(error) => tracing::warn!(%error, "measuring the database"),
        Ok((lag, overdue, unsealed, (running, stuck))) => {
            metrics::gauge!("choba_outbox_waiting").set(lag.waiting as f64);
            metrics::gauge!("choba_outbox_failed").set(lag.failed as f64);
            metrics::gauge!("choba_outbox_overdue_micros").set(lag.overdue_micros as f64);
            metrics::gauge!("choba_timers_overdue").set(overdue as f64);
            metrics::gauge!("choba_audit_unsealed").set(unsealed as f64);
            metrics::gauge!("choba_attempts_running").set(running as f64);
            metrics::gauge!("choba_attempts_stuck").set(stuck as f64);
        }
    }
}
