//! The world a fresh emulator shows: a general contractor at work, a company without the app, a subcontractor.

mod budget;
mod demo_contracts;
mod demo_events;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rust_decimal::Decimal;

use self::budget::add_budget;
use self::demo_contracts::add_contracts;
use self::demo_events::add_events;

use crate::world::{
    ChangeReason, ChangeType, Commitment, ContractKind, Level, PrimeContract, Project, ProjectSettings, Status, User,
    Vendor, World,
};

/// The general contractor's company, where the app is connected.
pub const WHITFIELD: i64 = 598_134_325;
/// A company of the same people where nobody installed the app.
pub const BLUE_HERON: i64 = 598_134_388;
/// A subcontractor's company.
pub const CASCADE: i64 = 598_135_012;
/// The password of every seeded person.
pub const PASSWORD: &str = "procore";
/// The number of the project with the believable change events.
pub const HARBOR_POINT: &str = "24-118";

/// The demo world as it stands at `now`.
pub fn demo(now: Timestamp) -> World {
    let mut world = World::empty(now);
    world.add_company(WHITFIELD, "Whitfield & Sons Construction", true);
    world.add_company(BLUE_HERON, "Blue Heron Builders", false);
    world.add_company(CASCADE, "Cascade Mechanical, Inc.", true);
    let people = People::add(&mut world);
    for company in [WHITFIELD, BLUE_HERON, CASCADE] {
        add_company_lists(&mut world, company);
    }
    let harbor = add_projects(&mut world, &people);
    add_budget(&mut world, harbor);
    let contracts = add_contracts(&mut world, harbor);
    add_events(&mut world, harbor, &people, &contracts);
    add_other_projects_lists(&mut world, harbor);
    world
}

/// Adds the account an app acts as when it uses client credentials.
pub(crate) fn add_service_account(world: &mut World, login: &str) -> i64 {
    let id = world.new_id();
    let user = User {
        id,
        login: login.to_owned(),
        name: "Ledgerboard service account".to_owned(),
        password: String::new(),
        companies: BTreeSet::new(),
        admin_of: BTreeSet::new(),
        sees_prime_contracts: true,
        service_account: true,
    };
    world.users.insert(id, user);
    id
}

struct People {
    calloway: i64,
    whitfield: i64,
    ortiz: i64,
    cascade: i64,
}

impl People {
    fn add(world: &mut World) -> Self {
        let mut person = |login: &str, name: &str, companies: &[i64], admin_of: &[i64]| {
            let id = world.new_id();
            let user = User {
                id,
                login: login.to_owned(),
                name: name.to_owned(),
                password: PASSWORD.to_owned(),
                companies: companies.iter().copied().collect(),
                admin_of: admin_of.iter().copied().collect(),
                sees_prime_contracts: true,
                service_account: false,
            };
            world.users.insert(id, user);
            id
        };
        Self {
            calloway: person(
                "r.calloway@whitfieldsons.example",
                "Renee Calloway",
                &[WHITFIELD, BLUE_HERON],
                &[WHITFIELD],
            ),
            whitfield: person("d.whitfield@whitfieldsons.example", "Daniel Whitfield", &[WHITFIELD], &[]),
            ortiz: person("m.ortiz@whitfieldsons.example", "Marisol Ortiz", &[WHITFIELD], &[]),
            cascade: person("owner@cascademech.example", "Tom Haruki", &[CASCADE], &[CASCADE]),
        }
    }
}

fn add_company_lists(world: &mut World, company_id: i64) {
    let statuses = [
        ("Open", "open", true),
        ("Pending Owner Review", "pending", false),
        ("Closed", "closed", false),
        ("Void", "void", false),
    ];
    for (name, mapped_to, default_status) in statuses {
        let id = world.new_id();
        let status = Status { id, company_id, name: name.into(), mapped_to: mapped_to.into(), default_status };
        world.statuses.insert(id, status);
    }
    let types =
        [("Allowance", "ALW"), ("Contingency", "CTG"), ("Owner Change", "OC"), ("TBD", "TBD"), ("Transfer", "TRF")];
    for (name, abbreviation) in types {
        let id = world.new_id();
        let kind = ChangeType { id, company_id, name: name.into(), abbreviation: abbreviation.into() };
        world.change_types.insert(id, kind);
    }
    for name in ["Allowance", "Back Charge", "Client Request", "Design Development", "Existing Condition"] {
        let id = world.new_id();
        world.change_reasons.insert(id, ChangeReason { id, company_id, name: name.into() });
    }
}

/// Adds the projects of all companies and answers Harbor Point's id.
fn add_projects(world: &mut World, people: &People) -> i64 {
    let course = "Course of Construction";
    let whitfield = [
        (HARBOR_POINT, "Harbor Point Medical Office", course, "Portland", true),
        ("24-102", "Deering Oaks Elementary Addition", course, "Portland", true),
        ("24-125", "Kennebec Cold Storage", course, "Augusta", true),
        ("24-131", "Casco Bay Ferry Terminal Fit-out", "Pre-Construction", "Portland", true),
        ("25-004", "Saco River Lofts", course, "Saco", true),
        ("25-011", "Bowdoin Street Parking Structure", course, "Brunswick", true),
        ("25-017", "Merrymeeting Data Hall 2", course, "Bath", true),
        ("25-020", "Old Port Hotel Renovation", "Bidding", "Portland", true),
        ("25-026", "York County Courthouse Annex", "Pre-Construction", "Alfred", true),
        ("23-087", "Allagash Brewing Expansion", "Warranty", "Portland", true),
        ("22-054", "Back Cove Clinic", "Post-Construction", "Portland", false),
    ];
    let mut harbor = 0;
    for (number, name, stage, city, active) in whitfield {
        let mut access = BTreeMap::from([(people.ortiz, Level::ReadOnly)]);
        // On most projects Standard, on Harbor Point Admin of the tool.
        access.insert(people.whitfield, if number == HARBOR_POINT { Level::Admin } else { Level::Standard });
        let id = add_project(world, WHITFIELD, [number, name, stage, city], active, access);
        if number == HARBOR_POINT {
            harbor = id;
        }
    }
    let heron = BTreeMap::from([(people.calloway, Level::Admin)]);
    add_project(world, BLUE_HERON, ["BH-12", "Sebago Boathouse", course, "Naples"], true, heron);
    let own = BTreeMap::from([(people.cascade, Level::Admin)]);
    add_project(world, CASCADE, ["J-2407", "Harbor Point MOB, mechanical", course, "Portland"], true, own.clone());
    add_project(world, CASCADE, ["J-2411", "Kennebec Cold Storage, refrigeration", course, "Augusta"], true, own);
    harbor
}

fn add_project(
    world: &mut World,
    company_id: i64,
    [number, name, stage, city]: [&str; 4],
    active: bool,
    access: BTreeMap<i64, Level>,
) -> i64 {
    let id = world.new_id();
    let project = Project {
        id,
        company_id,
        number: number.into(),
        name: name.into(),
        active,
        stage: stage.into(),
        address: "1 Commercial Street".into(),
        city: city.into(),
        state: "ME".into(),
        currency: "USD".into(),
        access,
        settings: ProjectSettings::default(),
    };
    world.projects.insert(id, project);
    id
}

/// Every other project gets its budget and a subcontract, so that any of them can be mapped.
fn add_other_projects_lists(world: &mut World, harbor: i64) {
    let others: Vec<(i64, i64)> = world
        .projects
        .values()
        .filter(|project| project.id != harbor)
        .map(|project| (project.id, project.company_id))
        .collect();
    for (project_id, company_id) in others {
        add_budget(world, project_id);
        let vendor_id = world.new_id();
        world.vendors.insert(vendor_id, Vendor { id: vendor_id, company_id, name: "Coastal Air Supply".into() });
        let id = world.new_id();
        let contract = Commitment {
            id,
            project_id,
            kind: ContractKind::PurchaseOrderContract,
            number: "PO-23-001".into(),
            title: "Mechanical equipment".into(),
            status: "Approved".into(),
            executed: true,
            vendor_id: Some(vendor_id),
            grand_total: Decimal::from(120_000),
        };
        world.commitments.insert(id, contract);
        let id = world.new_id();
        let title = world.projects.get(&project_id).map(|project| project.name.clone()).unwrap_or_default();
        let prime = PrimeContract {
            id,
            project_id,
            number: "PC-001".into(),
            title,
            status: "Approved".into(),
            executed: true,
            grand_total: Decimal::from(1_000_000),
            owner_vendor_id: None,
        };
        world.prime_contracts.insert(id, prime);
    }
}
