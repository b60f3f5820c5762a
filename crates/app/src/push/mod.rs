//! Pushing CORs to Procore, step by step: begin, choose the event, choose lines and codes, plan, confirm.
//!
//! The wizard is a stored draft: whatever was chosen survives Back, a reload and a restart. Only [`confirm()`] does
//! something that others see.

pub mod answer;
pub(crate) mod api;
pub mod begin;
pub mod begin_selected;
pub mod beside;
pub mod choose_event;
pub mod choose_lines;
pub mod confirm;
pub mod contract_now;
pub mod control;
pub mod copy;
pub mod decided;
pub mod deleted;
pub mod draft;
pub(crate) mod event_choices;
pub mod former;
pub(crate) mod line_choices;
pub(crate) mod lists;
pub mod looking;
pub(crate) mod notes;
pub(crate) mod pages;
pub mod plan;
pub mod preflight;
pub(crate) mod push_draft;
pub(crate) mod push_plan;
pub(crate) mod push_result;
pub mod resume;
pub(crate) mod samples;
pub(crate) mod siblings;
pub mod standing;
pub mod steer;
pub(crate) mod taken_out;
pub(crate) mod target;
pub mod unfinished;
pub mod which;

pub use answer::answer;
pub use begin::{BegunIn, begin, pushable, sort_out};
pub use begin_selected::{begin_asked, begin_selected};
pub use choose_event::{ChosenEvent, EventToMake, choose_event};
pub use choose_lines::{ChosenLines, as_before, choose_in_form, choose_known_lines, choose_lines};
pub use confirm::confirm;
pub use control::Control;
pub use draft::{Answer, DraftBody, OpenedDraft, open};
pub(crate) use event_choices::event_choices;
pub(crate) use line_choices::line_choices;
pub use looking::{look_now, not_there};
pub use plan::plan;
pub use preflight::stopped;
pub(crate) use push_draft::push_draft;
pub(crate) use push_plan::review;
pub(crate) use push_result::push_result;
pub use standing::{Remedy, standing};
pub use steer::{cancel, pause, resume, try_again};
pub use which::Which;
