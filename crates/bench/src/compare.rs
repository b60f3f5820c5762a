//! The page of the log from the floor and from the product, as JSON and as HTML, in turn, over one database.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use domain::{CompanyId, ProjectId};
use serde_json::Value;

use crate::{
    Fallible,
    load::{self, Asked, Measured},
    servers::{self, Server},
    world::{SESSION, TOKEN, World},
};

/// Rows of the page.
pub const ROWS: usize = 50;
/// Where the product's JSON is to be at least, as a part of the floor.
const JSON_OF_FLOOR: f64 = 0.6;
/// Where the product's HTML is to be at least, as a part of its JSON.
const HTML_OF_JSON: f64 = 0.5;

/// CORs in review, the greatest amounts first, as a program asks for them.
fn json(project: ProjectId) -> String {
    format!("/api/v1/projects/{project}/log/received?status=in_review&sort=total&dir=desc&limit={ROWS}")
}

/// The same as a browser asks for them.
fn html(project: ProjectId) -> String {
    format!("/projects/{project}/log/received?status=in_review&sort=-total")
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
    /// Rounds; in each one every cell is measured once.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Seconds of a measurement.
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// Where to make the database; a temporary folder unless given.
    #[arg(long)]
    dir: Option<PathBuf>,
}

/// What answers.
const ANSWERS: [&str; 3] = ["floor", "JSON", "HTML"];

/// One project on so many connections, asked for what [`ANSWERS`] names.
struct Cell {
    project: &'static str,
    connections: usize,
    asked: [Asked; 3],
    measured: [Vec<Measured>; 3],
}

impl Args {
    /// Seeds, checks that floor and product answer the same, measures, and prints.
    pub async fn run(self) -> Fallible<()> {
        let folder = self.dir.as_ref().map_or_else(tempfile::tempdir, tempfile::tempdir_in)?;
        let database = folder.path().join("log.db");
        let (company, small, big) = self.seeded(&database).await?;
        let product = servers::product(&database).await?;
        let floor = servers::floor(&database, company).await?;
        let mut cells = Vec::new();
        for (project, id) in [("small", small), ("big", big)] {
            let asked = asked(&product, &floor, id);
            let (one, other) = (load::fetch(&asked[0]).await?, load::fetch(&asked[1]).await?);
            same(&one, &other)?;
            let page = load::fetch(&asked[2]).await?.len();
            println!("{project} project: floor and product answer the same {} bytes; HTML has {page}", one.len());
            for connections in [1, 16] {
                cells.push(Cell { project, connections, asked: asked.clone(), measured: Default::default() });
            }
        }
        let time = Duration::from_secs_f64(self.seconds);
        for round in 0..self.rounds {
            // Another cell begins each round, and another server goes first.
            cells.rotate_left(round % 2);
            for cell in &mut cells {
                for turn in 0..ANSWERS.len() {
                    let at = (round + turn) % ANSWERS.len();
                    let measured = load::measure(&cell.asked[at], cell.connections, time / 5, time).await?;
                    cell.measured[at].push(measured);
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

/// Whatever the one answers, the other must too: rows, count, totals and the next page, to the byte.
fn same(one: &[u8], other: &[u8]) -> Fallible<()> {
    let texts = (one, other);
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
    if texts.0 != texts.1 {
        return Err("the answers say the same in different bytes".into());
    }
    Ok(())
}

fn asked(product: &Server, floor: &Server, project: ProjectId) -> [Asked; 3] {
    let asked = |server: &Server, path, header, value: String| Asked {
        server: server.address,
        process: server.process,
        path,
        header,
        value,
    };
    let token = format!("Bearer {TOKEN}");
    [
        asked(floor, json(project), "authorization", token.clone()),
        asked(product, json(project), "authorization", token),
        asked(product, html(project), "cookie", format!("ledgerboard={SESSION}")),
    ]
}

fn report(cells: &[Cell]) {
    println!(
        "\n{:<8}{:>12} {:<8}{:>26}{:>10}{:>10}{:>14}",
        "project", "connections", " answer", "answers/s", "p50 ms", "p99 ms", "processor ms"
    );
    let mut reached = true;
    for cell in cells {
        for (name, measured) in ANSWERS.iter().zip(&cell.measured) {
            println!("{:<8}{:>12}  {name:<7}{}", cell.project, cell.connections, figures(measured));
        }
        let [floor, json, html] = &cell.measured;
        for (name, one, other, goal) in
            [("JSON of floor", json, floor, JSON_OF_FLOOR), ("HTML of JSON", html, json, HTML_OF_JSON)]
        {
            let ratio = |value: fn(&Measured) -> f64| -> Vec<f64> {
                one.iter().zip(other).map(|(one, other)| value(one) / value(other)).collect()
            };
            let (median, low, high) = spread(&mut ratio(|m| m.per_second));
            let (worked, ..) = spread(&mut ratio(|m| 1.0 / m.processor.as_secs_f64()));
            println!("{:>22}{name:<14}{median:>6.2} ({low:.2}–{high:.2}), by processor time {worked:.2}", "");
            reached &= median >= goal;
        }
    }
    println!(
        "\nJSON at least {JSON_OF_FLOOR} of the floor and HTML {HTML_OF_JSON} of JSON: {}",
        if reached { "reached" } else { "MISSED" }
    );
}

fn figures(measured: &[Measured]) -> String {
    let of = |value: fn(&Measured) -> f64| spread(&mut measured.iter().map(value).collect::<Vec<_>>());
    let (median, low, high) = of(|m| m.per_second);
    let range = format!("{median:.0} ({low:.0}–{high:.0})");
    let (p50, p99) = (of(|m| m.p50.as_secs_f64() * 1e3).0, of(|m| m.p99.as_secs_f64() * 1e3).0);
    let processor = of(|m| m.processor.as_secs_f64() * 1e3).0;
    format!("{range:>26}{p50:>10.2}{p99:>10.2}{processor:>14.3}")
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
    async fn the_product_and_the_floor_answer_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("log.db");
        let world = World::make(&database).await.unwrap();
        let path = json(world.seed(1, 600).await.unwrap()[0]);
        let product = ledgerboard::testing::World::on(world.store.clone()).app;
        let one = answer(ledgerboard::pages::router(&product), &path).await;
        let other = answer(crate::floor::router(database, world.company), &path).await;
        same(&one, &other).unwrap();
        let different = String::from_utf8(other).unwrap().replacen("\"number\":\"", "\"number\":\"0", 1);
        assert!(same(&one, different.as_bytes()).unwrap_err().to_string().starts_with("the answers differ in `rows`"));
    }
}
