//! Pushes: what was confirmed, where it stands, and how each COR of it ended.

use std::collections::BTreeMap;

use domain::{
    CompanyId, CorId, DraftId, LinkId, OfficeId, PersonId, ProjectId, PushId,
    procore::{
        Amount,
        push::{Batch, Order},
        push_state::{CorOutcome, ProcoreState, PushState, RequestedAction},
    },
};
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    CompanyTx, Row, StoreError, Val,
    many::{self, placeholders},
};

/// A push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// Its id.
    pub id: PushId,
    /// Whose.
    pub company: CompanyId,
    /// From which project.
    pub project: ProjectId,
    /// As whom.
    pub person: PersonId,
    /// The draft it was confirmed in.
    pub draft: Option<DraftId>,
    /// Into which Procore account.
    pub procore_company: i64,
    /// Into which Procore project.
    pub procore_project: i64,
    /// One writer at a time per queue.
    pub queue: String,
    /// The change event; unknown until a new one exists.
    pub event: Option<i64>,
    /// What was confirmed.
    pub order: Order,
    /// What is still to be sent, the current batch first.
    pub batches: Vec<Batch>,
    /// Where it stands.
    pub state: PushState,
    /// Counts requests recorded as *sending*.
    pub attempt: i64,
    /// What a person asked of it, until it is carried out.
    pub requested: Option<RequestedAction>,
    /// When it was confirmed.
    pub created_at: Timestamp,
    /// A change event that bears its marks, as something else than its own looks told; only while its own is unknown.
    pub seen_event: Option<i64>,
}

/// A COR of a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushCor {
    /// Which COR.
    pub cor: CorId,
    /// Its link.
    pub link: LinkId,
    /// The COR's `priced` that the plan was made of.
    pub priced: i64,
    /// The amount in Procore before.
    pub previous: Amount,
    /// The amount planned.
    pub planned: Amount,
    /// What the log said before the push, and why: said again when it is taken back.
    pub before: (ProcoreState, String),
    /// How it ended.
    pub outcome: CorOutcome,
}

/// A push that holds a COR, as a list of CORs tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnderWay {
    /// The push.
    pub push: PushId,
    /// The draft it was confirmed in, whose address shows its progress; a removal has none.
    pub draft: Option<DraftId>,
    /// Where it stands.
    pub state: PushState,
    /// When it was confirmed.
    pub asked_at: Timestamp,
}

fn json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|e| StoreError::Internal(format!("a push cannot be written as JSON: {e}")))
}

fn parsed<T: DeserializeOwned>(column: &str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|e| StoreError::Corrupt(format!("push.{column}: {e}")))
}

pub(super) const PUSH: &str = "SELECT id, company_id, project_id, person_id, draft_id, procore_company_id, procore_project_id, queue, \
     event_id, body, batches, state_body, attempt, created_at, requested_action, seen_event_id FROM push WHERE company_id = $1";

pub(super) fn push(row: &Row) -> Result<Push, StoreError> {
    let (order, batches, state): (String, String, String) = (row.get(9)?, row.get(10)?, row.get(11)?);
    Ok(Push {
        id: row.get(0)?,
        company: row.get(1)?,
        project: row.get(2)?,
        person: row.get(3)?,
        draft: row.get(4)?,
        procore_company: row.get(5)?,
        procore_project: row.get(6)?,
        queue: row.get(7)?,
        event: row.get(8)?,
        order: parsed("body", &order)?,
        batches: parsed("batches", &batches)?,
        state: parsed("state_body", &state)?,
        attempt: row.get(12)?,
        created_at: row.get(13)?,
        requested: row.get(14)?,
        seen_event: row.get(15)?,
    })
}

pub(super) const PUSH_COR: &str = "SELECT c.cor_id, c.link_id, c.priced, c.previous, c.planned, c.outcome, c.why, \
     c.state_before, c.reason_before, c.push_id FROM push_cor c JOIN push p ON p.id = c.push_id WHERE p.company_id = $1";

pub(super) fn push_cor(row: &Row) -> Result<PushCor, StoreError> {
    let (outcome, why): (String, String) = (row.get(5)?, row.get(6)?);
    let outcome = match outcome.as_str() {
        "pending" => CorOutcome::Pending,
        "written" => CorOutcome::Written,
        "refused" => CorOutcome::Refused { why },
        "changed" => CorOutcome::Changed { why },
        "cancelled" => CorOutcome::Cancelled,
        other => return Err(StoreError::Corrupt(format!("push_cor.outcome: {other}"))),
    };
    Ok(PushCor {
        cor: row.get(0)?,
        link: row.get(1)?,
        priced: row.get(2)?,
        previous: row.get(3)?,
        planned: row.get(4)?,
        before: (row.get(7)?, row.get(8)?),
        outcome,
    })
}

impl CompanyTx<'_> {
    /// Stores a confirmed push with its CORs and its outbox row: from this moment on it will be carried out, as whom its
    /// person is signed in as.
    pub fn insert_push(&mut self, push: &Push, cors: &[PushCor]) -> Result<(), StoreError> {
        self.tx.exec_one(
            "INSERT INTO push (id, company_id, project_id, person_id, draft_id, procore_company_id, procore_project_id, \
             queue, event_id, body, batches, state, state_body, attempt, created_at, requested_action, procore_user_id, procore_user) \
             VALUES ($2, $1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, \
             (SELECT procore_user_id FROM procore_login WHERE company_id = $1 AND person_id = $4), \
             (SELECT procore_user FROM procore_login WHERE company_id = $1 AND person_id = $4))",
            &[
                self.company.into(),
                push.id.into(),
                push.project.into(),
                push.person.into(),
                push.draft.into(),
                push.procore_company.into(),
                push.procore_project.into(),
                (&push.queue).into(),
                push.event.into(),
                json(&push.order)?.into(),
                json(&push.batches)?.into(),
                push.state.code().into(),
                json(&push.state)?.into(),
                push.attempt.into(),
                push.created_at.into(),
                push.requested.into(),
            ],
        )?;
        let rows = cors.iter().enumerate().map(|(position, cor)| {
            [
                push.id.into(),
                i64::try_from(position).unwrap_or(i64::MAX).into(),
                cor.cor.into(),
                cor.link.into(),
                cor.priced.into(),
                cor.previous.into(),
                cor.planned.into(),
                cor.outcome.code().into(),
                why(&cor.outcome).into(),
                cor.before.0.into(),
                (&cor.before.1).into(),
            ]
        });
        let head = "INSERT INTO push_cor (push_id, position, cor_id, link_id, priced, previous, planned, outcome, why, \
                    state_before, reason_before) VALUES";
        many::insert(self.tx, head, rows, "")?;
        self.tx.exec_one(
            "INSERT INTO outbox (push_id, company_id, procore_company_id, queue, due_at, parked, claims, broken) \
             VALUES ($1, $2, $3, $4, $5, 0, 0, '')",
            &[
                push.id.into(),
                self.company.into(),
                push.procore_company.into(),
                (&push.queue).into(),
                push.created_at.into(),
            ],
        )
    }

    /// A push of this company.
    pub fn push(&mut self, id: PushId) -> Result<Option<Push>, StoreError> {
        self.tx.one(&format!("{PUSH} AND id = $2"), &[self.company.into(), id.into()], push)
    }

    /// The pushes that were confirmed in a draft.
    pub fn pushes_of_draft(&mut self, draft: DraftId) -> Result<Vec<Push>, StoreError> {
        let sql = format!("{PUSH} AND draft_id = $2 ORDER BY id");
        self.tx.query(&sql, &[self.company.into(), draft.into()], push)
    }

    /// The pushes that hold some CORs now.
    pub fn pushes_holding(&mut self, cors: &[CorId]) -> Result<BTreeMap<CorId, UnderWay>, StoreError> {
        let mut holding = BTreeMap::new();
        for some in many::chunks(cors) {
            let sql = format!(
                "SELECT l.cor_id, p.id, p.draft_id, p.state_body, p.created_at FROM link l \
                 JOIN push p ON p.id = l.push_id AND p.company_id = l.company_id \
                 WHERE l.company_id = $1 AND p.finished_at IS NULL AND l.cor_id IN ({})",
                placeholders(2, some.len())
            );
            let params: Vec<Val> = std::iter::once(self.company.into()).chain(some).collect();
            // One that can't be read says nothing of itself, and hides no other.
            let (found, _) = self.tx.query_readable(&sql, &params, |row| {
                let state: String = row.get(3)?;
                let state = parsed("state_body", &state)?;
                let way = UnderWay { push: row.get(1)?, draft: row.get(2)?, state, asked_at: row.get(4)? };
                Ok((row.get::<CorId>(0)?, way))
            })?;
            holding.extend(found.into_iter().filter(|(_, way)| !way.state.is_at_rest()));
        }
        Ok(holding)
    }

    /// The CORs of a push, in the order of the selection.
    pub fn push_cors(&mut self, id: PushId) -> Result<Vec<PushCor>, StoreError> {
        let sql = format!("{PUSH_COR} AND c.push_id = $2 ORDER BY c.position");
        self.tx.query(&sql, &[self.company.into(), id.into()], push_cor)
    }

    /// Stores how CORs of a push ended, each once. [`StoreError::Expected1Row`] if one is not there or ended before.
    pub fn end_push_cors(&mut self, push: PushId, ended: &[(CorId, CorOutcome)]) -> Result<(), StoreError> {
        let mut alike: BTreeMap<(&str, &str), Vec<CorId>> = BTreeMap::new();
        for (cor, outcome) in ended {
            alike.entry((outcome.code(), why(outcome))).or_default().push(*cor);
        }
        let mut changed = 0;
        for ((code, why), cors) in alike {
            for some in many::chunks(&cors) {
                let sql = format!(
                    "UPDATE push_cor SET outcome = $3, why = $4 WHERE push_id = $2 AND outcome = 'pending' \
                     AND push_id IN (SELECT id FROM push WHERE company_id = $1) AND cor_id IN ({})",
                    placeholders(5, some.len())
                );
                let params = [self.company.into(), push.into(), code.into(), why.into()];
                changed += self.tx.exec(&sql, &params.into_iter().chain(some).collect::<Vec<Val>>())?;
            }
        }
        if changed == ended.len() as u64 { Ok(()) } else { Err(StoreError::Expected1Row { changed }) }
    }

    /// Moves a push on from the state and attempt it was read in, and its outbox row with it: due, held back, or gone
    /// when the push is at rest. [`StoreError::Expected1Row`] if somebody else moved it.
    pub fn advance_push(&mut self, was: &Push, now: &Push, at: Timestamp) -> Result<(), StoreError> {
        if !was.state.may_become(&now.state) {
            let arrow = format!("{} → {}", was.state.code(), now.state.code());
            return Err(StoreError::Internal(format!("a push cannot go {arrow}")));
        }
        let sends = [&was.state, &now.state].into_iter().any(|state| matches!(state, PushState::Sending { .. }));
        let as_it_was = "UPDATE push SET event_id = $5, batches = $6, state = $7, state_body = $8, attempt = $9, \
             finished_at = $10, requested_action = $11, written_at = COALESCE($12, written_at) \
             WHERE company_id = $1 AND id = $2 AND state_body = $3 AND attempt = $4";
        #[cfg(feature = "sabotage")]
        let as_it_was = if super::outbox::unfenced() {
            &as_it_was.replace("state_body = $3 AND attempt = $4", "($3 = $3 OR $4 >= 0)")
        } else {
            as_it_was
        };
        self.tx.exec_one(
            as_it_was,
            &[
                self.company.into(),
                was.id.into(),
                json(&was.state)?.into(),
                was.attempt.into(),
                now.event.into(),
                json(&now.batches)?.into(),
                now.state.code().into(),
                json(&now.state)?.into(),
                now.attempt.into(),
                now.state.is_at_rest().then_some(at).into(),
                now.requested.filter(|_| !now.state.is_at_rest()).into(),
                sends.then_some(at).into(),
            ],
        )?;
        let (due, parked) = match &now.state {
            PushState::Queued { due } => (*due, false),
            PushState::Sending { since } => (*since, false),
            PushState::Uncertain { look_at } => (*look_at, false),
            PushState::Parked { .. } | PushState::Stopped { .. } | PushState::Paused { .. } => (at, true),
            PushState::Finished | PushState::Cancelled | PushState::Changed { .. } => {
                return self.tx.exec_one("DELETE FROM outbox WHERE push_id = $1", &[was.id.into()]);
            }
        };
        // An office that was disconnected meanwhile holds its rows back until it is connected again: one in progress is
        // marked by the disconnect, one that waited for its person is looked after here.
        let was_parked = was.state.waits_for_a_person();
        let held_back = was_parked && !self.is_connected(was)?;
        self.tx.exec_one(
            "UPDATE outbox SET due_at = $2, parked = CASE WHEN $3 = 1 THEN 1 WHEN $4 = 1 THEN 0 ELSE parked END \
             WHERE push_id = $1",
            &[was.id.into(), due.into(), (parked || held_back).into(), was_parked.into()],
        )
    }

    /// Whether the office of a push's project is connected to the account it goes to.
    fn is_connected(&mut self, push: &Push) -> Result<bool, StoreError> {
        let found = self.tx.one(
            "SELECT i.office_id FROM office_integration i \
             JOIN project_company pc ON pc.office_id = i.office_id AND pc.company_id = i.company_id \
             WHERE i.company_id = $1 AND pc.project_id = $2 AND i.procore_company_id = $3",
            &[self.company.into(), push.project.into(), push.procore_company.into()],
            |row| row.get::<OfficeId>(0),
        )?;
        Ok(found.is_some())
    }

    /// What a person wants of a push, as of now.
    pub fn requested_action_of(&mut self, id: PushId) -> Result<Option<RequestedAction>, StoreError> {
        let sql = "SELECT requested_action FROM push WHERE company_id = $1 AND id = $2";
        Ok(self.tx.one(sql, &[self.company.into(), id.into()], |row| row.get(0))?.flatten())
    }

    /// Whether a worker holds a queue of this company's pushes.
    pub fn queue_is_held(&mut self, queue: &str, now: Timestamp) -> Result<bool, StoreError> {
        self.tx.is_held(queue, now)
    }

    /// Notes what a person wants of a push that a worker holds.
    pub fn request_action(&mut self, id: PushId, requested: Option<RequestedAction>) -> Result<(), StoreError> {
        let sql = "UPDATE push SET requested_action = $3 WHERE company_id = $1 AND id = $2";
        self.tx.exec_one(sql, &[self.company.into(), id.into(), requested.into()])
    }
}

fn why(outcome: &CorOutcome) -> &str {
    match outcome {
        CorOutcome::Pending | CorOutcome::Written | CorOutcome::Cancelled => "",
        CorOutcome::Refused { why } | CorOutcome::Changed { why } => why,
    }
}
