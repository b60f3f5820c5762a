//! Pushes, their outbox and the links they own, on both databases.

use std::collections::BTreeSet;

use crate::support::{World, at, uuid};
use domain::{
    CorId, Currency, DraftId, LinkId, Money, OfficeId, PersonId, PushId,
    cor::{Breakdown, LineKey, Section},
    procore::{
        Amount, Side,
        push::{Batch, NewEvent, Order, Purpose, Target},
        push_plan::{KnownLine, Plan, Values},
        push_state::{CorOutcome, ProcoreState, PushState},
        reference::Reference,
    },
};
use jiff::Timestamp;
use store::{
    Store, StoreError, both_databases,
    repo::{
        draft::Draft,
        link::Link,
        outbox::Claim,
        push::{Push, PushCor},
    },
};

const ACCOUNT: i64 = 598_134_325;
const PERSON: PersonId = PersonId(uuid::Uuid::from_u128(50));

fn a_push(world: World, n: u128, queue: &str) -> Push {
    let plan = Plan::new(Side::Received, None, &[], &BTreeSet::default(), &BTreeSet::default());
    Push {
        id: PushId(uuid(n)),
        company: world.gc,
        project: world.project,
        person: PERSON,
        draft: None,
        procore_company: ACCOUNT,
        procore_project: 7,
        queue: queue.to_owned(),
        event: None,
        order: Order {
            target: Target::New(NewEvent::default()),
            plan,
            breakdown: Breakdown::LumpSum,
            currency: Currency::Usd,
            purpose: Purpose::Write,
            no_revenue: false,
        },
        batches: vec![Batch::fresh(vec![CorId(uuid(1001))])],
        state: PushState::Queued { due: at(0) },
        attempt: 0,
        requested: None,
        seen_event: None,
        created_at: at(0),
    }
}

fn a_link(world: World, n: u128, cor: CorId) -> Link {
    Link {
        id: LinkId(uuid(n)),
        cor,
        project: world.project,
        side: Side::Received,
        reference: Reference::stored(format!("{n:08}")),
        event: None,
        breakdown: Breakdown::LumpSum,
        state: ProcoreState::InProgress,
        reason: String::new(),
        pushed: 0,
        pushed_amount: Amount::ZERO,
        pushed_at: None,
        push: None,
    }
}

/// Two companies on a project, one of whose people pushes, and the office of it connected.
async fn world(store: &Store) -> World {
    let world = World::make(store).await;
    let office = OfficeId(uuid(world.gc.0.as_u128() + 100));
    let made: Result<(), StoreError> = store
        .write(move |tx| {
            tx.exec(
                "INSERT INTO person (id, company_id, office_id, email, name, role, password_hash, created_at) \
                 VALUES ($1, $2, $3, 'd@w.example', 'Daniel', 'project_manager', '', 0)",
                &[PERSON.into(), world.gc.into(), office.into()],
            )?;
            tx.exec(
                "INSERT INTO office_integration (office_id, company_id, procore_company_id, procore_company, \
                 connected_by, connected_at) VALUES ($1, $2, $3, 'Whitfield', $4, 0)",
                &[office.into(), world.gc.into(), ACCOUNT.into(), PERSON.into()],
            )?;
            Ok(())
        })
        .await;
    made.unwrap();
    world
}

async fn insert(store: &Store, push: Push, cors: Vec<PushCor>) {
    let stored: Result<(), StoreError> = store.write(move |tx| tx.of(push.company).insert_push(&push, &cors)).await;
    stored.unwrap();
}

async fn claim(store: &Store, holder: &'static str, now: Timestamp, until: Timestamp) -> Option<Claim> {
    let claimed: Result<_, StoreError> = store.write(move |tx| tx.claim(holder, now, until)).await;
    claimed.unwrap()
}

async fn hold(store: &Store, claim: &Claim, until: Timestamp) -> Result<(), StoreError> {
    let claim = claim.clone();
    store.write(move |tx| tx.hold(&claim, until)).await
}

async fn advance(store: &Store, was: &Push, state: PushState, now: Timestamp) -> Result<Push, StoreError> {
    let (was, next) = (was.clone(), Push { state, ..was.clone() });
    store.write(move |tx| tx.of(was.company).advance_push(&was, &next, now).map(|()| next.clone())).await
}

async fn due(store: &Store) -> Option<Timestamp> {
    store.read(store::Tx::next_due).await.unwrap()
}

both_databases! {
    async fn drafts_that_became_pushes_leave_an_unfinished_one_its_place(store: Store) {
        let world = world(&store).await;
        let draft = move |n: i64| {
            let id = DraftId(uuid(500 + u128::from(n.unsigned_abs())));
            Draft { id, project: world.project, person: PERSON, side: Side::Received, body: "{}".into(), revision: 1 }
        };
        // Draft 1 is the oldest and 2 was touched after it; 3 to 6 are newer and became pushes.
        let begun: Result<(), StoreError> = store
            .write(move |tx| (1..=6).try_for_each(|n| tx.of(world.gc).insert_draft(&draft(n), at(n))))
            .await;
        begun.unwrap();
        for n in 3..=6 {
            let push = Push { draft: Some(draft(n).id), ..a_push(world, 100 + u128::from(n.unsigned_abs()), "queue") };
            insert(&store, push, vec![]).await;
        }
        let unfinished: Result<_, StoreError> = store
            .write(move |tx| {
                let mut us = tx.of(world.gc);
                us.update_draft(&draft(1), at(20))?;
                let mut found = |person, side, most| us.unfinished_drafts(person, world.project, side, most);
                let all = found(PERSON, Side::Received, 10)?.into_iter().map(|draft| draft.id).collect::<Vec<_>>();
                let one = found(PERSON, Side::Received, 1)?.len();
                let others = found(PersonId(uuid(77)), Side::Received, 10)?.len() + found(PERSON, Side::Sent, 10)?.len();
                us.update_draft(&Draft { revision: 2, ..draft(1) }, at(1))?;
                let kept = [us.discard_draft(draft(3).id, PERSON)?, us.discard_draft(draft(1).id, PersonId(uuid(77)))?];
                Ok((all, one, others, kept))
            })
            .await;
        let unfinished = unfinished.unwrap();
        assert_eq!(unfinished, (vec![draft(1).id, draft(2).id], 1, 0, [false, false]), "and no record is discarded");
        let left = async |most: i64| {
            let swept: Result<_, StoreError> = store
                .write(move |tx| {
                    let mut us = tx.of(world.gc);
                    us.sweep_drafts(PERSON, at(0), most)?;
                    (1..=6).map(|n| Ok(us.draft(draft(n).id)?.map(|_| n))).collect::<Result<Vec<_>, StoreError>>()
                })
                .await;
            swept.unwrap().into_iter().flatten().collect::<Vec<i64>>()
        };
        assert_eq!(left(2).await, [1, 2, 3, 4, 5, 6], "two are unfinished, and two may be");
        assert_eq!(left(1).await, [2, 3, 4, 5, 6], "the one left alone for longest goes, and no record does");
    }

    async fn a_push_is_read_as_it_was_stored_and_only_by_its_company(store: Store) {
        let world = world(&store).await;
        let cor = world.make_draft(&store, 1, None, "Pipe", 100).await;
        let push = a_push(world, 1, "push/1");
        let mine = PushCor {
            cor: cor.id,
            link: LinkId(uuid(9)),
            priced: 1,
            previous: Amount::ZERO,
            planned: Money::minor(100).into(),
            before: (ProcoreState::NotInProcore, String::new()),
            outcome: CorOutcome::Pending,
        };
        insert(&store, push.clone(), vec![mine.clone()]).await;
        let (id, gc, sub) = (push.id, world.gc, world.mechanical);
        let read = store.read(move |tx| {
            let own = (tx.of(gc).push(id)?, tx.of(gc).push_cors(id)?);
            Ok::<_, StoreError>((own, tx.of(sub).push(id)?, tx.of(sub).push_cors(id)?))
        });
        let (own, theirs, their_cors) = read.await.unwrap();
        assert_eq!(own, (Some(push), vec![mine]));
        assert_eq!((theirs, their_cors), (None, vec![]));
    }

    async fn a_cor_of_a_push_is_settled_once(store: Store) {
        let world = world(&store).await;
        let cor = world.make_draft(&store, 1, None, "Pipe", 100).await.id;
        let push = a_push(world, 1, "push/1");
        let mine = PushCor {
            cor,
            link: LinkId(uuid(9)),
            priced: 1,
            previous: Amount::ZERO,
            planned: Amount::ZERO,
            before: (ProcoreState::NotInProcore, String::new()),
            outcome: CorOutcome::Pending,
        };
        insert(&store, push.clone(), vec![mine]).await;
        let settle = |by, outcome: CorOutcome| {
            let (store, id) = (store.clone(), push.id);
            async move { store.write(move |tx| tx.of(by).end_push_cors(id, &[(cor, outcome.clone())])).await }
        };
        let refused = CorOutcome::Refused { why: "No such code.".to_owned() };
        assert!(matches!(settle(world.mechanical, refused.clone()).await, Err(StoreError::Expected1Row { .. })));
        settle(world.gc, refused.clone()).await.unwrap();
        assert!(matches!(settle(world.gc, CorOutcome::Written).await, Err(StoreError::Expected1Row { .. })));
        let (gc, id) = (world.gc, push.id);
        let cors = store.read(move |tx| tx.of(gc).push_cors(id)).await.unwrap();
        assert_eq!(cors[0].outcome, refused);
    }

    async fn a_push_moves_only_along_the_arrows_and_only_from_where_it_is(store: Store) {
        let world = world(&store).await;
        let push = a_push(world, 1, "push/1");
        insert(&store, push.clone(), vec![]).await;
        let wrong = advance(&store, &push, PushState::Uncertain { look_at: at(9) }, at(1)).await;
        assert!(matches!(wrong, Err(StoreError::Internal(_))), "nothing was sent: {wrong:?}");
        let sending = advance(&store, &push, PushState::Sending { since: at(1) }, at(1)).await.unwrap();
        let again = advance(&store, &push, PushState::Sending { since: at(1) }, at(1)).await;
        assert!(matches!(again, Err(StoreError::Expected1Row { .. })), "somebody else moved it: {again:?}");
        let other_attempt = Push { attempt: 5, ..sending.clone() };
        let stale = advance(&store, &other_attempt, PushState::Finished, at(2)).await;
        assert!(matches!(stale, Err(StoreError::Expected1Row { .. })), "{stale:?}");
        advance(&store, &sending, PushState::Finished, at(2)).await.unwrap();
        assert_eq!(due(&store).await, None, "the row went with the push that is at rest");
    }

    async fn the_push_that_is_due_longest_is_claimed_first_and_a_lane_has_one_holder(store: Store) {
        let world = world(&store).await;
        for (n, queue) in [(1, "event/1"), (2, "event/1"), (3, "event/2")] {
            insert(&store, Push { created_at: at(n), ..a_push(world, n.unsigned_abs().into(), queue) }, vec![]).await;
        }
        assert_eq!(claim(&store, "a", at(0), at(50)).await, None, "nothing is due yet");
        let first = claim(&store, "a", at(10), at(50)).await.unwrap();
        assert_eq!((first.push, first.fence), (PushId(uuid(1)), 1));
        let second = claim(&store, "b", at(10), at(50)).await.unwrap();
        assert_eq!(second.push, PushId(uuid(3)), "the other of the queue waits");
        assert_eq!(claim(&store, "b", at(49), at(90)).await, None);
        let stolen = claim(&store, "b", at(50), at(90)).await.unwrap();
        assert_eq!((stolen.push, stolen.fence), (PushId(uuid(1)), 2), "the lease has ended");
        assert!(matches!(hold(&store, &first, at(99)).await, Err(StoreError::Expected1Row { .. })));
        hold(&store, &stolen, at(51)).await.unwrap();
        assert_eq!(claim(&store, "c", at(51), at(90)).await.map(|c| c.fence), Some(3), "let go before its time");
    }

    async fn one_companys_thousands_don_t_keep_another_waiting(store: Store) {
        let world = world(&store).await;
        let (theirs, office) = (PersonId(uuid(51)), OfficeId(uuid(world.mechanical.0.as_u128() + 100)));
        let made: Result<(), StoreError> = store
            .write(move |tx| {
                let sql = "INSERT INTO person (id, company_id, office_id, email, name, role, password_hash, created_at) \
                     VALUES ($1, $2, $3, 'm@c.example', 'Mara', 'project_manager', '', 0)";
                tx.exec_one(sql, &[theirs.into(), world.mechanical.into(), office.into()])
            })
            .await;
        made.unwrap();
        for n in 1..=20 {
            insert(&store, a_push(world, n, &format!("push/{n}")), Vec::new()).await;
        }
        let late = Push {
            company: world.mechanical,
            person: theirs,
            state: PushState::Queued { due: at(5) },
            ..a_push(world, 90, "push/90")
        };
        insert(&store, late, Vec::new()).await;
        let mut served = Vec::new();
        for _ in 0..4 {
            served.push(claim(&store, "one", at(10), at(60)).await.unwrap().push);
        }
        assert!(served[..2].contains(&PushId(uuid(90))), "it waits for one push of the others, not for twenty: {served:?}");
        let once: BTreeSet<_> = served.iter().collect();
        assert_eq!(once.len(), served.len());
    }

    async fn of_many_who_claim_at_once_one_gets_it(store: Store) {
        let world = world(&store).await;
        insert(&store, a_push(world, 1, "event/1"), vec![]).await;
        insert(&store, a_push(world, 2, "event/1"), vec![]).await;
        let rivals: Vec<_> = (0..8)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move { claim(&store, "someone", at(1), at(50)).await })
            })
            .collect();
        let mut won = 0;
        for rival in rivals {
            won += usize::from(rival.await.unwrap().is_some());
        }
        assert_eq!(won, 1);
    }

    async fn what_waits_for_a_person_is_not_due(store: Store) {
        let world = world(&store).await;
        let push = a_push(world, 1, "push/1");
        insert(&store, push.clone(), vec![]).await;
        let why = "Sign in.".to_owned();
        let parked = advance(&store, &push, PushState::Parked { why, uncertain: true }, at(1)).await.unwrap();
        assert_eq!((due(&store).await, claim(&store, "a", at(9), at(50)).await), (None, None));
        let (gc, office) = (world.gc, OfficeId(uuid(world.gc.0.as_u128() + 100)));
        let waiting = store.read(move |tx| {
            let mut us = tx.of(gc);
            Ok::<_, StoreError>((us.parked_pushes_of(PERSON)?, us.parked_pushes_at(office, ACCOUNT)?))
        });
        assert_eq!(waiting.await.unwrap(), (vec![parked.clone()], vec![parked.clone()]));
        let sent = advance(&store, &parked, PushState::Queued { due: at(2) }, at(2)).await;
        assert!(matches!(sent, Err(StoreError::Internal(_))), "what may have been sent is looked for first: {sent:?}");
        advance(&store, &parked, PushState::Uncertain { look_at: at(3) }, at(2)).await.unwrap();
        assert_eq!(due(&store).await, Some(at(3)));
    }

    async fn a_disconnected_office_holds_back_what_was_sent_and_what_waited(store: Store) {
        let world = world(&store).await;
        let (gc, office) = (world.gc, OfficeId(uuid(world.gc.0.as_u128() + 100)));
        let (busy, waiting) = (a_push(world, 1, "push/1"), a_push(world, 2, "push/2"));
        insert(&store, busy.clone(), vec![]).await;
        insert(&store, waiting.clone(), vec![]).await;
        let parked = PushState::Parked { why: String::new(), uncertain: false };
        let waiting = advance(&store, &waiting, parked, at(1)).await.unwrap();
        let cut = store.write(move |tx| {
            let mut us = tx.of(gc);
            us.remove_integration(office)?;
            us.park_office_queue(office, ACCOUNT)
        });
        assert_eq!(cut.await.unwrap(), 1, "the one that waits for its person is held back already");
        // A worker in the middle of the first, and a sign-in for the second, move them on all the same.
        advance(&store, &busy, PushState::Sending { since: at(2) }, at(2)).await.unwrap();
        advance(&store, &waiting, PushState::Queued { due: at(2) }, at(2)).await.unwrap();
        assert_eq!(due(&store).await, None);
        let connected = store.write(move |tx| {
            let mut us = tx.of(gc);
            us.set_integration(&store::repo::integration::Integration {
                office,
                procore_company_id: ACCOUNT,
                procore_company: "Whitfield".to_owned(),
                connected_by: PERSON,
                connected_by_name: String::new(),
                connected_at: at(3),
            })?;
            us.unpark_office_queue(office, ACCOUNT)
        });
        assert_eq!(connected.await.unwrap(), 2);
        assert_eq!(due(&store).await, Some(at(2)));
    }

    async fn a_company_has_one_link_for_a_cor_and_the_other_has_its_own(store: Store) {
        let world = world(&store).await;
        let cor = world.make_draft(&store, 1, None, "Pipe", 100).await.id;
        let insert = |company, n| {
            let (store, link) = (store.clone(), a_link(world, n, cor));
            async move { store.write(move |tx| tx.of(company).insert_links(std::slice::from_ref(&link))).await }
        };
        insert(world.gc, 1).await.unwrap();
        assert!(insert(world.gc, 2).await.is_err(), "a second link of the same company");
        insert(world.mechanical, 3).await.unwrap();
        let (gc, sub) = (world.gc, world.mechanical);
        let links = store.read(move |tx| Ok::<_, StoreError>((tx.of(gc).link_of(cor)?, tx.of(sub).link_of(cor)?)));
        let (ours, theirs) = links.await.unwrap();
        assert_eq!((ours.unwrap().id, theirs.unwrap().id), (LinkId(uuid(1)), LinkId(uuid(3))));
    }

    async fn lines_of_a_link_are_kept_by_their_key_and_by_their_company(store: Store) {
        let world = world(&store).await;
        let cor = world.make_draft(&store, 1, None, "Pipe", 100).await.id;
        let mut link = a_link(world, 1, cor);
        link.event = Some(77);
        let (gc, sub, project, id) = (world.gc, world.mechanical, world.project, link.id);
        let line = |key, ordinal, procore: Option<i64>| KnownLine {
            key,
            ordinal,
            line: procore,
            values: Values {
                description: format!("line {ordinal}"),
                amount: "-0.0333".parse().unwrap(),
                budget_code: Some(1),
                contract: None,
                vendor: None,
            },
        };
        let (total, labor) = (line(LineKey::Total, 1, None), line(LineKey::Section(Section::Labor), 2, Some(12)));
        let known = line(LineKey::Total, 1, Some(11));
        let (before, after) = ([total, labor.clone()], [known.clone(), labor.clone()]);
        let kept = after.clone();
        let stored: Result<_, StoreError> = store
            .write(move |tx| {
                tx.of(gc).insert_links(std::slice::from_ref(&link))?;
                for line in before.iter().chain([&after[0]]) {
                    tx.of(gc).save_link_lines(&[(id, line.clone())])?;
                }
                Ok(())
            })
            .await;
        stored.unwrap();
        let other = labor.clone();
        let foreign: Result<(), StoreError> = store.write(move |tx| tx.of(sub).save_link_lines(&[(id, other.clone())])).await;
        assert!(matches!(foreign, Err(StoreError::Expected1Row { .. })), "not theirs to write");
        let read = store.write(move |tx| {
            tx.of(sub).forget_link_lines(&[(id, LineKey::Total)])?;
            let lines = tx.of(gc).link_lines(id)?;
            let ours = tx.of(gc).our_lines_in(project, 77, Side::Received)?;
            assert!(tx.of(gc).our_lines_in(project, 77, Side::Sent)?.is_empty(), "they hold no revenue of ours");
            tx.of(gc).forget_link_lines(&[(id, LineKey::Total)])?;
            Ok::<_, StoreError>((lines, ours, tx.of(gc).link_lines(id)?, tx.of(sub).link_lines(id)?))
        });
        let (lines, ours, left, theirs) = read.await.unwrap();
        assert_eq!(lines, kept);
        assert_eq!(ours.into_iter().collect::<Vec<_>>(), [11, 12]);
        assert_eq!((left, theirs), (vec![labor], vec![]));
    }
}
