//! Companies, projects and contracts around seeded CORs.

use domain::{
    CompanyId, ContractId, OfficeId, ProjectId,
    procore::{Side, push_state::ProcoreState},
    text::{fold, natural_key},
};

use super::{CURRENCY, Random, Seeding};
use crate::{
    db::{StoreError, Tx, Val},
    repo::log::{keep, row::StoredRow},
};

/// Procore's number of the first change event that is made up.
const FIRST_EVENT: i64 = 7_000_000_000;
/// Change events of a project.
const EVENTS: u32 = 24;

const SUBS: [(&str, &str); 8] = [
    ("Cascade Mechanical, Inc.", "23A - Mechanical"),
    ("Northline Electric LLC", "26A - Electrical"),
    ("Ridgeway Drywall & Acoustics", "09A - Drywall"),
    ("Harbor Steel Erectors", "05A - Structural Steel"),
    ("Pacific Curtainwall Company", "08A - Glazing"),
    ("Three Rivers Plumbing", "22A - Plumbing"),
    ("Evergreen Earthworks", "31A - Sitework"),
    ("Columbia Fire Protection", "21A - Fire Sprinklers"),
];

const SITES: [&str; 10] = [
    "Harbor Point Medical Office",
    "Lakeview Elementary Replacement",
    "Union Station Tenant Improvements",
    "Alder Street Apartments",
    "Riverbend Data Center, Phase 2",
    "County Courthouse Seismic Retrofit",
    "Summit Brewing Expansion",
    "Foothills Fire Station 14",
    "Old Mill Parking Structure",
    "Westgate Distribution Center",
];

/// A subcontractor.
#[derive(Clone)]
pub(crate) struct Sub {
    pub company: CompanyId,
    pub name: &'static str,
    pub office: OfficeId,
}

/// A project with its contracts and logs.
#[derive(Clone)]
pub(crate) struct Site {
    pub project: ProjectId,
    pub customer: CompanyId,
    pub customer_name: String,
    pub subs: Vec<Sub>,
    pub logs: Vec<Logs>,
}

/// A contract, where its CORs are kept, and its sender's next number.
#[derive(Clone)]
pub(crate) struct Logs {
    pub contract: ContractId,
    pub contract_name: &'static str,
    sent: i64,
    received: i64,
    pub next: i64,
}

impl Logs {
    pub fn of(&self, side: Side) -> i64 {
        match side {
            Side::Sent => self.sent,
            Side::Received => self.received,
        }
    }
}

impl Site {
    /// The sub at a place and the next number of its sequence.
    pub fn next(&mut self, place: usize) -> (usize, i64) {
        let number = self.logs[place].next;
        self.logs[place].next += 1;
        (place, number)
    }
}

/// The subcontractors, made once.
pub(crate) fn subs(tx: &mut Tx, seeding: &Seeding, random: &Random) -> Result<Vec<Sub>, StoreError> {
    let mut subs = Vec::new();
    for (name, _) in SUBS {
        let params: [Val; 1] = [name.into()];
        let sql =
            "SELECT c.id, o.id FROM company c JOIN office o ON o.company_id = c.id WHERE c.name = $1 ORDER BY c.id";
        let known = tx.query(sql, &params, |row| Ok((row.get(0)?, row.get(1)?)))?;
        if let Some((company, office)) = known.first() {
            subs.push(Sub { company: *company, name, office: *office });
            continue;
        }
        let (company, office) = (CompanyId::fresh(seeding.now, random), OfficeId::fresh(seeding.now, random));
        tx.exec_one(
            "INSERT INTO company (id, name, name_key, claimed, created_at) VALUES ($1, $2, $3, 1, $4)",
            &[company.into(), name.into(), fold(name).into(), seeding.now.into()],
        )?;
        tx.exec_one(
            "INSERT INTO office (id, company_id, name, created_at) VALUES ($1, $2, 'Main office', $3)",
            &[office.into(), company.into(), seeding.now.into()],
        )?;
        subs.push(Sub { company, name, office });
    }
    Ok(subs)
}

/// A project with a contract for each subcontractor.
pub(crate) fn site(tx: &mut Tx, seeding: &Seeding, subs: &[Sub], n: u32, random: &Random) -> Result<Site, StoreError> {
    let project = ProjectId::fresh(seeding.now, random);
    let place = usize::try_from(n).unwrap_or(0);
    let (round, name) = (place / SITES.len() + 1, SITES[place % SITES.len()]);
    let name = if round == 1 { name.to_owned() } else { format!("{name}, Building {round}") };
    tx.exec_one(
        "INSERT INTO project (id, name, address, currency, time_zone, created_at) \
         VALUES ($1, $2, 'Portland, Oregon', $3, 'America/Los_Angeles', $4)",
        &[project.into(), name.into(), CURRENCY.into(), seeding.now.into()],
    )?;
    let job = format!("24-{:03}", 100 + n);
    let customers = std::iter::once((seeding.customer, seeding.office));
    for (company, office) in customers.chain(subs.iter().map(|sub| (sub.company, sub.office))) {
        tx.exec_one(
            "INSERT INTO project_company (project_id, company_id, office_id, job_number, created_at) \
             VALUES ($1, $2, $3, $4, $5)",
            &[project.into(), company.into(), office.into(), (&job).into(), seeding.now.into()],
        )?;
    }
    let sql = "SELECT name FROM company WHERE id = $1";
    let customer_name = tx.one(sql, &[seeding.customer.into()], |row| row.get::<String>(0))?;
    let received = keep::begin_log(tx, project, seeding.customer, Side::Received)?;
    let mut logs = Vec::new();
    for (sub, (_, contract_name)) in subs.iter().zip(SUBS) {
        let contract = ContractId::fresh(seeding.now, random);
        tx.exec_one(
            "INSERT INTO contract (id, project_id, customer_id, contractor_id, name, value, invited_by, accepted_at, \
             created_at) VALUES ($1, $2, $3, $4, $5, $6, $3, $7, $7)",
            &[
                contract.into(),
                project.into(),
                seeding.customer.into(),
                sub.company.into(),
                contract_name.into(),
                i64::from(20_000_000 + random.below(90_000_000)).into(),
                seeding.now.into(),
            ],
        )?;
        let sent = keep::begin_log(tx, project, sub.company, Side::Sent)?;
        logs.push(Logs { contract, contract_name, sent, received, next: 1 });
    }
    if seeding.pushed_percent > 0 {
        events(tx, seeding, project)?;
    }
    Ok(Site {
        project,
        customer: seeding.customer,
        customer_name: customer_name.ok_or(StoreError::MissingReference)?,
        subs: subs.to_vec(),
        logs,
    })
}

fn events(tx: &mut Tx, seeding: &Seeding, project: ProjectId) -> Result<(), StoreError> {
    for n in 0..EVENTS {
        let number = format!("{:03}", n + 1);
        let status = ["Open", "Pending", "Closed", "Void", "Priced"][usize::try_from(n).unwrap_or(0) % 5];
        tx.exec_one(
            "INSERT INTO change_event (project_id, company_id, event_id, number, number_key, title, status, mapped_status, \
             currency, cost, revenue, prime_contract_id, gone, read_at) VALUES ($1, $2, $3, $4, $5, 'Owner change', $6, 'open', \
             'USD', '0', '0', NULL, 0, $7)",
            &[
                project.into(),
                seeding.customer.into(),
                (FIRST_EVENT + i64::from(n)).into(),
                (&number).into(),
                natural_key(&number).into(),
                status.into(),
                seeding.now.into(),
            ],
        )?;
    }
    Ok(())
}

/// A row as if its COR had been pushed.
pub(crate) fn tied(row: StoredRow, random: &Random) -> StoredRow {
    let n = random.below(EVENTS);
    let states = [ProcoreState::UpToDate, ProcoreState::UpToDate, ProcoreState::UpToDate, ProcoreState::UpdateNeeded];
    let procore = random.one_of(&states);
    StoredRow { procore, ..row.tied_to(Some((FIRST_EVENT + i64::from(n), &format!("{:03}", n + 1)))) }
}
