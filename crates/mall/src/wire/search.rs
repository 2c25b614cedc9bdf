//! searchOrder (contract, 3.1): what is asked for.

use kernel::Timestamp;
use kernel::time::MICROS_PER_SECOND;

use super::message::{Fault, Message, Operation};
use super::read::Reader;
use crate::code::{Method, OrderType, Progress};

/// How the days of [`START_DAYS_MAX`] and [`SPAN_DAYS_MAX`] are counted; the contract (3.1) says only how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Days {
    /// Each is 86,400 seconds.
    #[default]
    Seconds,
    /// Dates of Japan: the whole first and the whole last one belong to them.
    Dates,
}

impl Days {
    /// The oldest instant that can be asked for.
    pub fn oldest(self, now: Timestamp) -> Timestamp {
        match self {
            Days::Seconds => now.plus_micros(-START_DAYS_MAX * DAY_MICROS),
            Days::Dates => now.jst_date().plus_days(-START_DAYS_MAX).start(),
        }
    }

    /// The last instant, a whole second, that a period can end at.
    fn latest(self, start: Timestamp) -> Timestamp {
        match self {
            Days::Seconds => start.plus_micros(SPAN_DAYS_MAX * DAY_MICROS),
            Days::Dates => start.jst_date().plus_days(SPAN_DAYS_MAX + 1).start().plus_micros(-MICROS_PER_SECOND),
        }
    }
}

const DAY_MICROS: i64 = 86_400 * MICROS_PER_SECOND;
/// The start lies so many days back at the most.
pub const START_DAYS_MAX: i64 = 730;
/// Days between start and end at the most.
pub const SPAN_DAYS_MAX: i64 = 63;
/// Records of a page at the most, and usually.
pub const PAGE_MAX: u32 = 1_000;
/// Records of a page when nobody says.
pub const PAGE_USUAL: u32 = 30;
/// 後払い(選択制), gone from getOrder since 2022-11 (contract, section 5).
const GONE_METHOD: i64 = 3;
/// Results that can be reached.
pub const REACHABLE: u32 = 15_000;

/// `dateType`: which instant of orders is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DateKind {
    /// 1 注文日.
    Order,
    /// 2 注文確認日.
    Confirmation,
    /// 3 注文確定日.
    Fix,
    /// 4 発送日.
    Shipping,
    /// 5 発送完了報告日.
    Report,
    /// 6 決済確定日.
    Settlement,
}

impl DateKind {
    fn of(code: i64) -> Option<DateKind> {
        let kinds = [
            DateKind::Order,
            DateKind::Confirmation,
            DateKind::Fix,
            DateKind::Shipping,
            DateKind::Report,
            DateKind::Settlement,
        ];
        usize::try_from(code).ok().and_then(|code| code.checked_sub(1)).and_then(|index| kinds.get(index).copied())
    }
}

/// `searchKeywordType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeywordKind {
    /// 1 商品名.
    ItemName,
    /// 2 商品番号.
    ItemNumber,
    /// 3 ひとことメモ.
    Memo,
    /// 4 注文者お名前.
    Orderer,
    /// 5 注文者お名前フリガナ.
    OrdererKana,
    /// 6 送付先お名前.
    Sender,
    /// 7 SKU管理番号.
    SkuNumber,
    /// 8 システム連携用SKU番号.
    SkuMerchantNumber,
    /// 9 SKU情報.
    SkuInfo,
}

impl KeywordKind {
    /// Its number, and characters at the most.
    const TABLE: [(KeywordKind, i64, usize); 9] = [
        (KeywordKind::ItemName, 1, 1_024),
        (KeywordKind::ItemNumber, 2, 127),
        (KeywordKind::Memo, 3, 1_000),
        (KeywordKind::Orderer, 4, 254),
        (KeywordKind::OrdererKana, 5, 254),
        (KeywordKind::Sender, 6, 254),
        (KeywordKind::SkuNumber, 7, 40),
        (KeywordKind::SkuMerchantNumber, 8, 96),
        (KeywordKind::SkuInfo, 9, 400),
    ];
}

/// Sub-statuses that are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubStatuses {
    /// Any.
    Any,
    /// `[-1]`: orders that have none.
    None,
    /// One of these.
    OneOf(Vec<i64>),
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// Any of these; all when empty.
    pub progress: Vec<Progress>,
    /// Sub-statuses.
    pub sub_statuses: SubStatuses,
    /// Which instant.
    pub date: DateKind,
    /// From, included.
    pub start: Timestamp,
    /// Until, included.
    pub end: Timestamp,
    /// Any of these; all when empty.
    pub kinds: Vec<OrderType>,
    /// 支払方法: its number; 3 後払い(選択制) can be searched for, and no order has it any more.
    pub method: Option<i64>,
    /// 配送方法.
    pub delivery_name: Option<String>,
    /// Only orders without shipping date.
    pub no_shipping_date: bool,
    /// Only orders without tracking number.
    pub no_shipping_number: bool,
    /// A word, and where it is looked for.
    pub keyword: Option<(KeywordKind, String)>,
    /// The orderer's address, exactly.
    pub email: Option<String>,
    /// 1 the orderer's telephone, 2 a destination's; digits joined.
    pub phone: Option<(i64, String)>,
    /// 予約番号.
    pub reserve_number: Option<String>,
    /// 0 all, 1 PC, 2 mobile, 3 smartphone, 4 tablet.
    pub site: i64,
    /// Only あす楽.
    pub asuraku: bool,
    /// Only with coupons.
    pub coupons: bool,
    /// Only 医薬品.
    pub drug: bool,
    /// Only 海外カート.
    pub overseas: bool,
    /// Only 1営業日以内発送.
    pub one_day: bool,
    /// Records of a page.
    pub page_size: u32,
    /// The page, from 1.
    pub page: u32,
    /// Oldest first.
    pub ascending: bool,
}

impl Search {
    /// Every order that was placed from `start` to `end`, both included: the newest first, the first page of the usual size.
    pub fn placed(start: Timestamp, end: Timestamp) -> Search {
        Search {
            progress: Vec::new(),
            sub_statuses: SubStatuses::Any,
            date: DateKind::Order,
            start,
            end,
            kinds: Vec::new(),
            method: None,
            delivery_name: None,
            no_shipping_date: false,
            no_shipping_number: false,
            keyword: None,
            email: None,
            phone: None,
            reserve_number: None,
            site: 0,
            asuraku: false,
            coupons: false,
            drug: false,
            overseas: false,
            one_day: false,
            page_size: PAGE_USUAL,
            page: 1,
            ascending: false,
        }
    }
}

/// Reads a request; otherwise a message for each faulty member. `now` is world time.
pub fn read(reader: &mut Reader<'_>, now: Timestamp, days: Days) -> Result<Search, Vec<Message>> {
    let date = reader.code("dateType", DateKind::of);
    let span = span(reader, now, days);
    let progress = reader.codes("orderProgressList", Progress::of);
    let sub_statuses = sub_statuses(reader, &progress);
    let keyword = keyword(reader);
    let paging = paging(reader);
    let kinds = reader.codes("orderTypeList", OrderType::of);
    // 8 ポイント is no search value.
    let method = reader.opt_code("settlementMethod", |code| {
        let is_known = code == GONE_METHOD || Method::of(code).is_some_and(|method| method != Method::Points);
        is_known.then_some(code)
    });
    let delivery_name = reader.opt_text("deliveryName", 255).filter(|name| !name.is_empty());
    let phone = phone(reader);
    let mut flag = |field: &str| reader.flag(field).unwrap_or(false);
    let (no_shipping_date, no_shipping_number) = (flag("shippingDateBlankFlag"), flag("shippingNumberBlankFlag"));
    let (asuraku, coupons, drug) = (flag("asurakuFlag"), flag("couponUseFlag"), flag("drugFlag"));
    let (overseas, one_day) = (flag("overseasFlag"), flag("oneDayOperationFlag"));
    let site = reader.opt_code("purchaseSiteType", |code| (0..=4).contains(&code).then_some(code)).unwrap_or(0);
    reader.opt_code("mailSendType", |code| (0..=2).contains(&code).then_some(code));
    let email = reader.opt_text("ordererMailAddress", 254).filter(|address| !address.is_empty());
    let reserve_number = reader.opt_text("reserveNumber", 382).filter(|number| !number.is_empty());
    let (Some(date), Some((start, end)), true) = (date, span, reader.is_sound()) else { return Err(reader.messages()) };
    let (page_size, page, ascending) = paging;
    Ok(Search {
        progress,
        sub_statuses,
        date,
        start,
        end,
        kinds,
        method,
        delivery_name,
        no_shipping_date,
        no_shipping_number,
        keyword,
        email,
        phone,
        reserve_number,
        site,
        asuraku,
        coupons,
        drug,
        overseas,
        one_day,
        page_size,
        page,
        ascending,
    })
}

/// Start at most 730 days ago, end at most 63 days after the start.
fn span(reader: &mut Reader<'_>, now: Timestamp, days: Days) -> Option<(Timestamp, Timestamp)> {
    let (start, end) = (reader.datetime("startDatetime"), reader.datetime("endDatetime"));
    let (start, end) = (start?, end?);
    if start < days.oldest(now) {
        reader.wrong("startDatetime", Fault::Format);
    }
    if end < start || end > days.latest(start) {
        reader.wrong("endDatetime", Fault::Format);
    }
    // The last second of a period belongs to it, whatever its fraction.
    Some((start, end.plus_micros(MICROS_PER_SECOND - 1)))
}

fn sub_statuses(reader: &mut Reader<'_>, progress: &[Progress]) -> SubStatuses {
    let ids = reader.codes("subStatusIdList", Some);
    match ids.as_slice() {
        [] => SubStatuses::Any,
        [-1] => {
            if progress.is_empty() {
                reader.wrong("orderProgressList", Fault::Missing);
            }
            SubStatuses::None
        }
        _ => SubStatuses::OneOf(ids),
    }
}

fn keyword(reader: &mut Reader<'_>) -> Option<(KeywordKind, String)> {
    let of = |code: i64| match code {
        0 => Some(None),
        _ => KeywordKind::TABLE.iter().find(|(_, number, _)| *number == code).map(|entry| Some(*entry)),
    };
    let (kind, _, most) = reader.opt_code("searchKeywordType", of)??;
    // A kind without a word, as some programs send it, asks for nothing.
    let word = reader.opt_text("searchKeyword", usize::MAX)?.trim().to_owned();
    if word.is_empty() {
        return None;
    }
    if word.chars().count() <= most && kernel::charset::unfit(&word, 1).is_empty() {
        Some((kind, word))
    } else {
        reader.wrong("searchKeyword", Fault::Format);
        None
    }
}

fn phone(reader: &mut Reader<'_>) -> Option<(i64, String)> {
    let is_sent = reader.given("phoneNumberType").is_some();
    let kind = reader.opt_code("phoneNumberType", |code| (1..=2).contains(&code).then_some(code));
    let number = reader.opt_text("phoneNumber", 32).filter(|number| !number.is_empty());
    match (kind, number) {
        (Some(kind), Some(number)) => Some((kind, number)),
        // One that was sent and is none was said already.
        (None, Some(_)) if !is_sent => {
            reader.wrong("phoneNumberType", Fault::Missing);
            None
        }
        (Some(_) | None, Some(_) | None) => None,
    }
}

/// Records of a page, the page, and whether the oldest comes first.
fn paging(reader: &mut Reader<'_>) -> (u32, u32, bool) {
    let Some(mut model) = reader.opt_model("PaginationRequestModel") else { return (PAGE_USUAL, 1, false) };
    let within = |most: u32| move |code: i64| u32::try_from(code).ok().filter(|number| (1..=most).contains(number));
    let size = model.code("requestRecordsAmount", within(PAGE_MAX)).unwrap_or(PAGE_USUAL);
    let page = model.code("requestPage", within(REACHABLE)).unwrap_or(1);
    let sorts = model.opt_list("SortModelList", 10).unwrap_or_default();
    let mut ascending = false;
    if let Some(first) = sorts.first() {
        let mut sort = Reader::new(Operation::SearchOrder, first);
        sort.code("sortColumn", |code| (code == 1).then_some(()));
        ascending =
            sort.opt_code("sortDirection", |code| (1..=2).contains(&code).then_some(code == 1)).unwrap_or(false);
        model.join(sort);
    }
    reader.join(model);
    (size, page, ascending)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn now() -> Timestamp {
        super::super::time::parse_datetime("2026-11-22T12:00:00+0900").unwrap()
    }

    fn read_it(value: &Value) -> Result<Search, Vec<String>> {
        let mut reader = Reader::new(Operation::SearchOrder, value);
        read(&mut reader, now(), Days::Seconds)
            .map_err(|all| all.iter().map(|message| message.code().to_owned()).collect())
    }

    fn with(fields: Value) -> Value {
        let mut value = json!({ "dateType": 1, "startDatetime": "2026-11-01T00:00:00+0900", "endDatetime": "2026-11-22T23:59:59+0900" });
        value.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        value
    }

    #[test]
    fn what_is_not_said_is_as_the_contract_says() {
        let search = read_it(&with(json!({}))).unwrap();
        assert_eq!((search.page_size, search.page, search.ascending), (30, 1, false));
        assert_eq!((search.date, search.sub_statuses, search.site), (DateKind::Order, SubStatuses::Any, 0));
        let paged = json!({ "PaginationRequestModel": { "requestRecordsAmount": "1000", "requestPage": 2, "SortModelList": [{ "sortColumn": 1, "sortDirection": 1 }] } });
        let search = read_it(&with(paged)).unwrap();
        assert_eq!((search.page_size, search.page, search.ascending), (1_000, 2, true));
    }

    #[test]
    fn periods_have_their_limits() {
        let wrong = ["ORDER_EXT_API_SEARCH_ORDER_ERROR_011".to_owned()];
        let days = |start: &str, end: &str| read_it(&with(json!({ "startDatetime": start, "endDatetime": end })));
        assert!(days("2026-09-01T00:00:00+0900", "2026-11-03T00:00:00+0900").is_ok());
        assert_eq!(days("2026-09-01T00:00:00+0900", "2026-11-03T00:00:01+0900").unwrap_err(), wrong);
        assert!(days("2024-11-22T12:00:00+0900", "2024-12-01T00:00:00+0900").is_ok());
        assert_eq!(days("2024-11-22T11:59:59+0900", "2024-12-01T00:00:00+0900").unwrap_err(), wrong);
        assert_eq!(days("2026-11-02T00:00:00+0900", "2026-11-01T00:00:00+0900").unwrap_err(), wrong);
    }

    #[test]
    fn orders_without_sub_status_need_a_status() {
        let missing = ["ORDER_EXT_API_SEARCH_ORDER_ERROR_009".to_owned()];
        assert_eq!(read_it(&with(json!({ "subStatusIdList": [-1] }))).unwrap_err(), missing);
        let search = read_it(&with(json!({ "subStatusIdList": [-1], "orderProgressList": [100] }))).unwrap();
        assert_eq!(search.sub_statuses, SubStatuses::None);
    }

    #[test]
    fn words_have_the_length_of_their_kind() {
        let word =
            |kind: i64, length: usize| with(json!({ "searchKeywordType": kind, "searchKeyword": "茶".repeat(length) }));
        for (kind, most) in [(1, 1_024), (2, 127), (3, 1_000), (4, 254), (7, 40), (8, 96), (9, 400)] {
            assert!(read_it(&word(kind, most)).is_ok(), "{kind}");
            assert!(read_it(&word(kind, most + 1)).is_err(), "{kind}");
        }
        for nothing in [json!(null), json!(""), json!(" ")] {
            let search = read_it(&with(json!({ "searchKeywordType": 1, "searchKeyword": nothing })));
            assert_eq!(search.unwrap().keyword, None);
        }
        assert_eq!(read_it(&with(json!({ "searchKeywordType": 1 }))).unwrap().keyword, None);
        assert_eq!(read_it(&with(json!({ "searchKeywordType": 0, "searchKeyword": "x" }))).unwrap().keyword, None);
        assert!(read_it(&with(json!({ "searchKeywordType": 1, "searchKeyword": "①" }))).is_err());
    }

    #[test]
    fn nothing_at_all_names_all_that_is_missing() {
        assert_eq!(read_it(&Value::Null).unwrap_err().len(), 3);
    }
}
