//! The sandbox protocol of `docs/procore.md`: about twenty requests that show how Procore behaves where no document says
//! it, and a report to send us. The report holds counts and field names; no names of people, projects or companies, no
//! amounts, no ids and no text that somebody typed.

mod ask;
mod reads;
mod report;
mod writes;

use std::time::Duration;

use procore::{
    Error, Session,
    model::{CompanyId, ProjectId},
};

use ask::Protocol;
pub use report::{CheckFinding, CheckReport, Held};

/// The project that is tested, and the session to use.
pub struct CheckSubject {
    /// Signed in, acting in `company`.
    pub session: Session,
    /// The company's account at Procore.
    pub company: CompanyId,
    /// The project to read, and to write to if allowed.
    pub project: ProjectId,
    /// How long to wait after Procore answered "too many requests". Its limits last a minute.
    pub patience: Duration,
}

/// Why the check could not run.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// The first request got no answer.
    #[error("Procore can't be reached or refuses the sign-in: {0}")]
    Unreachable(#[from] Error),
    /// The project is not in the list.
    #[error("The account has no project {0}. Give the number from the project's address in Procore.")]
    NoSuchProject(ProjectId),
    /// The project has another name than the one given.
    #[error("Nothing was written: project {project} is not called “{given}”. Give its exact name.")]
    AnotherProject {
        /// The project's number.
        project: ProjectId,
        /// The name that was given.
        given: String,
    },
}

/// Reads, and also writes if `write_into` is the project's exact name.
///
/// # Errors
/// If the check could not start. A question without an answer is a finding; the next one is asked anyway.
pub async fn run(check: CheckSubject, write_into: Option<&str>) -> Result<CheckReport, Stopped> {
    let mut protocol = Protocol::new(check);
    let name = reads::projects(&mut protocol).await?;
    if let Some(given) = write_into
        && name != given
    {
        return Err(Stopped::AnotherProject { project: protocol.check.project, given: given.to_owned() });
    }
    reads::all(&mut protocol).await;
    if write_into.is_some() {
        writes::all(&mut protocol).await;
    }
    Ok(protocol.report)
}
