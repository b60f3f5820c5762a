//! The two accounts in Procore: their projects, people, contracts, budget codes and change events.

use std::collections::BTreeMap;

use emulator::{
    World as Procore, WorldAction,
    world::{
        ChangeEvent, ChangeItem, Commitment, ContractKind, Estimate, Level, PrimeContract, Project, ProjectSettings,
        Tool, User, Vendor, WbsCode,
    },
};
use jiff::Timestamp;
use rust_decimal::Decimal;

/// Ids, names and people of the two accounts.
pub(crate) const ACCOUNTS: [(i64, &str, [&str; 3]); 2] = [
    (7_001, "Alder Construction", ["ada@alder.example", "ben@alder.example", "cy@alder.example"]),
    (7_002, "Birch Builders", ["dora@birch.example", "eli@birch.example", "fay@birch.example"]),
];

/// Whose people see no commitments, so that lines go without contract and vendor, which Procore may fill in.
const UNCONTRACTED: &str = "Birch Builders";

/// The rights of the three in Procore: an administrator, one who may edit everything, one who may edit their own.
const LEVELS: [Level; 3] = [Level::Admin, Level::Admin, Level::Standard];

/// Both accounts, at that time.
pub(crate) fn in_procore(now: Timestamp) -> Procore {
    let mut world = Procore::empty(now);
    for (account, name, logins) in ACCOUNTS {
        world.add_company(account, name, true);
        for (name, mapped_to) in [("Open", "open"), ("Closed", "closed"), ("Void", "void")] {
            let (id, mapped_to) = (world.new_id(), mapped_to.to_owned());
            let default_status = mapped_to == "open";
            let status =
                emulator::world::Status { id, company_id: account, name: name.into(), mapped_to, default_status };
            world.statuses.insert(id, status);
        }
        let mut access = BTreeMap::new();
        for (login, level) in logins.into_iter().zip(LEVELS) {
            let id = world.new_id();
            let admin_of = if access.is_empty() { [account].into() } else { [].into() };
            access.insert(id, level);
            let user = User {
                id,
                login: login.to_owned(),
                name: login.split('@').next().unwrap_or_default().to_owned(),
                password: emulator::seed::PASSWORD.to_owned(),
                // Everybody is in both accounts: only we keep them apart.
                companies: ACCOUNTS.map(|(id, ..)| id).into(),
                admin_of,
                sees_prime_contracts: true,
                service_account: false,
            };
            world.users.insert(id, user);
        }
        project(&mut world, account, name, access);
        if name == UNCONTRACTED {
            for login in logins {
                let hide = WorldAction::HideTool { login: login.into(), tool: Tool::Commitments, hidden: true };
                world.act(hide).expect("the person is there");
            }
        }
    }
    world
}

fn project(world: &mut Procore, account: i64, name: &str, access: BTreeMap<i64, Level>) {
    let id = world.new_id();
    let created_by = access.keys().next().copied().unwrap_or_default();
    world.projects.insert(
        id,
        Project {
            id,
            company_id: account,
            number: format!("P-{account}"),
            name: format!("{name} yard"),
            active: true,
            stage: "Course of Construction".into(),
            address: "1 Commercial Street".into(),
            city: "Portland".into(),
            state: "ME".into(),
            currency: "USD".into(),
            access,
            settings: ProjectSettings::default(),
        },
    );
    for n in 1..=4 {
        let code = world.new_id();
        let (flat_code, description) = (format!("0{n}-1000.L"), format!("Code {n}"));
        world.wbs_codes.insert(code, WbsCode { id: code, project_id: id, flat_code, description, active: true });
    }
    for n in 1..=2 {
        let vendor = world.new_id();
        world.vendors.insert(vendor, Vendor { id: vendor, company_id: account, name: format!("Vendor {n}") });
        let commitment = world.new_id();
        world.commitments.insert(
            commitment,
            Commitment {
                id: commitment,
                project_id: id,
                kind: ContractKind::WorkOrderContract,
                number: format!("SC-{n}"),
                title: format!("Subcontract {n}"),
                status: "Approved".into(),
                executed: true,
                vendor_id: Some(vendor),
                grand_total: Decimal::from(500_000),
            },
        );
    }
    let prime = world.new_id();
    world.prime_contracts.insert(
        prime,
        PrimeContract {
            id: prime,
            project_id: id,
            number: "PC-1".into(),
            title: "Prime".into(),
            status: "Approved".into(),
            executed: true,
            grand_total: Decimal::from(1_000_000),
            owner_vendor_id: None,
        },
    );
    for n in 1..=3 {
        event(world, account, id, created_by, n);
    }
}

fn event(world: &mut Procore, account: i64, project_id: i64, created_by: i64, n: i64) {
    let (id, at) = (world.new_id(), world.epoch);
    let status_id = world.status_mapped(account, "open").map_or(0, |status| status.id);
    let mut items = Vec::new();
    for line in 1..=n % 3 {
        let mut item = ChangeItem::blank(world.new_id(), created_by, at);
        item.description = Some(format!("Somebody else's work {line}"));
        // As much as one of ours: an amount says nothing about whose a line is.
        item.cost = Estimate::manual(Decimal::new(10_000 + 1_111 * line + 7, 2));
        items.push(item);
    }
    world.change_events.insert(
        id,
        ChangeEvent {
            id,
            project_id,
            number: format!("00{n}"),
            title: Some(format!("Event {n}")),
            description: None,
            scope: "tbd".into(),
            status_id,
            change_type_id: None,
            change_reason_id: None,
            prime_contract_id: None,
            edited_markup: None,
            source_of_revenue_rom: None,
            origin: None,
            external_data: None,
            custom_fields: serde_json::Map::default(),
            created_by,
            created_at: at,
            updated_at: at,
            deleted_at: None,
            items,
        },
    );
}
