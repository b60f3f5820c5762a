//! An entry of the record as a sentence.

use super::{AuditEvent, ProcoreResponse, SharedEntry, Step};

impl AuditEvent {
    /// What happened, for a person; amounts without their currency.
    pub fn sentence(&self) -> String {
        match self {
            Self::Push(step) => step.sentence(),
            Self::Cor { told, kept, .. } => match kept.why.as_str() {
                "" => told.sentence(),
                why => format!("{} {why}", told.sentence()),
            },
        }
    }
}

impl SharedEntry {
    /// What happened, for a person of either company.
    pub fn sentence(&self) -> String {
        match self {
            Self::CorAsked { by, planned, before, .. } => {
                format!("{by} asked to push it: {planned}, before {before}.")
            }
            Self::CorWritten { by, event, amount, before, .. } => {
                format!("In Change Event {event}: {amount}, before {before}, as {by} had asked.")
            }
            Self::CorRemoved { by, event, amount, made_up, .. } => match (amount.is_zero(), made_up.is_zero()) {
                (_, true) => format!("{amount} was removed from Change Event {event}, as {by} had asked."),
                (true, false) => {
                    format!(
                        "{made_up} of it that is locked in Change Event {event} was made up for, as {by} had asked."
                    )
                }
                (false, false) => format!(
                    "{amount} was removed from Change Event {event}, and {made_up} that is locked there was made up for, as {by} \
                     had asked."
                ),
            },
            Self::CorRefused { by, .. } => format!("Procore refused it to {by}."),
            Self::CorStopped { by, .. } => format!("The push of {by} stopped: it was changed in Procore."),
            Self::CorTakenBack { by, .. } => format!("The push of {by} was taken back before it was written."),
            Self::CorDecided { by, decision, .. } => format!("{by} {decision}."),
        }
    }

    /// Procore's name for the exchange.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::CorWritten { request_id, .. }
            | Self::CorRemoved { request_id, .. }
            | Self::CorRefused { request_id, .. } => request_id.as_deref(),
            Self::CorAsked { .. } | Self::CorStopped { .. } | Self::CorTakenBack { .. } | Self::CorDecided { .. } => {
                None
            }
        }
    }
}

impl Step {
    fn sentence(&self) -> String {
        match self {
            Self::Confirmed { by, into, cors, writes, planned, before, .. } => {
                let cors = counted(*cors, "COR");
                let lines = counted(*writes, "line");
                format!("{by} confirmed the push of {cors} to {into}: {lines} to write, {planned}, before {before}.")
            }
            Self::Sending { attempt, cors, .. } => format!("Request {attempt} sent, for {}.", counted(*cors, "COR")),
            Self::Answered { attempt, number, .. } if number.is_empty() => {
                format!("Procore carried out request {attempt}.")
            }
            Self::Answered { attempt, number, .. } => {
                format!("Procore carried out request {attempt} in Change Event {number}.")
            }
            Self::Refused { attempt, response, .. } => {
                format!("Procore refused request {attempt}{}.", status_and_message(response))
            }
            Self::NotExecuted { attempt, response } => {
                format!("Request {attempt} was not carried out and goes again{}.", status_and_message(response))
            }
            Self::Uncertain { attempt, response, .. }
                if response.status.is_some_and(|status| (400..500).contains(&status)) =>
            {
                format!(
                    "Procore refused request {attempt}: whether it carried it out all the same is looked up before anything else \
                     is sent{}.",
                    status_and_message(response)
                )
            }
            Self::Uncertain { attempt, response, .. } => {
                format!(
                    "No answer to request {attempt}: Procore is asked before anything else is sent{}.",
                    status_and_message(response)
                )
            }
            Self::Looked { event: Some(_), settled, .. } => {
                format!("Looked at the Change Event in Procore: {} settled by it.", counted(*settled, "COR"))
            }
            Self::Looked { event: None, .. } => "Looked in Procore: the Change Event isn't there.".to_owned(),
            Self::SaidAbsent { by, attempt } => format!("{by} said that nothing of request {attempt} is in Procore."),
            Self::Parked { why, .. } => format!("The push waits. {why}"),
            Self::Stopped { why, .. } => format!("The push stopped. {why}"),
            Self::Paused { .. } => "The push was paused.".to_owned(),
            Self::Cancelled { cors } => format!("The push was taken back: {} not written.", counted(*cors, "COR")),
            Self::Resumed { uncertain: false } => "The push goes on.".to_owned(),
            Self::Resumed { uncertain: true } => "The push goes on: Procore is looked at first.".to_owned(),
        }
    }

    /// Whom it was done as in Procore.
    pub fn login(&self) -> Option<&str> {
        match self {
            Self::Confirmed { login, .. } | Self::Sending { login, .. } => login.as_deref(),
            _ => None,
        }
    }

    /// What Procore said, if it was asked.
    pub const fn response(&self) -> Option<&ProcoreResponse> {
        match self {
            Self::Answered { response, .. }
            | Self::Refused { response, .. }
            | Self::NotExecuted { response, .. }
            | Self::Uncertain { response, .. }
            | Self::Looked { response, .. } => Some(response),
            Self::Confirmed { .. }
            | Self::Sending { .. }
            | Self::SaidAbsent { .. }
            | Self::Parked { .. }
            | Self::Stopped { .. }
            | Self::Paused { .. }
            | Self::Cancelled { .. }
            | Self::Resumed { .. } => None,
        }
    }
}

impl AuditEvent {
    /// Whom it was done as in Procore.
    pub fn login(&self) -> Option<&str> {
        match self {
            Self::Push(step) => step.login(),
            Self::Cor { kept, .. } => kept.login.as_deref(),
        }
    }

    /// Procore's name for the exchange.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Push(step) => step.response().and_then(|response| response.request_id.as_deref()),
            Self::Cor { told, .. } => told.request_id(),
        }
    }
}

fn counted(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

fn status_and_message(response: &ProcoreResponse) -> String {
    let status = response.status.map(|status| format!(" ({status})")).unwrap_or_default();
    match response.message.trim().trim_end_matches('.') {
        "" => status,
        words => format!("{status}: {words}"),
    }
}
