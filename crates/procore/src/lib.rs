#![doc = include_str!("../README.md")]

mod client;
mod error;
mod gate;
pub mod model;
pub mod oauth;
mod paging;
mod problem;
mod rate;
mod send;
mod session;
pub mod transport;

pub use client::{App, Hosts, Procore};
pub use error::{Error, Executed, Failed, Message, Next};
pub use gate::{Gate, Passing, Seen};
pub use oauth::{TokenInfo, Tokens, pkce_challenge};
pub use rate::{LONGEST_WAIT, LONGEST_WINDOW, Rate};
pub use session::{Answered, ChangeEventFilter, Deleted, PAYLOAD_VERSION, RawAnswer, RawRequest, Session, Window};
pub use transport::{SendError, Transport};
