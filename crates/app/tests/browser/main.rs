//! What people do, in a real browser, against the real binary and an emulated Procore on sockets of their own: the app on
//! 127.0.0.1, Procore on localhost, so that every redirect between them is cross-site.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on stops where it stands")]

mod connect;
mod cor;
mod drift;
mod harness;
mod layout;
mod log;
mod notification;
mod picture;
mod push;
mod reconciliation;
mod revised;
mod start;
mod unsent;
mod whole;
