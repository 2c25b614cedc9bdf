//! The service: a request as bytes, its answer as HTTP status and text. Who calls is proved by the body of each call.

use std::sync::Arc;
use std::time::Duration;

use acquirer::Provider;
use kernel::Entropy;
use sha2::{Digest as _, Sha256};
use shop::Vault;
use store::{Store, StoreError, Tx};

use super::access::{self, Access};
use super::asking::Desk;
use super::code::{self, NORMAL, Refused};
use super::look::{self, Criteria, Looked};
use super::requests::{self, Wish, Wished};
use super::soap::call::{Call, Given, Unreadable};
use super::soap::schema::{Operation, Verb};
use super::soap::{self, Value};
use super::state::{Act, Kind};

/// Characters of 注文番号 that are kept of what was sent.
const NUMBER_MAX: usize = 60;

/// What the service is made of.
#[derive(Clone)]
pub struct Settings {
    /// Our database.
    pub store: Store,
    /// The master keys.
    pub vault: Arc<Vault>,
    /// Where randomness comes from.
    pub entropy: Arc<dyn Entropy>,
    /// The acquirer of cards in the sandbox.
    pub cards: Arc<dyn Provider>,
    /// How long an answer of the acquirer is waited for.
    pub timeout: Duration,
}

/// The service. Cheap to clone.
#[derive(Clone)]
pub struct Rcard {
    settings: Arc<Settings>,
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// HTTP status.
    pub status: u16,
    /// The envelope.
    pub xml: String,
    /// Whether the caller did not prove who they are.
    pub is_stranger: bool,
}

/// What an operation answers: what its `result` holds after code and message.
type Rest = Vec<Value>;

impl Rcard {
    /// The service.
    pub fn new(settings: Settings) -> Rcard {
        Rcard { settings: Arc::new(settings) }
    }

    /// The database.
    pub fn store(&self) -> &Store {
        &self.settings.store
    }

    /// Where randomness comes from.
    pub(super) fn entropy(&self) -> &dyn Entropy {
        self.settings.entropy.as_ref()
    }

    /// Who asks the acquirer.
    pub(super) fn desk(&self) -> Desk {
        Desk { cards: self.settings.cards.clone(), timeout: self.settings.timeout }
    }

    /// Answers a request; of who is not admitted now, without looking at who it is.
    pub async fn answer(&self, body: &[u8], is_admitted: bool) -> Answered {
        match Call::read(body) {
            Ok(Call { operation, .. }) if !is_admitted => refusal(operation, Refused::TooManyCalls),
            Ok(call) => self.called(call).await,
            Err(Unreadable::Version) => fault(500, "VersionMismatch", &Unreadable::Version.to_string()),
            // Contract 2: 400 for members out of order.
            Err(why @ Unreadable::Malformed(_)) => fault(400, "Client", &why.to_string()),
        }
    }

    async fn called(&self, call: Call) -> Answered {
        let operation = call.operation;
        let credentials = call.credentials.clone();
        let vault = self.settings.vault.clone();
        let caller = self.store().read(move |tx| access::caller(tx, &vault, &credentials)).await;
        let done = match caller {
            Ok(Some(access)) => self.done(access, call).await,
            Ok(None) => Err(Looked::Refused(Refused::Credentials)),
            Err(error) => Err(Looked::Store(error)),
        };
        match done {
            Ok(rest) => answered(operation, NORMAL, rest),
            Err(Looked::Refused(refused)) => refusal(operation, refused),
            Err(Looked::Store(error)) => {
                tracing::error!(operation = operation.name, %error, "a call of the R-Card API failed");
                fault(500, "Server", "The request could not be worked on. Please try again later.")
            }
        }
    }

    async fn done(&self, access: Access, call: Call) -> Result<Rest, Looked> {
        match call.operation.verb {
            Verb::GiveOut => {
                let id = self.store().write(move |tx| requests::give_out(tx, &access)).await?;
                Ok(vec![id.into()])
            }
            Verb::Accept(kind) => self.accept(access, wished(kind, &call)).await,
            Verb::ShowRequests => {
                let ids = ids(&call);
                let shown = self.store().read(move |tx| look::requests(tx, &access, &ids)).await?;
                Ok(vec![Value::Many(shown)])
            }
            Verb::ShowResults => {
                let criteria = criteria(&access, &call).map_err(Looked::Refused)?;
                let shown = self.store().read(move |tx| look::all(tx, &access, &criteria)).await?;
                Ok(vec![Value::Many(shown)])
            }
        }
    }

    async fn accept(&self, access: Access, wished: Wished) -> Result<Rest, Looked> {
        let id = wished.request;
        let write = move |tx: &mut Tx<'_>| {
            let accepted: Result<(), Refused> = requests::accept(tx, &access, &wished)?;
            Ok::<_, StoreError>(accepted)
        };
        self.store().write(write).await?.map_err(Looked::Refused)?;
        Ok(vec![id.into()])
    }
}

fn answered(operation: &'static Operation, code: &str, rest: Rest) -> Answered {
    let result: Vec<Value> = [code.into(), code::message(code).into()].into_iter().chain(rest).collect();
    Answered { status: 200, xml: soap::answer(operation, &result), is_stranger: false }
}

fn fault(status: u16, code: &str, why: &str) -> Answered {
    Answered { status, xml: soap::fault(code, why), is_stranger: false }
}

/// The answer when nothing is done: a code and its message alone.
fn refusal(operation: &'static Operation, refused: Refused) -> Answered {
    let rest = vec![Value::Absent; operation.result.members.len() - 2];
    Answered { is_stranger: refused == Refused::Credentials, ..answered(operation, refused.code(), rest) }
}

fn ids(call: &Call) -> Vec<i64> {
    match call.parts.first() {
        Some(Given::Ints(ids)) => ids.iter().map(|id| i64::from(*id)).collect(),
        _ => Vec::new(),
    }
}

fn wished(kind: Kind, call: &Call) -> Wished {
    let orders: &[Vec<Given>] = match call.parts.get(1) {
        Some(Given::Many(orders)) => orders,
        _ => &[],
    };
    // helpItem, orderNumber, and of an authorization payType and price: the order of the table.
    let wish = |members: &Vec<Given>| Wish {
        number: members[1].text().trim().chars().take(NUMBER_MAX).collect(),
        act: match kind {
            Kind::Authori => {
                let number = |place: usize| members.get(place).and_then(Given::int).unwrap_or(0);
                Act::Authori { pay_type: number(2), price: number(3) }
            }
            Kind::AuthoriCancel => Act::AuthoriCancel,
            Kind::Sales => Act::Sales,
            Kind::SalesCancel => Act::SalesCancel,
        },
    };
    let wishes: Vec<Wish> = orders.iter().map(wish).collect();
    let fingerprint = Sha256::digest(format!("{kind:?} {wishes:?}").as_bytes()).to_vec();
    let request = call.parts.first().and_then(Given::int).unwrap_or(0);
    Wished { request, kind, wishes, fingerprint }
}

fn criteria(access: &Access, call: &Call) -> Result<Criteria, Refused> {
    let Some(Given::One(members)) = call.parts.first() else { return Err(Refused::Period) };
    let text = |place: usize| Some(members[place].text().trim().to_owned()).filter(|text| !text.is_empty());
    // brandName, cardStatus, fromDate, helpItem, orderNumber, ownerName, payType, toDate.
    let (from, to) = Criteria::days(access, members[2].text().trim(), members[7].text().trim())?;
    Ok(Criteria {
        from,
        to,
        card_status: members[1].int().filter(|status| *status != -1),
        number: text(4),
        brand: text(0),
        owner: text(5),
        pay_type: members[6].int(),
    })
}
