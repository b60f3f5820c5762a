//! Which CORs are in Procore's forecast and which are not: read, signed off, compared with the next month's.

pub(crate) mod api;
pub mod compare;
pub mod copy;
pub(crate) mod pages;
pub mod read;
pub(crate) mod samples;
pub mod side;
pub mod sign_off;
pub mod totals;
pub(crate) mod workbook;

pub use compare::{ReconciliationComparison, compare};
pub use read::{ReconciledProject, Reconciliation, read};
pub use side::{CategorySum, EventsSetAside, ReconciledCor, ReconciledEvent, ReconciledSide};
pub use sign_off::{NewSignature, ReconciliationSignature, SignedReconciliation, list, sign_off, signed};
pub use store::repo::reconciliation::SignedScope;
pub use totals::SideTotals;
