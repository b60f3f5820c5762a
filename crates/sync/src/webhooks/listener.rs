//! The loop around hooks and what they deliver, beside the one around pushes.

use std::time::Duration;

use super::{hooks, inbox};
use crate::{Context, Error};

/// Between two looks.
const NAP: Duration = Duration::from_secs(1);
/// What was handled is cleared away once in so many looks.
const PRUNE_EVERY: u32 = 3600;

/// Keeps Procore telling us of changes, and has read again what it tells of. Any number of them may run.
#[derive(Clone)]
pub struct Listener {
    context: Context,
}

impl Listener {
    /// A listener of this process.
    pub fn new(context: &Context) -> Self {
        Self { context: context.clone() }
    }

    /// Looks after one hook, and handles some of what was delivered. `false` when there was neither.
    pub async fn step(&self) -> Result<bool, Error> {
        // Neither waits for the other to be well.
        let (heard, tended) = (inbox::step(&self.context).await, hooks::step(&self.context).await);
        if let (Err(_), Err(error)) = (&heard, &tended) {
            tracing::error!(%error, "hooks could not be looked after");
        }
        Ok(heard? | tended?)
    }

    /// Works until nothing is due.
    pub async fn run_until_idle(&self) -> Result<(), Error> {
        while self.step().await? {}
        Ok(())
    }

    /// Forgets what was handled long ago.
    pub async fn prune(&self) -> Result<(), Error> {
        inbox::prune(&self.context).await
    }

    /// Works for ever. What fails is logged and due again later.
    pub async fn run(&self) {
        let mut looks = 0u32;
        loop {
            match self.step().await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => tracing::error!(%error, "hooks could not be looked after"),
            }
            if looks.is_multiple_of(PRUNE_EVERY)
                && let Err(error) = self.prune().await
            {
                tracing::error!(%error, "handled deliveries could not be cleared away");
            }
            looks = looks.wrapping_add(1);
            tokio::time::sleep(NAP).await;
        }
    }
}
