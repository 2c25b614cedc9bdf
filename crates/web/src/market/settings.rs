//! 受注・決済管理 > オプション設定 > 処理設定: 自動注文確認 (seed 001). Nothing is set at first, which counts as manual.

use ::mall::market::setting::{self, Setting};
use ::mall::market::{MallShop, Undone};
use ::mall::progress::Confirmation;
use askama::Template;
use axum::response::Response;
use http::StatusCode;
use shop::Right;
use store::Tx;

use super::{MarketText, at, mall_shop, sections};
use crate::staff::{Desk, posted};
use crate::texts;
use crate::ui::{Choice, Frame, Link, Posted, Problem, Tone};

texts! {
    /// What the page says.
    SettingText {
        heading: "処理設定", "Order settings";
        unset: "※現在、下記の項目は未設定です。最下部の「保存」ボタンを押して反映させてください。",
            "Not set yet: choose below and save. Until then orders are confirmed by hand.";
        confirmation: "自動注文確認", "Automatic confirmation";
        required: "必須", "required";
        lead: "「自動」を選択した場合、注文は「注文確認待ち」に入らず、「楽天処理中」から処理を開始します。",
            "With “automatic”, orders are not to be confirmed first: they begin in process.";
        advice: "注文内容の確認・変更が多く発生する場合は「手動で注文確認を行う」をご選択ください。",
            "Choose “by hand” if you often check or change what was ordered.";
        exceptions: "なお、「自動」を選択していても、要確認商品など承認が必要な注文、送料が未確定の注文などは「注文確認待ち」となります。",
            "Orders that need approval, or whose postage is not fixed, are to be confirmed all the same.";
        automatic: "自動", "Automatic";
        manual: "手動で注文確認を行う", "By hand";
        mail: "追跡可能メール便", "Trackable mail";
        mail_on: "追跡可能メール便を利用する", "Use trackable mail";
        mail_more: "設定すると、メール便でも後払い決済を利用できます。", "Deferred payment can then be had with mail delivery too.";
        save: "保存", "Save";
        saved: "保存しました。", "Saved.";
        choose: "自動注文確認を選択してください。", "Choose how orders are confirmed.";
        not_yours: "変更する権限がありません。", "You may not change it.";
    }
}

#[derive(Template)]
#[template(path = "market/settings.html")]
struct Page {
    frame: Frame,
    t: &'static MarketText,
    s: &'static SettingText,
    links: Vec<Link>,
    path: String,
    is_unset: bool,
    may_change: bool,
    modes: Vec<Choice>,
    mail: Vec<Choice>,
    wrong: &'static str,
}

impl Page {
    fn legend(&self) -> String {
        format!("{}（{}）", self.s.confirmation, self.s.required)
    }
}

/// `GET …/mall/settings`.
pub(super) async fn show(desk: Desk) -> Result<Response, Response> {
    let shop = mall_shop(&desk).await?;
    let s = SettingText::of(desk.visit.language);
    let frame = match desk.visit.path.ends_with("?done=saved") {
        true => desk.frame().saying(Tone::Good, s.saved),
        false => desk.frame(),
    };
    Ok(desk.visit.page(&page(&desk, frame, &shop, Setting::of(&shop), "")))
}

fn page(desk: &Desk, frame: Frame, shop: &MallShop, chosen: Setting, wrong: &'static str) -> Page {
    let language = desk.visit.language;
    let s = SettingText::of(language);
    let may_change = desk.may(Right::ChangeMall);
    let mode = |mode: Confirmation, text: &str| {
        let choice = Choice::new(mode.as_str(), text, chosen.confirmation == mode);
        if may_change { choice } else { choice.fixed() }
    };
    let mail = Choice::new("on", s.mail_on, chosen.trackable_mail).meaning(s.mail_more);
    Page {
        frame,
        t: MarketText::of(language),
        s,
        links: sections(desk, shop, "/settings"),
        path: at("/settings"),
        is_unset: shop.confirmation == Confirmation::Unset,
        may_change,
        modes: vec![mode(Confirmation::Automatic, s.automatic), mode(Confirmation::Manual, s.manual)],
        mail: vec![if may_change { mail } else { mail.fixed() }],
        wrong,
    }
}

/// `POST …/mall/settings`.
pub(super) async fn save(form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    let known = mall_shop(&desk).await?;
    let trackable_mail = form.get("mail.on").is_some();
    let chosen = match form.get("confirmation") {
        Some("automatic") => Confirmation::Automatic,
        Some("manual") => Confirmation::Manual,
        _ => {
            let chosen = Setting { confirmation: Confirmation::Unset, trackable_mail };
            let wrong = SettingText::of(desk.visit.language).choose;
            let page = page(&desk, desk.frame(), &known, chosen, wrong);
            return Err(desk.visit.page_with(StatusCode::BAD_REQUEST, &page));
        }
    };
    let (shop, by) = (desk.shop(), desk.by());
    let chosen = Setting { confirmation: chosen, trackable_mail };
    let write = move |tx: &mut Tx<'_>| setting::set(tx, shop, chosen, &by);
    match desk.visit.ui.store().write(write).await {
        Ok(_) => Ok(desk.visit.redirect(&at("/settings?done=saved"))),
        Err(Undone::Store(error)) => Err(desk.failed(&error)),
        Err(Undone::NoSuchShop | Undone::NoSuchOrder | Undone::Refused(_)) => Err(desk.problem(Problem::Absent)),
    }
}
