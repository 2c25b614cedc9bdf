//! Who changes something, and from where: what every audit row of an operation says.

use kernel::{ShopId, Timestamp};
use store::Statement;
use store::audit::{self, NewEntry};

/// In whose audit rows stands what concerns no shop alone: notices to all, new shops, operators.
pub const HOUSE: ShopId = ShopId(0);

/// Who changes something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct By {
    /// Name of the audit row: fresh, [`kernel::outside::sortable_hex`].
    pub id: String,
    /// `staff:stf_…`, `token:tkn_…`, `command line`.
    pub actor: String,
    /// Page, API or command line, with the id of the request.
    pub origin: String,
}

impl By {
    /// The audit row of one change. Nothing personal stands in `fields`.
    pub fn record(
        &self,
        shop: ShopId,
        at: Timestamp,
        (action, object): (&str, &str),
        fields: &serde_json::Value,
    ) -> Statement<'static> {
        let (id, actor, origin) = (&self.id, &self.actor, &self.origin);
        audit::record(&NewEntry { shop, id, at, actor, origin, action, object, fields: &fields.to_string() })
    }
}
