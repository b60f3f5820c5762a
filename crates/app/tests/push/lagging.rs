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
    fixture::{Fixture, sentence},
    record_pages::Reader,
};

/// How far lists lag behind, in seconds.
const LAGS: [i64; 8] = [0, 30, 120, 300, 600, 1200, 2400, 3600];

impl Fixture {
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
        let fixture = Fixture::on(store).await;
        // Only the looks are to keep it from being made twice.
        fixture.world.procore.switches(|s| s.origin_id_unique = false);
        for (lag, n) in LAGS.into_iter().zip([1, 2, 4, 5, 7, 8, 9, 10]) {
            fixture.lists_lag(lag);
            let cors = fixture.mechanical(&[n]);
            let before = fixture.events_in_procore();
            let push = fixture.lost(&cors, FaultKind::DropAfter).await;
            let took = fixture.takes(push).await.as_secs();
            println!("lists lag {lag} s: an event whose answer was lost is told after {took} s");
            assert_eq!((fixture.posts(), fixture.events_in_procore()), (0, before + 1), "lag {lag}");
            assert!(took >= lag && took <= 3 * lag + 125, "lag {lag}: told after {took} s");
            fixture.assert_once(&cors).await;
        }
        fixture.assert_done().await;
    }

    async fn what_is_there_is_told_soon_and_not_when_the_quarantine_ends(store: Store) {
        let fixture = Fixture::on(store).await;
        for (n, method) in [(9, "POST"), (10, "PATCH")] {
            let cors = fixture.mechanical(&[n]);
            let wizard = fixture.push(&cors);
            let wizard = if method == "POST" { wizard.into_new_event() } else { wizard.into_event("002") };
            let push = wizard.confirmed().await.unwrap();
            fixture.fault(method, FaultKind::DropAfter);
            assert_eq!(fixture.takes(push).await.as_secs(), 15, "{method}");
            fixture.assert_once(&cors).await;
        }
        fixture.assert_done().await;
    }

    async fn half_of_a_write_is_not_completed_while_the_rest_may_come(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        fixture.push(&cors).line_items().into_event("002").confirmed().await.unwrap();
        // Executed after the first look, before the quarantine ends.
        fixture.fault("PATCH", FaultKind::ExecuteLate { after_seconds: 60, silence: Silence::Close });
        fixture.work_through().await;
        assert_eq!(fixture.calls().iter().filter(|call| call.starts_with("PATCH")).count(), 1);
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }

    async fn an_event_that_was_never_made_is_made_after_the_last_look(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        let push = fixture.lost(&cors, FaultKind::Status { status: 502, retry_after: None, executed: false }).await;
        let took = fixture.takes(push).await.as_secs();
        println!("an event that was never made is made again after {took} s, unless somebody says that it isn't there");
        assert_eq!(took, 120 + 3600, "the longest life of a request, and as far as lists may lag behind");
        let looks = fixture.calls();
        assert_eq!(looks.iter().filter(|call| *call == "GET events").count(), 6, "five looks and one before the POST");
        assert_eq!(looks.iter().filter(|call| *call == "POST events").count(), 1);
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }

    async fn a_person_sees_what_goes_on_and_has_it_made_again_at_once(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        let push = fixture.lost(&cors, FaultKind::Status { status: 502, retry_after: None, executed: false }).await;
        let sent = fixture.app.now();
        let (reader, page) = (Reader::of(&fixture, fixture.actor()).await, format!("/pushes/{push}"));
        let before = reader.read(&page).await.1;
        assert!(before.contains("Look now") && !before.contains("not-there"), "nobody can know yet: {before}");
        let early = sentence(push::not_there(&fixture.app, fixture.actor(), push).await);
        assert!(early.contains("may still be on its way") && early.contains("120 seconds"), "{early}");
        fixture.world.advance(130);
        fixture.work().await;
        let looking = push::standing(&fixture.app, fixture.actor(), push).await.unwrap().looking.unwrap();
        assert_eq!(looking.looked_at, Some(fixture.app.now()));
        assert_eq!(looking.last.duration_since(sent).as_secs(), 3720);
        let shown = reader.read(&page).await.1;
        assert!(shown.contains("list did not show the Change Event"), "{shown}");
        assert!(shown.contains("Open the Change Events in Procore"), "{shown}");
        fixture.calls();
        assert_eq!(reader.press(&page, "not-there").await.0, 303);
        fixture.work().await;
        assert_eq!(fixture.calls(), ["GET events", "GET events", "POST events"], "looked for once more, and made");
        fixture.assert_once(&cors).await;
        let told = fixture.told(cors[0]).await;
        assert!(told.iter().any(|text| text.contains("said that it is not in Procore")), "{told:?}");
        let over = sentence(push::not_there(&fixture.app, fixture.actor(), push).await);
        assert!(over.contains("is over"), "{over}");
        fixture.assert_done().await;
    }

    async fn a_look_by_hand_finds_what_is_there_and_decides_nothing_else(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9, 10]);
        // Nothing there: looked for by hand in vain, and again as planned.
        let push = fixture.lost(&cors[..1], FaultKind::ExecuteLate { after_seconds: 60, silence: Silence::Close }).await;
        for _ in 0..3 {
            push::look_now(&fixture.app, fixture.actor(), push).await.unwrap();
            fixture.work().await;
            assert_eq!(fixture.stored(push).await.state.code(), "uncertain");
        }
        assert_eq!(fixture.calls(), ["GET events"; 3]);
        fixture.world.advance(61);
        push::look_now(&fixture.app, fixture.actor(), push).await.unwrap();
        fixture.work().await;
        fixture.assert_once(&cors[..1]).await;
        let nothing = sentence(push::look_now(&fixture.app, fixture.actor(), push).await);
        assert!(nothing.contains("is over"), "{nothing}");
        fixture.assert_done().await;
    }

    async fn a_push_that_is_taken_back_is_looked_for_as_long(store: Store) {
        let fixture = Fixture::on(store).await;
        fixture.lists_lag(1000);
        let cors = fixture.mechanical(&[9, 10]);
        let made = fixture.lost(&cors[..1], FaultKind::DropAfter).await;
        let never = fixture.lost(&cors[1..], FaultKind::Status { status: 502, retry_after: None, executed: false }).await;
        for push in [made, never] {
            push::cancel(&fixture.app, fixture.actor(), push).await.unwrap();
        }
        fixture.world.advance(200);
        fixture.work().await;
        assert_eq!(fixture.stored(made).await.state.code(), "uncertain", "it may be there");
        // Of the other one somebody knows better.
        push::not_there(&fixture.app, fixture.actor(), never).await.unwrap();
        fixture.work().await;
        assert_eq!(fixture.stored(never).await.state, PushState::Cancelled);
        fixture.work_through().await;
        assert_eq!(fixture.outcome(made, cors[0]).await, CorOutcome::Written);
        fixture.assert_once(&cors[..1]).await;
        fixture.assert_done().await;
    }

    async fn an_event_of_which_something_else_tells_is_read_by_its_id(store: Store) {
        let fixture = Fixture::on(store).await;
        fixture.lists_lag(100_000);
        let cors = fixture.mechanical(&[9]);
        let push = fixture.lost(&cors, FaultKind::DropAfter).await;
        let event = fixture.lines_of(cors[0]).await[0].0;
        let (company, project, now) = (fixture.actor().company, fixture.made.project, fixture.app.now());
        // As a webhook does that names the event.
        fixture.app.store.write(move |tx| tx.of(company).watch_soon(project, Some(event), now)).await.unwrap();
        fixture.worker().observe().await.unwrap();
        assert_eq!(fixture.stored(push).await.seen_event, Some(event));
        fixture.work().await;
        assert_eq!(fixture.stored(push).await.state, PushState::Finished, "without waiting for its next look");
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }

    async fn an_event_that_somebody_comes_across_in_a_list_is_adopted(store: Store) {
        let fixture = Fixture::on(store).await;
        fixture.lists_lag(130);
        let cors = fixture.mechanical(&[9]);
        let push = fixture.lost(&cors, FaultKind::DropAfter).await;
        fixture.world.advance(125);
        fixture.work().await;
        fixture.world.advance(10);
        change_events::refresh(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
        fixture.work().await;
        assert_eq!(fixture.stored(push).await.state, PushState::Finished, "the next look would have been minutes later");
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }

    async fn a_second_event_is_told_and_its_lines_are_removed_by_one_click(store: Store) {
        let fixture = Fixture::on(store).await;
        fixture.world.procore.switches(|s| s.origin_id_unique = false);
        // Later than any look; and so late that no reading of what changed reaches back as far, but the daily one of everything.
        for (n, lag, told_within) in [(9, 4000, 1200), (10, 20_000, 90_000)] {
            fixture.lists_lag(lag);
            let cor = fixture.mechanical(&[n])[0];
            let before = fixture.events_in_procore();
            let push = fixture.lost(&[cor], FaultKind::DropAfter).await;
            let (first, made_at) = (fixture.lines_of(cor).await[0].0, fixture.app.now());
            fixture.takes(push).await;
            assert_eq!(fixture.events_in_procore(), before + 2, "no look could find it");
            let waited = || fixture.app.now().duration_since(made_at).as_secs();
            while fixture.state(cor).await != ProcoreState::Surplus {
                assert!(waited() < lag + told_within, "as soon as a list shows it");
                fixture.later(300).await;
            }
            assert!(waited() >= lag);
            let shown = comparison::plan(&fixture.app, fixture.actor(), cor, Purpose::RemoveSurplus).await.unwrap();
            comparison::remove(&fixture.app, fixture.actor(), cor, Purpose::RemoveSurplus, &shown.digest()).await.unwrap();
            fixture.work().await;
            assert_eq!(fixture.event_now(first).live_items().count(), 0);
            fixture.assert_once(&[cor]).await;
        }
        fixture.assert_done().await;
    }

    async fn where_procore_honours_the_token_no_lag_makes_a_second_event(store: Store) {
        let fixture = Fixture::on(store).await;
        fixture.world.procore.switches(|s| (s.origin_id_unique, s.idempotency_honoured) = (false, true));
        fixture.lists_lag(7200);
        let cors = fixture.mechanical(&[9]);
        let before = fixture.events_in_procore();
        let push = fixture.lost(&cors, FaultKind::DropAfter).await;
        fixture.takes(push).await;
        assert_eq!(fixture.events_in_procore(), before + 1);
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }

    async fn an_event_whose_mark_or_number_is_taken_by_itself_is_neither_refused_nor_called_deleted(store: Store) {
        let fixture = Fixture::on(store).await;
        fixture.lists_lag(6000);
        for (unique, n, number) in [(true, 9, "077"), (false, 10, "078")] {
            fixture.world.procore.switches(|s| s.origin_id_unique = unique);
            let cors = fixture.mechanical(&[n]);
            let before = fixture.events_in_procore();
            let push = fixture.push(&cors).into_new_event().numbered(number).confirmed().await.unwrap();
            fixture.fault("POST", FaultKind::DropAfter);
            fixture.takes(push).await;
            assert_eq!((fixture.posts(), fixture.events_in_procore()), (2, before + 1), "the second was refused: {unique}");
            fixture.assert_once(&cors).await;
        }
        fixture.assert_done().await;
    }

    async fn an_event_that_is_there_and_that_no_list_shows_is_asked_about(store: Store) {
        let fixture = Fixture::on(store).await;
        fixture.world.procore.switches(|s| s.executed_events_unlisted = true);
        for (unique, n, number) in [(true, 9, "077"), (false, 10, "078")] {
            fixture.world.procore.switches(|s| s.origin_id_unique = unique);
            let cors = fixture.mechanical(&[n]);
            let before = fixture.events_in_procore();
            let push = fixture.push(&cors).into_new_event().numbered(number).confirmed().await.unwrap();
            fixture.fault("POST", FaultKind::DropAfter);
            fixture.work().await;
            // All of it goes into something else before anybody looks, and lists hide the event.
            let lines: Vec<i64> = fixture.lines_of(cors[0]).await.iter().map(|(_, line)| line.id).collect();
            fixture.in_procore(|w| lines.iter().for_each(|line| w.lock_line(*line).unwrap()));
            fixture.calls();
            fixture.work_through().await;
            let PushState::Stopped { why, look_at: Some(_) } = fixture.stored(push).await.state else { panic!("it stopped") };
            assert!(why.contains("no list of Procore shows it") && why.contains("select Try again"), "{why}");
            assert_eq!((fixture.posts(), fixture.events_in_procore()), (2, before + 1), "after two refusals: {unique}");

            // Tried again while that is so, it asks after one more.
            push::try_again(&fixture.app, fixture.actor(), push).await.unwrap();
            fixture.work_through().await;
            assert_eq!((fixture.posts(), fixture.stored(push).await.state.code()), (1, "stopped"));

            fixture.in_procore(|w| {
                for line in &lines {
                    w.edit_line(*line, |line| line.lock = None).unwrap();
                }
            });
            push::try_again(&fixture.app, fixture.actor(), push).await.unwrap();
            fixture.work_through().await;
            assert_eq!((fixture.posts(), fixture.events_in_procore()), (0, before + 1), "{unique}");
            fixture.assert_once(&cors).await;
        }
        fixture.assert_done().await;
    }

    async fn what_is_taken_back_and_may_be_there_unshown_is_not_called_absent(store: Store) {
        let fixture = Fixture::on(store).await;
        fixture.world.procore.switches(|s| s.executed_events_unlisted = true);
        let cors = fixture.mechanical(&[9]);
        let push = fixture.push(&cors).into_new_event().numbered("077").confirmed().await.unwrap();
        fixture.fault("POST", FaultKind::DropAfter);
        fixture.work().await;
        let lines: Vec<i64> = fixture.lines_of(cors[0]).await.iter().map(|(_, line)| line.id).collect();
        fixture.in_procore(|w| lines.iter().for_each(|line| w.lock_line(*line).unwrap()));
        fixture.work_through().await;
        push::cancel(&fixture.app, fixture.actor(), push).await.unwrap();
        fixture.work_through().await;
        let CorOutcome::Changed { why } = fixture.outcome(push, cors[0]).await else { panic!("nobody knows that it isn't") };
        assert!(why.contains("no list of Procore shows it"), "{why}");
        assert_eq!(fixture.state(cors[0]).await, ProcoreState::ChangedInProcore);
        fixture.assert_done().await;
    }

    async fn a_number_that_somebody_else_took_meanwhile_is_refused_at_once(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        let push = fixture.push(&cors).into_new_event().numbered("077").confirmed().await.unwrap();
        fixture.fault("POST", FaultKind::Status { status: 502, retry_after: None, executed: false });
        fixture.work().await;
        let other = fixture.event("004");
        fixture.in_procore(|w| w.change_events.get_mut(&other).unwrap().number = "077".to_owned());
        fixture.work_through().await;
        let CorOutcome::Refused { why } = fixture.outcome(push, cors[0]).await else { panic!("it is refused") };
        assert!(why.contains("already been taken"), "{why}");
    }

    async fn an_event_that_was_deleted_since_is_not_made_again_unasked(store: Store) {
        let fixture = Fixture::on(store).await;
        fixture.world.procore.switches(|s| s.origin_id_unique = false);
        let cors = fixture.mechanical(&[9]);
        let push = fixture.lost(&cors, FaultKind::DropAfter).await;
        let (event, before) = (fixture.lines_of(cors[0]).await[0].0, fixture.events_in_procore());
        fixture.in_procore(|w| w.change_events.get_mut(&event).unwrap().deleted_at = Some(w.epoch));
        fixture.work_through().await;
        let CorOutcome::Changed { why } = fixture.outcome(push, cors[0]).await else { panic!("it is asked about") };
        assert!(why.contains("deleted it"), "{why}");
        assert_eq!(fixture.events_in_procore(), before - 1);
        fixture.assert_done().await;
    }

    async fn an_event_that_its_id_does_not_find_yet_is_waited_for(store: Store) {
        let fixture = Fixture::on(store).await;
        for unlisted in [0, 900] {
            fixture.lists_lag(unlisted);
            fixture.world.procore.switches(|s| s.new_events_unreadable_seconds = 900);
            let cors = if unlisted == 0 { fixture.mechanical(&[9]) } else { fixture.mechanical(&[10]) };
            fixture.push(&cors).into_new_event().line_items().finished().await;
            // Readings in between call it neither gone nor deleted.
            for _ in 0..4 {
                fixture.later(200).await;
                assert_eq!(fixture.state(cors[0]).await, ProcoreState::UpToDate, "{}", fixture.link(cors[0]).await.reason);
            }
            fixture.later(900).await;
            assert_eq!(fixture.state(cors[0]).await, ProcoreState::UpToDate);
        }
        fixture.assert_done().await;
    }

    async fn a_write_to_an_event_that_its_id_does_not_find_yet_is_made_later(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        fixture.push(&cors).into_new_event().line_items().finished().await;
        fixture.edit(cors[0], |lines| lines.push(fixture.lump("More", 100))).await;
        let (draft, _) = fixture.push(&cors).line_items().planned().await.unwrap();
        fixture.world.procore.switches(|s| s.new_events_unreadable_seconds = 900);
        push::confirm(&fixture.app, fixture.actor(), draft, None).await.unwrap();
        fixture.work().await;
        assert_eq!(fixture.state(cors[0]).await, ProcoreState::InProgress);
        fixture.work_through().await;
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }
}
