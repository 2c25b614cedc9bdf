//! Who may call, and where (contract "Environments and keys").

use kernel::Environment;
use testkit::merchant::basic;
use testkit::{Request, Sale, Setup, on_both, on_both_with};

const UNAUTHENTICATED: (u16, &str, &str) = (401, "authentication_error", "invalid_api_key");

#[tokio::test]
async fn three_kinds_of_keys_count_on_their_own_paths() {
    on_both(async |app| {
        // Environment, prefix of its private key, base path.
        for (environment, prefix, base) in [
            (Environment::Live, "live_private_", "/v1"),
            (Environment::Test, "test_private_", "/v1"),
            (Environment::Sandbox, "sandbox_private_", "/sandbox/v1"),
        ] {
            let merchant = app.shop.merchant(environment);
            let digits = merchant.private_key.strip_prefix(prefix).expect(prefix);
            assert_eq!(digits.len(), 96);
            assert!(digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')), "{digits}");
            assert_eq!(merchant.base, base);
            let list = merchant.list("").await.good();
            assert_eq!(list["url"], format!("{base}/charges"));
            // "A key of one environment on the other's path is an authentication error."
            let other = if base == "/v1" { "/sandbox/v1" } else { "/v1" };
            let elsewhere = merchant.at(other);
            for reply in [elsewhere.list("").await, elsewhere.cancel("1").await, elsewhere.retrieve("1").await] {
                let (status, kind, code) = UNAUTHENTICATED;
                reply.refused(status, kind, code);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn rows_of_one_environment_are_not_seen_in_another_nor_by_another_shop() {
    on_both(async |app| {
        let (sandbox, test, live) =
            (app.merchant(), app.shop.merchant(Environment::Test), app.shop.merchant(Environment::Live));
        let other = app.new_shop(true).await;
        let mine = sandbox.sell(&Sale::of(100)).await;
        let tested = test.sell(&Sale::of(200)).await;
        assert_eq!(test.retrieve(&tested).await.good()["livemode"], false);
        for (merchant, id) in [
            (&test, &mine),
            (&live, &tested),
            (&sandbox, &tested),
            (&other.sandbox(), &mine),
            (&other.merchant(Environment::Test), &tested),
        ] {
            merchant.retrieve(id).await.refused(404, "invalid_request_error", "resource_missing");
            assert_eq!(merchant.list(&format!("id={id}")).await.good()["total"], 0);
        }
        for merchant in [&other.sandbox(), &test] {
            merchant.capture(&mine).await.refused(404, "invalid_request_error", "resource_missing");
            merchant.cancel(&mine).await.refused(404, "invalid_request_error", "resource_missing");
            merchant.change(&mine, 500).await.refused(404, "invalid_request_error", "resource_missing");
        }
        assert_eq!(crate::words::state(&sandbox.retrieve(&mine).await.good()), "provisional 100");
    })
    .await;
}

#[tokio::test]
async fn what_is_no_private_key_is_refused() {
    on_both(async |app| {
        let merchant = app.merchant();
        let id = merchant.sell(&Sale::of(100)).await;
        let key = merchant.private_key.clone();
        let public = key.replace("_private_", "_public_");
        let (last, rest) = (key.as_bytes()[key.len() - 1], &key[..key.len() - 1]);
        let similar = format!("{rest}{}", if last == b'0' { '1' } else { '0' });
        let headers = [
            None,
            Some(String::new()),
            Some("Basic".to_owned()),
            Some("Basic ".to_owned()),
            Some("Basic !!!".to_owned()),
            Some("Basic /////w==".to_owned()),
            Some(format!("Bearer {key}")),
            Some(format!("basic64 {key}")),
            Some(basic(":")),
            Some(basic(&format!("{key}:secret"))),
            Some(basic(&format!(":{key}"))),
            Some(basic(&format!("{public}:"))),
            Some(basic(&format!("{similar}:"))),
            Some(basic(&format!("{rest}:"))),
            Some(basic(&format!("{key}0:"))),
            Some(basic(&format!("{}:", key.to_uppercase()))),
            Some(basic(&format!("{key} :"))),
            Some(basic(&format!("{}:", "a".repeat(5_000)))),
            Some(basic("' OR 1=1 --:")),
        ];
        for header in headers {
            let request = Request::post(format!("/sandbox/v1/charges/{id}/capture"), "");
            let request = match &header {
                Some(value) => request.header("authorization", value.as_str()),
                None => request,
            };
            let reply = app.http.send(&request).await;
            let message = reply.refused(401, "authentication_error", "invalid_api_key");
            assert_eq!(reply.header("www-authenticate"), Some("Basic realm=\"choba\""), "{header:?}");
            assert!(!message.contains(&key), "{message}");
        }
        assert_eq!(crate::words::state(&merchant.retrieve(&id).await.good()), "provisional 100");
        // The scheme's name does not depend on case, and a client may leave the colon out.
        for value in [basic(&format!("{key}:")).replace("Basic", "BASIC"), basic(&key)] {
            let request = Request::get(format!("/sandbox/v1/charges/{id}")).header("authorization", value);
            app.http.send(&request).await.good();
        }
    })
    .await;
}

#[tokio::test]
async fn live_is_https_only() {
    let mut setup = Setup::default();
    setup.limits.plain_live = false;
    on_both_with(setup, async |app| {
        // "Live is HTTPS only: plain HTTP is an error there." Whoever says he came by TLS is not believed.
        for environment in [Environment::Live, Environment::Test] {
            let merchant = app.shop.merchant(environment);
            merchant.list("").await.refused(400, "invalid_request_error", "https_required");
            merchant.cancel("1").await.refused(400, "invalid_request_error", "https_required");
            let request = Request::get("/v1/charges").header("x-forwarded-proto", "https");
            merchant.send(request).await.refused(400, "invalid_request_error", "https_required");
        }
        app.merchant().list("").await.good();
    })
    .await;
}

#[tokio::test]
async fn live_keys_take_no_money_without_a_provider() {
    on_both(async |app| {
        let live = app.shop.merchant(Environment::Live);
        live.create(&Sale::of(100)).await.refused(403, "permission_error", "test_helper");
        let number = "2000000000-20261122-0000000001";
        live.capture(number).await.refused(403, "permission_error", "no_provider");
        live.cancel(number).await.refused(403, "permission_error", "no_provider");
        live.change(number, 500).await.refused(403, "permission_error", "no_provider");
        assert_eq!(live.list("").await.good()["total"], 0);
    })
    .await;
}

#[tokio::test]
async fn every_path_asks_who_calls() {
    on_both(async |app| {
        let id = app.merchant().sell(&Sale::of(100)).await;
        let mut paths = vec![
            ("POST", "/api/test_helpers/charges".to_owned()),
            ("GET", "/api/shops/1/clock".to_owned()),
            ("POST", "/api/shops/1/clock/advance".to_owned()),
        ];
        for base in ["/v1", "/sandbox/v1"] {
            paths.push(("GET", format!("{base}/charges")));
            paths.push(("GET", format!("{base}/charges?id={id}")));
            paths.push(("GET", format!("{base}/charges/{id}")));
            paths.push(("POST", format!("{base}/charges/{id}/capture")));
            paths.push(("POST", format!("{base}/charges/{id}/refund")));
        }
        let (status, kind, code) = UNAUTHENTICATED;
        for (method, path) in paths {
            // Whatever else is wrong with the request, who calls comes first.
            for target in [path.clone(), format!("{path}{}limit=%4", if path.contains('?') { "&" } else { "?" })] {
                app.http.send(&Request::get(target).method(method)).await.refused(status, kind, code);
            }
        }
        assert_eq!(crate::words::state(&app.merchant().retrieve(&id).await.good()), "provisional 100");
    })
    .await;
}
