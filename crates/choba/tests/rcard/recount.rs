//! What is damaged is found by the recount (`choba verify`), and named. Each damage is undone.

use kernel::{Environment, ShopId, Timestamp, Yen};
use ledger::{Account, Entry, Line};
use mall::order::OrderNumber;
use mall::rcard::asking::ENTRY_KIND;
use mall::rcard::orders::Order;
use mall::rcard::requests::Wish;
use mall::rcard::state::Held;
use mall::rcard::{Act, Standing, rows};
use mall::verify::{Finding, Report};
use store::{StoreError, Tx};
use testkit::{TestApp, on_both};

use crate::client::Program;

/// What a damaged transaction ends with, so that nothing of it stays.
enum Ended {
    Recounted(Report),
    Failed(StoreError),
}

impl From<StoreError> for Ended {
    fn from(error: StoreError) -> Ended {
        Ended::Failed(error)
    }
}

fn named(findings: &[Finding]) -> Vec<(&'static str, String)> {
    findings.iter().map(|finding| (finding.check, finding.row.clone())).collect()
}

/// What our own database says of a damage that is undone again.
async fn damaged(
    app: &TestApp,
    damage: impl Fn(&mut Tx<'_>) -> Result<(), StoreError> + Send + 'static,
) -> Vec<(&'static str, String)> {
    let write = move |tx: &mut Tx<'_>| {
        damage(tx)?;
        Err::<(), _>(Ended::Recounted(mall::verify::verify(tx)?))
    };
    match app.store().write(write).await {
        Err(Ended::Recounted(report)) => named(&report.findings),
        Err(Ended::Failed(error)) => panic!("{error}"),
        Ok(()) => panic!("the damage stayed"),
    }
}

/// What both books say.
async fn findings(app: &TestApp) -> Vec<(&'static str, String)> {
    let (store, book) = (app.store().clone(), app.wired.simulator.store().clone());
    let report = tokio::task::spawn_blocking(move || mall::verify::verify_all(&store, &book)).await;
    named(&report.expect("recounting").expect("reading the books").findings)
}

/// Gives an order another standing, in its next version.
fn stands(tx: &mut Tx<'_>, shop: ShopId, number: OrderNumber, standing: Standing) -> Result<(), StoreError> {
    let order = rows::order(tx, shop, number)?.expect("an order");
    rows::save_order(tx, &Order { standing, version: order.version + 1, ..order })
}

/// The same, for good.
async fn put(app: &TestApp, number: OrderNumber, standing: Standing) {
    let shop = app.shop.id;
    let write = move |tx: &mut Tx<'_>| stands(tx, shop, number, standing.clone());
    app.store().write(write).await.expect("changing an order");
}

fn held(reference: &str, yen: i64, since: Timestamp) -> Held {
    Held { reference: reference.to_owned(), amount: Yen::new(yen).expect("yen"), pay_type: 0, since }
}

/// An order that is authorized, and one that is claimed.
async fn two_orders(program: &Program<'_>) -> (OrderNumber, OrderNumber) {
    let (authorized, claimed) = (program.order(208, "visa").await, program.order(300, "jcb").await);
    program.do_it("authori", &authorized, 208).await;
    program.do_it("authori", &claimed, 300).await;
    program.do_it("sales", &claimed, 0).await;
    (authorized.parse().expect("a number"), claimed.parse().expect("a number"))
}

#[tokio::test]
async fn damage_to_orders_ledger_and_requests_is_named() {
    on_both(async |app: &TestApp| {
        let program = Program::switched(app).await;
        let (_, claimed) = two_orders(&program).await;
        let (shop, now) = (app.shop.id, app.now(app.shop.id).await);
        assert_eq!(findings(app).await, []);

        let open = damaged(app, move |tx| stands(tx, shop, claimed, Standing::Open)).await;
        assert_eq!(open, [("rcard_ledger", format!("rcard_order {shop}/{claimed}"))]);

        let stray = damaged(app, move |tx| {
            let line = Line::new(Account::AcquirerReceivable, Account::MerchantPayable, Yen::new(5).expect("yen"));
            let entry = Entry::new(ENTRY_KIND, claimed.to_string(), now, vec![line]);
            tx.execute_all(&ledger::post(shop, Environment::Sandbox, "stray", &entry)).map(|_| ())
        })
        .await;
        assert!(stray.contains(&("rcard", format!("ledger_entry {shop}/sandbox/stray"))), "{stray:?}");
        assert!(stray.contains(&("rcard_ledger", format!("rcard_order {shop}/{claimed}"))), "{stray:?}");

        let forgotten = damaged(app, move |tx| {
            let wish = Wish { number: claimed.to_string(), act: Act::Sales };
            tx.execute_all(&[rows::insert_wish(shop, 100_000_001, 7, "nobody", &wish)]).map(|_| ())
        })
        .await;
        for row in [format!("rcard_request {shop}/100000001"), format!("rcard_result {shop}/100000001/7")] {
            assert!(forgotten.contains(&("rcard", row)), "{forgotten:?}");
        }
        assert_eq!(findings(app).await, []);
    })
    .await;
}

#[tokio::test]
async fn what_differs_from_the_acquirers_book_is_named() {
    on_both(async |app: &TestApp| {
        let program = Program::switched(app).await;
        let (authorized, claimed) = two_orders(&program).await;
        let shop = app.shop.id;
        for number in [authorized, claimed] {
            let row = ("rcard_book", format!("rcard_order {shop}/{number}"));
            let known = app.store().read(move |tx: &mut Tx<'_>| rows::order(tx, shop, number)).await;
            let right = known.expect("reading an order").expect("an order").standing;
            let ours = right.held().expect("an authorization").clone();
            // Another amount, another authorization, none at all.
            let more = held(&ours.reference, ours.amount.get() + 1, ours.since);
            let other = held("auth_00000000000000000000000000000000", ours.amount.get(), ours.since);
            for wrong in [Standing::Authorized(more), Standing::Authorized(other), Standing::Open] {
                put(app, number, wrong.clone()).await;
                let found = findings(app).await;
                assert!(found.contains(&row), "{wrong:?}: {found:?}");
            }
            put(app, number, right).await;
            assert_eq!(findings(app).await, []);
        }
    })
    .await;
}
