//! What moved from one reconciliation that was signed off to a later one, or to how it is now.

use domain::{
    ReconciliationId,
    procore::reconciliation::{
        Report,
        compare::{self, SectionChange},
    },
    role::Actor,
};
use store::repo::reconciliation::Scope;

use super::{Kept, kept, list, office, project};
use crate::{App, Error};

/// Two reconciliations of the same thing.
#[derive(Debug, Clone)]
pub struct Compared {
    /// The earlier one.
    pub before: Kept,
    /// The later one; `None` stands for now.
    pub after: Option<Kept>,
    /// All that were signed off of it, the newest first, to choose others.
    pub signed: Vec<store::repo::reconciliation::Signature>,
    /// The later figures.
    pub report: Report,
    /// What moved.
    pub sections: Vec<SectionChange>,
}

/// Compares `before` with `after`, or with how it is now. They are put in the order in which they were signed.
pub async fn compare(
    app: &App,
    actor: &Actor,
    before: ReconciliationId,
    after: Option<ReconciliationId>,
) -> Result<Compared, Error> {
    let mut before = kept(app, actor, before).await?;
    let mut after = match after {
        Some(id) => Some(kept(app, actor, id).await?),
        None => None,
    };
    if let Some(later) = &mut after {
        if later.signature.scope != before.signature.scope {
            return Err(Error::Conflict("Compare two reconciliations of the same project or office.".to_owned()));
        }
        if later.signature.signed_at < before.signature.signed_at {
            std::mem::swap(later, &mut before);
        }
    }
    let report = match (&after, before.signature.scope) {
        (Some(after), _) => after.report.clone(),
        (None, Scope::Project(id)) => project(app, actor, id).await?.seen.report,
        (None, Scope::Office(id)) => office(app, actor, id).await?.seen.report,
    };
    let signed = list(app, actor, before.signature.scope).await?;
    let sections = compare::compare(&before.report, &report);
    Ok(Compared { before, after, signed, report, sections })
}
