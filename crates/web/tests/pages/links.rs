//! Links of mails: invitations and other passwords, each once and for a time.

use shop::staff::mail::rows::newest;
use shop::{Duties, Role};
use testkit::TestApp;
use testkit::app::on_both;

use crate::browser::{Browser, PASSWORD, hidden, make_staff, make_staff_with};
use crate::safety::assert_safe;

const OWNER: &str = "owner@shop.example";
const STAFF: &str = "/dashboard/sandbox/account/staff";
const INVITE: &str = "/dashboard/sandbox/account/staff/invite";
const NEW: &str = "another long password";

/// What the links of the mails to the staff carry, the newest first; with the addresses.
async fn links(app: &TestApp) -> Vec<(String, String)> {
    app.run_jobs().await;
    let vault = app.wired.gateway.vault().clone();
    let mails = app.store().read(move |tx| newest(tx, &vault, 100)).await.expect("reading mails");
    assert!(mails.iter().all(|mail| mail.state == "kept"), "they stay where the operator reads them");
    mails.into_iter().filter_map(|mail| mail.letter).map(|letter| (letter.to, letter.token)).collect()
}

#[tokio::test]
async fn who_is_invited_chooses_a_password_once_within_three_days() {
    on_both(async |app| {
        make_staff(app, app.shop.id, OWNER, false).await;
        let mut owner = Browser::logged_in(app, OWNER).await;
        let page = owner.get(INVITE).await;
        assert_safe(INVITE, &page);
        let key = hidden(&page, "key");
        let guest = "hana@shop.example";
        let typed = [("key", key.as_str()), ("email", "no address"), ("name", "Hana"), ("roles.orders", "on")];
        let wrong = owner.submit(&page, INVITE, &typed).await;
        assert!(wrong.status == 400 && wrong.text.contains("形式が正しくありません"), "{}", wrong.text);
        for kept in [r#"value="no address""#, r#"value="Hana""#, r#"name="roles.orders" value="on" checked"#, &key] {
            assert!(wrong.text.contains(kept), "{kept}: {}", wrong.text);
        }
        let none = owner.submit(&page, INVITE, &[("key", &key), ("email", guest), ("name", "Hana")]).await;
        assert!(none.status == 400 && none.text.contains("役割を1つ以上"), "{}", none.text);
        let fields = [("key", key.as_str()), ("email", guest), ("name", "Hana"), ("roles.orders", "on")];
        for _ in 0..2 {
            let sent = owner.submit(&page, INVITE, &fields).await;
            assert_eq!(sent.header("location"), Some("/dashboard/sandbox/account/staff?done=invited"), "{}", sent.text);
        }
        let links = links(app).await;
        assert_eq!(links.len(), 1, "sent twice, it is one mail");
        assert_eq!(app.actions("staff.invite").await, 1);
        let other = hidden(&owner.get(INVITE).await, "key");
        let twice = [("key", other.as_str()), ("email", guest), ("roles.owner", "on")];
        assert_eq!(owner.submit(&page, INVITE, &twice).await.status, 409);
        assert!(owner.get(STAFF).await.text.contains(guest));

        let (to, token) = &links[0];
        assert_eq!(to, guest);
        let mut hana = Browser::new(app);
        let path = format!("/invitation?token={token}");
        let page = hana.get(&path).await;
        assert_safe("/invitation", &page);
        assert!(page.text.contains("受注担当"), "{}", page.text);
        let short = hana.submit(&page, "/invitation", &[("token", token), ("new", "short")]).await;
        assert!(short.status == 400 && short.text.contains("12文字以上"), "{}", short.text);
        let joined = hana.submit(&page, "/invitation", &[("token", token), ("new", NEW)]).await;
        assert_eq!(joined.header("location"), Some("/login?done=joined"));
        assert_eq!(hana.submit(&page, "/invitation", &[("token", token), ("new", NEW)]).await.status, 410);
        assert_eq!(hana.get(&path).await.status, 410);
        assert_eq!(hana.login(guest, NEW).await.status, 303);
        assert!(hana.get("/dashboard/sandbox/account/devices").await.text.contains("<b>Hana</b>"));
        assert_eq!(hana.get(STAFF).await.status, 403, "no owner");
        assert_eq!(app.actions("staff.join").await, 1);
    })
    .await;
}

#[tokio::test]
async fn an_invitation_ends_after_three_days_and_can_be_taken_back() {
    on_both(async |app| {
        make_staff(app, app.shop.id, OWNER, false).await;
        let mut owner = Browser::logged_in(app, OWNER).await;
        let page = owner.get(INVITE).await;
        for (guest, key) in [("late@shop.example", "1"), ("back@shop.example", "2")] {
            let fields = [("key", key), ("email", guest), ("roles.shipping", "on")];
            assert_eq!(owner.submit(&page, INVITE, &fields).await.status, 303);
        }
        let links = links(app).await;
        let token = |who: &str| links.iter().find(|(to, _)| to.starts_with(who)).unwrap().1.clone();
        let shown = owner.get(STAFF).await;
        let id = shown.text.split("/account/invitations/").nth(2).unwrap().split('/').next().unwrap().to_owned();
        let end = format!("/dashboard/sandbox/account/invitations/{id}/end");
        assert_eq!(owner.submit(&shown, &end, &[]).await.status, 303);
        assert_eq!(owner.submit(&shown, &end, &[]).await.status, 404);
        let mut guest = Browser::new(app);
        let path = |who: &str| format!("/invitation?token={}", token(who));
        let mut statuses = vec![guest.get(&path("late")).await.status, guest.get(&path("back")).await.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 410], "one was taken back");
        app.wait(72 * 3_600 - 1);
        let open = [guest.get(&path("late")).await.status, guest.get(&path("back")).await.status].contains(&200);
        assert!(open);
        app.wait(1);
        assert_eq!([guest.get(&path("late")).await.status, guest.get(&path("back")).await.status], [410, 410]);
        // The address is free again.
        let mut owner = Browser::logged_in(app, OWNER).await;
        let page = owner.get(INVITE).await;
        let fields = [("key", "3"), ("email", "late@shop.example"), ("roles.shipping", "on")];
        assert_eq!(owner.submit(&page, INVITE, &fields).await.status, 303);
    })
    .await;
}

#[tokio::test]
async fn another_password_comes_by_a_link_that_counts_once_for_half_an_hour() {
    on_both(async |app| {
        make_staff(app, app.shop.id, OWNER, false).await;
        let mut elsewhere = Browser::logged_in(app, OWNER).await;
        let mut browser = Browser::new(app);
        let page = browser.get("/forgotten").await;
        assert_safe("/forgotten", &page);
        let mut answers = Vec::new();
        for email in [OWNER, "nobody@shop.example", "no address"] {
            let reply = browser.submit(&page, "/forgotten", &[("email", email)]).await;
            assert_eq!(reply.status, 200);
            answers.push(reply.text);
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "who has an account is not told");
        let first = links(app).await;
        assert_eq!(first.len(), 1);
        browser.submit(&page, "/forgotten", &[("email", OWNER)]).await;
        let both = links(app).await;
        let token = both.iter().find(|link| **link != first[0]).unwrap().1.clone();
        let path = format!("/reset?token={token}");
        assert_eq!(browser.get(&format!("/reset?token={}", first[0].1)).await.status, 410, "only the newest counts");
        app.wait(1_799);
        let page = browser.get(&path).await;
        assert_safe("/reset", &page);
        let unfit = browser.submit(&page, "/reset", &[("token", &token), ("new", OWNER)]).await;
        assert_eq!(unfit.status, 400);
        let done = browser.submit(&page, "/reset", &[("token", &token), ("new", NEW)]).await;
        assert_eq!(done.header("location"), Some("/login?done=reset"));
        assert_eq!(browser.submit(&page, "/reset", &[("token", &token), ("new", PASSWORD)]).await.status, 410);
        assert_eq!(elsewhere.get("/dashboard/sandbox").await.status, 303, "other sessions have ended");
        assert_eq!(Browser::new(app).login(OWNER, PASSWORD).await.status, 403);
        assert_eq!(Browser::new(app).login(OWNER, NEW).await.status, 303);
        assert_eq!(app.actions("staff.reset").await, 1);

        browser.submit(&page, "/forgotten", &[("email", OWNER)]).await;
        let newest = links(app).await;
        let token = newest.iter().find(|link| !both.contains(link)).unwrap().1.clone();
        app.wait(1_800);
        assert_eq!(browser.get(&format!("/reset?token={token}")).await.status, 410);
    })
    .await;
}

#[tokio::test]
async fn links_are_asked_for_only_so_often() {
    on_both(async |app| {
        make_staff(app, app.shop.id, OWNER, false).await;
        for email in [OWNER, "nobody@shop.example"] {
            let mut browser = Browser::new(app);
            let page = browser.get("/forgotten").await;
            for _ in 0..5 {
                assert_eq!(browser.submit(&page, "/forgotten", &[("email", email)]).await.status, 200);
            }
            let locked = browser.submit(&page, "/forgotten", &[("email", email)]).await;
            assert_eq!((locked.status, locked.header("retry-after")), (429, Some("30")), "{email}");
        }
        // Asking for links locks nobody out of the login.
        assert_eq!(Browser::new(app).login(OWNER, PASSWORD).await.status, 303);
    })
    .await;
}

#[tokio::test]
async fn roles_count_at_once_and_a_shop_always_has_an_owner() {
    on_both(async |app| {
        let owner_row = make_staff(app, app.shop.id, OWNER, false).await;
        let other = make_staff_with(app, app.shop.id, "ken@shop.example", Duties::of(&[Role::Orders], false)).await;
        let operator = make_staff_with(app, app.shop.id, "root@shop.example", Duties::of(&[Role::Orders], true)).await;
        let mut owner = Browser::logged_in(app, OWNER).await;
        let mut ken = Browser::logged_in(app, "ken@shop.example").await;
        assert_eq!(ken.get(STAFF).await.status, 403);
        let roles = |id: &str| format!("{STAFF}/{id}/roles");
        let end = |id: &str| format!("{STAFF}/{id}/end");
        let page = owner.get(&roles(&other.id)).await;
        assert_safe("roles", &page);

        let last = owner.submit(&page, &roles(&owner_row.id), &[("roles.orders", "on")]).await;
        assert!(last.status == 409 && last.text.contains("店舗管理者がいなくなる"), "{}", last.text);
        assert_eq!(owner.submit(&page, &end(&owner_row.id), &[]).await.status, 409);
        assert_eq!(owner.submit(&page, &roles(&operator.id), &[("roles.owner", "on")]).await.status, 403);
        assert_eq!(owner.submit(&page, &end(&operator.id), &[]).await.status, 403);

        let fields = [("roles.owner", "on"), ("roles.shipping", "on")];
        assert_eq!(owner.submit(&page, &roles(&other.id), &fields).await.status, 303);
        let page = ken.get(STAFF).await;
        assert_eq!(page.status, 200, "the open session has the new role");
        // Now there are two owners, and the other one ends the first one's access.
        assert_eq!(ken.submit(&page, &end(&owner_row.id), &[]).await.status, 303);
        assert_eq!(owner.get("/dashboard/sandbox").await.status, 303);
        assert_eq!(Browser::new(app).login(OWNER, PASSWORD).await.status, 403);
        assert_eq!(ken.submit(&page, &end(&owner_row.id), &[]).await.status, 404);
        assert_eq!(ken.submit(&page, &roles(&other.id), &[("roles.orders", "on")]).await.status, 409);
        assert_eq!((app.actions("staff.roles").await, app.actions("staff.end").await), (1, 1));
        // The address may come back; who they were stays in the audit log.
        let log = ken.get("/dashboard/sandbox/account/audit?action=staff.end").await;
        assert_safe("audit", &log);
        assert!(log.text.contains("ken@shop.example") && !log.text.contains(OWNER), "{}", log.text);
    })
    .await;
}

#[tokio::test]
async fn only_the_operator_reads_mails_that_were_not_sent() {
    on_both(async |app| {
        let operator = Duties::of(&[Role::Owner], true);
        make_staff_with(app, app.shop.id, "root@shop.example", operator).await;
        make_staff(app, app.shop.id, OWNER, false).await;
        let mut browser = Browser::logged_in(app, "root@shop.example").await;
        let mut owner = Browser::logged_in(app, OWNER).await;
        let form = owner.clone().get("/forgotten").await;
        assert_eq!(owner.submit(&form, "/forgotten", &[("email", OWNER)]).await.status, 200);
        let token = links(app).await.remove(0).1;
        let read = browser.get("/mailbox/staff").await;
        assert_eq!(read.status, 200);
        assert!(read.text.contains(&format!("/reset?token={token}")), "{}", read.text);
        assert_eq!(owner.get("/mailbox/staff").await.status, 403);
        // Once the link has ended it is not told any more.
        app.wait(1_800);
        assert_eq!(owner.submit(&form, "/forgotten", &[("email", OWNER)]).await.status, 200);
        assert!(!browser.get("/mailbox/staff").await.text.contains(&token));
    })
    .await;
}

#[tokio::test]
async fn the_staff_of_another_shop_is_not_there() {
    on_both(async |app| {
        make_staff(app, app.shop.id, OWNER, false).await;
        let theirs = app.new_shop(true).await;
        let stranger = make_staff(app, theirs.id, "owner@other.example", false).await;
        let mut owner = Browser::logged_in(app, OWNER).await;
        let page = owner.get(STAFF).await;
        assert!(!page.text.contains(&stranger.id));
        for what in ["roles", "end"] {
            let path = format!("{STAFF}/{}/{what}", stranger.id);
            assert_eq!(owner.get(&path).await.status, 404);
            assert_eq!(owner.submit(&page, &path, &[("roles.orders", "on")]).await.status, 404);
        }
        assert_eq!(Browser::logged_in(app, "owner@other.example").await.get("/dashboard/sandbox").await.status, 200);
    })
    .await;
}
