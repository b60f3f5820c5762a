//! The pages: embedded assets, the views that draw them, and the handlers that fill the views.

pub mod assets;
pub mod flash;
pub mod forms;
mod guard;
mod office_integrations;
pub mod problem;
pub mod procore;
pub mod project_procore;
mod projects;
pub mod session;
pub mod shell;
mod sign_in;
pub mod views;
pub mod words;

use axum::{Router, http::StatusCode, routing::get};

use crate::{App, Error};

/// All pages, behind their guards. The caller adds what is not a page.
pub fn router(app: &App) -> Router {
    let pages = Router::new().merge(sign_in::routes())
        .merge(procore::routes())
        .merge(office_integrations::routes())
        .merge(project_procore::routes()).fallback(|| async { Error::NotFound });
    let served = Router::new().merge(assets::router()).route("/healthz", get(healthz));
    guard::guarded(app, pages).merge(guard::plain(served)).with_state(app.clone())
}

/// Whether the database answers.
async fn healthz(axum::extract::State(app): axum::extract::State<App>) -> (StatusCode, &'static str) {
    match app.store.read(store::Tx::is_empty).await {
        Ok(_) => (StatusCode::OK, "ok\n"),
        Err(error) => {
            tracing::error!(%error, "the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}
