//! What goes wrong with the next requests of a shop to the RMS API.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use mall::fault::{self, Fault};
use mall::http::Rms;
use pay::ApiError;
use pay::http::{object, whole};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::Tx;

use super::EsaCaller;

/// Faults that are still to happen, in their order.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Faults {
    faults: Vec<Fault>,
}

/// `GET …/faults`.
pub async fn list(State(rms): State<Rms>, caller: EsaCaller) -> Result<Json<Faults>, ApiError> {
    let read = move |tx: &mut Tx<'_>| fault::rows::of_shop(tx, caller.shop).map_err(ApiError::from);
    Ok(Json(Faults { faults: rms.store().read(read).await? }))
}

/// `PUT …/faults`: exactly these.
pub async fn replace(
    State(rms): State<Rms>,
    caller: EsaCaller,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Faults>, ApiError> {
    let Faults { faults } = object(&whole(body)?)?;
    let wrong = |why: fault::Wrong| ApiError::invalid("invalid_parameter", why.to_string());
    if faults.len() > fault::MOST {
        return Err(wrong(fault::Wrong::TooMany));
    }
    faults.iter().try_for_each(|fault| fault.check().map_err(wrong))?;
    let write = move |tx: &mut Tx<'_>| {
        fault::rows::replace(tx, caller.shop, &faults)?;
        let fields = json!({ "count": faults.len() });
        let row = caller.by.record(caller.shop, tx.machine_now(), ("mall.faults", "rms api"), &fields);
        tx.execute_all(&[row])?;
        Ok::<_, ApiError>(faults.clone())
    };
    Ok(Json(Faults { faults: rms.store().write(write).await? }))
}
