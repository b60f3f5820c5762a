//! Hooks of a project, v2.0.

use http::Method;
use serde_json::value::RawValue;

use super::{Answered, Session};
use crate::{
    error::Error,
    model::{Delivery, Hook, HookId, Listed, NewHook, ProjectId, Trigger, Wanted},
    send::{Call, Reply},
};

const HOOKS: &str = "/rest/v2.0/companies/{company_id}/projects/{project_id}/webhooks/hooks";
const HOOK: &str = "/rest/v2.0/companies/{company_id}/projects/{project_id}/webhooks/hooks/{id}";
const TRIGGERS: &str = "/rest/v2.0/companies/{company_id}/projects/{project_id}/webhooks/hooks/{hook_id}/triggers";
const BULK: &str = "/rest/v2.0/companies/{company_id}/projects/{project_id}/webhooks/hooks/{hook_id}/triggers/bulk";
const DELIVERIES: &str = "/rest/v2.0/companies/{company_id}/projects/{project_id}/webhooks/hooks/{hook_id}/deliveries";

/// The payload version asked for: the one that most is known about, and that says which app caused a change, which the
/// newest no longer does.
pub const PAYLOAD_VERSION: &str = "v2.0";
/// The largest page of a v2 list.
const PAGE: &str = "100";

/// What v2 wraps its answers in.
#[derive(serde::Deserialize)]
struct Data<T> {
    data: T,
}

impl Session {
    /// The hooks of a project that this app made under a namespace.
    pub async fn hooks(&self, project: ProjectId, namespace: &str) -> Result<Answered<Listed<Hook>>, Error> {
        let url = self.below_hooks(project, "", &[("namespace", namespace), ("per_page", PAGE)])?;
        self.list_v2(HOOKS, url, |hook: &Hook| hook.id).await
    }

    /// One hook.
    pub async fn hook(&self, project: ProjectId, id: HookId) -> Result<Answered<Hook>, Error> {
        let url = self.below_hooks(project, &format!("/{id}"), &[])?;
        let read: Answered<Data<Hook>> = self.read(Some(self.company()?), HOOK, url).await?;
        Ok(read.map(|wrapped| wrapped.data))
    }

    /// Makes a hook. It waits for nothing until it has triggers. Repeated on the same `occasion`, it carries the same
    /// `Idempotency-Token`.
    pub async fn create_hook(
        &self,
        project: ProjectId,
        new: &NewHook,
        occasion: &str,
    ) -> Result<Answered<Hook>, Error> {
        use secrecy::ExposeSecret as _;
        let body = serde_json::json!({
            "payload_version": PAYLOAD_VERSION,
            "namespace": new.namespace,
            "destination_url": new.destination_url,
            "destination_headers": { "Authorization": new.authorization.expose_secret() },
        });
        let url = self.below_hooks(project, "", &[])?;
        let reply = self.carry_out(Call::json(Method::POST, HOOKS, url, &body, occasion)).await?;
        let made: Data<Hook> = reply.decode()?;
        Ok(Answered::new(made.data, &reply))
    }

    /// Removes a hook with its triggers. [`Error::NotFound`] if it is gone already.
    pub async fn delete_hook(&self, project: ProjectId, id: HookId) -> Result<Answered<()>, Error> {
        let url = self.below_hooks(project, &format!("/{id}"), &[])?;
        self.carry_out(Call::delete(HOOK, url)).await.map(|reply| Answered::new((), &reply))
    }

    /// What a hook waits for.
    pub async fn triggers(&self, project: ProjectId, hook: HookId) -> Result<Answered<Listed<Trigger>>, Error> {
        let url = self.below_hooks(project, &format!("/{hook}/triggers"), &[("per_page", PAGE)])?;
        self.list_v2(TRIGGERS, url, |trigger: &Trigger| trigger.id).await
    }

    /// Lets a hook wait for more. Procore may make some and refuse others, and does not document how it says so: read
    /// the triggers afterwards.
    pub async fn add_triggers(
        &self,
        project: ProjectId,
        hook: HookId,
        wanted: &[Wanted],
        occasion: &str,
    ) -> Result<Answered<()>, Error> {
        let url = self.below_hooks(project, &format!("/{hook}/triggers/bulk"), &[])?;
        let call = Call::json(Method::POST, BULK, url, &wanted, occasion);
        self.carry_out(call).await.map(|reply| Answered::new((), &reply))
    }

    /// What was sent to a hook, and what came of it.
    pub async fn deliveries(&self, project: ProjectId, hook: HookId) -> Result<Answered<Listed<Delivery>>, Error> {
        let url = self.below_hooks(project, &format!("/{hook}/deliveries"), &[("per_page", PAGE)])?;
        self.list_v2(DELIVERIES, url, |delivery: &Delivery| delivery.id.clone()).await
    }

    fn below_hooks(&self, project: ProjectId, path: &str, query: &[(&str, &str)]) -> Result<url::Url, Error> {
        let company = self.company()?;
        Ok(self.url(&format!("rest/v2.0/companies/{company}/projects/{project}/webhooks/hooks{path}"), query))
    }

    async fn list_v2<T: serde::de::DeserializeOwned, K: Eq + std::hash::Hash>(
        &self,
        template: &'static str,
        url: url::Url,
        key: impl Fn(&T) -> K,
    ) -> Result<Answered<Listed<T>>, Error> {
        let company = Some(self.company()?);
        self.procore.all_pages_of(url, |url| self.signed(Call::get(template, url), company), key, unwrapped).await
    }

    async fn carry_out(&self, call: Call) -> Result<Reply, Error> {
        let company = self.company()?;
        self.procore.send(self.signed(call, Some(company))).await?.success()
    }
}

fn unwrapped(reply: &Reply) -> Result<Vec<Box<RawValue>>, Error> {
    reply.decode::<Data<_>>().map(|page| page.data)
}
