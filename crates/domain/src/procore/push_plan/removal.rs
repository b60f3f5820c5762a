//! Taking lines of one COR out of an event: copies that nobody wants, or all of them.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{EventLines, KnownLine, Plan, PlanCor, PlanLine, totals};
use crate::{
    cor::LineKey,
    ids::{CorId, LineItemId, LinkId},
    procore::{
        Side,
        reference::{Mark, Reference},
    },
};

/// What is to go.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Removal {
    /// Whose lines.
    pub cor: CorId,
    /// Its link to the event.
    pub link: LinkId,
    /// Its number.
    pub number: String,
    /// The link's reference.
    pub reference: Reference,
    /// The lines we know.
    pub known: Vec<KnownLine>,
    /// Procore's ids of the lines that go.
    pub lines: BTreeSet<i64>,
}

impl Plan {
    /// Plans a removal. Lines that are gone already are left out; those that Procore locks stay, with the reason.
    /// `also_ours` are our lines in the event.
    pub fn removal(side: Side, event: &EventLines, removal: &Removal, also_ours: &BTreeSet<i64>) -> Self {
        let live = event.lines.iter().filter(|line| !line.deleted && removal.lines.contains(&line.id));
        let lines = live.map(|line| {
            let known = removal.known.iter().find(|known| known.line == Some(line.id));
            let mark = Mark::find(&line.values.description);
            PlanLine {
                // A copy stands for nothing in the COR: it goes by Procore's id.
                key: known.map_or_else(|| copy(line.id), |known| known.key),
                ordinal: known.map(|known| known.ordinal).or(mark.map(|mark| mark.ordinal)).unwrap_or_default(),
                line: Some(line.id),
                action: line.removal(),
                before: Some(line.values.clone()),
                wanted: None,
            }
        });
        let cor = PlanCor {
            cor: removal.cor,
            link: removal.link,
            number: removal.number.clone(),
            reference: removal.reference.clone(),
            taken_out: false,
            lines: lines.collect(),
            surplus: Vec::new(),
        };
        let cors = vec![cor];
        let totals = totals(event, &cors, also_ours);
        Self { side, event: Some(event.id), cors, totals }
    }
}

fn copy(line: i64) -> LineKey {
    LineKey::Item(LineItemId(Uuid::from_u128(u128::from(line.unsigned_abs()))))
}
