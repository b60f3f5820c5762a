//! The page of an office's reconciliation: a line for each side of each project, and their totals.

use askama::Template;
use domain::procore::{footing, reconciliation::Category};
use jiff::Timestamp;

use super::figures::{Figures, RefusedSignature, url_of};
use crate::{
    reconciliation::{ReconciledSide, SideTotals, SignedScope},
    serving::{
        filters,
        views::{Shell, Text},
        words,
    },
};

/// All projects of an office.
#[derive(Template)]
#[template(path = "reconciliation/templates/office.html")]
pub(crate) struct ReconciliationOffice<'a> {
    pub shell: Shell,
    pub figures: &'a Figures,
    pub refused: RefusedSignature,
    pub now: Timestamp,
}

impl<'a> ReconciliationOffice<'a> {
    /// The columns that add up to the gap, and *Matched* before them. Draft and Void have no gap; their column stands beside
    /// the log's total.
    fn columns(&self) -> Vec<Category> {
        let shown = |category: &Category| {
            let mut sums = self.figures.sides().iter().flat_map(ReconciledSide::shown);
            sums.any(|sum| sum.category == *category)
        };
        Category::ALL.into_iter().filter(|c| *c != Category::NotToPush && shown(c)).collect()
    }

    /// The heading of the column that shows by how much rounded amounts miss the gap of a side.
    fn rounding(&self) -> Option<&'static str> {
        let misses = |side| !SideTotals::one(side).rounding().is_zero();
        self.figures.sides().iter().any(misses).then_some(footing::ROUNDING)
    }

    fn totals(&self) -> Vec<SideTotals<'a>> {
        SideTotals::by_currency(self.figures.sides())
    }

    /// Where a side's own report is; empty for what was signed.
    fn url_of(&self, side: &ReconciledSide) -> String {
        match self.figures {
            Figures::Signed(_) => String::new(),
            Figures::Now(_) => format!("{}?side={}", url_of(SignedScope::Project(side.project_id)), side.side.code()),
        }
    }

    /// When a side's change events were read.
    fn read(&self, side: &ReconciledSide) -> Text {
        match (side.read_at, self.figures) {
            (None, _) => Text::from("never read"),
            (Some(at), Figures::Signed(_)) => words::moment(at),
            (Some(at), Figures::Now(_)) => Text::from(words::ago(at, self.now)),
        }
    }
}
