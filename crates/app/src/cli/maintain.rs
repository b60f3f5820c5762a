//! Commands that work on the database and end.

use secrecy::SecretString;

use super::settings::{DatabaseArgs, open, open_migrated};
use crate::{
    Error, actions,
    clock::{Clock as _, SystemClock, SystemEntropy},
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
pub async fn doctor(database: DatabaseArgs, put_back: Option<uuid::Uuid>) -> Result<(), String> {
    let store = open_migrated(&database).await?;
    if let Some(push) = put_back {
        let back = store.write(move |tx| tx.put_back(domain::PushId(push))).await.map_err(|e| e.to_string())?;
        return if back { Ok(()) } else { Err(format!("{push} is not set aside.")) };
    }
    let found = store.read(|tx| Ok::<_, store::StoreError>((tx.backlog()?, tx.set_asides()?))).await;
    let (backlog, aside) = found.map_err(|e| e.to_string())?;
    println!("Pushes that go on by themselves: {}", backlog.waiting);
    println!("Pushes that wait for a person: {}", backlog.parked);
    println!("Pushes that were set aside: {}", backlog.broken);
    for push in &aside {
        println!("  {} of company {}: {}", push.push, push.company, push.because);
    }
    match aside.len() {
        0 => Ok(()),
        n => Err(format!("{n} set aside. Mend or restore them, then `ledgerboard doctor --put-back PUSH`.")),
    }
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
    let input = actions::setup::Setup { company, office, name, email, password };
    let made = actions::setup::setup(&store, &SystemEntropy, SystemClock.now(), input).await;
    made.map_err(|error| told(&error))?;
    println!("Done. Start `ledgerboard serve` and sign in.");
    Ok(())
}

/// `ledgerboard reset-password`
pub async fn reset_password(database: DatabaseArgs, email: String) -> Result<(), String> {
    let store = open_migrated(&database).await?;
    let password = password()?;
    let reset = actions::sign_in::reset_password(&store, &SystemEntropy, &email, password).await;
    reset.map_err(|error| told(&error))?;
    println!("{email} has a new password and is signed out everywhere.");
    Ok(())
}

/// One line of standard input: a password as an argument would stand in the list of processes.
fn password() -> Result<SecretString, String> {
    eprint!("Password: ");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(|e| format!("the password could not be read: {e}"))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned().into())
}

/// All that is wrong, a sentence each: an operator has no form to look at.
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
