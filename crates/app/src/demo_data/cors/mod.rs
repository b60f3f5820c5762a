//! The CORs of the demo: what a mechanical, an electrical and a drywall contractor really send, and the general contractor to
//! the owner.

mod drywall;
mod electrical;
mod mechanical;
mod owner;

use domain::cor::{Section, Status};

pub use drywall::DRYWALL;
pub use electrical::ELECTRICAL;
pub use mechanical::MECHANICAL;
pub use owner::OWNER;

/// A COR: days since it was submitted, status, title, the customer's reference and its lines.
pub type DemoCor = (i64, Status, &'static str, &'static str, &'static [DemoLine]);
/// A line: section, description, quantity ("" for one amount), unit, rate or amount.
pub type DemoLine = (Section, &'static str, &'static str, &'static str, &'static str);
