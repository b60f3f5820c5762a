//! Contracts: who is whose customer on a project, and the invitations that bring a counterparty in.

use domain::{CompanyId, ContractId, Currency, Money, ProjectId, text::fold};
use jiff::Timestamp;

use super::company::Company;
use crate::{CompanyTx, Row, StoreError, Tx};

/// A contract of the company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    /// Its id.
    pub id: ContractId,
    /// The project.
    pub project: ProjectId,
    /// The project's name.
    pub project_name: String,
    /// The currency of its value.
    pub currency: Currency,
    /// Who receives CORs.
    pub customer: Company,
    /// Who sends CORs.
    pub contractor: Company,
    /// Its name, best the same as in the finance system: "26A - Electrical".
    pub name: String,
    /// Its original value.
    pub value: Money,
    /// Whether both companies are on it: nobody is invited to it any more, and it stays.
    pub accepted: bool,
    /// Whether CORs or a Change Notification hang on it: then it stays.
    pub in_use: bool,
    /// Whether an invitation link is open.
    pub invited: bool,
    /// The company that entered it.
    pub invited_by: CompanyId,
    /// Whom the invitation is meant for; empty for whoever holds the link.
    pub invite_email: String,
    /// When the link ends.
    pub invite_until: Option<Timestamp>,
}

impl Contract {
    /// The other party.
    pub fn counterparty(&self, company: CompanyId) -> &Company {
        if self.customer.id == company { &self.contractor } else { &self.customer }
    }
}

/// Which party of a contract a company is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    /// Receives CORs.
    Customer,
    /// Sends CORs.
    Contractor,
}

/// The other party of a new contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Counterparty {
    /// A company that this one has a contract with on the same project.
    Known(CompanyId),
    /// A company nobody signs in for yet, with its placeholder's id.
    New(CompanyId, String),
}

/// A contract to add.
#[derive(Debug, Clone)]
pub struct NewContract {
    /// Its id.
    pub id: ContractId,
    /// The project.
    pub project: ProjectId,
    /// What the company that enters it is.
    pub party: Party,
    /// The other one.
    pub counterparty: Counterparty,
    /// Its name.
    pub name: String,
    /// Its original value.
    pub value: Money,
    /// SHA-256 of the invitation's secret, if the counterparty is to be invited.
    pub invite_hash: Option<[u8; 32]>,
    /// When.
    pub now: Timestamp,
}

/// An open invitation, as whoever holds its link may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The contract.
    pub contract: ContractId,
    /// Its name.
    pub contract_name: String,
    /// The project.
    pub project: ProjectId,
    /// Its name.
    pub project_name: String,
    /// Where it stands.
    pub project_address: String,
    /// Who invites.
    pub inviter: Company,
    /// Who is invited: a placeholder until somebody claims it.
    pub invited: Company,
    /// What the invited company is.
    pub party: Party,
    /// Whom it is meant for, folded; empty for whoever holds the link.
    pub email: String,
    /// When the link ends.
    pub until: Option<Timestamp>,
}

pub(super) const CONTRACT: &str = "SELECT k.id, k.project_id, p.name, p.currency, cu.id, cu.name, cu.claimed, \
    co.id, co.name, co.claimed, k.name, k.value, k.invite_hash IS NOT NULL, k.invited_by, k.invite_email, k.invite_until, \
    k.accepted_at IS NOT NULL, EXISTS (SELECT 1 FROM cor WHERE project_id = k.project_id AND contract_id = k.id) \
    OR EXISTS (SELECT 1 FROM change_notification_response WHERE contract_id = k.id) FROM contract k JOIN project p ON p.id = k.project_id JOIN company cu ON cu.id = k.customer_id \
    JOIN company co ON co.id = k.contractor_id WHERE (k.customer_id = $1 OR k.contractor_id = $1)";

pub(super) fn contract(row: &Row) -> Result<Contract, StoreError> {
    Ok(Contract {
        id: row.get(0)?,
        project: row.get(1)?,
        project_name: row.get(2)?,
        currency: row.get(3)?,
        customer: Company { id: row.get(4)?, name: row.get(5)?, claimed: row.get(6)? },
        contractor: Company { id: row.get(7)?, name: row.get(8)?, claimed: row.get(9)? },
        name: row.get(10)?,
        value: row.get(11)?,
        invited: row.get(12)?,
        invited_by: row.get(13)?,
        invite_email: row.get(14)?,
        invite_until: row.get(15)?,
        accepted: row.get(16)?,
        in_use: row.get(17)?,
    })
}

impl CompanyTx<'_> {
    /// The company's contracts on a project, those with its contractors first, by name.
    pub fn contracts(&mut self, project: ProjectId) -> Result<Vec<Contract>, StoreError> {
        let sql = format!(
            "{CONTRACT} AND k.project_id = $2 ORDER BY CASE WHEN k.customer_id = $1 THEN 0 ELSE 1 END, k.name, k.id"
        );
        self.tx.readable(&sql, &[self.company.into(), project.into()], contract)
    }

    /// All contracts of the company by project and name.
    pub fn all_contracts(&mut self) -> Result<Vec<Contract>, StoreError> {
        self.tx.readable(&format!("{CONTRACT} ORDER BY p.name, p.id, k.name, k.id"), &[self.company.into()], contract)
    }

    /// One contract of the company.
    pub fn contract(&mut self, id: ContractId) -> Result<Option<Contract>, StoreError> {
        self.tx.one(&format!("{CONTRACT} AND k.id = $2"), &[self.company.into(), id.into()], contract)
    }

    /// Adds a contract. The company must be on the project, and a known counterparty must be one of a contract there;
    /// [`StoreError::MissingReference`] otherwise.
    pub fn add_contract(&mut self, new: &NewContract) -> Result<(), StoreError> {
        let other = match &new.counterparty {
            Counterparty::Known(id) => {
                let known = self.companies_on(new.project)?;
                known.iter().find(|company| company.id == *id).ok_or(StoreError::MissingReference)?.id
            }
            Counterparty::New(id, name) => {
                self.tx.exec_one(
                    "INSERT INTO company (id, name, name_key, claimed, created_at) VALUES ($1, $2, $3, 0, $4)",
                    &[(*id).into(), name.into(), fold(name).into(), new.now.into()],
                )?;
                *id
            }
        };
        let (customer, contractor) = match new.party {
            Party::Customer => (self.company, other),
            Party::Contractor => (other, self.company),
        };
        let on_it = self.tx.query(
            "SELECT 1 FROM project_company WHERE company_id = $1 AND project_id = $2",
            &[self.company.into(), new.project.into()],
            |_| Ok(()),
        )?;
        if on_it.is_empty() {
            return Err(StoreError::MissingReference);
        }
        self.tx.exec_one(
            "INSERT INTO contract (id, project_id, customer_id, contractor_id, name, value, invited_by, invite_hash, \
             accepted_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            &[
                new.id.into(),
                new.project.into(),
                customer.into(),
                contractor.into(),
                (&new.name).into(),
                new.value.into(),
                self.company.into(),
                new.invite_hash.as_ref().map(<[u8; 32]>::as_slice).into(),
                new.invite_hash.is_none().then_some(new.now).into(),
                new.now.into(),
            ],
        )
    }

    /// Deletes a contract that nobody accepted and nothing hangs on, with its placeholder company if no other contract
    /// names it. Whether it was deleted.
    pub fn delete_contract(&mut self, id: ContractId) -> Result<bool, StoreError> {
        let Some(contract) = self.contract(id)? else { return Ok(false) };
        let deleted = self.tx.exec(
            "DELETE FROM contract WHERE id = $2 AND invited_by = $1 AND accepted_at IS NULL \
             AND NOT EXISTS (SELECT 1 FROM cor WHERE contract_id = $2) \
             AND NOT EXISTS (SELECT 1 FROM change_notification_response WHERE contract_id = $2)",
            &[self.company.into(), id.into()],
        )?;
        if deleted == 1 {
            let other = contract.counterparty(self.company).id;
            self.tx.exec(
                "DELETE FROM company WHERE id = $1 AND claimed = 0 \
                 AND NOT EXISTS (SELECT 1 FROM contract WHERE customer_id = $1 OR contractor_id = $1)",
                &[other.into()],
            )?;
        }
        Ok(deleted == 1)
    }

    /// Says whom the open invitation of a contract is meant for, and when its link ends.
    pub fn address_invitation(&mut self, id: ContractId, email: &str, until: Timestamp) -> Result<(), StoreError> {
        self.tx.exec_one(
            "UPDATE contract SET invite_email = $3, invite_until = $4 WHERE id = $2 AND invited_by = $1",
            &[self.company.into(), id.into(), email.into(), until.into()],
        )
    }

    /// Makes a new invitation link for a contract whose counterparty nobody signs in for; the former link stops working.
    /// [`StoreError::Expected1Row`] when it is accepted already.
    pub fn renew_invitation(&mut self, id: ContractId, invite_hash: &[u8; 32]) -> Result<(), StoreError> {
        self.tx.exec_one(
            "UPDATE contract SET invite_hash = $3 WHERE id = $2 AND accepted_at IS NULL AND invited_by = $1",
            &[self.company.into(), id.into(), invite_hash.as_slice().into()],
        )
    }
}

impl Tx {
    /// The open invitation of a link's secret.
    pub fn invitation(&mut self, invite_hash: &[u8; 32]) -> Result<Option<Invitation>, StoreError> {
        self.one(
            "SELECT k.id, k.name, k.project_id, p.name, p.address, b.id, b.name, b.claimed, i.id, i.name, i.claimed, \
             k.customer_id = i.id, k.invite_email, k.invite_until FROM contract k JOIN project p ON p.id = k.project_id \
             JOIN company b ON b.id = k.invited_by \
             JOIN company i ON i.id = CASE WHEN k.customer_id = k.invited_by THEN k.contractor_id ELSE k.customer_id END \
             WHERE k.invite_hash = $1 AND k.accepted_at IS NULL",
            &[invite_hash.as_slice().into()],
            |row| {
                Ok(Invitation {
                    contract: row.get(0)?,
                    contract_name: row.get(1)?,
                    project: row.get(2)?,
                    project_name: row.get(3)?,
                    project_address: row.get(4)?,
                    inviter: Company { id: row.get(5)?, name: row.get(6)?, claimed: row.get(7)? },
                    invited: Company { id: row.get(8)?, name: row.get(9)?, claimed: row.get(10)? },
                    party: if row.get(11)? { Party::Customer } else { Party::Contractor },
                    email: row.get(12)?,
                    until: row.get(13)?,
                })
            },
        )
    }
}
