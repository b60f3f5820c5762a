//! Pre-flight: each thing that would stop a push is told before it, with who can mend it, and the remedy shows at once.

use domain::procore::{
    Side,
    preflight::{Correction, Level, PreflightCheck, PreflightFinding, Who},
};
use emulator::{WorldAction, seed::WHITFIELD};
use jiff::SignedDuration;
use ledgerboard::{
    Error,
    integration::{connect, map_project, reference},
    push,
};

use crate::fixture::{Fixture, MANAGER, OWNER, Wizard, sentence};
use crate::record_pages::Reader;

impl Fixture {
    fn act(&self, action: WorldAction) {
        self.world.procore.world(|w| w.act(action)).unwrap();
    }

    fn harbor(&self) -> i64 {
        self.world.procore.world(|w| w.project_by_number(emulator::seed::HARBOR_POINT).unwrap().id)
    }

    fn level(&self, level: emulator::world::Level) {
        self.act(WorldAction::SetLevel { project_id: self.harbor(), login: MANAGER.to_owned(), level });
    }

    /// What Procore said about the person is no longer believed.
    fn forget(&self) {
        self.world.advance(601);
    }
}

fn of(findings: &[PreflightFinding], check: PreflightCheck) -> PreflightFinding {
    findings.iter().find(|finding| finding.check == check).unwrap().clone()
}

/// The plan stops at `check`, says who can mend it, and is not confirmed.
async fn stops(wizard: &Wizard<'_>, check: PreflightCheck, who: Who) -> String {
    let (draft, shown) = wizard.planned().await.unwrap();
    let finding = of(&shown.preflight, check);
    assert_eq!(finding.level, Level::Stop, "{:#?}", shown.preflight);
    let Correction { says: remedy, who: by, .. } = finding.correction.unwrap();
    assert_eq!(by, who, "{remedy}");
    let refused = push::confirm(&wizard.fixture.app, wizard.fixture.actor(), draft, None).await;
    let told = sentence(refused);
    assert!(told.contains(&finding.says) && told.contains(&remedy), "{told}");
    finding.says
}

/// Nothing stops it.
async fn passes(wizard: &Wizard<'_>) -> Vec<PreflightFinding> {
    let (_, shown) = wizard.planned().await.unwrap();
    assert!(shown.preflight.iter().all(|f| f.level != Level::Stop), "{:#?}", shown.preflight);
    shown.preflight
}

store::sqlite_only! {
    async fn what_a_person_may_do_is_asked_once_and_kept_for_a_while(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        let wizard = fixture.push(&cors).into_new_event();
        let findings = passes(&wizard).await;
        assert!(findings.iter().all(|f| f.level == Level::Ok), "{findings:#?}");
        let first = ["GET /rest/v1.0/settings/permissions", "GET commitment"];
        assert_eq!(fixture.calls(), first);
        passes(&wizard).await;
        assert_eq!(fixture.calls(), first[1..], "kept; only the contract may be another by now");
        fixture.forget();
        passes(&wizard).await;
        assert_eq!(fixture.calls(), first);
        fixture.assert_wire();
    }

    async fn without_a_sign_in_nothing_is_confirmed(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        let wizard = fixture.push(&cors).into_new_event();
        passes(&wizard).await;
        connect::disconnect(&fixture.app, &fixture.made.owner, fixture.made.offices[0]).await.unwrap();
        fixture.world.sign_in_to_procore(&fixture.app, &fixture.made.owner, OWNER).await.unwrap();
        connect::connect(&fixture.app, &fixture.made.owner, fixture.made.offices[0], WHITFIELD).await.unwrap();
        stops(&wizard, PreflightCheck::Connection, Who::You).await;
        // An existing event can't even be read: the checklist stands in place of the plan.
        let existing = fixture.push(&cors).into_event("002");
        let draft = existing.drafts().await.unwrap()[0];
        let refused = existing.planned_in(draft).await;
        assert!(matches!(refused, Err(Error::SignInToProcore(_))), "{refused:?}");
        let (_, findings) = push::stopped(&fixture.app, fixture.actor(), draft).await.unwrap().unwrap();
        assert_eq!(of(&findings, PreflightCheck::Connection).level, Level::Stop);
        fixture.world.sign_in_to_procore(&fixture.app, fixture.actor(), MANAGER).await.unwrap();
        passes(&wizard).await;
        passes(&existing).await;
    }

    async fn the_app_the_tool_and_the_project_are_looked_at(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        let wizard = fixture.push(&cors).into_new_event();
        let (company_id, project_id) = (WHITFIELD, fixture.harbor());

        fixture.act(WorldAction::ConnectApp { company_id, connected: false });
        let says = stops(&wizard, PreflightCheck::App, Who::AccountAdmin).await;
        assert!(says.contains("not installed"), "{says}");
        fixture.act(WorldAction::ConnectApp { company_id, connected: true });
        passes(&wizard).await;

        fixture.forget();
        fixture.act(WorldAction::SetTool { project_id, enabled: false });
        stops(&wizard, PreflightCheck::Tool, Who::ProjectAdmin).await;
        fixture.act(WorldAction::SetTool { project_id, enabled: true });
        passes(&wizard).await;

        fixture.forget();
        fixture.world.procore.world(|w| {
            let user = w.user_by_login(MANAGER).unwrap().id;
            w.projects.get_mut(&project_id).unwrap().access.remove(&user);
        });
        let says = stops(&wizard, PreflightCheck::Tool, Who::ProjectAdmin).await;
        assert!(says.contains("doesn't show you this project"), "{says}");
        fixture.level(emulator::world::Level::Standard);
        passes(&wizard).await;
        fixture.assert_wire();
    }

    async fn own_events_or_any_is_told_apart(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9, 10]);
        let (new, theirs) = (fixture.push(&cors[..1]).into_new_event(), fixture.push(&cors[1..]).into_event("002"));
        fixture.level(emulator::world::Level::ReadOnly);
        let says = stops(&new, PreflightCheck::Permission, Who::ProjectAdmin).await;
        assert!(says.contains("Read Only"), "{says}");
        fixture.level(emulator::world::Level::Standard);
        let says = stops(&theirs, PreflightCheck::Permission, Who::ProjectAdmin).await;
        assert!(says.contains("somebody else's"), "{says}");
        new.finished().await;
        fixture.assert_once(&cors[..1]).await;
        // The event is the person's own now, so it may be updated.
        fixture.edit(cors[0], |lines| lines.push(fixture.lump("More of it", 10_000))).await;
        let own = fixture.push(&cors[..1]);
        assert_eq!(of(&passes(&own).await, PreflightCheck::Permission).level, Level::Ok);
        fixture.level(emulator::world::Level::Admin);
        passes(&theirs).await;
    }

    async fn the_events_status_is_looked_at(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        let wizard = fixture.push(&cors).into_event("002");
        let event_id = fixture.event("002");
        let status = |word: &str| fixture.act(WorldAction::SetEventStatus { event_id, mapped_to: word.to_owned() });
        status("closed");
        assert_eq!(of(&passes(&wizard).await, PreflightCheck::Event).level, Level::Warn);
        // Voided after it was chosen, the plan says so; a void one is not chosen at all.
        let (draft, _) = wizard.planned().await.unwrap();
        status("void");
        let shown = push::plan(&fixture.app, fixture.actor(), draft).await.unwrap();
        assert_eq!(of(&shown.preflight, PreflightCheck::Event).level, Level::Stop);
        let told = sentence(push::confirm(&fixture.app, fixture.actor(), draft, None).await);
        assert!(told.contains("costs in a void event don't count"), "{told}");
        let told = sentence(wizard.planned().await);
        assert!(told.starts_with("CE 002 is Void") && told.contains("Reopen it"), "{told}");
        status("open");
        passes(&wizard).await;
        fixture.in_procore(|w| w.change_events.get_mut(&event_id).unwrap().deleted_at = Some(w.epoch));
        let told = sentence(wizard.planned().await);
        assert!(told.contains("was deleted in Procore"), "{told}");
    }

    async fn a_plan_that_was_left_open_is_looked_at_again_before_it_is_pushed(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        let wizard = fixture.push(&cors).into_new_event();
        let (draft, _) = wizard.planned().await.unwrap();
        let contract_id = fixture.commitment("SC-23-007");
        fixture.act(WorldAction::SetContractStatus { contract_id, status: "Void".to_owned() });
        fixture.world.advance(15 * 60 + 1);
        let told = sentence(push::confirm(&fixture.app, fixture.actor(), draft, None).await);
        assert!(told.contains("Look at it again"), "{told}");
        fixture.assert_wire();
        let says = stops(&wizard, PreflightCheck::Contract, Who::You).await;
        assert!(says.contains("is Void"), "{says}");
    }

    async fn what_stops_a_push_whatever_its_lines_is_told_before_they_are_coded(store: Store) {
        let fixture = Fixture::on(store).await;
        let (app, actor, project_id) = (&fixture.app, fixture.actor(), fixture.harbor());
        let cors = fixture.mechanical(&[9]);
        let draft = fixture.push(&cors).drafts().await.unwrap()[0];
        let chosen = async |choice: push::ChosenEvent| push::choose_event(app, actor, draft, choice).await.unwrap();
        let theirs = || push::ChosenEvent::existing(fixture.event("002"));
        let new = || {
            let status = fixture.data.statuses.iter().find(|s| s.default).unwrap().id;
            push::ChosenEvent::to_make(push::EventToMake { title: "New".into(), status_id: status, ..Default::default() })
        };
        let stop = |first: &push::preflight::First| {
            let stop = first.findings.iter().find(|finding| finding.level == Level::Stop);
            stop.map(|finding| finding.check)
        };
        assert_eq!(stop(&chosen(theirs()).await), None);
        fixture.level(emulator::world::Level::Standard);
        fixture.forget();
        assert_eq!(stop(&chosen(theirs()).await), Some(PreflightCheck::Permission), "somebody else's event");
        assert_eq!(stop(&chosen(new()).await), None);
        fixture.level(emulator::world::Level::ReadOnly);
        fixture.forget();
        assert_eq!(stop(&chosen(new()).await), Some(PreflightCheck::Permission));
        fixture.level(emulator::world::Level::Admin);
        fixture.act(WorldAction::SetTool { project_id, enabled: false });
        assert_eq!(stop(&chosen(new()).await), Some(PreflightCheck::Tool));
        fixture.act(WorldAction::SetTool { project_id, enabled: true });
        fixture.act(WorldAction::ConnectApp { company_id: WHITFIELD, connected: false });
        fixture.forget();
        assert_eq!(stop(&chosen(new()).await), Some(PreflightCheck::App));
        fixture.act(WorldAction::ConnectApp { company_id: WHITFIELD, connected: true });
        assert_eq!(stop(&chosen(new()).await), None, "the remedy shows at once");
        fixture.assert_wire();
    }

    async fn the_events_of_the_list_are_told_apart(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        let draft = fixture.push(&cors).drafts().await.unwrap()[0];
        let page = async |path: &str| Reader::of(&fixture, fixture.actor()).await.read(&format!("/push/{draft}/{path}")).await.1;
        let row = |page: &str, number: &str| {
            let event = fixture.event(number);
            let rows = page.split("<tr ");
            rows.into_iter().find(|row| row.contains(&format!("id=\"event-{event}\""))).unwrap().to_owned()
        };
        let event_id = fixture.event("003");
        fixture.act(WorldAction::SetEventStatus { event_id: fixture.event("002"), mapped_to: "closed".to_owned() });
        fixture.act(WorldAction::SetEventStatus { event_id, mapped_to: "void".to_owned() });
        ledgerboard::integration::change_events::refresh(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
        let seen = page("event").await;
        let (closed, void, locked) = (row(&seen, "002"), row(&seen, "003"), row(&seen, "001"));
        assert!(closed.contains("Procore may refuse changes to it") && !closed.contains(" disabled"), "{closed}");
        assert!(void.contains("costs in a void event don") && void.contains(" disabled"), "{void}");
        assert!(locked.contains("locked in Procore") && !locked.contains(" disabled"), "{locked}");
        assert!(seen.contains("Change Events as of <time"), "{seen}");
        // With Standard, those that somebody else made can't be chosen.
        fixture.level(emulator::world::Level::Standard);
        fixture.forget();
        let seen = page("event").await;
        assert!(row(&seen, "002").contains("this one is somebody else"), "{seen}");
        // Where nothing at all can be pushed, that is told above them, and once.
        fixture.level(emulator::world::Level::ReadOnly);
        fixture.forget();
        let seen = page("event").await;
        assert_eq!(seen.matches("is Read Only").count(), 1, "{seen}");
        assert!(seen.contains(&push::copy::checklist::stopped_by(1)), "{seen}");
    }

    async fn a_contract_is_looked_at_as_it_is_now_and_not_as_it_was_listed(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        let wizard = fixture.push(&cors).into_new_event();
        let contract_id = fixture.commitment("SC-23-007");
        // Listed as approved; voided since.
        let status = |word: &str| fixture.act(WorldAction::SetContractStatus { contract_id, status: word.to_owned() });
        status("Void");
        let says = stops(&wizard, PreflightCheck::Contract, Who::You).await;
        assert!(says.contains("SC-23-007") && says.contains("is Void"), "{says}");
        let listed = reference::get(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
        assert_eq!(listed.contract(Side::Received, contract_id).unwrap().status, "Void", "whoever looks next sees it");
        status("Approved");
        assert_eq!(of(&passes(&wizard).await, PreflightCheck::Contract).level, Level::Ok);
        // Not to be read: what is not known stops nothing, and is not called fine.
        let away = emulator::FaultKind::Status { status: 503, retry_after: None, executed: false };
        fixture.world.procore.fault(emulator::Fault::next("GET", &format!("commitments/{contract_id}"), away));
        let found = of(&passes(&wizard).await, PreflightCheck::Contract);
        assert!(found.level == Level::Unknown && found.says.contains("could not be read now"), "{found:?}");
        // Deleted: the list has others and not this one.
        fixture.world.procore.world(|w| w.commitments.remove(&contract_id));
        let says = stops(&wizard, PreflightCheck::Contract, Who::You).await;
        assert!(says.contains("no longer in Procore"), "{says}");
        let told = sentence(wizard.planned().await);
        assert!(told.contains("still needs a contract"), "it can't be chosen any more: {told}");
    }

    async fn a_prime_contract_that_is_hidden_from_a_person_is_not_called_gone(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.sent(1).await;
        let wizard = fixture.push(&cors).sent().into_new_event();
        assert_eq!(of(&passes(&wizard).await, PreflightCheck::Contract).level, Level::Ok);
        fixture.world.procore.world(|w| {
            let user = w.user_by_login(MANAGER).unwrap().id;
            w.users.get_mut(&user).unwrap().sees_prime_contracts = false;
        });
        let found = of(&passes(&wizard).await, PreflightCheck::Contract);
        assert!(found.level == Level::Unknown && found.says.contains("There are none, or you can't see them"), "{found:?}");
        assert_eq!(fixture.calls().last().unwrap(), "GET /rest/v1.0/prime_contracts", "an id alone doesn't tell");
        let listed = reference::get(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
        assert!(!listed.prime_contracts.is_empty(), "and nobody else loses sight of it");
    }

    async fn a_prime_contract_that_was_deleted_is_not_sent(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.sent(1).await;
        let wizard = fixture.push(&cors).sent().into_new_event();
        let (draft, shown) = wizard.planned().await.unwrap();
        let id = shown.opened.contracts().first().copied().unwrap();
        fixture.world.procore.world(|w| {
            // Another one stays, so that the list is not taken for hidden.
            let other = emulator::world::PrimeContract { id: w.new_id(), ..w.prime_contracts[&id].clone() };
            w.prime_contracts.insert(other.id, other);
            w.prime_contracts.remove(&id);
        });
        reference::refresh(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
        let shown = push::plan(&fixture.app, fixture.actor(), draft).await.unwrap();
        let found = of(&shown.preflight, PreflightCheck::Contract);
        assert!(found.level == Level::Stop && found.says.contains(&format!("{id} is no longer in Procore")), "{found:?}");
        let told = sentence(push::confirm(&fixture.app, fixture.actor(), draft, None).await);
        assert!(told.contains("no longer in Procore"), "{told}");
    }

    async fn a_plan_is_confirmed_only_for_the_project_that_it_was_made_in(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        let (draft, _) = fixture.push(&cors).into_new_event().planned().await.unwrap();
        let harbor = fixture.harbor();
        let other = fixture.world.procore.world(|w| {
            let user = w.user_by_login(MANAGER).unwrap().id;
            let mut seen = w.projects.values().filter(|p| p.id != harbor && p.access.contains_key(&user));
            seen.next().unwrap().id
        });
        let to = |project| map_project::MapTo::project(project).kept_in(domain::Currency::Usd);
        map_project::map(&fixture.app, fixture.actor(), fixture.made.project, to(other)).await.unwrap();
        let told = sentence(push::confirm(&fixture.app, fixture.actor(), draft, None).await);
        assert!(told.contains("mapped to another Procore project after"), "{told}");
        // The codes, contracts and statuses are another project's: they are chosen again.
        fixture.calls();
        let told = sentence(push::plan(&fixture.app, fixture.actor(), draft).await);
        assert!(told.contains("Begin again from the log"), "{told}");
        fixture.work().await;
        assert!(!fixture.calls().iter().any(|call| call.starts_with("POST")));
        // Mapped back, the plan is what it was.
        map_project::map(&fixture.app, fixture.actor(), fixture.made.project, to(harbor)).await.unwrap();
        push::confirm(&fixture.app, fixture.actor(), draft, None).await.unwrap();
        fixture.work().await;
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }

    async fn what_nobody_sees_is_refused_beside_its_field_of_a_new_event(store: Store) {
        let fixture = Fixture::on(store).await;
        let draft = fixture.push(&fixture.mechanical(&[9])).drafts().await.unwrap()[0];
        let status = fixture.data.statuses.iter().find(|s| s.default).unwrap().id;
        let new = || push::EventToMake { title: "New".into(), status_id: status, ..Default::default() };
        let choose = async |new| push::choose_event(&fixture.app, fixture.actor(), draft, push::ChosenEvent::to_make(new)).await;
        for bad in ["a\0b", "a\u{1b}b", "a\u{FFFD}b"] {
            let typed = [
                ("new_title", push::EventToMake { title: bad.into(), ..new() }),
                ("new_number", push::EventToMake { number: bad.into(), ..new() }),
                ("new_description", push::EventToMake { description: bad.into(), ..new() }),
            ];
            for (field, new) in typed {
                match choose(new).await {
                    Err(Error::Invalid(errors)) => assert!(errors.get(field).contains("after “a”"), "{bad:?}: {errors:?}"),
                    other => panic!("{field} {bad:?}: {other:?}"),
                }
            }
        }
        let seen = push::EventToMake {
            title: " a\u{202e}\nb ".into(),
            description: "a\u{200b}\r\nb".into(),
            ..new()
        };
        choose(seen).await.unwrap();
        let kept = push::open(&fixture.app, fixture.actor(), draft).await.unwrap().body.target;
        let Some(domain::procore::push::Target::New(kept)) = kept else { panic!("{kept:?}") };
        assert_eq!((kept.title.as_str(), kept.description.as_str()), ("a b", "a\nb"));
    }

    async fn many_contracts_are_read_by_their_list(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9, 10, 11, 12, 13, 14, 15, 16, 17, 18]);
        let draft = fixture.push(&cors).drafts().await.unwrap()[0];
        let status = fixture.data.statuses.iter().find(|s| s.default).unwrap().id;
        let new = push::EventToMake { title: "New".into(), status_id: status, ..Default::default() };
        push::choose_event(&fixture.app, fixture.actor(), draft, push::ChosenEvent::to_make(new)).await.unwrap();
        let project = fixture.harbor();
        let ids: Vec<i64> = fixture.world.procore.world(|w| {
            let like = w.commitments.values().find(|c| c.number == "SC-23-007").unwrap().clone();
            let made = (0..cors.len()).map(|n| {
                let id = w.new_id();
                let more = emulator::world::Commitment { id, project_id: project, number: format!("SC-X-{n:02}"), ..like.clone() };
                w.commitments.insert(id, more);
                id
            });
            made.collect()
        });
        reference::refresh(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
        let choices = push::ChosenLines {
            contracts: cors.iter().copied().zip(ids.iter().map(|id| Some(*id).into())).collect(),
            budget_code_for_all: Some(fixture.code("23-2113.L").into()),
            ..push::ChosenLines::in_detail(domain::cor::Breakdown::LumpSum)
        };
        push::choose_lines(&fixture.app, fixture.actor(), draft, choices).await.unwrap();
        fixture.act(WorldAction::SetContractStatus { contract_id: ids[4], status: "Void".to_owned() });
        fixture.calls();
        let shown = push::plan(&fixture.app, fixture.actor(), draft).await.unwrap();
        // The list names vendors by their ids alone.
        let vendors = format!("GET /rest/v1.0/projects/{project}/vendors");
        assert_eq!(fixture.calls(), ["GET /rest/v1.0/commitments", &vendors]);
        let found = of(&shown.preflight, PreflightCheck::Contract);
        assert!(found.level == Level::Stop && found.says.contains("SC-X-04"), "{found:?}");
    }

    async fn codes_and_contracts_are_looked_at(store: Store) {
        let fixture = Fixture::on(store).await;
        let (app, manager, project) = (&fixture.app, fixture.actor(), fixture.made.project);
        let cors = fixture.mechanical(&[9]);
        let wizard = fixture.push(&cors).into_new_event();
        let contract_id = fixture.commitment("SC-23-007");
        let status = async |word: &str| {
            fixture.act(WorldAction::SetContractStatus { contract_id, status: word.to_owned() });
            reference::refresh(app, manager, project).await.unwrap();
        };
        for (word, level) in [("Out For Signature", Level::Warn), ("Complete", Level::Warn), ("Approved", Level::Ok)] {
            status(word).await;
            assert_eq!(of(&passes(&wizard).await, PreflightCheck::Contract).level, level, "{word}");
        }
        for word in ["Void", "Terminated"] {
            status(word).await;
            stops(&wizard, PreflightCheck::Contract, Who::You).await;
        }
        status("Approved").await;
        fixture.world.advance(3_600);
        let found = of(&passes(&wizard).await, PreflightCheck::Codes);
        assert_eq!((found.level, found.as_of), (Level::Warn, Some(fixture.app.now() - SignedDuration::from_hours(1))));
        fixture.act(WorldAction::RemoveBudgetCode { wbs_code_id: fixture.code("23-2113.L") });
        reference::refresh(app, manager, project).await.unwrap();
        let told = sentence(wizard.planned().await);
        assert!(told.contains("needs a budget code"), "{told}");
    }

    async fn where_procore_cannot_be_asked_the_push_may_go(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        let wizard = fixture.push(&cors).into_new_event();
        let kind = emulator::FaultKind::Status { status: 503, retry_after: None, executed: false };
        // Once for the choice of the event, once for the plan.
        for _ in 0..2 {
            fixture.world.procore.fault(emulator::Fault::next("GET", "settings/permissions", kind.clone()));
        }
        let findings = passes(&wizard).await;
        assert_eq!(of(&findings, PreflightCheck::Permission).level, Level::Unknown);
        wizard.finished().await;
        fixture.assert_once(&cors).await;
    }

    async fn the_marks_on_the_plan_are_those_that_procore_will_hold(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        let wizard = fixture.push(&cors).into_new_event();
        let marks = |shown: &push::plan::Shown| {
            shown.order.plan.cors.iter().map(|c| (c.link, c.reference.clone())).collect::<Vec<_>>()
        };
        let (draft, first) = wizard.planned().await.unwrap();
        let again = push::plan(&fixture.app, fixture.actor(), draft).await.unwrap();
        assert_eq!(marks(&first), marks(&again));
        // Back to the lines and forth again.
        let (_, later) = wizard.planned_in(draft).await.unwrap();
        assert_eq!(marks(&first), marks(&later), "a draft's marks are its own for life");
        push::confirm(&fixture.app, fixture.actor(), draft, None).await.unwrap();
        fixture.work().await;
        fixture.assert_once(&cors).await;
        assert_eq!(fixture.link(cors[0]).await.reference, marks(&first)[0].1);
    }
}
