//! セキュリティコード (seed 000): whether buyers are asked for the security code, by group of card brands.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use pay::checkout::security_code::{self, BrandGroup, Change, Refused, Setting};
use shop::Right;
use store::{StoreError, Tx};

use super::two_step::AskPage;
use super::{AccountText, at, sections};
use crate::staff::{Desk, posted};
use crate::texts;
use crate::ui::{Frame, Link, Posted, Problem, Query, Tone};

/// The section of the account pages.
const SECTION: &str = "security-code";

texts! {
    /// What the page says.
    SecurityText {
        lead: "セキュリティコード認証の利用有無をカードブランドのグループ毎に設定できます。Sandbox環境とLive環境に共通の設定です。変更は、Live環境の実際のお取引にも適用されます。",
            "Whether buyers are asked for the security code, by group of card brands. It is one setting of Sandbox and Live: a change applies to real payments too.";
        group: "カードブランド", "Card brands";
        now: "セキュリティコード認証", "Security code";
        asked: "利用する", "Asked for";
        not_asked: "利用しない", "Not asked for";
        act: "操作", "Action";
        ask: "「利用する」に変更する", "Ask for it";
        do_not: "「利用しない」に変更する", "Do not ask";
        change: "セキュリティコード認証の変更", "Change the security code";
        sure: "{brand}のセキュリティコード認証を「{wanted}」に変更しますか? Live環境の実際のお取引にも適用されます。",
            "Security code of {brand}: change to “{wanted}”? It applies to real payments too.";
        not_approved: "カード審査に通過しているカードブランドのみ設定変更できます。",
            "Only brands that passed the card review can be changed.";
        forced: "楽天側でセキュリティコード認証の設定を必須とさせていただいているため、店舗様にて設定を変更頂くことはできません。",
            "The code is compulsory for these brands: the shop cannot change it.";
        changed: "セキュリティコード認証の設定を変更しました。", "The setting was changed.";
        visa_mastercard: "Visa / Mastercard", "Visa / Mastercard";
        jcb_amex: "JCB / American Express", "JCB / American Express";
        diners: "Diners Club", "Diners Club";
    }
}

struct Row {
    code: &'static str,
    name: &'static str,
    is_asked: bool,
    /// Why it cannot be changed; empty if it can.
    why_not: &'static str,
}

#[derive(Template)]
#[template(path = "account/security.html")]
struct Page {
    frame: Frame,
    t: &'static SecurityText,
    a: &'static AccountText,
    links: Vec<Link>,
    base: String,
    rows: Vec<Row>,
}

/// `GET …/account/security-code`.
pub(super) async fn show(desk: Desk) -> Response {
    let t = SecurityText::of(desk.visit.language);
    let frame = match Query::of(&desk.visit.path).get("done") {
        "change" => desk.frame().saying(Tone::Good, t.changed),
        _ => desk.frame(),
    };
    respond(&desk, frame, StatusCode::OK).await
}

async fn respond(desk: &Desk, frame: Frame, status: StatusCode) -> Response {
    let (t, a) = (SecurityText::of(desk.visit.language), AccountText::of(desk.visit.language));
    let shop = desk.shop();
    let settings = match desk.visit.ui.store().read(move |tx| security_code::all(tx, shop)).await {
        Ok(settings) => settings,
        Err(error) => return desk.failed(&error),
    };
    let rows = settings.into_iter().map(|(group, setting)| row(desk, group, setting)).collect();
    let (links, base) = (sections(desk, SECTION), at(desk.side, SECTION));
    desk.visit.page_with(status, &Page { frame, t, a, links, base, rows })
}

fn row(desk: &Desk, group: BrandGroup, setting: Setting) -> Row {
    let t = SecurityText::of(desk.visit.language);
    Row {
        code: group.as_str(),
        name: name(t, group),
        is_asked: setting.is_asked(),
        why_not: match setting {
            Setting { approved: false, .. } => t.not_approved,
            Setting { forced: true, .. } => t.forced,
            _ if !desk.may(Right::ChangeSettings) => AccountText::of(desk.visit.language).not_yours,
            _ => "",
        },
    }
}

/// `GET …/account/security-code/{group}`: whether to change it to what it is not.
pub(super) async fn ask(Path((_, group)): Path<(String, String)>, desk: Desk) -> Result<Response, Response> {
    let group = group.parse::<BrandGroup>().map_err(|_| desk.problem(Problem::Absent))?;
    let shop = desk.shop();
    let settings = desk.visit.ui.store().read(move |tx| security_code::all(tx, shop)).await;
    let settings = settings.map_err(|error| desk.failed(&error))?;
    let setting = settings.into_iter().find(|(known, _)| *known == group).map_or(Setting::USUAL, |(_, is)| is);
    let Row { code, name, is_asked, why_not } = row(&desk, group, setting);
    if !why_not.is_empty() {
        return Ok(desk.visit.redirect(&at(desk.side, SECTION)));
    }
    let t = SecurityText::of(desk.visit.language);
    let (asked, wanted) = if is_asked { ("no", t.not_asked) } else { ("yes", t.asked) };
    let lead = t.sure.replace("{brand}", name).replace("{wanted}", wanted);
    let hidden = vec![("group", code), ("asked", asked)];
    Ok(desk.visit.page(&AskPage { hidden, ..AskPage::new(&desk, t.change, lead, SECTION) }))
}

fn name(t: &SecurityText, group: BrandGroup) -> &'static str {
    match group {
        BrandGroup::VisaMastercard => t.visa_mastercard,
        BrandGroup::JcbAmex => t.jcb_amex,
        BrandGroup::Diners => t.diners,
    }
}

/// Why nothing was changed, or nothing was to be.
enum Undone {
    Refused(Refused),
    Store(StoreError),
}

impl From<StoreError> for Undone {
    fn from(error: StoreError) -> Undone {
        Undone::Store(error)
    }
}

/// `POST …/account/security-code`. Doing it twice is doing it once.
pub(super) async fn change(form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    let group: Option<BrandGroup> = form.get("group").and_then(|text| text.parse().ok());
    let asked = form.get("asked").map(|text| text == "yes");
    let (Some(group), Some(asked)) = (group, asked) else {
        return Err(respond(&desk, desk.frame(), StatusCode::BAD_REQUEST).await);
    };
    let (shop, by) = (desk.shop(), desk.by());
    let write = move |tx: &mut Tx<'_>| {
        let settings = security_code::all(tx, shop)?;
        let before = settings.iter().find(|(known, _)| *known == group).map_or(Setting::USUAL, |(_, is)| *is);
        let wanted = Change { asked: Some(asked), ..Change::default() };
        let after = security_code::change(before, wanted, false).map_err(Undone::Refused)?;
        if after != before {
            security_code::save(tx, shop, group, after, &by)?;
        }
        Ok(())
    };
    match desk.visit.ui.store().write(write).await {
        Ok(()) => Ok(desk.visit.redirect(&format!("{}?done=change", at(desk.side, SECTION)))),
        Err(Undone::Store(error)) => Err(desk.failed(&error)),
        Err(Undone::Refused(why)) => {
            let t = SecurityText::of(desk.visit.language);
            let text = match why {
                Refused::NotApproved => t.not_approved,
                Refused::Forced | Refused::OperatorOnly => t.forced,
            };
            let frame = desk.frame().saying(Tone::Bad, text);
            Err(respond(&desk, frame, StatusCode::CONFLICT).await)
        }
    }
}
