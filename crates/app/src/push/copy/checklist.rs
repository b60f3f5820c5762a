//! What pre-flight's checklist says in a line.

use domain::{
    procore::preflight::{Level, PreflightFinding},
    text::counted,
};
use jiff::Timestamp;

use crate::words::Text;

/// The worst that was found.
pub fn worst(findings: &[PreflightFinding]) -> Level {
    findings.iter().map(|finding| finding.level).max().unwrap_or(Level::Ok)
}

/// How the checklist looks closed: a plan that waits for a decision is not ready.
pub fn sign(findings: &[PreflightFinding], undecided: usize) -> Level {
    let worst = worst(findings);
    if undecided > 0 { worst.max(Level::Warn) } else { worst }
}

/// All findings in a sentence; `undecided` lines of the plan wait for a person's answer.
pub fn summary(findings: &[PreflightFinding], undecided: usize) -> String {
    let worst = worst(findings);
    let n = findings.iter().filter(|finding| finding.level == worst).count();
    let decisions = || counted(undecided, "decision is missing", "decisions are missing");
    match (worst, undecided) {
        (Level::Stop, _) => stopped_by(n),
        (Level::Warn, undecided) => {
            let know = counted(n, "thing to know before you push", "things to know before you push");
            if undecided > 0 { format!("{}, {know}", decisions()) } else { know }
        }
        (_, 1..) => decisions(),
        (Level::Unknown, _) => format!("Ready to push; {} could not be made", counted(n, "check", "checks")),
        (Level::Ok, _) => "Ready to push".to_owned(),
    }
}

/// How many findings stop the push.
pub fn stopped_by(findings: usize) -> String {
    counted(findings, "thing stops this push", "things stop this push")
}

/// How a check came out.
pub const fn outcome(level: Level) -> &'static str {
    match level {
        Level::Ok => "in order",
        Level::Unknown => "not known",
        Level::Warn => "take note",
        Level::Stop => "stops the push",
    }
}

/// When that was read.
pub fn as_of(at: Timestamp, now: Timestamp) -> Text {
    Text::from("As of ").clock(at, now).and(".")
}

#[cfg(test)]
mod tests {
    use domain::procore::preflight::PreflightCheck;

    use super::*;

    #[test]
    fn a_plan_that_waits_for_a_decision_is_not_ready() {
        let found = |level| PreflightFinding {
            check: PreflightCheck::Event,
            level,
            says: String::new(),
            correction: None,
            as_of: None,
        };
        let said = |level, undecided| {
            let findings = [found(level)];
            (summary(&findings, undecided), sign(&findings, undecided).code())
        };
        assert_eq!(said(Level::Ok, 0), ("Ready to push".to_owned(), "ok"));
        assert_eq!(said(Level::Ok, 1), ("1 decision is missing".to_owned(), "warn"));
        let both = "2 decisions are missing, 1 thing to know before you push";
        assert_eq!(said(Level::Warn, 2), (both.to_owned(), "warn"));
        assert_eq!(said(Level::Stop, 1), (stopped_by(1), "stop"));
    }
}
