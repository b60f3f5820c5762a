//! Every fault of the wire, for the request that makes an event and for the one that changes it.

use domain::procore::push_state::{ProcoreState, PushState};
use emulator::{FaultKind, Silence};

use crate::desk::Desk;

/// What a wire can do to a write, and whether the write is executed (perhaps later).
fn faults() -> Vec<(FaultKind, bool)> {
    let status = |status, retry_after, executed| (FaultKind::Status { status, retry_after, executed }, executed);
    let late = |after_seconds, silence| (FaultKind::ExecuteLate { after_seconds, silence }, true);
    vec![
        (FaultKind::Refuse, false),
        (FaultKind::HangBefore, false),
        (FaultKind::HangAfter, true),
        (FaultKind::DropAfter, true),
        (FaultKind::CutBody, true),
        late(20, Silence::Close),
        late(110, Silence::Hang),
        late(110, Silence::BadGateway),
        late(60, Silence::GatewayTimeout),
        status(500, None, false),
        status(500, None, true),
        status(502, None, false),
        status(502, None, true),
        status(503, Some(7), false),
        status(503, Some(300), true),
    ]
}

/// Meets one write with one fault, and looks at the end.
async fn met(desk: &Desk, cor: usize, method: &str, kind: &FaultKind, executed: bool) {
    let cors = desk.mechanical(&[cor]);
    let push = if method == "POST" { desk.push(&cors).into_new_event() } else { desk.push(&cors).into_event("002") };
    let push = push.line_items().confirmed().await.unwrap();
    let (before, others) = (desk.events_in_procore(), desk.foreign(desk.event("002")));
    desk.fault(method, kind.clone());
    desk.work().await;
    let sent = desk.app.now();
    assert_eq!(desk.stored(push).await.state.code(), "uncertain", "{kind:?} leaves it open");
    assert_eq!(desk.link(cors[0]).await.state, ProcoreState::Checking, "{kind:?}");
    // What is there already may be found, but nothing is written before the longest life of a request has ended.
    desk.calls();
    while desk.app.now().duration_since(sent).as_secs() < 119 {
        desk.world.advance(7);
        desk.work().await;
    }
    let early = desk.calls();
    assert!(early.iter().all(|call| call.starts_with("GET")), "{kind:?}: {early:?}");
    desk.work_through().await;

    assert_eq!(desk.stored(push).await.state, PushState::Finished, "{kind:?}");
    desk.assert_once(&cors).await;
    assert_eq!(desk.foreign(desk.event("002")), others, "{kind:?}");
    let made = usize::from(method == "POST");
    assert_eq!(desk.events_in_procore(), before + made, "{method} {kind:?} makes no second event");
    let writes = desk.calls().iter().filter(|c| c.starts_with(method) && c.contains(" event")).count();
    assert_eq!(writes, usize::from(!executed), "written again only what is missing: {method} {kind:?}");
    desk.assert_done().await;
}

/// CORs that may be pushed, one for each fault.
const CORS: [usize; 15] = [1, 2, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17];

store::both_databases! {
    async fn a_new_event_is_made_once_whatever_the_wire_does(store: Store) {
        let desk = Desk::on(store).await;
        for ((kind, executed), cor) in faults().iter().zip(CORS) {
            met(&desk, cor, "POST", kind, *executed).await;
        }
    }

    async fn an_existing_event_is_changed_once_whatever_the_wire_does(store: Store) {
        let desk = Desk::on(store).await;
        for ((kind, executed), cor) in faults().iter().zip(CORS) {
            met(&desk, cor, "PATCH", kind, *executed).await;
        }
    }
}
