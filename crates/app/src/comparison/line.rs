//! The lines of a linked COR from three sides: as we pushed them, as the COR asks for them now, and as Procore has them.
#![allow(missing_docs, reason = "most fields say by their names what they are")]

use domain::{
    Money, ProcoreId,
    cor::LineKey,
    procore::{
        Amount,
        comparison::Finding,
        push_plan::{EventLine, Field, KnownLine, Values},
        push_state::ProcoreState,
    },
};
use serde::Serialize;
use store::repo::{cor::Cor, link::Link, observation::Observation};
use utoipa::ToSchema;

use crate::integration::reference::Names;

/// A line from three sides; null where a side doesn't have it, or its amount can't be read.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct ComparedLine {
    /// What it stands for; `None` for a copy that nobody asked for.
    #[serde(skip)]
    pub key: Option<LineKey>,
    /// What it says here, else what it says in Procore.
    pub text: String,
    pub line_id: Option<ProcoreId>,
    #[schema(nullable = false)]
    pub pushed: Option<Amount>,
    /// What the COR asks for now.
    pub in_log: Option<Money>,
    #[schema(nullable = false)]
    pub in_procore: Option<Amount>,
    /// What Procore's amount is in; empty where Procore doesn't say.
    #[serde(skip)]
    pub currency: String,
    pub found: Vec<Difference>,
    /// What else is to be said of it, a sentence each: the words there, another budget code.
    pub notes: Vec<String>,
}

/// A difference between Procore and what was pushed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Difference {
    /// The state of the log that it calls for.
    pub state: ProcoreState,
    pub text: String,
}

impl From<&Finding> for Difference {
    fn from(finding: &Finding) -> Self {
        Self { state: finding.state(), text: finding.sentence() }
    }
}

impl ComparedLine {
    /// Every line of a COR: those that it asks for, then those that were pushed and that it no longer asks for, then copies.
    pub(super) fn all(
        (cor, link): (&Cor, &Link),
        known: &[KnownLine],
        observation: Option<&Observation>,
        names: &Names,
    ) -> Vec<Self> {
        let wanted = cor.in_procore(link.breakdown);
        let found = observation.map(|o| o.found.as_slice()).unwrap_or_default();
        let seen = observation.and_then(|o| o.seen.as_ref()).filter(|seen| !seen.event.gone);
        let there = |id: i64| seen.iter().flat_map(|s| &s.lines).find(|line| !line.deleted && line.id == id);
        let ours = |key, text: &str, in_log, known: Option<&KnownLine>| {
            let pushed = known.filter(|line| line.line.is_some());
            let there = pushed.and_then(|line| line.line).and_then(there);
            let found: Vec<&Finding> = found.iter().filter(|finding| is_about(finding, key)).collect();
            Self {
                key: Some(key),
                text: text.to_owned(),
                pushed: pushed.map(|line| line.values.amount),
                in_log,
                notes: notes(pushed.map(|line| &line.values), there.map(|line| &line.values), &found, names),
                found: found.into_iter().map(Difference::from).collect(),
                ..Self::default()
            }
            .in_procore(there)
        };
        let asked = wanted.iter().map(|want| {
            let known = known.iter().find(|line| line.key == want.key);
            ours(want.key, &want.description, Some(want.amount), known)
        });
        let no_longer = known.iter().filter(|line| line.line.is_some() && !wanted.iter().any(|w| w.key == line.key));
        let no_longer = no_longer.map(|line| ours(line.key, &line.values.description, None, Some(line)));
        let copies = found.iter().filter_map(|finding| {
            let copy = match finding {
                Finding::Surplus { line, is } => {
                    Self { text: is.description.clone(), ..Self::default() }.in_procore(there(*line))
                }
                Finding::SurplusElsewhere { number, line, is, .. } => Self {
                    text: format!("In Change Event {number}: {}", is.description),
                    line_id: Some((*line).into()),
                    in_procore: Some(is.amount),
                    ..Self::default()
                },
                _ => return None,
            };
            Some(Self { found: vec![finding.into()], ..copy })
        });
        asked.chain(no_longer).chain(copies).collect()
    }

    /// The same line with what Procore has of it.
    fn in_procore(self, there: Option<&EventLine>) -> Self {
        let Some(there) = there else { return self };
        Self {
            line_id: Some(there.id.into()),
            in_procore: Some(there.values.amount),
            currency: there.currency.clone(),
            ..self
        }
    }

    /// Whether the COR asks for something else than was pushed.
    pub fn is_edited(&self) -> bool {
        self.in_log.map(Amount::from) != self.pushed
    }
}

fn is_about(finding: &Finding, wanted: LineKey) -> bool {
    match finding {
        Finding::LineRemoved { key, .. } | Finding::LineChanged { key, .. } | Finding::LineLocked { key, .. } => {
            *key == wanted
        }
        Finding::ContractMoved { key, .. } => *key == Some(wanted),
        _ => false,
    }
}

fn notes(pushed: Option<&Values>, there: Option<&Values>, found: &[&Finding], names: &Names) -> Vec<String> {
    let both = pushed.zip(there);
    let mut notes = Vec::new();
    if let Some((was, is)) = both {
        let fields = was.differing(is);
        if fields.contains(&Field::Description) {
            notes.push(format!("In Procore it says “{}”.", is.description));
        }
        for field in [Field::BudgetCode, Field::Contract, Field::Vendor].iter().filter(|f| fields.contains(f)) {
            let named = match field {
                Field::BudgetCode => is.budget_code.and_then(|id| names.code(id)),
                Field::Contract => is.contract.and_then(|id| names.contract(id)),
                _ => None,
            };
            let named = named.map(|name| format!(": {name}")).unwrap_or_default();
            notes.push(format!("In Procore it has another {}{named}.", field.name()));
        }
    }
    let locks = found.iter().filter(|finding| matches!(finding, Finding::LineLocked { .. }));
    notes.extend(locks.map(|finding| finding.sentence()));
    if let Some((was, is)) = both
        && was.amount != is.amount
        && was.amount.same(is.amount)
    {
        notes.push(format!("In Procore it is {}.", is.amount.told_beside(was.amount)));
    }
    notes
}
