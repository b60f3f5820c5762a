//! One odd record of Procore's stands in nobody's way: it is told of by itself, and everything else goes on.

use domain::procore::{
    preflight::{Level, PreflightCheck},
    push_state::{CorOutcome, ProcoreState, PushState},
    reconciliation::Category,
};
use emulator::{FaultKind, Silence, WorldAction};
use ledgerboard::{
    integration::{change_events, connect, project_mapping, reference},
    push::{self, ChosenEvent},
    reconciliation,
};
use serde_json::{Value, json};
use sync::Listener;

use crate::{
    fixture::{Fixture, sentence},
    record_pages::Reader,
};

const QUARTER: i64 = 15 * 60;

impl Fixture {
    /// From now on Procore shows a record with these fields.
    pub fn oddly(&self, id: i64, fields: Value) {
        let Value::Object(fields) = fields else { panic!("fields are an object") };
        self.world.procore.world(|w| w.act(WorldAction::ShowOddly { id, fields })).unwrap();
    }

    /// The record is as documented again, and was changed by that.
    pub fn straight(&self, id: i64) {
        self.in_procore(|w| {
            w.oddities.remove(&id);
            let at = w.epoch;
            if let Some(event) = w.change_events.get_mut(&id) {
                event.updated_at = at;
            }
        });
    }
}

store::both_databases! {
    async fn an_event_that_cannot_be_read_is_told_of_and_the_others_go_on(store: Store) {
        let fixture = Fixture::on(store).await;
        let (odd, nameless) = (fixture.event("003"), fixture.event("004"));
        fixture.oddly(odd, json!({ "status": null }));
        fixture.oddly(nameless, json!({ "id": "ninety" }));
        change_events::refresh(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
        let list = change_events::list(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
        let trouble = |number: &str| list.events.iter().find(|event| event.number == number).unwrap().trouble.clone();
        assert_eq!((trouble("002").as_str(), trouble("003").as_str()), ("", "status is null"));
        assert_eq!(list.nameless.len(), 1);
        assert!(list.nameless[0].ends_with("could not be read: id is a text that does not fit"), "{:?}", list.nameless);
        assert!(list.events.iter().any(|event| event.number == "004" && !event.gone), "it may be the one without an id");

        // The page shows it where it would be looked for, and does not let it be chosen.
        let draft = fixture.push(&fixture.mechanical(&[9])).drafts().await.unwrap()[0];
        let reader = Reader::of(&fixture, fixture.actor()).await;
        let (status, page) = reader.read(&format!("/push/{draft}/event")).await;
        assert_eq!(status, 200);
        assert!(page.contains("It could not be read: status is null. Correct it in Procore."), "{page}");
        assert!(page.contains("could not be read: id is a text that does not fit"), "{page}");
        let choice = ChosenEvent::existing(odd);
        let why = sentence(push::choose_event(&fixture.app, fixture.actor(), draft, choice).await);
        assert!(why.contains("could not be read: status is null"), "{why}");

        fixture.push(&fixture.mechanical(&[9])).into_event("002").finished().await;
        fixture.assert_once(&fixture.mechanical(&[9])).await;
        fixture.straight(odd);
        change_events::refresh(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
        fixture.push(&fixture.mechanical(&[10])).into_event("003").finished().await;
        fixture.assert_once(&fixture.mechanical(&[10])).await;
    }

    async fn an_event_that_becomes_odd_after_it_was_chosen_is_told_of_at_the_plan(store: Store) {
        let fixture = Fixture::on(store).await;
        let wizard = fixture.push(&fixture.mechanical(&[9])).into_event("003");
        let (draft, _) = wizard.planned().await.unwrap();
        fixture.oddly(fixture.event("003"), json!({ "status": null }));
        let why = sentence(push::plan(&fixture.app, fixture.actor(), draft).await);
        assert!(why.contains("could not be read: status is null. Correct it in Procore"), "{why}");
        let list = change_events::list(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
        assert!(list.events.iter().any(|event| event.number == "003" && event.trouble == "status is null"));
    }

    async fn an_odd_event_stops_the_comparison_of_no_other(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9, 10]);
        fixture.push(&cors[..1]).into_event("002").finished().await;
        fixture.push(&cors[1..]).into_event("003").finished().await;
        fixture.later(200).await;
        let line = fixture.ids(cors[1]).await[0];
        let odd = [
            (json!({ "status": null }), ProcoreState::EventUnreadable),
            (json!({ "change_items": [{ "description": "no id" }] }), ProcoreState::EventUnreadable),
            // What is odd and nothing that we need is read over.
            (json!({ "scope": "half_in_scope", "change_type": "odd", "currency_configuration": 7 }), ProcoreState::UpToDate),
        ];
        for (turn, (fields, state)) in odd.into_iter().enumerate() {
            let what = fields.to_string();
            fixture.oddly(fixture.event("002"), fields);
            fixture.in_procore(|w| w.edit_line(line, |line| line.cost.amount += rust_decimal::Decimal::ONE).unwrap());
            let told = fixture.told(cors[1]).await.len();
            for wait in [QUARTER, 86_400] {
                fixture.later(wait).await;
                assert_eq!(fixture.state(cors[0]).await, state, "{what}");
                assert_eq!(fixture.state(cors[1]).await, ProcoreState::LineChanged, "{what}");
            }
            assert!(fixture.told(cors[1]).await.len() > told, "turn {turn}: the other was compared");
            if state == ProcoreState::EventUnreadable {
                let said = fixture.told(cors[0]).await;
                let times = said.iter().filter(|text| text.contains("could not be read")).count();
                assert_eq!(times, turn + 1, "told once each time: {said:?}");
                let report = reconciliation::read(&fixture.app, fixture.actor(), reconciliation::SignedScope::Project(fixture.made.project)).await.unwrap();
                let rows = report.report.sections.iter().flat_map(|section| &section.cors);
                let row = rows.clone().find(|row| row.cor == cors[0]).unwrap();
                assert_eq!(row.category, Category::AmountDiffers, "what it holds is not known");
            }
            fixture.straight(fixture.event("002"));
            fixture.later(QUARTER).await;
            assert_eq!(fixture.state(cors[0]).await, ProcoreState::UpToDate, "{what}");
        }
    }

    async fn a_new_event_that_cannot_be_read_is_not_made_twice(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        let before = fixture.events_in_procore();
        fixture.fault("POST", FaultKind::ExecuteLate { after_seconds: 1, silence: Silence::Close });
        let asked = fixture.push(&cors).into_new_event().confirmed().await.unwrap();
        fixture.work().await;
        fixture.world.advance(2);
        assert_eq!(fixture.world.procore.run_late(), 1);
        let made = fixture.world.procore.world(|w| *w.change_events.keys().next_back().unwrap());
        fixture.oddly(made, json!({ "status": null }));
        fixture.work_through().await;
        let push = fixture.stored(asked).await;
        let PushState::Stopped { why, .. } = &push.state else { panic!("{:?}", push.state) };
        assert!(why.contains("could not be read: status is null"), "{why}");
        assert_eq!(fixture.events_in_procore(), before + 1);
        fixture.straight(made);
        push::try_again(&fixture.app, fixture.actor(), asked).await.unwrap();
        fixture.work_through().await;
        fixture.assert_once(&cors).await;
        assert_eq!(fixture.events_in_procore(), before + 1);
    }

    async fn a_deleted_event_that_cannot_be_read_is_asked_about_at_once(store: Store) {
        let fixture = Fixture::on(store).await;
        for (n, number, fields, sent) in [
            (9, "003", json!({ "status": null }), false),
            (10, "004", json!({ "status": null }), true),
            (11, "002", json!({ "id": "ninety" }), true),
        ] {
            let (cors, event, what) = (fixture.mechanical(&[n]), fixture.event(number), fields.to_string());
            let asked = fixture.push(&cors).into_event(number).confirmed().await.unwrap();
            if sent {
                fixture.fault("PATCH", FaultKind::DropAfter);
                fixture.work().await;
            }
            fixture.oddly(event, fields);
            fixture.in_procore(|w| w.change_events.get_mut(&event).unwrap().deleted_at = Some(w.epoch));
            fixture.world.procore.clear_journal();
            fixture.work_through().await;
            let push = fixture.stored(asked).await;
            let PushState::Stopped { why, .. } = &push.state else { panic!("{what}: {:?}", push.state) };
            assert!(why.contains("could not be read"), "{what}: {why}");
            assert!(fixture.world.procore.journal().len() <= 4, "{what}: it is not asked for twelve hours");
            fixture.straight(event);
            push::try_again(&fixture.app, fixture.actor(), asked).await.unwrap();
            fixture.work_through().await;
            let CorOutcome::Changed { why } = fixture.outcome(asked, cors[0]).await else { panic!("{what}: it is deleted") };
            assert!(why.contains("deleted it"), "{what}: {why}");
        }
    }

    async fn odd_reference_data_is_shown_and_the_rest_can_be_chosen(store: Store) {
        let fixture = Fixture::on(store).await;
        let code = fixture.code("23-2113.L");
        let contract = fixture.commitment("SC-23-007");
        let (status, kind) = (fixture.data.statuses[1].id, fixture.data.types[0].id);
        fixture.oddly(code, json!({ "id": "x" }));
        fixture.oddly(contract, json!({ "id": null }));
        fixture.oddly(status, json!({ "id": [] }));
        fixture.oddly(kind, json!({ "id": 0.5 }));
        let data = reference::refresh(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
        assert_eq!(data.budget_codes.len() + 1, fixture.data.budget_codes.len());
        assert_eq!(data.commitments.len() + 1, fixture.data.commitments.len());
        assert_eq!(data.statuses.len() + 1, fixture.data.statuses.len());
        let lists: Vec<_> = data.unread.iter().map(|record| record.list.code()).collect();
        assert_eq!(lists, ["statuses", "types", "budget_codes", "commitments"]);
        let draft = fixture.push(&fixture.mechanical(&[9])).drafts().await.unwrap()[0];
        let reader = Reader::of(&fixture, fixture.actor()).await;
        let (_, page) = reader.read(&format!("/push/{draft}/event")).await;
        let unread = &data.unread.iter().find(|record| record.list.code() == "statuses").unwrap().why;
        assert!(page.contains(unread.as_str()), "{unread} in {page}");
    }

    async fn a_chosen_contract_that_cannot_be_read_is_neither_called_gone_nor_in_force(store: Store) {
        let fixture = Fixture::on(store).await;
        let contract = fixture.commitment("SC-23-007");
        fixture.oddly(contract, json!({ "id": null }));
        let cors = fixture.mechanical(&[9]);
        // By its id, and among the others of its list where Procore doesn't show it by its id.
        for shown_by_id in [true, false] {
            if !shown_by_id {
                let hidden = FaultKind::Status { status: 404, retry_after: None, executed: false };
                fixture.world.procore.fault(emulator::Fault::next("GET", &format!("commitments/{contract}"), hidden));
            }
            let (_, shown) = fixture.push(&cors).into_new_event().planned().await.unwrap();
            let found = shown.preflight.iter().find(|finding| finding.check == PreflightCheck::Contract).unwrap();
            assert_eq!(found.level, Level::Unknown, "{found:?}");
            assert!(found.says.contains("could not be read: id"), "{found:?}");
        }
    }

    async fn odd_accounts_projects_and_hooks_stand_in_nobodys_way(store: Store) {
        let fixture = Fixture::on(store).await;
        let whitfield = emulator::seed::WHITFIELD;
        let projects = project_mapping::choices(&fixture.app, fixture.actor(), whitfield).await.unwrap();
        assert!(projects.unread.is_empty());
        fixture.oddly(projects.choices[0].id, json!({ "id": "x" }));
        let odd = project_mapping::choices(&fixture.app, fixture.actor(), whitfield).await.unwrap();
        assert_eq!(odd.choices.len() + 1, projects.choices.len());
        assert!(odd.unread[0].contains("could not be read: id is a text that does not fit"), "{:?}", odd.unread);
        let accounts = connect::accounts(&fixture.app, &fixture.made.owner).await.unwrap();
        let other = accounts.choices.iter().find(|account| account.id != whitfield).unwrap().id;
        fixture.oddly(other, json!({ "id": {} }));
        let odd = connect::accounts(&fixture.app, &fixture.made.owner).await.unwrap();
        assert_eq!((odd.choices.len() + 1, odd.unread.len()), (accounts.choices.len(), 1));

        Listener::new(&fixture.app).run_until_idle().await.unwrap();
        let hooks = fixture.world.procore.hooks();
        assert_eq!(hooks.len(), 1);
        fixture.oddly(hooks[0].id, json!({ "id": null }));
        fixture.world.clock.advance(jiff::SignedDuration::from_hours(25));
        Listener::new(&fixture.app).run_until_idle().await.unwrap();
        assert_eq!(fixture.world.procore.hooks().len(), 1, "no second one is made");
    }
}
