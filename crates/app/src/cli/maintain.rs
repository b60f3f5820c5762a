//! Commands that work on the database and end.

use super::settings::{DatabaseArgs, open};

/// `ledgerboard migrate`
pub async fn migrate(database: DatabaseArgs) -> Result<(), String> {
    let applied = open(&database).await?.migrate().await.map_err(|e| e.to_string())?;
    match applied.as_slice() {
        [] => println!("The database is up to date."),
        names => names.iter().for_each(|name| println!("applied {name}")),
    }
    Ok(())
}
