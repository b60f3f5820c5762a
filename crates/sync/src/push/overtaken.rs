//! A COR that was voided while its push was on its way, or taken back from that while its removal was: what was planned for it is
//! not what it asks for any more, so nothing of that is sent. What has left already is found and told.

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

/// Those of some CORs of a plan that have a place in Procore now and had none, or the other way round.
pub(super) fn overtaken(tx: &mut CompanyTx<'_>, plan: &Plan, cors: &[CorId]) -> Result<BTreeSet<CorId>, StoreError> {
    let out = tx.out_of_procore(cors)?;
    let is_turned = |cor: &CorId| plan.cor(*cor).is_some_and(|planned| planned.taken_out != out.contains_key(cor));
    Ok(cors.iter().copied().filter(is_turned).collect())
}

/// What becomes of a push that is about to be recorded as *sending*, in the same transaction: with such a COR in its batch it
/// waits, and the next pass leaves that COR out.
pub(super) fn held_back(tx: &mut CompanyTx<'_>, was: &Push, next: Push, now: Timestamp) -> Result<Push, StoreError> {
    let sends = matches!(next.state, PushState::Sending { .. }) && was.order.purpose == Purpose::Write;
    let cors = next.batches.first().map(|batch| batch.cors.as_slice()).unwrap_or_default();
    if !sends || overtaken(tx, &was.order.plan, cors)?.is_empty() {
        return Ok(next);
    }
    Ok(Push { state: PushState::Queued { due: now }, ..was.clone() })
}

impl Attempt {
    /// The same of the batch that is to be sent next. A removal that somebody asked for by itself goes on whatever the COR is.
    pub(super) async fn overtaken(&self, batch: &Batch) -> Result<BTreeSet<CorId>, Error> {
        if self.push.order.purpose != Purpose::Write {
            return Ok(BTreeSet::new());
        }
        let (company, cors, plan) = (self.push.company, batch.cors.clone(), self.push.order.plan.clone());
        Ok(self.context.store.read(move |tx| overtaken(&mut tx.of(company), &plan, &cors)).await?)
    }
}
