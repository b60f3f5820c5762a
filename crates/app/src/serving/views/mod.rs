//! What pages are made of beside their room's own records: words, pills, choices, tabs, and actions with their reasons.
//!
//! A page borrows what its room read, and holds beside it only what nothing else knows: [`Shell`], drop-downs as
//! [`Choice`]s, and an action that a person may not take as an [`ActionLink`] with the reason. Forms are plain `method=post`.

mod common;

pub use super::shell::{NavItem, Shell};
pub use crate::{
    FieldErrors as FormErrors,
    words::{Pill, Text, Tone},
};
pub use common::{ActionLink, Choice, PageLink, Tabs};
