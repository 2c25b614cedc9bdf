//! The binary as a library: configuration, wiring, command line, telemetry. Everything that touches the machine (its
//! clock, its randomness, its environment, its signals) stands here and is handed to the other crates.
//!
//! Promise: the only crate that knows the machine and every other crate; it holds no rule of the business.

pub mod api;
pub mod app;
pub mod backup_file;
pub mod cli;
pub mod command;
pub mod config;
pub mod data_folder;
pub mod demo;
pub mod duration;
pub mod master_key;
pub mod measure;
pub mod memory;
pub mod opened;
pub mod output;
pub mod serve;
pub mod shops;
pub mod staff;
pub mod stop;
pub mod system;
pub mod telemetry;
pub mod wiring;
