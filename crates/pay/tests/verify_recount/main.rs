//! The recount behind `choba verify`: clean on what operations made, on both engines and while they are at work; and
//! every damaged row is named.

mod clean;
mod damage;
mod live;
mod world;
