//! Commands that do one thing to the database and end.

use secrecy::SecretString;
use store::{
    StoreError,
    repo::damage::{Damaged, Secret},
};

use super::instance::{DatabaseArgs, open, open_migrated};
use crate::{
    Error,
    clock::{Clock as _, SystemClock, SystemEntropy},
    vault::Vault,
};

/// `ledgerboard migrate`
pub async fn migrate(database: DatabaseArgs) -> Result<(), String> {
    let applied = open(&database).await?.migrate().await.map_err(|e| e.to_string())?;
    match applied.as_slice() {
        [] => println!("The database is up to date."),
        names => names.iter().for_each(|name| println!("applied {name}")),
    }
    Ok(())
}

/// `ledgerboard doctor`
pub async fn doctor(
    database: DatabaseArgs,
    put_back: Option<String>,
    go_on: Option<i64>,
    key: Option<String>,
) -> Result<(), String> {
    let vault = match key.as_deref().map(Vault::parse_key) {
        Some(None) => return Err("LEDGERBOARD_KEY must have 64 hexadecimal digits.".to_owned()),
        Some(Some(key)) => Some(Vault::new(&key)),
        None => None,
    };
    let (store, now) = (open_migrated(&database).await?, SystemClock.now());
    let failed = |error: StoreError| error.to_string();
    if let Some(id) = put_back {
        let named = id.clone();
        let back = store.write(move |tx| tx.put_back(&named)).await.map_err(failed)?;
        return if back { Ok(()) } else { Err(format!("{id} is not set aside.")) };
    }
    if let Some(account) = go_on {
        let ended = store.write(move |tx| tx.lift_waits_of(account, now)).await.map_err(failed)?;
        return if ended { Ok(()) } else { Err(format!("Procore account {account} is not paused.")) };
    }
    let found = store.read(move |tx| Ok::<_, StoreError>((tx.backlog()?, tx.set_asides()?, tx.held_accounts(now)?)));
    let (backlog, aside, held) = found.await.map_err(failed)?;
    println!("Pushes in progress: {}", backlog.waiting);
    println!("Pushes waiting for a person: {}", backlog.parked);
    println!("Pushes set aside: {}", backlog.broken);
    for (account, until) in held {
        let account = account.procore_company;
        println!("Procore account {account} is paused until {until}. End the pause with `--go-on {account}`.");
    }
    for row in &aside {
        println!("set aside: {} {} of company {}: {}", row.what.name(), row.id, row.company, row.because);
    }
    let mut damaged = store.read(store::Tx::damaged_rows).await.map_err(failed)?;
    match vault {
        Some(vault) => damaged.extend(sealed_for_good(&vault, store.read(store::Tx::secrets).await.map_err(failed)?)),
        None => println!("Stored secrets were not checked: LEDGERBOARD_KEY is not set."),
    }
    for row in &damaged {
        println!("unreadable: {} {} of company {}: {}", row.table, row.id, row.company, row.because);
    }
    if aside.is_empty() && damaged.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{} set aside, {} unreadable. Repair or restore the rows, then run `ledgerboard doctor --put-back ID` for each row \
         that was set aside.",
        aside.len(),
        damaged.len()
    ))
}

/// Secrets that this key can't open.
fn sealed_for_good(vault: &Vault, secrets: Vec<Secret>) -> impl Iterator<Item = Damaged> {
    let closed = secrets.into_iter().filter(|secret| {
        let place = format!("{}/{}/{}", secret.table, secret.id, secret.column);
        vault.open(&place, &secret.sealed).is_err()
    });
    closed.map(|secret| Damaged {
        table: secret.table,
        id: secret.id.to_string(),
        company: secret.company,
        because: format!("{} can't be opened with this key", secret.column),
    })
}

/// `ledgerboard setup`
pub async fn setup(
    database: DatabaseArgs,
    company: String,
    office: String,
    name: String,
    email: String,
) -> Result<(), String> {
    let store = open_migrated(&database).await?;
    let password = password()?;
    let input = crate::account::setup::Setup { company, office, name, email, password };
    let made = crate::account::setup::setup(&store, &SystemEntropy, SystemClock.now(), input).await;
    made.map_err(|error| told(&error))?;
    println!("Done. Start `ledgerboard serve` and sign in.");
    Ok(())
}

/// `ledgerboard reset-password`
pub async fn reset_password(database: DatabaseArgs, email: String) -> Result<(), String> {
    let store = open_migrated(&database).await?;
    let password = password()?;
    let reset =
        crate::account::sign_in::reset_password(&store, &SystemEntropy, SystemClock.now(), &email, password).await;
    reset.map_err(|error| told(&error))?;
    println!("{email} has a new password and is signed out everywhere; their API tokens are revoked.");
    Ok(())
}

/// One line of standard input: an argument would show the password in the list of processes.
fn password() -> Result<SecretString, String> {
    eprint!("Password: ");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(|e| format!("the password could not be read: {e}"))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned().into())
}

/// Every error, a line each: an operator has no form to show it beside.
fn told(error: &Error) -> String {
    match error {
        Error::Invalid(fields) => {
            let said: Vec<String> = fields.0.iter().map(|(field, sentence)| format!("{field}: {sentence}")).collect();
            said.join("\n")
        }
        Error::Internal(detail) => detail.clone(),
        Error::Storage(..) => error.to_string(),
        other => other.sentence(),
    }
}
