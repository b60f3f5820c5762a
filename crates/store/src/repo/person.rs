//! People and the projects they are assigned to.

use domain::{OfficeId, PersonId, ProjectId, role::Role};
use jiff::Timestamp;

use crate::{CompanyTx, Row, StoreError};

/// A person of the company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// Their name.
    pub name: String,
    /// Their e-mail, folded.
    pub email: String,
    /// What they are.
    pub role: Role,
    /// The office they belong to.
    pub office: Option<OfficeId>,
    /// Its name; empty for none.
    pub office_name: String,
    /// Since when they may not sign in.
    pub disabled_at: Option<Timestamp>,
    /// How many projects they are assigned to.
    pub projects: i64,
}

/// A person to add.
#[derive(Debug, Clone)]
pub struct NewPerson {
    /// Their id.
    pub id: PersonId,
    /// Their name.
    pub name: String,
    /// Their e-mail, folded; unique on this instance.
    pub email: String,
    /// What they are.
    pub role: Role,
    /// The office they belong to.
    pub office: OfficeId,
    /// Argon2id as a PHC string.
    pub password_hash: String,
    /// When.
    pub now: Timestamp,
}

pub(super) const PERSON: &str = "SELECT p.id, p.name, p.email, p.role, p.office_id, o.name, p.disabled_at, \
    (SELECT COUNT(*) FROM project_person pp WHERE pp.person_id = p.id) \
    FROM person p LEFT JOIN office o ON o.id = p.office_id WHERE p.company_id = $1";

pub(super) fn person(row: &Row) -> Result<Person, StoreError> {
    Ok(Person {
        id: row.get(0)?,
        name: row.get(1)?,
        email: row.get(2)?,
        role: row.get(3)?,
        office: row.get(4)?,
        office_name: row.get::<Option<String>>(5)?.unwrap_or_default(),
        disabled_at: row.get(6)?,
        projects: row.get(7)?,
    })
}

impl CompanyTx<'_> {
    /// The company's people whose rows can be read, by name, those who may no longer sign in last.
    pub fn people(&mut self) -> Result<Vec<Person>, StoreError> {
        let sql = format!("{PERSON} ORDER BY CASE WHEN p.disabled_at IS NULL THEN 0 ELSE 1 END, p.name, p.id");
        self.tx.readable(&sql, &[self.company.into()], person)
    }

    /// One person.
    pub fn person(&mut self, id: PersonId) -> Result<Option<Person>, StoreError> {
        self.tx.one(&format!("{PERSON} AND p.id = $2"), &[self.company.into(), id.into()], person)
    }

    /// Adds a person. [`StoreError::Conflict`] when the e-mail is taken, by whichever company.
    pub fn add_person(&mut self, new: &NewPerson) -> Result<(), StoreError> {
        self.tx.exec_one(
            "INSERT INTO person (id, company_id, office_id, email, name, role, password_hash, created_at) \
             VALUES ($1, $2, (SELECT id FROM office WHERE company_id = $2 AND id = $3), $4, $5, $6, $7, $8)",
            &[
                new.id.into(),
                self.company.into(),
                new.office.into(),
                (&new.email).into(),
                (&new.name).into(),
                new.role.into(),
                (&new.password_hash).into(),
                new.now.into(),
            ],
        )
    }

    /// Changes a person's name, role and office.
    pub fn change_person(&mut self, id: PersonId, name: &str, role: Role, office: OfficeId) -> Result<(), StoreError> {
        self.tx.exec_one(
            "UPDATE person SET name = $3, role = $4, office_id = $5 WHERE company_id = $1 AND id = $2",
            &[self.company.into(), id.into(), name.into(), role.into(), office.into()],
        )
    }

    /// Lets a person sign in no longer, which ends their sessions and API tokens; or again.
    pub fn set_disabled(&mut self, id: PersonId, disabled_at: Option<Timestamp>) -> Result<(), StoreError> {
        self.tx.exec_one(
            "UPDATE person SET disabled_at = $3 WHERE company_id = $1 AND id = $2",
            &[self.company.into(), id.into(), disabled_at.into()],
        )?;
        if let Some(now) = disabled_at {
            self.tx.exec("DELETE FROM session WHERE person_id = $1", &[id.into()])?;
            self.tx.revoke_api_tokens_of(id, now)?;
        }
        Ok(())
    }

    /// The projects of this company that a person is assigned to.
    pub fn assignments(&mut self, id: PersonId) -> Result<Vec<ProjectId>, StoreError> {
        self.tx.query(
            "SELECT pp.project_id FROM project_person pp \
             JOIN project_company pc ON pc.project_id = pp.project_id AND pc.company_id = $1 \
             JOIN person p ON p.id = pp.person_id AND p.company_id = $1 WHERE pp.person_id = $2",
            &[self.company.into(), id.into()],
            |row| row.get(0),
        )
    }

    /// Assigns a person to a project of the company; twice is once, and other companies' are left alone.
    pub fn assign(&mut self, project: ProjectId, id: PersonId) -> Result<(), StoreError> {
        self.tx.exec(
            "INSERT INTO project_person (project_id, person_id) \
             SELECT pc.project_id, p.id FROM project_company pc JOIN person p ON p.company_id = pc.company_id \
             WHERE pc.company_id = $1 AND pc.project_id = $2 AND p.id = $3 ON CONFLICT DO NOTHING",
            &[self.company.into(), project.into(), id.into()],
        )?;
        Ok(())
    }

    /// Takes a person off a project.
    pub fn unassign(&mut self, project: ProjectId, id: PersonId) -> Result<(), StoreError> {
        self.tx.exec(
            "DELETE FROM project_person WHERE project_id = $2 \
             AND person_id IN (SELECT id FROM person WHERE company_id = $1 AND id = $3)",
            &[self.company.into(), project.into(), id.into()],
        )?;
        Ok(())
    }

    /// The people assigned to a project, by name.
    pub fn project_people(&mut self, project: ProjectId) -> Result<Vec<Person>, StoreError> {
        let sql = format!(
            "{PERSON} AND p.disabled_at IS NULL AND EXISTS \
             (SELECT 1 FROM project_person a WHERE a.project_id = $2 AND a.person_id = p.id) ORDER BY p.name, p.id"
        );
        self.tx.readable(&sql, &[self.company.into(), project.into()], person)
    }
}
