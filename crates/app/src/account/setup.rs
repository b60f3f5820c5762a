//! The first company, its office and its Account Owner.

use domain::{CompanyId, Entropy, OfficeId, PersonId, role::Role, text::fold};
use jiff::Timestamp;
use secrecy::SecretString;
use serde::Deserialize;
use store::{
    Store,
    repo::{company::NewCompany, person::NewPerson},
};

use super::password;
use crate::{Error, FieldErrors, typed};

/// A company that begins, with its first office and its Account Owner, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Setup {
    pub company: String,
    pub office: String,
    /// The Account Owner's, as the two below.
    pub name: String,
    pub email: String,
    pub password: SecretString,
}

/// Whether the database is empty.
pub async fn is_needed(store: &Store) -> Result<bool, Error> {
    Ok(store.read(store::Tx::is_empty).await?)
}

/// Makes the first company on an empty database; refused on any other. Answers the Account Owner.
pub async fn setup(store: &Store, entropy: &dyn Entropy, now: Timestamp, input: Setup) -> Result<PersonId, Error> {
    if !is_needed(store).await? {
        return Err(already());
    }
    let new = new_company(entropy, now, CompanyId::fresh(now, entropy), input).await?;
    let person = new.owner.id;
    store
        .write(move |tx| {
            // Asked again inside: two may set up at the same moment.
            if !tx.is_empty()? {
                return Err(already());
            }
            Ok(tx.found_company(&new)?)
        })
        .await?;
    Ok(person)
}

/// The checked company of what was typed.
pub(crate) async fn new_company(
    entropy: &dyn Entropy,
    now: Timestamp,
    id: CompanyId,
    input: Setup,
) -> Result<NewCompany, Error> {
    let mut errors = FieldErrors::default();
    let name = typed::name(&mut errors, "company", &input.company);
    let office_name = typed::name(&mut errors, "office", &input.office);
    let person = typed::name(&mut errors, "name", &input.name);
    let email = typed::email(&mut errors, "email", &input.email);
    password::check(
        &mut errors,
        "password",
        &input.password,
        &[&input.company, &input.office, &input.name, &input.email],
    );
    errors.check()?;
    let office = OfficeId::fresh(now, entropy);
    let owner = NewPerson {
        id: PersonId::fresh(now, entropy),
        name: person,
        email: fold(&email),
        role: Role::AccountOwner,
        office,
        password_hash: password::hash(entropy, input.password).await?,
        now,
    };
    Ok(NewCompany { id, name, office, office_name, owner, now })
}

fn already() -> Error {
    Error::Conflict("This instance is set up already. Sign in instead.".to_owned())
}
