//! The commands: each a module with its `Arguments` and `run`, listed once in [`crate::cli::Command`].

pub mod backup;
pub mod doctor;
pub mod keys;
pub mod secrets;
pub mod serve;
pub mod token;
