//! Why an acquirer says no: stable codes for rows and wires, sentences for people.

use std::str::FromStr;

/// Why an acquirer refused. `Display` is an English sentence, [`Refusal::code`] never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// The account behind the card cannot bear the amount.
    #[error("The account behind the card does not have enough money.")]
    InsufficientFunds,
    /// The amount goes beyond the limit of the card.
    #[error("The amount is over the limit of the card.")]
    OverLimit,
    /// The card is past its month.
    #[error("The card has expired.")]
    ExpiredCard,
    /// The security code is not the card's.
    #[error("The security code is wrong.")]
    WrongSecurityCode,
    /// The card was reported lost or stolen.
    #[error("The card was reported lost or stolen.")]
    LostOrStolen,
    /// The company that issued the card cannot be reached; a later attempt may succeed.
    #[error("The issuer of the card cannot be reached.")]
    IssuerUnavailable,
    /// The held amount was not handed out; the authorization stands as it was.
    #[error("The capture was refused.")]
    CaptureRefused,
    /// The buyer did not prove to be the holder of the card.
    #[error("The buyer could not be authenticated.")]
    AuthenticationFailed,
    /// The buyer did not finish the proof.
    #[error("The buyer abandoned the authentication.")]
    AuthenticationAbandoned,
    /// No card has this token.
    #[error("The card is unknown.")]
    UnknownCard,
    /// The merchant has no authorization of this name.
    #[error("The authorization is unknown.")]
    UnknownAuthorization,
    /// The authorization is not in a state that allows it.
    #[error("The state of the authorization does not allow this.")]
    NotInThatState,
    /// More than is authorized, or more than is left to refund.
    #[error("The amount is more than is left.")]
    AmountExceeded,
    /// Another request was sent under this key before.
    #[error("The key was used for another request.")]
    KeyReused,
}

impl Refusal {
    /// Every refusal.
    pub const ALL: [Refusal; 14] = [
        Refusal::InsufficientFunds,
        Refusal::OverLimit,
        Refusal::ExpiredCard,
        Refusal::WrongSecurityCode,
        Refusal::LostOrStolen,
        Refusal::IssuerUnavailable,
        Refusal::CaptureRefused,
        Refusal::AuthenticationFailed,
        Refusal::AuthenticationAbandoned,
        Refusal::UnknownCard,
        Refusal::UnknownAuthorization,
        Refusal::NotInThatState,
        Refusal::AmountExceeded,
        Refusal::KeyReused,
    ];

    /// The word used in rows and answers.
    pub fn code(self) -> &'static str {
        match self {
            Refusal::InsufficientFunds => "insufficient_funds",
            Refusal::OverLimit => "over_limit",
            Refusal::ExpiredCard => "expired_card",
            Refusal::WrongSecurityCode => "wrong_security_code",
            Refusal::LostOrStolen => "lost_or_stolen",
            Refusal::IssuerUnavailable => "issuer_unavailable",
            Refusal::CaptureRefused => "capture_refused",
            Refusal::AuthenticationFailed => "authentication_failed",
            Refusal::AuthenticationAbandoned => "authentication_abandoned",
            Refusal::UnknownCard => "unknown_card",
            Refusal::UnknownAuthorization => "unknown_authorization",
            Refusal::NotInThatState => "not_in_that_state",
            Refusal::AmountExceeded => "amount_exceeded",
            Refusal::KeyReused => "key_reused",
        }
    }
}

/// The text is no code of a refusal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown refusal {0:?}")]
pub struct UnknownRefusal(pub String);

impl FromStr for Refusal {
    type Err = UnknownRefusal;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = Refusal::ALL.into_iter().find(|refusal| refusal.code() == text);
        known.ok_or_else(|| UnknownRefusal(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_go_both_ways() {
        for refusal in Refusal::ALL {
            assert_eq!(refusal.code().parse(), Ok(refusal));
        }
        assert_eq!("broke".parse::<Refusal>(), Err(UnknownRefusal("broke".into())));
    }
}
