//! Calls made as one person (or service account) in one company.

use std::sync::Arc;

use http::Method;
use jiff::Timestamp;
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use url::Url;

use crate::{
    client::Procore,
    error::{Error, Failed},
    gate::Gate,
    model::{
        ChangeEvent, ChangeEventId, ChangeEventPatch, ChangeReason, ChangeType, Commitment, Company, CompanyId,
        ContractId, CurrencySettings, Envelope, Listed, Me, NewChangeEvent, Permissions, PrimeContract, Project,
        ProjectId, Status, VendorRef, WbsCode,
    },
    oauth::below,
    rate::{self, Rate},
    send::{Call, Reply},
};

mod filter;
mod hooks;
mod raw;
pub use filter::{ChangeEventFilter, Deleted, Window};
pub use hooks::PAYLOAD_VERSION;
pub use raw::{RawAnswer, RawRequest};

/// The largest page of projects (S); of change events, which carry their lines, more would be slow. A route that takes less
/// says so, and is asked for that from then on.
const PAGE: &str = "300";
/// What every list takes: those below a record refuse more.
const SAFE_PAGE: &str = "100";

/// A value with what Procore said around it.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered<T> {
    /// The value.
    pub value: T,
    /// What is left of the limits, as of the last request made for it.
    pub rate: Option<Rate>,
    /// Procore's clock when it answered; for a list, its first page. Windows of time are best laid out in this clock.
    pub date: Option<Timestamp>,
    /// To be quoted to Procore's support.
    pub request_id: Option<String>,
}

impl<T> Answered<T> {
    pub(crate) fn new(value: T, reply: &Reply) -> Self {
        let (rate, date) = (rate::rate(&reply.headers), rate::date(&reply.headers));
        Self { value, rate, date, request_id: reply.request_id() }
    }
}

/// Calls made with one access token. Made by [`Procore::acting`].
///
/// Nothing is retried here: reads that fail may be repeated by the caller, writes only as [`Error::next`] says.
#[derive(Clone)]
pub struct Session {
    procore: Procore,
    token: SecretString,
    company: Option<CompanyId>,
    gate: Option<Arc<dyn Gate>>,
}

impl Session {
    pub(crate) fn new(procore: Procore, token: SecretString, company: Option<CompanyId>) -> Self {
        Self { procore, token, company, gate: None }
    }

    /// The same, with somebody asked before each request leaves and told of each answer.
    pub fn through(self, gate: Arc<dyn Gate>) -> Self {
        Self { gate: Some(gate), ..self }
    }

    /// Whom the token acts for.
    pub async fn me(&self) -> Result<Answered<Me>, Error> {
        self.read(self.company, "/rest/v1.0/me", self.url("rest/v1.0/me", &[])).await
    }

    /// The company accounts that the person can see, installed there or not.
    pub async fn companies(&self) -> Result<Answered<Listed<Company>>, Error> {
        let url = self.url("rest/v1.0/companies", &[("per_page", PAGE)]);
        self.list(self.company, "/rest/v1.0/companies", url, |company: &Company| company.id).await
    }

    /// The projects of a company that the person can see.
    pub async fn projects(&self, company: CompanyId) -> Result<Answered<Listed<Project>>, Error> {
        let url = self.url("rest/v1.1/projects", &[("company_id", &company.to_string()), ("per_page", PAGE)]);
        self.list(Some(company), "/rest/v1.1/projects", url, |project: &Project| project.id).await
    }

    /// The currency settings of a project. Not everybody may read them.
    pub async fn project_currency(
        &self,
        company: CompanyId,
        project: ProjectId,
    ) -> Result<Answered<CurrencySettings>, Error> {
        let template = "/rest/v1.0/companies/{company_id}/projects/{project_id}/currency_configuration";
        let path = format!("rest/v1.0/companies/{company}/projects/{project}/currency_configuration");
        self.read(Some(company), template, self.url(&path, &[])).await
    }

    /// The currency settings of a company, which hold for every project that has none of its own.
    pub async fn company_currency(&self, company: CompanyId) -> Result<Answered<CurrencySettings>, Error> {
        let template = "/rest/v1.0/companies/{company_id}/currency_configuration";
        let path = format!("rest/v1.0/companies/{company}/currency_configuration");
        self.read(Some(company), template, self.url(&path, &[])).await
    }

    /// The change events of a project, with their lines, in Procore's order.
    pub async fn change_events(
        &self,
        project: ProjectId,
        filter: &ChangeEventFilter,
    ) -> Result<Answered<Listed<ChangeEvent>>, Error> {
        let mut url = self.of_project("rest/v1.1/change_events", project, Some(PAGE));
        url.query_pairs_mut().extend_pairs(filter.pairs());
        let company = Some(self.company()?);
        self.list(company, "/rest/v1.1/change_events", url, |event: &ChangeEvent| event.id).await
    }

    /// One change event with its lines, removed ones too if asked for.
    pub async fn change_event(
        &self,
        project: ProjectId,
        id: ChangeEventId,
        include_deleted: bool,
    ) -> Result<Answered<ChangeEvent>, Error> {
        let mut url = self.of_project(&format!("rest/v1.1/change_events/{id}"), project, None);
        if include_deleted {
            // The mere presence of the key counts, so `false` must not be sent.
            url.query_pairs_mut().append_pair("include_deleted_change_event_line_items", "true");
        }
        self.read(Some(self.company()?), "/rest/v1.1/change_events/{id}", url).await
    }

    /// Makes a change event with all its lines. Repeated on the same `occasion`, it carries the same `Idempotency-Token`.
    pub async fn create_change_event(
        &self,
        project: ProjectId,
        event: &NewChangeEvent,
        occasion: &str,
    ) -> Result<Answered<ChangeEvent>, Failed> {
        let (path, body) = ("/rest/v1.1/change_events", Envelope { change_event: event });
        self.write(Call::json(Method::POST, path, self.of_project(&path[1..], project, None), &body, occasion)).await
    }

    /// Changes a change event and its lines. Repeated on the same `occasion`, it carries the same `Idempotency-Token`.
    pub async fn update_change_event(
        &self,
        project: ProjectId,
        id: ChangeEventId,
        patch: &ChangeEventPatch,
        occasion: &str,
    ) -> Result<Answered<ChangeEvent>, Failed> {
        let url = self.of_project(&format!("rest/v1.1/change_events/{id}"), project, None);
        let body = Envelope { change_event: patch };
        self.write(Call::json(Method::PATCH, "/rest/v1.1/change_events/{id}", url, &body, occasion)).await
    }

    /// The statuses that change events of a project may have.
    pub async fn statuses(&self, project: ProjectId) -> Result<Answered<Listed<Status>>, Error> {
        let path = "/rest/v1.0/change_event/statuses";
        self.list(Some(self.company()?), path, self.of_project(&path[1..], project, Some(SAFE_PAGE)), |s: &Status| s.id)
            .await
    }

    /// The types that change events of a company may have.
    pub async fn change_types(&self, company: CompanyId) -> Result<Answered<Listed<ChangeType>>, Error> {
        let path = "/rest/v1.0/change_types";
        self.list(Some(company), path, self.of_company(&path[1..], company), |t: &ChangeType| t.id).await
    }

    /// The reasons that change events of a company may have.
    pub async fn change_reasons(&self, company: CompanyId) -> Result<Answered<Listed<ChangeReason>>, Error> {
        let path = "/rest/v1.0/change_order_change_reasons";
        self.list(Some(company), path, self.of_company(&path[1..], company), |r: &ChangeReason| r.id).await
    }

    /// The budget codes of a project, inactive ones too.
    pub async fn wbs_codes(&self, project: ProjectId) -> Result<Answered<Listed<WbsCode>>, Error> {
        let template = "/rest/v1.0/projects/{project_id}/work_breakdown_structure/wbs_codes";
        let path = format!("rest/v1.0/projects/{project}/work_breakdown_structure/wbs_codes");
        let url = self.url(&path, &[("per_page", SAFE_PAGE)]);
        self.list(Some(self.company()?), template, url, |code: &WbsCode| code.id).await
    }

    /// The subcontracts and purchase orders of a project.
    pub async fn commitments(&self, project: ProjectId) -> Result<Answered<Listed<Commitment>>, Error> {
        let path = "/rest/v1.0/commitments";
        let url = self.of_project(&path[1..], project, Some(SAFE_PAGE));
        self.list(Some(self.company()?), path, url, |commitment: &Commitment| commitment.id).await
    }

    /// One subcontract or purchase order, of whichever kind.
    pub async fn commitment(&self, project: ProjectId, id: ContractId) -> Result<Answered<Commitment>, Error> {
        let url = self.of_project(&format!("rest/v1.0/commitments/{id}"), project, None);
        self.read(Some(self.company()?), "/rest/v1.0/commitments/{id}", url).await
    }

    /// One prime contract.
    pub async fn prime_contract(&self, project: ProjectId, id: ContractId) -> Result<Answered<PrimeContract>, Error> {
        // In the singular, unlike its list.
        let url = self.of_project(&format!("rest/v1.0/prime_contract/{id}"), project, None);
        self.read(Some(self.company()?), "/rest/v1.0/prime_contract/{id}", url).await
    }

    /// The vendors of a project's directory, which may hold some that the company's doesn't. An empty list may also mean that
    /// the person may not see them.
    pub async fn vendors(&self, project: ProjectId) -> Result<Answered<Listed<VendorRef>>, Error> {
        let template = "/rest/v1.0/projects/{project_id}/vendors";
        let url = self.url(&format!("rest/v1.0/projects/{project}/vendors"), &[("per_page", SAFE_PAGE)]);
        self.list(Some(self.company()?), template, url, |vendor: &VendorRef| vendor.id).await
    }

    /// The prime contracts of a project. An empty list may also mean that the person may not see them.
    pub async fn prime_contracts(&self, project: ProjectId) -> Result<Answered<Listed<PrimeContract>>, Error> {
        let path = "/rest/v1.0/prime_contracts";
        let url = self.of_project(&path[1..], project, Some(SAFE_PAGE));
        self.list(Some(self.company()?), path, url, |contract: &PrimeContract| contract.id).await
    }

    /// What the person may do in a project.
    pub async fn permissions(&self, project: ProjectId) -> Result<Answered<Permissions>, Error> {
        let path = "/rest/v1.0/settings/permissions";
        self.read(Some(self.company()?), path, self.of_project(&path[1..], project, None)).await
    }

    async fn read<T: DeserializeOwned>(
        &self,
        company: Option<CompanyId>,
        template: &'static str,
        url: Url,
    ) -> Result<Answered<T>, Error> {
        let reply = self.procore.send(self.signed(Call::get(template, url), company)).await?.success()?;
        Ok(Answered::new(reply.decode()?, &reply))
    }

    async fn list<T: DeserializeOwned, K: Eq + std::hash::Hash>(
        &self,
        company: Option<CompanyId>,
        template: &'static str,
        url: Url,
        key: impl Fn(&T) -> K,
    ) -> Result<Answered<Listed<T>>, Error> {
        self.procore.all_pages(url, |url| self.signed(Call::get(template, url), company), key).await
    }

    async fn write(&self, call: Call) -> Result<Answered<ChangeEvent>, Failed> {
        let company = self.company()?;
        let reply = self.procore.send(self.signed(call, Some(company))).await?;
        let (status, request_id) = (Some(reply.status.as_u16()), reply.request_id());
        let answered = reply.success().and_then(|reply| Ok(Answered::new(reply.decode()?, &reply)));
        answered.map_err(|error| Failed { error, status, request_id })
    }

    fn signed(&self, call: Call, company: Option<CompanyId>) -> Call {
        Call { token: Some(self.token.clone()), company, gate: self.gate.clone(), ..call }
    }

    /// Procore routes by the company and answers "not found" to calls that name none.
    fn company(&self) -> Result<CompanyId, Error> {
        self.company.ok_or_else(|| Error::Misused("this call needs a session that acts in a company".into()))
    }

    fn of_project(&self, path: &str, project: ProjectId, per_page: Option<&str>) -> Url {
        let mut url = self.url(path, &[("project_id", &project.to_string())]);
        if let Some(size) = per_page {
            url.query_pairs_mut().append_pair("per_page", size);
        }
        url
    }

    fn of_company(&self, path: &str, company: CompanyId) -> Url {
        self.url(path, &[("company_id", &company.to_string()), ("per_page", SAFE_PAGE)])
    }

    fn url(&self, path: &str, query: &[(&str, &str)]) -> Url {
        let mut url = below(&self.procore.hosts().api, path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }
}
