//! Where the database is.

use std::{fmt, path::PathBuf, str::FromStr};

use super::StoreError;

/// The address of the database: `sqlite:PATH`, a plain path, or `postgres://user:password@host/name?sslmode=require`.
///
/// On PostgreSQL `sslmode=require` encrypts and checks the server's certificate against the public authorities; without it the connection
/// is plain, which is right for a socket or the same machine only.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file; it is made, readable by its owner alone, if it is missing.
    Sqlite(PathBuf),
    /// The URL as libpq would take it.
    Postgres(String),
}

impl FromStr for DatabaseUrl {
    type Err = StoreError;

    fn from_str(url: &str) -> Result<Self, StoreError> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            url.parse::<tokio_postgres::Config>().map_err(|error| {
                StoreError::Configuration(format!("the database URL is not a PostgreSQL URL: {error}"))
            })?;
            return Ok(Self::Postgres(url.to_owned()));
        }
        let path = url.strip_prefix("sqlite:").unwrap_or(url);
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() || path.contains(":memory:") || path.contains("://") {
            return Err(StoreError::Configuration(
                "the database URL must be sqlite:PATH, a path, or postgres://…".to_owned(),
            ));
        }
        Ok(Self::Sqlite(PathBuf::from(path)))
    }
}

/// Without the password: this ends up in logs.
impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => {
                let config = url.parse::<tokio_postgres::Config>().unwrap_or_default();
                write!(f, "postgres: {:?}/{}", config.get_hosts(), config.get_dbname().unwrap_or_default())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_understood_and_others_are_refused_with_the_remedy() {
        for (url, path) in
            [("sqlite:a/b.db", "a/b.db"), ("sqlite:///var/b.db", "/var/b.db"), ("/var/b.db", "/var/b.db")]
        {
            assert_eq!(url.parse::<DatabaseUrl>().unwrap(), DatabaseUrl::Sqlite(path.into()));
        }
        assert!(matches!("postgres://me@host/db".parse(), Ok(DatabaseUrl::Postgres(_))));
        for url in ["", "sqlite:", "sqlite::memory:", "mysql://host/db", "postgres://host:notaport/db"] {
            let refused = url.parse::<DatabaseUrl>().unwrap_err().to_string();
            assert!(refused.contains("database URL"), "{url}: {refused}");
        }
    }

    #[test]
    fn a_password_is_not_printed() {
        let url: DatabaseUrl = "postgres://me:hunter2@host/db".parse().unwrap();
        assert!(!format!("{url:?}").contains("hunter2"));
    }
}
