//! A charge: one payment, from authorization to the last refund.
//!
//! | state | Japanese | paid | captured | refunded | capture | cancel | change amount | window ends |
//! |---|---|---|---|---|---|---|---|---|
//! | Authorized | 仮売上 | yes | no | no | → Captured | → Cancelled | → Authorized | → Cancelled |
//! | Captured | 実売上 | yes | yes | no | already captured | → Cancelled | → Authorized | stays |
//! | Cancelled | キャンセル | no | no | yes | already cancelled | already cancelled | already cancelled | stays |
//!
//! (contract online-lite-api "Charge object", "Rules"; seed 000 "確定", "キャンセル", "金額変更")

pub mod item;
pub mod list;
pub mod order;
pub mod recent;
pub mod rows;
pub mod state;
pub mod windows;
pub mod wire;

pub use item::{Item, Items};
pub use order::{Address, Buyer, Charge, Order, Presence};
pub use state::{Plan, Refused, Standing, State, Step};
pub use windows::Windows;
