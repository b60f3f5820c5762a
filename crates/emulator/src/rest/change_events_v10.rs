//! Change events, v1.0: older, not deprecated, and used by published clients.

use super::write::EventWrite;
use super::{Answer, Call};

/// `GET /rest/v1.0/change_events`
pub(super) fn list(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let project = call.readable_project()?;
    let events = call.filtered_events(project);
    Ok(call.page(events.into_iter().map(|event| call.event_v10(event)).collect(), 100, 2000))
}

/// `GET /rest/v1.0/change_events/{id}`
pub(super) fn show(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let event = call.event()?;
    Ok(Answer::ok(call.event_v10(event)))
}

/// `POST /rest/v1.0/change_events`
pub(super) fn create(call: &mut Call<'_>) -> Result<Answer, Answer> {
    call.once(|call| {
        let write = EventWrite::v10(&call.body);
        let event = call.create_event(write)?;
        Ok(Answer::new(201, call.event_v10(&event)))
    })
}

/// `PATCH /rest/v1.0/change_events/{id}`
pub(super) fn update(call: &mut Call<'_>) -> Result<Answer, Answer> {
    call.once(|call| {
        let write = EventWrite::v10(&call.body);
        let event = call.update_event(write)?;
        Ok(Answer::ok(call.event_v10(&event)))
    })
}
