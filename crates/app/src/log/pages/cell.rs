//! How a COR stands in Procore, as lists of CORs and the COR's page show it, with the links that lead on.

use domain::{
    CorId,
    procore::{difference, push_state::ProcoreState},
};
use jiff::Timestamp;
use store::repo::log::{EventName, LogRow, ProcoreStanding};

use crate::{
    comparison,
    log::{copy, in_procore::ProcoreTies},
    push::{Which, pages::result_url},
    serving::views::Text,
    words,
};

/// A change event named in a line of text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventRef {
    /// "CE 011".
    pub label: String,
    /// Its own status in Procore: "Open", "Closed", a company's custom word.
    pub status: String,
    pub url: String,
}

/// How a COR stands in Procore.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProcoreCell {
    /// `None` where the integration says nothing: no mapping, or a COR that nobody misses in Procore.
    pub state: Option<ProcoreState>,
    /// What to say instead of the state's name: "Checking what Procore received, next at 14:32"; empty for the name.
    pub busy: Text,
    /// Where the words lead: to the push that the COR is in or was refused in, or to the comparison with Procore, where a
    /// person decides and pushes again.
    pub look_url: Option<String>,
    /// The whole sentence for the tooltip (the reason of a refusal); empty when there is none.
    pub reason: String,
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

    /// Somebody has to act: shown with the triangle in Procore's color.
    pub fn alert(&self) -> bool {
        self.state.is_some_and(ProcoreState::needs_attention)
    }

    /// The state for which the event alone is shown.
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

/// The reader of how CORs of a project stand in Procore.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a> {
    pub project: &'a ProcoreTies,
    /// They may see and steer pushes.
    pub may_push: bool,
    pub now: Timestamp,
}

impl Reader<'_> {
    /// The cell of a row of the log; empty for a COR that isn't in Procore and can't be pushed.
    pub fn row(self, row: &LogRow) -> ProcoreCell {
        let silent = self.project.mapping.is_none() || row.status.keeps_out_of_procore(false).is_some();
        let cell = self.cell(row.id, &row.procore);
        ProcoreCell { state: cell.state.filter(|state| !silent || *state != ProcoreState::NotInProcore), ..cell }
    }

    /// The cell of a COR.
    pub fn cell(self, cor: CorId, standing: &ProcoreStanding) -> ProcoreCell {
        let state = standing.state;
        let mended = state.is_drift() || state.needs_attention() && !state.is_busy();
        let differs = state == ProcoreState::UpToDate && difference::words(&standing.reason).is_some();
        let way = self.project.under_way.get(&cor).filter(|_| state.is_busy());
        ProcoreCell {
            state: Some(state),
            busy: way.map(|way| copy::under_way(way, self.project.connected, self.now)).unwrap_or_default(),
            look_url: way
                .filter(|_| self.may_push)
                .map(|way| result_url(Which::of(way.push, way.draft)))
                .or_else(|| {
                    self.project.refused.get(&cor).filter(|_| self.may_push).map(|push| result_url((*push).into()))
                })
                .or((mended || differs).then(|| comparison::pages::url_of(cor))),
            reason: standing.reason.clone(),
            event: standing.event.as_ref().map(|event| self.event(event)),
            remove_surplus: (state == ProcoreState::Surplus && self.may_push)
                .then(|| comparison::pages::surplus_url(cor)),
        }
    }

    fn event(self, event: &EventName) -> EventRef {
        EventRef {
            label: words::event_label(&event.number),
            status: if event.gone { copy::GONE.to_owned() } else { event.status.clone() },
            url: self.project.event_url(event.id.get()),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{DraftId, PushId, procore::push_state::PushState};
    use store::repo::push::UnderWay;
    use uuid::Uuid;

    use super::*;

    fn way(draft: Option<DraftId>, state: PushState) -> UnderWay {
        UnderWay { push: PushId(Uuid::from_u128(7)), draft, state, asked_at: "2026-11-23T14:28:10Z".parse().unwrap() }
    }

    #[test]
    fn a_busy_cor_leads_to_its_push_with_a_draft_or_without() {
        let draft = DraftId(Uuid::from_u128(8));
        for (draft, url) in [
            (Some(draft), format!("/push/{draft}/result")),
            (None, format!("/pushes/{}", way(None, PushState::Finished).push)),
        ] {
            let way = way(draft, PushState::Paused { look_at: None });
            let (cor, now) = (CorId(Uuid::nil()), way.asked_at);
            let standing = ProcoreStanding { state: ProcoreState::Paused, reason: String::new(), event: None };
            let project = ProcoreTies { under_way: [(cor, way)].into(), ..ProcoreTies::default() };
            let leads = |may_push| Reader { project: &project, may_push, now }.cell(cor, &standing).look_url;
            assert_eq!(leads(true), Some(url));
            assert_eq!(leads(false), None, "who may not push can't steer it");
        }
    }
}
