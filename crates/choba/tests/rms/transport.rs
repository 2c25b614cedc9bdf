//! Contract, section 1 "Transport": both forms of the URI, methods, authorization, content types, bodies, headers.

use base64::Engine as _;
use serde_json::{Value, json};
use testkit::{Engine, Request, Setup, TestApp, on_both, on_both_with};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::world::{FIRST, body, program, with_orders};

const JSON: &str = "application/json; charset=utf-8";

fn results(code: &str, message: &str) -> Value {
    json!({ "Results": { "errorCode": code, "message": message } })
}

#[tokio::test]
async fn both_forms_of_the_uri_answer_without_a_redirect() {
    on_both(async |app| {
        let program = with_orders(app, 1).await;
        for path in ["/es/2.0/order/getOrder", "/es/2.0/order/getOrder/"] {
            let ask = json!({ "orderNumberList": [FIRST], "version": 7 }).to_string();
            let reply = program.send(Request::post(path, ask).header("content-type", JSON)).await;
            assert_eq!(body(&reply, 200)["OrderModelList"][0]["orderNumber"], FIRST, "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn other_methods_and_unknown_paths_are_refused_by_the_gateway() {
    on_both(async |app| {
        let program = program(app).await;
        for method in ["GET", "PUT", "DELETE", "PATCH"] {
            for path in ["/es/2.0/order/searchOrder", "/es/2.0/order/searchOrder/"] {
                let reply = program.send(Request::post(path, "").method(method)).await;
                assert_eq!(body(&reply, 405), results("ES04-04", "Method Not Allowed"), "{method} {path}");
            }
        }
        for path in [
            "/es/2.0/order/searchOrders",
            "/es/2.0/order/searchorder/",
            "/es/2.0/order/",
            "/es/1.0/item/get",
            "/es/2.0/order/getOrder/x",
        ] {
            let reply = program.send(Request::post(path, "{}").header("content-type", JSON)).await;
            assert_eq!(body(&reply, 404), results("ES04-02", "Not Found"), "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn every_operation_of_the_table_is_there_in_both_forms_and_for_nobody_unknown() {
    on_both(async |app| {
        let program = program(app).await;
        for entry in &mall::http::TABLE {
            for end in ["", "/"] {
                let path = format!("{}/{}{end}", mall::http::ORDERS, entry.operation.name());
                let unknown = app.http.send(&Request::post(&path, "{}").header("content-type", JSON)).await;
                assert_eq!(body(&unknown, 401), results("ES04-01", "Un-Authorised"), "{path}");
                assert_eq!(program.send(Request::get(&path)).await.status, 405, "{path}");
                // An empty request is understood, and mostly refused by the operation itself.
                let answer = program.send(Request::post(&path, "{}").header("content-type", JSON)).await.json();
                assert!(answer.get("Results").is_none(), "{path}: {answer}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn who_does_not_prove_whose_it_is_is_un_authorised() {
    on_both(async |app| {
        let program = program(app).await;
        let encoded = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
        let good = format!("{}:{}", program.service_secret, program.license_key);
        let reasons = [
            (None, "there is no Authorization header"),
            (Some(format!("Basic {}", encoded(&good))), "the Authorization header does not begin with \"ESA \""),
            // U1A6U0w= without its padding.
            (Some("ESA U1A6U0w".to_owned()), "what follows ESA is no padded Base64 of text in one line"),
            (Some(format!("ESA {good}")), "what follows ESA is no padded Base64 of text in one line"),
            (Some(format!("ESA {}", encoded("SP123456"))), "the decoded text is not serviceSecret:licenseKey"),
            (
                Some(format!("ESA {}", encoded(&format!("{}:SL123456_0000000000000000", program.service_secret)))),
                "serviceSecret or licenseKey is unknown",
            ),
            (
                Some(format!("ESA {}", encoded(&format!("SP123456_0000000000000000:{}", program.license_key)))),
                "serviceSecret or licenseKey is unknown",
            ),
        ];
        for (authorization, reason) in reasons {
            let mut request = Request::post("/es/2.0/order/getOrder", "{}").header("content-type", JSON);
            if let Some(value) = &authorization {
                request = request.header("authorization", value);
            }
            let reply = app.http.send(&request).await;
            assert_eq!(body(&reply, 401), results("ES04-01", "Un-Authorised"), "{authorization:?}");
            assert!(reply.header("x-choba-reason").unwrap().contains(reason), "{}", reply.head);
        }
        assert_eq!(program.call("getSubStatusList", json!({})).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn a_body_is_json_in_utf_8_and_says_so() {
    on_both(async |app| {
        let program = with_orders(app, 1).await;
        let ask = json!({ "orderNumberList": [FIRST], "version": 7 }).to_string();
        let send = async |content_type: Option<&str>, body: &str| {
            let mut request = Request::post("/es/2.0/order/getOrder", body);
            if let Some(value) = content_type {
                request = request.header("content-type", value);
            }
            program.send(request).await
        };
        for good in [JSON, "application/json;charset=UTF-8", "application/json; charset=\"utf-8\""] {
            assert_eq!(send(Some(good), &ask).await.status, 200, "{good}");
        }
        for bad in [
            None,
            Some("application/json"),
            Some("text/plain; charset=utf-8"),
            Some("application/json; charset=shift_jis"),
        ] {
            assert_eq!(body(&send(bad, &ask).await, 415), results("ES04-03", "Unsupported Media Type"), "{bad:?}");
        }
        for broken in ["{", "orderNumber=1", "[1"] {
            assert_eq!(body(&send(Some(JSON), broken).await, 400), results("ES04-01", "Bad Request"), "{broken}");
        }
    })
    .await;
}

#[tokio::test]
async fn nothing_null_and_an_empty_object_are_the_same_request() {
    on_both(async |app| {
        let program = program(app).await;
        // Without a body no type is needed either: PHP2 sends none of both (section 1, "Empty request").
        for (sent, content_type) in
            [("", None), ("", Some(JSON)), ("null", Some(JSON)), ("{}", Some(JSON)), (" \n", Some(JSON))]
        {
            let mut request = Request::post("/es/2.0/order/getSubStatusList/", sent);
            if let Some(value) = content_type {
                request = request.header("content-type", value);
            }
            let reply = program.send(request).await;
            assert_eq!(body(&reply, 200)["StatusModelList"], json!([]), "{sent:?}");
        }
    })
    .await;
}

/// What a server writes to these bytes, until it closes the connection.
async fn talk(app: &TestApp, parts: &[&str]) -> String {
    let mut stream = TcpStream::connect(app.address()).await.unwrap();
    let mut heard = String::new();
    for (index, part) in parts.iter().enumerate() {
        stream.write_all(part.as_bytes()).await.unwrap();
        if index == 0 && part.contains("100-continue") {
            let mut buffer = [0; 64];
            let read = stream.read(&mut buffer).await.unwrap();
            heard.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
        }
    }
    stream.read_to_string(&mut heard).await.unwrap();
    heard
}

#[tokio::test]
async fn chunked_bodies_are_read_and_who_expects_100_is_told_to_go_on() {
    on_both(async |app| {
        let program = with_orders(app, 1).await;
        let (esa, ask) = (program.authorization(), json!({ "orderNumberList": [FIRST], "version": 7 }).to_string());
        let head = format!(
            "POST /es/2.0/order/getOrder/ HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nauthorization: {esa}\r\n\
             content-type: {JSON}\r\ntransfer-encoding: chunked\r\nexpect: 100-continue\r\n\r\n"
        );
        let (first, second) = ask.split_at(10);
        let chunks = format!("{:x}\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n", first.len(), second.len());
        let heard = talk(app, &[&head, &chunks]).await;
        assert!(heard.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"), "{heard}");
        assert!(heard.contains(FIRST), "{heard}");

        // PHP2 with an empty array: chunked, nothing in it, no type.
        let head = format!(
            "POST /es/2.0/order/getSubStatusList/ HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nauthorization: {esa}\r\n\
             transfer-encoding: chunked\r\nexpect: 100-continue\r\n\r\n"
        );
        let heard = talk(app, &[&head, "0\r\n\r\n"]).await;
        assert!(heard.contains("HTTP/1.1 200 OK\r\n") && heard.contains("StatusModelList"), "{heard}");
        // Who is not let in is not told to go on.
        let head = "POST /es/2.0/order/getOrder/ HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
                    content-length: 2\r\nexpect: 100-continue\r\n\r\n";
        let heard = talk(app, &[head]).await;
        assert!(heard.starts_with("HTTP/1.1 401 Unauthorized\r\n"), "{heard}");
    })
    .await;
}

#[tokio::test]
async fn answers_have_the_headers_that_were_seen_live() {
    on_both(async |app| {
        let reply = program(app).await.call("getSubStatusList", json!({})).await;
        for (name, value) in [
            ("content-type", "application/json;charset=UTF-8"),
            ("cache-control", "no-cache,no-store"),
            ("pragma", "no-cache"),
            ("vary", "Accept-Encoding"),
            ("x-content-type-options", "nosniff"),
            ("x-xss-protection", "1; mode=block"),
            ("http.method", "POST"),
            ("http.status", "200"),
            ("http.version", "HTTP/1.1"),
            // UTC, without a zone.
            ("timestamp", "2026-11-22T00:00:00"),
        ] {
            assert_eq!(reply.header(name), Some(value), "{name}");
        }
        let id = reply.header("requestid").unwrap().to_owned();
        let lengths: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
        assert_eq!(id.replace('-', ""), reply.header("x-request-id").unwrap());
    })
    .await;
}

#[tokio::test]
async fn numbers_may_be_strings_and_unknown_members_are_passed_over() {
    on_both(async |app| {
        let program = with_orders(app, 1).await;
        let ask = json!({ "orderNumberList": [FIRST], "version": "7", "shopUrl": "x", "unknown": { "a": [1] } });
        assert_eq!(body(&program.call("getOrder", ask).await, 200)["version"], 7);
        // Escaped or raw, Japanese is the same text.
        let raw = format!(r#"{{"orderNumber":"{FIRST}","memo":"確認"}}"#);
        let escaped = format!(r#"{{"orderNumber":"{FIRST}","memo":"\u78ba\u8a8d\u6e08"}}"#);
        for (sent, memo) in [(raw, "確認"), (escaped, "確認済")] {
            let request = Request::post("/es/2.0/order/updateOrderMemo", sent).header("content-type", JSON);
            assert_eq!(program.send(request).await.status, 200);
            assert_eq!(crate::world::shown(&program, FIRST).await["memo"], memo);
        }
    })
    .await;
}

#[tokio::test]
async fn switches_change_what_the_gateway_says() {
    use mall::http::{Switch, Switches};
    let mut setup = Setup::default();
    setup.limits.rms.switches =
        Switches::of(&[Switch::AnyContentType, Switch::UnauthorisedEs01, Switch::Unauthorised403]);
    on_both_with(setup, async |app| {
        let program = program(app).await;
        let reply = program.send(Request::post("/es/2.0/order/getSubStatusList", "{}")).await;
        assert_eq!(reply.status, 200);
        let reply = app.http.send(&Request::post("/es/2.0/order/getOrder", "{}")).await;
        assert_eq!(body(&reply, 403), results("ES01-01", "Un-Authorised"));
    })
    .await;
}

#[tokio::test]
async fn addresses_that_keep_failing_are_slowed_down() {
    let mut setup = Setup::default();
    setup.limits.rms.failures_of_an_address = kernel::limit::Rate { requests: 3, seconds: 60 };
    let app = TestApp::start(Engine::Sqlite, setup).await;
    let program = program(&app).await;
    let wrong = program.keyed("SL123456_0000000000000000");
    for _ in 0..3 {
        assert_eq!(wrong.call("getSubStatusList", json!({})).await.status, 401);
    }
    for program in [&wrong, &program] {
        let reply = program.call("getSubStatusList", json!({})).await;
        assert_eq!(body(&reply, 503), results("ES03-01", "Too Many Requests"));
    }
    app.wait(20);
    assert_eq!(program.call("getSubStatusList", json!({})).await.status, 200);
    app.finish().await;
}
