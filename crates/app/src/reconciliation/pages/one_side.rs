//! The page of a project's reconciliation: where the money of one side stands, and the rows behind each figure.

use askama::Template;
use domain::{
    Money,
    cor::Status,
    procore::{
        Amount, Side, footing,
        reconciliation::{Category, Counts},
    },
    role::Actor,
};

use super::{Figures, url_of};
use crate::{
    integration::pages::project::{currency_url, mapping_url},
    log::pages::{
        EventsAge,
        cell::{EventRef, ProcoreCell},
    },
    reconciliation::{CategorySum, ReconciledCor, ReconciledEvent, ReconciledProject, ReconciledSide, SignedScope},
    serving::{
        filters,
        views::{ActionLink, PageLink, Shell, Text},
        words,
    },
};

/// The most rows of a category on a page; the Excel file has all of them.
pub(crate) const MOST: usize = 500;

/// One side of a project. Selected rows post as those of the log do; signing off posts `figures` and `note`.
#[derive(Template)]
#[template(path = "reconciliation/templates/project.html")]
pub(crate) struct ReconciliationPage<'a> {
    pub shell: Shell,
    pub actor: &'a Actor,
    pub figures: Figures<'a>,
    /// The side that is shown; `None` where there is none.
    pub side: Option<&'a ReconciledSide>,
    /// The category whose rows are shown alone.
    pub show: Option<Category>,
    /// The most rows of a category.
    pub most: usize,
    /// The address of the project's change events in Procore, if the events can be led to.
    pub procore_url: Option<String>,
    /// How old our picture of Procore is; only of the present.
    pub age: Option<EventsAge>,
}

/// The rows of a category.
struct RowGroup<'a> {
    category: Category,
    cors: Vec<&'a ReconciledCor>,
    events: Vec<&'a ReconciledEvent>,
    in_log: Money,
    in_procore: Amount,
    gap: Amount,
    /// The difference that rounding leaves in Procore's sum and in the gap.
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

impl<'a> ReconciliationPage<'a> {
    /// The address of the page with another side, or with the rows of a category.
    fn view(&self, side: Side, category: Option<Category>) -> String {
        let show = category.map(|category| format!("&show={}", category.code())).unwrap_or_default();
        format!("{}?side={}{show}", self.figures.url(), side.code())
    }

    /// Whether that side is shown.
    fn shows(&self, other: &ReconciledSide) -> bool {
        self.side.is_some_and(|side| side.side == other.side)
    }

    /// The project as it is now, where its figures of now are shown.
    fn now(&self) -> Option<&'a ReconciledProject> {
        self.figures.now().filter(|_| self.side.is_some()).and_then(|(now, _)| now.project.as_ref())
    }

    /// The reconciliation of the project's office.
    fn office(&self) -> ActionLink {
        let Some(now) = self.now() else { return ActionLink::Absent };
        let office = now.project.office.id;
        words::action(self.actor.may_reconcile_office(office), url_of(SignedScope::Office(office)))
    }

    /// Where selected CORs are pushed; nowhere from what was signed.
    fn push(&self) -> ActionLink {
        let (Some(now), Some(side)) = (self.now(), self.side) else { return ActionLink::Absent };
        match self.actor.may_push(now.project.standing()) {
            Err(denied) => ActionLink::MayNot(denied.to_string()),
            Ok(()) if now.mapping.is_none() => {
                ActionLink::MayNot("Map this project to Procore first, under its settings → Procore.".to_owned())
            }
            Ok(()) => ActionLink::May(format!("/push?project={}&side={}", now.project.id, side.side.code())),
        }
    }

    /// A sentence above it all, with what to do about it.
    fn notice(&self) -> Option<(&'a str, Option<PageLink>)> {
        let ReconciledProject { project, mapping, connected } = self.now()?;
        let link = |label, url: fn(_) -> String| {
            self.actor.may_map_project(project.standing()).is_ok().then(|| PageLink::new(label, url(project.id)))
        };
        if mapping.is_none() {
            let sentence = "This project is not mapped to Procore, so we can't read its change events.";
            return Some((sentence, link("Map this project", mapping_url)));
        }
        if !connected {
            return Some(("The office is not connected to Procore. These figures are from the last reading.", None));
        }
        let sides = self.figures.sides();
        if let Some(why) = sides.iter().find_map(|side| side.not_compared.as_deref()) {
            return Some((why, link("Procore settings", currency_url)));
        }
        let never = sides.iter().all(|side| side.read_at.is_none());
        never.then_some(("We have not read the Change Events yet. Select Refresh to read them.", None))
    }

    /// When the change events were read, in words.
    fn read_at(&self, side: &ReconciledSide) -> Text {
        match side.read_at {
            Some(at) => Text::from("Change Events as of ").moment(at),
            None if self.figures.stamp().is_some() => Text::from("The Change Events had never been read"),
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

    /// The note that rows are missing; empty if none is.
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
        self.now().is_some() && missing.contains(&cor.category)
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
            // Without an address for links, describe everything in words.
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
    // Events below a cent have no row but are in the sum.
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

    /// Who accounts for the event.
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

    /// Whether somebody should act. Matched CORs may leave fractions of a cent, which nobody can fix.
    fn is_open(&self) -> bool {
        self.category != Category::Matched && !self.gap.is_zero()
    }

    /// What the category means.
    fn hint<'a>(&self, side: &'a ReconciledSide) -> &'a str {
        match (self.category, side.side) {
            (Category::Matched, _) => "Procore has the COR’s amount, to the cent",
            (Category::AmountDiffers, _) => "Pushed, then changed here or in Procore",
            (Category::NotInProcore, _) => "Never pushed, refused, or in a void or deleted event",
            (Category::Waiting, _) => "A push is running, or waits for a sign-in",
            (Category::NotComparable, _) => &side.reasons,
            (Category::ToTakeOut, _) => "Doesn’t belong in the forecast but is in it. Push to remove the lines",
            (Category::NotToPush, _) => "Doesn’t belong in the forecast, and isn’t in it",
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

    /// The line below the total.
    fn about_total(&self) -> String {
        match self.draft_or_void_cors {
            0 => "Totals of the log and of Procore, and the difference".to_owned(),
            n => format!(
                "Totals of the log and of Procore. The gap excludes {}, {}",
                counted(n, "COR that is Draft or Void", "CORs that are Draft or Void"),
                self.draft_or_void
            ),
        }
    }

    /// The amounts that the change events' total excludes, and those that Procore adds.
    fn left_out(&self) -> String {
        let aside = self.set_aside.iter().map(|aside| {
            let what = match aside.counts {
                Counts::OtherCurrency => "in another currency",
                Counts::UnknownCurrency => "in an unknown currency",
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
        let markup = said(added.markup)
            .then(|| format!("+ markup by Procore {}: not in the figures above, but the owner sees it.", added.markup));
        let following = said(added.revenue_that_follows_cost).then(|| {
            format!(
                "+ revenue that Procore derives from cost {}: not in the figures above.",
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

    /// How many CORs don't match Procore, and their gap.
    fn missing(&self) -> (usize, Amount) {
        use Category as C;
        let categories = [C::AmountDiffers, C::NotInProcore, C::Waiting, C::NotComparable, C::ToTakeOut];
        let sums = categories.into_iter().map(|category| self.sum(category));
        sums.fold((0, Amount::ZERO), |(n, gap), sum| (n + sum.count, gap + sum.gap))
    }

    fn all_there(&self) -> bool {
        self.missing().0 == 0
    }

    /// A sentence that says how well the log matches Procore.
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
                "We can’t say what is missing from the forecast: amounts of {apart} can’t be compared with Procore."
            );
        }
        let (n, gap) = self.missing();
        if wanted == 0 {
            return format!("No COR of this log belongs in Procore's forecast, but {} from void CORs is in it.", -gap);
        }
        let all = counted(wanted, "COR", "CORs");
        if n == 0 {
            return format!("{all} match Procore to the cent.");
        }
        let told = [
            (Category::NotInProcore, "not in Procore"),
            (Category::AmountDiffers, "with a different amount"),
            (Category::Waiting, "waiting"),
            (Category::ToTakeOut, "void and still in Procore"),
        ];
        let told = told.into_iter().map(|(category, what)| (self.sum(category).count, what)).filter(|(n, _)| *n > 0);
        let told = told.map(|(n, what)| format!("{n} {what}")).collect::<Vec<_>>().join(", ");
        let by = match gap.money() {
            None => " We can’t say what is missing from the forecast: an amount in Procore can’t be read.".to_owned(),
            Some(gap) if gap.is_zero() => String::new(),
            Some(gap) if gap.is_negative() => format!(" The forecast is {} too high.", -gap),
            Some(gap) => format!(" {gap} is missing from the forecast."),
        };
        let matched = self.sum(Category::Matched).count;
        format!("{matched} of {all} match Procore; {told}.{by}")
    }
}
