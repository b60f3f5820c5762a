//! Commitments, prime contracts and vendors.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{Answer, Call};
use crate::HiddenLists;
use crate::text::{decimal, iso};
use crate::world::{Commitment, PrimeContract, Tool, Vendor};

fn money(amount: Decimal) -> String {
    decimal(amount, 2)
}

impl Call<'_> {
    /// Whether the caller may see a tool.
    pub(super) fn sees_tool(&self, tool: Tool) -> bool {
        let world = &self.state.world;
        let user = world.users.get(&self.actor.user_id);
        let by_permission = tool != Tool::PrimeContracts || user.is_some_and(|user| user.sees_prime_contracts);
        let hidden = world.hidden_tools.get(&self.actor.user_id).is_some_and(|tools| tools.contains(&tool));
        self.actor.is_service || (by_permission && !hidden)
    }

    /// Whether the person sees the whole list. Otherwise the answer is empty or a refusal.
    pub(super) fn lists(&self, tool: Tool) -> Result<bool, Answer> {
        match self.state.switches.hidden_lists {
            _ if self.sees_tool(tool) => Ok(true),
            HiddenLists::Empty => Ok(false),
            HiddenLists::NotFound => Err(Answer::not_found()),
            HiddenLists::Forbidden => Err(Answer::errors(403, "You do not have permission to perform this action.")),
        }
    }

    fn commitments(&self) -> Result<Vec<&Commitment>, Answer> {
        let (project, shown) = (self.project()?.id, self.lists(Tool::Commitments)?);
        let all = self.state.world.commitments.values();
        Ok(all.filter(|contract| contract.project_id == project && shown).collect())
    }

    fn primes(&self) -> Result<Vec<&PrimeContract>, Answer> {
        let (project, shown) = (self.project()?.id, self.lists(Tool::PrimeContracts)?);
        let all = self.state.world.prime_contracts.values();
        Ok(all.filter(|contract| contract.project_id == project && shown).collect())
    }

    fn vendor(&self, id: Option<i64>, with_name: bool) -> Value {
        let vendor = id.and_then(|id| self.state.world.vendors.get(&id));
        match vendor {
            None => Value::Null,
            Some(vendor) if with_name => json!({ "id": vendor.id, "name": vendor.name }),
            Some(vendor) => json!({ "id": vendor.id }),
        }
    }

    fn commitment_json(&self, contract: &Commitment) -> Value {
        json!({
            "id": contract.id,
            "title": contract.title,
            "number": contract.number,
            "status": contract.status,
            "description": null,
            "executed": contract.executed,
            "delivery_date": null,
            "created_at": iso(self.state.world.epoch),
            "private": false,
            "vendor": self.vendor(contract.vendor_id, !self.state.switches.commitment_vendor_id_only),
        })
    }

    fn prime_json(&self, contract: &PrimeContract) -> Value {
        json!({
            "id": contract.id,
            "number": contract.number,
            "title": contract.title,
            "status": contract.status,
            "description": null,
            "executed": contract.executed,
            "private": false,
            "accounting_method": "amount",
            "grand_total": money(contract.grand_total),
            "approved_change_orders": "0.00",
            "vendor": self.vendor(contract.owner_vendor_id, true),
            "currency_configuration": {
                "currency_iso_code": self.currency_of(contract.project_id, Some(contract.id)),
            },
            "origin_id": null,
            "origin_data": null,
            "created_at": iso(self.state.world.epoch),
            "updated_at": iso(self.state.world.epoch),
            "deleted_at": null,
        })
    }
}

/// `GET /rest/v1.0/commitments`
pub(super) fn commitments_v10(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let items = call.commitments()?.into_iter().map(|contract| call.commitment_json(contract)).collect();
    Ok(call.page(items, 100, 2000))
}

/// `GET /rest/v1.0/commitments/{id}`
pub(super) fn commitment_v10(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let id = call.param("id");
    let contract =
        call.commitments()?.into_iter().find(|contract| Some(contract.id) == id).ok_or_else(Answer::not_found)?;
    let mut body = call.commitment_json(contract);
    body["type"] = json!(contract.kind.camel());
    body["grand_total"] = json!(money(contract.grand_total));
    body["revised_contract"] = json!(money(contract.grand_total));
    body["line_items"] = json!([]);
    Ok(Answer::ok(body))
}

/// `GET /rest/v2.0/companies/{company_id}/projects/{project_id}/commitment_contracts`
pub(super) fn commitments_v20(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let extended = call.query.get("view") == Some("extended");
    let (kind, status) = (call.query.get("filters[type]"), call.query.all("filters[status]"));
    let search = call.query.get("filters[search]").unwrap_or_default().to_lowercase();
    let items = call
        .commitments()?
        .into_iter()
        .filter(|contract| kind.is_none_or(|kind| contract.kind.camel() == kind))
        .filter(|contract| status.is_empty() || status.contains(&contract.status))
        .filter(|contract| format!("{} {}", contract.number, contract.title).to_lowercase().contains(&search))
        .map(|contract| {
            let mut item = json!({
                "id": contract.id.to_string(),
                "type": contract.kind.camel(),
                "number": contract.number,
                "title": contract.title,
                "status": contract.status,
                "executed": contract.executed,
                "description": null,
                "accounting_method": "amount",
                "grand_total": money(contract.grand_total),
                "currency_configuration": {
                    "currency_iso_code": call.currency_of(contract.project_id, Some(contract.id)),
                },
                "private": false,
                "created_at": iso(call.state.world.epoch),
                "updated_at": iso(call.state.world.epoch),
            });
            // Where there is none, the key itself was missing from live rows.
            let vendor = call.vendor(contract.vendor_id, extended || !call.state.switches.commitment_vendor_id_only);
            if let Some(id) = contract.vendor_id.filter(|_| !vendor.is_null()) {
                item["vendor"] = vendor;
                item["vendor"]["id"] = json!(id.to_string());
            }
            item
        })
        .collect();
    Ok(call.page_v2(items))
}

/// `GET /rest/v1.0/prime_contracts`
pub(super) fn primes_v10(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let items = call.primes()?.into_iter().map(|contract| call.prime_json(contract)).collect();
    Ok(call.page(items, 100, 2000))
}

/// `GET /rest/v1.0/prime_contract/{id}`
pub(super) fn prime_v10(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let id = call.param("id");
    let contract = call.primes()?.into_iter().find(|contract| Some(contract.id) == id).ok_or_else(Answer::not_found)?;
    Ok(Answer::ok(call.prime_json(contract)))
}

/// `GET /rest/v2.0/companies/{company_id}/projects/{project_id}/prime_contracts`
pub(super) fn primes_v20(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let items = call
        .primes()?
        .into_iter()
        .map(|contract| {
            let mut item = call.prime_json(contract);
            item["id"] = json!(contract.id.to_string());
            if let Some(id) = contract.owner_vendor_id.filter(|_| !item["vendor"].is_null()) {
                item["vendor"]["id"] = json!(id.to_string());
            }
            item
        })
        .collect();
    Ok(call.page_v2(items))
}

fn vendor_json(vendor: &Vendor) -> Value {
    json!({
        "id": vendor.id, "name": vendor.name, "abbreviated_name": null, "company": vendor.name,
        "is_active": true, "origin_id": null,
    })
}

/// `GET /rest/v1.0/vendors`
pub(super) fn vendors_of_company(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let company = call.company();
    let search = call.query.get("filters[search]").unwrap_or_default().to_lowercase();
    let world = &call.state.world;
    let vendors = world.vendors.values().filter(|v| v.company_id == company && !world.project_vendors.contains(&v.id));
    let items = vendors.filter(|vendor| vendor.name.to_lowercase().contains(&search)).map(vendor_json).collect();
    Ok(call.page(items, 100, 2000))
}

/// `GET /rest/v1.0/projects/{project_id}/vendors` and v1.1 of it: the company's, and those that only the project knows.
pub(super) fn vendors_of_project(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let (company, shown) = (call.project()?.company_id, call.lists(Tool::Directory)?);
    let search = call.query.get("filters[search]").unwrap_or_default().to_lowercase();
    let vendors = call.state.world.vendors.values().filter(|vendor| vendor.company_id == company && shown);
    let items = vendors.filter(|vendor| vendor.name.to_lowercase().contains(&search)).map(vendor_json).collect();
    Ok(call.page(items, 100, 2000))
}
