//! `ledgerboard serve` and `ledgerboard worker`.

use std::net::SocketAddr;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use sync::{Listener, Worker};
use tokio::net::TcpListener;

use super::instance::InstanceArgs;
use crate::{
    App,
    listen::{self, Limits},
};

/// Open files for a thousand connections and everything else.
const ENOUGH_FILES: u64 = 1_300;

/// `ledgerboard serve`
pub async fn serve(instance: InstanceArgs, listen: SocketAddr, with_worker: bool) -> Result<(), String> {
    let app = instance.app().await?;
    let listener = bind(listen).await?;
    if app.serving.trusted_proxies.is_empty() && app.settings.public_url.scheme() == "https" {
        tracing::warn!(
            "no proxy is trusted, so all sign-ins seem to come from one address. Set LEDGERBOARD_TRUSTED_PROXIES \
             to the address of your reverse proxy"
        );
    }
    // Port 0 is any that is free: say which.
    let listen = listener.local_addr().unwrap_or(listen);
    tracing::info!(%listen, public_url = %app.settings.public_url, "serving");
    let worker = with_worker.then(|| {
        tokio::spawn({
            let (worker, listener) = (Worker::new(&app), Listener::new(&app));
            async move { tokio::join!(worker.run(), listener.run()) }
        })
    });
    let served = pages(&app, listener).await;
    if let Some(worker) = worker {
        // A push cut off here is resumed when its lease ends: it was recorded before it was sent.
        worker.abort();
    }
    served
}

/// `ledgerboard worker`
pub async fn worker(instance: InstanceArgs) -> Result<(), String> {
    let app = instance.app().await?;
    tracing::info!("sending waiting pushes");
    let (worker, listener) = (Worker::new(&app), Listener::new(&app));
    tokio::select! {
        () = worker.run() => Ok(()),
        () = listener.run() => Ok(()),
        () = stopped() => Ok(()),
    }
}

/// Listens on an address.
pub(super) async fn bind(listen: SocketAddr) -> Result<TcpListener, String> {
    let failed = |error| format!("cannot listen on {listen}: {error}. Choose another address with --listen.");
    TcpListener::bind(listen).await.map_err(failed)
}

/// Serves the pages until the process gets a signal to stop; a second signal stops it at once.
pub(super) async fn pages(app: &App, listener: TcpListener) -> Result<(), String> {
    let limits = Limits::default().with_files(files());
    let cut_off = listen::serve(listener, crate::pages::router(app), limits, stopped(), stopped()).await;
    if cut_off > 0 {
        tracing::warn!(requests = cut_off, "stopped; unfinished requests were cut off");
    }
    Ok(())
}

/// Raises the limit of open files as far as allowed, and returns it.
fn files() -> u64 {
    let allowed = getrlimit(Resource::Nofile);
    let most = Rlimit { current: allowed.maximum, maximum: allowed.maximum };
    if setrlimit(Resource::Nofile, most).is_err() {
        tracing::warn!("the limit of open files could not be raised");
    }
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    if files < ENOUGH_FILES {
        tracing::warn!(files, "the limit of open files allows fewer than 1,000 connections: raise it (ulimit -n)");
    }
    files
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
