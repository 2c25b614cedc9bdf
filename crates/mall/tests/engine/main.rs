//! The engine of orders: every state with every event, whole lives of orders, and random ones.

mod lives;
mod random;
mod table;
mod world;
