//! What is found in a log is what the plain definition finds: each row of the log whose text contains the words, in every
//! order.

use std::collections::BTreeSet;

use crate::support::{World, at, content};
use domain::{
    CompanyId, CorId, Money,
    cor::Status,
    procore::{Side, push_state::ProcoreState},
    text::fold,
};
use store::{
    StoreError, Tx, both_databases,
    repo::log::{InProcore, LogCursor, LogFilter, PageWanted, Picked, Position, Sort, SortBy},
};

/// Numbers that look random and repeat themselves.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn words(&mut self) -> String {
        const WORDS: [&str; 12] =
            ["Zinc", "14", "apex pump", "CE 9", "Lüftung", "9", "ﬁre", "level 14", "RFI 140", "é", "pco", "x"];
        let count = self.below(14);
        (0..count).map(|_| WORDS[self.below(WORDS.len())]).collect::<Vec<_>>().join(" ")
    }
}

/// A row as the table of rows has it.
struct Plain {
    cor: CorId,
    texts: [String; 4],
    numbers: [i64; 5],
    counterparty: CompanyId,
    total: Money,
    search: String,
}

impl Plain {
    fn is_found(&self, filter: &LogFilter) -> bool {
        let statuses = [
            Status::Draft,
            Status::Placeholder,
            Status::InReview,
            Status::ReviseAndResubmit,
            Status::ApprovedToProceed,
            Status::ApprovedCoIssued,
            Status::Void,
        ];
        let place = usize::try_from(self.numbers[0]).unwrap();
        (filter.statuses.is_empty() || filter.statuses.contains(&statuses[place]))
            && (filter.counterparties.is_empty() || filter.counterparties.contains(&self.counterparty))
            && filter.event.is_none_or(|event| event == self.numbers[4])
            && (filter.event_statuses.is_empty() || self.numbers[4] == 900)
            && self.search.contains(&fold(&filter.text))
    }

    fn key(&self, by: SortBy) -> (i64, &str, CorId) {
        match by {
            SortBy::Number => (0, &self.texts[0], self.cor),
            SortBy::Title => (0, &self.texts[1], self.cor),
            SortBy::Counterparty => (0, &self.texts[2], self.cor),
            SortBy::Reference => (0, &self.texts[3], self.cor),
            SortBy::Status => (self.numbers[0], "", self.cor),
            SortBy::Total => (self.numbers[1], "", self.cor),
            SortBy::Submitted => (self.numbers[2], "", self.cor),
            SortBy::Procore => (self.numbers[3], "", self.cor),
            SortBy::Event => (self.numbers[4], "", self.cor),
        }
    }
}

fn rows(tx: &mut Tx, world: World) -> Vec<Plain> {
    let sql = "SELECT r.cor_id, r.number_key, r.title_key, r.counterparty_key, r.reference_key, r.status_key, r.total, \
               r.submitted_key, r.procore_key, r.event_id, r.counterparty_id, r.search \
               FROM log_row r JOIN log l ON l.id = r.log_id WHERE l.project_id = $1 AND l.company_id = $2 AND l.side = $3";
    tx.query(sql, &[world.project.into(), world.gc.into(), Side::Received.into()], |row| {
        Ok(Plain {
            cor: row.get(0)?,
            texts: [row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?],
            numbers: [row.get(5)?, row.get(6)?, row.get(7)?, row.get(8)?, row.get(9)?],
            counterparty: row.get(10)?,
            total: row.get(6)?,
            search: row.get(11)?,
        })
    })
    .unwrap()
}

/// CORs come, are written anew, tied to events, void, and drafts go again.
fn live(tx: &mut Tx, world: World, dice: &mut Dice) -> Result<(), StoreError> {
    tx.exec_one(
        "INSERT INTO change_event (project_id, company_id, event_id, number, number_key, title, status, mapped_status, \
         currency, cost, revenue, gone, read_at) VALUES ($1, $2, 900, '', '', '', 'Open', 'open', 'USD', '0', '0', 0, 0)",
        &[world.project.into(), world.gc.into()],
    )?;
    for n in 0..90 {
        let who = if n % 4 == 0 { world.electrical } else { world.mechanical };
        let mut new = world.draft(n, None, &dice.words(), i64::try_from(dice.below(900)).unwrap() - 200);
        if who == world.electrical {
            new.contract = world.electrical_contract;
        }
        new.content.customer_reference = dice.words();
        let cor = tx.of(who).create_cor(&new)?.unwrap();
        let seconds = i64::try_from(dice.below(40)).unwrap();
        let cor = tx.of(who).set_cor_status(&cor, Status::ALL[1 + dice.below(6)], at(seconds))?;
        if dice.below(2) == 0 {
            let event = if dice.below(2) == 0 { (900, "009") } else { (901, "014") };
            let shown = InProcore { cor: cor.id, state: ProcoreState::UpToDate, reason: "", event: Some(event) };
            tx.of(world.gc).show_in_log(&[shown])?;
        }
        if dice.below(3) == 0 {
            let longer = content(n, &format!("{} {}", dice.words(), dice.words()), 500);
            tx.of(who).update_cor(&cor, &cor.number, &longer, at(seconds))?;
        }
        let draft = tx.of(who).create_cor(&world.draft(n + 5_000, None, &dice.words(), 1).for_(world, who))?.unwrap();
        if dice.below(2) == 0 {
            tx.of(who).delete_draft(&draft)?;
        }
    }
    tx.of(world.gc).number_change_event(world.project, 901, "ASI 14")
}

trait OfSub {
    fn for_(self, world: World, sub: CompanyId) -> Self;
}

impl OfSub for store::repo::cor::NewCor {
    fn for_(mut self, world: World, sub: CompanyId) -> Self {
        if sub == world.electrical {
            self.contract = world.electrical_contract;
        }
        self
    }
}

fn filters(world: World) -> Vec<LogFilter> {
    let any = LogFilter::default();
    let mut filters: Vec<LogFilter> = [
        "14",
        "CE 9",
        "9",
        "a",
        "x x",
        "zinc  Zinc",
        "LÜFTUNG",
        "é",
        "rfi 140",
        "ﬁ",
        "nowhere",
        "%",
        "asi",
        "cascade",
        " ",
    ]
    .into_iter()
    .map(|text| LogFilter { text: text.to_owned(), ..any.clone() })
    .collect();
    let statuses = BTreeSet::from([Status::InReview, Status::Void]);
    filters.push(LogFilter { counterparties: BTreeSet::from([world.electrical]), ..any.clone() });
    filters.push(LogFilter { event_statuses: BTreeSet::from(["Open".to_owned()]), ..any.clone() });
    filters.push(LogFilter { text: "14".to_owned(), event: Some(901), statuses: statuses.clone(), ..any.clone() });
    filters.push(LogFilter {
        text: "a".to_owned(),
        counterparties: BTreeSet::from([world.mechanical]),
        statuses,
        ..any
    });
    filters
}

/// Every page of a filter in an order, by the cursors in the pages.
fn walk(tx: &mut Tx, world: World, filter: &LogFilter, sort: Sort, rows: usize) -> Vec<CorId> {
    let (mut met, mut position) = (Vec::new(), Position::First);
    loop {
        let wanted = PageWanted { filter: filter.clone(), sort, position, rows };
        let page = tx.of(world.gc).log_page(world.project, Side::Received, &wanted).unwrap();
        met.extend(page.rows.iter().map(|line| line.id));
        match page.next {
            Some(cursor) => position = Position::After(LogCursor::decode(&cursor.encode(), sort.by).unwrap()),
            None => return met,
        }
    }
}

/// Pages, totals and selections are what the plain definition says.
fn agree(tx: &mut Tx, world: World) -> usize {
    let rows = rows(tx, world);
    let mut found = 0;
    for filter in filters(world) {
        let mut plain: Vec<&Plain> = rows.iter().filter(|row| row.is_found(&filter)).collect();
        found += plain.len();
        for by in SortBy::ALL {
            plain.sort_by(|a, b| a.key(by).cmp(&b.key(by)));
            let mut wanted: Vec<CorId> = plain.iter().map(|row| row.cor).collect();
            for descending in [false, true] {
                let small = matches!(by, SortBy::Reference | SortBy::Total).then_some(3);
                for rows in small.into_iter().chain([25]) {
                    let walked = walk(tx, world, &filter, Sort { by, descending }, rows);
                    assert_eq!(walked, wanted, "{filter:?} {by:?}, {rows} a page, descending: {descending}");
                }
                wanted.reverse();
            }
        }
    }
    agree_on_totals(tx, world, &rows);
    found
}

/// Totals and selections are what the plain definition says.
fn agree_on_totals(tx: &mut Tx, world: World, rows: &[Plain]) {
    for filter in filters(world) {
        let plain: Vec<&Plain> = rows.iter().filter(|row| row.is_found(&filter)).collect();
        let sum: Money = plain.iter().map(|row| row.total).sum();
        let picked = Picked::AllBut(filter.clone(), BTreeSet::new());
        match tx.of(world.gc).log_selected(world.project, Side::Received, &picked, 50).unwrap() {
            Some(selected) => {
                assert_eq!(
                    (selected.ids.len(), selected.sums.values().copied().sum()),
                    (plain.len(), sum),
                    "{filter:?}"
                );
                assert!(selected.ids.iter().all(|id| plain.iter().any(|row| row.cor == *id)), "{filter:?}");
            }
            None => assert!(plain.len() > 50, "{filter:?}"),
        }
        let beside = LogFilter { statuses: BTreeSet::new(), ..filter.clone() };
        let buckets = tx.of(world.gc).log_buckets(world.project, Side::Received, &filter).unwrap();
        let plain: Vec<&Plain> = rows.iter().filter(|row| row.is_found(&beside)).collect();
        assert_eq!(buckets.iter().map(|b| b.cors).sum::<i64>(), i64::try_from(plain.len()).unwrap(), "{filter:?}");
        assert_eq!(
            buckets.iter().map(|b| b.amount).sum::<Money>(),
            plain.iter().map(|row| row.total).sum(),
            "{filter:?}"
        );
    }
}

both_databases! {
    async fn a_log_finds_what_the_plain_definition_finds(store: Store) {
        let world = World::make(&store).await;
        for seed in 0..2 {
            let done: Result<(), StoreError> = store
                .write(move |tx| {
                    live(tx, world, &mut Dice(seed))?;
                    assert!(agree(tx, world) > 100);
                    assert_eq!(
                        tx.of(world.electrical).log_page(world.project, Side::Received, &searched("a")).unwrap().rows,
                        [],
                        "another company's text"
                    );
                    // Undone, so that the next seed begins with nothing.
                    Err(StoreError::MissingReference)
                })
                .await;
            assert!(matches!(done, Err(StoreError::MissingReference)), "{done:?}");
        }
    }

    async fn a_company_is_found_by_its_new_name(store: Store) {
        let world = World::make(&store).await;
        let done: Result<(), StoreError> = store
            .write(move |tx| {
                live(tx, world, &mut Dice(9))?;
                let found = |tx: &mut Tx, text| {
                    tx.of(world.gc).log_page(world.project, Side::Received, &searched(text)).unwrap().rows
                };
                let before = found(tx, "cascade").len();
                assert!(before > 20, "{before}");
                tx.of(world.mechanical).rename("Olympic Mechanical")?;
                assert_eq!(found(tx, "cascade"), []);
                let after = found(tx, "olympic");
                assert_eq!(after.len(), before);
                assert!(after.iter().all(|line| line.counterparty.name == "Olympic Mechanical"));
                // And is in order by it, and counted as before.
                assert!(agree(tx, world) > 100);
                Ok(())
            })
            .await;
        done.unwrap();
    }
}

fn searched(text: &str) -> PageWanted {
    let filter = LogFilter { text: text.to_owned(), ..LogFilter::default() };
    PageWanted { filter, rows: 100, ..PageWanted::default() }
}
