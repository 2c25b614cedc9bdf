//! 通知メール履歴 of an order.

use kernel::{ChargeNumber, Environment};
use store::StoreError;

use crate::staff::Desk;

/// The mails of an order, as its page shows them.
pub struct History {}

/// Loads them.
pub async fn load(_desk: &Desk, _environment: Environment, _number: ChargeNumber) -> Result<History, StoreError> {
    Ok(History {})
}
