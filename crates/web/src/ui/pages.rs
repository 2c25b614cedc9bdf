//! The register of pages: every route of a page is entered here with who may use it, so that no page can be served
//! without a rule, and a test can walk through all of them.

use axum::handler::Handler;
use axum::routing::{MethodRouter, get, post};
use axum::{Extension, Router};
use http::Method;
use shop::{Duties, Right};

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody, logged in or not; the page itself may ask for more (the checkout knows buyers).
    Everybody,
    /// Whoever is logged in to a shop: what is their own, such as their password.
    Staff,
    /// Whoever is logged in and has this right.
    With(Right),
}

impl Access {
    /// Whether somebody who is logged in, with these duties, may.
    pub fn allows(self, duties: &Duties) -> bool {
        match self {
            Access::Everybody | Access::Staff => true,
            Access::With(right) => duties.allow(right),
        }
    }
}

/// One route of the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// GET or POST.
    pub method: Method,
    /// As axum spells it: `/dashboard/{side}/orders/{id}`.
    pub path: &'static str,
    /// Who may.
    pub access: Access,
}

/// Routes of pages and who may use them.
#[derive(Debug)]
pub struct Pages<S = ()> {
    router: Router<S>,
    listed: Vec<Listed>,
}

impl<S: Clone + Send + Sync + 'static> Default for Pages<S> {
    fn default() -> Pages<S> {
        Pages { router: Router::new(), listed: Vec::new() }
    }
}

impl<S: Clone + Send + Sync + 'static> Pages<S> {
    /// None yet.
    pub fn new() -> Pages<S> {
        Pages::default()
    }

    /// A page that is looked at.
    #[must_use]
    pub fn get<H, T>(self, path: &'static str, access: Access, handler: H) -> Pages<S>
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.enter(Method::GET, path, access, get(handler))
    }

    /// A form that is sent.
    #[must_use]
    pub fn post<H, T>(self, path: &'static str, access: Access, handler: H) -> Pages<S>
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.enter(Method::POST, path, access, post(handler))
    }

    fn enter(mut self, method: Method, path: &'static str, access: Access, handler: MethodRouter<S>) -> Pages<S> {
        self.router = self.router.route(path, handler.layer(Extension(access)));
        self.listed.push(Listed { method, path, access });
        self
    }

    /// With the pages of another part.
    #[must_use]
    pub fn merge(mut self, other: Pages<S>) -> Pages<S> {
        self.router = self.router.merge(other.router);
        self.listed.extend(other.listed);
        self
    }

    /// With what the handlers stand on.
    #[must_use]
    pub fn with_state(self, state: S) -> Pages {
        Pages { router: self.router.with_state(state), listed: self.listed }
    }

    /// Every route.
    pub fn listed(&self) -> &[Listed] {
        &self.listed
    }

    /// Served.
    pub fn into_router(self) -> Router<S> {
        self.router
    }
}
