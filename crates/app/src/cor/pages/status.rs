//! The status of a COR on its page: which ones it may be given, what is asked before one, and setting it.

use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
    routing::post,
};
use axum_extra::extract::Form;
use domain::{
    CorId,
    cor::{Besides, Means, Status},
    procore::{Side, push_state::ProcoreState},
};
use serde::Deserialize;

use crate::{
    App, Error, FieldErrors,
    cor::{
        pages::show,
        read_cor::{self, CorSeen},
        set_status::{self, SetStatus},
        views::{AskReason, AskRecord, AskStatus, CorPage},
    },
    serving::{
        flash, forms,
        session::SignedIn,
        views::{Choice, Deed},
    },
};

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/cors/{cor}/status", post(set_status))
}

/// The statuses as the page offers them, and why some are greyed.
pub(crate) fn offered(seen: &CorSeen) -> (Vec<Choice>, String) {
    let now = seen.cor.status;
    let mut note = String::new();
    let choice = |status: Status| {
        let refused = now.may_become(status, seen.side, seen.cor.receiver_joined).err().filter(|_| status != now);
        if let Some(why) = refused {
            note = why.to_string();
        }
        let choice = Choice::new(status.code(), status.name());
        Choice { selected: status == now, disabled: refused.is_some(), ..choice }
    };
    let choices = Status::ALL.into_iter().filter(|status| status.is_shared()).map(choice).collect();
    (choices, note)
}

/// Where the form of the statuses posts, or why it doesn't: nothing is left to choose.
pub(crate) fn deed(choices: &[Choice], note: &str, may_edit: Deed) -> Deed {
    let left = choices.iter().any(|choice| !choice.disabled && !choice.selected);
    if may_edit.url().is_some() && !left { Deed::MayNot(note.to_owned()) } else { may_edit }
}

/// What is asked before a status that has to be said more about, or that ends the talk about a COR. The rest are set at once.
pub(crate) fn ask(seen: &CorSeen, status: Status) -> Option<AskStatus> {
    asked(seen, status, &StatusTyped::default())
}

fn asked(seen: &CorSeen, status: Status, typed: &StatusTyped) -> Option<AskStatus> {
    let (cor, url) = (&seen.cor, format!("/cors/{}", seen.cor.id));
    let besides = cor.status.may_become(status, seen.side, cor.receiver_joined).ok()?;
    if status == cor.status {
        return None;
    }
    let other = match seen.side {
        Side::Sent => &cor.receiver_name,
        Side::Received => &cor.sender_name,
    };
    let returns = status == Status::ReviseAndResubmit && seen.side == Side::Received;
    let mut ask = AskStatus {
        question: format!("Set COR {} for {} to {}?", cor.number, cor.total(), status.name()),
        status: status.code(),
        button: format!("Set to {}", status.name()),
        class: if status == Status::Void { "danger" } else { "primary" },
        url: format!("{url}/status"),
        cancel_url: url,
        ..AskStatus::default()
    };
    ask.consequence = match (besides, status) {
        (Besides::Record, _) => format!(
            "{other} hasn't joined, so you record the approval that you were given. It is shown as recorded by sender, and the \
             price can't be changed any more."
        ),
        (Besides::Reason, Status::Void) => format!(
            "Its approval is taken back, and it counts among the Void ones from then on. {other} sees it at once.{}",
            stays_there(seen)
        ),
        (Besides::Reason, _) => {
            format!("Its approval is taken back, and its price can be changed. {other} sees it at once.")
        }
        (_, Status::Void) => {
            format!("It counts among the Void ones from then on. {other} sees it at once.{}", stays_there(seen))
        }
        (_, Status::ApprovedCoIssued) => format!(
            "It says that a formal change order was received and that it can be billed. {other} sees it at once."
        ),
        _ if returns => format!("{other} changes it and sends it again."),
        _ => return None,
    };
    let required = besides == Besides::Reason;
    ask.reason = (required || returns).then(|| AskReason {
        label: if returns { "What has to change" } else { "Why" },
        required,
        typed: typed.reason.clone(),
    });
    ask.record = (besides == Besides::Record).then(|| AskRecord {
        means: Means::ALL
            .into_iter()
            .map(|m| Choice { selected: m.code() == typed.means, ..Choice::new(m.code(), m.name()) })
            .collect(),
        given_on: typed.given_on.clone(),
    });
    Some(ask)
}

/// What a void COR leaves in Procore, if there is any.
fn stays_there(seen: &CorSeen) -> String {
    let there = seen.link.as_ref().map(|link| link.pushed_amount).filter(|there| !there.is_zero());
    there
        .map(|there| {
            let there = seen
                .currency
                .as_ref()
                .err()
                .map_or_else(|| there.to_string(), |trouble| format!("{there} ({})", trouble.theirs()));
            format!(" {there} of it is in Procore and stays there until you push the COR again.")
        })
        .unwrap_or_default()
}

#[derive(Deserialize, Default)]
struct StatusTyped {
    status: String,
    /// The revision the form was drawn with; without one it is nobody's view of the COR.
    #[serde(default)]
    revision: i64,
    /// The form asks before a status that [`ask`] has a question about.
    #[serde(default)]
    ask: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    means: String,
    #[serde(default)]
    given_on: String,
    #[serde(default)]
    clock: String,
}

async fn set_status(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<CorId>,
    Form(typed): Form<StatusTyped>,
) -> Result<Response, Error> {
    let status = Status::from_code(&typed.status).ok_or_else(|| Error::invalid("status", "Choose a status."))?;
    let url = format!("/cors/{id}");
    if !typed.ask.is_empty() && ask(&read_cor::cor(&app, &person.actor, id).await?, status).is_some() {
        return Ok(Redirect::to(&format!("{url}?ask={}", status.code())).into_response());
    }
    let input = SetStatus {
        cor: id,
        revision: Some(typed.revision),
        status,
        reason: typed.reason.clone(),
        means: typed.means.clone(),
        given_on: typed.given_on.clone(),
        clock: typed.clock.clone(),
    };
    match set_status::set(&app, &person.actor, input).await {
        Ok(cor) if status == Status::ReviseAndResubmit => {
            Ok(flash::done(&url, format!("COR {} was returned for revision.", cor.number)))
        }
        Ok(cor) => {
            let link = read_cor::cor(&app, &person.actor, id).await?.link;
            let left = link.filter(|link| status == Status::Void && link.state == ProcoreState::UpdateNeeded);
            let left = left.map(|link| format!(" {}", link.reason)).unwrap_or_default();
            Ok(flash::done(&url, format!("COR {} is {} now.{left}", cor.number, cor.status.name())))
        }
        // What was said with a status is not lost to somebody who was faster: it is asked again of the COR as it is now.
        Err(error) => {
            let errors = match error {
                Error::Invalid(errors) => errors,
                other => FieldErrors::one("", forms::notice(other)?),
            };
            let seen = read_cor::cor(&app, &person.actor, id).await?;
            let page = show::shown(&app, &person, &seen).await?;
            let ask = asked(&seen, status, &typed).filter(|_| page.set_status.url().is_some());
            let ask = ask.map(|ask| AskStatus { errors: forms::errors(&errors), ..ask });
            match ask {
                Some(ask) => forms::again(&CorPage { ask: Some(ask), ..page }),
                None => Ok(flash::failed(&url, Error::Invalid(errors).sentence())),
            }
        }
    }
}
