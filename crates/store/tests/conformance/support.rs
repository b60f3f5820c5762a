//! Two companies on one project, and COR content at hand.

use domain::{
    CompanyId, ContractId, CorId, Currency, LineItemId, Money, OfficeId, ProjectId,
    cor::{CorNumber, LineItem, Price, Section},
};
use jiff::Timestamp;
use store::{
    Store, StoreError, Val,
    repo::cor::{Cor, CorContent, NewCor},
};
use uuid::Uuid;

/// A general contractor, two subs, one project, a contract with each.
#[derive(Clone, Copy)]
pub struct World {
    pub gc: CompanyId,
    pub mechanical: CompanyId,
    pub electrical: CompanyId,
    pub project: ProjectId,
    pub mechanical_contract: ContractId,
    pub electrical_contract: ContractId,
}

pub fn uuid(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + seconds).unwrap()
}

impl World {
    pub async fn make(store: &Store) -> Self {
        let world = Self {
            gc: CompanyId(uuid(1)),
            mechanical: CompanyId(uuid(2)),
            electrical: CompanyId(uuid(3)),
            project: ProjectId(uuid(10)),
            mechanical_contract: ContractId(uuid(20)),
            electrical_contract: ContractId(uuid(21)),
        };
        store.write(move |tx| world.insert(tx)).await.unwrap();
        world
    }

    fn insert(self, tx: &mut store::Tx) -> Result<(), StoreError> {
        let now: Val = at(0).into();
        tx.exec_one(
            "INSERT INTO project (id, name, address, currency, time_zone, created_at) \
             VALUES ($1, 'Harbor Point', '', $2, 'America/New_York', $3)",
            &[self.project.into(), Currency::Usd.into(), now.clone()],
        )?;
        let companies = [
            (self.gc, "Whitfield & Sons Construction"),
            (self.mechanical, "Cascade Mechanical, Inc."),
            (self.electrical, "Northline Electric LLC"),
        ];
        for (company, name) in companies {
            let office = OfficeId(uuid(company.0.as_u128() + 100));
            tx.exec_one(
                "INSERT INTO company (id, name, name_key, claimed, created_at) VALUES ($1, $2, $3, 1, $4)",
                &[company.into(), name.into(), domain::text::fold(name).into(), now.clone()],
            )?;
            tx.exec_one(
                "INSERT INTO office (id, company_id, name, created_at) VALUES ($1, $2, 'Main', $3)",
                &[office.into(), company.into(), now.clone()],
            )?;
            tx.exec_one(
                "INSERT INTO project_company (project_id, company_id, office_id, job_number, created_at) \
                 VALUES ($1, $2, $3, '', $4)",
                &[self.project.into(), company.into(), office.into(), now.clone()],
            )?;
        }
        for (contract, contractor) in
            [(self.mechanical_contract, self.mechanical), (self.electrical_contract, self.electrical)]
        {
            tx.exec_one(
                "INSERT INTO contract (id, project_id, customer_id, contractor_id, name, value, invited_by, created_at) \
                 VALUES ($1, $2, $3, $4, 'Work', 0, $3, $5)",
                &[contract.into(), self.project.into(), self.gc.into(), contractor.into(), now.clone()],
            )?;
        }
        Ok(())
    }

    /// A new Draft of the mechanical sub; its id is `n`.
    pub fn draft(&self, n: u128, number: Option<&str>, title: &str, cents: i64) -> NewCor {
        NewCor {
            id: CorId(uuid(1000 + n)),
            contract: self.mechanical_contract,
            number: number.map(|text| CorNumber::parse(text).unwrap()),
            content: content(n, title, cents),
            at: at(i64::try_from(n).unwrap()),
        }
    }

    /// The same, stored.
    pub async fn make_draft(&self, store: &Store, n: u128, number: Option<&str>, title: &str, cents: i64) -> Cor {
        let (new, sender) = (self.draft(n, number, title, cents), self.mechanical);
        let made: Result<_, StoreError> = store.write(move |tx| tx.of(sender).create_cor(&new)).await;
        made.unwrap().unwrap()
    }
}

/// Content of one line.
pub fn content(n: u128, title: &str, cents: i64) -> CorContent {
    let line = LineItem::lump(LineItemId(uuid(n * 10)), Section::Labor, "Work", Money::minor(cents));
    CorContent::new(title, Price { lines: vec![line], overtyped: None })
}
