//! What Procore says about its limits, noted from every answer.

use procore::{Error as Answer, Gate, Passing, Seen};
use store::repo::integration::RateBudget;

use crate::App;

/// Stands before the requests to one Procore account.
pub struct Budget {
    app: App,
    account: i64,
}

impl Budget {
    /// The budget of an account.
    pub fn of(app: &App, account: i64) -> Self {
        Self { app: app.clone(), account }
    }
}

impl Gate for Budget {
    fn enter(&self) -> Passing<'_, Result<(), Answer>> {
        Box::pin(async { Ok(()) })
    }

    fn passed(&self, seen: Seen) -> Passing<'_, ()> {
        Box::pin(async move {
            let Some(rate) = seen.rate else { return };
            let said = RateBudget { remaining: rate.remaining.into(), resets_at: rate.reset };
            let account = self.account;
            if let Err(error) = self.app.store.write(move |tx| tx.note_rate(account, said)).await {
                // The request has been answered; losing that answer over a figure would be worse.
                tracing::warn!(%error, "what Procore said about its limit could not be noted");
            }
        })
    }
}
