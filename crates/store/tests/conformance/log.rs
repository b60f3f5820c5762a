//! The log: kept totals are what a count would give, pages lose nothing, filters find what they should.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::{World, at, content, uuid};
use domain::{
    CompanyId, CorId, Currency, Money,
    cor::{CorNumber, Status},
    procore::{Side, push_state::ProcoreState},
};
use store::{
    Store, StoreError, Tx, both_databases,
    repo::log::{Bucket, InProcore, LogCursor, LogFilter, LogRow, PageWanted, Picked, Position, Sort, SortBy},
};

/// Numbers that look random and repeat themselves.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// What the totals must be: counted from the CORs themselves, and from the states that were set.
fn counted(
    tx: &mut Tx,
    world: World,
    company: CompanyId,
    side: Side,
    states: &BTreeMap<(CompanyId, CorId), ProcoreState>,
) -> Vec<Bucket> {
    let (who, shared) = match side {
        Side::Sent => ("sender_id", ""),
        Side::Received => ("receiver_id", "AND status <> 'draft'"),
    };
    let sql = format!("SELECT id, status, currency, total FROM cor WHERE project_id = $1 AND {who} = $2 {shared}");
    let rows = tx
        .query(&sql, &[world.project.into(), company.into()], |row| {
            Ok((row.get::<CorId>(0)?, row.get::<Status>(1)?, row.get::<Currency>(2)?, row.get::<Money>(3)?))
        })
        .unwrap();
    let mut totals: BTreeMap<(Status, ProcoreState, Currency), (i64, Money)> = BTreeMap::new();
    for (id, status, currency, total) in rows {
        let state = states.get(&(company, id)).copied().unwrap_or(ProcoreState::NotInProcore);
        let entry = totals.entry((status, state, currency)).or_default();
        entry.0 += 1;
        entry.1 += total;
    }
    let bucket = |((status, procore, currency), (cors, amount))| Bucket { status, procore, currency, cors, amount };
    let mut buckets: Vec<_> = totals.into_iter().map(bucket).collect();
    buckets.sort();
    buckets
}

/// The state that a log keeps under `key`: those that came later have later numbers than their place in the filter.
fn stored_as(key: i64) -> ProcoreState {
    const LATER: [ProcoreState; 4] =
        [ProcoreState::Stopped, ProcoreState::Paused, ProcoreState::OtherCurrency, ProcoreState::EventUnreadable];
    let first = ProcoreState::ALL.into_iter().filter(|state| !LATER.contains(state));
    first.chain(LATER).nth(usize::try_from(key).unwrap()).unwrap()
}

/// One change by somebody; what the rules forbid changes nothing.
fn change(
    tx: &mut Tx,
    world: World,
    dice: &mut Dice,
    ids: &mut Vec<CorId>,
    states: &mut BTreeMap<(CompanyId, CorId), ProcoreState>,
) -> Result<(), StoreError> {
    let n = u128::from(dice.below(1 << 40));
    let cents = i64::try_from(dice.below(1_000_000)).unwrap() - 300_000;
    let id = ids.get(usize::try_from(dice.below(ids.len().max(1) as u64)).unwrap()).copied();
    let cor = match id {
        Some(id) => tx.of(world.mechanical).cor(id)?,
        None => None,
    };
    match (dice.below(6), cor) {
        (0 | 1, _) | (_, None) => {
            let mut new = world.draft(n, None, "Made", cents);
            new.at = at(1);
            ids.push(tx.of(world.mechanical).create_cor(&new)?.unwrap().id);
        }
        (2, Some(cor)) => {
            let number = CorNumber::parse(&format!("{}.{}", cor.number, dice.below(9)))
                .unwrap_or_else(|_| CorNumber::parse(&format!("N{n}")).unwrap());
            tx.of(world.mechanical).update_cor(&cor, &number, &content(n, "Edited", cents), at(2))?;
        }
        (3, Some(cor)) if cor.status == Status::Draft => {
            tx.of(world.mechanical).delete_draft(&cor)?;
            ids.retain(|id| *id != cor.id);
            states.retain(|(_, id), _| *id != cor.id);
        }
        (4, Some(cor)) if cor.status.is_shared() => {
            let state = ProcoreState::ALL[usize::try_from(dice.below(ProcoreState::ALL.len() as u64)).unwrap()];
            let company = if dice.below(2) == 0 { world.gc } else { world.mechanical };
            let event = (dice.below(3) > 0).then_some((900, "007"));
            tx.of(company).show_in_log(&[InProcore { cor: cor.id, state, reason: "", event }])?;
            states.insert((company, cor.id), state);
        }
        (_, Some(cor)) => {
            let next = Status::ALL[usize::try_from(dice.below(6)).unwrap() + 1];
            let who = if cor.status.is_shared() && dice.below(2) == 0 { world.gc } else { world.mechanical };
            tx.of(who).set_cor_status(&cor, next, at(3))?;
        }
    }
    Ok(())
}

both_databases! {
    async fn kept_totals_are_what_a_count_gives_after_any_changes(store: Store) {
        let world = World::make(&store).await;
        for seed in 0..4 {
            let mut dice = Dice(seed);
            for round in 0..6 {
                let begin = dice.below(u64::MAX >> 1);
                let checked: Result<_, StoreError> = store
                    .write(move |tx| {
                        let mut dice = Dice(begin);
                        let mut ids: Vec<CorId> =
                            tx.query("SELECT id FROM cor ORDER BY id", &[], |row| row.get(0))?;
                        let mut states = tx.query(
                            "SELECT l.company_id, r.cor_id, r.procore_key FROM log_row r JOIN log l ON l.id = r.log_id",
                            &[],
                            |row| {
                                let key: i64 = row.get(2)?;
                                Ok(((row.get(0)?, row.get(1)?), stored_as(key)))
                            },
                        )?.into_iter().collect();
                        for _ in 0..40 {
                            change(tx, world, &mut dice, &mut ids, &mut states)?;
                        }
                        let mut compared = Vec::new();
                        for (company, side) in [(world.gc, Side::Received), (world.mechanical, Side::Sent)] {
                            let kept = tx.of(company).log_buckets(world.project, side, &LogFilter::default())?;
                            let everything = LogFilter { counterparties: BTreeSet::from([world.gc, world.mechanical]), ..LogFilter::default() };
                            let computed = tx.of(company).log_buckets(world.project, side, &everything)?;
                            compared.push((kept, computed, counted(tx, world, company, side, &states)));
                            let sql = "SELECT r.event_id, COUNT(*) FROM log_row r JOIN log l ON l.id = r.log_id \
                                       WHERE l.company_id = $1 AND l.side = $2 AND r.event_id > 0 GROUP BY r.event_id";
                            let events = tx.query(sql, &[company.into(), side.into()], |row| Ok((row.get(0)?, row.get(1)?)))?;
                            assert_eq!(tx.of(company).log_events(world.project, side)?, events.into_iter().collect());
                        }
                        Ok(compared)
                    })
                    .await;
                for (kept, computed, counted) in checked.unwrap() {
                    assert_eq!(kept, counted, "seed {seed}, round {round}");
                    assert_eq!(computed, counted, "seed {seed}, round {round}");
                }
            }
        }
    }

    async fn every_sort_meets_every_row_once_both_ways(store: Store) {
        let world = World::make(&store).await;
        let all = spread(&store, world).await;
        for by in SortBy::ALL {
            for descending in [false, true] {
                let sort = Sort { by, descending };
                let (pages, previous) = walk(&store, world, sort, 7).await;
                let met: Vec<CorId> = pages.iter().flatten().map(|line| line.id).collect();
                assert_eq!(met.iter().copied().collect::<BTreeSet<_>>(), all, "{sort:?} loses nothing");
                assert_eq!(met.len(), all.len(), "{sort:?} repeats nothing");
                let back = walk_back(&store, world, sort, 7, previous).await;
                let ahead: Vec<_> = pages.iter().take(pages.len() - 1).flatten().map(|line| line.id).collect();
                assert_eq!(back, ahead, "{sort:?} backwards");
                let (other, _) = walk(&store, world, Sort { by, descending: !descending }, 50).await;
                let mut turned: Vec<_> = other.into_iter().flatten().map(|line| line.id).collect();
                turned.reverse();
                assert_eq!(met, turned, "{sort:?} is the other one turned round");
            }
        }
    }

    async fn rows_come_in_the_order_people_expect(store: Store) {
        let world = World::make(&store).await;
        spread(&store, world).await;
        let lines = |by| {
            let store = store.clone();
            async move {
                let (pages, _) = walk(&store, world, Sort { by, descending: false }, 50).await;
                pages.into_iter().flatten().collect::<Vec<LogRow>>()
            }
        };
        let numbers: Vec<String> = lines(SortBy::Number).await.iter().map(|line| line.number.to_string()).collect();
        assert_eq!(numbers[..5], ["001", "002", "003", "003.1", "003.2"]);
        assert!(numbers.iter().position(|n| n == "009") < numbers.iter().position(|n| n == "010"));
        assert!(lines(SortBy::Total).await.is_sorted_by_key(|line| line.amount));
        assert!(lines(SortBy::Status).await.is_sorted_by_key(|line| line.status), "the life of a COR");
        assert!(lines(SortBy::Submitted).await.is_sorted_by_key(|line| line.submitted_at));
        assert!(lines(SortBy::Title).await.is_sorted_by_key(|line| domain::text::fold(&line.title)));
    }

    async fn text_finds_numbers_events_and_names_but_no_other_companys(store: Store) {
        let world = World::make(&store).await;
        spread(&store, world).await;
        let found: Result<_, StoreError> = store
            .write(move |tx| {
                let cor = CorId(uuid(1014));
                tx.of(world.gc).show_in_log(&[InProcore { cor, state: ProcoreState::UpToDate, reason: "", event: Some((900, "009")) }])?;
                let mut find = |company, side, text: &str| {
                    let filter = LogFilter { text: text.to_owned(), ..LogFilter::default() };
                    let wanted = PageWanted { filter, rows: 100, ..PageWanted::default() };
                    let page = tx.of(company).log_page(world.project, side, &wanted).unwrap();
                    page.rows.into_iter().map(|line| line.id.0.as_u128() - 1000).collect::<BTreeSet<u128>>()
                };
                assert_eq!(find(world.gc, Side::Received, "14"), BTreeSet::from([14]));
                assert_eq!(find(world.gc, Side::Received, "CE 9"), BTreeSet::from([14]));
                assert_eq!(find(world.gc, Side::Received, "ce  009 "), BTreeSet::from([14]));
                assert_eq!(find(world.gc, Side::Received, "pco 5"), BTreeSet::from([5]), "the customer's reference");
                assert_eq!(find(world.gc, Side::Received, "LÜFTUNG"), BTreeSet::from([9, 18, 27]), "whatever the case");
                assert!(find(world.gc, Side::Received, "cascade").len() > 20, "the contractor's name");
                assert_eq!(find(world.gc, Side::Received, "%"), BTreeSet::new(), "no pattern");
                assert_eq!(find(world.mechanical, Side::Sent, "CE 9"), BTreeSet::new(), "the customer's event is not the sender's");
                assert_eq!(find(world.mechanical, Side::Sent, "cascade"), BTreeSet::new(), "one does not find oneself");
                assert_eq!(find(world.electrical, Side::Sent, "14"), BTreeSet::new());

                tx.of(world.gc).number_change_event(world.project, 900, "ASI 31")?;
                let mut find = |text: &str| {
                    let filter = LogFilter { text: text.to_owned(), ..LogFilter::default() };
                    tx.of(world.gc).log_buckets(world.project, Side::Received, &filter).unwrap().iter().map(|b| b.cors).sum::<i64>()
                };
                assert_eq!((find("asi 31"), find("CE 9")), (1, 0));
                Ok(())
            })
            .await;
        found.unwrap();
    }

    async fn filters_combine(store: Store) {
        let world = World::make(&store).await;
        spread(&store, world).await;
        let done: Result<_, StoreError> = store
            .write(move |tx| {
                for (n, state, event) in [
                    (4, ProcoreState::UpToDate, 900),
                    (7, ProcoreState::UpdateNeeded, 900),
                    (10, ProcoreState::UpToDate, 901),
                ] {
                    let cor = CorId(uuid(1000 + n));
                    tx.of(world.gc).show_in_log(&[InProcore { cor, state, reason: "", event: Some((event, "009")) }])?;
                }
                for (event, status) in [(900, "Open"), (901, "Priced by us")] {
                    tx.exec_one(
                        "INSERT INTO change_event (project_id, company_id, event_id, number, number_key, title, status, \
                         mapped_status, currency, cost, revenue, gone, read_at) VALUES ($1, $2, $3, '', '', '', $4, 'open', 'USD', '0', '0', 0, 0)",
                        &[world.project.into(), world.gc.into(), i64::from(event).into(), status.into()],
                    )?;
                }
                let mut find = |filter: LogFilter| {
                    let wanted = PageWanted { filter: filter.clone(), rows: 100, ..PageWanted::default() };
                    let page = tx.of(world.gc).log_page(world.project, Side::Received, &wanted).unwrap();
                    let ids: BTreeSet<u128> = page.rows.iter().map(|line| line.id.0.as_u128() - 1000).collect();
                    let picked = Picked::AllBut(filter, BTreeSet::from([CorId(uuid(1004))]));
                    let kept: Vec<&LogRow> = page.rows.iter().filter(|line| line.id != CorId(uuid(1004))).collect();
                    let mut select = |limit| tx.of(world.gc).log_selected(world.project, Side::Received, &picked, limit).unwrap();
                    let selected = select(kept.len()).unwrap();
                    assert_eq!(selected.sums.values().copied().sum::<Money>(), kept.iter().map(|line| line.amount).sum(), "exclusions count");
                    assert_eq!(selected.ids.into_iter().collect::<BTreeSet<_>>(), kept.iter().map(|line| line.id).collect());
                    if !kept.is_empty() {
                        assert_eq!(select(kept.len() - 1), None, "one too many");
                    }
                    ids
                };
                let any = LogFilter::default();
                assert_eq!(find(LogFilter { event: Some(900), ..any.clone() }), BTreeSet::from([4, 7]));
                assert_eq!(find(LogFilter { event_statuses: BTreeSet::from(["Priced by us".into()]), ..any.clone() }), BTreeSet::from([10]));
                assert_eq!(
                    find(LogFilter { procore: BTreeSet::from([ProcoreState::UpToDate, ProcoreState::UpdateNeeded]), event: Some(900), text: "pco 4".into(), ..any.clone() }),
                    BTreeSet::from([4])
                );
                let void = find(LogFilter { statuses: BTreeSet::from([Status::Void]), ..any.clone() });
                let both = find(LogFilter { statuses: BTreeSet::from([Status::Void, Status::InReview]), ..any.clone() });
                assert!(!void.is_empty() && void.is_subset(&both) && void != both);
                assert_eq!(find(LogFilter { counterparties: BTreeSet::from([world.electrical]), ..any.clone() }), BTreeSet::new());
                let none = Picked::These(BTreeSet::from([CorId(uuid(1004)), CorId(uuid(7))]));
                let mut selected = |company| {
                    tx.of(company).log_selected(world.project, Side::Received, &none, 10).unwrap().unwrap().ids
                };
                assert_eq!(selected(world.gc), [CorId(uuid(1004))], "what is not in the log is left out");
                assert_eq!(selected(world.electrical), [], "nor is it in another company's");
                Ok(())
            })
            .await;
        done.unwrap();
    }
}

/// 27 CORs of every shared status with repeated titles, amounts and blanks; answers their ids.
async fn spread(store: &Store, world: World) -> BTreeSet<CorId> {
    let made: Result<_, StoreError> = store
        .write(move |tx| {
            let mut us = tx.of(world.mechanical);
            let mut ids = BTreeSet::new();
            for n in 1..=27_u128 {
                let number = match n {
                    25 => Some("003.1"),
                    26 => Some("003.2"),
                    27 => Some("A-7"),
                    _ => None,
                };
                let title = if n % 9 == 0 { "Lüftung" } else { ["Zinc", "apex", ""][usize::try_from(n % 3).unwrap()] };
                let cents = i64::try_from(n % 5).unwrap() * 100 - 200;
                let mut new = world.draft(n, number, title, cents);
                if n % 2 == 1 || n < 9 {
                    new.content.customer_reference = format!("PCO {n}");
                }
                let draft = us.create_cor(&new)?.unwrap();
                let status = Status::ALL[usize::try_from(n % 6).unwrap() + 1];
                let at = at(i64::try_from(n / 4).unwrap());
                ids.insert(us.set_cor_status(&draft, status, at)?.id);
            }
            Ok(ids)
        })
        .await;
    made.unwrap()
}

async fn walk(store: &Store, world: World, sort: Sort, rows: usize) -> (Vec<Vec<LogRow>>, Option<LogCursor>) {
    let (mut pages, mut position) = (Vec::new(), Position::First);
    loop {
        let page = page(store, world, sort, rows, position).await;
        assert_eq!(page.previous.is_some(), !pages.is_empty(), "{sort:?}: only the first page has none before it");
        pages.push(page.rows);
        match page.next {
            // As it travels in an address.
            Some(cursor) => position = Position::After(LogCursor::decode(&cursor.encode(), sort.by).unwrap()),
            None => return (pages, page.previous),
        }
    }
}

async fn walk_back(store: &Store, world: World, sort: Sort, rows: usize, mut from: Option<LogCursor>) -> Vec<CorId> {
    let mut met = Vec::new();
    while let Some(cursor) = from {
        let page = page(store, world, sort, rows, Position::Before(cursor)).await;
        met.splice(0..0, page.rows.iter().map(|line| line.id));
        from = page.previous;
    }
    met
}

async fn page(store: &Store, world: World, sort: Sort, rows: usize, position: Position) -> store::repo::log::LogRows {
    let wanted = PageWanted { filter: LogFilter::default(), sort, position, rows };
    let page: Result<_, StoreError> =
        store.read(move |tx| tx.of(world.gc).log_page(world.project, Side::Received, &wanted)).await;
    page.unwrap()
}
