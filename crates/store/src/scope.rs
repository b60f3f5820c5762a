//! On whose behalf a statement runs.

use domain::CompanyId;

use crate::db::Tx;

/// A unit of work on behalf of one company: the only way to a company's data. Each statement names the company in its
/// `WHERE`, so that somebody else's id is simply not found.
pub struct CompanyTx<'t> {
    pub(crate) tx: &'t mut Tx,
    /// On whose behalf.
    pub company: CompanyId,
}

impl Tx {
    /// The same unit of work, on behalf of `company`.
    pub fn of(&mut self, company: CompanyId) -> CompanyTx<'_> {
        CompanyTx { tx: self, company }
    }
}
