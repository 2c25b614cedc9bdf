//! `GET /charges` (contract "Operations": list, "List object").

use pay::serials::Serials;
use serde_json::{Value, json};
use testkit::{Engine, Merchant, Sale, TestApp, on_both};

use crate::words::{INVALID, state};

/// Every test begins on 2026-11-22 at 09:00 in Japan.
const BEGINNING: i64 = 1_795_305_600;

/// Twelve charges of 100, 200 … yen, a minute apart; every third is captured, every fourth cancelled.
async fn shop_with_charges(app: &TestApp) -> (Merchant, Vec<String>) {
    let merchant = app.merchant();
    let mut ids = Vec::new();
    for number in 1..=12 {
        let id = merchant.sell(&Sale::of(number * 100)).await;
        if number % 3 == 0 {
            merchant.capture(&id).await.good();
        }
        if number % 4 == 0 {
            merchant.cancel(&id).await.good();
        }
        ids.push(id);
        app.wait(60);
    }
    (merchant, ids)
}

/// Amounts of the charges of a list divided by 100.
fn numbers(list: &Value) -> Vec<i64> {
    list["data"].as_array().expect("data").iter().map(|charge| charge["amount"].as_i64().expect("yen") / 100).collect()
}

#[tokio::test]
async fn newest_first_with_a_default_and_a_largest_limit() {
    on_both(async |app| {
        let (merchant, _) = shop_with_charges(app).await;
        // Query, limit and offset echoed, what is on the page.
        for (query, limit, offset, page) in [
            ("", 10, 0, (3..=12).rev().collect::<Vec<_>>()),
            ("limit=1", 1, 0, vec![12]),
            ("limit=3", 3, 0, vec![12, 11, 10]),
            ("limit=100", 100, 0, (1..=12).rev().collect()),
            ("limit=3&offset=10", 3, 10, vec![2, 1]),
            ("offset=11", 10, 11, vec![1]),
            ("offset=12", 10, 12, vec![]),
            ("limit=0100", 100, 0, (1..=12).rev().collect()),
            ("offset=10000", 10, 10_000, vec![]),
        ] {
            let list = merchant.list(query).await.good();
            assert_eq!(numbers(&list), page, "{query}");
            assert_eq!((&list["limit"], &list["offset"]), (&json!(limit), &json!(offset)), "{query}");
            // "number that match, not the page's length".
            assert_eq!((&list["object"], &list["total"]), (&json!("list"), &json!(12)), "{query}");
            assert_eq!(list["url"], "/sandbox/v1/charges");
        }
    })
    .await;
}

#[tokio::test]
async fn values_outside_of_their_range_are_named() {
    on_both(async |app| {
        let merchant = app.merchant();
        for (name, value) in [
            ("limit", "0"),
            ("limit", "101"),
            ("limit", "abc"),
            ("limit", ""),
            ("limit", "-1"),
            ("limit", "1.0"),
            ("limit", "%31%30%30%30"),
            ("limit", "99999999999999999999"),
            ("limit", "１"),
            ("offset", "-1"),
            ("offset", "10001"),
            ("offset", "abc"),
            ("offset", "9223372036854775808"),
            ("payment[paid]", "yes"),
            ("payment[paid]", ""),
            ("payment%5Bcaptured%5D", "TRUE"),
            ("payment[refunded]", "2"),
            ("created[gt]", "yesterday"),
            ("created[gte]", "-1"),
            ("created%5Blt%5D", "1.5"),
            ("created[lte]", ""),
            ("starting_after", "abc"),
            ("starting_after", ""),
            ("starting_after", "1000000000-20261199-0000000001"),
        ] {
            let plain = name.replace("%5B", "[").replace("%5D", "]");
            let message = merchant.list(&format!("{name}={value}")).await.refused(400, INVALID, "invalid_parameter");
            assert!(message.starts_with(&format!("{plain} must be ")), "{name}={value}: {message}");
        }
        let message = merchant.list("limit=1&limit=2").await.refused(400, INVALID, "invalid_parameter");
        assert!(message.starts_with("limit is given more than once"), "{message}");
        let message = merchant.list("limit=%4").await.refused(400, INVALID, "invalid_parameter");
        assert!(message.starts_with("limit has a broken %-escape"), "{message}");
    })
    .await;
}

#[tokio::test]
async fn filters_by_state_in_both_spellings_are_echoed() {
    on_both(async |app| {
        let (merchant, _) = shop_with_charges(app).await;
        // Provisional: 1 2 5 7 10 11; actual: 3 6 9; cancelled: 4 8 12.
        let rows: [(&str, Value, &[i64]); 10] = [
            ("payment[paid]=true", json!({ "paid": true }), &[11, 10, 9, 7, 6, 5, 3, 2, 1]),
            ("payment[paid]=false", json!({ "paid": false }), &[12, 8, 4]),
            ("payment[captured]=true", json!({ "captured": true }), &[9, 6, 3]),
            ("payment[captured]=false", json!({ "captured": false }), &[12, 11, 10, 8, 7, 5, 4, 2, 1]),
            ("payment[refunded]=true", json!({ "refunded": true }), &[12, 8, 4]),
            ("payment[refunded]=false", json!({ "refunded": false }), &[11, 10, 9, 7, 6, 5, 3, 2, 1]),
            (
                "payment[paid]=true&payment[captured]=false",
                json!({ "paid": true, "captured": false }),
                &[11, 10, 7, 5, 2, 1],
            ),
            (
                "payment[paid]=true&payment[captured]=true&payment[refunded]=false",
                json!({ "paid": true, "captured": true, "refunded": false }),
                &[9, 6, 3],
            ),
            ("payment[paid]=false&payment[captured]=true", json!({ "paid": false, "captured": true }), &[]),
            ("payment[paid]=1&payment[captured]=0", json!({ "paid": true, "captured": false }), &[11, 10, 7, 5, 2, 1]),
        ];
        for (query, echo, page) in rows {
            // "accept both forms"
            for spelling in [query.to_owned(), query.replace('[', "%5B").replace(']', "%5d")] {
                let list = merchant.list(&format!("{spelling}&limit=100")).await.good();
                assert_eq!(numbers(&list), page, "{spelling}");
                assert_eq!((&list["total"], &list["payment"]), (&json!(page.len()), &echo), "{spelling}");
                assert_eq!(list.get("created").or(list.get("id")).or(list.get("starting_after")), None, "{spelling}");
                let page = merchant.list(&format!("limit=2&offset=1&{spelling}")).await.good();
                let rest: Vec<i64> = numbers(&list).into_iter().skip(1).take(2).collect();
                assert_eq!((numbers(&page), &page["total"]), (rest, &list["total"]), "{spelling}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn filters_by_time_of_order() {
    on_both(async |app| {
        let (merchant, _) = shop_with_charges(app).await;
        // Charge n was ordered n - 1 minutes after the beginning.
        let at = |number: i64| BEGINNING + (number - 1) * 60;
        let rows: [(String, Value, &[i64]); 9] = [
            (format!("created[gt]={}", at(10)), json!({ "gt": at(10) }), &[12, 11]),
            (format!("created[gte]={}", at(10)), json!({ "gte": at(10) }), &[12, 11, 10]),
            (format!("created[lt]={}", at(3)), json!({ "lt": at(3) }), &[2, 1]),
            (format!("created%5Blte%5D={}", at(3)), json!({ "lte": at(3) }), &[3, 2, 1]),
            (format!("created[gt]={}&created[lte]={}", at(4), at(6)), json!({ "gt": at(4), "lte": at(6) }), &[6, 5]),
            (format!("created[gte]={0}&created[lte]={0}", at(7)), json!({ "gte": at(7), "lte": at(7) }), &[7]),
            (format!("created[gt]={0}&created[lt]={0}", at(7)), json!({ "gt": at(7), "lt": at(7) }), &[]),
            ("created[gte]=0".to_owned(), json!({ "gte": 0 }), &[12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]),
            ("created[gt]=999999999999999999".to_owned(), json!({ "gt": 999_999_999_999_999_999_i64 }), &[]),
        ];
        for (query, echo, page) in rows {
            let list = merchant.list(&format!("{query}&limit=100")).await.good();
            assert_eq!(numbers(&list), page, "{query}");
            assert_eq!((&list["total"], &list["created"]), (&json!(page.len()), &echo), "{query}");
            assert_eq!(list.get("payment"), None);
        }
        let query = format!("created[gte]={}&payment[captured]=true", at(4));
        let list = merchant.list(&query).await.good();
        assert_eq!((numbers(&list), &list["total"]), (vec![9, 6], &json!(2)));
    })
    .await;
}

#[tokio::test]
async fn an_id_finds_one_charge_or_none() {
    on_both(async |app| {
        let (merchant, ids) = shop_with_charges(app).await;
        let list = merchant.list(&format!("id={}", ids[2])).await.good();
        assert_eq!((numbers(&list), &list["total"], &list["id"]), (vec![3], &json!(1), &json!(ids[2])));
        assert_eq!(list["data"][0], merchant.retrieve(&ids[2]).await.good());
        let nobody = "1000000000-20261122-9999999999";
        for (query, id) in [
            (format!("id={nobody}"), nobody),
            ("id=abc".to_owned(), "abc"),
            ("id=".to_owned(), ""),
            ("id=%27%20OR%201%3D1".to_owned(), "' OR 1=1"),
            (format!("id={}&payment[paid]=false", ids[2]), ids[2].as_str()),
            (format!("id={}&created[lt]={BEGINNING}", ids[2]), ids[2].as_str()),
        ] {
            let list = merchant.list(&query).await.good();
            assert_eq!((&list["data"], &list["total"], &list["id"]), (&json!([]), &json!(0), &json!(id)), "{query}");
        }
        assert_eq!(
            state(&merchant.list(&format!("id={}&payment[captured]=1", ids[2])).await.good()["data"][0]),
            "actual 300"
        );
    })
    .await;
}

#[tokio::test]
async fn starting_after_continues_behind_a_charge() {
    on_both(async |app| {
        let (merchant, ids) = shop_with_charges(app).await;
        for (query, page) in [
            (format!("starting_after={}", ids[3]), vec![3, 2, 1]),
            (format!("starting_after={}&limit=2", ids[3]), vec![3, 2]),
            (format!("starting_after={}&limit=2&offset=1", ids[3]), vec![2, 1]),
            (format!("starting_after={}&payment[captured]=true", ids[8]), vec![6, 3]),
            (format!("starting_after={}", ids[0]), vec![]),
            ("starting_after=9999999999-99990101-0000000001&limit=1".to_owned(), vec![12]),
        ] {
            let list = merchant.list(&query).await.good();
            assert_eq!(numbers(&list), page, "{query}");
            let expected = query.split(['=', '&']).nth(1).expect("a value");
            assert_eq!(list["starting_after"], expected);
        }
    })
    .await;
}

#[tokio::test]
async fn an_empty_shop_has_an_empty_list() {
    on_both(async |app| {
        let reply = app.merchant().list("").await;
        let expected = r#"{"object":"list","url":"/sandbox/v1/charges","limit":10,"offset":0,"total":0,"data":[]}"#;
        assert_eq!((reply.status, reply.text.as_str()), (200, expected));
    })
    .await;
}

#[tokio::test]
async fn the_fields_of_a_list_come_in_the_order_of_the_contract() {
    on_both(async |app| {
        let (merchant, ids) = shop_with_charges(app).await;
        let query = format!(
            "created[gte]=1&payment[refunded]=true&starting_after={0}&id={0}&limit=5&offset=0&payment[paid]=false\
             &created[lt]=9",
            ids[11]
        );
        let expected = format!(
            concat!(
                r#"{{"object":"list","url":"/sandbox/v1/charges","limit":5,"offset":0,"total":0,"#,
                r#""payment":{{"paid":false,"refunded":true}},"id":"{0}","starting_after":"{0}","#,
                r#""created":{{"gte":1,"lt":9}},"data":[]}}"#
            ),
            ids[11]
        );
        assert_eq!(merchant.list(&query).await.text, expected);
    })
    .await;
}

/// SQLite has one process; on PostgreSQL each takes blocks of serials of its own.
#[tokio::test]
async fn what_two_processes_make_stands_in_the_order_of_its_making() {
    on_both(async |app| {
        let (one, other) = (Serials::default(), Serials::default());
        let take = async |of: &Serials| {
            let taken = of.take(app.store(), app.shop.id, kernel::Environment::Sandbox).await;
            taken.expect("a serial").1
        };
        let mut last = 0;
        for _ in 0..10 {
            last = take(&one).await;
        }
        if app.engine == Engine::Postgres {
            for next in [&other, &one, &other, &other, &one] {
                app.wait(1);
                let serial = take(next).await;
                assert!(last < serial, "{last}, then {serial}");
                last = serial;
            }
        }
    })
    .await;
}
