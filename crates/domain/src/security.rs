//! Security events: what happened to who may get in and to what leaves the company.

/// What happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SecurityEventKind {
    /// A person signed in.
    SignedIn,
    /// Somebody tried to sign in and was refused.
    SignInFailed,
    /// A person signed out.
    SignedOut,
    /// A person chose a new password.
    PasswordChanged,
    /// Somebody gave a person a temporary password.
    PasswordReset,
    /// A person made an API token.
    TokenMade,
    /// Somebody revoked an API token.
    TokenRevoked,
    /// Somebody added a person.
    PersonAdded,
    /// Somebody changed a person's name, office or projects.
    PersonChanged,
    /// Somebody gave a person another role.
    RoleChanged,
    /// Somebody disabled a person.
    PersonDisabled,
    /// Somebody enabled a person again.
    PersonEnabled,
    /// Somebody made an invitation link.
    InvitationMade,
    /// Somebody deleted a contract and its invitation link with it.
    InvitationDeleted,
    /// A company accepted an invitation.
    InvitationAccepted,
    /// Somebody added an office.
    OfficeAdded,
    /// Somebody renamed an office or the company.
    Renamed,
    /// Somebody connected an office to Procore.
    OfficeConnected,
    /// Somebody disconnected an office from Procore.
    OfficeDisconnected,
    /// A person signed in to Procore.
    ProcoreSignedIn,
    /// Somebody saved the company's data as a file, or a program read it whole.
    Exported,
}

impl SecurityEventKind {
    /// All kinds, those of a topic together.
    pub const ALL: [Self; 21] = [
        Self::SignedIn,
        Self::SignInFailed,
        Self::SignedOut,
        Self::PasswordChanged,
        Self::PasswordReset,
        Self::TokenMade,
        Self::TokenRevoked,
        Self::PersonAdded,
        Self::PersonChanged,
        Self::RoleChanged,
        Self::PersonDisabled,
        Self::PersonEnabled,
        Self::InvitationMade,
        Self::InvitationDeleted,
        Self::InvitationAccepted,
        Self::OfficeAdded,
        Self::Renamed,
        Self::OfficeConnected,
        Self::OfficeDisconnected,
        Self::ProcoreSignedIn,
        Self::Exported,
    ];

    /// The word in the database and the API, the same on screen, and the topic.
    const fn words(self) -> (&'static str, &'static str, SecurityTopic) {
        match self {
            Self::SignedIn => ("signed_in", "Signed in", SecurityTopic::SignIns),
            Self::SignInFailed => ("sign_in_failed", "Sign-in failed", SecurityTopic::SignIns),
            Self::SignedOut => ("signed_out", "Signed out", SecurityTopic::SignIns),
            Self::PasswordChanged => ("password_changed", "Password changed", SecurityTopic::Passwords),
            Self::PasswordReset => ("password_reset", "Password reset", SecurityTopic::Passwords),
            Self::TokenMade => ("token_made", "API token made", SecurityTopic::Tokens),
            Self::TokenRevoked => ("token_revoked", "API token revoked", SecurityTopic::Tokens),
            Self::PersonAdded => ("person_added", "Person added", SecurityTopic::People),
            Self::PersonChanged => ("person_changed", "Person changed", SecurityTopic::People),
            Self::RoleChanged => ("role_changed", "Role changed", SecurityTopic::People),
            Self::PersonDisabled => ("person_disabled", "Person disabled", SecurityTopic::People),
            Self::PersonEnabled => ("person_enabled", "Person enabled", SecurityTopic::People),
            Self::InvitationMade => ("invitation_made", "Invitation made", SecurityTopic::Invitations),
            Self::InvitationDeleted => ("invitation_deleted", "Invitation deleted", SecurityTopic::Invitations),
            Self::InvitationAccepted => ("invitation_accepted", "Invitation accepted", SecurityTopic::Invitations),
            Self::OfficeAdded => ("office_added", "Office added", SecurityTopic::Offices),
            Self::Renamed => ("renamed", "Name changed", SecurityTopic::Offices),
            Self::OfficeConnected => ("office_connected", "Procore connected", SecurityTopic::Offices),
            Self::OfficeDisconnected => ("office_disconnected", "Procore disconnected", SecurityTopic::Offices),
            Self::ProcoreSignedIn => ("procore_signed_in", "Signed in to Procore", SecurityTopic::Offices),
            Self::Exported => ("exported", "Exported", SecurityTopic::Exports),
        }
    }

    /// The word in the database and the API.
    pub const fn code(self) -> &'static str {
        self.words().0
    }

    /// As people read it.
    pub const fn name(self) -> &'static str {
        self.words().1
    }

    /// What a filter finds it by.
    pub const fn topic(self) -> SecurityTopic {
        self.words().2
    }

    /// The kind of a [`SecurityEventKind::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// What security events are filtered by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SecurityTopic {
    /// Sign-ins and failures.
    SignIns,
    /// Passwords.
    Passwords,
    /// API tokens.
    Tokens,
    /// People and roles.
    People,
    /// Invitations.
    Invitations,
    /// Offices and their connection to Procore.
    Offices,
    /// Files and whole readings.
    Exports,
}

impl SecurityTopic {
    /// All topics.
    pub const ALL: [Self; 7] =
        [Self::SignIns, Self::Passwords, Self::Tokens, Self::People, Self::Invitations, Self::Offices, Self::Exports];

    /// The word in addresses and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::SignIns => "sign_ins",
            Self::Passwords => "passwords",
            Self::Tokens => "tokens",
            Self::People => "people",
            Self::Invitations => "invitations",
            Self::Offices => "offices",
            Self::Exports => "exports",
        }
    }

    /// As people read it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignIns => "Sign-ins",
            Self::Passwords => "Passwords",
            Self::Tokens => "API tokens",
            Self::People => "People and roles",
            Self::Invitations => "Invitations",
            Self::Offices => "Offices and Procore",
            Self::Exports => "Exports",
        }
    }

    /// The topic of a [`SecurityTopic::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_is_of_one_kind() {
        for kind in SecurityEventKind::ALL {
            assert_eq!(SecurityEventKind::from_code(kind.code()), Some(kind));
            assert_eq!(SecurityTopic::from_code(kind.topic().code()), Some(kind.topic()));
        }
    }
}
