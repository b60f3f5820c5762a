//! Pre-flight: each thing that would stop a push is told before it, with who can mend it, and the remedy shows at once.

use domain::procore::preflight::{Check, Finding, Level, Who};
use emulator::{WorldAction, seed::WHITFIELD};
use ledgerboard::{
    Error,
    actions::{integrate, push, reference},
};

use crate::desk::{Desk, MANAGER, OWNER, Wizard, sentence};

impl Desk {
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

fn of(findings: &[Finding], check: Check) -> Finding {
    findings.iter().find(|finding| finding.check == check).unwrap().clone()
}

/// The plan stops at `check`, says who can mend it, and is not confirmed.
async fn stops(wizard: &Wizard<'_>, check: Check, who: Who) -> String {
    let (draft, shown) = wizard.planned().await.unwrap();
    let finding = of(&shown.preflight, check);
    assert_eq!(finding.level, Level::Stop, "{:#?}", shown.preflight);
    let (remedy, by) = finding.remedy.unwrap();
    assert_eq!(by, who, "{remedy}");
    let refused = push::confirm(&wizard.desk.app, wizard.desk.actor(), draft).await;
    let told = sentence(refused);
    assert!(told.contains(&finding.says) && told.contains(&remedy), "{told}");
    finding.says
}

/// Nothing stops it.
async fn passes(wizard: &Wizard<'_>) -> Vec<Finding> {
    let (_, shown) = wizard.planned().await.unwrap();
    assert!(shown.preflight.iter().all(|f| f.level != Level::Stop), "{:#?}", shown.preflight);
    shown.preflight
}

store::both_databases! {
    async fn what_a_person_may_do_is_asked_once_and_kept_for_a_while(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[9]);
        let wizard = desk.push(&cors).into_new_event();
        let findings = passes(&wizard).await;
        assert!(findings.iter().all(|f| f.level == Level::Ok), "{findings:#?}");
        assert_eq!(desk.calls(), ["GET /rest/v1.0/settings/permissions"]);
        passes(&wizard).await;
        assert_eq!(desk.calls(), [""; 0], "kept");
        desk.forget();
        passes(&wizard).await;
        assert_eq!(desk.calls(), ["GET /rest/v1.0/settings/permissions"]);
        desk.assert_wire();
    }

    async fn without_a_sign_in_nothing_is_confirmed(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[9]);
        let wizard = desk.push(&cors).into_new_event();
        passes(&wizard).await;
        integrate::disconnect(&desk.app, &desk.made.owner, desk.made.offices[0]).await.unwrap();
        desk.world.sign_in_to_procore(&desk.app, &desk.made.owner, OWNER).await.unwrap();
        integrate::connect(&desk.app, &desk.made.owner, desk.made.offices[0], WHITFIELD).await.unwrap();
        stops(&wizard, Check::Connection, Who::You).await;
        // An existing event can't even be read: the checklist stands in place of the plan.
        let existing = desk.push(&cors).into_event("002");
        let draft = existing.drafts().await.unwrap()[0];
        let refused = existing.planned_in(draft).await;
        assert!(matches!(refused, Err(Error::SignInToProcore(_))), "{refused:?}");
        let (_, findings) = push::stopped(&desk.app, desk.actor(), draft).await.unwrap().unwrap();
        assert_eq!(of(&findings, Check::Connection).level, Level::Stop);
        desk.world.sign_in_to_procore(&desk.app, desk.actor(), MANAGER).await.unwrap();
        passes(&wizard).await;
        passes(&existing).await;
    }

    async fn the_app_the_tool_and_the_project_are_looked_at(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[9]);
        let wizard = desk.push(&cors).into_new_event();
        let (company_id, project_id) = (WHITFIELD, desk.harbor());

        desk.act(WorldAction::ConnectApp { company_id, connected: false });
        let says = stops(&wizard, Check::App, Who::AccountAdmin).await;
        assert!(says.contains("not installed"), "{says}");
        desk.act(WorldAction::ConnectApp { company_id, connected: true });
        passes(&wizard).await;

        desk.forget();
        desk.act(WorldAction::SetTool { project_id, enabled: false });
        stops(&wizard, Check::Tool, Who::ProjectAdmin).await;
        desk.act(WorldAction::SetTool { project_id, enabled: true });
        passes(&wizard).await;

        desk.forget();
        desk.world.procore.world(|w| {
            let user = w.user_by_login(MANAGER).unwrap().id;
            w.projects.get_mut(&project_id).unwrap().access.remove(&user);
        });
        let says = stops(&wizard, Check::Tool, Who::ProjectAdmin).await;
        assert!(says.contains("doesn't show you this project"), "{says}");
        desk.level(emulator::world::Level::Standard);
        passes(&wizard).await;
        desk.assert_wire();
    }

    async fn own_events_or_any_is_told_apart(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[9, 10]);
        let (new, theirs) = (desk.push(&cors[..1]).into_new_event(), desk.push(&cors[1..]).into_event("002"));
        desk.level(emulator::world::Level::ReadOnly);
        let says = stops(&new, Check::Permission, Who::ProjectAdmin).await;
        assert!(says.contains("Read Only"), "{says}");
        desk.level(emulator::world::Level::Standard);
        let says = stops(&theirs, Check::Permission, Who::ProjectAdmin).await;
        assert!(says.contains("somebody else's"), "{says}");
        new.finished().await;
        desk.assert_once(&cors[..1]).await;
        // The event is the person's own now, so it may be updated.
        desk.edit(cors[0], |lines| lines.push(desk.lump("More of it", 10_000))).await;
        let own = desk.push(&cors[..1]);
        assert_eq!(of(&passes(&own).await, Check::Permission).level, Level::Ok);
        desk.level(emulator::world::Level::Admin);
        passes(&theirs).await;
    }

    async fn the_events_status_is_looked_at(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[9]);
        let wizard = desk.push(&cors).into_event("002");
        let event_id = desk.event("002");
        let status = |word: &str| desk.act(WorldAction::SetEventStatus { event_id, mapped_to: word.to_owned() });
        status("closed");
        assert_eq!(of(&passes(&wizard).await, Check::Event).level, Level::Warn);
        status("void");
        stops(&wizard, Check::Event, Who::You).await;
        status("open");
        passes(&wizard).await;
    }

    async fn codes_and_contracts_are_looked_at(store: Store) {
        let desk = Desk::on(store).await;
        let (app, manager, project) = (&desk.app, desk.actor(), desk.made.project);
        let cors = desk.mechanical(&[9]);
        let wizard = desk.push(&cors).into_new_event();
        let contract_id = desk.commitment("SC-23-007");
        let status = async |word: &str| {
            desk.act(WorldAction::SetContractStatus { contract_id, status: word.to_owned() });
            reference::refresh(app, manager, project).await.unwrap();
        };
        for (word, level) in [("Out For Signature", Level::Warn), ("Complete", Level::Warn), ("Approved", Level::Ok)] {
            status(word).await;
            assert_eq!(of(&passes(&wizard).await, Check::Contract).level, level, "{word}");
        }
        for word in ["Void", "Terminated"] {
            status(word).await;
            stops(&wizard, Check::Contract, Who::You).await;
        }
        status("Approved").await;
        desk.world.advance(3_600);
        assert_eq!(of(&passes(&wizard).await, Check::Codes).level, Level::Warn, "read an hour ago");
        desk.act(WorldAction::RemoveBudgetCode { wbs_code_id: desk.code("23-2113.L") });
        reference::refresh(app, manager, project).await.unwrap();
        let told = sentence(wizard.planned().await);
        assert!(told.contains("needs a budget code"), "{told}");
    }

    async fn where_procore_cannot_be_asked_the_push_may_go(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[9]);
        let wizard = desk.push(&cors).into_new_event();
        let kind = emulator::FaultKind::Status { status: 503, retry_after: None, executed: false };
        desk.world.procore.fault(emulator::Fault::next("GET", "settings/permissions", kind));
        let findings = passes(&wizard).await;
        assert_eq!(of(&findings, Check::Permission).level, Level::Unknown);
        wizard.finished().await;
        desk.assert_once(&cors).await;
    }

    async fn the_marks_on_the_plan_are_those_that_procore_will_hold(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[9]);
        let wizard = desk.push(&cors).into_new_event();
        let marks = |shown: &push::plan::Shown| {
            shown.order.plan.cors.iter().map(|c| (c.link, c.reference.clone())).collect::<Vec<_>>()
        };
        let (draft, first) = wizard.planned().await.unwrap();
        let again = push::plan(&desk.app, desk.actor(), draft).await.unwrap();
        assert_eq!(marks(&first), marks(&again));
        // Back to the lines and forth again.
        let (_, later) = wizard.planned_in(draft).await.unwrap();
        assert_eq!(marks(&first), marks(&later), "a draft's marks are its own for life");
        push::confirm(&desk.app, desk.actor(), draft).await.unwrap();
        desk.work().await;
        desk.assert_once(&cors).await;
        assert_eq!(desk.link(cors[0]).await.reference, marks(&first)[0].1);
    }
}
