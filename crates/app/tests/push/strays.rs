//! Our marks in events that their COR is not tied to: found by the scheduled reading, told on the COR, removed by one click.

use domain::procore::{
    preflight::{Level, PreflightCheck},
    push::Purpose,
    push_state::ProcoreState,
};
use emulator::{FaultKind, Silence, WorldAction};
use ledgerboard::{comparison, push};
use store::both_databases;
use sync::Worker;

use super::fixture::{Fixture, sentence};
use crate::record_pages::Reader;

impl Fixture {
    /// Somebody copies an event of ours in Procore, lines and all.
    fn clone_event(&self, event: i64) -> i64 {
        let mut new = 0;
        self.in_procore(|w| {
            let mut copy = w.change_events[&event].clone();
            new = w.new_id();
            (copy.id, copy.number, copy.updated_at) = (new, "099".to_owned(), w.epoch);
            for item in &mut copy.items {
                item.id = w.new_id();
            }
            w.change_events.insert(new, copy);
        });
        new
    }

    async fn remove_surplus(&self, cor: domain::CorId) {
        let shown = comparison::plan(&self.app, self.actor(), cor, Purpose::RemoveSurplus).await.unwrap();
        comparison::remove(&self.app, self.actor(), cor, Purpose::RemoveSurplus, &shown.digest()).await.unwrap();
        self.work().await;
    }
}

both_databases! {
    async fn a_clone_of_an_event_is_told_on_each_cor_in_it_and_removed(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9, 10]);
        fixture.push(&cors).into_new_event().line_items().finished().await;
        fixture.later(200).await;
        fixture.later(900).await;
        let copy = fixture.clone_event(fixture.link(cors[0]).await.event.unwrap());
        fixture.later(900).await;
        for cor in &cors {
            let link = fixture.link(*cor).await;
            assert_eq!(link.state, ProcoreState::Surplus, "{}", link.reason);
            assert!(link.reason.contains("is in Change Event 099 as well"), "{}", link.reason);
            let seen = comparison::look(&fixture.app, fixture.actor(), *cor).await.unwrap();
            assert!(seen.lines.iter().any(|line| line.text.starts_with("In Change Event 099: ")), "{:?}", seen.lines);
        }
        // Told once, and a reading of its own event doesn't make it forgotten.
        let told = fixture.told(cors[0]).await;
        fixture.later(900).await;
        fixture.later(86_400).await;
        comparison::read_now(&fixture.app, fixture.actor(), cors[0]).await.unwrap();
        assert_eq!((fixture.told(cors[0]).await, fixture.state(cors[0]).await), (told, ProcoreState::Surplus));
        // A push in between doesn't either.
        fixture.edit(cors[1], |lines| lines.push(fixture.lump("More", 100))).await;
        fixture.push(&cors[1..]).line_items().finished().await;
        assert_eq!(fixture.state(cors[1]).await, ProcoreState::Surplus);
        for cor in &cors {
            fixture.remove_surplus(*cor).await;
        }
        assert_eq!(fixture.event_now(copy).live_items().count(), 0);
        fixture.assert_once(&cors).await;
        fixture.later(86_400).await;
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }

    async fn what_is_removed_there_by_hand_is_no_surplus_any_more(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        fixture.push(&cors).into_new_event().finished().await;
        fixture.later(200).await;
        fixture.later(900).await;
        let copy = fixture.clone_event(fixture.link(cors[0]).await.event.unwrap());
        fixture.later(900).await;
        assert_eq!(fixture.state(cors[0]).await, ProcoreState::Surplus);
        fixture.in_procore(|w| w.set_event_status(copy, "void").unwrap());
        fixture.later(900).await;
        fixture.assert_once_but_for_void(&cors).await;
    }

    async fn a_creation_that_is_carried_out_hours_later_is_found_and_removed(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        // Procore may not refuse a second event with our origin id.
        fixture.world.procore.switches(|s| s.origin_id_unique = false);
        // Later than anybody looks for it.
        fixture.fault("POST", FaultKind::ExecuteLate { after_seconds: 4500, silence: Silence::Close });
        fixture.push(&cors).into_new_event().confirmed().await.unwrap();
        fixture.work_through().await;
        fixture.assert_once(&cors).await;
        fixture.later(200).await;
        fixture.world.advance(1000);
        assert_eq!(fixture.world.procore.run_late(), 1);
        fixture.later(900).await;
        assert_eq!(fixture.state(cors[0]).await, ProcoreState::Surplus, "{}", fixture.link(cors[0]).await.reason);
        fixture.remove_surplus(cors[0]).await;
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }

    async fn a_creation_that_was_refused_and_carried_out_hours_later_is_found_and_removed(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        fixture.fault("POST", FaultKind::ExecuteLate { after_seconds: 9999, silence: Silence::Close });
        fixture.fault("POST", FaultKind::Status { status: 422, retry_after: None, executed: false });
        fixture.push(&cors).into_new_event().confirmed().await.unwrap();
        fixture.work_through().await;
        let link = fixture.link(cors[0]).await;
        assert_eq!((link.state, link.event), (ProcoreState::Refused, None), "{}", link.reason);
        fixture.later(200).await;
        assert_eq!(fixture.world.procore.run_late(), 1);
        fixture.later(900).await;
        let link = fixture.link(cors[0]).await;
        assert_eq!(link.state, ProcoreState::Surplus, "nothing else of the project is in Procore: {}", link.reason);

        // Pushed now it would be there twice, wherever it went.
        let why = sentence(fixture.push(&cors).drafts().await);
        assert!(why.contains("no push accounts for it. Pushed now, it would count twice"), "{why}");
        for goes in [fixture.push(&cors).into_new_event(), fixture.push(&cors).into_event("003")] {
            let why = sentence(goes.planned().await);
            assert!(why.contains("Remove that surplus first, in the COR's comparison with Procore"), "{why}");
        }
        fixture.remove_surplus(cors[0]).await;
        assert!(fixture.lines_of(cors[0]).await.is_empty());
        fixture.push(&cors).into_new_event().finished().await;
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }

    async fn a_plan_from_before_a_surplus_was_found_is_not_confirmed(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        fixture.fault("POST", FaultKind::ExecuteLate { after_seconds: 9999, silence: Silence::Close });
        fixture.fault("POST", FaultKind::Status { status: 422, retry_after: None, executed: false });
        fixture.push(&cors).into_new_event().confirmed().await.unwrap();
        fixture.work_through().await;
        fixture.later(200).await;
        assert_eq!(fixture.world.procore.run_late(), 1);
        fixture.later(500).await;
        let (draft, _) = fixture.push(&cors).into_new_event().planned().await.unwrap();
        fixture.later(420).await;
        assert_eq!(fixture.state(cors[0]).await, ProcoreState::Surplus);
        let why = sentence(push::confirm(&fixture.app, fixture.actor(), draft, None).await);
        assert!(why.contains("Pushed now, it would count twice"), "{why}");
        let why = sentence(push::plan(&fixture.app, fixture.actor(), draft).await);
        assert!(why.contains("Pushed now, it would count twice"), "{why}");
    }

    async fn a_surplus_elsewhere_is_told_before_an_update_and_lets_it_go(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.mechanical(&[9])[0];
        fixture.push(&[cor]).into_new_event().finished().await;
        fixture.later(200).await;
        fixture.later(900).await;
        fixture.clone_event(fixture.link(cor).await.event.unwrap());
        fixture.later(900).await;
        fixture.edit(cor, |lines| lines.push(fixture.lump("More", 100))).await;
        let (_, shown) = fixture.push(&[cor]).planned().await.unwrap();
        let event = shown.preflight.iter().find(|finding| finding.check == PreflightCheck::Event).unwrap();
        assert_eq!(event.level, Level::Warn, "{event:?}");
        assert!(event.says.contains("COR 009: A line of") && event.says.contains("Change Event 099 as well"), "{event:?}");
    }

    async fn a_cor_with_copies_elsewhere_is_moved_only_after_they_are_gone(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.mechanical(&[9])[0];
        fixture.push(&[cor]).into_new_event().finished().await;
        fixture.later(200).await;
        fixture.later(900).await;
        let copy = fixture.clone_event(fixture.link(cor).await.event.unwrap());
        fixture.later(900).await;
        let shown = comparison::plan(&fixture.app, fixture.actor(), cor, Purpose::Move).await.unwrap();
        let why = sentence(comparison::remove(&fixture.app, fixture.actor(), cor, Purpose::Move, &shown.digest()).await);
        assert!(why.contains("Change Event 099 as well. Remove that surplus first"), "{why}");
        fixture.remove_surplus(cor).await;
        let shown = comparison::plan(&fixture.app, fixture.actor(), cor, Purpose::Move).await.unwrap();
        assert_eq!((shown.hindrance(), fixture.event_now(copy).live_items().count()), (None, 0));
        fixture.assert_done().await;
    }

    async fn a_known_surplus_is_not_let_go_of(store: Store) {
        let fixture = Fixture::on(store).await;
        let [moved, cloned] = fixture.mechanical(&[9, 10])[..] else { panic!("two CORs") };
        fixture.push(&[moved]).into_event("002").finished().await;
        let line = fixture.ids(moved).await[0];
        fixture.ask_removal(moved, Purpose::Move).await;
        fixture.work().await;
        let unlink = async |cor| comparison::unlink(&fixture.app, fixture.actor(), cor, &fixture.version(cor).await).await;
        let why = sentence(unlink(moved).await);
        assert!(why.contains("is linked to no Change Event"), "{why}");
        fixture.later(200).await;
        fixture.in_procore(|w| w.edit_line(line, |l| l.deleted_at = None).unwrap());
        fixture.push(&[cloned]).into_new_event().finished().await;
        fixture.later(900).await;
        let copy = fixture.clone_event(fixture.link(cloned).await.event.unwrap());
        fixture.later(86_400).await;
        for (cor, number) in [(moved, "002"), (cloned, "099")] {
            assert_eq!(fixture.state(cor).await, ProcoreState::Surplus, "{}", fixture.link(cor).await.reason);
            let why = sentence(unlink(cor).await);
            assert!(why.contains(&format!("in Change Event {number} as well. Remove that surplus first")), "{why}");
            assert_eq!(fixture.state(cor).await, ProcoreState::Surplus);
        }
        let why = sentence(fixture.push(&[moved]).drafts().await);
        assert!(why.contains("Pushed now, it would count twice"), "{why}");
        let (_, page) = Reader::of(&fixture, fixture.actor()).await.read(&format!("/cors/{cloned}/drift")).await;
        assert!(page.contains("Remove that surplus first"), "{page}");
        // Where it is locked, it is not advised either.
        let locked = fixture.event_now(copy).live_items().next().unwrap().id;
        fixture.in_procore(|w| w.lock_line(locked).unwrap());
        let shown = comparison::plan(&fixture.app, fixture.actor(), cloned, Purpose::RemoveSurplus).await.unwrap();
        let why = shown.hindrance().unwrap();
        assert!(why.ends_with("Free them in Procore."), "{why}");
        fixture.in_procore(|w| w.edit_line(locked, |l| l.lock = None).unwrap());
        // Once it is gone, it may be.
        for cor in [moved, cloned] {
            fixture.remove_surplus(cor).await;
        }
        unlink(cloned).await.unwrap();
        fixture.push(&[moved]).into_event("004").finished().await;
        fixture.assert_once(&[moved]).await;
    }

    async fn a_copy_that_nobody_saw_before_a_move_is_found_after_it(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.mechanical(&[9])[0];
        fixture.push(&[cor]).into_new_event().finished().await;
        fixture.later(200).await;
        fixture.later(900).await;
        let copy = fixture.clone_event(fixture.link(cor).await.event.unwrap());
        let shown = comparison::plan(&fixture.app, fixture.actor(), cor, Purpose::Move).await.unwrap();
        comparison::remove(&fixture.app, fixture.actor(), cor, Purpose::Move, &shown.digest()).await.unwrap();
        fixture.work().await;
        fixture.push(&[cor]).into_event("004").finished().await;
        fixture.later(900).await;
        fixture.later(86_400).await;
        let link = fixture.link(cor).await;
        assert_eq!(link.state, ProcoreState::Surplus, "{}", link.reason);
        assert!(link.reason.contains("Change Event 099 as well"), "{}", link.reason);
        fixture.remove_surplus(cor).await;
        assert_eq!(fixture.event_now(copy).live_items().count(), 0);
        fixture.assert_once(&[cor]).await;
        fixture.later(86_400).await;
        fixture.assert_once(&[cor]).await;
        fixture.assert_done().await;
    }

    async fn with_the_event_of_the_copies_gone_the_log_still_says_what_is_owed(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.mechanical(&[9])[0];
        fixture.push(&[cor]).into_new_event().line_items().finished().await;
        fixture.later(200).await;
        fixture.later(900).await;
        let copy = fixture.clone_event(fixture.link(cor).await.event.unwrap());
        fixture.later(900).await;
        fixture.edit(cor, |lines| lines.push(fixture.lump("More", 100))).await;
        let shown = comparison::plan(&fixture.app, fixture.actor(), cor, Purpose::RemoveSurplus).await.unwrap();
        comparison::remove(&fixture.app, fixture.actor(), cor, Purpose::RemoveSurplus, &shown.digest()).await.unwrap();
        fixture.in_procore(|w| w.change_events.get_mut(&copy).unwrap().deleted_at = Some(w.epoch));
        fixture.work().await;
        assert_eq!(fixture.state(cor).await, ProcoreState::UpdateNeeded);
        fixture.push(&[cor]).line_items().finished().await;
        fixture.assert_once(&[cor]).await;
        fixture.assert_done().await;
    }

    async fn a_removal_from_an_event_that_was_deleted_meanwhile_is_done(store: Store) {
        let fixture = Fixture::on(store).await;
        for (n, purpose) in [(9, Purpose::Unlink), (10, Purpose::Move)] {
            let cor = fixture.mechanical(&[n])[0];
            fixture.push(&[cor]).into_new_event().finished().await;
            let event = fixture.link(cor).await.event.unwrap();
            let shown = comparison::plan(&fixture.app, fixture.actor(), cor, purpose).await.unwrap();
            comparison::remove(&fixture.app, fixture.actor(), cor, purpose, &shown.digest()).await.unwrap();
            fixture.in_procore(|w| w.change_events.get_mut(&event).unwrap().deleted_at = Some(w.epoch));
            fixture.work().await;
            match fixture.link_if_any(cor).await {
                None => assert_eq!(purpose, Purpose::Unlink),
                Some(link) => assert_eq!((link.state, link.event), (ProcoreState::UpdateNeeded, None), "{}", link.reason),
            }
            fixture.assert_done().await;
        }
    }

    async fn a_removal_from_an_event_that_is_only_hidden_is_not_called_done(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.mechanical(&[9])[0];
        fixture.push(&[cor]).into_event("002").finished().await;
        // Later than lists may lag behind, so that what they don't show isn't merely new.
        fixture.later(4000).await;
        let event = fixture.event("002");
        let shown = comparison::plan(&fixture.app, fixture.actor(), cor, Purpose::Move).await.unwrap();
        comparison::remove(&fixture.app, fixture.actor(), cor, Purpose::Move, &shown.digest()).await.unwrap();
        fixture.in_procore(|w| {
            w.change_events.remove(&event);
        });
        fixture.work().await;
        assert_eq!(fixture.state(cor).await, ProcoreState::ChangedInProcore, "moved, it might be counted twice");
    }

    async fn a_push_goes_on_by_a_click_when_the_app_is_installed_again(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        let install = |connected| {
            let company_id = emulator::seed::WHITFIELD;
            fixture.world.procore.world(|w| w.act(WorldAction::ConnectApp { company_id, connected })).unwrap();
        };
        let id = fixture.push(&cors).into_new_event().confirmed().await.unwrap();
        let draft = fixture.stored(id).await.draft.unwrap();
        install(false);
        fixture.work().await;
        assert_eq!(fixture.state(cors[0]).await, ProcoreState::WaitingForSignIn);
        // Not yet: it waits again.
        push::try_again(&fixture.app, fixture.actor(), draft).await.unwrap();
        fixture.work().await;
        assert_eq!(fixture.state(cors[0]).await, ProcoreState::WaitingForSignIn);
        install(true);
        push::try_again(&fixture.app, fixture.actor(), draft).await.unwrap();
        fixture.work().await;
        fixture.assert_once(&cors).await;
        let why = sentence(push::try_again(&fixture.app, fixture.actor(), draft).await);
        assert!(why.contains("is over"), "{why}");
        fixture.assert_done().await;
    }

    async fn readings_have_their_turn_however_many_pushes_are_due(store: Store) {
        let fixture = Fixture::on(store).await;
        let first = fixture.mechanical(&[9])[0];
        fixture.push(&[first]).into_event("002").finished().await;
        let line = fixture.ids(first).await[0];
        fixture.later(200).await;
        fixture.in_procore(|w| w.delete_line(line).unwrap());
        fixture.world.advance(86_400);
        fixture.world.procore.world(|w| w.epoch = w.epoch.max(fixture.app.now()));
        for cor in fixture.made.cors[0].iter().filter(|cor| **cor != first) {
            if let Ok(drafts) = fixture.push(&[*cor]).drafts().await {
                fixture.push(&[*cor]).into_new_event().planned_in(drafts[0]).await.unwrap();
                push::confirm(&fixture.app, fixture.actor(), drafts[0], None).await.unwrap();
            }
        }
        assert!(fixture.outbox().await > 9, "more pushes than come before a reading");
        let (worker, mut passes) = (Worker::new(&fixture.app), 0);
        for _ in 0..9 {
            assert!(worker.turn(&mut passes).await.unwrap());
        }
        assert!(fixture.outbox().await > 0, "there is always another push");
        assert_eq!(fixture.state(first).await, ProcoreState::LineRemoved);
        while worker.turn(&mut passes).await.unwrap() {}
        fixture.assert_done().await;
    }
}

impl Fixture {
    /// In a void event a copy counts nowhere: the log says *up to date*.
    async fn assert_once_but_for_void(&self, cors: &[domain::CorId]) {
        for cor in cors {
            let link = self.link(*cor).await;
            assert_eq!((link.state, link.reason.as_str()), (ProcoreState::UpToDate, ""));
            assert_eq!(link.pushed_amount, self.cor(*cor).await.total());
        }
    }
}
