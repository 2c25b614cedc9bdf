//! The binary as a library: configuration, wiring, command line, telemetry. Everything that touches the machine (its
//! clock, its randomness, its environment, its signals) stands here and is handed to the other crates.

pub mod app;
pub mod cli;
pub mod command;
pub mod config;
pub mod data_folder;
pub mod duration;
pub mod master_key;
pub mod opened;
pub mod serve;
pub mod stop;
pub mod system;
pub mod telemetry;
