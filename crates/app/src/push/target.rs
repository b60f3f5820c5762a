//! The change event that a push goes to, as it is told.

use domain::{ProcoreId, procore::push::Target};
use serde::Serialize;
use utoipa::ToSchema;

/// A change event that is pushed to.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct EventTarget {
    /// Null for one that is still to be made.
    pub id: Option<ProcoreId>,
    /// Empty when it is left to Procore.
    pub number: String,
    pub title: String,
}

impl EventTarget {
    /// "CE 011 · Level 3 coordination", or that it is a new one.
    pub fn name(&self) -> String {
        // Procore may have given a new one an id while its number is not known here.
        match self.id {
            Some(_) if !self.number.is_empty() => format!("CE {} · {}", self.number, self.title),
            _ => format!("New Change Event · {}", self.title),
        }
    }
}

impl From<&Target> for EventTarget {
    fn from(target: &Target) -> Self {
        match target {
            Target::Existing { event, number, title, .. } => {
                Self { id: Some(ProcoreId::from(*event)), number: number.clone(), title: title.clone() }
            }
            Target::New(new) => Self { id: None, number: new.number.clone(), title: new.title.clone() },
        }
    }
}
