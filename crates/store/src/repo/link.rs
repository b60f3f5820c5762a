//! The tie between one COR of one company and one change event: which lines there are ours.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    ContractId, CorId, LinkId, ProjectId, PushId,
    cor::{Breakdown, LineKey},
    procore::{
        Amount, Side,
        push_plan::{KnownLine, Values},
        push_state::ProcoreState,
        reference::Reference,
    },
};
use jiff::Timestamp;

use crate::{
    CompanyTx, Row, StoreError, Val,
    many::{self, placeholders},
};

/// A link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its id.
    pub id: LinkId,
    /// Which COR.
    pub cor: CorId,
    /// On which project.
    pub project: ProjectId,
    /// On which side.
    pub side: Side,
    /// What its lines in Procore are known by.
    pub reference: Reference,
    /// Procore's change event; unknown until it exists.
    pub event: Option<i64>,
    /// In which detail it was pushed last.
    pub breakdown: Breakdown,
    /// What the log says of it.
    pub state: ProcoreState,
    /// Why, beside states that a person acts on.
    pub reason: String,
    /// The COR's `priced` that Procore holds; a lower one while a lock keeps something of it out.
    pub pushed: i64,
    /// The amount that Procore holds.
    pub pushed_amount: Amount,
    /// When.
    pub pushed_at: Option<Timestamp>,
    /// The push that owns it while it is busy, or that was the last to.
    pub push: Option<PushId>,
}

impl Link {
    /// Whether a push of the COR was ever written to where the link points now.
    pub const fn was_pushed(&self) -> bool {
        self.pushed_at.is_some()
    }
}

pub(super) const LINK: &str = "SELECT id, cor_id, project_id, side, reference, event_id, breakdown, state, reason, pushed, \
     pushed_amount, pushed_at, push_id FROM link WHERE company_id = $1";

pub(super) const LINE: &str = "SELECT n.line_key, n.ordinal, n.procore_line_id, n.description, n.amount, \
     n.budget_code_id, n.contract_id, n.vendor_id, n.link_id FROM link_line n JOIN link l ON l.id = n.link_id \
     WHERE l.company_id = $1";

pub(super) fn line(row: &Row) -> Result<KnownLine, StoreError> {
    let key: String = row.get(0)?;
    Ok(KnownLine {
        key: key.parse().map_err(|e| StoreError::Corrupt(format!("link_line.line_key: {e}")))?,
        ordinal: row.get(1)?,
        line: row.get(2)?,
        values: Values {
            description: row.get(3)?,
            amount: row.get(4)?,
            budget_code: row.get(5)?,
            contract: row.get(6)?,
            vendor: row.get(7)?,
        },
    })
}

pub(super) fn link(row: &Row) -> Result<Link, StoreError> {
    Ok(Link {
        id: row.get(0)?,
        cor: row.get(1)?,
        project: row.get(2)?,
        side: row.get(3)?,
        reference: Reference::stored(row.get(4)?),
        event: row.get(5)?,
        breakdown: row.get(6)?,
        state: row.get(7)?,
        reason: row.get(8)?,
        pushed: row.get(9)?,
        pushed_amount: row.get(10)?,
        pushed_at: row.get(11)?,
        push: row.get(12)?,
    })
}

impl CompanyTx<'_> {
    /// The link of a COR, if this company has one.
    pub fn link_of(&mut self, cor: CorId) -> Result<Option<Link>, StoreError> {
        self.tx.one(&format!("{LINK} AND cor_id = $2"), &[self.company.into(), cor.into()], link)
    }

    /// The links of CORs, as far as this company has any.
    pub fn links_of(&mut self, cors: &[CorId]) -> Result<BTreeMap<CorId, Link>, StoreError> {
        let mut links = BTreeMap::new();
        for some in many::chunks(cors) {
            let names = placeholders(2, some.len());
            let params: Vec<Val> = std::iter::once(self.company.into()).chain(some).collect();
            let found = self.tx.query(&format!("{LINK} AND cor_id IN ({names})"), &params, link)?;
            links.extend(found.into_iter().map(|link| (link.cor, link)));
        }
        Ok(links)
    }

    /// The links that a push owns, as far as they can be read: what a push does with one is read by its COR.
    pub fn links_of_push(&mut self, push: PushId) -> Result<Vec<Link>, StoreError> {
        self.links_where("push_id = $2", &[push.into()])
    }

    /// The links that fulfil a condition; its parameters begin at `$2`. One that can't be read is left out, so that it stops
    /// only what is done with itself.
    pub(super) fn links_where(&mut self, condition: &str, params: &[Val]) -> Result<Vec<Link>, StoreError> {
        let params: Vec<Val> = std::iter::once(self.company.into()).chain(params.iter().cloned()).collect();
        Ok(self.tx.query_readable(&format!("{LINK} AND {condition}"), &params, link)?.0)
    }

    /// Stores new links.
    pub fn insert_links(&mut self, links: &[Link]) -> Result<(), StoreError> {
        self.store_links(links, "")
    }

    fn store_links(&mut self, links: &[Link], on_conflict: &str) -> Result<(), StoreError> {
        let company = self.company;
        let rows = links.iter().map(|link| {
            [
                link.id.into(),
                company.into(),
                link.cor.into(),
                link.project.into(),
                link.side.into(),
                link.reference.as_str().into(),
                link.event.into(),
                link.breakdown.into(),
                link.state.into(),
                (&link.reason).into(),
                link.pushed.into(),
                link.pushed_amount.into(),
                link.pushed_at.into(),
                link.push.into(),
            ]
        });
        let head = "INSERT INTO link (id, company_id, cor_id, project_id, side, reference, event_id, breakdown, state, reason, \
                    pushed, pushed_amount, pushed_at, push_id) VALUES";
        many::insert(self.tx, head, rows, on_conflict)?;
        Ok(())
    }

    /// Stores everything of links that changes over their life. The log rows are the caller's: see [`CompanyTx::show_links`].
    /// [`StoreError::Expected1Row`] if one is not there, or not the company's.
    pub(super) fn update_links(&mut self, links: &[Link]) -> Result<(), StoreError> {
        self.must_have(&links.iter().map(|link| link.id).collect::<Vec<_>>())?;
        self.store_links(
            links,
            "ON CONFLICT (id) DO UPDATE SET event_id = excluded.event_id, breakdown = excluded.breakdown, \
             state = excluded.state, reason = excluded.reason, pushed = excluded.pushed, \
             pushed_amount = excluded.pushed_amount, pushed_at = excluded.pushed_at, push_id = excluded.push_id",
        )
    }

    /// [`StoreError::Expected1Row`] unless each is a link of this company.
    pub(super) fn must_have(&mut self, links: &[LinkId]) -> Result<(), StoreError> {
        let mut found = BTreeSet::new();
        for some in many::chunks(links) {
            let sql = format!("SELECT id FROM link WHERE company_id = $1 AND id IN ({})", placeholders(2, some.len()));
            let params: Vec<Val> = std::iter::once(self.company.into()).chain(some).collect();
            found.extend(self.tx.query(&sql, &params, |row| row.get::<LinkId>(0))?);
        }
        if links.iter().all(|id| found.contains(id)) { Ok(()) } else { Err(StoreError::Expected1Row { changed: 0 }) }
    }

    /// Removes a link and what was known of its lines. What the log shows is the caller's.
    pub fn delete_link(&mut self, id: LinkId) -> Result<(), StoreError> {
        self.tx.exec_one("DELETE FROM link WHERE company_id = $1 AND id = $2", &[self.company.into(), id.into()])
    }

    /// The lines of a link.
    pub fn link_lines(&mut self, id: LinkId) -> Result<Vec<KnownLine>, StoreError> {
        self.tx.query(&format!("{LINE} AND n.link_id = $2 ORDER BY n.ordinal"), &[self.company.into(), id.into()], line)
    }

    /// The lines of links, each link's in their order.
    pub fn lines_of_links(&mut self, links: &[LinkId]) -> Result<BTreeMap<LinkId, Vec<KnownLine>>, StoreError> {
        let mut lines: BTreeMap<LinkId, Vec<KnownLine>> = BTreeMap::new();
        for some in many::chunks(links) {
            let sql =
                format!("{LINE} AND n.link_id IN ({}) ORDER BY n.link_id, n.ordinal", placeholders(2, some.len()));
            let params: Vec<Val> = std::iter::once(self.company.into()).chain(some).collect();
            for (link, line) in self.tx.query(&sql, &params, |row| Ok((row.get::<LinkId>(8)?, line(row)?)))? {
                lines.entry(link).or_default().push(line);
            }
        }
        Ok(lines)
    }

    /// Stores lines of links, new or known. [`StoreError::Expected1Row`] if a link is not the company's.
    pub fn save_link_lines(&mut self, lines: &[(LinkId, KnownLine)]) -> Result<(), StoreError> {
        self.must_have(&lines.iter().map(|(link, _)| *link).collect::<Vec<_>>())?;
        let rows = lines.iter().map(|(link, line)| {
            [
                (*link).into(),
                line.key.to_string().into(),
                line.ordinal.into(),
                line.line.into(),
                (&line.values.description).into(),
                line.values.amount.into(),
                line.values.budget_code.into(),
                line.values.contract.into(),
                line.values.vendor.into(),
            ]
        });
        let head = "INSERT INTO link_line (link_id, line_key, ordinal, procore_line_id, description, amount, budget_code_id, \
                    contract_id, vendor_id) VALUES";
        let known = "ON CONFLICT (link_id, line_key) DO UPDATE SET ordinal = excluded.ordinal, \
             procore_line_id = excluded.procore_line_id, description = excluded.description, amount = excluded.amount, \
             budget_code_id = excluded.budget_code_id, contract_id = excluded.contract_id, vendor_id = excluded.vendor_id";
        many::insert(self.tx, head, rows, known)?;
        Ok(())
    }

    /// Forgets lines that are gone from Procore.
    pub fn forget_link_lines(&mut self, gone: &[(LinkId, LineKey)]) -> Result<(), StoreError> {
        for some in gone.chunks(many::AT_ONCE / 2) {
            let pairs: Vec<String> =
                (0..some.len()).map(|n| format!("(link_id = ${} AND line_key = ${})", 2 * n + 2, 2 * n + 3)).collect();
            let sql = format!(
                "DELETE FROM link_line WHERE link_id IN (SELECT id FROM link WHERE company_id = $1) AND ({})",
                pairs.join(" OR ")
            );
            let pairs = some.iter().flat_map(|(link, key)| [(*link).into(), key.to_string().into()]);
            self.tx.exec(&sql, &std::iter::once(self.company.into()).chain(pairs).collect::<Vec<Val>>())?;
        }
        Ok(())
    }

    /// Procore's ids of all our lines of one side in an event. What a line of the other side holds there is nothing of ours.
    pub fn our_lines_in(&mut self, project: ProjectId, event: i64, side: Side) -> Result<BTreeSet<i64>, StoreError> {
        let params: [Val; 4] = [self.company.into(), project.into(), event.into(), side.into()];
        let ids = self.tx.query(
            "SELECT n.procore_line_id FROM link_line n JOIN link l ON l.id = n.link_id \
             WHERE l.company_id = $1 AND l.project_id = $2 AND l.event_id = $3 AND l.side = $4 \
             AND n.procore_line_id IS NOT NULL",
            &params,
            |row| row.get(0),
        )?;
        Ok(ids.into_iter().collect())
    }

    /// The ids and choices last used for contracts of ours, by slot.
    pub fn remembered(&mut self, contracts: &[ContractId]) -> Result<Remembered, StoreError> {
        let mut found = Remembered::new();
        for some in many::chunks(contracts) {
            let sql = format!(
                "SELECT contract_id, slot, procore_id FROM remembered_choice WHERE company_id = $1 AND contract_id IN ({})",
                placeholders(2, some.len())
            );
            let params: Vec<Val> = std::iter::once(self.company.into()).chain(some).collect();
            for (contract, slot, id) in
                self.tx.query(&sql, &params, |row| Ok((row.get::<ContractId>(0)?, row.get(1)?, row.get(2)?)))?
            {
                found.entry(contract).or_default().insert(slot, id);
            }
        }
        Ok(found)
    }

    /// Remembers choices for next time.
    pub fn remember(&mut self, choices: &Remembered) -> Result<(), StoreError> {
        let company = self.company;
        let rows =
            choices.iter().flat_map(|(contract, slots)| slots.iter().map(move |(slot, id)| (*contract, slot, *id)));
        let rows = rows.map(|(contract, slot, id)| [company.into(), contract.into(), slot.into(), id.into()]);
        let head = "INSERT INTO remembered_choice (company_id, contract_id, slot, procore_id) VALUES";
        let known = "ON CONFLICT (company_id, contract_id, slot) DO UPDATE SET procore_id = excluded.procore_id";
        many::insert(self.tx, head, rows, known)?;
        Ok(())
    }
}

/// What was last chosen: Procore's id by contract of ours and slot.
pub type Remembered = BTreeMap<ContractId, BTreeMap<String, i64>>;
