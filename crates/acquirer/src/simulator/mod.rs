//! The built-in provider: an acquirer and a points service that move nothing and keep honest books.
//!
//! It lives like a foreign party. Its book is a [`Store`] of its own, on a file or schema that holds nothing else; what
//! it did stays done whatever becomes of the caller, and the caller learns of it by answers and inquiries only. Magic
//! cards ([`MAGIC_CARDS`]) and [`Simulator::set_faults`] make it behave as badly as networks do. Whoever reconciles may
//! read the book ([`book`], [`book_page`], [`book_of`]) and have it recounted ([`check`]).

mod authorization;
mod book;
mod check;
mod magic;
mod operation;
mod points;
mod rows;
#[cfg(test)]
mod tests;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use kernel::outside::random_hex;
use kernel::{Entropy, Yen};
use store::{Migration, Store, StoreError};

pub use book::{BookAuthorization, BookHold, State, book, book_of, book_page, hold_of, holds_page, points_balance};
pub use check::check;
pub use magic::{Happens, MAGIC_CARDS, MagicCard, Mishap, Step, UnknownMagicCard, magic_card, magic_cards_document};
pub use points::{EMPTY_ACCOUNT_SUFFIX, OPENING_POINTS};

use crate::card::{CardDetails, CardToken, SecurityCode, TokenizeRefused};
use crate::points::PointsProvider;
use crate::port::{ActionOutcome, Answer, BoxFuture, Inquiry, Merchant, Provider, Request};

/// The tables of the book; the [`Store`] handed to [`Simulator::new`] is opened with these and no others.
pub const MIGRATIONS: &[Migration] = &[
    Migration { name: "simulator/0001-book", sql: include_str!("../../migrations/0001-book.sql") },
    Migration { name: "simulator/0002-action", sql: include_str!("../../migrations/0002-action.sql") },
];

/// How often a request is run again because another one was faster, before its fate is called unknown.
const RACES_MAX: u32 = 32;

/// What is set up once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How long a late answer takes.
    pub late_after: Duration,
    /// Where a buyer goes who must act; shop, environment and the name of the authorization are appended as a path.
    pub action_url: String,
}

impl Default for Settings {
    /// Half a minute, and an address that leads nowhere.
    fn default() -> Settings {
        Settings { late_after: Duration::from_secs(30), action_url: "https://simulator.invalid/3ds/".to_owned() }
    }
}

/// What goes wrong with one request, for tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Nothing.
    None,
    /// The request does not arrive: nothing is done, the answer is unknown.
    LoseRequest,
    /// What is asked for is done, the answer is unknown.
    LoseAnswer,
    /// What is asked for is done at once, the answer comes after [`Settings::late_after`].
    Late,
}

/// Decides what goes wrong with a request. Unlike a magic card it is asked at every try of a key.
pub type Faults<R> = Arc<dyn Fn(&R) -> Fault + Send + Sync>;

/// The built-in acquirer and points service.
pub struct Simulator {
    store: Store,
    entropy: Arc<dyn Entropy>,
    settings: Settings,
    faults: RwLock<Option<Faults<Request>>>,
    points_faults: RwLock<Option<Faults<crate::points::Request>>>,
}

/// Why a run of an operation was undone.
#[derive(Debug)]
enum Undone {
    /// The book failed.
    Store(StoreError),
    /// Another request was faster; running again sees what it did.
    Raced,
}

impl From<StoreError> for Undone {
    fn from(error: StoreError) -> Undone {
        Undone::Store(error)
    }
}

impl Simulator {
    /// A simulator whose book is `store`, opened with [`MIGRATIONS`]. Names of cards, authorizations and operations are
    /// made from `entropy`.
    pub fn new(store: Store, entropy: Arc<dyn Entropy>, settings: Settings) -> Simulator {
        Simulator { store, entropy, settings, faults: RwLock::default(), points_faults: RwLock::default() }
    }

    /// The book, for reading: [`book_page`], [`book_of`], [`holds_page`], [`check`].
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// From now on `faults` decides what goes wrong with card requests; nothing, if none.
    pub fn set_faults(&self, faults: Option<Faults<Request>>) {
        *self.faults.write().unwrap_or_else(PoisonError::into_inner) = faults;
    }

    /// The same for points requests.
    pub fn set_points_faults(&self, faults: Option<Faults<crate::points::Request>>) {
        *self.points_faults.write().unwrap_or_else(PoisonError::into_inner) = faults;
    }

    async fn hand_over(&self, merchant: Merchant, card: CardDetails) -> Result<CardToken, TokenizeRefused> {
        let brand = card.check()?;
        let token = CardToken {
            token: format!("tok_{}", random_hex::<16>(&*self.entropy)),
            brand,
            last4: card.last4(),
            expiry_year: card.expiry_year,
            expiry_month: card.expiry_month,
        };
        let magic = MAGIC_CARDS.iter().find(|magic| card.has_number(magic.number));
        drop(card);
        let kept = token.clone();
        let done = self.store.write(move |tx| rows::insert_card(tx, merchant, &kept, magic)).await;
        done.map(|()| token).map_err(|error: StoreError| TokenizeRefused::Unavailable(error.to_string()))
    }

    fn action_url(&self, merchant: Merchant) -> String {
        format!("{}{}/{}/", self.settings.action_url, merchant.shop, merchant.environment)
    }

    /// What the simulator's page for 3-D Secure shows: what is to be confirmed, as long as that is open.
    pub async fn action_page(&self, merchant: Merchant, authorization: &str) -> Result<Option<Yen>, StoreError> {
        let name = authorization.to_owned();
        let found = self.store.read(move |tx| rows::find_authorization(tx, merchant, &name)).await?;
        let open = |found: &authorization::Authorization| found.simulated_buyer().is_some() && found.acted.is_none();
        Ok(found.filter(open).map(|found| found.amount))
    }

    /// A buyer did `outcome` on the simulator's page for 3-D Secure. The first thing counts.
    pub async fn act(&self, merchant: Merchant, authorization: &str, outcome: ActionOutcome) -> Result<(), StoreError> {
        let name = authorization.to_owned();
        self.store.write(move |tx| rows::act(tx, merchant, &name, outcome)).await
    }

    async fn find(&self, merchant: Merchant, authorization: &str) -> Option<authorization::Authorization> {
        let name = authorization.to_owned();
        // A book that cannot be read now is a buyer who does nothing now.
        self.store.read(move |tx| rows::find_authorization(tx, merchant, &name)).await.ok().flatten()
    }

    async fn answer(&self, request: Request) -> Answer {
        let fault = injected(&self.faults, &request);
        if fault == Fault::LoseRequest {
            return Answer::Unknown("the request was lost".to_owned());
        }
        let executed = match self.run(request).await {
            Ok(executed) => executed,
            Err(why) => return Answer::Unknown(why),
        };
        let mishap = match fault {
            Fault::LoseAnswer => Some(Mishap::AnswerLost),
            Fault::Late => Some(Mishap::AnswerLate),
            Fault::None | Fault::LoseRequest => executed.mishap,
        };
        match mishap {
            None | Some(Mishap::RequestLost) => executed.answer,
            Some(Mishap::AnswerLost) => Answer::Unknown("the answer was lost".to_owned()),
            Some(Mishap::AnswerLate) => {
                tokio::time::sleep(self.settings.late_after).await;
                executed.answer
            }
        }
    }

    async fn run(&self, request: Request) -> Result<operation::Executed, String> {
        let request = Arc::new(request);
        for _ in 0..RACES_MAX {
            let random = random_hex::<16>(&*self.entropy);
            let given = operation::Given { random, action_url: self.action_url(request.merchant) };
            let request = request.clone();
            match self.store.write(move |tx| operation::execute(tx, &request, &given)).await {
                Ok(executed) => return Ok(executed),
                Err(Undone::Store(error)) => return Err(error.to_string()),
                Err(Undone::Raced) => {}
            }
        }
        Err("other requests were faster each time".to_owned())
    }

    async fn answer_points(&self, request: crate::points::Request) -> crate::points::Answer {
        use crate::points::Answer;
        let fault = injected(&self.points_faults, &request);
        if fault == Fault::LoseRequest {
            return Answer::Unknown("the request was lost".to_owned());
        }
        let answer = self.run_points(request).await.unwrap_or_else(Answer::Unknown);
        match fault {
            Fault::None | Fault::LoseRequest => answer,
            Fault::LoseAnswer => Answer::Unknown("the answer was lost".to_owned()),
            Fault::Late => {
                tokio::time::sleep(self.settings.late_after).await;
                answer
            }
        }
    }

    async fn run_points(&self, request: crate::points::Request) -> Result<crate::points::Answer, String> {
        let request = Arc::new(request);
        for _ in 0..RACES_MAX {
            let random = random_hex::<16>(&*self.entropy);
            let request = request.clone();
            match self.store.write(move |tx| points::execute(tx, &request, &random)).await {
                Ok(answer) => return Ok(answer),
                Err(Undone::Store(error)) => return Err(error.to_string()),
                Err(Undone::Raced) => {}
            }
        }
        Err("other requests were faster each time".to_owned())
    }
}

impl Provider for Simulator {
    fn name(&self) -> &'static str {
        "simulator"
    }

    fn takes_real_money(&self) -> bool {
        false
    }

    fn tokenize<'a>(
        &'a self,
        merchant: Merchant,
        card: CardDetails,
    ) -> BoxFuture<'a, Result<CardToken, TokenizeRefused>> {
        Box::pin(self.hand_over(merchant, card))
    }

    fn execute<'a>(&'a self, request: Request) -> BoxFuture<'a, Answer> {
        Box::pin(self.answer(request))
    }

    /// Waits in the queue of writers, behind every request that arrived before it.
    fn inquire<'a>(&'a self, merchant: Merchant, key: &'a str) -> BoxFuture<'a, Inquiry> {
        let (key, url) = (key.to_owned(), self.action_url(merchant));
        Box::pin(async move {
            match self.store.write(move |tx| operation::find(tx, merchant, &key, &url)).await {
                Ok(Some(answer)) => Inquiry::Found(answer),
                Ok(None) => Inquiry::NeverArrived,
                Err(error) => Inquiry::Unknown(error.to_string()),
            }
        })
    }

    fn simulated_buyer<'a>(
        &'a self,
        merchant: Merchant,
        authorization: &'a str,
    ) -> BoxFuture<'a, Option<ActionOutcome>> {
        Box::pin(async move { self.find(merchant, authorization).await.and_then(|found| found.simulated_buyer()) })
    }

    fn take_security_code<'a>(
        &'a self,
        merchant: Merchant,
        token: &'a str,
        code: SecurityCode,
    ) -> BoxFuture<'a, Result<(), TokenizeRefused>> {
        let token = token.to_owned();
        Box::pin(async move {
            let magic = magic_card(&token).map(|magic| magic.brand);
            let kept = self.store.read(move |tx| rows::brand_of(tx, merchant, &token)).await;
            match magic.map_or(kept, |brand| Ok(Some(brand))) {
                Ok(Some(brand)) if code.fits(brand) => Ok(()),
                Ok(_) => Err(TokenizeRefused::SecurityCode),
                Err(error) => Err(TokenizeRefused::Unavailable(error.to_string())),
            }
        })
    }

    fn action_outcome<'a>(
        &'a self,
        merchant: Merchant,
        authorization: &'a str,
    ) -> BoxFuture<'a, Option<ActionOutcome>> {
        Box::pin(async move { self.find(merchant, authorization).await.and_then(|found| found.acted) })
    }
}

impl PointsProvider for Simulator {
    fn name(&self) -> &'static str {
        "simulator"
    }

    fn takes_real_points(&self) -> bool {
        false
    }

    fn execute<'a>(&'a self, request: crate::points::Request) -> BoxFuture<'a, crate::points::Answer> {
        Box::pin(self.answer_points(request))
    }

    fn balance<'a>(&'a self, merchant: Merchant, account: &'a str) -> BoxFuture<'a, Result<Yen, String>> {
        let account = account.to_owned();
        Box::pin(async move {
            let balance = self.store.read(move |tx| points_balance(tx, merchant, &account)).await;
            balance.map_err(|error: StoreError| error.to_string())
        })
    }

    fn inquire<'a>(&'a self, merchant: Merchant, key: &'a str) -> BoxFuture<'a, crate::points::Inquiry> {
        use crate::points::Inquiry;
        let key = key.to_owned();
        Box::pin(async move {
            match self.store.write(move |tx| points::find(tx, merchant, &key)).await {
                Ok(Some(answer)) => Inquiry::Found(answer),
                Ok(None) => Inquiry::NeverArrived,
                Err(error) => Inquiry::Unknown(error.to_string()),
            }
        })
    }
}

fn injected<R>(faults: &RwLock<Option<Faults<R>>>, request: &R) -> Fault {
    // The function runs outside of the lock: it may set other faults.
    let faults = faults.read().unwrap_or_else(PoisonError::into_inner).clone();
    faults.map_or(Fault::None, |faults| faults(request))
}
