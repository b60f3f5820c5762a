//! Acting in Procore as a person: a session with a live token, and Procore's errors in words.

use std::{sync::Arc, time::Duration};

use domain::{PersonId, procore::budget::Priority, role::Actor};
use jiff::Timestamp;
use procore::{Answered, Session, model};

use super::{
    budget::{self, A_PERSON_WAITS, Permits},
    tokens::{self, AccessToken},
};
use crate::{Context, Error, words};

/// How often a read that is refused for its rate is made again.
const RATE_TRIES: u32 = 2;

/// A session of a person in one Procore account, and the token it goes by.
pub struct Acting {
    /// The calls.
    pub session: Session,
    /// The token; given back to [`tokens::refused`] when Procore refuses it.
    pub access: AccessToken,
}

/// A session as `person`, in a Procore account or, to list accounts, in none.
pub async fn session(
    context: &Context,
    company: domain::CompanyId,
    person: PersonId,
    procore_company: Option<i64>,
    permits: Option<Arc<Permits>>,
) -> Result<Acting, Error> {
    let access = tokens::access(context, company, person).await?;
    let session = context.procore.acting(access.token.clone(), procore_company.map(model::CompanyId));
    let session = match permits {
        Some(permits) => session.through(permits),
        None => session,
    };
    Ok(Acting { session, access })
}

/// Reads something from Procore as the actor, for a page. A token that Procore refuses before its time is refreshed
/// once. Nothing is asked when the account's limit is known to be used up.
pub async fn reading<T, F>(
    context: &Context,
    actor: &Actor,
    procore_company: Option<i64>,
    call: impl Fn(Session) -> F + Send,
) -> Result<Answered<T>, Error>
where
    F: Future<Output = Result<Answered<T>, procore::Error>> + Send,
    T: Send,
{
    asking(context, actor, procore_company, Priority::Interactive, call).await?.map_err(told)
}

/// The same for what keeps our knowledge fresh, behind those who wait at their screens.
pub async fn behind_people<T, F>(
    context: &Context,
    actor: &Actor,
    procore_company: Option<i64>,
    call: impl Fn(Session) -> F + Send,
) -> Result<Answered<T>, Error>
where
    F: Future<Output = Result<Answered<T>, procore::Error>> + Send,
    T: Send,
{
    asking(context, actor, procore_company, Priority::Background, call).await?.map_err(told)
}

/// The same for one who tells Procore's refusals apart. The outer error is ours: no login to ask as, or one who only reads
/// here, by whose sign-in nothing is asked.
pub async fn asking<T, F>(
    context: &Context,
    actor: &Actor,
    procore_company: Option<i64>,
    priority: Priority,
    call: impl Fn(Session) -> F + Send,
) -> Result<Result<Answered<T>, procore::Error>, Error>
where
    F: Future<Output = Result<Answered<T>, procore::Error>> + Send,
    T: Send,
{
    actor.may_write()?;
    let (company, person) = (actor.company, actor.person);
    let permits = procore_company.map(|account| Arc::new(Permits::of(context, account, priority)));
    let first = session(context, company, person, procore_company, permits.clone()).await?;
    let mut answer = call(first.session.clone()).await;
    // Refused for its rate, because others use the same limit: surely not executed, and waited out if that takes seconds only.
    for _ in 0..RATE_TRIES {
        match &answer {
            Err(procore::Error::RateLimited { until, retry_after }) if is_soon(context, *until, *retry_after) => {
                answer = call(first.session.clone()).await;
            }
            _ => break,
        }
    }
    let answer = match answer {
        Err(procore::Error::SignInAgain(_)) => {
            tokens::refused(context, company, &first.access).await?;
            let second = session(context, company, person, procore_company, permits).await?;
            let answer = call(second.session).await;
            if let Err(procore::Error::SignInAgain(_)) = answer {
                tokens::lost(context, company, &second.access, tokens::REFUSED).await?;
            }
            answer
        }
        answer => answer,
    };
    match answer {
        Err(procore::Error::RateLimited { until, retry_after }) => {
            // People read a time by our clock, and the one that is kept.
            let kept = match procore_company {
                Some(account) => budget::held_until(context, account, priority).await?,
                None => None,
            };
            let until = kept.unwrap_or_else(|| words::wait(context.now(), until, retry_after));
            Ok(Err(procore::Error::RateLimited { until: Some(until), retry_after }))
        }
        answer => Ok(answer),
    }
}

/// Whether a wait is so short that it is waited for; the gate does the waiting.
fn is_soon(context: &Context, until: Option<Timestamp>, retry_after: Option<Duration>) -> bool {
    let now = context.now();
    words::wait(now, until, retry_after).duration_since(now) <= A_PERSON_WAITS
}

/// Procore's error as ours: who acts next, in words for the person.
pub fn told(error: procore::Error) -> Error {
    use procore::Error as E;
    match error {
        E::NotSent(_) => Error::ProcoreUnavailable(
            "Procore cannot be reached right now. Nothing was sent; please try again in a minute.".to_owned(),
        ),
        E::RateLimited { until: Some(until), .. } => Error::ProcoreUnavailable(format!(
            "Procore's limit of requests for this account is used up until {} UTC. Please try again then.",
            until.strftime("%H:%M:%S")
        )),
        E::RateLimited { until: None, .. } => Error::ProcoreUnavailable(
            "Procore's limit of requests for this account is used up. Please try again in a few minutes.".to_owned(),
        ),
        E::Unavailable { .. } => {
            Error::ProcoreUnavailable("Procore is not answering right now. Please try again in a minute.".to_owned())
        }
        E::Uncertain { .. } => Error::ProcoreUnavailable(
            "Procore's answer did not come, so it is not known what it did. Please look again in a minute.".to_owned(),
        ),
        E::SignInAgain(_) => Error::SignInToProcore(tokens::REFUSED.to_owned()),
        E::AppNotConnected => Error::ProcoreRefused(
            "Ledgerboard is not connected to this company in Procore. A Procore administrator installs it under \
             Company Admin → App Management; then try again. Where that has no Install button, custom apps are switched off for \
             the account: ask Procore to allow them."
                .to_owned(),
        ),
        E::Forbidden(messages) => Error::ProcoreRefused(format!(
            "Your Procore login may not do this{}. Ask a Procore administrator for the permission.",
            said(&messages)
        )),
        E::NotFound => Error::ProcoreRefused(
            "Procore does not have this, or does not show it to your Procore login. Ask a Procore administrator \
             whether you are in the project's directory."
                .to_owned(),
        ),
        E::Odd(why) => Error::ProcoreRefused(format!(
            "What Procore shows could not be read: {why}. Correct it in Procore; if it looks right there, tell your \
             administrator."
        )),
        E::NoSuchPath => Error::ProcoreRefused(
            "Procore has no such page for this project. The tool may be turned off there: ask a Procore administrator \
             whether the project uses it."
                .to_owned(),
        ),
        E::Refused { messages, status } if messages.is_empty() => Error::ProcoreRefused(format!(
            "Procore refused this without saying why ({status}). Try again; if it is refused again, ask a Procore administrator."
        )),
        E::Refused { messages, .. } => Error::ProcoreRefused(format!("Procore refused this{}.", said(&messages))),
        E::Contended { .. } => Error::ProcoreUnavailable(
            "Somebody else was changing the same in Procore, so it refused this. Please try again in a minute."
                .to_owned(),
        ),
        E::Unexpected(because) => {
            tracing::warn!(because, "Procore's answer can't be understood");
            Error::ProcoreRefused(format!(
                "Procore's answer could not be understood: {because}. Try again in a minute; if it stays so, tell your \
                 administrator."
            ))
        }
        E::Misused(detail) => Error::Internal(format!("Procore: {detail}")),
    }
}

/// Procore's own words, quoted.
fn said(messages: &[procore::Message]) -> String {
    let one = |m: &procore::Message| match &m.field {
        Some(field) => format!("{field}: {}", m.text.trim_end_matches('.')),
        None => m.text.trim_end_matches('.').to_owned(),
    };
    let words: Vec<_> = messages.iter().map(one).collect();
    if words.is_empty() { String::new() } else { format!(": “{}”", words.join("; ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each error of the client, whom it sends to work, and what the sentence must say.
    #[test]
    fn each_error_of_procore_says_what_to_do() {
        use procore::Error as E;
        let message = |field: Option<&str>, text: &str| procore::Message {
            field: field.map(str::to_owned),
            text: text.to_owned(),
        };
        let until = "2026-11-23T17:32:10Z".parse().unwrap();
        let cases = [
            (E::NotSent("dns".into()), "unavailable", "cannot be reached"),
            (E::RateLimited { until: Some(until), retry_after: None }, "unavailable", "until 17:32:10 UTC"),
            (E::RateLimited { until: None, retry_after: None }, "unavailable", "in a few minutes"),
            (
                E::Unavailable { status: Some(503), retry_after: None, reason: "x".into() },
                "unavailable",
                "not answering",
            ),
            (E::Uncertain { reason: "cut".into(), look_after: None }, "unavailable", "not known what it did"),
            (E::SignInAgain("revoked".into()), "sign in", "Sign in to Procore again"),
            (E::AppNotConnected, "refused", "installs it under Company Admin → App Management"),
            (E::Forbidden(vec![message(None, "Read only.")]), "refused", "may not do this: “Read only”. Ask"),
            (E::Forbidden(vec![]), "refused", "may not do this. Ask"),
            (E::NotFound, "refused", "project's directory"),
            (E::NoSuchPath, "refused", "The tool may be turned off there"),
            (
                E::Refused { status: 422, messages: vec![message(Some("number"), "has already been taken")] },
                "refused",
                "“number: has already been taken”",
            ),
            (E::Refused { status: 422, messages: vec![] }, "refused", "without saying why (422). Try again"),
            (
                E::Contended { status: 409, messages: vec![], retry_after: None },
                "unavailable",
                "Somebody else was changing the same",
            ),
            (E::Odd("status is null".into()), "refused", "could not be read: status is null. Correct it in Procore"),
            (
                E::Unexpected("Procore answered 302".into()),
                "refused",
                "not be understood: Procore answered 302. Try again",
            ),
            (E::Misused("invalid_client".into()), "internal", "Procore: invalid_client"),
        ];
        for (error, kind, words) in cases {
            let debug = format!("{error:?}");
            let told = told(error);
            let got = match &told {
                Error::ProcoreUnavailable(_) => "unavailable",
                Error::SignInToProcore(_) => "sign in",
                Error::ProcoreRefused(_) => "refused",
                Error::Internal(_) => "internal",
                other => panic!("{debug} became {other:?}"),
            };
            assert_eq!(got, kind, "{debug}");
            assert!(told.to_string().contains(words), "{debug}: {told}");
        }
    }
}
