//! What is written down about a call, and what is not. Alone in its process: whoever listens to logs, listens to all.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use procore::{
    App, Hosts, Procore,
    model::{ChangeEventId, CompanyId, ProjectId},
};
use tower::{service_fn, util::BoxCloneSyncService};

#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Procore, always out of order.
fn out_of_order() -> Procore {
    let app = App {
        client_id: "ledger".into(),
        client_secret: String::from("the-secret").into(),
        redirect_uri: "https://ledger.test/callback".into(),
    };
    let transport = service_fn(|_| async {
        let answer = http::Response::builder().status(500).header("x-request-id", "q-7");
        Ok(answer.body(Bytes::from_static(b"the-body")).unwrap())
    });
    Procore::new(Hosts::production(), app, BoxCloneSyncService::new(transport))
}

#[tokio::test]
async fn a_log_line_says_what_happened_and_no_secret() {
    let paper = Paper::default();
    let copy = paper.clone();
    let lines = tracing_subscriber::fmt().with_ansi(false).with_max_level(tracing::Level::TRACE);
    let _guard = tracing::subscriber::set_default(lines.with_writer(move || copy.clone()).finish());

    let procore = out_of_order();
    let session = procore.acting(String::from("the-token").into(), Some(CompanyId(7)));
    session.change_event(ProjectId(12), ChangeEventId(9_876_543), false).await.unwrap_err();
    procore.refresh(&String::from("the-refresh-token").into()).await.unwrap_err();

    let text = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
    for wanted in ["method=GET", "/rest/v1.1/change_events/{id}", "status=500", "q-7", "duration_ms=", "/oauth/token"] {
        assert!(text.contains(wanted), "{wanted} in {text}");
    }
    for secret in ["the-token", "the-secret", "the-refresh-token", "the-body", "9876543"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    assert!(!format!("{procore:?}").contains("the-secret"));
}
