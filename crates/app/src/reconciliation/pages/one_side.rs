//! The page of a project's reconciliation: where the money of one side stands, and the rows behind each figure.

#![allow(
    clippy::unused_self,
    clippy::trivially_copy_pass_by_ref,
    reason = "templates call these of their page, by reference"
)]

use askama::Template;
use domain::{
    Money, ProjectId,
    cor::Status,
    procore::{
        Amount, Side, footing,
        reconciliation::{Category, Counts},
    },
};

use super::{Asked, SignOff};
use crate::{
    log::views::{
        EventsAge,
        cell::{EventRef, ProcoreCell},
    },
    reconciliation::{
        CategorySum, ReconciledCor, ReconciledEvent, ReconciledSide, ReconciliationSignature, SignedReconciliation,
    },
    serving::{
        filters,
        views::{Deed, Link, Shell, Text},
        words,
    },
};

/// The most rows of a category on a page; the Excel file has all of them.
pub(crate) const MOST: usize = 500;

/// One side of a project. Selected rows post as those of the log do; signing off posts `figures` and `note`.
#[derive(Default, Template)]
#[template(path = "reconciliation/templates/project.html")]
pub(crate) struct ReconciliationPage<'a> {
    pub shell: Shell,
    pub project: Option<ProjectId>,
    /// The page's address without the query.
    pub url: String,
    pub sections: &'a [ReconciledSide],
    /// The one that is shown; `None` where there is none.
    pub side: Option<&'a ReconciledSide>,
    /// The category whose rows are shown alone.
    pub show: Option<Category>,
    /// The most rows of a category.
    pub most: usize,
    /// The address of the project's change events in Procore, if the events can be led to.
    pub procore_url: Option<String>,
    /// A sentence above it all with what to do about it.
    pub notice: Option<(String, Option<Link>)>,
    /// How old our picture of Procore is; only of the present.
    pub age: Option<EventsAge>,
    /// The office's reconciliation, or why not; only of the present.
    pub office: Deed,
    /// Where selected CORs are pushed; `None` for what was signed.
    pub push: Option<Deed>,
    /// Signing off; `None` for what was signed.
    pub sign: Option<SignOff<'a>>,
    /// What was signed, where that is shown.
    pub stamp: Option<&'a SignedReconciliation>,
    /// What was signed before.
    pub signed: &'a [ReconciliationSignature],
}

/// The rows of a category.
struct RowGroup<'a> {
    category: Category,
    cors: Vec<&'a ReconciledCor>,
    events: Vec<&'a ReconciledEvent>,
    in_log: Money,
    in_procore: Amount,
    gap: Amount,
    /// What the rounded amounts leave out of Procore's sum and of the gap.
    rounding: Money,
}

impl RowGroup<'_> {
    fn of_events(&self) -> bool {
        self.category == Category::OnlyInProcore
    }

    fn count(&self) -> String {
        let (one, many) = if self.of_events() { ("Change Event", "Change Events") } else { ("COR", "CORs") };
        counted(self.len(), one, many)
    }

    fn len(&self) -> usize {
        self.cors.len() + self.events.len()
    }
}

/// The section that was asked for, else the first with CORs in it.
pub(crate) fn chosen<'a>(sections: &'a [ReconciledSide], asked: &Asked) -> Option<&'a ReconciledSide> {
    let side = asked.side();
    let wanted = sections.iter().find(|section| Some(section.side) == side);
    wanted.or_else(|| sections.iter().find(|section| !section.cors.is_empty())).or_else(|| sections.first())
}

impl<'a> ReconciliationPage<'a> {
    /// The address of the page with another side, or with the rows of a category.
    fn view(&self, side: &Side, category: Option<&Category>) -> String {
        let show = category.map(|category| format!("&show={}", category.code())).unwrap_or_default();
        format!("{}?side={}{show}", self.url, side.code())
    }

    /// Whether that side is shown.
    fn shows(&self, other: &ReconciledSide) -> bool {
        self.side.is_some_and(|side| side.side == other.side)
    }

    fn less(&self, rounding: &Money) -> Money {
        -*rounding
    }

    fn contracts_url(&self) -> String {
        let project = self.project.map(|project| project.to_string()).unwrap_or_default();
        format!("/projects/{project}/settings/contracts")
    }

    /// When the change events were read, in words.
    fn read_at(&self, side: &ReconciledSide) -> Text {
        match side.read_at {
            Some(at) => Text::from("Change Events as of ").moment(at),
            None if self.stamp.is_some() => Text::from("The Change Events had never been read"),
            None => Text::default(),
        }
    }

    /// The rows that are shown, by category: of the gaps, only what is one.
    fn groups(&self, side: &'a ReconciledSide) -> Vec<RowGroup<'a>> {
        match self.show {
            Some(category) => group(side, category, false).into_iter().collect(),
            None => Category::ALL.into_iter().filter_map(|category| group(side, category, true)).collect(),
        }
    }

    /// What is not listed; empty when all is.
    fn cut(&self, group: &RowGroup<'_>) -> String {
        match (self.most, group.len()) {
            (most, all) if all > most => {
                format!("The first {most} of {all} are listed here; the Excel file has all of them.")
            }
            _ => String::new(),
        }
    }

    fn selects(&self, cor: &ReconciledCor) -> bool {
        let missing = [Category::NotInProcore, Category::AmountDiffers, Category::ToTakeOut];
        self.push.is_some() && missing.contains(&cor.category)
    }

    fn selectable(&self, groups: &[RowGroup<'_>]) -> bool {
        groups.iter().flat_map(|group| group.cors.iter().take(self.most)).any(|cor| self.selects(cor))
    }

    fn event_url(&self, event: &ReconciledEvent) -> String {
        self.procore_url.as_ref().map(|url| format!("{url}/{}", event.id)).unwrap_or_default()
    }

    fn cell(&self, side: &ReconciledSide, cor: &ReconciledCor) -> ProcoreCell {
        let known = side.event_of(cor);
        let status = cor.event_id.map(|_| match known.map(|event| event.counts) {
            Some(Counts::Gone) => "no longer listed".to_owned(),
            Some(Counts::OtherCurrency) => "in another currency".to_owned(),
            Some(Counts::UnknownCurrency) => "currency not known".to_owned(),
            _ => known.map(|event| event.status.clone()).unwrap_or_default(),
        });
        let label = event_label(&cor.event_number);
        let Some(url) = &self.procore_url else {
            // Nowhere to lead to: all of it in words.
            let event = status.map(|status| format!(" · {label}, {status}")).unwrap_or_default();
            let words = Text::from(cor.state.name()).and(event.trim_end_matches(", "));
            return ProcoreCell { busy: words, ..ProcoreCell::default() };
        };
        let event = cor.event_id.zip(status);
        let event = event.map(|(id, status)| EventRef { label, status, url: format!("{url}/{id}") });
        let silent = cor.status == Status::Draft;
        ProcoreCell { state: (!silent).then_some(cor.state), event, ..ProcoreCell::default() }
    }
}

/// The rows of a category.
fn group(side: &ReconciledSide, category: Category, gaps: bool) -> Option<RowGroup<'_>> {
    let shown = |cor: &&ReconciledCor| !gaps || category == Category::Waiting || !cor.gap.is_zero();
    let cors: Vec<&ReconciledCor> = side.of(category).filter(shown).collect();
    let only = category == Category::OnlyInProcore;
    let events: Vec<&ReconciledEvent> = if only { side.only_in_procore().collect() } else { Vec::new() };
    if cors.is_empty() && events.is_empty() {
        return None;
    }
    let in_log: Money = cors.iter().map(|cor| cor.in_log).sum();
    let whole = side.sum(category);
    // Events that hold less than a cent are no rows, and in the sum.
    let (in_procore, gap, rounding) = if only {
        (whole.in_procore, whole.gap, whole.rounding)
    } else {
        let held: Amount = cors.iter().map(|cor| cor.in_procore).sum();
        let rounding = footing::rounding(cors.iter().map(|cor| cor.in_procore), held);
        (held, category.asks_for(in_log) - held.shown(), rounding)
    };
    Some(RowGroup { category, cors, events, in_log, in_procore, gap, rounding })
}

fn counted(n: usize, one: &str, many: &str) -> String {
    words::count(i64::try_from(n).unwrap_or(i64::MAX), one, many)
}

pub(crate) fn event_label(number: &str) -> String {
    if number.is_empty() { "Change event".to_owned() } else { format!("CE {number}") }
}

impl ReconciledEvent {
    fn label(&self) -> String {
        event_label(&self.number)
    }

    fn gap(&self) -> Amount {
        -self.only_in_procore
    }

    /// Whose money it is.
    fn owner(&self) -> String {
        match self.cors {
            0 => "No COR linked".to_owned(),
            n => format!("Besides our {}", counted(n, "COR", "CORs")),
        }
    }
}

impl CategorySum {
    fn of_events(&self) -> bool {
        self.category == Category::OnlyInProcore
    }

    fn count(&self) -> String {
        if self.of_events() { counted(self.count, "event", "events") } else { self.count.to_string() }
    }

    /// Someone should look. To the cent a matched COR has no gap; what many fractions add up to is nobody's to mend.
    fn is_open(&self) -> bool {
        self.category != Category::Matched && !self.gap.is_zero()
    }

    /// What the category means.
    fn hint<'a>(&self, side: &'a ReconciledSide) -> &'a str {
        match (self.category, side.side) {
            (Category::Matched, _) => "Procore holds what the COR says, to the cent",
            (Category::AmountDiffers, _) => "Pushed, then changed here or there",
            (Category::NotInProcore, _) => "Never pushed, refused, or in an event that is void or deleted",
            (Category::Waiting, _) => "A push is on its way, or waits for somebody to sign in",
            (Category::NotComparable, _) => &side.reasons,
            (Category::ToTakeOut, _) => "No place in a forecast, and yet in it: push them to have their lines removed",
            (Category::NotToPush, _) => "No place in a forecast, and not in it",
            (Category::OnlyInProcore, Side::Received) => "Cost in Change Events that no COR here accounts for",
            (Category::OnlyInProcore, Side::Sent) => "Revenue in Change Events that no COR here accounts for",
        }
    }
}

impl ReconciledSide {
    /// What the figures are of, for print: "Harbor Point Medical Office · 24-118 · Received · USD".
    fn about(&self) -> String {
        let job = if self.job_number.is_empty() { String::new() } else { format!(" · {}", self.job_number) };
        format!("{}{job} · {} · {}", self.project_name, self.side.name(), self.currency.code())
    }

    /// What the total is, and what the gap leaves out.
    fn about_total(&self) -> String {
        match self.draft_or_void_cors {
            0 => "What the log and Procore add up to, and what parts them".to_owned(),
            n => format!(
                "What the log and Procore add up to. The gap leaves out {}, {}",
                counted(n, "COR that is Draft or Void", "CORs that are Draft or Void"),
                self.draft_or_void
            ),
        }
    }

    /// What the change events' total leaves out, by its reason, and what Procore adds beside the figures.
    fn left_out(&self) -> String {
        let aside = self.set_aside.iter().map(|aside| {
            let what = match aside.counts {
                Counts::OtherCurrency => "in another currency",
                Counts::UnknownCurrency => "in a currency that nobody stated",
                Counts::Yes | Counts::Void | Counts::Gone => "void",
            };
            let sum = match aside.total {
                Amount::NotComparable => String::new(),
                total => format!(", {total} together"),
            };
            let events = counted(aside.events, "Change Event", "Change Events");
            format!("Not counted: {events} that {} {what}{sum}.", if aside.events == 1 { "is" } else { "are" })
        });
        let added = self.added_by_procore;
        let said = |amount: Amount| !amount.is_zero() && amount != Amount::NotComparable;
        let markup = said(added.markup).then(|| {
            format!("+ markup by Procore {}: in no figure above, and in what the owner is shown.", added.markup)
        });
        let following = said(added.revenue_that_follows_cost).then(|| {
            format!(
                "+ revenue by Procore {}, which follows cost: nobody entered it, and it is in no figure above.",
                added.revenue_that_follows_cost
            )
        });
        aside.chain(markup).chain(following).collect::<Vec<_>>().join(" ")
    }

    /// How many CORs the log holds.
    fn count(&self) -> usize {
        self.categories.iter().filter(|sum| !sum.of_events()).map(|sum| sum.count).sum()
    }

    fn cors(&self) -> String {
        counted(self.count(), "COR", "CORs")
    }

    /// How many CORs are not in the forecast as they should be, and the gap they leave.
    fn missing(&self) -> (usize, Amount) {
        use Category as C;
        let categories = [C::AmountDiffers, C::NotInProcore, C::Waiting, C::NotComparable, C::ToTakeOut];
        let sums = categories.into_iter().map(|category| self.sum(category));
        sums.fold((0, Amount::ZERO), |(n, gap), sum| (n + sum.count, gap + sum.gap))
    }

    fn all_there(&self) -> bool {
        self.missing().0 == 0
    }

    /// Whether all that belongs in the forecast is in it, in one sentence.
    fn answer(&self) -> String {
        let out = self.sum(Category::ToTakeOut).count;
        let wanted = self.count() - self.sum(Category::NotToPush).count - out;
        if wanted + out == 0 {
            return "No COR of this log belongs in Procore's forecast yet.".to_owned();
        }
        if self.not_compared.is_some() {
            let apart = match self.sum(Category::NotComparable).count {
                0 => "Change Events".to_owned(),
                n => counted(n, "COR", "CORs"),
            };
            return format!(
                "What the forecast lacks can’t be told: amounts of {apart} can’t be compared with Procore’s."
            );
        }
        let (n, gap) = self.missing();
        if wanted == 0 {
            return format!("No COR of this log belongs in Procore's forecast, and {} of void ones is in it.", -gap);
        }
        let all = counted(wanted, "COR", "CORs");
        if n == 0 {
            return format!("All of {all} that belong in the forecast are in it, to the cent.");
        }
        let told = [
            (Category::NotInProcore, "not in Procore"),
            (Category::AmountDiffers, "with another amount"),
            (Category::Waiting, "waiting"),
            (Category::ToTakeOut, "void and still in Procore"),
        ];
        let told = told.into_iter().map(|(category, what)| (self.sum(category).count, what)).filter(|(n, _)| *n > 0);
        let told = told.map(|(n, what)| format!("{n} {what}")).collect::<Vec<_>>().join(", ");
        let by = match gap.money() {
            None => " What the forecast lacks of them can’t be told: an amount in Procore can’t be read.".to_owned(),
            Some(gap) if gap.is_zero() => String::new(),
            Some(gap) if gap.is_negative() => format!(" The forecast holds {} too much of them.", -gap),
            Some(gap) => format!(" The forecast lacks {gap} of them."),
        };
        let matched = self.sum(Category::Matched).count;
        format!("{matched} of {all} are in the forecast as they should be; {told}.{by}")
    }
}
