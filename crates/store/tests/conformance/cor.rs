//! CORs: numbers, revisions, who sees them, and what an edit does to links.

use std::collections::BTreeSet;

use crate::support::{World, at, content, uuid};
use domain::{
    CorId, LinkId, Money,
    cor::{CorNumber, LineItem, LineKey, Means, Recorded, Section, Status},
    procore::{
        Side,
        push_plan::{KnownLine, Values},
        push_state::ProcoreState,
    },
};
use rust_decimal::Decimal;
use store::{
    Store, StoreError, both_databases,
    repo::{
        cor::{CorContent, NUMBER_TAKEN, NewStatus},
        log::{InProcore, LogFilter, LogRows, PageWanted},
    },
};

async fn received(store: &Store, world: World) -> LogRows {
    let wanted = PageWanted { rows: 50, ..PageWanted::default() };
    let page: Result<_, StoreError> =
        store.read(move |tx| tx.of(world.gc).log_page(world.project, Side::Received, &wanted)).await;
    page.unwrap()
}

both_databases! {
    async fn a_cor_comes_back_as_it_was_written(store: Store) {
        let world = World::make(&store).await;
        let mut new = world.draft(1, Some("A-7"), "Reroute 6\" main — Ebene 3", 1_845_000);
        let line = LineItem::extended(domain::LineItemId(uuid(77)), Section::Material, "6\" pipe", Decimal::new(1205, 1), "ft", Decimal::new(-33_3333, 4));
        new.content.price.lines.push(line.unwrap());
        new.content.price.overtyped = Some(Money::minor(1_800_000));
        new.content.customer_reference = "PCO 12".into();
        let wanted = new.content.clone();
        let id = new.id;
        let made: Result<_, StoreError> = store.write(move |tx| tx.of(world.mechanical).create_cor(&new)).await;
        let made = made.unwrap().unwrap();
        let read: Result<_, StoreError> = store.read(move |tx| tx.of(world.mechanical).cor(id)).await;
        assert_eq!(read.unwrap().as_ref(), Some(&made));
        assert_eq!(made.price, wanted.price);
        assert_eq!((made.title.as_str(), made.customer_reference.as_str()), (wanted.title.as_str(), "PCO 12"));
        assert_eq!((made.status, made.revision, made.priced, made.submitted_at), (Status::Draft, 1, 1, None));
        assert_eq!((made.sender.id, made.receiver.id), (world.mechanical, world.gc));
    }

    async fn what_is_said_of_a_status_stays_with_it_and_goes_with_it(store: Store) {
        let world = World::make(&store).await;
        let draft = world.make_draft(&store, 1, None, "Reroute main", 100).await;
        let recorded = Some(Recorded { means: Means::Verbal, on: "2026-11-20".parse().unwrap() });
        let approved = NewStatus { status: Status::ApprovedToProceed, reason: String::new(), recorded };
        let returned =
            NewStatus { status: Status::ReviseAndResubmit, reason: "Price the crane “too”.".into(), recorded: None };
        let story: Result<_, StoreError> = store
            .write(move |tx| {
                let mut us = tx.of(world.mechanical);
                let sent = us.set_cor_status(&draft, Status::InReview, at(1))?;
                let approved = us.set_cor_status(&sent, approved.clone(), at(2))?;
                let returned = us.set_cor_status(&approved, returned.clone(), at(3))?;
                let again = us.set_cor_status(&returned, Status::InReview, at(4))?;
                Ok([sent, approved, returned, again].map(|cor| (cor.recorded, cor.status_reason)))
            })
            .await;
        let reason = "Price the crane “too”.".to_owned();
        let none = (None, String::new());
        assert_eq!(story.unwrap(), [none.clone(), (recorded, String::new()), (None, reason), none]);
        // Whether somebody signs in for the receiver is read with the COR.
        let away: Result<_, StoreError> = store
            .write(move |tx| {
                let cor = CorId(uuid(1001));
                let before = tx.of(world.mechanical).cor(cor)?.unwrap().receiver_joined;
                tx.exec_one("UPDATE company SET claimed = 0 WHERE id = $1", &[world.gc.into()])?;
                Ok((before, tx.of(world.mechanical).cor(cor)?.unwrap().receiver_joined))
            })
            .await;
        assert_eq!(away.unwrap(), (true, false));
    }

    async fn a_draft_is_its_senders_alone(store: Store) {
        let world = World::make(&store).await;
        let draft = world.make_draft(&store, 1, None, "Draft", 100).await;
        let id = draft.id;
        let seen: Result<_, StoreError> = store
            .read(move |tx| {
                Ok([world.mechanical, world.gc, world.electrical].map(|company| tx.of(company).cor(id).unwrap().is_some()))
            })
            .await;
        assert_eq!(seen.unwrap(), [true, false, false]);
        assert_eq!(received(&store, world).await.rows, []);

        let sent: Result<_, StoreError> =
            store.write(move |tx| tx.of(world.mechanical).set_cor_status(&draft, Status::InReview, at(60))).await;
        assert_eq!(sent.unwrap().submitted_at, Some(at(60)));
        let seen: Result<_, StoreError> = store
            .read(move |tx| {
                Ok([world.mechanical, world.gc, world.electrical].map(|company| tx.of(company).cor(id).unwrap().is_some()))
            })
            .await;
        assert_eq!(seen.unwrap(), [true, true, false]);
        assert_eq!(received(&store, world).await.rows.len(), 1);
    }

    async fn the_next_number_skips_what_is_used_and_survives_odd_ones(store: Store) {
        let world = World::make(&store).await;
        assert_eq!(world.make_draft(&store, 1, None, "One", 1).await.number.as_str(), "001");
        world.make_draft(&store, 2, Some("3"), "Three", 1).await;
        assert_eq!(world.make_draft(&store, 3, None, "Four", 1).await.number.as_str(), "004", "3 moved the sequence");
        world.make_draft(&store, 4, Some("20261123"), "By date", 1).await;
        assert_eq!(world.make_draft(&store, 5, None, "Five", 1).await.number.as_str(), "005");
        let again = world.draft(6, Some("05"), "Five again", 1);
        let taken: Result<_, StoreError> = store.write(move |tx| tx.of(world.mechanical).create_cor(&again)).await;
        assert!(matches!(taken, Err(StoreError::Conflict { constraint }) if constraint == NUMBER_TAKEN));
        let other = world.draft(7, None, "Of another contract", 1);
        let foreign: Result<_, StoreError> = store.write(move |tx| tx.of(world.electrical).create_cor(&other)).await;
        assert_eq!(foreign.unwrap(), None, "not the contractor");
    }

    async fn writers_at_the_same_time_take_different_numbers_and_lose_no_total(store: Store) {
        let world = World::make(&store).await;
        let tasks: Vec<_> = (0..16u128)
            .map(|n| {
                let (store, new) = (store.clone(), world.draft(n, None, "At once", 100));
                tokio::spawn(async move {
                    let made: Result<_, StoreError> = store.write(move |tx| tx.of(world.mechanical).create_cor(&new)).await;
                    made.unwrap().unwrap().number.key()
                })
            })
            .collect();
        let mut numbers = BTreeSet::new();
        for task in tasks {
            numbers.insert(task.await.unwrap());
        }
        assert_eq!(numbers.len(), 16);
        let buckets: Result<_, StoreError> = store
            .read(move |tx| tx.of(world.mechanical).log_buckets(world.project, Side::Sent, &LogFilter::default()))
            .await;
        let buckets = buckets.unwrap();
        assert_eq!(buckets.iter().map(|b| (b.cors, b.amount)).collect::<Vec<_>>(), [(16, Money::minor(1600))]);
    }

    async fn an_edit_of_a_stale_cor_is_refused(store: Store) {
        let world = World::make(&store).await;
        let draft = world.make_draft(&store, 1, None, "Draft", 100).await;
        let edit = |title: &str| content(1, title, 100);
        let (first, second) = (draft.clone(), draft.clone());
        let (one, two) = (edit("First"), edit("Second"));
        let done: Result<_, StoreError> =
            store.write(move |tx| tx.of(world.mechanical).update_cor(&first, &first.number, &one, at(9))).await;
        let done = done.unwrap();
        assert_eq!((done.title.as_str(), done.revision, done.priced), ("First", 2, 2));
        let late: Result<_, StoreError> =
            store.write(move |tx| tx.of(world.mechanical).update_cor(&second, &second.number, &two, at(9))).await;
        assert!(matches!(late, Err(StoreError::Expected1Row { changed: 0 })));
        let three = edit("Third");
        let foreign: Result<_, StoreError> =
            store.write(move |tx| tx.of(world.gc).update_cor(&done, &done.number, &three, at(9))).await;
        assert!(matches!(foreign, Err(StoreError::Expected1Row { .. })), "the receiver does not edit");
    }

    async fn only_what_procore_shows_makes_an_update_needed(store: Store) {
        let world = World::make(&store).await;
        let sent = in_review(&store, world, 1, "Pushed", 100).await;
        push(&store, world, &sent, ProcoreState::UpToDate).await;
        assert_eq!(received(&store, world).await.rows[0].procore.state, ProcoreState::UpToDate);

        let mut same = content(1, "Pushed", 100);
        same.customer_reference = "PCO 4".into();
        let sent = edit(&store, world, sent, same).await;
        assert_eq!((sent.revision, sent.priced), (3, 1));
        assert_eq!(received(&store, world).await.rows[0].procore.state, ProcoreState::UpToDate);

        let sent = edit(&store, world, sent, content(1, "Pushed", 101)).await;
        assert_eq!(sent.priced, 4);
        let line = received(&store, world).await.rows.remove(0);
        assert_eq!((line.procore.state, line.amount), (ProcoreState::UpdateNeeded, Money::minor(101)));
        assert_eq!(line.procore.event.map(|event| event.id.get()), Some(900));
        assert_eq!(link_state(&store, sent.id).await, ProcoreState::UpdateNeeded);
    }

    async fn an_edit_leaves_a_busy_link_to_its_push_and_a_changed_one_to_a_person(store: Store) {
        let world = World::make(&store).await;
        for (n, state) in [(1, ProcoreState::InProgress), (2, ProcoreState::Checking), (3, ProcoreState::ChangedInProcore)] {
            let sent = in_review(&store, world, n, "Pushed", 100).await;
            push(&store, world, &sent, state).await;
            let sent = edit(&store, world, sent, content(n, "Pushed", 101)).await;
            assert_eq!(link_state(&store, sent.id).await, state);
        }
    }

    async fn a_status_that_keeps_a_cor_out_of_procore_is_followed_in_the_log_with_what_is_there(store: Store) {
        let world = World::make(&store).await;
        let sent = in_review(&store, world, 1, "Pushed", 100).await;
        push(&store, world, &sent, ProcoreState::UpToDate).await;
        line_of(&store, world, &sent).await;
        let held = in_review(&store, world, 2, "On its way", 100).await;
        push(&store, world, &held, ProcoreState::Checking).await;
        let refused = in_review(&store, world, 3, "Refused", 100).await;
        push(&store, world, &refused, ProcoreState::Refused).await;
        let set = async |cor: &store::repo::cor::Cor, status: Status| {
            let cor = cor.clone();
            let set: Result<_, StoreError> =
                store.write(move |tx| tx.of(world.mechanical).set_cor_status(&cor, status, at(300))).await;
            set.unwrap()
        };
        let state = async |id: CorId| {
            let line = received(&store, world).await.rows.into_iter().find(|line| line.id == id).unwrap();
            assert_eq!(link_state(&store, id).await, line.procore.state);
            (line.procore.state, line.procore.reason)
        };
        // Another status that has a place there is no change of what is pushed.
        let approved = set(&sent, Status::ApprovedToProceed).await;
        assert_eq!((approved.priced, state(sent.id).await.0), (sent.priced, ProcoreState::UpToDate));
        let void = set(&approved, Status::Void).await;
        assert_eq!(void.priced, void.revision, "a plan that was made before is out of date");
        let (is, why) = state(sent.id).await;
        assert_eq!(is, ProcoreState::UpdateNeeded);
        assert!(why.starts_with("It is void, and 1.00 of it is still in Procore."), "{why}");
        let void = edit(&store, world, void, content(1, "Pushed", 250)).await;
        assert_eq!(state(sent.id).await, (is, why), "what it asks for makes no difference");
        set(&void, Status::InReview).await;
        assert_eq!(state(sent.id).await, (ProcoreState::UpdateNeeded, String::new()));

        set(&held, Status::Void).await;
        assert_eq!(state(held.id).await.0, ProcoreState::Checking, "a push owns it");
        let refused = set(&refused, Status::Void).await;
        assert_eq!(state(refused.id).await, (ProcoreState::NotInProcore, String::new()), "nothing of it is there");
        set(&refused, Status::InReview).await;
        assert_eq!(state(refused.id).await, (ProcoreState::NotInProcore, String::new()));
    }

    async fn a_deleted_draft_leaves_nothing_and_a_sent_cor_stays(store: Store) {
        let world = World::make(&store).await;
        let draft = world.make_draft(&store, 1, None, "Draft", 100).await;
        let sent = in_review(&store, world, 2, "Sent", 50).await;
        let (gone, kept) = (draft.clone(), sent.clone());
        let deleted: Result<_, StoreError> = store.write(move |tx| tx.of(world.mechanical).delete_draft(&draft)).await;
        deleted.unwrap();
        let refused: Result<_, StoreError> = store.write(move |tx| tx.of(world.mechanical).delete_draft(&sent)).await;
        assert!(matches!(refused, Err(StoreError::Expected1Row { .. })));
        let left: Result<_, StoreError> = store
            .read(move |tx| {
                let mut tx = tx.of(world.mechanical);
                let buckets = tx.log_buckets(world.project, Side::Sent, &LogFilter::default())?;
                Ok((tx.cor(gone.id)?, tx.cor(kept.id)?.is_some(), buckets))
            })
            .await;
        let (gone, kept, buckets) = left.unwrap();
        assert_eq!((gone, kept), (None, true));
        assert_eq!(buckets.iter().map(|b| (b.status, b.cors)).collect::<Vec<_>>(), [(Status::InReview, 1)]);
    }
}

async fn in_review(store: &Store, world: World, n: u128, title: &str, cents: i64) -> store::repo::cor::Cor {
    let new = world.draft(n, None, title, cents);
    let sent: Result<_, StoreError> = store
        .write(move |tx| {
            let mut tx = tx.of(world.mechanical);
            let draft = tx.create_cor(&new)?.unwrap();
            tx.set_cor_status(&draft, Status::InReview, at(100))
        })
        .await;
    sent.unwrap()
}

async fn edit(store: &Store, world: World, cor: store::repo::cor::Cor, content: CorContent) -> store::repo::cor::Cor {
    let number: CorNumber = cor.number.clone();
    let after: Result<_, StoreError> =
        store.write(move |tx| tx.of(world.mechanical).update_cor(&cor, &number, &content, at(200))).await;
    after.unwrap()
}

/// As a push leaves it behind.
async fn push(store: &Store, world: World, cor: &store::repo::cor::Cor, state: ProcoreState) {
    let (cor, priced) = (cor.id, cor.priced);
    let link = LinkId(uuid(cor.0.as_u128() + 5000));
    let done: Result<_, StoreError> = store
        .write(move |tx| {
            tx.exec_one(
                "INSERT INTO link (id, company_id, cor_id, project_id, side, reference, event_id, breakdown, state, reason, \
                 pushed, pushed_amount, pushed_at) VALUES ($1, $2, $3, $4, 'received', $5, 900, 'lump_sum', $6, '', $7, '1', $8)",
                &[
                    link.into(),
                    world.gc.into(),
                    cor.into(),
                    world.project.into(),
                    link.to_string().into(),
                    state.into(),
                    priced.into(),
                    at(200).into(),
                ],
            )?;
            tx.of(world.gc).show_in_log(&[InProcore { cor, state, reason: "", event: Some((900, "009")) }])
        })
        .await;
    done.unwrap();
}

/// The line that its push made.
async fn line_of(store: &Store, world: World, cor: &store::repo::cor::Cor) {
    let link = LinkId(uuid(cor.id.0.as_u128() + 5000));
    let values = Values {
        description: "Work".into(),
        amount: cor.total().into(),
        budget_code: None,
        contract: None,
        vendor: None,
    };
    let line = KnownLine { key: LineKey::Total, ordinal: 1, line: Some(77), values };
    let kept: Result<_, StoreError> =
        store.write(move |tx| tx.of(world.gc).save_link_lines(&[(link, line.clone())])).await;
    kept.unwrap();
}

async fn link_state(store: &Store, cor: CorId) -> ProcoreState {
    let state: Result<_, StoreError> =
        store.read(move |tx| tx.one("SELECT state FROM link WHERE cor_id = $1", &[cor.into()], |row| row.get(0))).await;
    state.unwrap().unwrap()
}
