//! The page itself: everything is read in one snapshot.

use askama::Template;
use axum::response::Response;
use kernel::Environment;
use pay::attention::{self, Attention};
use pay::figures::{self, Point, Today};
use shop::Right;
use shop::notice::{self, Shown};
use store::{StoreError, Tx};

use super::asked::Asked;
use super::chart::{Chart, Row, compared};
use super::notices::Note;
use super::tasks::{self, Task};
use super::text::TopText;
use crate::staff::Desk;
use crate::ui::{Frame, Query, Side, Tone};

/// Notices on this page.
const NOTICES: i64 = 5;

#[derive(Template)]
#[template(path = "top/page.html")]
struct Page {
    frame: Frame,
    t: &'static TopText,
    side: &'static str,
    is_live: bool,
    tasks: Vec<Task>,
    notes: Vec<Note>,
    has_unread: bool,
    has_more: bool,
    today: Vec<Row>,
    chart: Chart,
    demo_shop: Option<&'static str>,
}

/// What was read.
struct Found {
    notices: Vec<Shown>,
    today: Today,
    asked: Asked,
    points: Vec<Point>,
    attention: Vec<(Environment, Attention)>,
}

/// `GET /dashboard/{side}`.
pub(super) async fn show(desk: Desk) -> Response {
    let t = TopText::of(desk.visit.language);
    let (shop, staff, side) = (desk.shop(), desk.staff.id.clone(), desk.side);
    let windows = desk.visit.ui.gateway().windows();
    let query = Query::of(&desk.visit.path);
    let is_done = query.is("done", "password");
    let read = move |tx: &mut Tx<'_>| {
        // The first is the one whose orders count: Sandbox, or Live with production keys.
        let main = side.environments()[0];
        let today = figures::today(tx, shop, main)?;
        let asked = Asked::of(&query, today.now.jst_date(), t);
        let points = figures::points(tx, shop, main, asked.period, asked.unit)?;
        let attention = side.environments().iter().map(|one| Ok((*one, attention::of(tx, shop, *one, windows)?)));
        let attention = attention.collect::<Result<_, StoreError>>()?;
        let notices = notice::shown(tx, shop, &staff, NOTICES + 1)?;
        Ok::<_, StoreError>(Found { notices, today, asked, points, attention })
    };
    let found = match desk.visit.ui.store().read(read).await {
        Ok(found) => found,
        Err(error) => return desk.failed(&error),
    };
    let frame = if is_done { desk.frame().saying(Tone::Good, t.changed) } else { desk.frame() };
    let page = page(&desk, frame, found);
    desk.visit.remember_side(side, desk.visit.page(&page))
}

fn page(desk: &Desk, frame: Frame, found: Found) -> Page {
    let t = TopText::of(desk.visit.language);
    let Found { mut notices, today, asked, points, attention } = found;
    let has_more = notices.len() as i64 > NOTICES;
    notices.truncate(NOTICES as usize);
    let now = today.now;
    let tasks = attention.iter().flat_map(|(one, found)| tasks::of(&allowed(desk, found), *one, t)).collect();
    Page {
        frame,
        t,
        side: desk.side.code(),
        is_live: desk.side == Side::Live,
        tasks,
        has_unread: notices.iter().any(|shown| shown.read.is_none()),
        has_more,
        notes: notices.into_iter().map(|shown| Note::of(shown, t)).collect(),
        today: compared(&today, t),
        chart: Chart::of(&asked, &points, (desk.side, now), t),
        demo_shop: desk.visit.ui.demo_shop().filter(|_| desk.side == Side::Sandbox),
    }
}

/// Only what who asks may look at further.
fn allowed(desk: &Desk, found: &Attention) -> Attention {
    let mut found = found.clone();
    if !desk.may(Right::SeeWebhooks) {
        found.endpoints.clear();
    }
    if !desk.may(Right::SeeMails) {
        found.mails = Default::default();
    }
    if !desk.may(Right::SeeOrders) {
        (found.expiring, found.unknown) = Default::default();
    }
    found
}
