//! A seeded database and a person who may read it.

use std::path::Path;

use domain::{ApiTokenId, CompanyId, OfficeId, PersonId, ProjectId, role::Role};
use jiff::SignedDuration;
use ledgerboard::{
    account::{password, secret},
    clock::{Clock as _, SeededEntropy, SystemClock},
};
use store::{
    DatabaseUrl, Store,
    repo::{api_token::NewApiToken, company::NewCompany, person::NewPerson, session::NewSession},
    seed::{self, Seeding},
};

use crate::Fallible;

/// Of a hundred CORs, so many stand in the log as if they had been pushed.
const PUSHED_PERCENT: u32 = 30;
/// The bearer token of the measurements' databases, which hold nothing to protect.
pub const TOKEN: &str = "lb_benchmark";

/// The session of the same person.
pub const SESSION: &str = "benchmark";
/// Who signs in there.
pub const EMAIL: &str = "ruth@example.com";
/// And with which password.
pub const PASSWORD: &str = "several plain words";

/// A database with a company that has signed up.
pub struct World {
    /// The database.
    pub store: Store,
    /// The company whose log is read.
    pub company: CompanyId,
    office: OfficeId,
}

impl World {
    /// A new SQLite database with an Account Owner, signed in, and their token.
    pub async fn make(path: &Path) -> Fallible<Self> {
        let store = Store::open(&DatabaseUrl::Sqlite(path.to_owned())).await?;
        store.migrate().await?;
        let (entropy, now) = (SeededEntropy::new(1), SystemClock.now());
        let (company, office) = (CompanyId::fresh(now, &entropy), OfficeId::fresh(now, &entropy));
        let (person, token) = (PersonId::fresh(now, &entropy), ApiTokenId::fresh(now, &entropy));
        let owner = NewPerson {
            id: person,
            name: "Ruth Calloway".to_owned(),
            email: EMAIL.to_owned(),
            role: Role::AccountOwner,
            office,
            password_hash: password::hash(&entropy, PASSWORD.into()).await?,
            now,
        };
        let name = "Whitfield Builders".to_owned();
        let new = NewCompany { id: company, name, office, office_name: "Portland".to_owned(), owner, now };
        store
            .write(move |tx| {
                tx.found_company(&new)?;
                let expires_at = now + SignedDuration::from_hours(24);
                tx.begin_session(&NewSession { token_hash: secret::hash(SESSION), person, now, expires_at }, 1)?;
                let token = NewApiToken {
                    id: token,
                    name: "Benchmark".to_owned(),
                    hash: secret::hash(TOKEN),
                    now,
                    expires_at,
                    reads_only: true,
                };
                tx.of(company).add_api_token(person, &token)
            })
            .await?;
        Ok(Self { store, company, office })
    }

    /// Puts `cors` CORs on `projects` new projects and lets the database count them.
    pub async fn seed(&self, projects: u32, cors: u64) -> Fallible<Vec<ProjectId>> {
        let seeding = Seeding {
            customer: self.company,
            office: self.office,
            projects,
            cors,
            pushed_percent: PUSHED_PERCENT,
            seed: cors,
            now: SystemClock.now(),
        };
        Ok(seed::seed(&self.store, seeding).await?)
    }
}
