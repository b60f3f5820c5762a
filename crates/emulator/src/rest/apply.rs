//! The rules of writing a change event.

use jiff::Timestamp;

use super::answer::Problem;
use super::write::{Change, EstimateWrite, EventWrite, ItemWrite};
use crate::Switches;
use crate::world::{ChangeEvent, ChangeItem, Estimate, Strategy, World};

/// A write in progress: the event as it is becoming, beside the world it must fit.
pub(super) struct Writing<'a> {
    pub(super) world: &'a mut World,
    pub(super) switches: &'a Switches,
    pub(super) event: ChangeEvent,
    pub(super) user_id: i64,
    pub(super) now: Timestamp,
    /// Whether the event is new: some fields are then required.
    pub(super) creating: bool,
}

impl Writing<'_> {
    /// Applies everything that can be. What could not is answered; `self.event` holds what was applied before the first
    /// refusal of a line.
    pub(super) fn apply(&mut self, write: &EventWrite) -> Vec<Problem> {
        let mut problems = self.required(write);
        problems.extend(self.closed(write));
        problems.extend(self.too_many(write));
        problems.extend(self.fields(write));
        if !problems.is_empty() {
            return problems;
        }
        self.event.updated_at = self.now;
        let before: Vec<i64> = self.event.live_items().map(|item| item.id).collect();
        let mut refused = false;
        for item in write.items.iter().flatten() {
            let found = self.line(item, !refused);
            refused |= !found.is_empty();
            problems.extend(found);
        }
        if !refused && self.switches.unlisted_lines_dropped && !self.creating {
            self.drop_unlisted(write, &before);
        }
        problems
    }

    fn required(&self, write: &EventWrite) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.creating && write.status.is_none() {
            problems.push(Problem::malformed("status", "status is missing"));
        }
        if self.creating && write.scope.is_none() {
            problems.push(Problem::malformed("scope", "scope is missing"));
        }
        problems
    }

    fn closed(&self, write: &EventWrite) -> Option<Problem> {
        let mapped = |id: i64| self.world.statuses.get(&id).map_or("open", |status| &status.mapped_to);
        let is_closed = matches!(mapped(self.event.status_id), "closed" | "void");
        let reopens = write.status.is_some_and(|id| !matches!(mapped(id), "closed" | "void"));
        let refused = self.switches.closed_events_refuse_edits && !self.creating && is_closed && !reopens;
        refused.then(|| {
            Problem::refused("base", format!("Change Event {} is closed and can not be edited", self.event.id))
        })
    }

    fn too_many(&self, write: &EventWrite) -> Option<Problem> {
        let limit = self.switches.max_lines_per_call?;
        let sent = write.items.as_ref().map_or(0, Vec::len);
        (sent > limit)
            .then(|| Problem::refused("change_items", format!("Too many change items: {sent}, the maximum is {limit}")))
    }

    /// The event's own fields.
    fn fields(&mut self, write: &EventWrite) -> Vec<Problem> {
        let mut problems = Vec::new();
        let company =
            self.world.projects.get(&self.event.project_id).map(|project| project.company_id).unwrap_or_default();
        if let Some(id) = write.status {
            if self.world.statuses.get(&id).is_some_and(|status| status.company_id == company) {
                self.event.status_id = id;
            } else {
                problems.push(Problem::malformed("status", format!("Change Event Status with ID {id} not found")));
            }
        }
        if let Some(Some(number)) = &write.number {
            problems.extend(self.number_taken(number));
            self.event.number.clone_from(number);
        }
        if let Some(Some(id)) = write.change_type
            && self.world.change_types.get(&id).is_none_or(|kind| kind.company_id != company)
        {
            problems.push(Problem::refused("change_type", format!("Change Type with ID {id} not found")));
        }
        if let Some(Some(id)) = write.change_reason
            && self.world.change_reasons.get(&id).is_none_or(|reason| reason.company_id != company)
        {
            problems.push(Problem::refused("change_reason", format!("Change Reason with ID {id} not found")));
        }
        if let Some(Some(id)) = write.prime_contract
            && self.world.prime_contracts.get(&id).is_none_or(|prime| prime.project_id != self.event.project_id)
        {
            let message = format!("prime_contract_for_estimates with id {id} is missing");
            problems.push(Problem::refused("prime_contract_for_estimates", message));
        }
        problems.extend(self.external_data(write, company));
        let event = &mut self.event;
        set(&mut event.title, &write.title);
        set(&mut event.description, &write.description);
        set(&mut event.change_type_id, &write.change_type);
        set(&mut event.change_reason_id, &write.change_reason);
        set(&mut event.prime_contract_id, &write.prime_contract);
        set(&mut event.source_of_revenue_rom, &write.source_of_revenue_rom);
        event.custom_fields.extend(write.custom_fields.clone());
        if let Some(scope) = &write.scope {
            event.scope.clone_from(scope);
        }
        problems
    }

    fn number_taken(&self, number: &str) -> Option<Problem> {
        let taken = self.world.change_events.values().any(|other| {
            other.id != self.event.id
                && other.project_id == self.event.project_id
                && other.number == number
                && (other.deleted_at.is_none() || self.switches.deleted_numbers_taken)
        });
        taken.then(|| Problem::refused("number", format!("Number {number} has already been taken")))
    }

    fn external_data(&mut self, write: &EventWrite, company: i64) -> Option<Problem> {
        let wanted = write.external_data.as_ref()?;
        let owned_by_erp =
            self.event.external_data.as_ref().is_some_and(|data| data.origin_data.as_deref() == Some("erp"));
        if self.switches.external_data_refused || owned_by_erp {
            let message = "External data can not be changed: it is managed by an ERP integration";
            return Some(Problem::refused("external_data", message));
        }
        if let Some(origin_id) = wanted.as_ref().and_then(|data| data.origin_id.as_ref())
            && self.switches.origin_id_unique
            && self.world.change_events.values().any(|other| {
                other.id != self.event.id
                    && self.world.projects.get(&other.project_id).is_some_and(|project| project.company_id == company)
                    && other.external_data.as_ref().and_then(|data| data.origin_id.as_ref()) == Some(origin_id)
            })
        {
            return Some(Problem::refused("external_data", format!("Origin ID {origin_id} has already been taken")));
        }
        self.event.external_data.clone_from(wanted);
        None
    }

    /// One line, written only when `write_it`; its problems name the ids that are to blame.
    fn line(&mut self, write: &ItemWrite, write_it: bool) -> Vec<Problem> {
        let existing = write.id.map(|id| self.event.item(id).cloned());
        let before = match existing {
            None => None,
            Some(Some(item)) => Some(item),
            Some(None) => {
                let id = write.id.unwrap_or_default();
                return vec![Problem::refused(
                    "change_items",
                    format!("Change Event Line Item with ID {id} not found"),
                )];
            }
        };
        let mut problems = self.unknown_ids(write);
        if let Some(item) = &before
            && item.deleted_at.is_some()
            && self.switches.deleted_line_refused
        {
            let message = format!("Change Event Line Item with ID {} not found", item.id);
            problems.push(Problem::refused("change_items", message));
        }
        let created = before.is_none();
        let mut item = before.clone().unwrap_or_else(|| ChangeItem::blank(0, self.user_id, self.now));
        change(&mut item, write, created);
        if self.switches.fields_filled_in && item.lock.is_none() {
            self.fill_in(&mut item, write, before.as_ref());
        }
        if write.deleted && item.deleted_at.is_none() {
            item.deleted_at = Some(self.now);
        }
        if created && self.switches.budget_code_required && item.wbs_code_id.is_none() {
            problems.push(Problem::refused("change_items", "Budget Code was not found."));
        }
        if !item.cost.fits() || !item.revenue.fits() {
            problems.push(Problem::refused("change_items", "Amount is too large"));
        }
        if let Some(before) = &before {
            problems.extend(self.locked(before, &item));
        }
        if problems.is_empty() && write_it {
            self.put(before.as_ref(), item);
        }
        problems
    }

    /// Fills in what a line leaves open: the first commitment of its vendor, or of all; its contract's vendor; the first code.
    fn fill_in(&self, item: &mut ChangeItem, write: &ItemWrite, before: Option<&ChangeItem>) {
        let (world, project) = (&*self.world, self.event.project_id);
        let contracts = world.commitments.values().filter(|contract| contract.project_id == project);
        let of_vendor = contracts.filter(|contract| item.vendor_id.is_none() || contract.vendor_id == item.vendor_id);
        let first = of_vendor.min_by_key(|contract| &contract.number).map(|contract| contract.id);
        item.contract_id = item.contract_id.or(first);
        let pays = item.contract_id.and_then(|id| world.commitments.get(&id)).and_then(|contract| contract.vendor_id);
        let moved = before.is_some_and(|before| before.contract_id != item.contract_id) && write.vendor.is_none();
        item.vendor_id = if moved { pays.or(item.vendor_id) } else { item.vendor_id.or(pays) };
        let codes = world.wbs_codes.values();
        let codes = codes.filter(|code| code.project_id == project && code.active && !code.flat_code.is_empty());
        let first = codes.min_by_key(|code| &code.flat_code).map(|code| code.id);
        item.wbs_code_id = item.wbs_code_id.or(first);
    }

    fn put(&mut self, before: Option<&ChangeItem>, mut item: ChangeItem) {
        match before {
            None => {
                item.id = self.world.new_id();
                self.event.items.push(item);
            }
            Some(before) if !same(before, &item) => {
                item.updated_at = self.now;
                if let Some(place) = self.event.items.iter_mut().find(|line| line.id == item.id) {
                    *place = item;
                }
            }
            Some(_) => {}
        }
    }

    fn unknown_ids(&self, write: &ItemWrite) -> Vec<Problem> {
        let project = self.event.project_id;
        let company = self.world.projects.get(&project).map(|project| project.company_id);
        let mut problems = Vec::new();
        if let Some(Some(id)) = write.wbs
            && !self.world.wbs_codes.get(&id).is_some_and(|code| code.project_id == project && code.active)
        {
            problems.push(Problem::refused("change_items", format!("Wbs Code with ID {id} not found")));
        }
        if let Some(Some(id)) = write.contract
            && self.world.commitments.get(&id).is_none_or(|contract| contract.project_id != project)
        {
            problems.push(Problem::refused("change_items", format!("Commitment Contract with ID {id} not found")));
        }
        if let Some(Some(id)) = write.vendor
            && self.world.vendors.get(&id).is_none_or(|vendor| Some(vendor.company_id) != company)
        {
            problems.push(Problem::refused("change_items", format!("Vendor with ID {id} not found")));
        }
        problems
    }

    /// Whether the change touches what a lock forbids.
    fn locked(&self, before: &ChangeItem, after: &ChangeItem) -> Option<Problem> {
        let lock = before.lock.as_ref()?;
        let sync =
            self.world.projects.get(&self.event.project_id).is_some_and(|project| project.settings.sync_wbs_code);
        let touched = touched_fields(before, after);
        let repeated = touched.is_empty() && self.switches.locked_line_may_be_repeated;
        if repeated {
            return None;
        }
        let forbidden = |field: &&str| {
            !(lock.editable && sync && *field == "budget_code")
                && lock.disabled_fields.iter().any(|name| covers(name, field))
        };
        let named: Vec<&str> = touched.iter().copied().filter(forbidden).collect();
        let deleted = before.deleted_at != after.deleted_at;
        if lock.editable && named.is_empty() && !deleted {
            return None;
        }
        let why = match (&lock.rfq, lock.ties.first()) {
            (Some(rfq), _) => format!("it is linked to RFQ {}", rfq.number),
            (None, Some(tie)) => format!("it is linked to {}", tie.number),
            (None, None) => "it is linked to a change order".to_owned(),
        };
        let what = if deleted { "deleted" } else { "edited" };
        let message = format!("Change Event Line Item with ID {} can not be {what}: {why}", before.id);
        Some(Problem::refused("change_items", message))
    }

    /// Deletes the lines that were there before and that the write does not mention.
    fn drop_unlisted(&mut self, write: &EventWrite, before: &[i64]) {
        let Some(items) = &write.items else { return };
        let named: Vec<i64> = items.iter().filter_map(|item| item.id).collect();
        let unlisted =
            |item: &&mut ChangeItem| before.contains(&item.id) && !named.contains(&item.id) && item.lock.is_none();
        for item in self.event.items.iter_mut().filter(unlisted) {
            item.deleted_at = Some(self.now);
            item.updated_at = self.now;
        }
    }
}

#[expect(clippy::ref_option, reason = "a change is absent, nothing or something")]
fn set<T: Clone>(field: &mut Option<T>, change: &Change<T>) {
    if let Some(value) = change {
        field.clone_from(value);
    }
}

fn change(item: &mut ChangeItem, write: &ItemWrite, created: bool) {
    set(&mut item.description, &write.description);
    set(&mut item.wbs_code_id, &write.wbs);
    set(&mut item.vendor_id, &write.vendor);
    set(&mut item.contract_id, &write.contract);
    set(&mut item.source_of_revenue_rom, &write.source_of_revenue_rom);
    change_estimate(&mut item.cost, &write.cost, created);
    change_estimate(&mut item.revenue, &write.revenue, created);
}

fn change_estimate(estimate: &mut Estimate, write: &EstimateWrite, created: bool) {
    if write.is_empty() {
        return;
    }
    set(&mut estimate.quantity, &write.quantity);
    set(&mut estimate.unit_cost, &write.unit_cost);
    set(&mut estimate.unit, &write.unit);
    if let Some(amount) = write.amount {
        estimate.amount = amount.unwrap_or_default();
    }
    // Where a new line says no strategy, quantity and unit cost without an amount mean automatic.
    let implied = created && write.amount.is_none() && write.quantity.is_some() && write.unit_cost.is_some();
    match write.strategy {
        Some(strategy) => estimate.strategy = strategy,
        None if implied => estimate.strategy = Strategy::Automatic,
        None => {}
    }
    estimate.settle();
}

/// Whether a disabled field is one that was touched: by its own name, or by a part of it.
fn covers(disabled: &str, field: &str) -> bool {
    let part = |of: &str| disabled == of || disabled.strip_prefix(of).is_some_and(|rest| rest.starts_with('.'));
    match field {
        "vendor" | "contract" => disabled == field || part(&format!("cost_impact.{field}")),
        "cost_impact" => disabled == field || part("cost_impact.estimate"),
        "revenue_impact" => {
            disabled == field || part("revenue_impact.estimate") || part("revenue_impact.source_of_revenue_rom")
        }
        _ => disabled == field,
    }
}

fn touched_fields(before: &ChangeItem, after: &ChangeItem) -> Vec<&'static str> {
    let pairs = [
        ("description", before.description != after.description),
        ("budget_code", before.wbs_code_id != after.wbs_code_id),
        ("vendor", before.vendor_id != after.vendor_id),
        ("contract", before.contract_id != after.contract_id),
        ("cost_impact", before.cost != after.cost),
        (
            "revenue_impact",
            before.revenue != after.revenue || before.source_of_revenue_rom != after.source_of_revenue_rom,
        ),
        ("deleted", before.deleted_at != after.deleted_at),
    ];
    pairs.into_iter().filter(|(_, touched)| *touched).map(|(field, _)| field).collect()
}

fn same(before: &ChangeItem, after: &ChangeItem) -> bool {
    touched_fields(before, after).is_empty()
}
