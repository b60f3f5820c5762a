//! Looking for rows that can't be read: every row of the tables that pages, log and workers live on, through the reader that
//! they use. It takes as long as reading all of them does, and is meant for the operator.

use domain::CompanyId;
use uuid::Uuid;

use super::{
    activity, api_token, change_event, change_notification, contract, cor, cor_lines, draft, integration, link, log,
    login, mapping, observation, person, project, push, reconciliation, webhook, webhook_inbox,
};
use crate::{CompanyTx, Row, StoreError, Tx};

/// A row that can't be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damaged {
    /// In which table.
    pub table: &'static str,
    /// The id that it is found by: its own, or that of what it belongs to.
    pub id: String,
    /// On whose behalf it would be read.
    pub company: CompanyId,
    /// What is wrong with it; never what it holds.
    pub because: String,
}

/// Something that is stored sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// In which table.
    pub table: &'static str,
    /// The id of its row.
    pub id: Uuid,
    /// On whose behalf it is used.
    pub company: CompanyId,
    /// In which column.
    pub column: &'static str,
    /// As it is stored.
    pub sealed: Vec<u8>,
}

impl Tx {
    /// All secrets in use, for the holder of the key to open.
    pub fn secrets(&mut self) -> Result<Vec<Secret>, StoreError> {
        let mut secrets = Vec::new();
        for (table, column, used) in [
            ("procore_login", "access_token", "lost_because IS NULL"),
            ("procore_login", "refresh_token", "lost_because IS NULL AND LENGTH(refresh_token) > 0"),
            ("webhook", "secret", "state <> 'going'"),
        ] {
            let sql = format!("SELECT id, company_id, {column} FROM {table} WHERE {used} ORDER BY id");
            secrets.extend(self.readable(&sql, &[], |row| {
                Ok(Secret { table, id: row.get(0)?, company: row.get(1)?, column, sealed: row.get(2)? })
            })?);
        }
        Ok(secrets)
    }

    /// All rows that can't be read.
    pub fn damaged_rows(&mut self) -> Result<Vec<Damaged>, StoreError> {
        let companies: Vec<CompanyId> = self.readable("SELECT id FROM company ORDER BY id", &[], |row| row.get(0))?;
        let mut damaged = Vec::new();
        for company in companies {
            self.of(company).damaged(&mut damaged)?;
        }
        // A COR belongs to two companies, and its row is one.
        damaged.sort_by(|a, b| (a.table, &a.id, &a.because).cmp(&(b.table, &b.id, &b.because)));
        damaged.dedup_by(|a, b| (a.table, &a.id, &a.because) == (b.table, &b.id, &b.because));
        Ok(damaged)
    }
}

impl CompanyTx<'_> {
    fn damaged(&mut self, found: &mut Vec<Damaged>) -> Result<(), StoreError> {
        self.look(found, "push", push::PUSH, 0, push::push)?;
        self.look(found, "push_cor", push::PUSH_COR, 9, push::push_cor)?;
        self.look(found, "push_draft", draft::DRAFT, 0, draft::draft)?;
        self.look(found, "link", link::LINK, 0, link::link)?;
        self.look(found, "link_line", link::LINE, 8, link::line)?;
        self.look(found, "observation", observation::OBSERVATION, 0, observation::observation)?;
        self.look(found, "mapping", mapping::MAPPING, 0, mapping::mapping)?;
        self.look(found, "change_event", change_event::EVENT, 0, change_event::event)?;
        // `$2` is a person, of which nothing but one column depends.
        let projects =
            format!("{} {} WHERE pc.company_id = $1", project::PROJECT.replace("$2", "p.id"), project::OF_COMPANY);
        self.look(found, "project", &projects, 0, project::project)?;
        let login = format!("{} WHERE l.company_id = $1", login::LOGIN);
        self.look(found, "procore_login", &login, 0, login::login)?;
        let hook = format!("{} WHERE w.company_id = $1", webhook::WEBHOOK);
        self.look(found, "webhook", &hook, 0, webhook::webhook)?;
        let delivery = format!("{} WHERE i.company_id = $1", webhook_inbox::DELIVERED);
        self.look(found, "webhook_inbox", &delivery, 1, webhook_inbox::delivered)?;
        self.look(found, "api_token", api_token::TOKEN, 0, api_token::token)?;
        self.look(found, "person", person::PERSON, 0, person::person)?;
        let secrets = "SELECT id, password_hash, password_temporary FROM person WHERE company_id = $1";
        self.look(found, "person", secrets, 0, |row| Ok((row.get::<String>(1)?, row.get::<bool>(2)?)))?;
        self.look(found, "contract", contract::CONTRACT, 0, contract::contract)?;
        let accounts = format!("{} WHERE i.company_id = $1", integration::INTEGRATION);
        self.look(found, "office_integration", &accounts, 0, integration::integration)?;
        self.look(found, "reconciliation", reconciliation::SIGNATURE, 0, reconciliation::signature)?;
        self.look(found, "activity", activity::FEED, 0, activity::entry)?;
        let asked = format!(
            "{} WHERE (n.customer_id = $1 OR {})",
            change_notification::NOTIFICATION,
            change_notification::RECEIVED
        );
        self.look(found, "change_notification", &asked, 0, change_notification::notification)?;
        let answers = change_notification::RESPONSE;
        self.look(found, "change_notification_response", answers, 13, change_notification::response)?;
        let cors = format!("SELECT {}", cor::COLUMNS);
        self.look(found, "cor", &cors, 0, cor::cor)?;
        let lines = "SELECT n.cor_id, n.id, n.section, n.description, n.quantity, n.unit, n.rate, n.amount \
             FROM cor_line n JOIN cor c ON c.id = n.cor_id WHERE c.sender_id = $1";
        self.look(found, "cor_line", lines, 0, cor_lines::line)?;
        let rows = "SELECT r.cor_id, r.status_key, r.procore_key FROM log_row r JOIN log g ON g.id = r.log_id \
             WHERE g.company_id = $1";
        self.look(found, "log_row", rows, 0, |row| {
            log::status_of(row.get(1)?)?;
            log::procore_of(row.get(2)?)
        })
    }

    /// Reads every row of a statement whose `$1` is the company; field `id` names a row.
    fn look<T>(
        &mut self,
        found: &mut Vec<Damaged>,
        table: &'static str,
        sql: &str,
        id: usize,
        read: impl Fn(&Row) -> Result<T, StoreError>,
    ) -> Result<(), StoreError> {
        let company = self.company;
        self.tx.query(sql, &[company.into()], |row| {
            match read(row) {
                Err(StoreError::Corrupt(because)) => {
                    found.push(Damaged { table, id: name(row, id), company, because });
                }
                Err(other) => return Err(other),
                Ok(_) => {}
            }
            Ok(())
        })?;
        Ok(())
    }
}

/// An id as an operator would look for it, whatever it is made of.
fn name(row: &Row, field: usize) -> String {
    let uuid = row.get::<Uuid>(field).map(|id| id.to_string());
    let text = || row.get::<String>(field);
    uuid.or_else(|_| text()).or_else(|_| row.get::<i64>(field).map(|id| id.to_string())).unwrap_or_default()
}
