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

use super::fixture::{EVENTS, Fixture, sentence};

const QUARTER: i64 = 15 * 60;

impl Fixture {
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
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9, 10, 11]);
        fixture.push(&cors).into_event("002").line_items().finished().await;
        for wait in [200, QUARTER, QUARTER, 86_400, QUARTER] {
            fixture.later(wait).await;
            fixture.assert_once(&cors).await;
        }
        for cor in cors {
            assert!(fixture.told(cor).await.iter().all(|t| t.contains("push")), "{:?}", fixture.told(cor).await);
        }
    }

    async fn each_deed_in_procore_is_a_state_of_its_own_and_told(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9, 10, 11, 12]);
        fixture.push(&cors).into_event("002").finished().await;
        fixture.later(200).await;
        fixture.later(QUARTER).await;
        let lines = [fixture.ids(cors[0]).await[0], fixture.ids(cors[1]).await[0], fixture.ids(cors[2]).await[0]];
        fixture.in_procore(|w| {
            w.edit_line(lines[0], |l| l.cost.amount = Money::minor(123_456).to_decimal()).unwrap();
            w.delete_line(lines[1]).unwrap();
            w.lock_line(lines[2]).unwrap();
        });
        fixture.later(QUARTER).await;
        assert_eq!(fixture.state(cors[0]).await, ProcoreState::LineChanged);
        assert_eq!(fixture.state(cors[1]).await, ProcoreState::LineRemoved);
        assert_eq!(fixture.state(cors[2]).await, ProcoreState::LineLocked);
        assert_eq!(fixture.state(cors[3]).await, ProcoreState::UpToDate);
        assert_eq!(fixture.link(cors[0]).await.pushed_amount, Money::minor(123_456), "what Procore holds");
        assert_eq!(fixture.link(cors[1]).await.pushed_amount, Money::ZERO);
        let told = fixture.told(cors[0]).await;
        assert!(told.last().unwrap().contains("→ 1,234.56"), "{told:?}");
        // Told once, however often it is read.
        fixture.later(QUARTER).await;
        fixture.later(86_400).await;
        assert_eq!(fixture.told(cors[0]).await, told);
        // Put right there, it is up to date again, and that is told too.
        let total = fixture.cor(cors[0]).await.total().to_decimal();
        fixture.in_procore(|w| w.edit_line(lines[0], |l| l.cost.amount = total).unwrap());
        fixture.later(QUARTER).await;
        assert_eq!(fixture.state(cors[0]).await, ProcoreState::UpToDate);
        assert_eq!(fixture.told(cors[0]).await.last().unwrap(), "Procore has again what was written.");
    }

    async fn the_life_of_the_event_is_told_on_every_cor_in_it(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9, 10]);
        fixture.push(&cors).into_new_event().finished().await;
        fixture.later(200).await;
        fixture.later(QUARTER).await;
        let event = fixture.link(cors[0]).await.event.unwrap();
        for (mapped, state) in [("closed", ProcoreState::EventStatusChanged), ("void", ProcoreState::EventVoided)] {
            fixture.in_procore(|w| w.set_event_status(event, mapped).unwrap());
            fixture.later(QUARTER).await;
            assert_eq!((fixture.state(cors[0]).await, fixture.state(cors[1]).await), (state, state));
        }
        fixture.in_procore(|w| w.set_event_status(event, "open").unwrap());
        // Procore may not count a deletion as a change of the event.
        fixture.in_procore(|w| w.change_events.get_mut(&event).unwrap().deleted_at = Some(w.epoch));
        fixture.later(QUARTER).await;
        assert_eq!(fixture.state(cors[1]).await, ProcoreState::EventDeleted);
        assert_eq!(fixture.link(cors[1]).await.pushed_amount, Money::ZERO, "a deleted event holds nothing");
        fixture.in_procore(|w| {
            let at = w.epoch;
            let event = w.change_events.get_mut(&event).unwrap();
            (event.deleted_at, event.updated_at) = (None, at);
        });
        fixture.later(QUARTER).await;
        assert_eq!(fixture.state(cors[1]).await, ProcoreState::EventRestored);
        // Purged, it is in no list; the day's whole list finds that out.
        fixture.in_procore(|w| {
            w.change_events.remove(&event);
        });
        fixture.later(86_400).await;
        assert_eq!(fixture.state(cors[0]).await, ProcoreState::EventDeleted);
    }

    async fn whoever_reads_a_deleted_event_now_is_told_that_it_was_deleted(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9, 10]);
        fixture.push(&cors).into_event("002").finished().await;
        let event = fixture.event("002");
        fixture.edit(cors[1], |lines| lines.push(fixture.lump("More", 100))).await;
        let (draft, _) = fixture.push(&cors[1..]).planned().await.unwrap();
        fixture.world.advance(60);
        fixture.in_procore(|w| w.change_events.get_mut(&event).unwrap().deleted_at = Some(w.epoch));
        // Whatever reads it first: the comparison, a removal, or a plan.
        let why = sentence(comparison::plan(&fixture.app, fixture.actor(), cors[0], Purpose::Unlink).await);
        assert!(why.contains("was deleted in Procore"), "{why}");
        assert_eq!((fixture.state(cors[0]).await, fixture.state(cors[1]).await), (ProcoreState::EventDeleted, ProcoreState::EventDeleted));
        assert_eq!(fixture.link(cors[0]).await.pushed_amount, Money::ZERO);
        fixture.in_procore(|w| w.change_events.get_mut(&event).unwrap().deleted_at = None);
        fixture.world.advance(60);
        let seen = comparison::read_now(&fixture.app, fixture.actor(), cors[0]).await.unwrap();
        assert_eq!(seen.state, ProcoreState::EventRestored);
        fixture.in_procore(|w| w.change_events.get_mut(&event).unwrap().deleted_at = Some(w.epoch));
        fixture.world.advance(60);
        let seen = comparison::read_now(&fixture.app, fixture.actor(), cors[0]).await.unwrap();
        assert_eq!(seen.state, ProcoreState::EventDeleted, "{}", seen.reason);
        assert!(seen.event_now.unwrap().gone);
        fixture.in_procore(|w| w.change_events.get_mut(&event).unwrap().deleted_at = None);
        fixture.world.advance(60);
        comparison::read_now(&fixture.app, fixture.actor(), cors[0]).await.unwrap();
        fixture.in_procore(|w| w.change_events.get_mut(&event).unwrap().deleted_at = Some(w.epoch));
        fixture.world.advance(60);
        let why = sentence(push::plan(&fixture.app, fixture.actor(), draft).await);
        assert!(why.contains("was deleted in Procore"), "{why}");
        assert_eq!(fixture.state(cors[0]).await, ProcoreState::EventDeleted);
    }

    async fn an_event_that_is_only_hidden_is_not_shown_as_read(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        fixture.push(&cors).into_event("002").finished().await;
        fixture.world.advance(60);
        let hidden = FaultKind::Status { status: 404, retry_after: None, executed: false };
        fixture.world.procore.fault(Fault::next("GET", &format!("{EVENTS}/{}", fixture.event("002")), hidden));
        let read = comparison::read_now(&fixture.app, fixture.actor(), cors[0]).await;
        assert!(matches!(&read, Err(Error::ProcoreRefused(why)) if why.contains("doesn't list it as deleted")), "{read:?}");
        assert_eq!(fixture.state(cors[0]).await, ProcoreState::UpToDate);
        // The worker reads it for whoever sees it.
        fixture.later(60).await;
        fixture.assert_once(&cors).await;
    }

    async fn a_request_that_executes_after_the_quarantine_leaves_a_surplus_that_the_audit_finds(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        fixture.fault("PATCH", FaultKind::ExecuteLate { after_seconds: 3600, silence: Silence::Close });
        fixture.push(&cors).into_event("002").confirmed().await.unwrap();
        fixture.work_through().await;
        fixture.assert_once(&cors).await;
        fixture.later(200).await;
        fixture.assert_once(&cors).await;
        fixture.world.advance(4000);
        assert_eq!(fixture.world.procore.run_late(), 1);
        fixture.later(86_400).await;
        let link = fixture.link(cors[0]).await;
        assert_eq!(link.state, ProcoreState::Surplus, "{}", link.reason);
        assert_eq!(link.pushed_amount, fixture.cor(cors[0]).await.total() + fixture.cor(cors[0]).await.total());
    }

    async fn a_reading_from_before_our_own_write_says_nothing(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        fixture.push(&cors).into_event("002").finished().await;
        let event = fixture.event("002");
        let acting = sync::connection::session(&fixture.app, fixture.actor().company, fixture.actor().person, Some(emulator::seed::WHITFIELD), None).await.unwrap();
        let project = fixture.world.procore.world(|w| w.project_by_number(emulator::seed::HARBOR_POINT).unwrap().id);
        let old = acting.session.change_event(procore::model::ProjectId(project), procore::model::ChangeEventId(event), true).await.unwrap().value;
        let read_at = fixture.app.now();
        fixture.world.advance(10);
        fixture.edit(cors[0], |lines| lines.push(fixture.lump("More", 100))).await;
        let asked = fixture.push(&cors).confirmed().await.unwrap();
        let reading = || vec![Reading { event, found: old.clone().into(), read_at }];
        let (company, ours) = (fixture.actor().company, fixture.made.project);
        observe(&fixture.app, company, ours, reading()).await.unwrap();
        assert_eq!(fixture.state(cors[0]).await, ProcoreState::InProgress, "a push owns the link");
        fixture.work().await;
        assert!(fixture.stored(asked).await.state.is_at_rest());
        observe(&fixture.app, company, ours, reading()).await.unwrap();
        fixture.assert_once(&cors).await;
        assert!(fixture.told(cors[0]).await.iter().all(|text| !text.contains("in Procore: ")));
        fixture.later(30).await;
        fixture.assert_once(&cors).await;
    }

    async fn a_reading_that_is_behind_our_own_write_says_nothing(store: Store) {
        let fixture = Fixture::on(store).await;
        fixture.world.procore.switches(|s| s.reads_lag_ms = 1_500);
        let cors = fixture.mechanical(&[9, 10]);
        fixture.push(&cors).into_event("002").line_items().finished().await;
        // Somebody opens the list within the second, and Procore shows the event as it was.
        fixture.world.advance(1);
        change_events::refresh(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
        for cor in &cors {
            assert_eq!(fixture.state(*cor).await, ProcoreState::UpToDate);
        }
        // What was unlinked is not told as lying there still.
        fixture.later(60).await;
        fixture.ask_removal(cors[0], Purpose::Unlink).await;
        fixture.work().await;
        fixture.push(&cors[..1]).into_event("003").line_items().finished().await;
        change_events::refresh(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
        assert_eq!(fixture.state(cors[0]).await, ProcoreState::UpToDate);
        // It is read again soon instead.
        assert!(!fixture.watched().await.is_empty());
        fixture.later(10).await;
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }

    async fn a_plan_made_right_after_a_push_counts_what_was_written(store: Store) {
        let fixture = Fixture::patient(store).await;
        fixture.world.procore.switches(|s| s.reads_lag_ms = 1_500);
        let cor = fixture.mechanical(&[9]);
        fixture.push(&cor).into_event("002").line_items().finished().await;
        // As a lump sum its lines go and one comes; a program may ask for that within the second. The worker's clock may be
        // three seconds behind that of whoever asks, or ahead.
        for apart in [0, -3, 3] {
            fixture.push(&cor).finished().await;
            fixture.written_by_a_clock_that_is(apart).await;
            fixture.edit(cor[0], |lines| lines.push(fixture.lump("More", 12_300))).await;
            fixture.push(&cor).line_items().finished().await;
            fixture.assert_once(&cor).await;
        }
        fixture.assert_done().await;
    }

    async fn a_quiet_project_costs_two_calls_and_two_processes_share_them(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9, 10, 11]);
        for (cor, event) in cors.iter().zip(["002", "003", "004"]) {
            fixture.push(&[*cor]).into_event(event).finished().await;
        }
        fixture.calls();
        fixture.later(200).await;
        assert_eq!(fixture.calls(), ["GET events"], "one list for the first look and for the audit of three pushes");
        let other = fixture.world.another_process(5);
        fixture.world.clock.advance(SignedDuration::from_secs(QUARTER));
        let other = sync::Worker::new(&other);
        let mine = fixture.worker();
        let (one, two) = tokio::join!(mine.observe(), other.observe());
        assert_eq!(u8::from(one.unwrap()) + u8::from(two.unwrap()), 1, "one of them reads");
        assert_eq!(fixture.calls(), ["GET events", "GET events"]);
    }

    async fn another_who_may_reads_when_the_first_cannot_and_nobody_at_all_is_said(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        fixture.push(&cors).into_event("002").finished().await;
        fixture.later(200).await;
        let company = fixture.actor().company;
        let project = fixture.made.project;
        let lose = |person| {
            let app = fixture.app.clone();
            async move {
                let done: Result<(), store::StoreError> = app.store.write(move |tx| {
                    tx.exec("UPDATE procore_login SET lost_because = 'gone' WHERE person_id = $1", &[domain::PersonId::into(person)])?;
                    Ok(())
                }).await;
                done.unwrap();
            }
        };
        let trouble = || async {
            let watch: Result<_, store::StoreError> = fixture.app.store.read(move |tx| tx.of(company).watch(project)).await;
            watch.unwrap().unwrap().trouble
        };
        lose(fixture.actor().person).await;
        let line = fixture.ids(cors[0]).await[0];
        fixture.in_procore(|w| w.delete_line(line).unwrap());
        fixture.later(QUARTER).await;
        assert_eq!((fixture.state(cors[0]).await, trouble().await.as_str()), (ProcoreState::LineRemoved, ""));
        lose(fixture.made.owner.person).await;
        fixture.later(QUARTER).await;
        assert!(trouble().await.contains("nobody who runs this project is signed in"), "{}", trouble().await);
    }
}
