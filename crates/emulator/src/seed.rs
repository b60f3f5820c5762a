//! The world a fresh emulator shows: a general contractor at work, a company without the app, a subcontractor.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use serde_json::Map;

use crate::world::{
    ChangeEvent, ChangeItem, ChangeReason, ChangeType, Commitment, ContractKind, Estimate, Level, PrimeContract,
    Project, ProjectSettings, Status, User, Vendor, WbsCode, World,
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

/// Cost codes of the demo projects and the cost types each is budgeted with.
const BUDGET: [(&str, &str, &str); 27] = [
    ("01-3113", "Project coordination", "LO"),
    ("01-5423", "Temporary scaffolding", "LE"),
    ("02-4119", "Selective demolition", "LES"),
    ("03-3053", "Cast-in-place concrete", "LMS"),
    ("05-1223", "Structural steel", "MS"),
    ("05-5100", "Metal stairs", "MS"),
    ("06-1053", "Rough carpentry, blocking", "LM"),
    ("07-2713", "Air barrier", "LMS"),
    ("07-5423", "TPO roofing", "S"),
    ("07-8413", "Penetration firestopping", "LMS"),
    ("08-1113", "Hollow metal frames", "LM"),
    ("08-4413", "Curtain wall", "S"),
    ("09-2116", "Gypsum board assemblies", "LMS"),
    ("09-5113", "Acoustical ceilings", "LMS"),
    ("09-6519", "Resilient flooring", "MS"),
    ("09-9123", "Interior painting", "LS"),
    ("21-1313", "Wet-pipe sprinklers", "LMS"),
    ("22-1116", "Domestic water piping", "LMS"),
    ("22-1316", "Sanitary waste piping", "LM"),
    ("22-6313", "Medical gas piping", "LMS"),
    ("23-0593", "Testing and balancing", "LS"),
    ("23-2113", "Hydronic piping", "LME"),
    ("23-3113", "Metal ducts", "LMS"),
    ("23-7413", "Rooftop units", "LMES"),
    ("26-0519", "Low-voltage conductors", "LM"),
    ("26-2416", "Panelboards", "LMS"),
    ("26-5119", "LED interior lighting", "LMS"),
];

/// The budget codes of a project: `23-2113.L` is "Hydronic piping, labor".
fn add_budget(world: &mut World, project_id: i64) {
    for (code, name, kinds) in BUDGET {
        for kind in kinds.chars() {
            let kind_name = match kind {
                'L' => "labor",
                'M' => "materials",
                'E' => "equipment",
                'S' => "subcontract",
                _ => "other",
            };
            let id = world.new_id();
            let code = WbsCode {
                id,
                project_id,
                flat_code: format!("{code}.{kind}"),
                description: format!("{name}, {kind_name}"),
                active: true,
            };
            world.wbs_codes.insert(id, code);
        }
    }
}

struct Contracts {
    mechanical: i64,
    electrical: i64,
    drywall: i64,
    prime: i64,
}

fn add_contracts(world: &mut World, project_id: i64) -> Contracts {
    use ContractKind::{PurchaseOrderContract, WorkOrderContract};
    let mut commitment = |kind, number: &str, title: &str, vendor: &str, status: &str, total: i64| {
        let vendor_id = world.new_id();
        world.vendors.insert(vendor_id, Vendor { id: vendor_id, company_id: WHITFIELD, name: vendor.into() });
        let id = world.new_id();
        let contract = Commitment {
            id,
            project_id,
            kind,
            number: number.into(),
            title: title.into(),
            status: status.into(),
            executed: status == "Approved",
            vendor_id: Some(vendor_id),
            grand_total: Decimal::from(total),
        };
        world.commitments.insert(id, contract);
        id
    };
    let mechanical =
        commitment(WorkOrderContract, "SC-23-007", "Mechanical", "Cascade Mechanical, Inc.", "Approved", 2_184_000);
    let electrical =
        commitment(WorkOrderContract, "SC-26-002", "Electrical", "Northlight Electric Co.", "Approved", 1_462_500);
    let drywall = commitment(
        WorkOrderContract,
        "SC-09-004",
        "Drywall and ceilings",
        "Pine State Drywall LLC",
        "Approved",
        918_300,
    );
    commitment(WorkOrderContract, "SC-22-003", "Plumbing and medical gas", "Tidewater Plumbing", "Approved", 1_037_000);
    commitment(WorkOrderContract, "SC-21-001", "Fire protection", "Ironclad Sprinkler", "Out For Signature", 286_400);
    commitment(
        WorkOrderContract,
        "SC-05-001",
        "Structural steel",
        "Androscoggin Steel Erectors",
        "Complete",
        1_755_000,
    );
    commitment(PurchaseOrderContract, "PO-23-014", "Rooftop units", "Coastal Air Supply", "Approved", 412_880);
    commitment(
        PurchaseOrderContract,
        "PO-08-002",
        "Hollow metal frames",
        "Granite Door & Hardware",
        "Processing",
        96_250,
    );
    let owner = world.new_id();
    world.vendors.insert(owner, Vendor { id: owner, company_id: WHITFIELD, name: "Harbor Point Holdings LLC".into() });
    let prime = world.new_id();
    let contract = PrimeContract {
        id: prime,
        project_id,
        number: "PC-001".into(),
        title: "Harbor Point Medical Office".into(),
        status: "Approved".into(),
        executed: true,
        grand_total: Decimal::from(18_640_000),
        owner_vendor_id: Some(owner),
    };
    world.prime_contracts.insert(prime, contract);
    Contracts { mechanical, electrical, drywall, prime }
}

/// A line of the seed: description, budget code, commitment, whole dollars and cents.
type SeedLine<'a> = (&'a str, &'a str, Option<i64>, &'a str);

struct Events<'a> {
    world: &'a mut World,
    project_id: i64,
}

impl Events<'_> {
    fn add(&mut self, title: &str, mapped_to: &str, by: i64, days_ago: i64, lines: &[SeedLine<'_>]) -> i64 {
        let world = &mut *self.world;
        let number = world.next_event_number(self.project_id);
        let status_id = world.status_mapped(WHITFIELD, mapped_to).map(|status| status.id).unwrap_or_default();
        let at = world.epoch - SignedDuration::from_hours(24 * days_ago);
        let id = world.new_id();
        let items = lines.iter().map(|line| seed_line(world, self.project_id, line, by, at)).collect();
        let event = ChangeEvent {
            id,
            project_id: self.project_id,
            number,
            title: Some(title.to_owned()),
            description: None,
            scope: "out_of_scope".to_owned(),
            status_id,
            change_type_id: None,
            change_reason_id: None,
            prime_contract_id: None,
            source_of_revenue_rom: None,
            external_data: None,
            custom_fields: Map::new(),
            created_by: by,
            created_at: at,
            updated_at: at,
            deleted_at: None,
            items,
        };
        world.change_events.insert(id, event);
        id
    }
}

fn seed_line(world: &mut World, project_id: i64, line: &SeedLine<'_>, by: i64, at: Timestamp) -> ChangeItem {
    let (description, code, contract, amount) = *line;
    let wbs_code_id = world.wbs_by_code(project_id, code).map(|code| code.id);
    let vendor_id = contract.and_then(|id| world.commitments.get(&id)).and_then(|contract| contract.vendor_id);
    let cost = Estimate::manual(amount.parse().unwrap_or_default());
    let blank = ChangeItem::blank(world.new_id(), by, at);
    ChangeItem {
        description: Some(description.to_owned()),
        wbs_code_id,
        vendor_id,
        contract_id: contract,
        cost,
        ..blank
    }
}

fn add_events(world: &mut World, project_id: i64, people: &People, contracts: &Contracts) {
    let Contracts { mechanical, electrical, drywall, prime } = *contracts;
    let mut events = Events { world, project_id };
    let rfq = events.add(
        "RFI 041: reroute chilled water at grid C-4",
        "open",
        people.whitfield,
        46,
        &[
            ("Reroute 4 in. chilled water around beam", "23-2113.L", Some(mechanical), "18420.00"),
            ("Pipe, fittings and hangers", "23-2113.M", Some(mechanical), "9675.50"),
            ("Patch and paint soffit", "09-2116.L", Some(drywall), "2310.00"),
        ],
    );
    events.add(
        "Owner request: nurse call at exam rooms 210 to 222",
        "open",
        people.calloway,
        31,
        &[
            ("Devices and rough-in", "26-0519.M", Some(electrical), "27890.00"),
            ("Labor, second shift", "26-0519.L", Some(electrical), "14560.25"),
            ("General conditions", "01-3113.O", None, "3200.00"),
        ],
    );
    events.add(
        "Abatement at existing stair 2",
        "closed",
        people.whitfield,
        88,
        &[("Selective demolition and disposal", "02-4119.S", None, "41250.00")],
    );
    let pending = events.add(
        "Bulletin 7: imaging suite power",
        "pending",
        people.whitfield,
        12,
        &[
            ("Panel LP-3B and feeders", "26-2416.M", Some(electrical), "38115.00"),
            ("Install and terminate", "26-2416.L", Some(electrical), "16240.00"),
            ("Credit for panel LP-3A", "26-2416.M", Some(electrical), "-6780.00"),
        ],
    );
    events.add(
        "Value engineering: corridor ceilings",
        "void",
        people.calloway,
        60,
        &[("ACT-2 in place of ACT-1", "09-5113.S", Some(drywall), "-22400.00")],
    );
    if let Some(event) = world.change_events.get_mut(&pending) {
        event.prime_contract_id = Some(prime);
    }
    let locked: Vec<i64> =
        world.change_events.get(&rfq).into_iter().flat_map(|e| e.items.iter().take(2)).map(|i| i.id).collect();
    for line in locked {
        // The lines were made just above.
        let _ = world.lock_line(line);
    }
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
