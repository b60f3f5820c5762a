//! What happens to a process just before it takes a step.

use std::sync::atomic::Ordering;

use crate::{
    process::At,
    run::{Broken, Run},
    trouble::{Step, Trouble},
    wire::{LAG, SKEW},
};

impl Run {
    /// Something happens just before a process takes a step. True when it doesn't take it now.
    pub(crate) async fn happens(&mut self, i: usize, trouble: Trouble, step: Step) -> Result<bool, Broken> {
        let Some(push) = self.workers[i].push().cloned() else { return Ok(true) };
        let site = self.sites.iter().position(|s| s.project == push.project).unwrap_or(0);
        let name = self.workers[i].name.clone();
        let mut happened = true;
        let mut stops = false;
        match trouble {
            Trouble::Crash => {
                self.restart(i);
                stops = true;
            }
            Trouble::Sleep => {
                let seconds = self.dice.between(4, 260);
                self.workers[i].sleep(seconds);
                stops = true;
            }
            Trouble::ClockAhead | Trouble::ClockBack => {
                happened = self.clock_jumps(i, trouble == Trouble::ClockAhead);
            }
            Trouble::CorEdited => {
                let cor = self.dice.one_of(&push.order.plan.cors).map(|c| c.cor);
                self.edits(cor.map(|cor| (site, cor))).await?;
            }
            Trouble::CorVoided => {
                let cor = self.dice.one_of(&push.order.plan.cors).map(|c| c.cor);
                self.voids(cor.map(|cor| (site, cor))).await?;
            }
            Trouble::AppRemoved => self.connect_app(site, false),
            Trouble::PermissionLost => {
                let login = self.login_of(&push);
                self.lose_permission(site, &login);
            }
            Trouble::OfficeDisconnected => self.disconnects(site).await?,
            other => happened = self.edit_in_procore(site, self.event_of(&push), other)?,
        }
        if happened {
            self.net.note(trouble, step);
            self.net.say(format!("{name} was about to {}: {}", step.name(), trouble.name()));
        }
        Ok(stops)
    }

    /// A clock jumps: that of one process by a little, or that of all by much. False where it would break what was agreed.
    fn clock_jumps(&mut self, i: usize, ahead: bool) -> bool {
        let much = self.dice.between(60, 4_000) * if ahead { 1 } else { -1 };
        if self.outlive && self.dice.percent(50) {
            self.wrong_clocks = true;
            self.workers[i].clock.jump(much);
        } else if self.dice.percent(50) {
            let little = self.dice.between(1, SKEW) * if ahead { 1 } else { -1 };
            if (self.workers[i].clock.error() + little).abs() > SKEW / 2 {
                return false;
            }
            self.workers[i].clock.jump(little);
        } else {
            // A request that is under way could outlive a quarantine that is cut short, and a process that is about to
            // send could not tell that it had slept.
            let held = self.workers.iter().any(|w| matches!(w.at, At::Within(..)));
            let sending = self.workers.iter().any(|w| matches!(w.next(), Some(Step::Post | Step::Patch)));
            if held || sending || self.net.procore.late_waiting() > 0 {
                return false;
            }
            // What lists may lag behind is waited for by these clocks as well.
            let lag = self.web.procore.switches(|s| s.new_events_unlisted_seconds.max(s.new_events_unreadable_seconds));
            if self.common.all_wrong.load(Ordering::Relaxed) + much > LAG - lag {
                return false;
            }
            self.common.all_wrong.fetch_add(much, Ordering::Relaxed);
        }
        self.net.say(format!("{} shows {}", self.workers[i].name, self.workers[i].shows()));
        true
    }
}
