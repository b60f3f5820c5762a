//! What was found, as text.

use std::fmt;

/// What an answer means for what we rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// It is as we rely on it by default.
    AsExpected,
    /// It is the other way. The product copes, and docs and emulator have to follow.
    Otherwise,
    /// It is worth knowing, and nothing rests on it.
    Noted,
    /// Nothing could be told from this account: what the question is about isn't there, or got no answer.
    Open,
}

/// One answer to one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
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
pub struct Report {
    /// In the order they were asked.
    pub findings: Vec<Finding>,
    /// How many requests were sent, refused ones too.
    pub requests: u32,
    /// Events that were made and could not be removed again.
    pub left: u32,
}

impl Report {
    /// The answer to a question, by its switch.
    pub fn of(&self, switch: &str) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.switch == Some(switch))
    }
}

impl fmt::Display for Report {
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
