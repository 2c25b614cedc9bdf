//! 受注一覧: the orders of the marketplace, thirty a page, by status, method and number.

use ::mall::code::{Method, Progress};
use ::mall::market::{MallShop, WORLD, rows};
use ::mall::order::{Order, OrderNumber, Price};
use ::mall::wire::search::{PAGE_USUAL, REACHABLE, START_DAYS_MAX, Search};
use askama::Template;
use axum::response::Response;
use http::StatusCode;
use kernel::Timestamp;
use store::{StoreError, Tx, clock};

use super::{MarketText, at, mall_shop, sections, words};
use crate::checkout::text::grouped;
use crate::staff::Desk;
use crate::ui::frame::moment;
use crate::ui::{Choice, Frame, Language, Link, Query, Tone};

/// Fields that a link to another page keeps.
const FIELDS: [&str; 3] = ["status", "method", "number"];

#[derive(Template)]
#[template(path = "market/list.html")]
struct Page {
    frame: Frame,
    t: &'static MarketText,
    links: Vec<Link>,
    path: String,
    number: String,
    wrong: &'static str,
    statuses: Vec<Choice>,
    methods: Vec<Choice>,
    is_search: bool,
    count: String,
    page: String,
    rows: Vec<Row>,
    before: String,
    next: String,
    is_beyond: bool,
}

struct Row {
    href: String,
    number: String,
    placed: String,
    status: &'static str,
    tone: &'static str,
    marks: Vec<&'static str>,
    method: &'static str,
    request: String,
    orderer: String,
}

/// What was asked for.
struct Asked {
    number: Option<OrderNumber>,
    progress: Option<Progress>,
    method: Option<Method>,
    page: u32,
}

impl Asked {
    /// Of a query; a number that is none is wrong.
    fn of(query: &Query) -> Result<Asked, ()> {
        let code = |field: &str| query.get(field).parse::<i64>().ok();
        let number = query.given("number").map(|text| text.parse().map_err(|_| ())).transpose()?;
        let last = REACHABLE / PAGE_USUAL;
        Ok(Asked {
            number,
            progress: code("status").and_then(Progress::of),
            method: code("method").and_then(Method::of),
            page: query.get("page").parse().unwrap_or(1).clamp(1, last),
        })
    }

    fn search(&self, now: Timestamp) -> Search {
        let start = now.jst_date().plus_days(-START_DAYS_MAX).start();
        let progress = self.progress.into_iter().collect();
        Search { progress, method: self.method.map(Method::code), page: self.page, ..Search::placed(start, now) }
    }
}

/// `GET …/mall`.
pub(super) async fn show(desk: Desk) -> Result<Response, Response> {
    let mall = mall_shop(&desk).await?;
    let query = Query::of(&desk.visit.path);
    let (asked, wrong) = match Asked::of(&query) {
        Ok(asked) => (Some(asked), ""),
        Err(()) => (None, MarketText::of(desk.visit.language).wrong_number),
    };
    let (total, orders) = match &asked {
        Some(asked) => find(&desk, asked).await.map_err(|error| desk.failed(&error))?,
        None => (0, Vec::new()),
    };
    let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let page = asked.map_or(1, |asked| asked.page);
    Ok(desk.visit.page_with(status, &whole((&desk, &mall), &query, wrong, (total, page), &orders)))
}

async fn find(desk: &Desk, asked: &Asked) -> Result<(u64, Vec<Order>), StoreError> {
    let shop = desk.shop();
    let (number, page) = (asked.number, asked.page);
    if let Some(number) = number {
        let found = desk.visit.ui.store().read(move |tx: &mut Tx<'_>| rows::find(tx, shop, number)).await?;
        let fits = found.filter(|order| {
            asked.progress.is_none_or(|progress| progress == order.progress)
                && asked.method.is_none_or(|method| method == order.method)
                && page == 1
        });
        return Ok((fits.iter().count() as u64, fits.into_iter().collect()));
    }
    let now = desk.visit.ui.store().read(move |tx: &mut Tx<'_>| clock::world_now(tx, shop, WORLD)).await?;
    let search = asked.search(now);
    let read = move |tx: &mut Tx<'_>| {
        let (total, numbers) = rows::search(tx, shop, &search)?;
        Ok::<_, StoreError>((total, rows::find_many(tx, shop, &numbers)?))
    };
    desk.visit.ui.store().read(read).await
}

fn whole(
    (desk, mall): (&Desk, &MallShop),
    query: &Query,
    wrong: &'static str,
    (total, page): (u64, u32),
    orders: &[Order],
) -> Page {
    let language = desk.visit.language;
    let t = MarketText::of(language);
    let path = at("");
    let pages = (total.min(u64::from(REACHABLE))).div_ceil(u64::from(PAGE_USUAL)).max(1);
    let link = |page: u64| query.link(&path, &FIELDS, ("page", &page.to_string()));
    let here = u64::from(page);
    let frame = if wrong.is_empty() { desk.frame() } else { desk.frame().saying(Tone::Bad, wrong) };
    Page {
        frame,
        t,
        links: sections(desk, mall, ""),
        number: query.get("number").to_owned(),
        wrong,
        statuses: choices(
            t,
            query.get("status"),
            Progress::ALL.iter().map(|one| (one.code(), words::progress(language, *one))),
        ),
        methods: choices(
            t,
            query.get("method"),
            Method::ALL.iter().map(|one| (one.code(), words::method(language, *one))),
        ),
        is_search: FIELDS.iter().any(|field| query.given(field).is_some()),
        count: t.count.replace("{}", &grouped(total.try_into().unwrap_or(i64::MAX))),
        page: t.page.replacen("{}", &here.to_string(), 1).replacen("{}", &pages.to_string(), 1),
        rows: orders.iter().map(|order| row(t, language, order)).collect(),
        before: if here > 1 { link(here - 1) } else { String::new() },
        next: if here < pages { link(here + 1) } else { String::new() },
        is_beyond: total > u64::from(REACHABLE) && here == pages,
        path,
    }
}

fn choices<'a>(t: &MarketText, chosen: &str, all: impl Iterator<Item = (i64, &'a str)>) -> Vec<Choice> {
    let any = Choice::new("", t.all, chosen.is_empty());
    let one = |(code, text): (i64, &str)| {
        let code = code.to_string();
        Choice::new(code.clone(), text, code == chosen)
    };
    [any].into_iter().chain(all.map(one)).collect()
}

fn row(t: &'static MarketText, language: Language, order: &Order) -> Row {
    let number = order.number.to_string();
    Row {
        href: at(&format!("/orders/{number}")),
        number,
        placed: moment(order.placed),
        status: words::progress(language, order.progress),
        tone: words::tone(order.progress).class(),
        marks: marks(t, order),
        method: words::method(language, order.method),
        request: price(t, language, order.amounts().request),
        orderer: name(&order.orderer.person),
    }
}

/// What is to be noticed about an order.
pub(super) fn marks(t: &'static MarketText, order: &Order) -> Vec<&'static str> {
    let marks = [
        (order.caution.is_some(), t.caution),
        (order.under_check, t.under_check),
        (order.needs_approval && order.progress == Progress::AwaitingConfirmation, t.needs_approval),
    ];
    marks.into_iter().filter(|(is_so, _)| *is_so).map(|(_, text)| text).collect()
}

/// Yen, or that they are not fixed.
pub(super) fn price(t: &MarketText, language: Language, price: Price) -> String {
    price.yen().map_or(t.unpriced.to_owned(), |yen| money(language, yen))
}

/// Yen; may be less than nothing, such as what is taken off.
pub(super) fn money(language: Language, yen: i64) -> String {
    match language {
        Language::Ja => format!("{}円", grouped(yen)),
        Language::En => format!("¥{}", grouped(yen)),
    }
}

/// 姓 and 名.
pub(super) fn name(person: &::mall::order::Person) -> String {
    let first = person.first_name.as_deref().unwrap_or_default();
    format!("{} {first}", person.family_name).trim_end().to_owned()
}
