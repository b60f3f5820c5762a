//! The push in the API: a draft step by step, then the push by its own id.

pub mod drafts;
pub mod steering;
