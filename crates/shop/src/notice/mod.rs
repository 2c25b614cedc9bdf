//! お知らせ: what the operator tells shops, and who has read it (seed 000 "ダッシュボードトップページ").
//!
//! A notice is shown from an instant on, until another one or for good, to all shops or to one; machine time. It is not
//! changed afterwards, only withdrawn: who has read it has read what stands there.

pub mod rows;

use std::fmt;
use std::str::FromStr;

use kernel::{ShopId, Timestamp};
use serde_json::json;
use store::idempotency::RequestKey;
use store::{StoreError, Tx};

use crate::by::{By, HOUSE};
use crate::register::{Made, keep_made, made_before};
use crate::staff::Staff;

pub use rows::{Shown, shown};

/// Characters of a title at the most.
pub const TITLE_MAX: usize = 80;
/// Characters of a text at the most.
pub const BODY_MAX: usize = 4_000;

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// お知らせ.
    Information,
    /// メンテナンス.
    Maintenance,
    /// 重要.
    Important,
}

impl Severity {
    /// Every one.
    pub const ALL: [Severity; 3] = [Severity::Information, Severity::Maintenance, Severity::Important];

    /// The word of rows and wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Information => "information",
            Severity::Maintenance => "maintenance",
            Severity::Important => "important",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// No severity has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown severity {0:?}: expected information, maintenance or important")]
pub struct UnknownSeverity(pub String);

impl FromStr for Severity {
    type Err = UnknownSeverity;

    fn from_str(text: &str) -> Result<Severity, UnknownSeverity> {
        let known = Severity::ALL.into_iter().find(|severity| severity.as_str() == text);
        known.ok_or_else(|| UnknownSeverity(text.to_owned()))
    }
}

/// A notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its name: `ntc_…`.
    pub id: String,
    /// To whom; none: to all.
    pub shop: Option<ShopId>,
    /// How much it matters.
    pub severity: Severity,
    /// One line.
    pub title: String,
    /// The text.
    pub body: String,
    /// From when it is shown.
    pub from: Timestamp,
    /// Until when; none: for good.
    pub until: Option<Timestamp>,
    /// When it was withdrawn.
    pub withdrawn: Option<Timestamp>,
    /// When it was written.
    pub created: Timestamp,
}

/// Where a notice stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It is not shown yet.
    Scheduled,
    /// It is shown.
    Shown,
    /// Its time is over.
    Over,
    /// It was withdrawn.
    Withdrawn,
}

impl Phase {
    /// The word of the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Phase::Scheduled => "scheduled",
            Phase::Shown => "shown",
            Phase::Over => "over",
            Phase::Withdrawn => "withdrawn",
        }
    }
}

impl Notice {
    /// Where it stands at `now`, machine time.
    pub fn phase(&self, now: Timestamp) -> Phase {
        match (self.withdrawn, self.until) {
            (Some(_), _) => Phase::Withdrawn,
            (None, _) if now < self.from => Phase::Scheduled,
            (None, Some(until)) if until <= now => Phase::Over,
            (None, _) => Phase::Shown,
        }
    }

    /// Whether a shop is shown it at `now`, machine time.
    fn is_shown_to(&self, shop: ShopId, now: Timestamp) -> bool {
        self.phase(now) == Phase::Shown && self.shop.is_none_or(|to| to == shop)
    }
}

/// A notice to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// To whom; none: to all.
    pub shop: Option<ShopId>,
    /// How much it matters.
    pub severity: Severity,
    /// One line.
    pub title: String,
    /// The text.
    pub body: String,
    /// From when it is shown; none: at once.
    pub from: Option<Timestamp>,
    /// Until when; none: for good.
    pub until: Option<Timestamp>,
}

/// Why a notice is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// No title, or too long, or of several lines.
    #[error("title must be one line of 1 to {TITLE_MAX} characters")]
    Title,
    /// No text, or too long.
    #[error("body must be 1 to {BODY_MAX} characters")]
    Body,
    /// It would be over before anybody sees it.
    #[error("until must be after from, and in the future")]
    Period,
    /// There is no such shop.
    #[error("there is no such shop")]
    Shop,
}

impl Draft {
    /// The notice, written at `now`.
    pub fn checked(&self, id: String, now: Timestamp) -> Result<Notice, Unfit> {
        let (title, body) = (self.title.trim(), self.body.replace("\r\n", "\n"));
        let body = body.trim();
        let control =
            |text: &str, lines: bool| text.chars().any(|c| c.is_control() && !(lines && matches!(c, '\n' | '\t')));
        if !(1..=TITLE_MAX).contains(&title.chars().count()) || control(title, false) {
            return Err(Unfit::Title);
        }
        if !(1..=BODY_MAX).contains(&body.chars().count()) || control(body, true) {
            return Err(Unfit::Body);
        }
        let from = self.from.map_or(now, |from| from.max(now));
        if self.until.is_some_and(|until| until <= from) {
            return Err(Unfit::Period);
        }
        let Draft { shop, severity, until, .. } = *self;
        let (title, body) = (title.to_owned(), body.to_owned());
        Ok(Notice { id, shop, severity, title, body, from, until, withdrawn: None, created: now })
    }
}

/// Keeps a notice, and the mails that tell of it.
pub fn write(tx: &mut Tx<'_>, notice: &Notice, by: &By) -> Result<(), StoreError> {
    let Notice { id, shop, severity, from, until, .. } = notice;
    let fields = json!({
        "to": shop.map(|shop| shop.0), "severity": severity.as_str(), "from_us": from.micros(),
        "until_us": until.map(Timestamp::micros),
    });
    let entry = by.record(shop.unwrap_or(HOUSE), tx.machine_now(), ("notice.write", id), &fields);
    tx.execute_all(&[rows::insert(notice), entry])?;
    crate::news_mail::tell(tx, notice)
}

/// Keeps a notice once under a key; its name. It goes to a shop that there is.
pub fn write_once(
    tx: &mut Tx<'_>,
    notice: &Notice,
    (key, by): (Option<&RequestKey>, &By),
) -> Result<Result<Made<String>, Unfit>, StoreError> {
    if let Some(before) = made_before(tx, key)? {
        return Ok(Ok(before));
    }
    if let Some(shop) = notice.shop
        && crate::information::rows::find(tx, shop)?.is_none()
    {
        return Ok(Err(Unfit::Shop));
    }
    write(tx, notice, by)?;
    keep_made(tx, key, &notice.id)?;
    Ok(Ok(Made::New(notice.id.clone())))
}

/// Withdraws a notice: nobody sees it any more. False if there is none of this name; twice is once.
pub fn withdraw(tx: &mut Tx<'_>, id: &str, by: &By) -> Result<bool, StoreError> {
    let Some(notice) = rows::find(tx, id)? else { return Ok(false) };
    if notice.withdrawn.is_none() {
        let now = tx.machine_now();
        let entry = by.record(notice.shop.unwrap_or(HOUSE), now, ("notice.withdraw", id), &json!({}));
        tx.execute_all(&[rows::withdraw(id, now), entry])?;
    }
    Ok(true)
}

/// Notes that somebody has read a notice that is shown to their shop; false if none of this name is. No audit row: nothing
/// of the shop changes.
pub fn read(tx: &mut Tx<'_>, staff: &Staff, id: &str) -> Result<bool, StoreError> {
    let now = tx.machine_now();
    let shown = rows::find(tx, id)?.is_some_and(|notice| notice.is_shown_to(staff.shop, now));
    if shown {
        tx.execute_all(&[rows::mark_read(staff.shop, &staff.id, id, now)])?;
    }
    Ok(shown)
}

/// Takes that back: the notice is new to them again. False if it is none that is shown to their shop; twice is once.
pub fn unread(tx: &mut Tx<'_>, staff: &Staff, id: &str) -> Result<bool, StoreError> {
    let now = tx.machine_now();
    let shown = rows::find(tx, id)?.is_some_and(|notice| notice.is_shown_to(staff.shop, now));
    if shown {
        tx.execute_all(&[rows::mark_unread(staff.shop, &staff.id, id)])?;
    }
    Ok(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> Draft {
        let (title, body) = ("メンテナンス".to_owned(), "深夜に行います。".to_owned());
        Draft { shop: None, severity: Severity::Maintenance, title, body, from: None, until: None }
    }

    #[test]
    fn a_notice_has_a_title_a_text_and_time_to_be_seen() {
        let now = Timestamp::from_seconds(1_795_305_600);
        let of = |draft: &Draft| draft.checked("ntc_1".into(), now);
        assert_eq!(of(&draft()).map(|notice| notice.from), Ok(now));
        // One that should have begun begins now.
        assert_eq!(of(&Draft { from: Some(now.plus_seconds(-9)), ..draft() }).map(|notice| notice.from), Ok(now));
        assert_eq!(of(&Draft { until: Some(now), ..draft() }), Err(Unfit::Period));
        let later = Some(now.plus_seconds(60));
        assert_eq!(of(&Draft { from: later, until: later, ..draft() }), Err(Unfit::Period));
        for title in ["", " ", "a\nb", &"あ".repeat(81)] {
            assert_eq!(of(&Draft { title: title.to_owned(), ..draft() }), Err(Unfit::Title), "{title}");
        }
        for body in ["", "\n", "a\u{0}", &"あ".repeat(4_001)] {
            assert_eq!(of(&Draft { body: body.to_owned(), ..draft() }), Err(Unfit::Body), "{body}");
        }
    }

    #[test]
    fn a_notice_is_shown_from_its_first_instant_until_before_its_last() {
        let now = Timestamp::from_seconds(1_795_305_600);
        let (from, until) = (Some(now.plus_seconds(60)), Some(now.plus_seconds(120)));
        let notice = Draft { from, until, ..draft() }.checked("ntc_1".into(), now).unwrap();
        let at = |seconds| notice.phase(now.plus_seconds(seconds));
        assert_eq!([59, 60, 119, 120].map(at), [Phase::Scheduled, Phase::Shown, Phase::Shown, Phase::Over]);
        assert_eq!(Notice { withdrawn: Some(now), ..notice }.phase(now.plus_seconds(60)), Phase::Withdrawn);
    }
}
