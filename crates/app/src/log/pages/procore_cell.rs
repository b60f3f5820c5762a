//! How a COR stands in Procore, in the words of the log and of the COR's page.

use domain::{
    CorId,
    cor::Status,
    procore::{
        difference,
        push_state::{ProcoreState, PushState},
    },
};
use jiff::Timestamp;
use store::repo::push::UnderWay;

use crate::{
    comparison,
    log::views::cell::{EventRef, ProcoreCell},
    push::{Which, pages::result_url},
    serving::views::Text,
};

/// What is known of a COR and Procore.
pub(crate) struct Known<'a> {
    /// Its state there.
    pub state: ProcoreState,
    /// Why, where a person acts on it.
    pub reason: &'a str,
    /// Its status here.
    pub status: Status,
    /// The project is mapped.
    pub mapped: bool,
    /// And its office is connected to that account.
    pub connected: bool,
    /// The push that holds it.
    pub under_way: Option<&'a UnderWay>,
    /// The reader may see pushes.
    pub may_push: bool,
    /// The linked event.
    pub event: Option<EventRef>,
    /// Which COR.
    pub cor: CorId,
}

/// The cell.
pub(crate) fn cell(known: Known<'_>, now: Timestamp) -> ProcoreCell {
    let silent = known.state == ProcoreState::NotInProcore && (!known.mapped || known.status == Status::Draft);
    let disagrees = known.state.is_drift() || known.state == ProcoreState::ChangedInProcore;
    let differs = known.state == ProcoreState::UpToDate && difference::words(known.reason).is_some();
    let way = known.under_way.filter(|_| known.state.is_busy());
    ProcoreCell {
        state: (!silent).then_some(known.state),
        busy: way.map(|way| busy(way, known.connected, now)).unwrap_or_default(),
        look_url: way
            .filter(|_| known.may_push)
            .map(|way| result_url(Which::of(way.push, way.draft)))
            .or((disagrees || differs).then(|| comparison::pages::url_of(known.cor))),
        reason: known.reason.to_owned(),
        event: known.event,
        remove_surplus: (known.state == ProcoreState::Surplus && known.may_push)
            .then(|| comparison::pages::surplus_url(known.cor)),
    }
}

/// What a push under way does, and until or since when.
fn busy(way: &UnderWay, connected: bool, now: Timestamp) -> Text {
    let since = |what: &str| Text::from(what).and(" since ").clock(way.asked_at, now);
    let who = if connected { "sign-in" } else { "the office" };
    match &way.state {
        PushState::Queued { due } if *due > now => Text::from("In progress, goes on at ").clock(*due, now),
        PushState::Uncertain { look_at } if *look_at > now => {
            Text::from("Checking what Procore received, next at ").clock(*look_at, now)
        }
        PushState::Uncertain { .. } => Text::from("Checking what Procore received"),
        PushState::Parked { uncertain: true, .. } => {
            Text::from(format!("Checking waits for {who}, asked ")).clock(way.asked_at, now)
        }
        PushState::Parked { .. } => Text::from(format!("Waiting for {who}, asked ")).clock(way.asked_at, now),
        PushState::Paused { .. } => Text::from("Paused, asked ").clock(way.asked_at, now),
        PushState::Stopped { .. } => Text::from("Stopped, waits to be tried again, asked ").clock(way.asked_at, now),
        PushState::Queued { .. } | PushState::Sending { .. } => since("In progress"),
        PushState::Finished | PushState::Cancelled | PushState::Changed { .. } => Text::default(),
    }
}

#[cfg(test)]
mod tests {
    use domain::{DraftId, PushId};
    use uuid::Uuid;

    use super::*;

    fn said(state: PushState, connected: bool) -> String {
        let now: Timestamp = "2026-11-23T14:30:00Z".parse().unwrap();
        let way = way(None, state);
        let html = busy(&way, connected, now).to_string();
        html.split('<')
            .enumerate()
            .map(|(n, part)| if n == 0 { part } else { part.split_once('>').unwrap().1 })
            .collect()
    }

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
            let known = |may_push| Known {
                state: ProcoreState::Paused,
                reason: "",
                status: Status::InReview,
                mapped: true,
                connected: true,
                under_way: Some(&way),
                may_push,
                event: None,
                cor: CorId(Uuid::nil()),
            };
            assert_eq!(cell(known(true), way.asked_at).look_url, Some(url));
            assert_eq!(cell(known(false), way.asked_at).look_url, None, "who may not push can't steer it");
        }
    }

    #[test]
    fn each_busy_state_says_until_or_since_when() {
        let later = "2026-11-23T14:32:10Z".parse().unwrap();
        let past = "2026-11-23T14:29:00Z".parse().unwrap();
        let parked = |uncertain| PushState::Parked { why: String::new(), uncertain };
        assert_eq!(said(PushState::Queued { due: past }, true), "In progress since 14:28 UTC");
        assert_eq!(said(PushState::Queued { due: later }, true), "In progress, goes on at 14:32 UTC");
        assert_eq!(said(PushState::Sending { since: past }, true), "In progress since 14:28 UTC");
        assert_eq!(
            said(PushState::Uncertain { look_at: later }, true),
            "Checking what Procore received, next at 14:32 UTC"
        );
        assert_eq!(said(PushState::Uncertain { look_at: past }, true), "Checking what Procore received");
        assert_eq!(said(parked(false), true), "Waiting for sign-in, asked 14:28 UTC");
        assert_eq!(said(parked(false), false), "Waiting for the office, asked 14:28 UTC");
        let (why, look_at) = (String::new(), None);
        assert_eq!(said(PushState::Paused { look_at }, true), "Paused, asked 14:28 UTC");
        assert_eq!(
            said(PushState::Stopped { why, look_at }, true),
            "Stopped, waits to be tried again, asked 14:28 UTC"
        );
        assert_eq!(said(parked(true), true), "Checking waits for sign-in, asked 14:28 UTC");
    }
}
