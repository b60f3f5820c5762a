//! The record of what was pushed: complete, with Procore's names for each exchange, and given to both companies.

use domain::{
    CompanyId, CorId,
    audit::{AuditEvent, ProcoreResponse, SharedEntry, Step, chain::Hash},
};
use emulator::{FaultKind, Silence};
use ledgerboard::record::{self, ExportCursor, RecordEntry};

use crate::fixture::{Fixture, MANAGER};

/// The record about a COR, the oldest first.
async fn record(fixture: &Fixture, cor: CorId) -> Vec<RecordEntry> {
    let record = record::of_cor(&fixture.app, fixture.actor(), cor).await.unwrap();
    record.entries.into_iter().filter(|said| !said.is_theirs()).map(|said| said.entry).collect()
}

fn kinds(record: &[RecordEntry]) -> Vec<&str> {
    record.iter().map(|entry| entry.kind.as_str()).collect()
}

fn steps(record: &[RecordEntry]) -> Vec<Step> {
    let events = record.iter().map(|entry| entry.event().unwrap());
    events.filter_map(|event| if let AuditEvent::Push(step) = event { Some(step) } else { None }).collect()
}

async fn assert_untouched(fixture: &Fixture) {
    for record in record::verify(&fixture.app.store).await.unwrap() {
        assert_eq!(record.flaws, [], "{}", record.name);
    }
}

fn response(step: &Step) -> ProcoreResponse {
    step.response().cloned().unwrap()
}

store::both_databases! {
    async fn a_push_is_kept_from_the_click_to_the_lines(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9, 10]);
        let push = fixture.push(&cors).sections().into_new_event().finished().await;
        let kept = record(&fixture, cors[0]).await;
        assert_eq!(kinds(&kept), ["confirmed", "cor_asked", "sending", "answered", "cor_written"]);
        assert!(kept.iter().all(|entry| entry.push_id == Some(push)));

        let [confirmed, sending, answered]: [Step; 3] = steps(&kept).try_into().unwrap();
        let Step::Confirmed { by, login, cors: 2, .. } = confirmed else { panic!("{confirmed:?}") };
        let Step::Sending { attempt: 1, login: as_whom, .. } = sending else { panic!("{sending:?}") };
        assert_eq!((by.as_str(), login.as_deref(), as_whom.as_deref()), ("Daniel Whitfield", Some(MANAGER), Some(MANAGER)));
        let id = response(&answered).request_id.expect("Procore names each exchange");

        let AuditEvent::Cor { told: SharedEntry::CorWritten { amount, request_id, .. }, kept: own, .. } = kept[4].event().unwrap()
        else {
            panic!("{kept:#?}")
        };
        assert_eq!((request_id, amount), (Some(id), fixture.cor(cors[0]).await.total().into()));
        let lines = fixture.link_lines(cors[0]).await;
        assert_eq!(own.lines.len(), lines.len());
        for line in lines {
            let kept = own.lines.iter().find(|l| Some(l.id) == line.line).expect("each line by Procore's id");
            assert_eq!((kept.amount, kept.budget_code), (Some(line.values.amount), line.values.budget_code));
        }
        assert_untouched(&fixture).await;
    }

    async fn a_refusal_is_kept_with_procores_words_and_number(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        fixture.push(&cors).into_new_event().confirmed().await.unwrap();
        fixture.fault("POST", FaultKind::Status { status: 403, retry_after: None, executed: false });
        fixture.work().await;
        let kept = record(&fixture, cors[0]).await;
        assert_eq!(kinds(&kept), ["confirmed", "cor_asked", "sending", "refused", "cor_refused"]);
        let Some(refused @ Step::Refused { attempt: 1, settled: 1, .. }) = steps(&kept).pop() else { panic!("{kept:#?}") };
        let response = response(&refused);
        assert_eq!(response.status, Some(403));
        assert!(response.request_id.is_some(), "a refusal can be quoted to Procore's support as well");
        assert_untouched(&fixture).await;
    }

    async fn a_lost_answer_is_kept_with_what_the_look_found(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        fixture.push(&cors).into_new_event().confirmed().await.unwrap();
        fixture.fault("POST", FaultKind::DropAfter);
        fixture.work_through().await;
        fixture.assert_once(&cors).await;
        let kept = record(&fixture, cors[0]).await;
        let wanted = ["confirmed", "cor_asked", "sending", "uncertain", "looked", "cor_written"];
        assert_eq!(kinds(&kept), wanted);
        assert_untouched(&fixture).await;
    }

    async fn a_crash_is_kept_too(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        fixture.push(&cors).into_new_event().confirmed().await.unwrap();
        fixture.fault("POST", FaultKind::ExecuteLate { after_seconds: 115, silence: Silence::Close });
        drop(fixture.carry(&fixture.worker(), 3).await);
        fixture.work_through().await;
        let kept = record(&fixture, cors[0]).await;
        let wanted = ["confirmed", "cor_asked", "sending", "uncertain", "looked", "cor_written"];
        assert_eq!(kinds(&kept), wanted);
        assert!(response(&steps(&kept)[2]).message.contains("ended before the answer"), "{kept:#?}");
        assert_untouched(&fixture).await;
    }

    async fn each_company_takes_its_part_and_can_reckon_it(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9, 10]);
        fixture.push(&cors).into_new_event().finished().await;
        let (us, sub) = (fixture.actor().company, fixture.cor(cors[0]).await.sender.id);
        let stranger = fixture.cor(fixture.made.cors[1][0]).await.sender.id;

        let ours = whole(&fixture, us).await;
        assert_eq!(ours.len(), 7, "all of it: {ours:#?}");
        let theirs = whole(&fixture, sub).await;
        assert_eq!(theirs.len(), 4, "asked and written of both CORs");
        for line in &theirs {
            assert!(line.kept.is_none(), "logins, codes and ids are not theirs");
            let text = line.json().unwrap();
            assert!(!text.contains(MANAGER) && !text.contains("budget_code"), "{text}");
            let same = ours.iter().find(|own| own.seq == line.seq).unwrap();
            assert_eq!((&line.hash, &line.kept_hash), (&same.hash, &same.kept_hash), "one and the same entry");
        }
        assert_eq!(whole(&fixture, stranger).await.len(), 0);
        // By the documented rules, from what stands in the line alone.
        for line in ours.iter().chain(&theirs) {
            let or_dash = |id: Option<String>| id.unwrap_or_else(|| "-".into());
            let text = format!(
                "ledgerboard audit 1\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n",
                line.company_id, line.seq, line.at, line.kind, line.project_id,
                or_dash(line.push_id.map(|p| p.to_string())), or_dash(line.cor_id.map(|c| c.to_string())),
                line.prev, Hash::of(&line.told), line.kept_hash,
            );
            assert_eq!(Hash::of(&text).to_string(), line.hash);
        }
    }
}

async fn whole(fixture: &Fixture, company: CompanyId) -> Vec<RecordEntry> {
    let (mut all, mut from) = (Vec::new(), ExportCursor::start());
    loop {
        let (page, next) = record::export(&fixture.app.store, company, from).await.unwrap();
        if page.is_empty() {
            return all;
        }
        all.extend(page);
        from = next;
    }
}
