//! The reconciliation with Procore: of a project, of an office, as it was signed off, and compared.

pub(crate) mod figures;
pub(crate) mod moved;
pub(crate) mod one_side;
pub(crate) mod whole_office;

use axum::{
    Router,
    extract::{Path, Query, State},
    response::Response,
    routing::{get, post},
};
use axum_extra::extract::Form;
use domain::procore::{Side, reconciliation::Category};
use serde::Deserialize;

use self::{
    figures::{Figures, RefusedSignature, ScopeInAddress, frame, signed_url},
    one_side::{MOST, ReconciliationPage},
    whole_office::ReconciliationOffice,
};
use crate::{
    App, Error,
    integration::pages::age::{EventsAge, events_age},
    reconciliation::{self, NewSignature, ReconciledSide, SignedScope, copy, workbook},
    security,
    serving::{download, flash, forms, session::SignedIn, shell::shell, words},
};

pub(crate) fn routes() -> Router<App> {
    let mut routes = Router::new().route("/reconciliations/compare", get(moved::show));
    let now = ["/projects/{project}/reconciliation", "/offices/{office}/reconciliation"];
    for url in now {
        routes = routes.route(&format!("{url}/sign-off"), post(sign));
    }
    for url in now.into_iter().chain(["/reconciliations/{signed}"]) {
        routes = routes.route(url, get(show)).route(&format!("{url}/workbook"), get(book));
    }
    routes
}

/// What stands in the address: the side, and the category whose rows are shown.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct RowsShown {
    side: String,
    show: String,
}

impl RowsShown {
    /// The side that was asked for, else the first with CORs in it.
    fn side<'a>(&self, sides: &'a [ReconciledSide]) -> Option<&'a ReconciledSide> {
        let asked = Side::from_code(&self.side);
        let wanted = sides.iter().find(|side| Some(side.side) == asked);
        wanted.or_else(|| sides.iter().find(|side| !side.cors.is_empty())).or_else(|| sides.first())
    }
}

async fn show(
    State(app): State<App>,
    person: SignedIn,
    Path(named): Path<ScopeInAddress>,
    Query(rows): Query<RowsShown>,
) -> Result<Response, Error> {
    let figures = Figures::read(&app, &person, &named).await?;
    draw(&app, &person, &figures, &rows, RefusedSignature::default()).await
}

/// The Excel file to save.
async fn book(State(app): State<App>, person: SignedIn, Path(named): Path<ScopeInAddress>) -> Result<Response, Error> {
    let (report, scope, signature) = match Figures::read(&app, &person, &named).await? {
        Figures::Now(now) => (now.report, now.scope, None),
        Figures::Signed(signed) => (signed.report, signed.scope, Some(signed.signature)),
    };
    let at = signature.as_ref().map_or_else(|| app.now(), |signature| signature.signed_at);
    let of = if let SignedScope::Office(_) = scope { " office" } else { "" };
    security::exported(&app, &person.actor, &format!("Reconciliation of {}{of}", report.of)).await?;
    let name = format!("Reconciliation {}{of} {}", report.of, words::today(at));
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    download::file(&name, "xlsx", kind, workbook::written(&report, at, signature.as_ref())?)
}

async fn sign(
    State(app): State<App>,
    person: SignedIn,
    Path(named): Path<ScopeInAddress>,
    Form(new): Form<NewSignature>,
) -> Result<Response, Error> {
    let note = new.note.clone();
    let errors = match reconciliation::sign_off(&app, &person.actor, named.scope()?, new).await {
        Ok(id) => return Ok(flash::done(&signed_url(id), copy::SIGNED)),
        Err(error @ (Error::Invalid(_) | Error::Conflict(_))) => forms::refused_or_told(error)?,
        Err(error) => return Err(error),
    };
    let figures = Figures::read(&app, &person, &named).await?;
    let refused = RefusedSignature { note, errors };
    Ok(forms::unprocessable(draw(&app, &person, &figures, &RowsShown::default(), refused).await?))
}

async fn draw(
    app: &App,
    person: &SignedIn,
    figures: &Figures,
    rows: &RowsShown,
    refused: RefusedSignature,
) -> Result<Response, Error> {
    let (scope, title) = match figures {
        Figures::Now(now) => (now.scope, copy::TITLE.to_owned()),
        Figures::Signed(signed) => (signed.scope, signed.signature.title()),
    };
    let now = figures.now();
    let shell = shell(app, person, frame(scope, figures.name(), &title, now.is_some())).await?;
    let SignedScope::Project(project) = scope else {
        return forms::page(&ReconciliationOffice { shell, figures, refused, now: app.now() });
    };
    let side = rows.side(figures.sides());
    // The figures on the page are those that are signed: they are read again on a click, never behind the page.
    let age = match now.and(side) {
        Some(_) => events_age(app, &person.actor, project).await?,
        None => None,
    };
    // Where the events were is not kept with signed figures, so they are named and not linked to.
    let place = now.and_then(|now| now.project.as_ref()?.mapping.as_ref());
    forms::page(&ReconciliationPage {
        shell,
        actor: &person.actor,
        figures,
        refused,
        side,
        show: Category::from_code(&rows.show),
        most: MOST,
        procore_url: place.map(|at| app.project_in_procore(at.procore_company_id, at.procore_project_id)),
        age: age.map(|age| EventsAge { stale: false, ..age }),
    })
}
