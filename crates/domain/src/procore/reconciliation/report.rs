//! A reconciliation as a whole: its sections, and its figures once they were signed off.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Category, ReportSection, shown};
use crate::money::Currency;

/// A reconciliation: of a project, both sides, or of all projects of an office.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReconciliationReport {
    /// The project's or office's name.
    pub of: String,
    /// By project name, Received before Sent.
    pub sections: Vec<ReportSection>,
}

impl ReconciliationReport {
    /// The figures without the times they were read at: the same figures read again are the same figures.
    pub fn figures(&self) -> Self {
        let sections = self.sections.iter().cloned().map(|section| ReportSection { read_at: None, ..section });
        Self { of: self.of.clone(), sections: sections.collect() }
    }

    /// Why it can't be signed off, in words; `None` when it can.
    pub fn hindrance(&self) -> Option<String> {
        let (name, why) = self.sections.iter().find_map(|section| Some((&section.name, section.hindrance()?)))?;
        Some(format!("These figures can't be signed off: amounts of {name} {why}"))
    }

    /// The categories to show, as [`ReportSection::categories`].
    pub fn categories(&self) -> Vec<Category> {
        shown(self.sections.iter().any(|section| section.of(Category::NotComparable).next().is_some()))
    }

    /// The currencies in it.
    pub fn currencies(&self) -> Vec<Currency> {
        let mut found: Vec<Currency> = self.sections.iter().map(|section| section.currency).collect();
        found.sort();
        found.dedup();
        found
    }
}

/// What was signed off: who looked at which figures when.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SignedOff {
    /// When.
    pub at: Timestamp,
    /// By whom, by the name they had.
    pub by: String,
    /// What they wrote to it; may be empty.
    pub note: String,
    /// The figures.
    pub report: ReconciliationReport,
}
