//! The rows of the market: shops, orders with what searches look at, notices, payouts.

mod order;
mod search;
mod shop;

pub use order::{
    COLUMNS, Loaded, WORDS, columns_of, find, find_many, given_up, has_orders, load_for_update, load_many_for_update,
    notices, words_of,
};
pub(super) use order::{insert, pay_out, save, say, tell};
pub use search::search;
pub use shop::{insert_shop, reserve_serials, save_shop, shop_of, shop_of_url, shops};
