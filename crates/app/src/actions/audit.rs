//! The record of what was pushed: checked, read and exported.

use domain::{
    CompanyId, CorId, PushId,
    audit::{
        Event, Fact, Kept, Told as ToldEvent,
        chain::{Check, Flaw, Hash, Head, Sealed},
    },
    procore::Side,
    role::Actor,
};
use serde::Serialize;
use serde_json::value::RawValue;
use store::{
    CompanyTx, Store,
    repo::{audit::Told, cor::Cor, link::Link},
};

use super::cor_story::visible_cor;
use crate::{App, Error};

/// Entries read at a time.
const PAGE: u32 = 1000;

/// A company's record, checked from its beginning.
#[derive(Debug, Clone)]
pub struct Verified {
    /// Whose.
    pub company: CompanyId,
    /// Their name.
    pub name: String,
    /// How many entries were read.
    pub entries: u64,
    /// Where it ends: to be kept elsewhere, for only that shows later that its end was not cut off or written anew.
    pub head: Head,
    /// What is wrong with it.
    pub flaws: Vec<Flaw>,
}

/// Checks every company's record, page by page while others may add to it.
pub async fn verify(store: &Store) -> Result<Vec<Verified>, Error> {
    let mut all = Vec::new();
    for (company, name) in store.read(store::Tx::audited).await? {
        all.push(verify_one(store, company, name).await?);
    }
    Ok(all)
}

async fn verify_one(store: &Store, company: CompanyId, name: String) -> Result<Verified, Error> {
    let (mut check, mut after, mut entries, mut flaws) = (Check::new(company), i64::MIN, 0, Vec::new());
    loop {
        // The head of the same moment as the last page: what others add is in both or in neither.
        let (page, head) = store
            .read_snapshot(move |tx| {
                let mut us = tx.of(company);
                Ok::<_, Error>((us.audit_after(after, PAGE)?, us.audit_head()?))
            })
            .await?;
        for entry in &page {
            flaws.extend(check.next(entry));
            (after, entries) = (entry.seq, entries + 1);
        }
        if page.len() < PAGE as usize {
            let (head, flaw) = check.end(head);
            flaws.extend(flaw);
            return Ok(Verified { company, name, entries, head, flaws });
        }
    }
}

/// Whether an entry with this hash is in one of the records, and which: company and number.
pub async fn entry_with(store: &Store, hash: Hash) -> Result<Option<(CompanyId, i64)>, Error> {
    Ok(store
        .read(move |tx| {
            for (company, _) in tx.audited()? {
                if let Some(seq) = tx.of(company).audit_entry_with(hash)? {
                    return Ok(Some((company, seq)));
                }
            }
            Ok::<_, store::StoreError>(None)
        })
        .await?)
}

/// An entry as it is handed out. Whoever has it can reckon its hash by the rules of [`domain::audit::chain`].
#[derive(Debug, Serialize)]
pub struct Line {
    /// Whose record it is from.
    pub company: CompanyId,
    /// Its number there.
    pub seq: i64,
    /// When, in microseconds since 1970 UTC.
    pub at: i64,
    /// When, to be read.
    pub time: jiff::Timestamp,
    /// What, as a word.
    pub kind: String,
    /// In which project.
    pub project: domain::ProjectId,
    /// In which push.
    pub push: Option<domain::PushId>,
    /// About which COR.
    pub cor: Option<CorId>,
    /// What both companies may read, byte for byte as it was hashed.
    pub told: Box<RawValue>,
    /// What the pushing company alone may read, byte for byte as it was hashed; nothing for anybody else.
    pub kept: Option<Box<RawValue>>,
    /// The SHA-256 of `kept`.
    pub kept_hash: String,
    /// The hash of the entry before.
    pub prev: String,
    /// Of this one.
    pub hash: String,
}

impl Line {
    fn of(entry: &Sealed, kept_hash: Hash, own: bool) -> Result<Self, Error> {
        let raw = |text: &str| RawValue::from_string(text.to_owned()).map_err(Error::internal);
        Ok(Self {
            company: entry.company,
            seq: entry.seq,
            at: entry.at,
            time: entry.time(),
            kind: entry.kind.clone(),
            project: entry.project,
            push: entry.push,
            cor: entry.cor,
            told: raw(&entry.told)?,
            kept: own.then(|| raw(&entry.kept)).transpose()?,
            kept_hash: kept_hash.to_string(),
            prev: entry.prev.to_string(),
            hash: entry.hash.to_string(),
        })
    }

    fn own(entry: &Sealed) -> Result<Self, Error> {
        Self::of(entry, Hash::of(&entry.kept), true)
    }

    fn told(told: &Told) -> Result<Self, Error> {
        Self::of(&told.entry, told.kept, false)
    }
}

/// The headings of [`Line::csv`].
pub const CSV_HEADINGS: &str = "company,seq,time,at,kind,project,push,cor,told,kept,kept_hash,prev,hash\r\n";

impl Line {
    /// As a line of JSON.
    pub fn json(&self) -> Result<String, Error> {
        Ok(serde_json::to_string(self).map_err(Error::internal)? + "\n")
    }

    /// As a line of comma-separated values (RFC 4180). No field begins with a character that a spreadsheet takes for a
    /// formula: they are ids, hashes, numbers, words of ours and JSON objects.
    pub fn csv(&self) -> String {
        let or_empty = |id: Option<String>| id.unwrap_or_default();
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let fields = [
            self.company.to_string(),
            self.seq.to_string(),
            self.time.to_string(),
            self.at.to_string(),
            self.kind.clone(),
            self.project.to_string(),
            or_empty(self.push.map(|id| id.to_string())),
            or_empty(self.cor.map(|id| id.to_string())),
            quoted(self.told.get()),
            quoted(self.kept.as_ref().map_or("", |kept| kept.get())),
            self.kept_hash.clone(),
            self.prev.clone(),
            self.hash.clone(),
        ];
        fields.join(",") + "\r\n"
    }
}

/// How far an export has come.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    ours: Option<i64>,
    theirs: (CompanyId, i64),
}

impl Place {
    /// Before the first entry.
    pub fn start() -> Self {
        Self { ours: Some(0), theirs: (CompanyId(uuid::Uuid::nil()), 0) }
    }
}

/// The next page of what a company may take with it: its own record whole, then what other companies' records say about
/// CORs it sent or received, without what is theirs alone. An empty page is the end.
pub async fn export(store: &Store, company: CompanyId, from: Place) -> Result<(Vec<Line>, Place), Error> {
    store
        .read(move |tx| {
            let mut us = tx.of(company);
            if let Some(after) = from.ours {
                let page = us.audit_after(after, PAGE)?;
                if let Some(last) = page.last() {
                    let next = Place { ours: Some(last.seq), ..from };
                    return Ok((page.iter().map(Line::own).collect::<Result<_, _>>()?, next));
                }
            }
            let page = us.audit_told_to_us(None, from.theirs, PAGE)?;
            let last = page.last().map_or(from.theirs, |told| (told.entry.company, told.entry.seq));
            let next = Place { ours: None, theirs: last };
            Ok((page.iter().map(Line::told).collect::<Result<_, _>>()?, next))
        })
        .await
}

/// The export of a whole company is its Account Owner's.
pub fn may_export(actor: &Actor) -> Result<(), Error> {
    Ok(actor.may_change_company()?)
}

/// Where the actor's company's record ends.
pub async fn head(app: &App, actor: &Actor) -> Result<Head, Error> {
    let company = actor.company;
    Ok(app.store.read(move |tx| tx.of(company).audit_head()).await?)
}

/// What a company may read about one COR.
#[derive(Debug, Clone)]
pub struct CorRecord {
    /// The COR.
    pub cor: Cor,
    /// Which side the reader's company is on.
    pub side: Side,
    /// Its own entries, the newest first.
    pub ours: Vec<Sealed>,
    /// Those of the other company, the newest first.
    pub theirs: Vec<Told>,
}

/// The record of one COR.
pub async fn of_cor(app: &App, actor: &Actor, id: CorId) -> Result<CorRecord, Error> {
    let actor = actor.clone();
    app.store
        .read(move |tx| {
            let mut us = tx.of(actor.company);
            let (cor, _) = visible_cor(&mut us, &actor, id)?;
            let side = if cor.sender == actor.company { Side::Sent } else { Side::Received };
            let ours = us.audit_of_cor(id)?;
            let mut theirs = us.audit_told_to_us(Some(id), Place::start().theirs, PAGE)?;
            theirs.reverse();
            Ok(CorRecord { cor, side, ours, theirs })
        })
        .await
}

/// What a person decided about a COR, for the record.
#[derive(Debug, Clone)]
pub(crate) struct Decision {
    /// Goes on from their name: "unlinked it; its lines stay in Procore". Both companies of the COR may read it.
    pub says: String,
    /// For their own company alone; may be empty.
    pub why: String,
    /// The change event that it is about.
    pub event: Option<i64>,
    /// The push that carries it out.
    pub push: Option<PushId>,
}

impl Decision {
    /// That of a COR's tie.
    pub fn new(link: &Link, says: impl Into<String>, why: impl Into<String>) -> Self {
        Self { says: says.into(), why: why.into(), event: link.event, push: None }
    }

    /// As an entry, for units that add more than this one to the record.
    pub fn fact(self, app: &App, us: &mut CompanyTx<'_>, actor: &Actor, cor: &Cor) -> Result<Fact, Error> {
        let told =
            ToldEvent::CorDecided { number: cor.number.to_string(), by: actor.name.clone(), decision: self.says };
        let login = us.login_of(actor.person)?.map(|login| login.procore_user);
        let kept = Kept { login, event: self.event, why: self.why, ..Kept::salted(&*app.entropy) };
        let event = Event::Cor { cor: cor.id, told, kept };
        Ok(Fact { at: app.now(), project: cor.project, push: self.push, event })
    }

    /// Keeps it in the record. Call it in the unit that carries it out.
    pub fn keep(self, app: &App, us: &mut CompanyTx<'_>, actor: &Actor, cor: &Cor) -> Result<(), Error> {
        let fact = self.fact(app, us, actor, cor)?;
        Ok(us.append_audit(&[fact])?)
    }
}
