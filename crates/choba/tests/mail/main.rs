//! Mail over a real SMTP server: how it is spoken to, what its answers do, and what arrives, read by Python's own parser.

mod outbox;
mod staff;
mod talk;
