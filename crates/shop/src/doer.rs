//! Who changes something of a shop, for the audit row of the change.

use kernel::{ShopId, Timestamp};
use store::Statement;
use store::audit::{self, NewEntry};

/// Who, from where, under which id.
#[derive(Clone, Copy, Debug)]
pub struct Doer<'a> {
    /// Fresh, [`kernel::outside::sortable_hex`]: of the audit row, and the beginning of the ids of what goes with it.
    pub id: &'a str,
    /// Who: `staff:stf_…`, `token:tkn_…`.
    pub actor: &'a str,
    /// From where.
    pub origin: &'a str,
    /// Whether they run this server.
    pub is_operator: bool,
}

impl Doer<'_> {
    /// The audit row of a change; `fields` is a JSON object without personal data.
    pub fn record(&self, shop: ShopId, at: Timestamp, action: &str, object: &str, fields: &str) -> Statement<'static> {
        let Doer { id, actor, origin, .. } = *self;
        audit::record(&NewEntry { shop, id, at, actor, origin, action, object, fields })
    }
}
