//! The JSON API: what the pages do, for programs. `docs/api.md` tells how to use it.
//!
//! Each room brings its part; here they become one router and one document. Every answer that is not a success is a problem document (RFC 9457).

use axum::{Router, http::header, middleware, routing::get};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        Content, Ref, RefOr, ResponseBuilder,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_axum::router::OpenApiRouter;

use crate::{
    App, account, comparison, cor, integration, log, projects, push, reconciliation, record, security,
    serving::api::{
        layers,
        once::{Once, once},
        problem,
    },
};

/// Where the API lies. Another major version would lie beside it.
pub const BASE: &str = "/api/v1";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Ledgerboard",
        version = "1",
        description = "The COR Log, CORs, and pushes to Procore. A call speaks for the person who made its token, with \
            their rights, and acts in Procore as that person. Amounts are strings with two decimals beside a currency, ids \
            and Procore's ids are strings, times are RFC 3339 in UTC. Whatever is not a success is a problem document \
            (RFC 9457).",
        license(name = "Apache-2.0 OR MIT", identifier = "Apache-2.0 OR MIT")
    ),
    servers((url = "/api/v1")),
    components(schemas(problem::Problem, log::api::Direction, store::repo::log::SortBy)),
    modifiers(&Token),
    security(("token" = [])),
    tags(
        (name = "projects", description = "Projects and their contracts"),
        (name = "log", description = "The COR Log of either side of a project"),
        (name = "cors", description = "Change order requests"),
        (name = "procore", description = "A project's place in Procore, and what can be chosen there"),
        (name = "reconciliation", description = "What of a log is in Procore's forecast and what is not"),
        (name = "record", description = "What was pushed and decided, sealed entry by entry"),
        (name = "security", description = "Sign-ins, people, tokens, connections and exports, for Account Owners"),
        (name = "pushes", description = "From a selection of CORs to lines of a change event, and removals"),
    ),
)]
struct Document;

struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(
                "A token made under Settings → API tokens. It ends after a year at the latest: every answer says when, in \
                 `Ledgerboard-Token-Expires`. One that only reads may be used with GET alone.",
            ))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

/// The API, and the document that describes it.
fn parts() -> (Router<App>, utoipa::openapi::OpenApi) {
    let (routes, mut document) = OpenApiRouter::with_openapi(Document::openapi())
        .merge(projects::api::routes())
        .merge(log::api::routes())
        .merge(cor::api::routes())
        .merge(comparison::api::routes())
        .merge(integration::api::mapping::routes())
        .merge(integration::api::reference::routes())
        .merge(push::api::drafts::routes())
        .merge(push::api::steering::routes())
        .merge(reconciliation::api::routes())
        .merge(record::api::routes())
        .merge(security::api::routes())
        .split_for_parts();
    fail_with_problems(&mut document);
    (routes, document)
}

/// Every operation can end in a problem; said once here instead of at each.
fn fail_with_problems(document: &mut utoipa::openapi::OpenApi) {
    let problem = ResponseBuilder::new()
        .description("What went wrong and what to do")
        .content("application/problem+json", Content::new(Some(Ref::from_schema_name("Problem"))))
        .build();
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch];
        for operation in operations.into_iter().flatten() {
            operation.responses.responses.insert("default".to_owned(), RefOr::T(problem.clone()));
        }
    }
}

/// The OpenAPI document.
pub fn document() -> utoipa::openapi::OpenApi {
    parts().1
}

/// The API behind its guards, to be merged beside the pages.
pub fn router(app: &App) -> Router<App> {
    let (routes, document) = parts();
    let with_keys = Once::of(app, &document, BASE);
    let json = document.to_json().expect("the document is made of strings");
    let described = get(move || async move { ([(header::CONTENT_TYPE, "application/json")], json) });
    let routes = routes.route("/openapi.json", described).fallback(|| async { problem::Problem::not_found() });
    let identified = routes
        .layer(middleware::from_fn_with_state(with_keys, once))
        .layer(middleware::from_fn_with_state(app.clone(), account::api::identify));
    Router::new().nest(BASE, layers::guarded(identified))
}
