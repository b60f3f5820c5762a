//! The sealed record of a COR.

use askama::Template;

use crate::serving::views::{Link, Money, Shell, Text};

/// What was done to a COR in Procore, the newest first.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "record/templates/record.html")]
pub struct RecordPage {
    /// The frame.
    pub shell: Shell,
    /// "COR 014 · Storm drain".
    pub heading: String,
    /// The other company of the COR.
    pub party: String,
    /// The currency's code.
    pub currency: String,
    /// The entries.
    pub entries: Vec<RecordEntry>,
    /// Where it is taken out as comma-separated values.
    pub csv_url: String,
    /// And as JSON, one object a line.
    pub jsonl_url: String,
    /// Back to the COR.
    pub back: Link,
}

impl RecordPage {
    /// Whether both companies have something in it.
    pub fn is_mixed(&self) -> bool {
        self.entries.iter().any(|entry| entry.theirs) && self.entries.iter().any(|entry| !entry.theirs)
    }
}

/// One entry.
#[derive(Debug, Clone, Default)]
pub struct RecordEntry {
    /// When.
    pub when: Text,
    /// Whose record it stands in.
    pub company: String,
    /// Whether that is the other company.
    pub theirs: bool,
    /// What happened, a sentence.
    pub what: String,
    /// As whom in Procore; empty where nobody was, or where it is not ours to know.
    pub login: String,
    /// Procore's name for the exchange; empty where there was none.
    pub request_id: String,
    /// The lines as Procore had them then.
    pub lines: Vec<RecordLine>,
    /// Its number in that company's record.
    pub number: String,
    /// Its hash.
    pub hash: String,
    /// The beginning of it.
    pub short: String,
}

/// A line of the change event.
#[derive(Debug, Clone, Default)]
pub struct RecordLine {
    /// Procore's id.
    pub id: String,
    /// What it said; nothing when it was removed.
    pub amount: Option<Money>,
    /// Its budget code by Procore's id; may be empty.
    pub code: String,
}
