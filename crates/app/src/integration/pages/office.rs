//! Settings → Offices → an office → Office Integrations.

use axum::{
    Router,
    extract::{Path, Query, State},
    response::{Redirect, Response},
    routing::{get, post},
};
use axum_extra::extract::Form;
use domain::OfficeId;
use serde::Deserialize;
use sync::connection::tokens::Health;

use crate::{
    App, Error,
    company::views::{Connection, IntegrationState, OfficeIntegrations, OfficeTabs},
    integration::{
        connect::{self, Disconnected, OfficeIntegration, Told},
        pages::sign_in,
    },
    reconciliation,
    serving::{
        flash, forms,
        session::SignedIn,
        shell::{Page, shell},
        views::{Choice, Deed, FormErrors, NavItem, Pill, Text, Tone},
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

#[derive(Deserialize)]
struct Asked {
    /// The switch was turned on.
    #[serde(default)]
    enable: u8,
}

async fn page(
    State(app): State<App>,
    person: SignedIn,
    Path(office): Path<OfficeId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let view = draw(&app, &person, office, asked.enable == 1, FormErrors::default()).await?;
    forms::page(&view)
}

async fn draw(
    app: &App,
    person: &SignedIn,
    office: OfficeId,
    enabling: bool,
    mut errors: FormErrors,
) -> Result<OfficeIntegrations, Error> {
    let now = connect::look(app, &person.actor, office).await?;
    let url = url_of(office);
    let may = now.denied.is_empty();
    let deed = |path: &str| if may { Deed::May(format!("{url}/{path}")) } else { Deed::MayNot(now.denied.clone()) };
    let state = match &now.integration {
        Some(_) => IntegrationState::Connected(Box::new(connection(app, person, &now, &deed))),
        None if enabling && may => choosing(app, person, &now, &mut errors).await?,
        None => IntegrationState::Off,
    };
    let connected = now.integration.is_some();
    let crumbs = Page::new("Office Integrations", NavItem::Settings)
        .under("Settings", "/settings")
        .under("Offices", "/settings/offices")
        .under(&now.office.name, format!("/settings/offices/{office}"));
    Ok(OfficeIntegrations {
        shell: shell(app, person, crumbs).await?,
        heading: format!("{} office", now.office.name),
        tabs: OfficeTabs {
            current: "integrations",
            details_url: format!("/settings/offices/{office}"),
            integrations_url: url.clone(),
            reconciliation_url: reconciliation::pages::office_url_for(&person.actor, office),
        },
        enable: deed("enable"),
        // Connected, the way off is "Disconnect", which asks first.
        disable: if connected { Deed::Absent } else { deed("disable") },
        state,
        errors,
    })
}

/// Enabled, but no account chosen yet.
async fn choosing(
    app: &App,
    person: &SignedIn,
    now: &OfficeIntegration,
    errors: &mut FormErrors,
) -> Result<IntegrationState, Error> {
    let office = now.office.id;
    if let Health::Live { user, .. } = &now.own {
        match connect::accounts(app, &person.actor).await {
            Ok(accounts) => {
                let only = accounts.choices.len() == 1;
                let unread = accounts.unread.into_iter().map(Choice::unread);
                let accounts = accounts.choices.into_iter().map(|account| Choice {
                    hint: format!("Account {}", account.id),
                    selected: only,
                    ..Choice::new(account.id.to_string(), account.name)
                });
                return Ok(IntegrationState::ChooseAccount {
                    action_url: url_of(office),
                    login: user.clone(),
                    accounts: accounts.chain(unread).collect(),
                });
            }
            Err(error) => errors.add("", forms::notice(error)?),
        }
    }
    let (url, popup_url) = sign_in::sign_in_urls(&format!("{}?enable=1", url_of(office)));
    Ok(IntegrationState::SignIn { url, popup_url, status_url: sign_in::STATUS_URL.to_owned() })
}

fn connection(app: &App, person: &SignedIn, now: &OfficeIntegration, deed: &dyn Fn(&str) -> Deed) -> Connection {
    let Some(integration) = &now.integration else { return Connection::default() };
    let (login, health, health_note) = match &now.connector {
        Health::Live { user, refreshed_at, .. } => {
            let renewed = format!("renewed {}", words::ago(*refreshed_at, app.now()));
            (format!(" as {user}"), Pill::new(Tone::Good, "Healthy"), renewed)
        }
        Health::Lost { user, why } => (format!(" as {user}"), Pill::new(Tone::Warn, "Sign-in needed"), why.clone()),
        Health::None => {
            let name = &integration.connected_by_name;
            let note =
                format!("{name} is not signed in to Procore any more. Whoever checks the connection takes over.");
            (String::new(), Pill::new(Tone::Warn, "Sign-in needed"), note)
        }
    };
    let again = (!now.own.is_live() && now.denied.is_empty()).then(|| {
        let (url, popup) = sign_in::sign_in_urls(&url_of(now.office.id));
        (url, popup, sign_in::STATUS_URL.to_owned())
    });
    let facts = now.facts;
    let waiting = match facts.waiting {
        0 => String::new(),
        1 => "1 push is under way".to_owned(),
        n => format!("{n} pushes are under way"),
    };
    let held = match facts.waiting {
        0 => String::new(),
        1 => "1 waiting push is held back until the office is connected again. ".to_owned(),
        n => format!("{n} waiting pushes are held back until the office is connected again. "),
    };
    let kept = match facts.links {
        0 => String::new(),
        1 => "The link of 1 COR is kept. ".to_owned(),
        n => format!("The links of {n} CORs are kept. "),
    };
    let (told, told_note) = told(app, now);
    Connection {
        told,
        told_note,
        account: format!("{} ({})", integration.procore_company, integration.procore_company_id),
        by: format!("{}{login}", integration.connected_by_name),
        since: words::day(integration.connected_at),
        health,
        health_note,
        mapped: format!("{} of {}", facts.mapped, facts.projects),
        rate: now.left.map_or_else(Text::default, |left| {
            Text::from(format!("{} until ", left.remaining)).clock(left.resets_at, app.now())
        }),
        waiting,
        paused: now.held_until.map(|until| Text::from("Until ").clock(until, app.now())),
        go_on: if now.held_until.is_some() { deed("go-on") } else { Deed::Absent },
        sign_in: again,
        check: if now.own.is_live() { deed("check") } else { Deed::Absent },
        disconnect: deed("disconnect"),
        disconnect_warning: format!(
            "{held}{kept}Nothing is changed in Procore. Sign-ins to Procore that no other office uses are ended{}.",
            if person.actor.person == integration.connected_by { ", perhaps yours too" } else { "" }
        ),
    }
}

/// Whether Procore tells of changes, and what that means.
fn told(app: &App, now: &OfficeIntegration) -> (Pill, String) {
    let hooks = match &now.told {
        Told::No => {
            let note =
                "This instance can't be reached from Procore. What changes there is found by reading on a schedule.";
            return (Pill::new(Tone::Quiet, "On a schedule"), note.to_owned());
        }
        Told::Yes(hooks) => hooks,
    };
    let last = match hooks.delivered_at {
        Some(at) => format!("Last told {}", words::ago(at, app.now())),
        None => "Nothing came yet".to_owned(),
    };
    let failing = match hooks.failing {
        0 => String::new(),
        1 => "; 1 delivery did not come through".to_owned(),
        n => format!("; {n} deliveries did not come through"),
    };
    if hooks.set_aside > 0 {
        let note = "What is stored about a webhook can't be read any more, so it was set aside; changes are found on schedule. \
                    Ask whoever looks after this installation to mend it.";
        return (Pill::new(Tone::Warn, "Webhooks need help"), note.to_owned());
    }
    if !hooks.trouble.is_empty() {
        return (Pill::new(Tone::Warn, "Webhooks need help"), hooks.trouble.clone());
    }
    match (hooks.live, hooks.wanted) {
        (0, 0) => (Pill::new(Tone::Quiet, "No project mapped"), String::new()),
        (0, _) => (Pill::new(Tone::Quiet, "Being set up"), String::new()),
        (1, 0) => (Pill::new(Tone::Good, "Webhook for 1 project"), format!("{last}{failing}.")),
        (n, 0) => (Pill::new(Tone::Good, format!("Webhooks for {n} projects")), format!("{last}{failing}.")),
        (n, more) => {
            (Pill::new(Tone::Quiet, format!("Webhooks for {n} of {} projects", n + more)), format!("{last}{failing}."))
        }
    }
}

async fn enable(Path(office): Path<OfficeId>) -> Redirect {
    Redirect::to(&format!("{}?enable=1", url_of(office)))
}

async fn disable(Path(office): Path<OfficeId>) -> Redirect {
    Redirect::to(&url_of(office))
}

#[derive(Deserialize)]
struct Chosen {
    #[serde(default)]
    account: String,
}

async fn connect(
    State(app): State<App>,
    person: SignedIn,
    Path(office): Path<OfficeId>,
    Form(chosen): Form<Chosen>,
) -> Result<Response, Error> {
    let account = chosen.account.trim().parse().unwrap_or(0);
    let errors = match connect::connect(&app, &person.actor, office, account).await {
        Ok(()) => return Ok(flash::done(&url_of(office), "This office is connected to Procore.")),
        Err(Error::Invalid(errors)) => forms::errors(&errors),
        Err(error) => FormErrors::one("", forms::notice(error)?),
    };
    forms::again(&draw(&app, &person, office, true, errors).await?)
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
        n => format!(" {} tried now.", words::count(i64::try_from(n).unwrap_or(i64::MAX), "push is", "pushes are")),
    };
    Ok(flash::done(
        &url_of(office),
        format!("The wait is over.{tried} If Procore asks for another one, it is shown here."),
    ))
}

async fn disconnect(State(app): State<App>, person: SignedIn, Path(office): Path<OfficeId>) -> Result<Response, Error> {
    let Disconnected { parked, ended, revoked } = connect::disconnect(&app, &person.actor, office).await?;
    let held = match parked {
        0 => String::new(),
        1 => " 1 push waits until it is connected again.".to_owned(),
        n => format!(" {n} pushes wait until it is connected again."),
    };
    let unconfirmed = match ended - revoked {
        0 => "",
        _ => " Procore did not confirm the end of every sign-in; they end there by themselves when unused.",
    };
    Ok(flash::done(&url_of(office), format!("This office is disconnected from Procore.{held}{unconfirmed}")))
}
