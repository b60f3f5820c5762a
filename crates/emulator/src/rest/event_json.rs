//! A change event as v1.1 and v1.0 answer it.

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Call;
use super::wbs::segments;
use crate::text::{decimal, iso};
use crate::world::{ChangeEvent, ChangeItem, Estimate, Strategy, Tie, TieTo};

impl Call<'_> {
    /// The event as v1.1 answers it.
    pub(super) fn event_v11(&self, event: &ChangeEvent, with_deleted_lines: bool) -> Value {
        let world = &self.state.world;
        let company = world.projects.get(&event.project_id).map(|project| project.company_id);
        let status = world.statuses.get(&event.status_id);
        let kind = event.change_type_id.and_then(|id| world.change_types.get(&id));
        let reason = event.change_reason_id.and_then(|id| world.change_reasons.get(&id));
        let prime = event.prime_contract_id.and_then(|id| world.prime_contracts.get(&id));
        json!({
            "id": event.id,
            "number": event.number,
            "title": event.title,
            "description": event.description,
            "scope": event.scope,
            "status": status.map(|s| json!({ "id": s.id, "name": s.name, "mapped_to_status": s.mapped_to })),
            "change_type": kind.map(|k| json!({ "id": k.id, "name": k.name, "abbreviation": k.abbreviation })),
            "change_reason": reason.map(|r| json!({ "id": r.id, "change_reason": r.name })),
            "event_origin": event.origin,
            "prime_contract_for_estimates": prime.map(|p| json!({ "id": p.id, "number": p.number, "title": p.title })),
            "attachments": [],
            "external_data": event.external_data.as_ref().map(|d| json!({ "origin_id": d.origin_id, "origin_data": d.origin_data })),
            "created_by": self.person(event.created_by),
            "custom_fields": event.custom_fields,
            "change_items": self.lines(event, with_deleted_lines).map(|item| self.line_v11(event, item)).collect::<Vec<_>>(),
            "markup_items": self.markup(event),
            "production_quantities": [],
            "notes": {},
            "currency_configuration": { "currency_iso_code": self.currency_of(event.project_id, None) },
            "source": null,
            "source_of_revenue_rom": self.source_of_revenue(event.source_of_revenue_rom.as_ref(), "automatic"),
            "has_edited_markups": event.edited_markup.is_some(),
            "comments_enabled": true,
            "deletable": event.live_items().all(|item| item.lock.is_none()),
            "in_recycle_bin": event.deleted_at.is_some(),
            "project_id": event.project_id,
            "company_id": company,
            "created_at": iso(event.created_at),
            "updated_at": iso(event.updated_at),
            "deleted_at": event.deleted_at.map(iso),
        })
    }

    /// The event as v1.0 answers it.
    pub(super) fn event_v10(&self, event: &ChangeEvent) -> Value {
        let world = &self.state.world;
        let status = world.statuses.get(&event.status_id);
        let reason = event.change_reason_id.and_then(|id| world.change_reasons.get(&id));
        let digits: String = event.number.chars().filter(char::is_ascii_digit).collect();
        json!({
            "id": event.id,
            "number": digits.parse::<i64>().ok(),
            "alphanumeric_number": event.number,
            "title": event.title,
            "description": event.description,
            "status": status.map(|s| s.name.to_lowercase()),
            "change_event_status": status.map(|s| json!({
                "id": s.id, "name": s.name, "mapped_to_status": s.mapped_to, "show_in_select": true,
            })),
            "change_order_change_reason": reason.map(|r| json!({
                "id": r.id, "company_id": r.company_id, "change_reason": r.name, "show_in_select": true,
            })),
            "event_scope": event.scope,
            "event_type": "tbd",
            "origin_id": event.external_data.as_ref().and_then(|d| d.origin_id.clone()),
            "origin_data": event.external_data.as_ref().and_then(|d| d.origin_data.clone()),
            "change_event_line_items": self.lines(event, false).map(|item| self.line_v10(event, item)).collect::<Vec<_>>(),
            "rfqs": [],
            "project_id": event.project_id,
            "created_at": iso(event.created_at),
            "updated_at": iso(event.updated_at),
            "deleted_at": event.deleted_at.map(iso),
        })
    }

    /// The lines to answer, in no particular order where that is switched on.
    fn lines<'e>(&self, event: &'e ChangeEvent, with_deleted: bool) -> impl Iterator<Item = &'e ChangeItem> + use<'e> {
        let mut lines: Vec<&ChangeItem> =
            event.items.iter().filter(|item| with_deleted || item.deleted_at.is_none()).collect();
        if self.state.switches.lines_shuffled {
            lines.sort_by_cached_key(|item| Sha256::digest(format!("{} {}", item.id, self.seq)).to_vec());
        }
        lines.into_iter()
    }

    /// The latest cost of a line.
    fn latest_cost(item: &ChangeItem) -> Estimate {
        let latest = item.latest_cost.as_ref().map_or(item.cost.amount, |cost| cost.amount);
        Estimate { amount: latest, ..item.cost.clone() }
    }

    /// The revenue of a line, and where it comes from: its latest cost, where nobody gave one and that is switched on.
    fn revenue(&self, event: &ChangeEvent, item: &ChangeItem) -> (Estimate, Option<String>) {
        let source = item.source_of_revenue_rom.as_ref().or(event.source_of_revenue_rom.as_ref());
        let given = source.is_some_and(|source| matches!(source.as_str(), "manual" | "no_revenue_expected"));
        let open = event.scope == "out_of_scope" && item.revenue.amount.is_zero() && !given;
        if open && self.state.switches.revenue_follows_cost {
            return (Self::latest_cost(item), Some("latest_cost".to_owned()));
        }
        let unsaid = if item.revenue.amount.is_zero() { "automatic" } else { "manual" };
        (item.revenue.clone(), self.source_of_revenue(item.source_of_revenue_rom.as_ref(), unsaid))
    }

    /// The source of a revenue as it is answered: nearly all that were seen named one.
    fn source_of_revenue(&self, given: Option<&String>, unsaid: &str) -> Option<String> {
        given.cloned().or_else(|| self.state.switches.revenue_source_named.then(|| unsaid.to_owned()))
    }

    /// The markup that the event's prime contract adds.
    fn markup(&self, event: &ChangeEvent) -> Vec<Value> {
        let percent = Decimal::from(self.state.switches.prime_contract_markup);
        if event.prime_contract_id.is_none() || percent.is_zero() && event.edited_markup.is_none() {
            return Vec::new();
        }
        let revenue: Decimal = event.live_items().map(|item| self.revenue(event, item).0.amount).sum();
        let computed = revenue * percent / Decimal::ONE_HUNDRED;
        let computed = computed.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
        let amount = self.money(event.edited_markup.unwrap_or(computed));
        vec![json!({
            "id": (event.id + 3_000_000).to_string(),
            "name": "Overhead and profit",
            "revenue": { "estimate_amount": amount, "latest_price_amount": amount },
        })]
    }

    /// The currency that a record of a project names, if anything does: its contract's own, else the project's.
    pub(super) fn currency_of(&self, project_id: i64, contract_id: Option<i64>) -> Option<&str> {
        let world = &self.state.world;
        let own = contract_id.and_then(|id| world.contract_currencies.get(&id)).map(String::as_str);
        let project = || world.projects.get(&project_id).map(|project| project.currency.as_str());
        own.or_else(project).filter(|_| self.state.switches.currency_named)
    }

    fn person(&self, id: i64) -> Value {
        let user = self.state.world.users.get(&id);
        user.map_or(Value::Null, |user| json!({ "id": user.id, "login": user.login, "name": user.name }))
    }

    /// A decimal with the number of places that is switched on.
    fn money(&self, amount: Decimal) -> String {
        decimal(amount, self.state.switches.amount_decimals)
    }

    fn estimate(&self, estimate: &Estimate) -> Value {
        json!({
            "amount": self.money(estimate.amount),
            "quantity": estimate.quantity.map(|n| n.normalize().to_string()),
            "unit_cost": estimate.unit_cost.map(|n| n.normalize().to_string()),
            "unit_of_measure": estimate.unit,
            "calculation_strategy": match estimate.strategy {
                Strategy::Automatic => "automatic",
                Strategy::Manual => "manual",
            },
        })
    }

    fn budget_code(&self, event: &ChangeEvent, item: &ChangeItem) -> Value {
        let codes = &self.state.world.wbs_codes;
        let none = || codes.values().find(|code| code.project_id == event.project_id && code.flat_code.is_empty());
        let code = match item.wbs_code_id {
            Some(id) => codes.get(&id),
            None if self.state.switches.none_is_a_code => none(),
            None => None,
        };
        code.map_or(Value::Null, |code| {
            json!({
                "id": code.id, "flat_code": code.flat_code, "description": code.description,
                "segment_items": segments(code),
            })
        })
    }

    fn vendor_of(&self, item: &ChangeItem) -> Value {
        let vendor = item.vendor_id.and_then(|id| self.state.world.vendors.get(&id));
        vendor.map_or(Value::Null, |vendor| json!({ "id": vendor.id, "name": vendor.name }))
    }

    /// The names of a line's lock. Whether lines that are part of nothing carry names is open.
    fn disabled_fields(&self, item: &ChangeItem) -> Vec<String> {
        let of_lock = item.lock.as_ref().map(|lock| lock.disabled_fields.clone()).unwrap_or_default();
        let untied = item.lock.is_none() && self.state.switches.untied_lines_name_disabled_fields;
        let names = ["budget_impact.estimate.amount", "revenue_impact.change_order", "line_aging"];
        if untied { names.map(String::from).into() } else { of_lock }
    }

    /// A document that a line is part of.
    fn document(&self, event: &ChangeEvent, item: &ChangeItem, (tie, kind): (&Tie, &str)) -> Value {
        let amount = if tie.to.is_cost() { item.cost.amount } else { self.revenue(event, item).0.amount };
        let mut document = json!({
            "id": tie.id,
            "type": kind,
            "number": tie.number,
            "title": tie.title,
            "status": tie.status,
            "line_item": {
                "id": tie.line_item_id,
                "amount": self.money(amount),
                "amount_project_currency": self.money(amount),
            },
            "days_in_stage": 3,
            "in_status_since": iso(item.updated_at),
            "currency_configuration": {
                "currency_iso_code": self.currency_of(event.project_id, item.contract_id),
                "base_currency_iso_code": null,
                "currency_exchange_rate": null,
            },
        });
        if tie.to.is_revenue() {
            document["contract_id"] = json!(event.prime_contract_id);
        } else {
            let kind = item.contract_id.and_then(|id| self.state.world.commitments.get(&id)).map(|c| c.kind.snake());
            document["contract_type"] = json!(kind);
        }
        document
    }

    fn line_v11(&self, event: &ChangeEvent, item: &ChangeItem) -> Value {
        let contract = item.contract_id.and_then(|id| self.state.world.commitments.get(&id)).map(|c| {
            json!({
                "id": c.id, "contract_type": c.kind.snake(), "number": c.number, "status": c.status, "title": c.title,
            })
        });
        let tied = |to: TieTo| item.lock.as_ref().and_then(|lock| lock.tie(to));
        let confirmed = [TieTo::Commitment, TieTo::CommitmentChangeOrder, TieTo::CommitmentPackage]
            .into_iter()
            .any(|to| tied(to).is_some());
        let proposed = !(confirmed && self.state.switches.confirmed_replaces_proposed);
        let document = |to: TieTo, kind: &str| tied(to).map(|tie| self.document(event, item, (tie, kind)));
        let commitment = document(TieTo::Commitment, "contract")
            .or_else(|| document(TieTo::CommitmentChangeOrder, "potential_change_order"))
            .or_else(|| document(TieTo::CommitmentPackage, "change_order_package"));
        let prime = document(TieTo::PrimeChangeOrder, "potential_change_order")
            .or_else(|| document(TieTo::PrimePackage, "change_order_package"));
        let of_budget = |to: TieTo| {
            tied(to).map(|tie| json!({ "id": tie.id, "number": tie.number, "title": tie.title, "status": tie.status }))
        };
        let (budget_change, modification) = (of_budget(TieTo::BudgetChange), of_budget(TieTo::BudgetModification));
        let is_budgeted = budget_change.is_some() || modification.is_some();
        let rfq = item.lock.as_ref().and_then(|lock| lock.rfq.as_ref());
        let latest = item.latest_cost.as_ref();
        let (revenue, source_of_revenue) = self.revenue(event, item);
        let project_currency = |estimate: &Estimate| {
            let mut value = self.estimate(estimate);
            value["amount_project_currency"] = value["amount"].clone();
            value["unit_cost_project_currency"] = value["unit_cost"].clone();
            value
        };
        let latest_values = |estimate: &Estimate| {
            let mut value = project_currency(estimate);
            value["uom"] =
                estimate.unit.as_ref().map_or(Value::Null, |name| json!({ "id": unit_id(name), "name": name }));
            value
        };
        json!({
            "id": item.id,
            "event_id": event.id,
            "event_number": event.number,
            "event_title": event.title,
            "item_type": "Event Line",
            "description": item.description,
            "budget_code": self.budget_code(event, item),
            "editable": item.lock.as_ref().is_none_or(|lock| lock.editable),
            "deletable": item.lock.is_none(),
            "disabled_fields": self.disabled_fields(item),
            "latest_cost_values": latest_values(&Self::latest_cost(item)),
            "latest_revenue_values": latest_values(&revenue),
            "cost_impact": {
                "estimate": self.estimate(&item.cost),
                "vendor": {
                    "proposed": proposed.then(|| self.vendor_of(item)),
                    "confirmed": confirmed.then(|| self.vendor_of(item)),
                },
                "contract": {
                    "proposed": contract.as_ref().filter(|_| proposed),
                    "confirmed": contract.as_ref().filter(|_| confirmed),
                },
                "commitment": commitment,
                "change_order_package": document(TieTo::CommitmentPackage, "change_order_package"),
                "non_commitment": null,
                "request_for_quote": rfq.map(|r| json!({
                    "id": r.id, "number": r.number, "title": r.title, "status": r.status,
                    "latest_quote_amount": latest.filter(|cost| cost.source == "latest_quote").map(|cost| self.money(cost.amount)),
                })),
                "source_of_latest_cost": latest.map_or("estimate", |cost| &cost.source),
                "source_of_stage": "estimate",
            },
            "revenue_impact": {
                "estimate": project_currency(&revenue),
                "change_order": prime,
                "change_order_package": document(TieTo::PrimePackage, "change_order_package"),
                "source_of_latest_price": if prime.is_some() { "change_order" } else { "estimate" },
                "source_of_revenue_rom": source_of_revenue,
                "source_of_stage": "estimate",
            },
            "budget_impact": is_budgeted
                .then(|| json!({ "budget_change": budget_change, "budget_modification": modification })),
            "currency_configuration": {
                "currency_iso_code": self.currency_of(event.project_id, item.contract_id),
            },
            "line_aging": (self.now.as_second() - item.created_at.as_second()) / 86_400,
            "source": null,
            "created_at": iso(item.created_at),
            "updated_at": iso(item.updated_at),
            "deleted_at": item.deleted_at.map(iso),
        })
    }

    fn line_v10(&self, event: &ChangeEvent, item: &ChangeItem) -> Value {
        let contract = item.contract_id.and_then(|id| self.state.world.commitments.get(&id));
        json!({
            "id": item.id,
            "event_id": event.id,
            "number": event.number,
            "title": event.title,
            "description": item.description,
            "budget_code": self.budget_code(event, item),
            "estimated_cost_amount": self.money(item.cost.amount),
            "estimated_cost_quantity": item.cost.quantity.map(|n| n.normalize().to_string()),
            "estimated_cost_unit_cost": item.cost.unit_cost.map(|n| n.normalize().to_string()),
            "estimated_cost_calculation_strategy": match item.cost.strategy {
                Strategy::Automatic => "automatic",
                Strategy::Manual => "manual",
            },
            "uom": item.cost.unit,
            "rom": item.cost.amount.trunc().normalize().to_string().parse::<i64>().ok(),
            "contract": contract.map(|c| json!({
                "id": c.id, "number": c.number, "title": c.title, "name": format!("{} - {}", c.number, c.title),
            })),
            "vendor": self.vendor_of(item),
            "proposed_contract_id": item.contract_id,
            "proposed_vendor_id": item.vendor_id,
            "statuses": {},
            "links": {},
            "currency_configuration": {
                "currency_iso_code": self.currency_of(event.project_id, item.contract_id),
            },
            "editable": item.lock.as_ref().is_none_or(|lock| lock.editable),
            "deletable": item.lock.is_none(),
            "created_at": iso(item.created_at),
            "updated_at": iso(item.updated_at),
        })
    }
}

/// The id of a unit in the company's list, which is not kept here: one for each name.
fn unit_id(name: &str) -> u64 {
    name.bytes().fold(7, |id, byte| (id * 31 + u64::from(byte)) % 1_000_000_007)
}
