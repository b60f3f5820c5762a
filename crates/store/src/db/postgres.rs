//! PostgreSQL behind the façade: the asynchronous driver, waited for on the unit's own blocking thread.

use std::{collections::HashMap, future::Future};

use bytes::BytesMut;
use rustls::{ClientConfig, RootCertStore};
use tokio::runtime::Runtime;
use tokio_postgres::{
    Client, Config, NoTls, Statement,
    config::SslMode,
    types::{FromSql, IsNull, ToSql, Type, to_sql_checked},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{Cell, Row, StoreError, Val};

/// Of a connection. A unit that writes says so itself; everything else cannot. No statement of a page or a worker takes 30 seconds.
const SESSION: &str = "SET default_transaction_read_only = on; SET statement_timeout = '30s';
    SET idle_in_transaction_session_timeout = '60s'; SET client_min_messages = warning; SET TIME ZONE 'UTC'";

/// One connection with its prepared statements.
pub(super) struct Session {
    client: Client,
    driver: Driver,
    statements: HashMap<String, Statement>,
}

/// The runtime that drives one connection, on the unit's thread and only while it waits: an answer wakes nobody but the unit.
/// A connection that ends while nobody uses it is noticed by its next user.
struct Driver(Option<Runtime>);

impl Driver {
    fn new() -> Result<Self, StoreError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.map(|runtime| Self(Some(runtime))).map_err(|error| StoreError::Unavailable(error.to_string()))
    }

    /// The one place that waits for a driver; always on a blocking thread.
    fn wait<F: Future>(&self, future: F) -> F::Output {
        self.0.as_ref().expect("it is taken when it is dropped").block_on(future)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // The last of a store may be dropped within another runtime, which must not wait for this one.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Session {
    /// Connects, on the thread of a unit of work.
    pub(super) fn connect(url: &str) -> Result<Self, StoreError> {
        let driver = Driver::new()?;
        let client = driver.wait(connect(url)).map_err(|error| match StoreError::from_postgres(&error) {
            StoreError::Internal(text) => StoreError::Unavailable(text),
            other => other,
        })?;
        Ok(Self { client, driver, statements: HashMap::new() })
    }

    /// Whether the connection is known to be gone.
    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    pub(super) fn batch(&self, sql: &str) -> Result<(), tokio_postgres::Error> {
        self.driver.wait(self.client.batch_execute(sql))
    }

    pub(super) fn query<T>(
        &mut self,
        sql: &str,
        params: &[Val],
        mut map: impl FnMut(&Row) -> Result<T, StoreError>,
    ) -> Result<Result<Vec<T>, StoreError>, tokio_postgres::Error> {
        let statement = self.prepared(sql)?;
        let rows = self.driver.wait(self.client.query(&statement, &by_reference(params)))?;
        Ok(rows.iter().map(|row| map(&Row::postgres(row))).collect())
    }

    pub(super) fn exec(&mut self, sql: &str, params: &[Val]) -> Result<u64, tokio_postgres::Error> {
        let statement = self.prepared(sql)?;
        self.driver.wait(self.client.execute(&statement, &by_reference(params)))
    }

    fn prepared(&mut self, sql: &str) -> Result<Statement, tokio_postgres::Error> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.driver.wait(self.client.prepare(sql))?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

async fn connect(url: &str) -> Result<Client, tokio_postgres::Error> {
    let mut config: Config = url.parse()?;
    if config.get_application_name().is_none() {
        config.application_name("ledgerboard");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(std::time::Duration::from_secs(10));
    }
    let client = if config.get_ssl_mode() == SslMode::Require {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring speaks the default protocol versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let (client, connection) = config.connect(MakeRustlsConnect::new(tls)).await?;
        tokio::spawn(logged(connection));
        client
    } else {
        let (client, connection) = config.connect(NoTls).await?;
        tokio::spawn(logged(connection));
        client
    };
    client.batch_execute(SESSION).await?;
    Ok(client)
}

async fn logged(connection: impl Future<Output = Result<(), tokio_postgres::Error>>) {
    if let Err(error) = connection.await {
        tracing::warn!(%error, "a connection to PostgreSQL ended");
    }
}

fn by_reference(params: &[Val]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|param| param as &(dyn ToSql + Sync)).collect()
}

pub(super) fn cell(row: &tokio_postgres::Row, i: usize) -> Result<Cell<'_>, StoreError> {
    row.try_get::<_, Cell<'_>>(i).map_err(|error| {
        let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        StoreError::Internal(format!("{error}: {cause}"))
    })
}

impl<'a> FromSql<'a> for Cell<'a> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(match *ty {
            Type::INT8 => Self::Int(i64::from_sql(ty, raw)?),
            Type::INT4 => Self::Int(i32::from_sql(ty, raw)?.into()),
            Type::INT2 => Self::Int(i16::from_sql(ty, raw)?.into()),
            Type::BOOL => Self::Int(bool::from_sql(ty, raw)?.into()),
            Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN => {
                Self::Text(<&str>::from_sql(ty, raw)?)
            }
            Type::BYTEA => Self::Blob(raw),
            Type::UUID => Self::Uuid(uuid::Uuid::from_sql(ty, raw)?),
            _ => return Err(format!("a {ty} cannot be read: cast it to BIGINT or TEXT in the query").into()),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

impl ToSql for Val {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match (self, ty) {
            (Self::Null, _) => Ok(IsNull::Yes),
            (Self::Int(n), &Type::INT8) => n.to_sql(ty, out),
            (Self::Int(n), &Type::INT4) => i32::try_from(*n)?.to_sql(ty, out),
            (Self::Bool(yes), &Type::INT8) => i64::from(*yes).to_sql(ty, out),
            (Self::Bool(yes), &Type::INT4) => i32::from(*yes).to_sql(ty, out),
            (Self::Bool(yes), &Type::BOOL) => yes.to_sql(ty, out),
            (Self::Text(text), &(Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME)) => text.to_sql(ty, out),
            (Self::Blob(bytes), &Type::BYTEA) => bytes.to_sql(ty, out),
            (Self::Uuid(id), &Type::UUID) => id.to_sql(ty, out),
            (Self::Int(_) | Self::Bool(_), _) => {
                Err(format!("a whole number where {ty} is wanted; cast the parameter").into())
            }
            (Self::Text(_), _) => Err(format!("a text where {ty} is wanted; cast the parameter").into()),
            (Self::Blob(_), _) => Err(format!("bytes where {ty} is wanted; cast the parameter").into()),
            (Self::Uuid(_), _) => Err(format!("a UUID where {ty} is wanted; cast the parameter").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
