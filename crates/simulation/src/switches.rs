//! What the vendor's documentation leaves open, drawn for a run.

use emulator::{HiddenLists, MissingCompany, RateLimits, RateScope, SpikeWindow};

use crate::{
    run::Run,
    wire::{LAG, QUARANTINE},
};

impl Run {
    /// Draws what Procore's documentation leaves open, and how far its lists lag behind. In some runs all of it is as it was
    /// seen live.
    pub(crate) fn set_switches(&mut self) {
        let dropping = self.dropping;
        let dice = &mut self.dice;
        let life = dice.weighted(&[(6, 5_400), (2, 300), (1, 60), (1, 10)]);
        self.web.procore.set_access_token_seconds(life);
        let as_seen_live = dice.percent(10);
        let short = dice.between(1, 2 * QUARANTINE);
        let long = dice.between(2 * QUARANTINE, LAG);
        let beyond = dice.between(LAG + 1, 6 * LAG);
        let unlisted = dice.weighted(&[(8, 0), (5, short), (6, long), (1, beyond)]);
        let unreadable = dice.weighted(&[(6, 0), (2, short), (1, long)]);
        self.wrong_lists = unlisted > LAG;
        let seen = as_seen_live || dice.percent(30);
        self.web.procore.set_limits(if seen { RateLimits::seen() } else { RateLimits::default() });
        let behind = dice.weighted(&[(6, 0), (3, 1_500), (1, 1_900)]);
        let refusals = [None, Some(400), Some(403), Some(404), Some(422)];
        let refused: [Option<u16>; 3] = std::array::from_fn(|_| dice.one_of(&refusals).copied().flatten());
        let hidden = dice.one_of(&[HiddenLists::Empty, HiddenLists::NotFound, HiddenLists::Forbidden]).copied();
        let company = [MissingCompany::BadRequest, MissingCompany::NotFound, MissingCompany::FromRequest];
        let company = dice.one_of(&company).copied();
        let mut coin = |of_hundred| dice.percent(of_hundred);
        self.web.procore.switches(|s| {
            (s.new_events_unlisted_seconds, s.new_events_unreadable_seconds) = (unlisted, unreadable);
            s.unlisted_lines_dropped = dropping;
            if as_seen_live {
                return;
            }
            s.refusal_is_atomic = coin(70);
            s.closed_events_refuse_edits = coin(60);
            s.external_data_refused = coin(15);
            s.origin_id_unique = coin(40);
            s.rate_limited_as_json = coin(50);
            s.rate_limited_has_retry_after = coin(60);
            s.rate_headers = coin(80);
            s.idempotency_honoured = coin(30);
            s.idempotency_keeps_failures = coin(50);
            s.executed_events_unlisted = coin(25);
            s.concurrent_writes_refused = match (coin(25), coin(50)) {
                (true, true) => Some(409),
                (true, false) => Some(422),
                (false, _) => None,
            };
            s.cost_wants_numbers = coin(50);
            s.refresh_kills_access_token = coin(60);
            s.failed_refresh_burns_token = coin(50);
            s.pkce_checked = coin(50);
            s.token_error_status = if coin(50) { 400 } else { 401 };
            s.lines_shuffled = coin(60);
            s.lists_say_their_length = coin(60);
            s.deleted_line_refused = coin(50);
            s.deleted_lines_shown = coin(80);
            s.locked_line_may_be_repeated = coin(50);
            s.deleted_numbers_taken = coin(50);
            s.currency_named = coin(30);
            s.max_lines_per_call = coin(10).then_some(12);
            s.budget_code_required = coin(20);
            s.commitment_vendor_id_only = coin(70);
            s.rich_filters_in_query = coin(50);
            s.undocumented_paths = coin(50);
            s.untied_lines_name_disabled_fields = coin(50);
            s.confirmed_replaces_proposed = coin(30);
            s.amount_decimals = if coin(50) { 2 } else { 6 };
            s.none_is_a_code = coin(60);
            s.prime_contract_markup = if coin(70) { 10 } else { 0 };
            s.default_prime_contract = coin(40);
            s.revenue_follows_cost = coin(40);
            s.fields_filled_in = coin(40);
            s.spike_window = if coin(50) { SpikeWindow::Rolling } else { SpikeWindow::Fixed };
            s.rate_scope = if coin(70) { RateScope::AppAndCompany } else { RateScope::Token };
            (s.missing_company, s.hidden_lists) = (company.unwrap_or_default(), hidden.unwrap_or_default());
            s.currency_settings_named = coin(50);
            s.revenue_source_named = coin(50);
            s.large_pages_refused = coin(50);
            s.reads_lag_ms = behind;
            s.line_change_updates_event = coin(50);
            s.restored_is_created = coin(50);
            s.deliveries_name_their_source = coin(50);
            s.lines_name_their_event = coin(50);
            s.company_hooks_see_projects = coin(50);
            s.company_hook_list_needs_namespace = coin(50);
            [s.bulk_triggers_refused, s.hooks_v2_refused, s.hooks_v1_refused] = refused;
            s.line_triggers_refused = coin(50);
            s.authorization_echoed = coin(90);
            s.one_hook_a_namespace = coin(30);
            let silent = coin(15);
            s.error_shape = match (coin(50), coin(50), coin(20)) {
                (true, ..) if silent => emulator::ErrorShape::Empty,
                (false, ..) if silent => emulator::ErrorShape::EmptyErrors,
                (_, _, true) => emulator::ErrorShape::Text,
                (true, true, _) => emulator::ErrorShape::FieldMap,
                (true, false, _) => emulator::ErrorShape::List,
                (false, true, _) => emulator::ErrorShape::Message,
                (false, false, _) => emulator::ErrorShape::Code,
            };
        });
        let drawn = self.web.procore.switches(|s| format!("{s:?}"));
        self.net.say(format!("access tokens live {life} s; {drawn}"));
    }
}
