//! Settings → Security events, for the Account Owner.

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    response::Response,
    routing::get,
};
use domain::{PersonId, security::SecurityTopic};
use serde::Deserialize;
use store::repo::security_event::SecurityFilter;
use url::form_urlencoded;

use crate::{
    App, Error, company,
    security::{self, SecurityEvents, copy},
    serving::{
        download, filters, forms,
        session::SignedIn,
        shell::shell,
        tabs,
        views::{Choice, Shell},
        words,
    },
};

const URL: &str = "/settings/security";

pub(crate) fn routes() -> Router<App> {
    Router::new().route(URL, get(page)).route("/settings/security/file", get(file))
}

/// The events under a filter, which the form sends as [`Asked`].
#[derive(Template)]
#[template(path = "security/templates/events.html")]
pub(crate) struct SecurityPage {
    pub shell: Shell,
    pub events: SecurityEvents,
    pub topics: Vec<Choice>,
    pub people: Vec<Choice>,
    pub failed: bool,
    /// The filter as a query, to be sent on.
    pub query: String,
}

impl SecurityPage {
    fn none() -> &'static str {
        copy::NONE
    }

    fn file(&self) -> String {
        format!("{URL}/file?{}", self.query)
    }

    fn older(&self, next: &str) -> String {
        format!("{URL}?{}&before={next}", self.query)
    }
}

/// The filter, as the form sends it: empty fields ask for everything.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Asked {
    topic: String,
    person: String,
    failed: String,
    before: String,
}

impl Asked {
    fn read(&self) -> Result<SecurityFilter, Error> {
        Ok(SecurityFilter {
            topic: chosen(&self.topic, SecurityTopic::from_code)?,
            person: chosen(&self.person, |id| id.parse::<PersonId>().ok())?,
            failed: !self.failed.is_empty(),
            before: chosen(&self.before, |seq| seq.parse::<i64>().ok())?,
        })
    }

    fn query(&self) -> String {
        let fields = [("topic", &self.topic), ("person", &self.person), ("failed", &self.failed)];
        let given = fields.into_iter().filter(|(_, value)| !value.is_empty());
        form_urlencoded::Serializer::new(String::new()).extend_pairs(given).finish()
    }
}

/// What a field chooses; nothing if it is empty.
fn chosen<T>(text: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Error> {
    if text.is_empty() { Ok(None) } else { read(text).map(Some).ok_or(Error::NotFound) }
}

async fn page(State(app): State<App>, person: SignedIn, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let events = security::page(&app, &person.actor, asked.read()?).await?;
    let topics = SecurityTopic::ALL.into_iter().map(|topic| Choice::of(&topic.code(), topic.name(), &asked.topic));
    let people = company::people::list(&app, &person.actor).await?.into_iter();
    forms::page(&SecurityPage {
        shell: shell(&app, &person, tabs::settings_page(&person, "Security events")?).await?,
        events,
        topics: topics.collect(),
        people: people.map(|one| Choice::of(&one.id, one.name, &asked.person)).collect(),
        failed: !asked.failed.is_empty(),
        query: asked.query(),
    })
}

async fn file(State(app): State<App>, person: SignedIn, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let text = security::csv(&app, &person.actor, asked.read()?).await?;
    let name = format!("security-events-{}-{}", person.company_name, words::today(app.now()));
    download::file(&name, "csv", "text/csv; charset=utf-8", text)
}
