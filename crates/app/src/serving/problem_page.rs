//! Errors as pages: what happened, and who acts next. Internals go only to the log.

use askama::Template;
use axum::{
    body::{Body, HttpBody as _},
    extract::{Request, State},
    http::{Method, StatusCode, header},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use url::form_urlencoded;
use uuid::Uuid;

use super::{
    flash,
    forms::LARGEST_BODY,
    session::Visitor,
    shell,
    views::{NavItem, PageLink, Shell},
};
use crate::{App, Error, error::Storage, words::Failure};

/// 404, 403, 500: what happened and what to do.
#[derive(Template)]
#[template(path = "serving/templates/problem.html")]
pub(crate) struct ProblemPage {
    /// For somebody signed out `person` is empty, and the navigation is not drawn.
    pub shell: Shell,
    pub status: StatusCode,
    /// What happened, without internals.
    pub what: String,
    /// What to do or who can help; empty if [`Self::what`] says it.
    pub next: &'static str,
    pub kept: LastForm,
}

/// What we keep of a form that was not stored.
#[derive(Debug, Default)]
pub(crate) struct LastForm {
    /// It can be sent again unchanged.
    pub again: Option<PostedForm>,
    /// What was typed into a form that can't be stored, to copy; may be empty.
    pub written: String,
}

/// A form as it was posted.
#[derive(Debug)]
pub(crate) struct PostedForm {
    /// Its address.
    pub url: String,
    /// Its fields by name, in their order.
    pub fields: Vec<(String, String)>,
}

impl ProblemPage {
    /// The page of a failure with this status.
    pub fn of(frame: Shell, status: StatusCode, error: Option<&Error>, kept: LastForm) -> Self {
        let Failure { title, what, next, .. } = Failure::of(status.as_u16());
        let next = match error {
            _ if kept.again.is_some() => KEPT,
            // A refusal already says who can do it.
            Some(Error::Denied(_)) => "",
            _ => next,
        };
        let what = error.map_or_else(|| what.to_owned(), Error::sentence);
        Self { shell: Shell { title: title.to_owned(), ..frame }, status, what, next, kept }
    }

    /// The way on.
    fn link(&self) -> PageLink {
        match self.shell.person.as_str() {
            "" => PageLink::new("Sign in", "/sign-in"),
            _ => PageLink::new("Go to your projects", "/projects"),
        }
    }
}

/// The content type of a plain form.
pub(super) const FORM: &[u8] = b"application/x-www-form-urlencoded";
/// The most fields that we keep: a COR of a thousand lines has seven thousand.
pub(super) const MOST_FIELDS: usize = 10_000;
/// Fields that a page fills in itself or that hold a choice. All others hold what somebody wrote; a new field counts as
/// written until it is named here.
const CHOSEN: &str = "\
    account all answer ask code code_for_all contract cor counts counts_for currency days detail digest do \
    event failed figures filter from known line_id line_section means new_reason new_scope new_status new_type next \
    notification once over party person plan procore_project project projects purpose q reads_only revenue revision \
    revoke role status target to topic unlink used_for_all username version view time_zone";
/// The advice on a page from which the form can be sent again.
const KEPT: &str = "This page keeps what you typed. Leave it open and send it again from here.";

impl Error {
    /// The HTTP status of the error, for pages and for the API.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Denied(_) => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Conflict(_) | Self::SignInToProcore(_) => StatusCode::CONFLICT,
            Self::SlowDown { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::ProcoreRefused(_) => StatusCode::BAD_GATEWAY,
            Self::Storage(Storage::Full, _) => StatusCode::INSUFFICIENT_STORAGE,
            Self::ProcoreUnavailable(_) | Self::Storage(..) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Unreadable(_) | Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// [`pages`] draws the page: it knows who is signed in.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        if let Self::Internal(_) | Self::Unreadable(_) | Self::Storage(..) = &self {
            tracing::error!(error = %self, "a request failed");
        }
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Draws a page for every failure without one, from an action, an extractor, a layer or a panic.
pub(crate) async fn pages(State(app): State<App>, request: Request, next: Next) -> Response {
    let headers = request.headers().clone();
    let visitor = Visitor::of(request.extensions());
    let looks = matches!(*request.method(), Method::GET | Method::HEAD);
    let (request, typed) = typed(&visitor, request).await;
    let mut response = next.run(request).await;
    let status = response.status();
    // A malformed address, such as /cors/abc, is not found.
    let astray = looks && status == StatusCode::BAD_REQUEST;
    let status = if astray { StatusCode::NOT_FOUND } else { status };
    let failed = status.is_client_error() || status.is_server_error();
    let drawn = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| {
        let kind = kind.as_bytes();
        kind.starts_with(b"text/html") || kind.starts_with(b"application/")
    });
    if !failed || drawn || response.headers().contains_key("hx-redirect") {
        return response;
    }
    let error = response.extensions_mut().remove::<Error>();
    if headers.contains_key("hx-request") {
        let sentence = error.as_ref().map_or_else(|| Failure::of(status.as_u16()).what.to_owned(), Error::sentence);
        return (status, sentence).into_response();
    }
    let kept = match &error {
        Some(Error::Storage(why, _)) if *why != Storage::Unknown => LastForm { again: typed, ..LastForm::default() },
        // The form can't be sent again, but the person must not lose what they wrote.
        Some(Error::Denied(_) | Error::NotFound | Error::Conflict(_)) => {
            LastForm { written: typed.as_ref().map(written).unwrap_or_default(), ..LastForm::default() }
        }
        _ => LastForm::default(),
    };
    let frame = Shell { flash: flash::taken(&app.vault, &headers), ..frame(&app, &visitor).await };
    match ProblemPage::of(frame, status, error.as_ref(), kept).render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(_) => (status, Failure::of(status.as_u16()).what).into_response(),
    }
}

/// The frame, as far as it can be read.
async fn frame(app: &App, visitor: &Visitor) -> Shell {
    let Some(person) = visitor.signed_in() else { return Shell::default() };
    let page = shell::Page::new("", NavItem::Elsewhere);
    let bare = || Shell { person: person.actor.name.clone(), ..Shell::default() };
    shell::shell(app, person, page).await.unwrap_or_else(|_| bare())
}

/// Keeps a signed-in person's form, so that a failing database loses nothing they typed. Secrets are not kept. We read no
/// strangers' forms here.
async fn typed(visitor: &Visitor, request: Request) -> (Request, Option<PostedForm>) {
    let is_form = request.method() == Method::POST
        && request.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(FORM));
    let small = request.body().size_hint().upper().is_some_and(|most| most <= LARGEST_BODY as u64);
    if !is_form || !small || visitor.signed_in().is_none() {
        return (request, None);
    }
    let url = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
    let (head, body) = request.into_parts();
    // A broken body becomes an empty form, which every handler refuses.
    let body = axum::body::to_bytes(body, LARGEST_BODY).await.unwrap_or_default();
    let fields: Vec<_> = form_urlencoded::parse(&body).into_owned().take(MOST_FIELDS + 1).collect();
    let secret = fields.iter().any(|(name, _)| name.contains("password"));
    let kept = !secret && fields.len() <= MOST_FIELDS;
    (Request::from_parts(head, Body::from(body)), kept.then_some(PostedForm { url, fields }))
}

/// What a person wrote in a form, one line per field; empty if the form holds only choices.
pub(crate) fn written(form: &PostedForm) -> String {
    let fields = form.fields.iter().filter(|(name, value)| {
        // "code.<line key>" is a choice for each line. `office` holds a new office's name, or the id of a chosen one.
        let kind = name.split_once('.').map_or(name.as_str(), |(kind, _)| kind);
        !is_chosen(kind) && !value.trim().is_empty() && Uuid::try_parse(value.trim()).is_err()
    });
    let lines = fields.map(|(name, value)| format!("{}: {}\n", name.replace('_', " "), value.trim()));
    lines.collect::<Vec<_>>().concat()
}

fn is_chosen(field: &str) -> bool {
    CHOSEN.split(' ').any(|chosen| chosen == field)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs};

    use super::*;

    fn posted(fields: &[(&str, &str)]) -> String {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        written(&PostedForm { url: "/projects/new".into(), fields })
    }

    #[test]
    fn what_somebody_wrote_is_kept_and_what_they_chose_is_not() {
        let office = "0191f5a2-7c1e-7c52-8a34-2f6d1e9b0c11";
        assert_eq!(
            posted(&[("office", office), ("role", "project_manager"), ("over", "on"), ("answer.4", "leave")]),
            ""
        );
        assert_eq!(
            posted(&[
                ("company", "Cascade"),
                ("new_number", " 077 "),
                ("due", "2026-12-01"),
                ("given_on", "2026-11-03")
            ]),
            "company: Cascade\nnew number: 077\ndue: 2026-12-01\ngiven on: 2026-11-03\n"
        );
        assert_eq!(
            posted(&[("office", "Seattle"), ("line_amount", "3,500.00"), ("line_id", office), ("note", " ")]),
            { "office: Seattle\nline amount: 3,500.00\n" }
        );
        assert_eq!(posted(&[("a_field_of_tomorrow", "words")]), "a field of tomorrow: words\n");
    }

    /// What the value of an attribute of a tag is.
    fn attribute<'a>(tag: &'a str, name: &str) -> &'a str {
        tag.split_once(&format!(" {name}=\"")).and_then(|(_, rest)| rest.split('"').next()).unwrap_or_default()
    }

    #[test]
    fn every_field_of_our_pages_is_written_or_chosen_as_it_is_drawn() {
        let (mut written, mut chosen) = (BTreeSet::new(), BTreeSet::new());
        for room in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src")).unwrap() {
            let Ok(pages) = fs::read_dir(room.unwrap().path().join("templates")) else { continue };
            let text = |page: std::io::Result<fs::DirEntry>| fs::read_to_string(page.unwrap().path()).unwrap();
            let html = pages.map(text).collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ");
            for tag in html.split('<').filter_map(|rest| rest.split('>').next()) {
                let name = attribute(tag, "name");
                let kind = name.split('.').next().unwrap_or_default().to_owned();
                if kind.is_empty() || name.starts_with("{{") {
                    continue;
                }
                let element = tag.split(' ').next().unwrap_or_default();
                match (element, attribute(tag, "type")) {
                    ("input", "password") => assert!(kind.contains("password"), "{kind} would be shown"),
                    ("input", "hidden" | "checkbox" | "radio" | "search") | ("select" | "button", _) => {
                        chosen.insert(kind);
                    }
                    ("input" | "textarea", _) => {
                        written.insert(kind);
                    }
                    _ => {}
                }
            }
        }
        assert!(written.len() > 20 && chosen.len() > 40, "{written:?} {chosen:?}");
        let lost: Vec<_> = written.iter().filter(|name| is_chosen(name)).collect();
        assert!(lost.is_empty(), "these are typed and would be lost: {lost:?}");
        let shown: Vec<_> = chosen.difference(&written).filter(|name| !is_chosen(name)).collect();
        assert!(shown.is_empty(), "these are chosen and would be shown as typed: {shown:?}");
    }
}
