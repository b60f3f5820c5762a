//! What an operator asks of an installation: does the database answer, does anything of the outbox need them?

use store::repo::outbox::Backlog;

use crate::{App, Error};

/// How many pushes wait, and for whom. An error: the database does not answer.
pub async fn backlog(app: &App) -> Result<Backlog, Error> {
    Ok(app.store.read(store::Tx::backlog).await?)
}

/// Whether a change can be stored: one is, and taken back at once. [`Error::Storage`] says why not.
pub async fn stores(app: &App) -> Result<(), Error> {
    let now = app.now();
    app.store
        .write(move |tx| {
            tx.count_sign_in_failure(PROBE, now, now)?;
            tx.forget_sign_in_failures(PROBE)
        })
        .await?;
    Ok(())
}

/// No e-mail and no address.
const PROBE: &str = "health";
