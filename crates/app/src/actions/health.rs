//! What an operator asks of an installation: does the database answer, does anything need them?

use store::repo::throttle::{Subject, Tries};

use crate::{App, Error};

/// What is wrong, a sentence each, without anybody's data; nothing when all is well. An error: the database does not answer.
pub async fn troubles(app: &App) -> Result<Vec<String>, Error> {
    let aside = app.store.read(store::Tx::set_asides_counted).await?;
    let mut troubles: Vec<String> = aside
        .into_iter()
        .map(|(what, n)| format!("set aside because it can't be read: {n} × {}", what.name()))
        .collect();
    match app.store.unreadable().len() {
        0 => {}
        n => troubles.push(format!("rows that can't be read were met in the last hour: {n} kinds of damage")),
    }
    if app.vitals.is_failing() {
        troubles.push("the worker fails again and again; its log says why".to_owned());
    }
    Ok(troubles)
}

/// Whether a change can be stored: one is, and taken back at once. [`Error::Storage`] says why not.
pub async fn stores(app: &App) -> Result<(), Error> {
    let now = app.now();
    app.store
        .write(move |tx| {
            tx.keep_tries(&PROBE, &Tries { failures: 0, next_at: now, window_until: now })?;
            tx.forget_tries(&PROBE)
        })
        .await?;
    Ok(())
}

/// What nobody's attempts are counted by.
const PROBE: Subject = [0; 32];
