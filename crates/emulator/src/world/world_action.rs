//! What people can do in Procore's own pages, behind the back of an integration.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Level, TieTo, Tool};

/// Something a person in Procore does behind the back of an integration.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum WorldAction {
    /// Sends a line out with request for quote 3, so that it can't be edited.
    LockLine {
        /// Line.
        line_id: i64,
    },
    /// Makes a line part of another document, as every line becomes sooner or later.
    TieLine {
        /// Line.
        line_id: i64,
        /// Of which kind of document.
        to: TieTo,
    },
    /// Undoes a lock, ties included.
    UnlockLine {
        /// Line.
        line_id: i64,
    },
    /// Moves a line to the recycle bin.
    DeleteLine {
        /// Line.
        line_id: i64,
    },
    /// Gives a line another cost estimate.
    EditLineAmount {
        /// Line.
        line_id: i64,
        /// The new amount.
        amount: Decimal,
    },
    /// Rewords a line.
    EditLineDescription {
        /// Line.
        line_id: i64,
        /// The new words.
        description: String,
    },
    /// Adds a line that no integration knows of.
    AddForeignLine {
        /// Event.
        event_id: i64,
        /// Words.
        description: String,
        /// Cost estimate.
        amount: Decimal,
    },
    /// Gives the event the company's status that is mapped to `mapped_to`.
    SetEventStatus {
        /// Event.
        event_id: i64,
        /// `open`, `closed`, `pending` or `void`.
        mapped_to: String,
    },
    /// Closes the event.
    CloseEvent {
        /// Event.
        event_id: i64,
    },
    /// Moves an event to the recycle bin.
    DeleteEvent {
        /// Event.
        event_id: i64,
    },
    /// Lets an ERP connector own the event's reference.
    OwnByErp {
        /// Event.
        event_id: i64,
    },
    /// Installs or removes the app.
    ConnectApp {
        /// Company.
        company_id: i64,
        /// Installed or not.
        connected: bool,
    },
    /// Changes what a person may do with change events.
    SetLevel {
        /// Project.
        project_id: i64,
        /// Login.
        login: String,
        /// New level.
        level: Level,
    },
    /// Keeps a tool from a person, or shows it again.
    HideTool {
        /// Login.
        login: String,
        /// Which one.
        tool: Tool,
        /// Hidden or shown.
        hidden: bool,
    },
    /// Turns a project's Change Events tool on or off.
    SetTool {
        /// Project.
        project_id: i64,
        /// On or off.
        enabled: bool,
    },
    /// Gives a commitment or prime contract another status.
    SetContractStatus {
        /// Commitment or prime contract.
        contract_id: i64,
        /// Procore's word, such as "Void".
        status: String,
    },
    /// Keeps a project in another currency.
    SetProjectCurrency {
        /// Project.
        project_id: i64,
        /// ISO 4217 code.
        currency: String,
    },
    /// Keeps a commitment or prime contract in another currency than its project.
    SetContractCurrency {
        /// Commitment or prime contract.
        contract_id: i64,
        /// ISO 4217 code.
        currency: String,
    },
    /// Takes a budget code out of the budget.
    RemoveBudgetCode {
        /// WBS code.
        wbs_code_id: i64,
    },
    /// Adds many projects to a company.
    AddProjects {
        /// Company.
        company_id: i64,
        /// How many.
        count: u32,
    },
    /// Puts another estimated markup in place of the one that the prime contract's settings give.
    EditMarkup {
        /// Event.
        event_id: i64,
        /// The markup.
        amount: Decimal,
    },
    /// Shows a record otherwise than documented from now on, wherever it is answered.
    ShowOddly {
        /// Any record's id.
        id: i64,
        /// What stands in place of its own fields.
        fields: serde_json::Map<String, serde_json::Value>,
    },
}
