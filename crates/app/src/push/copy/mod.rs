//! What the push says to people: headings, sentences, labels. Pages draw them, the API answers with the same, tests name them.

pub mod checklist;
pub mod choices;
pub mod headings;
pub mod plan;
pub mod running;
