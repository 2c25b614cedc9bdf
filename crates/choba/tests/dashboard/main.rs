//! The dashboard in Chromium, as the shop's staff see it: every registered page is accessible in light and dark, wide and
//! narrow, Japanese and English; the desk by keyboard; what goes wrong in the middle of a form; other shops' things.

mod accessibility;
mod addresses;
mod drafts;
mod keyboard;
mod library;
mod operations;
mod others;
mod pictures;
mod trouble;
mod trouble_orders;
mod walk;
mod walk_account;
mod world;
