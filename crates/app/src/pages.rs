//! The pages: embedded assets, the views that draw them, and the handlers that fill the views.

use axum::{
    Router,
    http::{StatusCode, header},
    middleware,
    response::{IntoResponse as _, Response},
    routing::get,
};

use crate::{
    App, Error, account, company, comparison, contracts, cor,
    health::{self, Condition},
    integration, log, notifications, projects, push, reconciliation, record, security, security_txt,
    serving::{assets, guard},
};

/// The routes whose forms make one thing, however often they are posted. None of them asks Procore.
const MADE_ONCE: [&str; 6] = [
    "/change-notifications/new",
    "/projects/new",
    "/projects/{project}/cors/new",
    "/projects/{project}/settings/contracts",
    "/settings/offices",
    "/settings/tokens",
];

/// All pages, behind their guards. The caller adds what is not a page.
pub fn router(app: &App) -> Router {
    let pages = Router::new()
        .merge(account::pages::password::routes())
        .merge(account::pages::gate::routes())
        .merge(account::pages::tokens::routes())
        .merge(account::pages::unsent::routes())
        .merge(log::pages::routes())
        .merge(cor::pages::cor_page::routes())
        .merge(cor::pages::editor::routes())
        .merge(comparison::pages::routes())
        .merge(push::pages::routes())
        .merge(integration::pages::popup::routes())
        .merge(integration::pages::office::routes())
        .merge(integration::pages::project::routes())
        .merge(integration::pages::age::routes())
        .merge(contracts::pages::routes())
        .merge(contracts::pages::accept_invitation::routes())
        .merge(notifications::pages::routes())
        .merge(company::pages::people_settings::routes())
        .merge(projects::pages::routes())
        .merge(reconciliation::pages::routes())
        .merge(record::pages::routes())
        .merge(company::pages::office_settings::routes())
        .merge(security::pages::routes())
        .fallback(|| async { Error::NotFound });
    let served = Router::new()
        .merge(assets::router())
        .route("/healthz", get(healthz))
        .route("/.well-known/security.txt", get(security_contact))
        .merge(integration::pages::webhooks::routes());
    let all = guard::guarded(app, pages, &MADE_ONCE)
        .layer(middleware::from_fn_with_state(app.clone(), account::pages::identify))
        .merge(served.layer(guard::no_sniffing()))
        .merge(crate::api::router(app));
    let is_https = app.settings.public_url.scheme() == "https";
    if is_https { all.layer(guard::only_https()) } else { all }.with_state(app.clone())
}

/// Whom to tell about a weakness, if the operator says.
async fn security_contact(axum::extract::State(app): axum::extract::State<App>) -> Result<Response, StatusCode> {
    let contact = app.serving.security_contact.as_ref().ok_or(StatusCode::NOT_FOUND)?;
    let text = security_txt::text(contact, &app.settings.public_url, app.now());
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response())
}

/// Whether the database answers and stores, and what is wrong else: for the operator's monitoring, without anybody's data.
async fn healthz(axum::extract::State(app): axum::extract::State<App>) -> (StatusCode, String) {
    match health::ask(&app).await {
        Condition::Well => (StatusCode::OK, "ok\n".to_owned()),
        Condition::Degraded(why) => {
            (StatusCode::OK, format!("degraded: {}. See `ledgerboard doctor`.\n", why.join("; ")))
        }
        Condition::Down(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
    }
}
