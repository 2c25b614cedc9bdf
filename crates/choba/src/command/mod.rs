//! The commands: each a module with its `Arguments` and `run`, listed once in [`crate::cli::Command`].

pub mod doctor;
pub mod serve;
