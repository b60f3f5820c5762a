//! The loop around the protocol: claim a push that is due, make one attempt, sleep until the next is due.

use std::time::Duration;

use domain::procore::push_state::ProcoreState;
use store::{StoreError, Tx, repo::outbox::Claim};

use super::attempt::{Attempt, lease};
use crate::{Context, Error, reconcile, words};

/// The longest nap. A row that another process wrote is found by then.
const NAP: Duration = Duration::from_secs(2);
/// After this many attempts, a reading gets its turn.
const ATTEMPTS_PER_READING: u32 = 8;

/// Carries pushes out. Any number of workers share the outbox.
#[derive(Clone)]
pub struct Worker {
    context: Context,
    holder: String,
}

impl Worker {
    /// A worker of this process.
    pub fn new(context: &Context) -> Self {
        let mut id = [0u8; 8];
        context.entropy.fill(&mut id);
        Self { context: context.clone(), holder: format!("{:016x}", u64::from_be_bytes(id)) }
    }

    /// Claims the push that has been due longest. If a crash drops the claim, the push is found again when the lease ends.
    pub async fn claim(&self) -> Result<Option<Attempt>, Error> {
        let now = self.context.now();
        let (holder, until) = (self.holder.clone(), lease(&self.context, now));
        let claimed = self
            .context
            .store
            .write(move |tx| {
                while let Some(claim) = tx.claim(&holder, now, until)? {
                    match tx.of(claim.company).push(claim.push) {
                        Ok(push) => {
                            let push = push.ok_or_else(|| Error::internal("a push is missing"))?;
                            return Ok::<_, Error>(Some((claim, push)));
                        }
                        Err(StoreError::Corrupt(because)) => set_aside(tx, &claim, &because)?,
                        Err(other) => return Err(other.into()),
                    }
                }
                Ok(None)
            })
            .await?;
        Ok(claimed.map(|(claim, push)| Attempt::new(self.context.clone(), claim, push)))
    }

    /// Claims one push and makes an attempt at it. `false` when nothing was due. If the push can't be read, it is set aside.
    pub async fn step(&self) -> Result<bool, Error> {
        let Some(mut attempt) = self.claim().await? else { return Ok(false) };
        let (permits, claim) = (attempt.permits.clone(), attempt.claim.clone());
        let ended = loop {
            match attempt.advance().await {
                Ok(Some(next)) => attempt = next,
                Ok(None) => break Ok(true),
                Err(Error::Unreadable(because)) => {
                    // Only while we hold the queue: otherwise another worker has the push, and finds the same.
                    let aside = self.context.store.write(move |tx| {
                        tx.release(&claim)?;
                        set_aside(tx, &claim, &because)
                    });
                    break aside.await.map(|()| true);
                }
                Err(error) => break Err(error),
            }
        };
        permits.give_back().await?;
        ended
    }

    /// Reads one project that is due for what was changed in Procore. `false` when none was.
    pub async fn observe(&self) -> Result<bool, Error> {
        reconcile::step(&self.context).await
    }

    /// Works until nothing is due.
    pub async fn run_until_idle(&self) -> Result<(), Error> {
        while self.step().await? {}
        Ok(())
    }

    /// One pass of a push, or one reading: readings come between pushes, and have their turn after so many passes even if
    /// there is always another push. `attempts` counts those since the last turn. `false` when nothing was due.
    pub async fn turn(&self, attempts: &mut u32) -> Result<bool, Error> {
        if *attempts < ATTEMPTS_PER_READING && self.step().await? {
            *attempts += 1;
            return Ok(true);
        }
        // After passes there may be another one due, whatever became of the reading.
        let pushed = std::mem::take(attempts) > 0;
        match self.observe().await {
            Ok(read) => Ok(read || pushed),
            Err(error) if pushed => {
                tracing::error!(%error, "Procore could not be read for what was changed there");
                Ok(true)
            }
            Err(error) => Err(error),
        }
    }

    /// Works for ever. A pass that fails is logged; its push is found again when its lease has ended.
    pub async fn run(&self) {
        let mut attempts = 0;
        loop {
            let woken = self.context.wake.notified();
            // What failed, as on a full disk, is not tried again at once, however long it has been due.
            let nap = match self.turn(&mut attempts).await {
                Ok(true) => {
                    self.context.vitals.works();
                    continue;
                }
                Ok(false) => {
                    self.context.vitals.works();
                    self.nap().await
                }
                Err(error) => {
                    tracing::error!(%error, "the worker could not go on");
                    self.context.vitals.fails();
                    NAP
                }
            };
            let _ = tokio::time::timeout(nap, woken).await;
        }
    }

    async fn nap(&self) -> Duration {
        let due = self.context.store.read(store::Tx::next_due).await.ok().flatten();
        let watch = self.context.store.read(store::Tx::next_watch).await.ok().flatten();
        let due = [due, watch].into_iter().flatten().min();
        let until = due.map(|due| due.duration_since(self.context.now()));
        until.and_then(|u| Duration::try_from(u).ok()).unwrap_or(NAP).clamp(Duration::from_millis(50), NAP)
    }
}

/// Sets aside a push that can't be read, so that it doesn't hold up the others; its CORs say so.
fn set_aside(tx: &mut Tx, claim: &Claim, because: &str) -> Result<(), Error> {
    tracing::error!(push = %claim.push, company = %claim.company, because, "a push can't be read and was set aside");
    tx.set_aside(claim.push, because)?;
    let mut us = tx.of(claim.company);
    for mut link in us.links_of_push(claim.push)?.into_iter().filter(|link| link.state.is_busy()) {
        (link.state, link.reason) = (ProcoreState::Stopped, words::UNREADABLE.to_owned());
        us.show_link(&link)?;
    }
    Ok(())
}
