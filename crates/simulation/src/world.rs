//! A small world, furnished once and copied for every run: two general contractors in two Procore accounts, each with a
//! project, a subcontractor who sends CORs, and an owner to send CORs to.

use std::sync::Arc;

use domain::{
    CompanyId, ContractId, CorId, Currency, LineItemId, Money, OfficeId, PersonId, ProjectId, PushId,
    cor::{Breakdown, CorNumber, LineItem, Price, Section, Status},
    procore::{Side, push::Scope},
    role::{Actor, Rights, Role},
};
use emulator::{Client, Emulator, EmulatorOptions};
use jiff::{SignedDuration, Timestamp};
use ledgerboard::{
    App, Error,
    account::secret,
    clock::{Clock as _, ManualClock},
    integration::{
        change_events, connect, map_project,
        reference::{self, ReferenceData},
    },
    push::{self, ChosenEvent, ChosenLines, EventToMake},
    testing::{self, World},
};
use store::{
    Tx,
    repo::{
        company::NewCompany,
        contract::{Counterparty, NewContract, Party},
        cor::{CorContent, NewCor},
        person::NewPerson,
        project::ProjectDetails,
    },
    testing::{RestoredStore, Snapshot, TestDb},
};
use sync::Worker;

use crate::procore_accounts::{ACCOUNTS, in_procore};

/// A person here, and their login in Procore.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) actor: Actor,
    pub(crate) login: String,
}

/// A general contractor: one office, one project, one account in Procore.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub(crate) name: &'static str,
    pub(crate) office: OfficeId,
    pub(crate) account: i64,
    pub(crate) project: ProjectId,
    pub(crate) procore_project: i64,
    /// The first is the Account Owner.
    pub(crate) people: Vec<Person>,
    pub(crate) received: Vec<CorId>,
    pub(crate) sent: Vec<CorId>,
    pub(crate) data: ReferenceData,
    /// Pushes that were carried out before anything goes wrong.
    pub(crate) pushed: Vec<PushId>,
}

/// The furnished world, to be copied.
pub struct Template {
    pub(crate) sites: Arc<Vec<Site>>,
    pub(crate) procore: Emulator,
    snapshot: Snapshot,
    folder: tempfile::TempDir,
}

impl Template {
    /// A world on SQLite.
    pub async fn sqlite() -> Self {
        Self::on(TestDb::sqlite().await).await
    }

    /// A world on PostgreSQL, one run at a time; nothing if no server is given.
    pub async fn postgres() -> Option<Self> {
        Some(Self::on(TestDb::postgres().await?).await)
    }

    async fn on(db: TestDb) -> Self {
        let clock = ManualClock::at(testing::START.parse().expect("a constant"));
        let ask = clock.clone();
        let redirect = ledgerboard::cli::instance::redirect_uri(&"http://127.0.0.1:8080".parse().expect("a constant"));
        let options =
            EmulatorOptions::demo(Arc::new(move || ask.now()), Client::new("test-client", "test-secret", &[&redirect]));
        let procore = Emulator::new(EmulatorOptions { world: in_procore(clock.now()), ..options });
        let base = "http://procore.test".parse().expect("a constant");
        let transport = procore::transport::in_process(tower::ServiceExt::map_request(
            procore.service(),
            |request: http::Request<_>| request.map(axum::body::Body::new),
        ));
        let app = testing::process(db.store(), Arc::new(clock.clone()), 1, &base, transport);
        let world = World { app, procore, clock };
        let sites = furnish(&world).await.expect("the world can be furnished");
        world.procore.clear_journal();
        let folder = if std::path::Path::new("/dev/shm").is_dir() { "/dev/shm".into() } else { std::env::temp_dir() };
        let folder = tempfile::Builder::new().prefix("simulation").tempdir_in(folder).expect("a temporary folder");
        Self { sites: Arc::new(sites), procore: world.procore, snapshot: Snapshot::of(db).await, folder }
    }

    /// Pushes that were carried out before a run begins, and whose.
    pub(crate) fn pushed(&self) -> Vec<(usize, PushId)> {
        let of = |(site, of): (usize, &Site)| of.pushed.iter().map(move |push| (site, *push)).collect::<Vec<_>>();
        self.sites.iter().enumerate().flat_map(of).collect()
    }

    pub(crate) async fn store(&self, run: &str) -> RestoredStore {
        self.snapshot.restore(self.folder.path(), run).await
    }
}

async fn furnish(world: &World) -> Result<Vec<Site>, Error> {
    let mut sites = Vec::new();
    for (index, (account, name, logins)) in ACCOUNTS.into_iter().enumerate() {
        let app = &world.app;
        let shared = app.clone();
        let made = app.store.write(move |tx| company(&shared, tx, index, name, logins)).await?;
        let Made { people, office, project, received, sent } = made;
        for person in &people {
            world.sign_in_to_procore(app, &person.actor, &person.login).await?;
        }
        let owner = &people[0].actor;
        connect::connect(app, owner, office, account).await?;
        let number = format!("P-{account}");
        let procore_project = world.procore.world(|w| w.project_by_number(&number).map_or(0, |project| project.id));
        let to = map_project::MapTo::project(procore_project).kept_in(Currency::Usd);
        map_project::map(app, owner, project, to).await?;
        change_events::refresh(app, owner, project).await?;
        let data = reference::get(app, owner, project).await?;
        let mut pushed = Vec::new();
        let there = world.procore.world(|w| w.events_of(procore_project).map(|event| event.id).max());
        for (side, cors, event) in [(Side::Received, &received[..1], there), (Side::Sent, &sent[..1], None)] {
            pushed.push(push_at_first(app, owner, (project, side, cors.to_vec()), event, &data).await?);
        }
        let site = Site { name, office, account, project, procore_project, people, received, sent, data, pushed };
        sites.push(site);
    }
    Ok(sites)
}

/// Pushes some CORs, as on a day on which nothing goes wrong, so that there is something to be updated.
async fn push_at_first(
    app: &App,
    owner: &Actor,
    (project, side, cors): (ProjectId, Side, Vec<CorId>),
    event: Option<i64>,
    data: &ReferenceData,
) -> Result<PushId, Error> {
    let contract = match side {
        Side::Received => data.commitments.first().map(|c| c.id),
        Side::Sent => data.prime_contracts.first().map(|c| c.id),
    };
    let choices = ChosenLines {
        contracts: cors.iter().map(|cor| (*cor, contract.into())).collect(),
        budget_code_for_all: data.budget_codes.first().map(|code| code.id.into()),
        ..ChosenLines::in_detail(Breakdown::LineItems)
    };
    let status = data.statuses.iter().find(|s| s.default).map_or(0, |s| s.id);
    let new = EventToMake {
        title: "Made before".into(),
        status_id: status,
        scope: Some(Scope::OutOfScope),
        ..EventToMake::default()
    };
    let drafts = push::begin(app, owner, project, side, cors).await?;
    let draft = *drafts.first().ok_or(Error::NotFound)?;
    push::choose_event(app, owner, draft, event.map_or_else(|| ChosenEvent::to_make(new), ChosenEvent::existing))
        .await?;
    push::choose_lines(app, owner, draft, choices).await?;
    push::plan(app, owner, draft).await?;
    let push = push::confirm(app, owner, draft, None).await?;
    Worker::new(app).run_until_idle().await?;
    Ok(push)
}

struct Made {
    people: Vec<Person>,
    office: OfficeId,
    project: ProjectId,
    received: Vec<CorId>,
    sent: Vec<CorId>,
}

fn company(app: &App, tx: &mut Tx, index: usize, name: &str, logins: [&str; 3]) -> Result<Made, Error> {
    let now = app.now().saturating_sub(SignedDuration::from_hours(48)).unwrap_or_default();
    let entropy = &*app.entropy;
    let company = CompanyId::fresh(now, entropy);
    let office = OfficeId::fresh(now, entropy);
    let person = |login: &str, role, office| NewPerson {
        id: PersonId::fresh(now, entropy),
        name: login.split('@').next().unwrap_or_default().to_owned(),
        email: login.to_owned(),
        role,
        office,
        password_hash: "nobody signs in here".into(),
        now,
    };
    let owner = person(logins[0], Role::AccountOwner, office);
    let actor = |new: &NewPerson, company| Actor {
        person: new.id,
        company,
        role: new.role,
        office: Some(new.office),
        name: new.name.clone(),
        rights: Rights::All,
    };
    let mut people = vec![Person { actor: actor(&owner, company), login: logins[0].into() }];
    let new = NewCompany { id: company, name: name.into(), office, office_name: "Main".into(), owner, now };
    tx.found_company(&new)?;
    for login in &logins[1..] {
        let new = person(login, Role::ProjectManager, office);
        tx.of(company).add_person(&new)?;
        people.push(Person { actor: actor(&new, company), login: (*login).into() });
    }
    let project = ProjectId::fresh(now, entropy);
    let details = ProjectDetails {
        name: format!("{name} yard"),
        address: "1 Commercial Street".into(),
        currency: Currency::Usd,
        time_zone: domain::Zone::default(),
        office,
        job_number: format!("J-{index}"),
    };
    tx.of(company).add_project(project, &details, now)?;
    for person in &people {
        tx.of(company).assign(project, person.actor.person)?;
    }
    let contract = ContractId::fresh(now, entropy);
    let (sub, sub_office) = (CompanyId::fresh(now, entropy), OfficeId::fresh(now, entropy));
    let invitation = secret::fresh(entropy);
    tx.of(company).add_contract(&NewContract {
        id: contract,
        project,
        party: Party::Customer,
        counterparty: Counterparty::New(sub, format!("Sub {index}")),
        name: "SC-1 Work".into(),
        value: Money::minor(50_000_000),
        invite_hash: Some(secret::hash(&invitation)),
        now,
    })?;
    let found = tx.invitation(&secret::hash(&invitation))?.ok_or(Error::NotFound)?;
    let owner = person(&format!("owner@sub{index}.example"), Role::AccountOwner, sub_office);
    let (name, office_name) = (format!("Sub {index}"), "Main".to_owned());
    tx.accept_as_new_company(&found, &NewCompany { id: sub, name, office: sub_office, office_name, owner, now }, "")?;
    let prime = ContractId::fresh(now, entropy);
    tx.of(company).add_contract(&NewContract {
        id: prime,
        project,
        party: Party::Contractor,
        counterparty: Counterparty::New(CompanyId::fresh(now, entropy), "The owner".into()),
        name: "PC-1 Prime".into(),
        value: Money::minor(100_000_000),
        invite_hash: None,
        now,
    })?;
    let received = cors(app, tx, sub, contract, 4, now)?;
    let sent = cors(app, tx, company, prime, 2, now)?;
    Ok(Made { people, office, project, received, sent })
}

fn cors(
    app: &App,
    tx: &mut Tx,
    sender: CompanyId,
    contract: ContractId,
    count: i64,
    at: Timestamp,
) -> Result<Vec<CorId>, Error> {
    let mut made = Vec::new();
    for n in 1..=count {
        let line = |i: i64| {
            let id = LineItemId::fresh(at, &*app.entropy);
            let section = Section::ALL[usize::try_from(i % 4).unwrap_or(0)];
            LineItem::lump(id, section, format!("Work {n}.{i}"), Money::minor(10_000 * ((n + 1) / 2) + 1_111 * i + 7))
        };
        let mut price = Price { lines: (1..=1 + n % 3).map(line).collect(), overtyped: None };
        if n % 3 == 0 {
            price.overtyped = Some(Money::minor((price.computed().in_minor() / 1000 + 1) * 1000));
        }
        let content = CorContent::new(format!("Change {n}"), price);
        let number = Some(CorNumber::from_sequence(n));
        let new = NewCor { id: CorId::fresh(at, &*app.entropy), contract, number, content, at };
        let cor = tx.of(sender).create_cor(&new)?.ok_or(Error::NotFound)?;
        tx.of(sender).set_cor_status(&cor, Status::InReview, at)?;
        made.push(cor.id);
    }
    Ok(made)
}
