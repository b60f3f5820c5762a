//! A COR that was voided during its push, or taken back from void during its removal: its plan is outdated, so nothing more of it
//! is sent. A look finds what was already sent.

use std::collections::BTreeSet;

use domain::{
    CorId,
    procore::{
        push::{Batch, Purpose},
        push_plan::Plan,
        push_state::PushState,
    },
};
use jiff::Timestamp;
use store::{CompanyTx, StoreError, repo::push::Push};

use super::attempt::Attempt;
use crate::Error;

/// The CORs of a plan that have a place in Procore now and had none when it was made, or the other way round.
pub(super) fn overtaken(tx: &mut CompanyTx<'_>, plan: &Plan, cors: &[CorId]) -> Result<BTreeSet<CorId>, StoreError> {
    let out = tx.out_of_procore(cors)?;
    let is_turned = |cor: &CorId| plan.cor(*cor).is_some_and(|planned| planned.taken_out != out.contains_key(cor));
    Ok(cors.iter().copied().filter(is_turned).collect())
}

/// Holds back a push that is about to be recorded as *sending*, in the same transaction, if such a COR is in its batch. The next
/// attempt leaves that COR out.
pub(super) fn held_back(tx: &mut CompanyTx<'_>, was: &Push, next: Push, now: Timestamp) -> Result<Push, StoreError> {
    let sends = matches!(next.state, PushState::Sending { .. }) && was.order.purpose == Purpose::Write;
    let cors = next.batches.first().map(|batch| batch.cors.as_slice()).unwrap_or_default();
    if !sends || overtaken(tx, &was.order.plan, cors)?.is_empty() {
        return Ok(next);
    }
    Ok(Push { state: PushState::Queued { due: now }, ..was.clone() })
}

impl Attempt {
    /// Such CORs of the next batch. A removal that somebody asked for goes on whatever the COR's status is.
    pub(super) async fn overtaken(&self, batch: &Batch) -> Result<BTreeSet<CorId>, Error> {
        if self.push.order.purpose != Purpose::Write {
            return Ok(BTreeSet::new());
        }
        let (company, cors, plan) = (self.push.company, batch.cors.clone(), self.push.order.plan.clone());
        Ok(self.context.store.read(move |tx| overtaken(&mut tx.of(company), &plan, &cors)).await?)
    }
}
