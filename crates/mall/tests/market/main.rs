//! The market through its database, on both engines: orders placed, moved, searched, recounted.

mod bazaar;
mod damage;
mod lives;
mod random;
#[path = "../wire/schema.rs"]
mod schema;
mod search;
