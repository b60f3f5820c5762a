//! After the troubles: everything works again, pushes come to rest, and people decide what is left.

use std::collections::BTreeSet;

use domain::{
    CorId, DraftId,
    procore::{
        Side,
        push::Purpose,
        push_state::{ProcoreState, PushState},
    },
};
use emulator::world::Level;
use jiff::SignedDuration;
use ledgerboard::{Error, comparison, integration::change_events, push};
use sync::reconcile;

use crate::{
    people::Mood,
    process::At,
    run::{Broken, Run},
    wire::Doing,
    world::Person,
};

/// How often people look at what is left before it counts as stuck.
const ROUNDS: usize = 6;
/// How many minutes somebody tries to connect an office again, or to plan what is left.
const PATIENCE: usize = 180;
/// How often the clock may jump to the next thing to do.
const NAPS: usize = 600;

impl Run {
    /// No more trouble: sleepers wake up, the app is installed, everybody may and is signed in.
    pub(crate) async fn heal(&mut self) -> Result<(), Broken> {
        self.net.be(0, false);
        self.web.procore.clear_faults();
        self.web.procore.set_limits(emulator::RateLimits::default());
        for site in 0..self.sites.len() {
            self.connect_app(site, true);
            for person in self.sites[site].people.clone() {
                self.set_level(site, &person.login, Level::Admin);
            }
        }
        for i in 0..self.workers.len() {
            self.workers[i].clock.set_right();
            self.workers[i].asleep_until = None;
            while !matches!(self.workers[i].at, At::Idle) {
                self.advance(i).await?;
            }
        }
        // A refresh that was cut off counts as such once its time is over.
        self.net.pass(SignedDuration::from_secs(61));
        for site in 0..self.sites.len() {
            // Where all clocks went back, what Procore said of its limit lies as far ahead.
            for _ in 0..PATIENCE {
                if self.connects(site, true).await? {
                    break;
                }
                self.net.pass(SignedDuration::from_mins(1));
            }
            for person in self.sites[site].people.clone() {
                self.signs_in(site, &person, true).await?;
            }
        }
        Ok(())
    }

    /// Works until nothing is left. A sign-in that Procore had revoked is noticed only when it is used, so that people have
    /// to sign in again in between.
    pub(crate) async fn come_to_rest(&mut self) -> Result<(), Broken> {
        for _ in 0..3 {
            self.work_through().await?;
            for site in 0..self.sites.len() {
                for person in self.sites[site].people.clone() {
                    self.signs_in(site, &person, true).await?;
                }
            }
        }
        self.work_through().await
    }

    /// Works, and lets time pass as far as the next thing to do, until nothing is left.
    pub(crate) async fn work_through(&mut self) -> Result<(), Broken> {
        for nap in 0..NAPS {
            for i in 0..self.workers.len() {
                while self.workers[i].claim().await.map_err(|error| format!("a claim failed: {error}"))? {
                    while !matches!(self.workers[i].at, At::Idle) {
                        self.advance(i).await?;
                    }
                }
            }
            let due = self.common.store.read(store::Tx::next_due).await.expect("the store");
            let Some(due) = due else {
                if self.has_stopped_tried_again().await? {
                    // Nobody does so twice a second: what lists don't show yet they show later.
                    self.net.pass(SignedDuration::from_mins(1));
                    continue;
                }
                return Ok(());
            };
            let wait = due.duration_since(self.web.app.now());
            // A dead process still holds the lease of what is due.
            let wait = if wait.is_positive() { wait } else { SignedDuration::from_secs(30) };
            // Where nothing tells of limits, a push asks twice a second for up to an hour whether the answer before it came.
            let least = if nap < NAPS / 4 { SignedDuration::ZERO } else { SignedDuration::from_secs(15) };
            self.net.pass(wait.max(least));
        }
        Err("the outbox does not come to rest".into())
    }

    /// A push that was tried often enough, or paused, waits for somebody who has it go on. True when there was one.
    async fn has_stopped_tried_again(&self) -> Result<bool, Broken> {
        let mut tried = false;
        for (site, id) in self.pushes.iter().chain(&self.removals).copied().collect::<Vec<_>>() {
            let actor = &self.sites[site].people[0].actor;
            let company = actor.company;
            let found = self.common.store.read(move |tx| tx.of(company).push(id)).await.expect("the store");
            // Tried again it stops again, for as long as the record is odd.
            let found = found.filter(|push| !self.asks_about_an_odd_one(push));
            let again = match found.as_ref().map(|found| &found.state) {
                Some(PushState::Stopped { why, .. }) => {
                    if why.contains("no list of Procore shows it") {
                        self.have_listed(found.as_ref().and_then(|push| self.event_of(push)));
                    }
                    push::try_again(&self.web.app, actor, id).await
                }
                Some(PushState::Paused { .. }) => push::resume(&self.web.app, actor, id).await,
                _ => continue,
            };
            again.map_err(|error| format!("push {id} can't go on: {error}"))?;
            tried = true;
        }
        Ok(tried)
    }

    /// Somebody does as a push asks whose event no list shows: takes its lines out of what they went into, so that it is listed.
    fn have_listed(&self, event: Option<i64>) {
        let Some(event) = event.filter(|event| self.hidden().contains(event)) else { return };
        self.net.say(format!("in Procore, event {event} is listed again"));
        self.web.procore.world(|w| {
            let lines: Vec<i64> = w.change_events[&event].items.iter().map(|item| item.id).collect();
            for line in lines {
                let _ = w.edit_line(line, |line| line.lock = None);
            }
        });
    }

    /// Requests still on their way arrive in Procore. They must do no more harm.
    pub(crate) fn arrive(&self) {
        self.net.pass(SignedDuration::from_mins(10));
        self.web.procore.run_late();
    }

    /// A day later everything is read again.
    pub(crate) async fn a_day_later(&mut self) -> Result<(), Broken> {
        for hours in [0, 25] {
            self.net.pass(SignedDuration::from_hours(hours));
            // Read as anybody in the office who may.
            self.web_wire.does(Doing::default());
            for _ in 0..NAPS {
                let more = reconcile::step(&self.web.app).await.map_err(|error| format!("not read again: {error}"))?;
                if !more {
                    break;
                }
            }
        }
        Ok(())
    }

    /// People push again whatever Procore does not have as it should, until it has.
    pub(crate) async fn settle_the_rest(&mut self) -> Result<(), Broken> {
        self.unlock();
        // What came late into a void event counts from now on, and must be found as soon as it does.
        self.a_day_later().await?;
        self.remove_surplus().await?;
        for _ in 0..ROUNDS {
            let mut left = false;
            for site in 0..self.sites.len() {
                let person = self.sites[site].people[0].clone();
                self.on_the_pages(site, &person);
                let refreshed = change_events::refresh(&self.web.app, &person.actor, self.sites[site].project).await;
                refreshed.map_err(|error| format!("the list of events can't be read: {error}"))?;
                for side in [Side::Received, Side::Sent] {
                    left |= self.settle_side(site, side).await?;
                }
            }
            self.work_through().await?;
            if !left {
                return Ok(());
            }
        }
        Ok(())
    }

    /// What the log shows as a surplus is removed, with one click for each event that copies lie in.
    async fn remove_surplus(&mut self) -> Result<(), Broken> {
        let before = self.copies();
        if before > 0 && !self.is_apart() {
            return Err(format!("{before} copies are there, though no request outlived the quarantine"));
        }
        for site in 0..self.sites.len() {
            for cor in self.cors_of(site) {
                for _ in 0..ROUNDS {
                    if self.link(site, cor).await.map(|link| link.state) != Some(ProcoreState::Surplus) {
                        break;
                    }
                    self.remove_surplus_of(site, cor).await?;
                }
            }
        }
        match self.copies() {
            0 => self.surplus += before,
            left => return Err(format!("{left} of {before} copies are still there after they were removed")),
        }
        Ok(())
    }

    async fn remove_surplus_of(&mut self, site: usize, cor: CorId) -> Result<(), Broken> {
        let person = self.sites[site].people[0].clone();
        self.on_the_pages(site, &person);
        let shown = comparison::plan(&self.web.app, &person.actor, cor, Purpose::RemoveSurplus).await;
        let shown = shown.map_err(|error| format!("a surplus can't be looked at: {error}"))?;
        let digest = shown.digest();
        let push = comparison::remove(&self.web.app, &person.actor, cor, Purpose::RemoveSurplus, &digest).await;
        let push = push.map_err(|error| format!("a surplus can't be removed: {error}"))?;
        self.net.say(format!("{} removes the surplus of {cor} → {push}", person.actor.name));
        self.work_through().await
    }

    /// True when something had to be pushed.
    async fn settle_side(&mut self, site: usize, side: Side) -> Result<bool, Broken> {
        let all = match side {
            Side::Received => self.sites[site].received.clone(),
            Side::Sent => self.sites[site].sent.clone(),
        };
        let mut wrong: BTreeSet<CorId> = BTreeSet::new();
        for cor in all {
            if self.link(site, cor).await.is_some()
                && let Err(why) = self.cor_is_exact(site, cor).await
            {
                self.net.say(format!("to be pushed again: {why}"));
                wrong.insert(cor);
            }
        }
        if wrong.is_empty() {
            return Ok(false);
        }
        let person = self.sites[site].people[0].clone();
        self.on_the_pages(site, &person);
        let drafts = self.planned_in_time(site, &person, side, wrong.into_iter().collect()).await?;
        for draft in drafts {
            let push = push::confirm(&self.web.app, &person.actor, draft, None).await;
            let push = push.map_err(|error| format!("what is left can't be confirmed: {error}"))?;
            self.net.say(format!("{} confirms {draft} → {push}", person.actor.name));
            self.pushes.push((site, push));
        }
        Ok(true)
    }

    /// Where the account's limit is used up, people come back.
    async fn planned_in_time(
        &mut self,
        site: usize,
        person: &Person,
        side: Side,
        cors: Vec<CorId>,
    ) -> Result<Vec<DraftId>, Broken> {
        for _ in 0..PATIENCE {
            match self.planned(site, person, side, cors.clone(), Mood::Thorough).await {
                Err(Error::ProcoreUnavailable(_)) => self.net.pass(SignedDuration::from_mins(1)),
                drafts => return drafts.map_err(|error| format!("what is left can't be planned: {error}")),
            }
        }
        Err("what is left can't be planned for hours".to_owned())
    }

    /// In Procore, locks are released and events opened again.
    fn unlock(&self) {
        self.web.procore.world(|w| {
            let locked: Vec<i64> = w
                .change_events
                .values()
                .flat_map(|e| &e.items)
                .filter(|item| item.lock.is_some())
                .map(|item| item.id)
                .collect();
            for line in locked {
                let _ = w.edit_line(line, |line| line.lock = None);
            }
            let events: Vec<i64> = w.change_events.keys().copied().collect();
            for event in events {
                let _ = w.set_event_status(event, "open");
            }
        });
    }
}
