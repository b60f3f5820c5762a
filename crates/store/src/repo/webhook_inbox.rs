//! Deliveries from Procore: each stored once before it is answered, and handled later in any order.

use domain::{CompanyId, ProjectId, WebhookId};
use jiff::Timestamp;

use crate::{CompanyTx, Row, StoreError, Tx};

/// Something that was delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// Through which hook.
    pub webhook: WebhookId,
    /// Procore's id of it, the same in every repetition.
    pub delivery: String,
    /// On whose behalf.
    pub company: CompanyId,
    /// Our project.
    pub project: ProjectId,
    /// The change event, where the delivery names it.
    pub event: Option<i64>,
    /// The line, where it is about one.
    pub line: Option<i64>,
    /// The app that caused it, by its client id; empty when Procore does not say.
    pub application: String,
    /// The login that caused it.
    pub user: Option<i64>,
    /// When it happened, by Procore's clock.
    pub happened_at: Option<Timestamp>,
    /// When it came.
    pub received_at: Timestamp,
}

/// What waits to be handled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waiting {
    /// The deliveries.
    pub readable: Vec<Delivered>,
    /// Those that can't be read, by their hook and their id at Procore, and what is wrong with each: to be set aside.
    pub damaged: Vec<(WebhookId, String, String)>,
}

/// What came of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The event, or the project, is read again.
    LookedAt,
    /// We did it ourselves.
    Ours,
    /// No COR is linked to what it is about.
    NotLinked,
}

impl Outcome {
    fn word(self) -> &'static str {
        match self {
            Self::LookedAt => "looked at",
            Self::Ours => "ours",
            Self::NotLinked => "not linked",
        }
    }
}

pub(super) const DELIVERED: &str = "SELECT i.webhook_id, i.delivery_id, i.company_id, i.project_id, i.event_id, \
     i.line_id, i.application, i.user_id, i.happened_at, i.received_at FROM webhook_inbox i";

pub(super) fn delivered(row: &Row) -> Result<Delivered, StoreError> {
    Ok(Delivered {
        webhook: row.get(0)?,
        delivery: row.get(1)?,
        company: row.get(2)?,
        project: row.get(3)?,
        event: row.get(4)?,
        line: row.get(5)?,
        application: row.get(6)?,
        user: row.get(7)?,
        happened_at: row.get(8)?,
        received_at: row.get(9)?,
    })
}

impl Tx {
    /// What was delivered and is not handled yet, oldest first, some of it.
    pub fn waiting_deliveries(&mut self) -> Result<Waiting, StoreError> {
        let sql = format!("{DELIVERED} WHERE i.outcome = 'waiting' AND i.broken = '' ORDER BY i.received_at LIMIT 50");
        let mut waiting = Waiting::default();
        self.readable(&sql, &[], |row| {
            match delivered(row) {
                Ok(delivery) => waiting.readable.push(delivery),
                Err(StoreError::Corrupt(because)) => waiting.damaged.push((row.get(0)?, row.get(1)?, because)),
                Err(other) => return Err(other),
            }
            Ok(())
        })?;
        Ok(waiting)
    }

    /// Forgets what was handled and came before `before`. Answers how many.
    pub fn forget_deliveries(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        self.exec("DELETE FROM webhook_inbox WHERE outcome <> 'waiting' AND received_at < $1", &[before.into()])
    }
}

impl CompanyTx<'_> {
    /// Stores a delivery. `false` when it came before.
    pub fn store_delivery(&mut self, new: &Delivered) -> Result<bool, StoreError> {
        let stored = self.tx.exec(
            "INSERT INTO webhook_inbox (webhook_id, delivery_id, company_id, project_id, event_id, line_id, application, \
             user_id, happened_at, received_at, outcome) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'waiting') \
             ON CONFLICT (webhook_id, delivery_id) DO NOTHING",
            &[
                new.webhook.into(),
                (&new.delivery).into(),
                self.company.into(),
                new.project.into(),
                new.event.into(),
                new.line.into(),
                (&new.application).into(),
                new.user.into(),
                new.happened_at.into(),
                new.received_at.into(),
            ],
        )?;
        self.tx.exec(
            "UPDATE webhook SET delivered_at = $3 WHERE company_id = $1 AND id = $2",
            &[self.company.into(), new.webhook.into(), new.received_at.into()],
        )?;
        Ok(stored == 1)
    }

    /// Stores what came of a delivery. `false` when somebody else handled it meanwhile.
    pub fn delivery_handled(&mut self, row: &Delivered, outcome: Outcome, now: Timestamp) -> Result<bool, StoreError> {
        let changed = self.tx.exec(
            "UPDATE webhook_inbox SET outcome = $4, handled_at = $5 \
             WHERE company_id = $1 AND webhook_id = $2 AND delivery_id = $3 AND outcome = 'waiting'",
            &[self.company.into(), row.webhook.into(), (&row.delivery).into(), outcome.word().into(), now.into()],
        )?;
        Ok(changed == 1)
    }

    /// The change event of a line that we wrote, if we did.
    pub fn event_of_line(&mut self, project: ProjectId, line: i64) -> Result<Option<i64>, StoreError> {
        let found = self.tx.query(
            "SELECT l.event_id FROM link_line n JOIN link l ON l.id = n.link_id \
             WHERE l.company_id = $1 AND l.project_id = $2 AND n.procore_line_id = $3 AND l.event_id IS NOT NULL LIMIT 1",
            &[self.company.into(), project.into(), line.into()],
            |row| row.get(0),
        )?;
        Ok(found.into_iter().next())
    }

    /// Whether a COR of a project is linked to a change event; `None` asks for any event.
    pub fn is_linked(&mut self, project: ProjectId, event: Option<i64>) -> Result<bool, StoreError> {
        let found = self.tx.query(
            "SELECT 1 FROM link WHERE company_id = $1 AND project_id = $2 AND event_id IS NOT NULL \
             AND (event_id = $3 OR $3 = 0) LIMIT 1",
            &[self.company.into(), project.into(), event.unwrap_or(0).into()],
            |_| Ok(()),
        )?;
        Ok(!found.is_empty())
    }

    /// Whether a push of ours into a change event was under way between two times. With `user`, only one of that Procore
    /// login's.
    pub fn pushed_between(
        &mut self,
        project: ProjectId,
        event: i64,
        user: Option<i64>,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<bool, StoreError> {
        let found = self.tx.query(
            "SELECT 1 FROM push p LEFT JOIN procore_login g ON g.person_id = p.person_id AND g.company_id = p.company_id \
             WHERE p.company_id = $1 AND p.project_id = $2 AND p.event_id = $3 AND p.created_at <= $6 \
             AND (p.finished_at IS NULL OR p.finished_at >= $5) AND (g.procore_user_id = $4 OR $4 = 0) LIMIT 1",
            &[
                self.company.into(),
                project.into(),
                event.into(),
                user.unwrap_or(0).into(),
                from.into(),
                to.into(),
            ],
            |_| Ok(()),
        )?;
        Ok(!found.is_empty())
    }
}
