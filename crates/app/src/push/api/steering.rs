//! A confirmed push, by its draft or by its own id; a removal has only the latter. Follow it, pause it, have it go on.

use axum::{Json, extract::State};
use domain::{DraftId, PushId};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    App,
    push::{self, push_result::PushResult},
    serving::api::{bearer::Bearer, extract::Id, problem::ApiResult},
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(result))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(cancel))
        .routes(routes!(try_again))
        .routes(routes!(show_push))
        .routes(routes!(pause_push))
        .routes(routes!(resume_push))
        .routes(routes!(cancel_push))
        .routes(routes!(try_push_again))
        .routes(routes!(look_for_push_now))
        .routes(routes!(say_push_is_not_there))
}

/// Operations that answer how a push stands, after one of its verbs if it is named.
macro_rules! operations {
    ($(
        $(#[doc = $doc:tt])+
        $operation:ident: $method:ident $path:tt ($named:tt = $id:ty, $what:tt) $(does $verb:ident)? says $answer:tt;
    )+) => {$(
        $(#[doc = $doc])+
        #[utoipa::path(
            $method,
            path = $path,
            tag = "pushes",
            params(($named = Uuid, Path, description = $what)),
            responses((status = 200, body = PushResult, description = $answer))
        )]
        async fn $operation(
            State(app): State<App>,
            Bearer(actor): Bearer,
            Id(id): Id<$id>,
        ) -> ApiResult<PushResult> {
            $(push::$verb(&app, &actor, id).await?;)?
            Ok(Json(push::push_result(&app, &actor, id).await?))
        }
    )+};
}

operations! {
    /// How a confirmed push stands, COR by COR
    result: get "/push-drafts/{draft}/result" ("draft" = DraftId, "The draft's id") says "As it stands";

    /// Pauses a push between two requests
    pause: post "/push-drafts/{draft}/pause" ("draft" = DraftId, "The draft's id") does pause
        says "As it stands; a request on its way is waited for";

    /// Lets a paused push go on
    resume: post "/push-drafts/{draft}/resume" ("draft" = DraftId, "The draft's id") does resume says "As it stands";

    /// Takes back what was not written yet
    cancel: post "/push-drafts/{draft}/cancel" ("draft" = DraftId, "The draft's id") does cancel
        says "As it stands; what may have been written is looked for first";

    /// Has a push that stopped tried again
    try_again: post "/push-drafts/{draft}/try-again" ("draft" = DraftId, "The draft's id") does try_again
        says "As it stands; what may have been sent is looked for first";

    /// How a push or a removal stands, COR by COR
    show_push: get "/pushes/{push}" ("push" = PushId, "The push's id") says "As it stands";

    /// Pauses a push or a removal between two requests
    pause_push: post "/pushes/{push}/pause" ("push" = PushId, "The push's id") does pause
        says "As it stands; a request on its way is waited for";

    /// Lets a paused push or removal go on
    resume_push: post "/pushes/{push}/resume" ("push" = PushId, "The push's id") does resume says "As it stands";

    /// Takes back what was not written or removed yet
    cancel_push: post "/pushes/{push}/cancel" ("push" = PushId, "The push's id") does cancel
        says "As it stands; what may have been carried out is looked for first";

    /// Has a push or a removal that stopped tried again
    try_push_again: post "/pushes/{push}/try-again" ("push" = PushId, "The push's id") does try_again
        says "As it stands; what may have been sent is looked for first";

    /// Has it looked for now what Procore received
    ///
    /// While a push is `uncertain`. What is there is taken over at once; what is not there yet is looked for again as planned.
    look_for_push_now: post "/pushes/{push}/look-now" ("push" = PushId, "The push's id") does look_now
        says "As it stands; the look comes next";

    /// Says that the change event that is looked for is not in Procore
    ///
    /// After one more look it is made again at once, instead of at `made_again_at`; a push that is being cancelled is cancelled.
    /// Only for one who has looked into Procore: if it is there after all, it will be there twice.
    say_push_is_not_there: post "/pushes/{push}/not-there" ("push" = PushId, "The push's id") does not_there
        says "As it stands; the last look comes next";
}
