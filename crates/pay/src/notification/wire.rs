//! The notification object of the wire (contract online-lite-api "Operations": Notification object).

use serde::Serialize;

use super::Notification;

/// The notification object.
#[derive(Debug, Serialize)]
pub struct NotificationObject<'a> {
    object: &'static str,
    id: &'a str,
    charge: &'a str,
    r#type: &'static str,
    subject: &'a str,
    body: &'a str,
    created: i64,
}

impl Notification {
    /// What the wire shows.
    pub fn to_wire(&self) -> NotificationObject<'_> {
        NotificationObject {
            object: "notification",
            id: &self.id,
            charge: &self.charge,
            r#type: "notification.mail",
            subject: &self.subject,
            body: &self.body,
            created: self.created.seconds(),
        }
    }
}
