//! スタッフ: who is there, who is invited, and what each role may do.

use askama::Template;
use axum::response::Response;
use shop::staff::rows::{self, Invitation};
use shop::staff::second;
use shop::staff::team::Member;
use shop::{Right, Role};
use store::{StoreError, Tx};

use super::{AccountText, at, sections};
use crate::staff::{Desk, posted};
use crate::texts;
use crate::ui::frame::moment;
use crate::ui::{Frame, Language, Link, Posted, Query, Tone, roles};

texts! {
    /// What the page says.
    StaffText {
        only_owner: "ただ1人の店舗管理者です。ほかのスタッフを店舗管理者にすると、利用を終了できます。", "The only owner: make somebody else one first.";
        invite: "スタッフを招待する", "Invite somebody";
        name: "氏名", "Name";
        email: "メールアドレス", "Email address";
        roles: "役割", "Roles";
        two_step: "二段階認証", "Two-step login";
        since: "登録日時", "Since";
        act: "操作", "Action";
        on: "設定済み", "On";
        off: "未設定", "Off";
        you: "あなた", "You";
        change_roles: "役割を変更", "Change roles";
        end: "利用を終了する", "End access";
        operators: "運営者のアカウントは運営者のみ変更できます。", "An operator's account is an operator's to change.";
        invited: "招待中", "Invited";
        mails: "スタッフ宛のメールを読む(メールサーバーがないとき)", "Read mails to the staff (without a mail server)";
        until: "招待の期限", "Counts until";
        take_back: "招待を取り消す", "Take it back";
        need: "Live環境の利用に二段階認証を必須にする", "Ask everybody who uses Live for the two-step login";
        need_more: "設定していないスタッフは、設定するまでLive環境を開けません。",
            "Who has not set it up cannot open Live before they do.";
        need_on: "必須にする", "Ask for it";
        need_off: "必須にしない", "Do not ask for it";
        needed: "現在: 必須", "Now: asked for";
        not_needed: "現在: 任意", "Now: not asked for";
        need_own: "必須にするには、", "Before you ask for it, ";
        need_own_link: "先にご自身の二段階認証を設定してください。", "turn your own on first.";
        rights: "役割ごとにできること", "What each role may do";
        right: "できること", "May";
        may: "できる", "yes";
        may_not: "できない", "no";
        sent: "招待メールを送りました。", "The invitation was sent.";
        changed: "役割を変更しました。", "The roles were changed.";
        ended: "利用を終了しました。", "The access was ended.";
        taken_back: "招待を取り消しました。", "The invitation was taken back.";
        saved: "設定を変更しました。", "The setting was changed.";
        see_figures: "ホームのチャートを見る", "See the charts";
        see_orders: "注文を見る", "See orders";
        export_orders: "注文をCSVで書き出す", "Export orders";
        capture: "注文を確定する", "Capture orders";
        cancel: "注文をキャンセルする", "Cancel orders";
        change_amount: "注文の金額を変更する", "Change amounts of orders";
        send_mail: "購入者様にメールを送信する", "Send mails to buyers";
        see_mails: "送信したメールを見る", "See mails";
        see_webhooks: "Webhookを見る", "See webhooks";
        change_webhooks: "Webhookを設定・再送する", "Change webhooks, send again";
        see_requests: "リクエストログを見る", "See the request log";
        see_images: "イメージライブラリを使う", "Use the image library";
        see_keys: "認証キーを見る", "See keys";
        see_licences: "モールのlicenseKey・利用機能を見る", "See licences and functions of the RMS API";
        change_licences: "モールのlicenseKeyを更新・利用機能を編集する", "Renew licences and switch functions of the RMS API";
        change_mall: "モールの処理設定・購入者の模擬操作・時計を使う", "Set up the marketplace, act for its buyers, turn its clock";
        change_keys: "本番用のPrivate Keyを見る・認証キーを切り替える", "See private keys of Live, rotate keys";
        change_settings: "セキュリティコード・お知らせ・自動メールを設定する", "Set up the security code, news, automatic mails";
        see_shop: "店舗情報を見る", "See the shop";
        manage_staff: "スタッフを管理する", "Manage the staff";
        see_audit: "監査ログを見る", "See the audit log";
        operate: "サーバーを運営する", "Run the server";
    }
}

/// A row of the list.
struct Row {
    id: String,
    name: String,
    email: String,
    roles: String,
    two_step: bool,
    since: String,
    is_self: bool,
    may_change: bool,
    /// Without them the shop has no owner.
    is_last_owner: bool,
}

/// Somebody who is invited.
struct Guest {
    id: String,
    name: String,
    email: String,
    roles: String,
    until: String,
}

#[derive(Template)]
#[template(path = "account/staff.html")]
struct Page {
    frame: Frame,
    t: &'static StaffText,
    a: &'static AccountText,
    links: Vec<Link>,
    base: String,
    guests_base: String,
    own_two_step: String,
    rows: Vec<Row>,
    guests: Vec<Guest>,
    needed: bool,
    may_need: bool,
    /// Whether who asks reads the mails that could not be sent.
    reads_mails: bool,
    role_names: Vec<&'static str>,
    rights: Vec<(&'static str, Vec<bool>)>,
}

/// `GET …/account/staff`.
pub(super) async fn show(desk: Desk) -> Response {
    let language = desk.visit.language;
    let (t, a) = (StaffText::of(language), AccountText::of(language));
    let shop = desk.shop();
    let read = move |tx: &mut Tx<'_>| {
        let now = tx.machine_now();
        let invitations =
            rows::invitations(tx, shop)?.into_iter().filter(|guest| now < guest.expires).collect::<Vec<_>>();
        Ok::<_, StoreError>((rows::members(tx, shop)?, invitations, rows::live_two_step(tx, shop)?))
    };
    let (members, invitations, needed) = match desk.visit.ui.store().read(read).await {
        Ok(found) => found,
        Err(error) => return desk.failed(&error),
    };
    let frame = match Query::of(&desk.visit.path).get("done") {
        "invited" => desk.frame().saying(Tone::Good, t.sent),
        "roles" => desk.frame().saying(Tone::Good, t.changed),
        "ended" => desk.frame().saying(Tone::Good, t.ended),
        "back" => desk.frame().saying(Tone::Good, t.taken_back),
        "two-step" => desk.frame().saying(Tone::Good, t.saved),
        _ => desk.frame(),
    };
    let page = Page {
        frame,
        t,
        a,
        links: sections(&desk, "staff"),
        base: at(desk.side, "staff"),
        guests_base: at(desk.side, "invitations"),
        own_two_step: at(desk.side, "two-step"),
        rows: rows_of(&desk, members),
        guests: invitations.into_iter().map(|invitation| guest(invitation, language)).collect(),
        needed,
        may_need: needed || desk.staff.two_step,
        reads_mails: desk.may(Right::Operate),
        role_names: Role::ALL.map(|role| roles::name(role, language)).to_vec(),
        rights: rights(t),
    };
    desk.visit.page(&page)
}

/// `POST …/account/staff/two-step`: whether Live opens only for who has the two-step login. Twice is once.
pub(super) async fn require(form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    let needed = form.get("needed") == Some("yes");
    // Who asks it of others has it; otherwise they would lock themselves out of Live.
    if !needed || desk.staff.two_step {
        let (shop, by) = (desk.shop(), desk.by());
        let write = move |tx: &mut Tx<'_>| second::require_for_live(tx, shop, needed, &by);
        desk.visit.ui.store().write(write).await.map_err(|error| desk.failed(&error))?;
        return Ok(desk.visit.redirect(&format!("{}?done=two-step", at(desk.side, "staff"))));
    }
    Ok(desk.visit.redirect(&at(desk.side, "two-step")))
}

fn rows_of(desk: &Desk, members: Vec<Member>) -> Vec<Row> {
    let owns = |member: &Member| member.staff.duties.roles().contains(&Role::Owner);
    let is_only_one = members.iter().filter(|member| owns(member)).count() == 1;
    let one = |member: Member| {
        let is_last_owner = is_only_one && owns(&member);
        Row { is_last_owner, ..row(desk, member) }
    };
    members.into_iter().map(one).collect()
}

fn row(desk: &Desk, Member { staff, since }: Member) -> Row {
    let is_operator = staff.duties.is_operator();
    Row {
        roles: roles::names(&staff.duties, desk.visit.language),
        is_self: staff.id == desk.staff.id,
        may_change: !is_operator || desk.staff.duties.is_operator(),
        is_last_owner: false,
        two_step: staff.two_step,
        since: moment(since),
        email: staff.email.as_str().to_owned(),
        name: staff.name,
        id: staff.id,
    }
}

fn guest(invitation: Invitation, language: Language) -> Guest {
    let Invitation { id, email, name, duties, expires, .. } = invitation;
    let roles = roles::names(&duties, language);
    Guest { id, name, email: email.as_str().to_owned(), roles, until: moment(expires) }
}

/// What each right is called, and which roles have it, in the order of [`Role::ALL`]. The operator's is of no role.
fn rights(t: &'static StaffText) -> Vec<(&'static str, Vec<bool>)> {
    let of_roles = Right::ALL.into_iter().filter(|right| !right.roles().is_empty());
    of_roles.map(|right| (called(t, right), Role::ALL.map(|role| right.roles().contains(&role)).to_vec())).collect()
}

fn called(t: &'static StaffText, right: Right) -> &'static str {
    match right {
        Right::SeeFigures => t.see_figures,
        Right::SeeOrders => t.see_orders,
        Right::ExportOrders => t.export_orders,
        Right::Capture => t.capture,
        Right::Cancel => t.cancel,
        Right::ChangeAmount => t.change_amount,
        Right::SendMail => t.send_mail,
        Right::SeeMails => t.see_mails,
        Right::SeeWebhooks => t.see_webhooks,
        Right::ChangeWebhooks => t.change_webhooks,
        Right::SeeRequests => t.see_requests,
        Right::SeeImages => t.see_images,
        Right::SeeKeys => t.see_keys,
        Right::SeeLicences => t.see_licences,
        Right::ChangeLicences => t.change_licences,
        Right::ChangeMall => t.change_mall,
        Right::ChangeKeys => t.change_keys,
        Right::ChangeSettings => t.change_settings,
        Right::SeeShop => t.see_shop,
        Right::ManageStaff => t.manage_staff,
        Right::SeeAudit => t.see_audit,
        Right::Operate => t.operate,
    }
}
