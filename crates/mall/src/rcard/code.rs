//! Codes of the wire (contract 6), and the words that go with them. `RCCS_N00-000`, `RCCS_E22-822` and the card statuses are
//! the contract's; the other codes are ours, because no source has them (docs/rms-fidelity.md).

use acquirer::Refusal;

use super::rules::Rules;
use super::state::Kind;

/// The code when nothing is wrong.
pub const NORMAL: &str = "RCCS_N00-000";
/// Its message.
pub const NORMAL_MESSAGE: &str = "正常終了";
/// What the card company says when nothing is wrong.
pub const CCS_NORMAL: &str = "000000";
/// The approval number where nothing was approved.
pub const NO_APPROVAL: &str = "0000000";

/// Why something is not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refused {
    /// Nobody is known by these credentials.
    Credentials,
    /// Too many calls did not say who they were.
    TooManyCalls,
    /// The request id was not given out, or was used for something else.
    RequestId,
    /// No orders were sent, or too many.
    Orders,
    /// An order is there twice.
    OrderTwice,
    /// The days are none, in the wrong order, or too far apart.
    Period,
    /// More was found than one answer holds.
    TooMany,
    /// There is no such order.
    NoOrder,
    /// The payment of the order does not stand so that it can be done.
    NotInThatState,
    /// 0円オーソリ (seed 003).
    ZeroYen,
    /// No amount that can be asked for.
    Price,
    /// The authorization is too old to be claimed (seed 003).
    AuthorizationVoid,
    /// R-Card Plus has begun it.
    OfPlus,
    /// No way of paying.
    PayType,
    /// The card company said no.
    Card(Refusal),
}

impl Refused {
    /// Every one that is not the card company's.
    pub const OURS: [Refused; 14] = [
        Refused::Credentials,
        Refused::TooManyCalls,
        Refused::RequestId,
        Refused::Orders,
        Refused::OrderTwice,
        Refused::Period,
        Refused::TooMany,
        Refused::NoOrder,
        Refused::NotInThatState,
        Refused::ZeroYen,
        Refused::Price,
        Refused::AuthorizationVoid,
        Refused::OfPlus,
        Refused::PayType,
    ];

    /// The code.
    pub fn code(self) -> &'static str {
        match self {
            Refused::Credentials => "RCCS_E10-001",
            Refused::TooManyCalls => "RCCS_E10-002",
            Refused::RequestId => "RCCS_E20-001",
            Refused::Orders => "RCCS_E20-002",
            Refused::OrderTwice => "RCCS_E20-003",
            Refused::Period => "RCCS_E20-004",
            Refused::TooMany => "RCCS_E20-005",
            Refused::NoOrder => "RCCS_E21-001",
            Refused::NotInThatState => "RCCS_E21-002",
            Refused::ZeroYen => "RCCS_E21-003",
            Refused::AuthorizationVoid => "RCCS_E21-004",
            Refused::OfPlus => "RCCS_E21-005",
            Refused::Price => "RCCS_E21-006",
            Refused::PayType => "RCCS_E21-007",
            Refused::Card(refusal) => match refusal {
                Refusal::OverLimit => "RCCS_E22-822",
                Refusal::InsufficientFunds => "RCCS_E22-802",
                Refusal::ExpiredCard => "RCCS_E22-883",
                Refusal::WrongSecurityCode => "RCCS_E22-844",
                Refusal::LostOrStolen => "RCCS_E22-860",
                Refusal::IssuerUnavailable => "RCCS_E22-895",
                Refusal::CaptureRefused => "RCCS_E22-897",
                Refusal::UnknownCard => "RCCS_E22-865",
                Refusal::AuthenticationFailed
                | Refusal::AuthenticationAbandoned
                | Refusal::UnknownAuthorization
                | Refusal::NotInThatState
                | Refusal::AmountExceeded
                | Refusal::KeyReused => "RCCS_E22-800",
            },
        }
    }

    /// The card company's code; `000000` where it was not asked.
    pub fn ccs_code(self) -> &'static str {
        let Refused::Card(refusal) = self else { return CCS_NORMAL };
        match refusal {
            Refusal::OverLimit => "210G55",
            Refusal::InsufficientFunds => "210G02",
            Refusal::ExpiredCard => "210G83",
            Refusal::WrongSecurityCode => "210G44",
            Refusal::LostOrStolen => "210G60",
            Refusal::IssuerUnavailable => "210G95",
            Refusal::CaptureRefused => "210G97",
            Refusal::UnknownCard => "210G65",
            Refusal::AuthenticationFailed
            | Refusal::AuthenticationAbandoned
            | Refusal::UnknownAuthorization
            | Refusal::NotInThatState
            | Refusal::AmountExceeded
            | Refusal::KeyReused => "210G12",
        }
    }
}

/// The message of a code; `エラー` for one that there is not.
pub fn message(code: &str) -> &'static str {
    match code {
        NORMAL => NORMAL_MESSAGE,
        "RCCS_E10-001" => "認証に失敗しました。認証キー・店舗URL・ユーザIDをご確認ください。",
        "RCCS_E10-002" => "認証の失敗が続いたため、しばらくご利用いただけません。",
        "RCCS_E20-001" => "リクエストIDが正しくありません。getRCCSRequestIdで取得したIDを指定してください。",
        "RCCS_E20-002" => "対象の件数が正しくありません。",
        "RCCS_E20-003" => "同じ注文番号が複数指定されています。",
        "RCCS_E20-004" => "検索期間が正しくありません。",
        "RCCS_E20-005" => "検索結果が多すぎます。条件を絞り込んでください。",
        "RCCS_E21-001" => "対象の注文が存在しません。",
        "RCCS_E21-002" => "現在の決済ステータスでは処理できません。",
        "RCCS_E21-003" => "0円のオーソリは実行できません。",
        "RCCS_E21-004" => {
            "オーソリの有効期限が切れています。オーソリを取り消した上で、再度オーソリを実行してください。"
        }
        "RCCS_E21-005" => "R-Card Plusで処理された注文は、決済APIで引き継ぐことができません。",
        "RCCS_E21-006" => "金額が正しくありません。",
        "RCCS_E21-007" => "支払方法が正しくありません。",
        "RCCS_E22-800" => "カード会社で処理できませんでした。",
        "RCCS_E22-802" => "カードの残高が不足しています。",
        "RCCS_E22-822" => {
            "カードの利用限度額を超えています。R-Card Plusクレジットサポートセンターにお問い合わせください。"
        }
        "RCCS_E22-844" => "セキュリティコードが誤っています。",
        "RCCS_E22-860" => "このカードは紛失または盗難の届けが出ています。",
        "RCCS_E22-865" => "カード番号が正しくありません。",
        "RCCS_E22-883" => "カードの有効期限が切れています。",
        "RCCS_E22-895" => "カード会社に接続できません。時間をおいて再度お試しください。",
        "RCCS_E22-897" => "カード会社が売上請求を受け付けませんでした。",
        _ => "エラー",
    }
}

/// `cardStatus`: tens say which operation, 2 that it was done and 3 that it failed (contract 6). A new order has 1.
pub fn card_status(kind: Kind, done: bool, rules: &Rules) -> i64 {
    let group = match (kind, rules.sales_is_group_two) {
        (Kind::Authori, _) => 1,
        (Kind::AuthoriCancel, false) | (Kind::Sales, true) => 2,
        (Kind::Sales, false) | (Kind::AuthoriCancel, true) => 3,
        (Kind::SalesCancel, _) => 4,
    };
    group * 10 + if done { 2 } else { 3 }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_has_a_message_and_only_unlike_refusals_share_none() {
        let ours: BTreeSet<&str> = Refused::OURS.into_iter().map(Refused::code).collect();
        assert_eq!(ours.len(), Refused::OURS.len(), "codes of our own are distinct");
        let cards = Refusal::ALL.map(|refusal| Refused::Card(refusal).code());
        for code in ours.into_iter().chain(cards).chain([NORMAL]) {
            assert_ne!(message(code), "エラー", "{code}");
        }
    }

    #[test]
    fn what_the_contract_saw_is_so() {
        let refused = Refused::Card(Refusal::OverLimit);
        assert_eq!((refused.code(), refused.ccs_code()), ("RCCS_E22-822", "210G55"));
        let usual = |kind, done| card_status(kind, done, &Rules::USUAL);
        assert_eq!(usual(Kind::Authori, true), 12);
        assert_eq!(usual(Kind::Authori, false), 13);
        assert_eq!(usual(Kind::SalesCancel, true), 42);
        assert_eq!((usual(Kind::AuthoriCancel, true), usual(Kind::Sales, false)), (22, 33));
        let otherwise = Rules { sales_is_group_two: true, ..Rules::USUAL };
        assert_eq!(card_status(Kind::Sales, true, &otherwise), 22);
        assert_eq!(card_status(Kind::AuthoriCancel, true, &otherwise), 32);
    }
}
