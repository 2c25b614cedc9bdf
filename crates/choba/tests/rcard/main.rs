//! The older card API through HTTP, on both engines. Expected values are written by hand from the contract rcard-api, with
//! the section that they come from, and from seed 003.

mod calls;
mod client;
mod program;
mod recount;
mod states;
mod switch;
mod trouble;
