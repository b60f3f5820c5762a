//! The activity feed: what happened, for both companies or for one alone.

use jiff::Timestamp;

use crate::ids::{ActivityId, CompanyId, CorId, PersonId, ProjectId};

/// Who reads an entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Audience {
    /// Sender and receiver of the COR.
    Both,
    /// One company only: nobody else sees its Procore side.
    Only(CompanyId),
}

/// One entry of the feed, written in the transaction of the change itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Its id; entries sort by it.
    pub id: ActivityId,
    /// The project it belongs to.
    pub project: ProjectId,
    /// The COR it is about, if one.
    pub cor: Option<CorId>,
    /// Who reads it.
    pub audience: Audience,
    /// Who did it; `None` for the system.
    pub actor: Option<PersonId>,
    /// The actor's name at that time.
    pub actor_name: String,
    /// When.
    pub at: Timestamp,
    /// What, as a kind for filters.
    pub kind: EntryKind,
    /// What, as a sentence without the actor's name: "sent the COR for 18,450.00".
    pub text: String,
}

/// The kinds of entries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EntryKind {
    /// A COR was created.
    Created,
    /// A COR was edited.
    Edited,
    /// A COR was sent.
    Sent,
    /// A status was set.
    Status,
    /// Something about a push to Procore.
    Push,
    /// A Change Notification was sent or answered.
    Notification,
    /// A project, contract or mapping changed.
    Project,
}

impl EntryKind {
    /// All kinds.
    pub const ALL: [Self; 7] =
        [Self::Created, Self::Edited, Self::Sent, Self::Status, Self::Push, Self::Notification, Self::Project];

    /// The word in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Edited => "edited",
            Self::Sent => "sent",
            Self::Status => "status",
            Self::Push => "push",
            Self::Notification => "notification",
            Self::Project => "project",
        }
    }

    /// The kind of a [`EntryKind::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.code() == code)
    }
}
