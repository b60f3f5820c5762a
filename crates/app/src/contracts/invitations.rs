//! Accepting an invitation, as a company that uses the product already or as a new one.

use domain::{
    ActivityId, Entropy, OfficeId, PersonId,
    activity::{Audience, Entry, EntryKind},
    role::Actor,
    security::SecurityEventKind,
    text::fold,
};
use jiff::Timestamp;
use store::{
    StoreError,
    repo::{company::Office, contract::Invitation, invitation::CannotConnect},
};

use crate::{
    App, Error, FieldErrors,
    account::{secret, setup},
    projects,
    security::SecurityNote,
    typed,
};

/// What the page of a link shows.
#[derive(Debug, Clone, Default)]
pub struct OpenedLink {
    /// Nothing once it was used or renewed.
    pub invitation: Option<Invitation>,
    /// Why it can't be accepted; empty when it can.
    pub refused: String,
    /// The offices that the reader may accept for.
    pub offices: Vec<Office>,
}

/// Looks at a link, as somebody signed in with their e-mail or as nobody.
pub async fn look(app: &App, reader: Option<(&Actor, &str)>, link: &str) -> Result<OpenedLink, Error> {
    let found = match open(app, link).await {
        Ok(found) => found,
        Err(Error::NotFound) => {
            let refused =
                "This link was used already or replaced by a newer one. Ask the sender for a new one.".to_owned();
            return Ok(OpenedLink { refused, ..OpenedLink::default() });
        }
        Err(error) => return Err(error),
    };
    let mut refused = refused(&found, reader.map(|(_, email)| email), app.now()).unwrap_or_default();
    let mut offices = Vec::new();
    if let Some((actor, _)) = reader {
        offices = projects::offices(app, actor, None).await?;
        if actor.company == found.inviter.id {
            "This link is for the other company. Send it to them.".clone_into(&mut refused);
        } else if refused.is_empty() && offices.is_empty() {
            "Only your Account Owner, an Admin or a Project Manager can accept it.".clone_into(&mut refused);
        }
    }
    Ok(OpenedLink { invitation: Some(found), refused, offices })
}

/// The invitation behind a link; *not found* once it was accepted or renewed.
async fn open(app: &App, link: &str) -> Result<Invitation, Error> {
    let hash = secret::hash(link);
    app.store.read(move |tx| tx.invitation(&hash)).await?.ok_or(Error::NotFound)
}

/// Why an invitation can't be accepted: its link has expired, or it is meant for somebody else.
fn refused(invitation: &Invitation, email: Option<&str>, now: Timestamp) -> Option<String> {
    let inviter = &invitation.inviter.name;
    if invitation.until.is_some_and(|until| until <= now) {
        return Some(format!("This link has expired. Ask {inviter} for a new one."));
    }
    let meant = &invitation.email;
    match email {
        Some(email) if !meant.is_empty() && fold(email) != *meant => Some(format!(
            "This invitation is meant for {}, and you are {email}. Sign in with that address, or ask {inviter} for \
             your own link.",
            hint(meant)
        )),
        _ => None,
    }
}

/// The first letters of the address that an invitation is meant for. Whoever holds the link may know it already, and needs
/// no more to recognize it; nobody else learns it.
pub fn hint(email: &str) -> String {
    let name = email.split('@').next().unwrap_or_default();
    let shown = name.chars().count().saturating_sub(1).min(3);
    match shown {
        0 => "another address".to_owned(),
        _ => format!("an address that begins with “{}”", name.chars().take(shown).collect::<String>()),
    }
}

/// The actor's company takes the place of the invited one, and one of its offices runs the project.
pub async fn accept(app: &App, actor: &Actor, link: &str, office: &str, job_number: &str) -> Result<Invitation, Error> {
    let mut errors = FieldErrors::default();
    let office = typed::choice(&mut errors, "office", office.parse::<OfficeId>().ok());
    let job_number = typed::optional_line(&mut errors, "job_number", job_number);
    errors.check()?;
    let office = office.unwrap_or(OfficeId(uuid::Uuid::nil()));
    actor.may_create_project(office)?;
    let (hash, now, actor) = (secret::hash(link), app.now(), actor.clone());
    let entry = entry(app.entropy.as_ref(), now, (actor.person, &actor.name));
    let note = SecurityNote::new(app, &actor, SecurityEventKind::InvitationAccepted);
    let theirs = note.for_others();
    app.store
        .write(move |tx| {
            let invitation = tx.invitation(&hash)?.ok_or(Error::NotFound)?;
            let us = actor.company;
            let email = tx.of(us).person(actor.person)?.map(|person| person.email);
            if let Some(why) = refused(&invitation, email.as_deref(), now) {
                return Err(Error::Conflict(why));
            }
            tx.of(us).office(office)?.ok_or_else(|| Error::invalid("office", "Choose one of your offices."))?;
            match tx.accept_as_company(&invitation, us, office, &job_number, now)? {
                Ok(()) => {}
                Err(CannotConnect::OwnInvitation) => {
                    return Err(Error::Conflict(
                        "This invitation is from your own company. Send the link to the other one.".to_owned(),
                    ));
                }
            }
            tx.of(us).assign(invitation.project, actor.person)?;
            tx.record(&Entry { project: invitation.project, ..entry.clone() })?;
            note.keep(&mut tx.of(us), &invitation.inviter.name)?;
            theirs.keep(&mut tx.of(invitation.inviter.id), &invitation.invited.name)?;
            Ok(invitation)
        })
        .await
}

/// A new company accepts and takes the place of the placeholder. Answers its Account Owner.
pub async fn accept_anew(
    app: &App,
    link: &str,
    input: setup::Setup,
    job_number: &str,
) -> Result<(Invitation, PersonId), Error> {
    let invitation = open(app, link).await?;
    if invitation.invited.claimed {
        return Err(Error::NotFound);
    }
    if let Some(why) = refused(&invitation, None, app.now()) {
        return Err(Error::Conflict(why));
    }
    let mut errors = FieldErrors::default();
    if !invitation.email.is_empty() && fold(&input.email) != invitation.email {
        errors.add(
            "email",
            format!("This invitation is meant for {}. Sign up with that address.", hint(&invitation.email)),
        );
    }
    let job_number = typed::optional_line(&mut errors, "job_number", job_number);
    errors.check()?;
    let (now, entropy) = (app.now(), app.entropy.as_ref());
    let new = setup::new_company(entropy, now, invitation.invited.id, input).await?;
    let (hash, owner) = (secret::hash(link), new.owner.id);
    let entry = Entry { project: invitation.project, ..entry(entropy, now, (owner, &new.owner.name)) };
    let note = SecurityNote::of_person(app, owner, &new.owner.name, SecurityEventKind::InvitationAccepted);
    let theirs = note.for_others();
    let invitation = app
        .store
        .write(move |tx| {
            // Read again inside: the link may have been used a moment ago.
            let invitation = tx.invitation(&hash)?.ok_or(Error::NotFound)?;
            tx.accept_as_new_company(&invitation, &new, &job_number).map_err(|error| match error {
                StoreError::Conflict { .. } => Error::invalid(
                    "email",
                    "Somebody already signs in with this e-mail. Sign in, then open the link again.",
                ),
                other => other.into(),
            })?;
            tx.record(&entry)?;
            note.keep(&mut tx.of(new.id), &invitation.inviter.name)?;
            theirs.keep(&mut tx.of(invitation.inviter.id), &new.name)?;
            Ok::<_, Error>(invitation)
        })
        .await?;
    Ok((invitation, owner))
}

/// The entry for both companies, which share the project's CORs from now on.
fn entry(entropy: &dyn Entropy, now: jiff::Timestamp, (person, name): (PersonId, &str)) -> Entry {
    Entry {
        id: ActivityId::fresh(now, entropy),
        project: domain::ProjectId(uuid::Uuid::nil()),
        cor: None,
        audience: Audience::Both,
        actor: Some(person),
        actor_name: name.to_owned(),
        at: now,
        kind: EntryKind::Project,
        text: "accepted the invitation to the project".to_owned(),
    }
}
