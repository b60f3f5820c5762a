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
use store::repo::integration::Integration;
use sync::connection::tokens::SignInHealth;

use crate::{
    App, Error, FieldErrors,
    integration::{
        acting::Offered,
        connect::{self, Disconnected, OfficeIntegration, VisibleAccount},
        pages::popup,
    },
    serving::{
        filters, flash, forms,
        session::SignedIn,
        shell::{Page, shell},
        tabs,
        views::{ActionLink, Choice, NavItem, Pill, Shell, Tabs, Tone},
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

    /// The state of the connecting person's sign-in, and what to do.
    fn health(&self, integration: &Integration) -> (Pill, String) {
        match &self.seen.connector {
            SignInHealth::Live { refreshed_at, .. } => {
                (Pill::new(Tone::Good, "Healthy"), format!("renewed {}", words::ago(*refreshed_at, self.now)))
            }
            SignInHealth::Lost { why, .. } => (Pill::new(Tone::Warn, "Sign-in needed"), why.clone()),
            SignInHealth::None => {
                let name = &integration.connected_by_name;
                let note = format!(
                    "{name} is no longer signed in to Procore. The next person who selects Check connection takes over."
                );
                (Pill::new(Tone::Warn, "Sign-in needed"), note)
            }
        }
    }

    /// How we learn of changes in Procore.
    fn updates(&self) -> (Pill, String) {
        let Some(hooks) = &self.seen.hooks else {
            let note = "Procore can't reach this instance, so we read changes on a schedule.";
            return (Pill::new(Tone::Quiet, "On a schedule"), note.to_owned());
        };
        if hooks.set_aside > 0 {
            let note = "The stored data of a webhook is damaged, so we read changes on a schedule. Ask your administrator to \
                        repair it.";
            return (Pill::new(Tone::Warn, "Webhooks need help"), note.to_owned());
        }
        if !hooks.trouble.is_empty() {
            return (Pill::new(Tone::Warn, "Webhooks need help"), hooks.trouble.clone());
        }
        let last = match hooks.delivered_at {
            Some(at) => format!("Received {}", words::ago(at, self.now)),
            None => "Nothing received yet".to_owned(),
        };
        let failing = match hooks.failing {
            0 => String::new(),
            n => format!("; {} failed", words::count(n, "delivery", "deliveries")),
        };
        match (hooks.live, hooks.wanted) {
            (0, 0) => (Pill::new(Tone::Quiet, "No project mapped"), String::new()),
            (0, _) => (Pill::new(Tone::Quiet, "Being set up"), String::new()),
            (1, 0) => (Pill::new(Tone::Good, "Webhook for 1 project"), format!("{last}{failing}.")),
            (n, 0) => (Pill::new(Tone::Good, format!("Webhooks for {n} projects")), format!("{last}{failing}.")),
            (n, more) => {
                let pill = Pill::new(Tone::Quiet, format!("Webhooks for {n} of {} projects", n + more));
                (pill, format!("{last}{failing}."))
            }
        }
    }

    /// The consequences of disconnecting.
    fn disconnect_warning(&self, integration: &Integration) -> String {
        let facts = self.seen.facts;
        let held = match facts.waiting {
            0 => String::new(),
            n => format!(
                "{} on hold until the office is connected again. ",
                words::count(n, "waiting push is", "waiting pushes are")
            ),
        };
        let kept = match facts.links {
            0 => String::new(),
            1 => "We keep the link of 1 COR. ".to_owned(),
            n => format!("We keep the links of {n} CORs. "),
        };
        let own = if self.actor.person == integration.connected_by { ", maybe yours too" } else { "" };
        format!("{held}{kept}Nothing changes in Procore. Sign-ins to Procore that no other office uses end{own}.")
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
    match connect::connect(&app, &person.actor, office, account).await {
        Ok(()) => Ok(flash::done(&url_of(office), "This office is connected to Procore.")),
        Err(error) => forms::again(&draw(&app, &person, office, true, forms::refused_or_told(error)?).await?),
    }
}

async fn check(State(app): State<App>, person: SignedIn, Path(office): Path<OfficeId>) -> Result<Response, Error> {
    Ok(match connect::check(&app, &person.actor, office).await {
        Ok(1) => flash::done(&url_of(office), "The connection works: Procore shows you 1 project."),
        Ok(n) => flash::done(&url_of(office), format!("The connection works: Procore shows you {n} projects.")),
        Err(error) => flash::failed(&url_of(office), forms::notice(error)?),
    })
}

async fn go_on(State(app): State<App>, person: SignedIn, Path(office): Path<OfficeId>) -> Result<Response, Error> {
    let tried = match connect::end_wait(&app, &person.actor, office).await? {
        0 => String::new(),
        n => format!(" {} running now.", words::count(i64::try_from(n).unwrap_or(i64::MAX), "push is", "pushes are")),
    };
    Ok(flash::done(
        &url_of(office),
        format!("The pause is over.{tried} If Procore asks for another pause, you see it here."),
    ))
}

async fn disconnect(State(app): State<App>, person: SignedIn, Path(office): Path<OfficeId>) -> Result<Response, Error> {
    let Disconnected { parked, ended, revoked } = connect::disconnect(&app, &person.actor, office).await?;
    let held = match parked {
        0 => String::new(),
        1 => " 1 push waits until the office is connected again.".to_owned(),
        n => format!(" {n} pushes wait until the office is connected again."),
    };
    let unconfirmed = match ended - revoked {
        0 => "",
        _ => " Procore did not confirm the end of every sign-in; unused ones expire there.",
    };
    Ok(flash::done(&url_of(office), format!("This office is disconnected from Procore.{held}{unconfirmed}")))
}
