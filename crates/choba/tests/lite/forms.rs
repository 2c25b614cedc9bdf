//! What a merchant may send wrongly: it is named, and nothing changes. Above all no slip ever turns a change of amount
//! into a cancel (contract "Operations": cancel is `refund` with no item parameters).

use serde_json::json;
use testkit::{Merchant, Reply, Request, Sale, on_both};

use crate::words::{INVALID, state};

const FORM: &str = "application/x-www-form-urlencoded";
const ITEM: &str = "item_id_1=a&item_name_1=b&item_quantity_1=1&item_unit_price_1=500";

async fn refund(merchant: &Merchant, id: &str, media_type: Option<&str>, body: &[u8]) -> Reply {
    let request = Request::post(format!("/sandbox/v1/charges/{id}/refund"), body);
    let request = match media_type {
        Some(media_type) => request.header("content-type", media_type),
        None => request,
    };
    merchant.send(request).await
}

#[tokio::test]
async fn no_slip_cancels_a_charge() {
    // Media type, body, code, and what the message names.
    let rows: &[(Option<&str>, &str, &str, &str)] = &[
        (Some("application/json"), r#"{"items":[{"id":"a"}]}"#, "invalid_parameter", "Content-Type"),
        (Some("application/json; charset=utf-8"), "{}", "invalid_parameter", "Content-Type"),
        (Some("application/json"), ITEM, "invalid_parameter", "Content-Type"),
        (Some("text/plain"), ITEM, "invalid_parameter", "Content-Type"),
        (Some("multipart/form-data; boundary=x"), "--x\r\n\r\n--x--", "invalid_parameter", "Content-Type"),
        (Some(""), ITEM, "invalid_parameter", "Content-Type"),
        (None, r#"{"items":[{"id":"a"}]}"#, "invalid_parameter", "body"),
        (Some(FORM), r#"{"items":[{"id":"a"}]}"#, "invalid_parameter", "body"),
        (Some(FORM), r#"{"item_id_1":"a","item_quantity_1":1}"#, "invalid_parameter", "body"),
        (Some(FORM), r#"{"amount":500}"#, "invalid_parameter", "body"),
        (Some(FORM), r#" [{"id":"a"}]"#, "invalid_parameter", "body"),
        (Some(FORM), "<items><item id=\"a\"/></items>", "invalid_parameter", "body"),
        (Some(FORM), "item_id_1=a", "missing_parameter", "item_quantity_1"),
        (Some(FORM), "item_name_1=a&item_quantity_1=1&item_unit_price_1=500", "missing_parameter", "item_id_1"),
        (Some(FORM), "item_id_1=a&item_quantity_1=1&item_unit_price_1=500", "missing_parameter", "item_name_1"),
        (Some(FORM), "item_id_1=a&item_name_1=b&item_quantity_1=1", "missing_parameter", "item_unit_price_1"),
        (Some(FORM), "item_id_2=a&item_name_2=b&item_quantity_2=1&item_unit_price_2=9", "missing_parameter", "_1"),
        (Some(FORM), "item_id_0=a", "invalid_parameter", "item_id_0"),
        (Some(FORM), "item_id_01=a", "invalid_parameter", "item_id_01"),
        (Some(FORM), "item_id_1001=a", "invalid_parameter", "item_id_1001"),
        (Some(FORM), "item_id_99999999999999999999=a", "invalid_parameter", "item_id_9999"),
        (Some(FORM), "id_1=a&name_1=b", "invalid_parameter", "id_1"),
        (Some(FORM), "name_1=b", "invalid_parameter", "name_1"),
        (Some(FORM), "item_price_1=a", "invalid_parameter", "item_price_1"),
        (Some(FORM), "Item_Id_1=a", "invalid_parameter", "Item_Id_1"),
        (Some(FORM), "+item_id_1=a", "invalid_parameter", "item_id_1"),
        (Some(FORM), "%EF%BB%BFitem_id_1=a", "invalid_parameter", "item_id_1"),
        (Some(FORM), "data-item-id-1=a", "invalid_parameter", "data-item-id-1"),
        (Some(FORM), "items[0][id]=a", "invalid_parameter", "items[0][id]"),
        (Some(FORM), "charge[items][0][id]=a", "invalid_parameter", "charge[items]"),
        (Some(FORM), "item_id_1=%4", "invalid_parameter", "item_id_1"),
        (Some(FORM), "item_id_1=%zz", "invalid_parameter", "item_id_1"),
        (Some(FORM), "item_name_1=%ff", "invalid_parameter", "item_name_1"),
        (Some(FORM), "amount=300", "invalid_parameter", "amount"),
        (Some(FORM), "unit_price=300&reason=a", "invalid_parameter", "unit_price"),
        (Some(FORM), "Point=1", "invalid_parameter", "Point"),
        (Some(FORM), "reason=%e3%81", "invalid_parameter", "reason"),
        (Some(FORM), "%zz=a", "invalid_parameter", "name"),
        (Some(FORM), "reason=a&reason=b", "invalid_parameter", "reason"),
        (Some(FORM), "item_id_1=a&item_id_1=b", "invalid_parameter", "item_id_1"),
        (Some(FORM), "item_id_1=a&item%5Fid_1=b", "invalid_parameter", "item_id_1"),
    ];
    on_both(async |app| {
        let merchant = app.merchant();
        for captured in [false, true] {
            let id = merchant.sell(&Sale::of(1_000)).await;
            if captured {
                merchant.capture(&id).await.good();
            }
            let before = merchant.retrieve(&id).await.text;
            for (media_type, body, code, named) in rows {
                let message = refund(&merchant, &id, *media_type, body.as_bytes()).await.refused(400, INVALID, code);
                assert!(message.contains(named), "{media_type:?} {body}: {message}");
                assert_eq!(merchant.retrieve(&id).await.text, before, "{media_type:?} {body}");
            }
            // Items in the address instead of the body.
            let request = Request::post(format!("/sandbox/v1/charges/{id}/refund?{ITEM}"), "");
            merchant.send(request).await.refused(400, INVALID, "invalid_parameter");
            assert_eq!(merchant.retrieve(&id).await.text, before);
        }
    })
    .await;
}

#[tokio::test]
async fn values_of_items_are_checked() {
    // Name, value, code, and what the message names.
    let long = "あ".repeat(256);
    let rows = [
        ("item_quantity_1", "0", "item_quantity_1 must be"),
        ("item_quantity_1", "", "item_quantity_1"),
        ("item_quantity_1", "-1", "item_quantity_1"),
        ("item_quantity_1", "+1", "item_quantity_1"),
        ("item_quantity_1", "1.0", "item_quantity_1"),
        ("item_quantity_1", "1e2", "item_quantity_1"),
        ("item_quantity_1", " 1", "item_quantity_1"),
        ("item_quantity_1", "１", "item_quantity_1"),
        ("item_quantity_1", "4294967296", "item_quantity_1"),
        ("item_quantity_1", "99999999999999999999", "item_quantity_1"),
        ("item_unit_price_1", "", "item_unit_price_1"),
        ("item_unit_price_1", "-500", "item_unit_price_1"),
        ("item_unit_price_1", "500.5", "item_unit_price_1"),
        ("item_unit_price_1", "5,000", "item_unit_price_1"),
        ("item_unit_price_1", "0x1f4", "item_unit_price_1"),
        ("item_unit_price_1", "100000000", "item_unit_price_1 must be"),
        ("item_unit_price_1", "999999999999999999", "item_unit_price_1 must be"),
        ("item_unit_price_1", "9223372036854775808", "item_unit_price_1"),
        ("item_id_1", "", "item_id_1 must be"),
        ("item_name_1", "", "item_name_1 must be"),
        ("item_name_1", &long, "item_name_1 must be"),
        ("item_id_1", &long, "item_id_1 must be"),
        ("item_name_1", "a\nb", "item_name_1 must be"),
        ("item_name_1", "\u{0}", "item_name_1 must be"),
    ];
    on_both(async |app| {
        let merchant = app.merchant();
        let id = merchant.sell(&Sale::of(1_000)).await;
        let post = async |pairs: &[(&str, &str)]| {
            let pair = |(name, value): &(&str, &str)| format!("{name}={}", testkit::merchant::escaped(value));
            let body: Vec<String> = pairs.iter().map(pair).collect();
            refund(&merchant, &id, Some(FORM), body.join("&").as_bytes()).await
        };
        for (name, value, named) in rows {
            let mut pairs =
                vec![("item_id_1", "a"), ("item_name_1", "b"), ("item_quantity_1", "1"), ("item_unit_price_1", "500")];
            pairs.iter_mut().filter(|(known, _)| *known == name).for_each(|pair| pair.1 = value);
            let message = post(&pairs).await.refused(400, INVALID, "invalid_parameter");
            assert!(message.starts_with(named), "{name}={value:?}: {message}");
        }
        // A product and a sum above the largest total.
        let pairs =
            [("item_id_1", "a"), ("item_name_1", "b"), ("item_quantity_1", "100000"), ("item_unit_price_1", "1000")];
        post(&pairs).await.refused(400, INVALID, "amount_too_large");
        let items = [("a", "b", 1, 99_999_999), ("c", "d", 1, 1)];
        merchant.change_to(&id, &items).await.refused(400, INVALID, "amount_too_large");
        let too_many = vec![("a", "b", 1, 1); 1_001];
        merchant.change_to(&id, &too_many).await.refused(400, INVALID, "invalid_parameter");
        assert_eq!(state(&merchant.retrieve(&id).await.good()), "provisional 1000");
        // The longest texts that are allowed.
        let text = "あ".repeat(255);
        assert_eq!(state(&merchant.change_to(&id, &[(&text, &text, 2, 300)]).await.good()), "provisional 600");
    })
    .await;
}

#[tokio::test]
async fn a_flood_of_parameters_is_refused() {
    on_both(async |app| {
        let merchant = app.merchant();
        let id = merchant.sell(&Sale::of(1_000)).await;
        let flood: Vec<String> = (0..5_001).map(|number| format!("a{number}=")).collect();
        let reply = merchant.post(&format!("/charges/{id}/refund"), &flood.join("&")).await;
        reply.refused(400, INVALID, "too_many_parameters");
        assert_eq!(state(&merchant.retrieve(&id).await.good()), "provisional 1000");
    })
    .await;
}

#[tokio::test]
async fn what_is_allowed_works_however_it_is_written() {
    on_both(async |app| {
        let merchant = app.merchant();
        // "A POST may have an empty body", with a type or without.
        for (media_type, body) in [(None, ""), (Some(FORM), ""), (Some("application/json"), ""), (None, "&&")] {
            let id = merchant.sell(&Sale::of(1_000)).await;
            assert_eq!(state(&refund(&merchant, &id, media_type, body.as_bytes()).await.good()), "cancelled 1000");
        }
        for (media_type, body) in [
            (Some(FORM), ITEM.to_owned()),
            (Some("APPLICATION/X-WWW-FORM-URLENCODED; charset=UTF-8"), ITEM.to_owned()),
            (None, ITEM.to_owned()),
            (Some(FORM), format!("&{ITEM}&&")),
            (Some(FORM), ITEM.replace('_', "%5f")),
            (Some(FORM), ITEM.split('&').rev().collect::<Vec<_>>().join("&")),
            (Some(FORM), format!("reason=x&{ITEM}")),
        ] {
            let id = merchant.sell(&Sale::of(1_000)).await;
            let changed = refund(&merchant, &id, media_type, body.as_bytes()).await.good();
            assert_eq!(state(&changed), "provisional 500", "{media_type:?} {body}");
            assert_eq!(changed["items"], json!([{ "id": "a", "name": "b", "quantity": 1, "unit_price": 500 }]));
        }
        let id = merchant.sell(&Sale::of(1_000)).await;
        let body = ITEM.replace("=b", "=%E6%A5%BD+%26+%3D%3B");
        assert_eq!(refund(&merchant, &id, Some(FORM), body.as_bytes()).await.good()["items"][0]["name"], "楽 & =;");
    })
    .await;
}

#[tokio::test]
async fn the_helper_names_what_is_wrong_with_its_body() {
    let item = json!({ "id": "a", "name": "b", "quantity": 1, "unit_price": 500 });
    let with = |field: &str, value: serde_json::Value| {
        let mut body = json!({ "items": [item] });
        body[field] = value;
        body.to_string()
    };
    let one = |field: &str, value: serde_json::Value| {
        let mut wrong = item.clone();
        wrong[field] = value;
        json!({ "items": [wrong] }).to_string()
    };
    // Body, code, and what the message names.
    let rows = [
        (String::new(), "invalid_json", "body"),
        ("{".to_owned(), "invalid_json", "body"),
        (ITEM.to_owned(), "invalid_json", "body"),
        ("{}".to_owned(), "invalid_json", "items"),
        (json!({ "items": [] }).to_string(), "invalid_parameter", "items"),
        (with("amount", json!(500)), "invalid_json", "amount"),
        (with("point", json!(-1)), "invalid_parameter", "point"),
        (with("point", json!(501)), "invalid_parameter", "point"),
        (with("point", json!("1")), "invalid_json", "point"),
        (with("point", json!(1.5)), "invalid_json", "point"),
        (with("cart_id", json!("a\u{7}")), "invalid_parameter", "cart_id"),
        (with("cart_id", json!("a".repeat(256))), "invalid_parameter", "cart_id"),
        (with("card", json!("gold")), "invalid_parameter", "card"),
        (with("card", json!("4111111111111112")), "invalid_card", "card"),
        (with("address", json!({ "zip": "1" })), "invalid_json", "zip"),
        (with("buyer", json!({ "name": "a" })), "invalid_json", "name"),
        (one("quantity", json!(0)), "invalid_parameter", "quantity of item 1"),
        (one("unit_price", json!(-1)), "invalid_parameter", "unit_price of item 1"),
        (one("unit_price", json!(0)), "invalid_parameter", "the total"),
        (one("unit_price", json!(100_000_000)), "invalid_parameter", "unit_price of item 1"),
        (one("name", json!("")), "invalid_parameter", "name of item 1"),
        (one("price", json!(1)), "invalid_json", "price"),
    ];
    on_both(async |app| {
        let merchant = app.merchant();
        for (body, code, named) in &rows {
            let request = Request::post("/api/test_helpers/charges", body.as_str());
            let reply = merchant.send(request.header("content-type", "application/json")).await;
            assert_eq!(reply.status, 400, "{body}");
            let message = reply.refused(400, INVALID, code);
            assert!(message.contains(named), "{body}: {message}");
        }
        let request = Request::post("/api/test_helpers/charges", Sale::of(100).0.to_string());
        let message =
            merchant.send(request.header("content-type", FORM)).await.refused(400, INVALID, "invalid_parameter");
        assert!(message.contains("Content-Type"), "{message}");
        assert_eq!(merchant.list("").await.good()["total"], 0);
    })
    .await;
}
