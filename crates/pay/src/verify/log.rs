//! The request log: each row opens for exactly its columns. That a row is missing nobody can tell: it is kept for a time
//! only, and what comes too fast is left out.

use kernel::ShopId;
use shop::Vault;
use store::{StoreError, Tx};

use super::report::Findings;
use super::rows::PAGE;
use crate::request_log::rows;

/// Opens every row.
pub(super) fn check(tx: &mut Tx<'_>, vault: &Vault, found: &mut Findings) -> Result<(), StoreError> {
    let mut after = (ShopId(i64::MIN), String::new());
    loop {
        let page = rows::after(tx, after.0, &after.1, PAGE as i64)?;
        for ((shop, id), read) in &page {
            let opens = read.as_ref().is_some_and(|(entry, sealed)| rows::open(vault, entry, sealed).is_some());
            if !opens {
                let problem = "it does not open: a column was altered, or the master key is another one";
                found.add("request_log", format!("request_log {shop}/{id}"), problem);
            }
        }
        match page.into_iter().next_back() {
            Some((last, _)) => after = last,
            None => return Ok(()),
        }
    }
}
