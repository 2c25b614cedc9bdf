//! Who changes something, and from where: what every audit row of an operation says.

use kernel::outside::sortable_hex;
use kernel::{Entropy, ShopId, Timestamp};
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
    /// Whether they run this server: an operator's account is changed by an operator alone.
    pub is_operator: bool,
}

impl By {
    /// Somebody who changes something at `now`, machine time; nobody who runs this server, unless that is said
    /// ([`By::operating`]).
    pub fn new(now: Timestamp, entropy: &dyn Entropy, actor: String, origin: String) -> By {
        By::named(sortable_hex(now, entropy), &actor, &origin)
    }

    /// The same with an id that is known already.
    pub fn named(id: String, actor: &str, origin: &str) -> By {
        By { id, actor: actor.to_owned(), origin: origin.to_owned(), is_operator: false }
    }

    /// The same, and whether they run this server.
    #[must_use]
    pub fn operating(self, is_operator: bool) -> By {
        By { is_operator, ..self }
    }

    /// For a further row of the same change, whose name differs in its last digit.
    #[must_use]
    pub fn further(&self) -> By {
        let mut id = self.id.clone();
        let last = id.pop().unwrap_or('0');
        id.push(if last == '0' { '1' } else { '0' });
        By { id, ..self.clone() }
    }

    /// The audit row of one change. Nothing personal stands in `fields`.
    pub fn record(
        &self,
        shop: ShopId,
        at: Timestamp,
        (action, object): (&str, &str),
        fields: &serde_json::Value,
    ) -> Statement<'static> {
        let By { id, actor, origin, .. } = self;
        audit::record(&NewEntry { shop, id, at, actor, origin, action, object, fields: &fields.to_string() })
    }
}
