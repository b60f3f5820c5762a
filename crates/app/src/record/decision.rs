//! What people decide about CORs, added to the record.

use domain::{
    PushId,
    audit::{AuditEvent, Fact, PrivateEntry, SharedEntry},
    role::Actor,
};
use store::{
    CompanyTx,
    repo::{cor::Cor, link::Link},
};

use crate::{App, Error};

/// What a person decided about a COR, for the record.
#[derive(Debug, Clone)]
pub(crate) struct Decision {
    /// Goes on from their name: "unlinked it; its lines stay in Procore". Both companies of the COR may read it.
    pub says: String,
    /// For their own company alone; may be empty.
    pub why: String,
    /// The change event that it is about.
    pub event: Option<i64>,
    /// The push that carries it out.
    pub push: Option<PushId>,
}

impl Decision {
    /// That of a COR's tie.
    pub fn new(link: &Link, says: impl Into<String>, why: impl Into<String>) -> Self {
        Self { says: says.into(), why: why.into(), event: link.event, push: None }
    }

    /// As an entry, for units that add more than this one to the record.
    pub fn fact(self, app: &App, us: &mut CompanyTx<'_>, actor: &Actor, cor: &Cor) -> Result<Fact, Error> {
        let told =
            SharedEntry::CorDecided { number: cor.number.to_string(), by: actor.name.clone(), decision: self.says };
        let login = us.login_of(actor.person)?.map(|login| login.procore_user);
        let kept = PrivateEntry { login, event: self.event, why: self.why, ..PrivateEntry::salted(&*app.entropy) };
        let event = AuditEvent::Cor { cor: cor.id, told, kept };
        Ok(Fact { at: app.now(), project: cor.project, push: self.push, event })
    }

    /// Keeps it in the record. Call it in the unit that carries it out.
    pub fn keep(self, app: &App, us: &mut CompanyTx<'_>, actor: &Actor, cor: &Cor) -> Result<(), Error> {
        let fact = self.fact(app, us, actor, cor)?;
        Ok(us.append_audit(&[fact])?)
    }
}
