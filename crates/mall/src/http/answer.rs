//! Answers of the order application: JSON whose members stand in their order, and how a change of one order ended.

use kernel::ShopId;
use shop::By;
use store::{StoreError, Tx};

use super::request::Call;
use super::switches::Switch;
use crate::denied::Denied;
use crate::order::OrderNumber;
use crate::wire::{Json, Members, Message, Operation, refused};

/// An answer.
pub(super) struct Answer {
    pub status: u16,
    body: Members,
}

impl Answer {
    /// What was asked for.
    pub fn good(body: Members) -> Answer {
        Answer { status: 200, body }
    }

    /// What was asked is wrong.
    pub fn wrong(body: Members) -> Answer {
        Answer { status: 400, body }
    }

    /// With this status.
    pub fn of(status: u16, body: Members) -> Answer {
        Answer { status, body }
    }

    /// Messages alone.
    pub fn messages(status: u16, messages: Vec<Message>) -> Answer {
        Answer::of(status, message_list(messages))
    }

    pub fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(&self.body).expect("answers are JSON")
    }
}

/// `MessageModelList`, first of what follows.
pub(super) fn message_list(messages: Vec<Message>) -> Members {
    Members::new().put("MessageModelList", Json::from(messages))
}

/// What was done with an order, or the messages that say why not.
pub(super) type Changed<T> = Result<T, Vec<Message>>;

impl Call {
    /// Changes the order of this number in a transaction of its own; the outer error is the database's.
    pub async fn change<T, F>(&self, number: &str, mut change: F) -> Result<Changed<T>, StoreError>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>, ShopId, OrderNumber, &By) -> Result<T, Denied> + Send + 'static,
    {
        // What is no order number is the number of no order.
        let Ok(known) = number.parse::<OrderNumber>() else {
            return Ok(Err(vec![refused::no_such_order(self.operation, number)]));
        };
        let (shop, by) = (self.shop, self.by.clone());
        match self.rms.store().write(move |tx| change(tx, shop, known, &by)).await {
            Ok(done) => Ok(Ok(done)),
            Err(denied) => denied.messages(self.operation, number).map(Err),
        }
    }

    /// The answer of an operation about one order.
    pub fn about_one(&self, changed: Changed<Vec<Message>>) -> Answer {
        match changed {
            Ok(messages) => Answer::messages(200, messages),
            Err(messages) if messages.iter().all(Message::is_fault) => self.faulty(messages),
            Err(messages) => Answer::messages(self.refused_status(), messages),
        }
    }

    /// The answer to a request whose members are wrong.
    pub fn faulty(&self, faults: Vec<Message>) -> Answer {
        Answer::messages(if self.never_400() { 200 } else { 400 }, faults)
    }

    /// The status of what one order does not allow.
    pub fn refused_status(&self) -> u16 {
        if self.has(Switch::Refused200) || self.never_400() { 200 } else { 400 }
    }

    fn never_400(&self) -> bool {
        self.operation == Operation::UpdateOrderSender && self.has(Switch::Sender200)
    }

    /// The answer of an operation about many: every order has its message, whatever became of it.
    pub fn about_many(&self, messages: Vec<Message>) -> Answer {
        let failed = self.has(Switch::ListErrors400) && messages.iter().any(Message::is_error);
        Answer::messages(if failed { 400 } else { 200 }, messages)
    }

    /// The message of success, about an order.
    pub fn done(&self, number: &str) -> Message {
        let text = crate::wire::notes::done_text(self.operation);
        Message::new(self.operation, crate::wire::Severity::Info, 101, text).of_order(number)
    }
}
