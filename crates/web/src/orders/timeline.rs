//! 経過: what happened to an order, from every book that tells of it, and who did it.

use kernel::{ChargeNumber, Environment, Timestamp};
use pay::timeline::{self, Actor, ActorKind, Change, Delivery, Entry, MailMade, Pair, SentAgain, What};
use shop::Right;
use store::{StoreError, Tx};

use super::refusal;
use crate::checkout::text::grouped;
use crate::staff::Desk;
use crate::texts;
use crate::ui::frame::moment;
use crate::ui::{Language, Tone};
use crate::webhooks::WebhookText;

/// Real time is named where it differs from that of the environment by at least this.
const APART_MICROS: i64 = 60_000_000;

texts! {
    /// What the timeline says.
    TimelineText {
        title: "経過", "What happened";
        cut: "古い記録は省略しています。", "Older entries are left out.";
        real: "実時刻 {}", "real time {}";
        pay: "注文", "Ordered";
        capture: "確定", "Capture";
        cancel: "キャンセル", "Cancel";
        change: "金額変更", "Change of amount";
        expire: "期限切れによるキャンセル", "Cancelled at the end of its window";
        running: "結果を確認中です", "Outcome not known yet";
        succeeded: "完了", "Done";
        refused: "不成立", "Refused";
        authorized: "仮売上", "Provisional sale";
        captured: "実売上", "Actual sale";
        cancelled: "キャンセル", "Cancelled";
        yen: "{}円", "{} yen";
        from_to: "{from} → {to}", "{from} → {to}";
        points: "利用ポイント {}", "{} points";
        booked: "売上 {}円を計上", "{} yen booked";
        taken_back: "売上 {}円を取り消し", "{} yen taken back";
        mail_notification: "お知らせメール", "Mail to the buyer";
        mail_captured: "確定のお知らせ", "Mail of the capture";
        mail_cancelled: "キャンセルのお知らせ", "Mail of the cancellation";
        mail_changed: "金額変更のお知らせ", "Mail of the change";
        to_buyer: "購入者様へ", "to the buyer";
        to_shop: "店舗様へ", "to the shop";
        waiting: "送信待ち", "Waiting";
        sent: "送信済", "Sent";
        kept: "メールボックスに保管", "In the mailbox";
        bounced: "届きませんでした", "Bounced";
        given_up: "送信できませんでした", "Given up";
        nobody: "宛先なし", "No address";
        webhook: "Webhook", "Webhook";
        nth: "{}回目", "try {}";
        delivered: "成功", "Delivered";
        not_taken: "失敗 {}", "Refused {}";
        unanswered: "応答なし", "No answer";
        again_webhook: "Webhookの再送", "Webhook sent again";
        again_mail: "メールの再送", "Mail sent again";
        by_staff: "スタッフ", "Staff";
        by_token: "APIトークン", "API token";
        by_key: "認証キー(API)", "Private key (API)";
        by_buyer: "購入者様", "The buyer";
        by_system: "システム", "This server";
    }
}

/// What happened, as the page of the order shows it.
pub struct Timeline {
    /// Its words.
    pub t: &'static TimelineText,
    /// Oldest first.
    pub entries: Vec<Line>,
    /// Whether older entries were left out.
    pub truncated: bool,
}

/// One thing that happened.
pub struct Line {
    /// When, in the time of the environment where it is known.
    pub when: String,
    /// Real time, where it is another.
    pub real: String,
    /// What.
    pub what: String,
    /// What programs call it; may be empty.
    pub code: String,
    /// What came of it.
    pub outcome: String,
    /// How that is meant.
    pub tone: &'static str,
    /// Amounts and further words.
    pub more: Vec<String>,
    /// Who; empty for what happened by itself.
    pub who: String,
    /// Where more is said; empty for nowhere.
    pub href: String,
    /// Whether that is a window.
    pub window: bool,
}

/// Loads it.
pub async fn load(desk: &Desk, environment: Environment, number: ChargeNumber) -> Result<Timeline, StoreError> {
    let shop = desk.shop();
    let read = move |tx: &mut Tx<'_>| timeline::of_charge(tx, shop, environment, number);
    let found = desk.visit.ui.store().read(read).await?;
    let truncated = found.as_ref().is_some_and(|found| found.truncated);
    let entries = found.map(|found| found.data).unwrap_or_default();
    let t = TimelineText::of(desk.visit.language);
    let entries = entries.into_iter().map(|entry| line(desk, t, number, entry)).collect();
    Ok(Timeline { t, entries, truncated })
}

fn line(desk: &Desk, t: &'static TimelineText, number: ChargeNumber, entry: Entry) -> Line {
    let Entry { at_us, world_us, actor, what } = entry;
    let said = match what {
        What::Change(change) => of_change(t, desk.visit.language, change),
        What::Mail(mail) => of_mail(t, desk, number, mail),
        What::Delivery(delivery) => of_delivery(t, desk, delivery),
        What::SentAgain(again) => of_again(t, again),
    };
    let apart = world_us.is_some_and(|world| (world - at_us).abs() >= APART_MICROS);
    Line {
        when: moment(Timestamp::from_micros(world_us.unwrap_or(at_us))),
        real: if apart { t.real.replace("{}", &moment(Timestamp::from_micros(at_us))) } else { String::new() },
        who: actor.map(|actor| who(t, actor)).unwrap_or_default(),
        what: said.what,
        code: said.code,
        outcome: said.outcome,
        tone: said.tone.class(),
        more: said.more,
        href: said.href,
        window: said.window,
    }
}

/// What is said of one entry.
struct Said {
    what: String,
    code: String,
    outcome: String,
    tone: Tone,
    more: Vec<String>,
    href: String,
    window: bool,
}

impl Said {
    fn new(what: impl Into<String>, outcome: impl Into<String>, tone: Tone) -> Said {
        let (what, outcome) = (what.into(), outcome.into());
        Said { what, outcome, tone, code: String::new(), more: Vec::new(), href: String::new(), window: false }
    }
}

fn of_change(t: &'static TimelineText, language: Language, change: Change) -> Said {
    let what = match change.verb.as_str() {
        "pay" => t.pay,
        "capture" => t.capture,
        "change" => t.change,
        "expire" => t.expire,
        _ => t.cancel,
    };
    let (state, is_meant) = change.state.map_or((t.succeeded, Tone::Good), |(_, after)| state(t, &after));
    let (outcome, tone) = match change.outcome.as_str() {
        "running" => (t.running, Tone::Care),
        "refused" => (t.refused, Tone::Bad),
        _ => (state, is_meant),
    };
    let mut more = Vec::new();
    if let Some(refusal) = &change.refusal {
        more.push(refusal::of_provider(language, refusal).to_owned());
    }
    more.extend(change.amount.map(|amount| amounts(t, amount)));
    if let Some((_, points)) = change.point.filter(|(_, points)| *points > 0) {
        more.push(t.points.replace("{}", &grouped(points)));
    }
    match change.posted {
        0 => {}
        posted if posted > 0 => more.push(t.booked.replace("{}", &grouped(posted))),
        posted => more.push(t.taken_back.replace("{}", &grouped(-posted))),
    }
    Said { more, ..Said::new(what, outcome, tone) }
}

/// What a state is called, and how it is meant: as everywhere on these pages.
fn state(t: &'static TimelineText, state: &str) -> (&'static str, Tone) {
    match state {
        "authorized" => (t.authorized, Tone::Care),
        "captured" => (t.captured, Tone::Good),
        _ => (t.cancelled, Tone::Plain),
    }
}

/// The total, and the one before if it was another.
fn amounts(t: &TimelineText, (before, after): Pair<i64>) -> String {
    let yen = |amount| t.yen.replace("{}", &grouped(amount));
    match before {
        Some(before) if before != after => t.from_to.replace("{from}", &yen(before)).replace("{to}", &yen(after)),
        Some(_) | None => yen(after),
    }
}

fn of_mail(t: &TimelineText, desk: &Desk, number: ChargeNumber, mail: MailMade) -> Said {
    let kind = match mail.kind.as_str() {
        "notification" => t.mail_notification,
        "captured" => t.mail_captured,
        "changed" => t.mail_changed,
        _ => t.mail_cancelled,
    };
    let (outcome, tone) = match mail.outcome.as_str() {
        "sent" => (t.sent, Tone::Good),
        "kept" => (t.kept, Tone::Good),
        "nobody" => (t.nobody, Tone::Care),
        "refused" => (t.bounced, Tone::Bad),
        "given_up" => (t.given_up, Tone::Bad),
        _ => (t.waiting, Tone::Plain),
    };
    let to = if mail.recipient == "buyer" { t.to_buyer } else { t.to_shop };
    let is_asked = mail.mail.starts_with("ntfn_") && desk.may(Right::SeeMails);
    let href = desk.side.path(&format!("/orders/{number}/mails/{}", mail.mail));
    let href = if is_asked { href } else { String::new() };
    Said { more: vec![to.to_owned()], href, window: true, ..Said::new(kind, outcome, tone) }
}

fn of_delivery(t: &TimelineText, desk: &Desk, delivery: Delivery) -> Said {
    let (outcome, tone) = match (delivery.outcome.as_str(), delivery.status) {
        ("delivered", _) => (t.delivered.to_owned(), Tone::Good),
        (_, Some(status)) => (t.not_taken.replace("{}", &status.to_string()), Tone::Bad),
        (_, None) => (t.unanswered.to_owned(), Tone::Bad),
    };
    let nth = delivery.number.map(|number| t.nth.replace("{}", &number.to_string()));
    let href = desk.side.path(&format!("/webhooks/deliveries/{}", delivery.attempt));
    let href = if desk.may(Right::SeeWebhooks) { href } else { String::new() };
    let kind = delivery.event_type.parse().ok().map(|kind| WebhookText::of(desk.visit.language).kind(kind));
    let what = format!("{}: {}", t.webhook, kind.unwrap_or(&delivery.event_type));
    Said { code: delivery.event_type, more: nth.into_iter().collect(), href, ..Said::new(what, outcome, tone) }
}

fn of_again(t: &TimelineText, again: SentAgain) -> Said {
    let what = if again.action == "mail.resend" { t.again_mail } else { t.again_webhook };
    Said::new(what, "", Tone::Plain)
}

fn who(t: &TimelineText, actor: Actor) -> String {
    let kind = match actor.kind {
        ActorKind::Staff => t.by_staff,
        ActorKind::Token => t.by_token,
        ActorKind::Key => t.by_key,
        ActorKind::Buyer => t.by_buyer,
        ActorKind::System => t.by_system,
    };
    match (actor.kind, actor.name) {
        (ActorKind::Staff, Some(name)) => name,
        (_, Some(name)) => format!("{kind} {name}"),
        (_, None) => kind.to_owned(),
    }
}
