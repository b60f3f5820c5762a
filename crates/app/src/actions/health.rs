//! What an operator asks of an installation: does the database answer, does anything of the outbox need them?

use store::repo::outbox::Backlog;

use crate::{App, Error};

/// How many pushes wait, and for whom. An error: the database does not answer.
pub async fn backlog(app: &App) -> Result<Backlog, Error> {
    Ok(app.store.read(store::Tx::backlog).await?)
}
