//! A link in Procore since our last write: the baseline, the findings, and what a reading last saw.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    CorId, LinkId, ProjectId,
    procore::{
        comparison::{EventFacts, Finding},
        push_plan::EventLine,
        push_state::ProcoreState,
        reference::Reference,
    },
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::link::Link;
use crate::{
    CompanyTx, Row, StoreError, Val,
    many::{self, placeholders},
};

/// The event and the locks of our lines, as our last write left them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Baseline {
    /// The event; `None` until it was read once.
    pub event: Option<EventFacts>,
    /// What our lines were tied to, by Procore's line id.
    pub locks: BTreeMap<i64, String>,
}

/// The event as last read, with our lines in it only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The event.
    pub event: EventFacts,
    /// Our lines and copies of them, deleted ones included.
    pub lines: Vec<EventLine>,
}

/// What was found about a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// Which link.
    pub link: LinkId,
    /// As we left it.
    pub baseline: Baseline,
    /// When our last write ended. A reading that began earlier doesn't count.
    pub baseline_at: Timestamp,
    /// Every difference that was found, the worst first.
    pub found: Vec<Finding>,
    /// The findings that a person left as they are; a finding that changes is open again.
    pub left_alone: Vec<Finding>,
    /// The event as last read.
    pub seen: Option<Seen>,
    /// When that reading began.
    pub seen_at: Option<Timestamp>,
}

impl Observation {
    /// Nothing found yet, since `at`.
    pub fn new(link: LinkId, baseline: Baseline, at: Timestamp) -> Self {
        let none = Vec::new;
        Self { link, baseline, baseline_at: at, found: none(), left_alone: none(), seen: None, seen_at: None }
    }

    /// Whether its event was seen to be deleted when it was last read. One that is only not shown any more may be there still.
    pub fn saw_it_deleted(&self) -> bool {
        self.seen.as_ref().is_some_and(|seen| seen.event.gone && !seen.event.hidden)
    }

    /// The findings that wait for a person.
    pub fn open(&self) -> Vec<Finding> {
        self.found.iter().filter(|finding| !self.left_alone.contains(finding)).cloned().collect()
    }
}

fn json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|e| StoreError::Internal(format!("an observation cannot be written as JSON: {e}")))
}

fn parsed<T: DeserializeOwned>(column: &str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|e| StoreError::Corrupt(format!("observation.{column}: {e}")))
}

pub(super) const OBSERVATION: &str = "SELECT link_id, baseline, baseline_at, found, left_alone, seen, seen_at FROM observation \
     WHERE company_id = $1";

pub(super) fn observation(row: &Row) -> Result<Observation, StoreError> {
    let (baseline, found, left): (String, String, String) = (row.get(1)?, row.get(3)?, row.get(4)?);
    let seen: Option<String> = row.get(5)?;
    Ok(Observation {
        link: row.get(0)?,
        baseline: parsed("baseline", &baseline)?,
        baseline_at: row.get(2)?,
        found: parsed("found", &found)?,
        left_alone: parsed("left_alone", &left)?,
        seen: seen.map(|text| parsed("seen", &text)).transpose()?,
        seen_at: row.get(6)?,
    })
}

impl CompanyTx<'_> {
    /// What was found about a link.
    pub fn observation(&mut self, link: LinkId) -> Result<Option<Observation>, StoreError> {
        self.tx.one(&format!("{OBSERVATION} AND link_id = $2"), &[self.company.into(), link.into()], observation)
    }

    /// What was found about links.
    pub fn observations(&mut self, links: &[LinkId]) -> Result<BTreeMap<LinkId, Observation>, StoreError> {
        let mut found = BTreeMap::new();
        for some in many::chunks(links) {
            let sql = format!("{OBSERVATION} AND link_id IN ({})", placeholders(2, some.len()));
            let params: Vec<Val> = std::iter::once(self.company.into()).chain(some).collect();
            found.extend(self.tx.query(&sql, &params, observation)?.into_iter().map(|one| (one.link, one)));
        }
        Ok(found)
    }

    /// Stores it. [`StoreError::Expected1Row`] if the link is not the company's.
    pub fn save_observation(&mut self, new: &Observation) -> Result<(), StoreError> {
        self.save_observations(std::slice::from_ref(new))
    }

    /// Stores several. [`StoreError::Expected1Row`] if a link is not the company's.
    pub fn save_observations(&mut self, all: &[Observation]) -> Result<(), StoreError> {
        self.must_have(&all.iter().map(|one| one.link).collect::<Vec<_>>())?;
        let mut rows = Vec::with_capacity(all.len());
        for new in all {
            rows.push([
                new.link.into(),
                self.company.into(),
                json(&new.baseline)?.into(),
                new.baseline_at.into(),
                json(&new.found)?.into(),
                json(&new.left_alone)?.into(),
                new.seen.as_ref().map(json).transpose()?.into(),
                new.seen_at.into(),
            ]);
        }
        let head = "INSERT INTO observation (link_id, company_id, baseline, baseline_at, found, left_alone, seen, seen_at) VALUES";
        let known = "ON CONFLICT (link_id) DO UPDATE SET baseline = excluded.baseline, baseline_at = excluded.baseline_at, \
                     found = excluded.found, left_alone = excluded.left_alone, seen = excluded.seen, seen_at = excluded.seen_at";
        many::insert(self.tx, head, rows, known)?;
        Ok(())
    }

    /// The events of a project that links are tied to, by Procore's id.
    pub fn linked_events(&mut self, project: ProjectId) -> Result<Vec<i64>, StoreError> {
        self.tx.query(
            "SELECT DISTINCT event_id FROM link WHERE company_id = $1 AND project_id = $2 AND event_id IS NOT NULL \
             ORDER BY event_id",
            &[self.company.into(), project.into()],
            |row| row.get(0),
        )
    }

    /// Whether a COR of the project was ever pushed. If not, Procore holds no line of ours, not even by mistake.
    pub fn has_links(&mut self, project: ProjectId) -> Result<bool, StoreError> {
        let found = self.tx.one(
            "SELECT 1 FROM link WHERE company_id = $1 AND project_id = $2 LIMIT 1",
            &[self.company.into(), project.into()],
            |row| row.get::<i64>(0),
        )?;
        Ok(found.is_some())
    }

    /// The links of a project that the log shows in a state.
    pub fn links_in_state(&mut self, project: ProjectId, state: ProcoreState) -> Result<Vec<Link>, StoreError> {
        self.links_where("project_id = $2 AND state = $3 ORDER BY id", &[project.into(), state.code().into()])
    }

    /// The link of the COR that a mark of ours belongs to: the one that bears it, or the one that its COR has now and that was
    /// moved or unlinked since.
    pub fn link_by_reference(&mut self, project: ProjectId, reference: &Reference) -> Result<Option<Link>, StoreError> {
        let params = [project.into(), reference.as_str().into()];
        let condition = "project_id = $2 AND (reference = $3 OR cor_id = (SELECT f.cor_id FROM former_reference f \
                         WHERE f.company_id = $1 AND f.project_id = $2 AND f.reference = $3)) ORDER BY id";
        Ok(self.links_where(condition, &params)?.into_iter().next())
    }

    /// Keeps what a link's lines are marked with, before the link ends.
    pub fn keep_former_reference(&mut self, link: &Link) -> Result<(), StoreError> {
        self.tx.exec_one(
            "INSERT INTO former_reference (company_id, project_id, reference, cor_id) VALUES ($1, $2, $3, $4)",
            &[self.company.into(), link.project.into(), link.reference.as_str().into(), link.cor.into()],
        )
    }

    /// What the lines of CORs were marked with before they were moved or unlinked.
    pub fn former_references(&mut self, cors: &[CorId]) -> Result<BTreeMap<CorId, BTreeSet<Reference>>, StoreError> {
        let mut found: BTreeMap<CorId, BTreeSet<Reference>> = BTreeMap::new();
        for some in many::chunks(cors) {
            let sql = format!(
                "SELECT cor_id, reference FROM former_reference WHERE company_id = $1 AND cor_id IN ({})",
                placeholders(2, some.len())
            );
            let params: Vec<Val> = std::iter::once(self.company.into()).chain(some).collect();
            for (cor, reference) in
                self.tx.query(&sql, &params, |row| Ok((row.get(0)?, Reference::stored(row.get(1)?))))?
            {
                found.entry(cor).or_default().insert(reference);
            }
        }
        Ok(found)
    }

    /// The links to an event.
    pub fn links_to(&mut self, project: ProjectId, event: i64) -> Result<Vec<Link>, StoreError> {
        self.links_where("project_id = $2 AND event_id = $3 ORDER BY id", &[project.into(), event.into()])
    }
}
