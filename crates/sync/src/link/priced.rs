//! The lines of an event whose revenue we set.

use std::collections::BTreeSet;

use domain::{
    ProjectId,
    procore::{Side, reference::Mark},
};
use procore::model::ChangeEvent;
use store::{CompanyTx, StoreError};

use super::translate;

/// Of the lines whose revenue might follow their cost, because both are equal, those of our sent CORs: by their stored id or
/// their mark. Lines of received CORs have no revenue that anybody set.
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
