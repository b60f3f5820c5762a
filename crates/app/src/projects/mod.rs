//! Projects: the list, a new one, its details and its people.

pub(crate) mod api;
pub(crate) mod pages;
pub(crate) mod samples;
mod with_contracts;

use domain::{
    Currency, OfficeId, PersonId, ProjectId, Zone,
    activity::Entry,
    role::{Actor, Denied, Role},
};
use serde::Deserialize;
use store::repo::{
    company::Office,
    person::Person,
    project::{Project, ProjectDetails, ProjectSummary},
};

pub use self::with_contracts::{ContractOf, ProjectWithContracts, with_contracts};
use crate::{App, Error, FieldErrors, feed::own_entry, integration::acting::visible_project, typed};

/// What a Field User may do, and who gives them more.
pub const FIELD_USER: &str = "You are a Field User: you see the projects that you are on, and who works on them. CORs and their \
    prices are for Project Managers, Admins and Account Owners. Ask your Account Owner or an Admin of your office if you need them.";

/// A project's details, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ProjectInput {
    pub name: String,
    pub address: String,
    /// An ISO 4217 code; ignored when the project exists.
    pub currency: String,
    /// A name of the IANA database, such as "America/New_York".
    pub time_zone: String,
    /// The office's id.
    pub office: String,
    /// The company's own number for it.
    pub job_number: String,
}

impl ProjectInput {
    /// A project as stored.
    pub fn of(project: &Project) -> Self {
        Self {
            name: project.name.clone(),
            address: project.address.clone(),
            currency: project.currency.code().to_owned(),
            time_zone: project.time_zone.name().to_owned(),
            office: project.office.id.to_string(),
            job_number: project.job_number.clone(),
        }
    }
}

/// The projects the actor sees, by name.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<ProjectSummary>, Error> {
    let actor = actor.clone();
    Ok(app.store.read(move |tx| tx.of(actor.company).projects(&actor)).await?)
}

/// One project, if the actor sees it.
pub async fn open(app: &App, actor: &Actor, id: ProjectId) -> Result<Project, Error> {
    let actor = actor.clone();
    app.store.read(move |tx| visible_project(&mut tx.of(actor.company), &actor, id)).await
}

/// The offices the actor may run a project from; of an existing project, its own as well.
pub async fn offices(app: &App, actor: &Actor, project: Option<&Project>) -> Result<Vec<Office>, Error> {
    let company = actor.company;
    let mut offices = app.store.read(move |tx| tx.of(company).offices()).await?;
    let own = project.map(|project| project.office.id);
    offices.retain(|office| own == Some(office.id) || actor.may_create_project(office.id).is_ok());
    Ok(offices)
}

/// Whether the actor may run a project from any office.
pub async fn may_create(app: &App, actor: &Actor) -> Result<Result<(), Denied>, Error> {
    let none = offices(app, actor, None).await?.is_empty();
    let denied = Denied("Only the Account Owner, an Admin or a Project Manager can create projects.");
    Ok(if none { Err(denied) } else { Ok(()) })
}

/// Creates a project and assigns its creator to it.
pub async fn create(app: &App, actor: &Actor, typed: ProjectInput) -> Result<ProjectId, Error> {
    let mut errors = FieldErrors::default();
    let details = parse(&mut errors, &typed);
    let currency = typed::choice(&mut errors, "currency", Currency::from_code(&typed.currency));
    errors.check()?;
    let details = ProjectDetails { currency: currency.unwrap_or(Currency::Usd), ..details };
    let (actor, now) = (actor.clone(), app.now());
    actor.may_create_project(details.office)?;
    let id = ProjectId::fresh(now, app.entropy.as_ref());
    let entry = own_entry(app, &actor, id, format!("created the project {}", typed::brief(&details.name)));
    app.store
        .write(move |tx| {
            let mut us = tx.of(actor.company);
            us.office(details.office)?.ok_or_else(no_office)?;
            us.add_project(id, &details, now)?;
            us.assign(id, actor.person)?;
            Ok(us.record(&entry)?)
        })
        .await
        .map(|()| id)
}

/// Changes a project's details. The currency stays: its CORs are priced in it.
pub async fn change(app: &App, actor: &Actor, id: ProjectId, typed: ProjectInput) -> Result<(), Error> {
    let mut errors = FieldErrors::default();
    let details = parse(&mut errors, &typed);
    errors.check()?;
    let actor = actor.clone();
    let entry = own_entry(app, &actor, id, "changed the project's details");
    app.store
        .write(move |tx| {
            let mut us = tx.of(actor.company);
            let project = visible_project(&mut us, &actor, id)?;
            actor.may_run_project(project.standing())?;
            if details.office != project.office.id {
                us.office(details.office)?.ok_or_else(no_office)?;
                // The other office has its own integration, so the mapping may point into the wrong account.
                actor.may_create_project(details.office)?;
                if us.mapping(id)?.is_some() {
                    return Err(Error::invalid(
                        "office",
                        "The project is mapped to Procore through its current office. Remove the mapping first.",
                    ));
                }
            }
            us.change_project(id, &details)?;
            Ok(us.record(&entry)?)
        })
        .await
}

/// A person who is on a project, or may be added to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The person.
    pub person: Person,
    /// Whether they are assigned to it.
    pub assigned: bool,
    /// Whether they see it without being assigned, by their role.
    pub by_role: bool,
}

impl Member {
    /// Whether they see it.
    pub fn is_on_it(&self) -> bool {
        self.assigned || self.by_role
    }
}

/// Everyone of the company who may sign in, and whether they are on the project.
pub async fn members(app: &App, actor: &Actor, id: ProjectId) -> Result<(Project, Vec<Member>), Error> {
    let actor = actor.clone();
    app.store
        .read(move |tx| {
            let mut us = tx.of(actor.company);
            let project = visible_project(&mut us, &actor, id)?;
            let assigned: Vec<PersonId> = us.project_people(id)?.into_iter().map(|person| person.id).collect();
            let members = us.people()?.into_iter().filter(|person| person.disabled_at.is_none()).map(|person| Member {
                assigned: assigned.contains(&person.id),
                by_role: match person.role {
                    Role::AccountOwner => true,
                    Role::Admin => person.office == Some(project.office.id),
                    Role::ProjectManager | Role::FieldUser => false,
                },
                person,
            });
            let members = members.collect();
            Ok((project, members))
        })
        .await
}

/// Adds a person to the project, or removes them.
pub async fn set_member(app: &App, actor: &Actor, id: ProjectId, person: PersonId, member: bool) -> Result<(), Error> {
    let actor = actor.clone();
    let entry = own_entry(app, &actor, id, String::new());
    app.store
        .write(move |tx| {
            let mut us = tx.of(actor.company);
            let project = visible_project(&mut us, &actor, id)?;
            actor.may_run_project(project.standing())?;
            let name = us.person(person)?.ok_or(Error::NotFound)?.name;
            let text = if member {
                us.assign(id, person)?;
                format!("added {name} to the project")
            } else {
                us.unassign(id, person)?;
                format!("removed {name} from the project")
            };
            Ok(us.record(&Entry { text, ..entry.clone() })?)
        })
        .await
}

fn parse(errors: &mut FieldErrors, typed: &ProjectInput) -> ProjectDetails {
    let office = typed::choice(errors, "office", typed.office.parse::<OfficeId>().ok());
    ProjectDetails {
        name: typed::name(errors, "name", &typed.name),
        address: typed::optional_line(errors, "address", &typed.address),
        currency: Currency::Usd,
        time_zone: typed::choice(errors, "time_zone", Zone::named(&typed.time_zone)).unwrap_or_default(),
        office: office.unwrap_or(OfficeId(uuid::Uuid::nil())),
        job_number: typed::optional_line(errors, "job_number", &typed.job_number),
    }
}

fn no_office() -> Error {
    Error::invalid("office", "Choose one of your offices.")
}
