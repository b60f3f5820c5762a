//! What an operator asks of an installation: does the database answer, does anything need them?

use jiff::{SignedDuration, Timestamp};
use store::repo::throttle::{Subject, Tries};

use crate::{App, Error};

/// How an installation is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// All is well.
    Well,
    /// Pages are served, and somebody should look: why, a sentence each, without anybody's data.
    Degraded(Vec<String>),
    /// Nothing can be stored or read, and why.
    Down(String),
}

/// How it was when it was last asked, and when that was.
#[derive(Debug, Default)]
pub struct LastFound(tokio::sync::Mutex<Option<(Timestamp, Health)>>);

/// Asking writes a row, so the database is asked this often, however often we are.
const ASKED_EVERY: SignedDuration = SignedDuration::from_secs(1);

/// Asks how it is, or tells what was found a moment ago.
pub async fn ask(app: &App) -> Health {
    // Whoever asks meanwhile waits here and is told the same.
    let mut found = app.last_found.0.lock().await;
    if let Some((at, health)) = &*found
        && (SignedDuration::ZERO..ASKED_EVERY).contains(&app.now().duration_since(*at))
    {
        return health.clone();
    }
    let health = look(app).await;
    *found = Some((app.now(), health.clone()));
    health
}

async fn look(app: &App) -> Health {
    if let Err(error) = stores(app).await {
        tracing::error!(%error, "the database stores nothing");
        return Health::Down(match &error {
            Error::Storage(why, _) => why.to_string(),
            _ => NO_ANSWER.to_owned(),
        });
    }
    match troubles(app).await {
        Ok(troubles) if troubles.is_empty() => Health::Well,
        Ok(troubles) => Health::Degraded(troubles),
        Err(error) => {
            tracing::error!(%error, "the database does not answer");
            Health::Down(NO_ANSWER.to_owned())
        }
    }
}

const NO_ANSWER: &str = "the database does not answer";

/// What is wrong, a sentence each; nothing when all is well. An error: the database does not answer.
async fn troubles(app: &App) -> Result<Vec<String>, Error> {
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
async fn stores(app: &App) -> Result<(), Error> {
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
