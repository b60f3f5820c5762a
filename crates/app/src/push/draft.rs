//! The stored draft of a push: one target, some CORs, and what was chosen so far.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    ChangeNotificationId, CorId, Currency, DraftId, LinkId, Money, ProjectId, PushId,
    cor::{Breakdown, BrokenDown, LineKey},
    procore::{
        Side,
        push::{Order, Target},
        push_plan::Work,
        reference::Reference,
    },
    role::Actor,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use store::{
    CompanyTx,
    repo::{cor::Cor, draft::Draft, link::Link, mapping::Mapping, project::Project},
};
use sync::connection;
use utoipa::ToSchema;

use super::{copy::choices, target::EventTarget};
use crate::{App, Error, integration::acting};

/// A line of a COR, as choices and forms name it: `<COR id>/<line key>`.
pub fn slot(cor: CorId, key: LineKey) -> String {
    format!("{cor}/{key}")
}

/// What becomes of a line that somebody removed in Procore, or that is locked there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It is made again.
    Recreate,
    /// It stays out of Procore, or as it is.
    Leave,
    /// It is locked there: another line makes up the difference.
    Adjust,
}

impl Answer {
    /// The answer that a form posts.
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "recreate" => Some(Self::Recreate),
            "leave" => Some(Self::Leave),
            "adjust" => Some(Self::Adjust),
            _ => None,
        }
    }
}

/// What a draft holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DraftBody {
    /// The selection, frozen when the draft was made.
    pub cors: Vec<CorId>,
    /// What it added up to then.
    pub sum: Money,
    /// Its currency.
    pub currency: Currency,
    /// The account and the project in Procore that it was begun for. Everything chosen since, and the plan, is of there.
    #[serde(default)]
    pub place: Option<(i64, i64)>,
    /// The drafts that the selection became, this one included: one an event.
    pub siblings: Vec<DraftId>,
    /// The event the CORs are linked to; another cannot be chosen.
    pub tied: Option<i64>,
    /// The chosen event.
    pub target: Option<Target>,
    /// The chosen detail.
    pub breakdown: Breakdown,
    /// The chosen commitment or prime contract of each COR.
    pub contracts: BTreeMap<CorId, i64>,
    /// The chosen budget code of each line, by [`slot`].
    pub codes: BTreeMap<String, i64>,
    /// Whether any of them was suggested rather than chosen.
    pub suggested: bool,
    /// The slots whose code was suggested and that nobody confirmed yet.
    #[serde(default)]
    pub suggestions: BTreeSet<String>,
    /// The code that was used for all lines: lines of another detail get it too, unless they have one of their own.
    #[serde(default)]
    pub for_all: Option<i64>,
    /// The lines that are made for received CORs say that no revenue is expected.
    #[serde(default)]
    pub no_revenue: bool,
    /// What was answered about lines that somebody removed in Procore, by [`slot`].
    pub answers: BTreeMap<String, Answer>,
    /// The link and mark that each COR without a link will get, made with the first plan.
    #[serde(default)]
    pub marks: BTreeMap<CorId, DraftMark>,
    /// The plan that was shown, and the CORs' `priced` that it was made of.
    pub planned: Option<Planned>,
    /// The push it became.
    pub push: Option<PushId>,
    /// The query string of the log that it began in.
    #[serde(default)]
    pub view: String,
    /// The change notification that it began on.
    #[serde(default)]
    pub notification: Option<ChangeNotificationId>,
}

/// How a COR's lines will be known in Procore.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DraftMark {
    /// The link it will get.
    pub link: LinkId,
    /// The mark at the end of its lines' descriptions.
    pub reference: Reference,
}

/// A plan as it was shown.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Planned {
    /// What will be confirmed.
    pub order: Order,
    /// What each COR's `priced` was.
    pub priced: BTreeMap<CorId, i64>,
    /// Which push each COR's link had last: another one since then has moved its lines.
    pub pushed_by: BTreeMap<CorId, PushId>,
    /// What pre-flight found that Procore would refuse: with any of it nothing is confirmed.
    #[serde(default)]
    pub stops: Vec<String>,
    /// When the event and the contracts were read for it.
    #[serde(default)]
    pub read_at: Timestamp,
}

/// What identifies a plan: a click on another one is refused.
pub fn version(order: &Order) -> String {
    let text = serde_json::to_string(order).expect("an order can be written as JSON");
    URL_SAFE_NO_PAD.encode(&Sha256::digest(text)[..12])
}

/// A draft with everything that its pages need.
#[derive(Debug, Clone)]
pub struct OpenedDraft {
    /// The stored draft.
    pub draft: Draft,
    /// Its content.
    pub body: DraftBody,
    /// The project.
    pub project: Project,
    /// Where it is in Procore.
    pub mapping: Mapping,
    /// Its CORs as they are now, in the order of the selection.
    pub cors: Vec<Cor>,
    /// The links that exist.
    pub links: BTreeMap<CorId, Link>,
    /// Its CORs were pushed to another event than the one that was chosen here: that choice is void.
    pub pushed_elsewhere: bool,
}

impl OpenedDraft {
    /// The event it goes into so far, as a page remembers it: nothing, an id in Procore, or the title of a new one.
    pub fn target_code(&self) -> String {
        match &self.body.target {
            None => String::new(),
            Some(Target::Existing { event, .. }) => event.to_string(),
            Some(Target::New(new)) => format!("new {}", new.title),
        }
    }

    /// What is said on a page that was opened before another window chose this event. `code` is what it was then.
    pub fn chosen_elsewhere(&self, code: Option<&str>) -> Option<String> {
        let target = self.body.target.as_ref()?;
        (code? != self.target_code()).then(|| choices::chosen_elsewhere(&EventTarget::from(target).name()))
    }

    /// Which side of the event the money goes to.
    pub fn side(&self) -> Side {
        self.draft.side
    }

    /// The lines that a COR asks for in the chosen detail: none for one that has no place in Procore.
    pub fn lines(&self, cor: &Cor) -> Vec<BrokenDown> {
        cor.in_procore(self.body.breakdown)
    }

    /// The CORs that have a place in Procore: only for these a contract is chosen.
    pub fn asking(&self) -> impl Iterator<Item = &Cor> {
        self.cors.iter().filter(|cor| cor.status.belongs_in_procore())
    }

    /// What can be told of the work before there is a plan: where none of its CORs has a place in Procore, nothing is to be chosen and
    /// lines are taken out. Only the plan knows whether what is locked is made up for.
    pub fn work(&self) -> Work {
        if self.asking().next().is_none() { Work::TakesOut } else { Work::Writes }
    }

    /// The contracts chosen for them, each once.
    pub fn contracts(&self) -> BTreeSet<i64> {
        self.asking().filter_map(|cor| self.body.contracts.get(&cor.id).copied()).collect()
    }

    /// The slots of what its CORs are priced from, in whatever detail: the lines that something can be chosen for.
    pub fn slots(&self) -> BTreeSet<String> {
        let of_cor = |cor: &Cor| {
            let lines = Breakdown::ALL.map(|detail| cor.price.broken_down(detail, ""));
            lines.into_iter().flatten().map(|line| slot(cor.id, line.key)).collect::<Vec<_>>()
        };
        self.cors.iter().flat_map(of_cor).collect()
    }

    /// The other company of a COR.
    pub fn party<'a>(&self, cor: &'a Cor) -> &'a str {
        &cor.counterparty(self.side()).name
    }
}

/// Opens a draft of the actor's company for one who may push from its project.
pub async fn open(app: &App, actor: &Actor, id: DraftId) -> Result<OpenedDraft, Error> {
    let actor = actor.clone();
    app.store.read(move |tx| opened(&mut tx.of(actor.company), &actor, id)).await
}

pub(crate) fn opened(tx: &mut CompanyTx<'_>, actor: &Actor, id: DraftId) -> Result<OpenedDraft, Error> {
    opened_at(tx, actor, id, |tx, project, body| {
        let mapping = connection::live_mapping(tx, project.id, project.standing())?;
        if body.push.is_none() && body.place != Some(place_of(&mapping)) {
            return Err(Error::Conflict(
                "This project was mapped to another Procore project after this push was begun, and events, codes and contracts \
                 are others there. Begin again from the log."
                    .into(),
            ));
        }
        Ok(mapping)
    })
}

/// The account and the project in Procore.
pub(crate) const fn place_of(mapping: &Mapping) -> (i64, i64) {
    (mapping.procore_company_id, mapping.procore_project_id)
}

/// The same with a mapping found by the caller: what was confirmed is shown also where nothing can be pushed any more.
pub(crate) fn opened_at(
    tx: &mut CompanyTx<'_>,
    actor: &Actor,
    id: DraftId,
    mapping: impl FnOnce(&mut CompanyTx<'_>, &Project, &DraftBody) -> Result<Mapping, Error>,
) -> Result<OpenedDraft, Error> {
    let draft = tx.draft(id)?.ok_or(Error::NotFound)?;
    let project = acting::visible_project(tx, actor, draft.project)?;
    actor.may_push(project.standing())?;
    let mut body = body_of(&draft)?;
    let mapping = mapping(tx, &project, &body)?;
    if let Some(tied) = body.tied
        && is_gone(tx, project.id, tied)?
    {
        body.tied = None;
    }
    let mut found: BTreeMap<CorId, Cor> = tx.cors(&body.cors)?.into_iter().map(|c| (c.id, c)).collect();
    let cors: Vec<Cor> = body.cors.iter().filter_map(|id| found.remove(id)).collect();
    let links = tx.links_of(&body.cors)?;
    let pushed_elsewhere = body.push.is_none() && tied_since(tx, project.id, &mut body, &links)?;
    Ok(OpenedDraft { draft, body, project, mapping, cors, links, pushed_elsewhere })
}

/// Ties a draft to the event that its CORs were pushed to after it was begun. Answers whether another one was chosen in it,
/// which is chosen no longer.
fn tied_since(
    tx: &mut CompanyTx<'_>,
    project: ProjectId,
    body: &mut DraftBody,
    links: &BTreeMap<CorId, Link>,
) -> Result<bool, Error> {
    let mut events: BTreeSet<i64> = links.values().filter_map(|link| link.event).collect();
    if body.tied.is_some() || events.len() != 1 {
        return Ok(false);
    }
    let Some(event) = events.pop_first() else { return Ok(false) };
    if is_gone(tx, project, event)? {
        return Ok(false);
    }
    body.tied = Some(event);
    let chose_another = match &body.target {
        Some(Target::Existing { event: chosen, .. }) => *chosen != event,
        Some(Target::New(_)) => true,
        None => false,
    };
    if chose_another {
        (body.target, body.planned) = (None, None);
    }
    Ok(chose_another)
}

/// What a draft holds. One that can't be read any more stops nothing but itself: nothing of it was sent, or its push goes on.
pub(crate) fn body_of(draft: &Draft) -> Result<DraftBody, Error> {
    serde_json::from_str(&draft.body).map_err(|error| {
        tracing::error!(draft = %draft.id, %error, "a draft can't be read");
        Error::Conflict(
            "What was chosen in this wizard can't be read any more. If it was confirmed, its push goes on and the log says how \
             it ends; if not, nothing was sent. Begin again from the log."
                .into(),
        )
    })
}

/// Whether an event was deleted in Procore: its CORs may go to another one.
pub(crate) fn is_gone(tx: &mut CompanyTx<'_>, project: ProjectId, event: i64) -> Result<bool, Error> {
    Ok(tx.change_event(project, event)?.is_some_and(|event| event.gone))
}

/// Stores a changed draft. A draft that became a push does not change any more.
pub(crate) async fn save(app: &App, actor: &Actor, opened: &OpenedDraft, body: &DraftBody) -> Result<(), Error> {
    if opened.body.push.is_some() {
        return Err(Error::Conflict("This push was confirmed already; its result is on the last step.".into()));
    }
    let mut draft = opened.draft.clone();
    draft.body = serde_json::to_string(body).map_err(Error::internal)?;
    let (company, now) = (actor.company, app.now());
    let stored = app.store.write(move |tx| tx.of(company).update_draft(&draft, now)).await;
    match stored {
        Err(store::StoreError::Expected1Row { .. }) => Err(Error::Conflict(
            "This wizard is open in another window, which went on. Reload to see its choices.".into(),
        )),
        other => Ok(other?),
    }
}
