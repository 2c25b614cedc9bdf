//! `choba serve`: the server, from its settings to its graceful end.

use std::process::ExitCode;

use anyhow::Context as _;
use shop::Vault;
use tokio::signal::unix::{SignalKind, signal};

use crate::app::Worker;
use crate::config::ServeFlags;
use crate::demo;
use crate::memory;
use crate::opened::{Opened, Use};
use crate::output;
use crate::serve::{self, ServeSettings, figures};
use crate::shops;
use crate::system::OsEntropy;
use crate::wiring::{Limits, Wired};

/// Flags of `choba serve`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// All settings.
    #[command(flatten)]
    pub flags: ServeFlags,
}

/// Runs until SIGTERM or Ctrl-C; a second one ends the process at once.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let opened = Opened::open(&arguments.flags.inputs(), Use::Alone)?;
    for name in &opened.settings.foreign_variables {
        tracing::warn!(name, "nothing reads this environment variable");
    }
    let wired = prepare(&opened)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("starting the runtime")?;
    let code = runtime.block_on(serve(&opened, wired));
    // Connections and workers that were cut off hold the store: they go first, then the store writes its last.
    drop(runtime);
    drop(opened);
    code
}

/// A shop to serve, and what serves it. Attempts that a dead process left behind are taken over at once where no other
/// process can be at them.
fn prepare(opened: &Opened) -> anyhow::Result<Wired> {
    if opened.settings.demo {
        demo::fill(opened).context("making the shop of --demo")?;
    }
    let wired = Wired::of(opened)?;
    shops::ensure_first(&opened.store, wired.gateway.vault(), &OsEntropy).context("making the first shop")?;
    check_key(opened, wired.gateway.vault())?;
    if opened.folder.is_some() {
        opened.store.write_blocking(pay::attempt::rows::end_leases).context("taking over what was left running")?;
        opened.store.write_blocking(store::outbox::end_leases).context("taking over what was just being sent")?;
    }
    Ok(wired)
}

/// A server with another master key would refuse every key of every shop: it does not start.
fn check_key(opened: &Opened, vault: &Vault) -> anyhow::Result<()> {
    for sealed in opened.store.read_blocking(shop::rows::credentials)? {
        let id = sealed.id.clone();
        sealed
            .open(vault)
            .with_context(|| format!("the secret {id} of the database; use the master key it was sealed with"))?;
    }
    Ok(())
}

async fn serve(opened: &Opened, wired: Wired) -> anyhow::Result<ExitCode> {
    let (mut terminated, mut interrupted) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let settings = ServeSettings::configured(&opened.settings)?;
    let mut app = wired.app(Limits::configured(&opened.settings));
    let stall = opened.settings.demo.then(|| tokio::task::block_in_place(|| demo::stall::stall(opened))).transpose()?;
    if let Some((_, stall)) = &stall {
        app = app.routes(web::checkout::demo::routes(&wired.ui(), stall.clone()));
    }
    let figures = match opened.settings.metrics_listen {
        None => None,
        Some(address) => {
            let handle = figures::recorder();
            app = app.worker(Worker::every("figures", figures::UPKEEP, || async { figures::recorder().run_upkeep() }));
            Some(serve::start(figures::router(handle), settings.for_figures(address)).await?)
        }
    };
    let running = app.start(settings).await?;
    let listening = running.address();
    let metrics = figures.as_ref().map(|figures| figures.address().to_string());
    let (url, metrics) = (opened.settings.base_url(listening), metrics.as_deref().unwrap_or("off"));
    if let Some((shop, _)) = stall {
        demo::stall::open(&wired, shop, listening).await?;
    }
    if opened.settings.demo {
        let (opened_store, shown) = (opened, url.clone());
        let advice = || demo::advice(opened_store, &shown, &demo::owner(opened_store)?);
        output::line(format_args!("{}", tokio::task::block_in_place(advice)?))?;
    }
    memory::give_back();
    tracing::info!(%listening, url, metrics, version = env!("CARGO_PKG_VERSION"), "ready");

    tokio::select! { _ = terminated.recv() => {}, _ = interrupted.recv() => {} }
    tracing::info!("stopping: requests that were accepted are finished first");
    let drained = tokio::select! {
        drained = running.stop() => drained,
        _ = terminated.recv() => return stopped_at_once(),
        _ = interrupted.recv() => return stopped_at_once(),
    };
    if let Some(figures) = figures {
        figures.stop().await;
    }
    if drained.cut_off > 0 {
        tracing::warn!(cut_off = drained.cut_off, "stopped; connections that did not end in time were cut off");
        return Ok(ExitCode::FAILURE);
    }
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

fn stopped_at_once() -> anyhow::Result<ExitCode> {
    tracing::warn!("asked to stop again: stopped at once");
    Ok(ExitCode::FAILURE)
}
