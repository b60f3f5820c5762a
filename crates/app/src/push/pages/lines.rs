//! Step 2: the detail, budget codes and contracts.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::{CorId, DraftId, ProcoreId, cor::Breakdown, procore::Side};

use super::{
    age, confirmed_elsewhere, field, field_if_there, fields, frame,
    head::{WizardHead, WizardStep},
    over, prefixed,
    preflight::{self, Checklist},
    pushed_elsewhere, unread,
};
use crate::{
    App, Error,
    integration::reference::{ProcoreContract, ReferenceData, ReferenceList},
    push::{self, ChosenLines, OpenedDraft, choose_lines::Form, copy::choices, line_choices::LineChoices, lists},
    serving::{
        filters, flash, forms,
        session::SignedIn,
        views::{Choice, FormErrors, Shell},
    },
};

pub(crate) async fn show(State(app): State<App>, person: SignedIn, Path(id): Path<DraftId>) -> Result<Response, Error> {
    let opened = push::open(&app, &person.actor, id).await?;
    if let Some(elsewhere) = over(&opened).or_else(|| pushed_elsewhere(&opened)) {
        return Ok(elsewhere);
    }
    if opened.body.target.is_none() {
        return Ok(Redirect::to(&format!("/push/{id}/event")).into_response());
    }
    let drawn = async { forms::page(&step(&app, &person, &opened, FormErrors::default()).await?) };
    preflight::or_why(&app, &person, id, WizardStep::Codes, drawn.await).await
}

pub(crate) async fn choose(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<DraftId>,
    body: String,
) -> Result<Response, Error> {
    let fields = fields(&body);
    let before = push::open(&app, &person.actor, id).await?;
    if let Some(elsewhere) = confirmed_elsewhere(&before).or_else(|| pushed_elsewhere(&before)) {
        return Ok(elsewhere);
    }
    let chosen = ChosenLines {
        detail: Breakdown::from_code(field(&fields, "detail")).unwrap_or(Breakdown::LineItems),
        contracts: prefixed(&fields, "contract")
            // "none" takes the choice back.
            .filter_map(|(cor, contract)| Some((cor.parse::<CorId>().ok()?, contract.parse().ok().into())))
            .collect(),
        no_revenue_expected: match field(&fields, "revenue") {
            "none" => Some(true),
            "procore" => Some(false),
            _ => None,
        },
        budget_codes: prefixed(&fields, "code")
            .filter_map(|(slot, code)| Some((slot.to_owned(), procore_id(code)?)))
            .collect(),
        budget_code_for_all: match field(&fields, "do") {
            "apply_all" => procore_id(field(&fields, "code_for_all")),
            _ => None,
        },
    };
    let next = field(&fields, "do") == "next";
    let used = if chosen.budget_code_for_all.is_some() { "code_for_all" } else { "used_for_all" };
    let form = Form { for_all: field(&fields, used).parse().ok(), confirmed: next };
    let missing = push::choose_in_form(&app, &person.actor, id, chosen, form).await?;
    let here = format!("/push/{id}/lines");
    if let Some(sentence) = before.chosen_elsewhere(field_if_there(&fields, "target")) {
        return Ok(flash::info(&here, sentence));
    }
    if field(&fields, "do") == "refresh" {
        let project = push::open(&app, &person.actor, id).await?.project.id;
        if let Err(error) = lists::read_anew(&app, &person.actor, project).await {
            return Ok(flash::failed(&here, forms::notice(error)?));
        }
    }
    if !next {
        return Ok(Redirect::to(&here).into_response());
    }
    if missing.is_nothing() {
        return Ok(Redirect::to(&format!("/push/{id}/review")).into_response());
    }
    let opened = push::open(&app, &person.actor, id).await?;
    let drawn = async {
        let step = step(&app, &person, &opened, FormErrors::one("", format!("{}.", missing.sentence()))).await?;
        forms::again(&CodesPage { insists: true, ..step })
    };
    preflight::or_why(&app, &person, id, WizardStep::Codes, drawn.await).await
}

/// What a form posts as an id of Procore's.
fn procore_id(text: &str) -> Option<ProcoreId> {
    text.parse::<i64>().ok().map(ProcoreId::from)
}

async fn step(app: &App, person: &SignedIn, opened: &OpenedDraft, errors: FormErrors) -> Result<CodesPage, Error> {
    let choices = push::line_choices(app, &person.actor, opened).await?;
    Ok(CodesPage {
        shell: frame(app, person, opened).await?,
        head: WizardHead { errors, ..WizardHead::of(app, person, opened, WizardStep::Codes).await? },
        preflight: Checklist::early(app, opened, WizardStep::Codes, &choices.first),
        age: age::freshness(app, person, opened.draft.id, opened.project.id, false).await?,
        target: opened.target_code(),
        contracts: contracts(opened.side(), &choices.data),
        codes: codes(&choices.data),
        insists: false,
        choices,
    })
}

/// Step 2. Posts `detail` (`line_items`, `sections`, `lump_sum`), `revenue` (`procore`, `none`), `contract.<COR id>`,
/// `code.<line key>`, `code_for_all`, `used_for_all` (the code that was used for all lines so far) and `do` (`next`, `detail`
/// when the breakdown changes, `apply_all` to use `code_for_all` on every line).
#[derive(Debug, Template)]
#[template(path = "push/templates/codes.html")]
pub(crate) struct CodesPage {
    pub shell: Shell,
    pub head: WizardHead,
    pub choices: LineChoices,
    pub preflight: Option<Checklist>,
    /// The event that was chosen when it was drawn: another window may choose one meanwhile.
    pub target: String,
    /// All contracts of the project in Procore.
    pub contracts: Vec<Choice>,
    /// All budget codes.
    pub codes: Vec<Choice>,
    pub age: age::Freshness,
    /// Whether each line without a code says so, because somebody went on without.
    pub insists: bool,
}

/// Above this many options in fallback lists, a page without a script asks for a coarser breakdown instead.
const FALLBACK_OPTIONS: usize = 20_000;

impl CodesPage {
    fn details() -> [(Breakdown, &'static str); 3] {
        Breakdown::ALL.map(|detail| (detail, choices::about_detail(detail)))
    }

    /// What the pickers of contracts are counted as: those that are needed hold up the next step.
    fn contract_kind(&self) -> &'static str {
        if self.choices.draft.side == Side::Received { "contract" } else { "optional" }
    }

    /// An id of Procore's as the form posts it; empty for none.
    fn posted(id: Option<ProcoreId>) -> String {
        id.map_or_else(String::new, |id| id.to_string())
    }

    /// Whether plain drop-downs for a browser without a script stay of a bearable size.
    fn fallback(&self) -> bool {
        let lines: usize = self.choices.draft.cors.iter().map(|cor| cor.lines.len()).sum();
        lines.saturating_mul(self.codes.len()) <= FALLBACK_OPTIONS
    }

    /// The name of what is chosen in a list.
    fn label_of<'a>(choices: &'a [Choice], value: &str) -> &'a str {
        choices.iter().find(|choice| !choice.disabled && choice.value == value).map_or("", |choice| &choice.label)
    }

    /// A list as JSON for the pickers: `[["value","label"],…]`, what can't be chosen without a value. `<` is escaped, so that
    /// it may stand in a `<script>`.
    fn json(choices: &[Choice]) -> String {
        let pairs: Vec<_> = choices.iter().map(|choice| (choice.value.as_str(), choice.label.as_str())).collect();
        serde_json::to_string(&pairs).unwrap_or_else(|_| "[]".to_owned()).replace('<', "\\u003c")
    }
}

/// The budget codes to choose from.
pub(crate) fn codes(data: &ReferenceData) -> Vec<Choice> {
    let choices = data.budget_codes.iter().map(|code| Choice::new(code.id.to_string(), code.name()));
    choices.chain(unread(data, ReferenceList::BudgetCodes)).collect()
}

/// The contracts to choose from.
pub(crate) fn contracts(side: Side, data: &ReferenceData) -> Vec<Choice> {
    let choice = |contract: &ProcoreContract| Choice::new(contract.id.to_string(), choices::contract(contract));
    let none = (side == Side::Sent).then(|| Choice::new("none", choices::NO_PRIME_CONTRACT));
    let choices = none.into_iter().chain(data.contracts(side).iter().map(choice));
    choices.chain(unread(data, ReferenceList::of_contracts(side))).collect()
}
