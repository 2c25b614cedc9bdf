//! The pages of a shop's staff: login, password, home. Every other page of theirs takes a [`Desk`], which is there only
//! for who is logged in.

mod home;
mod login;
mod password;

use axum::Router;
use axum::extract::{FromRef, FromRequestParts};
use axum::response::Response;
use axum::routing::{get, post};
use http::request::Parts;
use kernel::ShopId;
use pay::http::form::Form;
use shop::Staff;

use crate::ui::frame::Who;
use crate::ui::{Frame, Posted, Problem, Realm, Ui, Visit};

/// The pages.
pub fn routes(ui: &Ui) -> Router {
    Router::new()
        .route("/", get(home::show))
        .route(login::PATH, get(login::show).post(login::enter))
        .route("/logout", post(login::leave))
        .route(password::PATH, get(password::show).post(password::change))
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
}

impl Desk {
    /// Who is behind a visit; otherwise on to the login, or to the password that has to be changed first.
    pub async fn of(visit: Visit) -> Result<Desk, Response> {
        let Some(secret) = visit.session(Realm::Staff) else { return Err(login::first(&visit)) };
        let found = visit.ui.door().session(secret).await;
        let found = found.map_err(|error| {
            tracing::error!(%error, "a session could not be looked up");
            visit.problem(Problem::Unavailable)
        })?;
        let Some(session) = found else { return Err(login::first(&visit)) };
        if session.staff.must_change && visit.place() != password::PATH {
            return Err(visit.redirect(password::PATH));
        }
        Ok(Desk { staff: session.staff, shop_name: session.shop_name, visit })
    }

    /// Whose pages these are.
    pub fn shop(&self) -> ShopId {
        self.staff.shop
    }

    /// The frame of a page, with the bar of the shop.
    pub fn frame(&self) -> Frame {
        self.visit.frame().of(Who { shop: self.shop_name.clone() })
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

/// A form that a member of the staff sent.
pub async fn posted(posted: Posted) -> Result<(Desk, Form), Response> {
    let Posted { visit, form } = posted;
    Ok((Desk::of(visit).await?, form))
}
