//! Inviting somebody, changing roles, ending access: each on a page of its own.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use pay::http::form::Form;
use shop::staff::link::{self, Invite};
use shop::staff::{Email, rows, team};
use shop::{Duties, Role, Staff};
use store::Tx;

use super::two_step::AskPage;
use super::{AccountText, at};
use crate::staff::{Desk, posted};
use crate::texts;
use crate::ui::{Choice, Frame, Language, Posted, Problem, cookie, roles};

texts! {
    /// What the pages say.
    TeamText {
        invite: "スタッフを招待する", "Invite somebody";
        invite_more: "招待メールのリンクからパスワードを設定すると、ログインできるようになります。リンクは72時間、1回だけ使えます。",
            "A link is sent by mail, by which they choose a password. It counts once, for 72 hours.";
        email: "メールアドレス", "Email address";
        name: "氏名", "Name";
        needless: "任意", "optional";
        roles: "役割", "Roles";
        send: "招待メールを送る", "Send the invitation";
        no_email: "メールアドレスの形式が正しくありません。例: staff@shop.example", "That is no address. Example: staff@shop.example";
        taken: "このメールアドレスは、すでに登録または招待されています。", "The address has an account or an invitation already.";
        bad_name: "氏名は80文字以内で、改行を含めずに入力してください。", "A name has at most 80 characters, in one line.";
        no_role: "役割を1つ以上選んでください。", "Choose at least one role.";
        change: "役割を変更", "Change roles";
        change_more: "次の操作から新しい役割になります。ログインし直す必要はありません。",
            "It counts from their next click on. They need not log in again.";
        save: "変更する", "Change";
        last_owner: "店舗管理者がいなくなるため、変更できません。先にほかのスタッフを店舗管理者にしてください。",
            "A shop always has an owner. Make somebody else an owner first.";
        operators: "運営者のアカウントは運営者のみ変更できます。", "An operator's account is an operator's to change.";
        end: "利用を終了する", "End access";
        end_lead: "{}さんの利用を終了しますか? すぐにログアウトされ、ログインできなくなります。",
            "End the access of {}? They are logged out at once and cannot log in again.";
        owner: "店舗のすべての操作", "Everything of the shop";
        orders: "注文を見る・CSVで書き出す、確定・キャンセル・金額変更、メール、イメージライブラリ、モールの設定",
            "See and export orders, their money and mails, the image library, the marketplace";
        shipping: "注文を見る、確定、メール", "See orders, capture, mails";
        accounting: "注文を見る・CSVで書き出す", "See and export orders";
        developer: "注文を見る、Sandbox・テスト用の認証キー、Webhook、リクエストログ、イメージライブラリ、モールの設定",
            "See orders, keys of Sandbox and tests, webhooks, request log, image library, the marketplace";
    }
}

/// What a page of a form is shown with.
struct Wrong {
    status: StatusCode,
    email: &'static str,
    name: &'static str,
    roles: &'static str,
}

const FINE: Wrong = Wrong { status: StatusCode::OK, email: "", name: "", roles: "" };

#[derive(Template)]
#[template(path = "account/invite.html")]
struct InvitePage {
    frame: Frame,
    t: &'static TeamText,
    a: &'static AccountText,
    base: String,
    key: String,
    email: String,
    called: String,
    choices: Vec<Choice>,
    wrong: Wrong,
}

#[derive(Template)]
#[template(path = "account/roles.html")]
struct RolesPage {
    frame: Frame,
    t: &'static TeamText,
    a: &'static AccountText,
    base: String,
    id: String,
    who: String,
    choices: Vec<Choice>,
    wrong: Wrong,
}

fn texts(desk: &Desk) -> (&'static TeamText, &'static AccountText) {
    (TeamText::of(desk.visit.language), AccountText::of(desk.visit.language))
}

/// `GET …/account/staff/invite`.
pub(super) async fn show_invite(desk: Desk) -> Response {
    let key = cookie::secret(desk.visit.ui.entropy());
    invite_page(&desk, key, ("", ""), &[], FINE)
}

fn invite_page(desk: &Desk, key: String, (email, name): (&str, &str), chosen: &[Role], wrong: Wrong) -> Response {
    let (t, a) = texts(desk);
    let page = InvitePage {
        frame: desk.frame(),
        t,
        a,
        base: at(desk.side, "staff"),
        key,
        email: email.to_owned(),
        called: name.to_owned(),
        choices: choices(chosen, desk.visit.language),
        wrong,
    };
    let status = page.wrong.status;
    desk.visit.page_with(status, &page)
}

/// `POST …/account/staff/invite`.
pub(super) async fn invite(form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    let text = |name: &str| form.get(name).unwrap_or_default();
    let (typed, name, key) = (text("email"), text("name"), text("key"));
    let (chosen, t) = (chosen(&form), texts(&desk).0);
    let again = |wrong| invite_page(&desk, key.to_owned(), (typed, name), &chosen, wrong);
    let status = StatusCode::BAD_REQUEST;
    let email: Result<Email, _> = typed.parse();
    let Ok(email) = email else { return Err(again(Wrong { status, email: t.no_email, ..FINE })) };
    let invite = Invite { email, name: name.to_owned(), roles: chosen.clone(), key: key.to_owned() };
    let gateway = desk.visit.ui.gateway();
    let (vault, entropy, by) = (gateway.vault().clone(), gateway.shared_entropy(), desk.by());
    let (shop, token) = (desk.shop(), link::token(gateway.entropy()));
    let write = move |tx: &mut Tx<'_>| link::invite(tx, (&vault, entropy.as_ref()), shop, &invite, &token, &by);
    match gateway.store().write(write).await {
        Ok(_) => Ok(desk.visit.redirect(&format!("{}?done=invited", at(desk.side, "staff")))),
        Err(refused) => Err(wrong(t, &refused).map_or_else(|| failed(&desk, &refused), again)),
    }
}

/// How a refusal is told beside its field; none if it has no field.
fn wrong(t: &'static TeamText, refused: &team::Refused) -> Option<Wrong> {
    let (bad, conflict) = (StatusCode::BAD_REQUEST, StatusCode::CONFLICT);
    match refused {
        team::Refused::Store(_) | team::Refused::NoSuch => None,
        team::Refused::BadName => Some(Wrong { status: bad, name: t.bad_name, ..FINE }),
        team::Refused::NoRole => Some(Wrong { status: bad, roles: t.no_role, ..FINE }),
        team::Refused::Taken => Some(Wrong { status: conflict, email: t.taken, ..FINE }),
        team::Refused::LastOwner => Some(Wrong { status: conflict, roles: t.last_owner, ..FINE }),
        team::Refused::OperatorOnly => Some(Wrong { status: StatusCode::FORBIDDEN, roles: t.operators, ..FINE }),
    }
}

/// The page for a refusal that has no field.
fn failed(desk: &Desk, refused: &team::Refused) -> Response {
    match refused {
        team::Refused::Store(error) => desk.failed(error),
        team::Refused::NoSuch
        | team::Refused::BadName
        | team::Refused::NoRole
        | team::Refused::Taken
        | team::Refused::LastOwner
        | team::Refused::OperatorOnly => desk.problem(Problem::Absent),
    }
}

/// `GET …/account/staff/{id}/roles`.
pub(super) async fn show_roles(Path((_, id)): Path<(String, String)>, desk: Desk) -> Result<Response, Response> {
    let staff = member(&desk, &id).await?;
    Ok(roles_page(&desk, &staff, staff.duties.roles(), FINE))
}

fn roles_page(desk: &Desk, staff: &Staff, chosen: &[Role], wrong: Wrong) -> Response {
    let (t, a) = texts(desk);
    let page = RolesPage {
        frame: desk.frame(),
        t,
        a,
        base: at(desk.side, "staff"),
        id: staff.id.clone(),
        who: called(staff),
        choices: choices(chosen, desk.visit.language),
        wrong,
    };
    let status = page.wrong.status;
    desk.visit.page_with(status, &page)
}

/// `POST …/account/staff/{id}/roles`. Doing it twice is doing it once.
pub(super) async fn roles(Path((_, id)): Path<(String, String)>, form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    let staff = member(&desk, &id).await?;
    let (chosen, shop, by) = (chosen(&form), desk.shop(), desk.by());
    let wanted = chosen.clone();
    let write = move |tx: &mut Tx<'_>| team::change_roles(tx, shop, &id, &wanted, &by);
    match desk.visit.ui.store().write(write).await {
        Ok(_) if staff.id == desk.staff.id && !Duties::of(&chosen, false).allow(shop::Right::ManageStaff) => {
            Ok(desk.visit.redirect(&desk.side.path("/account")))
        }
        Ok(_) => Ok(desk.visit.redirect(&format!("{}?done=roles", at(desk.side, "staff")))),
        Err(refused) => {
            let again = |wrong| roles_page(&desk, &staff, &chosen, wrong);
            Err(wrong(texts(&desk).0, &refused).map_or_else(|| failed(&desk, &refused), again))
        }
    }
}

/// `GET …/account/staff/{id}/end`.
pub(super) async fn ask_end(Path((_, id)): Path<(String, String)>, desk: Desk) -> Result<Response, Response> {
    let staff = member(&desk, &id).await?;
    Ok(desk.visit.page(&end_page(&desk, &staff, "")))
}

fn end_page(desk: &Desk, staff: &Staff, wrong: &str) -> AskPage {
    let (t, _) = texts(desk);
    let lead = t.end_lead.replace("{}", &called(staff));
    let wrong = wrong.to_owned();
    AskPage { wrong, ..AskPage::new(desk, t.end, lead, &format!("staff/{}/end", staff.id)) }
}

/// `POST …/account/staff/{id}/end`.
pub(super) async fn end(Path((_, id)): Path<(String, String)>, form: Posted) -> Result<Response, Response> {
    let (desk, _) = posted(form).await?;
    let staff = member(&desk, &id).await?;
    let (shop, by) = (desk.shop(), desk.by());
    let write = move |tx: &mut Tx<'_>| team::end_access(tx, shop, &id, &by);
    match desk.visit.ui.store().write(write).await {
        Ok(()) => Ok(desk.visit.redirect(&format!("{}?done=ended", at(desk.side, "staff")))),
        Err(refused) => {
            let again =
                |Wrong { status, roles, .. }: Wrong| desk.visit.page_with(status, &end_page(&desk, &staff, roles));
            Err(wrong(texts(&desk).0, &refused).map_or_else(|| failed(&desk, &refused), again))
        }
    }
}

/// `POST …/account/invitations/{id}/end`.
pub(super) async fn take_back(Path((_, id)): Path<(String, String)>, form: Posted) -> Result<Response, Response> {
    let (desk, _) = posted(form).await?;
    let (shop, by) = (desk.shop(), desk.by());
    let write = move |tx: &mut Tx<'_>| link::take_back(tx, shop, &id, &by);
    match desk.visit.ui.store().write(write).await {
        Ok(()) => Ok(desk.visit.redirect(&format!("{}?done=back", at(desk.side, "staff")))),
        Err(refused) => Err(failed(&desk, &refused)),
    }
}

/// Who a path names: somebody of this shop.
async fn member(desk: &Desk, id: &str) -> Result<Staff, Response> {
    let (shop, id) = (desk.shop(), id.to_owned());
    let found = desk.visit.ui.store().read(move |tx| rows::member(tx, shop, &id)).await;
    found.map_err(|error| desk.failed(&error))?.ok_or_else(|| desk.problem(Problem::Absent))
}

fn called(staff: &Staff) -> String {
    if staff.name.is_empty() { staff.email.as_str().to_owned() } else { staff.name.clone() }
}

/// The roles that a form has checked.
fn chosen(form: &Form) -> Vec<Role> {
    let checked = |role: &Role| form.get(&format!("roles.{role}")).is_some();
    Role::ALL.into_iter().filter(checked).collect()
}

fn choices(chosen: &[Role], language: Language) -> Vec<Choice> {
    let t = TeamText::of(language);
    let meaning = |role| match role {
        Role::Owner => t.owner,
        Role::Orders => t.orders,
        Role::Shipping => t.shipping,
        Role::Accounting => t.accounting,
        Role::Developer => t.developer,
    };
    let choice = |role: Role| {
        Choice::new(role.as_str(), roles::name(role, language), chosen.contains(&role)).meaning(meaning(role))
    };
    Role::ALL.map(choice).to_vec()
}
