//! CORs: one record that sender and receiver share. Every change moves the logs of both along, in the same unit.

use domain::{
    CompanyId, ContractId, CorId, Currency, Money, Named, NamedCompany, NamedContract, ProjectId,
    cor::{Breakdown, BrokenDown, CorNumber, Price, PriceInJson, Recorded, Status},
    procore::Side,
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    cor_lines::{line, write_lines},
    log::keep,
    standing,
};
use crate::{
    db::{Row, StoreError, Val},
    many::{self, placeholders},
    scope::CompanyTx,
};

pub use super::cor_status::NewStatus;

/// The columns of the unique rule on numbers, as [`StoreError::Conflict`] names them.
pub const NUMBER_TAKEN: &str = "cor.project_id, cor.sender_id, cor.number_key";

/// A COR as one of its two companies sees it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(as = SharedCor)]
pub struct Cor {
    /// Its id.
    pub id: CorId,
    /// The project it belongs to.
    #[serde(skip)]
    pub project: ProjectId,
    /// The contract it changes.
    pub contract: NamedContract,
    /// Who asks: the contract's contractor.
    pub sender: NamedCompany,
    /// Who is asked: the contract's customer.
    pub receiver: NamedCompany,
    /// Whether somebody signs in for the receiver.
    #[serde(skip)]
    pub receiver_joined: bool,
    /// Its number, unique per project and sender.
    #[schema(value_type = String)]
    pub number: CorNumber,
    /// What it is about, in one line.
    pub title: String,
    /// What it is about, at length.
    pub description: String,
    /// The customer's own reference.
    pub customer_reference: String,
    /// Where it stands.
    pub status: Status,
    /// Why, as whoever set the status said; may be empty.
    pub status_reason: String,
    /// The approval, where the sender recorded it because the receiver had not joined; else null.
    #[serde(rename = "recorded_approval")]
    pub recorded: Option<Recorded>,
    /// The project's currency.
    pub currency: Currency,
    /// Line items and overtyped total.
    #[serde(flatten)]
    #[schema(value_type = PriceInJson)]
    pub price: Price,
    /// Counts changes; a change names the one it was made on.
    pub revision: i64,
    /// The revision that last changed what is pushed: number, title, lines or total, or whether anything of it is.
    #[serde(skip)]
    pub priced: i64,
    /// When the receiver was first asked to review it; null before that.
    pub submitted_at: Option<Timestamp>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A COR to be made.
#[derive(Clone, Debug)]
pub struct NewCor {
    /// Its id.
    pub id: CorId,
    /// The contract it changes; the company must be its contractor.
    pub contract: ContractId,
    /// Its number; nothing takes the next one of the sequence.
    pub number: Option<CorNumber>,
    /// What its sender writes.
    pub content: CorContent,
    /// When.
    pub at: Timestamp,
}

/// What a sender writes, beside the number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CorContent {
    /// What it is about, in one line.
    pub title: String,
    /// What it is about, at length.
    pub description: String,
    /// The customer's own reference.
    pub customer_reference: String,
    /// Line items and overtyped total.
    pub price: Price,
}

impl CorContent {
    /// A title and a price; the rest is left empty.
    pub fn new(title: impl Into<String>, price: Price) -> Self {
        Self { title: title.into(), description: String::new(), customer_reference: String::new(), price }
    }
}

/// Where a COR is sent: what its contract says.
#[derive(Clone, Debug)]
pub struct CorPlace {
    /// The contract's project.
    pub project: ProjectId,
    /// The contract.
    pub contract: NamedContract,
    /// Its contractor.
    pub sender: NamedCompany,
    /// Its customer.
    pub receiver: NamedCompany,
    /// Whether somebody signs in for the customer.
    pub receiver_joined: bool,
    /// The project's currency.
    pub currency: Currency,
}

impl Cor {
    /// The side that `company` is on, which is one of its two.
    pub fn side(&self, company: CompanyId) -> Side {
        if self.sender.id == company { Side::Sent } else { Side::Received }
    }

    /// The company at the other end, as `side` sees it.
    pub fn counterparty(&self, side: Side) -> &NamedCompany {
        match side {
            Side::Sent => &self.receiver,
            Side::Received => &self.sender,
        }
    }

    /// The amount requested.
    pub fn total(&self) -> Money {
        self.price.total()
    }

    /// A new Draft.
    pub fn begun(id: CorId, place: CorPlace, number: CorNumber, content: CorContent, at: Timestamp) -> Self {
        let CorPlace { project, contract, sender, receiver, receiver_joined, currency } = place;
        let CorContent { title, description, customer_reference, price } = content;
        Self {
            id,
            project,
            contract,
            sender,
            receiver,
            receiver_joined,
            number,
            title,
            description,
            customer_reference,
            status: Status::Draft,
            status_reason: String::new(),
            recorded: None,
            currency,
            price,
            revision: 1,
            priced: 1,
            submitted_at: None,
            created_at: at,
            updated_at: at,
        }
    }

    /// What its sender wrote, to be changed and written again.
    pub fn content(&self) -> CorContent {
        CorContent {
            title: self.title.clone(),
            description: self.description.clone(),
            customer_reference: self.customer_reference.clone(),
            price: self.price.clone(),
        }
    }

    /// The lines that it should have in Procore in that detail: none where its status has no place there.
    pub fn in_procore(&self, breakdown: Breakdown) -> Vec<BrokenDown> {
        if self.status.belongs_in_procore() { self.price.broken_down(breakdown, &self.title) } else { Vec::new() }
    }

    /// What they add up to.
    pub fn due_in_procore(&self) -> Money {
        if self.status.belongs_in_procore() { self.total() } else { Money::ZERO }
    }
}

pub(super) const COLUMNS: &str = "c.id, c.project_id, c.contract_id, k.name, c.sender_id, s.name, c.receiver_id, r.name, c.number, \
     c.title, c.description, c.customer_reference, c.status, c.currency, c.overtyped, c.revision, c.priced, \
     c.submitted_at, c.created_at, c.updated_at, r.claimed, c.status_reason, c.recorded_means, c.recorded_on \
     FROM cor c JOIN contract k ON k.id = c.contract_id JOIN company s ON s.id = c.sender_id \
     JOIN company r ON r.id = c.receiver_id \
     WHERE (c.sender_id = $1 OR (c.receiver_id = $1 AND c.status <> 'draft'))";

pub(super) fn cor(row: &Row) -> Result<Cor, StoreError> {
    Ok(Cor {
        id: row.get(0)?,
        project: row.get(1)?,
        contract: Named { id: row.get(2)?, name: row.get(3)? },
        sender: Named { id: row.get(4)?, name: row.get(5)? },
        receiver: Named { id: row.get(6)?, name: row.get(7)? },
        receiver_joined: row.get(20)?,
        number: row.get(8)?,
        title: row.get(9)?,
        description: row.get(10)?,
        customer_reference: row.get(11)?,
        status: row.get(12)?,
        status_reason: row.get(21)?,
        recorded: match (row.get(22)?, row.get(23)?) {
            (Some(means), Some(on)) => Some(Recorded { means, on }),
            _ => None,
        },
        currency: row.get(13)?,
        price: Price { lines: Vec::new(), overtyped: row.get(14)? },
        revision: row.get(15)?,
        priced: row.get(16)?,
        submitted_at: row.get(17)?,
        created_at: row.get(18)?,
        updated_at: row.get(19)?,
    })
}

impl CompanyTx<'_> {
    /// A COR that this company sent, or received and may see: a Draft is its sender's alone.
    pub fn cor(&mut self, id: CorId) -> Result<Option<Cor>, StoreError> {
        Ok(self.cors(&[id])?.pop())
    }

    /// Those of `ids` that this company may see, by number.
    pub fn cors(&mut self, ids: &[CorId]) -> Result<Vec<Cor>, StoreError> {
        let mut found: Vec<Cor> = Vec::with_capacity(ids.len());
        for some in many::chunks(ids) {
            let params: Vec<Val> = std::iter::once(self.company.into()).chain(some.iter().cloned()).collect();
            let names = placeholders(2, some.len());
            let mut cors = self.tx.query(&format!("SELECT {COLUMNS} AND c.id IN ({names})"), &params, cor)?;
            cors.sort_by_key(|cor| cor.id);
            let sql = format!(
                "SELECT cor_id, id, section, description, quantity, unit, rate, amount FROM cor_line \
                 WHERE cor_id IN ({}) ORDER BY cor_id, position",
                placeholders(1, some.len())
            );
            let lines = self.tx.query(&sql, &some, |row| Ok((row.get::<CorId>(0)?, line(row)?)))?;
            for (id, line) in lines {
                if let Ok(at) = cors.binary_search_by_key(&id, |cor| cor.id) {
                    cors[at].price.lines.push(line);
                }
            }
            found.append(&mut cors);
        }
        found.sort_by_cached_key(|cor| (cor.number.key(), cor.id));
        Ok(found)
    }

    /// A new Draft; nothing when the company is not the contractor of that contract. [`StoreError::Conflict`] of
    /// [`NUMBER_TAKEN`] when the number is used.
    pub fn create_cor(&mut self, new: &NewCor) -> Result<Option<Cor>, StoreError> {
        let Some(place) = self.place_of_cor(new.contract)? else { return Ok(None) };
        let number = match &new.number {
            Some(number) => number.clone(),
            None => match self.next_cor_number(place.project)? {
                Some(number) => number,
                None => return Ok(None),
            },
        };
        let made = Cor::begun(new.id, place, number, new.content.clone(), new.at);
        self.tx.exec_one(
            "INSERT INTO cor (id, project_id, contract_id, sender_id, receiver_id, number, number_key, title, description, \
             customer_reference, status, currency, total, overtyped, revision, priced, submitted_at, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, NULL, $17, $17)",
            &[
                made.id.into(),
                made.project.into(),
                made.contract.id.into(),
                made.sender.id.into(),
                made.receiver.id.into(),
                (&made.number).into(),
                made.number.key().into(),
                (&made.title).into(),
                (&made.description).into(),
                (&made.customer_reference).into(),
                made.status.into(),
                made.currency.into(),
                made.total().into(),
                made.price.overtyped.into(),
                made.revision.into(),
                made.priced.into(),
                made.created_at.into(),
            ],
        )?;
        write_lines(self.tx, made.id, &made.price.lines)?;
        self.advance_cor_number(made.project, &made.number)?;
        keep::follow(self.tx, std::slice::from_ref(&made))?;
        Ok(Some(made))
    }

    /// Where the company's CORs under a contract go; nothing unless it is the contract's contractor.
    fn place_of_cor(&mut self, contract: ContractId) -> Result<Option<CorPlace>, StoreError> {
        let sql = "SELECT k.project_id, k.name, s.name, k.customer_id, r.name, r.claimed, p.currency FROM contract k \
                   JOIN project p ON p.id = k.project_id JOIN company s ON s.id = k.contractor_id \
                   JOIN company r ON r.id = k.customer_id WHERE k.id = $1 AND k.contractor_id = $2";
        let company = self.company;
        self.tx.one(sql, &[contract.into(), company.into()], |row| {
            Ok(CorPlace {
                project: row.get(0)?,
                contract: Named { id: contract, name: row.get(1)? },
                sender: Named { id: company, name: row.get(2)? },
                receiver: Named { id: row.get(3)?, name: row.get(4)? },
                receiver_joined: row.get(5)?,
                currency: row.get(6)?,
            })
        })
    }

    /// Changes what the sender wrote, and answers the COR as it is now. [`StoreError::Expected1Row`] when it changed
    /// since `before` was read or the company is not its sender; [`StoreError::Conflict`] of [`NUMBER_TAKEN`] when the
    /// number is used. Links whose lines no longer say what the COR says become *update needed*.
    pub fn update_cor(
        &mut self,
        before: &Cor,
        number: &CorNumber,
        content: &CorContent,
        at: Timestamp,
    ) -> Result<Cor, StoreError> {
        let revision = before.revision + 1;
        let repriced = before.number != *number || before.title != content.title || before.price != content.price;
        let priced = if repriced { revision } else { before.priced };
        self.tx.exec_one(
            "UPDATE cor SET number = $4, number_key = $5, title = $6, description = $7, customer_reference = $8, total = $9, \
             overtyped = $10, revision = $11, priced = $12, updated_at = $13 WHERE id = $1 AND sender_id = $2 AND revision = $3",
            &[
                before.id.into(),
                self.company.into(),
                before.revision.into(),
                number.into(),
                number.key().into(),
                (&content.title).into(),
                (&content.description).into(),
                (&content.customer_reference).into(),
                content.price.total().into(),
                content.price.overtyped.into(),
                revision.into(),
                priced.into(),
                at.into(),
            ],
        )?;
        if before.price.lines != content.price.lines {
            self.tx.exec("DELETE FROM cor_line WHERE cor_id = $1", &[before.id.into()])?;
            write_lines(self.tx, before.id, &content.price.lines)?;
        }
        if before.number != *number {
            self.advance_cor_number(before.project, number)?;
        }
        let after = self.cor(before.id)?.ok_or(StoreError::Expected1Row { changed: 0 })?;
        if repriced && after.status.belongs_in_procore() {
            standing::outdate_links(self.tx, &after)?;
        }
        keep::follow(self.tx, std::slice::from_ref(&after))?;
        Ok(after)
    }

    /// Removes a Draft of this company as if it had never been; a Change Notification that it answered waits again.
    /// [`StoreError::Expected1Row`] when it is no Draft of this company, [`StoreError::MissingReference`] when it is
    /// tied to Procore.
    pub fn delete_draft(&mut self, draft: &Cor) -> Result<(), StoreError> {
        keep::forget(self.tx, &[draft.id])?;
        self.tx.exec(
            "UPDATE change_notification_response SET response = 'waiting', cor_id = NULL, answered_at = NULL \
             WHERE cor_id = $1 AND contractor_id = $2",
            &[draft.id.into(), self.company.into()],
        )?;
        self.tx.exec_one(
            "DELETE FROM cor WHERE id = $1 AND sender_id = $2 AND status = 'draft'",
            &[draft.id.into(), self.company.into()],
        )
    }
}
