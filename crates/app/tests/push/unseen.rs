//! What somebody may not see in Procore looks as if there were none: that is said, with whom to ask, and stops nothing.

use domain::procore::{
    Side,
    preflight::{Level, PreflightCheck},
    push_state::ProcoreState,
};
use emulator::{
    Fault, FaultKind, HiddenLists, WorldAction,
    world::{Tool, Vendor},
};
use ledgerboard::{
    integration::reference::{self, ProcoreContract, Unseen},
    push,
};
use store::sqlite_only;

use crate::{
    fixture::{Fixture, MANAGER, sentence},
    record_pages::Reader,
};

const WAYS: [HiddenLists; 3] = [HiddenLists::Empty, HiddenLists::NotFound, HiddenLists::Forbidden];

impl Fixture {
    /// Procore keeps a tool from the manager, or shows it again; all lists are read anew.
    async fn hide(&mut self, tool: Tool, hidden: bool) {
        let action = WorldAction::HideTool { login: MANAGER.into(), tool, hidden };
        self.world.procore.world(|w| w.act(action)).unwrap();
        self.data = reference::refresh(&self.app, self.actor(), self.made.project).await.unwrap();
    }

    /// Procore shows a tool to the manager again, and nobody has read its list since.
    fn show_again(&self, tool: Tool) {
        let action = WorldAction::HideTool { login: MANAGER.into(), tool, hidden: false };
        self.world.procore.world(|w| w.act(action)).unwrap();
    }

    fn contract(&self, number: &str) -> &ProcoreContract {
        self.data.commitments.iter().find(|contract| contract.number == number).unwrap()
    }
}

sqlite_only! {
    async fn contracts_that_are_not_shown_are_said_and_stop_nothing(store: Store) {
        let mut fixture = Fixture::on(store).await;
        let received = fixture.mechanical(&[9]);
        let sent = fixture.sent(1).await;
        for way in WAYS {
            fixture.world.procore.switches(|switches| switches.hidden_lists = way);
            for (tool, side, unseen, name) in [
                (Tool::Commitments, Side::Received, Unseen::Commitments, "Commitments"),
                (Tool::PrimeContracts, Side::Sent, Unseen::PrimeContracts, "Prime Contracts"),
            ] {
                fixture.hide(tool, true).await;
                assert_eq!(fixture.data.unseen(side), [unseen], "{way:?}");
                let wizard = match side {
                    Side::Received => fixture.push(&received).into_new_event(),
                    Side::Sent => fixture.push(&sent).sent().into_new_event(),
                };
                let (draft, shown) = wizard.planned().await.unwrap();
                let finding = shown.preflight.iter().find(|finding| finding.check == PreflightCheck::Contract).unwrap();
                assert_eq!(finding.level, Level::Unknown);
                assert!(finding.says.contains("There are none, or you can't see them"), "{}", finding.says);
                let remedy = &finding.correction.as_ref().unwrap().says;
                assert!(remedy.contains(&format!("Read Only permission on {name}")), "{remedy}");
                let (status, page) =
                    Reader::of(&fixture, fixture.actor()).await.read(&format!("/push/{draft}/lines")).await;
                assert!(status == 200 && page.contains(&format!("for Read Only permission on {name}")), "{page}");
                fixture.hide(tool, false).await;
                assert_eq!(fixture.data.unseen(side), []);
            }
        }
        fixture.hide(Tool::Commitments, true).await;
        fixture.push(&received).into_new_event().finished().await;
        fixture.assert_once(&received).await;
        assert!(fixture.lines_of(received[0]).await.iter().all(|(_, line)| line.contract_id.is_none()));
    }

    async fn codes_that_are_not_shown_are_said(store: Store) {
        let mut fixture = Fixture::on(store).await;
        let draft = fixture.push(&fixture.mechanical(&[9])).into_new_event().planned().await.unwrap().0;
        for way in WAYS {
            fixture.world.procore.switches(|switches| switches.hidden_lists = way);
            fixture.hide(Tool::Budget, true).await;
            assert_eq!(fixture.data.unseen(Side::Sent), [Unseen::BudgetCodes], "{way:?}");
            let (status, page) = Reader::of(&fixture, fixture.actor()).await.read(&format!("/push/{draft}/lines")).await;
            assert!(status == 200 && page.contains("Read Only permission on the Budget"), "{page}");
        }
        // Who is shown them a while later chooses from them.
        fixture.hide(Tool::Budget, false).await;
        assert_eq!(fixture.data.unseen(Side::Sent), []);
    }

    async fn where_no_code_is_shown_lines_go_without_one(store: Store) {
        let mut fixture = Fixture::on(store).await;
        for (filled, cors) in [(false, fixture.mechanical(&[9])), (true, fixture.mechanical(&[10]))] {
            fixture.world.procore.switches(|switches| switches.fields_filled_in = filled);
            fixture.hide(Tool::Budget, true).await;
            let (draft, shown) = fixture.push(&cors).uncoded().line_items().into_new_event().planned().await.unwrap();
            let finding = shown.preflight.iter().find(|finding| finding.check == PreflightCheck::Codes).unwrap();
            assert_eq!(finding.level, Level::Warn);
            assert!(finding.says.contains("Procore shows no budget codes") && finding.says.contains("go without one"), "{}", finding.says);
            assert!(finding.correction.as_ref().unwrap().says.contains("Read Only permission on the Budget"));
            let (_, page) = Reader::of(&fixture, fixture.actor()).await.read(&format!("/push/{draft}/lines")).await;
            assert!(!page.contains("still needs a budget code") && !page.contains("still need a budget code"), "{page}");
            fixture.push(&cors).uncoded().line_items().into_new_event().finished().await;
            fixture.assert_once(&cors).await;
            let coded = |lines: Vec<(i64, emulator::world::ChangeItem)>| lines.iter().all(|(_, line)| line.wbs_code_id.is_some());
            assert_eq!(coded(fixture.lines_of(cors[0]).await), filled);
            for wait in [5, 200, 900, 86_400] {
                fixture.later(wait).await;
                assert_eq!(fixture.state(cors[0]).await, ProcoreState::UpToDate, "what Procore fills in is no drift");
            }
            // Once they are shown, they are asked for again.
            fixture.hide(Tool::Budget, false).await;
            let again = fixture.push(&cors).uncoded().line_items();
            if filled {
                assert_eq!(again.planned().await.unwrap().1.order.plan.writes(), 0, "what was filled in is suggested, and stays");
            } else {
                assert!(sentence(again.planned().await).contains("a budget code"), "nothing is known to suggest");
            }
            fixture.push(&cors).line_items().finished().await;
            let code = Some(fixture.code("23-2113.L"));
            let chosen = fixture.lines_of(cors[0]).await.iter().all(|(_, line)| line.wbs_code_id == code);
            assert!(chosen, "what a person chooses is written");
        }
    }

    async fn a_contract_that_is_shown_again_is_asked_for_and_never_left_out(store: Store) {
        let mut fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        for way in WAYS {
            fixture.world.procore.switches(|switches| switches.hidden_lists = way);
            fixture.hide(Tool::Commitments, true).await;
            let wizard = fixture.push(&cors).into_new_event();
            let (draft, _) = wizard.planned().await.unwrap();
            // The lines were chosen while none was shown. Then they are, and nobody reads the lists anew.
            fixture.show_again(Tool::Commitments);
            let told = sentence(push::plan(&fixture.app, fixture.actor(), draft).await);
            assert_eq!(told, "1 COR still needs a contract.", "{way:?}");
            let reader = Reader::of(&fixture, fixture.actor()).await;
            let (status, page) = reader.read(&format!("/push/{draft}/review")).await;
            assert!((300..400).contains(&status) && !page.contains("Ready to push"), "{status}: {page}");
            let (_, page) = reader.read(&format!("/push/{draft}/lines")).await;
            assert!(page.contains("1 COR still needs a contract") && page.contains("SC-23-007"), "{page}");
            // The same for codes.
            fixture.hide(Tool::Budget, true).await;
            let (draft, _) = fixture.push(&cors).uncoded().into_new_event().planned().await.unwrap();
            fixture.show_again(Tool::Budget);
            let told = sentence(push::plan(&fixture.app, fixture.actor(), draft).await);
            assert_eq!(told, "1 line still needs a budget code.", "{way:?}");
            fixture.hide(Tool::Budget, false).await;
        }
        fixture.push(&cors).into_new_event().finished().await;
        fixture.assert_once(&cors).await;
    }

    async fn types_and_reasons_that_are_not_shown_are_left_out(store: Store) {
        let fixture = Fixture::on(store).await;
        for (list, status) in [("change_types", 403), ("change_order_change_reasons", 404)] {
            let hidden = FaultKind::Status { status, retry_after: None, executed: false };
            fixture.world.procore.fault(Fault::next("GET", list, hidden));
        }
        let data = reference::refresh(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
        assert!(data.types.is_empty() && data.reasons.is_empty() && !data.statuses.is_empty());
        fixture.push(&fixture.mechanical(&[9])).into_new_event().finished().await;
    }

    async fn vendors_are_named_by_the_projects_directory(store: Store) {
        let mut fixture = Fixture::on(store).await;
        assert_eq!(fixture.contract("SC-23-007").vendor_name, "Cascade Mechanical, Inc.", "the list has its id alone");
        let nobody = fixture.contract("SC-32-001");
        assert_eq!((nobody.vendor, nobody.vendor_name.as_str()), (None, ""), "nobody was awarded it");
        let draft = fixture.push(&fixture.mechanical(&[9])).into_new_event().planned().await.unwrap().0;
        let page = Reader::of(&fixture, fixture.actor()).await.read(&format!("/push/{draft}/lines")).await.1;
        assert!(page.contains("· Cascade Mechanical, Inc."), "{page}");
        for way in WAYS {
            fixture.world.procore.switches(|switches| switches.hidden_lists = way);
            fixture.hide(Tool::Directory, true).await;
            assert_eq!(fixture.contract("SC-23-007").vendor_name, "");
            assert_eq!(fixture.data.unseen(Side::Received), [Unseen::Vendors], "{way:?}");
            assert_eq!(fixture.data.unseen(Side::Sent), [], "nobody asks for a vendor there");
        }
        // One that only the project knows is written as the contract names it.
        let contract = fixture.commitment("SC-23-007");
        let vendor = fixture.world.procore.world(|w| {
            let (id, company_id) = (w.new_id(), emulator::seed::WHITFIELD);
            w.vendors.insert(id, Vendor { id, company_id, name: "Cascade, project office".into() });
            w.project_vendors.insert(id);
            w.commitments.get_mut(&contract).unwrap().vendor_id = Some(id);
            id
        });
        fixture.hide(Tool::Directory, true).await;
        let cors = fixture.mechanical(&[9]);
        fixture.push(&cors).into_new_event().finished().await;
        assert!(fixture.lines_of(cors[0]).await.iter().all(|(_, line)| line.vendor_id == Some(vendor)));
    }
}
