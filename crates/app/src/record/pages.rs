//! The sealed record: what was done to a COR in Procore, for both of its companies, and the record taken out.

use std::io;

use axum::{
    Router,
    body::Body,
    extract::{Path, Query, State},
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
    routing::get,
};
use domain::{
    CompanyId, CorId,
    audit::{Event, Told, chain::Sealed},
    procore::Side,
};
use futures_util::stream;
use serde::Deserialize;

use super::views::{RecordEntry, RecordLine, RecordPage};
use crate::{
    App, Error,
    cor::read_cor,
    log::pages::log_url,
    record::{self, CSV_HEADINGS, CorRecord, Line, Place},
    serving::{
        forms,
        session::SignedIn,
        shell::{Page, shell},
        views::{Link, NavItem},
        words,
    },
};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/cors/{cor}/record", get(page))
        .route("/cors/{cor}/record/file", get(file))
        .route("/record/file", get(whole))
}

/// Where the record of a COR is.
pub(crate) fn url_of(cor: CorId) -> String {
    format!("/cors/{cor}/record")
}

async fn page(State(app): State<App>, person: SignedIn, Path(id): Path<CorId>) -> Result<Response, Error> {
    let seen = read_cor::cor(&app, &person.actor, id).await?;
    let record = record::of_cor(&app, &person.actor, id).await?;
    let cor = &record.cor;
    let frame = Page::new("Record", NavItem::Log)
        .of(cor.project)
        .under("Projects", "/projects")
        .under(&seen.project.name, format!("/projects/{}", cor.project))
        .under("COR Log", log_url(cor.project, record.side, ""))
        .under(format!("COR {}", cor.number), format!("/cors/{id}"));
    let party = if record.side == Side::Sent { &cor.receiver_name } else { &cor.sender_name };
    let file = |format: &str| format!("{}/file?format={format}", url_of(id));
    forms::page(&RecordPage {
        shell: shell(&app, &person, frame).await?,
        heading: format!("COR {} · {}", cor.number, cor.title),
        party: party.clone(),
        currency: cor.currency.code().to_owned(),
        entries: entries(&record, &person.company_name, party)?,
        csv_url: file("csv"),
        jsonl_url: file("jsonl"),
        back: Link::new("Back to the COR", format!("/cors/{id}")),
    })
}

/// Both companies' entries in one story, the newest first.
fn entries(record: &CorRecord, us: &str, party: &str) -> Result<Vec<RecordEntry>, Error> {
    let mut all: Vec<(i64, i64, RecordEntry)> = Vec::new();
    for entry in &record.ours {
        let event = entry.event().map_err(Error::internal)?;
        let mut shown = entry_of(entry, us);
        shown.what = event.sentence();
        shown.login = event.login().unwrap_or_default().to_owned();
        shown.request_id = event.request_id().unwrap_or_default().to_owned();
        if let Event::Cor { kept, .. } = &event {
            let line = |line: &domain::audit::Line| RecordLine {
                id: line.id.to_string(),
                amount: line.amount.map(words::money),
                code: line.budget_code.map(|code| code.to_string()).unwrap_or_default(),
            };
            shown.lines = kept.lines.iter().map(line).collect();
        }
        all.push((entry.at, entry.seq, shown));
    }
    for told in &record.theirs {
        let mut shown = entry_of(&told.entry, party);
        let event: Told = serde_json::from_str(&told.entry.told).map_err(Error::internal)?;
        shown.what = event.sentence();
        shown.request_id = event.request_id().unwrap_or_default().to_owned();
        shown.theirs = true;
        all.push((told.entry.at, told.entry.seq, shown));
    }
    all.sort_by_key(|(at, seq, _)| (std::cmp::Reverse(*at), std::cmp::Reverse(*seq)));
    Ok(all.into_iter().map(|(_, _, shown)| shown).collect())
}

fn entry_of(entry: &Sealed, company: &str) -> RecordEntry {
    let hash = entry.hash.to_string();
    RecordEntry {
        when: words::moment(entry.time()),
        company: company.to_owned(),
        number: entry.seq.to_string(),
        short: hash.chars().take(12).collect(),
        hash,
        ..RecordEntry::default()
    }
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    format: String,
}

impl Asked {
    /// Whether as comma-separated values; JSON, one object a line, otherwise.
    fn csv(&self) -> bool {
        self.format == "csv"
    }
}

async fn file(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<CorId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let record = record::of_cor(&app, &person.actor, id).await?;
    let name = format!("record-cor-{}", record.cor.number);
    let text = written(&record.lines()?, asked.csv(), true)?;
    named(&name, asked.csv(), Body::from(text))
}

async fn whole(State(app): State<App>, person: SignedIn, Query(asked): Query<Asked>) -> Result<Response, Error> {
    record::may_export(&person.actor)?;
    let name = format!("record-{}-{}", person.company_name, words::today(app.now()));
    named(&name, asked.csv(), Body::from_stream(pages(app, person.actor.company, asked.csv())))
}

/// A company's record page by page, so that a long one takes no memory.
fn pages(app: App, company: CompanyId, csv: bool) -> impl futures_util::Stream<Item = Result<String, io::Error>> {
    stream::try_unfold((Place::start(), true), move |(place, first)| {
        let app = app.clone();
        async move {
            let page = async {
                let (lines, next) = record::export(&app.store, company, place).await?;
                Ok::<_, Error>((lines.is_empty(), written(&lines, csv, first)?, next))
            };
            match page.await {
                Ok((true, _, _)) if !first => Ok(None),
                Ok((_, text, next)) => Ok(Some((text, (next, false)))),
                Err(error) => {
                    // The answer has begun: cut off, it is seen to be incomplete.
                    tracing::error!(%error, "a record could not be taken out to its end");
                    Err(io::Error::other("the record could not be read to its end"))
                }
            }
        }
    })
}

fn written(lines: &[Line], csv: bool, first: bool) -> Result<String, Error> {
    let mut text = if csv && first { CSV_HEADINGS.to_owned() } else { String::new() };
    for line in lines {
        text += &if csv { line.csv() } else { line.json()? };
    }
    Ok(text)
}

fn named(name: &str, csv: bool, body: Body) -> Result<Response, Error> {
    let safe: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let (ending, kind) = if csv { ("csv", "text/csv; charset=utf-8") } else { ("jsonl", "application/x-ndjson") };
    let named = format!("attachment; filename=\"{}.{ending}\"", safe.trim_matches('-'));
    let named = HeaderValue::from_str(&named).map_err(Error::internal)?;
    let kind = HeaderValue::from_static(kind);
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, named)], body).into_response())
}
