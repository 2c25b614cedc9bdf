//! 最新のお知らせ: mails that tell of notices leave ([`shop::news_mail`]). Without a mail server nothing leaves: the notice stands on
//! the shop's top page all the same.

use shop::news_mail::{self, Letter, Order, Outcome, TOPIC, rows};
use shop::notice::Severity;
use store::outbox::{Backoff, Message};
use store::{StoreError, Tx};

use crate::gateway::Gateway;
use crate::mail::deliver::at_once;
use crate::staff_mail::{self, End, Mail, Settled, Written, minute};

/// How a mail is tried: for about three days, like the mails of charges.
const SCHEDULE: Backoff = Backoff { first_micros: 60_000_000, longest_micros: 4 * 3_600_000_000, attempts: 25 };

/// What a mail says; `base_url` is where the pages are.
pub fn write(letter: &Letter, base_url: &str) -> Written {
    let Letter { notice, shop, .. } = letter;
    let kind = match notice.severity {
        Severity::Information => "お知らせ",
        Severity::Maintenance => "メンテナンス",
        Severity::Important => "重要",
    };
    let until = notice.until.map(|until| format!(" から {} まで", minute(until))).unwrap_or_default();
    let (title, body, from) = (&notice.title, &notice.body, minute(notice.from));
    Written {
        subject: format!("【帳場】{kind}: {title}"),
        body: format!(
            "{shop} の店舗管理者様\n\n{title}\n掲載: {from}{until}\n\n{body}\n\n\
             このお知らせは管理画面のトップページでもご覧いただけます。\n{base_url}/dashboard/sandbox\n\n\
             このメールの受け取りは、管理画面(Sandbox)の アカウント設定 > 最新のお知らせ で変更できます。\n\
             {base_url}/dashboard/sandbox/account/news-mail\n"
        ),
    }
}

/// Claims mails and sends them, and notes what became of each; how many were claimed.
pub(crate) async fn round(gateway: &Gateway) -> Result<usize, StoreError> {
    let messages = staff_mail::claim(gateway, TOPIC).await?;
    let (claimed, gateway) = (messages.len(), gateway.clone());
    at_once(messages, move |message| send(gateway.clone(), message)).await?;
    Ok(claimed)
}

async fn send(gateway: Gateway, message: Message) -> Result<(), StoreError> {
    let end = match serde_json::from_str::<Order>(&message.body) {
        Err(error) => End::Refused(format!("unreadable: {error}")),
        Ok(order) => {
            let shop = message.shop;
            let load = move |tx: &mut Tx<'_>| news_mail::letter(tx, shop, &order, tx.machine_now());
            match gateway.store().read(load).await? {
                None => End::Dropped,
                Some(letter) => {
                    let (to, shop, date) = (letter.to.as_str(), letter.shop.as_str(), letter.notice.from);
                    let written = write(&letter, gateway.base_url());
                    staff_mail::hand_over(&gateway, &message, Mail { to, shop, written, date }).await
                }
            }
        }
    };
    let random = staff_mail::random(&gateway);
    gateway.store().write(move |tx| note(tx, &message, &end, random)).await
}

fn note(tx: &mut Tx<'_>, message: &Message, end: &End, random: u64) -> Result<(), StoreError> {
    let outcome = match staff_mail::settle(tx, message, end, (SCHEDULE, random))? {
        Some(Settled::Kept) => Outcome::Kept,
        Some(Settled::Sent) => Outcome::Sent,
        Some(Settled::Dropped) => Outcome::Dropped,
        Some(Settled::Refused) => Outcome::Refused,
        Some(Settled::Waiting) => Outcome::Waiting,
        Some(Settled::GivenUp) => Outcome::GivenUp,
        None => return Ok(()),
    };
    tx.execute_all(&[rows::note(message.shop, &message.id, outcome, end.error())]).map(|_| ())
}
