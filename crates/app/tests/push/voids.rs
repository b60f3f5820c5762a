//! A COR that is voided after its push, or while it is pushed: what of it is in Procore is told until it is out again, and
//! nothing of it goes there.

use domain::{
    CorId, Money,
    cor::Status,
    procore::{
        Amount, Side,
        push::Purpose,
        push_state::{CorOutcome, ProcoreState, PushState},
        reconciliation::{Category, ReportCor},
    },
};
use emulator::{FaultKind, Silence};
use ledgerboard::{
    comparison,
    push::{self, Answer},
    reconciliation,
};
use rust_decimal::Decimal;
use store::repo::log::{LogFilter, PageWanted};

use crate::fixture::{Fixture, sentence};
use crate::record_pages::Reader;

impl Fixture {
    async fn given(&self, id: CorId, status: Status) {
        let (before, now) = (self.cor(id).await, self.app.now());
        let by = before.sender.id;
        self.app.store.write(move |tx| tx.of(by).set_cor_status(&before, status, now)).await.unwrap();
    }

    pub async fn void(&self, id: CorId) {
        self.given(id, Status::Void).await;
    }

    async fn take_back(&self, id: CorId) {
        self.given(id, Status::InReview).await;
    }

    /// What the log's row, the counts beside its filter and the link say, which is the same.
    pub async fn said(&self, id: CorId) -> (ProcoreState, String) {
        let (company, project) = (self.actor().company, self.made.project);
        let (line, beside) = self
            .app
            .store
            .read(move |tx| {
                let mut us = tx.of(company);
                let page = us.log_page(project, Side::Received, &PageWanted { rows: 500, ..PageWanted::default() })?;
                let line = page.rows.into_iter().find(|line| line.id == id).unwrap();
                // Nobody misses a void COR in Procore, so its status is asked for as well.
                let filter = LogFilter {
                    procore: [line.procore.state].into(),
                    statuses: [line.status].into(),
                    ..LogFilter::default()
                };
                let found =
                    us.log_page(project, Side::Received, &PageWanted { filter, rows: 500, ..PageWanted::default() })?;
                Ok::<_, store::StoreError>((line, found.rows.iter().any(|line| line.id == id)))
            })
            .await
            .unwrap();
        assert!(beside, "the filter finds it under what its row says");
        if let Some(link) = self.link_if_any(id).await {
            assert_eq!((line.procore.state, &line.procore.reason), (link.state, &link.reason));
        }
        (line.procore.state, line.procore.reason)
    }

    pub async fn reconciled(&self, id: CorId) -> ReportCor {
        let report =
            reconciliation::read(&self.app, self.actor(), reconciliation::SignedScope::Project(self.made.project))
                .await
                .unwrap();
        let section = report.report.sections.into_iter().find(|section| section.side == Side::Received).unwrap();
        let sums: Amount = Category::ALL.into_iter().map(|category| section.sum(category).there).sum();
        assert_eq!(sums, section.events_total(), "the categories add up to what Procore holds");
        section.cors.into_iter().find(|row| row.cor == id).unwrap()
    }

    /// What Procore counts of a COR, whatever its lines are marked with.
    pub async fn counted(&self, id: CorId) -> Decimal {
        let words = format!("COR {}: ", self.cor(id).await.number);
        self.world.procore.world(|w| {
            let events = w.change_events.values().filter(|event| event.deleted_at.is_none());
            let lines = events.flat_map(emulator::world::ChangeEvent::live_items);
            lines
                .filter(|l| l.description.as_deref().unwrap_or_default().starts_with(&words))
                .map(|l| l.cost.amount)
                .sum()
        })
    }

    /// Nothing of it is in Procore, and everybody says so.
    pub async fn assert_out(&self, id: CorId) {
        assert_eq!(self.counted(id).await, Decimal::ZERO);
        assert_eq!(self.said(id).await, (ProcoreState::NotInProcore, String::new()));
        let row = self.reconciled(id).await;
        assert_eq!(
            (row.category, row.there, row.gap(), row.event),
            (Category::NotToPush, Amount::ZERO, Amount::ZERO, None)
        );
    }

    /// So much of it is in Procore, and everybody says so.
    pub async fn assert_left(&self, id: CorId, amount: Money) {
        assert_eq!(self.counted(id).await, amount.to_decimal());
        let (state, reason) = self.said(id).await;
        assert_eq!(state, ProcoreState::UpdateNeeded, "{reason}");
        assert!(reason.starts_with("It is void, and ") && reason.contains(&amount.to_string()), "{reason}");
        let row = self.reconciled(id).await;
        let there = Amount::from(amount);
        assert_eq!((row.category, row.there, row.gap()), (Category::ToTakeOut, there, -there));
    }
}

store::both_databases! {
    async fn a_cor_that_is_voided_after_its_push_is_taken_out_by_the_next(store: Store) {
        let fixture = Fixture::on(store).await;
        let (cor, other) = (fixture.mechanical(&[10])[0], fixture.mechanical(&[11])[0]);
        let event = fixture.event("002");
        let (foreign, before) = (fixture.foreign(event), fixture.event_now(event).cost_total());
        fixture.push(&[cor, other]).into_event("002").line_items().finished().await;
        let total = fixture.cor(cor).await.total();
        fixture.world.advance(60);
        fixture.void(cor).await;
        fixture.assert_left(cor, total).await;
        fixture.later(900).await;
        fixture.later(86_400).await;
        fixture.assert_left(cor, total).await;
        // Nothing of it is to be left or taken over.
        let version = comparison::look(&fixture.app, fixture.actor(), cor).await.unwrap().version;
        let why = sentence(comparison::accept(&fixture.app, fixture.actor(), cor, &version, "").await);
        assert!(why.contains("is void") && why.contains("lines removed"), "{why}");
        let why = sentence(comparison::plan(&fixture.app, fixture.actor(), cor, Purpose::Move).await);
        assert!(why.contains("is void"), "{why}");

        // The plan asks first: each line, and how much. No code and no contract is needed.
        let draft = fixture.push(&[cor]).drafts().await.unwrap()[0];
        assert!(push::as_before(&fixture.app, fixture.actor(), draft).await.unwrap());
        let shown = push::plan(&fixture.app, fixture.actor(), draft).await.unwrap();
        let plan = &shown.order.plan;
        let lines = fixture.cor(cor).await.price.lines.len();
        assert_eq!((plan.writes(), plan.cors[0].taken_out), (lines, true));
        assert!(plan.cors[0].lines.iter().all(|line| line.action.code() == "remove"));
        assert_eq!((plan.cors[0].change().previous, plan.cors[0].change().new), (total.into(), Amount::ZERO));
        assert_eq!(plan.totals.whole.difference(), -total);
        let page = Reader::of(&fixture, fixture.actor()).await.read(&format!("/push/{draft}/review")).await.1;
        let asks = format!("COR 010 is void: {lines} lines of {total} are removed from Procore.");
        assert!(page.contains(&asks), "{page}");
        fixture.calls();
        push::confirm(&fixture.app, fixture.actor(), draft, None).await.unwrap();
        fixture.work().await;
        assert_eq!(fixture.calls(), ["GET event", "PATCH event"]);
        fixture.assert_out(cor).await;
        fixture.assert_once(&[other]).await;
        assert_eq!(fixture.foreign(event), foreign);
        assert_eq!(fixture.event_now(event).cost_total(), before + fixture.cor(other).await.total().to_decimal());
        let told = fixture.told(cor).await;
        let says = format!("removed {lines} lines of {total} from Change Event 002, because the COR is void");
        assert_eq!(told.last().unwrap(), &says, "{told:?}");
        for wait in [200, 900, 86_400] {
            fixture.later(wait).await;
            fixture.assert_out(cor).await;
        }
        assert_eq!(fixture.told(cor).await, told, "nothing of it is news");
        let why = sentence(fixture.push(&[cor]).drafts().await);
        assert!(why.contains("A Void COR can't be newly pushed"), "{why}");

        // Taken back it is a COR like any other, and goes to any event, once.
        fixture.take_back(cor).await;
        assert_eq!(fixture.said(cor).await.0, ProcoreState::NotInProcore);
        assert_eq!(fixture.reconciled(cor).await.category, Category::NotInProcore);
        fixture.push(&[cor]).into_event("004").line_items().finished().await;
        fixture.assert_once(&[cor, other]).await;
        assert_eq!(fixture.counted(cor).await, total.to_decimal());
        fixture.later(86_400).await;
        fixture.assert_once(&[cor, other]).await;
        fixture.assert_done().await;
    }

    async fn taken_back_before_its_lines_were_removed_it_is_updated_in_place(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.mechanical(&[10])[0];
        fixture.push(&[cor]).into_event("002").line_items().finished().await;
        let ids = fixture.ids(cor).await;
        fixture.void(cor).await;
        let (draft, _) = fixture.push(&[cor]).planned().await.unwrap();
        fixture.take_back(cor).await;
        assert_eq!(fixture.said(cor).await, (ProcoreState::UpdateNeeded, String::new()));
        let why = sentence(push::confirm(&fixture.app, fixture.actor(), draft, None).await);
        assert!(why.contains("was changed after this plan was made"), "{why}");
        fixture.push(&[cor]).line_items().finished().await;
        assert_eq!(fixture.ids(cor).await, ids, "the same lines");
        fixture.assert_once(&[cor]).await;
        // Confirmed, and taken back before the worker came to it.
        fixture.void(cor).await;
        let push = fixture.push(&[cor]).confirmed().await.unwrap();
        fixture.take_back(cor).await;
        fixture.work().await;
        assert_eq!(fixture.outcome(push, cor).await, CorOutcome::Cancelled);
        assert_eq!(fixture.counted(cor).await, fixture.cor(cor).await.total().to_decimal(), "nothing was removed");
        assert_eq!(fixture.said(cor).await, (ProcoreState::UpdateNeeded, String::new()));
        fixture.push(&[cor]).line_items().finished().await;
        fixture.assert_once(&[cor]).await;
        fixture.assert_done().await;
    }

    async fn what_is_locked_there_is_told_and_can_be_made_up_for(store: Store) {
        let fixture = Fixture::on(store).await;
        let (cor, line) = fixture.locked(10, 0).await;
        let locked = fixture.cor(cor).await.price.lines[0].amount;
        fixture.void(cor).await;
        // Left as it is: the rest goes, and what stays is said.
        fixture.push(&[cor]).finished().await;
        fixture.assert_left(cor, locked).await;
        let (_, reason) = fixture.said(cor).await;
        assert!(reason.contains("1 line is locked there (") && reason.contains("make up for it"), "{reason}");
        fixture.later(900).await;
        fixture.assert_left(cor, locked).await;
        assert!(fixture.told(cor).await.iter().any(|text| text.contains(&format!("{locked} of it stays there"))));
        // Made up for, nothing of it counts.
        let (_, shown) = fixture.push(&[cor]).answering(Answer::Adjust).planned().await.unwrap();
        assert_eq!((shown.order.plan.writes(), shown.order.plan.cors[0].change().new), (1, Amount::ZERO));
        fixture.push(&[cor]).answering(Answer::Adjust).finished().await;
        assert_eq!(fixture.counted(cor).await, Decimal::ZERO);
        let (state, reason) = fixture.said(cor).await;
        assert_eq!(state, ProcoreState::UpToDate, "{reason}");
        assert!(reason.contains(&format!("{locked} of it is locked in Procore and made up for")), "{reason}");
        let row = fixture.reconciled(cor).await;
        assert_eq!((row.category, row.there, row.gap()), (Category::NotToPush, Amount::ZERO, Amount::ZERO));
        fixture.later(86_400).await;
        assert_eq!(fixture.said(cor).await.0, ProcoreState::UpToDate);
        // Once the lock is gone, so are both.
        fixture.in_procore(|w| w.edit_line(line, |l| l.lock = None).unwrap());
        fixture.push(&[cor]).finished().await;
        fixture.assert_out(cor).await;
        fixture.assert_done().await;
    }

    async fn nothing_is_sent_of_a_cor_that_is_voided_before_its_push_is_carried_out(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9, 10, 11]);
        let push = fixture.push(&cors).into_new_event().confirmed().await.unwrap();
        fixture.void(cors[1]).await;
        assert_eq!(fixture.said(cors[1]).await.0, ProcoreState::InProgress, "its push says how that ended");
        fixture.work().await;
        assert_eq!(fixture.calls(), ["POST events"]);
        assert_eq!(fixture.outcome(push, cors[1]).await, CorOutcome::Cancelled);
        fixture.assert_once(&[cors[0], cors[2]]).await;
        fixture.assert_out(cors[1]).await;
        assert!(fixture.told(cors[1]).await.last().unwrap().contains("it was set to Void before"));

        // Alone in it, no event is made for it.
        let alone = fixture.mechanical(&[12])[0];
        let push = fixture.push(&[alone]).into_new_event().confirmed().await.unwrap();
        let events = fixture.events_in_procore();
        fixture.void(alone).await;
        fixture.work().await;
        assert_eq!((fixture.calls(), fixture.events_in_procore()), (vec![], events));
        assert_eq!(fixture.stored(push).await.state, PushState::Cancelled);
        fixture.assert_out(alone).await;
        fixture.take_back(alone).await;
        fixture.push(&[alone]).into_new_event().finished().await;
        fixture.assert_once(&[alone]).await;

        // Voided between the reading and the writing.
        let late = fixture.mechanical(&[13])[0];
        fixture.push(&[late]).into_event("002").confirmed().await.unwrap();
        let pass = fixture.carry(&fixture.worker(), 1).await;
        fixture.void(late).await;
        assert!(pass.advance().await.unwrap().is_none(), "it is not recorded as being sent");
        fixture.work().await;
        assert!(!fixture.calls().contains(&"PATCH event".to_owned()));
        fixture.assert_out(late).await;
        fixture.assert_done().await;
    }

    async fn what_was_sent_before_it_was_voided_is_found_and_told(store: Store) {
        let fixture = Fixture::on(store).await;
        let silent = |executed| FaultKind::Status { status: 502, retry_after: None, executed };
        for (number, executed) in [(9, true), (10, false)] {
            let cor = fixture.mechanical(&[number])[0];
            fixture.push(&[cor]).into_event("002").line_items().confirmed().await.unwrap();
            fixture.fault("PATCH", silent(executed));
            fixture.work().await;
            assert_eq!(fixture.state(cor).await, ProcoreState::Checking);
            fixture.void(cor).await;
            assert_eq!(fixture.said(cor).await.0, ProcoreState::Checking);
            fixture.work_through().await;
            if executed {
                fixture.assert_left(cor, fixture.cor(cor).await.total()).await;
                fixture.push(&[cor]).finished().await;
            }
            fixture.assert_out(cor).await;
            fixture.later(86_400).await;
            fixture.assert_out(cor).await;
        }
        // A request that is carried out hours later is a surplus, whatever became of its COR.
        let cor = fixture.mechanical(&[11])[0];
        fixture.push(&[cor]).into_event("002").confirmed().await.unwrap();
        fixture.fault("PATCH", FaultKind::ExecuteLate { after_seconds: 3600, silence: Silence::Close });
        fixture.work().await;
        fixture.void(cor).await;
        fixture.work_through().await;
        fixture.assert_out(cor).await;
        fixture.world.advance(4000);
        assert_eq!(fixture.world.procore.run_late(), 1);
        fixture.later(86_400).await;
        assert_eq!(fixture.counted(cor).await, fixture.cor(cor).await.total().to_decimal());
        assert_eq!(fixture.said(cor).await.0, ProcoreState::Surplus);
        comparison::remove_surplus(&fixture.app, fixture.actor(), cor).await.unwrap();
        fixture.work().await;
        fixture.assert_out(cor).await;
        fixture.assert_done().await;
    }

    async fn what_somebody_does_in_procore_to_a_void_cor_is_followed(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.mechanical(&[9])[0];
        fixture.push(&[cor]).into_event("002").finished().await;
        let (event, total, line) = (fixture.event("002"), fixture.cor(cor).await.total(), fixture.ids(cor).await[0]);
        fixture.void(cor).await;
        let lives = |deleted: bool| {
            fixture.in_procore(|w| {
                let at = w.epoch;
                let items = &mut w.change_events.get_mut(&event).unwrap().items;
                items.iter_mut().find(|item| item.id == line).unwrap().deleted_at = deleted.then_some(at);
            });
        };
        // Removed by hand: that is all that was wanted. Restored: it is there again.
        lives(true);
        fixture.later(900).await;
        fixture.later(86_400).await;
        assert_eq!(fixture.said(cor).await, (ProcoreState::NotInProcore, String::new()));
        assert_eq!(fixture.reconciled(cor).await.category, Category::NotToPush);
        lives(false);
        fixture.later(86_400).await;
        fixture.assert_left(cor, total).await;
        // Edited: what is there is told, and goes as it is.
        fixture.in_procore(|w| w.edit_line(line, |l| l.cost.amount = Decimal::from(777)).unwrap());
        fixture.later(86_400).await;
        fixture.assert_left(cor, Money::minor(77_700)).await;
        // In a void event it counts nowhere, and may be taken out all the same.
        fixture.in_procore(|w| w.set_event_status(event, "void").unwrap());
        fixture.later(86_400).await;
        assert_eq!(fixture.said(cor).await.0, ProcoreState::EventVoided);
        assert_eq!(fixture.reconciled(cor).await.gap(), Amount::ZERO);
        fixture.push(&[cor]).finished().await;
        fixture.assert_out(cor).await;

        // With its event, all of it is gone.
        let other = fixture.mechanical(&[10])[0];
        fixture.push(&[other]).into_new_event().finished().await;
        let event = fixture.link(other).await.event.unwrap();
        fixture.void(other).await;
        fixture.in_procore(|w| w.change_events.get_mut(&event).unwrap().deleted_at = Some(w.epoch));
        fixture.later(86_400).await;
        assert_eq!(fixture.said(other).await, (ProcoreState::NotInProcore, String::new()));
        fixture.in_procore(|w| w.change_events.get_mut(&event).unwrap().deleted_at = None);
        fixture.later(86_400).await;
        fixture.assert_left(other, fixture.cor(other).await.total()).await;
    }

    async fn a_restored_line_of_a_cor_that_was_taken_out_is_found(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.mechanical(&[9])[0];
        fixture.push(&[cor]).into_event("002").finished().await;
        let (event, line) = (fixture.event("002"), fixture.ids(cor).await[0]);
        fixture.void(cor).await;
        fixture.push(&[cor]).finished().await;
        fixture.assert_out(cor).await;
        fixture.world.advance(60);
        fixture.in_procore(|w| {
            let at = w.epoch;
            let event = w.change_events.get_mut(&event).unwrap();
            event.items.iter_mut().find(|item| item.id == line).unwrap().deleted_at = None;
            event.updated_at = at;
        });
        fixture.later(900).await;
        assert_eq!(fixture.said(cor).await.0, ProcoreState::Surplus);
        comparison::remove_surplus(&fixture.app, fixture.actor(), cor).await.unwrap();
        fixture.work().await;
        fixture.assert_out(cor).await;
        fixture.assert_done().await;
    }

    async fn a_refusal_says_nothing_of_a_cor_that_is_void(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9, 10]);
        let no = || FaultKind::Status { status: 422, retry_after: None, executed: false };
        fixture.push(&cors[..1]).into_event("002").confirmed().await.unwrap();
        fixture.fault("PATCH", no());
        fixture.work().await;
        assert_eq!(fixture.state(cors[0]).await, ProcoreState::Refused);
        fixture.void(cors[0]).await;
        fixture.assert_out(cors[0]).await;
        fixture.take_back(cors[0]).await;
        assert_eq!(fixture.said(cors[0]).await, (ProcoreState::NotInProcore, String::new()));
        // A removal that is refused says why, and that nothing went.
        fixture.push(&cors[1..]).into_event("002").finished().await;
        fixture.void(cors[1]).await;
        fixture.push(&cors[1..]).confirmed().await.unwrap();
        fixture.fault("PATCH", no());
        fixture.work().await;
        let (state, reason) = fixture.said(cors[1]).await;
        assert_eq!(state, ProcoreState::Refused, "{reason}");
        assert_eq!(fixture.reconciled(cors[1]).await.category, Category::ToTakeOut);
        fixture.push(&cors[1..]).finished().await;
        fixture.assert_out(cors[1]).await;
    }

    async fn of_all_that_a_filter_finds_a_void_cor_is_taken_along_where_something_of_it_is_there(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[3, 9, 10]);
        fixture.push(&cors[1..2]).into_event("002").finished().await;
        fixture.void(cors[1]).await;
        // The first is void and was never there.
        let (fit, left_out) = push::sort_out(&fixture.app, fixture.actor(), cors.clone()).await.unwrap();
        assert_eq!((fit, left_out), (cors[1..].to_vec(), 1));
    }
}
