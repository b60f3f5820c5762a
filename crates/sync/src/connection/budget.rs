//! The budget of requests to a Procore account: it permits each request and learns from each answer. All processes of an
//! installation share it through the database, so that none of them exceeds Procore's limit.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::procore::budget::{AnsweredLimits, Priority, RateHeaders};
use jiff::{SignedDuration, Timestamp};
use procore::{Error as Answer, Gate, LONGEST_WAIT, Passing, Seen};
use store::repo::rate::Account;

use crate::{Context, Error};

/// How long to keep away after a refusal that names no time.
const PATIENCE: SignedDuration = SignedDuration::from_secs(15);
/// How long a person's page waits for its turn before it says when to try again.
pub const A_PERSON_WAITS: SignedDuration = SignedDuration::from_secs(10);

/// Stands before the requests to one account.
pub struct Permits {
    context: Context,
    account: Account,
    priority: Priority,
    taken: Mutex<PermitsInHand>,
}

/// Permits in hand. The requests of a session leave one after the other.
#[derive(Debug, Clone, Copy)]
struct PermitsInHand {
    /// Taken together, before the first of several requests that belong together, and not used yet.
    left: i64,
    /// When the last were taken.
    since: Timestamp,
    /// When the last request was let through.
    entered: Timestamp,
    /// Nothing is let through later.
    by: Timestamp,
}

impl Permits {
    /// Permits taken one by one, as requests leave.
    pub fn of(context: &Context, procore_company: i64, priority: Priority) -> Self {
        let account = account(context, procore_company);
        let none =
            PermitsInHand { left: 0, since: Timestamp::UNIX_EPOCH, entered: Timestamp::UNIX_EPOCH, by: Timestamp::MAX };
        Self { context: context.clone(), account, priority, taken: Mutex::new(none) }
    }

    /// Takes permits for requests that belong together, all or none: then the time to ask again.
    pub async fn take(&self, requests: i64) -> Result<Result<(), Timestamp>, Error> {
        let (account, priority, now) = (self.account.clone(), self.priority, self.context.now());
        let taken = self.context.store.write(move |tx| tx.reserve_requests(&account, requests, priority, now)).await?;
        if taken.is_ok() {
            let mut in_hand = self.in_hand();
            (in_hand.left, in_hand.since) = (requests, now);
        }
        Ok(taken)
    }

    /// Lets nothing through after that moment: a request that waits longer for its turn is not sent.
    pub fn close_at(&self, by: Timestamp) {
        self.in_hand().by = by;
    }

    /// Gives back what was taken and not used.
    pub async fn give_back(&self) -> Result<(), Error> {
        let PermitsInHand { left, since, .. } = *self.in_hand();
        self.in_hand().left = 0;
        if left > 0 {
            let account = self.account.clone();
            self.context.store.write(move |tx| tx.give_back_requests(&account, left, since)).await?;
        }
        Ok(())
    }

    /// How long a request waits for its turn where it is. Workers leave theirs to others, and come back.
    const fn waits(&self) -> SignedDuration {
        match self.priority {
            Priority::Interactive => A_PERSON_WAITS,
            Priority::Background | Priority::Bulk => SignedDuration::ZERO,
        }
    }

    fn in_hand(&self) -> MutexGuard<'_, PermitsInHand> {
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

    fn heard(seen: Seen, now: Timestamp) -> AnsweredLimits {
        let ahead = |span: SignedDuration| now.saturating_add(span).unwrap_or(now);
        // A moment by a clock that nobody showed is believed for a quarter of an hour.
        let reset = seen.rate.map(|rate| rate.reset);
        let reset = if seen.date.is_none() { reset.map(|reset| reset.min(ahead(LONGEST_WAIT))) } else { reset };
        let said = seen.rate.zip(reset).map(|(rate, resets_at)| RateHeaders {
            allowed: rate.limit.into(),
            remaining: rate.remaining.into(),
            resets_at,
        });
        let asked = seen.retry_after.and_then(|after| SignedDuration::try_from(after).ok()).map(ahead);
        let refused = seen.status == Some(429);
        let renewed = reset.map(|reset| seen.date.map_or(reset, |date| ahead(reset.duration_since(date))));
        let told = asked.max(renewed).filter(|until| *until > now);
        AnsweredLimits {
            said,
            date: seen.date,
            refused_until: refused.then(|| told.unwrap_or(now.saturating_add(PATIENCE).unwrap_or(now))),
            quiet_until: asked.filter(|_| !refused),
        }
    }
}

impl Permits {
    /// Waits for a turn.
    async fn turn(&self) -> Result<(), Answer> {
        let came = self.context.now();
        if self.uses_one(came) {
            return Ok(());
        }
        loop {
            let now = self.context.now();
            let (account, priority) = (self.account.clone(), self.priority);
            let taken = self.context.store.write(move |tx| tx.reserve_requests(&account, 1, priority, now)).await;
            let until = match taken {
                Ok(Ok(())) => {
                    (self.in_hand().since, self.in_hand().entered) = (now, now);
                    return Ok(());
                }
                Ok(Err(until)) => until,
                Err(error) => {
                    return Err(Answer::NotSent(format!("the budget of requests can't be read: {error}")));
                }
            };
            let wait = Duration::try_from(until.duration_since(now)).unwrap_or_default();
            let refusal = Answer::RateLimited { until: Some(until), retry_after: Some(wait) };
            if until.duration_since(came) > self.waits() {
                return Err(refusal);
            }
            self.context.clock.pause(wait).await;
            if self.context.now() < until {
                return Err(refusal);
            }
        }
    }
}

impl Gate for Permits {
    fn enter(&self) -> Passing<'_, Result<(), Answer>> {
        Box::pin(async move {
            self.turn().await?;
            if self.context.now() > self.in_hand().by {
                return Err(Answer::NotSent("its turn came too late".to_owned()));
            }
            Ok(())
        })
    }

    fn passed(&self, seen: Seen) -> Passing<'_, ()> {
        Box::pin(async move {
            let now = self.context.now();
            let (account, heard) = (self.account.clone(), Self::heard(seen, now));
            let since = self.in_hand().entered;
            if let Err(error) = self.context.store.write(move |tx| tx.hear_request(&account, heard, since, now)).await {
                // The request has been answered; losing that answer over a figure would be worse.
                tracing::warn!(%error, "what Procore said about its limit could not be noted");
            }
        })
    }
}

/// Until when no request of this priority leaves to an account; nothing when one would leave now.
pub async fn held_until(
    context: &Context,
    procore_company: i64,
    priority: Priority,
) -> Result<Option<Timestamp>, Error> {
    let (account, now) = (account(context, procore_company), context.now());
    let mut budget = context.store.read(move |tx| tx.rate_budget(&account)).await?;
    Ok(budget.reserve(1, priority, now).err())
}

/// This app in an account.
pub fn account(context: &Context, procore_company: i64) -> Account {
    Account { client: context.procore.client_id().to_owned(), procore_company }
}

#[cfg(test)]
mod tests {
    use procore::Rate;

    use super::*;

    #[test]
    fn a_wait_is_a_time_span_whatever_clock_the_other_side_goes_by() {
        let now: Timestamp = "2026-11-30T12:00:00Z".parse().unwrap();
        let in_2100: Timestamp = "2100-01-01T00:00:00Z".parse().unwrap();
        let minutes = SignedDuration::from_mins;
        let rate = |reset| Some(Rate { limit: 25, remaining: 0, reset });
        let refused = |seen: Seen| {
            let until = Permits::heard(Seen { status: Some(429), ..seen }, now).refused_until.unwrap();
            until.duration_since(now)
        };
        let after = Some(Duration::from_secs(30));
        let nothing = Seen::default();
        assert_eq!(refused(nothing), PATIENCE);
        assert_eq!(refused(Seen { date: Some(in_2100), retry_after: after, ..nothing }).as_secs(), 30);
        let both = Seen { date: Some(in_2100), rate: rate(in_2100 + minutes(2)), ..nothing };
        assert_eq!(refused(both), minutes(2));
        let fast = now + minutes(20);
        let both = Seen { date: Some(fast), retry_after: after, rate: rate(fast + minutes(1)), ..nothing };
        assert_eq!(refused(both), minutes(1), "twenty minutes ahead of ours");
        assert_eq!(refused(Seen { rate: rate(in_2100), ..nothing }), minutes(15), "no clock was shown");
        assert_eq!(refused(Seen { rate: rate(now + minutes(5)), ..nothing }), minutes(5));
    }
}
