//! Hooks of a project, v2.0 and v1.0.

use http::Method;
use serde_json::{Value, json, value::RawValue};

use super::{Answered, Session};
use crate::{
    error::Error,
    model::{Delivery, Hook, HookApi, HookId, HookPlace, Listed, NewHook, Trigger, Wanted},
    send::{Call, Reply},
};

/// The paths of one version, as logs name them.
struct Paths {
    hooks: &'static str,
    hook: &'static str,
    triggers: &'static str,
    deliveries: &'static str,
}

const V20: Paths = Paths {
    hooks: "/rest/v2.0/companies/{company_id}/projects/{project_id}/webhooks/hooks",
    hook: "/rest/v2.0/companies/{company_id}/projects/{project_id}/webhooks/hooks/{id}",
    triggers: "/rest/v2.0/companies/{company_id}/projects/{project_id}/webhooks/hooks/{hook_id}/triggers",
    deliveries: "/rest/v2.0/companies/{company_id}/projects/{project_id}/webhooks/hooks/{hook_id}/deliveries",
};
const V10: Paths = Paths {
    hooks: "/rest/v1.0/webhooks/hooks",
    hook: "/rest/v1.0/webhooks/hooks/{id}",
    triggers: "/rest/v1.0/webhooks/hooks/{hook_id}/triggers",
    deliveries: "/rest/v1.0/webhooks/hooks/{hook_id}/deliveries",
};
const BULK: &str = "/rest/v2.0/companies/{company_id}/projects/{project_id}/webhooks/hooks/{hook_id}/triggers/bulk";

/// The payload version asked for: the one that most is known about, and that says which app caused a change, which the
/// newest no longer does.
pub const PAYLOAD_VERSION: &str = "v2.0";
/// The same where v1.0 is asked.
const API_VERSION: &str = "v2";
/// The largest page of a v2 list.
const PAGE: &str = "100";

/// What v2 wraps its answers in.
#[derive(serde::Deserialize)]
struct Data<T> {
    data: T,
}

impl HookApi {
    fn paths(self) -> &'static Paths {
        match self {
            Self::V20 => &V20,
            Self::V10 => &V10,
        }
    }
}

impl Session {
    /// The hooks of a project that this app made under a namespace.
    pub async fn hooks(&self, at: HookPlace, namespace: &str) -> Result<Answered<Listed<Hook>>, Error> {
        let url = self.below_hooks(at, "", &[("namespace", namespace), ("per_page", PAGE)])?;
        self.list_of_hooks(at.api, at.api.paths().hooks, url, |hook: &Hook| hook.id).await
    }

    /// Makes a hook. It waits for nothing until it has triggers. Repeated on the same `occasion`, it carries the same
    /// `Idempotency-Token`.
    pub async fn create_hook(&self, at: HookPlace, new: &NewHook, occasion: &str) -> Result<Answered<Hook>, Error> {
        use secrecy::ExposeSecret as _;
        let headers = json!({ "Authorization": new.authorization.expose_secret() });
        let body = match at.api {
            HookApi::V20 => json!({
                "payload_version": PAYLOAD_VERSION,
                "namespace": new.namespace,
                "destination_url": new.destination_url,
                "destination_headers": headers,
            }),
            HookApi::V10 => json!({
                "project_id": at.project.0,
                "hook": {
                    "api_version": API_VERSION,
                    "namespace": new.namespace,
                    "destination_url": new.destination_url,
                    "destination_headers": headers,
                },
            }),
        };
        let url = self.below_hooks(at, "", &[])?;
        let reply = self.carry_out(Call::json(Method::POST, at.api.paths().hooks, url, &body, occasion)).await?;
        let made = match at.api {
            HookApi::V20 => reply.decode::<Data<Hook>>()?.data,
            HookApi::V10 => reply.decode()?,
        };
        Ok(Answered::new(made, &reply))
    }

    /// Removes a hook with its triggers. [`Error::NotFound`] if it is gone already.
    pub async fn delete_hook(&self, at: HookPlace, id: HookId) -> Result<Answered<()>, Error> {
        let url = self.below_hooks(at, &format!("/{id}"), &[])?;
        self.carry_out(Call::delete(at.api.paths().hook, url)).await.map(|reply| Answered::new((), &reply))
    }

    /// What a hook waits for.
    pub async fn triggers(&self, at: HookPlace, hook: HookId) -> Result<Answered<Listed<Trigger>>, Error> {
        let url = self.below_hooks(at, &format!("/{hook}/triggers"), &[("per_page", PAGE)])?;
        self.list_of_hooks(at.api, at.api.paths().triggers, url, |trigger: &Trigger| trigger.id).await
    }

    /// Lets a hook wait for more, v2.0 only. Procore may make some and refuse others, and does not document how it says
    /// so: read the triggers afterwards.
    pub async fn add_triggers(
        &self,
        at: HookPlace,
        hook: HookId,
        wanted: &[Wanted],
        occasion: &str,
    ) -> Result<Answered<()>, Error> {
        let url = self.below_hooks(at, &format!("/{hook}/triggers/bulk"), &[])?;
        let call = Call::json(Method::POST, BULK, url, &wanted, occasion);
        self.carry_out(call).await.map(|reply| Answered::new((), &reply))
    }

    /// Lets a hook wait for one thing more.
    pub async fn add_trigger(
        &self,
        at: HookPlace,
        hook: HookId,
        wanted: Wanted,
        occasion: &str,
    ) -> Result<Answered<()>, Error> {
        let body: Value = match at.api {
            HookApi::V20 => json!(wanted),
            HookApi::V10 => json!({ "project_id": at.project.0, "api_version": API_VERSION, "trigger": wanted }),
        };
        let url = self.below_hooks(at, &format!("/{hook}/triggers"), &[])?;
        let call = Call::json(Method::POST, at.api.paths().triggers, url, &body, occasion);
        self.carry_out(call).await.map(|reply| Answered::new((), &reply))
    }

    /// What was sent to a hook, and what came of it.
    pub async fn deliveries(&self, at: HookPlace, hook: HookId) -> Result<Answered<Listed<Delivery>>, Error> {
        let url = self.below_hooks(at, &format!("/{hook}/deliveries"), &[("per_page", PAGE)])?;
        self.list_of_hooks(at.api, at.api.paths().deliveries, url, |delivery: &Delivery| delivery.id.clone()).await
    }

    fn below_hooks(&self, at: HookPlace, path: &str, query: &[(&str, &str)]) -> Result<url::Url, Error> {
        let (company, project) = (self.company()?, at.project.to_string());
        Ok(match at.api {
            HookApi::V20 => {
                self.url(&format!("rest/v2.0/companies/{company}/projects/{project}/webhooks/hooks{path}"), query)
            }
            HookApi::V10 => {
                let query: Vec<_> =
                    [("project_id", project.as_str())].into_iter().chain(query.iter().copied()).collect();
                self.url(&format!("rest/v1.0/webhooks/hooks{path}"), &query)
            }
        })
    }

    async fn list_of_hooks<T: serde::de::DeserializeOwned, K: Eq + std::hash::Hash>(
        &self,
        api: HookApi,
        template: &'static str,
        url: url::Url,
        key: impl Fn(&T) -> K,
    ) -> Result<Answered<Listed<T>>, Error> {
        let company = Some(self.company()?);
        let rows = |reply: &Reply| -> Result<Vec<Box<RawValue>>, Error> {
            match api {
                HookApi::V20 => reply.decode::<Data<_>>().map(|page| page.data),
                HookApi::V10 => reply.decode(),
            }
        };
        self.procore.all_pages_of(url, |url| self.signed(Call::get(template, url), company), key, rows).await
    }

    async fn carry_out(&self, call: Call) -> Result<Reply, Error> {
        let company = self.company()?;
        self.procore.send(self.signed(call, Some(company))).await?.success()
    }
}
