//! What the wizard says where people choose: the change event, the detail, budget codes and contracts.

use domain::{cor::Breakdown, procore::Side, text::counted};
use store::repo::change_event::EventRow;

use crate::{
    integration::reference::{ProcoreContract, ReferenceData},
    push::push_draft::PushDraft,
};

/// A draft was given up.
pub const DISCARDED: &str = "The push was discarded. Nothing was sent to Procore.";
/// Another window chose the event meanwhile.
pub fn chosen_elsewhere(event: &str) -> String {
    format!("Another window chose {event} for this push. This is where it stands now.")
}

/// Another window confirmed the push meanwhile.
pub const CONFIRMED_ELSEWHERE: &str = "This push was confirmed in another window. This is its result.";
/// Another window pushed the same CORs meanwhile.
pub const PUSHED_ELSEWHERE: &str = "These CORs were pushed from another window in the meantime.";
/// Where *Back* leads from the wizard.
pub const BACK_TO_LOG: &str = "Back to the log";
/// The same where the push began on a change notification.
pub const BACK_TO_NOTIFICATION: &str = "Back to the notification";

/// Where a push that was left goes on.
pub const GO_ON: &str = "Go on with it";

/// What is said of a push that was left, in the log.
pub fn left(cors: usize) -> String {
    format!("You began to push {} and did not finish.", counted(cors, "COR", "CORs"))
}

/// The same on the first step of another push of the same CORs.
pub const LEFT_BEFORE: &str = "You began to push these CORs before, and what you chose was kept.";

/// Where somebody goes on without a code.
pub const CODE_IS_MISSING: &str = "Choose a budget code.";
/// Where sent CORs have no prime contract.
pub const NO_PRIME_CONTRACT: &str = "No prime contract: no markup is asked for";

/// What the choice of a prime contract is for, and whom it reaches. What can't be compared with the CORs is told as no amount.
pub fn about_markup(there: Option<&EventRow>, compares: bool) -> String {
    let mut about = String::from(
        "The prime contract is for Procore’s markup estimates, and optional. Where one is set, Procore adds markup to the revenue \
         by that contract’s settings, on top of our price. One that is set in Procore is never changed from here.",
    );
    if let Some(event) = there.filter(|event| event.prime_contract_id.is_none() && event.lines > 0) {
        let lines = counted(event.lines, "line", "lines");
        let revenue = match event.revenue + event.following {
            revenue if compares && revenue.is_readable() => format!(", with revenue of {revenue}"),
            _ => String::new(),
        };
        about.push_str(&format!(
            " CE {} has none. If you choose one, Procore also marks up the {lines} that are there already{revenue}.",
            event.number
        ));
    }
    about
}

/// How many CORs of a filter the push leaves out, and why.
pub fn left_out(cors: usize) -> String {
    format!(
        "{} left out of this push: void with nothing in Procore, a Draft, or under way already.",
        counted(cors, "COR is", "CORs are")
    )
}

/// What a detail is.
pub const fn about_detail(detail: Breakdown) -> &'static str {
    match detail {
        Breakdown::LineItems => "every line of the COR, each with its own budget code",
        Breakdown::Sections => "labor, material, equipment and other, one line each",
        Breakdown::LumpSum => "one line per COR",
    }
}

/// A contract to choose: its name, vendor and status.
pub fn contract(contract: &ProcoreContract) -> String {
    let status = if contract.status.is_empty() { String::new() } else { format!(" ({})", contract.status) };
    let vendor = if contract.vendor_name.is_empty() { String::new() } else { format!(" · {}", contract.vendor_name) };
    format!("{}{vendor}{status}", contract.name())
}

/// The prime contract that an event has already.
pub fn prime_contract(data: &ReferenceData, id: i64) -> String {
    data.contract(Side::Sent, id).map_or_else(|| "Set in Procore".to_owned(), ProcoreContract::name)
}

impl PushDraft {
    /// What its contracts are.
    pub fn contract_heading(&self) -> &'static str {
        if self.side == Side::Received { "Commitment" } else { "Prime contract for markup" }
    }

    /// What stands where no contract is chosen.
    pub fn contract_placeholder(&self) -> &'static str {
        if self.side == Side::Received { "Choose a contract…" } else { NO_PRIME_CONTRACT }
    }
}
