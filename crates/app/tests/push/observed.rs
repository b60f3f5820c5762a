//! What somebody changes in Procore is noticed, each kind under its own name; what we wrote ourselves is not.

use domain::{
    Money,
    procore::{push::Purpose, push_state::ProcoreState},
};
use emulator::{Fault, FaultKind, Silence};
use jiff::SignedDuration;
use ledgerboard::{Error, comparison, integration::change_events, push};
use store::both_databases;
use sync::link::{observe::observe, reading::Reading};

use super::desk::{Desk, EVENTS, sentence};

const QUARTER: i64 = 15 * 60;

impl Desk {
    /// Lets time pass, and the worker read what is due.
    pub async fn later(&self, seconds: i64) {
        self.world.advance(seconds);
        self.world.procore.world(|w| w.epoch = w.epoch.max(self.app.now()));
        while self.worker().observe().await.unwrap() {}
    }

    /// What was written last was written now, says a clock that is so many seconds ahead of the reader's.
    async fn written_by_a_clock_that_is(&self, ahead: i64) {
        let at = self.app.now() + SignedDuration::from_secs(ahead);
        let sql = "UPDATE push SET written_at = $1 WHERE written_at = (SELECT MAX(written_at) FROM push)";
        let done: Result<(), store::StoreError> =
            self.app.store.write(move |tx| tx.exec(sql, &[at.into()]).map(drop)).await;
        done.unwrap();
    }

    /// The ids in Procore of a COR's lines, in order.
    pub async fn ids(&self, cor: domain::CorId) -> Vec<i64> {
        self.link_lines(cor).await.into_iter().filter_map(|l| l.line).collect()
    }

    pub async fn state(&self, cor: domain::CorId) -> ProcoreState {
        self.link(cor).await.state
    }

    /// A person does something in Procore, now.
    pub fn in_procore(&self, deed: impl FnOnce(&mut emulator::world::World)) {
        let now = self.app.now();
        self.world.procore.world(|w| {
            w.epoch = w.epoch.max(now);
            deed(w);
        });
    }
}

both_databases! {
    async fn an_untouched_push_stays_up_to_date_whatever_is_read(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[9, 10, 11]);
        desk.push(&cors).into_event("002").line_items().finished().await;
        for wait in [200, QUARTER, QUARTER, 86_400, QUARTER] {
            desk.later(wait).await;
            desk.assert_once(&cors).await;
        }
        for cor in cors {
            assert!(desk.told(cor).await.iter().all(|t| t.contains("push")), "{:?}", desk.told(cor).await);
        }
    }

    async fn each_deed_in_procore_is_a_state_of_its_own_and_told(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[9, 10, 11, 12]);
        desk.push(&cors).into_event("002").finished().await;
        desk.later(200).await;
        desk.later(QUARTER).await;
        let lines = [desk.ids(cors[0]).await[0], desk.ids(cors[1]).await[0], desk.ids(cors[2]).await[0]];
        desk.in_procore(|w| {
            w.edit_line(lines[0], |l| l.cost.amount = Money::minor(123_456).to_decimal()).unwrap();
            w.delete_line(lines[1]).unwrap();
            w.lock_line(lines[2]).unwrap();
        });
        desk.later(QUARTER).await;
        assert_eq!(desk.state(cors[0]).await, ProcoreState::LineChanged);
        assert_eq!(desk.state(cors[1]).await, ProcoreState::LineRemoved);
        assert_eq!(desk.state(cors[2]).await, ProcoreState::LineLocked);
        assert_eq!(desk.state(cors[3]).await, ProcoreState::UpToDate);
        assert_eq!(desk.link(cors[0]).await.pushed_amount, Money::minor(123_456), "what Procore holds");
        assert_eq!(desk.link(cors[1]).await.pushed_amount, Money::ZERO);
        let told = desk.told(cors[0]).await;
        assert!(told.last().unwrap().contains("→ 1,234.56"), "{told:?}");
        // Told once, however often it is read.
        desk.later(QUARTER).await;
        desk.later(86_400).await;
        assert_eq!(desk.told(cors[0]).await, told);
        // Put right there, it is up to date again, and that is told too.
        let total = desk.cor(cors[0]).await.total().to_decimal();
        desk.in_procore(|w| w.edit_line(lines[0], |l| l.cost.amount = total).unwrap());
        desk.later(QUARTER).await;
        assert_eq!(desk.state(cors[0]).await, ProcoreState::UpToDate);
        assert_eq!(desk.told(cors[0]).await.last().unwrap(), "Procore has again what was written.");
    }

    async fn the_life_of_the_event_is_told_on_every_cor_in_it(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[9, 10]);
        desk.push(&cors).into_new_event().finished().await;
        desk.later(200).await;
        desk.later(QUARTER).await;
        let event = desk.link(cors[0]).await.event.unwrap();
        for (mapped, state) in [("closed", ProcoreState::EventStatusChanged), ("void", ProcoreState::EventVoided)] {
            desk.in_procore(|w| w.set_event_status(event, mapped).unwrap());
            desk.later(QUARTER).await;
            assert_eq!((desk.state(cors[0]).await, desk.state(cors[1]).await), (state, state));
        }
        desk.in_procore(|w| w.set_event_status(event, "open").unwrap());
        // Procore may not count a deletion as a change of the event.
        desk.in_procore(|w| w.change_events.get_mut(&event).unwrap().deleted_at = Some(w.epoch));
        desk.later(QUARTER).await;
        assert_eq!(desk.state(cors[1]).await, ProcoreState::EventDeleted);
        assert_eq!(desk.link(cors[1]).await.pushed_amount, Money::ZERO, "a deleted event holds nothing");
        desk.in_procore(|w| {
            let at = w.epoch;
            let event = w.change_events.get_mut(&event).unwrap();
            (event.deleted_at, event.updated_at) = (None, at);
        });
        desk.later(QUARTER).await;
        assert_eq!(desk.state(cors[1]).await, ProcoreState::EventRestored);
        // Purged, it is in no list; the day's whole list finds that out.
        desk.in_procore(|w| {
            w.change_events.remove(&event);
        });
        desk.later(86_400).await;
        assert_eq!(desk.state(cors[0]).await, ProcoreState::EventDeleted);
    }

    async fn whoever_reads_a_deleted_event_now_is_told_that_it_was_deleted(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[9, 10]);
        desk.push(&cors).into_event("002").finished().await;
        let event = desk.event("002");
        desk.edit(cors[1], |lines| lines.push(desk.lump("More", 100))).await;
        let (draft, _) = desk.push(&cors[1..]).planned().await.unwrap();
        desk.world.advance(60);
        desk.in_procore(|w| w.change_events.get_mut(&event).unwrap().deleted_at = Some(w.epoch));
        // Whatever reads it first: the comparison, a removal, or a plan.
        let why = sentence(comparison::plan(&desk.app, desk.actor(), cors[0], Purpose::Unlink).await);
        assert!(why.contains("was deleted in Procore"), "{why}");
        assert_eq!((desk.state(cors[0]).await, desk.state(cors[1]).await), (ProcoreState::EventDeleted, ProcoreState::EventDeleted));
        assert_eq!(desk.link(cors[0]).await.pushed_amount, Money::ZERO);
        desk.in_procore(|w| w.change_events.get_mut(&event).unwrap().deleted_at = None);
        desk.world.advance(60);
        let seen = comparison::read_now(&desk.app, desk.actor(), cors[0]).await.unwrap();
        assert_eq!(seen.state, ProcoreState::EventRestored);
        desk.in_procore(|w| w.change_events.get_mut(&event).unwrap().deleted_at = Some(w.epoch));
        desk.world.advance(60);
        let seen = comparison::read_now(&desk.app, desk.actor(), cors[0]).await.unwrap();
        assert_eq!(seen.state, ProcoreState::EventDeleted, "{}", seen.reason);
        assert!(seen.event_now.unwrap().gone);
        desk.in_procore(|w| w.change_events.get_mut(&event).unwrap().deleted_at = None);
        desk.world.advance(60);
        comparison::read_now(&desk.app, desk.actor(), cors[0]).await.unwrap();
        desk.in_procore(|w| w.change_events.get_mut(&event).unwrap().deleted_at = Some(w.epoch));
        desk.world.advance(60);
        let why = sentence(push::plan(&desk.app, desk.actor(), draft).await);
        assert!(why.contains("was deleted in Procore"), "{why}");
        assert_eq!(desk.state(cors[0]).await, ProcoreState::EventDeleted);
    }

    async fn an_event_that_is_only_hidden_is_not_shown_as_read(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[9]);
        desk.push(&cors).into_event("002").finished().await;
        desk.world.advance(60);
        let hidden = FaultKind::Status { status: 404, retry_after: None, executed: false };
        desk.world.procore.fault(Fault::next("GET", &format!("{EVENTS}/{}", desk.event("002")), hidden));
        let read = comparison::read_now(&desk.app, desk.actor(), cors[0]).await;
        assert!(matches!(&read, Err(Error::ProcoreRefused(why)) if why.contains("doesn't list it as deleted")), "{read:?}");
        assert_eq!(desk.state(cors[0]).await, ProcoreState::UpToDate);
        // The worker reads it for whoever sees it.
        desk.later(60).await;
        desk.assert_once(&cors).await;
    }

    async fn a_request_that_executes_after_the_quarantine_leaves_a_surplus_that_the_audit_finds(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[9]);
        desk.fault("PATCH", FaultKind::ExecuteLate { after_seconds: 3600, silence: Silence::Close });
        desk.push(&cors).into_event("002").confirmed().await.unwrap();
        desk.work_through().await;
        desk.assert_once(&cors).await;
        desk.later(200).await;
        desk.assert_once(&cors).await;
        desk.world.advance(4000);
        assert_eq!(desk.world.procore.run_late(), 1);
        desk.later(86_400).await;
        let link = desk.link(cors[0]).await;
        assert_eq!(link.state, ProcoreState::Surplus, "{}", link.reason);
        assert_eq!(link.pushed_amount, desk.cor(cors[0]).await.total() + desk.cor(cors[0]).await.total());
    }

    async fn a_reading_from_before_our_own_write_says_nothing(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[9]);
        desk.push(&cors).into_event("002").finished().await;
        let event = desk.event("002");
        let acting = sync::connection::session(&desk.app, desk.actor().company, desk.actor().person, Some(emulator::seed::WHITFIELD), None).await.unwrap();
        let project = desk.world.procore.world(|w| w.project_by_number(emulator::seed::HARBOR_POINT).unwrap().id);
        let old = acting.session.change_event(procore::model::ProjectId(project), procore::model::ChangeEventId(event), true).await.unwrap().value;
        let read_at = desk.app.now();
        desk.world.advance(10);
        desk.edit(cors[0], |lines| lines.push(desk.lump("More", 100))).await;
        let asked = desk.push(&cors).confirmed().await.unwrap();
        let reading = || vec![Reading { event, found: old.clone().into(), read_at }];
        let (company, ours) = (desk.actor().company, desk.made.project);
        observe(&desk.app, company, ours, reading()).await.unwrap();
        assert_eq!(desk.state(cors[0]).await, ProcoreState::InProgress, "a push owns the link");
        desk.work().await;
        assert!(desk.stored(asked).await.state.is_at_rest());
        observe(&desk.app, company, ours, reading()).await.unwrap();
        desk.assert_once(&cors).await;
        assert!(desk.told(cors[0]).await.iter().all(|text| !text.contains("in Procore: ")));
        desk.later(30).await;
        desk.assert_once(&cors).await;
    }

    async fn a_reading_that_is_behind_our_own_write_says_nothing(store: Store) {
        let desk = Desk::on(store).await;
        desk.world.procore.switches(|s| s.reads_lag_ms = 1_500);
        let cors = desk.mechanical(&[9, 10]);
        desk.push(&cors).into_event("002").line_items().finished().await;
        // Somebody opens the list within the second, and Procore shows the event as it was.
        desk.world.advance(1);
        change_events::refresh(&desk.app, desk.actor(), desk.made.project).await.unwrap();
        for cor in &cors {
            assert_eq!(desk.state(*cor).await, ProcoreState::UpToDate);
        }
        // What was unlinked is not told as lying there still.
        desk.later(60).await;
        desk.ask_removal(cors[0], Purpose::Unlink).await;
        desk.work().await;
        desk.push(&cors[..1]).into_event("003").line_items().finished().await;
        change_events::refresh(&desk.app, desk.actor(), desk.made.project).await.unwrap();
        assert_eq!(desk.state(cors[0]).await, ProcoreState::UpToDate);
        // It is read again soon instead.
        assert!(!desk.watched().await.is_empty());
        desk.later(10).await;
        desk.assert_once(&cors).await;
        desk.assert_done().await;
    }

    async fn a_plan_made_right_after_a_push_counts_what_was_written(store: Store) {
        let desk = Desk::patient(store).await;
        desk.world.procore.switches(|s| s.reads_lag_ms = 1_500);
        let cor = desk.mechanical(&[9]);
        desk.push(&cor).into_event("002").line_items().finished().await;
        // As a lump sum its lines go and one comes; a program may ask for that within the second. The worker's clock may be
        // three seconds behind that of whoever asks, or ahead.
        for apart in [0, -3, 3] {
            desk.push(&cor).finished().await;
            desk.written_by_a_clock_that_is(apart).await;
            desk.edit(cor[0], |lines| lines.push(desk.lump("More", 12_300))).await;
            desk.push(&cor).line_items().finished().await;
            desk.assert_once(&cor).await;
        }
        desk.assert_done().await;
    }

    async fn a_quiet_project_costs_two_calls_and_two_processes_share_them(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[9, 10, 11]);
        for (cor, event) in cors.iter().zip(["002", "003", "004"]) {
            desk.push(&[*cor]).into_event(event).finished().await;
        }
        desk.calls();
        desk.later(200).await;
        assert_eq!(desk.calls(), ["GET events"], "one list for the first look and for the audit of three pushes");
        let other = desk.world.another_process(5);
        desk.world.clock.advance(SignedDuration::from_secs(QUARTER));
        let other = sync::Worker::new(&other);
        let mine = desk.worker();
        let (one, two) = tokio::join!(mine.observe(), other.observe());
        assert_eq!(u8::from(one.unwrap()) + u8::from(two.unwrap()), 1, "one of them reads");
        assert_eq!(desk.calls(), ["GET events", "GET events"]);
    }

    async fn another_who_may_reads_when_the_first_cannot_and_nobody_at_all_is_said(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[9]);
        desk.push(&cors).into_event("002").finished().await;
        desk.later(200).await;
        let company = desk.actor().company;
        let project = desk.made.project;
        let lose = |person| {
            let app = desk.app.clone();
            async move {
                let done: Result<(), store::StoreError> = app.store.write(move |tx| {
                    tx.exec("UPDATE procore_login SET lost_because = 'gone' WHERE person_id = $1", &[domain::PersonId::into(person)])?;
                    Ok(())
                }).await;
                done.unwrap();
            }
        };
        let trouble = || async {
            let watch: Result<_, store::StoreError> = desk.app.store.read(move |tx| tx.of(company).watch(project)).await;
            watch.unwrap().unwrap().trouble
        };
        lose(desk.actor().person).await;
        let line = desk.ids(cors[0]).await[0];
        desk.in_procore(|w| w.delete_line(line).unwrap());
        desk.later(QUARTER).await;
        assert_eq!((desk.state(cors[0]).await, trouble().await.as_str()), (ProcoreState::LineRemoved, ""));
        lose(desk.made.owner.person).await;
        desk.later(QUARTER).await;
        assert!(trouble().await.contains("nobody who runs this project is signed in"), "{}", trouble().await);
    }
}
