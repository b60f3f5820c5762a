//! What the event of a plan holds of CORs that are linked to no event any more. Of one that is linked, whoever reads the event
//! finds it as a surplus.

use std::collections::BTreeMap;

use domain::{
    procore::{
        Amount,
        preflight::Former,
        reference::{Mark, Reference},
    },
    role::Actor,
};
use procore::model::ChangeEvent;
use sync::link::translate;

use super::draft::OpenedDraft;
use crate::{App, Error};

/// The live lines of an event as read that bear a former mark of a COR of this draft and that no link knows. Where no line bears
/// a mark, nothing is asked.
pub(crate) async fn in_event(
    app: &App,
    actor: &Actor,
    opened: &OpenedDraft,
    found: &ChangeEvent,
) -> Result<Vec<Former>, Error> {
    let (company, project, side, event) = (actor.company, opened.project.id, opened.side(), found.id.0);
    let mut marked: BTreeMap<Reference, Vec<(i64, String, Amount)>> = BTreeMap::new();
    for line in translate::event(found, side).lines.into_iter().filter(|line| !line.deleted) {
        if let Some(mark) = Mark::find(&line.values.description) {
            let says = domain::text::shortened(&line.values.description, 60);
            marked.entry(mark.reference).or_default().push((line.id, says, line.values.amount));
        }
    }
    let unlinked = opened.cors.iter().filter(|cor| !opened.links.contains_key(&cor.id));
    let unlinked: Vec<_> = unlinked.map(|cor| (cor.id, cor.number.to_string())).collect();
    if marked.is_empty() || unlinked.is_empty() {
        return Ok(Vec::new());
    }
    app.store
        .read(move |tx| {
            let mut us = tx.of(company);
            let known = us.our_lines_in(project, event, side)?;
            let mut found = Vec::new();
            let former = us.former_references(&unlinked.iter().map(|(cor, _)| *cor).collect::<Vec<_>>())?;
            for (cor, number) in unlinked {
                let lines =
                    former.get(&cor).into_iter().flatten().filter_map(|reference| marked.get(reference)).flatten();
                let lines = lines.filter(|(id, ..)| !known.contains(id));
                let lines: Vec<_> = lines.map(|(_, says, amount)| (says.clone(), *amount)).collect();
                if !lines.is_empty() {
                    found.push(Former { number, lines });
                }
            }
            Ok(found)
        })
        .await
}
