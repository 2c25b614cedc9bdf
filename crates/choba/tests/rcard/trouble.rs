//! Answers that are lost, requests that come twice, orders that are asked about twice at once: nothing is guessed, and
//! nothing is done twice.

use std::sync::Arc;

use acquirer::simulator::Fault;
use acquirer::{Command, Merchant};
use kernel::Environment;
use testkit::{TestApp, on_both};

use crate::client::{Program, parts};

/// Amounts that are held and claimed in the acquirer's book.
async fn book(app: &TestApp) -> Vec<(String, i64, i64)> {
    let merchant = Merchant { shop: app.shop.id, environment: Environment::Sandbox };
    let read = move |tx: &mut store::Tx<'_>| acquirer::simulator::book_page(tx, merchant, None, 100);
    let page = app.wired.simulator.store().read(read).await.expect("reading the book");
    let mut rows: Vec<_> =
        page.into_iter().map(|held| (held.state.to_string(), held.captured.get(), held.refunded.get())).collect();
    rows.sort();
    rows
}

/// Lets the first message of a kind go wrong under each key.
fn once(fault: Fault, of: fn(&Command) -> bool) -> acquirer::simulator::Faults<acquirer::Request> {
    let seen = std::sync::Mutex::new(std::collections::HashSet::new());
    Arc::new(move |request: &acquirer::Request| {
        let first = of(&request.command) && seen.lock().expect("a lock").insert(request.key.clone());
        if first { fault } else { Fault::None }
    })
}

#[tokio::test]
async fn a_lost_request_or_answer_is_asked_about_and_never_guessed() {
    on_both(async |app: &TestApp| {
        let program = Program::switched(app).await;
        for fault in [Fault::LoseAnswer, Fault::LoseRequest] {
            app.wired.simulator.set_faults(Some(once(fault, |_| true)));
            let order = program.order(208, "visa").await;
            for (kind, status) in [("authori", 12), ("sales", 32), ("salesCancel", 42)] {
                let id = program.ask(kind, &[&order], 208).await;
                // The first try is unknown; the next one comes within the first pause of the schedule.
                program.pass(31).await;
                let before = program.came(id).await;
                program.pass(10).await;
                let came = program.came(id).await;
                assert_eq!(before, [], "{fault:?} {kind}: nothing is said before it is known");
                assert_eq!(
                    (came.len(), came[0].0, came[0].1.as_str()),
                    (1, status, "RCCS_N00-000"),
                    "{fault:?} {kind}"
                );
            }
        }
        app.wired.simulator.set_faults(None);
        let refunded = ("refunded".to_owned(), 208, 208);
        assert_eq!(book(app).await, [refunded.clone(), refunded]);
    })
    .await;
}

#[tokio::test]
async fn orders_are_worked_off_in_the_order_of_their_requests() {
    on_both(async |app: &TestApp| {
        let program = Program::switched(app).await;
        let order = program.order(208, "visa").await;
        // Ids are given out in one order and used in another: what counts is when a request came.
        let (late, early) = (program.request_id().await, program.request_id().await);
        program.send("authori", &parts("authori", early, &[&order], 208)).await;
        program.send("sales", &parts("sales", late, &[&order], 0)).await;
        let cancel = program.ask("salesCancel", &[&order], 0).await;
        program.pass(31).await;
        let came = [program.came(early).await, program.came(late).await, program.came(cancel).await].concat();
        let statuses: Vec<i64> = came.iter().map(|(status, ..)| *status).collect();
        assert_eq!(statuses, [12, 32, 42]);
        assert_eq!(book(app).await, [("refunded".to_owned(), 208, 208)]);
    })
    .await;
}

#[tokio::test]
async fn the_same_request_sent_at_once_is_one_request() {
    on_both(async |app: &TestApp| {
        let program = Program::switched(app).await;
        let order = program.order(208, "visa").await;
        let id = program.request_id().await;
        let body = parts("authori", id, &[&order], 208);
        let sent = [
            program.send("authori", &body),
            program.send("authori", &body),
            program.send("authori", &body),
            program.send("authori", &body),
        ];
        let [a, b, c, d] = sent;
        let (a, b, c, d) = tokio::join!(a, b, c, d);
        for reply in [a, b, c, d] {
            assert_eq!(crate::client::code(&reply), "RCCS_N00-000");
        }
        program.pass(31).await;
        assert_eq!(program.came(id).await.len(), 1);
        assert_eq!(book(app).await, [("authorized".to_owned(), 0, 0)]);
        assert_eq!(app.actions("mall.rcard.authori").await, 1);
    })
    .await;
}
