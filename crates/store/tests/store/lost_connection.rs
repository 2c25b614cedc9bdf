//! PostgreSQL that goes away, at every place: the effect is there once or not at all, and the answer says which.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, mpsc};

use store::{ErrorKind, PostgresOptions, Statement, StoreError, Tx, params};
use testkit::postgres::TestDatabase;
use testkit::tcp_proxy::{Cut, TcpProxy};

use crate::fixture::{Fixture, SHOP, few_connections, insert_note};

fn proxied() -> (Fixture, TcpProxy) {
    let postgres = TestDatabase::new();
    let proxy = TcpProxy::start(postgres.address());
    // One writer, so that the second operation meets the connection of the first.
    let options = PostgresOptions { writers: 1, ..few_connections(postgres.url_through(proxy.address())) };
    (Fixture::on_postgres(options, postgres), proxy)
}

/// Adds one to a counter that starts at 0: an effect that shows how often it happened.
fn count_up(tx: &mut Tx<'_>) -> Result<u64, StoreError> {
    let sql = "INSERT INTO note (shop_id, note_id, amount) VALUES ($1, 'counter', 1)
               ON CONFLICT (shop_id, note_id) DO UPDATE SET amount = note.amount + 1";
    tx.execute(sql, &params![SHOP])
}

fn counter(f: &Fixture) -> i64 {
    f.read(|tx| tx.query_one("SELECT amount FROM note WHERE note_id = 'counter'", &[])?.int(0))
}

/// Runs `op` once through a cut; how often it ran, and how often it took effect.
fn runs_and_effects(cut: Cut, op: impl Fn(&mut Tx<'_>) -> Result<u64, StoreError> + Send + 'static) -> (usize, i64) {
    let (f, proxy) = proxied();
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = runs.clone();
    proxy.cut_next_commit(cut);
    f.write(move |tx| {
        counted.fetch_add(1, Ordering::SeqCst);
        op(tx)
    });
    assert_eq!(proxy.cuts(), 1);
    (runs.load(Ordering::SeqCst), counter(&f))
}

fn count_up_together(tx: &mut Tx<'_>) -> Result<u64, StoreError> {
    let sql = "INSERT INTO note (shop_id, note_id, amount) VALUES ($1, 'counter', 1)
               ON CONFLICT (shop_id, note_id) DO UPDATE SET amount = note.amount + 1";
    Ok(tx.execute_all(&[Statement::new(sql, params![SHOP])])?[0])
}

#[test]
fn a_commit_that_the_server_never_got_is_run_again() {
    assert_eq!(runs_and_effects(Cut::BeforeServer, count_up), (2, 1));
    assert_eq!(runs_and_effects(Cut::BeforeServer, count_up_together), (2, 1));
}

#[test]
fn a_commit_whose_answer_was_lost_is_looked_up_and_not_repeated() {
    assert_eq!(runs_and_effects(Cut::AfterServer, count_up), (1, 1));
    assert_eq!(runs_and_effects(Cut::AfterServer, count_up_together), (1, 1));
    let twice = |tx: &mut Tx<'_>| {
        count_up_together(tx)?;
        tx.execute("UPDATE note SET body = 'changed' WHERE note_id = 'counter'", &[])
    };
    assert_eq!(runs_and_effects(Cut::AfterServer, twice), (1, 1));
}

#[test]
fn a_commit_of_nothing_whose_answer_was_lost_is_harmless() {
    let (f, proxy) = proxied();
    proxy.cut_next_commit(Cut::AfterServer);
    let found = f.write(|tx| Ok(tx.query("SELECT note_id FROM note", &[])?.len()));
    assert_eq!((found, proxy.cuts()), (0, 1));
}

#[test]
fn a_connection_lost_in_the_middle_is_opened_again() {
    let f = Arc::new(Fixture::postgres());
    let runs = Arc::new(AtomicUsize::new(0));
    let (counted, fixture) = (runs.clone(), f.clone());
    f.write(move |tx| {
        count_up(tx)?;
        if counted.fetch_add(1, Ordering::SeqCst) == 0 {
            let all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                       WHERE datname = current_database() AND pid <> pg_backend_pid()";
            fixture.postgres.as_ref().unwrap().execute(all);
        }
        insert_note(tx, "second")
    });
    assert_eq!((runs.load(Ordering::SeqCst), counter(&f)), (2, 1));
    assert_eq!(f.notes(), ["counter", "second"], "readers lost theirs too");
}

#[test]
fn a_server_that_stays_away_is_a_bounded_error_and_its_return_is_noticed() {
    let (f, proxy) = proxied();
    f.write(count_up);
    proxy.set_down(true);
    let failed: Result<u64, StoreError> = f.store.write_blocking(count_up);
    assert_eq!(failed.unwrap_err().kind, ErrorKind::ConnectionLost);
    let failed: Result<u64, StoreError> = f.store.read_blocking(|tx| Ok(tx.query("SELECT 1", &[])?.len() as u64));
    assert_eq!(failed.unwrap_err().kind, ErrorKind::ConnectionLost);
    proxy.set_down(false);
    f.write(count_up);
    assert_eq!(counter(&f), 2);
}

#[test]
fn a_commit_whose_fate_cannot_be_learned_says_so() {
    let (f, proxy) = proxied();
    let proxy = Arc::new(proxy);
    f.write(count_up);
    // The server is gone for good as soon as the commit is on its way.
    proxy.cut_next_commit(Cut::AfterServer);
    proxy.refuse_new_ones();
    let failed: Result<u64, StoreError> = f.store.write_blocking(count_up);
    let failed = failed.unwrap_err();
    assert_eq!(failed.kind, ErrorKind::CommitUnknown);
    assert!(failed.message.contains("its answer was lost"), "{failed}");
    proxy.set_down(false);
    assert_eq!(counter(&f), 2);
}

#[test]
fn a_deadlock_is_run_again() {
    let f = Fixture::postgres();
    let postgres = f.postgres.as_ref().unwrap();
    f.write(|tx| {
        insert_note(tx, "a")?;
        insert_note(tx, "b")
    });
    postgres.execute(&format!("ALTER DATABASE {} SET deadlock_timeout = '10ms'", postgres.name()));
    let meeting = Arc::new(Barrier::new(2));
    let runs = Arc::new(AtomicUsize::new(0));
    // Operations that wait together share a connection: the second one comes when the first has its own.
    let (tell, begun) = mpsc::channel();
    let add = |first: &'static str, second: &'static str| {
        let (store, meeting, runs, tell) = (f.store.clone(), meeting.clone(), runs.clone(), tell.clone());
        let mut met = false;
        let thread = std::thread::spawn(move || {
            store.write_blocking(move |tx| {
                runs.fetch_add(1, Ordering::SeqCst);
                let _ = tell.send(());
                let sql = "UPDATE note SET amount = amount + 1 WHERE note_id = $1";
                tx.execute(sql, &params![first])?;
                if !std::mem::replace(&mut met, true) {
                    meeting.wait();
                }
                tx.execute(sql, &params![second])
            })
        });
        begun.recv().unwrap();
        thread
    };
    for thread in [add("a", "b"), add("b", "a")] {
        assert_eq!(thread.join().unwrap(), Ok(1));
    }
    let sum = f.read(|tx| tx.query_one("SELECT CAST(sum(amount) AS BIGINT) FROM note", &[])?.int(0));
    assert_eq!(sum, 6);
    assert!(runs.load(Ordering::SeqCst) >= 3, "no deadlock happened");
}

#[test]
fn a_serialization_failure_is_run_again() {
    let postgres = TestDatabase::new();
    postgres.execute(&format!("ALTER DATABASE {} SET default_transaction_isolation = serializable", postgres.name()));
    let f = Fixture::on_postgres(few_connections(postgres.url()), postgres);
    f.write(count_up);
    let meeting = Arc::new(Barrier::new(2));
    let runs = Arc::new(AtomicUsize::new(0));
    let (tell, begun) = mpsc::channel();
    let increment = || {
        let (store, meeting, runs, tell) = (f.store.clone(), meeting.clone(), runs.clone(), tell.clone());
        let mut met = false;
        let thread = std::thread::spawn(move || {
            store.write_blocking(move |tx| {
                runs.fetch_add(1, Ordering::SeqCst);
                let _ = tell.send(());
                let amount = tx.query_one("SELECT amount FROM note WHERE note_id = 'counter'", &[])?.int(0)?;
                if !std::mem::replace(&mut met, true) {
                    meeting.wait();
                }
                tx.execute("UPDATE note SET amount = $1 WHERE note_id = 'counter'", &params![amount + 1])
            })
        });
        begun.recv().unwrap();
        thread
    };
    for thread in [increment(), increment()] {
        assert_eq!(thread.join().unwrap(), Ok(1));
    }
    assert_eq!((counter(&f), runs.load(Ordering::SeqCst)), (3, 3));
}

#[test]
fn a_database_that_takes_no_writes_says_so() {
    let f = Fixture::postgres();
    let postgres = f.postgres.as_ref().unwrap();
    f.write(count_up);
    postgres.execute(&format!("ALTER DATABASE {} SET default_transaction_read_only = on", postgres.name()));
    let all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    postgres.execute(all);
    let failed: Result<u64, StoreError> = f.store.write_blocking(count_up);
    assert_eq!(failed.unwrap_err().kind, ErrorKind::ReadOnly);
    assert_eq!(counter(&f), 1);
}
