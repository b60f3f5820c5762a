//! What the activity says of a COR when something is found in Procore.

use domain::{
    ActivityId,
    activity::{Audience, Entry, EntryKind},
};
use store::{CompanyTx, repo::link::Link};

use crate::{Context, Error};

/// Records a sentence about the link's COR, for its own company alone.
pub(super) fn tell(context: &Context, us: &mut CompanyTx<'_>, link: &Link, text: String) -> Result<(), Error> {
    let now = context.now();
    us.record(&Entry {
        id: ActivityId::fresh(now, &*context.entropy),
        project: link.project,
        cor: Some(link.cor),
        audience: Audience::Only(us.company),
        actor: None,
        actor_name: String::new(),
        at: now,
        kind: EntryKind::Push,
        text,
    })?;
    Ok(())
}
