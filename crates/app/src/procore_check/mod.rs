//! The sandbox protocol of `docs/procore.md`: some twenty requests that tell how a real Procore behaves where no source
//! says it, and a report to be sent to us. The report counts and names fields; it holds no names of people, projects or
//! companies, no amounts, no ids and no texts that somebody typed.

mod ask;
mod reads;
mod report;
mod writes;

use std::time::Duration;

use procore::{
    Error, Session,
    model::{CompanyId, ProjectId},
};

use ask::Desk;
pub use report::{Finding, Held, Report};

/// What is looked at, and as whom.
pub struct Check {
    /// Signed in, acting in `company`.
    pub session: Session,
    /// The company's account at Procore.
    pub company: CompanyId,
    /// The project that is read, and written to where that is allowed.
    pub project: ProjectId,
    /// How long a request waits after Procore said "too many". Procore's limits last a minute.
    pub patience: Duration,
}

/// Why nothing could be looked at.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// The very first request got no answer.
    #[error("Procore can't be reached or does not accept the sign-in: {0}")]
    Unreachable(#[from] Error),
    /// The project is not in the list.
    #[error("The account shows no project {0}. Give the number from the project's address in Procore.")]
    NoSuchProject(ProjectId),
    /// The project that may be written to is called otherwise.
    #[error("Nothing was written: project {project} is not called “{given}”. Give its name to the letter.")]
    AnotherProject {
        /// The one that was given by number.
        project: ProjectId,
        /// The name that was given.
        given: String,
    },
}

/// Reads, and writes where `write_into` is the project's name to the letter.
///
/// # Errors
/// Where nothing could be looked at. A question that got no answer is a finding and stops no other.
pub async fn run(check: Check, write_into: Option<&str>) -> Result<Report, Stopped> {
    let mut desk = Desk::new(check);
    let name = reads::projects(&mut desk).await?;
    if let Some(given) = write_into
        && name != given
    {
        return Err(Stopped::AnotherProject { project: desk.check.project, given: given.to_owned() });
    }
    reads::all(&mut desk).await;
    if write_into.is_some() {
        writes::all(&mut desk).await;
    }
    Ok(desk.report)
}
