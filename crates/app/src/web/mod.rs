//! The pages: embedded assets, the views that draw them, and the handlers that fill the views.

mod account;
pub mod assets;
mod contracts;
mod cor;
mod cor_editor;
mod cor_posted;
mod cor_status;
mod drift;
pub mod flash;
pub mod forms;
mod guard;
mod invitations;
mod log;
mod notifications;
mod office_integrations;
mod origin;
mod people;
pub mod problem;
mod procore_cell;
mod procore_sign_in;
pub mod project_procore;
pub mod projects;
mod push;
mod reconciliation;
mod record;
pub mod session;
pub mod settings;
pub mod shell;
mod sign_in;
pub mod views;
mod webhooks;
pub mod words;

use axum::{Router, http::StatusCode, routing::get};

use crate::{
    App, Error,
    actions::health::{self, Health},
};

/// All pages, behind their guards. The caller adds what is not a page.
pub fn router(app: &App) -> Router {
    let pages = Router::new()
        .merge(account::routes())
        .merge(sign_in::routes())
        .merge(log::routes())
        .merge(cor::routes())
        .merge(cor_status::routes())
        .merge(cor_editor::routes())
        .merge(drift::routes())
        .merge(push::routes())
        .merge(procore_sign_in::routes())
        .merge(office_integrations::routes())
        .merge(project_procore::routes())
        .merge(contracts::routes())
        .merge(invitations::routes())
        .merge(notifications::routes())
        .merge(people::routes())
        .merge(projects::routes())
        .merge(reconciliation::routes())
        .merge(record::routes())
        .merge(settings::routes())
        .fallback(|| async { Error::NotFound });
    let served = Router::new().merge(assets::router()).route("/healthz", get(healthz)).merge(webhooks::routes());
    guard::guarded(app, pages).merge(guard::plain(served)).merge(crate::api::router(app)).with_state(app.clone())
}

/// Whether the database answers and stores, and what is wrong else: for the operator's monitoring, without anybody's data.
async fn healthz(axum::extract::State(app): axum::extract::State<App>) -> (StatusCode, String) {
    match health::ask(&app).await {
        Health::Well => (StatusCode::OK, "ok\n".to_owned()),
        Health::Degraded(why) => (StatusCode::OK, format!("degraded: {}. See `ledgerboard doctor`.\n", why.join("; "))),
        Health::Down(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
    }
}
