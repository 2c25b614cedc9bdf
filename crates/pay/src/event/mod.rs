//! Events: what happened, for the shop's server to hear (contract online-lite-api "Events and webhooks").
//!
//! An event is written in the transaction of its change and has the id of its attempt, so that there is exactly one for
//! each change and none without.

pub mod rows;
