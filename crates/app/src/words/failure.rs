//! What a failed request says, to people and to programs.

/// A failed request, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure {
    /// The kind of failure, for programs. It never changes.
    pub kind: &'static str,
    /// The kind, for people.
    pub title: &'static str,
    /// What happened, if nothing else is known.
    pub what: &'static str,
    /// What a person can do.
    pub next: &'static str,
    /// What a program has to do, and what happened if that is more exact for programs.
    pub program: &'static str,
}

impl Failure {
    /// The failure behind a status of HTTP.
    pub const fn of(status: u16) -> Self {
        let (kind, title, what, next, program) = match status {
            400 => (
                "urn:ledgerboard:problem:malformed",
                UNREAD,
                MISTYPED,
                TYPE_AGAIN,
                "The body is not valid JSON; we did nothing.",
            ),
            401 => (
                "urn:ledgerboard:problem:unauthenticated",
                "You are not signed in",
                "This needs a sign-in.",
                "Sign in, then try again.",
                "Send a live token as `Authorization: Bearer lb_…`. Tokens are made under Settings → API tokens.",
            ),
            403 => (
                "urn:ledgerboard:problem:forbidden",
                "You don't have access",
                "The request came from another site, so we did nothing.",
                "Open the page here and try again. If you need access, ask your Account Owner.",
                "You may not do this.",
            ),
            404 => (
                "urn:ledgerboard:problem:not-found",
                "Not found",
                NOT_FOUND,
                "Check the address, or ask the person who sent it to add you to the project.",
                NOT_FOUND,
            ),
            405 => (
                "urn:ledgerboard:problem:method-not-allowed",
                "Not possible here",
                "This address doesn't support that action.",
                "Go back and use the buttons on the page.",
                "This address doesn't support that method; `Allow` lists those it supports.",
            ),
            409 => (
                "urn:ledgerboard:problem:conflict",
                "Something changed",
                "Somebody changed this meanwhile, so we did nothing.",
                "Go back, reload the page and try again.",
                "Read it again, then try again.",
            ),
            413 => (
                "urn:ledgerboard:problem:too-large",
                "That is too large",
                "The request is too large.",
                "Send it in smaller parts.",
                "A body may have 1 MiB at most; we did nothing.",
            ),
            415 => (
                "urn:ledgerboard:problem:unsupported-media-type",
                UNREAD,
                MISTYPED,
                TYPE_AGAIN,
                "Send the body as `Content-Type: application/json`.",
            ),
            422 => ("urn:ledgerboard:problem:invalid", UNREAD, MISTYPED, TYPE_AGAIN, MISTYPED),
            429 => (
                "urn:ledgerboard:problem:slow-down",
                "Too many requests",
                "You sent this too often.",
                "Wait a little, then try again.",
                "Wait a little, then try again; we did nothing.",
            ),
            502 => (
                "urn:ledgerboard:problem:procore-refused",
                "Procore refused",
                "Procore refused the request.",
                "Correct what it names, then try again.",
                "Procore refused the request.",
            ),
            503 => (
                "urn:ledgerboard:problem:procore-unavailable",
                LATER,
                "This takes longer than it should.",
                TRY_LATER,
                "Procore cannot be reached right now. Try again later.",
            ),
            507 => (
                "urn:ledgerboard:problem:storage",
                "The server's disk is full",
                "This was not saved.",
                "Tell your administrator, then try again.",
                "This was not saved.",
            ),
            408 | 504 => (INTERNAL, LATER, "This takes longer than it should.", TRY_LATER, OURS),
            _ => (
                INTERNAL,
                "Something went wrong",
                "Something went wrong on our side. We logged it.",
                "Try again. If it happens again, tell your administrator the time.",
                OURS,
            ),
        };
        Self { kind, title, what, next, program }
    }
}

const INTERNAL: &str = "urn:ledgerboard:problem:internal";
const UNREAD: &str = "We couldn't read that";
const MISTYPED: &str = "Something in the request is missing or mistyped, so we did nothing.";
const TYPE_AGAIN: &str = "Go back, check what you typed, and try again.";
const NOT_FOUND: &str = "This doesn't exist, or you can't see it.";
const LATER: &str = "Not right now";
const TRY_LATER: &str = "Try again in a minute.";
const OURS: &str = "Something went wrong on our side. We logged it; please try again.";
