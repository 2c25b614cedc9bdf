//! The gateway: what the API, the test helpers and later the checkout call to change charges.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use kernel::{ChargeNumber, Entropy, Environment, ShopId, Timestamp};
use store::idempotency::RequestKey;
use store::{Statement, Store, StoreError};
use tokio::sync::Notify;

use crate::attempt::begin::{self, Begun, Undone};
use crate::attempt::settle::{self, Settled};
use crate::attempt::steps::{self, Mode, Ports};
use crate::attempt::{Ending, Intent, Requester, Work};
use crate::charge::wire::Snapshot;
use crate::charge::{Charge, Order, Windows, rows};
use crate::error::ApiError;
use crate::event;
use crate::mail::deliver::Carrier;
use crate::serials::Serials;
use crate::vault_answer::SealedAnswers;
use crate::webhook::{self, Webhooks};

/// How often an operation looks again when somebody was faster.
const LOOKS: usize = 4;

/// What a gateway is made of.
#[derive(Clone)]
pub struct Settings {
    /// Our database.
    pub store: Store,
    /// Where randomness comes from.
    pub entropy: Arc<dyn Entropy>,
    /// The master keys.
    pub vault: Arc<shop::Vault>,
    /// The outside parties of each environment; none where no money can be taken.
    pub ports: HashMap<Environment, Ports>,
    /// The public URL of this server, without a slash at its end: beginning of OpenIDs.
    pub base_url: String,
    /// Where mails go.
    pub carrier: Carrier,
    /// Sends to shops' servers, to addresses that its guard permits.
    pub client: outbound::Client,
    /// How long shops' servers are waited for.
    pub webhook_limits: webhook::Limits,
    /// How long the windows of new charges are.
    pub windows: Windows,
}

/// The gateway. Cheap to clone.
#[derive(Clone)]
pub struct Gateway {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Settings,
    answers: SealedAnswers,
    webhooks: webhook::Shared,
    serials: Serials,
    under_way: AtomicUsize,
    ended: Notify,
}

/// A change of a charge that was answered before or now.
#[derive(Debug)]
pub enum Answer {
    /// The charge after the change, and its shipping address as JSON.
    Charge(Snapshot, Option<String>),
    /// The kept answer to the same request: HTTP status and body.
    Kept(u16, Vec<u8>),
}

/// Who changes what.
#[derive(Clone, Debug)]
pub struct Change {
    /// Whose charge.
    pub shop: ShopId,
    /// In which environment.
    pub environment: Environment,
    /// The client's idempotency key, if it sent one.
    pub key: Option<RequestKey>,
    /// Who asks.
    pub requester: Requester,
}

impl Gateway {
    /// A gateway.
    pub fn new(settings: Settings) -> Gateway {
        let answers = SealedAnswers { vault: settings.vault.clone(), entropy: settings.entropy.clone() };
        let webhooks = webhook::Shared::new(settings.client.clone(), settings.webhook_limits);
        let (under_way, ended) = (AtomicUsize::new(0), Notify::new());
        Gateway {
            inner: Arc::new(Inner { settings, answers, webhooks, serials: Serials::default(), under_way, ended }),
        }
    }

    /// The database.
    pub fn store(&self) -> &Store {
        &self.inner.settings.store
    }

    /// The master keys.
    pub fn vault(&self) -> &Arc<shop::Vault> {
        &self.inner.settings.vault
    }

    /// Where randomness comes from.
    pub fn entropy(&self) -> &dyn Entropy {
        self.inner.settings.entropy.as_ref()
    }

    /// The same, to keep.
    pub fn shared_entropy(&self) -> Arc<dyn Entropy> {
        self.inner.settings.entropy.clone()
    }

    /// What tells the shops' servers.
    pub fn webhooks(&self) -> Webhooks {
        Webhooks::new(self)
    }

    pub(crate) fn webhook_shared(&self) -> &webhook::Shared {
        &self.inner.webhooks
    }

    /// Seals and opens answers that are kept under an idempotency key.
    pub(crate) fn answers(&self) -> &SealedAnswers {
        &self.inner.answers
    }

    /// The public URL of this server.
    pub fn base_url(&self) -> &str {
        &self.inner.settings.base_url
    }

    /// The outside parties of `environment`; none where no money can be taken.
    pub fn ports(&self, environment: Environment) -> Option<Ports> {
        self.inner.settings.ports.get(&environment).cloned()
    }

    /// How long the windows of new charges are.
    pub fn windows(&self) -> Windows {
        self.inner.settings.windows
    }

    /// Where mails go.
    pub fn carrier(&self) -> &Carrier {
        &self.inner.settings.carrier
    }

    /// 確定, キャンセル, 金額変更 or the end of the window, once.
    pub async fn change(&self, change: Change, number: ChargeNumber, work: Work) -> Result<Answer, ApiError> {
        self.change_seen(change, None, number, work).await
    }

    /// The same, if the charge still has the version `seen`: refused (`charge_changed`) once somebody else has changed it.
    pub async fn change_seen(
        &self,
        change: Change,
        seen: Option<i64>,
        number: ChargeNumber,
        work: Work,
    ) -> Result<Answer, ApiError> {
        let (verb, begun) = (work.verb(), self.store().machine_now());
        let request = begin::Request { seen, ..self.request(&change) };
        let answer = self.try_change(change, request, number, work).await;
        self.measure(verb, begun);
        answer
    }

    async fn try_change(
        &self,
        change: Change,
        request: begin::Request,
        number: ChargeNumber,
        work: Work,
    ) -> Result<Answer, ApiError> {
        let ports = self.ports(change.environment).ok_or_else(ApiError::no_provider)?;
        for look in 0..LOOKS {
            let (request, work, answers) = (request.clone(), work.clone(), self.inner.answers.clone());
            let begin =
                move |tx: &mut store::Tx<'_>| begin::begin_change(tx, &request, number, &work, &answers, look > 0);
            match self.begun(begin).await? {
                Begun::Again => continue,
                begun => return self.go_on(&change, &ports, begun).await,
            }
        }
        Err(ApiError::charge_locked())
    }

    /// A buyer pays, once.
    pub async fn pay(&self, change: Change, order: Order) -> Result<Answer, ApiError> {
        let (begun, request) = (self.store().machine_now(), self.request(&change));
        let answer = self.try_pay(change, order, request).await;
        self.measure("pay", begun);
        answer
    }

    /// A buyer pays, under an attempt that somebody wrote down before: `guards` are committed with the intent, and one that
    /// touches no row means that somebody was faster (`charge_locked`).
    pub async fn pay_as(
        &self,
        change: Change,
        order: Order,
        attempt_id: String,
        guards: Vec<Statement<'static>>,
    ) -> Result<Answer, ApiError> {
        let begun = self.store().machine_now();
        let request = begin::Request { attempt_id, guards, ..self.request(&change) };
        let answer = self.try_pay(change, order, request).await;
        self.measure("pay", begun);
        answer
    }

    /// The buyer of a payment came back from the provider's page.
    pub async fn come_back(&self, shop: ShopId, environment: Environment, attempt: &str) -> Result<Settled, ApiError> {
        let ports = self.ports(environment).ok_or_else(ApiError::no_provider)?;
        let (gateway, attempt) = (self.clone(), attempt.to_owned());
        let task = self
            .under_way(async move { settle::come_back(gateway.store(), &ports, shop, environment, &attempt).await });
        Ok(tokio::spawn(task).await.map_err(|_| ApiError::outcome_unknown())??)
    }

    /// Looks at an attempt whose outcome was not known, and settles it if nobody is at it.
    pub async fn settle(&self, shop: ShopId, environment: Environment, attempt: &str) -> Result<Settled, ApiError> {
        let ports = self.ports(environment).ok_or_else(ApiError::no_provider)?;
        let (gateway, attempt) = (self.clone(), attempt.to_owned());
        let task =
            self.under_way(async move { settle::settle(gateway.store(), &ports, shop, environment, &attempt).await });
        Ok(tokio::spawn(task).await.map_err(|_| ApiError::outcome_unknown())??)
    }

    async fn try_pay(&self, change: Change, order: Order, request: begin::Request) -> Result<Answer, ApiError> {
        let ports = self.ports(change.environment).ok_or_else(ApiError::no_provider)?;
        let serial = self.inner.serials.take(self.store(), change.shop, change.environment).await?;
        for _ in 0..LOOKS {
            let (request, order, answers) = (request.clone(), order.clone(), self.inner.answers.clone());
            let begin = move |tx: &mut store::Tx<'_>| begin::begin_pay(tx, &request, &order, serial, &answers);
            match self.begun(begin).await? {
                Begun::Again => continue,
                begun => return self.go_on(&change, &ports, begun).await,
            }
        }
        Err(ApiError::charge_locked())
    }

    /// Waits until no attempt of this process is under way: for a graceful stop.
    pub async fn drained(&self) {
        loop {
            let ended = self.inner.ended.notified();
            if self.inner.under_way.load(Ordering::SeqCst) == 0 {
                return;
            }
            ended.await;
        }
    }

    fn measure(&self, verb: &'static str, begun: Timestamp) {
        let micros = self.store().machine_now().micros() - begun.micros();
        metrics::histogram!("choba_operation_micros", "verb" => verb).record(micros.max(0) as f64);
    }

    fn request(&self, change: &Change) -> begin::Request {
        begin::Request {
            shop: change.shop,
            environment: change.environment,
            attempt_id: kernel::outside::sortable_hex(self.store().machine_now(), self.entropy()),
            key: change.key.clone(),
            requester: change.requester.clone(),
            seen: None,
            guards: Vec::new(),
        }
    }

    async fn begun<F>(&self, begin: F) -> Result<Begun, ApiError>
    where
        F: FnMut(&mut store::Tx<'_>) -> Result<Begun, Undone> + Send + 'static,
    {
        match self.store().write(begin).await {
            Ok(begun) => Ok(begun),
            Err(Undone::Again) => Ok(Begun::Again),
            Err(Undone::Store(error)) => Err(error.into()),
        }
    }

    async fn go_on(&self, change: &Change, ports: &Ports, begun: Begun) -> Result<Answer, ApiError> {
        match begun {
            Begun::Intent(intent) => self.carry_out(ports, *intent).await,
            Begun::Changed(charge) => Ok(answer(change.environment, &charge)),
            Begun::Refused(refused) => Err(refused.into()),
            Begun::NoSuchCharge => Err(ApiError::no_such_charge()),
            Begun::Busy | Begun::Again => Err(ApiError::charge_locked()),
            Begun::Stale => Err(ApiError::charge_changed()),
            Begun::Earlier(attempt) => self.outcome_of(change, ports, &attempt).await,
            Begun::Answered(status, body) => Ok(Answer::Kept(status, body)),
            Begun::KeyReused => Err(ApiError::key_reused()),
        }
    }

    /// Asks outside and commits the outcome, in a task of its own: a client that hangs up does not stop it half-way.
    async fn carry_out(&self, ports: &Ports, intent: Intent) -> Result<Answer, ApiError> {
        let (gateway, ports) = (self.clone(), ports.clone());
        let environment = intent.attempt.environment;
        let task = self.under_way(async move {
            match steps::ask(&ports, &intent, Mode::First).await {
                steps::Asked::Done(receipts) => {
                    let finish = move |tx: &mut store::Tx<'_>| crate::attempt::finish::succeed(tx, &intent, &receipts);
                    gateway.store().write(finish).await.map(|charge| Ok(Box::new(charge)))
                }
                asked => settle::conclude(gateway.store(), intent, asked).await.map(Err),
            }
        });
        match tokio::spawn(task).await.map_err(|_| ApiError::outcome_unknown())? {
            Ok(Ok(charge)) => Ok(answer(environment, &charge)),
            Ok(Err(Settled::Ended(Ending::Refused(reason)))) => Err(ApiError::payment(&reason)),
            Ok(Err(Settled::Ended(Ending::Succeeded) | Settled::Open | Settled::Waits(_) | Settled::Missing)) => {
                Err(ApiError::outcome_unknown())
            }
            Err(error) => {
                // The intent stands, so whatever the database says now, the outcome is settled later.
                tracing::error!(%error, "the outcome of an attempt could not be committed");
                Err(ApiError::outcome_unknown())
            }
        }
    }

    /// The answer to a request that began an attempt before.
    async fn outcome_of(&self, change: &Change, ports: &Ports, attempt: &str) -> Result<Answer, ApiError> {
        let settled = settle::settle(self.store(), ports, change.shop, change.environment, attempt);
        match settled.await? {
            Settled::Ended(Ending::Succeeded) => self.answer_of(change, attempt).await,
            Settled::Ended(Ending::Refused(reason)) => Err(ApiError::payment(&reason)),
            Settled::Open | Settled::Waits(_) => Err(ApiError::outcome_unknown()),
            Settled::Missing => Err(ApiError::server()),
        }
    }

    async fn answer_of(&self, change: &Change, attempt: &str) -> Result<Answer, ApiError> {
        let (shop, environment, id) = (change.shop, change.environment, attempt.to_owned());
        let found = self
            .store()
            .read(move |tx| event::rows::snapshot_of(tx, shop, environment, &id).map_err(ApiError::from))
            .await?;
        let (data, address) = found.ok_or_else(ApiError::server)?;
        let snapshot = serde_json::from_str(&data).map_err(|error| {
            tracing::error!(%error, attempt, "the data of an event");
            ApiError::server()
        })?;
        Ok(Answer::Charge(snapshot, address))
    }

    /// Counts `task` as under way until it ends, whatever way.
    pub(crate) fn under_way<T, F: Future<Output = T>>(&self, task: F) -> impl Future<Output = T> + use<T, F> {
        struct Guard(Arc<Inner>);
        impl Drop for Guard {
            fn drop(&mut self) {
                self.0.under_way.fetch_sub(1, Ordering::SeqCst);
                self.0.ended.notify_waiters();
            }
        }
        self.inner.under_way.fetch_add(1, Ordering::SeqCst);
        let guard = Guard(self.inner.clone());
        async move {
            let result = task.await;
            drop(guard);
            result
        }
    }

    /// Reads a charge.
    pub async fn find(
        &self,
        shop: ShopId,
        environment: Environment,
        number: ChargeNumber,
    ) -> Result<Option<Charge>, StoreError> {
        self.store().read(move |tx| rows::find(tx, shop, environment, number)).await
    }
}

fn answer(environment: Environment, charge: &Charge) -> Answer {
    Answer::Charge(Snapshot::of(charge, environment), charge.address_json.clone())
}
