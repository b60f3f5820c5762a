//! Procore understood and says no.

use domain::procore::push_state::{CorOutcome, ProcoreState, PushState};

use emulator::{Fault, FaultKind, Matcher};

use ledgerboard::{
    integration::reference,
    log::copy::NEEDS_ATTENTION,
    push::{self, copy::running},
};

use crate::{
    desk::{Desk, EVENTS, sentence},
    record_pages::{Program, Reader},
};

/// Takes a budget code out of the budget after it was read.
fn without_code(desk: &Desk, code: &str) {
    let id = desk.code(code);
    desk.world.procore.world(|w| w.wbs_codes.remove(&id)).unwrap();
}

fn why(outcome: &CorOutcome) -> &str {
    match outcome {
        CorOutcome::Refused { why } | CorOutcome::Changed { why } => why,
        other => panic!("{other:?}"),
    }
}

store::both_databases! {
    async fn only_the_cor_that_the_refusal_names_is_refused(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[9, 10, 11, 12]);
        let wizard = desk.push(&cors).coded(cors[1], "07-8413").into_new_event();
        let push = wizard.confirmed().await.unwrap();
        without_code(&desk, "07-8413");
        desk.work_through().await;
        let calls = desk.calls();
        assert_eq!(calls.iter().filter(|c| c.starts_with("POST")).count(), 2, "the rest is sent once more: {calls:?}");
        assert_eq!(desk.stored(push).await.state, PushState::Finished);
        let refused = desk.outcome(push, cors[1]).await;
        assert!(why(&refused).contains("budget code 07-8413") && why(&refused).contains("another budget code"), "{refused:?}");
        assert_eq!(desk.link(cors[1]).await.state, ProcoreState::Refused);
        assert_eq!(desk.link(cors[1]).await.event, None);
        desk.assert_once(&[cors[0], cors[2], cors[3]]).await;
        assert!(desk.lines_of(cors[1]).await.is_empty());

        // It never reached Procore, so it may go anywhere, with a code that exists.
        desk.push(&cors[1..2]).into_event("002").finished().await;
        desk.assert_once(&cors).await;
        desk.assert_done().await;
    }

    async fn a_refused_code_is_named_and_offered_no_more(store: Store) {
        let mut desk = Desk::on(store).await;
        let cor = desk.mechanical(&[9])[0];
        let code = desk.data.budget_codes.iter().find(|code| code.code.starts_with("07-8413")).unwrap().clone();
        let push = desk.push(&[cor]).coded(cor, "07-8413").into_new_event().confirmed().await.unwrap();
        without_code(&desk, "07-8413");
        desk.work_through().await;
        let refused = desk.outcome(push, cor).await;
        assert!(why(&refused).contains(&code.name()) && !why(&refused).contains(&code.id.to_string()), "{refused:?}");
        // It is suggested, as it was chosen the last time: it is named, and no choice any more.
        let draft = desk.push(&[cor]).drafts().await.unwrap()[0];
        let new = push::ChosenEvent::to_make(push::EventToMake {
            title: "Anew".into(),
            status_id: desk.data.statuses[0].id,
            ..push::EventToMake::default()
        });
        push::choose_event(&desk.app, desk.actor(), draft, new).await.unwrap();
        let offered = format!("\"{}\",\"{}\"", code.id, code.name());
        let detail = push::ChosenLines {
            contracts: [(cor, Some(desk.commitment("SC-23-007")).into())].into(),
            ..push::ChosenLines::in_detail(domain::cor::Breakdown::LumpSum)
        };
        push::choose_lines(&desk.app, desk.actor(), draft, detail.clone()).await.unwrap();
        let reader = Reader::of(&desk, desk.actor()).await;
        let (_, page) = reader.read(&format!("/push/{draft}/lines")).await;
        let page = page.replace("&#39;", "'");
        let told = format!("{} is not in the project's budget any more. Choose another one.", code.name());
        assert!(page.contains(&told) && !page.contains(&offered), "{page}");
        let missing = sentence(push::plan(&desk.app, desk.actor(), draft).await);
        assert_eq!(missing, "1 line still needs a budget code.");
        // A program that names it is told the same.
        let again = push::ChosenLines { budget_code_for_all: Some(code.id.into()), ..detail };
        let told = sentence(push::choose_known_lines(&desk.app, desk.actor(), draft, again).await);
        assert!(told.contains(&code.name()), "{told}");
        // With another one it goes.
        desk.data = reference::get(&desk.app, desk.actor(), desk.made.project).await.unwrap();
        desk.push(&[cor]).into_event("002").finished().await;
        desk.assert_once(&[cor]).await;
        desk.assert_done().await;
    }

    async fn the_log_names_a_refusal_and_leads_to_what_mends_it(store: Store) {
        let desk = Desk::on(store).await;
        let cor = desk.mechanical(&[9])[0];
        let (code, name) = (desk.code("07-8413"), desk.data.code(desk.code("07-8413")).unwrap().name());
        let push = desk.push(&[cor]).coded(cor, "07-8413").into_event("002").confirmed().await.unwrap();
        without_code(&desk, "07-8413");
        desk.work_through().await;
        let reader = Reader::of(&desk, desk.actor()).await;
        let log = format!("/projects/{}/log/received?procore=", desk.made.project);
        let (_, page) = reader.read(&format!("{log}refused")).await;
        let row = page.split("<td class=\"pcol\">").nth(1).unwrap().split("</td>").next().unwrap();
        assert!(row.contains(&format!("<a href=\"/pushes/{push}\">Refused</a>")), "{row}");
        let (_, because) = row.split_once("class=\"because\"").expect("the reason needs no hovering");
        assert!(because.contains(&name) && !row.contains(&code.to_string()), "{row}");
        let (status, result) = reader.read(&format!("/pushes/{push}")).await;
        assert!(status == 200 && result.contains(&name), "{result}");

        // What was edited since leads to where it is compared and pushed again.
        let edited = desk.mechanical(&[10])[0];
        desk.push(&[edited]).into_event("002").finished().await;
        desk.edit(edited, |lines| lines.push(desk.lump("More", 1000))).await;
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
        let desk = Desk::on(store).await;
        let cor = desk.mechanical(&[9])[0];
        let (draft, _) = desk.push(&[cor]).coded(cor, "07-8413").into_new_event().planned().await.unwrap();
        let wbs_code_id = desk.code("07-8413");
        let name = desk.data.code(wbs_code_id).unwrap().name();
        desk.world.procore.world(|w| w.act(emulator::WorldAction::RemoveBudgetCode { wbs_code_id })).unwrap();
        reference::refresh(&desk.app, desk.actor(), desk.made.project).await.unwrap();
        let (_, page) = Reader::of(&desk, desk.actor()).await.read(&format!("/push/{draft}/lines")).await;
        assert!(page.contains(&format!("{name} is not in the project&#39;s budget any more")), "{page}");
    }

    async fn a_refused_update_leaves_the_other_cors_to_be_written(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[9, 10, 11]);
        for atomic in [true, false] {
            desk.world.procore.switches(|s| s.refusal_is_atomic = atomic);
            for cor in &cors {
                desk.edit(*cor, |lines| lines.push(desk.lump("More", 1000))).await;
            }
            let code = if atomic { "07-8413" } else { "09-2116.M" };
            let wizard = desk.push(&cors).line_items().coded(cors[1], code);
            let wizard = if atomic { wizard.into_event("002") } else { wizard };
            let others = desk.foreign(desk.event("002"));
            let push = wizard.confirmed().await.unwrap();
            without_code(&desk, code);
            desk.work_through().await;
            assert!(why(&desk.outcome(push, cors[1]).await).contains("budget code"), "{atomic}");
            desk.assert_once(&[cors[0], cors[2]]).await;
            assert_eq!(desk.foreign(desk.event("002")), others);
            // With another code it goes through, and nothing of the half that was applied is doubled.
            desk.push(&cors[1..2]).line_items().into_event("002").finished().await;
            desk.assert_once(&cors).await;
        }
        desk.assert_done().await;
    }

    async fn what_a_refused_write_left_there_is_told(store: Store) {
        let desk = Desk::on(store).await;
        desk.world.procore.switches(|s| s.refusal_is_atomic = false);
        let cor = desk.mechanical(&[10])[0];
        desk.push(&[cor]).into_event("002").finished().await;
        let lump = desk.ids(cor).await[0];
        desk.later(200).await;
        // The items are made, and the line that they replace can't be removed.
        let push = desk.push(&[cor]).line_items().confirmed().await.unwrap();
        desk.in_procore(|w| w.lock_line(lump).unwrap());
        desk.work_through().await;
        let total = desk.cor(cor).await.total();
        let there: rust_decimal::Decimal = desk.lines_of(cor).await.iter().map(|(_, line)| line.cost.amount).sum();
        assert_eq!(there, (total + total).to_decimal());
        let refused = desk.outcome(push, cor).await;
        let says = format!("Procore has {} of it now, and the COR asks for {total}.", total + total);
        assert!(matches!(refused, CorOutcome::Refused { .. }) && why(&refused).ends_with(&says), "{refused:?}");
        let (link, told) = (desk.link(cor).await, desk.told(cor).await);
        assert_eq!((link.state, link.pushed_amount), (ProcoreState::Refused, (total + total).into()));
        assert!(link.reason.ends_with(&says) && told.last().unwrap().ends_with(&says), "{} {told:?}", link.reason);
        desk.in_procore(|w| w.edit_line(lump, |l| l.lock = None).unwrap());
        desk.push(&[cor]).line_items().finished().await;
        desk.assert_once(&[cor]).await;
        desk.assert_done().await;
    }

    async fn a_half_applied_new_event_is_found_and_completed(store: Store) {
        let desk = Desk::on(store).await;
        desk.world.procore.switches(|s| s.refusal_is_atomic = false);
        let cors = desk.mechanical(&[9, 10, 11]);
        let push = desk.push(&cors).line_items().coded(cors[1], "07-8413").into_new_event().confirmed().await.unwrap();
        let before = desk.events_in_procore();
        without_code(&desk, "07-8413");
        desk.work_through().await;
        assert_eq!(desk.events_in_procore(), before + 1);
        assert!(why(&desk.outcome(push, cors[1]).await).contains("budget code"));
        desk.assert_once(&[cors[0], cors[2]]).await;
        desk.push(&cors[1..2]).line_items().into_event(&desk.event_now(desk.link(cors[0]).await.event.unwrap()).number).finished().await;
        desk.assert_once(&cors).await;
        desk.assert_done().await;
    }

    async fn a_half_applied_new_event_that_no_list_shows_yet_is_not_made_twice(store: Store) {
        let desk = Desk::on(store).await;
        desk.world.procore.switches(|s| {
            (s.refusal_is_atomic, s.origin_id_unique) = (false, false);
            s.new_events_unlisted_seconds = 1_800;
        });
        let cors = desk.mechanical(&[9, 10, 11]);
        let push = desk.push(&cors).line_items().coded(cors[1], "07-8413").into_new_event().confirmed().await.unwrap();
        let before = desk.events_in_procore();
        without_code(&desk, "07-8413");
        desk.work().await;
        // Procore did answer, and until when it is looked for is said everywhere.
        let stored = desk.stored(push).await;
        assert_eq!(stored.state.code(), "uncertain");
        let (_, page) = Reader::of(&desk, desk.actor()).await.read(&format!("/push/{}/result", stored.draft.unwrap())).await;
        assert!(page.contains(running::REFUSED) && page.contains(running::EVENT_IS_CHECKED), "{page}");
        assert!(page.contains(running::SENT_AGAIN) && !page.contains("answer did not come"), "{page}");
        let told = Program::of(&desk, desk.actor()).await.call("GET", &format!("/pushes/{push}")).await;
        assert!(told["reason"].as_str().unwrap().starts_with(running::REFUSED), "{told}");
        assert!(told["made_again_at"].is_string(), "{told}");
        assert!(desk.link(cors[0]).await.reason.starts_with("Procore refused it"), "{:?}", desk.link(cors[0]).await);
        desk.work_through().await;
        assert_eq!(desk.events_in_procore(), before + 1);
        assert!(why(&desk.outcome(push, cors[1]).await).contains("budget code"));
        desk.assert_once(&[cors[0], cors[2]]).await;
    }

    async fn a_half_applied_write_is_read_again_once_it_can_be_seen(store: Store) {
        let desk = Desk::patient(store).await;
        desk.world.procore.switches(|s| (s.refusal_is_atomic, s.reads_lag_ms) = (false, 1_500));
        let cors = desk.mechanical(&[9, 10, 11]);
        let push = desk.push(&cors).line_items().coded(cors[1], "07-8413").into_event("002").confirmed().await.unwrap();
        without_code(&desk, "07-8413");
        desk.work_through().await;
        assert!(why(&desk.outcome(push, cors[1]).await).contains("budget code"));
        desk.assert_once(&[cors[0], cors[2]]).await;
    }

    async fn a_refusal_that_names_nothing_is_narrowed_down(store: Store) {
        let desk = Desk::on(store).await;
        desk.world.procore.switches(|s| s.max_lines_per_call = Some(2));
        let cors = desk.mechanical(&[9, 10, 11, 12, 13]);
        desk.push(&cors).into_new_event().finished().await;
        desk.assert_once(&cors).await;
        assert!(desk.calls().len() <= 12);
        desk.assert_done().await;
    }

    async fn a_taken_number_is_told_at_once_and_not_tried_for_every_cor(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[9, 10, 11, 12]);
        let push = desk.push(&cors).into_new_event().numbered("002").confirmed().await.unwrap();
        desk.work().await;
        let calls = desk.calls();
        assert_eq!(calls.iter().filter(|c| c.starts_with("POST")).count(), 1, "{calls:?}");
        for cor in &cors {
            let refused = desk.outcome(push, *cor).await;
            assert!(why(&refused).contains("already been taken") && why(&refused).contains("leave it to Procore"), "{refused:?}");
        }
        desk.push(&cors).into_new_event().finished().await;
        desk.assert_once(&cors).await;
        desk.assert_done().await;
    }

    async fn costs_that_must_be_numbers_are(store: Store) {
        let desk = Desk::on(store).await;
        desk.world.procore.switches(|s| s.cost_wants_numbers = true);
        let cors = desk.mechanical(&[9, 10]);
        desk.push(&cors[..1]).line_items().into_new_event().finished().await;
        desk.push(&cors[1..]).line_items().into_event("002").finished().await;
        let sent = desk.sent(1).await;
        desk.push(&sent).sent().into_new_event().finished().await;
        desk.assert_once(&cors).await;
        desk.assert_once(&sent).await;
        desk.assert_done().await;
    }

    async fn where_our_reference_is_refused_the_marks_serve_alone(store: Store) {
        let desk = Desk::on(store).await;
        desk.world.procore.switches(|s| s.external_data_refused = true);
        let cors = desk.mechanical(&[9, 10]);
        desk.push(&cors).into_new_event().finished().await;
        desk.assert_once(&cors).await;
        let calls = desk.calls();
        assert_eq!(calls.iter().filter(|c| c.starts_with("POST")).count(), 2, "{calls:?}");

        // And a lost answer is found by them.
        let next = desk.mechanical(&[11]);
        desk.push(&next).into_new_event().confirmed().await.unwrap();
        desk.world.procore.fault(emulator::Fault::next("POST", crate::desk::EVENTS, emulator::FaultKind::DropAfter).after(1));
        let before = desk.events_in_procore();
        desk.work_through().await;
        assert_eq!(desk.events_in_procore(), before + 1);
        desk.assert_once(&next).await;
        desk.assert_done().await;
    }

    async fn one_who_may_not_write_is_told_what_is_needed(store: Store) {
        let desk = Desk::on(store).await;
        for (cor, to) in [(9, None), (10, Some("002"))] {
            let cors = desk.mechanical(&[cor]);
            let wizard = desk.push(&cors);
            let wizard = match to { Some(number) => wizard.into_event(number), None => wizard.into_new_event() };
            level(&desk, emulator::world::Level::Admin);
            let push = wizard.confirmed().await.unwrap();
            level(&desk, emulator::world::Level::ReadOnly);
            desk.work().await;
            let refused = desk.outcome(push, cors[0]).await;
            assert!(why(&refused).contains("Standard permission on Change Events"), "{refused:?}");
            level(&desk, emulator::world::Level::Admin);
            wizard.finished().await;
            desk.assert_once(&cors).await;
        }
        desk.assert_done().await;
    }

    async fn an_event_deleted_in_the_very_moment_is_told(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[9]);
        let push = desk.push(&cors).into_event("002").confirmed().await.unwrap();
        let worker = desk.worker();
        let pass = desk.carry(&worker, 2).await;
        let (event, now) = (desk.event("002"), desk.app.now());
        desk.world.procore.world(|w| w.change_events.get_mut(&event).unwrap().deleted_at = Some(now));
        let pass = pass.advance().await.unwrap().unwrap();
        assert!(pass.advance().await.unwrap().is_none());
        assert!(why(&desk.outcome(push, cors[0]).await).contains("doesn't show this Change Event"));
        desk.push(&cors).into_new_event().finished().await;
        desk.assert_once(&cors).await;
        desk.assert_done().await;
    }

    async fn an_event_deleted_before_the_look_is_told_and_not_made_again(store: Store) {
        let desk = Desk::on(store).await;
        for (cor, method) in [(9, "PATCH"), (10, "POST")] {
            let cors = desk.mechanical(&[cor]);
            let wizard = desk.push(&cors);
            let wizard = if method == "POST" { wizard.into_new_event() } else { wizard.into_event("002") };
            let push = wizard.confirmed().await.unwrap();
            desk.fault(method, emulator::FaultKind::DropAfter);
            desk.work().await;
            let (event, now) = (desk.lines_of(cors[0]).await[0].0, desk.app.now());
            desk.world.procore.world(|w| w.change_events.get_mut(&event).unwrap().deleted_at = Some(now));
            desk.work_through().await;
            assert!(matches!(desk.outcome(push, cors[0]).await, CorOutcome::Changed { .. }), "{method}");
            assert!(desk.lines_of(cors[0]).await.is_empty(), "not made again unasked");
            // Asked for once more, it goes into another.
            desk.push(&cors).into_new_event().finished().await;
            desk.assert_once(&cors).await;
        }
        desk.assert_done().await;
    }

    async fn a_list_that_cannot_be_read_just_now_does_not_mean_that_nothing_may_be_seen(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[9]);
        let push = desk.push(&cors).into_event("002").confirmed().await.unwrap();
        desk.fault("PATCH", FaultKind::DropAfter);
        desk.work().await;
        let (event, now) = (desk.lines_of(cors[0]).await[0].0, desk.app.now());
        desk.world.procore.world(|w| w.change_events.get_mut(&event).unwrap().deleted_at = Some(now));
        // Its id finds nothing any more, and the list that tells why doesn't come at first.
        let busy = FaultKind::Status { status: 429, retry_after: Some(20), executed: false };
        let list = Matcher { method: Some("GET".into()), path: Some(EVENTS.into()), skip: 1, times: None };
        desk.world.procore.fault(Fault { matcher: list, kind: busy });
        desk.world.advance(600);
        desk.work().await;
        let waiting = desk.stored(push).await;
        assert!(matches!(waiting.state, PushState::Uncertain { .. }), "{:?}", waiting.state);
        assert!(waiting.batches[0].left_unread, "the next pass waits for its turn");
        desk.work_through().await;
        assert!(why(&desk.outcome(push, cors[0]).await).contains("somebody deleted it"));
        desk.assert_done().await;
    }

    async fn a_refusal_that_cannot_be_looked_into_yet_is_looked_into_later(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[9]);
        let push = desk.push(&cors).into_event("002").confirmed().await.unwrap();
        desk.fault("PATCH", FaultKind::Status { status: 422, retry_after: None, executed: true });
        let busy = FaultKind::Status { status: 429, retry_after: Some(20), executed: false };
        let look = Matcher { method: Some("GET".into()), path: Some(EVENTS.into()), skip: 1, times: None };
        desk.world.procore.fault(Fault { matcher: look, kind: busy });
        desk.work().await;
        let waiting = desk.stored(push).await;
        assert!(matches!(waiting.state, PushState::Uncertain { .. }), "{:?}", waiting.state);
        assert!(waiting.batches[0].left_unread);
        desk.work_through().await;
        assert_eq!(desk.outcome(push, cors[0]).await, CorOutcome::Written, "it is there, whatever was answered");
        desk.assert_once(&cors).await;
        assert_eq!(desk.calls().iter().filter(|call| call.starts_with("PATCH")).count(), 1);
        desk.assert_done().await;
    }

    async fn an_event_that_loses_unlisted_lines_is_noticed(store: Store) {
        let desk = Desk::on(store).await;
        desk.world.procore.switches(|s| s.unlisted_lines_dropped = true);
        let cors = desk.mechanical(&[9]);
        desk.push(&cors).into_event("002").done().await;
        let link = desk.link(cors[0]).await;
        assert_eq!(link.state, ProcoreState::ChangedInProcore, "{}", link.reason);
        assert!(link.reason.contains("3 other lines"), "{}", link.reason);
        desk.assert_done().await;
    }
}

fn level(desk: &Desk, level: emulator::world::Level) {
    let login = crate::desk::MANAGER.to_owned();
    desk.world.procore.world(|w| {
        let project_id = w.project_by_number(emulator::seed::HARBOR_POINT).unwrap().id;
        w.act(emulator::WorldAction::SetLevel { project_id, login, level }).unwrap();
    });
}
