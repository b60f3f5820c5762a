//! How a COR is shown.

use domain::{
    Currency, Money, ProcoreId,
    cor::{Breakdown, LineItem, Means, Pricing, Section, Status},
    procore::{Amount, Side, push_state::ProcoreState},
};
use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use store::repo::activity::FeedEntry;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{App, cor::read_cor::CorSeen, log::api::EventName, projects::api::Named};

/// A change order request as one of its two companies sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Cor {
    id: Uuid,
    project: Named,
    contract: Named,
    /// The caller's side.
    side: Side,
    sender: Named,
    receiver: Named,
    /// Unique per project and sender.
    number: String,
    title: String,
    description: String,
    customer_reference: String,
    status: Status,
    /// Why it has that status, as whoever set it said; may be empty.
    status_reason: String,
    /// The approval, where the sender recorded it because the receiver had not joined; else null.
    recorded_approval: Option<RecordedApproval>,
    currency: Currency,
    lines: Vec<CorLine>,
    /// What the lines add up to.
    computed: Money,
    /// What the total has over that.
    rounding: Money,
    /// A sentence where a typed total is further from the lines than a rounding is; else empty.
    rounding_warning: String,
    /// The amount requested.
    total: Money,
    /// Counts changes; a change names the one it was made on.
    revision: i64,
    /// Null for what was never submitted.
    submitted_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
    procore: InProcore,
    /// What happened, the newest first, as far as the caller's company may know.
    activity: Vec<Activity>,
}

/// An approval that the sender recorded.
#[derive(Debug, Serialize, ToSchema)]
struct RecordedApproval {
    /// How it was given.
    means: Means,
    /// The day on which it was given.
    on: Date,
}

/// A line of a COR.
#[derive(Debug, Serialize, ToSchema)]
struct CorLine {
    id: Uuid,
    section: Section,
    description: String,
    /// Null for an amount without a quantity; so are unit and rate.
    quantity: Option<String>,
    unit: Option<String>,
    rate: Option<String>,
    amount: Money,
}

/// A COR's place in Procore, on the caller's side.
#[derive(Debug, Serialize, ToSchema)]
struct InProcore {
    state: ProcoreState,
    /// Why, where a person acts on it; else empty.
    reason: String,
    event: Option<EventName>,
    /// The change event's page in Procore.
    url: Option<String>,
    /// What was written last; null before the first push.
    pushed: Option<Pushed>,
}

/// What was written to Procore last.
#[derive(Debug, Serialize, ToSchema)]
struct Pushed {
    amount: Amount,
    /// What the COR asks for now less that.
    difference: Amount,
    /// Why there is no difference, and what mends it: `amount` is in another currency, or in one that nobody knows. Null else.
    not_compared: Option<String>,
    detail: Breakdown,
    at: Option<Timestamp>,
}

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
struct Activity {
    at: Timestamp,
    /// A word for filters: `created`, `edited`, `sent`, `status`, `push`, …
    kind: &'static str,
    /// Who did it; empty for Ledgerboard itself.
    person: String,
    company: String,
    /// What, as a sentence without the person.
    text: String,
}

impl Cor {
    /// A COR with all that is shown of it.
    pub fn of(app: &App, seen: CorSeen) -> Self {
        let procore = InProcore::of(app, &seen);
        let cor = seen.cor;
        let total = cor.total();
        Self {
            id: cor.id.0,
            project: Named { id: seen.project.id.0, name: seen.project.name },
            contract: Named { id: cor.contract.0, name: cor.contract_name },
            side: seen.side,
            sender: Named { id: cor.sender.0, name: cor.sender_name },
            receiver: Named { id: cor.receiver.0, name: cor.receiver_name },
            number: cor.number.into(),
            title: cor.title,
            description: cor.description,
            customer_reference: cor.customer_reference,
            status: cor.status,
            status_reason: cor.status_reason,
            recorded_approval: cor.recorded.map(|recorded| RecordedApproval { means: recorded.means, on: recorded.on }),
            currency: cor.currency,
            computed: cor.price.computed(),
            rounding: cor.price.rounding(),
            rounding_warning: cor.price.totals().warning().unwrap_or_default(),
            total,
            lines: cor.price.lines.into_iter().map(CorLine::from).collect(),
            revision: cor.revision,
            submitted_at: cor.submitted_at,
            created_at: cor.created_at,
            updated_at: cor.updated_at,
            procore,
            activity: seen.feed.into_iter().map(Activity::from).collect(),
        }
    }
}

impl InProcore {
    fn of(app: &App, seen: &CorSeen) -> Self {
        let Some(link) = &seen.link else {
            let state = ProcoreState::NotInProcore;
            return Self { state, reason: String::new(), event: None, url: None, pushed: None };
        };
        let known = seen.event.as_ref();
        let event = link.event.map(|id| EventName {
            id: ProcoreId::from(id),
            number: known.map(|event| event.number.clone()).unwrap_or_default(),
            title: known.map(|event| event.title.clone()).unwrap_or_default(),
            status: known.map(|event| event.status.clone()).unwrap_or_default(),
            gone: known.is_some_and(|event| event.gone),
        });
        let place = link.event.zip(seen.mapping.as_ref());
        Self {
            state: link.state,
            reason: link.reason.clone(),
            event,
            url: place.map(|(event, m)| app.event_in_procore(m.procore_company_id, m.procore_project_id, event)),
            pushed: (link.was_pushed()).then(|| Pushed {
                amount: link.pushed_amount,
                difference: seen.difference(link),
                not_compared: seen.currency.as_ref().err().map(domain::procore::currency::CurrencyTrouble::with_remedy),
                detail: link.breakdown,
                at: link.pushed_at,
            }),
        }
    }
}

impl From<LineItem> for CorLine {
    fn from(line: LineItem) -> Self {
        let (quantity, unit, rate) = match line.pricing {
            Pricing::Extended { quantity, unit, rate } => {
                (Some(quantity.to_string()), Some(unit), Some(rate.to_string()))
            }
            Pricing::Lump => (None, None, None),
        };
        Self {
            id: line.id.0,
            section: line.section,
            description: line.description,
            quantity,
            unit,
            rate,
            amount: line.amount,
        }
    }
}

impl From<FeedEntry> for Activity {
    fn from(entry: FeedEntry) -> Self {
        Self { at: entry.at, kind: entry.kind.code(), person: entry.person, company: entry.company, text: entry.text }
    }
}
