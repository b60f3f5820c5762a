//! What a push is begun of: CORs by their ids, or all under a filter of the log but some.

use domain::{
    CompanyId, CorId, DraftId, ProcoreId, ProjectId,
    cor::Status,
    procore::{Side, push_state::ProcoreState},
    role::Actor,
};
use serde::{Deserialize, Serialize};
use store::repo::log::{LogFilter, Picked};
use utoipa::ToSchema;

use super::{
    begin::{BegunIn, begin, begin_from, sort_out},
    draft::open,
};
use crate::{
    App, Error, FieldErrors,
    log::{
        query::{SEARCH, searchable},
        selection::{self, Selection},
    },
};

/// What to push.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPush {
    project_id: ProjectId,
    /// Which log the CORs are in: received ones become costs, sent ones revenue.
    side: Side,
    /// The CORs by id; or else `all_of`.
    #[schema(min_items = 1, max_items = 2000)]
    cors: Option<Vec<CorId>>,
    /// All CORs under a filter, at most 2,000, instead of `cors`.
    all_of: Option<AllOf>,
}

/// All CORs that the log shows under a filter, on all its pages, but some. What it holds when the push begins is frozen.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AllOf {
    /// Any of these statuses.
    #[serde(default)]
    #[schema(required = false)]
    status: Vec<Status>,
    /// Any of these companies at the other end.
    #[serde(default)]
    #[schema(required = false)]
    counterparty: Vec<CompanyId>,
    /// Text to be found in number, title, reference, counterparty or change event.
    #[serde(default)]
    #[schema(required = false, max_length = 120)]
    q: String,
    /// Any of these places in Procore. `not_in_procore` leaves out Draft and Void CORs, which can't be pushed,
    /// unless `status` asks for them.
    #[serde(default)]
    #[schema(required = false)]
    procore_state: Vec<ProcoreState>,
    /// One change event.
    event: Option<ProcoreId>,
    /// Change events of any of these statuses, by the name Procore shows.
    #[serde(default)]
    #[schema(required = false)]
    event_status: Vec<String>,
    /// Not these, although the filter finds them.
    #[serde(default)]
    #[schema(required = false)]
    except: Vec<CorId>,
}

/// The drafts that a selection became: one for each change event that its CORs are linked to, and one for the rest.
#[derive(Debug, Serialize, ToSchema)]
pub struct Begun {
    /// The one to go on with comes first.
    pub drafts: Vec<BegunDraft>,
    /// How many CORs of `all_of` can't be pushed now and were left out: on their way already, or a Draft or void with nothing of
    /// it in Procore.
    pub left_out: usize,
}

/// A draft that was begun.
#[derive(Debug, Serialize, ToSchema)]
pub struct BegunDraft {
    pub id: DraftId,
    /// The change event that its CORs are linked to; another can't be chosen.
    pub linked_event_id: Option<ProcoreId>,
    pub cors: Vec<CorId>,
}

/// Begins a push as a program asks for it.
pub async fn begin_asked(app: &App, actor: &Actor, asked: NewPush) -> Result<Begun, Error> {
    let (project, side) = (asked.project_id, asked.side);
    match (asked.cors, asked.all_of) {
        (Some(cors), None) => told(app, actor, begin(app, actor, project, side, cors).await?, 0).await,
        (None, Some(all_of)) => {
            let selection = Selection { project, side, picked: all_of.picked()? };
            begin_selected(app, actor, selection, BegunIn::default()).await
        }
        _ => Err(Error::invalid("cors", "Give either `cors` or `all_of`.")),
    }
}

/// Begins a push of what was selected somewhere, as it is now. Of all under a filter we leave out what can't be pushed.
pub async fn begin_selected(app: &App, actor: &Actor, selection: Selection, from: BegunIn) -> Result<Begun, Error> {
    let (project, side) = (selection.project, selection.side);
    let all = matches!(selection.picked, Picked::AllBut(..));
    let cors = selection::resolve(app, actor, selection).await?.in_one_currency()?;
    let (cors, left_out) = if all { sort_out(app, actor, cors).await? } else { (cors, 0) };
    told(app, actor, begin_from(app, actor, (project, side), from, cors).await?, left_out).await
}

async fn told(app: &App, actor: &Actor, ids: Vec<DraftId>, left_out: usize) -> Result<Begun, Error> {
    let mut drafts = Vec::with_capacity(ids.len());
    for id in ids {
        let body = open(app, actor, id).await?.body;
        drafts.push(BegunDraft { id, linked_event_id: body.tied.map(ProcoreId::from), cors: body.cors });
    }
    Ok(Begun { drafts, left_out })
}

impl AllOf {
    fn picked(self) -> Result<Picked, Error> {
        let mut errors = FieldErrors::default();
        if !searchable(&self.q) {
            errors.add("all_of/q", format!("Search for at most {SEARCH} characters of text."));
        }
        if self.event_status.iter().any(|status| status.contains('\0')) {
            errors.add("all_of/event_status", "Leave out characters that aren’t text.");
        }
        errors.check()?;
        let filter = LogFilter {
            text: self.q.trim().to_owned(),
            statuses: self.status.into_iter().collect(),
            counterparties: self.counterparty.into_iter().collect(),
            procore: self.procore_state.into_iter().collect(),
            event_statuses: self.event_status.into_iter().filter(|status| !status.is_empty()).collect(),
            event: self.event.map(ProcoreId::get),
        };
        Ok(Picked::AllBut(filter, self.except.into_iter().collect()))
    }
}
