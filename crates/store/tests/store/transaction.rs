//! Operations: all or nothing, side by side with others, answered after the commit.

use std::pin::pin;
use std::sync::mpsc;
use std::task::Poll;

use store::{ErrorKind, StoreError, Tx, params};

use crate::fixture::{Fixture, SHOP, block_on, insert_note, poll_once};
use crate::on_both_engines;

on_both_engines!(
    what_fails_undoes_only_itself,
    an_error_that_was_swallowed_still_undoes,
    several_statements_travel_together,
    readers_see_no_half_done_change,
    writing_in_a_read_is_an_error,
    what_reads_at_length_sees_one_snapshot_and_holds_up_nobody,
);

#[derive(Debug, PartialEq)]
enum Refused {
    NotAllowed,
    Store(ErrorKind),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Refused {
        Refused::Store(error.kind)
    }
}

type Op = Box<dyn FnMut(&mut Tx<'_>) -> Result<u64, Refused> + Send>;

fn ends_with(id: &'static str, mut end: impl FnMut(&mut Tx<'_>) -> Result<u64, Refused> + Send + 'static) -> Op {
    Box::new(move |tx| {
        insert_note(tx, id)?;
        end(tx)
    })
}

fn what_fails_undoes_only_itself(f: &Fixture) {
    let (open_gate, gate) = mpsc::channel::<()>();
    let mut opened = false;
    let mut first = pin!(f.store.write(move |tx| {
        // It runs again if it is taken together with others and one of them spoils the batch.
        if !opened {
            gate.recv().map_err(|_| StoreError::new(ErrorKind::Closed, "the gate"))?;
            opened = true;
        }
        insert_note(tx, "0-first")
    }));
    assert!(poll_once(first.as_mut()).is_pending());
    // All of these wait for the first on SQLite, and are taken as one batch, perhaps with it.
    let ops = [
        ends_with("1-kept", |_| Ok(1)),
        ends_with("2-refused", |_| Err(Refused::NotAllowed)),
        ends_with("3-panicked", |_| panic!("a mistake of the operation")),
        ends_with("4-kept", |_| Ok(4)),
        ends_with("5-constraint", |tx| Ok(insert_note(tx, "5-constraint")?)),
        ends_with("6-wrong-sql", |tx| Ok(tx.execute("UPDATE nothing SET a = 1", &[])?)),
        ends_with("7-kept", |_| Ok(7)),
    ];
    let mut waiting: Vec<_> = ops.into_iter().map(|op| Box::pin(f.store.write(op))).collect();
    let mut early: Vec<_> = waiting.iter_mut().map(|write| poll_once(write.as_mut())).collect();
    if f.postgres.is_none() {
        assert!(early.iter().all(Poll::is_pending));
    }
    open_gate.send(()).unwrap();
    assert_eq!(block_on(first), Ok(1));
    let answers: Vec<_> = early
        .drain(..)
        .zip(waiting)
        .map(|(early, write)| match early {
            Poll::Ready(answer) => answer,
            Poll::Pending => block_on(write),
        })
        .collect();
    let expected = [
        Ok(1),
        Err(Refused::NotAllowed),
        Err(Refused::Store(ErrorKind::Panicked)),
        Ok(4),
        Err(Refused::Store(ErrorKind::Constraint)),
        Err(Refused::Store(ErrorKind::Programming)),
        Ok(7),
    ];
    assert_eq!(answers, expected);
    assert_eq!(f.notes(), ["0-first", "1-kept", "4-kept", "7-kept"]);
}

#[test]
fn an_answer_of_a_batch_comes_after_its_commit() {
    let f = Fixture::sqlite();
    let (open_gate, gate) = mpsc::channel::<()>();
    let (open_inner_gate, inner_gate) = mpsc::channel::<()>();
    let (tell, told) = mpsc::channel();
    let wait = |gate: &mpsc::Receiver<()>| gate.recv().map_err(|_| StoreError::new(ErrorKind::Closed, "the gate"));
    let mut first = pin!(f.store.write(move |_| wait(&gate)));
    assert!(poll_once(first.as_mut()).is_pending());
    let mut quick = pin!(f.store.write(|tx| insert_note(tx, "quick")));
    let mut slow = pin!(f.store.write(move |tx| {
        tell.send(()).map_err(|_| StoreError::new(ErrorKind::Closed, "the test"))?;
        wait(&inner_gate)?;
        insert_note(tx, "slow")
    }));
    assert!(poll_once(quick.as_mut()).is_pending());
    assert!(poll_once(slow.as_mut()).is_pending());
    open_gate.send(()).unwrap();
    told.recv().unwrap();
    assert!(poll_once(quick.as_mut()).is_pending(), "it ran, but its batch is not committed");
    assert_eq!(f.notes(), Vec::<String>::new());
    open_inner_gate.send(()).unwrap();
    assert_eq!(block_on(quick), Ok(1));
    assert_eq!(f.notes(), ["quick", "slow"], "committed together, before the first answer");
    assert_eq!(block_on(slow), Ok(1));
    assert_eq!(block_on(first), Ok(()));
}

fn an_error_that_was_swallowed_still_undoes(f: &Fixture) {
    let answer: Result<(), StoreError> = f.store.write_blocking(|tx| {
        insert_note(tx, "a")?;
        let _ = insert_note(tx, "a");
        Ok(())
    });
    assert_eq!(answer.unwrap_err().kind, ErrorKind::Constraint);
    assert_eq!(f.notes(), Vec::<String>::new());
}

fn several_statements_travel_together(f: &Fixture) {
    let insert = "INSERT INTO note (shop_id, note_id, amount) VALUES ($1, $2, $3)";
    let counts = f.write(move |tx| {
        tx.execute_all(&[
            store::Statement::new(insert, params![SHOP, "a", 1]),
            store::Statement::new("UPDATE note SET amount = $1 WHERE note_id = $2", params![5, "nobody"]),
            store::Statement::new(insert, params![SHOP, "b", 2]),
        ])
    });
    assert_eq!(counts, [1, 0, 1]);
    assert_eq!(f.notes(), ["a", "b"]);
    let failed: Result<_, StoreError> = f.store.write_blocking(move |tx| {
        tx.execute_all(&[
            store::Statement::new(insert, params![SHOP, "c", 1]),
            store::Statement::new(insert, params![SHOP, "a", 1]),
        ])
    });
    assert_eq!(failed.unwrap_err().kind, ErrorKind::Constraint);
    assert_eq!(f.notes(), ["a", "b"]);
}

fn readers_see_no_half_done_change(f: &Fixture) {
    let (open_gate, gate) = mpsc::channel::<()>();
    let (tell, told) = mpsc::channel();
    let mut write = pin!(f.store.write(move |tx| {
        insert_note(tx, "a")?;
        tell.send(()).map_err(|_| StoreError::new(ErrorKind::Closed, "the test"))?;
        gate.recv().map_err(|_| StoreError::new(ErrorKind::Closed, "the gate"))?;
        insert_note(tx, "b")
    }));
    assert!(poll_once(write.as_mut()).is_pending());
    told.recv().unwrap();
    assert_eq!(f.notes(), Vec::<String>::new(), "a reader neither waits nor sees");
    open_gate.send(()).unwrap();
    assert_eq!(block_on(write), Ok(1));
    assert_eq!(f.notes(), ["a", "b"]);
}

fn writing_in_a_read_is_an_error(f: &Fixture) {
    let answer: Result<u64, StoreError> = f.store.read_blocking(|tx| insert_note(tx, "a"));
    assert_eq!(answer.unwrap_err().kind, ErrorKind::ReadOnly);
    assert_eq!(f.notes(), Vec::<String>::new());
}

fn what_reads_at_length_sees_one_snapshot_and_holds_up_nobody(f: &Fixture) {
    f.write(|tx| insert_note(tx, "a"));
    let count = |tx: &mut Tx<'_>| tx.query_one("SELECT count(*) FROM note", &[])?.int(0);
    let (tell, told) = mpsc::channel();
    let gates: Vec<_> = (0..4)
        .map(|which: usize| {
            let (open_gate, gate) = mpsc::channel::<()>();
            let tell = tell.clone();
            let mut long = Box::pin(f.store.read_at_length(move |tx: &mut Tx<'_>| {
                let before = count(tx)?;
                let _ = tell.send(which);
                gate.recv().map_err(|_| StoreError::new(ErrorKind::Closed, "the gate"))?;
                Ok::<_, StoreError>((before, count(tx)?))
            }));
            assert!(poll_once(long.as_mut()).is_pending());
            (open_gate, long)
        })
        .collect();
    // Some have begun, in whatever order, the others wait for their threads: neither readers nor writers wait for any of
    // them.
    let first = told.recv().unwrap();
    f.write(|tx| insert_note(tx, "b"));
    assert_eq!(f.read(count), 2);
    let mut seen = Vec::new();
    for (open_gate, long) in gates {
        open_gate.send(()).unwrap();
        seen.push(block_on(long).unwrap());
    }
    assert!(seen.iter().all(|(before, after)| before == after), "{seen:?}");
    assert_eq!(seen[first], (1, 1), "it began before the second note");
}
