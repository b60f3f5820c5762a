//! What a line leaves open comes back filled in, by a setting of Procore's project: that is nobody's change, and is never
//! changed back. What a person makes of it later is.

use domain::{
    CorId,
    procore::{push_plan::Action, push_state::ProcoreState},
};
use emulator::{FaultKind, WorldAction, world::Tool};
use ledgerboard::integration::reference;

use crate::desk::{Desk, MANAGER};

/// An hour, in which lists may lag, and the quarantine.
const SHOWN_AFTER: i64 = 3_600 + 120;

impl Desk {
    /// A desk where no contract is shown, so that lines are pushed without one; whether Procore fills them in.
    async fn filling_in(store: store::Store, on: bool) -> Self {
        let mut desk = Self::on(store).await;
        desk.fills_in(on);
        let hide = WorldAction::HideTool { login: MANAGER.into(), tool: Tool::Commitments, hidden: true };
        desk.world.procore.world(|w| w.act(hide)).unwrap();
        desk.data = reference::refresh(&desk.app, desk.actor(), desk.made.project).await.unwrap();
        desk
    }

    fn fills_in(&self, on: bool) {
        self.world.procore.switches(|switches| switches.fields_filled_in = on);
    }

    /// Whether the lines of a COR in Procore have contract and vendor.
    async fn is_filled(&self, cor: CorId) -> bool {
        let lines = self.lines_of(cor).await;
        let filled = |line: &emulator::world::ChangeItem| line.contract_id.is_some() && line.vendor_id.is_some();
        assert!(!lines.is_empty() && lines.iter().all(|(_, line)| filled(line) == filled(&lines[0].1)));
        filled(&lines[0].1)
    }

    async fn stays_up_to_date(&self, cors: &[CorId]) {
        for wait in [5, 200, 900, 86_400] {
            self.later(wait).await;
            self.assert_once(cors).await;
            for cor in cors {
                assert_eq!(self.state(*cor).await, ProcoreState::UpToDate, "{:?}", self.told(*cor).await);
            }
        }
    }

    /// Another contract than the one that a line has, chosen by somebody in Procore.
    async fn somebody_moves(&self, cor: CorId) {
        let (line, now) = (self.ids(cor).await[0], self.lines_of(cor).await[0].1.contract_id);
        self.in_procore(|w| {
            let other = w.commitments.values().find(|c| Some(c.id) != now && c.vendor_id.is_some()).unwrap().clone();
            w.edit_line(line, |line| (line.contract_id, line.vendor_id) = (Some(other.id), other.vendor_id)).unwrap();
        });
        self.later(900).await;
    }
}

store::sqlite_only! {
    async fn what_procore_fills_in_is_no_drift_and_is_not_changed_back(store: Store) {
        let desk = Desk::filling_in(store, true).await;
        for (on, cors, into) in
            [(true, desk.mechanical(&[9, 10]), None), (true, desk.mechanical(&[11]), Some("002")), (false, desk.mechanical(&[12]), None)]
        {
            desk.fills_in(on);
            let wizard = desk.push(&cors).line_items();
            let wizard = if let Some(number) = into { wizard.into_event(number) } else { wizard.into_new_event() };
            wizard.finished().await;
            desk.assert_once(&cors).await;
            assert_eq!(desk.is_filled(cors[0]).await, on);
            desk.stays_up_to_date(&cors).await;

            // A later push leaves it as it is.
            desk.edit(cors[0], |lines| lines[0].amount = domain::Money::minor(77_700)).await;
            let (_, shown) = desk.push(&cors).line_items().planned().await.unwrap();
            let written: Vec<_> = shown.order.plan.cors.iter().flat_map(|cor| &cor.lines).filter(|line| line.action.writes()).collect();
            assert!(matches!(&written[..], [line] if line.action.code() == "update"), "{written:?}");
            desk.push(&cors).line_items().finished().await;
            desk.assert_once(&cors).await;
            assert_eq!(desk.is_filled(cors[0]).await, on);

            // What a person makes of it is a change, and is said.
            desk.somebody_moves(cors[0]).await;
            let moved = ProcoreState::ContractMoved;
            assert_eq!(desk.state(cors[0]).await, if on { moved } else { ProcoreState::UpToDate }, "{on}: it was open before");
            desk.later(SHOWN_AFTER).await;
            desk.somebody_moves(cors[0]).await;
            assert_eq!(desk.state(cors[0]).await, moved);
        }
    }

    async fn an_update_that_comes_back_filled_in_is_done(store: Store) {
        let desk = Desk::filling_in(store, false).await;
        let cors = desk.mechanical(&[9, 10]);
        desk.push(&cors).line_items().into_event("002").finished().await;
        for (cor, lost) in [(cors[0], false), (cors[1], true)] {
            assert!(!desk.is_filled(cor).await);
            desk.fills_in(true);
            // All lines of it are written, so that all are filled in.
            desk.edit(cor, |lines| lines.iter_mut().for_each(|line| line.description.push('!'))).await;
            let push = desk.push(&[cor]).line_items().confirmed().await.unwrap();
            if lost {
                desk.fault("PATCH", FaultKind::DropAfter);
            }
            desk.work_through().await;
            assert_eq!(desk.stored(push).await.state, domain::procore::push_state::PushState::Finished);
            desk.assert_once(&[cor]).await;
            assert!(desk.is_filled(cor).await);
            desk.fills_in(false);
        }
        desk.stays_up_to_date(&cors).await;
        desk.assert_done().await;
    }

    async fn what_is_filled_in_a_while_after_our_write_is_procores_and_later_it_is_somebodys(store: Store) {
        let desk = Desk::filling_in(store, false).await;
        let cors = desk.mechanical(&[9, 10]);
        desk.push(&cors).into_event("002").finished().await;
        desk.later(200).await;
        let fill = async |cor: CorId| {
            let line = desk.ids(cor).await[0];
            desk.in_procore(|w| {
                let contract = w.commitments.values().find(|c| c.vendor_id.is_some()).unwrap().clone();
                w.edit_line(line, |line| (line.contract_id, line.vendor_id) = (Some(contract.id), contract.vendor_id)).unwrap();
            });
            desk.later(900).await;
        };
        fill(cors[0]).await;
        assert_eq!(desk.state(cors[0]).await, ProcoreState::UpToDate);
        assert!(desk.told(cors[0]).await.iter().all(|told| told.contains("push")), "nothing to be told");
        let (_, shown) = desk.push(&cors[..1]).planned().await.unwrap();
        assert!(shown.order.plan.cors[0].lines.iter().all(|line| line.action == Action::Unchanged));
        desk.somebody_moves(cors[0]).await;
        assert_eq!(desk.state(cors[0]).await, ProcoreState::ContractMoved);
        desk.later(SHOWN_AFTER).await;
        fill(cors[1]).await;
        assert_eq!(desk.state(cors[1]).await, ProcoreState::ContractMoved);
    }
}
