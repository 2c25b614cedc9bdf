//! Rows are damaged in turn, and the recount must name the damaged row. Each damage is undone with its transaction.

use mall::code::Progress;
use mall::order::OrderNumber;
use mall::progress::Event;
use mall::scenario::Scenario;
use mall::verify::{Finding, Report, verify, verify_all};
use store::StoreError;
use testkit::app::on_both;

use crate::bazaar::Bazaar;

/// What a damaged transaction ends with, so that nothing of it stays.
enum Undo {
    Found(Report),
    Failed(StoreError),
}

impl From<StoreError> for Undo {
    fn from(error: StoreError) -> Undo {
        Undo::Failed(error)
    }
}

/// Orders at different stages.
struct Stages {
    shipped: OrderNumber,
    awaiting: OrderNumber,
    cancelled: OrderNumber,
    settled: OrderNumber,
    unpaid: OrderNumber,
    asking: OrderNumber,
}

async fn stages(mall: &Bazaar<'_>) -> Stages {
    let settled = mall.place(Scenario::CouponsAndPoints).await;
    mall.confirm(settled).await;
    mall.ship(settled, 0).await.unwrap();
    mall.days(40).await;
    let (shipped, awaiting, cancelled, unpaid) = (
        mall.place(Scenario::CardOk).await,
        mall.place(Scenario::CardOk).await,
        mall.place(Scenario::CardOk).await,
        mall.place(Scenario::PrepaidNeverPaid).await,
    );
    for number in [shipped, awaiting, unpaid] {
        mall.confirm(number).await;
    }
    mall.ship(shipped, 0).await.unwrap();
    mall.happen(cancelled, Event::BuyerCancels).await.unwrap();
    mall.days(1).await;
    mall.ship(awaiting, 3).await.unwrap();
    let asking = mall.place(Scenario::CardOk).await;
    mall.happen(asking, Event::Confirm).await.unwrap();
    assert_eq!(mall.stands(settled).await.0, Progress::Settled);
    assert_eq!(mall.stands(shipped).await.0, Progress::Shipped);
    assert_eq!(mall.stands(cancelled).await.0, Progress::Cancelled);
    Stages { shipped, awaiting, cancelled, settled, unpaid, asking }
}

async fn damaged(mall: &Bazaar<'_>, sql: &str) -> Report {
    let sql = sql.to_owned();
    let write = move |tx: &mut store::Tx<'_>| -> Result<(), Undo> {
        assert!(tx.execute(&sql, &[])? > 0, "{sql} touches nothing");
        Err(Undo::Found(verify(tx)?))
    };
    match mall.app.store().write(write).await {
        Err(Undo::Found(report)) => report,
        Err(Undo::Failed(error)) => panic!("{error}"),
        Ok(()) => panic!("the damage stayed"),
    }
}

/// What is done, and how the row is named that must be found.
fn cases(stages: &Stages) -> Vec<(String, String)> {
    let Stages { shipped, awaiting, cancelled, settled, unpaid, asking } = stages;
    let order = |number: &OrderNumber| format!("mall_order 1/{number}");
    let at = |table: &str, number: &OrderNumber| format!("{table} 1/{number}");
    vec![
        (format!("UPDATE mall_order SET progress = 700 WHERE number = '{awaiting}'"), order(awaiting)),
        (format!("UPDATE mall_order SET traits = 0 WHERE number = '{unpaid}'"), order(unpaid)),
        (format!("UPDATE mall_order SET shipping_us = NULL WHERE number = '{awaiting}'"), order(awaiting)),
        (format!("UPDATE mall_order SET doc = '{{}}' WHERE number = '{awaiting}'"), order(awaiting)),
        (format!("UPDATE mall_order SET shop_id = 9 WHERE number = '{awaiting}'"), format!("mall_order 9/{awaiting}")),
        (format!("DELETE FROM mall_order_words WHERE number = '{awaiting}'"), order(awaiting)),
        (format!("UPDATE mall_order_words SET memo = 'x' WHERE number = '{awaiting}'"), order(awaiting)),
        (
            format!("UPDATE mall_order_words SET number = 'x' WHERE number = '{awaiting}'"),
            "mall_order_words 1/x".into(),
        ),
        (format!("DELETE FROM timer WHERE subject = '{unpaid}'"), order(unpaid)),
        (format!("DELETE FROM timer WHERE kind = 'mall.nightly' AND subject = '{awaiting}'"), order(awaiting)),
        (format!("DELETE FROM timer WHERE subject = '{shipped}'"), order(shipped)),
        (format!("UPDATE timer SET subject = '{cancelled}' WHERE subject = '{shipped}'"), order(cancelled)),
        (
            format!("UPDATE timer SET subject = 'x' WHERE subject = '{shipped}'"),
            "timer 1/sandbox/mall.closing/x".into(),
        ),
        (format!("UPDATE timer SET world = 'test' WHERE subject = '{shipped}'"), "timer 1/test/mall.closing/".into()),
        (format!("UPDATE ledger_entry SET amount = amount + 1 WHERE reference = '{shipped}'"), order(shipped)),
        (format!("DELETE FROM ledger_entry WHERE reference = '{shipped}'"), order(shipped)),
        (format!("DELETE FROM ledger_entry WHERE reference = '{settled}' AND kind = 'mall.payout'"), order(settled)),
        (format!("UPDATE ledger_entry SET kind = 'mall' WHERE reference = '{settled}'"), order(settled)),
        (
            format!("UPDATE ledger_entry SET reference = 'x' WHERE reference = '{shipped}'"),
            format!("ledger_entry 1/sandbox/mall-{shipped}-"),
        ),
        ("UPDATE mall_payout SET yen = yen + 1".into(), "mall_payout 1/".into()),
        ("UPDATE mall_payout SET orders = orders + 1".into(), "mall_payout 1/".into()),
        ("DELETE FROM mall_payout".into(), "mall_payout 1/".into()),
        ("UPDATE mall_payout SET day = '2020-01-01'".into(), "mall_payout 1/2020-01-01".into()),
        (format!("DELETE FROM outbox WHERE lane = '{asking}'"), order(asking)),
        (format!("UPDATE outbox SET lane = 'x' WHERE lane = '{asking}'"), format!("outbox 1/mall-{asking}-")),
        (
            format!("UPDATE mall_notice SET version = 99 WHERE number = '{settled}' AND version = 2"),
            at("mall_notice", settled),
        ),
        (
            format!("DELETE FROM mall_order WHERE number = '{shipped}'"),
            format!("ledger_entry 1/sandbox/mall-{shipped}-"),
        ),
        ("UPDATE mall_shop SET rms_id = 1".into(), order(shipped)),
        ("DELETE FROM mall_shop".into(), order(shipped)),
        ("DELETE FROM schema_migration WHERE name LIKE 'mall/%'".into(), "schema_migration mall/0001-orders".into()),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_damaged_row_is_named() {
    on_both(async |app| {
        let mall = Bazaar::open(app).await;
        let stages = stages(&mall).await;
        let sound = app.store().read(verify).await.unwrap();
        assert_eq!(sound.findings, []);
        assert!(sound.counted["mall_order"] == 6 && sound.counted["mall_payout"] == 1, "{:?}", sound.counted);
        for (sql, row) in cases(&stages) {
            let found = damaged(&mall, &sql).await.findings;
            assert!(found.iter().any(|finding| finding.row.starts_with(&row)), "{sql}: {found:?}");
        }
        mall.seconds(5).await;
    })
    .await;
}

/// Damages of the acquirer's book, each with what undoes it.
fn beside_the_book(stages: &Stages) -> Vec<[String; 2]> {
    let set =
        |what: &str, number: &OrderNumber| format!("UPDATE sim_authorization SET {what} WHERE order_ref = '{number}'");
    let Stages { shipped, awaiting, unpaid, .. } = stages;
    let shortened = "authorization_id = substr(authorization_id, 1, length(authorization_id) - 1)";
    vec![
        [set("captured = captured - 1", shipped), set("captured = captured + 1", shipped)],
        [set("state = 'voided'", awaiting), set("state = 'authorized'", awaiting)],
        [set(&format!("order_ref = '{unpaid}'"), awaiting), set(&format!("order_ref = '{awaiting}'"), unpaid)],
        [set("authorization_id = authorization_id || 'x'", awaiting), set(shortened, awaiting)],
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_acquirer_holds_is_compared() {
    on_both(async |app| {
        let mall = Bazaar::open(app).await;
        let stages = stages(&mall).await;
        mall.seconds(5).await;
        let book = app.wired.simulator.store().clone();
        let recount = || {
            let (main, book) = (app.store().clone(), book.clone());
            async move {
                let found = tokio::task::spawn_blocking(move || verify_all(&main, &book)).await.unwrap().unwrap();
                found.findings.into_iter().filter(|finding| finding.check == "mall_book").collect::<Vec<Finding>>()
            }
        };
        assert_eq!(recount().await, []);
        for [damage, repair] in beside_the_book(&stages) {
            let run = |sql: String| {
                let book = book.clone();
                async move { book.write::<_, StoreError, _>(move |tx| tx.execute(&sql, &[])).await.unwrap() }
            };
            assert!(run(damage.clone()).await > 0, "{damage}");
            assert_ne!(recount().await, [], "{damage}");
            run(repair).await;
            assert_eq!(recount().await, [], "after {damage}");
        }
    })
    .await;
}
