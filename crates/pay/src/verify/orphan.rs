//! What no charge leads to: events, ledger lines, audit rows, timers and messages that nothing explains.

use store::{StoreError, Tx};

use super::report::Findings;
use super::rows::orphan::{self as rows, Orphan};
use crate::attempt::finish::WINDOW_TIMER;

/// Looks for rows without the attempt or charge that they tell of.
pub(super) fn check(tx: &mut Tx<'_>, found: &mut Findings) -> Result<(), StoreError> {
    for orphan in rows::events(tx)? {
        let row = orphan.area.row("event", &orphan.key);
        without_attempt("event", &row, &orphan, found);
    }
    for orphan in rows::lines(tx)? {
        let row = orphan.area.row("ledger_entry", &orphan.key);
        without_attempt("ledger", &row, &orphan, found);
    }
    for orphan in rows::releases(tx)? {
        let row = format!("outbox {}/{}", orphan.area.shop, orphan.key);
        without_attempt("release", &row, &orphan, found);
    }
    for orphan in rows::audit_rows(tx)? {
        let row = format!("audit {}/{}", orphan.area.shop, orphan.key);
        // The second column is the object here, because only that says in which environment the attempt should be.
        let environment = orphan.area.environment.split('/').next().unwrap_or_default();
        let attempt = format!("attempt {}/{environment}/{}", orphan.area.shop, orphan.refers_to);
        found.both("audit", row, attempt, told_of(&orphan));
    }
    for orphan in rows::timers(tx)? {
        let row = orphan.area.row("timer", &orphan.key);
        if !orphan.key.starts_with(&format!("{WINDOW_TIMER}/")) {
            found.add("timer", row, "nobody handles timers of this kind");
        } else {
            found.both("timer", row, orphan.area.row("charge", &orphan.refers_to), "its charge is missing");
        }
    }
    for orphan in rows::unknown_topics(tx)? {
        let row = format!("outbox {}/{}", orphan.area.shop, orphan.key);
        found.add("release", row, format!("nobody sends messages of the topic {}", orphan.refers_to));
    }
    check_migrations(tx, found)
}

fn without_attempt(check: &'static str, row: &str, orphan: &Orphan, found: &mut Findings) {
    found.both(check, row, orphan.area.row("attempt", &orphan.refers_to), told_of(orphan));
}

fn told_of(orphan: &Orphan) -> String {
    match orphan.there.as_deref() {
        None => "no attempt left this behind".to_owned(),
        Some(state) => format!("the attempt that should have left this behind is {state}"),
    }
}

/// A migration that is no longer noted would be run again at the next start.
fn check_migrations(tx: &mut Tx<'_>, found: &mut Findings) -> Result<(), StoreError> {
    let applied = store::migration::applied(tx)?;
    let known = [store::migration::MIGRATIONS, shop::MIGRATIONS, ledger::MIGRATIONS, crate::MIGRATIONS];
    for migration in known.into_iter().flatten() {
        if !applied.iter().any(|name| name == migration.name) {
            found.add("schema", format!("schema_migration {}", migration.name), "missing");
        }
    }
    Ok(())
}
