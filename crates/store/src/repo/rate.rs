//! The budget of requests to a Procore account, shared by all processes of an installation.
//!
//! The limits belong to the app in an account, whichever of our companies uses it. They are no company's data, so not scoped by one.

use domain::procore::budget::{AnsweredLimits, Budget, Limit, Priority, Slot};
use jiff::{SignedDuration, Timestamp};

use crate::{Row, StoreError, Tx};

/// One app in one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The app's client id.
    pub client: String,
    /// Procore's id of the account.
    pub procore_company: i64,
}

/// What is left of the nearest limit of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLeft {
    /// Requests left until then.
    pub remaining: i64,
    /// When the limit is renewed.
    pub resets_at: Timestamp,
}

fn limit(row: &Row) -> Result<Limit, StoreError> {
    Ok(Limit {
        allowed: row.get(0)?,
        length: SignedDuration::from_micros(row.get(1)?),
        sent: slots(&row.get::<String>(2)?),
        beyond: row.get(3)?,
        ends_at: row.get(4)?,
        known_since: row.get(5)?,
        others: row.get(6)?,
        others_at: row.get(7)?,
    })
}

/// Slots as JSON, times in microseconds.
fn written(sent: &[Slot]) -> String {
    let one =
        |slot: &Slot| [slot.since.as_microsecond(), slot.at.as_microsecond(), slot.all, slot.unanswered, slot.pushes];
    serde_json::json!(sent.iter().map(one).collect::<Vec<_>>()).to_string()
}

/// The slots of [`written`]. What can't be read is forgotten: headers tell the rest.
fn slots(text: &str) -> Vec<Slot> {
    let one = |[since, at, all, unanswered, pushes]: [i64; 5]| {
        let time = |micros| Timestamp::from_microsecond(micros).ok();
        Some(Slot { since: time(since)?, at: time(at)?, all, unanswered, pushes })
    };
    serde_json::from_str::<Vec<[i64; 5]>>(text).unwrap_or_default().into_iter().filter_map(one).collect()
}

impl Tx {
    /// Lets `requests` leave, all of them or none: then the time to ask again. Committed before the first byte leaves.
    pub fn reserve_requests(
        &mut self,
        of: &Account,
        requests: i64,
        priority: Priority,
        now: Timestamp,
    ) -> Result<Result<(), Timestamp>, StoreError> {
        let before = self.rate_budget(of)?;
        let mut budget = before.clone();
        let let_through = budget.reserve(requests, priority, now);
        self.keep_budget(of, &before, &budget)?;
        Ok(let_through)
    }

    /// Takes back permits of `since` that were not used.
    pub fn give_back_requests(&mut self, of: &Account, requests: i64, since: Timestamp) -> Result<(), StoreError> {
        let before = self.rate_budget(of)?;
        let mut budget = before.clone();
        budget.give_back(requests, since);
        self.keep_budget(of, &before, &budget)
    }

    /// Takes in the answer, or the silence, to a request that was let through at `since`.
    pub fn hear_request(
        &mut self,
        of: &Account,
        heard: AnsweredLimits,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let before = self.rate_budget(of)?;
        let mut budget = before.clone();
        budget.hear(heard, since, now);
        self.keep_budget(of, &before, &budget)
    }

    /// Ends the wait that an account asked for. `false` if it asked for none.
    pub fn lift_wait(&mut self, of: &Account, now: Timestamp) -> Result<bool, StoreError> {
        let before = self.rate_budget(of)?;
        let mut budget = before.clone();
        budget.lift(now);
        self.keep_budget(of, &before, &budget)?;
        Ok(before.held_until(now).is_some())
    }

    /// The same for every app that is known in an account: for the operator.
    pub fn lift_waits_of(&mut self, procore_company: i64, now: Timestamp) -> Result<bool, StoreError> {
        let mut ended = false;
        for (account, _) in self.held_accounts(now)? {
            ended |= account.procore_company == procore_company && self.lift_wait(&account, now)?;
        }
        Ok(ended)
    }

    /// The accounts that are left alone for a while, and until when: for the operator.
    pub fn held_accounts(&mut self, now: Timestamp) -> Result<Vec<(Account, Timestamp)>, StoreError> {
        let accounts = self.readable(
            "SELECT client_id, procore_company_id FROM rate_account ORDER BY client_id, procore_company_id",
            &[],
            |row| Ok(Account { client: row.get(0)?, procore_company: row.get(1)? }),
        )?;
        let mut held = Vec::new();
        for account in accounts {
            if let Some(until) = self.rate_budget(&account)?.held_until(now) {
                held.push((account, until));
            }
        }
        Ok(held)
    }

    /// What is left of the limit of an account that is nearest to being used up; nothing if none was ever named.
    pub fn rate_left(&mut self, of: &Account, now: Timestamp) -> Result<Option<RateLeft>, StoreError> {
        let nearest = self.rate_budget(of)?.nearest(now);
        Ok(nearest.map(|(remaining, resets_at)| RateLeft { remaining, resets_at }))
    }

    /// What is known of the limits of an account.
    pub fn rate_budget(&mut self, of: &Account) -> Result<Budget, StoreError> {
        let key = [(&of.client).into(), of.procore_company.into()];
        let account = self.readable(
            "SELECT blocked_until, quiet_until, bulk_until, ahead_us, request_us FROM rate_account \
             WHERE client_id = $1 AND procore_company_id = $2",
            &key,
            |row| {
                Ok(Budget {
                    limits: Vec::new(),
                    blocked_until: row.get(0)?,
                    quiet_until: row.get(1)?,
                    bulk_until: row.get(2)?,
                    ahead: row.get::<Option<i64>>(3)?.map(SignedDuration::from_micros),
                    request: SignedDuration::from_micros(row.get(4)?),
                })
            },
        )?;
        let limits = self.readable(
            "SELECT allowed, length, sent, beyond, ends_at, known_since, others, others_at FROM rate_limit \
             WHERE client_id = $1 AND procore_company_id = $2 ORDER BY allowed",
            &key,
            limit,
        )?;
        // What can't be read of them is unknown, as before the first answer.
        Ok(Budget { limits, ..account.into_iter().next().unwrap_or_default() })
    }

    fn keep_budget(&mut self, of: &Account, before: &Budget, now: &Budget) -> Result<(), StoreError> {
        for gone in before.limits.iter().filter(|was| now.limits.iter().all(|is| is.allowed != was.allowed)) {
            self.exec(
                "DELETE FROM rate_limit WHERE client_id = $1 AND procore_company_id = $2 AND allowed = $3",
                &[(&of.client).into(), of.procore_company.into(), gone.allowed.into()],
            )?;
        }
        for limit in now.limits.iter().filter(|is| !before.limits.contains(is)) {
            self.exec(
                "INSERT INTO rate_limit (client_id, procore_company_id, allowed, length, sent, beyond, ends_at, known_since, \
                 others, others_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
                 ON CONFLICT (client_id, procore_company_id, allowed) DO UPDATE SET length = excluded.length, \
                 sent = excluded.sent, beyond = excluded.beyond, ends_at = excluded.ends_at, \
                 known_since = excluded.known_since, others = excluded.others, others_at = excluded.others_at",
                &[
                    (&of.client).into(),
                    of.procore_company.into(),
                    limit.allowed.into(),
                    micros(limit.length).into(),
                    written(&limit.sent).into(),
                    limit.beyond.into(),
                    limit.ends_at.into(),
                    limit.known_since.into(),
                    limit.others.into(),
                    limit.others_at.into(),
                ],
            )?;
        }
        let account = |budget: &Budget| Budget { limits: Vec::new(), ..budget.clone() };
        if account(before) == account(now) {
            return Ok(());
        }
        self.exec(
            "INSERT INTO rate_account (client_id, procore_company_id, blocked_until, quiet_until, bulk_until, ahead_us, \
             request_us) VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (client_id, procore_company_id) DO UPDATE SET blocked_until = excluded.blocked_until, \
             quiet_until = excluded.quiet_until, bulk_until = excluded.bulk_until, ahead_us = excluded.ahead_us, \
             request_us = excluded.request_us",
            &[
                (&of.client).into(),
                of.procore_company.into(),
                now.blocked_until.into(),
                now.quiet_until.into(),
                now.bulk_until.into(),
                now.ahead.map(micros).into(),
                micros(now.request).into(),
            ],
        )?;
        Ok(())
    }
}

fn micros(of: SignedDuration) -> i64 {
    i64::try_from(of.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_read_as_they_were_written_and_nonsense_is_none() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let sent = vec![
            Slot { since: at(1), at: at(2), all: 3, unanswered: 2, pushes: 1 },
            Slot { since: at(61), at: at(61), all: 25, unanswered: 0, pushes: 0 },
        ];
        assert_eq!(slots(&written(&sent)), sent);
        assert_eq!(slots(&written(&[])), []);
        for nonsense in ["", "[[1]]", "[[1,2,3,4]]", "{}", "[[9223372036854775807,1,1,1,1]]"] {
            assert_eq!(slots(nonsense), [], "{nonsense}");
        }
    }
}
