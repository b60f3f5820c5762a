//! A new event whose answer was lost, where Procore's lists show it late, or not by its id: looked for more than once and by
//! every way there is, never made twice without being told, and in a person's hands at any time.

use domain::{
    CorId, PushId,
    procore::{
        push::Purpose,
        push_state::{CorOutcome, ProcoreState, PushState},
    },
};
use emulator::{FaultKind, Silence};
use jiff::SignedDuration;
use ledgerboard::{comparison, integration::change_events, push};
use store::both_databases;

use crate::{
    desk::{Desk, sentence},
    record_pages::Reader,
};

/// How far lists lag behind, in seconds.
const LAGS: [i64; 8] = [0, 30, 120, 300, 600, 1200, 2400, 3600];

impl Desk {
    /// Pushes into a new event, meets the POST with `fault`, and works until it is silent.
    async fn lost(&self, cors: &[CorId], fault: FaultKind) -> PushId {
        let push = self.push(cors).into_new_event().confirmed().await.unwrap();
        self.fault("POST", fault);
        self.work().await;
        assert_eq!(self.stored(push).await.state.code(), "uncertain");
        self.calls();
        push
    }

    fn lists_lag(&self, seconds: i64) {
        self.world.procore.switches(|s| s.new_events_unlisted_seconds = seconds);
    }

    fn posts(&self) -> usize {
        self.calls().iter().filter(|call| *call == "POST events").count()
    }

    /// How long from the click until the push is over.
    async fn takes(&self, push: PushId) -> SignedDuration {
        let clicked = self.stored(push).await.created_at;
        self.work_through().await;
        assert_eq!(self.stored(push).await.state, PushState::Finished);
        self.app.now().duration_since(clicked)
    }
}

both_databases! {
    async fn an_event_that_lists_show_late_is_found_and_not_made_again(store: Store) {
        let desk = Desk::on(store).await;
        // Only the looks are to keep it from being made twice.
        desk.world.procore.switches(|s| s.origin_id_unique = false);
        for (lag, n) in LAGS.into_iter().zip([1, 2, 4, 5, 7, 8, 9, 10]) {
            desk.lists_lag(lag);
            let cors = desk.mechanical(&[n]);
            let before = desk.events_in_procore();
            let push = desk.lost(&cors, FaultKind::DropAfter).await;
            let took = desk.takes(push).await.as_secs();
            println!("lists lag {lag} s: an event whose answer was lost is told after {took} s");
            assert_eq!((desk.posts(), desk.events_in_procore()), (0, before + 1), "lag {lag}");
            assert!(took >= lag && took <= 3 * lag + 125, "lag {lag}: told after {took} s");
            desk.assert_once(&cors).await;
        }
        desk.assert_done().await;
    }

    async fn what_is_there_is_told_soon_and_not_when_the_quarantine_ends(store: Store) {
        let desk = Desk::on(store).await;
        for (n, method) in [(9, "POST"), (10, "PATCH")] {
            let cors = desk.mechanical(&[n]);
            let wizard = desk.push(&cors);
            let wizard = if method == "POST" { wizard.into_new_event() } else { wizard.into_event("002") };
            let push = wizard.confirmed().await.unwrap();
            desk.fault(method, FaultKind::DropAfter);
            assert_eq!(desk.takes(push).await.as_secs(), 15, "{method}");
            desk.assert_once(&cors).await;
        }
        desk.assert_done().await;
    }

    async fn half_of_a_write_is_not_completed_while_the_rest_may_come(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[9]);
        desk.push(&cors).line_items().into_event("002").confirmed().await.unwrap();
        // Executed after the first look, before the quarantine ends.
        desk.fault("PATCH", FaultKind::ExecuteLate { after_seconds: 60, silence: Silence::Close });
        desk.work_through().await;
        assert_eq!(desk.calls().iter().filter(|call| call.starts_with("PATCH")).count(), 1);
        desk.assert_once(&cors).await;
        desk.assert_done().await;
    }

    async fn an_event_that_was_never_made_is_made_after_the_last_look(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[9]);
        let push = desk.lost(&cors, FaultKind::Status { status: 502, retry_after: None, executed: false }).await;
        let took = desk.takes(push).await.as_secs();
        println!("an event that was never made is made again after {took} s, unless somebody says that it isn't there");
        assert_eq!(took, 120 + 3600, "the longest life of a request, and as far as lists may lag behind");
        let looks = desk.calls();
        assert_eq!(looks.iter().filter(|call| *call == "GET events").count(), 6, "five looks and one before the POST");
        assert_eq!(looks.iter().filter(|call| *call == "POST events").count(), 1);
        desk.assert_once(&cors).await;
        desk.assert_done().await;
    }

    async fn a_person_sees_what_goes_on_and_has_it_made_again_at_once(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[9]);
        let push = desk.lost(&cors, FaultKind::Status { status: 502, retry_after: None, executed: false }).await;
        let sent = desk.app.now();
        let (reader, page) = (Reader::of(&desk, desk.actor()).await, format!("/pushes/{push}"));
        let before = reader.read(&page).await.1;
        assert!(before.contains("Look now") && !before.contains("not-there"), "nobody can know yet: {before}");
        let early = sentence(push::not_there(&desk.app, desk.actor(), push).await);
        assert!(early.contains("may still be on its way") && early.contains("120 seconds"), "{early}");
        desk.world.advance(130);
        desk.work().await;
        let looking = push::standing(&desk.app, desk.actor(), push).await.unwrap().looking.unwrap();
        assert_eq!(looking.looked_at, Some(desk.app.now()));
        assert_eq!(looking.last.duration_since(sent).as_secs(), 3720);
        let shown = reader.read(&page).await.1;
        assert!(shown.contains("list did not show the Change Event"), "{shown}");
        assert!(shown.contains("Open the Change Events in Procore"), "{shown}");
        desk.calls();
        assert_eq!(reader.press(&page, "not-there").await.0, 303);
        desk.work().await;
        assert_eq!(desk.calls(), ["GET events", "GET events", "POST events"], "looked for once more, and made");
        desk.assert_once(&cors).await;
        let told = desk.told(cors[0]).await;
        assert!(told.iter().any(|text| text.contains("said that it is not in Procore")), "{told:?}");
        let over = sentence(push::not_there(&desk.app, desk.actor(), push).await);
        assert!(over.contains("is over"), "{over}");
        desk.assert_done().await;
    }

    async fn a_look_by_hand_finds_what_is_there_and_decides_nothing_else(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[9, 10]);
        // Nothing there: looked for by hand in vain, and again as planned.
        let push = desk.lost(&cors[..1], FaultKind::ExecuteLate { after_seconds: 60, silence: Silence::Close }).await;
        for _ in 0..3 {
            push::look_now(&desk.app, desk.actor(), push).await.unwrap();
            desk.work().await;
            assert_eq!(desk.stored(push).await.state.code(), "uncertain");
        }
        assert_eq!(desk.calls(), ["GET events"; 3]);
        desk.world.advance(61);
        push::look_now(&desk.app, desk.actor(), push).await.unwrap();
        desk.work().await;
        desk.assert_once(&cors[..1]).await;
        let nothing = sentence(push::look_now(&desk.app, desk.actor(), push).await);
        assert!(nothing.contains("is over"), "{nothing}");
        desk.assert_done().await;
    }

    async fn a_push_that_is_taken_back_is_looked_for_as_long(store: Store) {
        let desk = Desk::on(store).await;
        desk.lists_lag(1000);
        let cors = desk.mechanical(&[9, 10]);
        let made = desk.lost(&cors[..1], FaultKind::DropAfter).await;
        let never = desk.lost(&cors[1..], FaultKind::Status { status: 502, retry_after: None, executed: false }).await;
        for push in [made, never] {
            push::cancel(&desk.app, desk.actor(), push).await.unwrap();
        }
        desk.world.advance(200);
        desk.work().await;
        assert_eq!(desk.stored(made).await.state.code(), "uncertain", "it may be there");
        // Of the other one somebody knows better.
        push::not_there(&desk.app, desk.actor(), never).await.unwrap();
        desk.work().await;
        assert_eq!(desk.stored(never).await.state, PushState::Cancelled);
        desk.work_through().await;
        assert_eq!(desk.outcome(made, cors[0]).await, CorOutcome::Written);
        desk.assert_once(&cors[..1]).await;
        desk.assert_done().await;
    }

    async fn an_event_of_which_something_else_tells_is_read_by_its_id(store: Store) {
        let desk = Desk::on(store).await;
        desk.lists_lag(100_000);
        let cors = desk.mechanical(&[9]);
        let push = desk.lost(&cors, FaultKind::DropAfter).await;
        let event = desk.lines_of(cors[0]).await[0].0;
        let (company, project, now) = (desk.actor().company, desk.made.project, desk.app.now());
        // As a webhook does that names the event.
        desk.app.store.write(move |tx| tx.of(company).watch_soon(project, Some(event), now)).await.unwrap();
        desk.worker().observe().await.unwrap();
        assert_eq!(desk.stored(push).await.seen_event, Some(event));
        desk.work().await;
        assert_eq!(desk.stored(push).await.state, PushState::Finished, "without waiting for its next look");
        desk.assert_once(&cors).await;
        desk.assert_done().await;
    }

    async fn an_event_that_somebody_comes_across_in_a_list_is_adopted(store: Store) {
        let desk = Desk::on(store).await;
        desk.lists_lag(130);
        let cors = desk.mechanical(&[9]);
        let push = desk.lost(&cors, FaultKind::DropAfter).await;
        desk.world.advance(125);
        desk.work().await;
        desk.world.advance(10);
        change_events::refresh(&desk.app, desk.actor(), desk.made.project).await.unwrap();
        desk.work().await;
        assert_eq!(desk.stored(push).await.state, PushState::Finished, "the next look would have been minutes later");
        desk.assert_once(&cors).await;
        desk.assert_done().await;
    }

    async fn a_second_event_is_told_and_its_lines_are_removed_by_one_click(store: Store) {
        let desk = Desk::on(store).await;
        desk.world.procore.switches(|s| s.origin_id_unique = false);
        // Later than any look; and so late that no reading of what changed reaches back as far, but the daily one of everything.
        for (n, lag, told_within) in [(9, 4000, 1200), (10, 20_000, 90_000)] {
            desk.lists_lag(lag);
            let cor = desk.mechanical(&[n])[0];
            let before = desk.events_in_procore();
            let push = desk.lost(&[cor], FaultKind::DropAfter).await;
            let (first, made_at) = (desk.lines_of(cor).await[0].0, desk.app.now());
            desk.takes(push).await;
            assert_eq!(desk.events_in_procore(), before + 2, "no look could find it");
            let waited = || desk.app.now().duration_since(made_at).as_secs();
            while desk.state(cor).await != ProcoreState::Surplus {
                assert!(waited() < lag + told_within, "as soon as a list shows it");
                desk.later(300).await;
            }
            assert!(waited() >= lag);
            let shown = comparison::plan(&desk.app, desk.actor(), cor, Purpose::RemoveSurplus).await.unwrap();
            comparison::remove(&desk.app, desk.actor(), cor, Purpose::RemoveSurplus, &shown.digest()).await.unwrap();
            desk.work().await;
            assert_eq!(desk.event_now(first).live_items().count(), 0);
            desk.assert_once(&[cor]).await;
        }
        desk.assert_done().await;
    }

    async fn where_procore_honours_the_token_no_lag_makes_a_second_event(store: Store) {
        let desk = Desk::on(store).await;
        desk.world.procore.switches(|s| (s.origin_id_unique, s.idempotency_honoured) = (false, true));
        desk.lists_lag(7200);
        let cors = desk.mechanical(&[9]);
        let before = desk.events_in_procore();
        let push = desk.lost(&cors, FaultKind::DropAfter).await;
        desk.takes(push).await;
        assert_eq!(desk.events_in_procore(), before + 1);
        desk.assert_once(&cors).await;
        desk.assert_done().await;
    }

    async fn an_event_whose_mark_or_number_is_taken_by_itself_is_neither_refused_nor_called_deleted(store: Store) {
        let desk = Desk::on(store).await;
        desk.lists_lag(6000);
        for (unique, n, number) in [(true, 9, "077"), (false, 10, "078")] {
            desk.world.procore.switches(|s| s.origin_id_unique = unique);
            let cors = desk.mechanical(&[n]);
            let before = desk.events_in_procore();
            let push = desk.push(&cors).into_new_event().numbered(number).confirmed().await.unwrap();
            desk.fault("POST", FaultKind::DropAfter);
            desk.takes(push).await;
            assert_eq!((desk.posts(), desk.events_in_procore()), (2, before + 1), "the second was refused: {unique}");
            desk.assert_once(&cors).await;
        }
        desk.assert_done().await;
    }

    async fn an_event_that_is_there_and_that_no_list_shows_is_asked_about(store: Store) {
        let desk = Desk::on(store).await;
        desk.world.procore.switches(|s| s.executed_events_unlisted = true);
        for (unique, n, number) in [(true, 9, "077"), (false, 10, "078")] {
            desk.world.procore.switches(|s| s.origin_id_unique = unique);
            let cors = desk.mechanical(&[n]);
            let before = desk.events_in_procore();
            let push = desk.push(&cors).into_new_event().numbered(number).confirmed().await.unwrap();
            desk.fault("POST", FaultKind::DropAfter);
            desk.work().await;
            // All of it goes into something else before anybody looks, and lists hide the event.
            let lines: Vec<i64> = desk.lines_of(cors[0]).await.iter().map(|(_, line)| line.id).collect();
            desk.in_procore(|w| lines.iter().for_each(|line| w.lock_line(*line).unwrap()));
            desk.calls();
            desk.work_through().await;
            let PushState::Stopped { why, look_at: Some(_) } = desk.stored(push).await.state else { panic!("it stopped") };
            assert!(why.contains("no list of Procore shows it") && why.contains("select Try again"), "{why}");
            assert_eq!((desk.posts(), desk.events_in_procore()), (2, before + 1), "after two refusals: {unique}");

            // Tried again while that is so, it asks after one more.
            push::try_again(&desk.app, desk.actor(), push).await.unwrap();
            desk.work_through().await;
            assert_eq!((desk.posts(), desk.stored(push).await.state.code()), (1, "stopped"));

            desk.in_procore(|w| {
                for line in &lines {
                    w.edit_line(*line, |line| line.lock = None).unwrap();
                }
            });
            push::try_again(&desk.app, desk.actor(), push).await.unwrap();
            desk.work_through().await;
            assert_eq!((desk.posts(), desk.events_in_procore()), (0, before + 1), "{unique}");
            desk.assert_once(&cors).await;
        }
        desk.assert_done().await;
    }

    async fn what_is_taken_back_and_may_be_there_unshown_is_not_called_absent(store: Store) {
        let desk = Desk::on(store).await;
        desk.world.procore.switches(|s| s.executed_events_unlisted = true);
        let cors = desk.mechanical(&[9]);
        let push = desk.push(&cors).into_new_event().numbered("077").confirmed().await.unwrap();
        desk.fault("POST", FaultKind::DropAfter);
        desk.work().await;
        let lines: Vec<i64> = desk.lines_of(cors[0]).await.iter().map(|(_, line)| line.id).collect();
        desk.in_procore(|w| lines.iter().for_each(|line| w.lock_line(*line).unwrap()));
        desk.work_through().await;
        push::cancel(&desk.app, desk.actor(), push).await.unwrap();
        desk.work_through().await;
        let CorOutcome::Changed { why } = desk.outcome(push, cors[0]).await else { panic!("nobody knows that it isn't") };
        assert!(why.contains("no list of Procore shows it"), "{why}");
        assert_eq!(desk.state(cors[0]).await, ProcoreState::ChangedInProcore);
        desk.assert_done().await;
    }

    async fn a_number_that_somebody_else_took_meanwhile_is_refused_at_once(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[9]);
        let push = desk.push(&cors).into_new_event().numbered("077").confirmed().await.unwrap();
        desk.fault("POST", FaultKind::Status { status: 502, retry_after: None, executed: false });
        desk.work().await;
        let other = desk.event("004");
        desk.in_procore(|w| w.change_events.get_mut(&other).unwrap().number = "077".to_owned());
        desk.work_through().await;
        let CorOutcome::Refused { why } = desk.outcome(push, cors[0]).await else { panic!("it is refused") };
        assert!(why.contains("already been taken"), "{why}");
    }

    async fn an_event_that_was_deleted_since_is_not_made_again_unasked(store: Store) {
        let desk = Desk::on(store).await;
        desk.world.procore.switches(|s| s.origin_id_unique = false);
        let cors = desk.mechanical(&[9]);
        let push = desk.lost(&cors, FaultKind::DropAfter).await;
        let (event, before) = (desk.lines_of(cors[0]).await[0].0, desk.events_in_procore());
        desk.in_procore(|w| w.change_events.get_mut(&event).unwrap().deleted_at = Some(w.epoch));
        desk.work_through().await;
        let CorOutcome::Changed { why } = desk.outcome(push, cors[0]).await else { panic!("it is asked about") };
        assert!(why.contains("deleted it"), "{why}");
        assert_eq!(desk.events_in_procore(), before - 1);
        desk.assert_done().await;
    }

    async fn an_event_that_its_id_does_not_find_yet_is_waited_for(store: Store) {
        let desk = Desk::on(store).await;
        for unlisted in [0, 900] {
            desk.lists_lag(unlisted);
            desk.world.procore.switches(|s| s.new_events_unreadable_seconds = 900);
            let cors = if unlisted == 0 { desk.mechanical(&[9]) } else { desk.mechanical(&[10]) };
            desk.push(&cors).into_new_event().line_items().finished().await;
            // Readings in between call it neither gone nor deleted.
            for _ in 0..4 {
                desk.later(200).await;
                assert_eq!(desk.state(cors[0]).await, ProcoreState::UpToDate, "{}", desk.link(cors[0]).await.reason);
            }
            desk.later(900).await;
            assert_eq!(desk.state(cors[0]).await, ProcoreState::UpToDate);
        }
        desk.assert_done().await;
    }

    async fn a_write_to_an_event_that_its_id_does_not_find_yet_is_made_later(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[9]);
        desk.push(&cors).into_new_event().line_items().finished().await;
        desk.edit(cors[0], |lines| lines.push(desk.lump("More", 100))).await;
        let (draft, _) = desk.push(&cors).line_items().planned().await.unwrap();
        desk.world.procore.switches(|s| s.new_events_unreadable_seconds = 900);
        push::confirm(&desk.app, desk.actor(), draft, None).await.unwrap();
        desk.work().await;
        assert_eq!(desk.state(cors[0]).await, ProcoreState::InProgress);
        desk.work_through().await;
        desk.assert_once(&cors).await;
        desk.assert_done().await;
    }
}
