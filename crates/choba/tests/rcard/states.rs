//! What each operation does in each state, with the words of the codes (contract 4 and 6); and time.

use testkit::{TestApp, on_both};

use crate::client::{Came, Program, helper, old_model, order};

/// `cardStatus` and `errorCode`.
fn short((status, code, _): &Came) -> String {
    format!("{status} {code}")
}

/// Brings a new order into a state.
async fn in_state(program: &Program<'_>, state: &str) -> String {
    let order = program.order(208, "visa").await;
    let steps: &[&str] = match state {
        "未オーソリ" => &[],
        "オーソリ済" => &["authori"],
        "売上請求済" => &["authori", "sales"],
        "オーソリ取消済" => &["authori", "authoriCancel"],
        "売上請求取消済" => &["authori", "sales", "salesCancel"],
        other => panic!("{other}"),
    };
    for step in steps {
        let came = program.do_it(step, &order, 208).await;
        assert_eq!(came.1, "RCCS_N00-000", "{state}: {step}");
    }
    order
}

const KINDS: [&str; 4] = ["authori", "authoriCancel", "sales", "salesCancel"];
const DONE: &str = "RCCS_N00-000";
const NOT_SO: &str = "RCCS_E21-002";

/// 12 and 13, 42: contract 6; 22 and 32 by its pattern. Both cancellations lead back to 未オーソリ (seed 003).
#[tokio::test]
async fn each_operation_does_what_the_state_allows() {
    let table = [
        ("未オーソリ", [(12, DONE, "オーソリ済"), (23, NOT_SO, ""), (33, NOT_SO, ""), (43, NOT_SO, "")]),
        ("オーソリ済", [(13, NOT_SO, ""), (22, DONE, "未オーソリ"), (32, DONE, "売上請求済"), (43, NOT_SO, "")]),
        ("売上請求済", [(13, NOT_SO, ""), (23, NOT_SO, ""), (33, NOT_SO, ""), (42, DONE, "未オーソリ")]),
        ("オーソリ取消済", [(12, DONE, "オーソリ済"), (23, NOT_SO, ""), (33, NOT_SO, ""), (43, NOT_SO, "")]),
        ("売上請求取消済", [(12, DONE, "オーソリ済"), (23, NOT_SO, ""), (33, NOT_SO, ""), (43, NOT_SO, "")]),
    ];
    on_both(async |app: &TestApp| {
        let program = Program::switched(app).await;
        for (state, row) in table {
            for (kind, (status, code, after)) in KINDS.into_iter().zip(row) {
                let order = in_state(&program, state).await;
                let before = program.standing(&order).await.0;
                let came = program.do_it(kind, &order, 208).await;
                assert_eq!(short(&came), format!("{status} {code}"), "{state}: {kind}");
                let expected = if after.is_empty() { before.as_str() } else { after };
                // What RMS shows is fixed (seed 003).
                let stands = program.standing(&order).await;
                assert_eq!(stands, (expected.to_owned(), "未オーソリ".to_owned()), "{state}: {kind}");
            }
        }
    })
    .await;
}

/// Seed 003: 0円オーソリ is an error; a refused card can be replaced by the buyer and authorized again.
#[tokio::test]
async fn zero_yen_and_refused_cards_are_errors_and_another_card_may_follow() {
    on_both(async |app: &TestApp| {
        let program = Program::switched(app).await;
        let zero = program.order(0, "visa").await;
        assert_eq!(short(&program.do_it("authori", &zero, 0).await), "13 RCCS_E21-003");
        assert_eq!(short(&program.do_it("authori", &zero, -1).await), "13 RCCS_E21-006");
        // Contract 6: RCCS_E22-822 with 210G55.
        let order = program.order(208, "over_limit").await;
        let came = program.do_it("authori", &order, 208).await;
        assert_eq!(came, (13, "RCCS_E22-822".to_owned(), "210G55".to_owned()));
        assert_eq!(program.standing(&order).await.0, "未オーソリ");
        helper(&program.merchant, "POST", &format!("/{order}/card"), Some(serde_json::json!({ "card": "jcb" })))
            .await
            .good();
        assert_eq!(short(&program.do_it("authori", &order, 208).await), "12 RCCS_N00-000");
        let unclaimed = program.order(500, "capture_refused").await;
        assert_eq!(short(&program.do_it("authori", &unclaimed, 500).await), "12 RCCS_N00-000");
        assert_eq!(short(&program.do_it("sales", &unclaimed, 500).await), "33 RCCS_E22-897");
        assert_eq!(program.standing(&unclaimed).await.0, "オーソリ済");
        assert_eq!(short(&program.do_it("authori", "338459-20180528-00000804", 1).await), "13 RCCS_E21-001");
        assert_eq!(short(&program.do_it("sales", "no number", 1).await), "33 RCCS_E21-001");
    })
    .await;
}

/// Seed 003: after two months and more, sales is an error until authoriCancel and a new authori.
#[tokio::test]
async fn an_authorization_is_void_after_two_months() {
    on_both(async |app: &TestApp| {
        let program = Program::switched(app).await;
        let (kept, late) = (program.order(208, "visa").await, program.order(208, "visa").await);
        let id = program.ask("authori", &[&kept, &late], 208).await;
        let decided = program.pass(31).await;
        assert_eq!(program.came(id).await.len(), 2);
        // 2026-11-22 and two months: 61 days. A request that is decided one second before the end still counts.
        let end = decided.plus_seconds(61 * 86_400);
        app.advance(program.shop, end.plus_seconds(-32)).await;
        assert_eq!(short(&program.do_it("sales", &kept, 0).await), "32 RCCS_N00-000");
        app.advance(program.shop, end).await;
        assert_eq!(short(&program.do_it("sales", &late, 0).await), "33 RCCS_E21-004");
        assert_eq!(short(&program.do_it("authori", &late, 208).await), "13 RCCS_E21-002");
        assert_eq!(short(&program.do_it("authoriCancel", &late, 0).await), "22 RCCS_N00-000");
        assert_eq!(short(&program.do_it("authori", &late, 208).await), "12 RCCS_N00-000");
        assert_eq!(short(&program.do_it("sales", &late, 0).await), "32 RCCS_N00-000");
    })
    .await;
}

/// What R-Card Plus did cannot be taken over (seed 003).
#[tokio::test]
async fn what_r_card_plus_claimed_stays_as_it_is() {
    on_both(async |app: &TestApp| {
        old_model(app).await;
        let merchant = app.merchant();
        let claimed = order(&merchant, 208, "visa").await;
        for act in ["authorize", "claim"] {
            let body = serde_json::json!({ "act": act });
            helper(&merchant, "POST", &format!("/{claimed}/plus"), Some(body)).await.good();
        }
        let program = Program::switch(app).await;
        for (kind, group) in KINDS.into_iter().zip(1..) {
            let came = program.do_it(kind, &claimed, 208).await;
            assert_eq!(short(&came), format!("{group}3 RCCS_E21-005"), "{kind}");
        }
        assert_eq!(program.standing(&claimed).await.0, "売上請求済");
    })
    .await;
}
