//! The wire: what is answered in full, in which order, and what is refused (contract 2, 3 and 5).

use serde_json::json;
use testkit::{Request, TestApp, on_both};

use mall::rcard::http::PATH;

use crate::client::{Program, code, members, parts, soap, texts, within};

fn names(members: &[(String, String)]) -> Vec<&str> {
    members.iter().map(|(name, _)| name.as_str()).collect()
}

fn pairs(members: &[(String, String)]) -> Vec<(&str, &str)> {
    members.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect()
}

/// Contract 3 and 5, with the values of the example there where they are not of one order.
#[tokio::test]
async fn a_result_is_shown_in_full_and_in_the_order_of_the_contract() {
    on_both(async |app: &TestApp| {
        let program = Program::switched(app).await;
        let (good, bad) = (program.order(208, "visa").await, program.order(208, "over_limit").await);
        assert!(good.starts_with("338459-20261122-"), "{good}");
        let first = program.send("getRCCSRequestId", "").await;
        assert_eq!(first.header("content-type"), Some("text/xml; charset=utf-8"));
        let expected = [("errorCode", "RCCS_N00-000"), ("message", "正常終了"), ("requestId", "100000001")];
        assert_eq!(pairs(&members(&first, "result")), expected);

        // 2026-11-22T00:00:00+09:00 is what the clocks of tests begin with, a little later.
        let asked = app.now(program.shop).await;
        let id = program.ask("authori", &[&good, &bad], 208).await;
        assert_eq!(id, 100_000_002);
        let done = program.pass(31).await;
        let reply = program.results(&[id]).await;
        assert_eq!(names(&members(&reply, "result")), ["errorCode", "message", "rccsRequestStatus"]);
        let status = members(&reply, "UiRCCSRequestStatusModel");
        let (asked, done) = (asked.to_string(), done.to_string());
        let expected = [
            ("count", "2"),
            ("errorCode", "RCCS_N00-000"),
            ("kind", "1"),
            ("message", "正常終了"),
            ("rccsResults", ""),
            ("requestId", "100000002"),
            ("startDate", &asked),
            ("status", "3"),
            ("timeStamp", &done),
        ];
        assert_eq!(pairs(&status), expected);
        let one = members(&reply, "UiRCCSResultModel");
        let shown: Vec<(&str, &str)> =
            pairs(&one).into_iter().filter(|(name, _)| !["approvalNumber", "transactionId"].contains(name)).collect();
        let expected = [
            ("brandName", "VISA"),
            ("cardImstCount", "0"),
            ("cardNo", "****-****-****-1111"),
            ("cardStatus", "12"),
            ("ccsErrorCode", "000000"),
            ("ccsErrorCodeDetail", "-"),
            ("companyName", "楽天カード"),
            ("errorCode", "RCCS_N00-000"),
            ("eventDate", "2026-11-22T00:00:00+09:00"),
            ("expYM", "2029/11"),
            ("helpItem", ""),
            ("message", "正常終了"),
            ("orderNumber", &good),
            ("ownerName", "TARO RAKUTEN"),
            ("payType", "0"),
            ("price", "208"),
            ("regDate", &done),
        ];
        assert_eq!(shown, expected);
        assert!(names(&one).is_sorted(), "{one:?}");
        let approvals = within(&reply, "UiRCCSResultModel", "approvalNumber");
        assert!(approvals[0].len() == 7 && approvals[0] != "0000000", "{approvals:?}");
        assert_eq!(approvals[1], "0000000");
        for transaction in within(&reply, "UiRCCSResultModel", "transactionId") {
            assert_eq!((transaction.len(), &transaction[..6]), (32, "261122"));
        }
    })
    .await;
}

/// Contract 3: asynchronous; contract 6: status.
#[tokio::test]
async fn a_request_goes_from_not_started_to_finished_and_never_earlier_than_the_delay() {
    on_both(async |app: &TestApp| {
        let program = Program::switched(app).await;
        let order = program.order(208, "visa").await;
        let id = program.request_id().await;
        let status = async || {
            let reply = program.results(&[id]).await;
            (texts(&reply, "status").remove(0), texts(&reply, "timeStamp").remove(0).len())
        };
        assert_eq!(status().await, ("0".to_owned(), 1));
        program.send("authori", &parts("authori", id, &[&order], 208)).await;
        app.run_jobs().await;
        assert_eq!(status().await, ("1".to_owned(), 1));
        program.pass(30).await;
        assert_eq!(status().await, ("1".to_owned(), 1));
        program.pass(1).await;
        assert_eq!(status().await, ("3".to_owned(), 25));

        // The delay is a number of the shop's.
        let rules = Request::post("/api/test_helpers/mall/rcard_rules", json!({ "delay_seconds": 3_600 }).to_string());
        program.merchant.send(rules.method("PUT")).await.good();
        let id = program.ask("sales", &[&order], 0).await;
        program.pass(3_599).await;
        assert_eq!(program.came(id).await, []);
        program.pass(1).await;
        assert_eq!(program.came(id).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn ids_orders_and_days_that_do_not_fit_are_refused_and_nothing_is_done() {
    on_both(async |app: &TestApp| {
        let program = Program::switched(app).await;
        let order = program.order(208, "visa").await;
        let send = async |id: i64, orders: &[&str]| {
            let reply = program.send("authori", &parts("authori", id, orders, 208)).await;
            assert_eq!(reply.status, 200);
            code(&reply)
        };
        for unknown in [0, -1, 100_000_000, 100_000_001, 2_147_483_647] {
            assert_eq!(send(unknown, &[&order]).await, "RCCS_E20-001", "{unknown}");
        }
        let id = program.request_id().await;
        assert_eq!(send(id, &[]).await, "RCCS_E20-002");
        let many: Vec<String> = (0..101).map(|serial| format!("338459-20261122-{serial:010}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(send(id, &many).await, "RCCS_E20-002");
        assert_eq!(send(id, &[&order, &order]).await, "RCCS_E20-003");
        assert_eq!(send(id, &[&order]).await, "RCCS_N00-000");
        // Sent again, as after a lost answer, it is the same request; another one needs another id.
        assert_eq!(send(id, &[&order]).await, "RCCS_N00-000");
        assert_eq!(send(id, &many[..1]).await, "RCCS_E20-001");
        let other = program.send("sales", &parts("sales", id, &[&order], 0)).await;
        assert_eq!(code(&other), "RCCS_E20-001");
        program.pass(31).await;
        assert_eq!(program.came(id).await.len(), 1);

        assert_eq!(code(&program.results(&[100_000_777]).await), "RCCS_E20-001");
        assert_eq!(code(&program.results(&[]).await), "RCCS_E20-002");
        assert_eq!(code(&program.results(&vec![id; 101]).await), "RCCS_E20-002");
        let both = program.results(&[100_000_777, id]).await;
        assert_eq!(within(&both, "UiRCCSRequestStatusModel", "requestId"), [id.to_string()]);
        for (from, to) in [
            ("2026-11-23", "2026-11-22"),
            ("2026-11-01", "2026-12-03"),
            ("x", "2026-11-22"),
            ("2026-02-30", "2026-03-01"),
        ] {
            assert_eq!(code(&search(&program, "", from, to, "").await), "RCCS_E20-004", "{from} {to}");
        }
    })
    .await;
}

async fn search(program: &Program<'_>, before: &str, from: &str, to: &str, after: &str) -> testkit::Reply {
    let parts = format!(
        "<ns2:uiRCCSResultSearchModel>{before}<ns1:fromDate>{from}</ns1:fromDate>{after}<ns1:toDate>{to}</ns1:toDate>\
         </ns2:uiRCCSResultSearchModel>"
    );
    program.send("getRCCSResultAll", &parts).await
}

#[tokio::test]
async fn results_are_found_by_day_status_order_brand_name_and_way_of_paying() {
    on_both(async |app: &TestApp| {
        let program = Program::switched(app).await;
        let (visa, jcb) = (program.order(208, "visa").await, program.order(300, "jcb").await);
        for order in [&visa, &jcb] {
            program.do_it("authori", order, 208).await;
        }
        program.do_it("sales", &jcb, 0).await;
        let next = app.now(program.shop).await.plus_seconds(86_400);
        app.advance(program.shop, next).await;
        program.do_it("salesCancel", &jcb, 0).await;
        let found = async |before: &str, from: &str, to: &str, after: &str| {
            let reply = search(&program, before, from, to, after).await;
            assert_eq!(code(&reply), "RCCS_N00-000", "{}", reply.text);
            within(&reply, "UiRCCSResultModel", "cardStatus").join(" ")
        };
        let any = "<ns1:brandName xsi:nil=\"true\"/><ns1:cardStatus>-1</ns1:cardStatus>";
        // 31 days are the span that was seen (contract 4).
        assert_eq!(found(any, "2026-11-01", "2026-12-02", "").await, "12 12 32 42");
        assert_eq!(found(any, "2026-11-22", "2026-11-22", "").await, "12 12 32");
        assert_eq!(found(any, "2026-11-23", "2026-11-23", "").await, "42");
        assert_eq!(found("<ns1:cardStatus>12</ns1:cardStatus>", "2026-11-22", "2026-11-23", "").await, "12 12");
        assert_eq!(found("<ns1:brandName>JCB</ns1:brandName>", "2026-11-22", "2026-11-23", "").await, "12 32 42");
        let of = format!("<ns1:helpItem xsi:nil=\"true\"/><ns1:orderNumber>{visa}</ns1:orderNumber><ns1:payType/>");
        assert_eq!(found("", "2026-11-22", "2026-11-23", &of).await, "12");
        let name = "<ns1:ownerName>TARO RAKUTEN</ns1:ownerName><ns1:payType>0</ns1:payType>";
        assert_eq!(found("", "2026-11-22", "2026-11-23", name).await, "12 12 32 42");
        assert_eq!(found("", "2026-11-22", "2026-11-23", "<ns1:payType>1</ns1:payType>").await, "");
        let rules = Request::post("/api/test_helpers/mall/rcard_rules", json!({ "results_max": 3 }).to_string());
        program.merchant.send(rules.method("PUT")).await.good();
        assert_eq!(code(&search(&program, any, "2026-11-22", "2026-11-23", "").await), "RCCS_E20-005");
    })
    .await;
}

/// Contract 2: members out of order get HTTP 400.
#[tokio::test]
async fn what_is_no_request_of_the_wsdl_is_a_fault() {
    on_both(async |app: &TestApp| {
        let program = Program::switched(app).await;
        let order = program.order(208, "visa").await;
        let id = program.request_id().await;
        let right = program.envelope("authori", &parts("authori", id, &[&order], 208));
        let (pay, price) = ("<ns1:payType>0</ns1:payType>", "<ns1:price>208</ns1:price>");
        let swapped = right.replace(&format!("{pay}{price}"), &format!("{price}{pay}"));
        assert_ne!(swapped, right);
        let fault = async |body: String, status: u16, said: &str| {
            let reply = app.http.send(&soap(body)).await;
            assert_eq!((reply.status, texts(&reply, "faultcode").concat().as_str()), (status, said), "{}", reply.text);
        };
        fault(swapped, 400, "S:Client").await;
        fault(right.replace("<ns2:intVal>", "<ns2:int>").replace("</ns2:intVal>", "</ns2:int>"), 400, "S:Client").await;
        fault(right.replace("authori>", "authorize>"), 400, "S:Client").await;
        fault(format!("<!DOCTYPE a [<!ENTITY b \"c\">]>{}", &right[38..]), 400, "S:Client").await;
        fault(
            right.replace("http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"),
            500,
            "S:VersionMismatch",
        )
        .await;
        fault(String::new(), 400, "S:Client").await;
        let large = right.replace("</ns2:authori>", &format!("{}</ns2:authori>", " ".repeat(300_000)));
        fault(large, 413, "S:Client").await;
        let plain = app.http.send(&Request::post(PATH, right.clone()).header("content-type", "application/json")).await;
        assert_eq!(plain.status, 415);
        assert_eq!(app.http.send(&Request::get(PATH)).await.status, 500);
        assert_eq!(app.http.send(&Request::post(PATH, right.clone()).method("PUT")).await.status, 405);
        // Nothing of all that was done: the id is still free, and the right request is accepted.
        assert_eq!(code(&app.http.send(&soap(right)).await), "RCCS_N00-000");
        program.pass(31).await;
        assert_eq!(program.came(id).await.len(), 1);
    })
    .await;
}
