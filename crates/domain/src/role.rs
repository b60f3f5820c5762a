//! Who may do what. Decided here; pages show the reason beside a greyed action, and verbs refuse.

use crate::ids::{CompanyId, OfficeId, PersonId};

/// What a person is in their company.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Role {
    /// Everything in the company.
    AccountOwner,
    /// Everything in their office.
    Admin,
    /// Their assigned projects.
    ProjectManager,
    /// Sees assigned projects; neither CORs' money nor settings.
    FieldUser,
}

impl Role {
    /// All roles, the widest first.
    pub const ALL: [Self; 4] = [Self::AccountOwner, Self::Admin, Self::ProjectManager, Self::FieldUser];

    /// The name on screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccountOwner => "Account Owner",
            Self::Admin => "Admin",
            Self::ProjectManager => "Project Manager",
            Self::FieldUser => "Field User",
        }
    }

    /// The word in the database, the API and forms.
    pub const fn code(self) -> &'static str {
        match self {
            Self::AccountOwner => "account_owner",
            Self::Admin => "admin",
            Self::ProjectManager => "project_manager",
            Self::FieldUser => "field_user",
        }
    }

    /// The role of a [`Role::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.code() == code)
    }
}

/// How much of their rights somebody brings along.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Rights {
    /// All of them.
    #[default]
    All,
    /// Those to look: a program whose token reads.
    Reading,
}

/// The signed-in person, as far as permissions need to know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Actor {
    /// Who.
    pub person: PersonId,
    /// On whose behalf: every query is scoped by it.
    pub company: CompanyId,
    /// As what.
    pub role: Role,
    /// The office an Admin answers for; also where others belong.
    pub office: Option<OfficeId>,
    /// The name shown in activity.
    pub name: String,
    /// How much of their rights they bring along.
    pub rights: Rights,
}

/// How the actor stands to one project of the company.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Standing {
    /// The office the company runs the project from.
    pub office: OfficeId,
    /// Whether the actor is assigned to it.
    pub assigned: bool,
}

/// A refusal: what was wanted and who may.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Denied(pub &'static str);

type Permission = Result<(), Denied>;

impl Actor {
    /// Changing anything at all. Asked first by every verb that a program can call.
    pub fn may_write(&self) -> Permission {
        allow(
            self.rights == Rights::All,
            "This API token only reads. Make one that may also change things, under Settings → API tokens.",
        )
    }

    fn rules_office(&self, office: OfficeId) -> bool {
        match self.role {
            Role::AccountOwner => true,
            Role::Admin => self.office == Some(office),
            Role::ProjectManager | Role::FieldUser => false,
        }
    }

    fn runs_project(&self, standing: Standing) -> bool {
        self.rules_office(standing.office) || (self.role == Role::ProjectManager && standing.assigned)
    }

    /// Whether the project is visible at all; if not it is *not found*.
    pub fn sees_project(&self, standing: Standing) -> bool {
        self.rules_office(standing.office) || standing.assigned
    }

    /// Company settings: offices, tokens of others.
    pub fn may_change_company(&self) -> Permission {
        allow(self.role == Role::AccountOwner, "Only the Account Owner can change company settings.")
    }

    /// What happened around sign-ins, people, tokens and exports.
    pub fn may_see_security(&self) -> Permission {
        allow(self.role == Role::AccountOwner, "Only the Account Owner can see security events.")
    }

    /// People of an office: add, change role and projects.
    pub fn may_manage_people(&self, office: OfficeId) -> Permission {
        allow(self.rules_office(office), "Only the Account Owner or an Admin of this office can manage its people.")
    }

    /// Giving somebody a role: nobody can give more than they have.
    pub fn may_grant(&self, role: Role) -> Permission {
        allow(
            self.role == Role::AccountOwner || (self.role == Role::Admin && role != Role::AccountOwner),
            "Only an Account Owner can make another Account Owner.",
        )
    }

    /// Enabling, changing or disconnecting an office's Procore integration.
    pub fn may_integrate(&self, office: OfficeId) -> Permission {
        allow(
            self.rules_office(office),
            "Only the Account Owner or an Admin of this office can change its integrations.",
        )
    }

    /// Whether there may be an office whose integration they can change: theirs to connect, to whichever account.
    pub fn integrates_offices(&self) -> bool {
        matches!(self.role, Role::AccountOwner | Role::Admin)
    }

    /// Creating a project run from an office.
    pub fn may_create_project(&self, office: OfficeId) -> Permission {
        allow(
            self.rules_office(office) || (self.role == Role::ProjectManager && self.office == Some(office)),
            "Only the Account Owner, an Admin or a Project Manager of this office can create projects.",
        )
    }

    /// Project details, people and contracts.
    pub fn may_run_project(&self, standing: Standing) -> Permission {
        allow(
            self.runs_project(standing),
            "Only the Account Owner, an Admin of the project's office or its Project Manager can change this project.",
        )
    }

    /// Mapping the project to a Procore project.
    pub fn may_map_project(&self, standing: Standing) -> Permission {
        allow(
            self.runs_project(standing),
            "Only the Account Owner, an Admin of the project's office or its Project Manager can map it to Procore.",
        )
    }

    /// Seeing the COR Log.
    pub fn may_see_log(&self) -> Permission {
        allow(self.role != Role::FieldUser, "Field Users don't see CORs. Ask a Project Manager of this project.")
    }

    /// Creating, editing, sending CORs and setting their status.
    pub fn may_edit_cors(&self, standing: Standing) -> Permission {
        allow(
            self.runs_project(standing),
            "Only the Account Owner, an Admin of the project's office or its Project Manager can change CORs.",
        )
    }

    /// Pushing to Procore.
    pub fn may_push(&self, standing: Standing) -> Permission {
        allow(
            self.runs_project(standing),
            "Only the Account Owner, an Admin of the project's office or its Project Manager can push to Procore.",
        )
    }

    /// Signing off a project's reconciliation.
    pub fn may_sign_off(&self, standing: Standing) -> Permission {
        allow(
            self.runs_project(standing),
            "Only the Account Owner, an Admin of the project's office or its Project Manager can sign off a reconciliation.",
        )
    }

    /// Reading and signing off the reconciliation of a whole office: it tells of every project of it.
    pub fn may_reconcile_office(&self, office: OfficeId) -> Permission {
        allow(
            self.rules_office(office),
            "Only the Account Owner or an Admin of this office sees the reconciliation of the whole office.",
        )
    }

    /// Asking contractors for prices, and answering.
    pub fn may_notify(&self, standing: Standing) -> Permission {
        allow(
            self.runs_project(standing),
            "Only the Account Owner, an Admin of the project's office or its Project Manager can work with Change Notifications.",
        )
    }
}

fn allow(allowed: bool, otherwise: &'static str) -> Permission {
    if allowed { Ok(()) } else { Err(Denied(otherwise)) }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn actor(role: Role, office: u128) -> Actor {
        Actor {
            person: PersonId(Uuid::from_u128(1)),
            company: CompanyId(Uuid::from_u128(2)),
            role,
            office: Some(OfficeId(Uuid::from_u128(office))),
            name: "Dana Whitfield".into(),
            rights: Rights::All,
        }
    }

    /// The table of product decisions: role × how they stand to the project → sees, pushes, integrates.
    #[test]
    fn each_role_does_what_the_trade_expects() {
        const HERE: u128 = 10;
        const ELSEWHERE: u128 = 11;
        for (role, office, assigned, sees, pushes, integrates) in [
            (Role::AccountOwner, ELSEWHERE, false, true, true, true),
            (Role::Admin, HERE, false, true, true, true),
            (Role::Admin, ELSEWHERE, false, false, false, false),
            (Role::ProjectManager, HERE, true, true, true, false),
            (Role::ProjectManager, HERE, false, false, false, false),
            (Role::FieldUser, HERE, true, true, false, false),
        ] {
            let actor = actor(role, office);
            let standing = Standing { office: OfficeId(Uuid::from_u128(HERE)), assigned };
            let row = (role, office, assigned);
            assert_eq!(actor.sees_project(standing), sees, "{row:?}");
            assert_eq!(actor.may_push(standing).is_ok(), pushes, "{row:?}");
            assert_eq!(actor.may_map_project(standing).is_ok(), pushes, "{row:?}");
            assert_eq!(actor.may_edit_cors(standing).is_ok(), pushes, "{row:?}");
            assert_eq!(actor.may_sign_off(standing).is_ok(), pushes, "{row:?}");
            assert_eq!(actor.may_reconcile_office(standing.office).is_ok(), integrates, "{row:?}");
            assert_eq!(actor.may_integrate(standing.office).is_ok(), integrates, "{row:?}");
        }
    }

    #[test]
    fn who_only_reads_sees_as_much_and_changes_nothing() {
        let reads = Actor { rights: Rights::Reading, ..actor(Role::AccountOwner, 1) };
        assert!(reads.may_write().is_err() && reads.may_see_log().is_ok() && reads.may_change_company().is_ok());
        assert!(actor(Role::ProjectManager, 1).may_write().is_ok());
    }

    #[test]
    fn nobody_gives_more_than_they_have() {
        assert!(actor(Role::Admin, 1).may_grant(Role::AccountOwner).is_err());
        assert!(actor(Role::Admin, 1).may_grant(Role::Admin).is_ok());
        assert!(actor(Role::ProjectManager, 1).may_grant(Role::FieldUser).is_err());
    }
}
