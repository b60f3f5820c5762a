//! The editor of a COR as a page.

use askama::Template;
use domain::{
    Currency, Money,
    cor::{Section, Status},
    procore::Side,
};
use store::repo::cor::Cor;

use crate::{
    FieldErrors,
    cor::{
        copy::{self, LINES_REFUSED},
        input::TotalSaid,
        line_input::LineInput,
        pages::posted::Posted,
        read_cor::{BlankCor, CorDetail},
        settled_price::SettledPrice,
        typed_price::TypedPrice,
    },
    log::pages::log_url,
    serving::{
        filters,
        views::{FormErrors, Shell},
    },
};

/// The editor. Posts `number`, `title`, `description`, `contract`, `reference`, for each line in order `line_id`,
/// `line_section`, `line_description`, `line_quantity`, `line_unit`, `line_rate`, `line_amount` (each repeated, always all seven; a line with nothing
/// but its section is left out), `total` (empty: the sum; otherwise overtyped), `do` (`save`, `send`, `rest`, or `add:<section>` for one more
/// empty line without a script), `version`, and where the typed total is asked about `counts` with `counts_for`.
///
/// With quantity and rate the amount is their product. An amount posted beside them has to be the same.
#[derive(Template)]
#[template(path = "cor/templates/form.html")]
pub(crate) struct EditorPage<'a> {
    pub shell: Shell,
    pub of: Edited<'a>,
    /// What was typed.
    pub posted: &'a Posted,
    /// What that comes to.
    pub price: TypedPrice,
    /// What was refused.
    pub refused: &'a FieldErrors,
    /// The revision that the fields are an edit of, so that two editors don't overwrite each other.
    pub version: i64,
    /// Somebody else saved first, so this edit was not saved. With `over` checked it overwrites that version.
    pub overtaken: bool,
    /// The COR is approved, so the price that was typed can't be saved. `do=rest` saves all but the price.
    pub settled: Option<SettledPrice>,
}

/// What is written: a new COR, or one that is there.
#[derive(Clone, Copy)]
pub(crate) enum Edited<'a> {
    New(&'a BlankCor),
    Stored(&'a CorDetail),
}

/// A section of the sheet: its lines, each with what was refused of it, and what they add up to.
type EditedSection<'a> = (Section, Vec<(&'a LineInput, &'a str)>, Option<Money>);

impl<'a> EditorPage<'a> {
    /// The editor with what was posted and what was refused of it.
    pub fn new(shell: Shell, of: Edited<'a>, posted: &'a Posted, refused: &'a FieldErrors) -> Self {
        let (currency, before) = match of {
            Edited::New(blank) => (blank.project.currency, None),
            Edited::Stored(detail) => (detail.cor.currency, Some(&detail.cor.price)),
        };
        let price = TypedPrice::of(&posted.typed, currency, before);
        Self { shell, of, posted, price, refused, version: posted.version, overtaken: false, settled: None }
    }

    fn stored(&self) -> Option<&'a Cor> {
        match self.of {
            Edited::New(_) => None,
            Edited::Stored(detail) => Some(&detail.cor),
        }
    }

    fn currency(&self) -> Currency {
        match self.of {
            Edited::New(blank) => blank.project.currency,
            Edited::Stored(detail) => detail.cor.currency,
        }
    }

    /// Why lines and total are shown and can't be changed.
    fn locked(&self) -> Option<&'static str> {
        self.stored().and_then(|cor| cor.status.settles_price(cor.receiver_joined))
    }

    /// The sections with their lines and an empty one, or two where one more was asked for, and what they add up to. Beside
    /// each line what was refused of it.
    fn sections(&self) -> Vec<EditedSection<'_>> {
        let locked = self.locked().is_some();
        let of = |section: Section| {
            let typed = self.posted.typed.lines.iter().enumerate();
            let typed = typed.filter(|(_, line)| line.section == Some(section) && !line.is_blank());
            let mut lines: Vec<_> = typed.map(|(n, line)| (line, self.refused.get(&format!("line.{n}")))).collect();
            let empty = if self.posted.adds_to() == Some(section) { 2 } else { 1 };
            // Nothing is added to what is locked, so there is nothing empty to fill.
            lines.extend((0..empty).filter(|_| !locked).map(|_| (LineInput::BLANK, "")));
            (section, lines, self.price.subtotal(section))
        };
        Section::ALL.into_iter().map(of).filter(|(_, lines, _)| !lines.is_empty()).collect()
    }

    /// The total as its field shows it.
    fn total(&self) -> String {
        let typed = &self.posted.typed.total;
        match self.stored().filter(|_| typed.is_empty() && self.locked().is_some()) {
            None => typed.clone(),
            Some(_) if self.settled.is_some() => in_words(self.price.sum),
            Some(cor) => cor.total().to_string(),
        }
    }

    /// The price that was typed and isn't saved.
    fn unsaved_price(&self) -> String {
        let total = self.total();
        Money::typed(&total, self.currency()).map_or(total, |typed| typed.to_string())
    }

    /// The stored total and sum of the lines, in cents; empty for none.
    fn stored_price(&self) -> [String; 2] {
        let stored = self.price.stored();
        [stored.typed, stored.sum].map(|money| money.map_or_else(String::new, |money| money.in_minor().to_string()))
    }

    /// The difference between total and lines. What is typed over a settled price is saved nowhere, so nothing rounds it.
    fn rounding(&self) -> Option<Money> {
        Some(self.price.totals.rounding()).filter(|rounding| !rounding.is_zero() && self.settled.is_none())
    }

    fn is_far_off(&self) -> bool {
        self.locked().is_none() && self.price.is_far_off()
    }

    fn is_doubtful(&self) -> bool {
        self.locked().is_none() && self.price.is_doubtful()
    }

    /// Which counts, as it was said of these lines: `total`, `lines` or nothing.
    fn counts(&self) -> &'static str {
        match self.posted.typed.said {
            TotalSaid::Which { keep, sum } if sum == self.price.totals.sum => ["lines", "total"][usize::from(keep)],
            _ => "",
        }
    }

    /// The errors at the top. Errors of lines are shown beside the lines, the question about the total with its answers.
    fn errors(&self) -> FormErrors {
        let settles = self.settled.is_some() && self.refused.0.contains_key("");
        if self.overtaken || settles {
            // What happened is said there, with all that can be done about it.
            return FormErrors::default();
        }
        let mut top = self.refused.clone();
        if let Some(question) = self.price.is_doubtful().then(|| top.0.remove("total")).flatten() {
            top.add("", question);
        }
        top.0.retain(|field, _| !field.starts_with("line."));
        if top.0.len() < self.refused.0.len() {
            top.add("", LINES_REFUSED);
        }
        top
    }

    /// The change event that it is in.
    fn event(&self) -> Option<String> {
        if let Edited::Stored(detail) = self.of { copy::in_event(detail) } else { None }
    }

    fn is_draft(&self) -> bool {
        self.stored().is_none_or(|cor| cor.status == Status::Draft)
    }

    fn action_url(&self) -> String {
        match self.of {
            Edited::New(blank) => format!("/projects/{}/cors/new", blank.project.id),
            Edited::Stored(detail) => format!("/cors/{}/edit", detail.cor.id),
        }
    }

    fn cancel_url(&self) -> String {
        match self.of {
            Edited::New(blank) => log_url(blank.project.id, Side::Sent, ""),
            Edited::Stored(detail) => format!("/cors/{}", detail.cor.id),
        }
    }
}

/// A sum; a dash while one of its lines comes to no amount.
fn in_words(sum: Option<Money>) -> String {
    sum.map_or_else(|| "—".to_owned(), |sum| sum.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posted(body: &[(&str, &str)]) -> Posted {
        Posted::read(body.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn what_was_typed_is_shown_again_with_one_empty_line_a_section() {
        let posted = posted(&[
            ("total", "120"),
            ("line_section", "labor"),
            ("line_description", "Pipefitter"),
            ("line_quantity", "2"),
            ("line_rate", "x"),
            ("line_section", "labor"),
            ("line_description", ""),
            ("line_quantity", ""),
            ("line_rate", ""),
            ("line_section", "other"),
            ("line_description", "Permit"),
            ("line_amount", ""),
            ("line_amount", ""),
            ("line_amount", "100"),
        ]);
        let refused = FieldErrors::one("line.0", "Not a number.");
        let blank = crate::cor::samples::blank();
        let form = EditorPage::new(Shell::default(), Edited::New(&blank), &posted, &refused);
        let sections = form.sections();
        assert_eq!(sections.iter().map(|(_, lines, _)| lines.len()).collect::<Vec<_>>(), [2, 1, 1, 2]);
        assert_eq!(sections[0].1[0].1, "Not a number.");
        assert_eq!(sections[0].1[0].0.rate, "x");
        assert_eq!((form.price.sum, form.price.subtotal(Section::Labor)), (None, None));
        assert_eq!(form.price.subtotal(Section::Other), Some(Money::minor(10_000)));
        assert_eq!((form.rounding(), form.is_doubtful(), form.is_far_off()), (None, false, false));
        assert!(form.errors().sentences().any(|sentence| sentence == LINES_REFUSED));
    }
}
