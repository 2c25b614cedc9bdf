//! Kept figures, as they stand.

use store::{StoreError, Tx, params};

use super::super::area::Area;

/// What was kept of one span of time, over all slots.
pub struct Kept {
    pub hours: i64,
    pub start: i64,
    pub slots: Vec<i64>,
    pub orders: i64,
    pub amount: i64,
}

/// Everything that was kept of an area.
pub fn kept(tx: &mut Tx<'_>, area: &Area) -> Result<Vec<Kept>, StoreError> {
    let sql = "SELECT hours, start, slot, orders, amount FROM figure WHERE shop_id = $1 AND environment = $2
               ORDER BY hours, start, slot";
    let mut all: Vec<Kept> = Vec::new();
    for row in tx.query(sql, &params![area.shop, &area.environment])? {
        let (hours, start) = (row.int(0)?, row.int(1)?);
        if all.last().is_none_or(|last| (last.hours, last.start) != (hours, start)) {
            all.push(Kept { hours, start, slots: Vec::new(), orders: 0, amount: 0 });
        }
        if let Some(last) = all.last_mut() {
            last.slots.push(row.int(2)?);
            last.orders += row.int(3)?;
            last.amount += row.int(4)?;
        }
    }
    Ok(all)
}
