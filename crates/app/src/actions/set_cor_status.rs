//! Either side sets the status of a COR; a Draft's sender sends it.

use domain::{
    CorId,
    activity::{Audience, Kind},
    cor::Status,
    role::Actor,
};
use store::{CompanyTx, repo::cor::Cor};

use super::cor_story::{Teller, in_words, visible_cor};
use crate::{App, Error};

/// What is sent cannot be unsent.
pub(crate) const NO_WAY_BACK: &str =
    "This COR was sent, so the other company has it. It can't become a draft again; set it to Void instead.";

/// A status to set.
#[derive(Debug, Clone, Copy)]
pub struct SetStatus {
    /// Which COR.
    pub cor: CorId,
    /// The revision that the person looked at; nothing takes whatever is there.
    pub revision: Option<i64>,
    /// The status.
    pub status: Status,
}

/// Sends a Draft: it becomes In Review, and the other company sees it. Anything else was sent before, and has a status
/// that sending must not undo.
pub async fn send(app: &App, actor: &Actor, cor: CorId) -> Result<Cor, Error> {
    actor.may_write()?;
    let teller = Teller::new(app, actor);
    let actor = actor.clone();
    app.store
        .write(move |tx| {
            let mut us = tx.of(actor.company);
            let (before, project) = visible_cor(&mut us, &actor, cor)?;
            actor.may_edit_cors(project.standing())?;
            if before.status != Status::Draft {
                return Err(Error::Conflict(format!(
                    "COR {} is no draft: it is {} already. Only a draft is sent; set its status instead.",
                    before.number,
                    before.status.name()
                )));
            }
            given(&mut us, &teller, &before, Status::InReview)
        })
        .await
}

/// Sets the status, and answers the COR as it is now. Setting the status it has changes nothing.
pub async fn set(app: &App, actor: &Actor, input: SetStatus) -> Result<Cor, Error> {
    actor.may_write()?;
    let teller = Teller::new(app, actor);
    let actor = actor.clone();
    app.store
        .write(move |tx| {
            let mut us = tx.of(actor.company);
            let (before, project) = visible_cor(&mut us, &actor, input.cor)?;
            actor.may_edit_cors(project.standing())?;
            if before.status == input.status {
                return Ok(before);
            }
            if input.revision.is_some_and(|revision| revision != before.revision) {
                return Err(overtaken(&before, input.status));
            }
            refuse(before.status, input.status)?;
            given(&mut us, &teller, &before, input.status)
        })
        .await
}

/// Gives a COR its status and tells so.
fn given(us: &mut CompanyTx<'_>, teller: &Teller, before: &Cor, status: Status) -> Result<Cor, Error> {
    let after =
        us.set_cor_status(before, status, teller.at).map_err(|error| in_words(error, before.number.as_str()))?;
    tell_status(us, teller, 0, before, &after)?;
    Ok(after)
}

/// Somebody was faster: what the COR is now, and what was asked for.
fn overtaken(now: &Cor, asked: Status) -> Error {
    Error::Conflict(format!(
        "COR {} was changed in the meantime: it is {} for {} now. You chose {}; set it again if that still holds.",
        now.number,
        now.status.name(),
        now.total(),
        asked.name()
    ))
}

/// Any status may follow any other, but a Draft is sent first, and nothing becomes a Draft again.
fn refuse(from: Status, to: Status) -> Result<(), Error> {
    match (from, to) {
        (_, Status::Draft) => Err(Error::Conflict(NO_WAY_BACK.to_owned())),
        (Status::Draft, Status::InReview | Status::Placeholder) => Ok(()),
        (Status::Draft, _) => Err(Error::Conflict("This COR is still a draft. Send it first.".to_owned())),
        _ => Ok(()),
    }
}

/// Tells both companies what became of a COR.
pub(crate) fn tell_status(
    us: &mut CompanyTx<'_>,
    teller: &Teller,
    n: usize,
    before: &Cor,
    after: &Cor,
) -> Result<(), Error> {
    let amount = after.total();
    let entry = if (before.status, after.status) == (Status::Draft, Status::InReview) {
        (Kind::Sent, format!("sent the COR to {} for {amount}", after.receiver_name))
    } else {
        let (from, to) = (before.status.name(), after.status.name());
        (Kind::Status, format!("set the status from {from} to {to} ({amount})"))
    };
    Ok(teller.tell(us, n, (after.project, Some(after.id)), Audience::Both, entry)?)
}
