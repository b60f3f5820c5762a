//! The installation's health: does the database answer, does anything need the operator?

use jiff::{SignedDuration, Timestamp};
use store::repo::throttle::{Subject, Tries};

use crate::{App, Error};

/// The condition of an installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// All is well.
    Well,
    /// Pages work, but the operator should act. A sentence for each reason, without anybody's data.
    Degraded(Vec<String>),
    /// Nothing can be stored or read; says why.
    Down(String),
}

/// The condition when it was last checked, and when that was.
#[derive(Debug, Default)]
pub struct LastFound(tokio::sync::Mutex<Option<(Timestamp, Condition)>>);

/// A check writes a row, so we check at most this often.
const ASKED_EVERY: SignedDuration = SignedDuration::from_secs(1);

/// Checks the condition, or returns what was found a moment ago.
pub async fn ask(app: &App) -> Condition {
    // Others who ask meanwhile wait here and get the same answer.
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

async fn look(app: &App) -> Condition {
    if let Err(error) = stores(app).await {
        tracing::error!(%error, "the database can't store anything");
        return Condition::Down(match &error {
            Error::Storage(why, _) => why.to_string(),
            _ => NO_ANSWER.to_owned(),
        });
    }
    match troubles(app).await {
        Ok(troubles) if troubles.is_empty() => Condition::Well,
        Ok(troubles) => Condition::Degraded(troubles),
        Err(error) => {
            tracing::error!(%error, "the database does not answer");
            Condition::Down(NO_ANSWER.to_owned())
        }
    }
}

const NO_ANSWER: &str = "the database does not answer";

/// A sentence for each problem. An error means that the database does not answer.
async fn troubles(app: &App) -> Result<Vec<String>, Error> {
    let aside = app.store.read(store::Tx::set_asides_counted).await?;
    let mut troubles: Vec<String> =
        aside.into_iter().map(|(what, n)| format!("set aside as unreadable: {n} × {}", what.name())).collect();
    match app.store.unreadable().len() {
        0 => {}
        n => troubles.push(format!("rows that can't be read in the last hour: {n} kinds of damage")),
    }
    if app.vitals.is_failing() {
        troubles.push("the worker keeps failing; its log says why".to_owned());
    }
    Ok(troubles)
}

/// Stores a row and deletes it. [`Error::Storage`] says why that failed.
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

/// A subject that nobody's attempts are counted by.
const PROBE: Subject = [0; 32];
