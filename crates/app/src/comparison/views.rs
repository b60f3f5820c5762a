//! A COR's lines from three sides: last pushed, ours now, Procore now; and the removal of lines there.

use askama::Template;

use crate::{
    log::views::cell::ProcoreCell,
    serving::views::{Deed, Link, Money, Shell},
};

/// The three columns and the choices. Every choice posts `version`; accepting posts `note` as well.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "comparison/templates/comparison.html")]
pub struct DriftPage {
    /// The frame.
    pub shell: Shell,
    /// "COR 014 · Storm drain".
    pub heading: String,
    /// How it stands in Procore.
    pub procore: ProcoreCell,
    /// What waits for a decision, a sentence each; empty when nothing does.
    pub open: Vec<String>,
    /// What is said where nothing waits for a decision.
    pub calm: String,
    /// What was left as it is, a sentence each.
    pub left_alone: Vec<String>,
    /// A sentence when a push is under way: then nothing can be decided; else empty.
    pub busy: String,
    /// Leads to that push, where it is steered.
    pub look: Option<Link>,
    /// "Read 4 min ago", or that it was not read yet.
    pub read: String,
    /// Where "Read it now" posts.
    pub read_url: String,
    /// The currency's code.
    pub currency: String,
    /// Procore's, where it is another one or not known; else empty.
    pub currency_there: String,
    /// Facts of the event: before and now.
    pub facts: Vec<DriftFact>,
    /// Line by line.
    pub lines: Vec<DriftLine>,
    /// The sums of the three columns.
    pub totals: [Money; 3],
    /// Where the rounded lines miss the sums; `None` where they add up.
    pub rounding: Option<[Money; 3]>,
    /// What identifies this view.
    pub version: String,
    /// "Write ours over it": posts `cor`.
    pub overwrite: Deed,
    /// What that is called, and a sentence about it: a void COR has its lines removed.
    pub overwrite_text: (&'static str, &'static str),
    /// The COR's id.
    pub id: String,
    /// "Take over what Procore has", or for a received COR "Accept what Procore has".
    pub accept: Deed,
    /// What accepting does, in words.
    pub accept_text: String,
    /// A note can be written beside it.
    pub accept_note: bool,
    /// "Leave it as it is".
    pub leave: Deed,
    /// "Unlink": nothing is changed in Procore.
    pub unlink: Deed,
    /// What that is called, and a sentence about it: of a deleted event no lines stay.
    pub unlink_text: (&'static str, &'static str),
    /// "Remove the surplus": the lines marked as too many are removed.
    pub remove_surplus: Deed,
    /// "Remove 2 lines".
    pub surplus_button: String,
    /// "Unlink and remove", "Move": each leads to a page that shows what goes.
    pub remove: Deed,
    /// See there.
    pub move_elsewhere: Deed,
    /// Back to the COR.
    pub back: Link,
}

impl DriftPage {
    /// The columns with their sums.
    pub fn columns(&self) -> [(&'static str, &Money); 3] {
        let [pushed, ours, there] = &self.totals;
        [("Last pushed", pushed), ("Ours now", ours), ("Procore now", there)]
    }
}

/// A fact of the event.
#[derive(Debug, Clone, Default)]
pub struct DriftFact {
    /// "Status".
    pub name: &'static str,
    /// As we left it.
    pub was: String,
    /// As it is.
    pub is: String,
    /// Whether they differ.
    pub changed: bool,
}

/// A line from three sides.
#[derive(Debug, Clone, Default)]
pub struct DriftLine {
    /// What it says.
    pub text: String,
    /// "changed", "removed", "locked", "too many"; empty when nothing happened.
    pub mark: &'static str,
    /// More, a sentence each: the words there, another budget code, what it is tied to.
    pub notes: Vec<String>,
    /// Last pushed; nothing for a line that was not.
    pub pushed: Option<Money>,
    /// What the COR asks for; nothing for a line it has no more.
    pub ours: Option<Money>,
    /// What Procore has; nothing for a line that is not there.
    pub there: Option<Money>,
    /// Whether Procore has something else than we wrote.
    pub changed: bool,
    /// Whether the COR asks for something else than we wrote.
    pub edited: bool,
}

/// A removal before it is confirmed. Posts `digest` and `purpose`.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "comparison/templates/remove.html")]
pub struct RemovalPage {
    /// The frame.
    pub shell: Shell,
    /// "Remove the surplus of COR 014".
    pub heading: String,
    /// What will happen, in words.
    pub sentence: String,
    /// "CE 011 · Level 3 coordination".
    pub event: String,
    /// Its page in Procore.
    pub event_url: String,
    /// The currency's code.
    pub currency: String,
    /// What goes.
    pub lines: Vec<RemovalLine>,
    /// What is locked in Procore and stays.
    pub stays: Vec<RemovalLine>,
    /// What the lines that go add up to.
    pub total: Money,
    /// Where the rounded lines miss it; `None` where they add up.
    pub rounding: Option<Money>,
    /// Where what goes misses what the event loses; empty where it doesn't.
    pub beside: String,
    /// The event before and after.
    pub whole: [Money; 2],
    /// Where it posts, or why it can't be done.
    pub remove: Deed,
    /// The button: "Remove 2 lines".
    pub button: String,
    /// The plan that was shown.
    pub digest: String,
    /// What it is for.
    pub purpose: &'static str,
    /// Back to the comparison.
    pub back_url: String,
}

/// A line that goes, or stays.
#[derive(Debug, Clone, Default)]
pub struct RemovalLine {
    /// What it says in Procore.
    pub text: String,
    /// Its amount.
    pub amount: Money,
    /// Why it stays; empty when it goes.
    pub why: String,
}
