//! The pure states of a session to the checkout and the decisions about them. No SQL, no HTTP, no clock.
//!
//! | stage | what it is | choose | confirm | leave | come back |
//! |---|---|---|---|---|---|
//! | Open | the buyer chooses | yes | → Checking | → Abandoned | – |
//! | Checking | the shop is asked (`charge.check`) | no | no | no | – |
//! | Paying | the provider is asked, or its answer is unknown | no | no | no | goes on |
//! | Acting | the buyer is at the provider's page | no | no | no | goes on |
//! | Paid | there is a charge: final | no | no | no | – |
//! | Abandoned | the buyer left: final | no | no | no | – |
//! | Expired | nothing was confirmed in time: final | no | no | no | – |
//!
//! The stage is made from what the row says and from what became of the attempt it names, so the two cannot disagree. A
//! refused attempt leaves the session open with a notice, and the next confirmation begins another attempt; an attempt that
//! runs or succeeded leaves no way to begin one. That is why a session makes one charge or none.

use kernel::Timestamp;

/// What the row of a session says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// `open`.
    Open,
    /// `checking`, until this instant (machine time).
    Checking(Timestamp),
    /// `paying`: ask the attempt.
    Paying,
    /// `abandoned`.
    Abandoned,
}

/// What became of the attempt of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempted {
    /// It runs, or its outcome is unknown.
    Running,
    /// It waits for the buyer at this page of the provider.
    Waiting(String),
    /// It made this charge.
    Succeeded(String),
    /// It was refused, for this reason.
    Refused(String),
}

/// Where a session stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The buyer chooses; why the last try came to nothing, if there was one.
    Open(Option<String>),
    /// The shop is asked.
    Checking,
    /// The provider is asked, or its answer is unknown.
    Paying,
    /// The buyer is to act on this page of the provider.
    Acting(String),
    /// There is this charge.
    Paid(String),
    /// The buyer left.
    Abandoned,
    /// Nothing was confirmed in time.
    Expired,
}

/// The shop said that it cannot sell.
pub const CHECK_REFUSED: &str = "check_refused";
/// The shop did not answer in time, or the process that asked it died.
pub const CHECK_UNANSWERED: &str = "check_unanswered";

/// Where a session stands at `now` (machine time).
pub fn stage(
    kept: Kept,
    attempt: Option<Attempted>,
    notice: Option<&str>,
    expires: Timestamp,
    now: Timestamp,
) -> Stage {
    let open = |notice: Option<String>| if expires <= now { Stage::Expired } else { Stage::Open(notice) };
    match (kept, attempt) {
        (Kept::Open, _) => open(notice.map(str::to_owned)),
        (Kept::Checking(until), _) if now < until => Stage::Checking,
        // The answer comes too late to count: nothing was begun with it.
        (Kept::Checking(_), _) => open(Some(CHECK_UNANSWERED.to_owned())),
        (Kept::Paying, Some(Attempted::Running) | None) => Stage::Paying,
        (Kept::Paying, Some(Attempted::Waiting(url))) => Stage::Acting(url),
        (Kept::Paying, Some(Attempted::Succeeded(charge))) => Stage::Paid(charge),
        (Kept::Paying, Some(Attempted::Refused(reason))) => open(Some(reason)),
        (Kept::Abandoned, _) => Stage::Abandoned,
    }
}

impl Stage {
    /// Whether the buyer may choose, confirm and leave.
    pub fn is_open(&self) -> bool {
        match self {
            Stage::Open(_) => true,
            Stage::Checking | Stage::Paying | Stage::Acting(_) | Stage::Paid(_) | Stage::Abandoned | Stage::Expired => {
                false
            }
        }
    }

    /// The word for programs.
    pub fn word(&self) -> &'static str {
        match self {
            Stage::Open(_) => "open",
            Stage::Checking | Stage::Paying | Stage::Acting(_) => "processing",
            Stage::Paid(_) => "paid",
            Stage::Abandoned => "abandoned",
            Stage::Expired => "expired",
        }
    }
}

/// What is still missing before the buyer can confirm, in the order of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// A card, because points do not pay all of it.
    Card,
    /// An address, because the shop receives it.
    Address,
}

/// What the buyer has chosen so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Whether a card is chosen.
    pub card: bool,
    /// Whether points pay all of it.
    pub only_points: bool,
    /// Whether an address is chosen.
    pub address: bool,
    /// Whether the shop receives one.
    pub receives_address: bool,
}

impl Chosen {
    /// What is missing; none if the buyer can confirm.
    pub fn missing(self) -> Option<Missing> {
        if !self.card && !self.only_points {
            Some(Missing::Card)
        } else if self.receives_address && !self.address {
            Some(Missing::Address)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_000);
    const LATER: Timestamp = Timestamp::from_micros(1_001);

    #[test]
    fn every_row_and_every_attempt() {
        let open = |notice: &str| Stage::Open(Some(notice.to_owned()));
        let text = str::to_owned;
        let attempts = [
            (None, Stage::Paying),
            (Some(Attempted::Running), Stage::Paying),
            (Some(Attempted::Waiting(text("url"))), Stage::Acting(text("url"))),
            (Some(Attempted::Succeeded(text("charge"))), Stage::Paid(text("charge"))),
            (Some(Attempted::Refused(text("over_limit"))), open("over_limit")),
        ];
        for (attempt, expected) in attempts {
            let at = |kept| stage(kept, attempt.clone(), Some("before"), LATER, NOW);
            assert_eq!(at(Kept::Open), open("before"));
            assert_eq!(at(Kept::Checking(LATER)), Stage::Checking);
            assert_eq!(at(Kept::Checking(NOW)), open(CHECK_UNANSWERED), "the last moment does not count");
            assert_eq!(at(Kept::Paying), expected);
            assert_eq!(at(Kept::Abandoned), Stage::Abandoned);
        }
    }

    #[test]
    fn only_what_is_open_expires() {
        let at = |kept, attempt| stage(kept, attempt, None, NOW, NOW);
        assert_eq!(at(Kept::Open, None), Stage::Expired);
        assert_eq!(at(Kept::Checking(NOW), None), Stage::Expired);
        assert_eq!(at(Kept::Checking(LATER), None), Stage::Checking);
        assert_eq!(at(Kept::Paying, Some(Attempted::Refused(String::new()))), Stage::Expired);
        assert_eq!(at(Kept::Paying, Some(Attempted::Succeeded("c".into()))), Stage::Paid("c".into()));
        assert_eq!(at(Kept::Paying, Some(Attempted::Running)), Stage::Paying);
        assert_eq!(at(Kept::Abandoned, None), Stage::Abandoned);
    }

    #[test]
    fn only_an_open_visit_can_be_confirmed() {
        let text = String::new;
        let closed = [
            Stage::Checking,
            Stage::Paying,
            Stage::Acting(text()),
            Stage::Paid(text()),
            Stage::Abandoned,
            Stage::Expired,
        ];
        assert!(closed.iter().all(|stage| !stage.is_open()));
        assert!(Stage::Open(None).is_open() && Stage::Open(Some(text())).is_open());
    }

    #[test]
    fn what_is_missing() {
        let chosen = Chosen { card: false, only_points: false, address: false, receives_address: true };
        assert_eq!(chosen.missing(), Some(Missing::Card));
        assert_eq!(Chosen { only_points: true, ..chosen }.missing(), Some(Missing::Address));
        assert_eq!(Chosen { card: true, ..chosen }.missing(), Some(Missing::Address));
        assert_eq!(Chosen { card: true, receives_address: false, ..chosen }.missing(), None);
        assert_eq!(Chosen { card: true, address: true, ..chosen }.missing(), None);
    }
}
