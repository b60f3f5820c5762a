//! The record of pushes: extended in the unit of the event itself; read to check, show and export it.

use domain::{
    CompanyId, CorId,
    audit::{
        Fact,
        chain::{ChainHead, Hash, SealedEntry},
    },
};

use crate::{CompanyTx, FromVal, Row, StoreError, Tx, Val, db::Cell, many};

impl From<Hash> for Val {
    fn from(hash: Hash) -> Self {
        Self::Blob(hash.0.to_vec())
    }
}

impl FromVal for Hash {
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Blob(bytes) => bytes.try_into().ok().map(Self),
            _ => None,
        }
    }
}

const ENTRY: &str = "SELECT a.company_id, a.seq, a.at, a.kind, a.project_id, a.push_id, a.cor_id, a.told, a.kept, \
     a.prev, a.hash FROM audit_record a";

fn entry(row: &Row) -> Result<SealedEntry, StoreError> {
    Ok(SealedEntry {
        company: row.get(0)?,
        seq: row.get(1)?,
        at: row.get(2)?,
        kind: row.get(3)?,
        project: row.get(4)?,
        push: row.get(5)?,
        cor: row.get(6)?,
        told: row.get(7)?,
        kept: row.get(8)?,
        prev: row.get(9)?,
        hash: row.get(10)?,
    })
}

impl Tx {
    /// The companies that have a record, and their names.
    pub fn audited(&mut self) -> Result<Vec<(CompanyId, String)>, StoreError> {
        self.query(
            "SELECT c.id, c.name FROM company c WHERE EXISTS (SELECT 1 FROM audit_head h WHERE h.company_id = c.id) \
             OR EXISTS (SELECT 1 FROM audit_record r WHERE r.company_id = c.id) ORDER BY c.name, c.id",
            &[],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }
}

impl CompanyTx<'_> {
    /// Adds to the company's record. Call it in the unit that makes it happen, once, with all that it makes happen: units
    /// of one company that add to its record follow one another.
    pub fn append_audit(&mut self, facts: &[Fact]) -> Result<(), StoreError> {
        if facts.is_empty() {
            return Ok(());
        }
        let company = self.company;
        // Taken at once, so that two units of PostgreSQL meet here and not at the end of their work.
        let head = self.tx.one(
            "INSERT INTO audit_head (company_id, seq, hash) VALUES ($1, 0, $2) \
             ON CONFLICT (company_id) DO UPDATE SET seq = audit_head.seq RETURNING seq, hash",
            &[company.into(), Hash::before(company).into()],
            |row| Ok(ChainHead { seq: row.get(0)?, hash: row.get(1)? }),
        )?;
        let mut head = head.ok_or_else(|| StoreError::Internal("a record has no head".to_owned()))?;
        let mut entries = Vec::with_capacity(facts.len());
        for fact in facts {
            let sealed = SealedEntry::after(head, company, fact)
                .map_err(|e| StoreError::Internal(format!("an entry cannot be written as JSON: {e}")))?;
            head = sealed.head();
            entries.push(sealed);
        }
        self.add(entries)?;
        self.tx.exec_one(
            "UPDATE audit_head SET seq = $2, hash = $3 WHERE company_id = $1",
            &[company.into(), head.seq.into(), head.hash.into()],
        )
    }

    fn add(&mut self, entries: Vec<SealedEntry>) -> Result<(), StoreError> {
        let rows = entries.into_iter().map(|entry| {
            [
                entry.company.into(),
                entry.seq.into(),
                entry.at.into(),
                entry.kind.into(),
                entry.project.into(),
                entry.push.into(),
                entry.cor.into(),
                entry.told.into(),
                entry.kept.into(),
                entry.prev.into(),
                entry.hash.into(),
            ]
        });
        let head = "INSERT INTO audit_record (company_id, seq, at, kind, project_id, push_id, cor_id, told, kept, prev, hash) \
                    VALUES";
        many::insert(self.tx, head, rows, "")?;
        Ok(())
    }

    /// Where the company's record ends.
    pub fn audit_head(&mut self) -> Result<ChainHead, StoreError> {
        let sql = "SELECT seq, hash FROM audit_head WHERE company_id = $1";
        let head =
            self.tx.one(sql, &[self.company.into()], |row| Ok(ChainHead { seq: row.get(0)?, hash: row.get(1)? }))?;
        Ok(head.unwrap_or(ChainHead::before(self.company)))
    }

    /// The company's entries after number `seq`, in their order, `limit` at most.
    pub fn audit_after(&mut self, seq: i64, limit: u32) -> Result<Vec<SealedEntry>, StoreError> {
        let sql = format!("{ENTRY} WHERE a.company_id = $1 AND a.seq > $2 ORDER BY a.seq LIMIT $3");
        self.tx.query(&sql, &[self.company.into(), seq.into(), limit.into()], entry)
    }

    /// Whether an entry of the company has this hash, and which.
    pub fn audit_entry_with(&mut self, hash: Hash) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT seq FROM audit_record WHERE company_id = $1 AND hash = $2 ORDER BY seq LIMIT 1";
        self.tx.one(sql, &[self.company.into(), hash.into()], |row| row.get(0))
    }

    /// The company's own entries about a COR: those that name it, and those about the pushes it was in. The newest first.
    pub fn audit_of_cor(&mut self, cor: CorId) -> Result<Vec<SealedEntry>, StoreError> {
        let sql = format!(
            "{ENTRY} WHERE a.company_id = $1 AND (a.cor_id = $2 OR (a.cor_id IS NULL AND a.push_id IN \
             (SELECT c.push_id FROM push_cor c WHERE c.cor_id = $2))) ORDER BY a.seq DESC"
        );
        self.tx.query(&sql, &[self.company.into(), cor.into()], entry)
    }

    /// Whether there is an entry about a COR that this company sent or received, in any company's record.
    pub fn is_audited(&mut self, cor: CorId) -> Result<bool, StoreError> {
        let sql = "SELECT a.seq FROM audit_record a JOIN cor c ON c.id = a.cor_id \
             WHERE a.cor_id = $2 AND (c.sender_id = $1 OR (c.receiver_id = $1 AND c.status <> 'draft')) LIMIT 1";
        Ok(self.tx.one(sql, &[self.company.into(), cor.into()], |row| row.get::<i64>(0))?.is_some())
    }

    /// What other companies' records say about CORs that this company sent or received, or about one of them; what is
    /// theirs alone is taken out, and its hash stands in its place. After entry `after` of company `from`, `limit` at most.
    pub fn audit_told_to_us(
        &mut self,
        cor: Option<CorId>,
        (from, after): (CompanyId, i64),
        limit: u32,
    ) -> Result<Vec<OtherCompanyEntry>, StoreError> {
        let one = if cor.is_some() { "AND a.cor_id = $5" } else { "" };
        let sql = format!(
            "{ENTRY} JOIN cor c ON c.id = a.cor_id WHERE a.company_id <> $1 AND (a.company_id, a.seq) > ($2, $3) \
             AND (c.sender_id = $1 OR (c.receiver_id = $1 AND c.status <> 'draft')) {one} \
             ORDER BY a.company_id, a.seq LIMIT $4"
        );
        let mut params = vec![self.company.into(), from.into(), after.into(), limit.into()];
        params.extend(cor.map(Val::from));
        self.tx.query(&sql, &params, |row| {
            let entry = entry(row)?;
            Ok(OtherCompanyEntry { kept: Hash::of(&entry.kept), entry: SealedEntry { kept: String::new(), ..entry } })
        })
    }
}

/// An entry of another company's record, without what is theirs alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherCompanyEntry {
    /// The entry; its `kept` is empty.
    pub entry: SealedEntry,
    /// The hash of the part that was taken out, to check the entry's own hash with.
    pub kept: Hash,
}
