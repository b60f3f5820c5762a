//! The budget of requests to a Procore account: asked before each leaves, told of each answer. Shared by all processes of
//! an installation through the database, so that none of them causes a refusal for its rate.

use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::procore::budget::{Heard, Priority, Said};
use jiff::{SignedDuration, Timestamp};
use procore::{Error as Answer, Gate, Passing, Seen};
use store::repo::rate::Account;

use crate::{App, Error};

/// How long to keep away after a refusal that names no time.
const PATIENCE: SignedDuration = SignedDuration::from_secs(15);

/// Stands before the requests to one account.
pub struct Permits {
    app: App,
    account: Account,
    priority: Priority,
    taken: Mutex<Taken>,
}

/// Permits in hand. The requests of a session leave one after the other.
#[derive(Debug, Clone, Copy)]
struct Taken {
    /// Taken together, before the first of several requests that belong together, and not used yet.
    left: i64,
    /// When the last were taken.
    since: Timestamp,
    /// When the last request was let through.
    entered: Timestamp,
}

impl Permits {
    /// Permits taken one by one, as requests leave.
    pub fn of(app: &App, procore_company: i64, priority: Priority) -> Self {
        let account = account(app, procore_company);
        let none = Taken { left: 0, since: Timestamp::UNIX_EPOCH, entered: Timestamp::UNIX_EPOCH };
        Self { app: app.clone(), account, priority, taken: Mutex::new(none) }
    }

    /// Takes permits for requests that belong together, all or none: then the time to ask again.
    pub async fn take(&self, requests: i64) -> Result<Result<(), Timestamp>, Error> {
        let (account, priority, now) = (self.account.clone(), self.priority, self.app.now());
        let taken = self.app.store.write(move |tx| tx.reserve_requests(&account, requests, priority, now)).await?;
        if taken.is_ok() {
            let mut in_hand = self.in_hand();
            (in_hand.left, in_hand.since) = (requests, now);
        }
        Ok(taken)
    }

    /// Gives back what was taken and not used.
    pub async fn give_back(&self) -> Result<(), Error> {
        let Taken { left, since, .. } = *self.in_hand();
        self.in_hand().left = 0;
        if left > 0 {
            let account = self.account.clone();
            self.app.store.write(move |tx| tx.give_back_requests(&account, left, since)).await?;
        }
        Ok(())
    }

    fn in_hand(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn uses_one(&self, now: Timestamp) -> bool {
        let mut in_hand = self.in_hand();
        if in_hand.left == 0 {
            return false;
        }
        (in_hand.left, in_hand.entered) = (in_hand.left - 1, now);
        true
    }

    fn heard(seen: Seen, now: Timestamp) -> Heard {
        let said = seen.rate.map(|rate| Said {
            allowed: rate.limit.into(),
            remaining: rate.remaining.into(),
            resets_at: rate.reset,
        });
        let asked = seen.retry_after.and_then(|after| SignedDuration::try_from(after).ok());
        let asked = asked.map(|after| now.saturating_add(after).unwrap_or(now));
        let refused = seen.status == Some(429);
        let told = asked.max(said.map(|said| said.resets_at)).filter(|until| *until > now);
        Heard {
            said,
            date: seen.date,
            refused_until: refused.then(|| told.unwrap_or(now.saturating_add(PATIENCE).unwrap_or(now))),
            quiet_until: asked.filter(|_| !refused),
        }
    }
}

impl Gate for Permits {
    fn enter(&self) -> Passing<'_, Result<(), Answer>> {
        Box::pin(async move {
            let now = self.app.now();
            if self.uses_one(now) {
                return Ok(());
            }
            let (account, priority) = (self.account.clone(), self.priority);
            let taken = self.app.store.write(move |tx| tx.reserve_requests(&account, 1, priority, now)).await;
            match taken {
                Ok(Ok(())) => {
                    (self.in_hand().since, self.in_hand().entered) = (now, now);
                    Ok(())
                }
                Ok(Err(until)) => Err(Answer::RateLimited { until: Some(until), retry_after: None }),
                Err(error) => Err(Answer::NotSent(format!("the budget of requests can't be read: {error}"))),
            }
        })
    }

    fn passed(&self, seen: Seen) -> Passing<'_, ()> {
        Box::pin(async move {
            let now = self.app.now();
            let (account, heard) = (self.account.clone(), Self::heard(seen, now));
            let since = self.in_hand().entered;
            if let Err(error) = self.app.store.write(move |tx| tx.hear_request(&account, heard, since, now)).await {
                // The request has been answered; losing that answer over a figure would be worse.
                tracing::warn!(%error, "what Procore said about its limit could not be noted");
            }
        })
    }
}

/// This app in an account.
pub fn account(app: &App, procore_company: i64) -> Account {
    Account { client: app.procore.client_id().to_owned(), procore_company }
}
