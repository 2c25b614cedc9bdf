//! What became of charges beside their rows: the ledger, the acquirer's book, the point service's book, the events. One
//! line for each charge, so that a row of a test can say it by hand.

use std::collections::HashMap;
use std::fmt;

use acquirer::Merchant as AcquirerMerchant;
use acquirer::simulator::{self, BookAuthorization, BookHold, Simulator, State};
use kernel::{Environment, ShopId};
use ledger::{Account, PostedLine};
use store::{Store, StoreError, Tx};

use crate::rows;

/// Lines of the ledger, and holds of points, read at a time.
const PAGE: u32 = 500;

/// Everything that a charge left outside of its row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// What the acquirer owes for it, in yen.
    pub card: i64,
    /// What the point service owes for it, in yen.
    pub points: i64,
    /// What is owed to the merchant for it, in yen.
    pub payable: i64,
    /// The acquirer's authorizations for its order number.
    pub authorizations: Vec<BookAuthorization>,
    /// Its points at the point service, if it ever used any.
    pub hold: Option<BookHold>,
    /// Types of its events without `charge.`, in the order of the changes.
    pub events: Vec<String>,
}

/// What every charge of a shop left, by its order number; order numbers that only the acquirer knows are there too.
pub async fn effects(
    store: &Store,
    simulator: &Simulator,
    shop: ShopId,
    environment: Environment,
) -> HashMap<String, Effects> {
    let ours = store.read(move |tx| {
        let (events, holds) = (rows::events(tx, shop, environment)?, rows::holds(tx, shop, environment)?);
        Ok::<_, StoreError>((events, holds, lines(tx, shop, environment)?))
    });
    let (events, holds, lines) = ours.await.expect("reading our book");
    let merchant = AcquirerMerchant { shop, environment };
    let theirs = simulator.store().read(move |tx| {
        let held = simulator_holds(tx, merchant)?;
        Ok::<_, StoreError>((simulator::book(tx, merchant)?, held))
    });
    let (book, mut held) = theirs.await.expect("reading the acquirer's book");

    let mut all: HashMap<String, Effects> = HashMap::new();
    for (charge, kind, _) in events {
        let short = kind.strip_prefix("charge.").map(str::to_owned).unwrap_or(kind);
        all.entry(charge).or_default().events.push(short);
    }
    for (charge, hold) in holds {
        let effects = all.entry(charge).or_default();
        effects.hold = hold.map(|hold| held.remove(&hold).expect("the point service knows every hold"));
    }
    for line in lines {
        all.entry(line.reference.clone()).or_default().add(&line);
    }
    for authorization in book {
        all.entry(authorization.order.clone()).or_default().authorizations.push(authorization);
    }
    all
}

fn simulator_holds(tx: &mut Tx<'_>, merchant: AcquirerMerchant) -> Result<HashMap<String, BookHold>, StoreError> {
    let mut all = HashMap::new();
    let mut after: Option<String> = None;
    loop {
        let page = simulator::holds_page(tx, merchant, after.as_deref(), PAGE)?;
        let Some(last) = page.last() else { return Ok(all) };
        after = Some(last.hold.clone());
        all.extend(page.into_iter().map(|hold| (hold.hold.clone(), hold)));
    }
}

fn lines(tx: &mut Tx<'_>, shop: ShopId, environment: Environment) -> Result<Vec<PostedLine>, StoreError> {
    let mut all: Vec<PostedLine> = Vec::new();
    loop {
        let after = all.last().map_or(("", 0), |line| (line.entry_id.as_str(), line.line));
        let page = ledger::lines_after(tx, shop, environment, after, i64::from(PAGE))?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page.into_iter().map(|line| line.expect("a line that can be read")));
    }
}

impl Effects {
    fn add(&mut self, line: &PostedLine) {
        let amount = line.movement.amount().get();
        for (account, signed) in [(line.movement.debit(), amount), (line.movement.credit(), -amount)] {
            match account {
                Account::AcquirerReceivable => self.card += signed,
                Account::PointsReceivable => self.points += signed,
                Account::MerchantPayable => self.payable -= signed,
                // The marketplace's: no entry of a charge moves these.
                Account::MallFunds | Account::MallPromotion | Account::MallPayable => {}
            }
        }
    }

    /// The acquirer's side, sorted: `captured 500 of 1000`.
    pub fn acquirer(&self) -> Vec<String> {
        let mut shown: Vec<String> = self.authorizations.iter().map(shown).collect();
        shown.sort();
        shown
    }
}

/// The state, what it is about, and the amount authorized where that is another one.
fn shown(row: &BookAuthorization) -> String {
    let amount = row.amount.get();
    let part = |claimed: i64| if claimed == amount { format!("{amount}") } else { format!("{claimed} of {amount}") };
    match row.state {
        State::ActionRequired | State::Authorized | State::Voided | State::Declined => {
            format!("{} {amount}", row.state)
        }
        State::Captured if row.refunded.is_zero() => format!("captured {}", part(row.captured.get())),
        State::Captured => format!("captured {} less {}", part(row.captured.get()), row.refunded),
        State::Refunded => format!("refunded {}", part(row.captured.get())),
    }
}

impl fmt::Display for Effects {
    /// `ledger 700+300 | acquirer captured 700 | points used 300 | events succeeded captured`; what is empty is left
    /// out, but for the ledger. What is owed to the merchant is shown only when it is not the sum of what is owed to
    /// us.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ledger {}", self.card)?;
        if self.points != 0 {
            write!(f, "+{}", self.points)?;
        }
        if self.payable != self.card + self.points {
            write!(f, " but payable {}", self.payable)?;
        }
        if !self.authorizations.is_empty() {
            write!(f, " | acquirer {}", self.acquirer().join(", "))?;
        }
        if let Some(hold) = &self.hold {
            f.write_str(" | points")?;
            for (word, points) in [("held", hold.held), ("used", hold.used), ("returned", hold.returned)] {
                if !points.is_zero() {
                    write!(f, " {word} {points}")?;
                }
            }
        }
        write!(f, " | events {}", self.events.join(" "))
    }
}
