//! What people do in Procore's own pages, so that a test or an operator can do it too.

use rust_decimal::Decimal;

use super::{
    ChangeItem, Company, Estimate, ExternalData, LatestCost, Lock, Project, ProjectSettings, Rfq, Tie, TieTo, World,
    WorldAction,
};

impl World {
    /// Does what a person would do in Procore's pages. `Err` says what does not exist.
    pub fn act(&mut self, action: WorldAction) -> Result<(), String> {
        match action {
            WorldAction::LockLine { line_id } => self.lock_line(line_id),
            WorldAction::TieLine { line_id, to } => self.tie_line(line_id, to),
            WorldAction::UnlockLine { line_id } => self.edit_line(line_id, |line| line.lock = None),
            WorldAction::DeleteLine { line_id } => self.delete_line(line_id),
            WorldAction::EditLineAmount { line_id, amount } => self.edit_line(line_id, |line| {
                line.cost = Estimate::manual(amount);
            }),
            WorldAction::EditLineDescription { line_id, description } => {
                self.edit_line(line_id, |line| line.description = Some(description))
            }
            WorldAction::AddForeignLine { event_id, description, amount } => {
                self.add_foreign_line(event_id, &description, amount).map(|_| ())
            }
            WorldAction::SetEventStatus { event_id, mapped_to } => self.set_event_status(event_id, &mapped_to),
            WorldAction::CloseEvent { event_id } => self.set_event_status(event_id, "closed"),
            WorldAction::DeleteEvent { event_id } => {
                let at = self.epoch;
                self.change_events.get_mut(&event_id).ok_or("no such event")?.deleted_at = Some(at);
                Ok(())
            }
            WorldAction::OwnByErp { event_id } => {
                let event = self.change_events.get_mut(&event_id).ok_or("no such event")?;
                event.external_data =
                    Some(ExternalData { origin_id: Some(format!("ERP-{event_id}")), origin_data: Some("erp".into()) });
                Ok(())
            }
            WorldAction::ConnectApp { company_id, connected } => {
                self.companies.get_mut(&company_id).ok_or("no such company")?.app_connected = connected;
                Ok(())
            }
            WorldAction::SetLevel { project_id, login, level } => {
                let user = self.user_by_login(&login).ok_or("no such user")?.id;
                self.projects.get_mut(&project_id).ok_or("no such project")?.access.insert(user, level);
                Ok(())
            }
            WorldAction::HideTool { login, tool, hidden } => {
                let user = self.user_by_login(&login).ok_or("no such user")?.id;
                let tools = self.hidden_tools.entry(user).or_default();
                if hidden {
                    tools.insert(tool)
                } else {
                    tools.remove(&tool)
                };
                Ok(())
            }
            WorldAction::SetTool { project_id, enabled } => {
                let project = self.projects.get_mut(&project_id).ok_or("no such project")?;
                project.settings.change_events_off = !enabled;
                Ok(())
            }
            WorldAction::SetContractStatus { contract_id, status } => {
                let commitment = self.commitments.get_mut(&contract_id).map(|contract| &mut contract.status);
                let prime = self.prime_contracts.get_mut(&contract_id).map(|contract| &mut contract.status);
                *commitment.or(prime).ok_or("no such contract")? = status;
                Ok(())
            }
            WorldAction::SetProjectCurrency { project_id, currency } => {
                self.projects.get_mut(&project_id).ok_or("no such project")?.currency = currency;
                Ok(())
            }
            WorldAction::SetContractCurrency { contract_id, currency } => {
                self.contract_currencies.insert(contract_id, currency);
                Ok(())
            }
            WorldAction::RemoveBudgetCode { wbs_code_id } => {
                self.wbs_codes.get_mut(&wbs_code_id).ok_or("no such budget code")?.active = false;
                Ok(())
            }
            WorldAction::AddProjects { company_id, count } => {
                self.add_projects(company_id, count);
                Ok(())
            }
            WorldAction::EditMarkup { event_id, amount } => {
                let event = self.change_events.get_mut(&event_id).ok_or("no such event")?;
                event.edited_markup = Some(amount);
                Ok(())
            }
            WorldAction::ShowOddly { id, fields } => {
                self.oddities.insert(id, fields);
                Ok(())
            }
        }
    }

    /// Ties a line to request for quote 3, so that it can't be edited or deleted.
    pub fn lock_line(&mut self, line_id: i64) -> Result<(), String> {
        let rfq = Rfq {
            id: self.new_id(),
            number: "3".to_owned(),
            title: "Pricing request".to_owned(),
            status: "out_for_pricing".to_owned(),
        };
        let lock = Lock {
            editable: false,
            disabled_fields: ["budget_code", "contract", "vendor", "description", "cost_impact"]
                .map(String::from)
                .into(),
            rfq: Some(rfq),
            ties: Vec::new(),
        };
        self.edit_line(line_id, |line| line.lock = Some(lock))
    }

    /// Makes a line part of another document. What that keeps from being changed are the budget code and the money of the
    /// side that the document is about; the other side stays free. The line can no longer be deleted.
    pub fn tie_line(&mut self, line_id: i64, to: TieTo) -> Result<(), String> {
        let (number, title) = match to {
            TieTo::Commitment => ("SC-23-007", "Mechanical"),
            TieTo::CommitmentChangeOrder => ("CCO-003", "Level 3 coordination"),
            TieTo::CommitmentPackage => ("COP-002", "October changes"),
            TieTo::PrimeChangeOrder => ("PCO-011", "Owner changes, October"),
            TieTo::PrimePackage => ("PCOP-004", "Owner package 4"),
            TieTo::BudgetChange => ("BC-007", "Contingency to trades"),
            TieTo::BudgetModification => ("BM-003", "General conditions to electrical"),
        };
        let (id, line_item_id) = (self.new_id(), self.new_id());
        let tie = Tie {
            to,
            id,
            number: number.to_owned(),
            title: title.to_owned(),
            status: "approved".to_owned(),
            line_item_id,
        };
        let side: &[&str] = match to {
            _ if to.is_cost() => &[
                "cost_impact.vendor.proposed",
                "cost_impact.contract.proposed",
                "cost_impact.estimate.amount",
                "cost_impact.estimate.quantity",
                "cost_impact.estimate.unit_cost",
            ],
            _ if to.is_revenue() => &[
                "revenue_impact.estimate.amount",
                "revenue_impact.estimate.quantity",
                "revenue_impact.estimate.unit_cost",
                "revenue_impact.source_of_revenue_rom",
            ],
            _ => &["budget_impact.estimate.amount", "budget_impact.source_of_budget_rom"],
        };
        let names: Vec<String> = ["budget_code"].iter().chain(side).map(|name| (*name).to_owned()).collect();
        self.edit_line(line_id, |line| {
            if to.is_cost() {
                let amount = line.latest_cost.as_ref().map_or(line.cost.amount, |latest| latest.amount);
                line.latest_cost = Some(LatestCost { source: "commitment".to_owned(), amount });
            }
            let lock = line.lock.get_or_insert_with(|| Lock {
                editable: true,
                disabled_fields: Vec::new(),
                rfq: None,
                ties: Vec::new(),
            });
            lock.disabled_fields
                .extend(names.into_iter().filter(|name| !lock.disabled_fields.contains(name)).collect::<Vec<_>>());
            lock.ties.push(tie);
        })
    }

    /// Changes a line and dates the change.
    pub fn edit_line(&mut self, line_id: i64, edit: impl FnOnce(&mut ChangeItem)) -> Result<(), String> {
        let at = self.epoch;
        let event = self
            .change_events
            .values_mut()
            .find(|event| event.items.iter().any(|line| line.id == line_id))
            .ok_or_else(|| format!("no line {line_id}"))?;
        event.updated_at = event.updated_at.max(at);
        let line = event.items.iter_mut().find(|line| line.id == line_id).ok_or("no such line")?;
        edit(line);
        line.updated_at = line.updated_at.max(at);
        Ok(())
    }

    /// Moves a line to the recycle bin.
    pub fn delete_line(&mut self, line_id: i64) -> Result<(), String> {
        let at = self.epoch;
        self.edit_line(line_id, |line| line.deleted_at = Some(at))
    }

    /// Adds a line as a person would, without any integration's reference; answers its id.
    pub fn add_foreign_line(&mut self, event_id: i64, description: &str, amount: Decimal) -> Result<i64, String> {
        let id = self.new_id();
        let at = self.epoch;
        let event = self.change_events.get_mut(&event_id).ok_or_else(|| format!("no event {event_id}"))?;
        event.updated_at = event.updated_at.max(at);
        let mut line = ChangeItem::blank(id, event.created_by, event.updated_at);
        line.description = Some(description.to_owned());
        line.cost = Estimate::manual(amount);
        event.items.push(line);
        Ok(id)
    }

    /// Gives an event the status of its company that is mapped to `mapped_to`.
    pub fn set_event_status(&mut self, event_id: i64, mapped_to: &str) -> Result<(), String> {
        let event = self.change_events.get(&event_id).ok_or_else(|| format!("no event {event_id}"))?;
        let company = self.projects.get(&event.project_id).ok_or("no such project")?.company_id;
        let status = self.status_mapped(company, mapped_to).ok_or_else(|| format!("no status is {mapped_to}"))?.id;
        let at = self.epoch;
        let event = self.change_events.get_mut(&event_id).ok_or("no such event")?;
        event.status_id = status;
        event.updated_at = event.updated_at.max(at);
        Ok(())
    }

    /// Adds `count` projects to a company, numbered from 30-001 on.
    pub fn add_projects(&mut self, company_id: i64, count: u32) {
        for n in 1..=count {
            let id = self.new_id();
            let project = Project {
                id,
                company_id,
                number: format!("30-{n:03}"),
                name: format!("Tenant improvement {n}"),
                active: true,
                stage: "Bidding".into(),
                address: format!("{n} Market Street"),
                city: "Portland".into(),
                state: "ME".into(),
                currency: "USD".into(),
                access: std::collections::BTreeMap::default(),
                settings: ProjectSettings::default(),
            };
            self.projects.insert(id, project);
        }
    }

    /// Adds a company.
    pub fn add_company(&mut self, id: i64, name: &str, app_connected: bool) -> i64 {
        self.companies.insert(id, Company { id, name: name.to_owned(), currency: "USD".to_owned(), app_connected });
        id
    }
}

impl ChangeItem {
    /// An empty line.
    pub fn blank(id: i64, created_by: i64, at: jiff::Timestamp) -> Self {
        Self {
            id,
            description: None,
            wbs_code_id: None,
            cost: Estimate::default(),
            vendor_id: None,
            contract_id: None,
            revenue: Estimate::default(),
            source_of_revenue_rom: None,
            latest_cost: None,
            lock: None,
            created_by,
            created_at: at,
            updated_at: at,
            deleted_at: None,
        }
    }
}
