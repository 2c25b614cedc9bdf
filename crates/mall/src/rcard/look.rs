//! Results: of requests, and of days. What is shown of each is made here (contract 5).

use kernel::{JstDate, ShopId, Timestamp};
use store::{StoreError, Tx};

use super::access::Access;
use super::asking::Outcome;
use super::code::{self, NORMAL, NORMAL_MESSAGE, Refused};
use super::requests::Request;
use super::rows;
use super::soap::Value;
use crate::order::Day;

/// The company that all cards are of.
const COMPANY: &str = "楽天カード";

/// `status` of a request (contract 6): the numbers before 3 are by analogy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Its id was given out and not used.
    NotStarted = 0,
    /// No order had its turn.
    Queued = 1,
    /// Some had.
    Running = 2,
    /// All had.
    Finished = 3,
}

/// What became of one order of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Result {
    /// Of which request.
    pub request: i64,
    /// 注文番号 as sent.
    pub number: String,
    /// What came of it.
    pub outcome: Outcome,
    /// `VISA` …; this and what follows: none of an order that there is not.
    pub brand: Option<String>,
    /// `****-****-****-1111`.
    pub card_number: Option<String>,
    /// The name on the card.
    pub owner: Option<String>,
    /// `2029/03`.
    pub expires: Option<String>,
}

/// What getRCCSResultAll looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Criteria {
    /// First day (JST) on which a result came.
    pub from: JstDate,
    /// Last day.
    pub to: JstDate,
    /// `cardStatus`; none for any.
    pub card_status: Option<i64>,
    /// 注文番号.
    pub number: Option<String>,
    /// Brand.
    pub brand: Option<String>,
    /// The name on the card.
    pub owner: Option<String>,
    /// How the buyer pays.
    pub pay_type: Option<i64>,
}

impl Criteria {
    /// Days as they were sent: `YYYY-MM-DD`, the first not after the last, not too far apart.
    pub fn days(access: &Access, from: &str, to: &str) -> std::result::Result<(JstDate, JstDate), Refused> {
        let day = |text: &str| Day::parse(text).map(|day| day.0).ok_or(Refused::Period);
        let (from, to) = (day(from)?, day(to)?);
        let span = to.day_number() - from.day_number();
        let fits = (0..=i64::from(access.rules.span_days_max)).contains(&span);
        if fits { Ok((from, to)) } else { Err(Refused::Period) }
    }
}

/// How far these requests are, in the order they were asked for; ids that were not given out are left out.
pub fn requests(tx: &mut Tx<'_>, access: &Access, ids: &[i64]) -> std::result::Result<Vec<Vec<Value>>, Looked> {
    if ids.is_empty() || ids.len() > access.rules.request_ids_max as usize {
        return Err(Looked::Refused(Refused::Orders));
    }
    let mut shown = Vec::with_capacity(ids.len());
    for id in ids {
        let given_out = super::access::REQUEST_ID_BEFORE_FIRST < *id && *id <= access.request_id;
        match rows::request(tx, access.shop, *id)? {
            Some(request) => shown.push(status(tx, access.shop, &request)?),
            None if given_out => shown.push(not_started(*id)),
            None => {}
        }
    }
    if shown.is_empty() { Err(Looked::Refused(Refused::RequestId)) } else { Ok(shown) }
}

/// The results of some days.
pub fn all(tx: &mut Tx<'_>, access: &Access, criteria: &Criteria) -> std::result::Result<Vec<Vec<Value>>, Looked> {
    let most = access.rules.results_max as usize;
    let found = rows::results(tx, access.shop, criteria, most + 1)?;
    if found.len() > most {
        return Err(Looked::Refused(Refused::TooMany));
    }
    Ok(found.iter().map(members).collect())
}

/// Why nothing is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Looked {
    /// It was refused.
    Refused(Refused),
    /// The database failed.
    Store(StoreError),
}

impl From<StoreError> for Looked {
    fn from(error: StoreError) -> Looked {
        Looked::Store(error)
    }
}

fn status(tx: &mut Tx<'_>, shop: ShopId, request: &Request) -> std::result::Result<Vec<Value>, StoreError> {
    let status = match request.done {
        0 => Status::Queued,
        done if done < request.count => Status::Running,
        _ => Status::Finished,
    };
    let results = rows::results_of(tx, shop, request.id)?;
    let results = results.iter().map(members).collect();
    Ok(vec![
        request.count.into(),
        NORMAL.into(),
        request.kind.number().into(),
        NORMAL_MESSAGE.into(),
        Value::Many(results),
        request.id.into(),
        request.started.to_string().into(),
        (status as i64).into(),
        request.finished.map_or(Value::Nil, |at| at.to_string().into()),
    ])
}

fn not_started(id: i64) -> Vec<Value> {
    vec![
        0.into(),
        NORMAL.into(),
        Value::Nil,
        NORMAL_MESSAGE.into(),
        Value::Many(Vec::new()),
        id.into(),
        Value::Nil,
        (Status::NotStarted as i64).into(),
        Value::Nil,
    ]
}

/// The members of `UiRCCSResultModel`, in its order.
fn members(result: &Result) -> Vec<Value> {
    let Outcome { registered, card_status, error_code, ccs_code, approval, transaction, price, pay_type } =
        &result.outcome;
    let text = |text: &Option<String>| text.as_ref().map_or(Value::Nil, |text| text.as_str().into());
    let number = |number: &Option<i64>| number.map_or(Value::Nil, Value::from);
    vec![
        approval.as_str().into(),
        text(&result.brand),
        0.into(),
        text(&result.card_number),
        (*card_status).into(),
        ccs_code.as_str().into(),
        Value::Nil,
        COMPANY.into(),
        error_code.as_str().into(),
        registered.jst_date().start().to_string().into(),
        text(&result.expires),
        "".into(),
        code::message(error_code).into(),
        result.number.as_str().into(),
        text(&result.owner),
        number(pay_type),
        number(price),
        registered.to_string().into(),
        text(transaction),
    ]
}

/// Seven digits of an authorization that succeeded, none of them all zeros, the same for the same name.
pub fn approval_number(reference: &str) -> String {
    format!("{:07}", digits(reference) % 9_999_999 + 1)
}

/// 32 digits: when the acquirer was asked (`YYMMDDhhmmss`, JST), and what tells it from others.
pub fn transaction_id(at: Timestamp, message: &str) -> String {
    let date = at.jst_date();
    let (year, month, day) = date.civil();
    let second = (at.seconds() - date.start().seconds()).clamp(0, 86_399);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    let year = year.rem_euclid(100);
    format!("{year:02}{month:02}{day:02}{hour:02}{minute:02}{second:02}{:020}", digits(message))
}

/// A number made of a name: FNV-1a, which is the same in every process.
fn digits(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_form_of_the_contract() {
        let at = Timestamp::from_seconds(1_795_305_600);
        let transaction = transaction_id(at, "019ab-0000");
        assert_eq!((transaction.len(), &transaction[..12]), (32, "261122090000"));
        assert!(transaction.bytes().all(|byte| byte.is_ascii_digit()));
        assert_ne!(transaction, transaction_id(at, "019ab-0001"));
        let approval = approval_number("auth_1");
        assert!(approval.len() == 7 && approval != "0000000" && approval.bytes().all(|byte| byte.is_ascii_digit()));
        assert_eq!(approval, approval_number("auth_1"));
    }
}
