//! Rows set aside because they can't be read: they hold up no others, nothing of them is lost, and the operator repairs them and
//! puts them back.

use domain::{CompanyId, ProjectId, PushId, WebhookId};
use uuid::Uuid;

use crate::{Row, StoreError, Tx};

/// What a row was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A push.
    Push,
    /// The reading of a project's change events.
    Reading,
    /// A hook of ours at Procore.
    Hook,
    /// Something that Procore delivered.
    Delivery,
}

impl What {
    /// The operator's word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::Reading => "reading of project",
            Self::Hook => "webhook",
            Self::Delivery => "delivery",
        }
    }
}

/// A row that was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// What it was for.
    pub what: What,
    /// What it is put back by: the id of the push, the project, the hook, or Procore's of the delivery.
    pub id: String,
    /// Whose.
    pub company: CompanyId,
    /// What is wrong with it, for the operator.
    pub because: String,
}

/// Whose a row is; nobody's where even that can't be read.
fn owner(row: &Row) -> CompanyId {
    row.get(1).unwrap_or(CompanyId(Uuid::nil()))
}

impl Tx {
    /// Sets a push aside.
    pub fn set_aside(&mut self, push: PushId, because: &str) -> Result<(), StoreError> {
        self.exec("DELETE FROM queue_lease WHERE push_id = $1", &[push.into()])?;
        self.exec_one("UPDATE outbox SET broken = $2 WHERE push_id = $1", &[push.into(), because.into()])
    }

    /// Sets the reading of a project aside.
    pub fn set_reading_aside(
        &mut self,
        project: ProjectId,
        company: CompanyId,
        because: &str,
    ) -> Result<(), StoreError> {
        self.exec_one(
            "UPDATE watch SET broken = $3, lease_until = 0 WHERE project_id = $1 AND company_id = $2",
            &[project.into(), company.into(), because.into()],
        )
    }

    /// Sets a hook aside.
    pub fn set_hook_aside(&mut self, hook: WebhookId, because: &str) -> Result<(), StoreError> {
        self.exec_one("UPDATE webhook SET broken = $2, lease_until = 0 WHERE id = $1", &[hook.into(), because.into()])
    }

    /// Sets a delivery aside.
    pub fn set_delivery_aside(&mut self, hook: WebhookId, delivery: &str, because: &str) -> Result<(), StoreError> {
        self.exec_one(
            "UPDATE webhook_inbox SET broken = $3 WHERE webhook_id = $1 AND delivery_id = $2",
            &[hook.into(), delivery.into(), because.into()],
        )
    }

    /// Puts back what was set aside under this id and has been mended. `false` if nothing was.
    pub fn put_back(&mut self, id: &str) -> Result<bool, StoreError> {
        let mut back =
            self.exec("UPDATE webhook_inbox SET broken = '' WHERE delivery_id = $1 AND broken <> ''", &[id.into()])?;
        if let Ok(id) = id.parse::<Uuid>() {
            for sql in [
                "UPDATE outbox SET broken = '' WHERE push_id = $1 AND broken <> ''",
                "UPDATE watch SET broken = '' WHERE project_id = $1 AND broken <> ''",
                "UPDATE webhook SET broken = '' WHERE id = $1 AND broken <> ''",
            ] {
                back += self.exec(sql, &[id.into()])?;
            }
        }
        Ok(back > 0)
    }

    /// All that was set aside.
    pub fn set_asides(&mut self) -> Result<Vec<SetAside>, StoreError> {
        let mut all = Vec::new();
        for (what, sql) in [
            (What::Push, "SELECT push_id, company_id, broken FROM outbox WHERE broken <> '' ORDER BY push_id"),
            (What::Reading, "SELECT project_id, company_id, broken FROM watch WHERE broken <> '' ORDER BY project_id"),
            (What::Hook, "SELECT id, company_id, broken FROM webhook WHERE broken <> '' ORDER BY id"),
        ] {
            all.extend(self.readable(sql, &[], |row| {
                let id = row.get::<Uuid>(0)?.to_string();
                Ok(SetAside { what, id, company: owner(row), because: row.get(2)? })
            })?);
        }
        all.extend(self.readable(
            "SELECT delivery_id, company_id, broken FROM webhook_inbox WHERE broken <> '' ORDER BY delivery_id",
            &[],
            |row| Ok(SetAside { what: What::Delivery, id: row.get(0)?, company: owner(row), because: row.get(2)? }),
        )?);
        Ok(all)
    }

    /// How many rows were set aside, and of which kinds: for monitoring, without anybody's data.
    pub fn set_asides_counted(&mut self) -> Result<Vec<(What, i64)>, StoreError> {
        let mut counted = Vec::new();
        for (what, table) in [
            (What::Push, "outbox"),
            (What::Reading, "watch"),
            (What::Hook, "webhook"),
            (What::Delivery, "webhook_inbox"),
        ] {
            let sql = format!("SELECT count(*) FROM {table} WHERE broken <> ''");
            let count = self.one(&sql, &[], |row| row.get::<i64>(0))?.unwrap_or(0);
            if count > 0 {
                counted.push((what, count));
            }
        }
        Ok(counted)
    }
}
