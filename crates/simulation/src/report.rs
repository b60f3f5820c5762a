//! What came of a run, and of many.

use std::collections::BTreeMap;

use crate::{run::Run, trouble::Coverage};

/// What came of one run.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// Its seed.
    pub seed: u64,
    /// What was broken, if anything.
    pub broken: Option<String>,
    /// Requests outlived the quarantine, or clocks were further apart than was agreed: counted apart.
    pub apart: bool,
    /// Copies that were found and removed.
    pub surplus: u64,
    /// Of its schedule and everything that was said on the wire.
    pub hash: String,
    /// Its schedule, line by line.
    pub trace: Vec<String>,
    /// Counts of what happened.
    pub tally: BTreeMap<&'static str, u64>,
    /// What went wrong where.
    pub coverage: Coverage,
}

/// What came of many runs.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// How many.
    pub runs: u64,
    /// How many of them are counted apart.
    pub apart: u64,
    /// How many of those had copies to remove.
    pub with_surplus: u64,
    /// Copies that were found and removed.
    pub surplus: u64,
    /// Counts of what happened.
    pub tally: BTreeMap<&'static str, u64>,
    /// What went wrong where.
    pub coverage: Coverage,
    /// The runs that were broken.
    pub broken: Vec<Verdict>,
}

impl Report {
    /// Counts one more.
    pub fn add(&mut self, verdict: Verdict) {
        self.runs += 1;
        self.apart += u64::from(verdict.apart);
        self.with_surplus += u64::from(verdict.surplus > 0);
        self.surplus += verdict.surplus;
        for (name, count) in &verdict.tally {
            *self.tally.entry(name).or_default() += count;
        }
        self.coverage.add(&verdict.coverage);
        if verdict.broken.is_some() {
            self.broken.push(verdict);
        }
    }

    /// In words.
    pub fn text(&self) -> String {
        let mut text = format!("{} runs, {} of them broken\n", self.runs, self.broken.len());
        text += &format!(
            "{} runs with requests that outlived the quarantine or clocks that were wrong; copies in {} of them, {} removed\n",
            self.apart, self.with_surplus, self.surplus
        );
        for (name, count) in &self.tally {
            text += &format!("{name:>28}: {count}\n");
        }
        text
    }
}

pub(crate) async fn tally_of(run: &Run) -> BTreeMap<&'static str, u64> {
    let mut tally: BTreeMap<&'static str, u64> = BTreeMap::new();
    let mut count = |name, by: usize| *tally.entry(name).or_default() += by as u64;
    for (site, id) in &run.pushes {
        let (company, id) = (run.sites[*site].people[0].actor.company, *id);
        let Ok(cors) = run.common.store.read(move |tx| tx.of(company).push_cors(id)).await else { continue };
        count("pushes", 1);
        for cor in cors {
            let name = match cor.outcome.code() {
                "written" => "CORs written",
                "refused" => "CORs refused",
                "changed" => "CORs asked about",
                "cancelled" => "CORs taken back",
                _ => "CORs pending",
            };
            count(name, 1);
        }
    }
    let (requests, executed) = run.web.procore.read_journal(|calls| {
        calls.fold((0, 0), |(requests, executed), call| {
            let executes = call.writes_change_event() && call.executed;
            (requests + usize::from(call.is_call()), executed + usize::from(executes))
        })
    });
    count("requests", requests);
    count("writes executed", executed);
    tally
}
