//! Contracts of a project and the invitation that connects a contractor.

use askama::Template;

use crate::{
    projects::views::ProjectTabs,
    serving::views::{Choice, Deed, FormErrors, Money, Pill, Shell, Text},
};

/// A project's contracts, with the form that adds one: posts `name`, `value`, `party` (`customer` or `contractor`: what this company
/// is), and the other company as `known` (its id) or `company` (its name) with `email`, whom the link is meant for.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "contracts/templates/contracts.html")]
pub struct ContractList {
    /// The frame.
    pub shell: Shell,
    /// The page's heading: "Contracts", or the project's title inside its settings.
    pub heading: String,
    /// The project's tabs when shown there.
    pub tabs: Option<ProjectTabs>,
    /// The currency of the values; empty when they differ and are printed with theirs.
    pub currency: String,
    /// The contracts.
    pub contracts: Vec<ContractRow>,
    /// Where "Add contract" posts.
    pub add: Deed,
    /// The new contract's name as typed.
    pub name: String,
    /// Its value as typed.
    pub value: String,
    /// What this company is in a new contract: `customer` or `contractor`.
    pub parties: Vec<Choice>,
    /// Companies known on the project.
    pub known: Vec<Choice>,
    /// The name of a new company as typed.
    pub company: String,
    /// Whom to invite, as typed.
    pub email: String,
    /// What was refused.
    pub errors: FormErrors,
}

/// A contract in the list.
#[derive(Debug, Clone, Default)]
pub struct ContractRow {
    /// Its id, which names the copy button's field.
    pub id: String,
    /// "26A - Electrical".
    pub name: String,
    /// The project, where contracts of several are listed; empty otherwise.
    pub project: String,
    /// The other company.
    pub company: String,
    /// What it is here: "Contractor" or "Customer".
    pub party: String,
    /// Its original value.
    pub value: Money,
    /// "Connected", "Invited", "Not invited".
    pub state: Pill,
    /// Whom the invitation is meant for and until when; empty without one.
    pub invited: Text,
    /// The link to send to the contractor, while nobody accepted; `None` when it is not (or no longer) to be shown.
    pub invitation: Option<String>,
    /// Where "Make an invitation link" posts.
    pub invite: Deed,
    /// Where "Delete" posts; `MayNot` once accepted.
    pub delete: Deed,
}

/// What somebody sees who opens an invitation. Accepting posts `job` (private to the acceptor), for somebody signed in `office` (one of
/// [`Self::offices`]), and for somebody new `company`, `office`, `name`, `email`, `password`.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "contracts/templates/invitation.html")]
pub struct Invitation {
    /// Where the form posts.
    pub action_url: String,
    /// Who invites.
    pub inviter: String,
    /// "send your change order requests for" or "receive the change order requests of".
    pub to_do: String,
    /// To which project.
    pub project: String,
    /// To which contract.
    pub contract: String,
    /// The address it is meant for; empty for whoever holds the link.
    pub meant_for: String,
    /// When the link ends.
    pub until: Text,
    /// Signed in: "Luis Ortega, Cascade Mechanical, Inc."; `None` for somebody new or signed out.
    pub as_whom: Option<String>,
    /// The offices to run the project from, for somebody signed in.
    pub offices: Vec<Choice>,
    /// The name of the first office as typed, for somebody new.
    pub office: String,
    /// The job number as typed.
    pub job: String,
    /// Where somebody with a login signs in and comes back.
    pub sign_in_url: String,
    /// Why it cannot be accepted ("This link was used on Nov 3."); empty when it can.
    pub refused: String,
    /// The company as typed.
    pub company: String,
    /// The name as typed.
    pub name: String,
    /// The address as typed.
    pub email: String,
    /// What was refused.
    pub errors: FormErrors,
}
