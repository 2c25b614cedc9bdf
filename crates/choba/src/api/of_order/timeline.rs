//! What happened with an order.

use axum::Json;
use axum::extract::State;
use pay::timeline::{self, Timeline};
use pay::{ApiError, Gateway};
use shop::Scope;

use super::{OrderPath, order};
use crate::api::token::Bearer;

/// `GET …/orders/{id}/timeline`.
pub async fn show(State(gateway): State<Gateway>, bearer: Bearer, path: OrderPath) -> Result<Json<Timeline>, ApiError> {
    let (shop, environment, number) = order(&gateway, &bearer, path, Scope::Orders).await?;
    let read = move |tx: &mut store::Tx<'_>| timeline::of_charge(tx, shop, environment, number);
    let found = gateway.store().read(read).await?;
    found.map(Json).ok_or_else(ApiError::no_such_charge)
}
