//! From a selection to a draft: one for each change event that the selection is linked to.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    ChangeNotificationId, ContractId, CorId, Currency, DraftId, LinkId, Money, ProjectId,
    cor::{Breakdown, LineKey},
    procore::{Side, push_plan::KnownLine, push_state::ProcoreState},
    role::Actor,
};
use jiff::SignedDuration;
use store::{
    CompanyTx,
    repo::{cor::Cor, draft::Draft, link::Link},
};
use sync::connection;

use super::draft::{DraftBody, place_of, slot};
use crate::{App, Error, integration::acting, log::selection};

/// The most events that one selection goes to: each gets a draft that names all the others.
const MOST_EVENTS: usize = 500;
/// Unfinished drafts of one person that a new wizard leaves standing: twice what one selection makes, so that the wizards
/// begun since the largest one don't take its siblings. Beyond that the ones left alone for longest go.
const MOST_DRAFTS: i64 = 1_000;
/// A draft that is left alone for so long goes.
const LEFT_ALONE: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Begins a push of `cors`. Answers the drafts; the first is the one to go on with.
pub async fn begin(
    app: &App,
    actor: &Actor,
    project: ProjectId,
    side: Side,
    cors: Vec<CorId>,
) -> Result<Vec<DraftId>, Error> {
    begin_from(app, actor, (project, side), BegunIn::default(), cors).await
}

/// Where a push is begun, to come back to afterwards.
#[derive(Debug, Clone, Default)]
pub struct BegunIn {
    /// The view of the log, as its query string.
    pub view: String,
    /// The change notification that the CORs answer.
    pub notification: Option<ChangeNotificationId>,
}

/// [`begin`], from somewhere.
pub async fn begin_from(
    app: &App,
    actor: &Actor,
    (project, side): (ProjectId, Side),
    from: BegunIn,
    cors: Vec<CorId>,
) -> Result<Vec<DraftId>, Error> {
    actor.may_write()?;
    if cors.is_empty() {
        return Err(Error::Conflict("Select at least one COR, then press +PROCORE.".into()));
    }
    if cors.len() > selection::LIMIT {
        return Err(selection::too_many());
    }
    let (app, actor) = (app.clone(), actor.clone());
    let store = app.store.clone();
    store.write(move |tx| begun(&app, &mut tx.of(actor.company), &actor, (project, side), &from, &cors)).await
}

/// The CORs of a selection that can be pushed now, and how many can't: of all that a filter finds some usually can't, and
/// those that can shouldn't have to be ticked one by one. All of them where none can, so that the reason is told.
pub async fn sort_out(app: &App, actor: &Actor, cors: Vec<CorId>) -> Result<(Vec<CorId>, usize), Error> {
    let company = actor.company;
    app.store
        .read(move |tx| {
            let mut us = tx.of(company);
            let links = us.links_of(&cors)?;
            let mut fit: Vec<CorId> = Vec::with_capacity(cors.len());
            let found = us.cors(&cors)?;
            fit.extend(found.iter().filter(|cor| pushable(cor, links.get(&cor.id)).is_ok()).map(|cor| cor.id));
            let left_out = cors.len() - fit.len();
            Ok(if fit.is_empty() { (cors, 0) } else { (fit, left_out) })
        })
        .await
}

fn begun(
    app: &App,
    tx: &mut CompanyTx<'_>,
    actor: &Actor,
    (project, side): (ProjectId, Side),
    from: &BegunIn,
    ids: &[CorId],
) -> Result<Vec<DraftId>, Error> {
    let project = acting::visible_project(tx, actor, project)?;
    actor.may_push(project.standing())?;
    let mapping = connection::live_mapping(tx, project.id, project.standing())?;
    let cors = tx.cors(ids)?;
    let of_side = |cor: &Cor| match side {
        Side::Sent => cor.sender.id == actor.company,
        Side::Received => cor.receiver.id == actor.company,
    };
    if cors.len() != ids.len() || cors.iter().any(|c| c.project != project.id || !of_side(c)) {
        return Err(Error::NotFound);
    }
    let mut groups: BTreeMap<Option<i64>, Vec<(Cor, Option<Link>)>> = BTreeMap::new();
    let mut links = tx.links_of(ids)?;
    for cor in cors {
        let link = links.remove(&cor.id);
        pushable(&cor, link.as_ref())?;
        groups.entry(link.as_ref().and_then(|l| l.event)).or_default().push((cor, link));
    }
    // What is not linked yet comes first: that is where a choice is to be made.
    if groups.len() > MOST_EVENTS {
        return Err(Error::Conflict(format!(
            "The selection is in {} change events; one push takes {MOST_EVENTS} at the most. Narrow the filter.",
            groups.len()
        )));
    }
    let now = app.now();
    tx.sweep_drafts(actor.person, now - LEFT_ALONE, MOST_DRAFTS)?;
    let siblings: Vec<DraftId> = groups.keys().map(|_| DraftId::fresh(now, &*app.entropy)).collect();
    for ((tied, members), id) in groups.into_iter().zip(&siblings) {
        let body = body(tx, tied, &members, siblings.clone())?;
        let body = DraftBody {
            view: from.view.clone(),
            notification: from.notification,
            place: Some(place_of(&mapping)),
            ..body
        };
        let body = serde_json::to_string(&body).map_err(Error::internal)?;
        let draft = Draft { id: *id, project: project.id, person: actor.person, side, body, revision: 1 };
        tx.insert_draft(&draft, now)?;
    }
    Ok(siblings)
}

/// A COR that may be pushed now: in nobody's hands, not in an event that no push of it accounts for while it has none of its
/// own, and shared and not void unless something of it is there.
pub fn pushable(cor: &Cor, link: Option<&Link>) -> Result<(), Error> {
    // Several contractors have a COR 003.
    let number = format!("{} of {}", cor.number, cor.sender.name);
    if let Some(link) = link
        && link.state.is_busy()
    {
        let state = link.state.name();
        return Err(Error::Conflict(format!("COR {number} is being pushed already ({state}). Wait for its result.")));
    }
    if let Some(link) = link
        && link.state == ProcoreState::Surplus
        && link.event.is_none()
    {
        return Err(Error::Conflict(format!(
            "COR {number}: {} Pushed now, it would count twice. Remove that surplus first, in the COR's comparison with \
             Procore, or void that Change Event.",
            link.reason
        )));
    }
    let there = link.is_some_and(|l| l.state != ProcoreState::NotInProcore);
    match cor.status.keeps_out_of_procore(there) {
        Some(why) => Err(Error::Conflict(format!("COR {number}: {why}"))),
        None => Ok(()),
    }
}

fn body(
    tx: &mut CompanyTx<'_>,
    tied: Option<i64>,
    members: &[(Cor, Option<Link>)],
    siblings: Vec<DraftId>,
) -> Result<DraftBody, Error> {
    let linked = members.iter().find_map(|(_, link)| link.as_ref().filter(|l| l.was_pushed()));
    let mut body = DraftBody {
        cors: members.iter().map(|(cor, _)| cor.id).collect(),
        sum: members.iter().map(|(cor, _)| cor.due_in_procore()).sum::<Money>(),
        currency: members.first().map_or(Currency::Usd, |(cor, _)| cor.currency),
        place: None,
        siblings,
        tied,
        target: None,
        breakdown: linked.map_or(Breakdown::LineItems, |l| l.breakdown),
        contracts: BTreeMap::new(),
        no_revenue: false,
        codes: BTreeMap::new(),
        suggested: false,
        suggestions: BTreeSet::new(),
        for_all: None,
        answers: BTreeMap::new(),
        marks: BTreeMap::new(),
        planned: None,
        push: None,
        view: String::new(),
        notification: None,
    };
    let contracts: BTreeSet<ContractId> = members.iter().map(|(cor, _)| cor.contract.id).collect();
    let remembered = tx.remembered(&contracts.into_iter().collect::<Vec<_>>())?;
    let linked: Vec<LinkId> = members.iter().filter_map(|(_, link)| link.as_ref().map(|link| link.id)).collect();
    let mut lines = tx.lines_of_links(&linked)?;
    let none = BTreeMap::new();
    for (cor, link) in members {
        let there = link.as_ref().and_then(|link| lines.remove(&link.id)).unwrap_or_default();
        suggest(&mut body, cor, remembered.get(&cor.contract.id).unwrap_or(&none), &there);
    }
    Ok(body)
}

/// What was pushed before, else what was last chosen for the same contract. Suggested only; a person sees it and goes on.
/// Nothing is chosen for a COR that has no place in Procore.
fn suggest(body: &mut DraftBody, cor: &Cor, remembered: &BTreeMap<String, i64>, there: &[KnownLine]) {
    if !cor.status.belongs_in_procore() {
        return;
    }
    if let Some(contract) = remembered.get("contract") {
        body.contracts.insert(cor.id, *contract);
    }
    body.no_revenue |= remembered.get(NO_REVENUE).is_some_and(|said| *said == 1);
    for breakdown in Breakdown::ALL {
        for line in cor.price.broken_down(breakdown, "") {
            // A rounding goes where something else of the contract went.
            let any = || {
                remembered
                    .iter()
                    .find(|(name, _)| !["contract", NO_REVENUE].contains(&name.as_str()))
                    .map(|(_, code)| code)
            };
            let rounding = || any().filter(|_| line.key == LineKey::Rounding);
            // What went for the whole says nothing of a section: labor has another code than equipment.
            let code = remembered.get(&memory(cor, line.key)).or_else(rounding);
            if let Some(code) = code {
                body.codes.insert(slot(cor.id, line.key), *code);
                body.suggestions.insert(slot(cor.id, line.key));
            }
        }
    }
    for line in there {
        if let Some(code) = line.values.budget_code {
            // What Procore has is no suggestion.
            body.suggestions.remove(&slot(cor.id, line.key));
            body.codes.insert(slot(cor.id, line.key), code);
        }
        if let Some(contract) = line.values.contract {
            body.contracts.insert(cor.id, contract);
        }
    }
    body.suggested |= !body.codes.is_empty();
}

/// The name under which it is remembered whether new lines say that no revenue is expected: 1 or 0.
pub(crate) const NO_REVENUE: &str = "no_revenue";

/// The name under which a line's code is remembered for its contract: line items share their section's.
pub(crate) fn memory(cor: &Cor, key: LineKey) -> String {
    match key {
        LineKey::Item(id) => {
            let section = cor.price.lines.iter().find(|l| l.id == id).map(|l| l.section);
            section.map_or_else(|| "total".to_owned(), |s| LineKey::Section(s).to_string())
        }
        key => key.to_string(),
    }
}
