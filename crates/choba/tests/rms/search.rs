//! Contract, 3.1 "searchOrder".

use mall::code::Method;
use serde_json::{Value, json};
use testkit::{RmsProgram, on_both};

use crate::world::{address, body, confirmed, message, number, person, place, program, ship, tea, with_orders};

/// A search over November with further members.
fn asked(members: Value) -> Value {
    let mut asked = json!({
        "dateType": 1, "startDatetime": "2026-11-01T00:00:00+0900", "endDatetime": "2026-11-30T23:59:59+0900",
    });
    asked.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    asked
}

async fn found(program: &RmsProgram, members: Value) -> Vec<String> {
    let reply = body(&program.call("searchOrder", asked(members)).await, 200);
    reply["orderNumberList"].as_array().unwrap().iter().map(|number| number.as_str().unwrap().to_owned()).collect()
}

/// One message for each faulty member, by the number of its code and the member's name.
async fn faults(program: &RmsProgram, members: Value) -> Vec<(String, String)> {
    let reply = program.call("searchOrder", members).await;
    let answer = body(&reply, 400);
    assert!(answer["orderNumberList"].is_null() && answer["PaginationResponseModel"].is_null(), "{}", reply.text);
    let read = |message: &Value| {
        let code = message["messageCode"].as_str().unwrap().rsplit('_').next().unwrap().to_owned();
        let text = message["message"].as_str().unwrap();
        (code, text[..text.find('の').unwrap()].to_owned())
    };
    answer["MessageModelList"].as_array().unwrap().iter().map(read).collect()
}

#[tokio::test]
async fn orders_are_found_newest_first_a_page_at_a_time() {
    on_both(async |app| {
        let program = with_orders(app, 3).await;
        let reply = program.call("searchOrder", asked(json!({}))).await;
        let expected = json!({
            "orderNumberList": [number(3), number(2), number(1)],
            "MessageModelList": [message("INFO", "SEARCH_ORDER_INFO_101", "注文検索に成功しました。")],
            "PaginationResponseModel": { "totalRecordsAmount": 3, "totalPages": 1, "requestPage": 1 },
        });
        assert_eq!(body(&reply, 200), expected);
        // The order of the recording (section 1, "Member order").
        let place = |name: &str| reply.text.find(name).unwrap();
        assert!(place("orderNumberList") < place("MessageModelList"));
        assert!(place("MessageModelList") < place("PaginationResponseModel"));

        let page = |page: i64, direction: i64| {
            json!({ "PaginationRequestModel": {
            "requestRecordsAmount": 2, "requestPage": page,
            "SortModelList": [{ "sortColumn": 1, "sortDirection": direction }],
        } })
        };
        assert_eq!(found(&program, page(1, 1)).await, [number(1), number(2)]);
        let second = body(&program.call("searchOrder", asked(page(2, 1))).await, 200);
        assert_eq!(second["orderNumberList"], json!([number(3)]));
        assert_eq!(
            second["PaginationResponseModel"],
            json!({ "totalRecordsAmount": 3, "totalPages": 2, "requestPage": 2 })
        );
        assert_eq!(found(&program, page(3, 1)).await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn nothing_found_is_a_success_with_null_pages() {
    on_both(async |app| {
        let program = program(app).await;
        let expected = json!({
            "orderNumberList": [],
            "MessageModelList": [message("INFO", "SEARCH_ORDER_INFO_102", "注文検索に成功しました。(検索結果０件)")],
            "PaginationResponseModel": { "totalRecordsAmount": null, "totalPages": null, "requestPage": null },
        });
        assert_eq!(body(&program.call("searchOrder", asked(json!({}))).await, 200), expected);
    })
    .await;
}

#[tokio::test]
async fn every_faulty_member_has_its_message() {
    on_both(async |app| {
        let program = program(app).await;
        let nothing = program.call("searchOrder", json!({})).await;
        let missing =
            |field: &str| message("ERROR", "SEARCH_ORDER_ERROR_009", &format!("{field}の項目を指定して下さい。"));
        let expected = json!({
            "orderNumberList": null,
            "MessageModelList": [missing("dateType"), missing("startDatetime"), missing("endDatetime")],
            "PaginationResponseModel": null,
        });
        assert_eq!(body(&nothing, 400), expected);

        let pairs = |expected: &[(&str, &str)]| {
            expected.iter().map(|(code, field)| ((*code).to_owned(), (*field).to_owned())).collect::<Vec<_>>()
        };
        let empty = json!({ "dateType": "", "startDatetime": "", "endDatetime": "2026-11-30" });
        let expected = pairs(&[("010", "dateType"), ("010", "startDatetime"), ("011", "endDatetime")]);
        assert_eq!(faults(&program, empty).await, expected);
        for (members, expected) in [
            (json!({ "dateType": 7 }), [("011", "dateType")]),
            (json!({ "startDatetime": "2026-11-01T00:00:00+09:00" }), [("011", "startDatetime")]),
            (json!({ "endDatetime": "2026-11-30T23:59:59+0000" }), [("011", "endDatetime")]),
            // 64 days after the start, before it, and a start of more than 730 days ago.
            (json!({ "endDatetime": "2027-01-03T00:00:01+0900" }), [("011", "endDatetime")]),
            (json!({ "endDatetime": "2026-10-31T00:00:00+0900" }), [("011", "endDatetime")]),
            (
                json!({ "startDatetime": "2024-11-22T08:59:59+0900", "endDatetime": "2024-12-01T00:00:00+0900" }),
                [("011", "startDatetime")],
            ),
            (json!({ "orderProgressList": [100, 150] }), [("011", "orderProgressList")]),
            (json!({ "subStatusIdList": [-1] }), [("009", "orderProgressList")]),
            // One message for a member, whatever else is wrong with it.
            (json!({ "orderProgressList": [999], "subStatusIdList": [-1] }), [("011", "orderProgressList")]),
            // 8 ポイント is no search value.
            (json!({ "settlementMethod": 8 }), [("011", "settlementMethod")]),
            (json!({ "searchKeywordType": 7, "searchKeyword": "あ".repeat(41) }), [("011", "searchKeyword")]),
            (json!({ "searchKeywordType": 1, "searchKeyword": "①" }), [("011", "searchKeyword")]),
            (json!({ "phoneNumberType": 3, "phoneNumber": "0312345678" }), [("011", "phoneNumberType")]),
            (json!({ "phoneNumber": "0312345678" }), [("009", "phoneNumberType")]),
            (
                json!({ "PaginationRequestModel": { "requestRecordsAmount": 1_001, "requestPage": 1 } }),
                [("011", "requestRecordsAmount")],
            ),
            (json!({ "PaginationRequestModel": { "requestRecordsAmount": 30 } }), [("009", "requestPage")]),
        ] {
            assert_eq!(faults(&program, asked(members.clone())).await, pairs(&expected), "{members}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_limits_themselves_are_within() {
    on_both(async |app| {
        let program = program(app).await;
        for members in [
            json!({ "endDatetime": "2027-01-03T00:00:00+0900" }),
            json!({ "startDatetime": "2024-11-22T09:00:00+0900", "endDatetime": "2024-12-01T00:00:00+0900" }),
            json!({ "PaginationRequestModel": { "requestRecordsAmount": 1_000, "requestPage": 15 } }),
            json!({ "searchKeywordType": 1, "searchKeyword": "あ".repeat(1_024) }),
        ] {
            assert_eq!(program.call("searchOrder", asked(members.clone())).await.status, 200, "{members}");
        }
    })
    .await;
}

#[tokio::test]
async fn each_criterion_finds_its_orders() {
    on_both(async |app| {
        let program = program(app).await;
        let mut other = tea(2, Method::BankTransfer);
        other.orderer.email = "ffs1@pc.fw.rakuten.example".into();
        other.orderer.person.family_name = "佐藤".into();
        other.packages[0].person.phone = ["090", "0000", "1111"].map(|part| Some(part.to_owned()));
        other.packages[0].items[0].name = "玉露 50g".into();
        other.traits.asuraku = true;
        other.notes.delivery_name = "クール便".into();
        place(app, tea(1, Method::Card)).await;
        place(app, other).await;
        confirmed(app, &program, &number(1)).await;
        ship(&program, &number(1), "2026-11-24").await;
        assert_eq!((person().family_name.as_str(), address().zip[0].as_str()), ("楽天", "158"));
        for (members, expected) in [
            (json!({ "orderProgressList": [300] }), vec![1]),
            (json!({ "orderProgressList": ["100", 300] }), vec![2, 1]),
            (json!({ "settlementMethod": 9 }), vec![2]),
            (json!({ "deliveryName": "クール便" }), vec![2]),
            (json!({ "shippingDateBlankFlag": 1 }), vec![2]),
            (json!({ "shippingNumberBlankFlag": 1 }), vec![2]),
            (json!({ "searchKeywordType": 1, "searchKeyword": "玉露" }), vec![2]),
            (json!({ "searchKeywordType": 2, "searchKeyword": "tea-100" }), vec![2, 1]),
            (json!({ "searchKeywordType": 4, "searchKeyword": "佐藤" }), vec![2]),
            // searchKeyword is not required: a kind of none asks for nothing.
            (json!({ "searchKeywordType": 1, "searchKeyword": null }), vec![2, 1]),
            (json!({ "searchKeywordType": 5, "searchKeyword": "ラクテン" }), vec![2, 1]),
            (json!({ "ordererMailAddress": "ffs1@pc.fw.rakuten.example" }), vec![2]),
            (json!({ "phoneNumberType": 1, "phoneNumber": "0312345678" }), vec![2, 1]),
            (json!({ "phoneNumberType": 2, "phoneNumber": "09000001111" }), vec![2]),
            (json!({ "purchaseSiteType": 3 }), vec![2, 1]),
            (json!({ "purchaseSiteType": 1 }), vec![]),
            (json!({ "asurakuFlag": 1 }), vec![2]),
            (json!({ "couponUseFlag": 1 }), vec![]),
            (json!({ "overseasFlag": 1 }), vec![]),
            (json!({ "orderTypeList": [6] }), vec![]),
            // The dates: confirmed, fixed, shipped; not yet reported or settled.
            (json!({ "dateType": 2 }), vec![1]),
            (json!({ "dateType": 3 }), vec![1]),
            (json!({ "dateType": 4 }), vec![1]),
            (json!({ "dateType": 5 }), vec![]),
            (json!({ "dateType": 6 }), vec![]),
            (json!({ "endDatetime": "2026-11-22T08:29:59+0900" }), vec![]),
            (json!({ "endDatetime": "2026-11-22T08:30:00+0900" }), vec![2, 1]),
        ] {
            let expected: Vec<String> = expected.into_iter().map(number).collect();
            assert_eq!(found(&program, members.clone()).await, expected, "{members}");
        }
    })
    .await;
}
