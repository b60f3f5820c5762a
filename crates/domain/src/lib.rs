//! What a COR, a log and a push are.
//!
//! Pure: no async, no I/O, no clock, no SQL, no HTTP. Times and identifiers come in as arguments, decisions go out as
//! values. The words are the trade's: a change order request (COR) is priced by the company that *sends* it and
//! answered by the company that *receives* it; both see one record.

pub mod activity;
pub mod audit;
pub mod change_notification;
pub mod cor;
pub mod ids;
pub mod json;
pub mod money;
pub mod number;
pub mod procore;
pub mod role;
#[cfg(feature = "sabotage")]
pub mod sabotage;
pub mod security;
pub mod text;
pub mod zone;

pub use ids::*;
pub use money::{Currency, Money};
pub use zone::Zone;
