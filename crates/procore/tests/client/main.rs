//! The client against fakes of Procore's side: in process where the words matter, over sockets where the wire does.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod fake;
mod hooks;
mod reading;
mod signing_in;
mod sockets;
mod writing;
