//! How a COR is shown.

use domain::{
    CorId, Currency, LineItemId, Money, Named, NamedCompany, NamedContract, NamedProject,
    cor::{Breakdown, LineItem, Pricing, Recorded, Section, Status},
    procore::{Amount, Side, currency::CurrencyTrouble, push_state::ProcoreState},
};
use jiff::Timestamp;
use serde::Serialize;
use store::repo::{activity::FeedEntry, log::EventName};
use utoipa::ToSchema;

use crate::cor::read_cor::CorDetail;

/// A change order request as one of its two companies sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Cor {
    id: CorId,
    project: NamedProject,
    contract: NamedContract,
    /// The caller's side.
    side: Side,
    sender: NamedCompany,
    receiver: NamedCompany,
    /// Unique per project and sender.
    number: String,
    title: String,
    description: String,
    customer_reference: String,
    status: Status,
    /// Why it has that status, as whoever set it said; may be empty.
    status_reason: String,
    /// The approval, where the sender recorded it because the receiver had not joined; else null.
    recorded_approval: Option<Recorded>,
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
    procore: CorInProcore,
    /// What happened, the newest first, as far as the caller's company may know.
    activity: Vec<FeedEntry>,
}

/// A line of a COR.
#[derive(Debug, Serialize, ToSchema)]
struct CorLine {
    id: LineItemId,
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
#[schema(as = InProcore)]
struct CorInProcore {
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

/// A COR with all that is shown of it.
impl From<CorDetail> for Cor {
    fn from(detail: CorDetail) -> Self {
        let procore = CorInProcore::of(&detail);
        let (cor, project) = (detail.cor, detail.project);
        Self {
            id: cor.id,
            project: Named { id: project.id, name: project.name },
            contract: cor.contract,
            side: detail.side,
            sender: cor.sender,
            receiver: cor.receiver,
            number: cor.number.into(),
            title: cor.title,
            description: cor.description,
            customer_reference: cor.customer_reference,
            status: cor.status,
            status_reason: cor.status_reason,
            recorded_approval: cor.recorded,
            currency: cor.currency,
            computed: cor.price.computed(),
            rounding: cor.price.rounding(),
            rounding_warning: cor.price.totals().warning().unwrap_or_default(),
            total: cor.price.total(),
            lines: cor.price.lines.into_iter().map(CorLine::from).collect(),
            revision: cor.revision,
            submitted_at: cor.submitted_at,
            created_at: cor.created_at,
            updated_at: cor.updated_at,
            procore,
            activity: detail.feed,
        }
    }
}

impl CorInProcore {
    fn of(detail: &CorDetail) -> Self {
        let standing = detail.standing.clone();
        let url = standing.event.as_ref().map(|event| detail.in_procore.event_url(event.id.get()));
        Self {
            state: standing.state,
            reason: standing.reason,
            event: standing.event,
            url: url.filter(|url| !url.is_empty()),
            pushed: detail.pushed().map(|link| Pushed {
                amount: link.pushed_amount,
                difference: detail.difference(link),
                not_compared: detail.currency.as_ref().err().map(CurrencyTrouble::with_remedy),
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
            id: line.id,
            section: line.section,
            description: line.description,
            quantity,
            unit,
            rate,
            amount: line.amount,
        }
    }
}
