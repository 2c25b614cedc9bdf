//! Saved searches: a name for a search, of one member of the staff or of everybody in the shop.
//!
//! Saving under a name that is there replaces its search, so that doing it twice is doing it once. One that was removed
//! can be brought back for [`UNDO_DAYS`] days.

pub mod rows;

use kernel::{ShopId, Timestamp};
use shop::By;
use shop::staff::rows::hold_shop;
use store::{Statement, StoreError, Tx};

use super::Search;
use crate::http::form::Form;

/// Saved searches of a shop at the most.
pub const VIEWS_MAX: i64 = 200;
/// Characters of a name at the most.
pub const NAME_MAX: usize = 60;
/// Days for which one that was removed can be brought back.
pub const UNDO_DAYS: i64 = 30;

/// A saved search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// `ov_` and 32 hex digits.
    pub id: String,
    /// Whose it is; none: everybody's.
    pub staff: Option<String>,
    /// What it is called.
    pub name: String,
    /// The search, as addresses spell it.
    pub search: String,
    /// When it was saved first, machine time.
    pub created: Timestamp,
}

/// Why it is not saved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The name is empty, too long, or has a control character.
    #[error("name must have 1 to {NAME_MAX} characters and no control character.")]
    Name,
    /// The search cannot be read; this field of it.
    #[error("search: {0}")]
    Search(String),
    /// There are too many.
    #[error("A shop keeps at most {VIEWS_MAX} saved searches.")]
    TooMany,
}

/// What somebody wants to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewView {
    /// Whose; none: everybody's.
    pub staff: Option<String>,
    /// What it is called.
    pub name: String,
    /// The search.
    pub search: Search,
}

impl NewView {
    /// Checks the name, and reads the search as addresses spell it.
    pub fn new(staff: Option<String>, name: &str, search: &str) -> Result<NewView, Refused> {
        let name = name.trim();
        let length = name.chars().count();
        if length == 0 || length > NAME_MAX || name.chars().any(char::is_control) {
            return Err(Refused::Name);
        }
        let form = Form::parse(search.as_bytes()).map_err(|error| Refused::Search(error.message))?;
        let search = Search::of(&form).map_err(|wrong| {
            let named = wrong.first().map(|wrong| format!("{} must be {}.", wrong.field, wrong.expected));
            Refused::Search(named.unwrap_or_default())
        })?;
        Ok(NewView { staff, name: name.to_owned(), search })
    }
}

/// Saves a search; one of the same name and owner is replaced, also one that is saved at the same time: the shop's row is kept
/// from others. `Ok(Err)` says why not.
pub fn save(tx: &mut Tx<'_>, shop: ShopId, new: &NewView, by: &By) -> Result<Result<View, Refused>, StoreError> {
    hold_shop(tx, shop)?;
    let known = rows::named(tx, shop, new.staff.as_deref(), &new.name)?;
    let now = tx.machine_now();
    if known.is_none() && rows::count(tx, shop)? >= VIEWS_MAX {
        return Ok(Err(Refused::TooMany));
    }
    let search = new.search.query();
    let view = match known {
        Some(known) => View { search, ..known },
        None => {
            View { id: format!("ov_{}", by.id), staff: new.staff.clone(), name: new.name.clone(), search, created: now }
        }
    };
    tx.execute_all(&[rows::upsert(shop, &view), audit_row(tx, shop, &view, "order_view.save", by)])?;
    Ok(Ok(view))
}

/// Removes one that `staff` may see; none if there is none. What was removed long ago is forgotten.
pub fn remove(
    tx: &mut Tx<'_>,
    shop: ShopId,
    id: &str,
    staff: Option<&str>,
    by: &By,
) -> Result<Option<View>, StoreError> {
    let Some(view) = rows::find(tx, shop, id, false)?.filter(|view| is_visible(view, staff)) else { return Ok(None) };
    let now = tx.machine_now();
    rows::forget_removed(tx, shop, now.plus_seconds(-UNDO_DAYS * 86_400))?;
    tx.execute_all(&[rows::mark(shop, id, Some(now)), audit_row(tx, shop, &view, "order_view.remove", by)])?;
    Ok(Some(view))
}

/// Brings one back that was removed; none if there is none. Unless there is another one of its name by now.
pub fn restore(
    tx: &mut Tx<'_>,
    shop: ShopId,
    id: &str,
    staff: Option<&str>,
    by: &By,
) -> Result<Option<View>, StoreError> {
    if let Some(view) = rows::find(tx, shop, id, false)?.filter(|view| is_visible(view, staff)) {
        return Ok(Some(view));
    }
    let Some(view) = rows::find(tx, shop, id, true)?.filter(|view| is_visible(view, staff)) else { return Ok(None) };
    hold_shop(tx, shop)?;
    if rows::named(tx, shop, view.staff.as_deref(), &view.name)?.is_some() {
        return Ok(None);
    }
    tx.execute_all(&[rows::mark(shop, id, None), audit_row(tx, shop, &view, "order_view.restore", by)])?;
    Ok(Some(view))
}

/// Everybody's and one's own; programs see everybody's and those of the member they name.
fn is_visible(view: &View, staff: Option<&str>) -> bool {
    view.staff.is_none() || view.staff.as_deref() == staff
}

fn audit_row(tx: &Tx<'_>, shop: ShopId, view: &View, action: &str, by: &By) -> Statement<'static> {
    let fields = serde_json::json!({ "search": view.search, "shared": view.staff.is_none() });
    by.record(shop, tx.machine_now(), (action, &format!("order view {}", view.id)), &fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_a_search_are_checked() {
        let new = |name: &str, search: &str| NewView::new(None, name, search).map(|new| (new.name, new.search.query()));
        assert_eq!(new(" 未確定 ", "status=authorized&further=1"), Ok(("未確定".into(), "status=authorized".into())));
        assert_eq!(new(&"あ".repeat(60), ""), Ok(("あ".repeat(60), String::new())));
        for wrong in ["", " ", &"あ".repeat(61), "a\nb"] {
            assert_eq!(new(wrong, ""), Err(Refused::Name), "{wrong:?}");
        }
        assert!(matches!(new("a", "status=paid"), Err(Refused::Search(text)) if text.starts_with("status must be")));
        assert!(matches!(new("a", "from=%zz"), Err(Refused::Search(_))));
    }
}
