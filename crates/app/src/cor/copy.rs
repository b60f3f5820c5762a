//! What the pages of a COR say of it.

use domain::{
    cor::{Besides, Status},
    procore::{Side, push_state::ProcoreState},
};
use store::repo::cor::Cor;

use crate::cor::read_cor::CorDetail;

/// Why no COR can be created yet.
pub const ADD_A_CONTRACT: &str = "Add a customer contract before you create a COR.";

/// A draft is gone.
pub const DELETED: &str = "The draft was deleted.";

/// Some lines of the editor were refused; what is wrong is said beside them.
pub const LINES_REFUSED: &str = "Some lines need your attention.";

/// Why only the sender edits a COR.
pub fn theirs(cor: &Cor) -> String {
    format!("Only {} edits this COR; it is theirs.", cor.sender.name)
}

/// What saving did to a COR, or sending it if `sent`.
pub fn saved(cor: &Cor, sent: bool) -> String {
    match cor.status {
        Status::Draft => format!("COR {} was saved as a draft. Nobody else sees it until you send it.", cor.number),
        Status::InReview if sent => sent_to(cor),
        _ => format!("COR {} was saved.", cor.number),
    }
}

/// The COR was saved, and an approval kept its price.
pub fn saved_without_price(cor: &Cor) -> String {
    format!("COR {} was saved without the price you typed. Its price is still {}.", cor.number, cor.total())
}

/// The COR was sent.
pub fn sent_to(cor: &Cor) -> String {
    format!("COR {} was sent to {}.", cor.number, cor.receiver.name)
}

/// What setting a status did, and what it left in Procore.
pub fn status_set(detail: &CorDetail) -> String {
    let cor = &detail.cor;
    if cor.status == Status::ReviseAndResubmit {
        return format!("COR {} was returned for revision.", cor.number);
    }
    let left = detail.link.as_ref();
    let left = left.filter(|link| cor.status == Status::Void && link.state == ProcoreState::UpdateNeeded);
    let left = left.map(|link| format!(" {}", link.reason)).unwrap_or_default();
    format!("COR {} is {} now.{left}", cor.number, cor.status.name())
}

/// The change event that holds lines of a COR, by its number where that is known.
pub fn in_event(detail: &CorDetail) -> Option<String> {
    detail.procore.pushed.as_ref()?;
    let event = detail.procore.standing.event.as_ref().filter(|event| !event.number.is_empty());
    Some(event.map_or_else(|| "a change event".to_owned(), |event| format!("CE {}", event.number)))
}

/// Whether the receiver returns the COR with this status, to be changed.
pub fn returns(detail: &CorDetail, status: Status) -> bool {
    status == Status::ReviseAndResubmit && detail.side == Side::Received
}

/// What follows from a status, and who sees it, where that has to be said before it is set.
pub fn consequence(detail: &CorDetail, status: Status, besides: Besides) -> Option<String> {
    let other = detail.counterparty();
    Some(match (besides, status) {
        (Besides::Record, _) => format!(
            "{other} hasn't joined, so you record the approval you received. The log shows it as recorded by sender, and the \
             price is locked."
        ),
        (Besides::Reason, Status::Void) => format!(
            "The approval is taken back, and the amount moves to Void. {other} sees it right away.{}",
            stays_there(detail)
        ),
        (Besides::Reason, _) => {
            format!("The approval is taken back, and the price can be changed. {other} sees it right away.")
        }
        (_, Status::Void) => {
            format!("The amount moves to Void. {other} sees it right away.{}", stays_there(detail))
        }
        (_, Status::ApprovedCoIssued) => {
            format!("A formal change order was received, so the amount can be billed. {other} sees it right away.")
        }
        _ if returns(detail, status) => format!("{other} changes it and sends it again."),
        _ => return None,
    })
}

/// What a void COR leaves in Procore, if there is any.
fn stays_there(detail: &CorDetail) -> String {
    let Some(there) = detail.procore.pushed.as_ref().map(|pushed| pushed.amount).filter(|there| !there.is_zero())
    else {
        return String::new();
    };
    let kept_in = detail.currency.as_ref().map_or_else(String::new, |trouble| format!(" ({})", trouble.theirs()));
    format!(" {there}{kept_in} of it is in Procore and stays there until you push the COR again.")
}
