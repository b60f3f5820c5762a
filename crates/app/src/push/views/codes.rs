//! Step 2: how finely, which contract, which budget codes.

use askama::Template;

use super::{Freshness, WizardHead};
use crate::push::pages::preflight::Checklist;
use crate::serving::views::{Choice, Money, Shell};

/// How finely a COR is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Detail {
    /// Every line of the COR.
    #[default]
    LineItems,
    /// One line a section.
    Sections,
    /// One line a COR.
    LumpSum,
}

impl Detail {
    /// Value posted, name and explanation, and whether it is `chosen`.
    pub fn choices(chosen: Self) -> [Choice; 3] {
        let choice = |detail: Self, value: &str, label: &str, hint: &str| Choice {
            value: value.to_owned(),
            label: label.to_owned(),
            hint: hint.to_owned(),
            selected: detail == chosen,
            disabled: false,
        };
        [
            choice(Self::LineItems, "line_items", "Line items", "every line of the COR, each with its own budget code"),
            choice(Self::Sections, "sections", "By section", "labor, material, equipment and other, one line each"),
            choice(Self::LumpSum, "lump_sum", "Lump sum", "one line a COR"),
        ]
    }
}

/// Step 2. Posts to `action_url`: `detail` (`line_items`, `sections`, `lump_sum`), `revenue` (`procore`, `none`),
/// `contract.<COR id>`, `code.<line key>`, `code_for_all`, `used_for_all` (the code that was used for all lines so far) and
/// `do` (`next`, `detail` when the breakdown changes, `apply_all` to use `code_for_all` on every line).
#[derive(Debug, Clone, Default, Template)]
#[template(path = "push/templates/codes.html")]
pub struct CodesStep {
    /// The frame.
    pub shell: Shell,
    /// The header.
    pub head: WizardHead,
    /// What stops the push whatever its lines are; `None` when nothing does.
    pub preflight: Option<Checklist>,
    /// Where the form posts.
    pub action_url: String,
    /// Where Back leads.
    pub back_url: String,
    /// The breakdown shown.
    pub detail: Detail,
    /// The heading of the contract's column: "Commitment" for received CORs, "Prime contract" for sent ones.
    pub contract_heading: String,
    /// What stands where no contract is chosen.
    pub contract_placeholder: String,
    /// Whether every COR needs one.
    pub contract_needed: bool,
    /// What the prime contract is for; empty on the received side.
    pub about_markup: String,
    /// Whether anything is to be chosen: of void CORs lines are removed only.
    pub chooses: bool,
    /// Whether new lines say that no revenue is expected; nothing on the sent side, or where none is made: it is not asked.
    pub no_revenue: Option<bool>,
    /// All contracts of the project in Procore.
    pub contracts: Vec<Choice>,
    /// All budget codes: value is the id, label "23-2113.L · Hydronic piping, labor".
    pub codes: Vec<Choice>,
    /// The code that was used for all lines; empty when none was.
    pub for_all: String,
    /// The CORs with their lines.
    pub cors: Vec<CodesCor>,
    /// How old its lists are.
    pub age: Freshness,
    /// Where suggestions come from ("Codes were suggested from the last push."); empty when nothing was suggested.
    pub suggested: String,
    /// What is still missing, as a sentence; empty when Next is open.
    pub missing: String,
    /// What Procore shows nothing of, though it may be there.
    pub unseen: Vec<String>,
}

/// A COR in step 2.
#[derive(Debug, Clone, Default)]
pub struct CodesCor {
    /// Its id.
    pub id: String,
    /// "COR 014.1".
    pub label: String,
    /// The other company.
    pub party: String,
    /// Its total.
    pub amount: Money,
    /// The contract's id; empty when none is chosen.
    pub contract: String,
    /// The contract cannot be changed (the prime contract of the event is set): its name, instead of a picker.
    pub contract_fixed: Option<String>,
    /// Why there is nothing to choose for it; empty otherwise.
    pub nothing: String,
    /// The lines, which add up to the total.
    pub lines: Vec<CodeLine>,
}

/// A line in step 2.
#[derive(Debug, Clone, Default)]
pub struct CodeLine {
    /// Its key, stable between the steps.
    pub key: String,
    /// What the line will say in Procore.
    pub text: String,
    /// Its amount.
    pub amount: Money,
    /// The budget code's id; empty when none is chosen.
    pub code: String,
    /// It is only suggested, and nobody confirmed it yet.
    pub suggested: bool,
    /// Why the code cannot be changed ("locked in Procore: tied to RFQ 3"); empty when it can.
    pub locked: String,
    /// What was refused about it; empty when nothing was.
    pub error: String,
}

/// Above this many options in fallback lists, a page without a script asks for a coarser breakdown instead.
const FALLBACK_OPTIONS: usize = 20_000;

impl CodesStep {
    /// The breakdown as it is posted.
    pub fn detail_code(&self) -> String {
        self.details().into_iter().find(|choice| choice.selected).map(|choice| choice.value).unwrap_or_default()
    }

    /// The three breakdowns.
    pub fn details(&self) -> [Choice; 3] {
        Detail::choices(self.detail)
    }

    /// Whether plain drop-downs for a browser without a script stay of a bearable size.
    pub fn fallback(&self) -> bool {
        let lines: usize = self.cors.iter().map(|cor| cor.lines.len()).sum();
        lines.saturating_mul(self.codes.len()) <= FALLBACK_OPTIONS
    }

    /// The name of a chosen code.
    pub fn code_label(&self, value: &str) -> &str {
        label_of(&self.codes, value)
    }

    /// The name of a chosen contract.
    pub fn contract_label(&self, value: &str) -> &str {
        label_of(&self.contracts, value)
    }

    /// What the pickers of contracts are counted as: those that are needed hold up the next step.
    pub fn contract_kind(&self) -> &'static str {
        if self.contract_needed { "contract" } else { "optional" }
    }

    /// A list as JSON for the pickers: `[["value","label"],…]`, what can't be chosen without a value. `<` is escaped, so that
    /// it may stand in a `<script>`.
    pub fn json(choices: &[Choice]) -> String {
        let pairs: Vec<_> = choices.iter().map(|choice| (choice.value.as_str(), choice.label.as_str())).collect();
        serde_json::to_string(&pairs).unwrap_or_else(|_| "[]".to_owned()).replace('<', "\\u003c")
    }
}

fn label_of<'a>(choices: &'a [Choice], value: &str) -> &'a str {
    choices.iter().find(|choice| !choice.disabled && choice.value == value).map_or("", |choice| choice.label.as_str())
}
