//! What people do in Procore's own pages in the meantime.

use domain::procore::reference::Mark;
use emulator::{
    WorldAction,
    world::{Estimate, Level, TieTo},
};
use rust_decimal::Decimal;
use store::repo::push::Push;

use crate::{
    run::{Broken, Run},
    trouble::Trouble,
};

impl Run {
    /// Somebody in Procore does something to some event of some site.
    pub(crate) fn edits_in_procore(&mut self) -> Result<(), Broken> {
        let site = self.dice.index(self.sites.len());
        let events: Vec<i64> =
            self.web.procore.world(|w| w.events_of(self.sites[site].procore_project).map(|e| e.id).collect());
        let event = self.dice.one_of(&events).copied();
        let what = self.dice.weighted(&[
            (6, Trouble::LineEdited),
            (4, Trouble::LineRemoved),
            (3, Trouble::LineLocked),
            (5, Trouble::ForeignLine),
            (2, Trouble::EventClosed),
            (1, Trouble::EventVoided),
            (1, Trouble::EventDeleted),
            (2, Trouble::EventOdd),
            (1, Trouble::AppRemoved),
            (1, Trouble::PermissionLost),
        ]);
        match what {
            Trouble::AppRemoved => self.connect_app(site, false),
            Trouble::PermissionLost => {
                let login = self.somebody(site).login;
                self.lose_permission(site, &login);
            }
            other => {
                self.edit_in_procore(site, event, other)?;
            }
        }
        Ok(())
    }

    /// Somebody in Procore does `what` to an event or a line of ours in it. False when there is nothing to do it to.
    pub(crate) fn edit_in_procore(&mut self, site: usize, event: Option<i64>, what: Trouble) -> Result<bool, Broken> {
        let Some(event_id) = event else { return Ok(false) };
        self.foreign_untouched()?;
        let (line, marked) = self.our_lines(event_id);
        let line = self.dice.one_of(&line).copied();
        let cents = self.dice.between(-50_000, 150_000);
        let action = match what {
            Trouble::LineEdited => {
                let Some(line_id) = line else { return Ok(false) };
                self.edited_in_procore.insert(line_id);
                if self.dice.percent(33) {
                    WorldAction::EditLineDescription { line_id, description: self.reworded(line_id) }
                } else {
                    let amount = Decimal::new(cents, 2);
                    self.net.say(format!("in Procore, line {line_id} now says {amount}"));
                    let edited = self.web.procore.world(|w| {
                        w.edit_line(line_id, |line| {
                            // On the side that pays for it.
                            let paid = if line.revenue.amount.is_zero() { &mut line.cost } else { &mut line.revenue };
                            *paid = Estimate::manual(amount);
                        })
                    });
                    return edited.map(|()| true);
                }
            }
            Trouble::LineRemoved => {
                let Some(line_id) = line else { return Ok(false) };
                self.edited_in_procore.insert(line_id);
                WorldAction::DeleteLine { line_id }
            }
            Trouble::LineLocked => {
                let Some(line_id) = line else { return Ok(false) };
                // Sent out for pricing, or made part of another document as most lines are sooner or later.
                let ties = [TieTo::CommitmentChangeOrder, TieTo::PrimeChangeOrder, TieTo::BudgetChange];
                match self.dice.percent(50).then(|| self.dice.one_of(&ties).copied()).flatten() {
                    Some(to) => WorldAction::TieLine { line_id, to },
                    None => WorldAction::LockLine { line_id },
                }
            }
            Trouble::ForeignLine => {
                let amount = Decimal::new(cents, 2);
                self.net.say(format!("in Procore, somebody adds {amount} to event {event_id}"));
                let added = self.web.procore.world(|w| {
                    let id = w.add_foreign_line(event_id, "Somebody's own work", amount)?;
                    let item = w.change_events[&event_id].item(id).map(|item| format!("{item:?}"));
                    Ok::<_, String>((id, item.unwrap_or_default()))
                })?;
                self.foreign.insert(added.0, added.1);
                return Ok(true);
            }
            Trouble::EventClosed => WorldAction::CloseEvent { event_id },
            Trouble::EventVoided => WorldAction::SetEventStatus { event_id, mapped_to: "void".into() },
            Trouble::EventDeleted => {
                self.deleted.insert(event_id);
                self.edited_in_procore.extend(marked);
                WorldAction::DeleteEvent { event_id }
            }
            Trouble::EventOdd => self.oddly(event_id, line),
            _ => return Ok(false),
        };
        self.net.say(format!("in Procore ({}): {action:?}", self.sites[site].name));
        self.web.procore.world(|w| w.act(action))?;
        // A push may be looking for just that one.
        self.wrong_lists |= !self.hidden().is_empty();
        Ok(true)
    }

    /// Lines of ours in an event that are not deleted, and all that ever carried a mark.
    fn our_lines(&self, event: i64) -> (Vec<i64>, Vec<i64>) {
        let foreign = &self.foreign;
        self.web.procore.world(|w| {
            let items = w.change_events.get(&event).into_iter().flat_map(|e| &e.items);
            let ours: Vec<_> = items.filter(|item| !foreign.contains_key(&item.id)).collect();
            let live = ours.iter().filter(|item| item.deleted_at.is_none()).map(|item| item.id).collect();
            (live, ours.iter().map(|item| item.id).collect())
        })
    }

    /// Other words before the mark.
    fn reworded(&mut self, line: i64) -> String {
        let words = ["Revised", "See RFI 12", "Checked"];
        let word = self.dice.one_of(&words).copied().unwrap_or_default();
        let before = self.web.procore.world(|w| {
            let item = w.change_events.values().find_map(|e| e.item(line));
            item.and_then(|item| item.description.clone()).unwrap_or_default()
        });
        match Mark::find(&before) {
            Some(mark) => format!("{word} {mark}"),
            None => word.to_owned(),
        }
    }

    /// The event of a push: known, or found by the reference it was made with.
    pub(crate) fn event_of(&self, push: &Push) -> Option<i64> {
        let origin = push.id.to_string();
        let found = self.web.procore.world(|w| {
            let named = |e: &&emulator::world::ChangeEvent| {
                e.external_data.as_ref().is_some_and(|data| data.origin_id.as_deref() == Some(&origin))
            };
            w.events_of(push.procore_project).find(named).map(|e| e.id)
        });
        push.event.or(found)
    }

    pub(crate) fn connect_app(&self, site: usize, connected: bool) {
        let company_id = self.sites[site].account;
        let _ = self.web.procore.world(|w| w.act(WorldAction::ConnectApp { company_id, connected }));
    }

    pub(crate) fn lose_permission(&mut self, site: usize, login: &str) {
        let level = if self.dice.percent(50) { Level::ReadOnly } else { Level::None };
        self.set_level(site, login, level);
    }

    pub(crate) fn set_level(&self, site: usize, login: &str, level: Level) {
        let (project_id, login) = (self.sites[site].procore_project, login.to_owned());
        let _ = self.web.procore.world(|w| w.act(WorldAction::SetLevel { project_id, login, level }));
    }

    /// Somebody puts one thing right that was broken.
    pub(crate) async fn puts_right(&mut self) -> Result<(), Broken> {
        let site = self.dice.index(self.sites.len());
        match self.dice.roll(5) {
            2 => self.straighten(site),
            0 => self.connect_app(site, true),
            1 => {
                for person in self.sites[site].people.clone() {
                    self.set_level(site, &person.login, Level::Admin);
                }
            }
            _ => {
                self.connects(site, false).await?;
            }
        }
        Ok(())
    }

    /// Nobody touched what is not ours.
    pub(crate) fn foreign_untouched(&self) -> Result<(), Broken> {
        if self.dropping {
            return Ok(());
        }
        let foreign = &self.foreign;
        self.web.procore.world(|w| {
            let items = || w.change_events.values().flat_map(|e| &e.items);
            let found = items().filter(|item| foreign.contains_key(&item.id)).count();
            if found != foreign.len() {
                return Err(format!("{} lines of others were there, {found} are left", foreign.len()));
            }
            for item in items() {
                if let Some(before) = foreign.get(&item.id)
                    && *before != format!("{item:?}")
                {
                    return Err(format!("a line of others was changed:\n  {before}\n  {item:?}"));
                }
            }
            Ok(())
        })
    }
}
