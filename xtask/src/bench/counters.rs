//! What the database did meanwhile: the store's own metrics, and PostgreSQL's statistics.

use anyhow::{Context, Result};

use super::figures::Writing;
use crate::http;
use crate::postgres::Postgres;
use crate::server::Server;

/// The store's histogram of how many operations share one commit (SQLite).
const BATCH_SIZE: &str = "choba_store_batch_size";

/// Where the counters stand.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counters {
    operations: f64,
    commits: f64,
    rows: Option<f64>,
}

impl Counters {
    /// Reads them: of PostgreSQL where there is one, else from the server's metrics.
    pub fn read(server: &Server, postgres: Option<(&Postgres, &str)>) -> Result<Counters> {
        match postgres {
            Some((postgres, database)) => of_postgres(postgres, database),
            None => Ok(of_metrics(&http::get(server.metrics, "/metrics", None)?.body)),
        }
    }

    /// What was done for each of `changes` since `before`.
    pub fn since(self, before: Counters, changes: u64) -> Option<Writing> {
        if changes == 0 {
            return None;
        }
        let each = |now: f64, then: f64| (now - then) / changes as f64;
        Some(Writing {
            operations: each(self.operations, before.operations),
            commits: each(self.commits, before.commits),
            rows: self.rows.zip(before.rows).map(|(now, then)| each(now, then)),
        })
    }
}

/// On PostgreSQL each operation is a transaction. A backend reports what it did about once a second at most, so the first
/// and the last second blur into the neighbours.
fn of_postgres(postgres: &Postgres, database: &str) -> Result<Counters> {
    let statement = "SELECT xact_commit, tup_inserted + tup_updated + tup_deleted FROM pg_stat_database \
                     WHERE datname = current_database()";
    let answer = postgres.ask(database, statement)?;
    let (commits, rows) = answer.split_once('|').context("pg_stat_database")?;
    let commits = commits.parse().context("xact_commit")?;
    Ok(Counters { operations: commits, commits, rows: Some(rows.parse().context("tup_inserted")?) })
}

fn of_metrics(text: &str) -> Counters {
    let value = |name: &str| -> f64 {
        let samples = text.lines().filter(|line| line.split(['{', ' ']).next() == Some(name));
        samples.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
    };
    Counters {
        operations: value(&format!("{BATCH_SIZE}_sum")),
        commits: value(&format!("{BATCH_SIZE}_count")),
        rows: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_metrics_are_read() {
        let text = |sum: u32, count: u32| {
            format!(
                "# TYPE {BATCH_SIZE} summary\n{BATCH_SIZE}{{quantile=\"0.5\"}} 3\n{BATCH_SIZE}_sum {sum}\n{BATCH_SIZE}_count {count}\n"
            )
        };
        let writing = of_metrics(&text(1100, 60)).since(of_metrics(&text(100, 10)), 500).unwrap();
        assert!((writing.operations - 2.0).abs() < 0.001 && (writing.commits - 0.1).abs() < 0.001);
        assert!(writing.rows.is_none());
        assert!(of_metrics("").since(Counters::default(), 0).is_none());
    }
}
