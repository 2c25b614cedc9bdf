//! The way of a request: is it an operation, is the method right, whose is it, is it too soon, may they, does a test want
//! it to fail, is it JSON; then the operation.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Response, header};
use kernel::{Peer, ShopId};
use serde_json::Value;
use shop::By;
use store::{StoreError, Tx};

use super::answer::Answer;
use super::dispatch::Entry;
use super::frame::{Frame, hang_up};
use super::gateway::Failure;
use super::switches::Switch;
use super::{Rms, Switches};
use crate::fault::{self, Fault, Kind};
use crate::licence::{self, Holder, Unauthorised};
use crate::wire::search::Days;
use crate::wire::{self, Operation, Reader};

/// A request that got through, as operations see it.
pub(super) struct Call {
    pub rms: Rms,
    pub operation: Operation,
    pub shop: ShopId,
    /// Which key.
    pub licence: String,
    /// Who changes something; one for the whole request.
    pub by: By,
    pub body: Value,
}

impl Call {
    /// Reads the body.
    pub fn reader(&self) -> Reader<'_> {
        Reader::new(self.operation, &self.body)
    }

    pub fn has(&self, switch: Switch) -> bool {
        self.rms.has(switch)
    }

    /// How the days of its limits are counted.
    pub fn days(&self) -> Days {
        if self.has(Switch::LimitsByDate) { Days::Dates } else { Days::Seconds }
    }
}

/// `/es/…` that is no operation.
pub(super) async fn nothing_here(rms: Rms, request: Request) -> Response<Body> {
    frame_of(&rms, &request.into_parts().0).failure(&Failure::NoSuchPath)
}

/// One of the operations.
pub(super) async fn operation(rms: Rms, entry: &'static Entry, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let frame = frame_of(&rms, &parts);
    match answered(&rms, entry, &parts, body).await {
        Ok(Some(answer)) => frame.answer(answer.status, answer.bytes()),
        Ok(None) => hang_up(),
        Err(failure) => frame.failure(&failure),
    }
}

pub(super) fn frame_of(rms: &Rms, parts: &Parts) -> Frame {
    Frame::of(parts, rms.store().machine_now(), rms.settings().switches)
}

/// What the operation answers; none if a test wants the connection to break.
async fn answered(rms: &Rms, entry: &'static Entry, parts: &Parts, body: Body) -> Result<Option<Answer>, Failure> {
    if parts.method != Method::POST {
        return Err(Failure::Method);
    }
    let holder = holder(rms, parts).await?;
    let now = rms.store().machine_now();
    rms.inner.requests.take(holder.licence.clone(), now).map_err(Failure::Throttled)?;
    holder.may(entry.operation)?;
    let fault = fault_of(rms, holder.shop, entry.operation).await?;
    if let Some(fault) = &fault {
        match fault.fault {
            Kind::Slow => slow(fault).await,
            Kind::Unavailable => return Err(Failure::Unavailable),
            Kind::Dropped => return Ok(None),
            Kind::AnswerLost => {}
        }
    }
    let body = json(parts, body, rms.settings().switches).await?;
    let by = by(rms, parts, &holder);
    let call =
        Call { rms: rms.clone(), operation: entry.operation, shop: holder.shop, licence: holder.licence, by, body };
    // Of its own, so that a client that goes away does not stop what it began.
    let done = tokio::spawn((entry.answer)(call)).await.map_err(|_| Failure::Server)?;
    let answer = done?;
    Ok(if fault.is_some_and(|fault| fault.fault == Kind::AnswerLost) { None } else { Some(answer) })
}

/// Whose request it is.
pub(super) async fn holder(rms: &Rms, parts: &Parts) -> Result<Holder, Failure> {
    let address = parts.extensions.get::<Peer>().map(|peer| peer.address).ok_or(Failure::Server)?;
    let now = rms.store().machine_now();
    rms.inner.failures.look(address, now).map_err(Failure::Throttled)?;
    let found = known(rms, &parts.headers).await?;
    found.map_err(|why| match rms.inner.failures.take(address, now) {
        Ok(()) => Failure::Unauthorised(why),
        Err(seconds) => Failure::Throttled(seconds),
    })
}

async fn known(rms: &Rms, headers: &HeaderMap) -> Result<Result<Holder, Unauthorised>, StoreError> {
    let header = headers.get(header::AUTHORIZATION).map(|value| value.to_str().unwrap_or_default());
    let credentials = match licence::credentials(header) {
        Ok(credentials) => credentials,
        Err(why) => return Ok(Err(why.into())),
    };
    let vault = rms.vault().clone();
    rms.store().read(move |tx| licence::find_holder(tx, &vault, &credentials)).await
}

/// The fault that a test asked for, if there is one: looked at first, and taken only then.
async fn fault_of(rms: &Rms, shop: ShopId, operation: Operation) -> Result<Option<Fault>, StoreError> {
    let asked = rms.store().read(move |tx| fault::rows::of_shop(tx, shop)).await?;
    if asked.is_empty() {
        return Ok(None);
    }
    rms.store().write(move |tx: &mut Tx<'_>| fault::take(tx, shop, operation)).await
}

async fn slow(fault: &Fault) {
    let milliseconds = u64::from(fault.milliseconds.unwrap_or_default());
    tokio::time::sleep(std::time::Duration::from_millis(milliseconds)).await;
}

/// The body: JSON in UTF-8, or nothing at all. Its length is bounded by the listener.
async fn json(parts: &Parts, body: Body, switches: Switches) -> Result<Value, Failure> {
    let unreadable = |why: &dyn std::fmt::Display| Failure::BadRequest(format!("the body: {why}"));
    let bytes = to_bytes(body, usize::MAX).await.map_err(|error| unreadable(&error))?;
    let is_empty = bytes.iter().all(u8::is_ascii_whitespace);
    if !is_empty && !switches.has(Switch::AnyContentType) && !says_json(&parts.headers) {
        return Err(Failure::MediaType);
    }
    wire::read::body(&bytes).map_err(|error| unreadable(&error))
}

/// `application/json` with `charset=utf-8`, however it is spelled (OBS2: 415 without charset).
fn says_json(headers: &HeaderMap) -> bool {
    let text = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let text = text.to_ascii_lowercase();
    let mut parts = text.split(';').map(str::trim);
    let is_json = parts.next() == Some("application/json");
    is_json && parts.any(|part| matches!(part.replace([' ', '"'], "").as_str(), "charset=utf-8" | "charset=utf8"))
}

fn by(rms: &Rms, parts: &Parts, holder: &Holder) -> By {
    let peer = parts.extensions.get::<Peer>();
    let origin = peer.map(|peer| format!("rms {} {}", peer.address, peer.request_id)).unwrap_or_default();
    let now = rms.store().machine_now();
    By::new(now, rms.market().entropy(), format!("licence:{}", holder.licence), origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_type_names_json_and_its_charset() {
        let said = |text: &str| says_json(&HeaderMap::from_iter([(header::CONTENT_TYPE, text.parse().unwrap())]));
        for good in
            ["application/json; charset=utf-8", "application/json;charset=UTF-8", "Application/JSON; charset=\"utf-8\""]
        {
            assert!(said(good), "{good}");
        }
        for bad in ["application/json", "text/plain; charset=utf-8", "application/json; charset=shift_jis", ""] {
            assert!(!said(bad), "{bad}");
        }
        assert!(!says_json(&HeaderMap::new()));
    }
}
