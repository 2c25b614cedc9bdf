//! Webhook: endpoints, certificates and the connection check, as the staff of a shop use them.

use kernel::Environment;
use serde_json::Value;
use testkit::app::{on_both, on_both_with};
use testkit::http::Reply;
use testkit::{Behaviour, Identity, Receiver, Sale, Setup, TestApp};

use crate::browser::{Browser, make_staff};
use crate::safety::assert_safe;

const OWNER: &str = "owner@shop.example";
const LIST: &str = "/dashboard/sandbox/webhooks";
const LIVE: &str = "/dashboard/live/webhooks";

pub async fn owner(app: &TestApp) -> Browser {
    make_staff(app, app.shop.id, OWNER, false).await;
    Browser::logged_in(app, OWNER).await
}

/// The name of the first form of a page that changes something.
pub fn key(page: &Reply) -> String {
    let rest = page.text.split_once(r#"name="key" value=""#).unwrap_or_else(|| panic!("no key: {}", page.text)).1;
    rest.split('"').next().unwrap().to_owned()
}

/// Adds an endpoint by its window; the answer.
async fn add(browser: &mut Browser, list: &str, fields: &[(&str, &str)]) -> Reply {
    let window = browser.get(&format!("{list}/new")).await;
    assert_eq!(window.status, 200, "{}", window.text);
    let key = key(&window);
    browser.submit(&window, &format!("{list}/new"), &[&[("key", key.as_str())], fields].concat()).await
}

/// The only endpoint of an environment, as the API tells it.
async fn only(app: &TestApp, environment: Environment) -> Value {
    let list = app.webhooks_of(app.shop.id, environment).await.get("/webhooks").await;
    let data = list["data"].as_array().expect("a list");
    assert_eq!(data.len(), 1, "{list}");
    data[0].clone()
}

fn id(endpoint: &Value) -> String {
    endpoint["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn an_endpoint_is_added_changed_and_deleted_by_its_windows() {
    on_both(async |app| {
        let mut browser = owner(app).await;
        let empty = browser.get(LIST).await;
        assert_safe(LIST, &empty);
        assert!(empty.text.contains("Webhookはまだ設定されていません") && empty.text.contains("Webhook追加"));

        let fields = [("on-charge.captured", "1"), ("on-charge.refunded", "1"), ("url", " http://shop.example/hook ")];
        let added = add(&mut browser, LIST, &fields).await;
        assert_eq!((added.status, added.header("location")), (303, Some("/dashboard/sandbox/webhooks?done=saved")));
        let made = only(app, Environment::Sandbox).await;
        assert_eq!(made["url"], "http://shop.example/hook");
        assert_eq!(made["events"], serde_json::json!(["charge.captured", "charge.refunded"]));
        let list = browser.get(LIST).await;
        assert!(list.text.contains("確定 (charge.captured)") && list.text.contains("http://shop.example/hook"));
        assert!(list.text.contains("配信中") && list.text.contains("まだありません"), "{}", list.text);

        let edit = format!("{LIST}/{}/edit", id(&made));
        let window = browser.get(&edit).await;
        assert_safe(&edit, &window);
        assert!(window.text.contains(r#"name="on-charge.captured" value="1" checked"#), "{}", window.text);
        let fields =
            [("key", key(&window)), ("on-charge.updated", "1".into()), ("url", "https://shop.example/b".into())];
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        assert_eq!(browser.submit(&window, &edit, &fields).await.status, 303);
        let changed = only(app, Environment::Sandbox).await;
        assert_eq!(
            (&changed["url"], &changed["events"]),
            (&"https://shop.example/b".into(), &serde_json::json!(["charge.updated"]))
        );

        let delete = format!("{LIST}/{}/delete", id(&made));
        let window = browser.get(&delete).await;
        assert!(window.text.contains("このWebhookのエンドポイントURLを削除しますか") && window.text.contains("はい"));
        let key = key(&window);
        for _ in 0..2 {
            let deleted = browser.submit(&window, &delete, &[("key", &key)]).await;
            assert_eq!(
                (deleted.status, deleted.header("location")),
                (303, Some("/dashboard/sandbox/webhooks?done=deleted"))
            );
        }
        assert!(browser.get(LIST).await.text.contains("Webhookはまだ設定されていません"));
        assert_eq!(app.actions("webhook.delete").await, 1);
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost() {
    on_both_with(Setup { guard: outbound::Guard::public(), ..Setup::default() }, async |app| {
        let mut browser = owner(app).await;
        for (url, says) in [
            ("", "エンドポイントURLを入力してください。"),
            ("shop.example", "URLの形式が正しくありません。"),
            ("ftp://shop.example/", "URLの形式が正しくありません。"),
            ("https://user:pw@shop.example/", "ユーザー名やパスワードを含めることはできません"),
            ("https://shop.example/#part", "# 以降の文字列"),
            ("http://192.168.0.5/hook", "192.168.0.5 はインターネットから届かない内部用のアドレス"),
            ("http://[::1]/hook", "::1 はインターネットから届かない内部用のアドレス"),
        ] {
            let refused = add(&mut browser, LIST, &[("on-charge.captured", "1"), ("url", url)]).await;
            assert_eq!(refused.status, 400, "{url}");
            assert!(refused.text.contains(says), "{url}: {}", refused.text);
            assert!(refused.text.contains(&format!(r#"value="{url}""#)) && refused.text.contains(" checked"), "{url}");
            assert!(refused.text.contains(r#"aria-describedby="url-error""#), "{url}");
        }
        let refused = add(&mut browser, LIST, &[("url", "https://shop.example/")]).await;
        assert!(refused.status == 400 && refused.text.contains("イベントを1つ以上選択してください。"));

        let good = [("on-charge.captured", "1"), ("url", "https://shop.example/a")];
        assert_eq!(add(&mut browser, LIST, &good).await.status, 303);
        let window = browser.get(&format!("{LIST}/new")).await;
        assert!(window.text.contains("設定済み: https://shop.example/a"), "{}", window.text);
        let taken = add(&mut browser, LIST, &[("on-charge.captured", "1"), ("url", "https://shop.example/b")]).await;
        assert!(
            taken.status == 400 && taken.text.contains("別のエンドポイントURLが設定されています"),
            "{}",
            taken.text
        );
        only(app, Environment::Sandbox).await;
    })
    .await;
}

#[tokio::test]
async fn live_takes_https_only_for_both_kinds_of_keys() {
    on_both(async |app| {
        let mut browser = owner(app).await;
        let window = browser.get(&format!("{LIVE}/new")).await;
        assert!(window.text.contains("本番用認証キー") && window.text.contains("テスト用認証キー"));
        assert!(window.text.contains("HTTPSのURLのみ設定できます。"));
        for environment in ["live", "test"] {
            let http = [("environment", environment), ("on-charge.captured", "1"), ("url", "http://shop.example/")];
            let refused = add(&mut browser, LIVE, &http).await;
            assert!(
                refused.status == 400 && refused.text.contains("この環境ではHTTPSのURLのみ設定できます。"),
                "{environment}"
            );
            let https = [("environment", environment), ("on-charge.captured", "1"), ("url", "https://shop.example/")];
            assert_eq!(add(&mut browser, LIVE, &https).await.status, 303, "{environment}");
        }
        for environment in [Environment::Live, Environment::Test] {
            let one = only(app, environment).await;
            let page = browser.get(&format!("{LIVE}/{}", id(&one))).await;
            assert_eq!(page.status, 200);
            // It is no endpoint of the other side.
            assert_eq!(browser.get(&format!("{LIST}/{}", id(&one))).await.status, 404);
        }
        let list = browser.get(LIVE).await;
        assert!(list.text.contains("本番用") && list.text.contains("テスト用"), "{}", list.text);
        let sandbox = add(
            &mut browser,
            LIST,
            &[("environment", "live"), ("on-charge.captured", "1"), ("url", "http://a.example/")],
        )
        .await;
        assert_eq!(sandbox.status, 303, "the sandbox knows no other environment");
        assert_eq!(only(app, Environment::Sandbox).await["url"], "http://a.example/");
    })
    .await;
}

#[tokio::test]
async fn sending_a_window_twice_adds_one_endpoint() {
    on_both(async |app| {
        let mut browser = owner(app).await;
        let window = browser.get(&format!("{LIST}/new")).await;
        let key = key(&window);
        let fields = [("key", key.as_str()), ("on-charge.captured", "1"), ("url", "https://shop.example/a")];
        for _ in 0..2 {
            assert_eq!(browser.submit(&window, &format!("{LIST}/new"), &fields).await.status, 303);
        }
        only(app, Environment::Sandbox).await;
        let other = [("key", key.as_str()), ("on-charge.updated", "1"), ("url", "https://shop.example/other")];
        let reused = browser.submit(&window, &format!("{LIST}/new"), &other).await;
        assert!(reused.status == 400 && reused.text.contains("この画面は一度送信されています"), "{}", reused.text);
        assert!(reused.text.contains("https://shop.example/other") && super::webhooks::key(&reused) != key);
        for bad in ["", "zz", &"A".repeat(64)] {
            let fields = [("key", bad), ("on-charge.updated", "1"), ("url", "https://shop.example/")];
            assert_eq!(browser.submit(&window, &format!("{LIST}/new"), &fields).await.status, 400);
        }
    })
    .await;
}

#[tokio::test]
async fn certificates_of_every_kind_are_taken_shown_and_deleted() {
    on_both(async |app| {
        let mut browser = owner(app).await;
        assert_eq!(
            add(&mut browser, LIST, &[("on-charge.captured", "1"), ("url", "https://shop.example/")]).await.status,
            303
        );
        let one = format!("{LIST}/{}", id(&only(app, Environment::Sandbox).await));
        let (ours, others) = (Identity::of("shop.example"), Identity::of("other.example"));
        let upload = format!("{one}/certificate");
        for (name, file) in [
            ("a.cer", ours.der.as_slice()),
            ("a.crt", ours.der.as_slice()),
            ("b.crt", ours.pem.as_bytes()),
            ("b.cer", ours.pem.as_bytes()),
        ] {
            let page = browser.get(&one).await;
            assert!(page.text.contains("SSL証明書アップロード") && page.text.contains("選択"));
            let done = browser.upload(&page, &upload, &[("key", &key(&page))], (name, file)).await;
            assert_eq!(
                (done.status, done.header("location")),
                (303, Some(format!("{one}?done=uploaded").as_str())),
                "{name}: {}",
                done.text
            );
            let page = browser.get(&one).await;
            assert_safe(&one, &page);
            for part in
                ["現在のSSL証明書", "発行先", "発行者", "CN=rcgen self signed cert", "shop.example", "2027-01-01"]
            {
                assert!(page.text.contains(part), "{name}: {part}: {}", page.text);
            }
        }
        let chain = format!("{}{}", ours.pem, others.pem);
        let large = vec![b'a'; 70_000];
        let huge = vec![b'a'; 400_000];
        for (what, file, says) in [
            ("nothing", b"".as_slice(), "ファイルを選択してください。"),
            ("no certificate", b"hello", "証明書として読み取れません。"),
            ("another host's", others.der.as_slice(), "エンドポイントのホスト shop.example の証明書ではありません。"),
            ("a chain", chain.as_bytes(), "証明書が複数含まれています。"),
            ("a key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "秘密鍵が含まれています。"),
            ("large", &large, "ファイルが大きすぎます。"),
            ("huge", &huge, "ファイルが大きすぎます。"),
        ] {
            let page = browser.get(&one).await;
            let refused = browser.upload(&page, &upload, &[("key", &key(&page))], ("a.crt", file)).await;
            assert_eq!(refused.status, 400, "{what}");
            assert!(refused.text.contains(says) && refused.text.contains("file-error"), "{what}: {}", refused.text);
        }
        let page = browser.get(&one).await;
        let mut stranger = Browser::new(app);
        assert_eq!(stranger.upload(&page, &upload, &[("key", &key(&page))], ("a.crt", &ours.der)).await.status, 403);
        let window = browser.get(&format!("{one}/certificate/delete")).await;
        assert!(window.text.contains("SSL証明書削除") && window.text.contains("はい"));
        let deleted = browser.submit(&window, &format!("{one}/certificate/delete"), &[("key", &key(&window))]).await;
        assert_eq!(deleted.status, 303);
        assert!(browser.get(&one).await.text.contains("登録されていません"));
    })
    .await;
}

#[tokio::test]
async fn a_certificate_is_warned_of_before_it_ends_and_when_it_has_ended() {
    on_both(async |app| {
        let mut browser = owner(app).await;
        assert_eq!(
            add(&mut browser, LIST, &[("on-charge.captured", "1"), ("url", "https://shop.example/")]).await.status,
            303
        );
        let one = format!("{LIST}/{}", id(&only(app, Environment::Sandbox).await));
        let page = browser.get(&one).await;
        let file = Identity::of("shop.example").der;
        assert_eq!(
            browser
                .upload(&page, &format!("{one}/certificate"), &[("key", &key(&page))], ("a.cer", &file))
                .await
                .status,
            303
        );
        assert!(!browser.get(LIST).await.text.contains("期限が近づいています"));
        // It ends on 1 January 2027; the clock stands at 22 November 2026.
        app.wait(15 * 86_400);
        let mut browser = Browser::logged_in(app, OWNER).await;
        let list = browser.get(LIST).await;
        assert!(list.text.contains("期限が近づいています: https://shop.example/"), "{}", list.text);
        app.wait(30 * 86_400);
        let mut browser = Browser::logged_in(app, OWNER).await;
        let list = browser.get(LIST).await;
        assert!(
            list.text.contains("期限が切れているため、配信できません") && list.text.contains("期限切れ"),
            "{}",
            list.text
        );
    })
    .await;
}

#[tokio::test]
async fn ping_shows_request_and_response_below_the_list() {
    on_both(async |app| {
        let receiver = Receiver::plain().await;
        let mut browser = owner(app).await;
        assert_eq!(add(&mut browser, LIST, &[("on-charge.captured", "1"), ("url", &receiver.url())]).await.status, 303);
        let one = id(&only(app, Environment::Sandbox).await);
        let list = browser.get(LIST).await;
        let key = key(&list);
        let ping = format!("{LIST}/{one}/ping");
        let mut places = Vec::new();
        for _ in 0..2 {
            let pinged = browser.submit(&list, &ping, &[("key", &key)]).await;
            assert_eq!(pinged.status, 303, "{}", pinged.text);
            places.push(pinged.header("location").unwrap().to_owned());
        }
        assert_eq!(places[0], places[1], "sent twice, pinged once");
        assert_eq!(receiver.received().len(), 1);
        let shown = browser.get(places[0].split('#').next().unwrap()).await;
        assert_safe(&places[0], &shown);
        for part in
            ["リクエスト", "レスポンス", "webhook_********", "HTTP 200", "成功", "&#34;type&#34;:&#34;ping&#34;"]
        {
            assert!(shown.text.contains(part), "{part}: {}", shown.text);
        }
        receiver.always(Behaviour::Status(500));
        let list = browser.get(LIST).await;
        let pinged = browser.submit(&list, &ping, &[("key", &super::webhooks::key(&list)), ("from", "one")]).await;
        let place = pinged.header("location").unwrap();
        assert!(place.starts_with(&format!("{LIST}/{one}?ping=")), "{place}");
        assert!(browser.get(place.split('#').next().unwrap()).await.text.contains("失敗 500"));
    })
    .await;
}

#[tokio::test]
async fn why_nothing_came_back_is_said_in_words_and_as_it_was_noted() {
    on_both(async |app| {
        let mut browser = owner(app).await;
        // Nobody listens there.
        let url = "http://127.0.0.1:9/hook";
        assert_eq!(add(&mut browser, LIST, &[("on-charge.captured", "1"), ("url", url)]).await.status, 303);
        let one = id(&only(app, Environment::Sandbox).await);
        let list = browser.get(LIST).await;
        let pinged = browser.submit(&list, &format!("{LIST}/{one}/ping"), &[("key", &key(&list))]).await;
        let place = pinged.header("location").unwrap().split('#').next().unwrap().to_owned();
        let shown = browser.get(&place).await;
        assert!(shown.text.contains("レスポンスはありません。 サーバーに接続できませんでした。"), "{}", shown.text);
        let noted = r#"<p class="more mono" lang="en">no connection to 127.0.0.1:9: "#;
        assert!(shown.text.contains(noted), "{}", shown.text);
    })
    .await;
}

#[tokio::test]
async fn an_endpoint_that_was_disabled_is_shown_loudly_and_enabled_again() {
    on_both(async |app| {
        let receiver = Receiver::plain().await;
        let mut browser = owner(app).await;
        let types = [("on-charge.succeeded", "1"), ("url", &receiver.url())];
        assert_eq!(add(&mut browser, LIST, &types).await.status, 303);
        receiver.always(Behaviour::Status(410));
        app.merchant().sell(&Sale::of(1_000)).await;
        app.run_jobs().await;
        let list = browser.get(LIST).await;
        for part in [
            "配信を停止しているエンドポイントがあります",
            "410 Gone",
            "1件のイベントが配信を待っています",
            "配信を再開する",
        ] {
            assert!(list.text.contains(part), "{part}: {}", list.text);
        }
        receiver.always(Behaviour::Status(200));
        let one = id(&only(app, Environment::Sandbox).await);
        let enabled = browser.submit(&list, &format!("{LIST}/{one}/enable"), &[("key", &key(&list))]).await;
        assert_eq!(enabled.status, 303);
        app.run_jobs().await;
        assert_eq!(receiver.taken().len(), 1);
        let page = browser.get(&format!("{LIST}/{one}")).await;
        assert!(!page.text.contains("配信を停止している") && page.text.contains("配信を停止する"), "{}", page.text);
        let stopped =
            browser.submit(&page, &format!("{LIST}/{one}/disable"), &[("key", &key(&page)), ("from", "one")]).await;
        assert_eq!(stopped.header("location"), Some(format!("{LIST}/{one}?done=disabled").as_str()));
        assert!(browser.get(LIST).await.text.contains("店舗様の操作で停止しています。"));
    })
    .await;
}

#[tokio::test]
async fn endpoints_of_another_shop_are_not_there() {
    on_both(async |app| {
        let other = app.new_shop(false).await;
        let desk = app.webhooks_of(other.id, Environment::Sandbox).await;
        let theirs = desk.add("https://other.example/", &["charge.captured"]).await;
        let mut browser = owner(app).await;
        let page = browser.get(LIST).await;
        let fields =
            [("key", "0a".repeat(32)), ("on-charge.captured", "1".into()), ("url", "https://evil.example/".into())];
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        for id in [theirs.as_str(), "we_x", "%00", "new%2F", &"we_".repeat(40)] {
            for path in ["", "/edit", "/delete", "/certificate/delete"] {
                assert_eq!(browser.get(&format!("{LIST}/{id}{path}")).await.status, 404, "{id}{path}");
            }
            for path in ["/edit", "/delete", "/enable", "/disable", "/ping", "/certificate/delete"] {
                assert_eq!(
                    browser.submit(&page, &format!("{LIST}/{id}{path}"), &fields).await.status,
                    404,
                    "{id}{path}"
                );
            }
            let uploaded =
                browser.upload(&page, &format!("{LIST}/{id}/certificate"), &fields[..1], ("a.crt", b"a")).await;
            assert_eq!(uploaded.status, 404, "{id}");
        }
        assert_eq!(desk.endpoint(&theirs).await["url"], "https://other.example/");
        assert_eq!(Browser::new(app).get(LIST).await.status, 303);
    })
    .await;
}

#[tokio::test]
async fn the_signature_is_shown_to_who_proves_again_who_they_are_and_changed_with_an_overlap() {
    on_both(async |app| {
        const SIGNATURE: &str = "/dashboard/sandbox/webhooks/signature";
        let receiver = Receiver::plain().await;
        app.webhooks().await.subscribe(&receiver).await;
        let told = async |merchant: &testkit::Merchant| {
            merchant.sell(&Sale::of(500)).await;
            app.run_jobs().await;
            let last = receiver.received().last().expect("a delivery").clone();
            let signatures = last.header("webhook-signature").unwrap().split(' ').count();
            (last.header("x-lite-webhook-signature").unwrap().to_owned(), signatures)
        };
        let merchant = app.merchant();
        let (old, _) = told(&merchant).await;
        let mut browser = owner(app).await;
        let page = browser.get(SIGNATURE).await;
        assert_safe(SIGNATURE, &page);
        assert!(page.text.contains("X-Lite-Webhook-Signature") && !page.text.contains(&old), "{}", page.text);
        let action = |page: &Reply, verb: &str, nth: usize| {
            let mut actions = page.text.split("action=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
            actions.by_ref().filter(|action| action.ends_with(verb)).nth(nth).expect("a form").to_owned()
        };
        let reveal = action(&page, "/reveal", 0);
        let first = browser.submit(&page, &reveal, &[]).await;
        let to = "/dashboard/sandbox/account/confirm?to=/dashboard/sandbox/webhooks/signature";
        assert_eq!((first.status, first.header("location")), (303, Some(to)));
        let confirm = browser.get(to).await;
        let fields = [("password", crate::browser::PASSWORD), ("to", SIGNATURE)];
        let back = browser.submit(&confirm, "/dashboard/sandbox/account/confirm", &fields).await;
        assert_eq!(back.header("location"), Some(SIGNATURE), "{}", back.text);
        let shown = browser.submit(&page, &reveal, &[]).await;
        assert!(shown.status == 200 && shown.text.contains(&old), "{}", shown.text);
        assert_eq!(app.actions("keys.reveal").await, 1);

        let rotate = format!("{SIGNATURE}/sandbox/webhook_secret/rotate");
        let window = browser.get(&rotate).await;
        assert!(window.text.contains("その後は新しいSignatureを送ります"), "{}", window.text);
        let fields = [("key", key(&window)), ("overlap", "24".to_owned())];
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        for _ in 0..2 {
            let done = browser.submit(&window, &rotate, &fields).await;
            assert_eq!(done.header("location"), Some("/dashboard/sandbox/webhooks/signature?done=rotated"));
        }
        assert_eq!(app.actions("keys.rotate").await, 1, "sent twice, changed once");
        assert_eq!(told(&merchant).await.0, old, "the old one travels while it counts");
        let page = browser.get(SIGNATURE).await;
        assert!(page.text.contains("まで送信") && page.text.contains("から送信"), "{}", page.text);
        let fresh = browser.submit(&page, &action(&page, "/reveal", 1), &[]).await;
        let fresh = fresh.text.split("webhook_").nth(1).unwrap()[..96].to_owned();
        let ended = browser.submit(&page, &action(&page, "/end", 0), &[]).await;
        assert_eq!(ended.header("location"), Some("/dashboard/sandbox/webhooks/signature?done=ended"));
        assert_eq!(told(&merchant).await.0, format!("webhook_{fresh}"), "then the new one");

        let rotate = format!("{SIGNATURE}/sandbox/webhook_signing_secret/rotate");
        let window = browser.get(&rotate).await;
        let fields = [("key", key(&window)), ("overlap", "1".to_owned())];
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        let wrong = browser.submit(&window, &rotate, &[("key", &"0c".repeat(32)), ("overlap", "5")]).await;
        assert!(wrong.status == 400 && wrong.text.contains("切り替える時期を選んでください。"), "{}", wrong.text);
        assert_eq!(browser.submit(&window, &rotate, &fields).await.status, 303);
        assert_eq!(told(&merchant).await.1, 2, "the signatures of both");
        for path in ["/sandbox/private_key/rotate", "/live/webhook_secret/rotate", "/sandbox/%00/rotate"] {
            assert_eq!(browser.get(&format!("{SIGNATURE}{path}")).await.status, 404, "{path}");
        }
        app.wait(3_601);
        assert_eq!(told(&merchant).await.1, 1, "then of the new one");
    })
    .await;
}
