//! A general contractor with two offices and a project, and its people.

use domain::{
    CompanyId, Currency, OfficeId, PersonId, ProjectId,
    role::{Actor, Rights, Role},
};
use jiff::Timestamp;
use ledgerboard::{
    Error,
    integration::map_project::{self, MapTo},
    testing::World,
};
use store::{
    Store, StoreError,
    repo::{
        company::{NewCompany, Office},
        person::NewPerson,
        project::ProjectDetails,
    },
};
use uuid::Uuid;

/// An administrator of Whitfield in Procore.
pub const ADMIN: &str = "r.calloway@whitfieldsons.example";
/// One who works in some of its projects.
pub const STANDARD: &str = "d.whitfield@whitfieldsons.example";

pub struct Cast {
    pub world: World,
    pub owner: Actor,
    pub manager: Actor,
    pub field_user: Actor,
    pub office: OfficeId,
    pub branch: OfficeId,
    pub project: ProjectId,
}

impl Cast {
    pub async fn on(store: Store) -> Self {
        let world = World::on(store);
        let company = CompanyId(Uuid::from_u128(1));
        let (office, branch) = (OfficeId(Uuid::from_u128(11)), OfficeId(Uuid::from_u128(12)));
        let project = ProjectId(Uuid::from_u128(31));
        let now = world.app.now();
        let actor = |id: u128, role: Role, name: &str| Actor {
            person: PersonId(Uuid::from_u128(id)),
            company,
            role,
            office: Some(office),
            name: name.to_owned(),
            rights: Rights::All,
        };
        let owner = actor(21, Role::AccountOwner, "Renee Calloway");
        let manager = actor(22, Role::ProjectManager, "Daniel Whitfield");
        let field_user = actor(23, Role::FieldUser, "Marisol Ortiz");
        let people = [owner.clone(), manager.clone(), field_user.clone()];
        world
            .app
            .store
            .write(move |tx| {
                tx.found_company(&NewCompany {
                    id: company,
                    name: "Whitfield & Sons Construction".to_owned(),
                    office,
                    office_name: "Portland".to_owned(),
                    owner: new_person(&people[0], office, now),
                    now,
                })?;
                let mut us = tx.of(company);
                us.add_office(&Office { id: branch, name: "Augusta".to_owned() }, now)?;
                let details = ProjectDetails {
                    name: "Harbor Point".to_owned(),
                    address: String::new(),
                    currency: Currency::Usd,
                    time_zone: domain::Zone::default(),
                    office,
                    job_number: String::new(),
                };
                us.add_project(project, &details, now)?;
                for person in &people[1..] {
                    us.add_person(&new_person(person, office, now))?;
                    us.assign(project, person.person)?;
                }
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
        Self { world, owner, manager, field_user, office, branch, project }
    }

    /// The same with the owner signed in to Procore and the office connected.
    pub async fn connected(store: Store) -> Self {
        let cast = Self::on(store).await;
        cast.sign_in(&cast.owner, ADMIN).await;
        let app = &cast.world.app;
        ledgerboard::integration::connect::connect(app, &cast.owner, cast.office, emulator::seed::WHITFIELD)
            .await
            .unwrap();
        cast
    }

    /// The same with the project mapped to Harbor Point.
    pub async fn mapped(store: Store) -> Self {
        let cast = Self::connected(store).await;
        cast.map(emulator::seed::HARBOR_POINT).await.unwrap();
        cast
    }

    pub async fn sign_in(&self, actor: &Actor, login: &str) {
        self.world.sign_in_to_procore(&self.world.app, actor, login).await.unwrap();
    }

    pub async fn map(&self, number: &str) -> Result<(), Error> {
        let id = self.procore_project(number);
        let to = MapTo::project(id).kept_in(Currency::Usd);
        map_project::map(&self.world.app, &self.owner, self.project, to).await
    }

    pub fn procore_project(&self, number: &str) -> i64 {
        self.world.procore.world(|world| world.project_by_number(number).unwrap().id)
    }

    /// The calls since the last look, as `METHOD path`.
    pub fn calls(&self) -> Vec<String> {
        let journal = self.world.procore.journal();
        self.world.procore.clear_journal();
        journal.iter().filter(|call| call.is_call()).map(|call| format!("{} {}", call.method, call.path)).collect()
    }
}

fn new_person(actor: &Actor, office: OfficeId, now: Timestamp) -> NewPerson {
    NewPerson {
        id: actor.person,
        name: actor.name.clone(),
        email: format!("{}@ledger.example", actor.person),
        role: actor.role,
        office,
        password_hash: String::new(),
        now,
    }
}

/// What a person would read.
pub fn sentence<T: std::fmt::Debug>(result: Result<T, impl Into<Error>>) -> String {
    result.unwrap_err().into().sentence()
}
