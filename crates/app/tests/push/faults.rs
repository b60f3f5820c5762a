//! Every fault of the wire, for the request that makes an event and for the one that changes it.

use domain::procore::push_state::{ProcoreState, PushState};
use emulator::{FaultKind, Silence};

use crate::fixture::Fixture;

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
async fn met(fixture: &Fixture, cor: usize, method: &str, kind: &FaultKind, executed: bool) {
    let cors = fixture.mechanical(&[cor]);
    let push =
        if method == "POST" { fixture.push(&cors).into_new_event() } else { fixture.push(&cors).into_event("002") };
    let push = push.line_items().confirmed().await.unwrap();
    let (before, others) = (fixture.events_in_procore(), fixture.foreign(fixture.event("002")));
    fixture.fault(method, kind.clone());
    fixture.work().await;
    let sent = fixture.app.now();
    assert_eq!(fixture.stored(push).await.state.code(), "uncertain", "{kind:?} leaves it open");
    assert_eq!(fixture.link(cors[0]).await.state, ProcoreState::Checking, "{kind:?}");
    // What is there already may be found, but nothing is written before the longest life of a request has ended.
    fixture.calls();
    while fixture.app.now().duration_since(sent).as_secs() < 119 {
        fixture.world.advance(7);
        fixture.work().await;
    }
    let early = fixture.calls();
    assert!(early.iter().all(|call| call.starts_with("GET")), "{kind:?}: {early:?}");
    fixture.work_through().await;

    assert_eq!(fixture.stored(push).await.state, PushState::Finished, "{kind:?}");
    fixture.assert_once(&cors).await;
    assert_eq!(fixture.foreign(fixture.event("002")), others, "{kind:?}");
    let made = usize::from(method == "POST");
    assert_eq!(fixture.events_in_procore(), before + made, "{method} {kind:?} makes no second event");
    let writes = fixture.calls().iter().filter(|c| c.starts_with(method) && c.contains(" event")).count();
    assert_eq!(writes, usize::from(!executed), "written again only what is missing: {method} {kind:?}");
    fixture.assert_done().await;
}

/// CORs that may be pushed, one for each fault.
const CORS: [usize; 15] = [1, 2, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17];

store::both_databases! {
    async fn a_new_event_is_made_once_whatever_the_wire_does(store: Store) {
        let fixture = Fixture::on(store).await;
        for ((kind, executed), cor) in faults().iter().zip(CORS) {
            met(&fixture, cor, "POST", kind, *executed).await;
        }
    }

    async fn an_existing_event_is_changed_once_whatever_the_wire_does(store: Store) {
        let fixture = Fixture::on(store).await;
        for ((kind, executed), cor) in faults().iter().zip(CORS) {
            met(&fixture, cor, "PATCH", kind, *executed).await;
        }
    }
}
