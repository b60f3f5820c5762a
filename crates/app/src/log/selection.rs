//! What a person selected in the log: some CORs, or everything under a filter except some.

use std::collections::{BTreeMap, BTreeSet};

use domain::{CorId, Currency, Money, ProjectId, procore::Side, role::Actor};
use store::repo::log::Picked;

use crate::{App, Error, cor::story::visible, log::query::LogQuery};

/// The most CORs that one push takes, however they were picked.
pub const LIMIT: usize = 2_000;

/// What was picked, as the log posts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// The project whose log it is.
    pub project: ProjectId,
    /// The side of the log.
    pub side: Side,
    /// Which rows.
    pub picked: Picked,
}

/// The CORs of a selection at one moment. The wizard keeps these ids, not the filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frozen {
    /// The CORs, by number.
    pub ids: Vec<CorId>,
    /// What they add up to; one entry unless the log holds several currencies.
    pub sums: BTreeMap<Currency, Money>,
}

impl Frozen {
    /// How many.
    pub fn count(&self) -> usize {
        self.ids.len()
    }

    /// The CORs, if one push can take them: all in one currency.
    pub fn in_one_currency(self) -> Result<Vec<CorId>, Error> {
        if self.sums.len() > 1 {
            return Err(Error::Conflict(
                "The selection holds several currencies. Push each currency separately.".to_owned(),
            ));
        }
        Ok(self.ids)
    }
}

impl Selection {
    /// Reads the address and the form that the log posts: `project`, `side`, and `cor` repeated, or `all=1` with `filter` (a
    /// query string) and `except` repeated. Nothing if it is not a selection.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Option<Self> {
        let (mut project, mut side, mut all, mut filter) = (None, None, false, LogQuery::default());
        let (mut these, mut except) = (BTreeSet::new(), BTreeSet::new());
        for (name, value) in pairs {
            match name {
                "project" => project = value.parse().ok(),
                "side" => side = Side::from_code(value),
                "all" => all = value == "1",
                "filter" => filter = LogQuery::parse(value),
                "cor" => these.extend(value.parse::<CorId>().ok()),
                "except" => except.extend(value.parse::<CorId>().ok()),
                _ => {}
            }
        }
        let picked = if all { Picked::AllBut(filter.filter, except) } else { Picked::These(these) };
        Some(Self { project: project?, side: side?, picked })
    }
}

/// What a selection holds now. Refused when it holds nothing or more than [`LIMIT`].
pub async fn resolve(app: &App, actor: &Actor, selection: Selection) -> Result<Frozen, Error> {
    actor.may_see_log()?;
    let actor = actor.clone();
    let selected = app
        .store
        .read_snapshot(move |tx| {
            let mut us = tx.of(actor.company);
            visible(&mut us, &actor, selection.project)?;
            Ok::<_, Error>(us.log_selected(selection.project, selection.side, &selection.picked, LIMIT)?)
        })
        .await?;
    match selected {
        Some(selected) if selected.ids.is_empty() => {
            Err(Error::Conflict("Nothing is selected. Select the CORs to push in the log first.".to_owned()))
        }
        Some(selected) => Ok(Frozen { ids: selected.ids, sums: selected.sums }),
        None => Err(too_many()),
    }
}

/// More than [`LIMIT`] are selected.
pub(crate) fn too_many() -> Error {
    Error::Conflict(format!("More than {LIMIT} CORs are selected. One push takes {LIMIT} at most. Narrow the filter."))
}
