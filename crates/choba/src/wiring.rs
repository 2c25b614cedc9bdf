//! Capabilities put together: the gateway on its database, the simulator on its own book.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use acquirer::simulator::{self, Simulator};
use anyhow::Context as _;
use axum::Router;
use axum::middleware::from_fn_with_state;
use kernel::{Clock, Entropy, Environment};
use mall::chores::Chores;
use mall::http::Rms;
use mall::market::{Market, Settings as MarketSettings};
use mall::rcard::{Rcard, Settings as RcardSettings};
use outbound::{Client, Guard};
use pay::attempt::steps::Ports;
use pay::charge::Windows;
use pay::checkout::Checkout;
use pay::http::Api;
use pay::http::caller::Callers;
use pay::http::limit::Rate;
use pay::mail::deliver::Carrier;
use pay::request_log::Recorder;
use pay::request_log::recorder::Keep;
use pay::{Gateway, Settings as GatewaySettings, webhook};
use shop::Vault;
use store::work::{Background, Hands};
use store::{Database, Migration, PostgresOptions, SqliteOptions, Store};

use crate::app::{App, Worker};
use crate::opened::Opened;
use crate::serve::health::ReadyCheck;
use crate::system::OsEntropy;

/// File of the simulator's book in a data folder.
pub const SIMULATOR_FILE: &str = "simulator.db";
/// Schema of the simulator's book on a PostgreSQL server.
pub const SIMULATOR_SCHEMA: &str = "choba_simulator";

/// Pause of the worker that looks for what is due.
const DUE_PAUSE: Duration = Duration::from_millis(500);
/// Pause of the worker that looks for webhooks that are due.
const WEBHOOK_PAUSE: Duration = Duration::from_millis(100);
/// Pause of the worker that seals the audit log.
const SEAL_PAUSE: Duration = Duration::from_millis(500);
/// Pause of the worker that writes the request log.
const LOG_PAUSE: Duration = Duration::from_millis(500);
/// Pause of the worker that measures.
const MEASURE_PAUSE: Duration = Duration::from_secs(5);

/// The schema: migrations of all crates, in the order of their dependence.
pub fn migrations() -> Vec<Migration> {
    [store::migration::MIGRATIONS, ledger::MIGRATIONS, shop::MIGRATIONS, pay::MIGRATIONS, mall::MIGRATIONS].concat()
}

/// Whether an order in the acquirer's book is one of the marketplace.
pub fn is_of_the_mall(order: &str) -> bool {
    order.parse::<mall::order::OrderNumber>().is_ok()
}

/// Where the simulator keeps its book, given where we keep ours.
pub fn simulator_database(ours: &Database) -> Database {
    match ours {
        Database::Sqlite(options) => {
            let folder = options.path.parent().unwrap_or(Path::new("."));
            Database::Sqlite(SqliteOptions { path: folder.join(SIMULATOR_FILE), ..options.clone() })
        }
        Database::Postgres(options) => {
            Database::Postgres(PostgresOptions { schema: SIMULATOR_SCHEMA.to_owned(), ..options.clone() })
        }
    }
}

/// What a gateway is made of besides the database.
pub struct Parts {
    /// Our database, its schema brought up.
    pub store: Store,
    /// The master keys.
    pub vault: Arc<Vault>,
    /// Machine time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The public URL of the server.
    pub base_url: String,
    /// How long an answer of the acquirer is waited for.
    pub acquirer_timeout: Duration,
    /// How long the simulator's late cards take.
    pub late_after: Duration,
    /// How much of the request log is kept.
    pub request_log: Keep,
    /// Where mails go.
    pub carrier: Carrier,
    /// Which addresses shops' servers may have.
    pub guard: Guard,
    /// How long shops' servers are waited for.
    pub webhook_limits: webhook::Limits,
    /// How long the windows of new charges are.
    pub windows: Windows,
}

/// Everything that answers and works.
#[derive(Clone)]
pub struct Wired {
    /// The gateway.
    pub gateway: Gateway,
    /// The marketplace.
    pub market: Market,
    /// Its older card API.
    pub rcard: Rcard,
    /// The built-in provider of sandbox and test.
    pub simulator: Arc<Simulator>,
    /// Writes the request log.
    pub recorder: Recorder,
    ui: web::Ui,
}

impl Wired {
    /// Opens the simulator's book and puts the gateway together. Live has no provider: no real one is built in.
    pub fn new(parts: Parts) -> anyhow::Result<Wired> {
        let database = simulator_database(parts.store.database());
        let book = Store::open(database, simulator::MIGRATIONS, parts.clock.clone())
            .context("opening the book of the simulator")?;
        let settings = simulator::Settings {
            late_after: parts.late_after,
            action_url: format!("{}/simulator/3ds/", parts.base_url),
        };
        let simulator = Arc::new(Simulator::new(book, parts.entropy.clone(), settings));
        let timeout = parts.acquirer_timeout;
        let ports = Ports { cards: simulator.clone(), points: simulator.clone(), timeout };
        let ports = HashMap::from([(Environment::Sandbox, ports.clone()), (Environment::Test, ports)]);
        let Parts { store, vault, clock, entropy, base_url, guard, webhook_limits, carrier, windows, .. } = parts;
        let keep = parts.request_log;
        let market = Market::new(MarketSettings {
            store: store.clone(),
            entropy: entropy.clone(),
            cards: simulator.clone(),
            timeout,
        });
        let rcard = Rcard::new(RcardSettings {
            store: store.clone(),
            vault: vault.clone(),
            entropy: entropy.clone(),
            cards: simulator.clone(),
            timeout,
        });
        let client = Client::new(guard, clock);
        let gateway = Gateway::new(GatewaySettings {
            store,
            entropy,
            vault,
            ports,
            base_url,
            client,
            webhook_limits,
            carrier,
            windows,
        });
        let recorder = Recorder::new(gateway.clone(), keep);
        let ui = web::Ui::new(gateway.clone());
        Ok(Wired { gateway, market, rcard, simulator, recorder, ui })
    }

    /// The gateway of an opened installation.
    pub fn of(opened: &Opened) -> anyhow::Result<Wired> {
        let timeout = opened.settings.acquirer_timeout;
        Wired::new(Parts {
            store: opened.store.clone(),
            vault: opened.vault()?,
            clock: opened.clock.clone(),
            entropy: Arc::new(OsEntropy),
            base_url: opened.settings.base_url(opened.settings.listen),
            acquirer_timeout: timeout,
            // Late is later than we wait.
            late_after: timeout + Duration::from_secs(1),
            request_log: opened.settings.request_log,
            carrier: carrier(&opened.settings)?,
            guard: opened.settings.guard(),
            webhook_limits: webhook::Limits::default(),
            windows: opened.settings.windows,
        })
    }

    /// The routes of the LITE API and of our own, the workers, and the checks of readiness.
    pub fn app(&self, limits: Limits) -> App {
        self.workers().into_iter().fold(self.app_without_workers(limits), App::worker)
    }

    /// The same for who does the work of the workers himself.
    pub fn app_without_workers(&self, limits: Limits) -> App {
        let (api, rms) = (self.api(limits), self.rms(limits));
        let (background, log) = (self.background(), self.log(&api));
        let parts =
            crate::api::Parts { background: &background, callers: &api.callers, door: self.ui.door(), log: &log };
        App::new()
            .operations(pay::http::routes(&api))
            .operations(crate::api::routes(&self.gateway, parts))
            .operations(crate::api::mall::routes(&self.gateway, &rms, &api.callers))
            .routes(mall::http::routes(&rms))
            .operations(crate::api::rcard::helpers(&api))
            .routes(crate::api::rcard::soap(&self.rcard, &api))
            .routes(self.pages(&api, limits).into_router())
            .routes(web::checkout::routes(&self.counter(limits.checkout)))
            .pages(self.ui())
            .recorded(self.recorder.clone())
            .ready_when(ReadyCheck::of_store(self.gateway.store().clone()))
            .ready_when(ReadyCheck::of_store(self.simulator.store().clone()))
    }

    fn api(&self, limits: Limits) -> Api {
        Api {
            gateway: self.gateway.clone(),
            callers: Arc::new(Callers::new(limits.requests_of_a_key, limits.failures_of_an_address)),
            plain_live: limits.plain_live,
        }
    }

    /// The RMS API of the marketplace.
    pub fn rms(&self, limits: Limits) -> Rms {
        Rms::new(self.market.clone(), self.gateway.vault().clone(), limits.rms)
    }

    fn pages(&self, api: &Api, limits: Limits) -> web::Pages {
        let mall = web::market::Mall { background: self.background(), added: self.rms(limits).added_function() };
        web::pages(&self.ui(), &self.log(api), &mall)
    }

    /// The register of pages, for tests that walk through all of them.
    pub fn listed_pages(&self, limits: Limits) -> Vec<web::ui::pages::Listed> {
        self.pages(&self.api(limits), limits).listed().to_vec()
    }

    /// What pages stand on.
    pub fn ui(&self) -> web::Ui {
        self.ui.clone()
    }

    /// The request log, and the routes that a request of it is sent again to.
    fn log(&self, api: &Api) -> pay::request_log::again::Log {
        let routes = pay::http::routes(api).into_iter();
        let routes = routes.fold(Router::new(), |router, (_, path, handler)| router.route(&path, handler));
        let routes = routes.layer(from_fn_with_state(self.recorder.clone(), pay::request_log::recorder::record));
        pay::request_log::again::Log { recorder: self.recorder.clone(), routes }
    }

    /// What the checkout's pages stand on.
    pub fn counter(&self, bounds: pay::checkout::Bounds) -> web::checkout::Counter {
        let ui = self.ui();
        let checkout = Checkout::new(self.gateway.clone(), ui.door().passwords.clone(), bounds);
        web::checkout::Counter { ui, checkout, simulator: self.simulator.clone() }
    }

    /// Works off what is due, and turns clocks.
    pub fn background(&self) -> Background {
        let chores = Chores::new(self.market.clone());
        let hands: Vec<Arc<dyn Hands>> = vec![
            Arc::new(self.gateway.clone()),
            Arc::new(self.market.clone()),
            Arc::new(chores),
            Arc::new(self.rcard.clone()),
        ];
        Background::new(self.gateway.store().clone(), self.gateway.shared_entropy(), hands)
    }

    fn workers(&self) -> Vec<Worker> {
        let holder = kernel::outside::random_hex::<8>(self.gateway.entropy());
        let (prune, pruner) = (self.gateway.clone(), holder.clone());
        let (due, seal, measure) = (self.background(), self.gateway.clone(), self.gateway.clone());
        let (drain, mail, webhooks) = (self.gateway.clone(), self.gateway.clone(), self.gateway.webhooks());
        let recorder = self.recorder.clone();
        vec![
            Worker::every("due", DUE_PAUSE, move || {
                let background = due.clone();
                async move { while_busy("due", || async { background.round().await.map(|r| r.taken) }).await }
            }),
            Worker::every("mail", DUE_PAUSE, move || {
                let gateway = mail.clone();
                async move { while_busy("mail", || async { pay::work::mail_round(&gateway).await.map(|r| r.taken) }).await }
            }),
            Worker::every("audit sealer", SEAL_PAUSE, move || {
                let (gateway, holder) = (seal.clone(), holder.clone());
                async move { while_busy("seal", || pay::work::seal(&gateway, &holder)).await }
            }),
            Worker::every("request log", LOG_PAUSE, move || {
                let recorder = recorder.clone();
                async move {
                    if let Err(error) = recorder.flush().await {
                        tracing::error!(%error, "requests were lost to the log");
                    }
                }
            }),
            Worker::every("prune", pay::prune::EVERY, move || {
                let (gateway, holder) = (prune.clone(), pruner.clone());
                async move {
                    if let Err(error) = pay::prune::pass(gateway.store(), &holder).await {
                        tracing::error!(%error, "what is old was not removed");
                    }
                }
            }),
            Worker::every("figures of the database", MEASURE_PAUSE, move || {
                let gateway = measure.clone();
                async move { crate::measure::measure(gateway.store()).await }
            }),
            Worker::new("webhooks", move |mut stop| {
                let webhooks = webhooks.clone();
                async move {
                    while !stop.is_requested() {
                        while_busy("webhooks", || webhooks.sweep()).await;
                        let _ = tokio::time::timeout(WEBHOOK_PAUSE, stop.requested()).await;
                    }
                    webhooks.stop();
                }
            }),
            Worker::new("attempts under way", move |mut stop| {
                let gateway = drain.clone();
                async move {
                    stop.requested().await;
                    gateway.drained().await;
                }
            }),
        ]
    }
}

/// Where mails go: to the mail server that is set, or nowhere but into the built-in mailbox.
pub fn carrier(settings: &crate::config::Settings) -> anyhow::Result<Carrier> {
    let Some(mail) = &settings.mail else { return Ok(Carrier::Mailbox) };
    let server = outbound::mail::Smtp::new(mail.smtp.clone()).context("the settings of the mail server")?;
    Ok(Carrier::Smtp { server: Box::new(server), from: mail.from.clone() })
}

/// What requests are bounded by.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Requests of one key.
    pub requests_of_a_key: Rate,
    /// Failed authentications of one address.
    pub failures_of_an_address: Rate,
    /// Whether live paths answer over plain HTTP.
    pub plain_live: bool,
    /// The checkout.
    pub checkout: pay::checkout::Bounds,
    /// The RMS API.
    pub rms: mall::http::Settings,
}

impl Limits {
    /// As configured.
    pub fn configured(settings: &crate::config::Settings) -> Limits {
        Limits {
            requests_of_a_key: Rate { requests: settings.rate_limit_per_key, seconds: 1 },
            failures_of_an_address: Rate { requests: settings.rate_limit_logins_per_address, seconds: 60 },
            plain_live: settings.demo,
            rms: mall::http::Settings {
                switches: settings.rms_switches,
                requests_of_a_licence: Rate { requests: settings.rms_rate_limit, seconds: 10 },
                failures_of_an_address: Rate { requests: settings.rate_limit_logins_per_address, seconds: 60 },
            },
            checkout: pay::checkout::Bounds {
                sessions_of_an_address: Rate { requests: settings.rate_limit_checkouts_per_address, seconds: 60 },
                cards_of_a_buyer: Rate { requests: settings.rate_limit_cards_per_buyer, seconds: 600 },
                cards_of_an_address: Rate { requests: settings.rate_limit_cards_per_address, seconds: 600 },
                ..pay::checkout::Bounds::default()
            },
        }
    }
}

/// Repeats `step` as long as there is something to do; a failure is logged and tried again with the next round.
async fn while_busy<F, W>(what: &str, step: F)
where
    F: Fn() -> W,
    W: Future<Output = Result<usize, store::StoreError>>,
{
    loop {
        match step().await {
            Ok(0) => return,
            Ok(_) => tokio::task::yield_now().await,
            Err(error) => {
                tracing::error!(what, %error, "background work failed");
                return;
            }
        }
    }
}
