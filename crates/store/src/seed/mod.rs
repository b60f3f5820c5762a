//! Believable data in bulk, for measuring and for trying things out: prepared statements of many rows, and the log's
//! indexes made once at the end.
//!
//! Keys, search text and totals come from the same code as every other write; only the way they reach the disk differs.

mod bulk;
mod people;
mod phrases;

use std::sync::atomic::{AtomicU64, Ordering};

use domain::{CompanyId, CorId, Currency, Entropy, OfficeId, ProjectId, procore::Side};
use jiff::{SignedDuration, Timestamp};

use crate::{
    db::{Store, StoreError, Tx},
    repo::log::row,
};

/// CORs of one unit of work.
const UNIT: u64 = 5_000;
/// From so many CORs on it is quicker to make the log's indexes anew than to keep them.
const BULK: u64 = 20_000;

/// What to make.
#[derive(Debug, Clone, Copy)]
pub struct Seeding {
    /// The company that receives the CORs.
    pub customer: CompanyId,
    /// The office it runs the projects from.
    pub office: OfficeId,
    /// How many projects.
    pub projects: u32,
    /// How many CORs in all, spread evenly.
    pub cors: u64,
    /// Of a hundred CORs, how many stand in the customer's log as if they had been pushed. For measuring filters: there
    /// are change events for them, but no links.
    pub pushed_percent: u32,
    /// Where the randomness begins; the same one makes the same data.
    pub seed: u64,
    /// The end of the time the data spreads over.
    pub now: Timestamp,
}

/// Makes it, and answers the projects. Call [`Store::analyze`] afterwards to let the database know.
pub async fn seed(store: &Store, seeding: Seeding) -> Result<Vec<ProjectId>, StoreError> {
    let bulk = seeding.cors >= BULK;
    let dropped = if bulk { store.write(bulk::drop_log_indexes).await? } else { Vec::new() };
    let made = fill(store, seeding).await;
    // Whatever happened, the indexes come back.
    let restored = store
        .write(move |tx| {
            for sql in &dropped {
                tx.exec(sql, &[])?;
            }
            Ok::<_, StoreError>(())
        })
        .await;
    let projects = made?;
    restored?;
    store.analyze().await?;
    Ok(projects)
}

/// The company that receives seeded CORs and an office of it: that of a person, or else of the first Account Owner.
pub fn receiver(tx: &mut Tx, email: Option<&str>) -> Result<Option<(CompanyId, OfficeId)>, StoreError> {
    let sql = "SELECT o.company_id, o.id FROM person p JOIN office o ON o.company_id = p.company_id \
               WHERE ($1 = '' AND p.role = 'account_owner') OR p.email = $1 ORDER BY p.created_at, p.id, o.created_at, o.id \
               LIMIT 1";
    tx.one(sql, &[email.unwrap_or_default().into()], |row| Ok((row.get(0)?, row.get(1)?)))
}

async fn fill(store: &Store, seeding: Seeding) -> Result<Vec<ProjectId>, StoreError> {
    let random = std::sync::Arc::new(Random::new(seeding.seed));
    let begun = random.clone();
    let subs = store.write(move |tx| people::subs(tx, &seeding, &begun)).await?;
    let mut projects = Vec::new();
    for n in 0..seeding.projects {
        let share = share(seeding.cors, seeding.projects, n);
        let (subs, begun) = (subs.clone(), random.clone());
        let mut site = store.write(move |tx| people::site(tx, &seeding, &subs, n, &begun)).await?;
        projects.push(site.project);
        let mut done = 0;
        while done < share {
            let (count, random) = (UNIT.min(share - done), random.clone());
            site = store.write(move |tx| write_unit(tx, &seeding, site.clone(), done, (count, share), &random)).await?;
            done += count;
        }
    }
    Ok(projects)
}

/// The n-th of `parts` nearly equal parts.
fn share(whole: u64, parts: u32, n: u32) -> u64 {
    let parts = u64::from(parts.max(1));
    whole / parts + u64::from(u64::from(n) < whole % parts)
}

fn write_unit(
    tx: &mut Tx,
    seeding: &Seeding,
    mut site: people::Site,
    from: u64,
    (count, of): (u64, u64),
    random: &Random,
) -> Result<people::Site, StoreError> {
    let mut rows = bulk::Rows::default();
    for n in from..from + count {
        let place = usize::try_from(n).unwrap_or(0) % site.subs.len();
        let (sub, number) = site.next(place);
        let cor = phrases::cor(seeding, &site, sub, number, age(n, of), random);
        let tie = random.percent(seeding.pushed_percent) && cor.status.keeps_out_of_procore(false).is_none();
        for side in [Side::Sent, Side::Received] {
            if side == Side::Received && !cor.status.is_shared() {
                continue;
            }
            let mut seen = row::StoredRow::of(&cor, side);
            if side == Side::Received && tie {
                seen = people::tied(seen, random);
            }
            rows.log(site.logs[place].of(side), seen);
        }
        rows.cor(cor);
    }
    rows.write(tx)?;
    for (sub, log) in site.subs.iter().zip(&site.logs) {
        let sql = "UPDATE project_company SET next_cor_number = $3 WHERE project_id = $1 AND company_id = $2";
        tx.exec_one(sql, &[site.project.into(), sub.company.into(), log.next.into()])?;
    }
    Ok(site)
}

/// How long before the end the n-th of so many CORs was begun: the first is eighteen months old.
fn age(n: u64, of: u64) -> SignedDuration {
    let whole = 550 * 24 * 3600;
    let left = i64::try_from((of - n) * u64::from(u32::MAX) / of.max(1)).unwrap_or(0);
    SignedDuration::from_secs(whole * left / i64::from(u32::MAX))
}

/// Randomness that repeats itself: SplitMix64 (Steele, Lea, Flood 2014). Never for secrets.
pub(crate) struct Random(AtomicU64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    fn next(&self) -> u64 {
        let mut z = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 to `limit`, without it.
    pub fn below(&self, limit: u32) -> u32 {
        u32::try_from(self.next() % u64::from(limit.max(1))).unwrap_or(0)
    }

    pub fn percent(&self, of_a_hundred: u32) -> bool {
        self.below(100) < of_a_hundred
    }

    pub fn one_of<T: Copy>(&self, all: &[T]) -> T {
        all[usize::try_from(self.next()).unwrap_or(usize::MAX) % all.len()]
    }
}

impl Entropy for Random {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let length = chunk.len();
            chunk.copy_from_slice(&self.next().to_le_bytes()[..length]);
        }
    }
}

/// A COR's id at its time.
pub(crate) fn cor_id(at: Timestamp, random: &Random) -> CorId {
    CorId::fresh(at, random)
}

/// What seeded projects are priced in.
pub(crate) const CURRENCY: Currency = Currency::Usd;
