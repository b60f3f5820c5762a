//! The disk gets full around a push: nothing leaves that is not recorded, and what was answered and could not be stored
//! is looked for when there is room again.

use domain::{CorId, procore::push_state::PushState};
use store::{Store, StoreError, testing::TestDb};
use sync::Attempt;

use crate::fixture::Fixture;

/// CORs that may be pushed. Each has its push, so that whatever room is left in a page is used up on the way.
const CORS: [usize; 15] = [1, 2, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17];

/// A pragma of the one connection that writes: the database grows to so many pages, at least to those it has.
async fn room(store: &Store, pages: i64) -> Result<(), StoreError> {
    store.write(move |tx| tx.one(&format!("PRAGMA max_page_count = {pages}"), &[], |_| Ok(()))).await.map(drop)
}

/// Leaves no page free.
async fn fill(store: &Store) {
    let filler = "CREATE TABLE IF NOT EXISTS filler (is_full BLOB NOT NULL)";
    store.write(move |tx| tx.exec(filler, &[])).await.unwrap();
    room(store, 1).await.unwrap();
    let full = loop {
        let more = store.write(|tx| tx.exec("INSERT INTO filler VALUES (zeroblob(3000))", &[])).await;
        if let Err(error) = more {
            break error;
        }
    };
    assert!(matches!(full, StoreError::DiskFull(_)), "{full:?}");
}

/// The fixture with a push of each COR, each carried `stages` transitions far into an event of its own.
async fn under_way(db: &TestDb, stages: usize) -> (Fixture, Vec<CorId>, Vec<Attempt>) {
    let fixture = Fixture::on(db.store()).await;
    let cors = fixture.mechanical(&CORS);
    for cor in &cors {
        fixture.push(&[*cor]).into_new_event().confirmed().await.unwrap();
    }
    let worker = fixture.worker();
    let mut passes = Vec::new();
    for _ in &cors {
        passes.push(fixture.carry(&worker, stages).await);
    }
    (fixture, cors, passes)
}

/// How many of the passes could not store what they had to, and those that could.
async fn advanced(fixture: &Fixture, passes: Vec<Attempt>) -> (usize, Vec<Attempt>) {
    fill(&fixture.app.store).await;
    let (mut refused, mut on) = (0, Vec::new());
    for pass in passes {
        match pass.advance().await {
            Ok(next) => on.extend(next),
            Err(error) => {
                let sentence = ledgerboard::Error::from(error).sentence();
                assert!(sentence.contains("disk is full"), "{sentence}");
                refused += 1;
            }
        }
    }
    assert!(refused > 0, "the disk never got full");
    (refused, on)
}

fn written(fixture: &Fixture) -> usize {
    fixture.calls().iter().filter(|call| *call == "POST events").count()
}

async fn ends_well(fixture: &Fixture, cors: &[CorId], events: usize) {
    room(&fixture.app.store, 1_000_000).await.unwrap();
    fixture.work_through().await;
    fixture.assert_once(cors).await;
    assert_eq!(fixture.events_in_procore(), events, "an event each");
    fixture.assert_done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_recorded_as_sending_does_not_leave() {
    let db = TestDb::sqlite().await;
    let (fixture, cors, passes) = under_way(&db, 1).await;
    let events = fixture.events_in_procore();
    fixture.calls();
    let (refused, recorded) = advanced(&fixture, passes).await;
    assert_eq!(written(&fixture), 0, "recorded first, and {refused} could not be");
    let mut sending = 0;
    for cor in &cors {
        let push = fixture.link(*cor).await.push.unwrap();
        sending += usize::from(matches!(fixture.stored(push).await.state, PushState::Sending { .. }));
    }
    assert_eq!(sending, recorded.len(), "nothing is half recorded");
    // Those that were recorded die there; with room again, all of them go out once.
    drop(recorded);
    ends_well(&fixture, &cors, events + cors.len()).await;
    assert_eq!(written(&fixture), cors.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_can_not_be_stored_is_looked_for_and_adopted() {
    let db = TestDb::sqlite().await;
    let (fixture, cors, passes) = under_way(&db, 3).await;
    let events = fixture.events_in_procore();
    assert_eq!(written(&fixture), cors.len(), "all of them are answered");
    let (refused, _) = advanced(&fixture, passes).await;
    let mut open = 0;
    for cor in &cors {
        let push = fixture.link(*cor).await.push.unwrap();
        open += usize::from(matches!(fixture.stored(push).await.state, PushState::Sending { .. }));
    }
    assert_eq!(open, refused, "stored wholly or not at all");
    ends_well(&fixture, &cors, events).await;
    assert_eq!(written(&fixture), 0, "found, and not written again");
}
