//! The commands: each a module with its `Arguments` and `run`, listed once in [`crate::cli::Command`].

pub mod backup;
pub mod clock;
pub mod connection;
pub mod doctor;
pub mod erase;
pub mod keys;
pub mod listen;
pub mod mall;
pub mod openapi;
pub mod restore;
pub mod secrets;
pub mod serve;
pub mod staff;
pub mod token;
pub mod trigger;
pub mod verify;
