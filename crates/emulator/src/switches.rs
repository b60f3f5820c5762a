//! What the vendor's documentation leaves open, as values. A client must cope with both sides of each.

use serde::{Deserialize, Serialize};

use crate::rate::SpikeWindow;

/// How error bodies of change events are written; Procore uses several shapes. The empty ones are for every refusal of such a
/// call but those for its token, its rate and an app that is not connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorShape {
    /// `{"errors":{"base":["…"]}}`
    #[default]
    FieldMap,
    /// `{"errors":["…"]}`
    List,
    /// `{"errors":"…"}`
    Text,
    /// `{"message":"…"}`
    Message,
    /// `{"code":422,"message":"…","fields":"…","reason":"…"}`
    Code,
    /// No body at all, as a 403 of another tool was seen.
    Empty,
    /// `{"errors":{}}`
    EmptyErrors,
}

/// What a missing `Procore-Company-Id` leads to. The documents demand the header everywhere; a published client that
/// leaves it out of company-wide lists works all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingCompany {
    /// 400 with a sentence, as documented.
    BadRequest,
    /// 404 as for an unknown item, as was seen.
    #[default]
    NotFound,
    /// The company is taken from path or query where it stands there; 400 elsewhere.
    FromRequest,
}

/// What the list of a tool looks like to one who may not see it. Live answers were empty or 404, never 403.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HiddenLists {
    /// 200 with nothing in it.
    #[default]
    Empty,
    /// 404.
    NotFound,
    /// 403.
    Forbidden,
}

/// Whose calls share one rate limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RateScope {
    /// All calls of an app for a company.
    #[default]
    AppAndCompany,
    /// The calls of one access token.
    Token,
}

/// Every behaviour that no source settles. The defaults are the likelier side, or the harsher where both are likely.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switches {
    /// A refused write leaves nothing behind; otherwise what stands before the offending line stays written.
    pub refusal_is_atomic: bool,
    /// A PATCH deletes the lines it does not mention; otherwise it leaves them alone.
    pub unlisted_lines_dropped: bool,
    /// Closed and void events refuse edits with 422.
    pub closed_events_refuse_edits: bool,
    /// `external_data` is refused with 422, as where an ERP connector owns it.
    pub external_data_refused: bool,
    /// `external_data.origin_id` must be unique in the company, else 422.
    pub origin_id_unique: bool,
    /// 429 has a JSON body; otherwise plain text.
    pub rate_limited_as_json: bool,
    /// 429 carries `Retry-After`; one page promises it, another only for 503, and those who met a 429 saw none.
    pub rate_limited_has_retry_after: bool,
    /// How the window of the limit for spikes goes.
    pub spike_window: SpikeWindow,
    /// Whose calls are counted together.
    pub rate_scope: RateScope,
    /// What a missing `Procore-Company-Id` leads to.
    pub missing_company: MissingCompany,
    /// `filters[status][id]` and its like work in the query string; otherwise only as a JSON body on the GET.
    pub rich_filters_in_query: bool,
    /// A repeated `Idempotency-Token` gets the first answer and writes nothing; otherwise it is ignored.
    pub idempotency_honoured: bool,
    /// Where it is honoured, a failure is such a first answer too, and comes back for as long as the token does.
    pub idempotency_keeps_failures: bool,
    /// For so many seconds lists don't show an event that was made, though it can be read by its id.
    pub new_events_unlisted_seconds: i64,
    /// For so many seconds an event that was made is 404 by its id, though lists show it.
    pub new_events_unreadable_seconds: i64,
    /// Lists don't show an event all of whose lines went into something else; by its id it can be read.
    pub executed_events_unlisted: bool,
    /// This status (409, 422) refuses a write to an event that was written to within the last two seconds, and a new event
    /// in a project that got one within them.
    pub concurrent_writes_refused: Option<u16>,
    /// Figures in `cost_impact` must be numbers, as documented; otherwise strings are taken too.
    pub cost_wants_numbers: bool,
    /// The status of a refused token request: 400 or 401.
    pub token_error_status: u16,
    /// `code_challenge` is stored and `code_verifier` checked; otherwise both are ignored.
    pub pkce_checked: bool,
    /// A refresh kills the old access token too; otherwise it lives on to its end.
    pub refresh_kills_access_token: bool,
    /// A failed refresh (wrong secret) kills the refresh token it named.
    pub failed_refresh_burns_token: bool,
    /// Lines are answered in no particular order; otherwise in the order they were made.
    pub lines_shuffled: bool,
    /// The most lines one call may carry; more are refused with 422.
    pub max_lines_per_call: Option<usize>,
    /// A locked line may be sent as it is; otherwise naming it at all is refused.
    pub locked_line_may_be_repeated: bool,
    /// A deleted line named in a PATCH is refused with 422; otherwise it is written and stays deleted.
    pub deleted_line_refused: bool,
    /// An event's description is HTML: people see it without its tags. Otherwise they see every character as it was sent.
    pub descriptions_are_html: bool,
    /// A new line without a budget code is refused; otherwise it gets none.
    pub budget_code_required: bool,
    /// "None" is a budget code: a row without a code in the list, and an object with blanks on lines that have none; otherwise
    /// it is no row and null.
    pub none_is_a_code: bool,
    /// With a prime contract for estimates set, an event carries estimated markup of so many percent of its lines' revenue.
    pub prime_contract_markup: u32,
    /// In an event that is out of scope, a line whose revenue nobody gave has its latest cost as revenue.
    pub revenue_follows_cost: bool,
    /// Events and lines whose source of revenue nobody gave name one all the same, as nearly all live events did: "manual" on a line
    /// with a revenue, else "automatic". Otherwise it is null.
    pub revenue_source_named: bool,
    /// A new event that names no prime contract gets the project's first one, by number and then title.
    pub default_prime_contract: bool,
    /// Budget code, vendor and contract that a line leaves open come back filled, as by the project's setting to populate them;
    /// a vendor that isn't named follows a contract that is changed. Otherwise nothing is filled in.
    pub fields_filled_in: bool,
    /// A number of an event in the recycle bin is taken still.
    pub deleted_numbers_taken: bool,
    /// Decimals of an amount in answers: 2 (`"76.25"`) or 6 (`"76.250000"`).
    pub amount_decimals: u32,
    /// What lists look like to people who may not see them.
    pub hidden_lists: HiddenLists,
    /// Commitments show their vendor as `{id}` only, in lists and alone, as live rows did; otherwise with its name.
    pub commitment_vendor_id_only: bool,
    /// Lines that are part of nothing name disabled fields all the same; otherwise only those that are.
    pub untied_lines_name_disabled_fields: bool,
    /// A line that is part of a commitment shows its vendor and contract as confirmed only; otherwise as proposed as well.
    pub confirmed_replaces_proposed: bool,
    /// Events, lines, projects and contracts name their currency (`"USD"`); otherwise the code is null, as it was in every
    /// event and line of a company with one currency.
    pub currency_named: bool,
    /// The currency settings of projects and companies name one; otherwise the code is null there too. No live answer is
    /// known.
    pub currency_settings_named: bool,
    /// Whether Procore takes `?project_id=` of the statuses under `/change_events/statuses` too, which only code shows.
    pub undocumented_paths: bool,
    /// A change of a line alone tells hooks of an update of its event too; otherwise of the line only.
    pub line_change_updates_event: bool,
    /// Deliveries call an event restored from the recycle bin created; otherwise updated.
    pub restored_is_created: bool,
    /// Deliveries say in `metadata` who and which app caused them; otherwise all of it is null.
    pub deliveries_name_their_source: bool,
    /// Deliveries about lines name their event in `related_resources` (v3.0); otherwise the list is empty.
    pub lines_name_their_event: bool,
    /// A hook of a company may have triggers for what lies in its projects; otherwise only a project's hook may.
    pub company_hooks_see_projects: bool,
    /// The list of a company's hooks must be asked for by namespace, else 400.
    pub company_hook_list_needs_namespace: bool,
    /// Lists carry `Link`, `Per-Page` and `Total`; otherwise none of them.
    pub lists_say_their_length: bool,
    /// A v2.0 list, or a v1.0 list below a record, that is asked for pages of more than 100 refuses with 400; otherwise it gives
    /// pages of 100, as other lists do with their largest.
    pub large_pages_refused: bool,
    /// Answers carry the three `X-Rate-Limit-*` headers.
    pub rate_headers: bool,
    /// Deleted lines are shown to who asks for them; otherwise never.
    pub deleted_lines_shown: bool,
    /// This status refuses triggers that are asked for many at once; single ones are taken.
    pub bulk_triggers_refused: Option<u16>,
    /// This status refuses every call about hooks of v2.0.
    pub hooks_v2_refused: Option<u16>,
    /// This status refuses every call about hooks of v1.0.
    pub hooks_v1_refused: Option<u16>,
    /// For so many milliseconds after a change, reads show an event's lines as they were before. One was seen half changed
    /// 1.5 seconds after a delivery told of it.
    pub reads_lag_ms: i64,
    /// Triggers about lines of change events are refused; otherwise a hook of a project may have them.
    pub line_triggers_refused: bool,
    /// Deliveries carry the `Authorization` that the hook was made with; otherwise none.
    pub authorization_echoed: bool,
    /// A second hook of the same namespace in the same place is refused with 409; otherwise both live.
    pub one_hook_a_namespace: bool,
    /// How refusals of change event calls are written.
    pub error_shape: ErrorShape,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            refusal_is_atomic: true,
            unlisted_lines_dropped: false,
            closed_events_refuse_edits: false,
            external_data_refused: false,
            origin_id_unique: true,
            rate_limited_as_json: false,
            rate_limited_has_retry_after: false,
            spike_window: SpikeWindow::Rolling,
            rate_scope: RateScope::AppAndCompany,
            missing_company: MissingCompany::NotFound,
            rich_filters_in_query: false,
            idempotency_honoured: false,
            idempotency_keeps_failures: false,
            new_events_unlisted_seconds: 0,
            new_events_unreadable_seconds: 0,
            executed_events_unlisted: false,
            concurrent_writes_refused: None,
            cost_wants_numbers: false,
            token_error_status: 401,
            pkce_checked: false,
            refresh_kills_access_token: true,
            failed_refresh_burns_token: true,
            lines_shuffled: true,
            max_lines_per_call: None,
            locked_line_may_be_repeated: true,
            deleted_line_refused: true,
            descriptions_are_html: true,
            budget_code_required: false,
            none_is_a_code: true,
            prime_contract_markup: 10,
            revenue_follows_cost: false,
            revenue_source_named: true,
            default_prime_contract: false,
            fields_filled_in: false,
            deleted_numbers_taken: true,
            amount_decimals: 2,
            hidden_lists: HiddenLists::Empty,
            commitment_vendor_id_only: true,
            untied_lines_name_disabled_fields: false,
            confirmed_replaces_proposed: false,
            currency_named: false,
            currency_settings_named: false,
            undocumented_paths: false,
            line_change_updates_event: false,
            restored_is_created: false,
            deliveries_name_their_source: true,
            lines_name_their_event: false,
            company_hooks_see_projects: false,
            company_hook_list_needs_namespace: true,
            lists_say_their_length: true,
            large_pages_refused: true,
            rate_headers: true,
            deleted_lines_shown: true,
            bulk_triggers_refused: None,
            hooks_v2_refused: None,
            hooks_v1_refused: None,
            reads_lag_ms: 0,
            line_triggers_refused: false,
            authorization_echoed: true,
            one_hook_a_namespace: false,
            error_shape: ErrorShape::FieldMap,
        }
    }
}
