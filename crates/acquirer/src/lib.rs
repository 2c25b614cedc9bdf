//! How money is asked for: the ports, and the providers behind them.
//!
//! [`port`] is what a card acquirer must answer, [`points`] what a points service must; [`card`] and [`refusal`] are
//! their words. [`simulator`] is the built-in provider of both. It lives by the ports' rules like a foreign party: its
//! own book in its own file, never inside a transaction of ours.
//!
//! Promise: reaches no table but the simulator's own; a full card number or security code is never stored or logged.

pub mod card;
pub mod points;
pub mod port;
pub mod refusal;
pub mod simulator;

pub use card::{Brand, CardDetails, CardToken, SecurityCode, TokenizeRefused};
pub use points::PointsProvider;
pub use port::{
    ActionOutcome, Answer, BoxFuture, Command, Initiator, Inquiry, Merchant, Provider, Receipt, Request,
    UnknownActionOutcome,
};
pub use refusal::Refusal;
