//! Signing off: keeps the figures with who, when and a hash, and never changes them.
#![allow(missing_docs, reason = "most fields say by their names what they are")]

use domain::{
    ActivityId, OfficeId, ProjectId, ReconciliationId,
    activity::{Audience, Entry, EntryKind},
    procore::reconciliation::{ReconciliationReport, SignedOff},
    role::Actor,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{
    CompanyTx,
    repo::reconciliation::{Signature, SignedScope},
};
use utoipa::ToSchema;

use super::{
    ReconciledSide,
    read::{figures, reconciled, report, sha256},
};
use crate::{App, Error, FieldErrors, typed};

/// The longest note, in characters.
const NOTE: usize = 500;
/// Why figures that nobody saw aren't signed.
pub const CHANGED: &str = "The figures changed since you opened this page. Look at them again, then sign off.";

/// The figures to sign off.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSignature {
    /// `figures` of the reconciliation that the person saw. If they changed since, the request is refused.
    pub figures: String,
    /// At most 500 characters.
    #[serde(default)]
    #[schema(required = false)]
    pub note: String,
}

/// Who signed, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReconciliationSignature {
    pub id: ReconciliationId,
    /// Of this project; null when it is of an office.
    pub project_id: Option<ProjectId>,
    /// Of all projects of this office; null when it is of a project.
    pub office_id: Option<OfficeId>,
    pub signed_by: String,
    pub signed_at: Timestamp,
    /// May be empty.
    pub note: String,
    /// The hash of everything that was signed, hexadecimal.
    pub sha256: String,
}

impl From<Signature> for ReconciliationSignature {
    fn from(signature: Signature) -> Self {
        let (project_id, office_id) = match signature.scope {
            SignedScope::Project(project) => (Some(project), None),
            SignedScope::Office(office) => (None, Some(office)),
        };
        Self {
            id: signature.id,
            project_id,
            office_id,
            signed_by: signature.person_name,
            signed_at: signature.signed_at,
            note: signature.note,
            sha256: signature.sha256,
        }
    }
}

/// A reconciliation as it was signed off.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SignedReconciliation {
    pub signature: ReconciliationSignature,
    /// Whether the figures are still as they were signed.
    pub intact: bool,
    /// By project name, `received` before `sent`.
    pub sections: Vec<ReconciledSide>,
    /// Of what.
    #[serde(skip)]
    pub scope: SignedScope,
    /// The figures to the last digit.
    #[serde(skip)]
    pub report: ReconciliationReport,
}

/// Signs off a reconciliation. Refused when the figures are not those that the person saw.
pub async fn sign_off(
    app: &App,
    actor: &Actor,
    scope: SignedScope,
    new: NewSignature,
) -> Result<ReconciliationId, Error> {
    actor.may_write()?;
    let pen = Pen::new(app, actor, new)?;
    let actor = actor.clone();
    let entry = ActivityId::fresh(pen.at, &*app.entropy);
    app.store
        .write(move |tx| {
            let mut us = tx.of(actor.company);
            let (report, project) = report(&mut us, &actor, scope)?;
            if let Some(project) = &project {
                actor.may_sign_off(project.standing())?;
            }
            let signature = pen.sign(&mut us, scope, report)?;
            if let Some(project) = project {
                us.record(&Entry {
                    id: entry,
                    project: project.id,
                    cor: None,
                    audience: Audience::Only(actor.company),
                    actor: Some(actor.person),
                    actor_name: actor.name.clone(),
                    at: signature.signed_at,
                    kind: EntryKind::Project,
                    text: format!("signed off the reconciliation with Procore ({})", &signature.sha256[..12]),
                })?;
            }
            Ok(signature.id)
        })
        .await
}

/// What signing needs, made before the transaction, which may run twice.
struct Pen {
    id: ReconciliationId,
    at: Timestamp,
    actor: Actor,
    figures: String,
    note: String,
}

impl Pen {
    fn new(app: &App, actor: &Actor, new: NewSignature) -> Result<Self, Error> {
        let mut errors = FieldErrors::default();
        let note = typed::text_up_to(&mut errors, "note", &new.note, NOTE);
        errors.check()?;
        // To the microsecond, as stored, so that the signed text names the same moment.
        let at = Timestamp::from_microsecond(app.now().as_microsecond()).map_err(Error::internal)?;
        let id = ReconciliationId::fresh(at, &*app.entropy);
        Ok(Self { id, at, actor: actor.clone(), figures: new.figures, note })
    }

    fn sign(
        &self,
        us: &mut CompanyTx<'_>,
        scope: SignedScope,
        report: ReconciliationReport,
    ) -> Result<Signature, Error> {
        if figures(&report)? != self.figures {
            return Err(Error::Conflict(CHANGED.to_owned()));
        }
        if let Some(why) = report.hindrance() {
            return Err(Error::Conflict(why));
        }
        let signed = SignedOff { at: self.at, by: self.actor.name.clone(), note: self.note.clone(), report };
        let body = serde_json::to_string(&signed).map_err(Error::internal)?;
        let signature = Signature {
            id: self.id,
            scope,
            person: self.actor.person,
            person_name: signed.by,
            signed_at: self.at,
            note: signed.note,
            sha256: sha256(&body),
        };
        us.keep_reconciliation(&signature, &body)?;
        Ok(signature)
    }
}

/// The signed reconciliations of a project or an office, the newest first.
pub async fn list(app: &App, actor: &Actor, scope: SignedScope) -> Result<Vec<ReconciliationSignature>, Error> {
    let actor = actor.clone();
    app.store
        .read(move |tx| {
            let mut us = tx.of(actor.company);
            reconciled(&mut us, &actor, scope)?;
            Ok(us.reconciliations(scope)?.into_iter().map(ReconciliationSignature::from).collect())
        })
        .await
}

/// A signed reconciliation with its figures.
pub async fn signed(app: &App, actor: &Actor, id: ReconciliationId) -> Result<SignedReconciliation, Error> {
    let actor = actor.clone();
    let (signature, body) = app
        .store
        .read(move |tx| {
            let mut us = tx.of(actor.company);
            let (signature, body) = us.reconciliation(id)?.ok_or(Error::NotFound)?;
            // Those who may read the report now may read what was signed.
            reconciled(&mut us, &actor, signature.scope)?;
            Ok::<_, Error>((signature, body))
        })
        .await?;
    let SignedOff { at, by, note, report } = serde_json::from_str(&body).map_err(Error::internal)?;
    let same = (at, &by, &note) == (signature.signed_at, &signature.person_name, &signature.note);
    Ok(SignedReconciliation {
        intact: same && sha256(&body) == signature.sha256,
        sections: report.sections.iter().map(ReconciledSide::from).collect(),
        scope: signature.scope,
        signature: signature.into(),
        report,
    })
}
