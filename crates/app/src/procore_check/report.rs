//! The findings, as text.

use std::fmt;

/// What an answer means for our assumptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// It matches our default assumption.
    AsExpected,
    /// It differs. The product copes; docs and emulator must follow.
    Otherwise,
    /// Worth knowing, but nothing depends on it.
    Noted,
    /// Not answered: this account lacks what the question is about, or Procore didn't answer.
    Open,
}

/// One answer to one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckFinding {
    /// The question, in words.
    pub question: &'static str,
    /// The answer, in words, counts and names of fields.
    pub answer: String,
    /// What it means.
    pub held: Held,
    /// The emulator's switch that stands for it, if there is one.
    pub switch: Option<&'static str>,
}

/// What was found.
#[derive(Debug, Default)]
pub struct CheckReport {
    /// In the order they were asked.
    pub findings: Vec<CheckFinding>,
    /// How many requests were sent, refused ones included.
    pub requests: u32,
    /// Events that the check created and could not remove.
    pub left: u32,
}

impl CheckReport {
    /// The answer to a question, by its switch.
    pub fn of(&self, switch: &str) -> Option<&CheckFinding> {
        self.findings.iter().find(|finding| finding.switch == Some(switch))
    }
}

impl fmt::Display for CheckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# How this Procore answers\n")?;
        let version = env!("CARGO_PKG_VERSION");
        writeln!(
            f,
            "ledgerboard {version}, {} requests. No names, amounts or ids are in this report.\n",
            self.requests
        )?;
        writeln!(f, "| Question | Answer | | Switch |\n| --- | --- | --- | --- |")?;
        for finding in &self.findings {
            let held = match finding.held {
                Held::AsExpected => "as expected",
                Held::Otherwise => "**otherwise**",
                Held::Noted => "noted",
                Held::Open => "open",
            };
            let switch = finding.switch.map(|name| format!("`{name}`")).unwrap_or_default();
            writeln!(f, "| {} | {} | {held} | {switch} |", finding.question, finding.answer.replace('|', "/"))?;
        }
        match self.left {
            0 => Ok(()),
            1 => writeln!(f, "\n1 change event called “Ledgerboard check” is left in the project: delete it there."),
            n => writeln!(
                f,
                "\n{n} change events called “Ledgerboard check” are left in the project: delete them there."
            ),
        }
    }
}
