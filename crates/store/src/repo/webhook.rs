//! Our hooks at Procore: the wanted ones, the existing ones, and those to remove.
//!
//! We want one for every mapped project of an office that is connected to the mapping's account. A query derives this, so no verb
//! that connects, maps or disconnects can forget it.

use domain::{CompanyId, OfficeId, PersonId, ProjectId, WebhookId};
use jiff::{SignedDuration, Timestamp};

use crate::{CompanyTx, Row, StoreError, Tx};

/// How a hook stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookState {
    /// To be made at Procore, or to be made again.
    Wanted,
    /// Procore showed it as it should be.
    Live,
    /// To be removed at Procore. Its deliveries are refused.
    Going,
}

/// A hook of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Ours; stands in the address.
    pub id: WebhookId,
    /// On whose behalf.
    pub company: CompanyId,
    /// Our project.
    pub project: ProjectId,
    /// The Procore account.
    pub procore_company_id: i64,
    /// The Procore project.
    pub procore_project_id: i64,
    /// The address without the id.
    pub base: String,
    /// What Procore sends as `Authorization`, sealed.
    pub secret: Vec<u8>,
    /// How it stands.
    pub state: WebhookState,
    /// The holder's number.
    pub fence: i64,
    /// When it was wanted first.
    pub created_at: Timestamp,
    /// When Procore last showed it as it should be.
    pub verified_at: Option<Timestamp>,
}

impl WebhookState {
    /// The word it is stored as.
    pub fn code(self) -> &'static str {
        match self {
            Self::Wanted => "wanted",
            Self::Live => "live",
            Self::Going => "going",
        }
    }

    /// The state with this word.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Wanted, Self::Live, Self::Going].into_iter().find(|state| state.code() == code)
    }
}

impl Webhook {
    /// Where Procore delivers to.
    pub fn destination(&self) -> String {
        format!("{}{}", self.base, self.id)
    }
}

/// A mapped project that has no hook yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unhooked {
    /// On whose behalf.
    pub company: CompanyId,
    /// Our project.
    pub project: ProjectId,
    /// The Procore account.
    pub procore_company_id: i64,
    /// The Procore project.
    pub procore_project_id: i64,
}

/// How the hooks of an office stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OfficeHooks {
    /// Those that Procore has as they should be.
    pub live: i64,
    /// Those that are still to be made.
    pub wanted: i64,
    /// Why the first of them in trouble is; empty when none is.
    pub trouble: String,
    /// Those that were set aside because they can't be read.
    pub set_aside: i64,
    /// When something last came.
    pub delivered_at: Option<Timestamp>,
    /// Deliveries that Procore could not bring, when it was last asked.
    pub failing: i64,
}

pub(super) const WEBHOOK: &str = "SELECT w.id, w.company_id, w.project_id, w.procore_company_id, w.procore_project_id, w.base, \
     w.secret, w.state, w.fence, w.created_at, w.verified_at FROM webhook w";

/// Where a hook is wanted: a mapping `m` whose project's office is connected to its account.
const CONNECTED: &str = "FROM mapping m \
     JOIN project_company pc ON pc.project_id = m.project_id AND pc.company_id = m.company_id \
     JOIN office_integration i ON i.office_id = pc.office_id AND i.company_id = m.company_id \
       AND i.procore_company_id = m.procore_company_id";

pub(super) fn webhook(row: &Row) -> Result<Webhook, StoreError> {
    Ok(Webhook {
        id: row.get(0)?,
        company: row.get(1)?,
        project: row.get(2)?,
        procore_company_id: row.get(3)?,
        procore_project_id: row.get(4)?,
        base: row.get(5)?,
        secret: row.get(6)?,
        state: row.get(7)?,
        fence: row.get(8)?,
        created_at: row.get(9)?,
        verified_at: row.get(10)?,
    })
}

impl Tx {
    /// The mapped projects that have no hook yet, some of them.
    pub fn unhooked(&mut self) -> Result<Vec<Unhooked>, StoreError> {
        let sql = format!(
            "SELECT m.company_id, m.project_id, m.procore_company_id, m.procore_project_id {CONNECTED} \
             WHERE NOT EXISTS (SELECT 1 FROM webhook w WHERE w.company_id = m.company_id \
               AND w.project_id = m.project_id AND w.state <> 'going') \
             ORDER BY m.company_id, m.project_id LIMIT 100"
        );
        self.query(&sql, &[], |row| {
            Ok(Unhooked {
                company: row.get(0)?,
                project: row.get(1)?,
                procore_company_id: row.get(2)?,
                procore_project_id: row.get(3)?,
            })
        })
    }

    /// The hooks that are not wanted any more: their project is not mapped to that Procore project, its office not
    /// connected to that account, or this instance has another address (an empty one: wants none).
    pub fn unwanted_webhooks(&mut self, base: &str) -> Result<Vec<WebhookId>, StoreError> {
        let sql = format!(
            "SELECT w.id FROM webhook w WHERE w.state <> 'going' AND (w.base <> $1 OR NOT EXISTS (SELECT 1 {CONNECTED} \
             WHERE m.company_id = w.company_id AND m.project_id = w.project_id \
             AND m.procore_company_id = w.procore_company_id AND m.procore_project_id = w.procore_project_id)) LIMIT 100"
        );
        self.query(&sql, &[base.into()], |row| row.get(0))
    }

    /// Lets a hook go: a worker removes it at Procore.
    pub fn let_webhook_go(&mut self, id: WebhookId, now: Timestamp) -> Result<(), StoreError> {
        self.exec(
            "UPDATE webhook SET state = 'going', due_at = $2, trouble = '', fence = fence + 1, lease_until = 0 \
             WHERE id = $1 AND state <> 'going'",
            &[id.into(), now.into()],
        )?;
        Ok(())
    }

    /// Claims the hook that has been due longest and that nobody looks after, until `until`.
    pub fn claim_webhook(&mut self, now: Timestamp, until: Timestamp) -> Result<Option<Webhook>, StoreError> {
        // What is due, or held, for longer than a week counts as due and free: nobody waits so long, unless a clock was set back.
        let beyond = now.saturating_add(SignedDuration::from_hours(24 * 7)).unwrap_or(now);
        let sql = format!(
            "{WEBHOOK} WHERE w.broken = '' AND (w.due_at <= $1 OR w.due_at > $2) AND (w.lease_until <= $1 OR w.lease_until > $2) \
             ORDER BY w.due_at, w.id LIMIT 1"
        );
        let mut due = loop {
            let read = |row: &Row| Ok((row.get::<WebhookId>(0)?, webhook(row)));
            match self.one(&sql, &[now.into(), beyond.into()], read)? {
                None => return Ok(None),
                Some((_, Ok(due))) => break due,
                Some((id, Err(StoreError::Corrupt(because)))) => self.set_hook_aside(id, &because)?,
                Some((_, Err(other))) => return Err(other),
            }
        };
        self.exec_one(
            "UPDATE webhook SET fence = fence + 1, lease_until = $3 WHERE id = $1 AND fence = $2",
            &[due.id.into(), due.fence.into(), until.into()],
        )?;
        due.fence += 1;
        Ok(Some(due))
    }

    /// Whether an address of this instance is one that a hook of ours has.
    pub fn knows_webhook(&mut self, id: WebhookId) -> Result<bool, StoreError> {
        Ok(self.webhook(id)?.is_some())
    }

    /// A hook by the id in its address: deliveries come before anybody is known.
    pub fn webhook(&mut self, id: WebhookId) -> Result<Option<Webhook>, StoreError> {
        self.one(&format!("{WEBHOOK} WHERE w.id = $1"), &[id.into()], webhook)
    }

    /// Stores that Procore showed a claimed hook as it should be, with so many deliveries that it could not bring.
    /// [`StoreError::Expected1Row`] if somebody else looks after it now, or it is to go.
    pub fn webhook_is_live(
        &mut self,
        claim: &Webhook,
        failing: i64,
        now: Timestamp,
        next: Timestamp,
    ) -> Result<(), StoreError> {
        self.exec_one(
            "UPDATE webhook SET state = 'live', trouble = '', verified_at = $3, failing = $4, due_at = $5, lease_until = 0 \
             WHERE id = $1 AND fence = $2",
            &[claim.id.into(), claim.fence.into(), now.into(), failing.into(), next.into()],
        )
    }

    /// Stores that a claimed hook is not as it should be, and when it is tried again. An empty `trouble` passes by itself.
    pub fn webhook_is_in_trouble(
        &mut self,
        claim: &Webhook,
        trouble: &str,
        again: Timestamp,
    ) -> Result<(), StoreError> {
        self.exec_one(
            "UPDATE webhook SET trouble = CASE WHEN $3 = '' THEN trouble ELSE $3 END, due_at = $4, lease_until = 0 \
             WHERE id = $1 AND fence = $2",
            &[claim.id.into(), claim.fence.into(), trouble.into(), again.into()],
        )
    }

    /// Forgets a claimed hook that is gone at Procore, with what it delivered.
    pub fn forget_webhook(&mut self, claim: &Webhook) -> Result<(), StoreError> {
        self.exec("DELETE FROM webhook WHERE id = $1 AND fence = $2", &[claim.id.into(), claim.fence.into()])?;
        Ok(())
    }

    /// Forgets a hook that was removed at Procore without a claim, unless somebody looks after it at this moment, who
    /// may just be making it again.
    pub fn forget_webhook_at_rest(&mut self, hook: &Webhook, now: Timestamp) -> Result<(), StoreError> {
        self.exec(
            "DELETE FROM webhook WHERE id = $1 AND fence = $2 AND lease_until <= $3",
            &[hook.id.into(), hook.fence.into(), now.into()],
        )?;
        Ok(())
    }
}

impl CompanyTx<'_> {
    /// Wants a hook. Nothing happens if the project got one meanwhile.
    pub fn want_webhook(&mut self, new: &Webhook) -> Result<(), StoreError> {
        self.tx.exec(
            "INSERT INTO webhook (id, company_id, project_id, procore_company_id, procore_project_id, base, secret, \
             state, trouble, due_at, fence, lease_until, created_at, failing) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, 'wanted', '', $8, 0, 0, $8, 0) ON CONFLICT DO NOTHING",
            &[
                new.id.into(),
                self.company.into(),
                new.project.into(),
                new.procore_company_id.into(),
                new.procore_project_id.into(),
                (&new.base).into(),
                new.secret.clone().into(),
                new.created_at.into(),
            ],
        )?;
        Ok(())
    }

    /// How the hooks of an office's projects stand.
    pub fn office_hooks(&mut self, office: OfficeId) -> Result<OfficeHooks, StoreError> {
        let of_office = "FROM webhook w JOIN project_company pc ON pc.project_id = w.project_id \
             AND pc.company_id = w.company_id WHERE w.company_id = $1 AND pc.office_id = $2 AND w.state <> 'going'";
        let sql = format!(
            "SELECT CAST(COALESCE(SUM(CASE WHEN w.state = 'live' THEN 1 ELSE 0 END), 0) AS BIGINT), \
             CAST(COALESCE(SUM(CASE WHEN w.state = 'wanted' THEN 1 ELSE 0 END), 0) AS BIGINT), MAX(w.delivered_at), \
             CAST(COALESCE(SUM(w.failing), 0) AS BIGINT), MAX(w.trouble), \
             CAST(COALESCE(SUM(CASE WHEN w.broken <> '' THEN 1 ELSE 0 END), 0) AS BIGINT) {of_office}"
        );
        let found = self.tx.one(&sql, &[self.company.into(), office.into()], |row| {
            Ok(OfficeHooks {
                live: row.get(0)?,
                wanted: row.get(1)?,
                delivered_at: row.get(2)?,
                failing: row.get(3)?,
                trouble: row.get::<Option<String>>(4)?.unwrap_or_default(),
                set_aside: row.get(5)?,
            })
        })?;
        Ok(found.unwrap_or_default())
    }

    /// The hooks of an office's projects that a disconnect ends.
    pub fn webhooks_of_office(&mut self, office: OfficeId) -> Result<Vec<Webhook>, StoreError> {
        let sql = format!(
            "{WEBHOOK} JOIN project_company pc ON pc.project_id = w.project_id AND pc.company_id = w.company_id \
             WHERE w.company_id = $1 AND pc.office_id = $2 ORDER BY w.id"
        );
        self.tx.readable(&sql, &[self.company.into(), office.into()], webhook)
    }

    /// The people in whose name hooks of a project may be looked after: signed in to Procore, whoever connected its
    /// office first, then who may connect one.
    pub fn hands_for(&mut self, project: ProjectId) -> Result<Vec<PersonId>, StoreError> {
        self.tx.query(
            "SELECT p.id FROM procore_login l JOIN person p ON p.id = l.person_id \
             JOIN project_company pc ON pc.company_id = p.company_id AND pc.project_id = $2 \
             LEFT JOIN office_integration i ON i.office_id = pc.office_id AND i.connected_by = p.id \
             WHERE l.company_id = $1 AND l.lost_because IS NULL AND p.disabled_at IS NULL \
             ORDER BY CASE WHEN i.office_id IS NOT NULL THEN 0 WHEN p.role = 'account_owner' THEN 1 \
               WHEN p.role = 'admin' THEN 2 ELSE 3 END, p.id",
            &[self.company.into(), project.into()],
            |row| row.get(0),
        )
    }
}
