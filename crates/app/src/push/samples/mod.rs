//! Samples of the push wizard.

pub mod choices;
pub mod plans;
pub mod pushes;

use domain::DraftId;
use uuid::Uuid;

use super::{
    copy::choices::BACK_TO_LOG,
    pages::head::{WizardHead, WizardStep},
    siblings::Sibling,
};
use crate::{gallery::Pages, serving::views::PageLink};

pub(crate) fn add(pages: &mut Pages) {
    choices::add(pages);
    plans::add(pages);
    pushes::add(pages);
}

const DRAFT: DraftId = DraftId(Uuid::nil());

fn head(step: WizardStep) -> WizardHead {
    WizardHead {
        heading: "Push 3 CORs to Procore".into(),
        draft: Some(DRAFT),
        step,
        reachable: WizardStep::ALL.into_iter().filter(|reached| *reached <= step).collect(),
        back: PageLink::new(BACK_TO_LOG, "/projects/1/log/received"),
        ..WizardHead::default()
    }
}

/// The selection as three pushes.
fn siblings() -> Vec<Sibling> {
    let sibling = |n: u128, event: Option<&str>, cors, pushed| Sibling {
        draft: DraftId(Uuid::from_u128(n)),
        event: event.map(str::to_owned),
        cors,
        pushed,
    };
    vec![sibling(0, Some("011"), 2, false), sibling(1, Some("008"), 1, true), sibling(2, None, 1, false)]
}
