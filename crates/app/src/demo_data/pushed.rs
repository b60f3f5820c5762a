//! What the demo's people have pushed already, by the real wizard and the real worker, and what became of it.

use std::{collections::BTreeMap, time::Duration};

use domain::{
    CorId, DraftId, ProjectId,
    cor::{Breakdown, LineKey, Section, Status},
    procore::{Side, push::Scope},
    role::Actor,
};
use emulator::{Emulator, world::TieTo};
use store::repo::cor::Cor;
use sync::Worker;

use super::Furnished;
use crate::{
    App, Error,
    cor::{
        input::CorInput,
        line_input::LineInput,
        set_status::{self, SetStatus},
        write::{self, EditCor},
    },
    integration::{
        change_events,
        reference::{self, ReferenceData},
    },
    push::{self, ChosenEvent, ChosenLines, EventToMake, draft::slot},
    testing::sign_in_to_procore,
};

/// How often, and after which pause, a push is looked after that is not at rest: for half a minute.
const TURNS: usize = 120;
const TURN: Duration = Duration::from_millis(250);

/// The event whose line went into a change order.
const EXECUTED: &str = "Hydronic pump VFD substitution";

/// Connects the first office, maps the project and pushes a few CORs, so that the log shows every state a person acts on.
pub async fn push_some(app: &App, procore: &Emulator, made: &Furnished) -> Result<(), Error> {
    sign_in_to_procore(app, procore, &made.owner, "r.calloway@whitfieldsons.example").await?;
    sign_in_to_procore(app, procore, &made.manager, "d.whitfield@whitfieldsons.example").await?;
    crate::integration::connect::connect(app, &made.owner, made.offices[0], emulator::seed::WHITFIELD).await?;
    let harbor = procore.world(|w| w.project_by_number(emulator::seed::HARBOR_POINT).map(|p| p.id));
    let harbor = harbor.ok_or_else(|| Error::internal("the emulator's project is missing"))?;
    let harbor = crate::integration::map_project::MapTo::project(harbor).kept_in(domain::Currency::Usd);
    crate::integration::map_project::map(app, &made.manager, made.project, harbor).await?;
    change_events::refresh(app, &made.manager, made.project).await?;

    let pusher = DemoPusher { app, procore, made, data: reference::get(app, &made.manager, made.project).await? };
    // Up to date, in a new event of its own.
    let overtime = pusher.cors(0, &[9, 10]).await?;
    pusher
        .push(
            &overtime,
            pusher.new_event("Level 1 and 3 coordination", "Unforeseen conditions"),
            Breakdown::LineItems,
            "23-2113",
        )
        .await?;
    // Up to date, in an event with other people's lines; the second is changed afterwards.
    let nurse = pusher.cors(1, &[9, 10]).await?;
    pusher.push(&nurse, pusher.existing("002"), Breakdown::Sections, "26-0519").await?;
    pusher.raise(nurse[1].id, "Core drilling at door 214", "383.45").await?;
    // Somebody edits our line in Procore; the next push of it stops and asks.
    let lead = pusher.cors(2, &[5]).await?;
    pusher.push(&lead, pusher.new_event("Lead-lined board at imaging 214", ""), Breakdown::LumpSum, "09-2116").await?;
    pusher.collide(&lead[0]).await?;
    // Refused: the code was taken out of the budget after it was read.
    let soffit = pusher.cors(2, &[6]).await?;
    pusher.refused(&soffit, "07-8413").await?;
    // Whole sections in the pending event.
    let imaging = pusher.cors(1, &[13]).await?;
    pusher.push(&imaging, pusher.existing("004"), Breakdown::LineItems, "26-2416").await?;
    // Executed since: its line became part of a change order of the commitment, as most lines do sooner or later.
    let pump = pusher.cors(0, &[8]).await?;
    pusher.push(&pump, pusher.new_event(EXECUTED, ""), Breakdown::LumpSum, "23-2113").await?;
    pusher.tie(EXECUTED)?;
    change_events::refresh(app, &made.manager, made.project).await
}

struct DemoPusher<'a> {
    app: &'a App,
    procore: &'a Emulator,
    made: &'a Furnished,
    data: ReferenceData,
}

/// The last letter of a budget code: its type of cost.
const fn kind(section: Section) -> &'static str {
    match section {
        Section::Labor => "L",
        Section::Material => "M",
        Section::Equipment => "E",
        Section::Other => "O",
    }
}

impl DemoPusher<'_> {
    fn actor(&self) -> &Actor {
        &self.made.manager
    }

    /// CORs of one of the contracts, by their place in its sequence from 1.
    async fn cors(&self, contract: usize, numbers: &[usize]) -> Result<Vec<Cor>, Error> {
        let company = self.actor().company;
        let ids: Vec<CorId> = numbers.iter().filter_map(|n| self.made.cors[contract].get(n - 1)).copied().collect();
        Ok(self.app.store.read(move |tx| tx.of(company).cors(&ids)).await?)
    }

    fn new_event(&self, title: &str, description: &str) -> ChosenEvent {
        let status = self.data.statuses.iter().find(|s| s.default).or(self.data.statuses.first());
        ChosenEvent::to_make(EventToMake {
            title: title.to_owned(),
            description: description.to_owned(),
            status_id: status.map_or(0, |s| s.id),
            scope: Some(Scope::OutOfScope),
            ..EventToMake::default()
        })
    }

    fn existing(&self, number: &str) -> ChosenEvent {
        let event = self.procore.world(|w| {
            let project = w.project_by_number(emulator::seed::HARBOR_POINT).map_or(0, |p| p.id);
            w.event_by_number(project, number).map(|e| e.id)
        });
        ChosenEvent::existing(event.unwrap_or_default())
    }

    /// Goes through the wizard up to the plan; every line gets the budget code that begins with `code` and is of its
    /// section's kind, else of material, else the first.
    async fn planned(&self, cors: &[Cor], to: ChosenEvent, breakdown: Breakdown, code: &str) -> Result<DraftId, Error> {
        let ids: Vec<CorId> = cors.iter().map(|c| c.id).collect();
        let project: ProjectId = self.made.project;
        let drafts = push::begin(self.app, self.actor(), project, Side::Received, ids).await?;
        let draft = *drafts.first().ok_or_else(|| Error::internal("no draft"))?;
        push::choose_event(self.app, self.actor(), draft, to).await?;
        let of_kind = |kind: &str| self.data.budget_codes.iter().find(|c| c.code == format!("{code}.{kind}"));
        let mut codes = BTreeMap::new();
        for line in cors.iter().flat_map(|cor| &cor.price.lines) {
            let (kind, place) = (kind(line.section), LineKey::Section(line.section));
            let Some(found) = of_kind(kind).or_else(|| of_kind("M")) else { continue };
            let owner = cors.iter().find(|cor| cor.price.lines.contains(line)).map(|cor| cor.id);
            let keys = owner.into_iter().flat_map(|cor| [slot(cor, LineKey::Item(line.id)), slot(cor, place)]);
            codes.extend(keys.map(|key| (key, found.id.into())));
        }
        let first = self.data.budget_codes.iter().find(|c| c.code.starts_with(code)).map(|c| c.id.into());
        let prefix = |cor: &Cor| cor.contract.name.split(' ').next().unwrap_or_default().to_owned();
        let contract = |cor: &Cor| self.data.commitments.iter().find(|c| c.number == prefix(cor)).map(|c| c.id);
        let contracts = cors.iter().map(|c| (c.id, contract(c).into())).collect();
        let chosen = ChosenLines { contracts, budget_code_for_all: first, ..ChosenLines::in_detail(breakdown) };
        push::choose_lines(self.app, self.actor(), draft, chosen.clone()).await?;
        let by_kind = ChosenLines { budget_codes: codes, budget_code_for_all: None, ..chosen };
        push::choose_lines(self.app, self.actor(), draft, by_kind).await?;
        push::plan(self.app, self.actor(), draft).await?;
        Ok(draft)
    }

    async fn push(&self, cors: &[Cor], to: ChosenEvent, breakdown: Breakdown, code: &str) -> Result<(), Error> {
        let draft = self.planned(cors, to, breakdown, code).await?;
        self.carry_out(draft).await
    }

    /// Confirms a push and waits until it is at rest: on a busy machine it may have to wait for its turn.
    async fn carry_out(&self, draft: DraftId) -> Result<(), Error> {
        let push = push::confirm(self.app, self.actor(), draft, None).await?;
        let company = self.actor().company;
        for _ in 0..TURNS {
            Worker::new(self.app).run_until_idle().await?;
            let stored = self.app.store.read(move |tx| tx.of(company).push(push)).await?;
            if stored.is_none_or(|push| push.state.is_at_rest()) {
                break;
            }
            self.app.clock.pause(TURN).await;
        }
        Ok(())
    }

    /// The sender of a COR, who signs in for its company.
    fn sender(&self, cor: &Cor) -> Result<&Actor, Error> {
        self.made.subs.iter().find(|sub| sub.company == cor.sender.id).ok_or_else(|| Error::internal("a sub sent it"))
    }

    /// The sender prices more work into a COR that was pushed.
    async fn raise(&self, id: CorId, work: &str, amount: &str) -> Result<(), Error> {
        let before = crate::cor::read_cor::cor(self.app, self.actor(), id).await?.cor;
        let mut typed = CorInput { total: String::new(), ..CorInput::from(&before) };
        typed.lines.push(LineInput {
            section: Some(Section::Other),
            description: work.to_owned(),
            amount: amount.to_owned(),
            ..LineInput::default()
        });
        let edit = EditCor { cor: id, revision: before.revision, typed, without_price: false };
        write::edit(self.app, self.sender(&before)?, edit).await.map(|_| ())
    }

    async fn set(&self, actor: &Actor, cor: &Cor, status: Status, reason: &str) -> Result<(), Error> {
        let seen = crate::cor::read_cor::cor(self.app, actor, cor.id).await?.cor.revision;
        let input = SetStatus { reason: reason.to_owned(), ..SetStatus::plain(Some(seen), status) };
        set_status::set(self.app, actor, cor.id, input).await.map(|_| ())
    }

    /// Somebody edits the line in Procore between the plan and the push.
    async fn collide(&self, cor: &Cor) -> Result<(), Error> {
        // It was approved, so it is returned, priced anew, sent and approved again.
        let sender = self.sender(cor)?;
        let why = "Wall C gets lead-lined board too: price it here.";
        self.set(self.actor(), cor, Status::ReviseAndResubmit, why).await?;
        self.raise(cor.id, "Lead-lined board, wall C", "1236.00").await?;
        self.set(sender, cor, Status::InReview, "").await?;
        self.set(self.actor(), cor, Status::ApprovedToProceed, "").await?;
        let drafts = push::begin(self.app, self.actor(), self.made.project, Side::Received, vec![cor.id]).await?;
        let draft = *drafts.first().ok_or_else(|| Error::internal("no draft"))?;
        let event = push::open(self.app, self.actor(), draft).await?.body.tied.unwrap_or_default();
        push::choose_event(self.app, self.actor(), draft, ChosenEvent::existing(event)).await?;
        let shown = push::plan(self.app, self.actor(), draft).await?;
        let line = shown.order.plan.cors.first().and_then(|c| c.lines.first()).and_then(|l| l.line);
        let edited = self.procore.world(|w| {
            let revised = |item: &mut emulator::world::ChangeItem| {
                item.description = item.description.as_deref().map(|text| text.replacen("COR", "Revised COR", 1));
            };
            line.map_or(Ok(()), |line| w.edit_line(line, revised))
        });
        edited.map_err(Error::internal)?;
        self.carry_out(draft).await
    }

    /// The first line of an event becomes part of a change order of its commitment.
    fn tie(&self, title: &str) -> Result<(), Error> {
        let tied = self.procore.world(|w| {
            let event = w.change_events.values().find(|event| event.title.as_deref() == Some(title));
            let line_id = event.and_then(|event| event.items.first()).map(|line| line.id);
            line_id.map_or(Ok(()), |line_id| w.tie_line(line_id, TieTo::CommitmentChangeOrder))
        });
        tied.map_err(Error::internal)
    }

    async fn refused(&self, cors: &[Cor], code: &str) -> Result<(), Error> {
        let to = self.new_event("Lobby soffit, bulletin 5", "");
        let draft = self.planned(cors, to, Breakdown::LumpSum, code).await?;
        let gone = self.data.budget_codes.iter().find(|c| c.code.starts_with(code)).map(|c| c.id);
        self.procore.world(|w| gone.map(|id| w.wbs_codes.remove(&id)));
        self.carry_out(draft).await
    }
}
