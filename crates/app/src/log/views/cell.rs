//! How a COR stands in Procore, as a cell of a table and on its page.

use domain::procore::{difference, push_state::ProcoreState};

use crate::serving::views::Text;

/// A change event named in a line of text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventRef {
    /// "CE 011".
    pub label: String,
    /// Its own status in Procore: "Open", "Closed", a company's custom word.
    pub status: String,
    /// Its page in Procore.
    pub url: String,
}

/// How a COR stands in Procore.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProcoreCell {
    /// The state; `None` where the integration says nothing: no mapping, or a Draft.
    pub state: Option<ProcoreState>,
    /// What to say instead of the state's name: "Checking what Procore received, next at 14:32"; empty for the name.
    pub busy: Text,
    /// Where the words lead: the progress of the push that holds the COR, or the comparison with Procore.
    pub look_url: Option<String>,
    /// The whole sentence for the tooltip (the reason of a refusal); empty when there is none.
    pub reason: String,
    /// The linked event.
    pub event: Option<EventRef>,
    /// Where copies of its lines are removed with one click, if some were found and the reader may.
    pub remove_surplus: Option<String>,
}

impl ProcoreCell {
    /// Only a state.
    pub fn of(state: ProcoreState) -> Self {
        Self { state: Some(state), ..Self::default() }
    }

    /// In words.
    pub fn words(&self) -> Text {
        if self.busy.is_empty() { Text::from(self.state.map_or("—", ProcoreState::name)) } else { self.busy.clone() }
    }

    /// Somebody has to act: shown with the triangle in Procore's colour.
    pub fn alert(&self) -> bool {
        self.state.is_some_and(ProcoreState::needs_attention)
    }

    /// The calm state that needs no words beside the event.
    pub fn up_to_date(&self) -> bool {
        self.state == Some(ProcoreState::UpToDate)
    }

    /// The difference that was accepted or left of one that is up to date, in a few words.
    pub fn difference(&self) -> Option<&str> {
        difference::words(&self.reason).filter(|_| self.up_to_date())
    }

    /// The dot's class for the calm states.
    pub fn dot(&self) -> &'static str {
        match self.state {
            None | Some(ProcoreState::NotInProcore) => "none",
            Some(ProcoreState::InProgress) => "busy",
            Some(ProcoreState::Checking | ProcoreState::LineLocked | ProcoreState::EventStatusChanged) => "wait",
            Some(_) => "",
        }
    }
}
