//! What is true after a crash: every acknowledged answer still holds, each effect stands exactly once in the acquirer's
//! book, and a recount finds nothing wrong.
//!
//! Buyers go through the checkout meanwhile: each visit makes one charge or none.
//!
//! The server is the built binary, a child process; clerks send it creates, captures, cancels and changes with
//! idempotency keys, and send again what was not answered. `CHOBA_CRASH_ROUNDS` says how many crashes each database goes
//! through (20; buyers go through a third of it), `CHOBA_CRASH_SEED` repeats the dice of a run: they are printed, the timing of the machine is not in
//! them.

mod books;
mod clerk;
mod client;
mod cut_off;
mod demo;
mod disk_full;
mod forgetful;
mod house;
mod killed;
mod lease;
mod office;
mod server;
mod shopping;
mod stopping;
mod told;
