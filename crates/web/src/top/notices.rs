//! お知らせ: those that are shown to the shop, and noting that they were read.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use shop::notice::{self, Shown};
use store::{StoreError, Tx};

use super::text::TopText;
use crate::staff::{Desk, posted};
use crate::ui::frame::moment;
use crate::ui::{Frame, Posted, Problem};

/// Notices of the page of all of them.
const ALL: i64 = 200;

/// A notice as the template shows it.
pub(super) struct Note {
    pub id: String,
    pub severity: &'static str,
    pub tone: &'static str,
    pub title: String,
    pub body: String,
    pub from: String,
    pub until: String,
    pub is_unread: bool,
}

impl Note {
    pub fn of(shown: Shown, t: &'static TopText) -> Note {
        let Shown { notice, read } = shown;
        let (severity, tone) = t.severity(notice.severity);
        Note {
            id: notice.id,
            severity,
            tone: tone.class(),
            title: notice.title,
            body: notice.body,
            from: moment(notice.from).chars().take(16).collect(),
            until: notice.until.map(|at| t.until.replace("{at}", &moment(at))).unwrap_or_default(),
            is_unread: read.is_none(),
        }
    }
}

#[derive(Template)]
#[template(path = "top/notices.html")]
struct Page {
    frame: Frame,
    t: &'static TopText,
    side: &'static str,
    has_unread: bool,
    notes: Vec<Note>,
}

/// `GET …/notices`.
pub(super) async fn show(desk: Desk) -> Response {
    let t = TopText::of(desk.visit.language);
    let (shop, staff) = (desk.shop(), desk.staff.id.clone());
    let read = move |tx: &mut Tx<'_>| notice::shown(tx, shop, &staff, ALL);
    match desk.visit.ui.store().read(read).await {
        Ok(found) => {
            let notes: Vec<Note> = found.into_iter().map(|shown| Note::of(shown, t)).collect();
            let has_unread = notes.iter().any(|note| note.is_unread);
            desk.visit.page(&Page { frame: desk.frame(), t, side: desk.side.code(), has_unread, notes })
        }
        Err(error) => desk.failed(&error),
    }
}

/// `POST …/notices/{id}/read`.
pub(super) async fn read(Path((_, id)): Path<(String, String)>, form: Posted) -> Result<Response, Response> {
    let (desk, _) = posted(form).await?;
    let staff = desk.staff.clone();
    let written = desk.visit.ui.store().write(move |tx| notice::read(tx, &staff, &id)).await;
    match written {
        Ok(true) => Ok(desk.visit.redirect(&desk.side.path("#notices"))),
        Ok(false) => Err(desk.problem(Problem::Absent)),
        Err(error) => Err(desk.failed(&error)),
    }
}

/// `POST …/notices/{id}/unread`: takes that back.
pub(super) async fn unread(Path((_, id)): Path<(String, String)>, form: Posted) -> Result<Response, Response> {
    let (desk, _) = posted(form).await?;
    let staff = desk.staff.clone();
    let written = desk.visit.ui.store().write(move |tx| notice::unread(tx, &staff, &id)).await;
    match written {
        Ok(true) => Ok(desk.visit.redirect(&desk.side.path("#notices"))),
        Ok(false) => Err(desk.problem(Problem::Absent)),
        Err(error) => Err(desk.failed(&error)),
    }
}

/// `POST …/notices/read`: all that are shown.
pub(super) async fn read_all(form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    let staff = desk.staff.clone();
    let write = move |tx: &mut Tx<'_>| {
        for shown in notice::shown(tx, staff.shop, &staff.id, ALL)? {
            notice::read(tx, &staff, &shown.notice.id)?;
        }
        Ok::<_, StoreError>(())
    };
    desk.visit.ui.store().write(write).await.map_err(|error| desk.failed(&error))?;
    let place = if form.get("from") == Some("notices") { "/notices" } else { "#notices" };
    Ok(desk.visit.redirect(&desk.side.path(place)))
}
