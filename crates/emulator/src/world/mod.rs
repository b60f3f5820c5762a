//! What exists in this Procore: plain data that a test may read and change.

mod actions;
mod contracts;
mod events;
mod people;
mod world_action;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use contracts::{Commitment, ContractKind, PrimeContract, Vendor, WbsCode};
pub use events::{
    ChangeEvent, ChangeItem, Estimate, EventOrigin, ExternalData, LatestCost, Lock, Rfq, Strategy, Tie, TieTo,
};
pub use people::{Company, Level, Project, ProjectSettings, Tool, User};
pub use world_action::WorldAction;

/// Where ids begin that the emulator gives out: above 32 bits, as Procore's own can be.
const FIRST_ID: i64 = 562_949_953_421_312;

/// Everything a company's people see, as data.
///
/// Fields are public on purpose: a test arranges the world it needs and looks at what became of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct World {
    /// The next id given out; ids are unique over all kinds.
    pub next_id: i64,
    /// Companies ("accounts") by id.
    pub companies: BTreeMap<i64, Company>,
    /// People by id.
    pub users: BTreeMap<i64, User>,
    /// Projects by id.
    pub projects: BTreeMap<i64, Project>,
    /// Change event statuses by id.
    pub statuses: BTreeMap<i64, Status>,
    /// Change types by id.
    pub change_types: BTreeMap<i64, ChangeType>,
    /// Change reasons by id.
    pub change_reasons: BTreeMap<i64, ChangeReason>,
    /// Budget codes by id.
    pub wbs_codes: BTreeMap<i64, WbsCode>,
    /// Vendors by id.
    pub vendors: BTreeMap<i64, Vendor>,
    /// Subcontracts and purchase orders by id.
    pub commitments: BTreeMap<i64, Commitment>,
    /// Prime contracts by id.
    pub prime_contracts: BTreeMap<i64, PrimeContract>,
    /// Vendors that only their project's directory holds, not the company's.
    #[serde(default)]
    pub project_vendors: BTreeSet<i64>,
    /// Tools that a person may not see, by the person's id.
    #[serde(default)]
    pub hidden_tools: BTreeMap<i64, BTreeSet<Tool>>,
    /// Contracts, by id, that are kept in another currency than their project.
    #[serde(default)]
    pub contract_currencies: BTreeMap<i64, String>,
    /// Change events by id, with their lines, including those in the recycle bin.
    pub change_events: BTreeMap<i64, ChangeEvent>,
    /// Fields of records that are shown otherwise than documented, by the record's id.
    pub oddities: BTreeMap<i64, serde_json::Map<String, serde_json::Value>>,
    /// The time that things written without a request are given.
    pub epoch: Timestamp,
}

/// A change event status of a company. Its name is the company's own; key on `mapped_to`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Id.
    pub id: i64,
    /// Company.
    pub company_id: i64,
    /// The company's word for it.
    pub name: String,
    /// `open`, `closed`, `pending` or `void`.
    pub mapped_to: String,
    /// What a new event gets in the web interface.
    pub default_status: bool,
}

/// A change type of a company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeType {
    /// Id.
    pub id: i64,
    /// Company.
    pub company_id: i64,
    /// Name, such as "Owner Change".
    pub name: String,
    /// Abbreviation, such as "OC".
    pub abbreviation: String,
}

/// A change reason of a company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeReason {
    /// Id.
    pub id: i64,
    /// Company.
    pub company_id: i64,
    /// Name, such as "Existing Condition".
    pub name: String,
}

impl World {
    /// A world with nothing in it. `epoch` dates what is built into it without a request.
    pub fn empty(epoch: Timestamp) -> Self {
        Self {
            next_id: FIRST_ID,
            companies: BTreeMap::new(),
            users: BTreeMap::new(),
            projects: BTreeMap::new(),
            statuses: BTreeMap::new(),
            change_types: BTreeMap::new(),
            change_reasons: BTreeMap::new(),
            wbs_codes: BTreeMap::new(),
            vendors: BTreeMap::new(),
            commitments: BTreeMap::new(),
            prime_contracts: BTreeMap::new(),
            project_vendors: BTreeSet::new(),
            hidden_tools: BTreeMap::new(),
            contract_currencies: BTreeMap::new(),
            change_events: BTreeMap::new(),
            oddities: BTreeMap::new(),
            epoch,
        }
    }

    /// A fresh id.
    pub fn new_id(&mut self) -> i64 {
        let id = self.next_id;
        self.next_id += 1;
        id
    }

    /// The person with this login (an e-mail address, compared without case).
    pub fn user_by_login(&self, login: &str) -> Option<&User> {
        self.users.values().find(|user| user.login.eq_ignore_ascii_case(login.trim()))
    }

    /// The project with this number.
    pub fn project_by_number(&self, number: &str) -> Option<&Project> {
        self.projects.values().find(|project| project.number == number)
    }

    /// The change event with this number in a project, deleted ones aside.
    pub fn event_by_number(&self, project_id: i64, number: &str) -> Option<&ChangeEvent> {
        self.events_of(project_id).find(|event| event.number == number)
    }

    /// The change events of a project that are not in the recycle bin, oldest first.
    pub fn events_of(&self, project_id: i64) -> impl Iterator<Item = &ChangeEvent> {
        self.change_events.values().filter(move |e| e.project_id == project_id && e.deleted_at.is_none())
    }

    /// The budget code with this flat code in a project.
    pub fn wbs_by_code(&self, project_id: i64, flat_code: &str) -> Option<&WbsCode> {
        self.wbs_codes.values().find(|code| code.project_id == project_id && code.flat_code == flat_code)
    }

    /// The commitment with this number in a project.
    pub fn commitment_by_number(&self, project_id: i64, number: &str) -> Option<&Commitment> {
        self.commitments.values().find(|c| c.project_id == project_id && c.number == number)
    }

    /// The status of a company that is mapped to `mapped_to`, the first of them.
    pub fn status_mapped(&self, company_id: i64, mapped_to: &str) -> Option<&Status> {
        self.statuses.values().find(|s| s.company_id == company_id && s.mapped_to == mapped_to)
    }

    /// What this person may do with change events in this project. An admin of the company may do everything there.
    pub fn level(&self, user_id: i64, project_id: i64) -> Level {
        let Some(project) = self.projects.get(&project_id) else { return Level::None };
        let admin = self.users.get(&user_id).is_some_and(|u| u.admin_of.contains(&project.company_id));
        if admin { Level::Admin } else { project.access.get(&user_id).copied().unwrap_or(Level::None) }
    }

    /// Whether this person is in the project's directory at all: others get 404 for it.
    pub fn sees_project(&self, user_id: i64, project_id: i64) -> bool {
        self.projects.get(&project_id).is_some_and(|project| {
            project.access.contains_key(&user_id)
                || self.users.get(&user_id).is_some_and(|u| u.admin_of.contains(&project.company_id))
        })
    }

    /// Whether this person belongs to the company.
    pub fn belongs(&self, user_id: i64, company_id: i64) -> bool {
        self.users.get(&user_id).is_some_and(|u| u.companies.contains(&company_id) || u.admin_of.contains(&company_id))
    }

    /// Puts the odd fields of a record in place of its own, wherever it stands in an answer.
    pub(crate) fn show_oddly(&self, answer: &mut serde_json::Value) {
        match answer {
            _ if self.oddities.is_empty() => {}
            serde_json::Value::Array(list) => list.iter_mut().for_each(|value| self.show_oddly(value)),
            serde_json::Value::Object(record) => {
                record.values_mut().for_each(|value| self.show_oddly(value));
                let id = record.get("id").and_then(|id| id.as_i64().or_else(|| id.as_str()?.parse().ok()));
                let odd = id.and_then(|id| self.oddities.get(&id)).into_iter().flatten();
                record.extend(odd.map(|(name, value)| (name.clone(), value.clone())));
            }
            _ => {}
        }
    }

    /// The number the next event of a project gets: one more than the latest, in its customised form (`CE-009` → `CE-010`).
    pub fn next_event_number(&self, project_id: i64) -> String {
        let latest = self
            .change_events
            .values()
            .filter(|e| e.project_id == project_id && e.number.ends_with(|c: char| c.is_ascii_digit()))
            .max_by_key(|e| e.id);
        let Some(latest) = latest else { return "001".to_owned() };
        let mut next = successor(&latest.number);
        while self.change_events.values().any(|e| e.project_id == project_id && e.number == next) {
            next = successor(&next);
        }
        next
    }
}

/// The same number plus one: the digits at the end grow, what stands before them stays.
fn successor(number: &str) -> String {
    let digits = number.bytes().rev().take_while(u8::is_ascii_digit).count().min(15);
    let (prefix, tail) = number.split_at(number.len() - digits);
    let value = tail.parse::<u64>().map_or(1, |n| n + 1);
    format!("{prefix}{value:0digits$}")
}

#[cfg(test)]
mod tests {
    use super::successor;

    #[test]
    fn the_next_number_keeps_prefix_and_width() {
        assert_eq!(successor("001"), "002");
        assert_eq!(successor("CE-009"), "CE-010");
        assert_eq!(successor("999"), "1000");
    }
}
