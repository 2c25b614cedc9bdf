//! The rows that only a filled shop needs: those that the operations of `pay` and of the simulator reach in two steps,
//! inserted as they stand at the end.

use acquirer::simulator::State;
use kernel::{Environment, ShopId, Timestamp, Yen};
use pay::attempt::Attempt;
use store::{Row, Statement, StoreError, Tx, params};

/// An attempt that has succeeded, on version `version` of its charge.
pub fn ended_attempt(attempt: &Attempt, version: i64) -> Statement<'static> {
    Statement::new(
        "INSERT INTO attempt (shop_id, environment, attempt_id, charge_id, version, verb, state, actor, origin,
             begun_us, ended_us, tries, leased_until_us)
         VALUES ($1, $2, $3, $4, $5, $6, 'succeeded', $7, $8, $9, $9, 0, $9)",
        params![
            attempt.shop,
            attempt.environment,
            &attempt.id,
            attempt.charge.to_string(),
            version,
            attempt.work.verb(),
            &attempt.requester.actor,
            &attempt.requester.origin,
            attempt.begun
        ],
    )
}

/// An operation of the simulator's book that has succeeded.
pub struct Operation<'a> {
    /// The key of who asked.
    pub key: String,
    /// `authorize`, `capture`, `void` or `refund`.
    pub kind: &'static str,
    /// The authorization made or named.
    pub authorization: &'a str,
    /// Card and order number of an authorize.
    pub opened: Option<(&'a str, &'a str)>,
    /// How much; none for a void.
    pub amount: Option<Yen>,
    /// What the answer referred to.
    pub reference: String,
    /// World time.
    pub at: Timestamp,
}

/// The row of an operation.
pub fn operation(shop: ShopId, environment: Environment, operation: &Operation<'_>) -> Statement<'static> {
    Statement::new(
        "INSERT INTO sim_operation (shop_id, environment, operation_key, kind, authorization_id, card, order_ref,
             amount, outcome, reference, at_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'succeeded', $9, $10)",
        params![
            shop,
            environment,
            &operation.key,
            operation.kind,
            operation.authorization,
            operation.opened.map(|(card, _)| card),
            operation.opened.map(|(_, order)| order),
            operation.amount,
            &operation.reference,
            operation.at
        ],
    )
}

/// An authorization of the simulator's book, as it stands at the end.
pub struct Authorization<'a> {
    /// Its name.
    pub name: &'a str,
    /// The order number.
    pub order: &'a str,
    /// The magic card.
    pub card: &'a str,
    /// How much was asked for.
    pub amount: Yen,
    /// How much of it was captured.
    pub captured: Yen,
    /// How much of that was refunded.
    pub refunded: Yen,
    /// Where it stands.
    pub state: State,
    /// World time of its making.
    pub created: Timestamp,
    /// World time of its last change.
    pub updated: Timestamp,
}

/// The row of an authorization.
pub fn authorization(shop: ShopId, environment: Environment, held: &Authorization<'_>) -> Statement<'static> {
    Statement::new(
        "INSERT INTO sim_authorization (shop_id, environment, authorization_id, order_ref, card, magic, amount,
             captured, refunded, state, created_us, updated_us)
         VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $8, $9, $10, $11)",
        params![
            shop,
            environment,
            held.name,
            held.order,
            held.card,
            held.amount,
            held.captured,
            held.refunded,
            held.state.as_str(),
            held.created,
            held.updated
        ],
    )
}

/// Tells PostgreSQL's planner what the tables hold now, as it finds out by itself within minutes.
pub fn analyze(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.execute("ANALYZE", &[]).map(|_| ())
}

/// Rows that this database has changed so far: of SQLite by the connection that writes (so this has to be asked in a
/// transaction that may write), of PostgreSQL by everybody.
pub fn changed_rows(tx: &mut Tx<'_>, sqlite: bool) -> Result<i64, StoreError> {
    let sql = if sqlite {
        "SELECT total_changes()"
    } else {
        "SELECT tup_inserted + tup_updated + tup_deleted FROM pg_stat_database WHERE datname = current_database()"
    };
    tx.query_one(sql, &[]).and_then(|row: Row| row.int(0))
}

/// Transactions that were committed in this PostgreSQL database so far.
pub fn commits(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    let sql = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()";
    tx.query_one(sql, &[])?.int(0)
}
