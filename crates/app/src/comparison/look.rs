//! A COR beside its lines in Procore: last pushed, asked for now, there now.
#![allow(missing_docs, reason = "most fields say by their names what they are")]

use domain::{
    CorId, Currency, ProcoreId, ProjectId, PushId,
    procore::{
        AddedByProcore, Amount, Side,
        comparison::{EventFacts, Finding},
        currency::CurrencyTrouble,
        difference, footing,
        push_state::ProcoreState,
    },
    role::Actor,
};
use jiff::Timestamp;
use serde::Serialize;
use sync::link::event_now;
use utoipa::ToSchema;

use super::{
    ComparedLine, Difference,
    known::{LinkedCor, known_now, place},
    resolutions::{OfferedResolution, resolutions},
};
use crate::{App, Error, error::UNREADABLE, integration::reference::Names};

/// A COR's lines from three sides, as last read from Procore, and what may be decided about them.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Comparison {
    pub cor_id: CorId,
    pub number: String,
    pub title: String,
    pub project_id: ProjectId,
    pub project_name: String,
    pub side: Side,
    pub state: ProcoreState,
    /// Why, where a person acts on it; may be empty.
    pub reason: String,
    pub currency: Currency,
    /// What Procore's amounts are in, where that is another currency or not known; else null.
    pub currency_in_procore: Option<String>,
    /// Why what Procore has can't be compared with the COR, and what mends it: its amounts are in another currency, or in one that
    /// nobody knows. Null when it can.
    pub not_compared: Option<String>,
    /// What identifies this view; a decision names it, and one about an older view is refused.
    pub version: String,
    /// Null until Procore was read after the last push.
    pub read_at: Option<Timestamp>,
    /// The push that is under way, for somebody who may push. Nothing can be decided until it has ended.
    pub push_id: Option<PushId>,
    /// What waits for a decision, the worst first.
    pub open: Vec<Difference>,
    /// What is said where nothing waits for a decision; else empty.
    pub summary: String,
    /// What a person left as it is.
    pub left_alone: Vec<Difference>,
    /// The change event that the COR is linked to; null until it was read.
    pub event: Option<LinkedEvent>,
    /// The change event when the COR was last pushed; null when that is not known.
    pub event_then: Option<EventThen>,
    /// The change event as last read.
    pub event_now: Option<EventThen>,
    /// What Procore adds to the revenue of the whole change event, as last read: no line's, and no difference. Null where the
    /// event was never read, or is gone.
    pub added_by_procore: Option<AddedByProcore>,
    /// Whether somebody changed that markup by hand.
    pub markup_edited: bool,
    pub lines: Vec<ComparedLine>,
    /// What the lines add up to.
    pub totals: ThreeAmounts,
    /// What `totals` hold besides the lines' amounts, since each is rounded to the cent and Procore holds fractions of it.
    pub rounding: ThreeAmounts,
    /// What may be decided now, or why not.
    pub resolutions: Vec<OfferedResolution>,
}

/// The change event that a COR is linked to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LinkedEvent {
    pub number: String,
    pub title: String,
    /// The company's own word, or that it is gone.
    pub status: String,
    /// Its page in Procore; null while the project is not mapped.
    pub url: Option<String>,
}

/// The change event at a moment.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EventThen {
    /// The company's own word; of an event that is gone, the one that it had last.
    pub status: String,
    /// Deleted, or not shown any more.
    pub gone: bool,
    pub prime_contract_id: Option<ProcoreId>,
    /// Number and title of that contract; null where no list that was read names it.
    pub prime_contract: Option<String>,
}

/// Amounts from three sides.
#[derive(Debug, Clone, Copy, Default, Serialize, ToSchema)]
pub struct ThreeAmounts {
    pub pushed: Amount,
    pub in_log: Amount,
    pub in_procore: Amount,
}

/// The status of an event that is gone.
pub const GONE: &str = "Deleted, or not shown any more";

/// A contract that no list names.
const UNNAMED: &str = "one that Procore’s list doesn’t show";

impl EventThen {
    fn of(facts: &EventFacts, names: &Names) -> Self {
        Self {
            status: facts.status.clone(),
            gone: facts.gone,
            prime_contract_id: facts.prime_contract.map(ProcoreId::from),
            prime_contract: facts.prime_contract.and_then(|id| names.contract(id)).map(str::to_owned),
        }
    }

    /// Its status in words.
    pub fn status_in_words(&self) -> &str {
        if self.gone { GONE } else { &self.status }
    }

    /// Its prime contract in words.
    pub fn contract_in_words(&self) -> &str {
        if self.prime_contract_id.is_none() { "none" } else { self.prime_contract.as_deref().unwrap_or(UNNAMED) }
    }
}

impl ThreeAmounts {
    /// Each of the three of a column's amounts.
    fn of(lines: &[ComparedLine], each: impl Fn(Vec<Amount>) -> Amount) -> Self {
        let column = |amount: fn(&ComparedLine) -> Option<Amount>| each(lines.iter().filter_map(amount).collect());
        Self {
            pushed: column(|line| line.pushed),
            in_log: column(|line| line.in_log.map(Amount::from)),
            in_procore: column(|line| line.in_procore),
        }
    }

    /// Whether none of them is anything.
    pub fn is_zero(&self) -> bool {
        self.pushed.is_zero() && self.in_log.is_zero() && self.in_procore.is_zero()
    }
}

impl Comparison {
    fn of(app: &App, actor: &Actor, linked: LinkedCor) -> Self {
        let (then, now) = linked.event_facts();
        let observed = linked.observation.as_ref();
        let (open, busy) = (open(&linked), linked.link.state.is_busy());
        let may_push = actor.may_push(linked.project.standing()).is_ok();
        let lines = &linked.lines;
        let place = linked.mapping.as_ref().map(|m| (m.procore_company_id, m.procore_project_id));
        let event = linked.event.as_ref().map(|event| LinkedEvent {
            number: event.number.clone(),
            title: event.title.clone(),
            status: if linked.is_gone() || event.gone { GONE.to_owned() } else { event.status.clone() },
            url: place.map(|(company, project)| app.event_in_procore(company, project, event.event_id)),
        });
        let added = linked.added_by_procore();
        Self {
            cor_id: linked.cor.id,
            project_id: linked.project.id,
            side: linked.side,
            state: linked.link.state,
            currency: linked.cor.currency,
            currency_in_procore: linked.currency.as_ref().err().map(|trouble| trouble.theirs().to_owned()),
            not_compared: linked.currency.as_ref().err().map(CurrencyTrouble::with_remedy),
            version: linked.version(),
            read_at: observed.and_then(|o| o.seen_at),
            push_id: linked.link.push.filter(|_| busy && may_push),
            summary: if open.is_empty() { summary(&linked) } else { String::new() },
            open,
            left_alone: observed.iter().flat_map(|o| &o.left_alone).map(Difference::from).collect(),
            event,
            event_then: then.map(|facts| EventThen::of(facts, &linked.names)),
            event_now: now.map(|facts| EventThen::of(facts, &linked.names)),
            added_by_procore: added
                .map(|(markup, following)| AddedByProcore { markup, revenue_that_follows_cost: following }),
            markup_edited: added.is_some() && linked.event.as_ref().is_some_and(|event| event.markup_edited),
            totals: ThreeAmounts::of(lines, |column| column.into_iter().sum()),
            rounding: ThreeAmounts::of(lines, |column| {
                footing::rounding(column.iter().copied(), column.iter().copied().sum()).into()
            }),
            resolutions: resolutions(&linked, actor),
            lines: linked.lines,
            number: linked.cor.number.to_string(),
            title: linked.cor.title,
            project_name: linked.project.name,
            reason: linked.link.reason,
        }
    }
}

/// What waits for a decision, and why there is none to be made.
fn open(linked: &LinkedCor) -> Vec<Difference> {
    let (link, found) = (&linked.link, linked.open());
    let said = |state, text: String| Difference { state, text };
    let out = linked.is_out().is_some();
    // What the log says of a void COR is no finding: it follows from its status.
    let told = link.state == ProcoreState::ChangedInProcore || out && link.state == ProcoreState::UpdateNeeded;
    let currency_told = out || found.iter().any(|finding| matches!(finding, Finding::OtherCurrency { .. }));
    let currency = linked.currency.as_ref().err().filter(|_| !currency_told);
    told.then(|| said(link.state, link.reason.clone()))
        .into_iter()
        .chain(found.iter().map(Difference::from))
        .chain(currency.map(|trouble| said(ProcoreState::OtherCurrency, trouble.with_remedy())))
        .chain(linked.unreadable.then(|| said(link.state, UNREADABLE.to_owned())))
        .collect()
}

/// What is said where nothing waits for a decision: as in the log, where what is there is not what the COR asks for.
fn summary(linked: &LinkedCor) -> String {
    let left = linked.observation.iter().any(|o| !o.left_alone.is_empty());
    let told = difference::told(linked.cor.due_in_procore(), linked.link.pushed_amount, "");
    let up_to_date = linked.link.state == ProcoreState::UpToDate && linked.currency.is_ok();
    if up_to_date && difference::words(&told).is_some() {
        format!("{told} Nothing waits for a decision.")
    } else if left {
        "Nothing waits for a decision.".to_owned()
    } else {
        "Procore has what was pushed.".to_owned()
    }
}

/// Compares a COR with its lines in Procore, as last read. [`Error::NotFound`] when it is not linked.
pub async fn look(app: &App, actor: &Actor, cor: CorId) -> Result<Comparison, Error> {
    Ok(Comparison::of(app, actor, known_now(app, actor, cor).await?))
}

/// Reads the event now, as the actor, and answers what is known then: that it was deleted, too. An event that is only hidden
/// from the actor is an error, since nothing was read.
pub async fn read_now(app: &App, actor: &Actor, cor: CorId) -> Result<Comparison, Error> {
    actor.may_write()?;
    let linked = known_now(app, actor, cor).await?;
    let Some(event) = linked.link.event else { return Ok(Comparison::of(app, actor, linked)) };
    event_now::find(app, actor, &place(app, actor, &linked).await?, event).await?;
    look(app, actor, cor).await
}
