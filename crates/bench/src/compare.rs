//! The page of the log from the product and from the bare endpoint, in turn, over one database.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use domain::{CompanyId, ProjectId, cor::Status};
use serde_json::Value;
use store::repo::log::{LogFilter, PageWanted, Position, Sort, SortBy};

use crate::{
    Fallible,
    load::{self, Asked, Measured},
    servers,
    world::{TOKEN, World},
};

/// Rows of the page.
pub const ROWS: usize = 50;
/// Where the product is to be at least, as a part of the bare endpoint.
const GOAL: f64 = 0.5;

/// The page that is measured: CORs in review, the greatest amounts first.
pub fn wanted() -> PageWanted {
    let filter = LogFilter { statuses: BTreeSet::from([Status::InReview]), ..LogFilter::default() };
    let sort = Sort { by: SortBy::Total, descending: true };
    PageWanted { filter, sort, position: Position::First, rows: ROWS }
}

/// The same page of a project's log, as it is asked for.
fn path(project: ProjectId) -> String {
    format!("/api/v1/projects/{project}/log/received?status=in_review&sort=total&dir=desc&limit={ROWS}")
}

/// Settings of `bench log`.
#[derive(clap::Args)]
pub struct Args {
    /// Projects of the ordinary kind.
    #[arg(long, default_value_t = 50)]
    projects: u32,
    /// CORs on each of them.
    #[arg(long, default_value_t = 2_000)]
    small: u64,
    /// CORs on one more project.
    #[arg(long, default_value_t = 50_000)]
    big: u64,
    /// Rounds; in each one every cell is measured once on both servers.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Seconds of a measurement.
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// Where to make the database; a temporary folder unless given.
    #[arg(long)]
    dir: Option<PathBuf>,
}

/// One combination of what is asked and on how many connections.
struct Cell {
    project: &'static str,
    path: String,
    connections: usize,
    product: Vec<Measured>,
    bare: Vec<Measured>,
}

impl Args {
    /// Seeds, checks that both answer the same, measures, and prints.
    pub async fn run(self) -> Fallible<()> {
        let folder = self.dir.as_ref().map_or_else(tempfile::tempdir, tempfile::tempdir_in)?;
        let database = folder.path().join("log.db");
        let (company, small, big) = self.seeded(&database).await?;
        let product = servers::product(&database).await?;
        let bare = servers::bare(&database, company).await?;
        let asked = |server: &servers::Server, path: &str| Asked {
            server: server.address,
            path: path.to_owned(),
            token: TOKEN.to_owned(),
        };
        let mut cells = Vec::new();
        for (project, id) in [("small", small), ("big", big)] {
            let path = path(id);
            let (one, other) = (load::fetch(&asked(&product, &path)).await?, load::fetch(&asked(&bare, &path)).await?);
            same(&one, &other)?;
            println!("{project} project: both answer the same {} bytes", one.len());
            for connections in [1, 16] {
                let (product, bare) = (Vec::new(), Vec::new());
                cells.push(Cell { project, path: path.clone(), connections, product, bare });
            }
        }
        let time = Duration::from_secs_f64(self.seconds);
        for round in 0..self.rounds {
            // Another cell begins each round, and the other server goes first.
            cells.rotate_left(round % 2);
            for cell in &mut cells {
                for turn in 0..2 {
                    let (server, measured) = match (round + turn) % 2 {
                        0 => (&product, &mut cell.product),
                        _ => (&bare, &mut cell.bare),
                    };
                    measured.push(load::measure(&asked(server, &cell.path), cell.connections, time / 5, time).await?);
                }
            }
        }
        cells.sort_by_key(|cell| (std::cmp::Reverse(cell.project), cell.connections));
        report(&cells);
        Ok(())
    }

    async fn seeded(&self, database: &Path) -> Fallible<(CompanyId, ProjectId, ProjectId)> {
        let begun = Instant::now();
        let world = World::make(database).await?;
        let small = world.seed(self.projects, self.small * u64::from(self.projects)).await?;
        let big = world.seed(1, self.big).await?;
        println!("seeded {} projects in {:.1} s", small.len() + big.len(), begun.elapsed().as_secs_f64());
        Ok((world.company, small[small.len() / 2], big[0]))
    }
}

/// Whatever the product answers, the bare endpoint must too: rows, count, totals and the next page.
fn same(one: &[u8], other: &[u8]) -> Fallible<()> {
    let (one, other): (Value, Value) = (serde_json::from_slice(one)?, serde_json::from_slice(other)?);
    let rows = one["rows"].as_array().map_or(0, Vec::len);
    if rows != ROWS {
        return Err(format!("the page has {rows} rows instead of {ROWS}: seed more CORs").into());
    }
    for (name, value) in one.as_object().into_iter().flatten() {
        if other.get(name) != Some(value) {
            return Err(format!("the answers differ in `{name}`:\n{value}\n{}", other[name]).into());
        }
    }
    Ok(())
}

fn report(cells: &[Cell]) {
    println!(
        "\n{:<8}{:>12} {:<9}{:>26}{:>10}{:>10}",
        "project", "connections", " server", "answers/s", "p50 ms", "p99 ms"
    );
    let mut reached = true;
    for cell in cells {
        for (name, measured) in [("product", &cell.product), ("bare", &cell.bare)] {
            println!("{:<8}{:>12}  {name:<8}{}", cell.project, cell.connections, figures(measured));
        }
        let mut ratios: Vec<f64> =
            cell.product.iter().zip(&cell.bare).map(|(product, bare)| product.per_second / bare.per_second).collect();
        let (median, low, high) = spread(&mut ratios);
        println!("{:<8}{:>12}  {:<8}{median:>14.2} ({low:.2}–{high:.2})", "", "", "ratio");
        reached &= median >= GOAL;
    }
    println!("\nAt least {GOAL} of the bare endpoint: {}", if reached { "reached" } else { "MISSED" });
}

fn figures(measured: &[Measured]) -> String {
    let of = |value: fn(&Measured) -> f64| spread(&mut measured.iter().map(value).collect::<Vec<_>>());
    let (median, low, high) = of(|m| m.per_second);
    let range = format!("{median:.0} ({low:.0}–{high:.0})");
    let (p50, p99) = (of(|m| m.p50.as_secs_f64() * 1e3).0, of(|m| m.p99.as_secs_f64() * 1e3).0);
    format!("{range:>26}{p50:>10.2}{p99:>10.2}")
}

/// Median, least and greatest.
fn spread(values: &mut [f64]) -> (f64, f64, f64) {
    values.sort_by(f64::total_cmp);
    let at = |i: usize| values.get(i).copied().unwrap_or(f64::NAN);
    (at(values.len() / 2), at(0), at(values.len().saturating_sub(1)))
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Body, http::Request};
    use tower::ServiceExt as _;

    use super::*;

    async fn answer(server: Router, path: &str) -> Vec<u8> {
        let request =
            Request::get(path).header("authorization", format!("Bearer {TOKEN}")).body(Body::empty()).unwrap();
        let answer = server.oneshot(request).await.unwrap();
        axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap().to_vec()
    }

    /// Or else two different things would be measured.
    #[tokio::test]
    async fn the_product_and_the_bare_endpoint_answer_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("log.db");
        let world = World::make(&database).await.unwrap();
        let path = path(world.seed(1, 600).await.unwrap()[0]);
        let product = ledgerboard::testing::World::on(world.store.clone()).app;
        let one = answer(ledgerboard::web::router(&product), &path).await;
        let other = answer(crate::bare::router(database, world.company).await.unwrap(), &path).await;
        same(&one, &other).unwrap();
        let different = String::from_utf8(other).unwrap().replacen("\"number\":\"", "\"number\":\"0", 1);
        assert!(same(&one, different.as_bytes()).unwrap_err().to_string().starts_with("the answers differ in `rows`"));
    }
}
