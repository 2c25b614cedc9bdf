//! `cargo xtask bench charges`: how fast the release build is, on both databases, and beside what.
//!
//! Figures for people: nothing here is near money, so fractions are allowed.
#![allow(clippy::float_arithmetic)]

mod baselines;
mod charges;
mod checkout;
mod counters;
mod figures;
mod histogram;
mod large;
mod load;
mod machine;
mod mall;
mod pages;
mod requests;
mod sink;
mod webhooks;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::{Args, Subcommand, ValueEnum};

use crate::process;
use crate::server::Database;
use figures::Figures;

const BUILD_WITHIN: Duration = Duration::from_secs(1800);

/// What can be measured.
#[derive(Debug, Subcommand)]
pub enum Subject {
    /// Create, capture, list and retrieve charges over HTTP, durable, with percentiles and baselines.
    Charges(Options),
    /// Deliver events to a local sink while captures go on; memory with many waiting for a dead endpoint.
    Webhooks(WebhookOptions),
    /// Buy through the checkout's operations, the shop asked and the card authorized, durable.
    Checkout(Options),
    /// Search and read a million orders of the marketplace as a shop's programs do, and turn its clock over 100,000 timers.
    Mall(MallOptions),
    /// Ask for the pages of the staff on a shop with millions of charges, logged in; and the bytes of each first view.
    Pages(PageOptions),
}

/// How pages are measured.
#[derive(Debug, Args)]
pub struct PageOptions {
    /// Charges of the shop.
    #[arg(long, default_value_t = 5_000_000)]
    charges: u64,
    /// The rest.
    #[command(flatten)]
    options: Options,
}

/// How the marketplace is measured.
#[derive(Debug, Args)]
pub struct MallOptions {
    /// Orders that are searched and read.
    #[arg(long, default_value_t = 1_000_000)]
    orders: u64,
    /// Timers that are due at one turn of the clock.
    #[arg(long, default_value_t = 100_000)]
    timers: u64,
    /// The rest.
    #[command(flatten)]
    options: Options,
}

/// How deliveries are measured.
#[derive(Debug, Args)]
pub struct WebhookOptions {
    /// Events that wait for the dead endpoint.
    #[arg(long, default_value_t = 100_000)]
    waiting: u64,
    /// The rest.
    #[command(flatten)]
    options: Options,
}

/// How it is measured.
#[derive(Debug, Args)]
pub struct Options {
    /// Numbers of connections.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16, 64, 256])]
    connections: Vec<usize>,
    /// Databases.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Engine::Sqlite, Engine::Postgres])]
    databases: Vec<Engine>,
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Seconds before each measurement.
    #[arg(long, default_value_t = 2)]
    warm_up: u64,
    /// Leave out the bare store and pgbench.
    #[arg(long)]
    no_baselines: bool,
    /// Subscribe one endpoint on this machine to all events and send the automatic mails; without it neither happens.
    #[arg(long)]
    webhooks: bool,
    /// Instead compare databases of 50,000 and 5,000,000 charges.
    #[arg(long)]
    large: bool,
    /// Measure the programs that are built already.
    #[arg(long)]
    no_build: bool,
    /// Write the figures to this file, too.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Where the databases are made: on a disk, in a folder that every user may enter.
    #[arg(long, default_value = "/var/tmp")]
    folder: PathBuf,
}

/// A database engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// Inside the process.
    Sqlite,
    /// Version 15, a server of our own.
    Postgres,
}

/// One run.
pub struct Bench {
    base: PathBuf,
    target: PathBuf,
    connections: Vec<usize>,
    seconds: u64,
    warm_up: u64,
    baselines: bool,
    webhooks: bool,
}

impl Bench {
    /// Makes the folder `name` for one database, empty.
    fn folder(&self, name: &str) -> Result<PathBuf> {
        let folder = self.base.join(name);
        std::fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
        Ok(folder)
    }

    fn choba(&self) -> PathBuf {
        self.target.join("release/choba")
    }

    fn bare_store(&self) -> PathBuf {
        self.target.join("release/bare-store")
    }

    fn plan(&self, address: SocketAddr, connections: usize) -> load::Plan {
        let (warm_up, measured) = (Duration::from_secs(self.warm_up), Duration::from_secs(self.seconds));
        load::Plan { address, connections, warm_up, measured }
    }
}

/// Builds, measures, prints.
pub fn run(root: &Path, target: &Path, subject: &Subject) -> Result<()> {
    let options = match subject {
        Subject::Charges(options)
        | Subject::Webhooks(WebhookOptions { options, .. })
        | Subject::Pages(PageOptions { options, .. })
        | Subject::Mall(MallOptions { options, .. })
        | Subject::Checkout(options) => options,
    };
    if !options.no_build {
        build(root, options, matches!(subject, Subject::Checkout(_) | Subject::Pages(_)))?;
    }
    let scratch = Scratch::new(&options.folder)?;
    let bench = Bench {
        base: scratch.0.clone(),
        target: target.to_owned(),
        connections: options.connections.clone(),
        seconds: options.seconds,
        warm_up: options.warm_up,
        baselines: !options.no_baselines,
        webhooks: options.webhooks,
    };
    ensure!(bench.connections.iter().all(|count| *count > 0), "--connections takes numbers above 0");
    let mut figures = Figures::default();
    charges::disk_figures(&bench.base, &mut figures)?;
    let measured = match subject {
        Subject::Charges(options) => measure(&bench, options, &mut figures),
        Subject::Webhooks(WebhookOptions { waiting, options }) => {
            measure_webhooks(&bench, options, webhooks::Waiting(*waiting), &mut figures)
        }
        Subject::Pages(PageOptions { charges, options }) => measure_pages(&bench, options, *charges, &mut figures),
        Subject::Mall(MallOptions { orders, timers, options }) => {
            measure_mall(&bench, options, mall::Size { orders: *orders, timers: *timers }, &mut figures)
        }
        Subject::Checkout(options) => measure_checkout(&bench, options, &mut figures),
    };
    figures.print();
    if let Some(file) = &options.json {
        std::fs::write(file, format!("{:#}\n", figures.json()))
            .with_context(|| format!("writing {}", file.display()))?;
    }
    measured
}

fn build(root: &Path, options: &Options, needs_testkit: bool) -> Result<()> {
    let only_choba = options.no_baselines && !options.large && !needs_testkit;
    let packages: &[&str] = if only_choba { &["choba"] } else { &["choba", "testkit"] };
    let mut build = process::bound("TERM", env!("CARGO"));
    build.args(["build", "--release", "--locked", "--bins"]).args(packages.iter().flat_map(|name| ["-p", name]));
    process::run(build.current_dir(root), BUILD_WITHIN)
}

fn measure(bench: &Bench, options: &Options, figures: &mut Figures) -> Result<()> {
    if options.large {
        return large::compare(bench, figures);
    }
    for engine in &options.databases {
        match engine {
            Engine::Sqlite => charges::sqlite(bench, figures)?,
            Engine::Postgres => charges::postgres(bench, figures)?,
        }
    }
    Ok(())
}

fn measure_webhooks(bench: &Bench, options: &Options, waiting: webhooks::Waiting, figures: &mut Figures) -> Result<()> {
    for engine in &options.databases {
        match engine {
            Engine::Sqlite => {
                let database = Database::Folder(bench.folder("sqlite")?);
                webhooks::measure(bench, "sqlite", &database, waiting, figures)?;
            }
            Engine::Postgres => {
                let (postgres, database) = charges::postgres_database(bench)?;
                webhooks::measure(bench, "postgres", &database, waiting, figures)?;
                drop(postgres);
            }
        }
    }
    Ok(())
}

fn measure_pages(bench: &Bench, options: &Options, charges: u64, figures: &mut Figures) -> Result<()> {
    for engine in &options.databases {
        match engine {
            Engine::Sqlite => {
                let database = Database::Folder(bench.folder("sqlite")?);
                pages::measure(bench, ("sqlite", charges), &database, None, figures)?;
            }
            Engine::Postgres => {
                let (postgres, database) = charges::postgres_database(bench)?;
                pages::measure(bench, ("postgres", charges), &database, Some(&postgres), figures)?;
            }
        }
    }
    Ok(())
}

fn measure_mall(bench: &Bench, options: &Options, size: mall::Size, figures: &mut Figures) -> Result<()> {
    for engine in &options.databases {
        match engine {
            Engine::Sqlite => {
                let databases = ["sqlite", "sqlite-timers"].map(|name| bench.folder(name).map(Database::Folder));
                let [orders, timers] = databases;
                mall::measure_orders(bench, ("sqlite", &orders?), size, || Ok(()), figures)?;
                mall::measure_timers(bench, "sqlite", &timers?, size, figures)?;
            }
            Engine::Postgres => {
                let (postgres, database) = charges::postgres_database(bench)?;
                let vacuum = || postgres.ask(charges::DATABASE, "VACUUM (ANALYZE)").map(|_| ());
                mall::measure_orders(bench, ("postgres", &database), size, vacuum, figures)?;
                drop(postgres);
                let (postgres, database) = charges::postgres_database(bench)?;
                mall::measure_timers(bench, "postgres", &database, size, figures)?;
                drop(postgres);
            }
        }
    }
    Ok(())
}

fn measure_checkout(bench: &Bench, options: &Options, figures: &mut Figures) -> Result<()> {
    for (engine, connections) in
        options.databases.iter().flat_map(|engine| options.connections.iter().map(move |count| (engine, *count)))
    {
        match engine {
            Engine::Sqlite => {
                let folder = bench.folder(&format!("sqlite-{connections}"))?;
                checkout::measure(bench, "sqlite", &Database::Folder(folder.clone()), connections, figures)?;
                std::fs::remove_dir_all(folder)?;
            }
            Engine::Postgres => {
                let (postgres, database) = charges::postgres_database(bench)?;
                checkout::measure(bench, "postgres", &database, connections, figures)?;
                drop(postgres);
            }
        }
    }
    Ok(())
}

/// A folder that is removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(folder: &Path) -> Result<Scratch> {
        let path = folder.join(format!("choba-bench-{}", std::process::id()));
        std::fs::create_dir_all(&path).with_context(|| format!("making {}", path.display()))?;
        Ok(Scratch(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _removed = std::fs::remove_dir_all(&self.0);
    }
}
