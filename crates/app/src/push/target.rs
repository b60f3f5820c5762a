//! The change event that a push goes to, as it is told.

use domain::procore::push::Target;

/// A change event that is pushed to.
#[derive(Debug, Clone, Default)]
pub struct EventTarget {
    /// Null for one that is still to be made.
    pub id: Option<i64>,
    /// Empty when it is left to Procore.
    pub number: String,
    pub title: String,
}

impl EventTarget {
    /// "CE 011 · Level 3 coordination", or that it is a new one.
    pub fn name(&self) -> String {
        match self.id {
            Some(_) => format!("CE {} · {}", self.number, self.title),
            None => format!("New Change Event · {}", self.title),
        }
    }
}

impl From<&Target> for EventTarget {
    fn from(target: &Target) -> Self {
        match target {
            Target::Existing { event, number, title, .. } => {
                Self { id: Some(*event), number: number.clone(), title: title.clone() }
            }
            Target::New(new) => Self { id: None, number: new.number.clone(), title: new.title.clone() },
        }
    }
}
