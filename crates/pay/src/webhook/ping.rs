//! `ping`: a person or program asks whether an endpoint answers, and is shown request and response. Sent once.

use kernel::outside::sortable_hex;
use store::{StoreError, Tx, clock};

use super::endpoint::{Endpoint, Key};
use super::event_type::EventType;
use super::send::{Parcel, Try, send};
use super::{Webhooks, payload, rows, secrets};
use crate::event::rows::id_of;

impl Webhooks {
    /// Pings an endpoint, also one that is disabled. None if there is no such endpoint. The log has the try under
    /// `attempt_id` when this returns.
    pub(super) async fn send_ping(&self, key: &Key, attempt_id: String) -> Result<Option<Try>, StoreError> {
        let (vault, of) = (self.gateway.vault().clone(), key.clone());
        let load = move |tx: &mut Tx<'_>| {
            let Some(endpoint) = rows::find(tx, &of)? else { return Ok(None) };
            let secrets = secrets::load(tx, &vault, of.shop, of.environment)?;
            Ok::<_, StoreError>(Some((endpoint, secrets, clock::world_now(tx, of.shop, of.environment)?)))
        };
        let found: Option<(Endpoint, _, _)> = self.gateway.store().read(load).await?;
        let Some((endpoint, secrets, now)) = found else { return Ok(None) };
        let event_id = id_of(&sortable_hex(self.gateway.store().machine_now(), self.gateway.entropy()));
        let body = payload::ping_body(&event_id, key.environment, now);
        let parcel = Parcel {
            endpoint: &endpoint,
            secrets: &secrets,
            event_id: &event_id,
            kind: EventType::Ping,
            charge: None,
            number: None,
            body,
            open_id: None,
            limit: self.shared().limits.delivery,
        };
        let made = Try { id: attempt_id, ..send(self, parcel).await };
        self.log(made.clone()).await?;
        Ok(Some(made))
    }
}
