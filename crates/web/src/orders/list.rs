//! `/dashboard/{side}/orders`: 決済リスト and its search.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use kernel::Environment;
use pay::orders::csv::Encoding;
use pay::orders::{self, Column, Cursor, Found, Line, Search, Sort, Wrong};
use shop::Right;
use store::Tx;

use super::asked::{self, Asked, BOXES};
use super::text::roles;
use super::views::{self, Views};
use super::{OrdersText, tone};
use crate::checkout::text::{grouped, yen};
use crate::staff::Desk;
use crate::ui::frame::moment;
use crate::ui::query::escaped;
use crate::ui::{Frame, Query, Side, Tone};

#[derive(Template)]
#[template(path = "orders/list.html")]
struct Page {
    frame: Frame,
    t: &'static OrdersText,
    path: String,
    asked: Asked,
    wrong: Vec<Wrong>,
    boxes: Vec<Ticked>,
    /// The choice of 環境; empty in Sandbox.
    environments: Vec<Choice>,
    heads: Heads,
    rows: Vec<Row>,
    total: String,
    shown: String,
    more: Option<More>,
    is_search: bool,
    is_later: bool,
    first: String,
    /// What that link says: the first orders are the newest unless they are sorted otherwise.
    say_first: &'static str,
    views: Views,
    /// Links of the export, with what they are called; none for who may not, and then `no_export` says so.
    exports: Vec<(&'static str, String)>,
    no_export: String,
}

struct Ticked {
    word: &'static str,
    text: &'static str,
    /// What that means.
    more: &'static str,
    on: bool,
}

struct Choice {
    value: &'static str,
    text: &'static str,
    chosen: bool,
}

/// The heads of the columns that sort.
struct Heads {
    amount: Head,
    status: Head,
    date: Head,
}

struct Head {
    text: &'static str,
    href: String,
    /// `ascending` or `descending`; empty when the list is sorted by another column.
    sorted: &'static str,
    arrow: &'static str,
    /// How the list is sorted by it now, and how the link would.
    now: &'static str,
    says: &'static str,
}

impl Heads {
    /// In the order of the columns.
    fn all(&self) -> [&Head; 3] {
        [&self.amount, &self.status, &self.date]
    }
}

struct Row {
    /// Its place on the page, from 1.
    line: usize,
    href: String,
    amount: String,
    number: String,
    state: &'static str,
    tone: &'static str,
    when: String,
    /// Empty in Sandbox.
    key: &'static str,
}

struct More {
    href: String,
    /// The next lines alone, for the script.
    next: String,
}

impl Page {
    /// What is wrong with a field; empty if nothing is.
    fn wrong(&self, field: &str) -> &'static str {
        let Some(wrong) = self.wrong.iter().find(|wrong| wrong.field == field) else { return "" };
        match wrong.field {
            "number" => self.t.wrong_number,
            "from" => self.t.wrong_from,
            "to" => self.t.wrong_to,
            _ => self.t.wrong_other,
        }
    }

    /// A field for a day; what is no day stays to be seen.
    fn kind(&self, field: &str) -> &'static str {
        if self.wrong(field).is_empty() { "date" } else { "text" }
    }
}

/// `GET /dashboard/{side}/orders`.
pub(super) async fn show(desk: Desk) -> Response {
    let frame = desk.frame();
    shown(desk, frame, StatusCode::OK).await
}

/// The list in a frame that says something.
pub(super) async fn shown(desk: Desk, frame: Frame, status: StatusCode) -> Response {
    match whole(&desk, frame).await {
        Ok(page) => {
            let status = if page.wrong.is_empty() { status } else { StatusCode::BAD_REQUEST };
            desk.visit.page_with(status, &page)
        }
        Err(error) => desk.failed(&error),
    }
}

/// The list, with a name for its search that could not be taken.
pub(super) async fn refused_name(desk: Desk, name: String, wrong: &'static str) -> Response {
    let frame = desk.frame().saying(Tone::Bad, wrong);
    match whole(&desk, frame).await {
        Ok(mut page) => {
            (page.views.name, page.views.wrong) = (name, wrong);
            desk.visit.page_with(StatusCode::BAD_REQUEST, &page)
        }
        Err(error) => desk.failed(&error),
    }
}

async fn whole(desk: &Desk, frame: Frame) -> Result<Page, store::StoreError> {
    let asked = Asked::of(&Query::of(&desk.visit.path));
    let (search, wrong) = match asked.search() {
        Ok(search) => (search, Vec::new()),
        Err(wrong) => (Search::default(), wrong),
    };
    let found = if wrong.is_empty() { find(desk, &asked, &search).await? } else { Found::default() };
    let (views, saved) = views::load(desk, &search).await?;
    let frame = match saved {
        Some(name) => frame.saying(Tone::Good, views.t.saved.replace("{}", &name)),
        None => frame,
    };
    Ok(page(desk, frame, asked, &search, found, wrong, views))
}

async fn find(desk: &Desk, asked: &Asked, search: &Search) -> Result<Found, store::StoreError> {
    let (shop, environments, search) = (desk.shop(), desk.side.environments(), search.clone());
    let (start, count) = asked.window(search.sort);
    let read = move |tx: &mut Tx<'_>| orders::list(tx, shop, environments, &search, &start, count);
    desk.visit.ui.store().read(read).await
}

fn page(
    desk: &Desk,
    frame: Frame,
    asked: Asked,
    search: &Search,
    found: Found,
    wrong: Vec<Wrong>,
    views: Views,
) -> Page {
    let t = OrdersText::of(desk.visit.language);
    let path = desk.side.path("/orders");
    let names: Vec<&str> = wrong.iter().map(|wrong| field_name(wrong, t)).collect();
    let frame =
        if wrong.is_empty() { frame } else { frame.saying(Tone::Bad, t.wrong.replace("{}", &names.join(" / "))) };
    let place = |line: &Line| Cursor::of(line, search.sort);
    let ends = found.lines.first().map(place).zip(found.lines.last().map(place)).filter(|_| found.has_more);
    let shown = found.lines.len();
    let more = ends.map(|(first, last)| More {
        href: asked::further(&path, search, first, last, shown),
        next: asked::next(&path, search, last),
    });
    let is_later = !matches!(asked.window(search.sort).0, pay::orders::Start::First);
    let back = back_to(desk, &wrong);
    let row = |(index, line): (usize, Line)| row(desk, t, &path, &back, index + 1, &line);
    Page {
        boxes: BOXES
            .map(|state| Ticked {
                word: state.as_str(),
                text: t.state(state),
                more: t.meaning(state),
                on: asked.ticks(state),
            })
            .into_iter()
            .collect(),
        environments: choices(desk.side, &asked, t),
        heads: heads(&path, search, t),
        rows: found.lines.into_iter().enumerate().map(row).collect(),
        total: t.count.replace("{}", &grouped(found.total)),
        shown: match shown as i64 == found.total {
            true => String::new(),
            false => t.shown.replace("{}", &grouped(shown as i64)),
        },
        more,
        is_search: search.is_narrow() || !wrong.is_empty(),
        is_later,
        first: asked::link(&path, search, &[]),
        say_first: if search.sort == Sort::default() { t.newest } else { t.first },
        exports: exports(desk, search, t),
        no_export: match desk.may(Right::ExportOrders) {
            true => String::new(),
            false => t.why_role.replace("{}", &roles(Right::ExportOrders, desk.visit.language)),
        },
        views,
        frame,
        t,
        path,
        asked,
        wrong,
    }
}

fn exports(desk: &Desk, search: &Search, t: &OrdersText) -> Vec<(&'static str, String)> {
    let file = desk.side.path("/orders.csv");
    let link = |encoding: Encoding| {
        let text = match encoding {
            Encoding::Utf8 => t.csv_utf8,
            Encoding::ShiftJis => t.csv_shift_jis,
        };
        (text, asked::link(&file, search, &[("encoding", encoding.as_str())]))
    };
    if desk.may(Right::ExportOrders) { Encoding::ALL.map(link).into() } else { Vec::new() }
}

/// What leads back to this page from an order.
fn back_to(desk: &Desk, wrong: &[Wrong]) -> String {
    let query = desk.visit.path.split_once('?').map_or("", |(_, query)| query);
    if wrong.is_empty() { query.to_owned() } else { String::new() }
}

fn field_name(wrong: &Wrong, t: &OrdersText) -> &'static str {
    match wrong.field {
        "number" => t.number,
        "from" => t.from,
        "to" => t.to,
        "status" => t.status,
        "environment" => t.environment,
        _ => t.title,
    }
}

fn choices(side: Side, asked: &Asked, t: &OrdersText) -> Vec<Choice> {
    let choice = |one: &Environment| {
        let value = one.as_str();
        Choice { value, text: t.key(*one), chosen: asked.environment == value }
    };
    match side {
        Side::Sandbox => Vec::new(),
        Side::Live => side.environments().iter().map(choice).collect(),
    }
}

fn heads(path: &str, search: &Search, t: &'static OrdersText) -> Heads {
    let head = |column: Column| {
        let next = asked::sorted_by(column, search.sort);
        let (sorted, arrow) = match (search.sort.column == column, search.sort.descending) {
            (false, _) => ("", ""),
            (true, true) => ("descending", "▼"),
            (true, false) => ("ascending", "▲"),
        };
        let href = asked::link(path, &Search { sort: next, ..search.clone() }, &[]);
        let word = |descending: bool| if descending { t.largest } else { t.smallest };
        let (now, says) = (word(search.sort.descending), word(next.descending));
        Head { text: t.column(column), href, sorted, arrow, now, says }
    };
    Heads { amount: head(Column::Amount), status: head(Column::Status), date: head(Column::Date) }
}

fn row(desk: &Desk, t: &'static OrdersText, path: &str, back: &str, place: usize, line: &Line) -> Row {
    let own = format!("{path}/{}", line.number);
    Row {
        line: place,
        href: if back.is_empty() { own } else { format!("{own}?back={}", escaped(back)) },
        amount: yen(desk.visit.language, line.amount),
        number: line.number.to_string(),
        state: t.state(line.state),
        tone: tone(line.state).class(),
        when: moment(line.ordered),
        key: match desk.side {
            Side::Sandbox => "",
            Side::Live => t.key(line.environment),
        },
    }
}
