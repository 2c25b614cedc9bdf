//! What became of a charge beside its row: the ledger, the acquirer's book, the point service's book, the events. One
//! line, so that a row of a test can say it by hand.

use std::fmt;

use acquirer::Merchant as AcquirerMerchant;
use acquirer::simulator::{self, BookAuthorization, BookHold, Simulator, State};
use kernel::{Environment, ShopId};
use ledger::Account;
use store::{Store, StoreError};

use crate::rows;

/// Lines of the ledger read at a time.
const PAGE: i64 = 500;

/// Everything that a charge left outside of its row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effects {
    /// What the acquirer owes for it, in yen.
    pub card: i64,
    /// What the point service owes for it, in yen.
    pub points: i64,
    /// The acquirer's authorizations for its order number, sorted.
    pub acquirer: Vec<String>,
    /// Its points at the point service, if it ever used any.
    pub hold: Option<BookHold>,
    /// Types of its events without `charge.`, in the order of the changes.
    pub events: Vec<String>,
}

impl Effects {
    /// Reads both books.
    pub async fn of(
        store: &Store,
        simulator: &Simulator,
        shop: ShopId,
        environment: Environment,
        charge: &str,
    ) -> Effects {
        let number = charge.to_owned();
        let ours = store.read(move |tx| {
            let events = rows::events(tx, shop, environment, &number)?;
            let hold = rows::hold(tx, shop, environment, &number)?;
            Ok::<_, StoreError>((events, hold, balances(tx, shop, environment, &number)?))
        });
        let (events, hold, (card, points)) = ours.await.expect("reading our book");
        let (merchant, order) = (AcquirerMerchant { shop, environment }, charge.to_owned());
        let theirs = simulator.store().read(move |tx| {
            let book = simulator::book(tx, merchant)?;
            let hold = hold.as_ref().map(|hold| simulator::hold_of(tx, merchant, hold)).transpose()?;
            Ok::<_, StoreError>((book, hold.flatten()))
        });
        let (book, hold) = theirs.await.expect("reading the acquirer's book");
        let mut acquirer: Vec<String> = book.iter().filter(|row| row.order == order).map(shown).collect();
        acquirer.sort();
        let short = |(kind, _): (String, String)| kind.strip_prefix("charge.").map_or(kind.clone(), str::to_owned);
        Effects { card, points, acquirer, hold, events: events.into_iter().map(short).collect() }
    }
}

/// What acquirer and point service owe for a charge, by its ledger entries; what is owed to the merchant is their sum.
fn balances(
    tx: &mut store::Tx<'_>,
    shop: ShopId,
    environment: Environment,
    charge: &str,
) -> Result<(i64, i64), StoreError> {
    let (mut card, mut points, mut payable) = (0, 0, 0);
    let mut after = (String::new(), 0);
    loop {
        let page = ledger::lines_after(tx, shop, environment, (&after.0, after.1), PAGE)?;
        let Some(last) = page.last() else { break };
        let last = last.as_ref().expect("a line that can be read");
        after = (last.entry_id.clone(), last.line);
        for line in page.into_iter().map(|line| line.expect("a line that can be read")) {
            if line.reference != charge {
                continue;
            }
            let amount = line.movement.amount().get();
            for (account, signed) in [(line.movement.debit(), amount), (line.movement.credit(), -amount)] {
                match account {
                    Account::AcquirerReceivable => card += signed,
                    Account::PointsReceivable => points += signed,
                    Account::MerchantPayable => payable += signed,
                }
            }
        }
    }
    assert_eq!(card + points + payable, 0, "what is owed for {charge} does not add up");
    Ok((card, points))
}

/// `captured 500 of 1000`: the state, what it is about, and the amount authorized where that is another one.
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
    /// `ledger 700+300 | acquirer captured 700 | points used 300 | events succeeded captured`; what is empty is left out,
    /// but for the ledger.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ledger {}", self.card)?;
        if self.points != 0 {
            write!(f, "+{}", self.points)?;
        }
        if !self.acquirer.is_empty() {
            write!(f, " | acquirer {}", self.acquirer.join(", "))?;
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
