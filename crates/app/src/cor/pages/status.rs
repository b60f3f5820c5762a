//! The status of a COR on its page: which ones it may be given, and what is asked before one.

use domain::cor::{Besides, Means, Status};
use serde::Deserialize;

use crate::{
    FieldErrors,
    cor::{
        copy,
        read_cor::CorDetail,
        set_status::{Approval, SetStatus},
    },
    serving::views::Choice,
};

/// A status that is not set without a question.
#[derive(Debug)]
pub(crate) struct AskStatus {
    pub status: Status,
    /// What has to be said with it.
    pub besides: Besides,
    /// What follows from it, and who sees it.
    pub consequence: String,
    pub typed: StatusForm,
    pub errors: FieldErrors,
}

/// The statuses as the page offers them, and why some are greyed.
pub(crate) fn offered(detail: &CorDetail) -> (Vec<Choice>, String) {
    let (cor, side) = (&detail.cor, detail.side);
    let mut note = String::new();
    let choice = |status: Status| {
        let refused = cor.status.may_become(status, side, cor.receiver_joined).err();
        let refused = refused.filter(|_| status != cor.status);
        if let Some(why) = refused {
            note = why.to_string();
        }
        let choice = Choice::new(status.code(), status.name());
        Choice { selected: status == cor.status, disabled: refused.is_some(), ..choice }
    };
    let choices = Status::ALL.into_iter().filter(|status| status.is_shared()).map(choice).collect();
    (choices, note)
}

/// What is asked before a status that has to be said more about, or that ends the talk about a COR. The rest are set at
/// once.
pub(crate) fn question(detail: &CorDetail, status: Status, typed: StatusForm) -> Option<AskStatus> {
    let cor = &detail.cor;
    let besides = cor.status.may_become(status, detail.side, cor.receiver_joined).ok()?;
    if status == cor.status {
        return None;
    }
    let consequence = copy::consequence(detail, status, besides)?;
    Some(AskStatus { status, besides, consequence, typed, errors: FieldErrors::default() })
}

/// A status as the page posts it.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(default)]
pub(crate) struct StatusForm {
    pub status: String,
    /// The revision that the form showed.
    pub revision: i64,
    /// The form asks before a status that [`question`] is about.
    pub ask: String,
    pub reason: String,
    pub means: String,
    pub given_on: String,
}

impl StatusForm {
    pub fn read(self, status: Status) -> SetStatus {
        let approval = Approval { means: Means::from_code(&self.means), on: self.given_on };
        SetStatus {
            status,
            revision: Some(self.revision),
            reason: self.reason,
            approval: Some(approval).filter(|approval| *approval != Approval::default()),
        }
    }
}
