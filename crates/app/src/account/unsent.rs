//! What somebody sent when their session had ended. It is kept for a while, shown again to the same person in the same browser,
//! and never carried out by itself.

use domain::PersonId;
use jiff::SignedDuration;
use store::repo::unsent_form::UnsentForm;

use super::secret;
use crate::{App, Error};

/// After it was discarded.
pub const DISCARDED: &str = "Discarded what you typed before your session ended.";

/// How long it is kept: somebody who has to ask for a new password still finds it the same day.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(12);
/// The most forms that are kept for one person.
const MOST: i64 = 10;
/// What the name of a field with a secret contains. Secrets are not kept.
const SECRET: [&str; 3] = ["password", "secret", "token"];
/// Fields that a page fills in itself: a form that holds nothing else is not worth keeping.
const OURS: [&str; 6] = ["do", "version", "plan", "revision", "digest", "once"];

/// The cookies that a form came with.
#[derive(Debug, Clone, Default)]
pub struct Cookies {
    /// The ended session's.
    pub session: Option<String>,
    /// The browser's.
    pub browser: Option<String>,
}

/// A form as it was sent.
#[derive(Debug, Clone)]
pub struct SentForm {
    /// Where it was filled in.
    pub page: String,
    /// Where it was sent.
    pub url: String,
    /// Its fields by name, in their order.
    pub fields: Vec<(String, String)>,
}

/// Keeps a form without its secrets, and answers the token of its cookie. Nothing is kept where nobody knows whose it was.
pub async fn keep(app: &App, came_with: &Cookies, mut sent: SentForm) -> Result<Option<String>, Error> {
    sent.fields.retain(|(name, _)| !SECRET.iter().any(|secret| name.contains(secret)));
    let holds = |(name, value): &(String, String)| !OURS.contains(&name.as_str()) && !value.trim().is_empty();
    if !sent.fields.iter().any(holds) {
        return Ok(None);
    }
    let fields = serde_json::to_string(&sent.fields).map_err(Error::internal)?;
    let hashed = |cookie: &Option<String>| cookie.as_deref().map(secret::hash);
    let (session, browser) = (hashed(&came_with.session), hashed(&came_with.browser));
    let (token, now) = (secret::fresh(app.entropy.as_ref()), app.now());
    let hash = secret::hash(&token);
    let kept = app
        .store
        .write(move |tx| {
            let Some(person) = tx.whose_session(session.as_ref(), browser.as_ref())? else { return Ok(false) };
            let (page, url, fields) = (sent.page.clone(), sent.url.clone(), fields.clone());
            let form = UnsentForm { person, page, url, fields, kept_until: now + KEPT_FOR };
            tx.keep_unsent(&hash, &form, now, MOST)?;
            Ok::<_, Error>(true)
        })
        .await?;
    Ok(kept.then_some(token))
}

/// What is kept for a person under a cookie's token.
pub async fn of(app: &App, person: PersonId, token: &str) -> Result<Option<UnsentForm>, Error> {
    let (hash, now) = (secret::hash(token), app.now());
    Ok(app.store.read(move |tx| tx.unsent(&hash, person, now)).await?)
}

/// Forgets it: it was sent again, or is not wanted any more.
pub async fn forget(app: &App, person: PersonId, token: &str) -> Result<(), Error> {
    let hash = secret::hash(token);
    Ok(app.store.write(move |tx| tx.forget_unsent(&hash, person)).await?)
}
