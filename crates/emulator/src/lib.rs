//! A stateful Procore on HTTP, for people who write Procore clients.
//!
//! The [`world`] is plain data: companies, people, projects, budget codes, contracts, change events. REST and OAuth
//! handlers change it as the vendor's public documentation says Procore would. What the documentation leaves open is a
//! value in [`Switches`]; what a network does to a request is a value in [`Fault`]; and every request is kept in the
//! [`journal`]. Time and randomness are arguments, so a test repeats itself exactly.
//!
//! The same [`Emulator`] answers over a socket ([`Emulator::serve`]) or in process ([`Emulator::service`]).

mod control;
mod emulator;
mod exchange;
mod faults;
mod front;
pub mod journal;
mod lag;
mod oauth;
mod rate;
mod rest;

pub mod schema;
pub mod seed;
mod serve;
mod state;
mod switches;
mod text;
pub mod webhooks;
pub mod world;

pub use control::ControlReport;
pub use emulator::{Clock, Emulator, EmulatorOptions};
pub use exchange::{ConnectionDropped, EmulatorService};
pub use faults::{Fault, FaultKind, Matcher, Silence};
pub use journal::Exchange;
pub use oauth::Client;
pub use rate::{RateLimits, SpikeWindow};
pub use switches::{ErrorShape, HiddenLists, MissingCompany, RateScope, Switches};
pub use webhooks::{Courier, Delivered, DeliveryFault, DeliveryFaultKind};
pub use world::{World, WorldAction};
