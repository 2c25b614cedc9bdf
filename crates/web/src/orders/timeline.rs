//! What happened to an order, from every book that tells of it.

use kernel::{ChargeNumber, Environment};
use store::StoreError;

use crate::staff::Desk;

/// What happened, as the page of the order shows it.
pub struct Timeline {}

/// Loads it.
pub async fn load(_desk: &Desk, _environment: Environment, _number: ChargeNumber) -> Result<Timeline, StoreError> {
    Ok(Timeline {})
}
