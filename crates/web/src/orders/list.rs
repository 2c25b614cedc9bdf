//! `/dashboard/{side}/orders`: 決済リスト and its search.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use kernel::Environment;
use pay::orders::{self, Column, Cursor, Found, Line, Search, Wrong};
use store::Tx;

use super::asked::{self, Asked, BOXES};
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
}

struct Ticked {
    word: &'static str,
    text: &'static str,
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
    says: &'static str,
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
    let asked = Asked::of(&Query::of(&desk.visit.path));
    match asked.search() {
        Ok(search) => match find(&desk, &asked, &search).await {
            Ok(found) => desk.visit.page(&page(&desk, asked, &search, found, Vec::new())),
            Err(error) => desk.failed(&error),
        },
        Err(wrong) => {
            let page = page(&desk, asked, &Search::default(), Found::default(), wrong);
            desk.visit.page_with(StatusCode::BAD_REQUEST, &page)
        }
    }
}

async fn find(desk: &Desk, asked: &Asked, search: &Search) -> Result<Found, store::StoreError> {
    let (shop, environments, search) = (desk.shop(), desk.side.environments(), search.clone());
    let (start, count) = asked.window(search.sort);
    let read = move |tx: &mut Tx<'_>| orders::list(tx, shop, environments, &search, &start, count);
    desk.visit.ui.store().read(read).await
}

fn page(desk: &Desk, asked: Asked, search: &Search, found: Found, wrong: Vec<Wrong>) -> Page {
    let t = OrdersText::of(desk.visit.language);
    let path = desk.side.path("/orders");
    let names: Vec<&str> = wrong.iter().map(|wrong| field_name(wrong, t)).collect();
    let frame = if wrong.is_empty() {
        desk.frame()
    } else {
        desk.frame().saying(Tone::Bad, t.wrong.replace("{}", &names.join(" / ")))
    };
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
            .map(|state| Ticked { word: state.as_str(), text: t.state(state), on: asked.ticks(state) })
            .into_iter()
            .collect(),
        environments: choices(desk.side, &asked, t),
        heads: heads(&path, search, t),
        rows: found.lines.into_iter().enumerate().map(row).collect(),
        total: t.count.replace("{}", &grouped(found.total)),
        shown: t.shown.replace("{}", &grouped(shown as i64)),
        more,
        is_search: search.is_narrow() || !wrong.is_empty(),
        is_later,
        first: asked::link(&path, search, &[]),
        frame,
        t,
        path,
        asked,
        wrong,
    }
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
        let says = if next.descending { t.largest } else { t.smallest };
        Head { text: t.column(column), href, sorted, arrow, says }
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
