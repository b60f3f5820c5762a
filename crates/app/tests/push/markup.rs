//! An event's prime contract means Procore's markup on our revenue: optional, never overwritten, never a reason to refuse, and
//! told apart from every amount.

use std::collections::BTreeMap;

use domain::{
    Money,
    procore::{Amount, Side, preflight::Level, push_state::ProcoreState},
};
use emulator::WorldAction;
use ledgerboard::{
    comparison,
    integration::{change_events, reference},
    push, reconciliation,
};

use serde_json::json;

use crate::{
    fixture::Fixture,
    record_pages::{Program, Reader},
};

impl Fixture {
    /// The number of the seeded event that has a prime contract and no revenue.
    pub fn with_prime(&self) -> String {
        self.world.procore.world(|w| {
            let mut events = w.change_events.values();
            events
                .find(|event| {
                    event.prime_contract_id.is_some() && event.items.iter().all(|item| item.revenue.amount.is_zero())
                })
                .unwrap()
                .number
                .clone()
        })
    }

    pub async fn markup_of(&self, event: i64) -> Amount {
        change_events::refresh(&self.app, self.actor(), self.made.project).await.unwrap();
        change_events::one(&self.app, self.actor(), self.made.project, event).await.unwrap().unwrap().markup
    }
}

store::sqlite_only! {
    async fn sent_cors_need_no_prime_contract(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.sent(2).await;
        let wizard = fixture.push(&cors[..1]).sent().without_prime();
        let (draft, shown) = wizard.clone().into_new_event().planned().await.unwrap();
        assert_eq!(shown.markup().unwrap().sentence(), None);
        let reader = Reader::of(&fixture, fixture.actor()).await;
        let (_, page) = reader.read(&format!("/push/{draft}/lines")).await;
        assert!(page.contains(push::copy::choices::NO_PRIME_CONTRACT) && !page.contains("still needs a contract"), "{page}");
        assert!(page.contains("on top of our price"), "the step says what the choice does: {page}");
        wizard.into_new_event().finished().await;
        fixture.push(&cors[1..]).sent().without_prime().into_event("002").finished().await;
        let (_, shown) = fixture.push(&cors[1..]).sent().planned().await.unwrap();
        assert_eq!((shown.order.plan.writes(), shown.markup().unwrap().to_be_set), (0, false), "nothing is sent, and no contract set");
        fixture.assert_once(&cors).await;
        for cor in &cors {
            let event = fixture.event_now(fixture.link(*cor).await.event.unwrap());
            assert_eq!(event.prime_contract_id, None);
            assert!(fixture.markup_of(event.id).await.is_zero());
        }
        fixture.assert_done().await;
    }

    async fn markup_is_told_apart_in_plan_result_comparison_and_reconciliation(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.sent(2).await;
        let number = fixture.with_prime();
        let event = fixture.event(&number);
        let wizard = fixture.push(&cors[..1]).sent().without_prime().into_event(&number);
        let (_, shown) = wizard.planned().await.unwrap();
        let (warns, says) = shown.markup().unwrap().sentence().unwrap();
        assert!(!warns && says.contains("adds estimated markup by the prime contract PC-001"), "{says}");
        let push = wizard.finished().await;
        fixture.assert_once(&cors[..1]).await;
        // 10 % of 1,000.00, which the seeded lines of cost beside it bring nothing to.
        let markup: Amount = Money::minor(10_000).into();
        assert_eq!(fixture.markup_of(event).await, markup);
        let said = "+ markup by Procore 100.00";
        let reader = Reader::of(&fixture, fixture.actor()).await;
        let draft = fixture.stored(push).await.draft.unwrap();
        let (_, page) = reader.read(&format!("/push/{draft}/result")).await;
        assert!(page.contains(said), "{page}");
        let (second, shown) = fixture.push(&cors[1..]).sent().into_event(&number).planned().await.unwrap();
        assert_eq!((shown.markup().unwrap().there, shown.markup().unwrap().to_be_set), (markup, false));
        assert_eq!(shown.order.plan.totals.whole.previous.to_string(), "1,000.00", "in no total");
        let (_, page) = reader.read(&format!("/push/{second}/review")).await;
        assert!(page.contains(said), "{page}");
        comparison::read_now(&fixture.app, fixture.actor(), cors[0]).await.unwrap();
        let (_, page) = reader.read(&format!("/cors/{}/drift", cors[0])).await;
        assert!(page.contains("+ markup by Procore") && page.contains("100.00"), "{page}");
        let report = reconciliation::read(&fixture.app, fixture.actor(), reconciliation::SignedScope::Project(fixture.made.project)).await.unwrap().report;
        for section in &report.sections {
            // With that of the event which was priced before.
            let there = if section.side == Side::Sent { markup + Amount::from(Money::minor(412_500)) } else { Amount::ZERO };
            assert_eq!(section.markup(), there, "{:?}", section.side);
        }
        let (_, page) = reader.read(&format!("/projects/{}/reconciliation?side=sent", fixture.made.project)).await;
        assert!(page.contains("+ markup by Procore 4,225.00"), "{page}");
        assert_eq!(fixture.state(cors[0]).await, ProcoreState::UpToDate);

        // Changed by hand there, it is Procore's all the same, and no drift.
        let edit = WorldAction::EditMarkup { event_id: event, amount: "33.33".parse().unwrap() };
        fixture.in_procore(|w| w.act(edit).unwrap());
        fixture.world.clock.advance(jiff::SignedDuration::from_secs(1));
        assert_eq!(fixture.markup_of(event).await.to_string(), "33.33");
        comparison::read_now(&fixture.app, fixture.actor(), cors[0]).await.unwrap();
        assert_eq!(fixture.state(cors[0]).await, ProcoreState::UpToDate);
        let (_, shown) = fixture.push(&cors[1..]).sent().into_event(&number).planned().await.unwrap();
        let (_, says) = shown.markup().unwrap().sentence().unwrap();
        assert!(says.contains("changed the markup there by hand"), "{says}");
    }

    async fn a_price_with_markup_of_its_own_is_warned_of(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.sent(1).await;
        fixture.edit(cors[0], |lines| lines.push(fixture.lump("Overhead and fee, 10 %", 10_000))).await;
        let wizard = fixture.push(&cors).sent().line_items().into_new_event();
        let (draft, shown) = wizard.planned().await.unwrap();
        let markup = shown.markup().unwrap();
        assert_eq!((markup.ours, markup.to_be_set), (Some(Money::minor(10_000)), true));
        let (warns, says) = markup.sentence().unwrap();
        assert!(warns && says.contains("of its own (100.00): it would be marked up twice"), "{says}");
        let reader = Reader::of(&fixture, fixture.actor()).await;
        let (_, page) = reader.read(&format!("/push/{draft}/review")).await;
        assert!(page.contains("it would be marked up twice"), "{page}");
        // A warning stops nobody, and without a prime contract nothing is marked up.
        let plain = fixture.push(&cors).sent().line_items().without_prime().into_new_event();
        let (other, shown) = plain.planned().await.unwrap();
        let (warns, says) = shown.markup().unwrap().sentence().unwrap();
        assert!(!warns && says.contains("Procore may give a new Change Event a prime contract"), "{says}");
        push::confirm(&fixture.app, fixture.actor(), other, None).await.unwrap();
        fixture.work().await;
        fixture.assert_once(&cors).await;
        assert_eq!(fixture.event_now(fixture.link(cors[0]).await.event.unwrap()).prime_contract_id, None);
    }

    async fn a_contract_for_an_event_that_is_there_marks_up_the_lines_of_others_too(store: Store) {
        let fixture = Fixture::on(store).await;
        fixture.world.procore.switches(|switches| switches.revenue_follows_cost = true);
        let cors = fixture.sent(2).await;
        // One of ours is there without a contract, and somebody gave one of their lines a revenue.
        fixture.push(&cors[..1]).sent().without_prime().into_event("002").finished().await;
        let event = fixture.event("002");
        let theirs = fixture.event_now(event).items[0].id;
        fixture.in_procore(|w| w.edit_line(theirs, |line| line.revenue = emulator::world::Estimate::manual("300".parse().unwrap())).unwrap());
        change_events::refresh(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
        let there = fixture.event_now(event);
        let follows: Amount = there.live_items().filter(|i| i.revenue.amount.is_zero()).map(|i| Amount::of(i.cost.amount)).sum();
        let wizard = fixture.push(&cors[1..]).sent().into_event("002");
        let (draft, shown) = wizard.planned().await.unwrap();
        let markup = shown.markup().unwrap();
        let (lines, revenue) = (there.live_items().count(), follows + Amount::from(Money::minor(130_000)));
        assert_eq!((markup.other_lines, markup.other_revenue, markup.to_be_set), (lines, revenue, true));
        let (warns, says) = markup.sentence().unwrap();
        let said = format!("Procore also marks up {lines} lines outside this push, with revenue of {revenue} now");
        assert!(warns && says.contains(&said), "{says}");
        let reader = Reader::of(&fixture, fixture.actor()).await;
        let (_, page) = reader.read(&format!("/push/{draft}/review")).await;
        assert!(page.contains(&said), "{page}");
        let (_, page) = reader.read(&format!("/push/{draft}/lines")).await;
        assert!(page.contains(&format!("CE 002 has none. If you choose one, Procore also marks up the {lines} lines that are there already, with revenue of {revenue}")), "{page}");
        let program = Program::of(&fixture, fixture.actor()).await;
        let plan = program.call("POST", &format!("/push-drafts/{draft}/plan")).await;
        assert_eq!((&plan["markup"]["other_lines"], &plan["markup"]["warns"]), (&json!(lines), &json!(true)), "{plan}");
        assert!(plan["markup"]["says"].as_str().unwrap().contains(&said), "{plan}");

        // The same without the contract reaches nobody.
        let (_, plain) = fixture.push(&cors[1..]).sent().without_prime().into_event("002").planned().await.unwrap();
        assert_eq!(plain.markup().unwrap().sentence(), None);

        // Page, list and API agree on what the event adds up to, and name what is in no figure.
        let row = change_events::one(&fixture.app, fixture.actor(), fixture.made.project, event).await.unwrap().unwrap();
        let totals = shown.order.plan.totals;
        assert_eq!((totals.whole.previous, totals.following), (row.revenue, row.following));
        assert_eq!((row.revenue, row.following), (Money::minor(130_000).into(), follows));
        let list = program.call("GET", &format!("/projects/{}/procore/change-events", fixture.made.project)).await;
        let listed = list["events"].as_array().unwrap().iter().find(|one| one["number"] == "002").unwrap();
        assert_eq!(listed["revenue"], plan["totals"]["whole"]["previous"], "{plan}");
        assert_eq!(listed["revenue_that_follows_cost"], plan["totals"]["revenue_that_follows_cost"], "{plan}");
        let (_, page) = reader.read(&format!("/push/{draft}/event?q=002")).await;
        assert!(page.contains(&format!("Procore adds {follows}, which follows cost")), "{page}");

        // And once it is over, the markup stands apart on the page and in the API.
        let push = wizard.finished().await;
        fixture.assert_once(&cors).await;
        let markup = Money::minor((130_000 + 104_517 + follows.money().unwrap().in_minor()) / 10);
        let result = program.call("GET", &format!("/pushes/{push}")).await;
        assert!(result["event"]["says"].as_str().unwrap().starts_with(&format!("+ markup by Procore {markup} in the whole")), "{result}");
        comparison::read_now(&fixture.app, fixture.actor(), cors[1]).await.unwrap();
        let compared = program.call("GET", &format!("/cors/{}/procore", cors[1])).await;
        let added = &result["event"]["added_by_procore"];
        assert_eq!((&compared["added_by_procore"], &added["revenue_that_follows_cost"]), (added, &listed["revenue_that_follows_cost"]));
        let report = program.call("GET", &format!("/projects/{}/reconciliation", fixture.made.project)).await;
        let sent = report["sections"].as_array().unwrap().iter().find(|section| section["side"] == "sent").unwrap();
        let row = sent["events"].as_array().unwrap().iter().find(|row| row["number"] == "002").unwrap();
        assert_eq!(&row["added_by_procore"], added, "{row}");
    }

    async fn a_contract_without_markup_is_told_as_such(store: Store) {
        let fixture = Fixture::on(store).await;
        fixture.world.procore.switches(|switches| switches.prime_contract_markup = 0);
        let cors = fixture.sent(2).await;
        fixture.edit(cors[1], |lines| lines.push(fixture.lump("OH&P", 10_000))).await;
        let number = fixture.with_prime();
        let push = fixture.push(&cors[..1]).sent().into_event(&number).finished().await;
        assert!(fixture.markup_of(fixture.event(&number)).await.is_zero());
        let reader = Reader::of(&fixture, fixture.actor()).await;
        let draft = fixture.stored(push).await.draft.unwrap();
        let (_, page) = reader.read(&format!("/push/{draft}/result")).await;
        assert!(!page.contains("markup by Procore"), "{page}");
        let (_, shown) = fixture.push(&cors[1..]).sent().line_items().into_event(&number).planned().await.unwrap();
        let (warns, says) = shown.markup().unwrap().sentence().unwrap();
        assert!(!warns && says.starts_with("Procore adds no markup by"), "{says}");
    }

    async fn a_choice_is_not_suggested_again_and_two_set_none(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.sent(2).await;
        let other = fixture.world.procore.world(|w| {
            let mut prime = w.prime_contracts[&fixture.data.prime_contracts[0].id].clone();
            (prime.id, prime.number) = (w.new_id(), "PC-002".into());
            let id = prime.id;
            w.prime_contracts.insert(id, prime);
            id
        });
        reference::refresh(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
        let (draft, shown) = fixture.push(&cors).sent().into_event("002").planned().await.unwrap();
        assert!(shown.markup().unwrap().contract.is_some_and(|name| name.starts_with("PC-001")), "chosen for both");
        let choices = |contract: Option<i64>| push::ChosenLines {
            contracts: BTreeMap::from([(cors[1], contract.into())]),
            ..push::ChosenLines::in_detail(shown.opened.body.breakdown)
        };
        push::choose_known_lines(&fixture.app, fixture.actor(), draft, choices(Some(other))).await.unwrap();
        let shown = push::plan(&fixture.app, fixture.actor(), draft).await.unwrap();
        let (warns, says) = shown.markup().unwrap().sentence().unwrap();
        assert!(warns && says.contains("this push sets none") && shown.preflight.iter().all(|f| f.level != Level::Stop), "{says}");
        assert_eq!(shown.markup().unwrap().contract, None);
        push::choose_known_lines(&fixture.app, fixture.actor(), draft, choices(None)).await.unwrap();
        let shown = push::plan(&fixture.app, fixture.actor(), draft).await.unwrap();
        assert!(shown.markup().unwrap().to_be_set, "the one that names a contract");
        push::confirm(&fixture.app, fixture.actor(), draft, None).await.unwrap();
        fixture.work().await;
        fixture.assert_once(&cors).await;
        assert_eq!(fixture.event_now(fixture.event("002")).prime_contract_id, Some(fixture.data.prime_contracts[0].id));
        let drafts = push::begin(&fixture.app, fixture.actor(), fixture.made.project, Side::Sent, cors.clone()).await.unwrap();
        let begun = push::open(&fixture.app, fixture.actor(), drafts[0]).await.unwrap();
        assert!(begun.body.contracts.is_empty(), "whether Procore adds markup is decided anew");
    }

    async fn a_prime_contract_that_procore_fills_in_is_its_own_doing(store: Store) {
        let fixture = Fixture::on(store).await;
        fixture.world.procore.switches(|switches| switches.default_prime_contract = true);
        let cors = fixture.sent(1).await;
        let push = fixture.push(&cors).sent().without_prime().into_new_event().finished().await;
        let event = fixture.link(cors[0]).await.event.unwrap();
        assert!(fixture.event_now(event).prime_contract_id.is_some());
        for wait in [200, 900, 86_400] {
            fixture.later(wait).await;
            fixture.assert_once(&cors).await;
        }
        let draft = fixture.stored(push).await.draft.unwrap();
        let (_, page) = Reader::of(&fixture, fixture.actor()).await.read(&format!("/push/{draft}/result")).await;
        assert!(page.contains("+ markup by Procore 100.00"), "{page}");
        assert!(!page.contains("markup of its own"), "{page}");

        // The plan can't know of the contract, and says that it may come: the result says what it means for our price.
        let cors = fixture.sent(1).await;
        fixture.edit(cors[0], |lines| lines.push(fixture.lump("Overhead and fee, 10 %", 10_000))).await;
        let (draft, shown) = fixture.push(&cors).sent().line_items().without_prime().into_new_event().planned().await.unwrap();
        assert!(shown.markup().unwrap().sentence().unwrap().1.contains("of its own accord"));
        push::confirm(&fixture.app, fixture.actor(), draft, None).await.unwrap();
        fixture.work().await;
        fixture.assert_once(&cors).await;
        let (_, page) = Reader::of(&fixture, fixture.actor()).await.read(&format!("/push/{draft}/result")).await;
        assert!(page.contains("+ markup by Procore 110.00") && page.contains("markup of its own (100.00)"), "{page}");
    }
}
