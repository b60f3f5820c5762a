//! The company's settings: offices and API tokens.

use axum::{
    Router,
    extract::{Path, State},
    response::{Redirect, Response},
    routing::{get, post},
};
use axum_extra::extract::Form;
use domain::{ApiTokenId, OfficeId, role::Role};
use jiff::Timestamp;
use serde::Deserialize;
use store::repo::company::OfficeSummary;

use crate::{
    App, Error,
    account::api_tokens::{self, Life, Wanted},
    company::{
        offices, people,
        views::{OfficeList, OfficePage, OfficeRow, OfficeTabs, SettingsTabs, TokenList, TokenRow},
    },
    projects, reconciliation, record,
    serving::{
        flash, forms,
        session::SignedIn,
        shell::{Page, shell},
        views::{Choice, Deed, Link, NavItem, Pill, Text, Tone},
        words,
    },
};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/settings", get(|| async { Redirect::to("/settings/offices") }))
        .route("/settings/offices", get(list).post(add))
        .route("/settings/offices/{office}", get(office).post(rename))
        .route("/settings/tokens", get(tokens).post(make_token))
        .route("/settings/tokens/{token}/revoke", post(revoke_token))
}

/// The tabs of Settings.
pub fn tabs(current: &'static str) -> SettingsTabs {
    SettingsTabs {
        current,
        offices_url: "/settings/offices".to_owned(),
        people_url: "/settings/people".to_owned(),
        tokens_url: "/settings/tokens".to_owned(),
    }
}

/// The tabs of an office.
pub fn office_tabs(office: OfficeId, current: &'static str) -> OfficeTabs {
    let details_url = format!("/settings/offices/{office}");
    let integrations_url = format!("{details_url}/integrations");
    OfficeTabs { current, details_url, integrations_url, ..OfficeTabs::default() }
}

/// A page of the settings; Field Users have none.
pub(crate) fn page(person: &SignedIn, title: &str) -> Result<Page, Error> {
    if person.actor.role == Role::FieldUser {
        return Err(Error::NotFound);
    }
    Ok(Page::new(title, NavItem::Settings))
}

async fn office_list(app: &App, person: &SignedIn) -> Result<OfficeList, Error> {
    let offices = offices::list(app, &person.actor).await?;
    Ok(OfficeList {
        shell: shell(app, person, page(person, "Offices")?).await?,
        heading: person.company_name.clone(),
        tabs: tabs("offices"),
        offices: offices.into_iter().map(row).collect(),
        add: words::deed(person.actor.may_change_company(), "/settings/offices"),
        ..OfficeList::default()
    })
}

fn row(summary: OfficeSummary) -> OfficeRow {
    OfficeRow {
        url: format!("/settings/offices/{}", summary.office.id),
        name: summary.office.name,
        about: format!(
            "{}, {}",
            words::count(summary.projects, "project", "projects"),
            words::count(summary.people, "person", "people"),
        ),
        procore: match summary.procore {
            Some(account) => Pill::new(Tone::Procore, account),
            None => Pill::new(Tone::Quiet, "Procore off"),
        },
    }
}

async fn list(State(app): State<App>, person: SignedIn) -> Result<Response, Error> {
    forms::page(&office_list(&app, &person).await?)
}

#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    name: String,
}

async fn add(State(app): State<App>, person: SignedIn, Form(typed): Form<Named>) -> Result<Response, Error> {
    match offices::add(&app, &person.actor, &typed.name).await {
        Ok(id) => Ok(flash::done(&office_tabs(id, "details").details_url, format!("{} is added.", typed.name.trim()))),
        Err(Error::Invalid(errors)) => {
            let view = office_list(&app, &person).await?;
            forms::again(&OfficeList { errors: forms::errors(&errors), ..view })
        }
        Err(error) => Err(error),
    }
}

async fn office_page(app: &App, person: &SignedIn, id: OfficeId) -> Result<OfficePage, Error> {
    let summary = offices::open(app, &person.actor, id).await?;
    let admins = match people::list(app, &person.actor).await {
        Ok(people) => people
            .into_iter()
            .filter(|known| known.role == Role::Admin && known.office == Some(id) && known.disabled_at.is_none())
            .map(|known| known.name)
            .collect::<Vec<_>>()
            .join(", "),
        Err(Error::Denied(_) | Error::NotFound) => "Ask your Account Owner".to_owned(),
        Err(error) => return Err(error),
    };
    let projects = projects::list(app, &person.actor).await?;
    let head = record::head(app, &person.actor).await?;
    let here = projects.into_iter().filter(|summary| summary.project.office == id);
    let page = page(person, &summary.office.name)?.under("Settings", "/settings/offices");
    Ok(OfficePage {
        shell: shell(app, person, page).await?,
        heading: summary.office.name.clone(),
        tabs: OfficeTabs {
            reconciliation_url: reconciliation::pages::office_url_for(&person.actor, id),
            ..office_tabs(id, "details")
        },
        save: words::deed(person.actor.may_integrate(id), office_tabs(id, "details").details_url),
        name: summary.office.name,
        admins,
        head: (head.seq > 0).then(|| (head.seq.to_string(), head.hash.to_string())),
        record_csv: words::deed(person.actor.may_change_company(), record::pages::whole_url("csv")),
        record_jsonl: words::deed(person.actor.may_change_company(), record::pages::whole_url("jsonl")),
        projects: here
            .map(|summary| Link::new(summary.project.name, format!("/projects/{}/settings", summary.project.id)))
            .collect(),
        ..OfficePage::default()
    })
}

async fn office(State(app): State<App>, person: SignedIn, Path(id): Path<OfficeId>) -> Result<Response, Error> {
    forms::page(&office_page(&app, &person, id).await?)
}

async fn rename(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<OfficeId>,
    Form(typed): Form<Named>,
) -> Result<Response, Error> {
    match offices::rename(&app, &person.actor, id, &typed.name).await {
        Ok(()) => Ok(flash::done(&office_tabs(id, "details").details_url, "The office is saved.")),
        Err(Error::Invalid(errors)) => {
            let view = office_page(&app, &person, id).await?;
            forms::again(&OfficePage { name: typed.name, errors: forms::errors(&errors), ..view })
        }
        Err(error) => Err(error),
    }
}

/// What is typed for a new token.
#[derive(Deserialize, Clone)]
#[serde(default)]
struct NewToken {
    name: String,
    days: String,
    /// Set where the box is ticked.
    reads_only: String,
}

impl Default for NewToken {
    fn default() -> Self {
        Self { name: String::new(), days: Life::default().days().to_string(), reads_only: String::new() }
    }
}

fn lives(chosen: &str) -> Vec<Choice> {
    let choice = |life: Life| {
        let days = life.days().to_string();
        let name = if life == Life::Year { "1 year".to_owned() } else { format!("{days} days") };
        let choice = Choice::new(days.clone(), name);
        if days == chosen { choice.chosen() } else { choice }
    };
    Life::ALL.into_iter().map(choice).collect()
}

/// "in 9 days", where a token ends soon.
fn soon(ends: Timestamp, now: Timestamp) -> String {
    let left = ends.duration_since(now);
    if left.is_zero() || left.is_negative() || left > api_tokens::TOLD_BEFORE {
        return String::new();
    }
    match left.as_hours() / 24 {
        0 => "within a day".to_owned(),
        days => format!("in {}", words::count(days, "day", "days")),
    }
}

async fn token_list(app: &App, person: &SignedIn, typed: &NewToken) -> Result<TokenList, Error> {
    let now = app.now();
    let tokens = api_tokens::list(app, &person.actor).await?;
    let tokens = tokens.into_iter().map(|token| TokenRow {
        name: if token.person == person.actor.person {
            token.name
        } else {
            format!("{} ({})", token.name, token.person_name)
        },
        made: words::day(token.created_at),
        scope: if token.reads_only { "Reads only" } else { "" },
        used: token.used_at.map(words::day).unwrap_or_default(),
        ends: words::day(token.expires_at),
        soon: soon(token.expires_at, now),
        revoke: match token.revoked_at {
            None if token.expires_at > now => Deed::May(format!("/settings/tokens/{}/revoke", token.id)),
            _ => Deed::Absent,
        },
        over: match token.revoked_at {
            Some(at) => Text::from("Revoked ").day(at),
            None if token.expires_at <= now => Text::from("Ended ").day(token.expires_at),
            None => Text::default(),
        },
    });
    Ok(TokenList {
        tokens: tokens.collect(),
        shell: shell(app, person, page(person, "API tokens")?).await?,
        heading: person.company_name.clone(),
        tabs: tabs("tokens"),
        add: Deed::May("/settings/tokens".to_owned()),
        name: typed.name.clone(),
        lives: lives(&typed.days),
        reads_only: !typed.reads_only.is_empty(),
        ..TokenList::default()
    })
}

async fn tokens(State(app): State<App>, person: SignedIn) -> Result<Response, Error> {
    forms::page(&token_list(&app, &person, &NewToken::default()).await?)
}

/// Answers with the page itself: the token is on it this once, and must not travel in a cookie or an address.
async fn make_token(State(app): State<App>, person: SignedIn, Form(typed): Form<NewToken>) -> Result<Response, Error> {
    let NewToken { name, days, reads_only } = typed.clone();
    let wanted = Wanted { name, days, reads_only: !reads_only.is_empty() };
    match api_tokens::make(&app, &person.actor, wanted).await {
        Ok(made) => {
            let view = token_list(&app, &person, &NewToken::default()).await?;
            forms::page(&TokenList { made: Some(made.token), ..view })
        }
        Err(Error::Invalid(errors)) => {
            let view = token_list(&app, &person, &typed).await?;
            forms::again(&TokenList { errors: forms::errors(&errors), ..view })
        }
        Err(error) => Err(error),
    }
}

async fn revoke_token(State(app): State<App>, person: SignedIn, Path(id): Path<ApiTokenId>) -> Result<Response, Error> {
    api_tokens::revoke(&app, &person.actor, id).await?;
    Ok(flash::done("/settings/tokens", "The token is revoked. Programs that use it are refused from now on."))
}
