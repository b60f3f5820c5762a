//! Procore understood and says no.

use domain::procore::push_state::{CorOutcome, ProcoreState, PushState};

use emulator::{Fault, FaultKind, Matcher};

use ledgerboard::{
    integration::reference,
    log::copy::NEEDS_ATTENTION,
    push::{self, copy::running},
};

use crate::{
    fixture::{EVENTS, Fixture, sentence},
    record_pages::{Program, Reader},
};

/// Takes a budget code out of the budget after it was read.
fn without_code(fixture: &Fixture, code: &str) {
    let id = fixture.code(code);
    fixture.world.procore.world(|w| w.wbs_codes.remove(&id)).unwrap();
}

fn why(outcome: &CorOutcome) -> &str {
    match outcome {
        CorOutcome::Refused { why } | CorOutcome::Changed { why } => why,
        other => panic!("{other:?}"),
    }
}

store::both_databases! {
    async fn only_the_cor_that_the_refusal_names_is_refused(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9, 10, 11, 12]);
        let wizard = fixture.push(&cors).coded(cors[1], "07-8413").into_new_event();
        let push = wizard.confirmed().await.unwrap();
        without_code(&fixture, "07-8413");
        fixture.work_through().await;
        let calls = fixture.calls();
        assert_eq!(calls.iter().filter(|c| c.starts_with("POST")).count(), 2, "the rest is sent once more: {calls:?}");
        assert_eq!(fixture.stored(push).await.state, PushState::Finished);
        let refused = fixture.outcome(push, cors[1]).await;
        assert!(why(&refused).contains("budget code 07-8413") && why(&refused).contains("another budget code"), "{refused:?}");
        assert_eq!(fixture.link(cors[1]).await.state, ProcoreState::Refused);
        assert_eq!(fixture.link(cors[1]).await.event, None);
        fixture.assert_once(&[cors[0], cors[2], cors[3]]).await;
        assert!(fixture.lines_of(cors[1]).await.is_empty());

        // It never reached Procore, so it may go anywhere, with a code that exists.
        fixture.push(&cors[1..2]).into_event("002").finished().await;
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }

    async fn a_refused_code_is_named_and_offered_no_more(store: Store) {
        let mut fixture = Fixture::on(store).await;
        let cor = fixture.mechanical(&[9])[0];
        let code = fixture.data.budget_codes.iter().find(|code| code.code.starts_with("07-8413")).unwrap().clone();
        let push = fixture.push(&[cor]).coded(cor, "07-8413").into_new_event().confirmed().await.unwrap();
        without_code(&fixture, "07-8413");
        fixture.work_through().await;
        let refused = fixture.outcome(push, cor).await;
        assert!(why(&refused).contains(&code.name()) && !why(&refused).contains(&code.id.to_string()), "{refused:?}");
        // It is suggested, as it was chosen the last time: it is named, and no choice any more.
        let draft = fixture.push(&[cor]).drafts().await.unwrap()[0];
        let new = push::ChosenEvent::to_make(push::EventToMake {
            title: "Anew".into(),
            status_id: fixture.data.statuses[0].id,
            ..push::EventToMake::default()
        });
        push::choose_event(&fixture.app, fixture.actor(), draft, new).await.unwrap();
        let offered = format!("\"{}\",\"{}\"", code.id, code.name());
        let detail = push::ChosenLines {
            contracts: [(cor, Some(fixture.commitment("SC-23-007")).into())].into(),
            ..push::ChosenLines::in_detail(domain::cor::Breakdown::LumpSum)
        };
        push::choose_lines(&fixture.app, fixture.actor(), draft, detail.clone()).await.unwrap();
        let reader = Reader::of(&fixture, fixture.actor()).await;
        let (_, page) = reader.read(&format!("/push/{draft}/lines")).await;
        let page = page.replace("&#39;", "'");
        let told = format!("{} is not in the project's budget any more. Choose another one.", code.name());
        assert!(page.contains(&told) && !page.contains(&offered), "{page}");
        let missing = sentence(push::plan(&fixture.app, fixture.actor(), draft).await);
        assert_eq!(missing, "1 line still needs a budget code.");
        // A program that names it is told the same.
        let again = push::ChosenLines { budget_code_for_all: Some(code.id.into()), ..detail };
        let told = sentence(push::choose_known_lines(&fixture.app, fixture.actor(), draft, again).await);
        assert!(told.contains(&code.name()), "{told}");
        // With another one it goes.
        fixture.data = reference::get(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
        fixture.push(&[cor]).into_event("002").finished().await;
        fixture.assert_once(&[cor]).await;
        fixture.assert_done().await;
    }

    async fn the_log_names_a_refusal_and_leads_to_what_mends_it(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.mechanical(&[9])[0];
        let (code, name) = (fixture.code("07-8413"), fixture.data.code(fixture.code("07-8413")).unwrap().name());
        let push = fixture.push(&[cor]).coded(cor, "07-8413").into_event("002").confirmed().await.unwrap();
        without_code(&fixture, "07-8413");
        fixture.work_through().await;
        let reader = Reader::of(&fixture, fixture.actor()).await;
        let log = format!("/projects/{}/log/received?procore=", fixture.made.project);
        let (_, page) = reader.read(&format!("{log}refused")).await;
        let row = page.split("data-row=").nth(1).unwrap().split("</tr>").next().unwrap();
        assert!(row.contains(&format!("<a href=\"/pushes/{push}\">Refused</a>")), "{row}");
        let (_, because) = row.split_once("class=\"because\"").expect("the reason needs no hovering");
        assert!(because.contains(&name) && !row.contains(&code.to_string()), "{row}");
        let (status, result) = reader.read(&format!("/pushes/{push}")).await;
        assert!(status == 200 && result.contains(&name), "{result}");

        // What was edited since leads to where it is compared and pushed again.
        let edited = fixture.mechanical(&[10])[0];
        fixture.push(&[edited]).into_event("002").finished().await;
        fixture.edit(edited, |lines| lines.push(fixture.lump("More", 1000))).await;
        let (_, page) = reader.read(&format!("{log}update_needed")).await;
        assert!(page.contains(&format!("<a href=\"/cors/{edited}/drift\">Update needed</a>")), "{page}");
        let (status, compared) = reader.read(&format!("/cors/{edited}/drift")).await;
        assert!(status == 200 && compared.contains("Overwrite Procore"), "{compared}");

        // One filter finds both, as many as the sign in the navigation counts.
        let (_, page) = reader.read(&format!("{log}attention")).await;
        assert_eq!(page.matches("data-row=").count(), 2, "{page}");
        let (_, chip) = page.split_once(NEEDS_ATTENTION).unwrap();
        assert!(chip.trim_start().starts_with("<b>2</b>") && page.contains("title=\"2 need attention in Procore\""), "{page}");
    }

    async fn a_code_that_was_made_inactive_is_named_where_it_was_chosen(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.mechanical(&[9])[0];
        let (draft, _) = fixture.push(&[cor]).coded(cor, "07-8413").into_new_event().planned().await.unwrap();
        let wbs_code_id = fixture.code("07-8413");
        let name = fixture.data.code(wbs_code_id).unwrap().name();
        fixture.world.procore.world(|w| w.act(emulator::WorldAction::RemoveBudgetCode { wbs_code_id })).unwrap();
        reference::refresh(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
        let (_, page) = Reader::of(&fixture, fixture.actor()).await.read(&format!("/push/{draft}/lines")).await;
        assert!(page.contains(&format!("{name} is not in the project&#39;s budget any more")), "{page}");
    }

    async fn a_refused_update_leaves_the_other_cors_to_be_written(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9, 10, 11]);
        for atomic in [true, false] {
            fixture.world.procore.switches(|s| s.refusal_is_atomic = atomic);
            for cor in &cors {
                fixture.edit(*cor, |lines| lines.push(fixture.lump("More", 1000))).await;
            }
            let code = if atomic { "07-8413" } else { "09-2116.M" };
            let wizard = fixture.push(&cors).line_items().coded(cors[1], code);
            let wizard = if atomic { wizard.into_event("002") } else { wizard };
            let others = fixture.foreign(fixture.event("002"));
            let push = wizard.confirmed().await.unwrap();
            without_code(&fixture, code);
            fixture.work_through().await;
            assert!(why(&fixture.outcome(push, cors[1]).await).contains("budget code"), "{atomic}");
            fixture.assert_once(&[cors[0], cors[2]]).await;
            assert_eq!(fixture.foreign(fixture.event("002")), others);
            // With another code it goes through, and nothing of the half that was applied is doubled.
            fixture.push(&cors[1..2]).line_items().into_event("002").finished().await;
            fixture.assert_once(&cors).await;
        }
        fixture.assert_done().await;
    }

    async fn what_a_refused_write_left_there_is_told(store: Store) {
        let fixture = Fixture::on(store).await;
        fixture.world.procore.switches(|s| s.refusal_is_atomic = false);
        let cor = fixture.mechanical(&[10])[0];
        fixture.push(&[cor]).into_event("002").finished().await;
        let lump = fixture.ids(cor).await[0];
        fixture.later(200).await;
        // The items are made, and the line that they replace can't be removed.
        let push = fixture.push(&[cor]).line_items().confirmed().await.unwrap();
        fixture.in_procore(|w| w.lock_line(lump).unwrap());
        fixture.work_through().await;
        let total = fixture.cor(cor).await.total();
        let there: rust_decimal::Decimal = fixture.lines_of(cor).await.iter().map(|(_, line)| line.cost.amount).sum();
        assert_eq!(there, (total + total).to_decimal());
        let refused = fixture.outcome(push, cor).await;
        let says = format!("Procore has {} of it now, and the COR asks for {total}.", total + total);
        assert!(matches!(refused, CorOutcome::Refused { .. }) && why(&refused).ends_with(&says), "{refused:?}");
        let (link, told) = (fixture.link(cor).await, fixture.told(cor).await);
        assert_eq!((link.state, link.pushed_amount), (ProcoreState::Refused, (total + total).into()));
        assert!(link.reason.ends_with(&says) && told.last().unwrap().ends_with(&says), "{} {told:?}", link.reason);
        fixture.in_procore(|w| w.edit_line(lump, |l| l.lock = None).unwrap());
        fixture.push(&[cor]).line_items().finished().await;
        fixture.assert_once(&[cor]).await;
        fixture.assert_done().await;
    }

    async fn a_half_applied_new_event_is_found_and_completed(store: Store) {
        let fixture = Fixture::on(store).await;
        fixture.world.procore.switches(|s| s.refusal_is_atomic = false);
        let cors = fixture.mechanical(&[9, 10, 11]);
        let push = fixture.push(&cors).line_items().coded(cors[1], "07-8413").into_new_event().confirmed().await.unwrap();
        let before = fixture.events_in_procore();
        without_code(&fixture, "07-8413");
        fixture.work_through().await;
        assert_eq!(fixture.events_in_procore(), before + 1);
        assert!(why(&fixture.outcome(push, cors[1]).await).contains("budget code"));
        fixture.assert_once(&[cors[0], cors[2]]).await;
        fixture.push(&cors[1..2]).line_items().into_event(&fixture.event_now(fixture.link(cors[0]).await.event.unwrap()).number).finished().await;
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }

    async fn a_half_applied_new_event_that_no_list_shows_yet_is_not_made_twice(store: Store) {
        let fixture = Fixture::on(store).await;
        fixture.world.procore.switches(|s| {
            (s.refusal_is_atomic, s.origin_id_unique) = (false, false);
            s.new_events_unlisted_seconds = 1_800;
        });
        let cors = fixture.mechanical(&[9, 10, 11]);
        let push = fixture.push(&cors).line_items().coded(cors[1], "07-8413").into_new_event().confirmed().await.unwrap();
        let before = fixture.events_in_procore();
        without_code(&fixture, "07-8413");
        fixture.work().await;
        // Procore did answer, and until when it is looked for is said everywhere.
        let stored = fixture.stored(push).await;
        assert_eq!(stored.state.code(), "uncertain");
        let (_, page) = Reader::of(&fixture, fixture.actor()).await.read(&format!("/push/{}/result", stored.draft.unwrap())).await;
        assert!(page.contains(running::REFUSED) && page.contains(running::EVENT_IS_CHECKED), "{page}");
        assert!(page.contains(running::SENT_AGAIN) && !page.contains("answer did not come"), "{page}");
        let told = Program::of(&fixture, fixture.actor()).await.call("GET", &format!("/pushes/{push}")).await;
        assert!(told["reason"].as_str().unwrap().starts_with(running::REFUSED), "{told}");
        assert!(told["made_again_at"].is_string(), "{told}");
        assert!(fixture.link(cors[0]).await.reason.starts_with("Procore refused it"), "{:?}", fixture.link(cors[0]).await);
        fixture.work_through().await;
        assert_eq!(fixture.events_in_procore(), before + 1);
        assert!(why(&fixture.outcome(push, cors[1]).await).contains("budget code"));
        fixture.assert_once(&[cors[0], cors[2]]).await;
    }

    async fn a_half_applied_write_is_read_again_once_it_can_be_seen(store: Store) {
        let fixture = Fixture::patient(store).await;
        fixture.world.procore.switches(|s| (s.refusal_is_atomic, s.reads_lag_ms) = (false, 1_500));
        let cors = fixture.mechanical(&[9, 10, 11]);
        let push = fixture.push(&cors).line_items().coded(cors[1], "07-8413").into_event("002").confirmed().await.unwrap();
        without_code(&fixture, "07-8413");
        fixture.work_through().await;
        assert!(why(&fixture.outcome(push, cors[1]).await).contains("budget code"));
        fixture.assert_once(&[cors[0], cors[2]]).await;
    }

    async fn a_refusal_that_names_nothing_is_narrowed_down(store: Store) {
        let fixture = Fixture::on(store).await;
        fixture.world.procore.switches(|s| s.max_lines_per_call = Some(2));
        let cors = fixture.mechanical(&[9, 10, 11, 12, 13]);
        fixture.push(&cors).into_new_event().finished().await;
        fixture.assert_once(&cors).await;
        assert!(fixture.calls().len() <= 12);
        fixture.assert_done().await;
    }

    async fn a_taken_number_is_told_at_once_and_not_tried_for_every_cor(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9, 10, 11, 12]);
        let push = fixture.push(&cors).into_new_event().numbered("002").confirmed().await.unwrap();
        fixture.work().await;
        let calls = fixture.calls();
        assert_eq!(calls.iter().filter(|c| c.starts_with("POST")).count(), 1, "{calls:?}");
        for cor in &cors {
            let refused = fixture.outcome(push, *cor).await;
            assert!(why(&refused).contains("already been taken") && why(&refused).contains("leave it to Procore"), "{refused:?}");
        }
        fixture.push(&cors).into_new_event().finished().await;
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }

    async fn costs_that_must_be_numbers_are(store: Store) {
        let fixture = Fixture::on(store).await;
        fixture.world.procore.switches(|s| s.cost_wants_numbers = true);
        let cors = fixture.mechanical(&[9, 10]);
        fixture.push(&cors[..1]).line_items().into_new_event().finished().await;
        fixture.push(&cors[1..]).line_items().into_event("002").finished().await;
        let sent = fixture.sent(1).await;
        fixture.push(&sent).sent().into_new_event().finished().await;
        fixture.assert_once(&cors).await;
        fixture.assert_once(&sent).await;
        fixture.assert_done().await;
    }

    async fn where_our_reference_is_refused_the_marks_serve_alone(store: Store) {
        let fixture = Fixture::on(store).await;
        fixture.world.procore.switches(|s| s.external_data_refused = true);
        let cors = fixture.mechanical(&[9, 10]);
        fixture.push(&cors).into_new_event().finished().await;
        fixture.assert_once(&cors).await;
        let calls = fixture.calls();
        assert_eq!(calls.iter().filter(|c| c.starts_with("POST")).count(), 2, "{calls:?}");

        // And a lost answer is found by them.
        let next = fixture.mechanical(&[11]);
        fixture.push(&next).into_new_event().confirmed().await.unwrap();
        fixture.world.procore.fault(emulator::Fault::next("POST", crate::fixture::EVENTS, emulator::FaultKind::DropAfter).after(1));
        let before = fixture.events_in_procore();
        fixture.work_through().await;
        assert_eq!(fixture.events_in_procore(), before + 1);
        fixture.assert_once(&next).await;
        fixture.assert_done().await;
    }

    async fn one_who_may_not_write_is_told_what_is_needed(store: Store) {
        let fixture = Fixture::on(store).await;
        for (cor, to) in [(9, None), (10, Some("002"))] {
            let cors = fixture.mechanical(&[cor]);
            let wizard = fixture.push(&cors);
            let wizard = match to { Some(number) => wizard.into_event(number), None => wizard.into_new_event() };
            level(&fixture, emulator::world::Level::Admin);
            let push = wizard.confirmed().await.unwrap();
            level(&fixture, emulator::world::Level::ReadOnly);
            fixture.work().await;
            let refused = fixture.outcome(push, cors[0]).await;
            assert!(why(&refused).contains("Standard permission on Change Events"), "{refused:?}");
            level(&fixture, emulator::world::Level::Admin);
            wizard.finished().await;
            fixture.assert_once(&cors).await;
        }
        fixture.assert_done().await;
    }

    async fn an_event_deleted_in_the_very_moment_is_told(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        let push = fixture.push(&cors).into_event("002").confirmed().await.unwrap();
        let worker = fixture.worker();
        let pass = fixture.carry(&worker, 2).await;
        let (event, now) = (fixture.event("002"), fixture.app.now());
        fixture.world.procore.world(|w| w.change_events.get_mut(&event).unwrap().deleted_at = Some(now));
        let pass = pass.advance().await.unwrap().unwrap();
        assert!(pass.advance().await.unwrap().is_none());
        assert!(why(&fixture.outcome(push, cors[0]).await).contains("doesn't show this Change Event"));
        fixture.push(&cors).into_new_event().finished().await;
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }

    async fn an_event_deleted_before_the_look_is_told_and_not_made_again(store: Store) {
        let fixture = Fixture::on(store).await;
        for (cor, method) in [(9, "PATCH"), (10, "POST")] {
            let cors = fixture.mechanical(&[cor]);
            let wizard = fixture.push(&cors);
            let wizard = if method == "POST" { wizard.into_new_event() } else { wizard.into_event("002") };
            let push = wizard.confirmed().await.unwrap();
            fixture.fault(method, emulator::FaultKind::DropAfter);
            fixture.work().await;
            let (event, now) = (fixture.lines_of(cors[0]).await[0].0, fixture.app.now());
            fixture.world.procore.world(|w| w.change_events.get_mut(&event).unwrap().deleted_at = Some(now));
            fixture.work_through().await;
            assert!(matches!(fixture.outcome(push, cors[0]).await, CorOutcome::Changed { .. }), "{method}");
            assert!(fixture.lines_of(cors[0]).await.is_empty(), "not made again unasked");
            // Asked for once more, it goes into another.
            fixture.push(&cors).into_new_event().finished().await;
            fixture.assert_once(&cors).await;
        }
        fixture.assert_done().await;
    }

    async fn a_list_that_cannot_be_read_just_now_does_not_mean_that_nothing_may_be_seen(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        let push = fixture.push(&cors).into_event("002").confirmed().await.unwrap();
        fixture.fault("PATCH", FaultKind::DropAfter);
        fixture.work().await;
        let (event, now) = (fixture.lines_of(cors[0]).await[0].0, fixture.app.now());
        fixture.world.procore.world(|w| w.change_events.get_mut(&event).unwrap().deleted_at = Some(now));
        // Its id finds nothing any more, and the list that tells why doesn't come at first.
        let busy = FaultKind::Status { status: 429, retry_after: Some(20), executed: false };
        let list = Matcher { method: Some("GET".into()), path: Some(EVENTS.into()), skip: 1, times: None };
        fixture.world.procore.fault(Fault { matcher: list, kind: busy });
        fixture.world.advance(600);
        fixture.work().await;
        let waiting = fixture.stored(push).await;
        assert!(matches!(waiting.state, PushState::Uncertain { .. }), "{:?}", waiting.state);
        assert!(waiting.batches[0].left_unread, "the next pass waits for its turn");
        fixture.work_through().await;
        assert!(why(&fixture.outcome(push, cors[0]).await).contains("somebody deleted it"));
        fixture.assert_done().await;
    }

    async fn a_refusal_that_cannot_be_looked_into_yet_is_looked_into_later(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        let push = fixture.push(&cors).into_event("002").confirmed().await.unwrap();
        fixture.fault("PATCH", FaultKind::Status { status: 422, retry_after: None, executed: true });
        let busy = FaultKind::Status { status: 429, retry_after: Some(20), executed: false };
        let look = Matcher { method: Some("GET".into()), path: Some(EVENTS.into()), skip: 1, times: None };
        fixture.world.procore.fault(Fault { matcher: look, kind: busy });
        fixture.work().await;
        let waiting = fixture.stored(push).await;
        assert!(matches!(waiting.state, PushState::Uncertain { .. }), "{:?}", waiting.state);
        assert!(waiting.batches[0].left_unread);
        fixture.work_through().await;
        assert_eq!(fixture.outcome(push, cors[0]).await, CorOutcome::Written, "it is there, whatever was answered");
        fixture.assert_once(&cors).await;
        assert_eq!(fixture.calls().iter().filter(|call| call.starts_with("PATCH")).count(), 1);
        fixture.assert_done().await;
    }

    async fn an_event_that_loses_unlisted_lines_is_noticed(store: Store) {
        let fixture = Fixture::on(store).await;
        fixture.world.procore.switches(|s| s.unlisted_lines_dropped = true);
        let cors = fixture.mechanical(&[9]);
        fixture.push(&cors).into_event("002").done().await;
        let link = fixture.link(cors[0]).await;
        assert_eq!(link.state, ProcoreState::ChangedInProcore, "{}", link.reason);
        assert!(link.reason.contains("3 other lines"), "{}", link.reason);
        fixture.assert_done().await;
    }
}

fn level(fixture: &Fixture, level: emulator::world::Level) {
    let login = crate::fixture::MANAGER.to_owned();
    fixture.world.procore.world(|w| {
        let project_id = w.project_by_number(emulator::seed::HARBOR_POINT).unwrap().id;
        w.act(emulator::WorldAction::SetLevel { project_id, login, level }).unwrap();
    });
}
