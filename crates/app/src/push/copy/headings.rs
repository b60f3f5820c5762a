//! The heading of a confirmed push: what happens to how much, or what happened.

use domain::{
    procore::{
        push_plan::{PlanCor, Work},
        push_state::{CorOutcome, PushState},
    },
    text::counted,
};

use crate::push::{standing::PushStanding, taken_out};

impl PushStanding {
    /// What happens or happened: "3 CORs are in Procore".
    pub(crate) fn heading(&self) -> String {
        let (plan, to) = (&self.push.order.plan, self.push.order.target.name());
        let running = !self.push.state.is_at_rest();
        if self.removes() {
            return self.heading_of_removal(running);
        }
        let all = self.cors.len();
        let cors = |n: usize| counted(n, "COR", "CORs");
        let takes_out = plan.work() == Work::TakesOut;
        match (&self.push.state, running) {
            (PushState::Cancelled, _) if takes_out => "The push was cancelled; nothing was removed from Procore".into(),
            (PushState::Cancelled, _) => "The push was cancelled; nothing was written to Procore".into(),
            (_, true) if takes_out => {
                format!("Removing {} from {to}", taken_out::lines(&plan.cors.iter().collect::<Vec<_>>()))
            }
            (_, true) => format!("Pushing {} to {to}", cors(all)),
            (_, false) => {
                let written = || self.cors.values().filter(|cor| cor.outcome == CorOutcome::Written);
                let out: Vec<&PlanCor> =
                    written().filter_map(|cor| plan.cor(cor.cor)).filter(|cor| cor.taken_out).collect();
                let put = written().count() - out.len();
                let asked = all - plan.cors.iter().filter(|cor| cor.taken_out).count();
                let put_there = match put {
                    0 => None,
                    1 if asked == 1 => Some("1 COR is in Procore".to_owned()),
                    n if n == asked => Some(format!("{} are in Procore", cors(n))),
                    n => Some(format!("{n} of {} are in Procore", cors(asked))),
                };
                let taken = (!out.is_empty()).then(|| taken_out::heading(&out));
                let parts: Vec<String> = put_there.into_iter().chain(taken).collect();
                match parts.as_slice() {
                    [] if plan.cors.iter().all(|cor| cor.taken_out) => "Nothing was removed from Procore".into(),
                    [] => "Nothing was written to Procore".into(),
                    parts => parts.join("; "),
                }
            }
        }
    }

    fn heading_of_removal(&self, running: bool) -> String {
        let order = &self.push.order;
        let lines = order.plan.cors.iter().map(|cor| cor.lines.len()).sum::<usize>();
        let (count, event) = (counted(lines, "line", "lines"), order.target.name());
        if self.push.state == PushState::Cancelled {
            return "The removal was cancelled".into();
        }
        if running {
            return format!("Removing {count} from {event}");
        }
        let done = self.cors.values().all(|cor| cor.outcome == CorOutcome::Written);
        match (done, lines) {
            (false, _) => format!("Nothing was removed from {event}"),
            (true, 1) => format!("{count} was removed from {event}"),
            (true, _) => format!("{count} were removed from {event}"),
        }
    }
}
