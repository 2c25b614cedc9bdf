//! What the shop does with its sub-statuses: it sets all of them at once.

use kernel::ShopId;
use serde_json::json;
use shop::By;
use store::{StoreError, Tx};

use super::{SubStatus, rows};
use crate::code::Progress;

/// Sub-statuses of a shop at the most.
pub const MOST: usize = 200;
/// Characters of a name at the most.
pub const NAME_MAX: usize = 30;
/// The first id that is given.
const FIRST_ID: i64 = 3_001;

/// One as the shop wants it. Those of a status stand in the order in which they are given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Of one that there is; none makes a new one.
    pub id: Option<i64>,
    /// The status that it belongs to.
    pub progress: Progress,
    /// What the shop calls it.
    pub name: String,
}

/// Why nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Too many.
    #[error("A shop has at most {MOST} sub-statuses.")]
    TooMany,
    /// A name is empty or too long.
    #[error("A sub-status has a name of 1 to {NAME_MAX} characters.")]
    Name,
    /// The id is not one of the shop's, or stands in the list twice.
    #[error("There is no sub-status {0}, or it is named twice.")]
    NoSuch(i64),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes the shop's sub-statuses exactly these. One that is left out is gone; orders that have it go on showing its number.
pub fn replace(tx: &mut Tx<'_>, shop: ShopId, wanted: &[Wanted], by: &By) -> Result<Vec<SubStatus>, Refused> {
    let before = rows::of_shop(tx, shop)?;
    let after = decide(&before, wanted)?;
    rows::replace(tx, shop, &after)?;
    let ids = |all: &[SubStatus]| all.iter().map(|sub| sub.id).collect::<Vec<_>>();
    let fields = json!({ "ids": [ids(&before), ids(&after)] });
    tx.execute_all(&[by.record(shop, tx.machine_now(), ("mall.sub_statuses", "sub-statuses"), &fields)])?;
    Ok(after)
}

fn decide(before: &[SubStatus], wanted: &[Wanted]) -> Result<Vec<SubStatus>, Refused> {
    if wanted.len() > MOST {
        return Err(Refused::TooMany);
    }
    let mut next = before.iter().map(|sub| sub.id + 1).max().unwrap_or(FIRST_ID);
    let mut after: Vec<SubStatus> = Vec::with_capacity(wanted.len());
    for Wanted { id, progress, name } in wanted {
        if name.trim().is_empty() || name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
            return Err(Refused::Name);
        }
        let id = match *id {
            Some(id) if after.iter().any(|sub| sub.id == id) || before.iter().all(|sub| sub.id != id) => {
                return Err(Refused::NoSuch(id));
            }
            Some(id) => id,
            None => {
                next += 1;
                next - 1
            }
        };
        let position = after.iter().filter(|sub| sub.progress == *progress).count() as i64 + 1;
        after.push(SubStatus { id, progress: *progress, name: name.clone(), position });
    }
    Ok(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(id: Option<i64>, progress: Progress, name: &str) -> Wanted {
        Wanted { id, progress, name: name.to_owned() }
    }

    #[test]
    fn ids_are_given_once_and_places_count_within_a_status() {
        let waiting = Progress::AwaitingShipment;
        let first = decide(&[], &[wanted(None, waiting, "入荷待ち"), wanted(None, waiting, "梱包")]).unwrap();
        let of = |all: &[SubStatus]| all.iter().map(|sub| (sub.id, sub.position)).collect::<Vec<_>>();
        assert_eq!(of(&first), [(3_001, 1), (3_002, 2)]);
        let kept = wanted(Some(3_002), waiting, "梱包");
        let new = wanted(None, Progress::AwaitingConfirmation, "要連絡");
        assert_eq!(of(&decide(&first, &[kept.clone(), new]).unwrap()), [(3_002, 1), (3_003, 1)]);
        assert_eq!(decide(&first, &[kept.clone(), kept]), Err(Refused::NoSuch(3_002)));
        assert_eq!(decide(&first, &[wanted(None, waiting, "")]), Err(Refused::Name));
    }
}
