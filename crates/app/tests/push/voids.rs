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

use crate::desk::{Desk, sentence};
use crate::record_pages::Reader;

impl Desk {
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
        let desk = Desk::on(store).await;
        let (cor, other) = (desk.mechanical(&[10])[0], desk.mechanical(&[11])[0]);
        let event = desk.event("002");
        let (foreign, before) = (desk.foreign(event), desk.event_now(event).cost_total());
        desk.push(&[cor, other]).into_event("002").line_items().finished().await;
        let total = desk.cor(cor).await.total();
        desk.world.advance(60);
        desk.void(cor).await;
        desk.assert_left(cor, total).await;
        desk.later(900).await;
        desk.later(86_400).await;
        desk.assert_left(cor, total).await;
        // Nothing of it is to be left or taken over.
        let version = comparison::look(&desk.app, desk.actor(), cor).await.unwrap().version;
        let why = sentence(comparison::accept(&desk.app, desk.actor(), cor, &version, "").await);
        assert!(why.contains("is void") && why.contains("lines removed"), "{why}");
        let why = sentence(comparison::plan(&desk.app, desk.actor(), cor, Purpose::Move).await);
        assert!(why.contains("is void"), "{why}");

        // The plan asks first: each line, and how much. No code and no contract is needed.
        let draft = desk.push(&[cor]).drafts().await.unwrap()[0];
        assert!(push::as_before(&desk.app, desk.actor(), draft).await.unwrap());
        let shown = push::plan(&desk.app, desk.actor(), draft).await.unwrap();
        let plan = &shown.order.plan;
        let lines = desk.cor(cor).await.price.lines.len();
        assert_eq!((plan.writes(), plan.cors[0].taken_out), (lines, true));
        assert!(plan.cors[0].lines.iter().all(|line| line.action.code() == "remove"));
        assert_eq!((plan.cors[0].change().previous, plan.cors[0].change().new), (total.into(), Amount::ZERO));
        assert_eq!(plan.totals.whole.difference(), -total);
        let page = Reader::of(&desk, desk.actor()).await.read(&format!("/push/{draft}/review")).await.1;
        let asks = format!("COR 010 is void: {lines} lines of {total} are removed from Procore.");
        assert!(page.contains(&asks), "{page}");
        desk.calls();
        push::confirm(&desk.app, desk.actor(), draft, None).await.unwrap();
        desk.work().await;
        assert_eq!(desk.calls(), ["GET event", "PATCH event"]);
        desk.assert_out(cor).await;
        desk.assert_once(&[other]).await;
        assert_eq!(desk.foreign(event), foreign);
        assert_eq!(desk.event_now(event).cost_total(), before + desk.cor(other).await.total().to_decimal());
        let told = desk.told(cor).await;
        let says = format!("removed {lines} lines of {total} from Change Event 002, because the COR is void");
        assert_eq!(told.last().unwrap(), &says, "{told:?}");
        for wait in [200, 900, 86_400] {
            desk.later(wait).await;
            desk.assert_out(cor).await;
        }
        assert_eq!(desk.told(cor).await, told, "nothing of it is news");
        let why = sentence(desk.push(&[cor]).drafts().await);
        assert!(why.contains("A Void COR can't be newly pushed"), "{why}");

        // Taken back it is a COR like any other, and goes to any event, once.
        desk.take_back(cor).await;
        assert_eq!(desk.said(cor).await.0, ProcoreState::NotInProcore);
        assert_eq!(desk.reconciled(cor).await.category, Category::NotInProcore);
        desk.push(&[cor]).into_event("004").line_items().finished().await;
        desk.assert_once(&[cor, other]).await;
        assert_eq!(desk.counted(cor).await, total.to_decimal());
        desk.later(86_400).await;
        desk.assert_once(&[cor, other]).await;
        desk.assert_done().await;
    }

    async fn taken_back_before_its_lines_were_removed_it_is_updated_in_place(store: Store) {
        let desk = Desk::on(store).await;
        let cor = desk.mechanical(&[10])[0];
        desk.push(&[cor]).into_event("002").line_items().finished().await;
        let ids = desk.ids(cor).await;
        desk.void(cor).await;
        let (draft, _) = desk.push(&[cor]).planned().await.unwrap();
        desk.take_back(cor).await;
        assert_eq!(desk.said(cor).await, (ProcoreState::UpdateNeeded, String::new()));
        let why = sentence(push::confirm(&desk.app, desk.actor(), draft, None).await);
        assert!(why.contains("was changed after this plan was made"), "{why}");
        desk.push(&[cor]).line_items().finished().await;
        assert_eq!(desk.ids(cor).await, ids, "the same lines");
        desk.assert_once(&[cor]).await;
        // Confirmed, and taken back before the worker came to it.
        desk.void(cor).await;
        let push = desk.push(&[cor]).confirmed().await.unwrap();
        desk.take_back(cor).await;
        desk.work().await;
        assert_eq!(desk.outcome(push, cor).await, CorOutcome::Cancelled);
        assert_eq!(desk.counted(cor).await, desk.cor(cor).await.total().to_decimal(), "nothing was removed");
        assert_eq!(desk.said(cor).await, (ProcoreState::UpdateNeeded, String::new()));
        desk.push(&[cor]).line_items().finished().await;
        desk.assert_once(&[cor]).await;
        desk.assert_done().await;
    }

    async fn what_is_locked_there_is_told_and_can_be_made_up_for(store: Store) {
        let desk = Desk::on(store).await;
        let (cor, line) = desk.locked(10, 0).await;
        let locked = desk.cor(cor).await.price.lines[0].amount;
        desk.void(cor).await;
        // Left as it is: the rest goes, and what stays is said.
        desk.push(&[cor]).finished().await;
        desk.assert_left(cor, locked).await;
        let (_, reason) = desk.said(cor).await;
        assert!(reason.contains("1 line is locked there (") && reason.contains("make up for it"), "{reason}");
        desk.later(900).await;
        desk.assert_left(cor, locked).await;
        assert!(desk.told(cor).await.iter().any(|text| text.contains(&format!("{locked} of it stays there"))));
        // Made up for, nothing of it counts.
        let (_, shown) = desk.push(&[cor]).answering(Answer::Adjust).planned().await.unwrap();
        assert_eq!((shown.order.plan.writes(), shown.order.plan.cors[0].change().new), (1, Amount::ZERO));
        desk.push(&[cor]).answering(Answer::Adjust).finished().await;
        assert_eq!(desk.counted(cor).await, Decimal::ZERO);
        let (state, reason) = desk.said(cor).await;
        assert_eq!(state, ProcoreState::UpToDate, "{reason}");
        assert!(reason.contains(&format!("{locked} of it is locked in Procore and made up for")), "{reason}");
        let row = desk.reconciled(cor).await;
        assert_eq!((row.category, row.there, row.gap()), (Category::NotToPush, Amount::ZERO, Amount::ZERO));
        desk.later(86_400).await;
        assert_eq!(desk.said(cor).await.0, ProcoreState::UpToDate);
        // Once the lock is gone, so are both.
        desk.in_procore(|w| w.edit_line(line, |l| l.lock = None).unwrap());
        desk.push(&[cor]).finished().await;
        desk.assert_out(cor).await;
        desk.assert_done().await;
    }

    async fn nothing_is_sent_of_a_cor_that_is_voided_before_its_push_is_carried_out(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[9, 10, 11]);
        let push = desk.push(&cors).into_new_event().confirmed().await.unwrap();
        desk.void(cors[1]).await;
        assert_eq!(desk.said(cors[1]).await.0, ProcoreState::InProgress, "its push says how that ended");
        desk.work().await;
        assert_eq!(desk.calls(), ["POST events"]);
        assert_eq!(desk.outcome(push, cors[1]).await, CorOutcome::Cancelled);
        desk.assert_once(&[cors[0], cors[2]]).await;
        desk.assert_out(cors[1]).await;
        assert!(desk.told(cors[1]).await.last().unwrap().contains("it was set to Void before"));

        // Alone in it, no event is made for it.
        let alone = desk.mechanical(&[12])[0];
        let push = desk.push(&[alone]).into_new_event().confirmed().await.unwrap();
        let events = desk.events_in_procore();
        desk.void(alone).await;
        desk.work().await;
        assert_eq!((desk.calls(), desk.events_in_procore()), (vec![], events));
        assert_eq!(desk.stored(push).await.state, PushState::Cancelled);
        desk.assert_out(alone).await;
        desk.take_back(alone).await;
        desk.push(&[alone]).into_new_event().finished().await;
        desk.assert_once(&[alone]).await;

        // Voided between the reading and the writing.
        let late = desk.mechanical(&[13])[0];
        desk.push(&[late]).into_event("002").confirmed().await.unwrap();
        let pass = desk.carry(&desk.worker(), 1).await;
        desk.void(late).await;
        assert!(pass.advance().await.unwrap().is_none(), "it is not recorded as being sent");
        desk.work().await;
        assert!(!desk.calls().contains(&"PATCH event".to_owned()));
        desk.assert_out(late).await;
        desk.assert_done().await;
    }

    async fn what_was_sent_before_it_was_voided_is_found_and_told(store: Store) {
        let desk = Desk::on(store).await;
        let silent = |executed| FaultKind::Status { status: 502, retry_after: None, executed };
        for (number, executed) in [(9, true), (10, false)] {
            let cor = desk.mechanical(&[number])[0];
            desk.push(&[cor]).into_event("002").line_items().confirmed().await.unwrap();
            desk.fault("PATCH", silent(executed));
            desk.work().await;
            assert_eq!(desk.state(cor).await, ProcoreState::Checking);
            desk.void(cor).await;
            assert_eq!(desk.said(cor).await.0, ProcoreState::Checking);
            desk.work_through().await;
            if executed {
                desk.assert_left(cor, desk.cor(cor).await.total()).await;
                desk.push(&[cor]).finished().await;
            }
            desk.assert_out(cor).await;
            desk.later(86_400).await;
            desk.assert_out(cor).await;
        }
        // A request that is carried out hours later is a surplus, whatever became of its COR.
        let cor = desk.mechanical(&[11])[0];
        desk.push(&[cor]).into_event("002").confirmed().await.unwrap();
        desk.fault("PATCH", FaultKind::ExecuteLate { after_seconds: 3600, silence: Silence::Close });
        desk.work().await;
        desk.void(cor).await;
        desk.work_through().await;
        desk.assert_out(cor).await;
        desk.world.advance(4000);
        assert_eq!(desk.world.procore.run_late(), 1);
        desk.later(86_400).await;
        assert_eq!(desk.counted(cor).await, desk.cor(cor).await.total().to_decimal());
        assert_eq!(desk.said(cor).await.0, ProcoreState::Surplus);
        comparison::remove_surplus(&desk.app, desk.actor(), cor).await.unwrap();
        desk.work().await;
        desk.assert_out(cor).await;
        desk.assert_done().await;
    }

    async fn what_somebody_does_in_procore_to_a_void_cor_is_followed(store: Store) {
        let desk = Desk::on(store).await;
        let cor = desk.mechanical(&[9])[0];
        desk.push(&[cor]).into_event("002").finished().await;
        let (event, total, line) = (desk.event("002"), desk.cor(cor).await.total(), desk.ids(cor).await[0]);
        desk.void(cor).await;
        let lives = |deleted: bool| {
            desk.in_procore(|w| {
                let at = w.epoch;
                let items = &mut w.change_events.get_mut(&event).unwrap().items;
                items.iter_mut().find(|item| item.id == line).unwrap().deleted_at = deleted.then_some(at);
            });
        };
        // Removed by hand: that is all that was wanted. Restored: it is there again.
        lives(true);
        desk.later(900).await;
        desk.later(86_400).await;
        assert_eq!(desk.said(cor).await, (ProcoreState::NotInProcore, String::new()));
        assert_eq!(desk.reconciled(cor).await.category, Category::NotToPush);
        lives(false);
        desk.later(86_400).await;
        desk.assert_left(cor, total).await;
        // Edited: what is there is told, and goes as it is.
        desk.in_procore(|w| w.edit_line(line, |l| l.cost.amount = Decimal::from(777)).unwrap());
        desk.later(86_400).await;
        desk.assert_left(cor, Money::minor(77_700)).await;
        // In a void event it counts nowhere, and may be taken out all the same.
        desk.in_procore(|w| w.set_event_status(event, "void").unwrap());
        desk.later(86_400).await;
        assert_eq!(desk.said(cor).await.0, ProcoreState::EventVoided);
        assert_eq!(desk.reconciled(cor).await.gap(), Amount::ZERO);
        desk.push(&[cor]).finished().await;
        desk.assert_out(cor).await;

        // With its event, all of it is gone.
        let other = desk.mechanical(&[10])[0];
        desk.push(&[other]).into_new_event().finished().await;
        let event = desk.link(other).await.event.unwrap();
        desk.void(other).await;
        desk.in_procore(|w| w.change_events.get_mut(&event).unwrap().deleted_at = Some(w.epoch));
        desk.later(86_400).await;
        assert_eq!(desk.said(other).await, (ProcoreState::NotInProcore, String::new()));
        desk.in_procore(|w| w.change_events.get_mut(&event).unwrap().deleted_at = None);
        desk.later(86_400).await;
        desk.assert_left(other, desk.cor(other).await.total()).await;
    }

    async fn a_restored_line_of_a_cor_that_was_taken_out_is_found(store: Store) {
        let desk = Desk::on(store).await;
        let cor = desk.mechanical(&[9])[0];
        desk.push(&[cor]).into_event("002").finished().await;
        let (event, line) = (desk.event("002"), desk.ids(cor).await[0]);
        desk.void(cor).await;
        desk.push(&[cor]).finished().await;
        desk.assert_out(cor).await;
        desk.world.advance(60);
        desk.in_procore(|w| {
            let at = w.epoch;
            let event = w.change_events.get_mut(&event).unwrap();
            event.items.iter_mut().find(|item| item.id == line).unwrap().deleted_at = None;
            event.updated_at = at;
        });
        desk.later(900).await;
        assert_eq!(desk.said(cor).await.0, ProcoreState::Surplus);
        comparison::remove_surplus(&desk.app, desk.actor(), cor).await.unwrap();
        desk.work().await;
        desk.assert_out(cor).await;
        desk.assert_done().await;
    }

    async fn a_refusal_says_nothing_of_a_cor_that_is_void(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[9, 10]);
        let no = || FaultKind::Status { status: 422, retry_after: None, executed: false };
        desk.push(&cors[..1]).into_event("002").confirmed().await.unwrap();
        desk.fault("PATCH", no());
        desk.work().await;
        assert_eq!(desk.state(cors[0]).await, ProcoreState::Refused);
        desk.void(cors[0]).await;
        desk.assert_out(cors[0]).await;
        desk.take_back(cors[0]).await;
        assert_eq!(desk.said(cors[0]).await, (ProcoreState::NotInProcore, String::new()));
        // A removal that is refused says why, and that nothing went.
        desk.push(&cors[1..]).into_event("002").finished().await;
        desk.void(cors[1]).await;
        desk.push(&cors[1..]).confirmed().await.unwrap();
        desk.fault("PATCH", no());
        desk.work().await;
        let (state, reason) = desk.said(cors[1]).await;
        assert_eq!(state, ProcoreState::Refused, "{reason}");
        assert_eq!(desk.reconciled(cors[1]).await.category, Category::ToTakeOut);
        desk.push(&cors[1..]).finished().await;
        desk.assert_out(cors[1]).await;
    }

    async fn of_all_that_a_filter_finds_a_void_cor_is_taken_along_where_something_of_it_is_there(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[3, 9, 10]);
        desk.push(&cors[1..2]).into_event("002").finished().await;
        desk.void(cors[1]).await;
        // The first is void and was never there.
        let (fit, left_out) = push::sort_out(&desk.app, desk.actor(), cors.clone()).await.unwrap();
        assert_eq!((fit, left_out), (cors[1..].to_vec(), 1));
    }
}
