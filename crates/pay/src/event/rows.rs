//! The rows of events.

use std::sync::LazyLock;

use kernel::{Environment, ShopId};
use store::{Statement, StoreError, Tx, params};

use crate::attempt::{Attempt, Intent};
use crate::charge::wire::Snapshot;
use crate::mail::{self, MAIL_TOPIC};
use crate::webhook;

/// The message to the endpoint that hears of the event's type, if there is one.
const TO_THE_ENDPOINT: &str =
    "INSERT INTO outbox (shop_id, outbox_id, world, topic, lane, body, due_us, created_us, state,
         attempts, leased_until_us)
     SELECT s.shop_id, CAST($5 AS TEXT), s.environment, 'webhook/' || s.endpoint_id, CAST($6 AS TEXT), CAST($7 AS TEXT),
         CAST($4 AS BIGINT), CAST($4 AS BIGINT), 'waiting', 0, 0
     FROM webhook_subscription s WHERE s.shop_id = $1 AND s.environment = $2 AND s.type = $3";
/// A mail, unless the shop has the automatic ones switched off.
const TO_A_READER: &str =
    "SELECT CAST($1 AS BIGINT), CAST({id} AS TEXT), CAST($2 AS TEXT), CAST({topic} AS TEXT), CAST({lane} AS TEXT),
         CAST({body} AS TEXT), CAST($4 AS BIGINT), CAST($4 AS BIGINT), 'waiting', 0, 0
     WHERE NOT EXISTS (SELECT 1 FROM mail_setting m WHERE m.shop_id = $1 AND m.automatic = 0)";

/// The id of the event of an attempt: `evt_` and 32 hex digits.
pub fn id_of(attempt_id: &str) -> String {
    format!("evt_{attempt_id}")
}

/// Inserts the event of an attempt that succeeded.
pub fn insert(attempt: &Attempt, snapshot: &Snapshot) -> Statement<'static> {
    Statement::new(
        "INSERT INTO event (shop_id, environment, event_id, type, charge_id, data, created_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![
            attempt.shop,
            attempt.environment,
            id_of(&attempt.id),
            attempt.work.event_type(),
            attempt.charge.to_string(),
            snapshot.to_json(),
            attempt.begun
        ],
    )
}

/// The messages by which webhooks and mails tell of an attempt that succeeded; `version` is that of the charge after the
/// change. One statement, which looks up itself who is to be told: nobody waits for another round trip, and whoever is
/// told from now on is told of this change or of none before it.
pub fn fan_out(intent: &Intent, version: i64) -> Statement<'static> {
    let (attempt, charge) = (&intent.attempt, intent.attempt.charge.to_string());
    let mails = mail::orders(intent);
    let mut values = params![
        attempt.shop,
        attempt.environment,
        attempt.work.event_type(),
        attempt.begun,
        webhook::rows::message_id(&charge, version),
        charge,
        id_of(&attempt.id)
    ]
    .to_vec();
    for order in &mails {
        let id = format!("{}{}", attempt.id, order.to.suffix());
        values.extend(params![id, MAIL_TOPIC, mail::lane(attempt.charge, order.to), order.to_json()]);
    }
    Statement::new(&FAN_OUT[mails.len()], values)
}

/// The text of [`fan_out`] by the number of mails.
static FAN_OUT: LazyLock<[String; 3]> = LazyLock::new(|| {
    [0, 1, 2].map(|mails: usize| {
        let mail = |index: usize| {
            let place = |offset: usize| format!("${}", 8 + 4 * index + offset);
            let text = TO_A_READER.replace("{id}", &place(0)).replace("{topic}", &place(1));
            text.replace("{lane}", &place(2)).replace("{body}", &place(3))
        };
        let selects = std::iter::once(TO_THE_ENDPOINT.to_owned()).chain((0..mails).map(mail));
        selects.collect::<Vec<_>>().join(" UNION ALL ")
    })
});

/// The charge as it was after an attempt, and its shipping address: what answers a repeated request.
pub fn snapshot_of(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
    attempt_id: &str,
) -> Result<Option<(String, Option<String>)>, StoreError> {
    let sql = "SELECT e.data, c.address FROM event e
               JOIN charge c ON c.shop_id = e.shop_id AND c.environment = e.environment AND c.charge_id = e.charge_id
               WHERE e.shop_id = $1 AND e.environment = $2 AND e.event_id = $3";
    let row = tx.query_opt(sql, &params![shop, environment, id_of(attempt_id)])?;
    row.map(|row| Ok((row.text(0)?.to_owned(), row.opt_text(1)?.map(str::to_owned)))).transpose()
}
