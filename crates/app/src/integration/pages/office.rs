//! Settings → Offices → an office → Office Integrations.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    response::{Redirect, Response},
    routing::{get, post},
};
use axum_extra::extract::Form;
use domain::{OfficeId, role::Actor};
use jiff::Timestamp;
use serde::Deserialize;
use sync::connection::tokens::SignInHealth;

use crate::{
    App, Error, FieldErrors,
    integration::{
        acting::Offered,
        connect::{self, OfficeIntegration, VisibleAccount},
        copy,
        pages::popup,
    },
    serving::{
        filters, flash, forms,
        session::SignedIn,
        shell::{Page, shell},
        tabs,
        views::{ActionLink, Choice, NavItem, Shell, Tabs},
        words,
    },
};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/settings/offices/{office}/integrations", get(page).post(connect))
        .route("/settings/offices/{office}/integrations/enable", post(enable))
        .route("/settings/offices/{office}/integrations/disable", post(disable))
        .route("/settings/offices/{office}/integrations/check", post(check))
        .route("/settings/offices/{office}/integrations/go-on", post(go_on))
        .route("/settings/offices/{office}/integrations/disconnect", post(disconnect))
}

fn url_of(office: OfficeId) -> String {
    format!("/settings/offices/{office}/integrations")
}

/// An office's integrations. Choosing an account posts `account`, its id.
#[derive(Template)]
#[template(path = "integration/templates/office.html")]
pub(crate) struct OfficeIntegrationPage {
    pub shell: Shell,
    pub actor: Actor,
    pub now: Timestamp,
    pub seen: OfficeIntegration,
    /// Where the switch is on and no account is chosen.
    pub choosing: Option<ChooseAccount>,
    pub errors: FieldErrors,
}

/// Before an office is connected.
pub(crate) enum ChooseAccount {
    /// The reader is not signed in to Procore.
    SignIn,
    /// The reader's login, and the accounts it sees.
    Accounts(String, Offered<VisibleAccount>),
}

impl OfficeIntegrationPage {
    fn tabs(&self) -> Tabs {
        tabs::office(&self.actor, self.seen.office.id, "integrations")
    }

    fn url(&self) -> String {
        url_of(self.seen.office.id)
    }

    fn action(&self, verb: &str) -> ActionLink {
        words::action(self.actor.may_integrate(self.seen.office.id), format!("{}/{verb}", self.url()))
    }

    fn check(&self) -> ActionLink {
        if self.seen.own.is_live() { self.action("check") } else { ActionLink::Absent }
    }

    /// A new sign-in, in this window and in one of its own.
    fn sign_in(&self, then: &str) -> (String, String) {
        popup::sign_in_urls(&format!("{}{then}", self.url()))
    }

    fn accounts(offered: &Offered<VisibleAccount>) -> Vec<Choice> {
        let account = |account: &VisibleAccount| Choice::new(account.id.to_string(), &account.name);
        let only = offered.choices.len() == 1;
        let choices = offered.choices.iter().map(|found| account(found).chosen_if(only));
        choices.chain(offered.unread.iter().map(Choice::unread)).collect()
    }
}

#[derive(Deserialize)]
struct Switch {
    /// Whether the switch was turned on.
    #[serde(default)]
    enable: u8,
}

async fn page(
    State(app): State<App>,
    person: SignedIn,
    Path(office): Path<OfficeId>,
    Query(switch): Query<Switch>,
) -> Result<Response, Error> {
    forms::page(&draw(&app, &person, office, switch.enable == 1, FieldErrors::default()).await?)
}

async fn draw(
    app: &App,
    person: &SignedIn,
    office: OfficeId,
    enabling: bool,
    mut errors: FieldErrors,
) -> Result<OfficeIntegrationPage, Error> {
    let seen = connect::look(app, &person.actor, office).await?;
    let mut choosing = None;
    if enabling && seen.integration.is_none() && seen.denied.is_empty() {
        choosing = Some(ChooseAccount::SignIn);
        if let SignInHealth::Live { user, .. } = &seen.own {
            match connect::accounts(app, &person.actor).await {
                Ok(accounts) => choosing = Some(ChooseAccount::Accounts(user.clone(), accounts)),
                Err(error) => errors.add("", forms::notice(error)?),
            }
        }
    }
    let page = Page::new("Office Integrations", NavItem::Settings)
        .under("Settings", "/settings")
        .under("Offices", "/settings/offices")
        .under(&seen.office.name, tabs::office_url(office));
    let (shell, actor, now) = (shell(app, person, page).await?, person.actor.clone(), app.now());
    Ok(OfficeIntegrationPage { shell, actor, now, seen, choosing, errors })
}

async fn enable(Path(office): Path<OfficeId>) -> Redirect {
    Redirect::to(&format!("{}?enable=1", url_of(office)))
}

async fn disable(Path(office): Path<OfficeId>) -> Redirect {
    Redirect::to(&url_of(office))
}

#[derive(Deserialize)]
struct ChosenAccount {
    #[serde(default)]
    account: String,
}

async fn connect(
    State(app): State<App>,
    person: SignedIn,
    Path(office): Path<OfficeId>,
    Form(chosen): Form<ChosenAccount>,
) -> Result<Response, Error> {
    let account = chosen.account.trim().parse().unwrap_or(0);
    let connected = connect::connect(&app, &person.actor, office, account).await;
    let again = |errors| draw(&app, &person, office, true, errors);
    forms::done_or_again(connected, &url_of(office), copy::CONNECTED, again).await
}

async fn check(State(app): State<App>, person: SignedIn, Path(office): Path<OfficeId>) -> Result<Response, Error> {
    let checked = connect::check(&app, &person.actor, office).await;
    forms::done_or_failed(checked.map(copy::checked), &url_of(office))
}

async fn go_on(State(app): State<App>, person: SignedIn, Path(office): Path<OfficeId>) -> Result<Response, Error> {
    let hurried = connect::end_wait(&app, &person.actor, office).await?;
    Ok(flash::done(&url_of(office), copy::pause_ended(hurried)))
}

async fn disconnect(State(app): State<App>, person: SignedIn, Path(office): Path<OfficeId>) -> Result<Response, Error> {
    let disconnected = connect::disconnect(&app, &person.actor, office).await?;
    Ok(flash::done(&url_of(office), disconnected.says()))
}
