//! What is a person's own: where they are logged in, their password, their two-step login. A token is no person: what
//! changes how somebody proves who they are takes, beside the scope `staff`, that person's own password and, where the
//! two-step login is on, a code.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use kernel::Peer;
use pay::http::{object, whole};
use pay::{ApiError, Gateway};
use serde::{Deserialize, Serialize};
use shop::staff::rows::{self, Device};
use shop::staff::second::Whence;
use shop::staff::{Attempt, Door, Refused, device, team};
use shop::{Scope, Staff};
use store::Tx;

use super::{Ended, OfThree, OfTwo, parts, shop_of};
use crate::api::token::Bearer;

type Body = Result<Bytes, BytesRejection>;

/// Where somebody is logged in.
#[derive(Debug, Serialize)]
pub struct Session {
    object: &'static str,
    id: String,
    device: String,
    address: String,
    created: i64,
    seen: i64,
}

impl Session {
    fn of(device: Device) -> Session {
        let Device { id, device, address, created, seen } = device;
        Session { object: "staff_session", id, device, address, created: created.seconds(), seen: seen.seconds() }
    }
}

/// The sessions of an account.
#[derive(Debug, Serialize)]
pub struct Sessions {
    object: &'static str,
    data: Vec<Session>,
}

/// How many sessions were ended.
#[derive(Debug, Serialize)]
pub struct EndedSessions {
    object: &'static str,
    staff: String,
    ended: u64,
}

/// An account after a change.
#[derive(Debug, Serialize)]
pub struct Account {
    object: &'static str,
    id: String,
    two_step: bool,
}

/// A secret for an authenticator app; nothing changed yet.
#[derive(Debug, Serialize)]
pub struct Proposal {
    object: &'static str,
    staff: String,
    secret: String,
    uri: String,
    proposal: String,
}

/// Recovery codes, which are shown this once.
#[derive(Debug, Serialize)]
pub struct Codes {
    object: &'static str,
    staff: String,
    data: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPassword {
    password: String,
    #[serde(default)]
    code: String,
    new_password: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Proof {
    password: String,
    #[serde(default)]
    code: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TurnOn {
    password: String,
    proposal: String,
    code: String,
}

/// Who asks, and where people prove who they are.
pub struct Hall {
    gateway: Gateway,
    door: Door,
    peer: Peer,
    bearer: Bearer,
}

impl FromRequestParts<Gateway> for Hall {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Hall, Response> {
        let bearer = Bearer::from_request_parts(parts, gateway).await?;
        let (door, peer) = (parts.extensions.get().cloned(), parts.extensions.get().cloned());
        let (Some(door), Some(peer)) = (door, peer) else { return Err(ApiError::server().into_response()) };
        Ok(Hall { gateway: gateway.clone(), door, peer, bearer })
    }
}

impl Hall {
    async fn member(&self, at: OfTwo) -> Result<Staff, ApiError> {
        let (shop, id) = parts(at)?;
        let shop = shop_of(&self.gateway, &self.bearer, &shop, Scope::Staff).await?;
        let read = move |tx: &mut Tx<'_>| rows::member(tx, shop, &id).map_err(ApiError::from);
        let found = self.gateway.store().read(read).await?;
        found.ok_or_else(|| ApiError::missing_resource("There is no such member of the staff."))
    }

    fn attempt(&self, staff: &Staff, password: String) -> Attempt {
        let (email, origin) = (staff.email.as_str().to_owned(), self.bearer.origin.clone());
        Attempt { email, password, address: self.peer.address, device: String::new(), origin }
    }

    /// Whose two-step login is on, and who has proved by password and code that it is theirs.
    async fn proven(&self, at: OfTwo, body: Body) -> Result<Staff, ApiError> {
        let staff = self.member(at).await?;
        let Proof { password, code } = object(&whole(body)?)?;
        if !staff.two_step {
            return Err(off());
        }
        self.door.prove(&staff, self.attempt(&staff, password), &code).await.map_err(refused)?;
        Ok(staff)
    }
}

/// `GET …/sessions`.
pub async fn sessions(hall: Hall, at: OfTwo) -> Result<Json<Sessions>, ApiError> {
    let staff = hall.member(at).await?;
    let read = move |tx: &mut Tx<'_>| device::list(tx, &staff.id).map_err(ApiError::from);
    let found = hall.gateway.store().read(read).await?;
    Ok(Json(Sessions { object: "list", data: found.into_iter().map(Session::of).collect() }))
}

/// `DELETE …/sessions`: logs somebody out everywhere.
pub async fn end_sessions(hall: Hall, at: OfTwo) -> Result<Json<EndedSessions>, ApiError> {
    let staff = hall.member(at).await?;
    let (by, id) = (hall.bearer.by(&hall.gateway), staff.id.clone());
    team::may_touch(&staff, &by)?;
    let write = move |tx: &mut Tx<'_>| device::end_all(tx, &staff, None, &by).map_err(ApiError::from);
    let ended = hall.gateway.store().write(write).await?;
    Ok(Json(EndedSessions { object: "staff_sessions", staff: id, ended }))
}

/// `DELETE …/sessions/{session}`.
pub async fn end_session(hall: Hall, at: OfThree) -> Result<Json<Ended>, ApiError> {
    let (shop, staff, session) = parts(at)?;
    let staff = hall.member(Ok(Path((shop, staff)))).await?;
    let (by, id) = (hall.bearer.by(&hall.gateway), session.clone());
    team::may_touch(&staff, &by)?;
    let write = move |tx: &mut Tx<'_>| device::end(tx, &staff, &session, &by).map_err(ApiError::from);
    if !hall.gateway.store().write(write).await? {
        return Err(ApiError::missing_resource("There is no such session."));
    }
    Ok(Json(Ended::of("staff_session", id)))
}

/// `POST …/password`: for who knows the one it has, and has the code where one is needed. Every session of the account ends.
pub async fn password(hall: Hall, at: OfTwo, body: Body) -> Result<Json<Account>, ApiError> {
    let staff = hall.member(at).await?;
    let NewPassword { password, code, new_password } = object(&whole(body)?)?;
    let attempt = hall.attempt(&staff, password);
    // On a page, whoever changes it has given a code when they logged in.
    if staff.two_step {
        hall.door.prove(&staff, attempt.clone(), &code).await.map_err(refused)?;
    }
    let changed = hall.door.replace_password(&staff, attempt, new_password).await.map_err(refused)?;
    Ok(Json(account(&changed)))
}

/// `POST …/password_reset`: sends the link by which they choose another one.
pub async fn ask_reset(hall: Hall, at: OfTwo) -> Result<Json<Account>, ApiError> {
    let staff = hall.member(at).await?;
    let from = Whence { address: hall.peer.address, device: String::new(), origin: hall.bearer.origin.clone() };
    hall.door.ask_reset(staff.email.as_str(), &from).await.map_err(refused)?;
    Ok(Json(account(&staff)))
}

/// `POST …/two_step/proposal`: a secret that counts once a code of it was shown.
pub async fn propose(hall: Hall, at: OfTwo) -> Result<Json<Proposal>, ApiError> {
    let staff = hall.member(at).await?;
    if staff.two_step {
        return Err(refused(Refused::Already));
    }
    let (secret, proposal) = hall.door.propose(&staff);
    let uri = secret.uri(staff.email.as_str());
    let secret = secret.typed().split_whitespace().collect();
    Ok(Json(Proposal { object: "two_step_proposal", staff: staff.id, secret, uri, proposal }))
}

/// `POST …/two_step`: turns it on. Every session of the account ends.
pub async fn turn_on(hall: Hall, at: OfTwo, body: Body) -> Result<Json<Codes>, ApiError> {
    let staff = hall.member(at).await?;
    let TurnOn { password, proposal, code } = object(&whole(body)?)?;
    if staff.two_step {
        return Err(refused(Refused::Already));
    }
    let secret = hall.door.proposed(&staff, &proposal);
    let secret = secret.ok_or_else(|| ApiError::parameter("proposal", "what two_step/proposal answered"))?;
    hall.door.prove(&staff, hall.attempt(&staff, password), "").await.map_err(refused)?;
    let codes = hall.door.turn_on(&staff, "", &secret, &code, &hall.bearer.origin).await.map_err(refused)?;
    Ok(Json(Codes { object: "recovery_codes", staff: staff.id, data: codes }))
}

/// `POST …/two_step/off`.
pub async fn turn_off(hall: Hall, at: OfTwo, body: Body) -> Result<Json<Account>, ApiError> {
    let staff = hall.proven(at, body).await?;
    hall.door.turn_off(&staff, &hall.bearer.origin).await.map_err(refused)?;
    Ok(Json(account(&Staff { two_step: false, ..staff })))
}

/// `POST …/two_step/recovery_codes`: new ones; the old ones count no more.
pub async fn renew_recovery(hall: Hall, at: OfTwo, body: Body) -> Result<Json<Codes>, ApiError> {
    let staff = hall.proven(at, body).await?;
    let codes = hall.door.renew_recovery(&staff, &hall.bearer.origin).await.map_err(refused)?;
    Ok(Json(Codes { object: "recovery_codes", staff: staff.id, data: codes }))
}

fn account(staff: &Staff) -> Account {
    Account { object: "staff_account", id: staff.id.clone(), two_step: staff.two_step }
}

/// 400: there is no two-step login to be turned off.
pub fn off() -> ApiError {
    ApiError::invalid("two_step_off", "The two-step login is not on.")
}

/// Why somebody did not prove who they are, or a password cannot be used, as an answer.
pub fn refused(refused: Refused) -> ApiError {
    match refused {
        Refused::Wrong => ApiError::forbidden("wrong_credentials", "The password or the code is wrong."),
        Refused::Locked { seconds } => ApiError::rate_limit(u32::try_from(seconds).unwrap_or(u32::MAX)),
        Refused::Over => ApiError::forbidden("wrong_credentials", "That took too long."),
        Refused::Already => ApiError::invalid("two_step_on", "The two-step login is on already."),
        Refused::Unfit(unfit) => ApiError::invalid("invalid_parameter", format!("new_password: {unfit}.")),
        Refused::Store(error) => error.into(),
    }
}
