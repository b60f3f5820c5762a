//! Pages of the audit record: of a COR, for both its companies, and the export.

use std::{cmp::Reverse, io};

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
    record::{self, CorEntry, CorRecord, ExportCursor, RecordFormat},
    security,
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

/// What leaves when the whole record is saved.
pub(super) const WHOLE_RECORD: &str = "Whole record";

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
        all.sort_by_key(|said| Reverse((said.entry.at, said.entry.seq)));
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
    let frame = Page::in_project("Record", NavItem::Log, project, &record.project_name)
        .under("COR Log", log_url(project, record.side, ""))
        .under(format!("COR {}", record.number), format!("/cors/{id}"));
    let shell = shell(&app, &person, frame).await?;
    forms::page(&CorRecordPage { shell, record: &record, us: &person.company_name })
}

/// The format of a file.
#[derive(Default, Deserialize)]
#[serde(default)]
struct FileFormat {
    format: RecordFormat,
}

async fn file(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<CorId>,
    Query(FileFormat { format }): Query<FileFormat>,
) -> Result<Response, Error> {
    let record = record::of_cor(&app, &person.actor, id).await?;
    security::exported(&app, &person.actor, &format!("Record of COR {}", record.number)).await?;
    let name = format!("record-cor-{}", record.number);
    saved(&name, format, format.text(record.entries.iter().map(|said| &said.entry), true)?)
}

async fn whole(State(app): State<App>, person: SignedIn, Query(asked): Query<FileFormat>) -> Result<Response, Error> {
    record::may_export(&person.actor)?;
    security::exported(&app, &person.actor, WHOLE_RECORD).await?;
    let name = format!("record-{}-{}", person.company_name, words::today(app.now()));
    saved(&name, asked.format, Body::from_stream(pages(app, person.actor.company, asked.format)))
}

/// A company's record, page by page to save memory.
fn pages(
    app: App,
    company: CompanyId,
    format: RecordFormat,
) -> impl futures_util::Stream<Item = Result<String, io::Error>> {
    stream::try_unfold((ExportCursor::start(), true), move |(from, first)| {
        let app = app.clone();
        async move {
            let page = async {
                let (entries, next) = record::export(&app.store, company, from).await?;
                Ok::<_, Error>((entries.is_empty(), format.text(&entries, first)?, next))
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

fn saved(name: &str, format: RecordFormat, body: impl Into<Body>) -> Result<Response, Error> {
    let (ending, kind) = match format {
        RecordFormat::Csv => ("csv", "text/csv; charset=utf-8"),
        RecordFormat::Jsonl => ("jsonl", "application/x-ndjson"),
    };
    download::file(name, ending, kind, body)
}
