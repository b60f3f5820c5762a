//! A price that was typed while somebody approved the COR: both are shown, and only the approved one counts.

use domain::{Money, activity::EntryKind, cor::Status};
use store::repo::activity::FeedEntry;

use crate::{
    App,
    cor::{input::CorInput, read_cor::CorDetail, write},
    words::Text,
};

/// An approval that keeps a typed price from being saved.
#[derive(Debug)]
pub struct SettledPrice {
    /// "Daniel Whitfield of Whitfield & Sons Construction set this COR to Approved to Proceed for 2,896.40, Nov 5, 2026,
    /// 09:12 UTC."
    pub sentence: Text,
    /// The other changes, in words; empty for no change, none while a field is wrong.
    pub rest: Option<String>,
}

impl SettledPrice {
    /// The approval that keeps what was `typed` from being saved, if it changes the price. `opened_on` is the revision that the
    /// person saw.
    pub fn of(app: &App, detail: &CorDetail, typed: &CorInput, opened_on: i64) -> Option<Self> {
        let cor = &detail.cor;
        cor.status.settles_price(cor.receiver_joined)?;
        if write::keeps_price(app, cor, typed) {
            return None;
        }
        let set = detail.activity.iter().find(|entry| entry.kind == EntryKind::Status);
        Some(Self {
            sentence: approval(cor.status, cor.total(), set, opened_on == cor.revision),
            rest: write::changes_besides_price(app, cor, typed).map(|changes| changes.join(", ")),
        })
    }
}

/// Says that a COR is approved and for how much, with person and time from `set`, unless it was approved `already` when the
/// form was opened.
fn approval(status: Status, total: Money, set: Option<&FeedEntry>, already: bool) -> Text {
    let what = format!("{} for {total}", status.name());
    if already {
        return format!("This COR was {what} already when you opened this form.").into();
    }
    let Some(set) = set else { return format!("This COR is {what} now.").into() };
    let told = match (set.person.as_str(), set.company.as_str()) {
        ("", "") => format!("This COR was set to {what}, "),
        ("", company) => format!("Someone at {company} set this COR to {what}, "),
        (person, "") => format!("{person} set this COR to {what}, "),
        (person, company) => format!("{person} of {company} set this COR to {what}, "),
    };
    Text::from(told).moment(set.at).and(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_approval_is_told_in_a_whole_sentence_whatever_is_known_of_it() {
        let set = |person: &str, company: &str| FeedEntry {
            id: domain::ActivityId(uuid::Uuid::nil()),
            person: person.into(),
            company: company.into(),
            at: "2026-11-05T09:12:00Z".parse().unwrap(),
            kind: EntryKind::Status,
            text: String::new(),
            private: false,
        };
        let told = |set: Option<FeedEntry>, already| {
            let told = approval(Status::ApprovedToProceed, Money::minor(2_252_500), set.as_ref(), already).to_string();
            // What is left of a moment without its markup.
            let start = |part: &str| part.rsplit_once('>').map_or(part.to_owned(), |(_, words)| words.to_owned());
            told.split('<').map(start).collect::<String>()
        };
        let (what, when) = ("Approved to Proceed for 22,525.00", "Nov 5, 2026, 09:12 UTC");
        let by = |who: &str| format!("{who} set this COR to {what}, {when}.");
        assert_eq!(told(Some(set("Daniel Whitfield", "Whitfield")), false), by("Daniel Whitfield of Whitfield"));
        assert_eq!(told(Some(set("Daniel Whitfield", "")), false), by("Daniel Whitfield"));
        assert_eq!(told(Some(set("", "Whitfield")), false), by("Someone at Whitfield"));
        assert_eq!(told(Some(set("", "")), false), format!("This COR was set to {what}, {when}."));
        assert_eq!(told(None, false), format!("This COR is {what} now."));
        for set in [None, Some(set("Daniel Whitfield", "Whitfield"))] {
            assert_eq!(told(set, true), format!("This COR was {what} already when you opened this form."));
        }
    }
}
