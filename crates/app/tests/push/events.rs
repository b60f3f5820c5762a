//! Where a push goes and in how many requests.

use domain::procore::push_state::ProcoreState;
use ledgerboard::integration::reference;

use crate::fixture::{Fixture, sentence};

store::both_databases! {
    async fn a_new_event_is_one_request(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9, 10, 11]);
        fixture.push(&cors).into_new_event().finished().await;
        assert_eq!(fixture.calls(), ["POST events"]);
        fixture.assert_once(&cors).await;
        let number = fixture.event_now(fixture.link(cors[0]).await.event.unwrap()).number;
        assert_eq!(fixture.told(cors[0]).await.len(), 2);
        assert!(fixture.told(cors[0]).await[1].contains(&format!("pushed it to Change Event {number}")));
        fixture.assert_done().await;
    }

    async fn a_description_reaches_procore_as_html_that_reads_as_it_was_typed(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        fixture.push(&cors).into_new_event().described("Per R&D: \u{200B}<b>Bulletin 7</b> &amp; RFI 12").finished().await;
        let event = fixture.event_now(fixture.link(cors[0]).await.event.unwrap());
        let sent = "Per R&D: &lt;b>Bulletin 7&lt;/b> &amp;amp; RFI 12";
        assert_eq!(event.description.as_deref(), Some(sent));
        assert_eq!(event.title.as_deref(), Some("Level 1 coordination"), "a title is plain text");
        fixture.assert_done().await;
    }

    async fn an_existing_event_is_read_and_written_once_for_any_number_of_cors(store: Store) {
        let fixture = Fixture::on(store).await;
        let others = fixture.foreign(fixture.event("002"));
        for cors in [fixture.mechanical(&[9]), fixture.mechanical(&[10, 11, 12])] {
            fixture.push(&cors).into_event("002").line_items().finished().await;
            assert_eq!(fixture.calls(), ["GET event", "PATCH event"]);
            fixture.assert_once(&cors).await;
        }
        assert_eq!(fixture.foreign(fixture.event("002")), others, "what others wrote stays as it was");
        fixture.assert_once(&fixture.mechanical(&[9, 10, 11, 12])).await;
        fixture.assert_done().await;
    }

    async fn a_push_of_more_than_a_thousand_lines_goes_in_chunks_of_whole_cors(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9, 10, 11]);
        for cor in &cors {
            let lines: Vec<_> = (0..400).map(|n| fixture.lump(&format!("Item {n}"), 101 + n)).collect();
            fixture.edit(*cor, |there| *there = lines).await;
        }
        fixture.push(&cors).into_new_event().line_items().finished().await;
        assert_eq!(fixture.calls(), ["POST events", "GET event", "PATCH event"]);
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }

    async fn a_selection_linked_to_two_events_becomes_two_pushes(store: Store) {
        let fixture = Fixture::on(store).await;
        let (one, two) = (fixture.mechanical(&[9]), fixture.mechanical(&[10]));
        fixture.push(&one).into_event("001").finished().await;
        fixture.push(&two).into_event("002").finished().await;
        fixture.calls();
        let both = [one[0], two[0]];
        for cor in both {
            fixture.edit(cor, |lines| lines.push(fixture.lump("More", 1234))).await;
        }
        let wizard = fixture.push(&both);
        for draft in wizard.drafts().await.unwrap() {
            wizard.planned_in(draft).await.unwrap();
            ledgerboard::push::confirm(&fixture.app, fixture.actor(), draft, None).await.unwrap();
        }
        fixture.work().await;
        fixture.assert_once(&both).await;
        assert_eq!(fixture.link(one[0]).await.event, Some(fixture.event("001")));
        assert_eq!(fixture.link(two[0]).await.event, Some(fixture.event("002")));
        fixture.assert_done().await;
    }

    async fn a_linked_cor_cannot_go_to_another_event(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        fixture.push(&cors).into_event("001").finished().await;
        let why = sentence(fixture.push(&cors).into_event("002").planned().await);
        assert!(why.contains("is already in CE 001"), "{why}");
        let why = sentence(fixture.push(&cors).into_new_event().planned().await);
        assert!(why.contains("is already in CE 001"), "{why}");
    }

    async fn sent_cors_write_revenue_and_the_prime_contract(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.sent(2).await;
        fixture.push(&cors[..1]).sent().into_new_event().finished().await;
        assert_eq!(fixture.calls(), ["POST events"]);
        fixture.assert_once(&cors[..1]).await;
        let event = fixture.event_now(fixture.link(cors[0]).await.event.unwrap());
        assert_eq!(event.prime_contract_id, Some(fixture.data.prime_contracts[0].id));
        assert!(event.items.iter().all(|i| i.cost.amount.is_zero() && i.contract_id.is_none()));

        // An event that has none is given one; the lines of cost beside it stay.
        let others = fixture.foreign(fixture.event("002"));
        fixture.push(&cors[1..]).sent().into_event("002").finished().await;
        fixture.assert_once(&cors).await;
        assert_eq!(fixture.foreign(fixture.event("002")), others);
        assert_eq!(fixture.event_now(fixture.event("002")).prime_contract_id, event.prime_contract_id);
        fixture.assert_done().await;
    }

    async fn another_prime_contract_there_is_never_changed_and_no_reason_to_refuse(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.sent(2).await;
        let event = fixture.event("002");
        let other = fixture.world.procore.world(|w| {
            let mut prime = w.prime_contracts[&fixture.data.prime_contracts[0].id].clone();
            (prime.id, prime.number) = (w.new_id(), "PC-002".into());
            let id = prime.id;
            w.prime_contracts.insert(id, prime);
            id
        });
        // Chosen there after the plan was made, which would have set the other one.
        let push = fixture.push(&cors[..1]).sent().into_event("002").confirmed().await.unwrap();
        fixture.world.procore.world(|w| w.change_events.get_mut(&event).unwrap().prime_contract_id = Some(other));
        fixture.work().await;
        assert!(fixture.stored(push).await.state.is_at_rest());
        fixture.assert_once(&cors[..1]).await;
        assert_eq!(fixture.event_now(event).prime_contract_id, Some(other));
        // Chosen there before: the plan says whose markup it is.
        let (_, shown) = fixture.push(&cors[1..]).sent().into_event("002").planned().await.unwrap();
        let (warns, says) = shown.markup().unwrap().sentence().unwrap();
        assert!(!warns && says.contains("PC-002"), "{says}");
        fixture.push(&cors[1..]).sent().into_event("002").finished().await;
        fixture.assert_once(&cors).await;
        assert_eq!(fixture.event_now(event).prime_contract_id, Some(other));
        fixture.assert_done().await;
    }

    async fn none_is_a_budget_code_that_is_offered_nowhere_and_counted_as_no_change(store: Store) {
        let fixture = Fixture::on(store).await;
        for none_is_a_code in [true, false] {
            fixture.world.procore.switches(|switches| switches.none_is_a_code = none_is_a_code);
            let data = reference::refresh(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
            assert_eq!(data.budget_codes.len(), 67);
            assert!(data.budget_codes.iter().all(|code| !code.code.trim().is_empty()));
            let cors = fixture.mechanical(if none_is_a_code { &[9] } else { &[10] });
            fixture.push(&cors).into_event("002").finished().await;
            fixture.later(200).await;
            fixture.assert_once(&cors).await;
            // Taken away there, the code is missing, and the page says so.
            let line = fixture.ids(cors[0]).await[0];
            fixture.in_procore(|w| w.edit_line(line, |line| line.wbs_code_id = None).unwrap());
            fixture.later(900).await;
            assert_eq!(fixture.state(cors[0]).await, ProcoreState::LineChanged);
            let (_, shown) = fixture.push(&cors).planned().await.unwrap();
            assert_eq!(shown.order.plan.writes(), 1, "it is put back");
            fixture.push(&cors).finished().await;
            fixture.assert_once(&cors).await;
        }
    }
}
