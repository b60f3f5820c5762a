//! The company's people: added with a temporary password, changed, and let in no longer.

use domain::{
    OfficeId, PersonId, ProjectId,
    role::{Actor, Role},
    security::SecurityEventKind,
};
use serde::Deserialize;
use store::{
    StoreError,
    repo::person::{NewPerson, Person},
};

use crate::{
    App, Error, FieldErrors,
    account::{password, secret, throttle},
    security::SecurityNote,
    typed,
};

/// A person, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct PersonInput {
    pub name: String,
    /// Ignored when the person exists.
    pub email: String,
    /// A role's code.
    pub role: String,
    /// An office's id.
    pub office: String,
    /// The projects they are assigned to, by id.
    pub projects: Vec<String>,
}

impl PersonInput {
    /// A person as stored.
    pub fn of(person: &Person, assigned: &[ProjectId]) -> Self {
        Self {
            name: person.name.clone(),
            email: person.email.clone(),
            role: person.role.code().to_owned(),
            office: person.office.map(|office| office.to_string()).unwrap_or_default(),
            projects: assigned.iter().map(ToString::to_string).collect(),
        }
    }
}

/// A new temporary password: shown once, stored as its hash only.
#[derive(Debug, Clone)]
pub struct TemporaryPassword {
    /// Whose.
    pub person: PersonId,
    /// To be handed to them.
    pub password: String,
}

/// The people the actor manages: everyone for the Account Owner, their office's for others.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<Person>, Error> {
    may_look(actor)?;
    let reader = actor.clone();
    let mut people = app.store.read(move |tx| tx.of(reader.company).people()).await?;
    people.retain(|person| manages(actor, person).is_ok());
    Ok(people)
}

/// The names of the people who administer an office; nothing for somebody who doesn't see people.
pub async fn admins(app: &App, actor: &Actor, office: OfficeId) -> Result<Option<String>, Error> {
    let people = match list(app, actor).await {
        Ok(people) => people.into_iter(),
        Err(Error::Denied(_) | Error::NotFound) => return Ok(None),
        Err(error) => return Err(error),
    };
    let admins = people
        .filter(|known| known.role == Role::Admin && known.office == Some(office) && known.disabled_at.is_none())
        .map(|known| known.name);
    Ok(Some(admins.collect::<Vec<_>>().join(", ")))
}

/// One person and the projects they are assigned to.
pub async fn open(app: &App, actor: &Actor, id: PersonId) -> Result<(Person, Vec<ProjectId>), Error> {
    may_look(actor)?;
    let actor = actor.clone();
    app.store
        .read(move |tx| {
            let mut us = tx.of(actor.company);
            let person = us.person(id)?.ok_or(Error::NotFound)?;
            manages(&actor, &person).map_err(|_| Error::NotFound)?;
            Ok((person, us.assignments(id)?))
        })
        .await
}

/// Adds a person, with a temporary password.
pub async fn add(app: &App, actor: &Actor, typed: PersonInput) -> Result<TemporaryPassword, Error> {
    let mut errors = FieldErrors::default();
    let checked = parse(&mut errors, &typed);
    let email = typed::email(&mut errors, "email", &typed.email);
    errors.check()?;
    actor.may_manage_people(checked.office)?;
    actor.may_grant(checked.role)?;
    let now = app.now();
    let password = secret::temporary_password(app.entropy.as_ref());
    let person = NewPerson {
        id: PersonId::fresh(now, app.entropy.as_ref()),
        name: checked.name,
        email,
        role: checked.role,
        office: checked.office,
        password_hash: password::hash(app.entropy.as_ref(), password.clone().into()).await?,
        now,
    };
    let note = SecurityNote::new(app, actor, SecurityEventKind::PersonAdded);
    let (id, actor, projects) = (person.id, actor.clone(), checked.projects);
    app.store
        .write(move |tx| {
            let mut us = tx.of(actor.company);
            us.office(person.office)?.ok_or_else(no_office)?;
            us.add_person(&person).map_err(taken)?;
            assign(&mut us, &actor, id, &projects)?;
            tx.ask_for_own_password(id)?;
            let subject = format!("{}, {}", person.name, person.role.name());
            Ok::<_, Error>(note.keep(&mut tx.of(actor.company), &subject)?)
        })
        .await?;
    Ok(TemporaryPassword { person: id, password })
}

/// Changes a person's name, role, office and projects.
pub async fn change(app: &App, actor: &Actor, id: PersonId, typed: PersonInput) -> Result<(), Error> {
    let mut errors = FieldErrors::default();
    let checked = parse(&mut errors, &typed);
    errors.check()?;
    let note = SecurityNote::new(app, actor, SecurityEventKind::PersonChanged);
    let actor = actor.clone();
    app.store
        .write(move |tx| {
            let mut us = tx.of(actor.company);
            let person = us.person(id)?.ok_or(Error::NotFound)?;
            manages(&actor, &person)?;
            actor.may_manage_people(checked.office)?;
            if checked.role != person.role {
                actor.may_grant(checked.role)?;
                keeps_an_owner(&mut us, &person)?;
            }
            us.office(checked.office)?.ok_or_else(no_office)?;
            us.change_person(id, &checked.name, checked.role, checked.office)?;
            assign(&mut us, &actor, id, &checked.projects)?;
            let (note, subject) = if checked.role == person.role {
                (note.clone(), checked.name.clone())
            } else {
                let roles = format!("{}: {} → {}", checked.name, person.role.name(), checked.role.name());
                (note.as_kind(SecurityEventKind::RoleChanged), roles)
            };
            Ok(note.keep(&mut us, &subject)?)
        })
        .await
}

/// Lets a person sign in no longer, at once, or again. Their work stays.
pub async fn set_enabled(app: &App, actor: &Actor, id: PersonId, enabled: bool) -> Result<(), Error> {
    let kind = if enabled { SecurityEventKind::PersonEnabled } else { SecurityEventKind::PersonDisabled };
    let note = SecurityNote::new(app, actor, kind);
    let (actor, now) = (actor.clone(), app.now());
    app.store
        .write(move |tx| {
            let mut us = tx.of(actor.company);
            let person = us.person(id)?.ok_or(Error::NotFound)?;
            manages(&actor, &person)?;
            if !enabled {
                if id == actor.person {
                    return Err(Error::Conflict("You can't disable yourself. Ask another Account Owner.".to_owned()));
                }
                keeps_an_owner(&mut us, &person)?;
            }
            us.set_disabled(id, (!enabled).then_some(now))?;
            Ok(note.keep(&mut us, &person.name)?)
        })
        .await
}

/// Gives a person a new temporary password, which ends their sessions and API tokens.
pub async fn renew_password(app: &App, actor: &Actor, id: PersonId) -> Result<TemporaryPassword, Error> {
    let (person, _) = open(app, actor, id).await?;
    manages(actor, &person)?;
    let password = secret::temporary_password(app.entropy.as_ref());
    let hash = password::hash(app.entropy.as_ref(), password.clone().into()).await?;
    let (company, now) = (actor.company, app.now());
    let note = SecurityNote::new(app, actor, SecurityEventKind::PasswordReset);
    app.store
        .write(move |tx| {
            tx.reset_password(id, &hash, now)?;
            note.keep(&mut tx.of(company), &person.name)?;
            throttle::forget(tx, &person.email)
        })
        .await?;
    Ok(TemporaryPassword { person: id, password })
}

struct CheckedPerson {
    name: String,
    role: Role,
    office: OfficeId,
    projects: Vec<ProjectId>,
}

fn parse(errors: &mut FieldErrors, typed: &PersonInput) -> CheckedPerson {
    let role = typed::choice(errors, "role", Role::from_code(&typed.role));
    let office = typed::choice(errors, "office", typed.office.parse::<OfficeId>().ok());
    let projects: Result<Vec<ProjectId>, _> = typed.projects.iter().map(|id| id.parse()).collect();
    if projects.is_err() {
        errors.add("projects", "Choose from the list.");
    }
    CheckedPerson {
        name: typed::name(errors, "name", &typed.name),
        role: role.unwrap_or(Role::FieldUser),
        office: office.unwrap_or(OfficeId(uuid::Uuid::nil())),
        projects: projects.unwrap_or_default(),
    }
}

/// Whether the actor manages anybody at all.
fn may_look(actor: &Actor) -> Result<(), Error> {
    match (actor.role, actor.office) {
        (Role::AccountOwner, _) => Ok(()),
        (_, Some(office)) => Ok(actor.may_manage_people(office)?),
        (_, None) => Err(Error::NotFound),
    }
}

fn manages(actor: &Actor, person: &Person) -> Result<(), Error> {
    if actor.role == Role::AccountOwner {
        return Ok(());
    }
    actor.may_manage_people(person.office.ok_or(Error::NotFound)?)?;
    // An Admin of the same office has no say over an Account Owner.
    Ok(actor.may_grant(person.role)?)
}

/// A company keeps one Account Owner at least, or nobody could change it any more.
fn keeps_an_owner(us: &mut store::CompanyTx<'_>, person: &Person) -> Result<(), Error> {
    if person.role == Role::AccountOwner && !us.has_another_owner(person.id)? {
        return Err(Error::Conflict(
            "This is the only Account Owner. Make somebody else an Account Owner first.".to_owned(),
        ));
    }
    Ok(())
}

/// Assigns exactly these of the projects that the actor sees; those they don't see are left alone.
fn assign(us: &mut store::CompanyTx<'_>, actor: &Actor, person: PersonId, projects: &[ProjectId]) -> Result<(), Error> {
    let seen: Vec<ProjectId> = us.projects(actor)?.into_iter().map(|summary| summary.project.id).collect();
    if projects.iter().any(|project| !seen.contains(project)) {
        return Err(Error::invalid("projects", "Choose from the list."));
    }
    for project in seen {
        if projects.contains(&project) {
            us.assign(project, person)?;
        } else {
            us.unassign(project, person)?;
        }
    }
    Ok(())
}

fn no_office() -> Error {
    Error::invalid("office", "Choose one of your offices.")
}

fn taken(error: StoreError) -> Error {
    match error {
        StoreError::Conflict { .. } => {
            Error::invalid("email", "Somebody already signs in with this e-mail. Use another one.")
        }
        other => other.into(),
    }
}
