//! The page of a project's reconciliation: where the money of one side stands, and the rows behind each figure.

use askama::Template;
use domain::{
    cor::Status,
    procore::{Side, reconciliation::Category},
    role::Actor,
};

use super::figures::{Figures, RefusedSignature, url_of};
use crate::{
    integration::pages::{
        age::EventsAge,
        project::{currency_url, mapping_url},
    },
    log::pages::cell::{EventRef, ProcoreCell},
    reconciliation::{
        ReconciledCor, ReconciledEvent, ReconciledProject, ReconciledSide, SignedScope, copy, side::CategoryRows,
    },
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
    pub figures: &'a Figures,
    pub refused: RefusedSignature,
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
        self.side.and(self.figures.now()?.project.as_ref())
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
            Ok(()) if now.mapping.is_none() => ActionLink::MayNot(copy::MAP_FIRST.to_owned()),
            may => words::action(may, format!("/push?project={}&side={}", now.project.id, side.side.code())),
        }
    }

    /// A sentence above it all, with what to do about it.
    fn notice(&self) -> Option<(&'a str, Option<PageLink>)> {
        let ReconciledProject { project, mapping, connected } = self.now()?;
        let link = |label, url: fn(_) -> String| {
            self.actor.may_map_project(project.standing()).is_ok().then(|| PageLink::new(label, url(project.id)))
        };
        if mapping.is_none() {
            return Some((copy::NOT_MAPPED, link("Map this project", mapping_url)));
        }
        if !connected {
            return Some((copy::NOT_CONNECTED, None));
        }
        let sides = self.figures.sides();
        if let Some(why) = sides.iter().find_map(|side| side.not_compared.as_deref()) {
            return Some((why, link("Procore settings", currency_url)));
        }
        sides.iter().all(|side| side.read_at.is_none()).then_some((copy::NEVER_READ, None))
    }

    fn read_at(&self, side: &ReconciledSide) -> Text {
        side.read_at(self.figures.stamp().is_some())
    }

    /// The note that rows are missing; empty if none is.
    fn cut(&self, group: &CategoryRows<'_>) -> String {
        match (self.most, group.sum.count) {
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

    fn selectable(&self, groups: &[CategoryRows<'_>]) -> bool {
        groups.iter().flat_map(|group| group.cors.iter().take(self.most)).any(|cor| self.selects(cor))
    }

    fn event_url(&self, event: &ReconciledEvent) -> String {
        self.procore_url.as_ref().map(|url| format!("{url}/{}", event.id)).unwrap_or_default()
    }

    fn cell(&self, side: &ReconciledSide, cor: &ReconciledCor) -> ProcoreCell {
        let (label, status) = (words::event_label(&cor.event_number), side.event_status(cor).to_owned());
        let Some(url) = &self.procore_url else {
            // Without an address for links, describe everything in words.
            let event = cor.event_id.map(|_| format!(" · {label}, {status}")).unwrap_or_default();
            let words = Text::from(cor.state.name()).and(event.trim_end_matches(", "));
            return ProcoreCell { busy: words, ..ProcoreCell::default() };
        };
        let event = cor.event_id.map(|id| EventRef { label, status, url: format!("{url}/{id}") });
        let silent = cor.status == Status::Draft;
        ProcoreCell { state: (!silent).then_some(cor.state), event, ..ProcoreCell::default() }
    }
}
