//! Account pages: keys and their rotation, the security code, where one is logged in, the audit log.

use kernel::Environment;
use pay::checkout::security_code::{BrandGroup, Setting, rows};
use shop::{Duties, Role};
use store::StoreError;
use testkit::TestApp;
use testkit::app::on_both;
use testkit::http::Reply;
use testkit::merchant::Merchant;

use crate::browser::{Browser, hidden, make_staff, make_staff_with, open_live};
use crate::safety::assert_safe;
use crate::two_step::confirm;

const OWNER: &str = "owner@shop.example";
const KEYS: &str = "/dashboard/sandbox/account/keys";
const ROTATE: &str = "/dashboard/sandbox/account/keys/sandbox/private_key/rotate";
const DEVICES: &str = "/dashboard/sandbox/account/devices";

async fn owner(app: &TestApp) -> Browser {
    make_staff(app, app.shop.id, OWNER, false).await;
    Browser::logged_in(app, OWNER).await
}

/// Where the list shows private keys, in its order.
fn reveals(page: &Reply) -> Vec<String> {
    let forms = page.text.split(r#"action=""#).skip(1).map(|rest| rest.split('"').next().unwrap());
    forms.filter(|action| action.ends_with("/reveal")).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_private_key_is_shown_to_who_has_just_proved_who_they_are() {
    on_both(async |app| {
        let mut browser = owner(app).await;
        let page = browser.get(KEYS).await;
        assert_safe(KEYS, &page);
        let key = app.merchant().private_key;
        assert!(page.text.contains("sandbox_public_") && !page.text.contains(&key), "{}", page.text);
        let reveal = reveals(&page).remove(0);
        let asked = browser.submit(&page, &reveal, &[]).await;
        let to = "/dashboard/sandbox/account/confirm?to=/dashboard/sandbox/account/keys%3Fdone%3Dconfirmed";
        assert_eq!((asked.status, asked.header("location")), (303, Some(to)));
        assert_eq!(app.actions("keys.reveal").await, 0);
        assert!(browser.get(to).await.text.contains(r#"<a href="/dashboard/sandbox/account/keys" data-close>"#));
        assert_eq!(confirm(&mut browser, "").await.status, 303);
        let back = browser.get(&format!("{KEYS}?done=confirmed")).await;
        assert!(back.text.contains("もう一度「表示する」を押してください。"), "{}", back.text);
        let shown = browser.submit(&page, &reveal, &[]).await;
        assert_safe("reveal", &shown);
        assert!(shown.text.contains(&key), "{}", shown.text);
        assert_eq!(app.actions("keys.reveal").await, 1);
        app.wait(600);
        assert_eq!(browser.submit(&page, &reveal, &[]).await.status, 303, "ten minutes later it is asked again");
    })
    .await;
}

#[tokio::test]
async fn a_rotated_key_counts_until_the_chosen_time_and_no_longer() {
    on_both(async |app| {
        let mut browser = owner(app).await;
        let page = browser.get(ROTATE).await;
        assert_safe(ROTATE, &page);
        let key = hidden(&page, "key");
        let fields = [("key", key.as_str()), ("overlap", "1")];
        let asked = browser.submit(&page, ROTATE, &fields).await;
        assert!(asked.header("location").unwrap().starts_with("/dashboard/sandbox/account/confirm"));
        assert_eq!(confirm(&mut browser, "").await.status, 303);
        let wrong = browser.submit(&page, ROTATE, &[("key", &key), ("overlap", "5")]).await;
        assert!(wrong.status == 400 && wrong.text.contains("期間を選んでください"), "{}", wrong.text);
        for _ in 0..2 {
            let done = browser.submit(&page, ROTATE, &fields).await;
            assert_eq!(done.header("location"), Some("/dashboard/sandbox/account/keys?done=rotated"));
        }
        assert_eq!(app.actions("keys.rotate").await, 1, "sent twice, it is one rotation");

        let list = browser.get(KEYS).await;
        let newest = reveals(&list).remove(0);
        let shown = browser.submit(&list, &newest, &[]).await;
        let digits = shown.text.split_once("sandbox_private_").unwrap().1;
        let value = format!("sandbox_private_{}", &digits[..96]);
        let old = app.merchant();
        assert_ne!(value, old.private_key);
        let new = Merchant::new(app.http.clone(), old.shop, Environment::Sandbox, value);
        assert_eq!((old.list("").await.status, new.list("").await.status), (200, 200), "both count");
        app.wait(3_599);
        assert_eq!(old.list("").await.status, 200);
        app.wait(1);
        assert_eq!((old.list("").await.status, new.list("").await.status), (401, 200));
        let mut browser = Browser::logged_in(app, OWNER).await;
        assert!(browser.get(KEYS).await.text.contains(">無効</span>"));
    })
    .await;
}

#[tokio::test]
async fn an_old_key_can_be_ended_before_its_time_and_the_newest_cannot() {
    on_both(async |app| {
        let mut browser = owner(app).await;
        let page = browser.get(ROTATE).await;
        assert_eq!(confirm(&mut browser, "").await.status, 303);
        let newest_before = reveals(&browser.get(KEYS).await).remove(0).replace("/reveal", "/end");
        assert_eq!(browser.submit(&page, &newest_before, &[]).await.status, 404, "it is the one that counts");
        let fields = [("key", "1"), ("overlap", "720")];
        assert_eq!(browser.submit(&page, ROTATE, &fields).await.status, 303);
        let old = app.merchant();
        assert_eq!(old.list("").await.status, 200);
        let asks = browser.get(&newest_before).await;
        assert_safe("end", &asks);
        assert_eq!(browser.submit(&page, &newest_before, &[]).await.status, 303);
        app.wait(1);
        assert_eq!(old.list("").await.status, 401);
        assert_eq!(app.actions("keys.end").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_developer_shows_keys_of_the_sandbox_and_none_of_live() {
    on_both(async |app| {
        open_live(app, app.shop.id).await;
        make_staff_with(app, app.shop.id, "dev@shop.example", Duties::of(&[Role::Developer], false)).await;
        let mut dev = Browser::logged_in(app, "dev@shop.example").await;
        assert_eq!(confirm(&mut dev, "").await.status, 303);
        let page = dev.get(KEYS).await;
        assert_eq!(dev.submit(&page, &reveals(&page)[0], &[]).await.status, 200);
        assert_eq!(dev.get(ROTATE).await.status, 403);
        let live = dev.get("/dashboard/live/account/keys").await;
        assert_safe("live keys", &live);
        assert!(live.text.contains("この操作は店舗管理者のみ行えます。"), "{}", live.text);
        assert!(reveals(&live).iter().all(|action| action.contains("/test/")), "{:?}", reveals(&live));
        make_staff(app, app.shop.id, OWNER, false).await;
        let owners = Browser::logged_in(app, OWNER).await.get("/dashboard/live/account/keys").await;
        let of_live = reveals(&owners).into_iter().find(|action| action.contains("/keys/live/")).unwrap();
        assert_eq!(dev.submit(&page, &of_live, &[]).await.status, 403);
        // A key of Live is none of the sandbox's pages.
        let across = of_live.replace("/dashboard/live/", "/dashboard/sandbox/");
        assert_eq!(dev.submit(&page, &across, &[]).await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn the_keys_of_another_shop_are_not_there() {
    on_both(async |app| {
        let theirs = app.new_shop(true).await;
        make_staff(app, theirs.id, "owner@other.example", false).await;
        let mut stranger = Browser::logged_in(app, "owner@other.example").await;
        let action = reveals(&stranger.get(KEYS).await).remove(0);
        let mut browser = owner(app).await;
        assert_eq!(confirm(&mut browser, "").await.status, 303);
        let page = browser.get(KEYS).await;
        assert_eq!(browser.submit(&page, &action, &[]).await.status, 404);
        assert_eq!(browser.submit(&page, &action.replace("/reveal", "/end"), &[]).await.status, 404);
    })
    .await;
}

async fn set(app: &TestApp, group: BrandGroup, setting: Setting) {
    let shop = app.shop.id;
    let write = move |tx: &mut store::Tx<'_>| tx.execute_all(&[rows::save(shop, group, setting)]);
    app.store().write::<_, StoreError, _>(write).await.expect("writing a setting");
}

#[tokio::test]
async fn the_security_code_is_changed_for_approved_brands_that_are_not_forced() {
    on_both(async |app| {
        const AT: &str = "/dashboard/sandbox/account/security-code";
        set(app, BrandGroup::JcbAmex, Setting { forced: true, ..Setting::USUAL }).await;
        set(app, BrandGroup::Diners, Setting { approved: false, ..Setting::USUAL }).await;
        let mut browser = owner(app).await;
        let page = browser.get(AT).await;
        assert_safe(AT, &page);
        for why in [
            "楽天側でセキュリティコード認証の設定を必須とさせていただいているため",
            "カード審査に通過しているカードブランドのみ設定変更できます。",
        ] {
            assert!(page.text.contains(why), "{}", page.text);
        }
        assert_eq!(
            page.text.matches("<button class=\"second small\" type=\"button\" disabled").count(),
            2,
            "{}",
            page.text
        );
        let ask = browser.get(&format!("{AT}/visa_mastercard")).await;
        assert_safe("ask", &ask);
        assert!(
            ask.text.contains("Visa / Mastercardのセキュリティコード認証を「利用しない」に変更しますか?"),
            "{}",
            ask.text
        );
        assert_eq!(browser.get(&format!("{AT}/jcb_amex")).await.status, 303, "it is compulsory");
        let off = |group: &'static str| [("group", group), ("asked", "no")];
        assert_eq!(browser.submit(&page, AT, &off("visa_mastercard")).await.status, 303);
        assert_eq!(browser.submit(&page, AT, &off("visa_mastercard")).await.status, 303, "twice is once");
        assert_eq!(app.actions("security_code.change").await, 1);
        assert!(browser.get(AT).await.text.contains("利用しない"));
        assert_eq!(browser.submit(&page, AT, &off("jcb_amex")).await.status, 409);
        assert_eq!(browser.submit(&page, AT, &off("diners")).await.status, 409);
        assert_eq!(browser.submit(&page, AT, &off("moon")).await.status, 400);
        make_staff_with(app, app.shop.id, "ken@shop.example", Duties::of(&[Role::Orders], false)).await;
        let mut ken = Browser::logged_in(app, "ken@shop.example").await;
        let page = ken.get(AT).await;
        assert!(page.text.contains("この操作は店舗管理者のみ行えます。"), "{}", page.text);
        assert_eq!(ken.submit(&page, AT, &off("visa_mastercard")).await.status, 403);
    })
    .await;
}

#[tokio::test]
async fn one_sees_where_one_is_logged_in_and_ends_that() {
    on_both(async |app| {
        make_staff(app, app.shop.id, OWNER, false).await;
        let agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Mobile Safari/604.1";
        let mut phone = Browser::new(app).saying("user-agent", agent);
        assert_eq!(phone.login(OWNER, crate::browser::PASSWORD).await.status, 303);
        let mut desk = Browser::logged_in(app, OWNER).await;
        let mut third = Browser::logged_in(app, OWNER).await;
        let page = desk.get(DEVICES).await;
        assert_safe(DEVICES, &page);
        assert!(page.text.contains("Safari / iPhone") && page.text.contains("この端末"), "{}", page.text);
        let row = page.text.split("Safari / iPhone").nth(1).unwrap();
        let end = row.split(r#"action=""#).nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert_eq!(desk.submit(&page, &end, &[]).await.status, 303);
        assert_eq!(phone.get("/dashboard/sandbox").await.status, 303);
        assert_eq!(desk.submit(&page, &end, &[]).await.status, 404);
        assert_eq!(third.get("/dashboard/sandbox").await.status, 200);
        assert_eq!(desk.submit(&page, &format!("{DEVICES}/end"), &[]).await.status, 303);
        assert_eq!(
            (third.get("/dashboard/sandbox").await.status, desk.get("/dashboard/sandbox").await.status),
            (303, 200)
        );
        // The session of somebody else is none of one's own.
        make_staff(app, app.shop.id, "ken@shop.example", false).await;
        let mut ken = Browser::logged_in(app, "ken@shop.example").await;
        let page = ken.get(DEVICES).await;
        assert_eq!(ken.submit(&page, &end, &[]).await.status, 404);
        assert_eq!((app.actions("staff.session_end").await, app.actions("staff.sessions_end").await), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn the_audit_log_is_searched_page_by_page() {
    on_both(async |app| {
        const AT: &str = "/dashboard/sandbox/account/audit";
        let staff = make_staff(app, app.shop.id, OWNER, false).await;
        let theirs = app.new_shop(true).await;
        make_staff(app, theirs.id, "owner@other.example", false).await;
        Browser::logged_in(app, "owner@other.example").await;
        let mut browser = Browser::logged_in(app, OWNER).await;
        for _ in 0..60 {
            app.wait(1);
            assert_eq!(confirm(&mut browser, "").await.status, 303);
        }
        app.run_jobs().await;
        let rows = |page: &Reply| page.text.matches("<tr data-row>").count();
        let first = browser.get(AT).await;
        assert_safe(AT, &first);
        assert_eq!(rows(&first), 50);
        assert!(first.text.contains(OWNER) && !first.text.contains("owner@other.example"), "{}", first.text);
        let next = first.text.split(r#"id="further-link" class="button second" href=""#).nth(1).unwrap();
        let next = next.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
        // Sixty confirmations and the login: eleven are left.
        let second = browser.get(&next).await;
        assert_eq!(rows(&second), 11, "{}", second.text);
        assert!(!second.text.contains("further-link"));
        for (query, expected) in [
            ("action=staff.login", 1),
            (&format!("actor=staff:{}&action=staff.", staff.id), 50),
            ("actor=token:", 0),
            (&format!("object={}", &staff.id[4..]), 50),
            ("from=2000-01-01&until=2000-01-02", 0),
            ("from=2020-01-01", 50),
        ] {
            let page = browser.get(&format!("{AT}?{query}")).await;
            assert_eq!(rows(&page), expected, "{query}");
        }
        assert!(browser.get(&format!("{AT}?from=yesterday")).await.text.contains("日付を読み取れません"));
    })
    .await;
}
