//! `choba mall` on the demo shop: its licence works as it is printed.

use serde_json::{Value, json};

use crate::program::{Server, run};

#[test]
fn the_licence_of_the_demo_shop_is_shown_and_works() {
    let home = tempfile::tempdir().unwrap();
    let (code, _, error) = run(home.path(), &["mall", "licence"]);
    assert_eq!(code, Some(1));
    assert!(error.contains("there are no data in choba-data"), "{error}");

    let server = Server::start_with(home.path(), &["--demo"]);
    let (code, out, error) = run(home.path(), &["mall", "licence", "--json"]);
    assert_eq!(code, Some(0), "{error}");
    let licence: Value = serde_json::from_str(&out).unwrap();
    let members: Vec<&String> = licence.as_object().unwrap().keys().collect();
    assert_eq!(members, ["license_key", "service_secret", "shop_url"]);
    let text = |name: &str| licence[name].as_str().unwrap();
    let esa = mall::licence::authorization(text("service_secret"), text("license_key"));
    let ask = json!({ "orderNumberList": ["123456-20261122-9999999999"], "version": 7 }).to_string();
    // The helper of these tests sends no charset: what is refused then is refused in the gateway's words.
    let (status, answer) = server.send("POST", "/es/2.0/order/getOrder/", &esa, &ask);
    assert_eq!((status, &answer["Results"]["errorCode"]), (415, &json!("ES04-03")));
    let (status, answer) = server.send("POST", "/es/2.0/order/getSubStatusList/", &esa, "");
    assert_eq!((status, &answer["StatusModelList"]), (200, &json!([])));

    let (code, out, _) = run(home.path(), &["mall", "licence"]);
    assert_eq!(code, Some(0));
    assert!(out.contains(text("service_secret")) && out.contains(&esa), "{out}");
}

#[test]
fn orders_of_the_marketplace_are_generated_and_its_rules_are_set() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start_with(home.path(), &["--demo"]);
    let (code, out, error) = run(home.path(), &["mall", "generate", "--orders", "700", "--seed", "3", "--days", "9"]);
    assert_eq!(code, Some(0), "{error}");
    assert!(out.starts_with("placed 700 orders with shop 1 (seed 3)"), "{out}");
    let (code, _, error) = run(home.path(), &["mall", "generate", "--orders", "0"]);
    assert_eq!(code, Some(2), "{error}");
    let (_, out, _) = run(home.path(), &["mall", "rules"]);
    assert_eq!(out, "{}\n");
    let (code, _, error) = run(home.path(), &["mall", "rules", "--set", r#"{"deposit_day":3}"#]);
    assert_eq!(code, Some(1));
    assert!(error.contains("deposit_day"), "{error}");
    let (_, out, error) = run(home.path(), &["mall", "rules", "--set", r#"{"deposit_days":3,"confirmation_days":30}"#]);
    assert_eq!(out, "{\"confirmation_days\":30,\"deposit_days\":3}\n", "{error}");
    for (to, is) in [(None, "rpay"), (Some("rcard"), "rcard"), (None, "rcard"), (Some("rpay"), "rpay")] {
        let arguments: Vec<&str> = ["mall", "model"].into_iter().chain(to).collect();
        let (code, out, error) = run(home.path(), &arguments);
        assert_eq!((code, out.trim()), (Some(0), is), "{error}");
    }
    // The rules hold: none of the new orders ends, and the books agree after the clock was turned.
    let (code, _, error) = run(home.path(), &["clock", "advance", "8d", "--server", &server.url()]);
    assert_eq!(code, Some(0), "{error}");
    let (code, out, error) = run(home.path(), &["verify"]);
    assert_eq!(code, Some(0), "{out} {error}");
    assert_eq!(server.terminate().0, Some(0));
}

#[test]
fn the_demo_shop_has_orders_of_every_status() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start_with(home.path(), &["--demo", "--rms-switches", "any_content_type"]);
    let (_, out, _) = run(home.path(), &["mall", "licence", "--json"]);
    let licence: Value = serde_json::from_str(&out).unwrap();
    let text = |name: &str| licence[name].as_str().unwrap();
    let esa = mall::licence::authorization(text("service_secret"), text("license_key"));
    let (_, clock, _) = run(home.path(), &["clock", "show", "--server", &server.url()]);
    let now = clock.split_once('(').and_then(|(_, rest)| rest.trim_end().strip_suffix(')')).unwrap();
    let now = kernel::Timestamp::from_seconds(now.parse().unwrap());
    let day = |back: i64| format!("{}T00:00:00+0900", now.jst_date().plus_days(-back));
    // Whether anything is 500 or 600 just now depends on the day of the month.
    for status in [100, 200, 300, 400, 700, 800, 900] {
        let search = json!({
            "dateType": 1, "startDatetime": day(60), "endDatetime": day(-1), "orderProgressList": [status],
        });
        let (code, answer) = server.send("POST", "/es/2.0/order/searchOrder", &esa, &search.to_string());
        assert_eq!(code, 200, "{answer}");
        assert!(answer["PaginationResponseModel"]["totalRecordsAmount"].as_i64() > Some(0), "{status}: {answer}");
    }
    let (code, out, error) = run(home.path(), &["verify"]);
    assert_eq!(code, Some(0), "{out} {error}");
    assert_eq!(server.terminate().0, Some(0));
}
