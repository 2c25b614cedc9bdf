//! The pages of a shop's staff: login, password, home. Every other page of theirs takes a [`Desk`], which is there only
//! for who is logged in.

mod asked;
mod components;
mod home;
mod login;
mod password;

use axum::extract::{FromRef, FromRequestParts};
use axum::response::Response;
use http::request::Parts;
use kernel::{Environment, ShopId};
use pay::http::form::Form;
use shop::{Right, Staff};

use crate::ui::frame::Who;
use crate::ui::kept::{self, Why};
use crate::ui::side::{self, Said};
use crate::ui::{Access, Frame, Pages, Posted, Problem, Query, Realm, Side, Ui, Visit};

/// The pages.
pub fn pages(ui: &Ui) -> Pages {
    Pages::new()
        .get("/", Access::Staff, home::show)
        .get(login::PATH, Access::Everybody, login::show)
        .post(login::PATH, Access::Everybody, login::enter)
        .post("/logout", Access::Everybody, login::leave)
        .get(password::PATH, Access::Staff, password::show)
        .post(password::PATH, Access::Staff, password::change)
        .get(components::PATH, Access::Staff, components::show)
        .get(components::DIALOG, Access::Staff, components::dialog)
        .with_state(ui.clone())
}

/// A member of the staff asks for a page.
#[derive(Clone)]
pub struct Desk {
    /// The request.
    pub visit: Visit,
    /// Who.
    pub staff: Staff,
    /// What the shop is called.
    pub shop_name: String,
    /// The side of the dashboard that the page is on; Sandbox where it is on none.
    pub side: Side,
    /// Whether the shop's registration for Live is complete.
    pub has_live: bool,
}

impl Desk {
    /// Who is behind a visit; otherwise on to the login, or to the password that has to be changed first.
    pub async fn of(visit: Visit) -> Result<Desk, Response> {
        Desk::found(visit).await.map_err(|barred| match barred {
            Barred::Nobody(visit) => login::first(&visit),
            Barred::Told(response) => *response,
        })
    }

    async fn found(visit: Visit) -> Result<Desk, Barred> {
        let Some(secret) = visit.session(Realm::Staff) else { return Err(Barred::nobody(visit)) };
        let found = visit.ui.door().session(secret).await;
        let found = found.map_err(|error| {
            tracing::error!(%error, "a session could not be looked up");
            visit.problem(Problem::Unavailable)
        })?;
        let Some(session) = found else { return Err(Barred::nobody(visit)) };
        if session.staff.must_change && visit.place() != password::PATH {
            return Err(visit.redirect(password::PATH).into());
        }
        let environment = Query::of(&visit.path).get("environment").parse::<Environment>().ok();
        let said = side::said(visit.place(), environment);
        let side = if let Said::Of(side) = said { side } else { Side::Sandbox };
        let has_live = session.live_since.is_some();
        let desk = Desk { staff: session.staff, shop_name: session.shop_name, side, has_live, visit };
        match desk.refused(said) {
            Some(problem) => Err(desk.problem(problem).into()),
            None => Ok(desk),
        }
    }

    /// Why somebody who is logged in does not get the page.
    fn refused(&self, said: Said) -> Option<Problem> {
        let allowed = self.visit.access.is_some_and(|access| access.allows(&self.staff.duties));
        match said {
            Said::Unknown => Some(Problem::Absent),
            Said::Of(_) | Said::Nothing if !allowed => Some(Problem::Forbidden),
            Said::Of(Side::Live) if !self.has_live => Some(Problem::NotLive),
            Said::Of(_) | Said::Nothing => None,
        }
    }

    /// Whether who asks may do something that has this right.
    pub fn may(&self, right: Right) -> bool {
        self.staff.duties.allow(right)
    }

    /// Whose pages these are.
    pub fn shop(&self) -> ShopId {
        self.staff.shop
    }

    /// The frame of a page, with the bar of the shop.
    pub fn frame(&self) -> Frame {
        let Staff { name, email, duties, .. } = &self.staff;
        let name = if name.is_empty() { email.as_str() } else { name };
        let who = Who { shop: self.shop_name.clone(), side: self.side, name: name.to_owned(), duties: duties.clone() };
        self.visit.frame().of(who)
    }

    /// The page that says what is the matter.
    pub fn problem(&self, problem: Problem) -> Response {
        self.visit.known(problem.page(self.frame()))
    }

    /// What the database could not do is logged here, once; the page says that it is not there right now.
    pub fn failed(&self, error: &store::StoreError) -> Response {
        tracing::error!(%error, "the database failed");
        self.problem(Problem::Unavailable)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Desk
where
    Ui: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Desk, Response> {
        Desk::of(Visit::from_request_parts(parts, state).await?).await
    }
}

/// Why there is no desk.
enum Barred {
    /// Nobody is logged in.
    Nobody(Box<Visit>),
    /// This is answered.
    Told(Box<Response>),
}

impl Barred {
    fn nobody(visit: Visit) -> Barred {
        Barred::Nobody(Box::new(visit))
    }
}

impl From<Response> for Barred {
    fn from(response: Response) -> Barred {
        Barred::Told(Box::new(response))
    }
}

/// A form that a member of the staff sent. After the end of a session what was typed is handed back.
pub async fn posted(posted: Posted) -> Result<(Desk, Form), Response> {
    let Posted { visit, form } = posted;
    match Desk::found(visit).await {
        Ok(desk) => Ok((desk, form)),
        Err(Barred::Told(response)) => Err(*response),
        Err(Barred::Nobody(visit)) => {
            Err(kept::page(&visit, &form, Why::LoggedOut).unwrap_or_else(|| login::first(&visit)))
        }
    }
}
