//! What the record says about one COR.

#![allow(missing_docs, reason = "most fields say by their names what they are")]

use domain::{
    CorId, Currency, ProjectId,
    audit::{AuditEvent, Line},
    procore::Side,
    role::Actor,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{ExportCursor, PAGE, RecordEntry};
use crate::{App, Error, cor::story::visible_cor, error::UNREADABLE};

/// What the record says about a COR, as far as the reader's company may read it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CorRecord {
    pub cor_id: CorId,
    pub number: String,
    pub title: String,
    pub project_id: ProjectId,
    pub project_name: String,
    pub side: Side,
    /// The company at the other end.
    pub counterparty: String,
    /// What the amounts are in.
    pub currency: Currency,
    /// The reader's company's own entries, then the other company's, each the oldest first.
    pub entries: Vec<CorEntry>,
}

/// An entry about a COR, and what it says.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CorEntry {
    #[serde(flatten)]
    pub entry: RecordEntry,
    /// What happened, as a sentence; amounts without their currency.
    pub text: String,
    /// The login in Procore that it was done with; null where there was none, and in entries of another company.
    pub login: Option<String>,
    /// Procore's name for the exchange.
    pub request_id: Option<String>,
    /// The lines as Procore had them then. `kept` has them too.
    #[serde(skip)]
    pub lines: Vec<Line>,
}

impl CorEntry {
    fn of(entry: RecordEntry) -> Self {
        let Ok(event) = entry.event() else {
            return Self { entry, text: UNREADABLE.to_owned(), login: None, request_id: None, lines: Vec::new() };
        };
        Self {
            entry,
            text: event.sentence(),
            login: event.login().map(str::to_owned),
            request_id: event.request_id().map(str::to_owned),
            lines: if let AuditEvent::Cor { kept, .. } = event { kept.lines } else { Vec::new() },
        }
    }

    /// Whether it stands in the other company's record.
    pub fn is_theirs(&self) -> bool {
        self.entry.kept.is_none()
    }
}

/// The record of one COR.
pub async fn of_cor(app: &App, actor: &Actor, id: CorId) -> Result<CorRecord, Error> {
    let actor = actor.clone();
    app.store
        .read(move |tx| {
            let mut us = tx.of(actor.company);
            let (cor, project) = visible_cor(&mut us, &actor, id)?;
            let side = cor.side(actor.company);
            let ours = us.audit_of_cor(id)?.into_iter().rev().map(RecordEntry::own);
            let theirs = us.audit_told_to_us(Some(id), ExportCursor::start().theirs, PAGE)?;
            Ok(CorRecord {
                cor_id: id,
                counterparty: cor.counterparty(side).name.clone(),
                number: cor.number.to_string(),
                title: cor.title,
                project_id: project.id,
                project_name: project.name,
                side,
                currency: cor.currency,
                entries: ours.chain(theirs.into_iter().map(RecordEntry::told)).map(CorEntry::of).collect(),
            })
        })
        .await
}
