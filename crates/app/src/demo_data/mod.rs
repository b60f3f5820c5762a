//! A believable instance: a general contractor, three subcontractors, an owner, one project and its log.
//!
//! What people would have done over three months is written with its own dates; what Procore holds was pushed by the
//! real worker.

mod asked;
mod cors;
mod pushed;

use domain::{
    CompanyId, ContractId, CorId, Currency, Entropy, LineItemId, Money, OfficeId, PersonId, ProjectId,
    cor::{CorNumber, LineItem, Means, Price, Recorded, Status},
    number,
    role::{Actor, Rights, Role},
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use store::{
    Tx,
    repo::{
        company::{NewCompany, Office},
        contract::{Counterparty, NewContract, Party},
        cor::{CorContent, NewCor, NewStatus},
        person::NewPerson,
        project::ProjectDetails,
    },
};

pub use asked::ask_for_prices;
pub use pushed::push_some;

use crate::{App, Error};

/// Everybody's password.
pub const PASSWORD: &str = "harbor-point-at-dawn";

/// A person who can sign in.
#[derive(Debug, Clone)]
pub struct DemoLogin {
    /// Name, role and company, for the list of logins.
    pub who: String,
    /// E-mail.
    pub email: String,
}

/// What was made.
#[derive(Debug, Clone)]
pub struct Furnished {
    /// The general contractor's Account Owner.
    pub owner: Actor,
    /// Its Project Manager on the project.
    pub manager: Actor,
    /// The subcontractors' Account Owners: mechanical, electrical, drywall.
    pub subs: [Actor; 3],
    /// The general contractor's connected office, and one that is not.
    pub offices: [OfficeId; 2],
    /// The project.
    pub project: ProjectId,
    /// The subcontractors' contracts: mechanical, electrical, drywall.
    pub contracts: [ContractId; 3],
    /// The CORs of those contracts, in the order of their numbers.
    pub cors: [Vec<CorId>; 3],
    /// Everybody.
    pub logins: Vec<DemoLogin>,
}

/// Makes companies, people, the project, contracts and CORs on an empty database. Nothing is in Procore yet.
pub async fn furnish(app: &App) -> Result<Furnished, Error> {
    let hash = crate::account::password::hash(&*app.entropy, PASSWORD.to_owned().into()).await?;
    let shared = app.clone();
    app.store
        .write(move |tx| Builder { app: &shared, hash: &hash, now: shared.now(), logins: Vec::new() }.build(tx))
        .await
}

struct Builder<'a> {
    app: &'a App,
    hash: &'a str,
    now: Timestamp,
    logins: Vec<DemoLogin>,
}

struct Made {
    actor: Actor,
    office: OfficeId,
}

impl Builder<'_> {
    fn build(mut self, tx: &mut Tx) -> Result<Furnished, Error> {
        let gc_name = "Whitfield & Sons Construction";
        let gc = self.company(tx, gc_name, "Portland", "Renee Calloway", "r.calloway@whitfieldsons.example")?;
        let bangor = OfficeId::fresh(self.now, self.entropy());
        tx.of(gc.actor.company).add_office(&Office { id: bangor, name: "Bangor".into() }, self.ago(400))?;
        let person = |b: &mut Self, tx: &mut Tx, who: [&str; 2], role| b.person(tx, &gc, gc_name, who, role);
        let whitfield = ["Daniel Whitfield", "d.whitfield@whitfieldsons.example"];
        let manager = person(&mut self, tx, whitfield, Role::ProjectManager)?;
        let ortiz = ["Marisol Ortiz", "m.ortiz@whitfieldsons.example"];
        let ortiz = person(&mut self, tx, ortiz, Role::ProjectManager)?;
        person(&mut self, tx, ["Grace Okafor", "g.okafor@whitfieldsons.example"], Role::Admin)?;
        let field = person(&mut self, tx, ["Luis Ferreira", "l.ferreira@whitfieldsons.example"], Role::FieldUser)?;
        let office = gc.office;

        let project = ProjectId::fresh(self.ago(120), self.entropy());
        let details = ProjectDetails {
            name: "Harbor Point Medical Office".into(),
            address: "1 Commercial Street, Portland, ME".into(),
            currency: Currency::Usd,
            time_zone: domain::Zone::default(),
            office,
            job_number: "24-118".into(),
        };
        tx.of(gc.actor.company).add_project(project, &details, self.ago(120))?;
        for who in [&manager, &ortiz, &field] {
            tx.of(gc.actor.company).assign(project, who.person)?;
        }
        let second = ProjectId::fresh(self.ago(60), self.entropy());
        let kennebec = ProjectDetails {
            name: "Kennebec Cold Storage".into(),
            address: "88 Riverside Drive, Augusta, ME".into(),
            job_number: "24-125".into(),
            office: bangor,
            ..details.clone()
        };
        tx.of(gc.actor.company).add_project(second, &kennebec, self.ago(60))?;

        let names = ["SC-23-007 Mechanical", "SC-26-002 Electrical", "SC-09-004 Drywall and ceilings"];
        let mut invite = |b: &mut Self, company, office, name, email, contract: usize, value| {
            b.subcontractor(tx, &gc, project, [company, office, name, email, names[contract]], Money::minor(value))
        };
        let cascade = ("Cascade Mechanical, Inc.", "Portland", "Tom Haruki", "owner@cascademech.example");
        let northlight = ("Northlight Electric Co.", "Westbrook", "Ines Caldwell", "i.caldwell@northlight.example");
        let pine = ("Pine State Drywall LLC", "Lewiston", "Ray Thibodeau", "r.thibodeau@pinestate.example");
        let cascade = invite(&mut self, cascade.0, cascade.1, cascade.2, cascade.3, 0, 218_400_000)?;
        let northlight = invite(&mut self, northlight.0, northlight.1, northlight.2, northlight.3, 1, 146_250_000)?;
        let pine = invite(&mut self, pine.0, pine.1, pine.2, pine.3, 2, 91_830_000)?;
        let subs = [(&cascade, cors::MECHANICAL), (&northlight, cors::ELECTRICAL), (&pine, cors::DRYWALL)];
        let mut sent = [const { Vec::new() }; 3];
        for (((sub, contract), rows), sent) in subs.into_iter().zip(&mut sent) {
            *sent = self.cors(tx, sub.company, Some(gc.actor.company), *contract, rows)?;
        }
        let contracts = [cascade.1, northlight.1, pine.1];
        let prime = self.prime(tx, &gc, project)?;
        self.cors(tx, gc.actor.company, None, prime, cors::OWNER)?;
        let offices = [office, bangor];
        let Made { actor: owner, .. } = gc;
        Ok(Furnished {
            owner,
            manager,
            subs: [cascade.0, northlight.0, pine.0],
            offices,
            project,
            contracts,
            cors: sent,
            logins: self.logins,
        })
    }

    fn entropy(&self) -> &dyn Entropy {
        &*self.app.entropy
    }

    fn ago(&self, days: i64) -> Timestamp {
        self.now.saturating_sub(SignedDuration::from_hours(24 * days)).unwrap_or(self.now)
    }

    fn company(&mut self, tx: &mut Tx, name: &str, office: &str, owner: &str, email: &str) -> Result<Made, Error> {
        let new = self.new_company(name, office, owner, email);
        tx.found_company(&new)?;
        Ok(Made { actor: actor(new.owner.id, new.id, Role::AccountOwner, new.office, owner), office: new.office })
    }

    fn new_company(&mut self, name: &str, office_name: &str, owner: &str, email: &str) -> NewCompany {
        let now = self.ago(400);
        let (id, office) = (CompanyId::fresh(now, self.entropy()), OfficeId::fresh(now, self.entropy()));
        self.note(owner, "Account Owner", name, email);
        let owner = self.new_person(owner, email, Role::AccountOwner, office);
        NewCompany { id, name: name.to_owned(), office, office_name: office_name.to_owned(), owner, now }
    }

    /// A person beside the owner, in the owner's office.
    fn person(
        &mut self,
        tx: &mut Tx,
        of: &Made,
        company: &str,
        [name, email]: [&str; 2],
        role: Role,
    ) -> Result<Actor, Error> {
        let new = self.new_person(name, email, role, of.office);
        tx.of(of.actor.company).add_person(&new)?;
        self.note(name, role.name(), company, email);
        Ok(actor(new.id, of.actor.company, role, of.office, name))
    }

    fn new_person(&self, name: &str, email: &str, role: Role, office: OfficeId) -> NewPerson {
        let now = self.ago(390);
        let id = PersonId::fresh(now, self.entropy());
        let password_hash = self.hash.to_owned();
        NewPerson { id, name: name.to_owned(), email: email.to_owned(), role, office, password_hash, now }
    }

    fn note(&mut self, name: &str, role: &str, company: &str, email: &str) {
        self.logins.push(DemoLogin { who: format!("{name}, {role}, {company}"), email: email.to_owned() });
    }

    /// A subcontractor who was invited to a contract and signed up.
    fn subcontractor(
        &mut self,
        tx: &mut Tx,
        gc: &Made,
        project: ProjectId,
        [company, office, owner, email, contract]: [&str; 5],
        value: Money,
    ) -> Result<(Actor, ContractId), Error> {
        let now = self.ago(118);
        let id = ContractId::fresh(now, self.entropy());
        let secret = crate::account::secret::fresh(self.entropy());
        let new = self.new_company(company, office, owner, email);
        tx.of(gc.actor.company).add_contract(&NewContract {
            id,
            project,
            party: Party::Customer,
            counterparty: Counterparty::New(new.id, company.to_owned()),
            name: contract.to_owned(),
            value,
            invite_hash: Some(crate::account::secret::hash(&secret)),
            now,
        })?;
        let invitation =
            tx.invitation(&crate::account::secret::hash(&secret))?.ok_or_else(|| Error::internal("just made"))?;
        tx.accept_as_new_company(&invitation, &new, "")?;
        Ok((actor(new.owner.id, new.id, Role::AccountOwner, new.office, owner), id))
    }

    fn prime(&self, tx: &mut Tx, gc: &Made, project: ProjectId) -> Result<ContractId, Error> {
        let now = self.ago(119);
        let id = ContractId::fresh(now, self.entropy());
        let owner = Counterparty::New(CompanyId::fresh(now, self.entropy()), "Harbor Point Health".to_owned());
        let name = "PC-001 Prime contract".to_owned();
        let value = Money::minor(1_864_000_000);
        let party = Party::Contractor;
        // Invited, and not here yet: the link was lost, so a new one can be made.
        let invite_hash = Some(crate::account::secret::hash(&crate::account::secret::fresh(self.entropy())));
        let new = NewContract { id, project, party, counterparty: owner, name, value, invite_hash, now };
        tx.of(gc.actor.company).add_contract(&new)?;
        Ok(id)
    }

    /// CORs of a sender, answered by their receiver. Nobody signs in for the owner: what it approved is recorded.
    fn cors(
        &self,
        tx: &mut Tx,
        sender: CompanyId,
        receiver: Option<CompanyId>,
        contract: ContractId,
        rows: &[cors::DemoCor],
    ) -> Result<Vec<CorId>, Error> {
        let mut ids = Vec::with_capacity(rows.len());
        for (i, (days, status, title, reference, lines)) in rows.iter().enumerate() {
            let number = CorNumber::from_sequence(i64::try_from(i).unwrap_or(0) + 1);
            let at = self.ago(*days);
            let lines = lines.iter().map(|line| self.line(line)).collect::<Result<Vec<_>, Error>>()?;
            let mut price = Price { lines, overtyped: None };
            if i % 9 == 4 {
                // Some are rounded to ten dollars, as people do.
                price.overtyped = Some(Money::minor((price.computed().in_minor() + 500).div_euclid(1000) * 1000));
            }
            let new = NewCor {
                id: CorId::fresh(at, self.entropy()),
                contract,
                number: Some(number),
                content: CorContent { customer_reference: (*reference).to_owned(), ..CorContent::new(*title, price) },
                at,
            };
            let made = tx.of(sender).create_cor(&new)?.ok_or_else(|| Error::internal("the contract is there"))?;
            ids.push(made.id);
            if *status != Status::Draft {
                let sent = if matches!(status, Status::Placeholder) {
                    made
                } else {
                    tx.of(sender).set_cor_status(&made, Status::InReview, at)?
                };
                if *status != Status::InReview {
                    let answers = receiver.filter(|_| is_answer(*status)).unwrap_or(sender);
                    tx.of(answers).set_cor_status(&sent, answer(*status, at, receiver.is_some()), at)?;
                }
            }
        }
        Ok(ids)
    }

    fn line(&self, (section, text, quantity, unit, rate): &cors::DemoLine) -> Result<LineItem, Error> {
        let id = LineItemId::fresh(self.now, self.entropy());
        let bad = || Error::internal(format!("demo line {text}"));
        let number = |written: &str| number::plain(written).map_err(|_| bad());
        if quantity.is_empty() {
            return Ok(LineItem::lump(id, *section, *text, Money::exact(number(rate)?).ok_or_else(bad)?));
        }
        let (quantity, rate) = (number(quantity)?, number(rate)?);
        LineItem::extended(id, *section, *text, quantity, *unit, rate).map_err(|_| bad())
    }
}

/// Whether a status is what a receiver answers.
fn is_answer(status: Status) -> bool {
    status.is_approved() || status == Status::ReviseAndResubmit
}

/// A status with what was said about it.
fn answer(status: Status, at: Timestamp, receiver_joined: bool) -> NewStatus {
    let reason = match status {
        Status::ReviseAndResubmit => "Show labor by crew, and attach the supplier's quote.",
        _ => "",
    };
    let means = if status == Status::ApprovedCoIssued { Means::Signed } else { Means::Mail };
    let recorded = Recorded { means, on: TimeZone::UTC.to_datetime(at).date() };
    let recorded = (status.is_approved() && !receiver_joined).then_some(recorded);
    NewStatus { status, reason: reason.to_owned(), recorded }
}

fn actor(person: PersonId, company: CompanyId, role: Role, office: OfficeId, name: &str) -> Actor {
    Actor { person, company, role, office: Some(office), name: name.to_owned(), rights: Rights::All }
}
