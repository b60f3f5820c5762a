//! What every page shows, as plain structs with an askama template each.
//!
//! A view holds ready-to-print text, small enums, flags and addresses: no I/O, no decisions of the trade. A handler fills
//! one and calls `render()`. Every view has named samples; [`crate::gallery`] draws them all, so that a person can look at them.
//!
//! Conventions: a field called `…_url` is where a link leads or a form posts; `Option<String>` is "not shown"; money is
//! [`Money`]; an action a person may not take is a [`Deed`] with the reason. Forms are plain `method=post`; the names they post are
//! listed at each view.

mod common;
mod shell;
mod text;

pub use common::{Choice, Deed, Link, Money, Pill, Tabs, Tone};
pub use shell::{Crumb, Flash, FlashKind, Nav, NavItem, Shell};
pub use text::Text;

pub use crate::FieldErrors as FormErrors;
