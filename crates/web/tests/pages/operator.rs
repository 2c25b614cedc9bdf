//! 店舗情報 as the shop reads it, and the operator's area: who may enter, what is written there and what shops see of it.

use kernel::ShopId;
use serde_json::{Value, json};
use shop::register::rows::set_operator;
use shop::{Scope, Staff};
use store::StoreError;
use testkit::TestApp;
use testkit::app::on_both;
use testkit::http::{Reply, Request};

use crate::browser::{Browser, make_staff};
use crate::safety::assert_safe;

const OPERATOR: &str = "operator@choba.example";
const OWNER: &str = "owner@shop.example";

async fn make_operator(app: &TestApp) -> Staff {
    let staff = make_staff(app, app.shop.id, OPERATOR, false).await;
    let id = staff.id.clone();
    let write = move |tx: &mut store::Tx<'_>| tx.execute_all(&[set_operator(&id, true)]);
    app.store().write::<_, StoreError, _>(write).await.unwrap();
    staff
}

/// A shop that the operator has opened, and whose registration for Live nobody has asked for; its number.
async fn opened(app: &TestApp) -> i64 {
    let operator = app.token(None, vec![Scope::Admin]).await;
    let shop = api(app, &operator, "POST", "/api/shops", json!({ "name": "新しい店" })).await.good();
    assert_eq!(shop["registration"], "none");
    shop["shop"].as_i64().unwrap()
}

async fn api(app: &TestApp, token: &str, method: &'static str, path: &str, body: Value) -> Reply {
    let body = if body.is_null() || method == "GET" { String::new() } else { body.to_string() };
    let request = Request::post(path, body).method(method).header("authorization", format!("Bearer {token}"));
    app.http.send(&request).await
}

/// The hidden key of the form of a page.
fn key(page: &Reply) -> String {
    let (_, rest) = page.text.split_once(r#"name="key" value=""#).expect("a key");
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn only_operators_enter_and_only_their_tokens_change() {
    on_both(async |app| {
        make_staff(app, app.shop.id, OWNER, false).await;
        make_operator(app).await;
        let shop = opened(app).await;
        let registration = format!("/operator/shops/{shop}/registration");
        let mut owner = Browser::logged_in(app, OWNER).await;
        let mut operator = Browser::logged_in(app, OPERATOR).await;
        for path in [
            "/operator",
            "/operator/shops/new",
            "/operator/shops/1",
            "/operator/shops/1/information",
            &registration,
            "/operator/shops/1/brands",
            "/operator/shops/1/fees",
            "/operator/shops/1/owner",
            "/operator/notices",
            "/operator/notices/new",
            "/operator/operators",
        ] {
            assert_eq!(owner.get(path).await.status, 403, "{path}");
            assert_eq!(Browser::new(app).get(path).await.status, 303, "{path}");
            let page = operator.get(path).await;
            assert_eq!(page.status, 200, "{path}");
            assert_safe(path, &page);
        }
        assert!(!owner.get("/dashboard/sandbox").await.text.contains("href=\"/operator\""));
        for absent in [
            "/operator/shops/99",
            "/operator/shops/x",
            "/operator/shops/99/fees",
            "/operator/notices/ntc_x/withdraw",
            "/operator/notices/%00/withdraw",
            "/operator/shops/1/fees/%00/withdraw",
            "/operator/operators/%00/revoke",
        ] {
            assert_eq!(operator.get(absent).await.status, 404, "{absent}");
        }
        let shops = app.token(Some(app.shop.id), vec![Scope::Admin, Scope::Settings]).await;
        let refused = |reply: Reply| reply.refused(403, "permission_error", "insufficient_scope");
        for (method, path) in [
            ("GET", "/api/shops"),
            ("POST", "/api/shops"),
            ("GET", "/api/shops/1"),
            ("PUT", "/api/shops/1/information"),
            ("PUT", "/api/shops/1/registration"),
            ("POST", "/api/shops/1/owners"),
            ("POST", "/api/shops/1/fees"),
            ("POST", "/api/shops/1/fees/fee_1/withdraw"),
            ("GET", "/api/notices"),
            ("POST", "/api/notices"),
            ("GET", "/api/operators"),
            ("POST", "/api/operators"),
            ("DELETE", "/api/operators/stf_1"),
        ] {
            refused(api(app, &shops, method, path, json!({})).await);
        }
    })
    .await;
}

#[tokio::test]
async fn a_shop_is_opened_once_and_its_owner_logs_in() {
    on_both(async |app| {
        make_operator(app).await;
        let mut browser = Browser::logged_in(app, OPERATOR).await;
        let form = browser.get("/operator/shops/new").await;
        let wrong = browser.submit(&form, "/operator/shops/new", &[("key", &key(&form)), ("name", "お茶㈱")]).await;
        assert_eq!(wrong.status, 400);
        assert!(wrong.text.contains(r#"value="お茶㈱""#) && key(&wrong) == key(&form), "{}", wrong.text);
        let fields = [("key", key(&form)), ("name", "お茶の店".to_owned()), ("receives_address", "1".to_owned())];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let opened = browser.submit(&form, "/operator/shops/new", &fields).await;
        let again = browser.submit(&form, "/operator/shops/new", &fields).await;
        let to = opened.header("location").unwrap().to_owned();
        assert_eq!((opened.status, again.header("location")), (303, Some(to.as_str())), "sent twice, it happens once");
        let other = browser.submit(&form, "/operator/shops/new", &[("key", &key(&form)), ("name", "別の店")]).await;
        assert_eq!(other.status, 400, "the key was used for something else");
        let number: i64 = to.trim_start_matches("/operator/shops/").split('?').next().unwrap().parse().unwrap();
        let keys = app.told(&format!("/api/shops/{number}/sandbox/keys")).await;
        assert_eq!(keys["data"].as_array().map(Vec::len), Some(4));

        let page = browser.get(&format!("/operator/shops/{number}/owner")).await;
        let made = browser.submit(&page, &format!("/operator/shops/{number}/owner"), &[("email", OWNER)]).await;
        assert_eq!(made.status, 200);
        let password = made.text.split("data-copy=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let twice = browser.submit(&page, &format!("/operator/shops/{number}/owner"), &[("email", OWNER)]).await;
        assert!(twice.status == 400 && twice.text.contains("すでにアカウントがあります"), "{}", twice.text);
        let mut owner = Browser::new(app);
        assert_eq!(owner.login(OWNER, &password).await.status, 303);
        assert_eq!(owner.get("/dashboard/sandbox").await.header("location"), Some("/password"));
    })
    .await;
}

#[tokio::test]
async fn the_shop_reads_what_the_operator_wrote() {
    on_both(async |app| {
        let shop = opened(app).await;
        make_staff(app, ShopId(shop), OWNER, false).await;
        make_operator(app).await;
        let (mut owner, mut operator) = (Browser::logged_in(app, OWNER).await, Browser::logged_in(app, OPERATOR).await);
        let form = operator.get(&format!("/operator/shops/{shop}/information")).await;
        let fields = [
            ("name", "お茶の店"),
            ("contact", "tea@shop.example"),
            ("company_name", "髙島お茶株式会社"),
            ("representative", "茶山 花子"),
            ("postal_code", "1580094"),
            ("phone", "03-1234-5678"),
            ("site_url", "https://shop.example/"),
            ("contact_hours", "平日 10時~17時"),
        ];
        let mut wrong = fields.to_vec();
        wrong[4].1 = "158-00";
        let refused = operator.submit(&form, &format!("/operator/shops/{shop}/information"), &wrong).await;
        assert!(refused.status == 400 && refused.text.contains("id=\"postal_code-error\""), "{}", refused.text);
        assert!(refused.text.contains("髙島お茶株式会社") && refused.text.contains("158-00"), "nothing typed is lost");
        let saved = operator.submit(&form, &format!("/operator/shops/{shop}/information"), &fields).await;
        assert_eq!(saved.header("location"), Some(format!("/operator/shops/{shop}?done=saved").as_str()));
        assert_eq!(app.actions("shop.information").await, 1);
        operator.submit(&form, &format!("/operator/shops/{shop}/information"), &fields).await;
        assert_eq!(app.actions("shop.information").await, 1, "the same again changes nothing");

        // The one address for questions: that of the mails.
        let mail = app.token(Some(ShopId(shop)), vec![Scope::Mail]).await;
        let settings = api(app, &mail, "GET", &format!("/api/shops/{shop}/mail-settings"), Value::Null).await.good();
        assert_eq!(settings["contact_address"], "tea@shop.example");

        let sandbox = owner.get("/dashboard/sandbox/shop").await;
        assert!(
            sandbox.text.contains("サービスID") && sandbox.text.contains("会社情報・サイト情報はLive環境で"),
            "{}",
            sandbox.text
        );
        assert!(!sandbox.text.contains("髙島お茶株式会社"));
        assert!(owner.get("/dashboard/live/shop").await.text.contains("本申込"));
        for step in ["received", "complete"] {
            let page = operator.get(&format!("/operator/shops/{shop}/registration")).await;
            assert!(page.text.contains(&format!(r#"name="step" value="{step}""#)), "{}", page.text);
            operator.submit(&page, &format!("/operator/shops/{shop}/registration"), &[("step", step)]).await;
        }
        let live = owner.get("/dashboard/live/shop").await;
        assert_safe("/dashboard/{side}/shop", &live);
        for text in
            ["会社情報", "髙島お茶株式会社", "158-0094", "サイト情報", "お茶の店", "tea@shop.example", "平日 10時~17時"]
        {
            assert!(live.text.contains(text), "{text} is not in {}", live.text);
        }
        assert!(!live.text.contains("<form method=\"post\" action=\"/dashboard"), "it is only read");
        let (of_sandbox, of_live) = (service(&sandbox), service(&live));
        assert!(of_sandbox.starts_with('1') && of_live.starts_with('2'), "{of_sandbox} {of_live}");
    })
    .await;
}

/// サービスID.
fn service(page: &Reply) -> String {
    let (_, rest) = page.text.split_once(r#"<span class="mono">"#).expect("a service id");
    rest.split('<').next().unwrap().to_owned()
}

#[tokio::test]
async fn fees_begin_today_or_later_and_those_that_have_begun_stay() {
    on_both(async |app| {
        let operator = app.token(None, vec![Scope::Admin]).await;
        let fee = |from: &str, basis_points: i64| json!({ "from": from, "basis_points": basis_points, "fixed": 10 });
        let write = async |body: Value| api(app, &operator, "POST", "/api/shops/1/fees", body).await;
        // The clock of the tests stands on 2026-11-22; only the first fee may have begun.
        let first = write(fee("2026-11-01", 325)).await.good();
        assert_eq!(first["in_force"], true);
        write(fee("2026-11-21", 300)).await.refused(400, "invalid_request_error", "invalid_parameter");
        let today = write(fee("2026-11-22", 300)).await.good();
        let planned = write(fee("2026-12-01", 250)).await.good();
        assert_eq!((&today["in_force"], &planned["in_force"]), (&json!(true), &json!(false)));
        write(fee("2026-12-01", 10_001)).await.refused(400, "invalid_request_error", "invalid_parameter");
        let withdraw = async |id: &Value| {
            let path = format!("/api/shops/1/fees/{}/withdraw", id.as_str().unwrap());
            api(app, &operator, "POST", &path, Value::Null).await
        };
        withdraw(&today["id"]).await.refused(400, "invalid_request_error", "fee_has_begun");
        assert!(withdraw(&planned["id"]).await.good()["withdrawn"].is_i64());
        let settings = app.token(Some(app.shop.id), vec![Scope::Settings]).await;
        let listed = api(app, &settings, "GET", "/api/shops/1/fees", Value::Null).await.good();
        let from: Vec<&Value> = listed["data"].as_array().unwrap().iter().map(|fee| &fee["from"]).collect();
        assert_eq!(from, ["2026-12-01", "2026-11-22", "2026-11-01"]);
        let other = app.new_shop(false).await;
        let path = format!("/api/shops/{}/fees/{}/withdraw", other.id, today["id"].as_str().unwrap());
        api(app, &operator, "POST", &path, Value::Null).await.refused(404, "invalid_request_error", "resource_missing");

        make_operator(app).await;
        let mut browser = Browser::logged_in(app, OPERATOR).await;
        let form = browser.get("/operator/shops/1/fees").await;
        let fields = |share: &'static str| {
            vec![("key", key(&form)), ("from", "2026-11-23".into()), ("share", share.into()), ("fixed", "0".into())]
        };
        let send = async |browser: &mut Browser, fields: Vec<(&str, String)>| {
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            browser.submit(&form, "/operator/shops/1/fees", &fields).await
        };
        let wrong = send(&mut browser, fields("3.255")).await;
        assert!(wrong.status == 400 && wrong.text.contains("小数点以下2桁まで"), "{}", wrong.text);
        assert_eq!(send(&mut browser, fields("3.25")).await.status, 303);
        assert_eq!(send(&mut browser, fields("3.25")).await.status, 303, "sent twice");
        let page = browser.get("/operator/shops/1").await;
        assert_eq!(page.text.matches("3.25%").count(), 2, "once now, and the first one: {}", page.text);
    })
    .await;
}

#[tokio::test]
async fn notices_are_written_scheduled_and_withdrawn_by_page() {
    on_both(async |app| {
        make_operator(app).await;
        let mut browser = Browser::logged_in(app, OPERATOR).await;
        let form = browser.get("/operator/notices/new").await;
        let key = key(&form);
        let fields = |title: &'static str, until: &'static str| {
            [
                ("key", key.as_str()),
                ("severity", "maintenance"),
                ("title", title),
                ("body", "深夜に行います。"),
                ("to", ""),
                ("from", "2026-11-30T02:00"),
                ("until", until),
            ]
            .map(|(name, value)| (name, value.to_owned()))
        };
        let mut send = async |fields: [(&'static str, String); 7]| {
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            browser.submit(&form, "/operator/notices/new", &fields).await
        };
        let backwards = send(fields("工事", "2026-11-30T01:00")).await;
        assert!(backwards.status == 400 && backwards.text.contains("id=\"until-error\""), "{}", backwards.text);
        assert!(backwards.text.contains("深夜に行います。") && backwards.text.contains("2026-11-30T02:00"));
        assert_eq!(send(fields("", "")).await.status, 400);
        assert_eq!(send(fields("工事", "2026-11-30T05:00")).await.status, 303);
        assert_eq!(send(fields("工事", "2026-11-30T05:00")).await.status, 303, "sent twice");
        let list = browser.get("/operator/notices").await;
        assert!(
            list.text.contains("公開予定") && list.text.contains("2026-11-30 02:00 – 2026-11-30 05:00"),
            "{}",
            list.text
        );
        assert_eq!(list.text.matches("<summary>工事").count(), 1);
        let withdraw = list.text.split("href=\"/operator/notices/").find(|part| part.contains("/withdraw\"")).unwrap();
        let action = format!("/operator/notices/{}", withdraw.split('"').next().unwrap());
        let confirm = browser.get(&action).await;
        assert_eq!(
            browser.submit(&confirm, &action, &[]).await.header("location"),
            Some("/operator/notices?done=withdrawn")
        );
        assert!(browser.get("/operator/notices").await.text.contains("取り下げ済"));
    })
    .await;
}

#[tokio::test]
async fn brands_and_operators_are_changed_and_the_last_operator_stays() {
    on_both(async |app| {
        let me = make_operator(app).await;
        make_staff(app, app.shop.id, OWNER, false).await;
        let mut browser = Browser::logged_in(app, OPERATOR).await;
        let form = browser.get("/operator/shops/1/brands").await;
        let kept = [("visa_mastercard.approved", "1"), ("visa_mastercard.forced", "1"), ("diners.approved", "1")];
        assert_eq!(browser.submit(&form, "/operator/shops/1/brands", &kept).await.status, 303);
        let admin = app.token(Some(app.shop.id), vec![Scope::Admin]).await;
        let codes = api(app, &admin, "GET", "/api/shops/1/security-code", Value::Null).await.good();
        let group = |name: &str, approved: bool, forced: bool| {
            json!({ "group": name, "approved": approved, "asked": true, "forced": forced })
        };
        let expected = json!([
            group("visa_mastercard", true, true), group("jcb_amex", false, false), group("diners", true, false),
        ]);
        assert_eq!(codes["groups"], expected);

        let page = browser.get("/operator/operators").await;
        let last = browser.submit(&page, &format!("/operator/operators/{}/revoke", me.id), &[]).await;
        assert!(last.status == 400 && last.text.contains("最後の運営者は外せません"), "{}", last.text);
        let nobody = browser.submit(&page, "/operator/operators", &[("email", "nobody@shop.example")]).await;
        assert!(nobody.status == 400 && nobody.text.contains("nobody@shop.example"), "{}", nobody.text);
        assert_eq!(browser.submit(&page, "/operator/operators", &[("email", OWNER)]).await.status, 303);
        assert_eq!(Browser::logged_in(app, OWNER).await.get("/operator").await.status, 200);
        let gone = browser.submit(&page, &format!("/operator/operators/{}/revoke", me.id), &[]).await;
        assert_eq!(gone.status, 303);
        assert_eq!(browser.get("/operator").await.status, 403, "at once, in a session that is open");

        let settings = app.token(Some(app.shop.id), vec![Scope::Settings]).await;
        let news = async |body: Value| {
            let method = if body.is_null() { "GET" } else { "PUT" };
            api(app, &settings, method, "/api/shops/1/news-mail", body).await.good()["wanted"].clone()
        };
        assert_eq!(news(Value::Null).await, false);
        assert_eq!(news(json!({ "wanted": true })).await, true);
        assert_eq!(news(Value::Null).await, true);
        assert_eq!(app.actions("news_mail.change").await, 1);
    })
    .await;
}
