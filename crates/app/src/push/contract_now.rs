//! The contracts that a push names, as Procore has them now: by their ids, and by their list where an id alone doesn't tell
//! one that is gone from one that this person may not see.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    procore::{Side, budget::Priority, preflight::ContractReading},
    role::Actor,
};
use futures_util::future;
use procore::{
    Answered, Session,
    model::{self, ContractId, Listed},
};
use store::repo::{mapping::Mapping, reference::ReferenceRow};
use sync::{
    connection::{asking, told},
    reference::Stored,
};

use crate::{
    App, Error,
    integration::{
        acting::unread,
        reference::{self, ProcoreContract, ReferenceData, ReferenceList, Unseen},
    },
};

/// More contracts than these are read by their list: one request instead of many.
const BY_ID: usize = 8;

/// Reads the contracts `ids` of a side now, puts what they say in the place of what `data` says of them, also for whoever looks
/// next, and answers how each was read. A contract that can't be read is no error: what is known of it stays.
pub(crate) async fn read(
    app: &App,
    actor: &Actor,
    mapping: &Mapping,
    (side, ids): (Side, &BTreeSet<i64>),
    data: &mut ReferenceData,
) -> Result<BTreeMap<i64, ContractReading>, Error> {
    let mut seen: BTreeMap<i64, ContractReading> = BTreeMap::new();
    let mut fresh: Vec<ProcoreContract> = Vec::new();
    let mut unsure: BTreeSet<i64> = BTreeSet::new();
    if ids.len() > BY_ID {
        unsure.clone_from(ids);
    } else {
        let answers = future::join_all(ids.iter().map(|id| one(app, actor, mapping, side, *id))).await;
        for (id, answer) in ids.iter().zip(answers) {
            match answer? {
                Ok(contract) if contract.id == *id => fresh.push(contract),
                Ok(_) => {
                    _ = seen.insert(*id, NotRead::Because("Procore answered with another contract.".into()).into());
                }
                Err(NotRead::NotShown) => _ = unsure.insert(*id),
                Err(why) => _ = seen.insert(*id, why.into()),
            }
        }
    }
    if !unsure.is_empty() {
        match listed(app, actor, mapping, side).await? {
            Ok(list) => {
                seen.extend(unsure.iter().filter_map(|id| Some((*id, unlisted(side, &list, *id)?))));
                fresh.extend(list.records.into_iter().filter(|contract| unsure.contains(&contract.id)));
            }
            Err(why) => {
                let why = ContractReading::from(why);
                seen.extend(unsure.into_iter().map(|id| (id, why.clone())));
            }
        }
    }
    seen.extend(fresh.iter().map(|contract| (contract.id, ContractReading::Now)));
    note(app, actor, mapping, side, &fresh).await?;
    for contract in fresh {
        data.replace(side, contract);
    }
    Ok(seen)
}

/// Why something was not read.
enum NotRead {
    /// Procore doesn't show it: it is gone, or hidden from this person.
    NotShown,
    /// In a sentence.
    Because(String),
}

impl From<procore::Error> for NotRead {
    fn from(error: procore::Error) -> Self {
        match error {
            procore::Error::NotFound => Self::NotShown,
            procore::Error::Unexpected(because) => {
                tracing::warn!(because, "a contract can't be read");
                Self::Because("Procore's answer could not be read.".to_owned())
            }
            other => Self::Because(Error::from(told(other)).sentence()),
        }
    }
}

impl From<NotRead> for ContractReading {
    fn from(why: NotRead) -> Self {
        Self::Unread(match why {
            NotRead::NotShown => Error::from(told(procore::Error::NotFound)).sentence(),
            NotRead::Because(sentence) => sentence,
        })
    }
}

/// What a list tells of a contract that it doesn't show; `None` when it does.
fn unlisted(side: Side, list: &Listed<ProcoreContract>, id: i64) -> Option<ContractReading> {
    if list.records.iter().any(|contract| contract.id == id) {
        return None;
    }
    // Procore answers an empty list to whoever may not see contracts.
    if list.is_empty() {
        return Some(ContractReading::Unread(Unseen::contracts(side).says().to_owned()));
    }
    // One without an id may be any of them.
    let odd = list.odd.iter().find(|odd| odd.id == Some(id)).or(list.odd.iter().find(|odd| odd.id.is_none()));
    Some(odd.map_or(ContractReading::Gone, |odd| {
        ContractReading::Unread(format!("{}. Correct it in Procore.", unread(odd)))
    }))
}

/// One contract by its id.
async fn one(
    app: &App,
    actor: &Actor,
    mapping: &Mapping,
    side: Side,
    id: i64,
) -> Result<Result<ProcoreContract, NotRead>, Error> {
    let (theirs, id) = (model::ProjectId(mapping.procore_project_id), ContractId(id));
    let call = |session: Session| async move {
        match side {
            Side::Received => session.commitment(theirs, id).await.map(as_contract),
            Side::Sent => session.prime_contract(theirs, id).await.map(as_contract),
        }
    };
    asked(app, actor, mapping, call).await
}

fn as_contract<R: Into<ProcoreContract>>(found: Answered<R>) -> Answered<ProcoreContract> {
    let Answered { value, rate, date, request_id } = found;
    Answered { value: value.into(), rate, date, request_id }
}

/// Asks as the actor. That they have no login that works is told with the plan, as what Procore refuses is.
async fn asked<T, F>(
    app: &App,
    actor: &Actor,
    mapping: &Mapping,
    call: impl Fn(Session) -> F + Send,
) -> Result<Result<T, NotRead>, Error>
where
    F: Future<Output = Result<Answered<T>, procore::Error>> + Send,
    T: Send,
{
    match asking(app, actor, Some(mapping.procore_company_id), Priority::Interactive, call).await.map_err(Error::from) {
        Ok(answer) => Ok(answer.map(|answer| answer.value).map_err(NotRead::from)),
        Err(Error::SignInToProcore(why) | Error::ProcoreUnavailable(why)) => Ok(Err(NotRead::Because(why))),
        Err(other) => Err(other),
    }
}

/// The contracts of a side, read now. Where there are any, they are stored for whoever looks next; that there are none may
/// only mean that this person may not see them.
async fn listed(
    app: &App,
    actor: &Actor,
    mapping: &Mapping,
    side: Side,
) -> Result<Result<Listed<ProcoreContract>, NotRead>, Error> {
    let (theirs, fetched_at) = (model::ProjectId(mapping.procore_project_id), app.now());
    let call = |session: Session| async move { reference::fetch::contracts(side, &session, theirs).await };
    let found = asked(app, actor, mapping, call).await?;
    if let Ok(list) = &found
        && !list.is_empty()
    {
        let stored = Stored::listed(list.records.clone(), list.odd.iter().map(unread).collect());
        let body = stored.body().map_err(Error::internal)?;
        let row = ReferenceRow { kind: ReferenceList::of_contracts(side).code().to_owned(), body, fetched_at };
        let (company, project, procore_project) = (actor.company, mapping.project, mapping.procore_project_id);
        app.store.write(move |tx| tx.of(company).store_reference(project, procore_project, &row)).await?;
    }
    Ok(found)
}

/// Puts contracts as they were just read in the place of what the stored list says of them.
async fn note(app: &App, actor: &Actor, mapping: &Mapping, side: Side, fresh: &[ProcoreContract]) -> Result<(), Error> {
    if fresh.is_empty() {
        return Ok(());
    }
    let (company, project, procore_project) = (actor.company, mapping.project, mapping.procore_project_id);
    let (kind, fresh) = (ReferenceList::of_contracts(side), fresh.to_vec());
    app.store
        .write(move |tx| {
            let mut us = tx.of(company);
            let Some(row) = us.reference(project)?.into_iter().find(|row| row.kind == kind.code()) else {
                return Ok(());
            };
            let mut known: Stored<ProcoreContract> = Stored::of(&row)?;
            for contract in &fresh {
                contract.clone().replace_in(&mut known.items);
            }
            let body = known.body().map_err(Error::internal)?;
            if body != row.body {
                us.store_reference(project, procore_project, &ReferenceRow { body, ..row })?;
            }
            Ok::<_, Error>(())
        })
        .await
}

impl From<model::Commitment> for ProcoreContract {
    fn from(found: model::Commitment) -> Self {
        Self {
            id: found.id.0,
            number: found.number,
            title: found.title,
            status: found.status,
            vendor: found.vendor.as_ref().map(|vendor| vendor.id.0),
            vendor_name: found.vendor.map(|vendor| vendor.name).unwrap_or_default(),
            currency: found.currency.unwrap_or_default(),
        }
    }
}

impl From<model::PrimeContract> for ProcoreContract {
    fn from(found: model::PrimeContract) -> Self {
        Self {
            id: found.id.0,
            number: found.number,
            title: found.title,
            status: found.status,
            vendor: None,
            vendor_name: String::new(),
            currency: found.currency.unwrap_or_default(),
        }
    }
}
