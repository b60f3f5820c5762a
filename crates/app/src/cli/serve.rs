//! `ledgerboard serve` and `ledgerboard worker`.

use std::net::SocketAddr;

use tokio::net::TcpListener;

use super::settings::InstanceArgs;
use crate::{
    App,
    sync::{Listener, Worker},
    web,
};

/// `ledgerboard serve`
pub async fn serve(instance: InstanceArgs, listen: SocketAddr, with_worker: bool) -> Result<(), String> {
    let app = instance.app().await?;
    let listener = bind(listen).await?;
    tracing::info!(%listen, public_url = %app.settings.public_url, "serving");
    let worker = with_worker.then(|| {
        tokio::spawn({
            let (worker, listener) = (Worker::new(app.clone()), Listener::new(app.clone()));
            async move { tokio::join!(worker.run(), listener.run()) }
        })
    });
    let served = pages(&app, listener).await;
    if let Some(worker) = worker {
        // A push cut off here is found again by its lease: it was recorded before it was sent.
        worker.abort();
    }
    served
}

/// `ledgerboard worker`
pub async fn worker(instance: InstanceArgs) -> Result<(), String> {
    let app = instance.app().await?;
    tracing::info!("pushing what is in the outbox");
    let (worker, listener) = (Worker::new(app.clone()), Listener::new(app));
    tokio::select! {
        () = worker.run() => Ok(()),
        () = listener.run() => Ok(()),
        () = stopped() => Ok(()),
    }
}

/// Listens, or says what is in the way.
pub(super) async fn bind(listen: SocketAddr) -> Result<TcpListener, String> {
    let failed = |error| format!("cannot listen on {listen}: {error}. Choose another address with --listen.");
    TcpListener::bind(listen).await.map_err(failed)
}

/// Serves the pages until the process is told to stop.
pub(super) async fn pages(app: &App, listener: TcpListener) -> Result<(), String> {
    let service = web::router(app).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(stopped()).await.map_err(|error| error.to_string())
}

/// Ctrl-C, or the service manager's SIGTERM.
pub(super) async fn stopped() {
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}
