//! Change events, v1.1.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::answer::Problem;
use super::apply::Writing;
use super::write::EventWrite;
use super::{Answer, Call};
use crate::text::iso;
use crate::world::{ChangeEvent, Level};

/// Writes to one parent within so many seconds are concurrent, where that is refused.
const TOGETHER: i64 = 2;

/// `GET /rest/v1.1/change_events`
pub(super) fn list(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let project = call.readable_project()?;
    let events = call.filtered_events(project);
    let shown = |event| call.event_v11(&call.state.as_read(event, call.now), false);
    Ok(call.page(events.into_iter().map(shown).collect(), 100, 2000))
}

/// `GET /rest/v1.1/change_events/{id}`
pub(super) fn show(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let event = call.state.as_read(call.event()?, call.now);
    let shown = call.state.switches.deleted_lines_shown;
    let with_deleted = shown && call.query.has("include_deleted_change_event_line_items");
    Ok(Answer::ok(call.event_v11(&event, with_deleted)))
}

/// `GET /rest/v1.1/change_events/new`
pub(super) fn defaults(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let project = call.readable_project()?;
    let world = &call.state.world;
    let status = world.statuses.values().find(|status| status.company_id == call.company() && status.default_status);
    Ok(Answer::ok(json!({
        "id": null,
        "number": world.next_event_number(project),
        "title": null,
        "description": null,
        "scope": "tbd",
        "status": status.map(|s| json!({ "id": s.id, "name": s.name, "mapped_to_status": s.mapped_to })),
        "change_type": null,
        "change_reason": null,
        "prime_contract_for_estimates": null,
        "change_items": [],
        "project_id": project,
        "company_id": call.company(),
        "created_at": iso(call.now),
    })))
}

/// `POST /rest/v1.1/change_events`
pub(super) fn create(call: &mut Call<'_>) -> Result<Answer, Answer> {
    call.once(|call| {
        let write = EventWrite::v11(&call.body, &call.state.switches);
        let event = call.create_event(write)?;
        Ok(Answer::new(201, call.event_v11(&event, false)))
    })
}

/// `PATCH /rest/v1.1/change_events/{id}`
pub(super) fn update(call: &mut Call<'_>) -> Result<Answer, Answer> {
    call.once(|call| {
        let write = EventWrite::v11(&call.body, &call.state.switches);
        let event = call.update_event(write)?;
        Ok(Answer::ok(call.event_v11(&event, false)))
    })
}

/// `DELETE /rest/v1.1/change_events/{id}`: to the recycle bin.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let event = call.event()?;
    if !call.may_edit(event) {
        return Err(Answer::errors(403, "User does not have permission access to delete this Change Event."));
    }
    if event.live_items().any(|item| item.lock.is_some()) {
        return Err(Answer::errors(400, "Can not delete Change Event due to errors."));
    }
    let (id, now) = (event.id, call.now);
    if let Some(event) = call.state.world.change_events.get_mut(&id) {
        event.deleted_at = Some(now);
        event.updated_at = now;
    }
    Ok(Answer::new(204, Value::Null))
}

/// `PUT /rest/v1.1/change_events/{id}/restore`
pub(super) fn restore(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let project = call.readable_project()?;
    let id = call.param("id").unwrap_or_default();
    let event = call.state.world.change_events.get(&id).filter(|event| event.project_id == project);
    let mut event = event.ok_or_else(Answer::not_found)?.clone();
    if !call.may_edit(&event) {
        return Err(Answer::forbidden());
    }
    event.deleted_at = None;
    event.updated_at = call.now;
    call.state.world.change_events.insert(id, event.clone());
    Ok(Answer::ok(call.event_v11(&event, false)))
}

/// `POST /rest/v1.1/change_events/{id}/clone`: lines are copied with their words, and so with any reference in them.
pub(super) fn clone(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let mut event = call.event()?.clone();
    if call.level(event.project_id) < Level::Standard {
        return Err(Answer::forbidden());
    }
    let world = &mut call.state.world;
    event.number = world.next_event_number(event.project_id);
    event.id = world.new_id();
    event.created_by = call.actor.user_id;
    event.created_at = call.now;
    event.updated_at = call.now;
    if call.state.switches.origin_id_unique {
        event.external_data = None;
    }
    event.items.retain(|item| item.deleted_at.is_none());
    for item in &mut event.items {
        item.id = call.state.world.new_id();
        item.created_by = call.actor.user_id;
        item.lock = None;
        item.latest_cost = None;
        item.created_at = call.now;
        item.updated_at = call.now;
    }
    call.state.world.change_events.insert(event.id, event.clone());
    Ok(Answer::new(201, call.event_v11(&event, false)))
}

impl Call<'_> {
    /// The project, if the caller may read change events there.
    pub(super) fn readable_project(&self) -> Result<i64, Answer> {
        let project = self.project()?;
        if project.settings.change_events_off {
            return Err(Answer::forbidden());
        }
        let project = project.id;
        if self.level(project) < Level::ReadOnly { Err(Answer::not_found()) } else { Ok(project) }
    }

    /// The event of the path, not in the recycle bin.
    pub(super) fn event(&self) -> Result<&ChangeEvent, Answer> {
        let project = self.readable_project()?;
        let event = self.param("id").and_then(|id| self.state.world.change_events.get(&id));
        event
            .filter(|event| event.project_id == project && event.deleted_at.is_none())
            .filter(|event| self.is_older(event, self.state.switches.new_events_unreadable_seconds))
            .ok_or_else(Answer::not_found)
    }

    /// Standard edits own events, Admin any.
    pub(super) fn may_edit(&self, event: &ChangeEvent) -> bool {
        match self.level(event.project_id) {
            Level::Admin => true,
            Level::Standard => event.created_by == self.actor.user_id,
            Level::None | Level::ReadOnly => false,
        }
    }

    pub(super) fn create_event(&mut self, write: Result<EventWrite, Vec<Problem>>) -> Result<ChangeEvent, Answer> {
        let project = self.readable_project()?;
        if self.level(project) < Level::Standard {
            return Err(Answer::forbidden());
        }
        let write = write.map_err(|problems| self.refuse(&problems))?;
        self.alone(self.state.world.events_of(project).map(|event| event.created_at).max())?;
        let default = self.state.switches.default_prime_contract;
        let world = &mut self.state.world;
        let primes = world.prime_contracts.values().filter(|prime| default && prime.project_id == project);
        let first = primes.min_by_key(|prime| (&prime.number, &prime.title)).map(|prime| prime.id);
        let event = ChangeEvent {
            id: world.new_id(),
            project_id: project,
            number: world.next_event_number(project),
            title: None,
            description: None,
            scope: String::new(),
            status_id: 0,
            change_type_id: None,
            change_reason_id: None,
            prime_contract_id: first,
            edited_markup: None,
            source_of_revenue_rom: None,
            origin: None,
            external_data: None,
            custom_fields: Map::new(),
            created_by: self.actor.user_id,
            created_at: self.now,
            updated_at: self.now,
            deleted_at: None,
            items: Vec::new(),
        };
        self.write_event(event, &write, true)
    }

    pub(super) fn update_event(&mut self, write: Result<EventWrite, Vec<Problem>>) -> Result<ChangeEvent, Answer> {
        let event = self.event()?;
        if !self.may_edit(event) {
            return Err(Answer::forbidden());
        }
        let event = event.clone();
        let write = write.map_err(|problems| self.refuse(&problems))?;
        self.alone(Some(event.updated_at))?;
        self.write_event(event, &write, false)
    }

    /// Refuses a write that comes too close behind another one to the same parent, where that is switched on.
    fn alone(&self, last: Option<Timestamp>) -> Result<(), Answer> {
        let Some(status) = self.state.switches.concurrent_writes_refused else { return Ok(()) };
        let close = last.is_some_and(|last| self.now.duration_since(last).as_secs() < TOGETHER);
        let message = "Another request is changing this record. Please try again.".to_owned();
        if close { Err(self.refuse(&[Problem { status, field: "base", message }])) } else { Ok(()) }
    }

    fn write_event(&mut self, event: ChangeEvent, write: &EventWrite, creating: bool) -> Result<ChangeEvent, Answer> {
        let state = &mut *self.state;
        let mut writing = Writing {
            world: &mut state.world,
            switches: &state.switches,
            event,
            user_id: self.actor.user_id,
            now: self.now,
            creating,
        };
        let problems = writing.apply(write);
        let event = writing.event;
        // Only lines can be half applied: a wrong field of the event itself stops everything.
        let by_lines = !problems.is_empty() && problems.iter().all(|p| p.field == "change_items" && p.status == 422);
        if problems.is_empty() || (by_lines && !state.switches.refusal_is_atomic) {
            state.world.change_events.insert(event.id, event.clone());
        }
        if problems.is_empty() { Ok(event) } else { Err(self.refuse(&problems)) }
    }

    fn refuse(&self, problems: &[Problem]) -> Answer {
        Answer::problems(self.state.switches.error_shape, problems)
    }

    /// Answers a repeated `Idempotency-Token` with the first answer, where that is switched on.
    pub(super) fn once(&mut self, write: impl FnOnce(&mut Self) -> Result<Answer, Answer>) -> Result<Answer, Answer> {
        let Some(key) = self.state.idempotency_key(&self.actor.client_id, self.path, self.headers) else {
            return write(self);
        };
        if let Some((status, body)) = self.state.idempotent.get(&key) {
            return Ok(Answer::new(*status, body.clone()));
        }
        let answer = write(self);
        if let Some(answer) =
            answer.as_ref().map_or_else(|no| Some(no).filter(|_| self.state.switches.idempotency_keeps_failures), Some)
        {
            self.state.idempotent.insert(key, (answer.status, answer.body.clone()));
        }
        answer
    }
}
