//! The newest charges that somebody means by a part of their number: a quick way to what was just on the screen, bounded
//! however many charges there are. The search of orders finds the others.

use kernel::{ChargeNumber, Environment, ShopId};
use store::{StoreError, Tx};

use super::list::{Filter, Page};
use super::{Charge, rows};

/// How many of the newest charges of an environment are looked through.
const LOOKED_THROUGH: i64 = 100;

/// At most `limit` charges, newest first, whose number holds `text`; one that has exactly this number, however old.
pub fn recent(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environments: &[Environment],
    text: &str,
    limit: usize,
) -> Result<Vec<Charge>, StoreError> {
    if let Ok(number) = text.parse::<ChargeNumber>() {
        for environment in environments {
            if let Some(charge) = rows::find(tx, shop, *environment, number)? {
                return Ok(vec![charge]);
            }
        }
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    let newest = Page { limit: LOOKED_THROUGH, offset: 0, starting_after: None };
    for environment in environments {
        let charges = rows::page(tx, shop, *environment, &Filter::default(), &newest)?;
        found.extend(charges.into_iter().filter(|charge| charge.number.to_string().contains(text)));
    }
    found.sort_by_key(|charge| std::cmp::Reverse(charge.number.to_string()));
    found.truncate(limit);
    Ok(found)
}
