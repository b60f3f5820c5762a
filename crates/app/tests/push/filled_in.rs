//! What a line leaves open comes back filled in, by a setting of Procore's project: that is nobody's change, and is never
//! changed back. What a person makes of it later is.

use domain::{
    CorId,
    procore::{push_plan::Action, push_state::ProcoreState},
};
use emulator::{FaultKind, WorldAction, world::Tool};
use ledgerboard::integration::reference;

use crate::fixture::{Fixture, MANAGER};

/// An hour, in which lists may lag, and the quarantine.
const SHOWN_AFTER: i64 = 3_600 + 120;

impl Fixture {
    /// A fixture where no contract is shown, so that lines are pushed without one; whether Procore fills them in.
    async fn filling_in(store: store::Store, on: bool) -> Self {
        let mut fixture = Self::on(store).await;
        fixture.fills_in(on);
        let hide = WorldAction::HideTool { login: MANAGER.into(), tool: Tool::Commitments, hidden: true };
        fixture.world.procore.world(|w| w.act(hide)).unwrap();
        fixture.data = reference::refresh(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
        fixture
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
        let fixture = Fixture::filling_in(store, true).await;
        for (on, cors, into) in
            [(true, fixture.mechanical(&[9, 10]), None), (true, fixture.mechanical(&[11]), Some("002")), (false, fixture.mechanical(&[12]), None)]
        {
            fixture.fills_in(on);
            let wizard = fixture.push(&cors).line_items();
            let wizard = if let Some(number) = into { wizard.into_event(number) } else { wizard.into_new_event() };
            wizard.finished().await;
            fixture.assert_once(&cors).await;
            assert_eq!(fixture.is_filled(cors[0]).await, on);
            fixture.stays_up_to_date(&cors).await;

            // A later push leaves it as it is.
            fixture.edit(cors[0], |lines| lines[0].amount = domain::Money::minor(77_700)).await;
            let (_, shown) = fixture.push(&cors).line_items().planned().await.unwrap();
            let written: Vec<_> = shown.order.plan.cors.iter().flat_map(|cor| &cor.lines).filter(|line| line.action.writes()).collect();
            assert!(matches!(&written[..], [line] if line.action.code() == "update"), "{written:?}");
            fixture.push(&cors).line_items().finished().await;
            fixture.assert_once(&cors).await;
            assert_eq!(fixture.is_filled(cors[0]).await, on);

            // What a person makes of it is a change, and is said.
            fixture.somebody_moves(cors[0]).await;
            let moved = ProcoreState::ContractMoved;
            assert_eq!(fixture.state(cors[0]).await, if on { moved } else { ProcoreState::UpToDate }, "{on}: it was open before");
            fixture.later(SHOWN_AFTER).await;
            fixture.somebody_moves(cors[0]).await;
            assert_eq!(fixture.state(cors[0]).await, moved);
        }
    }

    async fn an_update_that_comes_back_filled_in_is_done(store: Store) {
        let fixture = Fixture::filling_in(store, false).await;
        let cors = fixture.mechanical(&[9, 10]);
        fixture.push(&cors).line_items().into_event("002").finished().await;
        for (cor, lost) in [(cors[0], false), (cors[1], true)] {
            assert!(!fixture.is_filled(cor).await);
            fixture.fills_in(true);
            // All lines of it are written, so that all are filled in.
            fixture.edit(cor, |lines| lines.iter_mut().for_each(|line| line.description.push('!'))).await;
            let push = fixture.push(&[cor]).line_items().confirmed().await.unwrap();
            if lost {
                fixture.fault("PATCH", FaultKind::DropAfter);
            }
            fixture.work_through().await;
            assert_eq!(fixture.stored(push).await.state, domain::procore::push_state::PushState::Finished);
            fixture.assert_once(&[cor]).await;
            assert!(fixture.is_filled(cor).await);
            fixture.fills_in(false);
        }
        fixture.stays_up_to_date(&cors).await;
        fixture.assert_done().await;
    }

    async fn what_is_filled_in_a_while_after_our_write_is_procores_and_later_it_is_somebodys(store: Store) {
        let fixture = Fixture::filling_in(store, false).await;
        let cors = fixture.mechanical(&[9, 10]);
        fixture.push(&cors).into_event("002").finished().await;
        fixture.later(200).await;
        let fill = async |cor: CorId| {
            let line = fixture.ids(cor).await[0];
            fixture.in_procore(|w| {
                let contract = w.commitments.values().find(|c| c.vendor_id.is_some()).unwrap().clone();
                w.edit_line(line, |line| (line.contract_id, line.vendor_id) = (Some(contract.id), contract.vendor_id)).unwrap();
            });
            fixture.later(900).await;
        };
        fill(cors[0]).await;
        assert_eq!(fixture.state(cors[0]).await, ProcoreState::UpToDate);
        assert!(fixture.told(cors[0]).await.iter().all(|told| told.contains("push")), "nothing to be told");
        let (_, shown) = fixture.push(&cors[..1]).planned().await.unwrap();
        assert!(shown.order.plan.cors[0].lines.iter().all(|line| line.action == Action::Unchanged));
        fixture.somebody_moves(cors[0]).await;
        assert_eq!(fixture.state(cors[0]).await, ProcoreState::ContractMoved);
        fixture.later(SHOWN_AFTER).await;
        fill(cors[1]).await;
        assert_eq!(fixture.state(cors[1]).await, ProcoreState::ContractMoved);
    }
}
