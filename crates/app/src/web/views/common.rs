//! Small pieces that many pages share.

use std::fmt;

/// An amount, formatted: `12,600.00`, `(12,600.00)` when negative, `—` when there is none. Currency stands in a heading.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Money(String);

impl Money {
    /// The class that colours a negative amount.
    pub fn tone(&self) -> &'static str {
        if self.0.contains('(') { "neg" } else { "" }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "—" } else { &self.0 })
    }
}

impl From<&str> for Money {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for Money {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// A COR's status as the pages show it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CorStatus {
    /// Seen by its sender alone.
    #[default]
    Draft,
    /// Known, not yet for the customer's review.
    Placeholder,
    /// Sent and under review.
    InReview,
    /// The customer asks for a new revision.
    ReviseAndResubmit,
    /// Go-ahead given, not billable yet.
    ApprovedToProceed,
    /// The formal change order is there.
    ApprovedCoIssued,
    /// Not approved.
    Void,
}

impl CorStatus {
    /// Every status in the order of the log's totals, after [`Self::Draft`].
    pub const ALL: [Self; 7] = [
        Self::Draft,
        Self::Placeholder,
        Self::InReview,
        Self::ReviseAndResubmit,
        Self::ApprovedToProceed,
        Self::ApprovedCoIssued,
        Self::Void,
    ];

    /// The status in words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::Placeholder => "Placeholder",
            Self::InReview => "In Review",
            Self::ReviseAndResubmit => "Revise and Resubmit",
            Self::ApprovedToProceed => "Approved to Proceed",
            Self::ApprovedCoIssued => "Approved CO Issued",
            Self::Void => "Void",
        }
    }

    /// The value a form posts.
    pub fn value(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Placeholder => "placeholder",
            Self::InReview => "in_review",
            Self::ReviseAndResubmit => "revise_and_resubmit",
            Self::ApprovedToProceed => "approved_to_proceed",
            Self::ApprovedCoIssued => "approved_co_issued",
            Self::Void => "void",
        }
    }

    /// The pill's colour.
    pub fn class(self) -> &'static str {
        match self {
            Self::Draft | Self::Placeholder => "quiet",
            Self::InReview => "warn",
            Self::ReviseAndResubmit => "bad",
            Self::ApprovedToProceed => "info",
            Self::ApprovedCoIssued => "good",
            Self::Void => "void",
        }
    }
}

/// The colour of a pill; the word in it says the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tone {
    /// Nothing to do, nothing won.
    #[default]
    Quiet,
    /// Under way, ours.
    Info,
    /// As it should be.
    Good,
    /// Someone should look.
    Warn,
    /// Refused or broken.
    Bad,
    /// About Procore.
    Procore,
}

impl Tone {
    /// The class of the colour.
    pub fn class(self) -> &'static str {
        match self {
            Self::Quiet => "quiet",
            Self::Info => "info",
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
            Self::Procore => "procore",
        }
    }
}

/// A coloured word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pill {
    /// Its colour.
    pub tone: Tone,
    /// Its word.
    pub text: String,
}

impl Pill {
    /// A pill of `tone` that says `text`.
    pub fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self { tone, text: text.into() }
    }
}

/// Words that lead somewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Link {
    /// What it says.
    pub label: String,
    /// Where it leads.
    pub url: String,
}

impl Link {
    /// A link that says `label` and leads to `url`.
    pub fn new(label: impl Into<String>, url: impl Into<String>) -> Self {
        Self { label: label.into(), url: url.into() }
    }
}

/// One entry of a drop-down, of radio buttons or of tick boxes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// The value a form posts.
    pub value: String,
    /// What the person reads.
    pub label: String,
    /// A second line in small print; empty when there is none.
    pub hint: String,
    /// Chosen now.
    pub selected: bool,
}

impl Choice {
    /// An entry that is not chosen and has no second line.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), hint: String::new(), selected: false }
    }

    /// The same entry, chosen.
    pub fn chosen(mut self) -> Self {
        self.selected = true;
        self
    }
}

/// Something a person may do here, or why they may not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Deed {
    /// Allowed: where the link leads or the form posts.
    May(String),
    /// Shown greyed with the reason and who can ("Only an Account Owner or an Admin of this office connects Procore.").
    MayNot(String),
    /// Makes no sense here, so it is not shown.
    #[default]
    Absent,
}

impl Deed {
    /// Where it leads, when allowed.
    pub fn url(&self) -> Option<&str> {
        if let Self::May(url) = self { Some(url) } else { None }
    }

    /// Why not, when refused.
    pub fn reason(&self) -> Option<&str> {
        if let Self::MayNot(reason) = self { Some(reason) } else { None }
    }
}

/// What a form refused: sentences for its top, each optionally tied to a field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FormErrors(Vec<(String, String)>);

impl FormErrors {
    /// Adds a sentence about the field called `field`; an empty name is about the whole form.
    pub fn add(&mut self, field: impl Into<String>, sentence: impl Into<String>) {
        self.0.push((field.into(), sentence.into()));
    }

    /// A form with one complaint.
    pub fn one(field: impl Into<String>, sentence: impl Into<String>) -> Self {
        Self(vec![(field.into(), sentence.into())])
    }

    /// Nothing was refused.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first sentence about a field.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == field).map(|(_, sentence)| sentence.as_str())
    }

    /// All sentences, in order.
    pub fn sentences(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(_, sentence)| sentence.as_str())
    }
}

/// How a COR stands in Procore, as the log's filter names it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ProcoreState {
    /// Never pushed.
    #[default]
    NotInProcore,
    /// What is there is what we want there.
    UpToDate,
    /// The COR changed after its push.
    UpdateNeeded,
    /// A push waits or runs.
    InProgress,
    /// The answer is unknown; what Procore received is being looked up.
    Checking,
    /// Procore said no.
    Refused,
    /// A push stopped at what somebody changed in Procore.
    ChangedInProcore,
    /// More lines of ours are there than we know of.
    Surplus,
    /// Someone edited a line of ours there.
    LineChanged,
    /// Someone removed a line of ours there.
    LineRemoved,
    /// A line of ours is tied to something there.
    LineLocked,
    /// Someone chose another contract there.
    ContractMoved,
    /// The event's status is another one.
    EventStatusChanged,
    /// The event was voided.
    EventVoided,
    /// The event was deleted.
    EventDeleted,
    /// The event had been deleted and is there again.
    EventRestored,
    /// The push waits until somebody signs in to Procore again.
    SignInNeeded,
    /// The integration does not show this column's state (no mapping, or a Draft).
    None,
}

impl ProcoreState {
    /// In words.
    pub fn label(self) -> &'static str {
        match self {
            Self::NotInProcore => "Not in Procore",
            Self::UpToDate => "Up to date",
            Self::UpdateNeeded => "Update needed",
            Self::InProgress => "In progress",
            Self::Checking => "Checking",
            Self::Refused => "Refused",
            Self::ChangedInProcore => "Changed in Procore",
            Self::Surplus => "Surplus in Procore",
            Self::LineChanged => "Line changed",
            Self::LineRemoved => "Line removed",
            Self::LineLocked => "Line locked",
            Self::ContractMoved => "Contract moved",
            Self::EventStatusChanged => "Event status changed",
            Self::EventVoided => "Event voided",
            Self::EventDeleted => "Event deleted",
            Self::EventRestored => "Event restored",
            Self::SignInNeeded => "Sign-in needed",
            Self::None => "—",
        }
    }

    /// Somebody has to act: shown with the triangle in Procore's colour.
    pub fn alert(self) -> bool {
        matches!(
            self,
            Self::UpdateNeeded
                | Self::Refused
                | Self::ChangedInProcore
                | Self::Surplus
                | Self::LineChanged
                | Self::LineRemoved
                | Self::ContractMoved
                | Self::EventVoided
                | Self::EventDeleted
                | Self::EventRestored
                | Self::SignInNeeded
        )
    }

    /// The calm state that needs no words beside the event.
    pub fn up_to_date(self) -> bool {
        self == Self::UpToDate
    }

    /// The dot's class for the calm states.
    pub fn dot(self) -> &'static str {
        match self {
            Self::NotInProcore | Self::None => "none",
            Self::InProgress => "busy",
            Self::Checking | Self::LineLocked | Self::EventStatusChanged => "wait",
            _ => "",
        }
    }
}

/// A change event named in a line of text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventRef {
    /// "CE 011".
    pub label: String,
    /// Its own status in Procore: "Open", "Closed", a company's custom word.
    pub status: String,
    /// Its page in Procore.
    pub url: String,
}

/// The Procore cell of a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProcoreCell {
    /// The state.
    pub state: ProcoreState,
    /// Extra words after the state: "until 14:32"; empty when there are none.
    pub detail: String,
    /// The whole sentence for the tooltip (the reason of a refusal); empty when there is none.
    pub reason: String,
    /// The linked event.
    pub event: Option<EventRef>,
}
