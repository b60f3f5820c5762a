//! What people here do: plan, confirm, decide, edit and void.

use domain::{
    CorId, DraftId, LineItemId, Money, PushId,
    cor::{Breakdown, LineItem, Section, Status},
    procore::{
        Side,
        push::{Purpose, Scope},
        push_state::PushState,
        reference::{Mark, Reference},
    },
};
use emulator::world::ChangeItem;
use ledgerboard::{
    Error, comparison,
    integration::change_events,
    push::{self, Answer, ChosenEvent, ChosenLines, EventToMake},
};
use store::repo::{
    cor::{Cor, CorContent},
    link::Link,
    push::Push,
};
use sync::reconcile;

use crate::{
    run::{Broken, Run},
    trouble::Step,
    wire::Doing,
    world::Person,
};

/// What a person wants to do with lines that were removed in Procore, and where a push is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// As they feel today.
    Any,
    /// So that Procore has what the CORs say.
    Thorough,
}

impl Run {
    pub(crate) fn somebody(&mut self, site: usize) -> Person {
        self.dice.one_of(&self.sites[site].people).cloned().expect("a site has people")
    }

    pub(crate) async fn cor(&self, site: usize, id: CorId) -> Cor {
        let company = self.sites[site].people[0].actor.company;
        self.common.store.read(move |tx| tx.of(company).cor(id)).await.expect("the store").expect("the COR is there")
    }

    pub(crate) async fn link(&self, site: usize, id: CorId) -> Option<Link> {
        let company = self.sites[site].people[0].actor.company;
        self.common.store.read(move |tx| tx.of(company).link_of(id)).await.expect("the store")
    }

    /// Somebody selects some CORs and goes as far as the plan.
    pub(crate) async fn plans(&mut self) -> Result<(), Broken> {
        let site = self.dice.index(self.sites.len());
        let person = self.somebody(site);
        let side = if self.dice.percent(70) { Side::Received } else { Side::Sent };
        let all = if side == Side::Received { &self.sites[site].received } else { &self.sites[site].sent };
        let mut cors: Vec<CorId> = all.clone();
        while cors.len() > 1 && self.dice.percent(75) {
            cors.swap_remove(self.dice.index(cors.len()));
        }
        // Often somebody updates what is there: a COR that was pushed and then edited.
        if self.dice.percent(25)
            && let Some(cor) = self.pushed_one(site, side).await
        {
            self.edits(Some((site, cor))).await?;
            cors = vec![cor];
        }
        self.on_the_pages(site, &person);
        let planned = self.planned(site, &person, side, cors.clone(), Mood::Any).await;
        match planned {
            Ok(drafts) => {
                self.net.say(format!("{} plans {} CORs {side:?}: {drafts:?}", person.actor.name, cors.len()));
                self.drafts.extend(drafts.into_iter().map(|draft| (site, draft)));
                Ok(())
            }
            Err(error) => self.told("plans", &error),
        }
    }

    /// A COR of a site that is tied to a change event and in nobody's hands.
    async fn pushed_one(&mut self, site: usize, side: Side) -> Option<CorId> {
        let mut pushed = Vec::new();
        for cor in self.cors_of(site) {
            let link = self.link(site, cor).await;
            pushed.extend(link.filter(|l| l.side == side && l.event.is_some() && !l.state.is_busy()).map(|_| cor));
        }
        self.dice.one_of(&pushed).copied()
    }

    /// The drafts of a selection, planned: one for each event.
    pub(crate) async fn planned(
        &mut self,
        site: usize,
        person: &Person,
        side: Side,
        cors: Vec<CorId>,
        mood: Mood,
    ) -> Result<Vec<DraftId>, Error> {
        let app = self.web.app.clone();
        // As of all that a filter finds: void ones that were never there are left out.
        let (cors, _) = push::sort_out(&app, &person.actor, cors).await?;
        let drafts = push::begin(&app, &person.actor, self.sites[site].project, side, cors).await?;
        for draft in &drafts {
            self.plan_one(site, person, side, *draft, mood).await?;
        }
        Ok(drafts)
    }

    async fn plan_one(
        &mut self,
        site: usize,
        person: &Person,
        side: Side,
        draft: DraftId,
        mood: Mood,
    ) -> Result<(), Error> {
        let (app, actor, data) = (self.web.app.clone(), person.actor.clone(), self.sites[site].data.clone());
        let opened = push::open(&app, &actor, draft).await?;
        let to = match opened.body.tied {
            Some(event) => ChosenEvent::existing(event),
            None => self.somewhere(site, &person.clone()).await?,
        };
        push::choose_event(&app, &actor, draft, to).await?;
        let breakdown = self.dice.one_of(&Breakdown::ALL).copied().unwrap_or(Breakdown::LumpSum);
        let contracts = opened.cors.iter().filter_map(|cor| {
            let ids: Vec<Option<i64>> = match side {
                Side::Received => data.commitments.iter().map(|c| Some(c.id)).collect(),
                Side::Sent => data.prime_contracts.iter().map(|c| Some(c.id)).chain([None]).collect(),
            };
            Some((cor.id, (*self.dice.one_of(&ids)?).into()))
        });
        let contracts = contracts.collect();
        let budget_code_for_all = self.dice.one_of(&data.budget_codes).map(|code| code.id.into());
        let no_revenue_expected = self.dice.percent(30).then(|| self.dice.percent(50));
        let choices =
            ChosenLines { contracts, no_revenue_expected, budget_code_for_all, ..ChosenLines::in_detail(breakdown) };
        push::choose_lines(&app, &actor, draft, choices).await?;
        let shown = push::plan(&app, &actor, draft).await?;
        if shown.unanswered > 0 {
            let recreate = mood == Mood::Thorough || self.dice.percent(60);
            let answer = if recreate { Answer::Recreate } else { Answer::Leave };
            let lines = shown.order.plan.cors.iter().flat_map(|c| c.lines.iter().map(move |l| (c.cor, l)));
            let removed = lines.filter(|(_, l)| l.action.code() == "removed_there");
            let answers = removed.map(|(cor, l)| (push::draft::slot(cor, l.key), answer)).collect();
            push::answer(&app, &actor, draft, answers).await?;
            push::plan(&app, &actor, draft).await?;
        }
        Ok(())
    }

    /// A new event or one of the list.
    async fn somewhere(&mut self, site: usize, person: &Person) -> Result<ChosenEvent, Error> {
        let list = change_events::list(&self.web.app, &person.actor, self.sites[site].project).await?;
        let there: Vec<i64> = list.events.iter().filter(|e| !e.gone).map(|e| e.event_id).collect();
        if self.dice.percent(50)
            && let Some(event) = self.dice.one_of(&there)
        {
            return Ok(ChosenEvent::existing(*event));
        }
        let statuses = &self.sites[site].data.statuses;
        let status = statuses.iter().find(|s| s.default).map_or(0, |s| s.id);
        let title = format!("Made here {}", self.dice.roll(1000));
        let scope = Some(Scope::OutOfScope);
        Ok(ChosenEvent::to_make(EventToMake { title, status_id: status, scope, ..EventToMake::default() }))
    }

    /// Somebody confirms a plan: the newest, or one that somebody else made a while ago, or looks at it again first.
    pub(crate) async fn confirms(&mut self) -> Result<(), Broken> {
        if self.drafts.is_empty() {
            return Ok(());
        }
        let which = if self.dice.percent(60) { self.drafts.len() - 1 } else { self.dice.index(self.drafts.len()) };
        let (site, draft) = self.drafts[which];
        let person = self.somebody(site);
        self.on_the_pages(site, &person);
        if self.dice.percent(20)
            && let Err(error) = push::plan(&self.web.app, &person.actor, draft).await
        {
            return self.told("looks at a plan again", &error);
        }
        match push::confirm(&self.web.app, &person.actor, draft, None).await {
            Ok(push) => {
                self.net.say(format!("{} confirms {draft} → {push}", person.actor.name));
                if self.pushes.iter().all(|(_, known)| *known != push) {
                    self.pushes.push((site, push));
                }
                // Now and then the button is pressed twice.
                if self.dice.percent(80) {
                    self.drafts.swap_remove(which);
                }
                Ok(())
            }
            Err(error) => {
                self.drafts.swap_remove(which);
                self.told("confirms", &error)
            }
        }
    }

    /// Somebody decides about a COR that is in Procore: takes over what is there, moves it to another event, or has it
    /// removed.
    pub(crate) async fn decides(&mut self) -> Result<(), Broken> {
        let site = self.dice.index(self.sites.len());
        let side = if self.dice.percent(50) { Side::Received } else { Side::Sent };
        let person = self.somebody(site);
        let Some(cor) = self.pushed_one(site, side).await else { return Ok(()) };
        self.on_the_pages(site, &person);
        let (app, actor) = (self.web.app.clone(), person.actor.clone());
        if side == Side::Sent && self.dice.percent(60) {
            let taken = async {
                comparison::read_now(&app, &actor, cor).await?;
                let seen = comparison::known_now(&app, &actor, cor).await?;
                let void = seen.event_facts().1.is_some_and(domain::procore::comparison::EventFacts::is_void);
                if void { Ok(()) } else { comparison::accept(&app, &actor, cor, &seen.version(), "").await }
            };
            return match taken.await {
                Ok(()) => {
                    self.net.say(format!("{} takes over what Procore has of {cor}", actor.name));
                    Ok(())
                }
                Err(error) => self.told("takes over", &error),
            };
        }
        // A link that is ended while its request may still be on its way owns nothing when the request arrives.
        let purpose = if self.outlive || self.dice.percent(60) { Purpose::Move } else { Purpose::Unlink };
        let removed = async {
            let shown = comparison::plan(&app, &actor, cor, purpose).await?;
            comparison::remove(&app, &actor, cor, purpose, &shown.digest()).await
        };
        match removed.await {
            Ok(push) => {
                self.net.say(format!("{} has {cor} removed ({}) → {push}", actor.name, purpose.code()));
                self.removals.push((site, push));
                Ok(())
            }
            Err(error) => self.told("has a COR removed", &error),
        }
    }

    /// Somebody pauses, resumes or cancels a push, or has it tried again.
    pub(crate) async fn steers(&mut self) -> Result<(), Broken> {
        let all: Vec<(usize, PushId)> = self.pushes.iter().chain(&self.removals).copied().collect();
        let Some((site, id)) = self.dice.one_of(&all).copied() else { return Ok(()) };
        let person = self.somebody(site);
        let app = self.web.app.clone();
        let (verb, done) = match self.dice.roll(8) {
            0..=2 => ("pauses", push::pause(&app, &person.actor, id).await),
            3..=5 => ("resumes", push::resume(&app, &person.actor, id).await),
            6 => ("cancels", push::cancel(&app, &person.actor, id).await),
            _ => ("has tried again", push::try_again(&app, &person.actor, id).await),
        };
        match done {
            Ok(()) => {
                self.net.say(format!("{} {verb} {id}", person.actor.name));
                Ok(())
            }
            Err(error) => self.told(verb, &error),
        }
    }

    /// Somebody has it looked for now what a request did whose answer never came; or looks into Procore and says that its
    /// event is not there, which in runs that keep to nothing may be wrong.
    pub(crate) async fn looks_into_procore(&mut self) -> Result<(), Broken> {
        let mut asked = Vec::new();
        for (site, id) in self.pushes.iter().chain(&self.removals).copied().collect::<Vec<_>>() {
            let company = self.sites[site].people[0].actor.company;
            let found = self.common.store.read(move |tx| tx.of(company).push(id)).await.expect("the store");
            let found = found.filter(|push| matches!(push.state, PushState::Uncertain { .. }));
            asked.extend(found.map(|push| (site, push)));
        }
        let Some((site, found)) = self.dice.one_of(&asked).cloned() else { return Ok(()) };
        let person = self.somebody(site);
        let there = self.is_anything_of(&found);
        if self.dice.percent(50) || there && !self.outlive {
            return match push::look_now(&self.web.app, &person.actor, found.id).await {
                Ok(()) => {
                    self.net.say(format!("{} has {} looked for", person.actor.name, found.id));
                    Ok(())
                }
                Err(error) => self.told("has it looked for", &error),
            };
        }
        match push::not_there(&self.web.app, &person.actor, found.id).await {
            Ok(()) => {
                self.mistaken |= there;
                self.net.say(format!("{} says that {} is not there (it is: {there})", person.actor.name, found.id));
                Ok(())
            }
            Err(error) => self.told("says that it is not there", &error),
        }
    }

    /// Whether an event in Procore bears a mark of a push, or will.
    fn is_anything_of(&self, push: &Push) -> bool {
        let ours = |reference: &Reference| push.order.plan.cors.iter().any(|cor| cor.reference == *reference);
        let mark = |item: &ChangeItem| Mark::find(item.description.as_deref().unwrap_or_default());
        let marked = |item: &ChangeItem| mark(item).is_some_and(|mark| ours(&mark.reference));
        self.event_of(push).is_some()
            || self.net.procore.late_waiting() > 0
            || self.web.procore.world(|w| w.change_events.values().flat_map(|e| &e.items).any(marked))
    }

    /// A process reads what was changed in Procore, on its schedule.
    pub(crate) async fn reads(&mut self) -> Result<(), Broken> {
        self.web_wire.does(Doing { reading: Some(Step::Plan), ..Doing::default() });
        match reconcile::step(&self.web.app).await {
            Ok(_) => Ok(()),
            Err(error) => self.told("reads what was changed", &error.into()),
        }
    }

    /// What a page says is fine as long as it says what to do.
    pub(crate) fn told(&self, who: &str, error: &Error) -> Result<(), Broken> {
        self.net.say(format!("somebody {who}: {error}"));
        match error {
            // Procore answered nonsense, which a page reports as such.
            Error::Internal(text) if !text.starts_with("Procore: ") => Err(format!("somebody {who}: {error}")),
            _ => Ok(()),
        }
    }

    /// Any COR of any site.
    fn any_cor(&mut self) -> (usize, CorId) {
        let site = self.dice.index(self.sites.len());
        let both: Vec<CorId> = self.sites[site].received.iter().chain(&self.sites[site].sent).copied().collect();
        (site, *self.dice.one_of(&both).expect("a site has CORs"))
    }

    pub(crate) async fn edits_or_voids(&mut self) -> Result<(), Broken> {
        if self.dice.percent(50) { self.edits(None).await } else { self.voids(None).await }
    }

    /// A COR is voided, or taken back from that.
    pub(crate) async fn voids(&mut self, which: Option<(usize, CorId)>) -> Result<(), Broken> {
        let (site, id) = which.unwrap_or_else(|| self.any_cor());
        let before = self.cor(site, id).await;
        let status = if before.status == Status::Void { Status::InReview } else { Status::Void };
        let (now, by) = (self.web.app.now(), before.sender.id);
        self.net.say(format!("COR {} of {} is {} now", before.number, self.sites[site].name, status.name()));
        let set = self.common.store.write(move |tx| tx.of(by).set_cor_status(&before, status, now)).await;
        set.map(|_| ()).map_err(|error| format!("a status could not be set: {error}"))
    }

    /// The sender edits a COR.
    pub(crate) async fn edits(&mut self, which: Option<(usize, CorId)>) -> Result<(), Broken> {
        let (site, id) = which.unwrap_or_else(|| self.any_cor());
        let before = self.cor(site, id).await;
        let mut price = before.price.clone();
        let now = self.web.app.now();
        for _ in 0..self.dice.between(1, 2) {
            match self.dice.roll(4) {
                0 if price.lines.len() > 1 => {
                    let gone = self.dice.index(price.lines.len());
                    price.lines.remove(gone);
                }
                1 => price.overtyped = Some(Money::minor(self.dice.between(1, 99) * 1_000)),
                2 => price.overtyped = None,
                _ => {
                    let section = self.dice.one_of(&Section::ALL).copied().unwrap_or(Section::Other);
                    let amount = Money::minor(self.dice.between(-30_000, 90_000));
                    let id = LineItemId::fresh(now, &*self.web.app.entropy);
                    price.lines.push(LineItem::lump(id, section, "More", amount));
                }
            }
        }
        let title = if self.dice.percent(20) { format!("{}.", before.title) } else { before.title.clone() };
        let content = CorContent { title, price, ..before.content() };
        self.net.say(format!(
            "COR {} of {} is edited: {}",
            before.number,
            self.sites[site].name,
            content.price.total()
        ));
        let stored = self
            .common
            .store
            .write(move |tx| tx.of(before.sender.id).update_cor(&before, &before.number, &content, now))
            .await;
        stored.map(|_| ()).map_err(|error| format!("an edit could not be stored: {error}"))
    }
}
