//! The figures of one run: collected row by row, judged against the goals, printed as a table and as JSON.

use serde_json::{Value, json};

use super::load::Outcome;

/// One measurement.
#[derive(Clone, Debug)]
pub struct Figure {
    /// `sqlite` or `postgres`, or which large database.
    pub database: String,
    /// `create`, `capture`, `list` …
    pub operation: String,
    /// Connections at once.
    pub connections: usize,
    /// What the load generator saw.
    pub outcome: Outcome,
    /// Processor time for each answer in microseconds: the server's, and the load generator's own.
    pub processor_us: (f64, f64),
    /// What the database did for each answer, where it was counted.
    pub writing: Option<Writing>,
}

/// What one change cost in the database.
#[derive(Clone, Copy, Debug, Default)]
pub struct Writing {
    /// Operations of the store for each change.
    pub operations: f64,
    /// Commits for each change; below 1 when several share one.
    pub commits: f64,
    /// Rows inserted, updated and deleted for each change, where the database counts them.
    pub rows: Option<f64>,
}

/// A single value, such as a baseline, a ratio or a size.
#[derive(Clone, Debug)]
pub struct Single {
    /// What it is.
    pub name: String,
    /// How much.
    pub value: f64,
    /// In what.
    pub unit: &'static str,
    /// What it should be, if that is said anywhere.
    pub goal: Option<Goal>,
}

/// What a value should be.
#[derive(Clone, Copy, Debug)]
pub enum Goal {
    /// This or more.
    AtLeast(f64),
    /// Less than this.
    Below(f64),
}

impl Goal {
    fn is_met(self, value: f64) -> bool {
        match self {
            Goal::AtLeast(limit) => limit <= value,
            Goal::Below(limit) => value < limit,
        }
    }

    fn text(self) -> String {
        match self {
            Goal::AtLeast(limit) => format!(">= {limit}"),
            Goal::Below(limit) => format!("< {limit}"),
        }
    }
}

/// Everything a run found.
#[derive(Debug, Default)]
pub struct Figures {
    measured: Vec<Figure>,
    singles: Vec<Single>,
}

impl Figures {
    /// Adds a measurement and shows it at once, because a run is long.
    pub fn measured(&mut self, figure: Figure) {
        if self.measured.is_empty() {
            println!("{HEADINGS}");
        }
        println!("{}", row(&figure));
        self.measured.push(figure);
    }

    /// Adds a single value and shows it.
    pub fn single(&mut self, name: impl Into<String>, value: f64, unit: &'static str, goal: Option<Goal>) {
        let single = Single { name: name.into(), value, unit, goal };
        println!("{}", single_row(&single));
        self.singles.push(single);
    }

    /// Answers a second of a measurement, if it was made.
    pub fn per_second(&self, database: &str, operation: &str, connections: usize) -> Option<f64> {
        self.find(database, operation, connections).map(|figure| figure.outcome.per_second())
    }

    /// Time in milliseconds within which 99 % of the answers of a measurement came.
    pub fn p99_ms(&self, database: &str, operation: &str, connections: usize) -> Option<f64> {
        self.find(database, operation, connections).map(|figure| figure.outcome.latency.quantile_ms(0.99))
    }

    fn find(&self, database: &str, operation: &str, connections: usize) -> Option<&Figure> {
        self.measured.iter().find(|figure| {
            (figure.database.as_str(), figure.operation.as_str(), figure.connections)
                == (database, operation, connections)
        })
    }

    /// Prints all of it as two tables.
    pub fn print(&self) {
        println!("\n{HEADINGS}");
        for figure in &self.measured {
            println!("{}", row(figure));
        }
        println!();
        for single in &self.singles {
            println!("{}", single_row(single));
        }
        let missed =
            self.singles.iter().filter(|single| single.goal.is_some_and(|goal| !goal.is_met(single.value))).count();
        let errors: u64 = self.measured.iter().map(|figure| figure.outcome.error_count()).sum();
        println!("\ngoals missed: {missed}, answers that were errors: {errors}");
    }

    /// All of it for another program.
    pub fn json(&self) -> Value {
        json!({
            "measured": self.measured.iter().map(figure_json).collect::<Vec<_>>(),
            "singles": self.singles.iter().map(single_json).collect::<Vec<_>>(),
        })
    }
}

const HEADINGS: &str = "database  operation  connections      per s    p50 ms    p99 ms   errors   server µs  client µs  \
                        store operations / commits / rows";

fn row(figure: &Figure) -> String {
    let Figure { database, operation, connections, outcome, processor_us, writing } = figure;
    let writing = writing.map_or_else(String::new, |writing| {
        let rows = writing.rows.map_or_else(|| "-".to_owned(), |rows| format!("{rows:.2}"));
        format!("  {:.2} / {:.3} / {rows}", writing.operations, writing.commits)
    });
    let first_error = outcome.first_error.as_ref().map(|said| {
        let statuses: Vec<String> = outcome.errors.iter().map(|(status, count)| format!("{status}: {count}")).collect();
        let said: String = said.chars().take(200).collect();
        format!("\n    errors by status: {}; the first: {said}", statuses.join(", "))
    });
    format!(
        "{database:<9} {operation:<10} {connections:>11} {:>10.0} {:>9.2} {:>9.2} {:>8} {:>11.0} {:>10.0}{writing}{}",
        outcome.per_second(),
        outcome.latency.quantile_ms(0.5),
        outcome.latency.quantile_ms(0.99),
        outcome.error_count(),
        processor_us.0,
        processor_us.1,
        first_error.unwrap_or_default(),
    )
}

fn single_row(single: &Single) -> String {
    let goal = single.goal.map_or_else(String::new, |goal| {
        let verdict = if goal.is_met(single.value) { "met" } else { "MISSED" };
        format!("   goal {} {verdict}", goal.text())
    });
    format!("{:<64} {:>12.2} {:<5}{goal}", single.name, single.value, single.unit)
}

fn figure_json(figure: &Figure) -> Value {
    let outcome = &figure.outcome;
    json!({
        "database": figure.database,
        "operation": figure.operation,
        "connections": figure.connections,
        "per_second": outcome.per_second(),
        "p50_ms": outcome.latency.quantile_ms(0.5),
        "p99_ms": outcome.latency.quantile_ms(0.99),
        "answers": outcome.latency.count(),
        "errors": outcome.errors.iter().map(|(status, count)| (status.to_string(), json!(count))).collect::<serde_json::Map<_, _>>(),
        "first_error": outcome.first_error,
        "server_processor_us": figure.processor_us.0,
        "client_processor_us": figure.processor_us.1,
        "writing": figure.writing.map(|writing| json!({
            "operations": writing.operations, "commits": writing.commits, "rows": writing.rows,
        })),
    })
}

fn single_json(single: &Single) -> Value {
    json!({
        "name": single.name,
        "value": single.value,
        "unit": single.unit,
        "goal": single.goal.map(Goal::text),
        "met": single.goal.map(|goal| goal.is_met(single.value)),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn figures() -> Figures {
        let mut outcome = Outcome { elapsed: Duration::from_secs(2), ..Outcome::default() };
        for millis in [1, 1, 1, 9] {
            outcome.latency.record(Duration::from_millis(millis));
        }
        outcome.errors.insert(429, 3);
        let (database, operation) = ("sqlite".to_owned(), "capture".to_owned());
        let mut figures = Figures::default();
        figures.measured(Figure {
            database,
            operation,
            connections: 64,
            outcome,
            processor_us: (30.0, 9.0),
            writing: None,
        });
        figures.single("captures a second", 2.0, "/s", Some(Goal::AtLeast(5000.0)));
        figures
    }

    #[test]
    fn figures_are_found_again() {
        let figures = figures();
        assert!((figures.per_second("sqlite", "capture", 64).unwrap() - 2.0).abs() < 0.01);
        assert!(figures.p99_ms("sqlite", "capture", 64).unwrap() > 8.9);
        assert!(figures.per_second("sqlite", "capture", 16).is_none());
    }

    #[test]
    fn json_says_what_was_missed() {
        let json = figures().json();
        assert_eq!(json["measured"][0]["errors"]["429"], 3);
        assert_eq!((&json["singles"][0]["met"], &json["singles"][0]["goal"]), (&json!(false), &json!(">= 5000")));
        assert!(Goal::Below(1.5).is_met(1.4) && !Goal::Below(1.5).is_met(1.5));
    }
}
