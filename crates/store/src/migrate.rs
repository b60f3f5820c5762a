//! The migration runner: ordered SQL files, each applied once, the same names on both databases.
//!
//! All that are missing are applied in one transaction under a lock. A file that was applied may never change afterwards: its checksum is kept.

use sha2::{Digest, Sha256};

use crate::{
    db::{StoreError, Tx},
    dialect::Dialect,
};

/// One step of the schema: `migrations/NNNN_name.sql`, or a pair `NNNN_name.sqlite.sql` and `NNNN_name.postgres.sql`.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// `NNNN_name`; the list is in the order of the names.
    pub name: &'static str,
    /// The text for SQLite, with type tokens (see [`Dialect::render`]).
    pub sqlite: &'static str,
    /// The text for PostgreSQL, with type tokens.
    pub postgres: &'static str,
}

impl Migration {
    /// A migration written once for both databases.
    pub const fn both(name: &'static str, sql: &'static str) -> Self {
        Self { name, sqlite: sql, postgres: sql }
    }

    fn rendered(&self, dialect: Dialect) -> String {
        dialect.render(if dialect == Dialect::Sqlite { self.sqlite } else { self.postgres })
    }
}

/// The SHA-256 of a text, in hexadecimal.
pub(crate) fn checksum(text: &str) -> String {
    format!("{:x}", bytes::Bytes::copy_from_slice(&Sha256::digest(text)))
}

/// Applies what is missing and answers the names. Refuses a database that is newer than this program, or was made by other files.
pub(crate) fn run(tx: &mut Tx, migrations: &[Migration]) -> Result<Vec<String>, StoreError> {
    if !migrations.is_sorted_by(|a, b| a.name < b.name) {
        return Err(StoreError::Internal("the migrations are not in the order of their names".to_owned()));
    }
    let dialect = tx.dialect();
    tx.batch(&dialect.render(
        "CREATE TABLE IF NOT EXISTS schema_migrations (name {{text_c}} NOT NULL PRIMARY KEY, checksum {{text}} NOT NULL) {{strict}}",
    ))?;
    let applied = tx.query("SELECT name, checksum FROM schema_migrations ORDER BY name", &[], |row| {
        Ok((row.get::<String>(0)?, row.get::<String>(1)?))
    })?;
    let rendered: Vec<_> = migrations.iter().map(|migration| (migration.name, migration.rendered(dialect))).collect();
    check(&applied, &rendered)?;

    let mut names = Vec::new();
    for (name, sql) in rendered.iter().skip(applied.len()) {
        tx.batch(sql)
            .map_err(|error| StoreError::Migration(format!("migration {name} failed, nothing was changed: {error}")))?;
        tx.exec_one(
            "INSERT INTO schema_migrations (name, checksum) VALUES ($1, $2)",
            &[(*name).into(), checksum(sql).into()],
        )?;
        names.push((*name).to_owned());
    }
    Ok(names)
}

/// What was applied must be the beginning of what this program knows.
fn check(applied: &[(String, String)], known: &[(&str, String)]) -> Result<(), StoreError> {
    for (position, (name, sum)) in applied.iter().enumerate() {
        let Some((_, sql)) = known.iter().find(|(known, _)| known == name) else {
            return Err(StoreError::Migration(format!(
                "the database was migrated by another version of Ledgerboard: this one does not know {name}. \
                 Run the version that made it, or a newer one"
            )));
        };
        if checksum(sql) != *sum {
            return Err(StoreError::Migration(format!(
                "migration {name} was applied to this database with another text than this version of Ledgerboard has. \
                 Run the released version that made the database"
            )));
        }
        if known[position].0 != name {
            return Err(StoreError::Migration(format!(
                "migration {} is missing from this database although the later {name} was applied. \
                 Run the released version that made the database",
                known[position].0
            )));
        }
    }
    Ok(())
}
