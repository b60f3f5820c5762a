//! What must hold: when everything has come to rest, and when people have settled what was left.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    CorId, Money,
    procore::{
        Side,
        push_state::{CorOutcome, ProcoreState},
        reference::{Mark, Reference},
    },
};
use emulator::world::ChangeItem;
use rust_decimal::Decimal;

use crate::run::{Broken, Run};

/// A line of ours in Procore: where, and what.
type There = (i64, ChangeItem);

impl Run {
    /// The lines that carry a mark of ours, in events that are not deleted.
    fn marked(&self) -> BTreeMap<Mark, Vec<There>> {
        let mut found: BTreeMap<Mark, Vec<There>> = BTreeMap::new();
        self.web.procore.world(|w| {
            for event in w.change_events.values().filter(|e| e.deleted_at.is_none()) {
                for item in event.live_items() {
                    if let Some(mark) = Mark::find(item.description.as_deref().unwrap_or_default()) {
                        found.entry(mark).or_default().push((event.id, item.clone()));
                    }
                }
            }
        });
        found
    }

    /// Whether something was not as agreed in this run, from requests that outlived the quarantine to people who are wrong:
    /// then copies may be there, and must be found.
    pub(crate) fn is_apart(&self) -> bool {
        self.net.outlived() > 0 || self.wrong_clocks || self.wrong_lists || self.mistaken
    }

    /// Everything has come to rest: nothing waits, nothing is doubled, what is said is true.
    pub(crate) async fn at_rest(&mut self) -> Result<(), Broken> {
        self.foreign_untouched()?;
        let marked = self.marked();
        let copies = |there: &Vec<There>| there.len() > 1;
        if let Some((mark, there)) = marked.iter().find(|(_, there)| copies(there))
            && !self.is_apart()
        {
            let lines: Vec<i64> = there.iter().map(|(_, item)| item.id).collect();
            return Err(format!("{mark} is there {} times: lines {lines:?}", there.len()));
        }
        let asking = self.pushes_are_settled().await?;
        let mut known = Vec::new();
        for site in 0..self.sites.len() {
            for cor in self.cors_of(site) {
                known.extend(self.former(site, cor).await);
                let Some(link) = self.link(site, cor).await else { continue };
                known.push(link.reference.clone());
                let number = self.cor(site, cor).await.number;
                if link.state.is_busy() && !(link.state == ProcoreState::Stopped && asking.contains(&cor)) {
                    return Err(format!("COR {number} is {:?} though everything is at rest", link.state));
                }
                let reasoned = matches!(link.state, ProcoreState::Refused | ProcoreState::ChangedInProcore);
                if reasoned && link.reason.is_empty() {
                    return Err(format!("COR {number} is {:?} without a reason", link.state));
                }
                let out = self.is_out(site, cor).await;
                let calm = link.state == ProcoreState::UpToDate || out && link.state == ProcoreState::NotInProcore;
                if calm && !self.is_apart() && !self.was_edited_in_procore(site, cor).await {
                    self.cor_is_exact(site, cor).await.map_err(|why| format!("said to be up to date, but {why}"))?;
                }
                self.story_is_true(site, cor).await?;
            }
        }
        match marked.keys().find(|mark| !known.contains(&mark.reference)) {
            Some(mark) => Err(format!("nobody knows the line {mark} in Procore")),
            None => Ok(()),
        }
    }

    /// After Procore was read again nothing is overlooked: every copy is shown as one, and what is said to be up to date is.
    pub(crate) async fn noticed(&mut self) -> Result<(), Broken> {
        // What lies in a void event counts nowhere, and is found once that is opened again.
        let mut marked = self.marked();
        let hidden = self.hidden();
        let unseen = |(event, _): &There| self.is_void(Some(*event)) || hidden.contains(event);
        let copied_unseen = |(mark, there): (&Mark, &Vec<There>)| {
            (there.len() > 1 && there.iter().any(unseen)).then(|| mark.reference.clone())
        };
        let copied_unseen: BTreeSet<Reference> = marked.iter().filter_map(copied_unseen).collect();
        for there in marked.values_mut() {
            there.retain(|(event, _)| !self.is_void(Some(*event)));
        }
        marked.retain(|_, there| !there.is_empty());
        for site in 0..self.sites.len() {
            for cor in self.cors_of(site) {
                let Some(link) = self.link(site, cor).await else { continue };
                // What can't be read can't be compared; it is looked at again once it can.
                let former = self.former(site, cor).await;
                let odd = |event: i64| self.odd_events().contains(&event);
                if link.event.is_some_and(odd) || former.iter().chain([&link.reference]).any(|of| self.is_odd(of)) {
                    continue;
                }
                let copied = marked.iter().any(|(mark, there)| mark.reference == link.reference && there.len() > 1);
                let number = self.cor(site, cor).await.number;
                let left = |mark: &Mark| former.contains(&mark.reference) && !self.is_hidden(&mark.reference);
                if marked.keys().any(left) && link.state != ProcoreState::Surplus {
                    return Err(format!("COR {number} was moved, lines are left, and the log says {:?}", link.state));
                }
                if link.state == ProcoreState::UpToDate && self.is_void(link.event) {
                    return Err(format!("the event of COR {number} is void, and the log says it is up to date"));
                }
                if copied && link.state != ProcoreState::Surplus && !self.is_hidden(&link.reference) {
                    return Err(format!("a line of COR {number} is there twice, and the log says {:?}", link.state));
                }
                // Fields that Procore fills in itself are nobody's change.
                let changed = matches!(link.state, ProcoreState::LineChanged | ProcoreState::ContractMoved);
                let touched = self.was_edited_in_procore(site, cor).await || self.may_be_half(site, cor).await;
                if changed && !self.is_apart() && !touched {
                    return Err(format!(
                        "nobody touched COR {number}, and the log says {:?}: {}",
                        link.state, link.reason
                    ));
                }
                let out = self.is_out(site, cor).await;
                let calm = link.state == ProcoreState::UpToDate || out && link.state == ProcoreState::NotInProcore;
                if calm && !copied_unseen.contains(&link.reference) {
                    self.cor_is_exact(site, cor)
                        .await
                        .map_err(|why| format!("a day later still up to date, but {why}"))?;
                }
            }
        }
        Ok(())
    }

    /// What the lines of a COR were marked with before it was moved or unlinked.
    async fn former(&self, site: usize, cor: CorId) -> BTreeSet<Reference> {
        let company = self.sites[site].people[0].actor.company;
        let found =
            self.common.store.read(move |tx| tx.of(company).former_references(&[cor])).await.expect("the store");
        found.into_values().next().unwrap_or_default()
    }

    /// Whether lines with a reference are in an event that no list shows, because all its lines went into something else.
    fn is_hidden(&self, reference: &Reference) -> bool {
        let hidden = self.hidden();
        let there = |(mark, there): (&Mark, &Vec<There>)| {
            mark.reference == *reference && there.iter().any(|(event, _)| hidden.contains(event))
        };
        self.marked().iter().any(there)
    }

    /// The events that no list shows for that reason.
    pub(crate) fn hidden(&self) -> BTreeSet<i64> {
        if !self.web.procore.switches(|s| s.executed_events_unlisted) {
            return BTreeSet::new();
        }
        let executed = |e: &&emulator::world::ChangeEvent| {
            let mut live = e.live_items().peekable();
            live.peek().is_some() && live.all(|item| item.lock.is_some())
        };
        self.web.procore.world(|w| w.change_events.values().filter(executed).map(|e| e.id).collect())
    }

    /// Whether a COR has no place in Procore, as it is void.
    async fn is_out(&self, site: usize, cor: CorId) -> bool {
        !self.cor(site, cor).await.status.belongs_in_procore()
    }

    fn is_void(&self, event: Option<i64>) -> bool {
        self.web.procore.world(|w| {
            let status = event.and_then(|event| w.change_events.get(&event)).and_then(|e| w.statuses.get(&e.status_id));
            status.is_some_and(|status| status.mapped_to == "void")
        })
    }

    pub(crate) fn cors_of(&self, site: usize) -> Vec<CorId> {
        self.sites[site].received.iter().chain(&self.sites[site].sent).copied().collect()
    }

    async fn was_edited_in_procore(&self, site: usize, cor: CorId) -> bool {
        let Some(link) = self.link(site, cor).await else { return false };
        let company = self.sites[site].people[0].actor.company;
        let lines = self.common.store.read(move |tx| tx.of(company).link_lines(link.id)).await.expect("the store");
        let event = link.event.is_some_and(|event| self.deleted.contains(&event));
        let marked = self.marked();
        let lines = lines.iter().filter_map(|line| line.line);
        let there = marked.iter().filter(|(mark, _)| mark.reference == link.reference).flat_map(|(_, there)| there);
        event || lines.chain(there.map(|(_, item)| item.id)).any(|line| self.edited_in_procore.contains(&line))
    }

    /// Whether Procore refused a push of a COR and may have kept half of it, which then differs from what was there.
    async fn may_be_half(&self, site: usize, cor: CorId) -> bool {
        if self.web.procore.switches(|s| s.refusal_is_atomic) {
            return false;
        }
        let company = self.sites[site].people[0].actor.company;
        for id in self.pushes.iter().filter(|(of, _)| *of == site).map(|(_, id)| *id) {
            let cors = self.common.store.read(move |tx| tx.of(company).push_cors(id)).await.expect("the store");
            if cors.iter().any(|c| c.cor == cor && matches!(c.outcome, CorOutcome::Refused { .. })) {
                return true;
            }
        }
        false
    }

    /// Every push is confirmed, refused with a reason, or waits for a person with a question. Answers the CORs whose pushes
    /// ask about a record of Procore's that can't be read; the odd record stops no other.
    async fn pushes_are_settled(&self) -> Result<BTreeSet<CorId>, Broken> {
        let mut asking = BTreeSet::new();
        for (site, id) in self.pushes.iter().chain(&self.removals).copied().collect::<Vec<_>>() {
            let company = self.sites[site].people[0].actor.company;
            let (push, cors) = self
                .common
                .store
                .read(move |tx| Ok::<_, store::StoreError>((tx.of(company).push(id)?, tx.of(company).push_cors(id)?)))
                .await
                .expect("the store");
            let push = push.ok_or_else(|| format!("push {id} is gone"))?;
            if self.asks_about_an_odd_one(&push) {
                self.net.say(format!("push {id} asks about a record that can't be read"));
                asking.extend(cors.iter().filter(|cor| cor.outcome == CorOutcome::Pending).map(|cor| cor.cor));
                continue;
            }
            if !push.state.is_at_rest() {
                return Err(format!("push {id} is {} though everything is at rest", push.state.code()));
            }
            for cor in cors {
                let unsaid = match &cor.outcome {
                    CorOutcome::Pending => return Err(format!("push {id} is at rest, and COR {} is pending", cor.cor)),
                    CorOutcome::Written | CorOutcome::Cancelled => false,
                    CorOutcome::Refused { why } | CorOutcome::Changed { why } => why.trim().is_empty(),
                };
                if unsaid {
                    return Err(format!("push {id} doesn't say why COR {} was not written", cor.cor));
                }
            }
        }
        Ok(asking)
    }

    /// The feed tells of every push of a COR that it was asked for, and how it ended.
    async fn story_is_true(&self, site: usize, cor: CorId) -> Result<(), Broken> {
        let company = self.sites[site].people[0].actor.company;
        let feed = self.common.store.read(move |tx| tx.of(company).feed(cor)).await.expect("the store");
        let mut feed: Vec<_> = feed.into_iter().filter(|e| e.kind == domain::activity::EntryKind::Push).collect();
        feed.sort_by_key(|entry| entry.id);
        let told = |start: &str| feed.iter().filter(|entry| entry.text.starts_with(start)).count();
        let void = |start: &str| {
            let said = |text: &str| text.starts_with(start) && text.contains("because the COR is void");
            feed.iter().filter(|entry| said(&entry.text)).count()
        };
        let (mut asked, mut written, mut refused, mut changed, mut cancelled) = (0, 0, 0, 0, 0);
        for (of, id) in self.pushes.iter().filter(|(of, _)| *of == site) {
            let (company, id) = (self.sites[*of].people[0].actor.company, *id);
            let cors = self.common.store.read(move |tx| tx.of(company).push_cors(id)).await.expect("the store");
            for outcome in cors.iter().filter(|c| c.cor == cor).map(|c| &c.outcome) {
                asked += 1;
                match outcome {
                    CorOutcome::Written => written += 1,
                    CorOutcome::Refused { .. } => refused += 1,
                    CorOutcome::Changed { .. } => changed += 1,
                    CorOutcome::Cancelled => cancelled += 1,
                    CorOutcome::Pending => {}
                }
            }
        }
        let story = [
            told("asked to push it") + void("asked to remove"),
            told("pushed it to") + void("removed"),
            told("could not push it"),
            told("stopped a push"),
            told("cancelled the push before")
                + told("did not push it")
                + told("stopped pushing it")
                + told("did not have its lines removed"),
        ];
        let truth = [asked, written, refused, changed, cancelled];
        if story != truth {
            let lines: Vec<&str> = feed.iter().map(|e| e.text.as_str()).collect();
            return Err(format!("the feed of COR {cor} tells {story:?} and not {truth:?}: {lines:#?}"));
        }
        Ok(())
    }

    /// Procore holds exactly the wanted lines of a COR, once, to the cent, and the log says so; of a void one it holds none.
    pub(crate) async fn cor_is_exact(&self, site: usize, id: CorId) -> Result<(), Broken> {
        let cor = self.cor(site, id).await;
        let Some(link) = self.link(site, id).await else { return Err(format!("COR {} was never pushed", cor.number)) };
        let who = format!("COR {} of {} ({})", cor.number, self.sites[site].name, link.reference);
        let wanted = cor.in_procore(link.breakdown);
        let company = self.sites[site].people[0].actor.company;
        let known = self.common.store.read(move |tx| tx.of(company).link_lines(link.id)).await.expect("the store");
        let marked = self.marked();
        let there: Vec<&There> =
            marked.iter().filter(|(mark, _)| mark.reference == link.reference).flat_map(|(_, there)| there).collect();
        if there.len() != wanted.len() {
            return Err(format!("{who} should have {} lines and has {}", wanted.len(), there.len()));
        }
        for want in &wanted {
            let line = known.iter().find(|line| line.key == want.key).and_then(|line| line.line);
            let found = there.iter().find(|(_, item)| Some(item.id) == line);
            let Some((event, item)) = found else {
                return Err(format!("{who}: its line {} is not there", want.key));
            };
            if Some(*event) != link.event {
                return Err(format!("{who}: its line is in event {event}, its link in {:?}", link.event));
            }
            let amount = if link.side == Side::Sent { item.revenue.amount } else { item.cost.amount };
            if amount != want.amount.to_decimal() {
                return Err(format!("{who}: line {} says {amount} instead of {}", want.key, want.amount));
            }
        }
        if !cor.status.belongs_in_procore() {
            return match link.state {
                ProcoreState::NotInProcore => Ok(()),
                said => Err(format!("{who}: the log says {said:?} ({}) of a void COR that is not there", link.reason)),
            };
        }
        let said = (link.state, link.pushed, link.pushed_amount);
        if said != (ProcoreState::UpToDate, cor.priced, cor.total().into()) {
            return Err(format!("{who}: the log says {said:?} ({}) of {}", link.reason, cor.total()));
        }
        Ok(())
    }

    /// At the very end everything is as the CORs say, to the cent.
    pub(crate) async fn exact(&mut self) -> Result<(), Broken> {
        self.foreign_untouched()?;
        let mut owed: BTreeMap<i64, [Money; 2]> = BTreeMap::new();
        for site in 0..self.sites.len() {
            for cor in self.cors_of(site) {
                let Some(link) = self.link(site, cor).await else { continue };
                self.cor_is_exact(site, cor).await.map_err(|why| format!("at the end, {why}"))?;
                self.story_is_true(site, cor).await?;
                let sums = owed.entry(link.event.unwrap_or_default()).or_default();
                sums[usize::from(link.side == Side::Sent)] += self.cor(site, cor).await.due_in_procore();
            }
        }
        let foreign = &self.foreign;
        self.web.procore.world(|w| {
            for event in w.change_events.values().filter(|e| e.deleted_at.is_none()) {
                let others = || event.live_items().filter(|item| foreign.contains_key(&item.id));
                let [cost, revenue] = owed.get(&event.id).copied().unwrap_or_default();
                let cost = cost.to_decimal() + others().map(|i| i.cost.amount).sum::<Decimal>();
                let revenue = revenue.to_decimal() + others().map(|i| i.revenue.amount).sum::<Decimal>();
                if (event.cost_total(), event.revenue_total()) != (cost, revenue) {
                    let is = (event.cost_total(), event.revenue_total());
                    return Err(format!("event {} adds up to {is:?} instead of {:?}", event.number, (cost, revenue)));
                }
            }
            Ok(())
        })
    }

    /// No request ever carried another company's, or another person's, token.
    pub(crate) fn right_tokens(&self) -> Result<(), Broken> {
        let expected = self.net.expected();
        self.web.procore.read_journal(|calls| {
            for call in calls {
                let Some((login, account)) = expected.get(&call.seq) else { continue };
                if call.login.as_ref().is_some_and(|went| went != login) {
                    let (method, path) = (&call.method, &call.path);
                    return Err(format!(
                        "{method} {path}, request {}, went as {:?} instead of {login}",
                        call.seq, call.login
                    ));
                }
                if call.company_id.is_some_and(|went| went != *account) {
                    return Err(format!("request {} went for {:?} instead of {account}", call.seq, call.company_id));
                }
            }
            Ok(())
        })
    }

    /// How many lines are there more than once.
    pub(crate) fn copies(&self) -> u64 {
        self.marked().values().map(|there| there.len() as u64 - 1).sum()
    }
}
