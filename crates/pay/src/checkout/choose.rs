//! What the buyer chooses: card, points, address. Each is one transaction that finds the session open, or changes nothing.

use acquirer::{CardDetails, CardToken, Merchant, TokenizeRefused};
use kernel::Yen;
use kernel::outside::random_hex;
use store::Tx;

use super::security_code::{self, Setting};
use super::state::{Kept, Stage};
use super::{Checkout, NotDone, Session, SessionId, Visitor, rows};
use crate::buyer::address::{self, Typed};
use crate::buyer::{SavedAddress, SavedCard, rows as buyer_rows};
use crate::charge::order::open_id;

/// Loads an open session for a change by `buyer`; a session that nobody has yet, or another buyer who has not confirmed,
/// goes over to him without the other's choices.
pub(super) fn load_open(tx: &mut Tx<'_>, id: &SessionId, buyer: &str) -> Result<Session, NotDone> {
    let (mut session, stage) = rows::find_for_update(tx, id)?.ok_or(NotDone::NoSuchSession)?;
    let owner_is_other = session.buyer.as_deref().is_some_and(|owner| owner != buyer);
    let notice = match stage {
        Stage::Open(notice) => notice,
        _ if owner_is_other => return Err(NotDone::NotYours),
        closed => return Err(NotDone::Closed(closed)),
    };
    if owner_is_other {
        (session.card, session.code_card, session.address, session.point) = (None, None, None, Yen::ZERO);
    }
    session.buyer = Some(buyer.to_owned());
    // A refused attempt stays where it is told of, in its own row; the session goes on.
    (session.kept, session.attempt, session.notice) = (Kept::Open, None, notice);
    Ok(session)
}

impl Checkout {
    /// Changes an open session.
    async fn change<F>(&self, id: &SessionId, buyer: &str, mut change: F) -> Result<(), NotDone>
    where
        F: FnMut(&mut Tx<'_>, &mut Session) -> Result<(), NotDone> + Send + 'static,
    {
        let (id, buyer) = (id.clone(), buyer.to_owned());
        self.gateway()
            .store()
            .write(move |tx| {
                let mut session = load_open(tx, &id, &buyer)?;
                change(tx, &mut session)?;
                tx.execute_all(&[rows::save(&session)])?;
                Ok(())
            })
            .await
    }

    /// The buyer logged in.
    pub async fn claim(&self, id: &SessionId, buyer: &str) -> Result<(), NotDone> {
        self.change(id, buyer, |_, _| Ok(())).await
    }

    /// The buyer goes away for good.
    pub async fn leave(&self, id: &SessionId, buyer: Option<&str>) -> Result<(), NotDone> {
        let (id, buyer) = (id.clone(), buyer.unwrap_or_default().to_owned());
        self.gateway()
            .store()
            .write(move |tx| {
                let (session, stage) = rows::find_for_update(tx, &id)?.ok_or(NotDone::NoSuchSession)?;
                if session.buyer.as_ref().is_some_and(|owner| *owner != buyer) {
                    return Err(NotDone::NotYours);
                }
                if !stage.is_open() {
                    return Err(NotDone::Closed(stage));
                }
                tx.execute_all(&[rows::save(&Session { kept: Kept::Abandoned, attempt: None, ..session })])?;
                Ok(())
            })
            .await
    }

    /// Chooses a saved card.
    pub async fn choose_card(&self, id: &SessionId, buyer: &str, card: &str) -> Result<(), NotDone> {
        let (wanted, owner, of) = (card.to_owned(), buyer.to_owned(), id.clone());
        self.change(id, buyer, move |tx, session| {
            let cards = buyer_rows::cards(tx, &owner, of.shop, of.environment)?;
            let card = cards.into_iter().find(|card| card.id == wanted).ok_or(NotDone::Wrong(Vec::new()))?;
            setting(tx, &of, &card)?;
            session.card = Some(card.id);
            session.notice = None;
            Ok(())
        })
        .await
    }

    /// Hands a new card to the provider, saves what may be kept of it, and chooses it.
    pub async fn add_card(&self, id: &SessionId, visitor: &Visitor, details: CardDetails) -> Result<(), NotDone> {
        let brand = details.check().map_err(NotDone::Card)?;
        let of = id.clone();
        let (session, settings) = self
            .gateway()
            .store()
            .read(move |tx| Ok::<_, NotDone>((rows::find(tx, &of)?, security_code::all(tx, of.shop)?)))
            .await?;
        let (_, stage) = session.ok_or(NotDone::NoSuchSession)?;
        if !stage.is_open() {
            return Err(NotDone::Closed(stage));
        }
        let setting = security_code::of_brand(&settings, brand);
        if !setting.approved {
            return Err(NotDone::BrandNotTaken);
        }
        if setting.is_asked() && details.security_code.is_none() {
            return Err(NotDone::CodeNeeded);
        }
        self.count_card(visitor).await?;
        let has_code = details.security_code.is_some();
        let saved = self.tokenize(id, details).await?;
        let (of, owner) = (id.clone(), visitor.buyer.clone());
        self.change(id, &visitor.buyer, move |tx, session| {
            let now = tx.machine_now();
            tx.execute_all(&[buyer_rows::insert_card(&owner, of.shop, of.environment, &saved, now)])?;
            session.card = Some(saved.id.clone());
            session.code_card = has_code.then(|| saved.id.clone());
            session.notice = None;
            Ok(())
        })
        .await
    }

    async fn tokenize(&self, id: &SessionId, details: CardDetails) -> Result<SavedCard, NotDone> {
        let ports = self.gateway().ports(id.environment).ok_or(NotDone::NoProvider)?;
        let merchant = Merchant { shop: id.shop, environment: id.environment };
        let tokenized = tokio::time::timeout(ports.timeout, ports.cards.tokenize(merchant, details)).await;
        let token = match tokenized.map_err(|_| NotDone::Unavailable)? {
            Err(TokenizeRefused::Unavailable(why)) => {
                tracing::warn!(why, "the provider could not take a card");
                return Err(NotDone::Unavailable);
            }
            tokenized => tokenized.map_err(NotDone::Card)?,
        };
        let CardToken { token, brand, last4, expiry_year, expiry_month } = token;
        Ok(SavedCard {
            id: format!("card_{}", random_hex::<16>(self.gateway().entropy())),
            token,
            brand,
            last4,
            expiry_year: i64::from(expiry_year),
            expiry_month: i64::from(expiry_month),
        })
    }

    /// How many points the buyer has with the shop; none if nobody can say now.
    pub async fn points_balance(&self, id: &SessionId, buyer: &str) -> Option<Yen> {
        let ports = self.gateway().ports(id.environment)?;
        let merchant = Merchant { shop: id.shop, environment: id.environment };
        let account = self.open_id(buyer);
        let asked = tokio::time::timeout(ports.timeout, ports.points.balance(merchant, &account)).await;
        asked.ok()?.inspect_err(|why| tracing::warn!(why, "a points balance")).ok()
    }

    /// The OpenID of a buyer.
    pub fn open_id(&self, buyer: &str) -> String {
        open_id(&format!("{}/openid/user/", self.gateway().base_url()), buyer)
    }

    /// Uses so many points.
    pub async fn use_points(&self, id: &SessionId, buyer: &str, points: Yen) -> Result<(), NotDone> {
        if !points.is_zero() && self.points_balance(id, buyer).await.is_none_or(|balance| balance < points) {
            return Err(NotDone::Points);
        }
        self.change(id, buyer, move |_, session| {
            if points > session.items.total() {
                return Err(NotDone::Points);
            }
            session.point = points;
            Ok(())
        })
        .await
    }

    /// Chooses a saved address.
    pub async fn choose_address(&self, id: &SessionId, buyer: &str, address: &str) -> Result<(), NotDone> {
        let (wanted, owner) = (address.to_owned(), buyer.to_owned());
        self.change(id, buyer, move |tx, session| {
            let addresses = buyer_rows::addresses(tx, &owner)?;
            let found = addresses.into_iter().find(|saved| saved.id == wanted);
            session.address = Some(found.ok_or(NotDone::Wrong(Vec::new()))?.id);
            Ok(())
        })
        .await
    }

    /// Saves a new address and chooses it.
    pub async fn add_address(&self, id: &SessionId, buyer: &str, typed: &Typed) -> Result<(), NotDone> {
        let address = address::check(typed).map_err(NotDone::Wrong)?;
        let saved = SavedAddress { id: format!("addr_{}", random_hex::<16>(self.gateway().entropy())), address };
        let owner = buyer.to_owned();
        self.change(id, buyer, move |tx, session| {
            let now = tx.machine_now();
            tx.execute_all(&[buyer_rows::insert_address(&owner, &saved, now)])?;
            session.address = Some(saved.id.clone());
            Ok(())
        })
        .await
    }
}

/// What holds for the brand of a card; refused if the shop does not take it.
pub(super) fn setting(tx: &mut Tx<'_>, id: &SessionId, card: &SavedCard) -> Result<Setting, NotDone> {
    let setting = security_code::of_brand(&security_code::all(tx, id.shop)?, card.brand);
    if setting.approved { Ok(setting) } else { Err(NotDone::BrandNotTaken) }
}
