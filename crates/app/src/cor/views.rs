//! A COR: its page and its editor.

use askama::Template;

use crate::{
    log::views::cell::ProcoreCell,
    serving::views::{Choice, Deed, FormErrors, Link, Money, Pill, Shell, Text},
};

/// A COR with its lines, its Procore link and what happened to it.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "cor/templates/cor.html")]
pub struct CorPage {
    /// The frame.
    pub shell: Shell,
    /// "COR 014.1".
    pub label: String,
    /// Its title.
    pub title: String,
    /// Its status.
    pub status: Pill,
    /// The revision shown, posted with a status so that nobody's change is overwritten unseen.
    pub revision: i64,
    /// Where the status posts (`status`, `revision` and `ask`), or why this person may not.
    pub set_status: Deed,
    /// The statuses; those that it may not be given are disabled.
    pub statuses: Vec<Choice>,
    /// Why some of them are; empty when none is.
    pub statuses_note: String,
    /// "recorded by sender" beside the status; empty otherwise.
    pub status_mark: &'static str,
    /// Why it was returned ("Returned for revision: “…”"); empty otherwise.
    pub returned: String,
    /// A status that was chosen and is asked about first.
    pub ask: Option<AskStatus>,
    /// "Send": posts nothing but itself; absent when it was sent.
    pub send: Deed,
    /// "Delete draft": posts nothing but itself; absent when it was sent.
    pub delete: Deed,
    /// The editor.
    pub edit: Deed,
    /// "+PROCORE": posts `cor` with the id in [`Self::id`].
    pub push: Deed,
    /// Its id.
    pub id: String,
    /// The details as (name, value): Contractor, Contract, Submitted, Days in review, Customer reference, …; empty values are not shown.
    pub details: Vec<(String, Text)>,
    /// Its description; may be empty.
    pub description: String,
    /// The currency's code.
    pub currency: String,
    /// The sections that have lines.
    pub sections: Vec<CorSection>,
    /// The difference between an overtyped total and the sum.
    pub rounding: Option<Money>,
    /// What everybody should know about it; empty for an ordinary rounding.
    pub rounding_warning: String,
    /// The total.
    pub total: Money,
    /// How it stands in Procore, with facts as (name, value): Change Event, Last push, Written as, In Procore.
    pub procore: ProcoreCell,
    /// More about it.
    pub procore_facts: Vec<(String, Text)>,
    /// What to do about it: "Sign in to Procore", "Look at the push".
    pub procore_links: Vec<Link>,
    /// What happened, newest first.
    pub activity: Vec<Activity>,
}

/// A status that is not set without a question. Posts `status` and `revision`, with `reason`, or with `means` and `given_on`,
/// where they are asked for.
#[derive(Debug, Clone, Default)]
pub struct AskStatus {
    /// "Set COR 014.1 to Void?"
    pub question: String,
    /// What follows from it, and who sees it.
    pub consequence: String,
    /// The status's code.
    pub status: &'static str,
    /// "Set to Void".
    pub button: String,
    /// The button's class.
    pub class: &'static str,
    /// Where it posts.
    pub url: String,
    /// The page without the question.
    pub cancel_url: String,
    /// A reason is asked for.
    pub reason: Option<AskReason>,
    /// How and when an approval was given is asked for.
    pub record: Option<AskRecord>,
    /// What was refused.
    pub errors: FormErrors,
}

/// The field for a reason.
#[derive(Debug, Clone, Default)]
pub struct AskReason {
    /// "What has to change".
    pub label: &'static str,
    /// It can't be left empty.
    pub required: bool,
    /// What was typed.
    pub typed: String,
}

/// The fields for an approval that the sender records.
#[derive(Debug, Clone, Default)]
pub struct AskRecord {
    /// How it was given.
    pub means: Vec<Choice>,
    /// The day, as typed.
    pub given_on: String,
}

/// A section of a COR.
#[derive(Debug, Clone, Default)]
pub struct CorSection {
    /// The value in forms: `labor`, `material`, `equipment`, `other`.
    pub key: &'static str,
    /// "Labor".
    pub name: &'static str,
    /// Its lines.
    pub lines: Vec<CorLine>,
    /// Their sum.
    pub subtotal: Money,
}

/// A line of a COR.
#[derive(Debug, Clone, Default)]
pub struct CorLine {
    /// Its id; empty for a new one.
    pub id: String,
    /// What it is.
    pub description: String,
    /// "62"; empty when only an amount is given.
    pub quantity: String,
    /// "h".
    pub unit: String,
    /// "120.65".
    pub rate: String,
    /// Its amount.
    pub amount: Money,
    /// Quantity and rate make the amount: it is shown in its field and not posted, as it follows what is typed into those.
    pub computed: bool,
    /// What was refused about it; empty when nothing was.
    pub error: String,
}

impl CorLine {
    /// Nothing stands in it.
    pub fn is_empty(&self) -> bool {
        [&self.id, &self.description, &self.quantity, &self.unit, &self.rate, &self.amount_text()]
            .iter()
            .all(|text| text.is_empty())
    }

    /// The amount as an input holds it: empty for none.
    pub fn amount_text(&self) -> String {
        let text = self.amount.to_string();
        if text == "—" { String::new() } else { text }
    }
}

/// Something that happened.
#[derive(Debug, Clone, Default)]
pub struct Activity {
    /// When.
    pub when: Text,
    /// Who.
    pub who: String,
    /// What: "sent it", "pushed it to CE 011: 18,450.00".
    pub what: String,
}

/// The editor. Posts `number`, `title`, `description`, `contract`, `reference`, for each line in order `line_id`,
/// `line_section`, `line_description`, `line_quantity`, `line_unit`, `line_rate`, `line_amount` (each repeated, always all seven; a line with nothing
/// but its section is left out), `total` (empty: the sum; otherwise overtyped), `do` (`save`, `send`, `rest`, or `add:<section>` for one more
/// empty line without a script), `version`, and where the typed total is asked about `counts` with `counts_for`.
///
/// With quantity and rate the amount is their product; one that is posted beside them has to say the same.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "cor/templates/form.html")]
pub struct CorForm {
    /// The frame.
    pub shell: Shell,
    /// "New COR" or "Edit COR 014.1".
    pub heading: String,
    /// Where the form posts.
    pub action_url: String,
    /// Where Cancel leads.
    pub cancel_url: String,
    /// The version edited, so that two editors do not overwrite each other; empty for a new one.
    pub version: String,
    /// Its number; the next one is filled in.
    pub number: String,
    /// Its title.
    pub title: String,
    /// Its description.
    pub description: String,
    /// The contracts it may belong to.
    pub contracts: Vec<Choice>,
    /// The customer's reference.
    pub reference: String,
    /// The currency's code.
    pub currency: String,
    /// What may stand beside an amount in it, in capitals, a blank between: "USD $ US$".
    pub marks: String,
    /// All four sections, each with its lines and one empty line.
    pub sections: Vec<CorSection>,
    /// The sum of the lines.
    pub computed: Money,
    /// A line comes to no amount yet, so that there is no sum.
    pub unclear: bool,
    /// The overtyped total; empty when there is none.
    pub total: String,
    /// The same as an amount.
    pub typed_total: Money,
    /// The difference as the Rounding line; `None` when there is none.
    pub rounding: Option<Money>,
    /// The total is further from the lines than a rounding is.
    pub far_off: bool,
    /// Which counts, the typed total or the lines, has to be said. Posts `counts` (`total` or `lines`) and `counts_for`.
    pub doubtful: bool,
    /// The lines that the total was typed for are gone: it is kept as a lump sum, or another is typed.
    pub lost_its_lines: bool,
    /// What was said: `total`, `lines` or nothing.
    pub counts: &'static str,
    /// What the lines add up to, as a plain decimal; empty where there are none.
    pub counts_for: String,
    /// Typed total and sum of the lines as they are stored, in minor units; empty for none.
    pub settled: (String, String),
    /// It is a draft, so "Save and send" is offered.
    pub draft: bool,
    /// Lines and total are shown and can't be changed.
    pub locked: bool,
    /// Why.
    pub locked_why: &'static str,
    /// A sentence above ("This COR is in CE 011. Saving marks it Update needed."); empty when there is none.
    pub notice: String,
    /// What was refused.
    pub errors: FormErrors,
    /// How the COR answers a Change Notification, kept when posting (`notification`); empty otherwise.
    pub notification: String,
    /// A mark beside the heading.
    pub mark: Option<Pill>,
    /// Somebody else saved meanwhile, so what was typed was not.
    pub overtaken: Option<Overtaken>,
    /// The COR is approved, so the price that was typed can't be saved.
    pub settled_price: Option<SettledPrice>,
}

/// A typed price that can't be saved: the COR is approved. The lines show what was typed, to be read; `do=rest` saves all but the
/// price over `over`, the version that it names.
#[derive(Debug, Clone, Default)]
pub struct SettledPrice {
    /// "Daniel Whitfield of Whitfield & Sons Construction set this COR to Approved to Proceed for 2,896.40, Nov 5, 2026,
    /// 09:12 UTC."
    pub sentence: Text,
    /// Why the price stays, and how it can be changed.
    pub what_to_do: String,
    /// The COR as it is now.
    pub url: String,
    /// Its version now.
    pub version: String,
    /// Its price.
    pub price: Money,
    /// The total that was typed, or what the typed lines add up to.
    pub typed: String,
    /// What else would be changed, in words; empty for nothing, none while it needs mending.
    pub rest: Option<String>,
}

/// A COR that somebody else saved while it was edited. With `over` ticked, the form is saved over the version that it names.
#[derive(Debug, Clone, Default)]
pub struct Overtaken {
    /// "Somebody changed this COR in the meantime. It is In Review for 1,250.00 now."
    pub sentence: String,
    /// The COR as it is now.
    pub url: String,
    /// Its version now.
    pub version: String,
}
