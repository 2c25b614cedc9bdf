//! Confirming: the shop is asked (`charge.check`), then the buyer pays; and coming back from 3-D Secure.
//!
//! Each step commits what it is about to do before anybody outside is asked. The attempt's id is fixed with the first of
//! them, so however often the button is pressed, whatever dies, there is one attempt at a time and one charge at the most.

use acquirer::{Merchant, SecurityCode, TokenizeRefused};
use kernel::Yen;
use kernel::outside::sortable_hex;
use store::{Statement, StoreError, Tx};

use super::choose::{load_open, setting};
use super::state::{CHECK_REFUSED, CHECK_UNANSWERED, Chosen, Kept, Missing};
use super::{Checkout, NotDone, Session, SessionId, Visitor, rows, take};
use crate::attempt::Requester;
use crate::buyer::{Account, SavedCard, rows as buyer_rows};
use crate::charge::{Order, Presence, Windows};
use crate::gateway::Change;
use crate::webhook::CheckOutcome;

/// How long the answer of the shop is waited for at the most, whatever happens to who waits; machine time. Longer than
/// `charge.check` takes at the most.
const CHECKING_MICROS: i64 = 30 * 1_000_000;

/// What was committed before the shop is asked.
struct Begun {
    order: Order,
    attempt: String,
}

impl Checkout {
    /// The buyer confirms. When this returns, the session says what came of it; [`NotDone`] only if nothing was begun.
    pub async fn confirm(
        &self,
        id: &SessionId,
        visitor: &Visitor,
        account: &Account,
        code: Option<SecurityCode>,
    ) -> Result<(), NotDone> {
        self.gateway().ports(id.environment).ok_or(NotDone::NoProvider)?;
        let has_code = code.is_some();
        if let Some(code) = code {
            self.hand_over_code(id, visitor, code).await?;
        }
        let attempt = sortable_hex(self.gateway().store().machine_now(), self.gateway().entropy());
        let (of, account, open_id) = (id.clone(), account.clone(), self.open_id(&visitor.buyer));
        let (allowances, windows) = (self.card_allowances(visitor), self.gateway().windows());
        let begin = move |tx: &mut Tx<'_>| {
            let begun = begin(tx, &of, &account, &open_id, has_code, windows, &attempt)?;
            take(tx, &allowances)?;
            Ok::<_, NotDone>(begun)
        };
        let begun = self.gateway().store().write(begin).await?;
        // In a task of its own: a buyer who closes the window does not stop it half-way.
        let (checkout, id, visitor) = (self.clone(), id.clone(), visitor.clone());
        let done = tokio::spawn(async move { checkout.check_and_pay(&id, &visitor, begun).await });
        done.await.map_err(|_| NotDone::Unavailable)?
    }

    /// The security code of the chosen card goes to the provider, and is nowhere else.
    async fn hand_over_code(&self, id: &SessionId, visitor: &Visitor, code: SecurityCode) -> Result<(), NotDone> {
        let (of, buyer) = (id.clone(), visitor.buyer.clone());
        let chosen = move |tx: &mut Tx<'_>| {
            let (session, _) = rows::find(tx, &of)?.ok_or(NotDone::NoSuchSession)?;
            chosen_card(tx, &session, &buyer)
        };
        let Some(card) = self.gateway().store().read(chosen).await? else { return Ok(()) };
        let ports = self.gateway().ports(id.environment).ok_or(NotDone::NoProvider)?;
        let merchant = Merchant { shop: id.shop, environment: id.environment };
        let taken = ports.cards.take_security_code(merchant, &card.token, code);
        match tokio::time::timeout(ports.timeout, taken).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(TokenizeRefused::Unavailable(_))) | Err(_) => Err(NotDone::Unavailable),
            Ok(Err(_)) => Err(NotDone::CodeWrong),
        }
    }

    async fn check_and_pay(&self, id: &SessionId, visitor: &Visitor, begun: Begun) -> Result<(), NotDone> {
        let Begun { order, attempt } = begun;
        let asked = self.gateway().webhooks().check(id.shop, id.environment, &order, &attempt).await;
        let (notice, entry) = match asked {
            Ok(asked) => (stops(&asked.outcome), asked.entry()),
            Err(error) => {
                tracing::error!(%error, "charge.check could not be asked");
                (Some(CHECK_UNANSWERED), None)
            }
        };
        match notice {
            Some(notice) => {
                let stop = rows::stop_checking(id, &attempt, notice);
                self.note(entry.into_iter().chain([stop]).collect()).await?;
            }
            None => self.pay(id, visitor, (order, attempt), entry).await?,
        }
        Ok(())
    }

    async fn note(&self, statements: Vec<Statement<'static>>) -> Result<(), StoreError> {
        self.gateway().store().write(move |tx: &mut Tx<'_>| tx.execute_all(&statements).map(|_| ())).await
    }

    /// What comes of it stands in the attempt, which the session asks; a charge that was made late is still one charge. That
    /// the shop was asked is committed with the intent, or by itself if there is none.
    async fn pay(
        &self,
        id: &SessionId,
        visitor: &Visitor,
        (order, attempt): (Order, String),
        asked: Option<Statement<'static>>,
    ) -> Result<(), StoreError> {
        let requester = Requester {
            actor: visitor.buyer.clone(),
            origin: format!("checkout {} {}", visitor.address, visitor.request_id),
        };
        let change = Change { shop: id.shop, environment: id.environment, key: None, requester };
        let guard = rows::begin_paying(id, &attempt, self.gateway().store().machine_now());
        let guards = asked.iter().cloned().chain([guard]).collect();
        if let Err(error) = self.gateway().pay_as(change, order, attempt, guards).await {
            tracing::info!(session_shop = %id.shop, code = error.code, "a payment at the checkout did not end at once");
            if let Some(asked) = asked {
                self.note(vec![asked]).await?;
            }
        }
        Ok(())
    }

    /// The buyer came back from the provider's page, or looks whether anything happened.
    pub async fn come_back(&self, id: &SessionId) -> Result<(), NotDone> {
        let of = id.clone();
        let found = self.gateway().store().read(move |tx| rows::find(tx, &of)).await?;
        let (session, _) = found.ok_or(NotDone::NoSuchSession)?;
        if let (Kept::Paying, Some(attempt)) = (session.kept, session.attempt) {
            self.gateway().come_back(id.shop, id.environment, &attempt).await.map_err(NotDone::Failed)?;
        }
        Ok(())
    }
}

/// Why an answer of the shop stops the order, if it does.
fn stops(outcome: &CheckOutcome) -> Option<&'static str> {
    match outcome {
        CheckOutcome::NotAsked | CheckOutcome::Passed => None,
        CheckOutcome::Refused(_) => Some(CHECK_REFUSED),
        CheckOutcome::Unanswered(_) => Some(CHECK_UNANSWERED),
    }
}

/// Commits that the shop is being asked for this attempt.
fn begin(
    tx: &mut Tx<'_>,
    id: &SessionId,
    account: &Account,
    open_id: &str,
    has_code: bool,
    windows: Windows,
    attempt: &str,
) -> Result<Begun, NotDone> {
    let mut session = load_open(tx, id, &account.id)?;
    let receives_address = receives_address(tx, id)?;
    let card = chosen_card(tx, &session, &account.id)?;
    let address = match (&session.address, receives_address) {
        (Some(wanted), true) => {
            let saved = buyer_rows::addresses(tx, &account.id)?;
            saved.into_iter().find(|saved| saved.id == *wanted).map(|saved| saved.address)
        }
        (None, _) | (Some(_), false) => None,
    };
    let only_points = session.card_amount().is_zero();
    let chosen = Chosen { card: card.is_some(), only_points, address: address.is_some(), receives_address };
    if let Some(missing) = chosen.missing() {
        return Err(NotDone::Missing(missing));
    }
    let card = if only_points { None } else { card };
    if let Some(card) = &card
        && setting(tx, id, card)?.is_asked()
        && !has_code
        && session.code_card.as_ref() != Some(&card.id)
    {
        return Err(NotDone::CodeNeeded);
    }
    let order = Order {
        items: session.items.clone(),
        cart_id: session.cart_id.clone(),
        point: session.point,
        card: card.map(|card| card.token),
        address,
        buyer: account.contact(),
        open_id: open_id.to_owned(),
        presence: Presence::Person,
        windows,
    };
    session.kept = Kept::Checking(tx.machine_now().plus_micros(CHECKING_MICROS));
    session.attempt = Some(attempt.to_owned());
    session.notice = None;
    // The code was for one authorization.
    session.code_card = None;
    tx.execute_all(&[rows::save(&session)])?;
    Ok(Begun { order, attempt: attempt.to_owned() })
}

fn chosen_card(tx: &mut Tx<'_>, session: &Session, buyer: &str) -> Result<Option<SavedCard>, NotDone> {
    let Some(wanted) = &session.card else { return Ok(None) };
    let cards = buyer_rows::cards(tx, buyer, session.id.shop, session.id.environment)?;
    Ok(cards.into_iter().find(|card| card.id == *wanted))
}

fn receives_address(tx: &mut Tx<'_>, id: &SessionId) -> Result<bool, NotDone> {
    Ok(shop::rows::find_shop(tx, id.shop)?.is_some_and(|shop| shop.receives_address))
}

/// What is missing before the session can be confirmed, as pages ask.
pub fn missing(session: &Session, receives_address: bool) -> Option<Missing> {
    let only_points = session.card_amount() == Yen::ZERO;
    Chosen { card: session.card.is_some(), only_points, address: session.address.is_some(), receives_address }.missing()
}
