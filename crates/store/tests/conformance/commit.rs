//! PostgreSQL, and a connection that breaks when the answer to COMMIT is on its way.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

use store::{DatabaseUrl, Store, StoreError, testing::TestDb};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// A simple query, as the protocol frames it: type, length, text, NUL.
const COMMIT: &[u8] = b"Q\0\0\0\x0bCOMMIT\0";

/// Passes everything on; while `cutting`, the server's answer to a COMMIT is waited for and then dropped with the
/// connection.
async fn proxy(server: String, cutting: Arc<AtomicBool>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(&server).await.unwrap();
            tokio::spawn(pass(client, server, cutting.clone()));
        }
    });
    address
}

async fn pass(mut client: TcpStream, mut server: TcpStream, cutting: Arc<AtomicBool>) {
    let (mut asked, mut answered) = ([0; 16 << 10], [0; 16 << 10]);
    loop {
        tokio::select! {
            n = client.read(&mut asked) => {
                let n = n.unwrap_or(0);
                if n == 0 || server.write_all(&asked[..n]).await.is_err() { return; }
                let commits = asked[..n].windows(COMMIT.len()).any(|part| part == COMMIT);
                if commits && cutting.swap(false, Ordering::SeqCst) {
                    assert!(server.read(&mut answered).await.unwrap() > 0, "the server has committed");
                    return;
                }
            }
            n = server.read(&mut answered) => {
                let n = n.unwrap_or(0);
                if n == 0 || client.write_all(&answered[..n]).await.is_err() { return; }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_answer_is_lost_is_told_and_not_run_again() {
    let Some(db) = TestDb::postgres().await else { return };
    let DatabaseUrl::Postgres(direct) = db.url() else { panic!("PostgreSQL") };
    let server = direct.split('@').nth(1).and_then(|rest| rest.split('/').next()).unwrap().to_owned();
    let cutting = Arc::new(AtomicBool::new(false));
    let through = proxy(server.clone(), cutting.clone()).await;
    let url = DatabaseUrl::Postgres(direct.replace(&server, &through.to_string()));
    let store = Store::open_with(&url, 1).await.unwrap();
    store.write(|tx| tx.exec("CREATE TABLE sample (n BIGINT NOT NULL)", &[])).await.unwrap();

    let runs = Arc::new(AtomicU32::new(0));
    let counted = runs.clone();
    cutting.store(true, Ordering::SeqCst);
    let told = store
        .write(move |tx| {
            counted.fetch_add(1, Ordering::SeqCst);
            tx.exec("INSERT INTO sample (n) VALUES (1)", &[])
        })
        .await;
    assert!(matches!(told, Err(StoreError::OutcomeUnknown(_))), "{told:?}");
    assert_eq!(runs.load(Ordering::SeqCst), 1, "what may be stored is not done twice");
    let rows = store.read(|tx| tx.one("SELECT COUNT(*) FROM sample", &[], |row| row.get::<i64>(0))).await.unwrap();
    assert_eq!(rows, Some(1), "it was, and the store connects again by itself");
    store.write(|tx| tx.exec("INSERT INTO sample (n) VALUES (2)", &[])).await.unwrap();
}
