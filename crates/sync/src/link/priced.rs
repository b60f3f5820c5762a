//! Which lines of an event have a revenue that we gave.

use std::collections::BTreeSet;

use domain::{
    ProjectId,
    procore::{Side, reference::Mark},
};
use procore::model::ChangeEvent;
use store::{CompanyTx, StoreError};

use super::translate;

/// Of the lines whose revenue equals their cost and might follow it, those of our sent CORs: by the id that is stored, or by
/// their mark. Of what received COR lines bring nobody gave a revenue.
pub fn by_us(us: &mut CompanyTx<'_>, project: ProjectId, found: &ChangeEvent) -> Result<BTreeSet<i64>, StoreError> {
    let mut doubtful = translate::may_follow_cost(found).peekable();
    let mut priced = BTreeSet::new();
    if doubtful.peek().is_none() {
        return Ok(priced);
    }
    let known = us.our_lines_in(project, found.id.0, Side::Sent)?;
    for item in doubtful {
        let ours = match Mark::find(&item.description) {
            _ if known.contains(&item.id.0) => true,
            Some(mark) => us.link_by_reference(project, &mark.reference)?.is_some_and(|link| link.side == Side::Sent),
            None => false,
        };
        if ours {
            priced.insert(item.id.0);
        }
    }
    Ok(priced)
}
