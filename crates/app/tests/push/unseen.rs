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
    desk::{Desk, MANAGER, sentence},
    record_pages::Reader,
};

const WAYS: [HiddenLists; 3] = [HiddenLists::Empty, HiddenLists::NotFound, HiddenLists::Forbidden];

impl Desk {
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
        let mut desk = Desk::on(store).await;
        let received = desk.mechanical(&[9]);
        let sent = desk.sent(1).await;
        for way in WAYS {
            desk.world.procore.switches(|switches| switches.hidden_lists = way);
            for (tool, side, unseen, name) in [
                (Tool::Commitments, Side::Received, Unseen::Commitments, "Commitments"),
                (Tool::PrimeContracts, Side::Sent, Unseen::PrimeContracts, "Prime Contracts"),
            ] {
                desk.hide(tool, true).await;
                assert_eq!(desk.data.unseen(side), [unseen], "{way:?}");
                let wizard = match side {
                    Side::Received => desk.push(&received).into_new_event(),
                    Side::Sent => desk.push(&sent).sent().into_new_event(),
                };
                let (draft, shown) = wizard.planned().await.unwrap();
                let finding = shown.preflight.iter().find(|finding| finding.check == PreflightCheck::Contract).unwrap();
                assert_eq!(finding.level, Level::Unknown);
                assert!(finding.says.contains("There are none, or you can't see them"), "{}", finding.says);
                let remedy = &finding.correction.as_ref().unwrap().says;
                assert!(remedy.contains(&format!("Read Only permission on {name}")), "{remedy}");
                let (status, page) =
                    Reader::of(&desk, desk.actor()).await.read(&format!("/push/{draft}/lines")).await;
                assert!(status == 200 && page.contains(&format!("for Read Only permission on {name}")), "{page}");
                desk.hide(tool, false).await;
                assert_eq!(desk.data.unseen(side), []);
            }
        }
        desk.hide(Tool::Commitments, true).await;
        desk.push(&received).into_new_event().finished().await;
        desk.assert_once(&received).await;
        assert!(desk.lines_of(received[0]).await.iter().all(|(_, line)| line.contract_id.is_none()));
    }

    async fn codes_that_are_not_shown_are_said(store: Store) {
        let mut desk = Desk::on(store).await;
        let draft = desk.push(&desk.mechanical(&[9])).into_new_event().planned().await.unwrap().0;
        for way in WAYS {
            desk.world.procore.switches(|switches| switches.hidden_lists = way);
            desk.hide(Tool::Budget, true).await;
            assert_eq!(desk.data.unseen(Side::Sent), [Unseen::BudgetCodes], "{way:?}");
            let (status, page) = Reader::of(&desk, desk.actor()).await.read(&format!("/push/{draft}/lines")).await;
            assert!(status == 200 && page.contains("Read Only permission on the Budget"), "{page}");
        }
        // Who is shown them a while later chooses from them.
        desk.hide(Tool::Budget, false).await;
        assert_eq!(desk.data.unseen(Side::Sent), []);
    }

    async fn where_no_code_is_shown_lines_go_without_one(store: Store) {
        let mut desk = Desk::on(store).await;
        for (filled, cors) in [(false, desk.mechanical(&[9])), (true, desk.mechanical(&[10]))] {
            desk.world.procore.switches(|switches| switches.fields_filled_in = filled);
            desk.hide(Tool::Budget, true).await;
            let (draft, shown) = desk.push(&cors).uncoded().line_items().into_new_event().planned().await.unwrap();
            let finding = shown.preflight.iter().find(|finding| finding.check == PreflightCheck::Codes).unwrap();
            assert_eq!(finding.level, Level::Warn);
            assert!(finding.says.contains("Procore shows no budget codes") && finding.says.contains("go without one"), "{}", finding.says);
            assert!(finding.correction.as_ref().unwrap().says.contains("Read Only permission on the Budget"));
            let (_, page) = Reader::of(&desk, desk.actor()).await.read(&format!("/push/{draft}/lines")).await;
            assert!(!page.contains("still needs a budget code") && !page.contains("still need a budget code"), "{page}");
            desk.push(&cors).uncoded().line_items().into_new_event().finished().await;
            desk.assert_once(&cors).await;
            let coded = |lines: Vec<(i64, emulator::world::ChangeItem)>| lines.iter().all(|(_, line)| line.wbs_code_id.is_some());
            assert_eq!(coded(desk.lines_of(cors[0]).await), filled);
            for wait in [5, 200, 900, 86_400] {
                desk.later(wait).await;
                assert_eq!(desk.state(cors[0]).await, ProcoreState::UpToDate, "what Procore fills in is no drift");
            }
            // Once they are shown, they are asked for again.
            desk.hide(Tool::Budget, false).await;
            let again = desk.push(&cors).uncoded().line_items();
            if filled {
                assert_eq!(again.planned().await.unwrap().1.order.plan.writes(), 0, "what was filled in is suggested, and stays");
            } else {
                assert!(sentence(again.planned().await).contains("a budget code"), "nothing is known to suggest");
            }
            desk.push(&cors).line_items().finished().await;
            let code = Some(desk.code("23-2113.L"));
            let chosen = desk.lines_of(cors[0]).await.iter().all(|(_, line)| line.wbs_code_id == code);
            assert!(chosen, "what a person chooses is written");
        }
    }

    async fn a_contract_that_is_shown_again_is_asked_for_and_never_left_out(store: Store) {
        let mut desk = Desk::on(store).await;
        let cors = desk.mechanical(&[9]);
        for way in WAYS {
            desk.world.procore.switches(|switches| switches.hidden_lists = way);
            desk.hide(Tool::Commitments, true).await;
            let wizard = desk.push(&cors).into_new_event();
            let (draft, _) = wizard.planned().await.unwrap();
            // The lines were chosen while none was shown. Then they are, and nobody reads the lists anew.
            desk.show_again(Tool::Commitments);
            let told = sentence(push::plan(&desk.app, desk.actor(), draft).await);
            assert_eq!(told, "1 COR still needs a contract.", "{way:?}");
            let reader = Reader::of(&desk, desk.actor()).await;
            let (status, page) = reader.read(&format!("/push/{draft}/review")).await;
            assert!((300..400).contains(&status) && !page.contains("Ready to push"), "{status}: {page}");
            let (_, page) = reader.read(&format!("/push/{draft}/lines")).await;
            assert!(page.contains("1 COR still needs a contract") && page.contains("SC-23-007"), "{page}");
            // The same for codes.
            desk.hide(Tool::Budget, true).await;
            let (draft, _) = desk.push(&cors).uncoded().into_new_event().planned().await.unwrap();
            desk.show_again(Tool::Budget);
            let told = sentence(push::plan(&desk.app, desk.actor(), draft).await);
            assert_eq!(told, "1 line still needs a budget code.", "{way:?}");
            desk.hide(Tool::Budget, false).await;
        }
        desk.push(&cors).into_new_event().finished().await;
        desk.assert_once(&cors).await;
    }

    async fn types_and_reasons_that_are_not_shown_are_left_out(store: Store) {
        let desk = Desk::on(store).await;
        for (list, status) in [("change_types", 403), ("change_order_change_reasons", 404)] {
            let hidden = FaultKind::Status { status, retry_after: None, executed: false };
            desk.world.procore.fault(Fault::next("GET", list, hidden));
        }
        let data = reference::refresh(&desk.app, desk.actor(), desk.made.project).await.unwrap();
        assert!(data.types.is_empty() && data.reasons.is_empty() && !data.statuses.is_empty());
        desk.push(&desk.mechanical(&[9])).into_new_event().finished().await;
    }

    async fn vendors_are_named_by_the_projects_directory(store: Store) {
        let mut desk = Desk::on(store).await;
        assert_eq!(desk.contract("SC-23-007").vendor_name, "Cascade Mechanical, Inc.", "the list has its id alone");
        let nobody = desk.contract("SC-32-001");
        assert_eq!((nobody.vendor, nobody.vendor_name.as_str()), (None, ""), "nobody was awarded it");
        let draft = desk.push(&desk.mechanical(&[9])).into_new_event().planned().await.unwrap().0;
        let page = Reader::of(&desk, desk.actor()).await.read(&format!("/push/{draft}/lines")).await.1;
        assert!(page.contains("· Cascade Mechanical, Inc."), "{page}");
        for way in WAYS {
            desk.world.procore.switches(|switches| switches.hidden_lists = way);
            desk.hide(Tool::Directory, true).await;
            assert_eq!(desk.contract("SC-23-007").vendor_name, "");
            assert_eq!(desk.data.unseen(Side::Received), [Unseen::Vendors], "{way:?}");
            assert_eq!(desk.data.unseen(Side::Sent), [], "nobody asks for a vendor there");
        }
        // One that only the project knows is written as the contract names it.
        let contract = desk.commitment("SC-23-007");
        let vendor = desk.world.procore.world(|w| {
            let (id, company_id) = (w.new_id(), emulator::seed::WHITFIELD);
            w.vendors.insert(id, Vendor { id, company_id, name: "Cascade, project office".into() });
            w.project_vendors.insert(id);
            w.commitments.get_mut(&contract).unwrap().vendor_id = Some(id);
            id
        });
        desk.hide(Tool::Directory, true).await;
        let cors = desk.mechanical(&[9]);
        desk.push(&cors).into_new_event().finished().await;
        assert!(desk.lines_of(cors[0]).await.iter().all(|(_, line)| line.vendor_id == Some(vendor)));
    }
}
