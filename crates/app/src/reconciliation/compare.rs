//! What moved between a signed reconciliation and a later one, or now.

use domain::{
    ReconciliationId,
    procore::reconciliation::compare::{self, SectionChange},
    role::Actor,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{ReconciliationSignature, SignedScope, list, read, signed};
use crate::{App, Error};

/// What moved between two reconciliations of the same thing.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReconciliationComparison {
    /// The earlier one.
    pub before: ReconciliationSignature,
    /// The later one; null stands for now.
    pub after: Option<ReconciliationSignature>,
    /// Whether both are still as they were signed.
    pub intact: bool,
    /// One side of one project each.
    pub sections: Vec<SectionChange>,
    /// Of what both are.
    #[serde(skip)]
    pub scope: SignedScope,
    /// The project's or the office's name.
    #[serde(skip)]
    pub name: String,
    /// All signed reconciliations of it, the newest first, to choose others.
    #[serde(skip)]
    pub signed: Vec<ReconciliationSignature>,
}

/// Compares `before` with `after`, or with now, in the order in which they were signed.
pub async fn compare(
    app: &App,
    actor: &Actor,
    before: ReconciliationId,
    after: Option<ReconciliationId>,
) -> Result<ReconciliationComparison, Error> {
    let mut before = signed(app, actor, before).await?;
    let mut after = match after {
        Some(id) => Some(signed(app, actor, id).await?),
        None => None,
    };
    if let Some(later) = &mut after {
        if later.scope != before.scope {
            return Err(Error::Conflict("Compare two reconciliations of the same project or office.".to_owned()));
        }
        if later.signature.signed_at < before.signature.signed_at {
            std::mem::swap(later, &mut before);
        }
    }
    let now = match &after {
        Some(_) => None,
        None => Some(read(app, actor, before.scope).await?.report),
    };
    let later = now.as_ref().or(after.as_ref().map(|after| &after.report)).unwrap_or(&before.report);
    Ok(ReconciliationComparison {
        sections: compare::compare(&before.report, later),
        signed: list(app, actor, before.scope).await?,
        intact: before.intact && after.as_ref().is_none_or(|after| after.intact),
        scope: before.scope,
        name: before.report.of,
        before: before.signature,
        after: after.map(|after| after.signature),
    })
}
