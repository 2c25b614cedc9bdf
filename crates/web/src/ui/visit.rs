//! Who asks for a page, and the forms they send.

use askama::Template;
use axum::body::Bytes;
use axum::extract::{FromRef, FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use kernel::Peer;
use pay::http::form::Form;
use shop::staff::second::Whence;

use super::cookie::{self, Jar, Keep, Realm};
use super::frame::{Frame, FrameText};
use super::kept;
use super::language::Language;
use super::pages::Access;
use super::problem::Problem;
use super::side::Side;
use super::{Ui, answer, csrf};

/// Bytes of a form at the most.
const FORM_MAX: usize = 64 << 10;

/// A request for a page.
#[derive(Clone)]
pub struct Visit {
    /// What pages stand on.
    pub ui: Ui,
    /// Who is at the other end.
    pub peer: Peer,
    /// The language of the page.
    pub language: Language,
    /// Path and query.
    pub path: String,
    /// Who may use the route; none outside of the register of pages.
    pub access: Option<Access>,
    /// What the browser calls itself; may be empty.
    pub device: String,
    jar: Jar,
    visitor: String,
    /// Whether the visitor's cookie is new and has to be sent.
    fresh: bool,
}

impl<S: Send + Sync> FromRequestParts<S> for Visit
where
    Ui: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Visit, Response> {
        let peer = parts.extensions.get::<Peer>().cloned();
        let peer = peer.ok_or_else(|| StatusCode::INTERNAL_SERVER_ERROR.into_response())?;
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let access = parts.extensions.get::<Access>().copied();
        Ok(Visit { access, ..Visit::new(Ui::from_ref(state), peer, path, &parts.headers) })
    }
}

impl Visit {
    /// A visit of `path` (with its query) with these headers.
    pub fn new(ui: Ui, peer: Peer, path: String, headers: &HeaderMap) -> Visit {
        let jar = Jar::of(headers);
        let language = Language::wanted(jar.get(cookie::LANGUAGE, &peer), headers);
        let known = jar.secret(cookie::VISITOR, &peer).map(str::to_owned);
        let (fresh, visitor) = (known.is_none(), known.unwrap_or_else(|| cookie::secret(ui.entropy())));
        let device = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        let device = device.unwrap_or_default().to_owned();
        Visit { ui, peer, language, path, access: None, device, jar, visitor, fresh }
    }

    /// The secret of the session cookie of `realm`, if the browser sent one; whether it is worth anything is for who
    /// keeps the sessions to say.
    pub fn session(&self, realm: Realm) -> Option<&str> {
        self.jar.session(realm, &self.peer)
    }

    /// The path without its query.
    pub fn place(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }

    /// Where the request comes from, for audit rows.
    pub fn origin(&self) -> String {
        format!("page {} {}", self.peer.address, self.peer.request_id)
    }

    /// The side of the dashboard that this browser was on last.
    pub fn last_side(&self) -> Option<Side> {
        self.jar.get(cookie::SIDE, &self.peer).and_then(Side::named)
    }

    /// Keeps for a year which side this browser is on.
    pub fn remember_side(&self, side: Side, mut response: Response) -> Response {
        if self.last_side() != Some(side) {
            let kept = cookie::set(cookie::SIDE, &self.peer, side.code(), Keep::Seconds(365 * 86_400));
            response.headers_mut().append(header::SET_COOKIE, kept);
        }
        response
    }

    /// Where it comes from, for logins and what goes with them.
    pub fn whence(&self) -> Whence {
        Whence { address: self.peer.address, device: self.device.clone(), origin: self.origin() }
    }

    /// The frame of a page that is sent together with the session `secret`, which just began: its forms are bound to it.
    pub fn frame_in(&self, secret: &str) -> Frame {
        Frame { csrf: csrf::token(self.ui.vault(), secret), ..self.frame() }
    }

    /// What the forms of this browser are bound to: its session, or before there is one, the visitor.
    pub(super) fn bound_to(&self) -> &str {
        self.session(Realm::of_path(self.place())).unwrap_or(&self.visitor)
    }

    /// The frame of a page, with nobody logged in.
    pub fn frame(&self) -> Frame {
        Frame {
            language: self.language,
            csrf: csrf::token(self.ui.vault(), self.bound_to()),
            path: self.path.clone(),
            who: None,
            is_test: false,
            notice: None,
            text: FrameText::of(self.language),
        }
    }

    /// The page.
    pub fn page(&self, page: &impl Template) -> Response {
        self.page_with(StatusCode::OK, page)
    }

    /// The page with another status than 200.
    pub fn page_with(&self, status: StatusCode, page: &impl Template) -> Response {
        self.known(answer::html(status, page))
    }

    /// The page that says what is the matter.
    pub fn problem(&self, problem: Problem) -> Response {
        self.known(problem.page(self.frame()))
    }

    /// On to another page of ours.
    pub fn redirect(&self, to: &str) -> Response {
        self.known(answer::see_other(to))
    }

    /// With the visitor's cookie, if the browser does not have it yet.
    pub fn known(&self, mut response: Response) -> Response {
        if self.fresh {
            let cookie = cookie::set(cookie::VISITOR, &self.peer, &self.visitor, Keep::Session);
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }
}

/// A form that one of our pages sent.
#[derive(Clone)]
pub struct Posted {
    /// The request.
    pub visit: Visit,
    /// Its fields.
    pub form: Form,
}

impl<S: Send + Sync> FromRequest<S> for Posted
where
    Ui: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Posted, Response> {
        let is_certainly_ours = kept::is_certainly_ours(request.headers());
        let Sent { visit, form, is_proven } = sent(request, state, FORM_MAX).await?;
        if !is_proven {
            let kept = is_certainly_ours.then(|| kept::page(&visit, &form)).flatten();
            return Err(kept.unwrap_or_else(|| visit.problem(Problem::Expired)));
        }
        Ok(Posted { visit, form })
    }
}

/// A long form of one of our pages that is shown again rather than lost: nothing may be done with it unless it is proven.
#[derive(Clone)]
pub struct Sent {
    /// The request.
    pub visit: Visit,
    /// Its fields.
    pub form: Form,
    /// Whether it carries the token of this browser's session. It does not after the session ended, or began anew.
    pub is_proven: bool,
}

impl<S: Send + Sync> FromRequest<S> for Sent
where
    Ui: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Sent, Response> {
        // The listener has its own bound.
        sent(request, state, usize::MAX).await
    }
}

/// The form of a request of up to `most` bytes that another site did not make somebody send.
async fn sent<S: Send + Sync>(request: Request, state: &S, most: usize) -> Result<Sent, Response>
where
    Ui: FromRef<S>,
{
    let (mut parts, body) = request.into_parts();
    let visit = Visit::from_request_parts(&mut parts, state).await?;
    if !csrf::is_ours(&parts.headers, visit.ui.gateway().base_url()) {
        return Err(visit.problem(Problem::Foreign));
    }
    let whole = Bytes::from_request(Request::from_parts(parts, body), state).await;
    let form = whole.ok().filter(|body| body.len() <= most).and_then(|body| Form::parse(&body).ok());
    let form = form.ok_or_else(|| visit.problem(Problem::Unreadable))?;
    let is_proven = csrf::holds(visit.ui.vault(), visit.bound_to(), form.get(csrf::FIELD).unwrap_or_default());
    Ok(Sent { visit, form, is_proven })
}
