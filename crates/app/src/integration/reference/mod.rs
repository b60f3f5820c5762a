//! Reference data of a mapped project: what the wizard lets people choose from.
//!
//! Kept as last read, so that a page opens at once; read from Procore when it was never read, and again on demand. It is
//! kept per project and company, not per person: Procore shows some people less (see `MAY_BE_HIDDEN`).

pub mod names;
pub mod unseen;

use std::collections::BTreeMap;

use domain::{ProcoreId, ProjectId, procore::Side, role::Actor};
use jiff::{SignedDuration, Timestamp};
use procore::{
    Answered, Session,
    model::{self, Listed},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use store::repo::{mapping::Mapping, reference::ReferenceRow};
use sync::{
    connection::reading,
    reference::{BUDGET_CODES, Stored},
};
use utoipa::ToSchema;

pub use sync::reference::BudgetCode;

pub use self::{names::Names, unseen::Unseen};
use super::acting::{mapping_to_read, unread};
use crate::{App, Error, push::contract_now};

/// What is older than this is read again behind the wizard.
pub const FRESH_FOR: SignedDuration = SignedDuration::from_hours(1);
/// An empty list may only mean that its reader lacked the permission (Procore answers `200 []`), so it is read again after
/// this.
const MAY_BE_HIDDEN: SignedDuration = SignedDuration::from_mins(10);

/// A status that change events may have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventStatus {
    #[serde(with = "domain::ids::as_procore_id")]
    #[schema(value_type = ProcoreId)]
    pub id: i64,
    /// The account's own word.
    pub name: String,
    /// What it means to Procore: `open`, `pending`, `closed`, `void`.
    pub mapped_to: String,
    /// Whether new change events get it in Procore.
    pub default: bool,
}

/// A type or a reason that change events may have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventChoice {
    #[serde(with = "domain::ids::as_procore_id")]
    #[schema(value_type = ProcoreId)]
    pub id: i64,
    /// The account's own word.
    pub name: String,
}

/// A contract in Procore: a subcontract or purchase order, which received CORs are paid from, or a prime contract, which
/// sent ones are paid from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ProcoreContract)]
pub struct Contract {
    #[serde(with = "domain::ids::as_procore_id")]
    #[schema(value_type = ProcoreId)]
    pub id: i64,
    pub number: String,
    pub title: String,
    /// `Draft`, `Approved`, …
    pub status: String,
    /// The company that does the work under a commitment.
    #[serde(default, rename = "vendor_id", with = "domain::ids::as_procore_id::option")]
    #[schema(value_type = Option<ProcoreId>)]
    pub vendor: Option<i64>,
    /// Its name; empty where there is none, or Procore doesn't show it.
    #[serde(default)]
    pub vendor_name: String,
    /// The currency that Procore names for it, which may be another than its project's; empty where it names none.
    #[serde(default)]
    pub currency: String,
}

impl Contract {
    /// As people name it: number and title.
    pub fn name(&self) -> String {
        format!("{} {}", self.number, self.title)
    }
}

/// What can be chosen for change events of a project and their lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReferenceData {
    /// What Procore lists and could not be read. It can't be chosen, and is told where it would be.
    pub unread: Vec<UnreadRecord>,
    /// In Procore's order, as types and reasons are.
    pub statuses: Vec<EventStatus>,
    pub types: Vec<EventChoice>,
    pub reasons: Vec<EventChoice>,
    /// By code.
    pub budget_codes: Vec<BudgetCode>,
    /// Codes that can't be chosen any more: what was chosen before is told by their names.
    #[serde(skip)]
    pub codes_gone: Vec<BudgetCode>,
    /// What received CORs are paid from, by number.
    pub commitments: Vec<Contract>,
    /// What sent CORs are paid from, by number.
    pub prime_contracts: Vec<Contract>,
    /// When the budget codes were read from Procore.
    #[serde(rename = "budget_codes_read_at")]
    pub codes_read_at: Timestamp,
    /// When the oldest part of it was read from Procore.
    #[serde(rename = "read_at")]
    pub fetched_at: Timestamp,
}

/// A record that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UnreadRecord {
    /// The list it stands in.
    pub list: Kind,
    /// Which it is, and why, in a sentence.
    pub why: String,
}

impl ReferenceData {
    fn nothing(fetched_at: Timestamp) -> Self {
        Self {
            unread: Vec::new(),
            statuses: Vec::new(),
            types: Vec::new(),
            reasons: Vec::new(),
            budget_codes: Vec::new(),
            codes_gone: Vec::new(),
            commitments: Vec::new(),
            prime_contracts: Vec::new(),
            codes_read_at: fetched_at,
            fetched_at,
        }
    }

    /// The contracts a side chooses from: commitments for cost, prime contracts for revenue.
    pub fn contracts(&self, side: Side) -> &[Contract] {
        match side {
            Side::Received => &self.commitments,
            Side::Sent => &self.prime_contracts,
        }
    }

    /// What of a kind could not be read.
    pub fn unread(&self, kind: Kind) -> impl Iterator<Item = &str> {
        self.unread.iter().filter(move |record| record.list == kind).map(|record| record.why.as_str())
    }

    /// The contracts of a side that could not be read.
    pub fn contracts_unread(&self, side: Side) -> impl Iterator<Item = &str> {
        self.unread(Kind::of_contracts(side))
    }

    /// Puts a contract as it was just read in the place of what was known of it, if anything was.
    pub(crate) fn replace(&mut self, side: Side, contract: Contract) {
        let known = match side {
            Side::Received => &mut self.commitments,
            Side::Sent => &mut self.prime_contracts,
        };
        if known.iter().any(|before| before.id == contract.id) {
            contract_now::replace(known, contract);
        } else {
            known.push(contract);
        }
    }

    /// What looks empty and may only be hidden from whoever read it, on a side.
    pub fn unseen(&self, side: Side) -> Vec<Unseen> {
        let lacks_names = self.commitments.iter().any(|c| c.vendor.is_some() && c.vendor_name.is_empty());
        // What is listed and can't be read is seen.
        let none = |kind: Kind, empty: bool| empty && self.unread(kind).next().is_none();
        [
            (side == Side::Received && none(Kind::Commitments, self.commitments.is_empty()), Unseen::Commitments),
            (side == Side::Sent && none(Kind::PrimeContracts, self.prime_contracts.is_empty()), Unseen::PrimeContracts),
            (none(Kind::BudgetCodes, self.budget_codes.is_empty()), Unseen::BudgetCodes),
            (side == Side::Received && lacks_names, Unseen::Vendors),
        ]
        .into_iter()
        .filter_map(|(is, what)| is.then_some(what))
        .collect()
    }

    /// A budget code, one that can't be chosen any more included.
    pub fn code(&self, id: i64) -> Option<&BudgetCode> {
        self.budget_codes.iter().chain(&self.codes_gone).find(|code| code.id == id)
    }

    /// Whether a budget code can be chosen.
    pub fn has_code(&self, id: i64) -> bool {
        self.budget_codes.iter().any(|code| code.id == id)
    }

    /// A contract of a side.
    pub fn contract(&self, side: Side, id: i64) -> Option<&Contract> {
        self.contracts(side).iter().find(|contract| contract.id == id)
    }
}

/// A list of Procore's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReferenceList)]
pub enum Kind {
    Statuses,
    Types,
    Reasons,
    BudgetCodes,
    /// Subcontracts and purchase orders.
    Commitments,
    PrimeContracts,
}

impl Kind {
    const ALL: [Self; 6] =
        [Self::Statuses, Self::Types, Self::Reasons, Self::BudgetCodes, Self::Commitments, Self::PrimeContracts];

    /// The word in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Statuses => "statuses",
            Self::Types => "types",
            Self::Reasons => "reasons",
            Self::BudgetCodes => BUDGET_CODES,
            Self::Commitments => "commitments",
            Self::PrimeContracts => "prime_contracts",
        }
    }

    pub(crate) const fn of_contracts(side: Side) -> Self {
        match side {
            Side::Received => Self::Commitments,
            Side::Sent => Self::PrimeContracts,
        }
    }

    /// The list that a person may not see; a vendor's name is no list of its own.
    const fn of_unseen(unseen: Unseen) -> Option<Self> {
        match unseen {
            Unseen::Commitments => Some(Self::Commitments),
            Unseen::PrimeContracts => Some(Self::PrimeContracts),
            Unseen::BudgetCodes => Some(Self::BudgetCodes),
            Unseen::Vendors => None,
        }
    }

    const fn may_be_hidden(self) -> bool {
        matches!(self, Self::BudgetCodes | Self::Commitments | Self::PrimeContracts)
    }
}

/// The reference data of a project, as last read. What was never read is read now as the actor, each kind once and all
/// at the same time.
pub async fn get(app: &App, actor: &Actor, project: ProjectId) -> Result<ReferenceData, Error> {
    let mapping = mapping_to_read(app, actor, project).await?;
    let company = actor.company;
    let mut rows = app.store.read(move |tx| tx.of(company).reference(project)).await?;
    let now = app.now();
    let missing: Vec<_> = Kind::ALL
        .into_iter()
        .filter(|kind| {
            let row = rows.iter().find(|row| row.kind == kind.code());
            row.is_none_or(|row| {
                // What an earlier version stored in another way counts as never read.
                let old = assemble_kind(*kind, row, &mut ReferenceData::nothing(row.fetched_at)).is_err();
                let hidden = kind.may_be_hidden() && lists_nothing(row);
                old || hidden && now.duration_since(row.fetched_at) >= MAY_BE_HIDDEN
            })
        })
        .collect();
    let mut fresh = if missing.is_empty() { Vec::new() } else { read(app, actor, &mapping, &missing).await? };
    let outdated = |kind: &Kind| rows.iter().any(|row| row.kind == kind.code() && row.is_outdated());
    let outdated: Vec<_> = Kind::ALL.into_iter().filter(|kind| !missing.contains(kind) && outdated(kind)).collect();
    match read(app, actor, &mapping, &outdated).await {
        Ok(read) => fresh.extend(read),
        // What is stored of it serves until it can be read.
        Err(Error::SignInToProcore(_) | Error::ProcoreRefused(_) | Error::ProcoreUnavailable(_)) => {}
        Err(error) => return Err(error),
    }
    rows.retain(|row| fresh.iter().all(|new| new.kind != row.kind));
    rows.extend(fresh);
    match assemble(&rows) {
        // What is stored of it is damaged: Procore has it still.
        Err(Error::Internal(because)) => {
            tracing::warn!(because, "stored reference data can't be read and is read anew");
            refresh(app, actor, project).await
        }
        assembled => assembled,
    }
}

/// When what is stored was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ages {
    /// The budget codes.
    pub codes: Timestamp,
    /// The oldest part of all.
    pub oldest: Timestamp,
}

/// How old what is stored is, whatever is missing aside; nothing when nothing was read yet.
pub async fn ages(app: &App, actor: &Actor, project: ProjectId) -> Result<Option<Ages>, Error> {
    mapping_to_read(app, actor, project).await?;
    let company = actor.company;
    let rows = app.store.read(move |tx| tx.of(company).reference(project)).await?;
    let times = || Kind::ALL.iter().filter_map(|kind| rows.iter().find(|row| row.kind == kind.code()));
    let oldest = times().map(|row| row.fetched_at).min();
    let codes = times().find(|row| row.kind == Kind::BudgetCodes.code()).map(|row| row.fetched_at);
    Ok(oldest.map(|oldest| Ages { codes: codes.unwrap_or(oldest), oldest }))
}

/// Whether what was read then should be read again.
pub fn is_stale(read_at: Option<Timestamp>, now: Timestamp) -> bool {
    read_at.is_none_or(|at| now.duration_since(at) >= FRESH_FOR)
}

/// Reads anew, each kind once, what is older than [`FRESH_FOR`]. Answers whether something can be chosen that could not
/// be before, or can't any more. For one who only reads, it stays as last read.
pub async fn refresh_if_stale(app: &App, actor: &Actor, project: ProjectId) -> Result<bool, Error> {
    let mapping = mapping_to_read(app, actor, project).await?;
    if actor.may_write().is_err() {
        return Ok(false);
    }
    let (company, now) = (actor.company, app.now());
    let rows = app.store.read(move |tx| tx.of(company).reference(project)).await?;
    let before = |kind: Kind| rows.iter().find(|row| row.kind == kind.code());
    let stale = |kind: &Kind| before(*kind).is_none_or(|row| is_stale(Some(row.fetched_at), now));
    let stale: Vec<_> = Kind::ALL.into_iter().filter(stale).collect();
    if stale.is_empty() {
        return Ok(false);
    }
    let fresh = read(app, actor, &mapping, &stale).await?;
    Ok(fresh.iter().any(|new| rows.iter().find(|row| row.kind == new.kind).is_none_or(|old| old.body != new.body)))
}

/// What Procore showed none of, read again: somebody may be shown it by now, and a push that went without it would lack it.
/// Where it can't be read, what was known of it stays.
pub(crate) async fn look_again(
    app: &App,
    actor: &Actor,
    mapping: &Mapping,
    side: Side,
    data: &mut ReferenceData,
) -> Result<(), Error> {
    let kinds: Vec<Kind> = data.unseen(side).into_iter().filter_map(Kind::of_unseen).collect();
    if kinds.is_empty() {
        return Ok(());
    }
    match read(app, actor, mapping, &kinds).await {
        Ok(rows) => kinds.iter().zip(&rows).try_for_each(|(kind, row)| assemble_kind(*kind, row, data)),
        Err(Error::SignInToProcore(_) | Error::ProcoreRefused(_) | Error::ProcoreUnavailable(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Reads all of it anew.
pub async fn refresh(app: &App, actor: &Actor, project: ProjectId) -> Result<ReferenceData, Error> {
    let mapping = mapping_to_read(app, actor, project).await?;
    assemble(&read(app, actor, &mapping, &Kind::ALL).await?)
}

/// Whether nothing was listed when it was read.
fn lists_nothing(row: &ReferenceRow) -> bool {
    Stored::<serde_json::Value>::of(row).is_ok_and(|stored| stored.items.is_empty() && stored.unread.is_empty())
}

/// Reads some kinds at the same time and stores them.
async fn read(app: &App, actor: &Actor, mapping: &Mapping, kinds: &[Kind]) -> Result<Vec<ReferenceRow>, Error> {
    let fetched_at = app.now();
    let (account, procore_project) = (mapping.procore_company_id, mapping.procore_project_id);
    let one = |kind: Kind| async move {
        let ids = (model::CompanyId(account), model::ProjectId(procore_project));
        let body = reading(app, actor, Some(account), move |session| fetch(kind, session, ids)).await?.value;
        Ok::<_, Error>(ReferenceRow { kind: kind.code().to_owned(), body, fetched_at })
    };
    let rows = futures_util::future::try_join_all(kinds.iter().copied().map(one)).await?;
    if rows.is_empty() {
        return Ok(rows);
    }
    let (company, project) = (actor.company, mapping.project);
    app.store
        .write(move |tx| {
            let mut us = tx.of(company);
            let before = us.reference(project)?;
            let rows = rows.iter().cloned().map(|row| with_names(row, &before)).collect::<Result<Vec<_>, Error>>()?;
            for row in &rows {
                us.store_reference(project, procore_project, row)?;
            }
            Ok(rows)
        })
        .await
}

/// A kind as read now, with what is known by name from before.
fn with_names(row: ReferenceRow, before: &[ReferenceRow]) -> Result<ReferenceRow, Error> {
    let was = before.iter().find(|was| was.kind == row.kind).filter(|_| row.kind == Kind::BudgetCodes.code());
    // What is damaged has no names to keep.
    let Some(was) = was.and_then(|was| Stored::<BudgetCode>::of(was).ok()) else { return Ok(row) };
    let body = Stored::<BudgetCode>::of(&row)?.keeping(was).body().map_err(Error::internal)?;
    Ok(ReferenceRow { body, ..row })
}

type Ids = (model::CompanyId, model::ProjectId);

/// One kind, as JSON of our own shape.
async fn fetch(kind: Kind, session: Session, (company, project): Ids) -> Result<Answered<String>, procore::Error> {
    match kind {
        Kind::Statuses => json(session.statuses(project).await?, |list| {
            let shown = list.into_iter().filter(|status| status.show_in_select);
            let status = |s: model::Status| EventStatus {
                id: s.id.0,
                name: s.name,
                mapped_to: s.mapped_to.into(),
                default: s.default_status,
            };
            shown.map(status).collect::<Vec<_>>()
        }),
        Kind::Types => json(shown(session.change_types(company).await)?, |list| {
            let shown = list.into_iter().filter(|kind| kind.show_in_select);
            shown.map(|t| EventChoice { id: t.id.0, name: t.name }).collect::<Vec<_>>()
        }),
        Kind::Reasons => json(shown(session.change_reasons(company).await)?, |list| {
            let shown = list.into_iter().filter(|reason| reason.show_in_select);
            shown.map(|r| EventChoice { id: r.id.0, name: r.name }).collect::<Vec<_>>()
        }),
        Kind::BudgetCodes => stored(shown(session.wbs_codes(project).await)?, budget_codes),
        Kind::Commitments => json(contracts(Side::Received, &session, project).await?, |list| list),
        Kind::PrimeContracts => json(contracts(Side::Sent, &session, project).await?, |list| list),
    }
}

/// The contracts that a side chooses from, by number.
pub(crate) async fn contracts(
    side: Side,
    session: &Session,
    project: model::ProjectId,
) -> Result<Answered<Listed<Contract>>, procore::Error> {
    fn by_number<R: Into<Contract>>(listed: Answered<Listed<R>>) -> Answered<Listed<Contract>> {
        let Answered { value: Listed { records, odd }, rate, date, request_id } = listed;
        let mut records: Vec<Contract> = records.into_iter().map(Into::into).collect();
        records.sort_by_cached_key(|contract| (domain::text::natural_key(&contract.number), contract.id));
        Answered { value: Listed { records, odd }, rate, date, request_id }
    }
    match side {
        Side::Received => {
            let mut list = shown(session.commitments(project).await)?;
            name_vendors(session, project, &mut list.value.records).await?;
            Ok(by_number(list))
        }
        Side::Sent => shown(session.prime_contracts(project).await).map(by_number),
    }
}

/// The codes that may be chosen, and the inactive ones, each by code.
fn budget_codes(mut list: Vec<model::WbsCode>) -> (Vec<BudgetCode>, Vec<BudgetCode>) {
    list.sort_by(|a, b| a.flat_code.cmp(&b.flat_code).then(a.id.cmp(&b.id)));
    // Procore lists "None" as a row without a code; nothing can be charged to it.
    let named = list.into_iter().filter(|code| !code.flat_code.trim().is_empty());
    let (active, inactive): (Vec<_>, Vec<_>) = named.partition(|code| code.status != "inactive");
    let code = |code: model::WbsCode| BudgetCode {
        id: code.id.0,
        description: if code.description.is_empty() { code.flat_name } else { code.description },
        code: code.flat_code,
    };
    (active.into_iter().map(code).collect(), inactive.into_iter().map(code).collect())
}

/// A list that the person may not see is empty for them.
fn shown<T>(list: Result<Answered<Listed<T>>, procore::Error>) -> Result<Answered<Listed<T>>, procore::Error> {
    match list {
        Err(procore::Error::NotFound | procore::Error::NoSuchPath | procore::Error::Forbidden(_)) => {
            Ok(Answered { value: Listed::default(), rate: None, date: None, request_id: None })
        }
        list => list,
    }
}

/// Commitments mostly name their vendor by its id alone: its name is in the directory, for whoever may see that. Without it a
/// commitment is chosen by its number and title, so nothing waits for it.
async fn name_vendors(
    session: &Session,
    project: model::ProjectId,
    commitments: &mut [model::Commitment],
) -> Result<(), procore::Error> {
    let nameless = |c: &model::Commitment| c.vendor.as_ref().is_some_and(|vendor| vendor.name.is_empty());
    if !commitments.iter().any(nameless) {
        return Ok(());
    }
    let vendors = match session.vendors(project).await {
        Ok(vendors) => vendors.value.records,
        Err(error @ procore::Error::SignInAgain(_)) => return Err(error),
        Err(error) => {
            tracing::debug!(%error, "the names of vendors can't be read");
            return Ok(());
        }
    };
    let names: BTreeMap<i64, String> = vendors.into_iter().map(|vendor| (vendor.id.0, vendor.name)).collect();
    for vendor in commitments.iter_mut().filter_map(|c| c.vendor.as_mut()).filter(|vendor| vendor.name.is_empty()) {
        vendor.name = names.get(&vendor.id.0).cloned().unwrap_or_default();
    }
    Ok(())
}

fn json<R, T: Serialize>(
    listed: Answered<Listed<R>>,
    make: impl FnOnce(Vec<R>) -> Vec<T>,
) -> Result<Answered<String>, procore::Error> {
    stored(listed, |list| (make(list), Vec::new()))
}

/// `make` answers what can be chosen, and what can't any more.
fn stored<R, T: Serialize>(
    listed: Answered<Listed<R>>,
    make: impl FnOnce(Vec<R>) -> (Vec<T>, Vec<T>),
) -> Result<Answered<String>, procore::Error> {
    let Answered { value: Listed { records, odd }, rate, date, request_id } = listed;
    let (items, gone) = make(records);
    let stored = Stored { items, unread: odd.iter().map(unread).collect(), gone };
    let value = stored.body().map_err(|error| procore::Error::Misused(error.to_string()))?;
    Ok(Answered { value, rate, date, request_id })
}

fn assemble(rows: &[ReferenceRow]) -> Result<ReferenceData, Error> {
    let oldest = rows.iter().filter(|row| Kind::ALL.iter().any(|kind| kind.code() == row.kind));
    let oldest = oldest.map(|row| row.fetched_at).min().unwrap_or(Timestamp::UNIX_EPOCH);
    let mut data = ReferenceData::nothing(oldest);
    for kind in Kind::ALL {
        let row = rows.iter().find(|row| row.kind == kind.code());
        let row = row.ok_or_else(|| Error::internal(format!("reference data lacks {}", kind.code())))?;
        assemble_kind(kind, row, &mut data)?;
    }
    Ok(data)
}

fn assemble_kind(kind: Kind, row: &ReferenceRow, data: &mut ReferenceData) -> Result<(), Error> {
    fn items<T: DeserializeOwned>(row: &ReferenceRow) -> Result<(Vec<T>, Vec<String>), Error> {
        Ok(Stored::of(row).map(|stored| (stored.items, stored.unread))?)
    }
    let unread;
    match kind {
        Kind::Statuses => (data.statuses, unread) = items(row)?,
        Kind::Types => (data.types, unread) = items(row)?,
        Kind::Reasons => (data.reasons, unread) = items(row)?,
        Kind::BudgetCodes => {
            let stored: Stored<BudgetCode> = Stored::of(row)?;
            (data.budget_codes, data.codes_gone, unread) = (stored.items, stored.gone, stored.unread);
            data.codes_read_at = row.fetched_at;
        }
        Kind::Commitments => (data.commitments, unread) = items(row)?,
        Kind::PrimeContracts => (data.prime_contracts, unread) = items(row)?,
    }
    data.unread.extend(unread.into_iter().map(|why| UnreadRecord { list: kind, why }));
    Ok(())
}
