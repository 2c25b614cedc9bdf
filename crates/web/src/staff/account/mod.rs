//! アカウント設定 (seed 000): keys, the security code, notices by mail, automatic mails, the staff, and one's own account: two-step login, where one is logged
//! in. And the audit log.

mod audit;
mod confirm;
mod deeds;
mod devices;
mod keys;
mod mails;
mod news;
mod qr;
mod rotate;
mod security;
mod staff;
mod switch;
mod team;
mod things;
mod two_step;

use axum::response::Response;
use shop::Right;

use super::Desk;
use crate::texts;
use crate::ui::{Access, Link, Pages, Side, Ui};

texts! {
    /// What the sections are called, and what all of them say.
    AccountText {
        account: "アカウント設定", "Account";
        keys: "認証キー", "Keys";
        security: "セキュリティコード", "Security code";
        news: "最新のお知らせ", "News by mail";
        mails: "自動メール", "Automatic mails";
        staff: "スタッフ", "Staff";
        two_step: "二段階認証", "Two-step login";
        devices: "ログイン中の端末", "Where you are logged in";
        audit: "監査ログ", "Audit log";
        back: "戻る", "Back";
        quit: "やめる", "Cancel";
        yes: "はい", "Yes";
        no: "いいえ", "No";
        copy: "コピー", "Copy";
        not_yours: "この操作は店舗管理者のみ行えます。", "Only an owner of the shop may do this.";
    }
}

/// The pages.
pub(super) fn pages(ui: &Ui) -> Pages {
    let with = Access::With;
    Pages::new()
        .get("/dashboard/{side}/account", Access::Staff, first)
        .get("/dashboard/{side}/account/keys", with(Right::SeeKeys), keys::show)
        .post("/dashboard/{side}/account/keys/{environment}/{id}/reveal", with(Right::SeeKeys), keys::reveal)
        .get("/dashboard/{side}/account/keys/{environment}/{kind}/rotate", with(Right::ChangeKeys), rotate::show)
        .post("/dashboard/{side}/account/keys/{environment}/{kind}/rotate", with(Right::ChangeKeys), rotate::rotate)
        .get("/dashboard/{side}/account/keys/{environment}/{id}/end", with(Right::ChangeKeys), rotate::ask_end)
        .post("/dashboard/{side}/account/keys/{environment}/{id}/end", with(Right::ChangeKeys), rotate::end)
        .get("/dashboard/{side}/account/security-code", with(Right::SeeShop), security::show)
        .post("/dashboard/{side}/account/security-code", with(Right::ChangeSettings), security::change)
        .get("/dashboard/{side}/account/security-code/{group}", with(Right::ChangeSettings), security::ask)
        .get("/dashboard/{side}/account/news-mail", with(Right::SeeShop), news::show)
        .post("/dashboard/{side}/account/news-mail", with(Right::ChangeSettings), news::change)
        .get("/dashboard/{side}/account/automatic-mails", with(Right::SeeShop), mails::show)
        .post("/dashboard/{side}/account/automatic-mails", with(Right::ChangeSettings), mails::change)
        .get("/dashboard/{side}/account/staff", with(Right::ManageStaff), staff::show)
        .get("/dashboard/{side}/account/staff/invite", with(Right::ManageStaff), team::show_invite)
        .post("/dashboard/{side}/account/staff/invite", with(Right::ManageStaff), team::invite)
        .get("/dashboard/{side}/account/staff/{id}/roles", with(Right::ManageStaff), team::show_roles)
        .post("/dashboard/{side}/account/staff/{id}/roles", with(Right::ManageStaff), team::roles)
        .get("/dashboard/{side}/account/staff/{id}/end", with(Right::ManageStaff), team::ask_end)
        .post("/dashboard/{side}/account/staff/{id}/end", with(Right::ManageStaff), team::end)
        .post("/dashboard/{side}/account/invitations/{id}/end", with(Right::ManageStaff), team::take_back)
        .post("/dashboard/{side}/account/staff/two-step", with(Right::ManageStaff), staff::require)
        .get("/dashboard/{side}/account/confirm", Access::Staff, confirm::show)
        .post("/dashboard/{side}/account/confirm", Access::Staff, confirm::confirm)
        .get("/dashboard/{side}/account/two-step", Access::Staff, two_step::show)
        .get("/dashboard/{side}/account/two-step/on", Access::Staff, two_step::propose)
        .post("/dashboard/{side}/account/two-step/on", Access::Staff, two_step::turn_on)
        .get("/dashboard/{side}/account/two-step/off", Access::Staff, two_step::ask_off)
        .post("/dashboard/{side}/account/two-step/off", Access::Staff, two_step::turn_off)
        .post("/dashboard/{side}/account/two-step/recovery", Access::Staff, two_step::renew)
        .get("/dashboard/{side}/account/devices", Access::Staff, devices::show)
        .post("/dashboard/{side}/account/devices/end", Access::Staff, devices::end_others)
        .post("/dashboard/{side}/account/devices/{id}/end", Access::Staff, devices::end)
        .get("/dashboard/{side}/account/audit", with(Right::SeeAudit), audit::show)
        .with_state(ui.clone())
}

/// `GET /dashboard/{side}/account`: on to the first section that who asks may see.
async fn first(desk: Desk) -> Response {
    let section = if desk.may(Right::SeeKeys) { "/account/keys" } else { "/account/two-step" };
    desk.visit.redirect(&desk.side.path(section))
}

/// The sections that who asks may see; `here` is the one that is open.
fn sections(desk: &Desk, here: &str) -> Vec<Link> {
    let t = AccountText::of(desk.visit.language);
    let all = [
        (Access::With(Right::SeeKeys), "keys", t.keys),
        (Access::With(Right::SeeShop), "security-code", t.security),
        (Access::With(Right::SeeShop), news::SECTION, t.news),
        (Access::With(Right::SeeShop), mails::SECTION, t.mails),
        (Access::With(Right::ManageStaff), "staff", t.staff),
        (Access::Staff, "two-step", t.two_step),
        (Access::Staff, "devices", t.devices),
        (Access::With(Right::SeeAudit), "audit", t.audit),
    ];
    let allowed = all.into_iter().filter(|(access, ..)| access.allows(&desk.staff.duties));
    let link = |(_, name, text)| Link { href: at(desk.side, name), text, is_here: name == here };
    allowed.map(link).collect()
}

/// The address of a section.
fn at(side: Side, section: &str) -> String {
    side.path(&format!("/account/{section}"))
}
