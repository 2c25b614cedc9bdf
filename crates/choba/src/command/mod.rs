//! The commands: each a module with its `Arguments` and `run`, listed once in [`crate::cli::Command`].

pub mod backup;
pub mod clock;
pub mod doctor;
pub mod keys;
pub mod openapi;
pub mod restore;
pub mod secrets;
pub mod serve;
pub mod staff;
pub mod token;
pub mod verify;
