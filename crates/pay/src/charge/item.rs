//! What was ordered: at least one item, each with id, name, unit price and quantity.

use kernel::Yen;
use serde::{Deserialize, Serialize};

use crate::rules;

/// One line of the order (注文内訳).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// 商品番号: the shop's own id of the product.
    pub id: String,
    /// 商品名.
    pub name: String,
    /// 個数.
    pub quantity: u32,
    /// 単価, in yen.
    pub unit_price: i64,
}

/// Why items cannot be ordered. `index` counts from 1, as the wire does.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ItemsError {
    /// None, or more than [`rules::ITEMS_MAX`].
    #[error("There must be 1 to {max} items, not {0}.", max = rules::ITEMS_MAX)]
    Count(usize),
    /// A text is empty or too long.
    #[error("{field} of item {index} must have 1 to {max} characters.", max = rules::TEXT_MAX)]
    Text {
        /// Which item.
        index: usize,
        /// `id` or `name`.
        field: &'static str,
    },
    /// A text has a control character.
    #[error("{field} of item {index} has a control character at position {position}.")]
    Control {
        /// Which item.
        index: usize,
        /// `id` or `name`.
        field: &'static str,
        /// Which character, from 1.
        position: usize,
    },
    /// Zero.
    #[error("quantity of item {0} must be at least 1.")]
    Quantity(usize),
    /// Negative, or above the largest total.
    #[error("unit_price of item {0} must be 0 to {max} yen.", max = rules::LARGEST_TOTAL_YEN)]
    UnitPrice(usize),
    /// The sum is above the largest total.
    #[error("The total must be at most {max} yen.", max = rules::LARGEST_TOTAL_YEN)]
    Total,
}

/// Items that can be ordered, with their total.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Items {
    list: Vec<Item>,
    total: Yen,
}

impl Items {
    /// Checks every item and the total.
    pub fn new(list: Vec<Item>) -> Result<Items, ItemsError> {
        if list.is_empty() || list.len() > rules::ITEMS_MAX {
            return Err(ItemsError::Count(list.len()));
        }
        let mut total = Yen::ZERO;
        for (index, item) in list.iter().enumerate() {
            let price = check(index + 1, item)?;
            let line = price.times(item.quantity).map_err(|_| ItemsError::Total)?;
            total = total.checked_add(line).map_err(|_| ItemsError::Total)?;
        }
        if total > rules::largest_total() { Err(ItemsError::Total) } else { Ok(Items { list, total }) }
    }

    /// 合計金額.
    pub fn total(&self) -> Yen {
        self.total
    }

    /// The items, in the order in which they were given.
    pub fn list(&self) -> &[Item] {
        &self.list
    }
}

fn check(index: usize, item: &Item) -> Result<Yen, ItemsError> {
    for (field, text) in [("id", &item.id), ("name", &item.name)] {
        let length = text.chars().count();
        if length == 0 || length > rules::TEXT_MAX {
            return Err(ItemsError::Text { index, field });
        }
        if let Some(position) = text.chars().position(char::is_control) {
            return Err(ItemsError::Control { index, field, position: position + 1 });
        }
    }
    if item.quantity == 0 {
        return Err(ItemsError::Quantity(index));
    }
    let price = Yen::new(item.unit_price).map_err(|_| ItemsError::UnitPrice(index))?;
    if price > rules::largest_total() { Err(ItemsError::UnitPrice(index)) } else { Ok(price) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(unit_price: i64, quantity: u32) -> Item {
        Item { id: "item-01".into(), name: "商品".into(), quantity, unit_price }
    }

    #[test]
    fn totals_and_their_limits() {
        let total = |items: Vec<Item>| Items::new(items).map(|items| items.total().get());
        assert_eq!(total(vec![item(1_122, 3), item(0, 1)]), Ok(3_366));
        assert_eq!(total(vec![item(99_999_999, 1)]), Ok(99_999_999));
        assert_eq!(total(vec![item(99_999_999, 1), item(1, 1)]), Err(ItemsError::Total));
        assert_eq!(total(vec![item(99_999_999, u32::MAX); 1_000]), Err(ItemsError::Total));
        assert_eq!(total(vec![]), Err(ItemsError::Count(0)));
        assert_eq!(total(vec![item(1, 1); 1_001]), Err(ItemsError::Count(1_001)));
        assert_eq!(total(vec![item(1, 1), item(1, 0)]), Err(ItemsError::Quantity(2)));
        assert_eq!(total(vec![item(-1, 1)]), Err(ItemsError::UnitPrice(1)));
    }

    #[test]
    fn texts_are_bounded_and_without_control_characters() {
        let named = |name: &str| Items::new(vec![Item { name: name.into(), ..item(100, 1) }]).map(|_| ());
        assert_eq!(named(&"あ".repeat(255)), Ok(()));
        assert_eq!(named(&"あ".repeat(256)), Err(ItemsError::Text { index: 1, field: "name" }));
        assert_eq!(named("a\nb"), Err(ItemsError::Control { index: 1, field: "name", position: 2 }));
    }
}
