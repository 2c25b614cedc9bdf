//! The staff: who is there, who is invited, roles, the end of access.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use kernel::outside::random_hex;
use pay::http::{object, whole};
use pay::{ApiError, Gateway};
use serde::{Deserialize, Serialize};
use shop::staff::link::{self, Invite};
use shop::staff::rows::{self, Invitation};
use shop::staff::team::{self, Member};
use shop::staff::{Email, second};
use shop::{Role, Scope, Staff};
use store::{StoreError, Tx};

use super::{Ended, Of, OfTwo, claim, is_first, parts, request_key, shop_of};
use crate::api::token::Bearer;

/// A member of the staff as the wire shows them.
#[derive(Debug, Serialize)]
pub struct Shown {
    object: &'static str,
    id: String,
    email: String,
    name: String,
    roles: Vec<&'static str>,
    operator: bool,
    two_step: bool,
}

impl Shown {
    fn of(staff: Staff) -> Shown {
        let Staff { id, email, name, duties, two_step, .. } = staff;
        Shown {
            object: "staff",
            id,
            email: email.as_str().to_owned(),
            name,
            roles: duties.roles().iter().map(|role| role.as_str()).collect(),
            operator: duties.is_operator(),
            two_step,
        }
    }
}

/// Somebody who is invited.
#[derive(Debug, Serialize)]
pub struct Guest {
    object: &'static str,
    id: String,
    email: String,
    name: String,
    roles: Vec<&'static str>,
    created: i64,
    expires: i64,
}

impl Guest {
    fn of(invitation: Invitation) -> Guest {
        let Invitation { id, email, name, duties, created, expires, .. } = invitation;
        Guest {
            object: "staff_invitation",
            id,
            email: email.as_str().to_owned(),
            name,
            roles: duties.roles().iter().map(|role| role.as_str()).collect(),
            created: created.seconds(),
            expires: expires.seconds(),
        }
    }
}

/// The staff as the wire lists it.
#[derive(Debug, Serialize)]
pub struct List {
    object: &'static str,
    data: Vec<Shown>,
    invitations: Vec<Guest>,
}

/// Whom to invite.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    email: String,
    #[serde(default)]
    name: String,
    roles: Vec<String>,
}

/// Other roles.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewRoles {
    roles: Vec<String>,
}

/// Whether Live opens only for who has the two-step login.
#[derive(Debug, Serialize)]
pub struct LiveTwoStep {
    object: &'static str,
    shop: i64,
    needed: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewLiveTwoStep {
    needed: bool,
}

fn roles_of(texts: &[String]) -> Result<Vec<Role>, ApiError> {
    let known = Role::ALL.map(Role::as_str).join(", ");
    let role = |text: &String| text.parse().map_err(|_| ApiError::parameter("roles", &format!("of {known}")));
    texts.iter().map(role).collect()
}

/// `GET …/staff`.
pub async fn list(State(gateway): State<Gateway>, bearer: Bearer, at: Of) -> Result<Json<List>, ApiError> {
    let shop = shop_of(&gateway, &bearer, &parts(at)?, Scope::Staff).await?;
    let read = move |tx: &mut Tx<'_>| {
        let now = tx.machine_now();
        let invitations = rows::invitations(tx, shop)?.into_iter().filter(|guest| now < guest.expires);
        Ok::<_, StoreError>((invitations.collect::<Vec<_>>(), rows::members(tx, shop)?))
    };
    let (invitations, members) = gateway.store().read(read).await?;
    Ok(Json(List {
        object: "list",
        data: members.into_iter().map(|Member { staff, .. }| Shown::of(staff)).collect(),
        invitations: invitations.into_iter().map(Guest::of).collect(),
    }))
}

/// `POST …/staff-invitations`.
pub async fn invite(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: Of,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Guest>, ApiError> {
    let shop = shop_of(&gateway, &bearer, &parts(at)?, Scope::Staff).await?;
    let body = whole(body)?;
    let New { email, name, roles } = object(&body)?;
    let email: Email =
        email.parse().map_err(|_| ApiError::parameter("email", "an address such as staff@shop.example"))?;
    let sent = request_key(shop, &headers, &format!("/api/shops/{shop}/staff-invitations"), &body)?;
    let key = sent.as_ref().map_or_else(|| random_hex::<16>(gateway.entropy()), |sent| sent.key.clone());
    let invite = Invite { email, name, roles: roles_of(&roles)?, key };
    let (vault, entropy, by) = (gateway.vault().clone(), gateway.shared_entropy(), bearer.by(&gateway));
    let token = link::token(gateway.entropy());
    let write = move |tx: &mut Tx<'_>| {
        let first = is_first(tx, sent.as_ref())?;
        let made = link::invite(tx, (&vault, entropy.as_ref()), shop, &invite, &token, &by)?;
        if first {
            claim(tx, sent.as_ref(), &made.id)?;
        }
        Ok::<_, ApiError>(made)
    };
    Ok(Json(Guest::of(gateway.store().write(write).await?)))
}

/// `DELETE …/staff-invitations/{invitation}`.
pub async fn take_back(State(gateway): State<Gateway>, bearer: Bearer, at: OfTwo) -> Result<Json<Ended>, ApiError> {
    let (shop, id) = parts(at)?;
    let shop = shop_of(&gateway, &bearer, &shop, Scope::Staff).await?;
    let (by, ended) = (bearer.by(&gateway), id.clone());
    let write = move |tx: &mut Tx<'_>| link::take_back(tx, shop, &id, &by).map_err(ApiError::from);
    gateway.store().write(write).await?;
    Ok(Json(Ended::of("staff_invitation", ended)))
}

/// `PUT …/staff/{staff}/roles`. Doing it twice is doing it once.
pub async fn roles(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: OfTwo,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Shown>, ApiError> {
    let (shop, id) = parts(at)?;
    let shop = shop_of(&gateway, &bearer, &shop, Scope::Staff).await?;
    let NewRoles { roles } = object(&whole(body)?)?;
    let (roles, by) = (roles_of(&roles)?, bearer.by(&gateway));
    let write = move |tx: &mut Tx<'_>| team::change_roles(tx, shop, &id, &roles, &by).map_err(ApiError::from);
    Ok(Json(Shown::of(gateway.store().write(write).await?)))
}

/// `DELETE …/staff/{staff}`: ends somebody's access.
pub async fn end(State(gateway): State<Gateway>, bearer: Bearer, at: OfTwo) -> Result<Json<Ended>, ApiError> {
    let (shop, id) = parts(at)?;
    let shop = shop_of(&gateway, &bearer, &shop, Scope::Staff).await?;
    let (by, ended) = (bearer.by(&gateway), id.clone());
    let write = move |tx: &mut Tx<'_>| team::end_access(tx, shop, &id, &by).map_err(ApiError::from);
    gateway.store().write(write).await?;
    Ok(Json(Ended::of("staff", ended)))
}

/// `GET …/live-two-step`.
pub async fn show_two_step(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: Of,
) -> Result<Json<LiveTwoStep>, ApiError> {
    let shop = shop_of(&gateway, &bearer, &parts(at)?, Scope::Settings).await?;
    let needed = gateway.store().read(move |tx| rows::live_two_step(tx, shop).map_err(ApiError::from)).await?;
    Ok(Json(LiveTwoStep { object: "live_two_step", shop: shop.0, needed }))
}

/// `PUT …/live-two-step`. Doing it twice is doing it once.
pub async fn set_two_step(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: Of,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<LiveTwoStep>, ApiError> {
    let shop = shop_of(&gateway, &bearer, &parts(at)?, Scope::Settings).await?;
    let NewLiveTwoStep { needed } = object(&whole(body)?)?;
    let by = bearer.by(&gateway);
    let write = move |tx: &mut Tx<'_>| second::require_for_live(tx, shop, needed, &by).map_err(ApiError::from);
    gateway.store().write(write).await?;
    Ok(Json(LiveTwoStep { object: "live_two_step", shop: shop.0, needed }))
}
