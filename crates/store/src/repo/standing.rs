//! The state that the log shows for a link. Every change of a link, and every change of its COR that matters in Procore, ends here,
//! so that the log never looks calmer than Procore is.

use std::collections::BTreeMap;

use domain::{
    CompanyId, CorId, LinkId, Money, ProjectId,
    cor::{LineKey, Status},
    procore::{
        comparison::{self, Finding},
        difference,
        leftover::{self, Leftovers},
        push_plan::{EventLine, KnownLine},
        push_state::ProcoreState,
    },
};

use super::{
    cor::Cor,
    link::Link,
    log::{InProcore, keep},
    observation::Observation,
};
use crate::{
    CompanyTx, StoreError, Val,
    db::Tx,
    many::{self, placeholders},
};

impl CompanyTx<'_> {
    /// Stores a link and what the log shows of it; see [`CompanyTx::show_links`].
    pub fn show_link(&mut self, link: &Link) -> Result<(), StoreError> {
        self.show_links(vec![link.clone()])
    }

    /// Stores links together with what the log shows of them. For a COR that has no place in Procore, such as a void one, the log
    /// shows its lines there, whatever the link says. A push that owns it is shown as usual.
    pub fn show_links(&mut self, mut links: Vec<Link>) -> Result<(), StoreError> {
        let at_rest: Vec<CorId> = links.iter().filter(|link| !link.state.is_busy()).map(|link| link.cor).collect();
        let out = self.out_of_procore(&at_rest)?;
        let is_calm = |link: &Link| link.state == ProcoreState::UpToDate && !out.contains_key(&link.cor);
        let calm: Vec<CorId> = links.iter().filter(|link| is_calm(link)).map(|link| link.cor).collect();
        let due: BTreeMap<CorId, Money> =
            self.cors(&calm)?.into_iter().map(|cor| (cor.id, cor.due_in_procore())).collect();
        let gone: Vec<LinkId> = links.iter().filter(|link| out.contains_key(&link.cor)).map(|link| link.id).collect();
        let (observations, mut lines) = (self.observations(&gone)?, self.lines_of_links(&gone)?);
        let mut numbers: BTreeMap<(ProjectId, i64), String> = BTreeMap::new();
        for link in &mut links {
            if let Some(due) = due.get(&link.cor) {
                link.reason = difference::told(*due, link.pushed_amount, &link.reason);
            }
            if let Some(status) = out.get(&link.cor) {
                let observation = observations.get(&link.id);
                let open = observation.map(Observation::open).unwrap_or_default();
                let left = leftovers(lines.remove(&link.id).unwrap_or_default(), observation);
                if left.hidden {
                    // No reading tells how much it is.
                    link.pushed_amount = left.sum();
                }
                (link.state, link.reason) = leftover::shown(*status, &left, &open, (link.state, &link.reason));
            }
            if let Some(event) = link.event
                && link.state != ProcoreState::NotInProcore
                && !numbers.contains_key(&(link.project, event))
            {
                let number = self.change_event(link.project, event)?.map_or_else(String::new, |e| e.number);
                numbers.insert((link.project, event), number);
            }
        }
        self.update_links(&links)?;
        let shown = links.iter().map(|link| InProcore {
            cor: link.cor,
            state: link.state,
            reason: &link.reason,
            event: link
                .event
                .filter(|_| link.state != ProcoreState::NotInProcore)
                .map(|event| (event, numbers.get(&(link.project, event)).map_or("", String::as_str))),
        });
        self.show_in_log(&shown.collect::<Vec<_>>())
    }

    /// Sets a link's state in the log from the findings that wait for a person.
    pub fn show_found(&mut self, mut link: Link, now: &Observation) -> Result<(), StoreError> {
        let open = now.open();
        let worst = comparison::worst(&open).map(Finding::state);
        let calm = if link.state.is_drift() || link.state == ProcoreState::UpToDate {
            if self.owes(&link)? { ProcoreState::UpdateNeeded } else { ProcoreState::UpToDate }
        } else {
            link.state
        };
        let sentences = |findings: &[Finding]| findings.iter().map(Finding::sentence).collect::<Vec<_>>().join(" ");
        // A push that stopped says why and waits for a person; only what costs more is shown instead.
        let stopped = link.state == ProcoreState::ChangedInProcore;
        let (state, reason) = match worst {
            Some(state) if stopped && !outranks(state) => (link.state, link.reason.clone()),
            Some(state) if state.needs_attention() || calm == ProcoreState::UpToDate => (state, sentences(&open)),
            _ if calm == ProcoreState::UpToDate && !now.left_alone.is_empty() => {
                (calm, format!("Left as it is in Procore: {}", sentences(&now.left_alone)))
            }
            _ if link.state.is_drift() || calm == ProcoreState::UpToDate => (calm, String::new()),
            _ => (calm, link.reason.clone()),
        };
        (link.state, link.reason) = (state, reason);
        self.show_link(&link)
    }

    /// Whether something of the COR is still to be written; see [`Link::owes`].
    pub fn owes(&mut self, link: &Link) -> Result<bool, StoreError> {
        let Some(cor) = self.cor(link.cor)? else { return Ok(false) };
        Ok(link.owes(&cor, &self.link_lines(link.id)?))
    }

    /// Ends a link: the log shows nothing of it any more, and what is left in Procore is nobody's of ours. Its mark is kept:
    /// once the COR is pushed again, what is left counts twice.
    pub fn end_link(&mut self, link: &Link) -> Result<(), StoreError> {
        let nothing = InProcore { cor: link.cor, state: ProcoreState::NotInProcore, reason: "", event: None };
        self.show_in_log(&[nothing])?;
        self.keep_former_reference(link)?;
        self.delete_link(link.id)
    }

    /// The statuses of those of some CORs of this company that have no place in Procore.
    pub fn out_of_procore(&mut self, cors: &[CorId]) -> Result<BTreeMap<CorId, Status>, StoreError> {
        let mut out = BTreeMap::new();
        for some in many::chunks(cors) {
            let sql = format!(
                "SELECT id, status FROM cor WHERE (sender_id = $1 OR receiver_id = $1) AND id IN ({})",
                placeholders(2, some.len())
            );
            let params: Vec<Val> = std::iter::once(self.company.into()).chain(some).collect();
            let found = self.tx.query(&sql, &params, |row| Ok((row.get::<CorId>(0)?, row.get::<Status>(1)?)))?;
            out.extend(found.into_iter().filter(|(_, status)| !status.belongs_in_procore()));
        }
        Ok(out)
    }

    /// What the log says of a link whose COR is in another kind of status now, as if nothing had been said before.
    fn show_anew(&mut self, link: Link) -> Result<(), StoreError> {
        let there = link.event.is_some() && self.link_lines(link.id)?.iter().any(|line| line.line.is_some());
        let state = if there { ProcoreState::UpToDate } else { ProcoreState::NotInProcore };
        let link = Link { state, reason: String::new(), ..link };
        match self.observation(link.id)? {
            Some(now) => self.show_found(link, &now),
            None if self.owes(&link)? && there => self.show_link(&Link { state: ProcoreState::UpdateNeeded, ..link }),
            None => self.show_link(&link),
        }
    }
}

impl Link {
    /// Whether something of the COR is still to be written: it was edited since, or a line that it asks for was to be made and
    /// never was. Lines of another detail that were planned once are none of those. One that has no place in Procore owes
    /// nothing but to be gone from there.
    pub fn owes(&self, cor: &Cor, lines: &[KnownLine]) -> bool {
        if !cor.status.belongs_in_procore() {
            return lines.iter().any(|line| line.line.is_some());
        }
        let unmade: Vec<LineKey> = lines.iter().filter(|line| line.line.is_none()).map(|line| line.key).collect();
        let wanted = || cor.in_procore(self.breakdown);
        self.pushed < cor.priced || !unmade.is_empty() && wanted().iter().any(|line| unmade.contains(&line.key))
    }
}

/// Follows a COR that was voided, or taken back from that, in the logs of both companies. A link that a push owns is settled by
/// that push.
pub(super) fn follow_status(tx: &mut Tx, cor: &Cor) -> Result<(), StoreError> {
    let sql = "SELECT company_id FROM link WHERE cor_id = $1 ORDER BY company_id";
    let companies: Vec<CompanyId> = tx.query(sql, &[cor.id.into()], |row| row.get(0))?;
    for company in companies {
        let mut us = tx.of(company);
        let link = us.link_of(cor.id).map(|link| link.filter(|link| !link.state.is_busy()));
        match link.and_then(|link| link.map_or(Ok(()), |link| us.show_anew(link))) {
            // What can't be read, perhaps the other company's, keeps nobody from setting a status.
            Err(StoreError::Corrupt(why)) => {
                tracing::error!(cor = %cor.id, company = %company, why, "what the log says of a link could not be renewed");
            }
            shown => shown?,
        }
    }
    Ok(())
}

/// The live lines of a COR that has no place in Procore: as they were read since we last wrote, else as we left them. None
/// where its event was deleted; in one that is only not shown any more they may be still.
fn leftovers(lines: Vec<KnownLine>, now: Option<&Observation>) -> Leftovers {
    let seen = now.and_then(|now| now.seen.as_ref());
    let hidden = seen.is_some_and(|seen| seen.event.hidden);
    if !hidden && seen.is_some_and(|seen| seen.event.gone) {
        return Leftovers { hidden, ..Leftovers::default() };
    }
    let there = |id: i64| seen.and_then(|seen| seen.lines.iter().find(|line| line.id == id));
    let removed = |id: i64| now.is_some_and(|now| now.found.iter().any(|finding| says_removed(finding, id)));
    let mut left = Leftovers { hidden, ..Leftovers::default() };
    for line in lines {
        let Some(id) = line.line else { continue };
        let known = there(id);
        if !removed(id) && known.is_none_or(|line| !line.deleted) {
            left.lines.push((line.key, known.map_or(line.values.amount, |line| line.values.amount)));
            left.locks.extend(known.and_then(EventLine::stays));
        }
    }
    left
}

fn says_removed(finding: &Finding, id: i64) -> bool {
    matches!(finding, Finding::LineRemoved { line, .. } if *line == id)
}

/// Whether a finding shows even on a link whose push stopped.
const fn outranks(state: ProcoreState) -> bool {
    matches!(state, ProcoreState::Surplus | ProcoreState::EventDeleted | ProcoreState::EventVoided)
}

/// The links of whichever company hold an older price now. One that a push owns is settled by that push, and one that
/// somebody changed in Procore waits for a person first.
pub(super) fn outdate_links(tx: &mut Tx, cor: &Cor) -> Result<(), StoreError> {
    let sql = "SELECT company_id, state FROM link WHERE cor_id = $1 AND pushed_at IS NOT NULL AND pushed < $2 ORDER BY company_id";
    // One that can't be read, perhaps the other company's, doesn't keep anybody from editing.
    let (links, _) = tx.query_readable(sql, &[cor.id.into(), cor.priced.into()], |row| {
        Ok((row.get::<CompanyId>(0)?, row.get::<ProcoreState>(1)?))
    })?;
    for (company, state) in links {
        use ProcoreState as S;
        if matches!(state, S::UpToDate | S::Refused | S::LineLocked | S::EventStatusChanged) {
            tx.exec_one(
                "UPDATE link SET state = $3, reason = '' WHERE cor_id = $1 AND company_id = $2",
                &[cor.id.into(), company.into(), ProcoreState::UpdateNeeded.into()],
            )?;
            keep::set_state(tx, company, cor.id, ProcoreState::UpdateNeeded)?;
        }
    }
    Ok(())
}
