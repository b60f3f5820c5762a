//! Reads each list from Procore, and writes it as it is stored.

use std::collections::BTreeMap;

use domain::procore::Side;
use procore::{
    Answered, Session,
    model::{self, Listed},
};
use serde::Serialize;
use sync::reference::{BudgetCode, Stored};

use super::lists::{EventStatus, ProcoreContract, ReferenceList, TypeOrReason};
use crate::integration::acting::unread;

type Ids = (model::CompanyId, model::ProjectId);

/// One list, as JSON in our own format.
pub(super) async fn fetch(
    kind: ReferenceList,
    session: Session,
    (company, project): Ids,
) -> Result<Answered<String>, procore::Error> {
    match kind {
        ReferenceList::Statuses => json(session.statuses(project).await?, |list| {
            let shown = list.into_iter().filter(|status| status.show_in_select);
            let status = |s: model::Status| EventStatus {
                id: s.id.0,
                name: s.name,
                mapped_to: s.mapped_to.into(),
                default: s.default_status,
            };
            shown.map(status).collect::<Vec<_>>()
        }),
        ReferenceList::Types => json(shown(session.change_types(company).await)?, |list| {
            let shown = list.into_iter().filter(|kind| kind.show_in_select);
            shown.map(|t| TypeOrReason { id: t.id.0, name: t.name }).collect::<Vec<_>>()
        }),
        ReferenceList::Reasons => json(shown(session.change_reasons(company).await)?, |list| {
            let shown = list.into_iter().filter(|reason| reason.show_in_select);
            shown.map(|r| TypeOrReason { id: r.id.0, name: r.name }).collect::<Vec<_>>()
        }),
        ReferenceList::BudgetCodes => stored(shown(session.wbs_codes(project).await)?, budget_codes),
        ReferenceList::Commitments => json(contracts(Side::Received, &session, project).await?, |list| list),
        ReferenceList::PrimeContracts => json(contracts(Side::Sent, &session, project).await?, |list| list),
    }
}

/// The contracts that a side chooses from, by number.
pub(crate) async fn contracts(
    side: Side,
    session: &Session,
    project: model::ProjectId,
) -> Result<Answered<Listed<ProcoreContract>>, procore::Error> {
    fn by_number<R: Into<ProcoreContract>>(listed: Answered<Listed<R>>) -> Answered<Listed<ProcoreContract>> {
        let Answered { value: Listed { records, odd }, rate, date, request_id } = listed;
        let mut records: Vec<ProcoreContract> = records.into_iter().map(Into::into).collect();
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

/// A list that the person may not see counts as empty.
fn shown<T>(list: Result<Answered<Listed<T>>, procore::Error>) -> Result<Answered<Listed<T>>, procore::Error> {
    match list {
        Err(procore::Error::NotFound | procore::Error::NoSuchPath | procore::Error::Forbidden(_)) => {
            Ok(Answered { value: Listed::default(), rate: None, date: None, request_id: None })
        }
        list => list,
    }
}

/// Most commitments have only their vendor's id: the name is in the directory, if the person may see it. It isn't essential:
/// number and title identify a commitment.
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

/// `make` returns what can be chosen, and what no longer can.
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
