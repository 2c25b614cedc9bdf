//! Why a request of the RMS API did not change an order: what the market said, or what is wrong with the request when it is
//! read onto the order.

use store::StoreError;

use crate::market::Undone;
use crate::progress::Refused;
use crate::wire::{Message, Operation, refused};

/// Why an order was not changed.
#[derive(Debug)]
pub enum Denied {
    /// The request is wrong about it.
    Messages(Vec<Message>),
    /// The market did not do it.
    Undone(Undone),
}

impl From<Undone> for Denied {
    fn from(undone: Undone) -> Denied {
        Denied::Undone(undone)
    }
}

impl From<StoreError> for Denied {
    fn from(error: StoreError) -> Denied {
        Denied::Undone(error.into())
    }
}

impl From<Refused> for Denied {
    fn from(refused: Refused) -> Denied {
        Denied::Undone(refused.into())
    }
}

impl Denied {
    /// What the wire says of it, in the words of `operation`; the error is the database's.
    pub fn messages(self, operation: Operation, number: &str) -> Result<Vec<Message>, StoreError> {
        match self {
            Denied::Messages(messages) => Ok(messages),
            Denied::Undone(Undone::NoSuchShop | Undone::NoSuchOrder) => {
                Ok(vec![refused::no_such_order(operation, number)])
            }
            Denied::Undone(Undone::Refused(why)) => Ok(vec![refused::message(operation, why, number)]),
            Denied::Undone(Undone::Store(error)) => Err(error),
        }
    }
}
