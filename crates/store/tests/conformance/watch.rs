//! What is to be read in Procore again: each project once, however many processes look, and nothing too early.

use crate::support::{World, at, uuid};
use domain::{OfficeId, PersonId};
use jiff::Timestamp;
use store::{Store, StoreError, both_databases, repo::watch::WatchClaim};

/// A project that is mapped to Procore.
async fn mapped(store: &Store) -> World {
    let world = World::make(store).await;
    let person = PersonId(uuid(50));
    let made: Result<(), StoreError> = store
        .write(move |tx| {
            tx.exec(
                "INSERT INTO person (id, company_id, office_id, email, name, role, password_hash, created_at) \
                 VALUES ($1, $2, $3, 'd@w.example', 'Daniel', 'project_manager', '', 0)",
                &[person.into(), world.gc.into(), OfficeId(uuid(world.gc.0.as_u128() + 100)).into()],
            )?;
            tx.exec(
                "INSERT INTO mapping (project_id, company_id, procore_company_id, procore_project_id, procore_project, \
                 procore_number, mapped_by, mapped_at) VALUES ($1, $2, 1, 2, 'P', '', $3, 0)",
                &[world.project.into(), world.gc.into(), person.into()],
            )?;
            Ok(())
        })
        .await;
    made.unwrap();
    world
}

async fn soon(store: &Store, world: World, event: Option<i64>, when: i64) {
    let done: Result<(), StoreError> =
        store.write(move |tx| tx.of(world.gc).watch_soon(world.project, event, at(when))).await;
    done.unwrap();
}

async fn claim(store: &Store, now: i64) -> Option<WatchClaim> {
    let claimed: Result<_, StoreError> =
        store.write(move |tx| tx.claim_watch(at(now), at(now + 60), at(now - 86_400))).await;
    claimed.unwrap()
}

async fn finish(store: &Store, claim: &WatchClaim, next: i64) -> Result<(), StoreError> {
    let claim = claim.clone();
    store.write(move |tx| tx.finish_watch(&claim, claim.everything.then_some(claim.at), at(next))).await
}

async fn next(store: &Store) -> Option<Timestamp> {
    store.read(store::Tx::next_watch).await.unwrap()
}

both_databases! {
    async fn two_processes_never_read_a_project_together(store: Store) {
        let world = mapped(&store).await;
        soon(&store, world, None, 10).await;
        assert_eq!(claim(&store, 9).await, None);
        let first = claim(&store, 10).await.unwrap();
        assert!(first.everything && first.whole);
        assert_eq!(claim(&store, 11).await, None);
        assert_eq!(next(&store).await, Some(at(70)));
        // The first one died, or slept: whoever comes after its lease takes over, and it can't store anything any more.
        let second = claim(&store, 70).await.unwrap();
        assert_eq!((second.fence, second.read_to), (first.fence + 1, None));
        assert!(matches!(finish(&store, &first, 900).await, Err(StoreError::Expected1Row { .. })));
        finish(&store, &second, 970).await.unwrap();
        assert_eq!(next(&store).await, Some(at(970)));
        let third = claim(&store, 970).await.unwrap();
        assert_eq!((third.read_to, third.whole), (Some(at(70)), false));
        finish(&store, &third, 90_000).await.unwrap();
        assert!(claim(&store, 90_000).await.unwrap().whole, "once a day");
    }

    async fn a_single_event_is_due_without_everything_else(store: Store) {
        let world = mapped(&store).await;
        soon(&store, world, None, 0).await;
        finish(&store, &claim(&store, 0).await.unwrap(), 900).await.unwrap();
        for (event, when) in [(7, 100), (7, 100), (8, 100), (7, 86_400)] {
            soon(&store, world, Some(event), when).await;
        }
        let found = claim(&store, 100).await.unwrap();
        assert_eq!((found.everything, found.events.clone()), (false, vec![7, 8]));
        // What became due while it was read is not forgotten.
        soon(&store, world, Some(9), 101).await;
        finish(&store, &found, 5000).await.unwrap();
        assert_eq!(next(&store).await, Some(at(101)));
        let third = claim(&store, 101).await.unwrap();
        assert_eq!(third.events, [9]);
        finish(&store, &third, 5000).await.unwrap();
        assert_eq!(next(&store).await, Some(at(900)));
        // Asked for by a person: sooner than scheduled, once.
        soon(&store, world, None, 200).await;
        let asked = claim(&store, 200).await.unwrap();
        assert!(asked.everything);
        finish(&store, &asked, 1100).await.unwrap();
        assert_eq!(next(&store).await, Some(at(1100)));
        let day_after = claim(&store, 86_400).await.unwrap();
        assert_eq!((day_after.everything, day_after.events), (true, vec![7]));
    }

    async fn a_project_that_is_not_mapped_is_not_read_and_wakes_nobody(store: Store) {
        let world = World::make(&store).await;
        soon(&store, world, None, 0).await;
        assert_eq!((claim(&store, 10).await, next(&store).await), (None, None));
    }

    async fn trouble_is_told_until_a_reading_succeeds(store: Store) {
        let world = mapped(&store).await;
        soon(&store, world, Some(7), 0).await;
        let first = claim(&store, 0).await.unwrap();
        let failed: Result<(), StoreError> =
            store.write(move |tx| tx.postpone_watch(&first, "Nobody may read this project.", at(300))).await;
        failed.unwrap();
        let told = |store: Store| async move {
            let watch: Result<_, StoreError> = store.read(move |tx| tx.of(world.gc).watch(world.project)).await;
            watch.unwrap().unwrap()
        };
        assert_eq!(told(store.clone()).await.trouble, "Nobody may read this project.");
        let again = claim(&store, 300).await.unwrap();
        assert_eq!(again.events, [7], "what could not be read is still due");
        finish(&store, &again, 1200).await.unwrap();
        let watch = told(store.clone()).await;
        assert_eq!((watch.trouble.as_str(), watch.read_at), ("", Some(at(300))));
        let others: Result<_, StoreError> = store.read(move |tx| tx.of(world.mechanical).watch(world.project)).await;
        assert_eq!(others.unwrap(), None);
    }
}
