//! `ledgerboard audit`: checks the audit record of pushes, or exports it.

use std::io::Write as _;

use clap::Subcommand;
use domain::audit::chain::Hash;
use store::Store;

use super::instance::{DatabaseArgs, open_migrated};
use crate::record::{self, ExportCursor, RecordFormat};

/// What to do with the record.
#[derive(Subcommand)]
pub enum AuditCommand {
    /// Checks each entry's hash and its link to the entry before. Names each that was changed.
    Verify {
        #[command(flatten)]
        database: DatabaseArgs,
        /// A head hash that you saved earlier; its entry must still be there. Without one, a record whose end was cut
        /// off or carefully rewritten passes.
        #[arg(long)]
        head: Vec<Hash>,
    },
    /// Writes to standard output what a company may export: its own record, and what other companies' records say
    /// about its CORs.
    Export {
        #[command(flatten)]
        database: DatabaseArgs,
        /// The company's name or id.
        #[arg(long)]
        company: String,
        /// One JSON object a line, or comma-separated values.
        #[arg(long, value_enum, default_value_t = RecordFormat::Jsonl)]
        format: RecordFormat,
    },
}

/// `ledgerboard audit …`
pub async fn run(command: AuditCommand) -> Result<(), String> {
    match command {
        AuditCommand::Verify { database, head } => verify(&open_migrated(&database).await?, &head).await,
        AuditCommand::Export { database, company, format } => {
            export(&open_migrated(&database).await?, &company, format).await
        }
    }
}

async fn verify(store: &Store, kept: &[Hash]) -> Result<(), String> {
    let mut wrong = 0;
    for record in record::verify(store).await.map_err(|e| e.to_string())? {
        let entries = record.entries;
        for flaw in &record.flaws {
            println!("{}: {flaw}", record.name);
        }
        if record.flaws.is_empty() {
            println!("{}: {entries} entries, none changed. Head {} {}", record.name, record.head.seq, record.head.hash);
        }
        wrong += record.flaws.len();
    }
    for head in kept {
        if let Some((_, seq)) = record::entry_with(store, *head).await.map_err(|e| e.to_string())? {
            println!("{head} is entry {seq}.");
        } else {
            println!("No entry has the hash {head}: the record was cut off or rewritten.");
            wrong += 1;
        }
    }
    match wrong {
        0 => Ok(()),
        1 => Err("the record was tampered with: 1 finding".to_owned()),
        n => Err(format!("the record was tampered with: {n} findings")),
    }
}

async fn export(store: &Store, company: &str, format: RecordFormat) -> Result<(), String> {
    let company = company.trim().to_owned();
    let known = store.read(store::Tx::companies).await.map_err(|e: store::StoreError| e.to_string())?;
    let meant: Vec<_> = known.iter().filter(|(id, name)| *name == company || id.to_string() == company).collect();
    let id = match meant.as_slice() {
        [] => return Err(format!("there is no company {company}")),
        [(id, _)] => *id,
        several => {
            let ids: Vec<String> = several.iter().map(|(id, _)| id.to_string()).collect();
            return Err(format!("{} companies have this name. Give an id instead: {}", ids.len(), ids.join(", ")));
        }
    };
    let mut out = std::io::stdout().lock();
    let failed = |error: std::io::Error| format!("the record could not be written: {error}");
    let (mut from, mut first) = (ExportCursor::start(), true);
    loop {
        let (page, next) = record::export(store, id, from).await.map_err(|e| e.to_string())?;
        let text = format.text(&page, first).map_err(|e| e.to_string())?;
        out.write_all(text.as_bytes()).map_err(failed)?;
        if page.is_empty() {
            return out.flush().map_err(failed);
        }
        (from, first) = (next, false);
    }
}
