//! The pages of a shop's staff: login, password, home. Every other page of theirs takes a [`Desk`], which is there only
//! for who is logged in.

mod account;
mod asked;
mod code;
mod components;
mod home;
mod link;
mod login;
mod mails;
mod password;
mod resume;

use axum::extract::{FromRef, FromRequestParts};
use axum::response::Response;
use http::request::Parts;
use kernel::{Environment, ShopId};
use pay::http::form::Form;
use shop::staff::rows::Session;
use shop::staff::second;
use shop::{By, Right, Staff};

use crate::ui::frame::Who;
use crate::ui::kept;
use crate::ui::query::escaped;
use crate::ui::side::{self, Said};
use crate::ui::{Access, Frame, Pages, Posted, Problem, Query, Realm, Side, Ui, Visit};

/// The pages.
pub fn pages(ui: &Ui) -> Pages {
    Pages::new()
        .get("/", Access::Staff, home::show)
        .get(login::PATH, Access::Everybody, login::show)
        .post(login::PATH, Access::Everybody, login::enter)
        .post("/logout", Access::Everybody, login::leave)
        .get(code::PATH, Access::Everybody, code::show)
        .post(code::PATH, Access::Everybody, code::enter)
        .get(password::PATH, Access::Staff, password::show)
        .post(password::PATH, Access::Staff, password::change)
        .get(mails::PATH, Access::With(Right::Operate), mails::show)
        .get(components::PATH, Access::Staff, components::show)
        .get(components::DIALOG, Access::Staff, components::dialog)
        .with_state(ui.clone())
        .merge(link::pages(ui))
        .merge(account::pages(ui))
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
    /// The session: its name, and when they last proved again who they are.
    session: Session,
}

impl Desk {
    /// Who is behind a visit; otherwise on to the login, or to the password that has to be changed first.
    pub async fn of(visit: Visit) -> Result<Desk, Response> {
        match Desk::session_of(&visit).await? {
            Some(session) => Desk::in_session(visit, session).map_err(|response| *response),
            None => Err(login::first(&visit)),
        }
    }

    /// The session of a visit, if there is one that goes on.
    async fn session_of(visit: &Visit) -> Result<Option<Session>, Response> {
        let Some(secret) = visit.session(Realm::Staff) else { return Ok(None) };
        visit.ui.door().session(secret).await.map_err(|error| {
            tracing::error!(%error, "a session could not be looked up");
            visit.problem(Problem::Unavailable)
        })
    }

    fn in_session(visit: Visit, session: Session) -> Result<Desk, Box<Response>> {
        if session.staff.must_change && visit.place() != password::PATH {
            return Err(Box::new(visit.redirect(password::PATH)));
        }
        let environment = Query::of(&visit.path).get("environment").parse::<Environment>().ok();
        let said = side::said(visit.place(), environment);
        let side = if let Said::Of(side) = said { side } else { Side::Sandbox };
        let (staff, shop_name) = (session.staff.clone(), session.shop_name.clone());
        let has_live = session.live_since.is_some();
        let desk = Desk { staff, shop_name, side, has_live, visit, session };
        let problem = desk.refused(said);
        match problem {
            Some(problem) => Err(Box::new(desk.problem(problem))),
            None => Ok(desk),
        }
    }

    /// Why somebody who is logged in does not get the page.
    fn refused(&self, said: Said) -> Option<Problem> {
        let Session { live_since, live_two_step, .. } = self.session;
        let allowed = self.visit.access.is_some_and(|access| access.allows(&self.staff.duties));
        match said {
            Said::Unknown => Some(Problem::Absent),
            Said::Of(_) | Said::Nothing if !allowed => Some(Problem::Forbidden),
            Said::Of(Side::Live) if live_since.is_none() => Some(Problem::NotLive),
            Said::Of(Side::Live) if live_two_step && !self.staff.two_step => Some(Problem::TwoStep),
            Said::Of(_) | Said::Nothing => None,
        }
    }

    /// Whether who asks may do something that has this right.
    pub fn may(&self, right: Right) -> bool {
        self.staff.duties.allow(right)
    }

    /// Who changes something here, for the audit row.
    pub fn by(&self) -> By {
        let ui = &self.visit.ui;
        let by = By::new(ui.now(), ui.entropy(), self.staff.actor(), self.visit.origin());
        by.operating(self.staff.duties.is_operator())
    }

    /// Whether they have proved again, not long ago, who they are.
    pub fn is_confirmed(&self) -> bool {
        second::is_confirmed(self.session.confirmed, self.visit.ui.now())
    }

    /// Whether they have; the answer otherwise leads to the page that asks for the password, and from there to `back`.
    #[expect(clippy::result_large_err, reason = "the other answer is a whole page, as it is of every handler")]
    pub fn confirmed(&self, back: &str) -> Result<(), Response> {
        let ask = || self.visit.redirect(&format!("{}?to={}", self.side.path("/account/confirm"), escaped(back)));
        if self.is_confirmed() { Ok(()) } else { Err(ask()) }
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

/// A form that a member of the staff sent. After the end of a session what was typed is handed back.
pub async fn posted(posted: Posted) -> Result<(Desk, Form), Response> {
    let Posted { visit, form } = posted;
    let Some(session) = Desk::session_of(&visit).await? else {
        // Who never was logged in here has typed nothing on a page of ours.
        let ended = visit.session(Realm::Staff).is_some() || form.get(kept::FIELD).is_some();
        return Err(if ended { login::before(&visit, &form).await } else { login::first(&visit) });
    };
    Ok((Desk::in_session(visit, session).map_err(|response| *response)?, form))
}
