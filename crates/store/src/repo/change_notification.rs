//! Change Notifications: a customer asks, contractors answer.

use domain::{
    ChangeNotificationId, CompanyId, ContractId, CorId, Currency, Money, PersonId, ProjectId,
    change_notification::Response,
    cor::{CorNumber, Status},
};
use jiff::{Timestamp, civil::Date};

use crate::{CompanyTx, Row, StoreError, Val};

/// A notification as either side sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeNotification {
    /// Its id.
    pub id: ChangeNotificationId,
    /// The project.
    pub project: ProjectId,
    /// Who asks.
    pub customer: CompanyId,
    /// Their name.
    pub customer_name: String,
    /// Counted per project and customer.
    pub number: i64,
    /// What is asked, in a line.
    pub title: String,
    /// What is asked.
    pub description: String,
    /// Until when an answer is wanted.
    pub due_on: Option<Date>,
    /// The customer's own reference.
    pub reference: String,
    /// When it was sent.
    pub created_at: Timestamp,
    /// The person who sent it.
    pub created_by_name: String,
    /// How many contracts it asks.
    pub asked: i64,
    /// How many of them answered or declined.
    pub responded: i64,
}

/// One contractor's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationResponse {
    /// Under which contract.
    pub contract: ContractId,
    /// The contract's name.
    pub contract_name: String,
    /// Who is asked.
    pub contractor: CompanyId,
    /// Their name.
    pub contractor_name: String,
    /// How far it is.
    pub response: Response,
    /// Why it was declined, or a word beside the COR.
    pub note: String,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// The COR that answers it, as the reader may see it.
    pub cor: Option<ResponseCor>,
}

/// The COR of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseCor {
    /// Its id.
    pub id: CorId,
    /// Its number.
    pub number: CorNumber,
    /// Its title.
    pub title: String,
    /// Its status.
    pub status: Status,
    /// What it asks for.
    pub total: Money,
    /// In this currency.
    pub currency: Currency,
}

/// A notification to send.
#[derive(Debug, Clone)]
pub struct NewNotification {
    /// Its id.
    pub id: ChangeNotificationId,
    /// The project.
    pub project: ProjectId,
    /// What is asked, in a line.
    pub title: String,
    /// What is asked.
    pub description: String,
    /// Until when an answer is wanted.
    pub due_on: Option<Date>,
    /// The customer's own reference.
    pub reference: String,
    /// The contracts that are asked.
    pub contracts: Vec<ContractId>,
    /// Who sends it.
    pub person: PersonId,
    /// When.
    pub now: Timestamp,
}

/// An answer to give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// With this COR.
    Cor(CorId),
    /// No price, and why.
    Declined(String),
}

pub(super) const NOTIFICATION: &str = "SELECT n.id, n.project_id, n.customer_id, c.name, n.number, n.title, n.description, \
    n.due_on, n.reference, n.created_at, p.name, \
    (SELECT COUNT(*) FROM change_notification_response r WHERE r.notification_id = n.id), \
    (SELECT COUNT(*) FROM change_notification_response r WHERE r.notification_id = n.id AND r.response <> 'waiting') \
    FROM change_notification n JOIN company c ON c.id = n.customer_id JOIN person p ON p.id = n.created_by";
pub(super) const RECEIVED: &str =
    "n.id IN (SELECT r.notification_id FROM change_notification_response r WHERE r.contractor_id = $1)";

pub(super) fn notification(row: &Row) -> Result<ChangeNotification, StoreError> {
    Ok(ChangeNotification {
        id: row.get(0)?,
        project: row.get(1)?,
        customer: row.get(2)?,
        customer_name: row.get(3)?,
        number: row.get(4)?,
        title: row.get(5)?,
        description: row.get(6)?,
        due_on: row.get(7)?,
        reference: row.get(8)?,
        created_at: row.get(9)?,
        created_by_name: row.get(10)?,
        asked: row.get(11)?,
        responded: row.get(12)?,
    })
}

/// The answers that the company may see.
pub(super) const RESPONSE: &str = "SELECT r.contract_id, k.name, r.contractor_id, co.name, r.response, r.note, \
     r.answered_at, c.id, c.number, c.title, c.status, c.total, c.currency, r.notification_id \
     FROM change_notification_response r JOIN change_notification n ON n.id = r.notification_id \
     JOIN contract k ON k.id = r.contract_id JOIN company co ON co.id = r.contractor_id \
     LEFT JOIN cor c ON c.id = r.cor_id AND (c.sender_id = $1 OR c.status <> 'draft') \
     WHERE (n.customer_id = $1 OR r.contractor_id = $1)";

pub(super) fn response(row: &Row) -> Result<NotificationResponse, StoreError> {
    let cor = row.get::<Option<CorId>>(7)?.map(|id| {
        Ok::<_, StoreError>(ResponseCor {
            id,
            number: row.get(8)?,
            title: row.get(9)?,
            status: row.get(10)?,
            total: row.get(11)?,
            currency: row.get(12)?,
        })
    });
    Ok(NotificationResponse {
        contract: row.get(0)?,
        contract_name: row.get(1)?,
        contractor: row.get(2)?,
        contractor_name: row.get(3)?,
        response: row.get(4)?,
        note: row.get(5)?,
        answered_at: row.get(6)?,
        cor: cor.transpose()?,
    })
}

impl CompanyTx<'_> {
    /// What the company asked on a project, the newest first.
    pub fn notifications_sent(&mut self, project: ProjectId) -> Result<Vec<ChangeNotification>, StoreError> {
        let sql = format!("{NOTIFICATION} WHERE n.customer_id = $1 AND n.project_id = $2 ORDER BY n.number DESC");
        self.tx.readable(&sql, &[self.company.into(), project.into()], notification)
    }

    /// What the company is asked on a project, the newest first.
    pub fn notifications_received(&mut self, project: ProjectId) -> Result<Vec<ChangeNotification>, StoreError> {
        let sql = format!("{NOTIFICATION} WHERE {RECEIVED} AND n.project_id = $2 ORDER BY n.created_at DESC, n.id");
        self.tx.readable(&sql, &[self.company.into(), project.into()], notification)
    }

    /// One notification that the company sent or is asked by.
    pub fn notification(&mut self, id: ChangeNotificationId) -> Result<Option<ChangeNotification>, StoreError> {
        let sql = format!("{NOTIFICATION} WHERE n.id = $2 AND (n.customer_id = $1 OR {RECEIVED})");
        self.tx.one(&sql, &[self.company.into(), id.into()], notification)
    }

    /// The answers the company may see: all of them as the customer, its own as a contractor.
    pub fn notification_responses(
        &mut self,
        id: ChangeNotificationId,
    ) -> Result<Vec<NotificationResponse>, StoreError> {
        let sql = format!("{RESPONSE} AND r.notification_id = $2 ORDER BY co.name_key, k.name, r.contract_id");
        self.tx.readable(&sql, &[self.company.into(), id.into()], response)
    }

    /// The company's own answers to what it is asked on a project.
    pub fn own_notification_responses(
        &mut self,
        project: ProjectId,
    ) -> Result<Vec<(ChangeNotificationId, NotificationResponse)>, StoreError> {
        let sql = format!("{RESPONSE} AND r.contractor_id = $1 AND n.project_id = $2 ORDER BY k.name, r.contract_id");
        self.tx.readable(&sql, &[self.company.into(), project.into()], |row| Ok((row.get(13)?, response(row)?)))
    }

    /// How many notifications of a project wait for this company's answer.
    pub fn notifications_waiting(&mut self, project: ProjectId) -> Result<i64, StoreError> {
        let waiting = self.tx.one(
            "SELECT COUNT(*) FROM change_notification_response r \
             JOIN change_notification n ON n.id = r.notification_id \
             WHERE r.contractor_id = $1 AND n.project_id = $2 AND r.response = 'waiting'",
            &[self.company.into(), project.into()],
            |row| row.get(0),
        )?;
        Ok(waiting.unwrap_or(0))
    }

    /// Sends a notification to the contractors of contracts in which the company is the customer, and answers its
    /// number. [`StoreError::MissingReference`] if one of the contracts is not such a contract of the project.
    pub fn add_notification(&mut self, new: &NewNotification) -> Result<i64, StoreError> {
        let last: Option<Option<i64>> = self.tx.one(
            "SELECT MAX(number) FROM change_notification WHERE customer_id = $1 AND project_id = $2",
            &[self.company.into(), new.project.into()],
            |row| row.get(0),
        )?;
        let number = last.flatten().unwrap_or(0) + 1;
        self.tx.exec_one(
            "INSERT INTO change_notification (id, project_id, customer_id, number, title, description, due_on, \
             reference, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            &[
                new.id.into(),
                new.project.into(),
                self.company.into(),
                number.into(),
                (&new.title).into(),
                (&new.description).into(),
                new.due_on.into(),
                (&new.reference).into(),
                new.person.into(),
                new.now.into(),
            ],
        )?;
        for contract in &new.contracts {
            let asked = self.tx.exec(
                "INSERT INTO change_notification_response (notification_id, contract_id, contractor_id, response, note) \
                 SELECT n.id, k.id, k.contractor_id, 'waiting', '' FROM contract k \
                 JOIN change_notification n ON n.id = $4 \
                 WHERE k.id = $3 AND k.customer_id = $1 AND k.project_id = $2",
                &[self.company.into(), new.project.into(), (*contract).into(), new.id.into()],
            )?;
            if asked != 1 {
                return Err(StoreError::MissingReference);
            }
        }
        Ok(number)
    }

    /// Answers for one contract. The COR must be one the company sends under it; an answer may be given anew.
    /// [`StoreError::Expected1Row`] if it is not the company's to answer, or the COR is another's.
    pub fn answer_notification(
        &mut self,
        id: ChangeNotificationId,
        contract: ContractId,
        reply: &Reply,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (response, cor, note): (Response, Option<CorId>, &str) = match reply {
            Reply::Cor(cor) => (Response::Answered, Some(*cor), ""),
            Reply::Declined(note) => (Response::Declined, None, note),
        };
        let params: Vec<Val> =
            vec![self.company.into(), id.into(), contract.into(), response.into(), cor.into(), note.into(), now.into()];
        self.tx.exec_one(
            "UPDATE change_notification_response SET response = $4, cor_id = $5, note = $6, answered_at = $7 \
             WHERE contractor_id = $1 AND notification_id = $2 AND contract_id = $3 AND ($4 = 'declined' OR EXISTS \
             (SELECT 1 FROM cor c WHERE c.id = $5 AND c.sender_id = $1 AND c.contract_id = $3))",
            &params,
        )
    }

    /// The company's own CORs under a contract that answer no notification yet, the newest first.
    pub fn cors_to_answer_with(&mut self, contract: ContractId) -> Result<Vec<ResponseCor>, StoreError> {
        self.tx.readable(
            "SELECT c.id, c.number, c.title, c.status, c.total, c.currency FROM cor c \
             WHERE c.sender_id = $1 AND c.contract_id = $2 AND c.status <> 'void' AND NOT EXISTS \
             (SELECT 1 FROM change_notification_response r WHERE r.cor_id = c.id) ORDER BY c.id DESC LIMIT 500",
            &[self.company.into(), contract.into()],
            |row| {
                Ok(ResponseCor {
                    id: row.get(0)?,
                    number: row.get(1)?,
                    title: row.get(2)?,
                    status: row.get(3)?,
                    total: row.get(4)?,
                    currency: row.get(5)?,
                })
            },
        )
    }

    /// Whether a COR is offered as an answer already: it answers one notification at most.
    pub fn answers_a_notification(&mut self, cor: CorId) -> Result<bool, StoreError> {
        let found = self.tx.query(
            "SELECT 1 FROM change_notification_response r WHERE r.contractor_id = $1 AND r.cor_id = $2 LIMIT 1",
            &[self.company.into(), cor.into()],
            |_| Ok(()),
        )?;
        Ok(!found.is_empty())
    }
}
