//! Pages of the audit record: of a COR, for both its companies, and the export.

use std::io;

use askama::Template;
use axum::{
    Router,
    body::Body,
    extract::{Path, Query, State},
    response::Response,
    routing::get,
};
use domain::{CompanyId, CorId};
use futures_util::stream;
use serde::Deserialize;

use crate::{
    App, Error,
    log::pages::log_url,
    record::{self, CSV_HEADINGS, CorEntry, CorRecord, ExportCursor, RecordEntry},
    serving::{
        download, filters, forms,
        session::SignedIn,
        shell::{Page, shell},
        views::{NavItem, Shell},
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

/// What happened to a COR in Procore, the newest first.
#[derive(Template)]
#[template(path = "record/templates/record.html")]
pub(crate) struct CorRecordPage<'a> {
    pub shell: Shell,
    pub record: &'a CorRecord,
    /// The reader's company.
    pub us: &'a str,
}

impl CorRecordPage<'_> {
    /// Both companies' entries in one story.
    fn newest_first(&self) -> Vec<&CorEntry> {
        let mut all: Vec<&CorEntry> = self.record.entries.iter().collect();
        all.sort_by_key(|said| std::cmp::Reverse((said.entry.at, said.entry.seq)));
        all
    }

    /// Whether both companies have entries in it.
    fn is_mixed(&self) -> bool {
        let all = &self.record.entries;
        all.iter().any(CorEntry::is_theirs) && !all.iter().all(CorEntry::is_theirs)
    }

    /// The company whose record holds an entry.
    fn owner(&self, said: &CorEntry) -> &str {
        if said.is_theirs() { &self.record.counterparty } else { self.us }
    }

    fn file(&self, format: &str) -> String {
        format!("{}/file?format={format}", url_of(self.record.cor_id))
    }
}

async fn page(State(app): State<App>, person: SignedIn, Path(id): Path<CorId>) -> Result<Response, Error> {
    let record = record::of_cor(&app, &person.actor, id).await?;
    let project = record.project_id;
    let frame = Page::new("Record", NavItem::Log)
        .of(project)
        .under("Projects", "/projects")
        .under(&record.project_name, format!("/projects/{project}"))
        .under("COR Log", log_url(project, record.side, ""))
        .under(format!("COR {}", record.number), format!("/cors/{id}"));
    let shell = shell(&app, &person, frame).await?;
    forms::page(&CorRecordPage { shell, record: &record, us: &person.company_name })
}

/// The format of a file.
#[derive(Deserialize)]
struct FileFormat {
    #[serde(default)]
    format: String,
}

impl FileFormat {
    /// Whether to write comma-separated values; otherwise one JSON object per line.
    fn csv(&self) -> bool {
        self.format == "csv"
    }
}

async fn file(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<CorId>,
    Query(asked): Query<FileFormat>,
) -> Result<Response, Error> {
    let record = record::of_cor(&app, &person.actor, id).await?;
    let name = format!("record-cor-{}", record.number);
    let text = written(record.entries.iter().map(|said| &said.entry), asked.csv(), true)?;
    saved(&name, asked.csv(), Body::from(text))
}

async fn whole(State(app): State<App>, person: SignedIn, Query(asked): Query<FileFormat>) -> Result<Response, Error> {
    record::may_export(&person.actor)?;
    let name = format!("record-{}-{}", person.company_name, words::today(app.now()));
    saved(&name, asked.csv(), Body::from_stream(pages(app, person.actor.company, asked.csv())))
}

/// A company's record, page by page to save memory.
fn pages(app: App, company: CompanyId, csv: bool) -> impl futures_util::Stream<Item = Result<String, io::Error>> {
    stream::try_unfold((ExportCursor::start(), true), move |(from, first)| {
        let app = app.clone();
        async move {
            let page = async {
                let (entries, next) = record::export(&app.store, company, from).await?;
                Ok::<_, Error>((entries.is_empty(), written(&entries, csv, first)?, next))
            };
            match page.await {
                Ok((true, _, _)) if !first => Ok(None),
                Ok((_, text, next)) => Ok(Some((text, (next, false)))),
                Err(error) => {
                    // The answer has begun; cutting it off shows that it is incomplete.
                    tracing::error!(%error, "a record could not be exported completely");
                    Err(io::Error::other("the record could not be read to its end"))
                }
            }
        }
    })
}

fn written<'a>(entries: impl IntoIterator<Item = &'a RecordEntry>, csv: bool, first: bool) -> Result<String, Error> {
    let mut text = if csv && first { CSV_HEADINGS.to_owned() } else { String::new() };
    for entry in entries {
        text += &if csv { entry.csv() } else { entry.json()? };
    }
    Ok(text)
}

fn saved(name: &str, csv: bool, body: Body) -> Result<Response, Error> {
    let (ending, kind) = if csv { ("csv", "text/csv; charset=utf-8") } else { ("jsonl", "application/x-ndjson") };
    download::file(name, ending, kind, body)
}
