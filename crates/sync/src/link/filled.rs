//! Fields that Procore fills in by a setting of its project: budget code, contract and vendor of a line that has none.

use domain::{
    LinkId,
    procore::push_plan::{EventLines, KnownLine},
};
use jiff::Timestamp;
use store::{CompanyTx, repo::observation::Observation};

use crate::{Context, Error};

/// Adds what Procore filled in to the lines as we left them, so that it is no change by others. Only within the time that Procore
/// may take to show our write: what is filled in later, a person filled in.
pub(super) fn take_in(
    context: &Context,
    us: &mut CompanyTx<'_>,
    link: LinkId,
    (observation, event, read_at): (&Observation, Option<&EventLines>, Timestamp),
) -> Result<Vec<KnownLine>, Error> {
    let mut lines = us.link_lines(link)?;
    let shown_after = context.settings.push_list_lag + context.settings.push_quarantine;
    let Some(event) = event.filter(|_| read_at.duration_since(observation.baseline_at) < shown_after) else {
        return Ok(lines);
    };
    let mut changed = Vec::new();
    for line in &mut lines {
        let there = event.lines.iter().find(|there| Some(there.id) == line.line && !there.deleted);
        let Some(filled) = there.map(|there| line.values.filled_in(&there.values)) else { continue };
        if filled != line.values {
            line.values = filled;
            changed.push((link, line.clone()));
        }
    }
    us.save_link_lines(&changed)?;
    Ok(lines)
}
