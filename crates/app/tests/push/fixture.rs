//! The furnished product with a person at the wizard, and an eye on what Procore holds.

use std::{collections::BTreeMap, pin::Pin, sync::Arc, time::Duration};

use domain::{
    CorId, DraftId, LineItemId, Money, PushId,
    cor::{Breakdown, LineItem, Price, Section, Status},
    procore::{
        Side,
        push::Scope,
        push_plan::KnownLine,
        push_state::{CorOutcome, ProcoreState, PushState},
        reference::Mark,
    },
    role::Actor,
};
use emulator::{
    Exchange, Fault, FaultKind,
    world::{ChangeEvent, ChangeItem},
};
use jiff::SignedDuration;
use ledgerboard::{
    App, Error,
    clock::{Clock, ManualClock},
    demo_data::{Furnished, furnish},
    integration::{
        change_events, connect, map_project,
        reference::{self, ReferenceData},
    },
    push::{self, Answer, ChosenEvent, ChosenLines, EventToMake},
    testing::World,
};
use store::{
    Store,
    repo::{
        cor::{Cor, CorContent},
        link::Link,
        push::{Push, PushCor},
    },
};
use sync::{Attempt, Worker};

pub const MANAGER: &str = "d.whitfield@whitfieldsons.example";
pub const OWNER: &str = "r.calloway@whitfieldsons.example";
/// The path of change events.
pub const EVENTS: &str = "/rest/v1.1/change_events";

pub struct Fixture {
    pub world: World,
    pub app: App,
    pub made: Furnished,
    pub data: ReferenceData,
}

impl Fixture {
    /// Two people signed in to Procore, the office connected, the project mapped, everything read once.
    pub async fn on(store: Store) -> Self {
        let world = World::on(store);
        let app = world.app.clone();
        let made = furnish(&app).await.unwrap();
        world.sign_in_to_procore(&app, &made.owner, OWNER).await.unwrap();
        world.sign_in_to_procore(&app, &made.manager, MANAGER).await.unwrap();
        connect::connect(&app, &made.owner, made.offices[0], emulator::seed::WHITFIELD).await.unwrap();
        let harbor = world.procore.world(|w| w.project_by_number(emulator::seed::HARBOR_POINT).unwrap().id);
        let harbor = map_project::MapTo::project(harbor).kept_in(domain::Currency::Usd);
        map_project::map(&app, &made.manager, made.project, harbor).await.unwrap();
        change_events::refresh(&app, &made.manager, made.project).await.unwrap();
        let data = reference::get(&app, &made.manager, made.project).await.unwrap();
        world.procore.clear_journal();
        Self { world, app, made, data }
    }

    /// The same, where whoever waits by the clock makes time pass.
    pub async fn patient(store: Store) -> Self {
        let mut fixture = Self::on(store).await;
        fixture.app.context.clock = Arc::new(Patient(fixture.world.clock.clone()));
        fixture
    }

    pub fn actor(&self) -> &Actor {
        &self.made.manager
    }

    /// CORs of the mechanical sub by their numbers.
    pub fn mechanical(&self, numbers: &[usize]) -> Vec<CorId> {
        numbers.iter().map(|n| self.made.cors[0][n - 1]).collect()
    }

    /// CORs that the company itself sent to the owner.
    pub async fn sent(&self, count: usize) -> Vec<CorId> {
        let (company, now, project) = (self.actor().company, self.app.now(), self.made.project);
        let app = self.app.clone();
        self.app
            .store
            .write(move |tx| {
                let mut us = tx.of(company);
                let contracts = us.contracts(project)?;
                let prime = contracts.iter().find(|c| c.contractor.id == company).unwrap().id;
                let mut made = Vec::new();
                for n in 0..count {
                    let amount = Money::minor(100_000 + 4_517 * i64::try_from(n).unwrap());
                    let line = LineItem::lump(LineItemId::fresh(now, &*app.entropy), Section::Other, "Work", amount);
                    let price = Price { lines: vec![line], overtyped: None };
                    let content = CorContent::new(format!("Owner change {n}"), price);
                    let id = CorId::fresh(now, &*app.entropy);
                    let new = store::repo::cor::NewCor { id, contract: prime, number: None, content, at: now };
                    let cor = us.create_cor(&new)?.unwrap();
                    us.set_cor_status(&cor, Status::InReview, now)?;
                    made.push(id);
                }
                Ok::<_, Error>(made)
            })
            .await
            .unwrap()
    }

    pub async fn cor(&self, id: CorId) -> Cor {
        let company = self.actor().company;
        self.app.store.read(move |tx| tx.of(company).cor(id)).await.unwrap().unwrap()
    }

    pub async fn link(&self, id: CorId) -> Link {
        self.link_if_any(id).await.expect("the COR was pushed")
    }

    pub async fn link_if_any(&self, id: CorId) -> Option<Link> {
        let company = self.actor().company;
        self.app.store.read(move |tx| tx.of(company).link_of(id)).await.unwrap()
    }

    pub async fn link_lines(&self, id: CorId) -> Vec<KnownLine> {
        let (company, link) = (self.actor().company, self.link(id).await.id);
        self.app.store.read(move |tx| tx.of(company).link_lines(link)).await.unwrap()
    }

    pub async fn stored(&self, id: PushId) -> Push {
        let company = self.actor().company;
        self.app.store.read(move |tx| tx.of(company).push(id)).await.unwrap().unwrap()
    }

    pub async fn outcomes(&self, id: PushId) -> Vec<PushCor> {
        let company = self.actor().company;
        self.app.store.read(move |tx| tx.of(company).push_cors(id)).await.unwrap()
    }

    /// How one COR of a push ended.
    pub async fn outcome(&self, push: PushId, cor: CorId) -> CorOutcome {
        self.outcomes(push).await.into_iter().find(|c| c.cor == cor).unwrap().outcome
    }

    /// The texts of a COR's feed that are about pushes, oldest first.
    pub async fn told(&self, id: CorId) -> Vec<String> {
        let company = self.actor().company;
        let feed = self.app.store.read(move |tx| tx.of(company).feed(id)).await.unwrap();
        let mut feed: Vec<_> = feed.into_iter().filter(|e| e.kind == domain::activity::EntryKind::Push).collect();
        feed.sort_by_key(|entry| entry.id);
        feed.into_iter().map(|entry| entry.text).collect()
    }

    /// The sender changes the lines of a COR.
    pub async fn edit(&self, id: CorId, change: impl FnOnce(&mut Vec<LineItem>)) {
        let mut price = self.cor(id).await.price;
        price.overtyped = None;
        change(&mut price.lines);
        self.reprice(id, price).await;
    }

    /// The sender types a total so many cents over the lines.
    pub async fn type_total(&self, id: CorId, cents: i64) {
        let price = self.cor(id).await.price;
        let overtyped = Some(price.computed() + Money::minor(cents));
        self.reprice(id, Price { overtyped, ..price }).await;
    }

    async fn reprice(&self, id: CorId, price: Price) {
        let before = self.cor(id).await;
        let content = CorContent { price, ..before.content() };
        let now = self.app.now();
        self.app
            .store
            .write(move |tx| tx.of(before.sender.id).update_cor(&before, &before.number, &content, now))
            .await
            .unwrap();
    }

    /// A lump of so many cents, to be added to a COR.
    pub fn lump(&self, text: &str, cents: i64) -> LineItem {
        let id = LineItemId::fresh(self.app.now(), &*self.app.entropy);
        LineItem::lump(id, Section::Labor, text, Money::minor(cents))
    }

    // What a person does in the wizard.

    pub fn push<'a>(&'a self, cors: &[CorId]) -> Wizard<'a> {
        Wizard {
            fixture: self,
            actor: self.actor().clone(),
            cors: cors.to_vec(),
            side: Side::Received,
            to: None,
            breakdown: Breakdown::LumpSum,
            code: Some("23-2113.L"),
            codes: BTreeMap::new(),
            answers: None,
            prime: true,
            no_revenue: None,
        }
    }

    /// The id of an event of Harbor Point by its number.
    pub fn event(&self, number: &str) -> i64 {
        self.world.procore.world(|w| {
            let harbor = w.project_by_number(emulator::seed::HARBOR_POINT).unwrap().id;
            w.event_by_number(harbor, number).unwrap().id
        })
    }

    pub fn code(&self, code: &str) -> i64 {
        self.data.budget_codes.iter().find(|c| c.code.starts_with(code)).unwrap().id
    }

    pub fn commitment(&self, number: &str) -> i64 {
        self.data.commitments.iter().find(|c| c.number == number).unwrap().id
    }

    // The worker.

    pub fn worker(&self) -> Worker {
        Worker::new(&self.app)
    }

    /// Works until nothing is due.
    pub async fn work(&self) {
        self.worker().run_until_idle().await.unwrap();
    }

    /// Works, and lets time pass as far as the next thing to do, until nothing is left but what waits for a person.
    pub async fn work_through(&self) {
        for _ in 0..60 {
            self.work().await;
            let Some(due) = self.app.store.read(store::Tx::next_due).await.unwrap() else { return };
            let wait = due.duration_since(self.app.now());
            // What is due already is held under the lease of a process that is no more.
            self.world.clock.advance(if wait.is_positive() { wait } else { SignedDuration::from_secs(30) });
        }
        panic!("the outbox does not come to rest");
    }

    /// Claims one push and carries it `stages` transitions far.
    pub async fn carry(&self, worker: &Worker, stages: usize) -> Attempt {
        let mut pass = worker.claim().await.unwrap().expect("a push is due");
        for _ in 0..stages {
            pass = pass.advance().await.unwrap().expect("the pass goes on");
        }
        pass
    }

    // What Procore holds.

    pub fn fault(&self, method: &str, kind: FaultKind) {
        self.world.procore.fault(Fault::next(method, EVENTS, kind));
    }

    /// The lines of all events, deleted ones aside, that carry the mark of this COR.
    pub async fn lines_of(&self, cor: CorId) -> Vec<(i64, ChangeItem)> {
        let Some(link) = self.link_if_any(cor).await else { return Vec::new() };
        let marked = |item: &ChangeItem| {
            Mark::find(item.description.as_deref().unwrap_or_default()).is_some_and(|m| m.reference == link.reference)
        };
        self.world.procore.world(|w| {
            let events = w.change_events.values().filter(|e| e.deleted_at.is_none());
            let lines = events.flat_map(|e| e.live_items().map(move |i| (e.id, i.clone())));
            lines.filter(|(_, item)| marked(item)).collect()
        })
    }

    pub fn event_now(&self, id: i64) -> ChangeEvent {
        self.world.procore.world(|w| w.change_events[&id].clone())
    }

    pub fn events_in_procore(&self) -> usize {
        self.world.procore.world(|w| w.change_events.values().filter(|e| e.deleted_at.is_none()).count())
    }

    /// All that is known of the lines of an event that are not ours, to see that nobody touched them.
    pub fn foreign(&self, event: i64) -> Vec<String> {
        let foreign = |item: &&ChangeItem| Mark::find(item.description.as_deref().unwrap_or_default()).is_none();
        self.event_now(event).items.iter().filter(foreign).map(|item| format!("{item:?}")).collect()
    }

    /// Each line of the COR is in Procore once, in one event, to the cent, and everybody knows it.
    pub async fn assert_once(&self, cors: &[CorId]) {
        for id in cors {
            let (cor, link) = (self.cor(*id).await, self.link(*id).await);
            let wanted = cor.price.broken_down(link.breakdown, &cor.title);
            let lines = self.lines_of(*id).await;
            assert_eq!(lines.len(), wanted.len(), "lines of COR {} in Procore: {lines:#?}", cor.number);
            let event = link.event.expect("the link knows its event");
            let known: BTreeMap<_, _> = self.link_lines(*id).await.into_iter().map(|l| (l.key, l)).collect();
            for want in &wanted {
                let known = &known[&want.key];
                let there = lines.iter().find(|(_, there)| Some(there.id) == known.line);
                let (at, line) = there.expect("the line we know");
                assert_eq!(*at, event, "the event of COR {}", cor.number);
                let amount = if link.side == Side::Sent { line.revenue.amount } else { line.cost.amount };
                assert_eq!(amount, want.amount.to_decimal(), "{} of COR {}", want.description, cor.number);
                assert_eq!(known.values.amount, want.amount);
            }
            assert_eq!(
                (link.state, link.pushed, link.pushed_amount),
                (ProcoreState::UpToDate, cor.priced, cor.total().into()),
                "what the log says of COR {}: {}",
                cor.number,
                link.reason
            );
        }
    }

    /// Nothing waits, no queue is held, and everything that was said on the wire was as documented.
    pub async fn assert_done(&self) {
        assert_eq!(self.outbox().await, 0, "nothing is left to do");
        assert_eq!(self.count("queue_lease").await, 0, "no lease outlives its holder");
        self.assert_wire();
    }

    pub async fn outbox(&self) -> i64 {
        self.count("outbox").await
    }

    async fn count(&self, table: &'static str) -> i64 {
        let count = self.app.store.read(move |tx| {
            let count = tx.one(&format!("SELECT count(*) FROM {table}"), &[], |row| row.get::<i64>(0))?;
            Ok::<_, store::StoreError>(count)
        });
        count.await.unwrap().unwrap_or_default()
    }

    pub fn assert_wire(&self) {
        for call in self.world.procore.journal().iter().filter(|c| c.path.starts_with("/rest/")) {
            if call.fault == Some(FaultKind::Refuse) {
                continue;
            }
            emulator::schema::check_exchange(call).unwrap();
        }
    }

    /// The calls since the last look: `GET event`, `GET events`, `POST events`, `PATCH event`, `GET commitment`,
    /// `GET prime contract`, else method and path.
    pub fn calls(&self) -> Vec<String> {
        self.assert_wire();
        let journal = self.world.procore.journal();
        self.world.procore.clear_journal();
        journal.iter().filter(|call| call.is_call()).map(name).collect()
    }

    /// How often something was asked for without our having a right to expect an answer.
    pub fn refused_for_rate(&self) -> usize {
        self.world.procore.journal().iter().filter(|c| c.status == Some(429)).count()
    }
}

fn name(call: &Exchange) -> String {
    for (path, what) in [("/rest/v1.0/commitments/", "commitment"), ("/rest/v1.0/prime_contract/", "prime contract")] {
        if call.path.starts_with(path) {
            return format!("{} {what}", call.method);
        }
    }
    let rest = call.path.strip_prefix(EVENTS);
    match rest {
        Some("") => format!("{} events", call.method),
        Some(id) if id[1..].bytes().all(|b| b.is_ascii_digit()) => format!("{} event", call.method),
        _ => format!("{} {}", call.method, call.path),
    }
}

/// A push in the making.
#[derive(Clone)]
pub struct Wizard<'a> {
    pub fixture: &'a Fixture,
    actor: Actor,
    cors: Vec<CorId>,
    side: Side,
    to: Option<ChosenEvent>,
    breakdown: Breakdown,
    code: Option<&'static str>,
    codes: BTreeMap<CorId, &'static str>,
    answers: Option<Answer>,
    prime: bool,
    no_revenue: Option<bool>,
}

impl Wizard<'_> {
    /// Another person than the manager.
    pub fn by(mut self, actor: &Actor) -> Self {
        self.actor = actor.clone();
        self
    }

    pub fn into_new_event(mut self) -> Self {
        let status = self.fixture.data.statuses.iter().find(|s| s.default).unwrap().id;
        self.to = Some(ChosenEvent::to_make(EventToMake {
            title: "Level 1 coordination".to_owned(),
            status_id: status,
            scope: Some(Scope::OutOfScope),
            ..EventToMake::default()
        }));
        self
    }

    pub fn numbered(mut self, number: &str) -> Self {
        if let Some(new) = self.to.as_mut().and_then(|to| to.new.as_mut()) {
            number.clone_into(&mut new.number);
        }
        self
    }

    pub fn described(mut self, text: &str) -> Self {
        if let Some(new) = self.to.as_mut().and_then(|to| to.new.as_mut()) {
            text.clone_into(&mut new.description);
        }
        self
    }

    pub fn into_event(mut self, number: &str) -> Self {
        self.to = Some(ChosenEvent::existing(self.fixture.event(number)));
        self
    }

    pub fn sections(mut self) -> Self {
        self.breakdown = Breakdown::Sections;
        self
    }

    pub fn line_items(mut self) -> Self {
        self.breakdown = Breakdown::LineItems;
        self
    }

    pub fn sent(mut self) -> Self {
        self.side = Side::Sent;
        self
    }

    /// Without a prime contract for markup estimates.
    pub fn without_prime(mut self) -> Self {
        self.prime = false;
        self
    }

    /// The lines that are created say that no revenue is expected.
    pub fn without_revenue(mut self) -> Self {
        self.no_revenue = Some(true);
        self
    }

    /// Their revenue is left to Procore.
    pub fn with_revenue(mut self) -> Self {
        self.no_revenue = Some(false);
        self
    }

    /// No line gets a budget code.
    pub fn uncoded(mut self) -> Self {
        self.code = None;
        self
    }

    /// The budget code of every line of one COR.
    pub fn coded(mut self, cor: CorId, code: &'static str) -> Self {
        self.codes.insert(cor, code);
        self
    }

    /// The answer about every line that was removed in Procore; to have made up for, about every one that is locked.
    pub fn answering(mut self, answer: Answer) -> Self {
        self.answers = Some(answer);
        self
    }

    pub async fn drafts(&self) -> Result<Vec<DraftId>, Error> {
        push::begin(&self.fixture.app, &self.actor, self.fixture.made.project, self.side, self.cors.clone()).await
    }

    /// Goes as far as the plan. CORs that are linked stay with their event unless one was chosen.
    pub async fn planned(&self) -> Result<(DraftId, push::plan::Shown), Error> {
        let drafts = self.drafts().await?;
        assert_eq!(drafts.len(), 1, "one event, one draft");
        self.planned_in(drafts[0]).await
    }

    pub async fn planned_in(&self, draft: DraftId) -> Result<(DraftId, push::plan::Shown), Error> {
        let (app, actor) = (&self.fixture.app, &self.actor);
        let opened = push::open(app, actor, draft).await?;
        let to = self.to.clone().or(opened.body.tied.map(ChosenEvent::existing)).expect("an event was chosen");
        push::choose_event(app, actor, draft, to).await?;
        let mut choices = ChosenLines {
            no_revenue_expected: self.no_revenue,
            budget_code_for_all: self.code.map(|code| self.fixture.code(code).into()),
            ..ChosenLines::in_detail(self.breakdown)
        };
        for cor in &opened.cors {
            let prefix = cor.contract.name.split(' ').next().unwrap_or_default();
            let contracts = self.fixture.data.contracts(self.side);
            let chosen = match self.side {
                Side::Received => contracts.iter().find(|contract| contract.number == prefix),
                Side::Sent => contracts.first().filter(|_| self.prime),
            };
            choices.contracts.insert(cor.id, chosen.map(|contract| contract.id).into());
        }
        push::choose_lines(app, actor, draft, choices.clone()).await?;
        let mut own = ChosenLines { budget_code_for_all: None, ..choices };
        for (cor, code) in &self.codes {
            let cor = opened.cors.iter().find(|c| c.id == *cor).unwrap();
            for line in cor.price.broken_down(self.breakdown, &cor.title) {
                own.budget_codes.insert(push::draft::slot(cor.id, line.key), self.fixture.code(code).into());
            }
        }
        push::choose_lines(app, actor, draft, own).await?;
        let mut shown = push::plan(app, actor, draft).await?;
        if let Some(answer) = self.answers {
            let lines = shown.order.plan.cors.iter().flat_map(|c| c.lines.iter().map(move |l| (c.cor, l)));
            let about = if answer == Answer::Adjust { "locked" } else { "removed_there" };
            let asked = lines.filter(|(_, l)| l.action.code() == about);
            let answers = asked.map(|(cor, l)| (push::draft::slot(cor, l.key), answer)).collect();
            push::answer(app, actor, draft, answers).await?;
            shown = push::plan(app, actor, draft).await?;
        }
        Ok((draft, shown))
    }

    /// Clicks *Push to Procore*. Nothing is sent by that.
    pub async fn confirmed(&self) -> Result<PushId, Error> {
        let (draft, _) = self.planned().await?;
        self.fixture.world.procore.clear_journal();
        let push = push::confirm(&self.fixture.app, &self.actor, draft, None).await?;
        assert!(self.fixture.world.procore.journal().is_empty(), "the click itself sends nothing");
        // So that the story sorts: entries of one millisecond do so by chance.
        self.fixture.world.clock.advance(SignedDuration::from_millis(1));
        Ok(push)
    }

    /// The same, with the journal left as it is.
    pub async fn asked_for(&self) -> Result<PushId, Error> {
        let (draft, _) = self.planned().await?;
        push::confirm(&self.fixture.app, &self.actor, draft, None).await
    }

    /// Clicks, and works until nothing is due.
    pub async fn done(&self) -> PushId {
        let push = self.confirmed().await.unwrap();
        self.fixture.work().await;
        push
    }

    /// The same, and it is seen to be finished.
    pub async fn finished(&self) -> PushId {
        let push = self.done().await;
        assert_eq!(self.fixture.stored(push).await.state, PushState::Finished);
        push
    }
}

/// A clock that is set forward by whoever waits.
struct Patient(ManualClock);

impl Clock for Patient {
    fn now(&self) -> jiff::Timestamp {
        self.0.now()
    }

    fn pause(&self, by: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.0.advance(SignedDuration::try_from(by).unwrap());
        Box::pin(std::future::ready(()))
    }
}

/// What a person would read.
pub fn sentence<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    result.unwrap_err().sentence()
}
