//! 利用設定 of WEB APIサービス: serviceSecret and licenseKey with 有効期限, 状態 and 詳細, 過去の利用情報, 利用機能一覧 (seed 001).

use ::mall::licence::{self, Functions, Licence, Refused, Sealing, Shown};
use ::mall::market::{MallShop, WORLD};
use askama::Template;
use axum::response::Response;
use kernel::{ShopId, Timestamp};
use shop::Right;
use store::{StoreError, Tx, clock};

use super::{MarketText, at, mall_shop, sections};
use crate::staff::{Desk, posted};
use crate::texts;
use crate::ui::{Frame, Language, Link, Posted, Problem, Query, Tone};

texts! {
    /// What the pages say.
    LicenceText {
        heading: "利用設定", "Web API service";
        info: "利用情報", "Credentials";
        care: "※serviceSecret及びlicenseKeyは、店舗様固有の認証情報です。外部に漏らさない様、管理をお願いします。",
            "serviceSecret and licenseKey are the shop's own. Do not give them away.";
        item: "項目", "Item";
        key: "キー情報", "Key";
        expiry: "有効期限", "Until";
        state: "状態", "State";
        detail: "詳細", "Details";
        in_use: "利用中", "in use";
        ended: "期限切れ", "ended";
        not_issued: "未発行", "not issued";
        show: "確認", "Show";
        hidden: "非表示", "hidden";
        issue: "licenseKeyを発行する", "Issue a licenseKey";
        renew: "licenseKeyを更新する", "Renew the licenseKey";
        renew_lead: "新しいlicenseKeyを発行します。古いlicenseKeyは、その有効期限まで並行して利用できます。",
            "A new licenseKey is made. The old one counts beside it until its own end.";
        past: "過去の利用情報", "Earlier keys";
        no_past: "過去の利用情報はありません。", "There are none.";
        functions: "利用機能一覧", "Functions";
        functions_count: "{}機能", "{} functions";
        with_key: "licenseKeyの「確認」で一緒に表示されます", "Shown together with the licenseKey";
        newest_only: "※利用機能一覧は最新のライセンスのみ反映されます。", "Functions belong to the newest licence.";
        edit: "利用機能編集", "Edit functions";
        function: "機能名", "Function";
        meaning: "機能内容", "What it does";
        use_state: "利用状態", "State";
        on: "利用中", "on";
        off: "未利用", "off";
        group: "楽天ペイ受注API(RakutenPay_OrderAPI)", "RakutenPay_OrderAPI";
        shown: "キー情報", "The keys";
        audited: "表示した人と日時は監査ログに記録されます。", "Who shows them, and when, stands in the audit log.";
        url: "店舗URL", "Shop URL";
        copy: "コピー", "Copy";
        back: "利用設定に戻る", "Back";
        renewed: "新しいlicenseKeyを発行しました。", "A new licenseKey was made.";
        registered: "利用可能な機能が登録されました。", "The functions are registered.";
        yes: "発行する", "Make it";
        no: "前に戻る", "Back without";
        ended_first: "licenseKeyの有効期限が切れています。先に更新してください。", "The licenseKey has ended: renew it first.";
    }
}

/// A key as the tables show it.
struct Row {
    id: String,
    expiry: String,
    tone: &'static str,
    state: &'static str,
    functions: String,
    count: String,
}

/// A function with its state.
pub(super) struct Function {
    pub name: String,
    pub meaning: [&'static str; 2],
    pub is_on: bool,
}

#[derive(Template)]
#[template(path = "market/licences.html")]
struct Page {
    frame: Frame,
    t: &'static MarketText,
    l: &'static LicenceText,
    links: Vec<Link>,
    base: String,
    functions_path: String,
    newest: Option<Row>,
    past: Vec<Row>,
    functions: Vec<Function>,
    may_change: bool,
}

#[derive(Template)]
#[template(path = "market/licence.html")]
struct ShownPage {
    frame: Frame,
    t: &'static MarketText,
    l: &'static LicenceText,
    values: Vec<(&'static str, String)>,
    back: String,
}

#[derive(Template)]
#[template(path = "market/renew.html")]
struct AskPage {
    frame: Frame,
    l: &'static LicenceText,
    title: &'static str,
    action: String,
    back: String,
}

/// Every key of a shop, the newest first, the time of its world, and the shop.
pub(super) async fn keys(desk: &Desk) -> Result<(Vec<Licence>, Timestamp, MallShop), Response> {
    let mall = mall_shop(desk).await?;
    let shop = desk.shop();
    let read = move |tx: &mut Tx<'_>| load(tx, shop);
    let (keys, now) = desk.visit.ui.store().read(read).await.map_err(|error| desk.failed(&error))?;
    Ok((keys, now, mall))
}

fn load(tx: &mut Tx<'_>, shop: ShopId) -> Result<(Vec<Licence>, Timestamp), StoreError> {
    Ok((licence::rows::of_shop(tx, shop)?, clock::world_now(tx, shop, WORLD)?))
}

/// `GET …/mall/licences`.
pub(super) async fn show(desk: Desk) -> Result<Response, Response> {
    let (keys, now, mall) = keys(&desk).await?;
    let language = desk.visit.language;
    let (t, l) = (MarketText::of(language), LicenceText::of(language));
    let frame = match Query::of(&desk.visit.path).get("done") {
        "renewed" => desk.frame().saying(Tone::Good, l.renewed),
        "registered" => desk.frame().saying(Tone::Good, l.registered),
        "ended" => desk.frame().saying(Tone::Bad, l.ended_first),
        _ => desk.frame(),
    };
    let mut rows = keys.iter().map(|key| row(l, key, now));
    let on = keys.first().map_or_else(Functions::none, |key| key.functions.clone());
    Ok(desk.visit.page(&Page {
        frame,
        t,
        l,
        links: sections(&desk, &mall, "/licences"),
        base: at("/licences"),
        functions_path: at("/functions"),
        newest: rows.next(),
        past: rows.collect(),
        functions: functions(language, &on),
        may_change: desk.may(Right::ChangeLicences),
    }))
}

fn row(l: &'static LicenceText, key: &Licence, now: Timestamp) -> Row {
    let (year, month, day) = key.last_second().jst_date().civil();
    let counts = key.counts(now);
    Row {
        id: key.id.clone(),
        expiry: format!("{year}/{month:02}/{day:02}"),
        tone: if counts { "good" } else { "plain" },
        state: if counts { l.in_use } else { l.ended },
        count: l.functions_count.replace("{}", &key.functions.names().len().to_string()),
        functions: key.functions.names().join(" "),
    }
}

/// Every function, those on that are of `on`; what it does in the page's language first.
pub(super) fn functions(language: Language, on: &Functions) -> Vec<Function> {
    let on = on.names();
    let function = |listed: licence::Listed| {
        let [ja, en] = listed.description;
        let meaning = match language {
            Language::Ja => [ja, en],
            Language::En => [en, ""],
        };
        Function { is_on: on.contains(&listed.name), name: listed.name, meaning }
    };
    licence::listed().into_iter().map(function).collect()
}

/// `POST …/mall/licences/reveal`: 確認.
pub(super) async fn reveal(form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    mall_shop(&desk).await?;
    desk.confirmed(&at("/licences"))?;
    let id = form.get("licence").unwrap_or_default().to_owned();
    let (shop, vault, by) = (desk.shop(), desk.visit.ui.vault().clone(), desk.by());
    let write = move |tx: &mut Tx<'_>| licence::reveal(tx, &vault, shop, Some(&id), &by);
    let shown = desk.visit.ui.store().write(write).await.map_err(|refused| failed(&desk, refused))?;
    Ok(desk.visit.page(&shown_page(&desk, shown)))
}

fn shown_page(desk: &Desk, shown: Shown) -> ShownPage {
    let (t, l) = (MarketText::of(desk.visit.language), LicenceText::of(desk.visit.language));
    let Shown { shop_url, service_secret, license_key } = shown;
    let values = vec![(l.url, shop_url), ("serviceSecret", service_secret), ("licenseKey", license_key)];
    let back = at("/licences");
    ShownPage { frame: Frame { path: back.clone(), ..desk.frame() }, t, l, values, back }
}

/// `GET …/mall/licences/renew`.
pub(super) async fn ask(desk: Desk) -> Result<Response, Response> {
    let (keys, ..) = keys(&desk).await?;
    let l = LicenceText::of(desk.visit.language);
    let title = if keys.is_empty() { l.issue } else { l.renew };
    let page = AskPage { frame: desk.frame(), l, title, action: at("/licences/renew"), back: at("/licences") };
    Ok(desk.visit.page(&page))
}

/// `POST …/mall/licences/renew`.
pub(super) async fn renew(form: Posted) -> Result<Response, Response> {
    let (desk, _) = posted(form).await?;
    mall_shop(&desk).await?;
    let gateway = desk.visit.ui.gateway();
    let (shop, vault, entropy, by) = (desk.shop(), gateway.vault().clone(), gateway.shared_entropy(), desk.by());
    let write = move |tx: &mut Tx<'_>| {
        let sealing = Sealing { vault: &vault, entropy: entropy.as_ref() };
        licence::issue(tx, sealing, shop, &Functions::none(), &by)
    };
    gateway.store().write(write).await.map_err(|refused| failed(&desk, refused))?;
    Ok(desk.visit.redirect(&at("/licences?done=renewed")))
}

/// The page for a key that is not there, one that has ended, or a database that does not answer.
pub(super) fn failed(desk: &Desk, refused: Refused) -> Response {
    match refused {
        Refused::Store(error) => desk.failed(&error),
        Refused::NoShop | Refused::NoSuch => desk.problem(Problem::Absent),
        Refused::Ended => desk.visit.redirect(&at("/licences?done=ended")),
    }
}
