//! What the wizard asks of Procore before anything is pushed.

use std::collections::BTreeMap;

use domain::Money;
use emulator::FaultKind;
use ledgerboard::{
    integration::{map_project, reference},
    push::copy::{choices, plan},
};

use crate::{
    fixture::{Fixture, sentence},
    record_pages::Reader,
};

store::sqlite_only! {
    async fn a_cold_wizard_reads_each_kind_of_reference_once_and_a_warm_one_none(store: Store) {
        let fixture = Fixture::on(store).await;
        // Mapped anew, so that nothing is known.
        let app = &fixture.app;
        let harbor = fixture.world.procore.world(|w| w.project_by_number(emulator::seed::HARBOR_POINT).unwrap().id);
        map_project::unmap(app, fixture.actor(), fixture.made.project).await.unwrap();
        let to = map_project::MapTo::project(harbor).kept_in(domain::Currency::Usd);
        map_project::map(app, fixture.actor(), fixture.made.project, to).await.unwrap();
        fixture.calls();
        reference::get(app, fixture.actor(), fixture.made.project).await.unwrap();
        let cold = fixture.calls();
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        for call in &cold {
            *kinds.entry(call.as_str()).or_default() += 1;
        }
        assert_eq!(kinds.len(), 7, "statuses, types, reasons, budget codes, both contracts, vendors: {cold:?}");
        assert!(kinds.values().all(|times| *times == 1), "{cold:?}");

        let cors = fixture.mechanical(&[9]);
        // Before the click: what the person may do, before anybody codes a line; the contract as it is now, since the list's
        // word may be an hour old; and an event twice, when it is chosen and when the plan is made of it.
        fixture.push(&cors).into_new_event().planned().await.unwrap();
        assert_eq!(fixture.calls(), ["GET /rest/v1.0/settings/permissions", "GET commitment"], "what the person may do, once");
        fixture.push(&cors).into_new_event().planned().await.unwrap();
        assert_eq!(fixture.calls(), ["GET commitment"]);
        ledgerboard::integration::change_events::refresh(app, fixture.actor(), fixture.made.project).await.unwrap();
        assert_eq!(fixture.calls(), ["GET events"]);
        fixture.push(&cors).into_event("002").planned().await.unwrap();
        assert_eq!(fixture.calls(), ["GET event", "GET event", "GET commitment"]);
    }

    async fn a_push_that_was_left_is_offered_again(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9, 10]);
        let reader = Reader::of(&fixture, fixture.actor()).await;
        let log = format!("/projects/{}/log/received", fixture.made.project);
        // Nothing was chosen in the first.
        fixture.push(&cors).drafts().await.unwrap();
        assert!(!reader.read(&log).await.1.contains(choices::GO_ON));
        let (draft, _) = fixture.push(&cors).into_event("002").planned().await.unwrap();
        let on = format!("<a href=\"/push/{draft}\">{}</a>", choices::GO_ON);
        let page = reader.read(&log).await.1;
        assert!(page.contains(&choices::left(2)) && page.contains(&on), "{page}");
        // The same CORs again: what was chosen for them is one click away. Of others nothing is said.
        let again = fixture.push(&cors).drafts().await.unwrap()[0];
        let page = reader.read(&format!("/push/{again}/event")).await.1;
        assert!(page.contains(choices::LEFT_BEFORE) && page.contains(&on), "{page}");
        let other = fixture.push(&cors[..1]).drafts().await.unwrap()[0];
        assert!(!reader.read(&format!("/push/{other}/event")).await.1.contains(choices::LEFT_BEFORE));
        // It is nobody else's.
        let colleague = Reader::of(&fixture, &fixture.made.owner).await;
        assert!(!colleague.read(&log).await.1.contains(choices::GO_ON));
        assert_eq!(reader.post(&format!("/push/{draft}/discard"), &[]).await, 303);
        assert!(!reader.read(&log).await.1.contains(choices::GO_ON));
        assert_eq!(reader.read(&format!("/push/{draft}")).await.0, 404);
        // What was pushed meanwhile is not to be gone on with.
        fixture.push(&cors).into_event("002").planned().await.unwrap();
        fixture.push(&cors).into_event("002").finished().await;
        assert!(!reader.read(&log).await.1.contains(choices::GO_ON));
    }

    async fn the_first_step_proposes_a_title_and_searches_only_where_there_is_a_choice(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9, 10, 11]);
        let reader = Reader::of(&fixture, fixture.actor()).await;
        let draft = fixture.push(&cors).drafts().await.unwrap()[0];
        let opened = ledgerboard::push::open(&fixture.app, fixture.actor(), draft).await.unwrap();
        let title = ledgerboard::push::choose_event::title_of(&opened.cors);
        assert!(title.ends_with(" and 2 more") && title.starts_with(&opened.cors[0].title), "{title}");
        let page = reader.read(&format!("/push/{draft}/event")).await.1.replace("&#34;", "\"").replace("&#39;", "'");
        assert!(page.contains(&format!("value=\"{title}\"")) && page.contains("id=\"event-search\""), "{page}");
        fixture.push(&cors).into_event("002").finished().await;
        let tied = fixture.push(&cors).drafts().await.unwrap()[0];
        let page = reader.read(&format!("/push/{tied}/event")).await.1;
        assert!(page.contains("CE 002") && !page.contains("id=\"event-search\""), "{page}");
    }

    async fn a_step_stays_while_procore_is_away(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        let reader = Reader::of(&fixture, fixture.actor()).await;
        let away = [
            FaultKind::Refuse,
            FaultKind::Status { status: 503, retry_after: None, executed: false },
            FaultKind::Status { status: 500, retry_after: None, executed: false },
        ];
        let (draft, _) = fixture.push(&cors).into_event("002").planned().await.unwrap();
        let url = format!("/push/{draft}/review");
        let again = format!("href=\"{url}\">{}</a>", plan::TRY_AGAIN);
        for kind in away {
            // Reads are tried more than once.
            for _ in 0..8 {
                fixture.fault("GET", kind.clone());
            }
            let (status, page) = reader.read(&url).await;
            assert!(status == 200 && page.contains(plan::KEPT) && page.contains(&again), "{kind:?}: {status} {page}");
            fixture.world.procore.clear_faults();
            let (status, page) = reader.read(&url).await;
            assert!(status == 200 && !page.contains(plan::KEPT), "{kind:?}: {page}");
        }
        // The first step keeps what was chosen.
        let draft = fixture.push(&cors).drafts().await.unwrap()[0];
        for _ in 0..8 {
            fixture.fault("GET", FaultKind::Refuse);
        }
        let event = fixture.event("002").to_string();
        let status = reader.post(&format!("/push/{draft}/event"), &[("event", &event)]).await;
        assert!(status < 500, "{status}");
    }

    async fn a_second_window_says_what_the_first_one_chose(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        let reader = Reader::of(&fixture, fixture.actor()).await;
        let draft = fixture.push(&cors).drafts().await.unwrap()[0];
        let (step, lines) = (format!("/push/{draft}/event"), format!("/push/{draft}/lines"));
        let (two, three) = (fixture.event("002").to_string(), fixture.event("003").to_string());
        assert!(reader.read(&step).await.1.contains("name=\"target\" value=\"\""));
        // Two windows on the same step: the first goes into 002, the second into 008.
        let (_, page, at) = reader.walk(&step, Some(&[("target", ""), ("event", &two)])).await;
        assert!(at == lines && page.contains(&format!("name=\"target\" value=\"{two}\"")), "{at} {page}");
        let (status, page, at) = reader.walk(&step, Some(&[("target", ""), ("event", &three)])).await;
        let said = choices::chosen_elsewhere("CE 002 · ");
        let said = said.split(" · ").next().unwrap();
        assert!(status == 200 && at == lines && page.contains(said), "{at} {page}");
        // The same choice twice is no news. Whoever sees what was chosen may choose another.
        let (_, page, at) = reader.walk(&step, Some(&[("target", ""), ("event", &two)])).await;
        assert!(at == lines && !page.contains("Another window"), "{page}");
        let (_, page, at) = reader.walk(&step, Some(&[("target", &two), ("event", &three)])).await;
        assert!(at == lines && !page.contains("Another window"), "{page}");
        // The first window codes lines for 002: they are kept, and it learns where they go.
        let (contract, of) = (fixture.commitment("SC-23-007").to_string(), format!("contract.{}", cors[0]));
        let form = [("target", two.as_str()), ("do", "next"), ("detail", "lump_sum"), (&of, &contract)];
        let (_, page, at) = reader.walk(&lines, Some(&form)).await;
        assert!(at == lines && page.contains("Another window chose CE 003"), "{page}");
        let opened = ledgerboard::push::open(&fixture.app, fixture.actor(), draft).await.unwrap();
        assert_eq!(opened.body.contracts[&cors[0]].to_string(), contract);

        // Two wizards of the same CORs: once one is pushed, the other says so and goes on as an update of the same event.
        let (other, shown) = fixture.push(&cors).into_event("003").line_items().planned().await.unwrap();
        fixture.push(&cors).into_event("002").line_items().finished().await;
        let plan = ledgerboard::push::draft::version(&shown.order);
        let form = [("do", "push"), ("plan", plan.as_str())];
        let (status, page, at) = reader.walk(&format!("/push/{other}/review"), Some(&form)).await;
        assert!(status == 200 && at.ends_with("/event") && page.contains(choices::PUSHED_ELSEWHERE), "{at} {page}");
        assert!(page.contains("already in CE 002"), "{page}");
        let event = format!("/push/{other}/event");
        let (status, page, _) = reader.walk(&event, Some(&[("target", &three), ("event", &three)])).await;
        assert!(status == 422 && page.contains("already in CE 002"), "{page}");
        let (status, page, at) = reader.walk(&event, Some(&[("target", ""), ("event", &two)])).await;
        assert!(status == 200 && at.ends_with("/lines"), "{at} {page}");

        // A window that is left open on a step of a confirmed push leads to its result.
        let (draft, shown) = fixture.push(&fixture.mechanical(&[10])).into_event("002").line_items().planned().await.unwrap();
        ledgerboard::push::confirm(&fixture.app, fixture.actor(), draft, Some(ledgerboard::push::draft::version(&shown.order))).await.unwrap();
        for (step, form) in [("event", [("event", two.as_str())]), ("lines", [("do", "next")]), ("review", [("do", "answer")])] {
            let (status, page, at) = reader.walk(&format!("/push/{draft}/{step}"), Some(&form)).await;
            assert!(status == 200 && at.ends_with("/result") && page.contains(choices::CONFIRMED_ELSEWHERE), "{step} {at}");
        }
    }

    async fn a_push_from_a_notification_leads_back_to_it(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        let reader = Reader::of(&fixture, fixture.actor()).await;
        let asked = "0191f5a2-7c1e-7c52-8a34-2f6d1e9b0c11";
        let begin = format!("/push?project={}&side=received&notification={asked}", fixture.made.project);
        let cor = cors[0].to_string();
        let (_, page, at) = reader.walk(&begin, Some(&[("cor", &cor)])).await;
        let back = format!("href=\"/change-notifications/{asked}\"");
        assert!(page.contains(choices::BACK_TO_NOTIFICATION) && page.contains(&back), "{at} {page}");
        let draft: domain::DraftId = at.split('/').nth(2).unwrap().parse().unwrap();
        let (_, shown) = fixture.push(&cors).into_event("002").line_items().planned_in(draft).await.unwrap();
        assert!(reader.read(&format!("/push/{draft}/review")).await.1.contains(&back));
        let plan = ledgerboard::push::draft::version(&shown.order);
        let form = [("do", "push"), ("plan", plan.as_str())];
        let (_, page, at) = reader.walk(&format!("/push/{draft}/review"), Some(&form)).await;
        assert!(at.ends_with("/result") && page.contains(choices::BACK_TO_NOTIFICATION) && page.contains(&back), "{page}");
        // A push from the log knows nothing of one; nonsense is none.
        for more in ["", "&notification=https://evil.example"] {
            let begin = format!("/push?project={}&side=received{more}", fixture.made.project);
            let cor = fixture.mechanical(&[10])[0].to_string();
            let (_, page, _) = reader.walk(&begin, Some(&[("cor", &cor)])).await;
            assert!(page.contains("data-wizard") && !page.contains("/change-notifications/0"), "{page}");
            assert!(!page.contains(choices::BACK_TO_NOTIFICATION));
        }
    }

    async fn what_was_chosen_is_suggested_the_next_time(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9, 10]);
        fixture.push(&cors[..1]).into_new_event().line_items().finished().await;
        let drafts = fixture.push(&cors[1..]).drafts().await.unwrap();
        let opened = ledgerboard::push::open(&fixture.app, fixture.actor(), drafts[0]).await.unwrap();
        assert!(opened.body.suggested);
        assert_eq!(opened.body.contracts[&cors[1]], fixture.commitment("SC-23-007"));
        assert!(opened.body.codes.values().all(|code| *code == fixture.code("23-2113.L")));
    }

    async fn a_typed_total_far_from_its_lines_is_seen_on_the_plan(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.mechanical(&[10])[0];
        // 62.00 below its lines is a rounding; a thousand below is none.
        for (off, far) in [(-6_200, false), (-100_000, true)] {
            fixture.type_total(cor, off).await;
            let (draft, shown) = fixture.push(&[cor]).into_new_event().line_items().planned().await.unwrap();
            let lines = fixture.cor(cor).await.price.computed();
            let said = format!("The total was typed: {}. The lines add up to {lines}.", lines + Money::minor(off));
            assert_eq!(shown.rounding_warning(cor), far.then_some(said.clone()));
            let page = Reader::of(&fixture, fixture.actor()).await.read(&format!("/push/{draft}/review")).await.1;
            assert_eq!(page.contains(&said), far, "{page}");
            assert_eq!(page.contains("The typed total is far from the sum of the lines: COR 010."), far, "{page}");
            let page = Reader::of(&fixture, fixture.actor()).await.read(&format!("/cors/{cor}")).await.1;
            assert_eq!(page.contains(&said), far, "{page}");
        }
    }

    async fn only_what_may_be_pushed_is_taken_into_the_wizard(store: Store) {
        let fixture = Fixture::on(store).await;
        for (number, words) in [(3, "A Void COR can't be newly pushed"), (6, "A Void COR can't be newly pushed")] {
            let why = sentence(fixture.push(&fixture.mechanical(&[number])).drafts().await);
            assert!(why.contains(words), "{why}");
        }
        let why = sentence(fixture.push(&[]).drafts().await);
        assert!(why.contains("Select at least one COR"), "{why}");
        // Somebody else's Draft is not even known to be there.
        let drafts = fixture.push(&fixture.mechanical(&[19])).drafts().await;
        assert!(matches!(drafts, Err(ledgerboard::Error::NotFound)), "{drafts:?}");
    }
}
