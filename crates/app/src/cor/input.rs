//! A COR as a person types it or a program sends it, read with a sentence beside each field that needs correcting.

use domain::{
    ChangeNotificationId, ContractId, Currency, Entropy, LineItemId, Money,
    cor::{CorNumber, LineItem, Price},
};
use jiff::Timestamp;
use serde::Deserialize;
use store::repo::cor::{Cor, CorContent};
use utoipa::ToSchema;

use crate::{
    FieldErrors,
    cor::line_input::LineInput,
    typed::{self, Plain, nullable, plain, required, stated},
};

/// The longest title, in characters. A change event's line has room for it beside the number and our mark.
const TITLE: usize = 200;
/// The most lines a COR has.
const LINES: usize = 500;

/// A COR to begin, as a person typed it in the editor or as a program sends it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewCor)]
pub struct CorInput {
    /// The contract it changes: one under which the company sends CORs.
    #[serde(rename = "contract_id", deserialize_with = "required")]
    #[schema(value_type = Uuid)]
    pub contract: Option<ContractId>,
    /// The next one of the project unless given.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    pub number: String,
    #[schema(max_length = 200)]
    pub title: String,
    #[serde(default)]
    #[schema(max_length = 10_000)]
    pub description: String,
    #[serde(default)]
    #[schema(max_length = 120)]
    pub customer_reference: String,
    /// In the order shown. An editor's empty lines are left out.
    #[serde(default)]
    #[schema(max_items = 500)]
    pub lines: Vec<LineInput>,
    /// A total over what the lines add up to; the difference becomes a line *Rounding* in Procore. Null takes the sum.
    #[serde(default, deserialize_with = "plain")]
    #[schema(value_type = Option<Plain>)]
    pub total: String,
    /// What the person said about that total. A program always means it.
    #[serde(skip, default = "TotalSaid::given")]
    pub said: TotalSaid,
    /// Sends it at once instead of keeping it as a draft.
    #[serde(default)]
    pub send: bool,
    /// The Change Notification that it answers.
    #[serde(default, rename = "change_notification_id")]
    #[schema(value_type = Option<Uuid>)]
    pub answers: Option<ChangeNotificationId>,
}

/// What changes of a COR. What is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorChange {
    /// The revision that was read; another change since then is not overwritten.
    pub revision: i64,
    number: Option<String>,
    #[schema(max_length = 200)]
    title: Option<String>,
    #[schema(max_length = 10_000)]
    description: Option<String>,
    #[schema(max_length = 120)]
    customer_reference: Option<String>,
    /// All lines, in their order; those left out are removed.
    #[schema(max_items = 500)]
    lines: Option<Vec<LineInput>>,
    /// Null takes the sum of the lines. A change of `lines` that changes their sum needs it if a total was typed before: the
    /// same total to keep it, or null.
    #[serde(default, deserialize_with = "stated")]
    #[schema(value_type = Option<Plain>)]
    total: Option<String>,
    /// Sends a draft at once.
    #[serde(default)]
    send: bool,
}

impl CorChange {
    /// The COR with this changed.
    pub fn of(self, cor: &Cor) -> CorInput {
        let now = CorInput::from(cor);
        CorInput {
            number: self.number.unwrap_or(now.number),
            title: self.title.unwrap_or(now.title),
            description: self.description.unwrap_or(now.description),
            customer_reference: self.customer_reference.unwrap_or(now.customer_reference),
            said: if self.total.is_some() { TotalSaid::Given } else { TotalSaid::Nothing },
            total: self.total.unwrap_or(now.total),
            lines: self.lines.unwrap_or(now.lines),
            send: self.send,
            ..now
        }
    }
}

/// What the person decided about a typed total that differs from the sum of the lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TotalSaid {
    /// Nothing. The editor asks about a total that was typed for other lines or is far from the sum.
    #[default]
    Nothing,
    /// The total counts or the lines do, decided when the lines had this sum.
    Which {
        /// The total is kept.
        keep: bool,
        /// The sum of the lines then; nothing where none were left.
        sum: Option<Money>,
    },
    /// The total was given together with these lines.
    Given,
}

impl TotalSaid {
    const fn given() -> Self {
        Self::Given
    }
}

/// What was typed, read.
#[derive(Debug, Clone)]
pub struct ReadableCor {
    /// The number; the next one of the project unless typed.
    pub number: Option<CorNumber>,
    /// The rest.
    pub content: CorContent,
}

/// The text of a stored COR, where an edit begins.
impl From<&Cor> for CorInput {
    fn from(cor: &Cor) -> Self {
        Self {
            contract: Some(cor.contract.id),
            number: cor.number.to_string(),
            title: cor.title.clone(),
            description: cor.description.clone(),
            customer_reference: cor.customer_reference.clone(),
            total: cor.price.overtyped.map(|total| total.to_string()).unwrap_or_default(),
            said: TotalSaid::Nothing,
            lines: cor.price.lines.iter().map(LineInput::from).collect(),
            send: false,
            answers: None,
        }
    }
}

impl CorInput {
    /// Takes a field that the editor posts, by its name. Unknown ones are left out.
    pub(super) fn put(&mut self, name: &str, typed: String) {
        match name {
            "contract" => self.contract = typed.parse().ok(),
            "number" => self.number = typed,
            "title" => self.title = typed,
            "description" => self.description = typed,
            "reference" => self.customer_reference = typed,
            "total" => self.total = typed,
            "notification" => self.answers = typed.parse().ok(),
            _ => {}
        }
    }

    /// Reads it, with amounts of `currency`. Errors carry the field's name: `number`, `title`, …, `total`, and `line.N` by
    /// the line's place among [`CorInput::lines`]. Ids of lines are kept only when they are among those `before`.
    pub fn read(
        &self,
        currency: Currency,
        before: Option<&Price>,
        now: Timestamp,
        entropy: &dyn Entropy,
    ) -> Result<ReadableCor, FieldErrors> {
        let mut errors = FieldErrors::default();
        let number = match self.number.trim() {
            "" => None,
            typed => CorNumber::parse(typed).map_err(|error| errors.add("number", error.to_string())).ok(),
        };
        let title = title(&mut errors, &self.title);
        let description = typed::text(&mut errors, "description", &self.description);
        let customer_reference = typed::optional_line(&mut errors, "reference", &self.customer_reference);
        let overtyped = match self.total.trim() {
            "" => None,
            typed => Some(typed::amount(&mut errors, "total", typed, currency)),
        };
        let known: Vec<_> = before.iter().flat_map(|price| &price.lines).map(|line| line.id).collect();
        let lines = self.read_lines(&mut errors, currency, &known, now, entropy);
        let mut price = Price { lines, overtyped };
        let sum: i128 = price.lines.iter().map(|line| i128::from(line.amount.in_minor())).sum();
        if sum.unsigned_abs() > domain::money::LIMIT.unsigned_abs().into() {
            errors.add("total", "The lines add up to more than a COR can ask for.");
            return Err(errors);
        }
        // A typed total that equals the sum of the lines is none.
        price.overtyped = price.overtyped.filter(|total| price.lines.is_empty() || *total != price.computed());
        let totals = price.totals();
        match self.said {
            TotalSaid::Which { keep: false, sum: Some(sum) } if totals.sum == Some(sum) => price.overtyped = None,
            TotalSaid::Which { keep: true, sum } if totals.sum == sum => {}
            TotalSaid::Given => {}
            // An answer about other lines says nothing about these.
            TotalSaid::Nothing | TotalSaid::Which { .. } => {
                // The sum is known only when every line can be read.
                let known = self.lines.iter().all(|line| line.amount_so_far(currency).is_some());
                if known && totals.is_doubtful(before.map(Price::totals)) {
                    errors.add("total", totals.question());
                }
            }
        }
        if errors.0.is_empty() {
            Ok(ReadableCor { number, content: CorContent { title, description, customer_reference, price } })
        } else {
            Err(errors)
        }
    }

    fn read_lines(
        &self,
        errors: &mut FieldErrors,
        currency: Currency,
        known: &[LineItemId],
        now: Timestamp,
        entropy: &dyn Entropy,
    ) -> Vec<LineItem> {
        let mut lines: Vec<LineItem> = Vec::new();
        for (place, typed) in self.lines.iter().enumerate().filter(|(_, line)| !line.is_blank()) {
            if lines.len() == LINES {
                errors.add("", format!("A COR has at most {LINES} lines."));
                break;
            }
            let id = typed.id.filter(|id| known.contains(id) && lines.iter().all(|line| line.id != *id));
            match typed.read(currency, id.unwrap_or_else(|| LineItemId::fresh(now, entropy))) {
                Ok(line) => lines.push(line),
                Err(sentence) => errors.add(&format!("line.{place}"), sentence),
            }
        }
        lines
    }
}

fn title(errors: &mut FieldErrors, typed: &str) -> String {
    let too_long = format!("Use at most {TITLE} characters; the description has room for more.");
    let title = typed::line(errors, "title", typed, TITLE, &too_long);
    if title.is_empty() {
        errors.add("title", "Say in a few words what this COR is about.");
    }
    title
}

#[cfg(test)]
mod tests {
    use domain::cor::Section;

    use super::*;
    use crate::clock::SeededEntropy;

    fn read(typed: &CorInput) -> Result<ReadableCor, FieldErrors> {
        typed.read(Currency::Usd, None, Timestamp::UNIX_EPOCH, &SeededEntropy::new(1))
    }

    fn line(quantity: &str, rate: &str, amount: &str) -> LineInput {
        LineInput {
            section: Some(Section::Labor),
            description: "Pipefitter".into(),
            quantity: quantity.into(),
            unit: "h".into(),
            rate: rate.into(),
            amount: amount.into(),
            ..LineInput::default()
        }
    }

    fn cor(lines: Vec<LineInput>, total: &str) -> CorInput {
        CorInput { title: "Reroute main".into(), total: total.into(), lines, ..CorInput::default() }
    }

    #[test]
    fn a_quantity_at_a_rate_comes_to_the_amount_beside_it() {
        for amount in ["999", "1178.12", "1178.135", "-1,178.13", "a lot"] {
            let errors = read(&cor(vec![line("12.5", "94.25", amount)], "")).unwrap_err();
            assert!(!errors.get("line.0").is_empty(), "{amount}");
            assert_eq!(line("12.5", "94.25", amount).computed(Currency::Usd), None);
            assert_eq!(line("12.5", "94.25", amount).amount_so_far(Currency::Usd), None, "{amount}");
        }
        let errors = read(&cor(vec![line("12.5", "94.25", "999")], "")).unwrap_err();
        let said = errors.get("line.0");
        assert!(said.contains("Quantity times rate is 1,178.13, and the amount says 999.00."), "{said}");
        assert_eq!(line("12.5", "94.25", " ").computed(Currency::Usd), Some(Money::minor(117_813)));
        let lines = vec![line("12.5", "94.25", "1,178.13"), line("", "", "(500)"), LineInput::default()];
        let read = read(&cor(lines, "")).unwrap();
        let amounts: Vec<_> = read.content.price.lines.iter().map(|line| line.amount).collect();
        assert_eq!(amounts, [Money::minor(117_813), Money::minor(-50_000)]);
        assert_eq!(read.content.price.total(), Money::minor(117_813 - 50_000));
    }

    #[test]
    fn a_total_that_says_what_the_lines_say_is_not_overtyped() {
        assert_eq!(read(&cor(vec![line("", "", "100")], "100.00")).unwrap().content.price.overtyped, None);
        assert_eq!(
            read(&cor(vec![line("", "", "100.49")], "100")).unwrap().content.price.overtyped,
            Some(Money::minor(10_000))
        );
        assert_eq!(
            read(&cor(vec![], "0")).unwrap().content.price.overtyped,
            Some(Money::ZERO),
            "a lump sum of nothing"
        );
    }

    #[test]
    fn every_mistake_is_named_where_it_was_made() {
        let mut typed = cor(
            vec![line("1", "2", ""), line("x", "2", ""), line("1", "", ""), line("", "", ""), line("1e9", "2", "")],
            "12.345",
        );
        typed.lines[0].section = None;
        typed.title = " ".into();
        typed.number = "<7>".into();
        let errors = read(&typed).unwrap_err();
        let fields: Vec<_> = errors.0.keys().map(String::as_str).collect();
        assert_eq!(fields, ["line.0", "line.1", "line.2", "line.3", "line.4", "number", "title", "total"]);
    }

    #[test]
    fn which_total_counts_is_asked_once_every_line_comes_to_an_amount() {
        let asked = |second: LineInput| {
            let errors = read(&cor(vec![line("", "", "-500.00"), second], "1000.00")).unwrap_err();
            errors.0.into_keys().collect::<Vec<_>>()
        };
        for unclear in
            [line("", "", "7,50"), line("2", "", ""), line("", "3", "6"), line("2", "3", "7"), line("", "", "")]
        {
            assert_eq!(unclear.amount_so_far(Currency::Usd), None, "{unclear:?}");
            assert_eq!(asked(unclear), ["line.1"]);
        }
        assert_eq!(asked(line("", "", "7.50")), ["total"]);
        // A line that lacks only its description has an amount, so both errors are shown.
        let unnamed = LineInput { description: String::new(), ..line("", "", "7.50") };
        assert_eq!(asked(unnamed), ["line.1", "total"]);
    }

    #[test]
    fn a_line_keeps_its_id_only_if_it_is_one_of_the_cors() {
        let id = LineItemId(uuid::Uuid::from_u128(7));
        let mut typed = cor(vec![line("", "", "1"), line("", "", "2")], "");
        typed.lines[0].id = Some(id);
        typed.lines[1].id = Some(id);
        let ids = |known: &[LineItemId]| -> Vec<LineItemId> {
            let line = |id: &LineItemId| LineItem::lump(*id, Section::Labor, "Pipefitter", Money::minor(100));
            let before = Price { lines: known.iter().map(line).collect(), overtyped: None };
            let read = typed.read(Currency::Usd, Some(&before), Timestamp::UNIX_EPOCH, &SeededEntropy::new(1)).unwrap();
            read.content.price.lines.iter().map(|line| line.id).collect()
        };
        assert_eq!(ids(&[id])[0], id);
        assert_ne!(ids(&[id])[1], id, "once only");
        assert!(!ids(&[]).contains(&id));
    }
}
