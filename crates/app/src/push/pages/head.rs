//! The wizard's header: its steps, and the other pushes of the selection.

use domain::{DraftId, text::counted};

use super::back;
use crate::{
    App, Error,
    push::{
        OpenedDraft,
        siblings::{Sibling, siblings},
    },
    serving::{
        session::SignedIn,
        views::{FormErrors, PageLink},
    },
};

/// The steps, in order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum WizardStep {
    #[default]
    Event,
    Codes,
    Review,
    Result,
}

impl WizardStep {
    pub const ALL: [Self; 4] = [Self::Event, Self::Codes, Self::Review, Self::Result];

    /// The last part of its address.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Codes => "lines",
            Self::Review => "review",
            Self::Result => "result",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Event => "Change Event",
            Self::Codes => "Lines and codes",
            Self::Review => "Review",
            Self::Result => "Result",
        }
    }
}

/// The wizard's header.
#[derive(Debug, Clone, Default)]
pub(crate) struct WizardHead {
    pub heading: String,
    /// The draft; none for a removal, which has no steps before its result.
    pub draft: Option<DraftId>,
    pub step: WizardStep,
    /// The steps that can be shown.
    pub reachable: Vec<WizardStep>,
    /// Where Esc leads: where it was begun.
    pub back: PageLink,
    pub siblings: Vec<Sibling>,
    pub errors: FormErrors,
}

impl WizardHead {
    /// The header of a step.
    pub async fn of(app: &App, person: &SignedIn, opened: &OpenedDraft, step: WizardStep) -> Result<Self, Error> {
        let body = &opened.body;
        let heading = match opened.cors.as_slice() {
            [cor] => format!("Push COR {} to Procore", cor.number),
            cors => format!("Push {} CORs to Procore", cors.len()),
        };
        let can_be_shown = |step: &WizardStep| match step {
            WizardStep::Result => body.push.is_some(),
            _ if body.push.is_some() => false,
            WizardStep::Event => true,
            WizardStep::Codes => body.target.is_some(),
            WizardStep::Review => body.planned.is_some(),
        };
        Ok(Self {
            heading,
            draft: Some(opened.draft.id),
            step,
            reachable: WizardStep::ALL.into_iter().filter(can_be_shown).collect(),
            back: back(opened),
            siblings: siblings(app, &person.actor, opened).await?,
            errors: FormErrors::default(),
        })
    }

    /// Each step's name, its address where it can be shown, and whether it is done or current.
    pub fn steps(&self) -> impl Iterator<Item = (&'static str, Option<String>, &'static str)> {
        let drafts = self.draft.into_iter();
        drafts.flat_map(|draft| WizardStep::ALL.map(|step| (draft, step))).map(|(draft, step)| {
            let state = match step.cmp(&self.step) {
                std::cmp::Ordering::Less => "done",
                std::cmp::Ordering::Equal => "current",
                std::cmp::Ordering::Greater => "ahead",
            };
            let url = self.reachable.contains(&step).then(|| format!("/push/{draft}/{}", step.path()));
            (step.name(), url, state)
        })
    }

    pub fn is_current(&self, sibling: &Sibling) -> bool {
        self.draft == Some(sibling.draft)
    }

    /// The push of the selection that comes after this one, where any is left to be made.
    pub fn next(&self) -> Option<&Sibling> {
        self.siblings.iter().find(|sibling| !sibling.pushed && !self.is_current(sibling))
    }
}

impl Sibling {
    /// "CE 011 · 2 CORs" or "Not yet in Procore · 1 COR".
    pub fn label(&self) -> String {
        let event =
            self.event.as_ref().map_or_else(|| "Not yet in Procore".to_owned(), |number| format!("CE {number}"));
        format!("{event} · {}", counted(self.cors, "COR", "CORs"))
    }
}
