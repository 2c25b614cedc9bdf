//! What the pages of a session share: its cart, its steps, and where its buyer has to go next.

use axum::response::Response;
use http::StatusCode;
use kernel::Environment;
use pay::buyer::Account;
use pay::checkout::look::View;
use pay::checkout::state::{Missing, Stage};
use pay::checkout::{NotDone, SessionId, confirm};

use super::text::{self, Text};
use super::{Counter, stage};
use crate::ui::frame::Tone;
use crate::ui::{Frame, Problem, Visit};

/// A line of the cart.
pub struct Line {
    pub name: String,
    pub quantity: u32,
    pub total: String,
}

/// What the templates show around each step.
pub struct Common {
    pub t: &'static Text,
    pub base: String,
    pub shop: String,
    pub sandbox: bool,
    pub who: String,
    pub steps: Vec<(usize, &'static str)>,
    pub step: usize,
    pub items: Vec<Line>,
    pub total: String,
    pub points: String,
    pub by_card: String,
    pub may_leave: bool,
    pub refresh: bool,
}

/// The steps, in their order.
pub const CARD: usize = 1;
pub const POINTS: usize = 2;
pub const ADDRESS: usize = 3;
pub const CONFIRM: usize = 4;

impl Common {
    /// Around `step` of `view`; 0 for pages that are no step.
    pub fn of(visit: &Visit, view: &View, buyer: Option<&Account>, step: usize) -> Common {
        let (t, language) = (Text::of(visit.language), visit.language);
        let session = &view.session;
        let line = |item: &pay::charge::Item| Line {
            name: item.name.clone(),
            quantity: item.quantity,
            total: kernel::Yen::new(item.unit_price * i64::from(item.quantity))
                .map(|total| text::yen(language, total))
                .unwrap_or_default(),
        };
        let mut steps = vec![(CARD, t.step_card), (POINTS, t.step_points)];
        if view.receives_address {
            steps.push((ADDRESS, t.step_address));
        }
        steps.push((CONFIRM, t.step_confirm));
        let point = session.point;
        let points = if point.is_zero() { String::new() } else { text::points(language, point) };
        Common {
            t,
            base: base(&session.id),
            shop: view.shop_name.clone(),
            sandbox: session.id.environment != Environment::Live,
            who: buyer.map(|buyer| buyer.email.clone()).unwrap_or_default(),
            steps: if step == 0 { Vec::new() } else { steps },
            step,
            items: session.items.list().iter().map(line).collect(),
            total: text::yen(language, session.items.total()),
            points,
            by_card: text::yen(language, session.card_amount()),
            may_leave: view.stage.is_open(),
            refresh: false,
        }
    }
}

/// The beginning of the addresses of a session's pages.
pub fn base(id: &SessionId) -> String {
    format!("/checkout/{id}")
}

/// A buyer who is logged in, before an open session.
pub struct Desk {
    pub counter: Counter,
    pub visit: Visit,
    pub buyer: Account,
    pub view: View,
}

impl Desk {
    /// The desk of a session that `visit` asks for; otherwise the page that fits.
    pub async fn open(counter: Counter, visit: Visit, session: &str) -> Result<Desk, Response> {
        let Ok(id) = session.parse::<SessionId>() else { return Err(visit.problem(Problem::Absent)) };
        let Some(buyer) = counter.buyer(&visit).await else {
            return Err(visit.redirect(&format!("{}/login", base(&id))));
        };
        let view = match counter.checkout.view(&id, Some(&buyer.id)).await {
            Ok(view) => view,
            Err(error) => return Err(refused(&counter, &visit, &id, error).await),
        };
        let desk = Desk { counter, visit, buyer, view };
        if desk.counter.checkout.gateway().ports(id.environment).is_none() || !desk.view.stage.is_open() {
            return Err(desk.visit.redirect(&base(&id)));
        }
        Ok(desk)
    }

    /// The session.
    pub fn id(&self) -> &SessionId {
        &self.view.session.id
    }

    /// Around a step of it.
    pub fn common(&self, step: usize) -> Common {
        Common::of(&self.visit, &self.view, Some(&self.buyer), step)
    }

    /// The frame, with why the last try came to nothing.
    pub fn frame(&self) -> Frame {
        match &self.view.stage {
            Stage::Open(Some(notice)) => {
                self.visit.frame().saying(Tone::Bad, text::reason(self.visit.language, notice))
            }
            _ => self.visit.frame(),
        }
    }

    /// On to a page of the session.
    pub fn go(&self, page: &str) -> Response {
        self.visit.redirect(&format!("{}/{page}", base(self.id())))
    }

    /// On to what is missing, or to the confirmation.
    pub async fn next(&self) -> Response {
        let view = self.counter.checkout.view(self.id(), Some(&self.buyer.id)).await;
        match view {
            Ok(view) => self.go(next_page(&view)),
            Err(error) => refused(&self.counter, &self.visit, self.id(), error).await,
        }
    }

    /// What is shown when a choice was not taken and no field is to blame.
    pub async fn refused(&self, error: NotDone) -> Response {
        refused(&self.counter, &self.visit, self.id(), error).await
    }
}

/// The page that an open session needs next.
pub fn next_page(view: &View) -> &'static str {
    match confirm::missing(&view.session, view.receives_address) {
        Some(Missing::Card) => "card",
        Some(Missing::Address) => "address",
        None => "confirm",
    }
}

/// The page for what was not done.
pub async fn refused(counter: &Counter, visit: &Visit, id: &SessionId, error: NotDone) -> Response {
    let t = Text::of(visit.language);
    let said = |status, title, more| stage::said(counter, visit, id, status, title, more);
    match error {
        NotDone::NoSuchSession => visit.problem(Problem::Absent),
        NotDone::NotYours => said(StatusCode::FORBIDDEN, t.not_yours, t.not_yours_more).await,
        NotDone::Closed(_) => visit.redirect(&base(id)),
        NotDone::Missing(Missing::Card) | NotDone::Card(_) | NotDone::BrandNotTaken | NotDone::CodeNeeded => {
            visit.redirect(&format!("{}/card", base(id)))
        }
        NotDone::Missing(Missing::Address) => visit.redirect(&format!("{}/address", base(id))),
        NotDone::Wrong(_) | NotDone::Points | NotDone::CodeWrong => {
            said(StatusCode::BAD_REQUEST, t.unavailable, t.choose_again).await
        }
        NotDone::TooManyTries(_) => said(StatusCode::TOO_MANY_REQUESTS, t.checkout, t.too_many_tries).await,
        NotDone::NoProvider => said(StatusCode::OK, t.no_provider, t.no_provider_more).await,
        NotDone::Unavailable | NotDone::Failed(_) => {
            said(StatusCode::SERVICE_UNAVAILABLE, t.checkout, t.unavailable).await
        }
    }
}

/// A field of a form, as the templates show it.
pub struct Field {
    pub name: &'static str,
    pub label: &'static str,
    pub kind: &'static str,
    pub value: String,
    pub autocomplete: &'static str,
    pub more: &'static str,
    pub error: &'static str,
}
