//! R-Card of a shop on the old model (seed 003): R-Card Plus with its card orders, until the shop switches over to the card
//! API; afterwards what its programs call with, and 決済ステータス fixed at 未オーソリ.

use ::mall::market::{MallShop, Model};
use ::mall::order::OrderNumber;
use ::mall::rcard::access::{self, Issued};
use ::mall::rcard::orders::{self, Order, PlusAct, plus_decides};
use ::mall::rcard::rows;
use ::mall::rcard::state::Standing;
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use shop::Right;
use store::{StoreError, Tx};

use super::list::money;
use super::{MarketText, at, on_mall, sections};
use crate::staff::{Desk, posted};
use crate::texts;
use crate::ui::frame::moment;
use crate::ui::{Frame, Language, Link, Posted, Problem, Query, Tone};

texts! {
    /// What the pages say.
    RcardText {
        plus: "R-Card Plus", "R-Card Plus";
        orders: "クレジットカード注文", "Card orders";
        number: "注文番号", "Order number";
        placed: "注文日時", "Ordered";
        amount: "金額", "Amount";
        card: "カード", "Card";
        status: "決済ステータス", "Payment status";
        act: "操作", "Action";
        authorize: "オーソリ", "Authorize";
        claim: "売上請求", "Claim";
        cancel: "取消", "Cancel";
        cancel_title: "決済の取消", "Cancel the payment";
        cancel_ask: "この注文の決済を取り消します。よろしいですか?", "Cancel the payment of this order?";
        cancel_more: "決済ステータスは「未オーソリ」に戻ります。", "It goes back to 未オーソリ.";
        yes: "はい", "Yes";
        no: "いいえ", "No";
        authorized: "オーソリを行いました。", "It was authorized.";
        claimed: "売上請求を行いました。", "It was claimed.";
        released: "オーソリを取り消しました。", "The authorization was cancelled.";
        unclaimed: "売上請求を取り消しました。", "The claim was cancelled.";
        empty: "クレジットカード注文はありません。", "There are no card orders.";
        newest: "新しい順に100件まで表示しています。", "The newest hundred are shown.";
        switch: "カード決済API認証キー発行", "Switch over to the card API";
        switch_more: "認証キーを発行すると、R-Card Plusでのカード決済処理は一切できなくなります。事前に、すべてのクレジットカード注文を「未オーソリ」か「売上請求済」にしてください。R-Card Plusで行った処理は引き継げません。",
            "R-Card Plus is gone once the key is made, and nothing that it began can be taken over: every card order must be 未オーソリ or 売上請求済 first.";
        in_the_way: "「オーソリ済」の注文が{}件あるため、まだ切り替えられません。売上請求または取消をしてください。",
            "{} orders are authorized: claim or cancel them before the shop switches over.";
        user: "ユーザID", "User name";
        user_more: "半角英数字と _ - . で64文字以内", "Up to 64 letters, digits, or _ - .";
        wrong_user: "ユーザIDを確認してください。", "Check the user name.";
        issue: "認証キーを発行する", "Make the key";
        api: "カード決済API", "Card API";
        gone: "カード決済APIに切り替え済みです。R-Card Plusはご利用いただけません。決済ステータスは「未オーソリ」で固定されます。現在の状況はカード決済APIでご確認ください。",
            "The shop uses the card API: R-Card Plus is gone. The payment status shown here stays 未オーソリ; ask the card API.";
        url: "店舗URL", "Shop URL";
        key: "認証キー", "Key";
        show: "確認", "Show";
        hidden: "非表示", "hidden";
        issued: "認証キーを発行しました。", "The key is made.";
        cannot: "この操作はできません。", "This is not possible.";
        back: "R-Cardに戻る", "Back";
        copy: "コピー", "Copy";
        audited: "表示した人と日時は監査ログに記録されます。", "Who shows it, and when, stands in the audit log.";
    }
}

/// Orders that the page shows.
const SHOWN: usize = 100;

struct Row {
    number: String,
    placed: String,
    amount: String,
    card: String,
    status: &'static str,
    acts: Vec<(&'static str, &'static str)>,
    /// Asked about in a window of its own.
    can_cancel: bool,
}

#[derive(Template)]
#[template(path = "market/rcard.html")]
struct Page {
    frame: Frame,
    t: &'static MarketText,
    r: &'static RcardText,
    links: Vec<Link>,
    base: String,
    /// ユーザID of a shop that has switched over.
    user: Option<String>,
    url: String,
    in_the_way: String,
    may_switch: bool,
    typed: String,
    wrong: &'static str,
    rows: Vec<Row>,
    is_full: bool,
}

#[derive(Template)]
#[template(path = "market/rcard-key.html")]
struct KeyPage {
    frame: Frame,
    r: &'static RcardText,
    values: Vec<(&'static str, String)>,
    back: String,
}

/// The shop, if it is on the old model.
async fn old_model(desk: &Desk) -> Result<MallShop, Response> {
    let shop = on_mall(desk).await?;
    match shop.model {
        Model::Rcard => Ok(shop),
        Model::Rpay => Err(desk.problem(Problem::Absent)),
    }
}

/// `GET …/mall/rcard`.
pub(super) async fn show(desk: Desk) -> Result<Response, Response> {
    let mall = old_model(&desk).await?;
    let r = RcardText::of(desk.visit.language);
    let frame = match Query::of(&desk.visit.path).get("done") {
        "issued" => desk.frame().saying(Tone::Good, r.issued),
        "authorized" => desk.frame().saying(Tone::Good, r.authorized),
        "claimed" => desk.frame().saying(Tone::Good, r.claimed),
        "released" => desk.frame().saying(Tone::Good, r.released),
        "unclaimed" => desk.frame().saying(Tone::Good, r.unclaimed),
        _ => desk.frame(),
    };
    let page = page(&desk, (frame, &mall), String::new(), "").await?;
    Ok(desk.visit.page(&page))
}

async fn page(
    desk: &Desk,
    (frame, mall): (Frame, &MallShop),
    typed: String,
    wrong: &'static str,
) -> Result<Page, Response> {
    let shop = desk.shop();
    let read = move |tx: &mut Tx<'_>| {
        let place = access::place(tx, shop)?;
        Ok::<_, StoreError>(place.map(|place| (place, rows::orders(tx, shop, None, SHOWN))))
    };
    let found = desk.visit.ui.store().read(read).await.map_err(|error| desk.failed(&error))?;
    let (place, orders) = found.ok_or_else(|| desk.problem(Problem::Absent))?;
    let orders = orders.map_err(|error| desk.failed(&error))?;
    let language = desk.visit.language;
    let r = RcardText::of(language);
    let has_switched = place.access.is_some();
    let may_act = desk.may(Right::ChangeMall) && !has_switched;
    Ok(Page {
        frame,
        t: MarketText::of(language),
        r,
        links: sections(desk, mall, "/rcard"),
        base: at("/rcard"),
        user: place.access.map(|access| access.user_name),
        url: place.shop_url,
        in_the_way: match place.in_the_way {
            0 => String::new(),
            some => r.in_the_way.replace("{}", &some.to_string()),
        },
        may_switch: desk.may(Right::ChangeLicences),
        typed,
        wrong,
        is_full: orders.len() == SHOWN,
        rows: orders.iter().map(|order| row(r, language, order, has_switched, may_act)).collect(),
    })
}

fn row(r: &'static RcardText, language: Language, order: &Order, has_switched: bool, may_act: bool) -> Row {
    let all = [(PlusAct::Authorize, "authorize", r.authorize), (PlusAct::Claim, "claim", r.claim)];
    let can = |act: PlusAct| may_act && plus_decides(&order.standing, act).is_some();
    let possible = all.into_iter().filter(|(act, ..)| can(*act));
    Row {
        number: order.number.to_string(),
        placed: moment(order.placed),
        amount: money(language, order.amount.get()),
        card: format!("{} {}", order.card.brand, order.card_number()),
        status: order.shown_in_rms(has_switched),
        acts: possible.map(|(_, name, text)| (name, text)).collect(),
        can_cancel: can(PlusAct::Cancel),
    }
}

#[derive(Template)]
#[template(path = "market/rcard-cancel.html")]
struct CancelPage {
    frame: Frame,
    r: &'static RcardText,
    base: String,
    row: Row,
}

/// `GET …/mall/rcard/{order}/cancel`: a window that asks.
pub(super) async fn ask(desk: Desk, Path((_, number)): Path<(String, String)>) -> Result<Response, Response> {
    old_model(&desk).await?;
    let number: OrderNumber = number.parse().map_err(|_| desk.problem(Problem::Absent))?;
    let shop = desk.shop();
    let read = move |tx: &mut Tx<'_>| {
        let has_switched = access::place(tx, shop)?.is_some_and(|place| place.access.is_some());
        Ok::<_, StoreError>((rows::order(tx, shop, number)?, has_switched))
    };
    let found = desk.visit.ui.store().read(read).await.map_err(|error| desk.failed(&error))?;
    let (Some(order), has_switched) = found else { return Err(desk.problem(Problem::Absent)) };
    let r = RcardText::of(desk.visit.language);
    let row = row(r, desk.visit.language, &order, has_switched, !has_switched);
    Ok(desk.visit.page(&CancelPage { frame: desk.frame(), r, base: at("/rcard"), row }))
}

/// `POST …/mall/rcard/plus`: what R-Card Plus does with an order.
pub(super) async fn plus(form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    let mall = old_model(&desk).await?;
    let number = form.get("order").and_then(|text| text.parse::<OrderNumber>().ok());
    let number = number.ok_or_else(|| desk.problem(Problem::Absent))?;
    let act = match form.get("act") {
        Some("authorize") => PlusAct::Authorize,
        Some("claim") => PlusAct::Claim,
        Some("cancel") => PlusAct::Cancel,
        _ => return Err(desk.problem(Problem::Unreadable)),
    };
    let (shop, by) = (desk.shop(), desk.by());
    let write = move |tx: &mut Tx<'_>| {
        let before = rows::order(tx, shop, number)?;
        let was_claimed = before.is_some_and(|order| order.standing == Standing::PlusClaimed);
        orders::by_plus(tx, shop, number, act, &by).map(|_| was_claimed)
    };
    match desk.visit.ui.store().write(write).await {
        Ok(was_claimed) => {
            let done = match act {
                PlusAct::Authorize => "authorized",
                PlusAct::Claim => "claimed",
                PlusAct::Cancel if was_claimed => "unclaimed",
                PlusAct::Cancel => "released",
            };
            Ok(desk.visit.redirect(&at(&format!("/rcard?done={done}"))))
        }
        Err(orders::Refused::Store(error)) => Err(desk.failed(&error)),
        Err(orders::Refused::NoSuch | orders::Refused::NotOldModel) => Err(desk.problem(Problem::Absent)),
        Err(orders::Refused::PlusGone | orders::Refused::NotInThatState) => {
            let says = RcardText::of(desk.visit.language).cannot;
            let page = page(&desk, (desk.frame().saying(Tone::Bad, says), &mall), String::new(), "").await?;
            Err(desk.visit.page_with(StatusCode::CONFLICT, &page))
        }
    }
}

/// `POST …/mall/rcard/switch`: the key is made, and R-Card Plus is gone.
pub(super) async fn switch(form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    let mall = old_model(&desk).await?;
    let gateway = desk.visit.ui.gateway();
    let (shop, vault, entropy, by) = (desk.shop(), gateway.vault().clone(), gateway.shared_entropy(), desk.by());
    let typed = form.get("user").unwrap_or_default().trim().to_owned();
    let user = typed.clone();
    let write = move |tx: &mut Tx<'_>| access::switch_over(tx, (&vault, entropy.as_ref()), shop, &user, &by);
    let r = RcardText::of(desk.visit.language);
    match gateway.store().write(write).await {
        Ok(_) => Ok(desk.visit.redirect(&at("/rcard?done=issued"))),
        // A form that was sent twice: what it asked for has happened.
        Err(access::Refused::Switched) => Ok(desk.visit.redirect(&at("/rcard"))),
        Err(access::Refused::UserName) => {
            let page = page(&desk, (desk.frame(), &mall), typed, r.wrong_user).await?;
            Err(desk.visit.page_with(StatusCode::BAD_REQUEST, &page))
        }
        Err(access::Refused::OrdersInTheWay(_)) => {
            let page = page(&desk, (desk.frame().saying(Tone::Bad, r.cannot), &mall), typed, "").await?;
            Err(desk.visit.page_with(StatusCode::CONFLICT, &page))
        }
        Err(refused) => Err(failed(&desk, refused)),
    }
}

/// `POST …/mall/rcard/reveal`: 認証キー.
pub(super) async fn reveal(form: Posted) -> Result<Response, Response> {
    let (desk, _) = posted(form).await?;
    old_model(&desk).await?;
    desk.confirmed(&at("/rcard"))?;
    let (shop, vault, by) = (desk.shop(), desk.visit.ui.vault().clone(), desk.by());
    let write = move |tx: &mut Tx<'_>| access::reveal(tx, &vault, shop, &by);
    let issued = desk.visit.ui.store().write(write).await.map_err(|refused| failed(&desk, refused))?;
    let Issued { shop_url, user_name, auth_key } = issued;
    let r = RcardText::of(desk.visit.language);
    let back = at("/rcard");
    let values = vec![(r.url, shop_url), (r.user, user_name), (r.key, auth_key)];
    Ok(desk.visit.page(&KeyPage { frame: Frame { path: back.clone(), ..desk.frame() }, r, values, back }))
}

fn failed(desk: &Desk, refused: access::Refused) -> Response {
    match refused {
        access::Refused::Store(error) => desk.failed(&error),
        access::Refused::NotOldModel
        | access::Refused::NotSwitched
        | access::Refused::Switched
        | access::Refused::OrdersInTheWay(_)
        | access::Refused::UserName => desk.problem(Problem::Absent),
    }
}
