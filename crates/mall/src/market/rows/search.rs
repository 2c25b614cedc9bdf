//! searchOrder over the rows (contract, 3.1). What nearly every search looks at is answered from an index alone; words
//! are looked for in a table of their own.

use kernel::ShopId;
use store::{ErrorKind, Row, StoreError, Tx, Value, params};

use super::super::columns;
use crate::order::OrderNumber;
use crate::wire::search::{DateKind, KeywordKind, REACHABLE, Search, SubStatuses};

/// How many orders are found, and the numbers of those on the page that was asked for. Beyond [`REACHABLE`] nothing is
/// on any page.
pub fn search(tx: &mut Tx<'_>, shop: ShopId, search: &Search) -> Result<(u64, Vec<OrderNumber>), StoreError> {
    // 海外カート: none since 2020.
    if search.overseas {
        return Ok((0, Vec::new()));
    }
    let question = Question::of(shop, search);
    let counted = format!("SELECT count(*) FROM {}", question.sql);
    let total = tx.query_one(&counted, &question.values)?.int(0)?.unsigned_abs();
    let first = u64::from(search.page - 1) * u64::from(search.page_size);
    let size = u64::from(REACHABLE).min(total).saturating_sub(first).min(u64::from(search.page_size));
    if size == 0 {
        return Ok((total, Vec::new()));
    }
    let direction = if search.ascending { "ASC" } else { "DESC" };
    let (limit, offset) = (question.values.len() + 1, question.values.len() + 2);
    let page = format!(
        "SELECT o.number FROM {} ORDER BY o.placed_us {direction}, o.number {direction} LIMIT ${limit} OFFSET ${offset}",
        question.sql
    );
    let values: Vec<Value> = question.values.into_iter().chain(params![size as i64, first as i64]).collect();
    let numbers = tx.query(&page, &values)?.iter().map(number).collect::<Result<_, _>>()?;
    Ok((total, numbers))
}

fn number(row: &Row) -> Result<OrderNumber, StoreError> {
    let text = row.text(0)?;
    text.parse().map_err(|error| StoreError::new(ErrorKind::Corrupt, format!("{error}")))
}

/// Tables and conditions, after FROM, and their parameters.
struct Question {
    sql: String,
    values: Vec<Value>,
}

impl Question {
    fn of(shop: ShopId, search: &Search) -> Question {
        let date = match search.date {
            DateKind::Order => "placed_us",
            DateKind::Confirmation => "confirmed_us",
            DateKind::Fix => "fixed_us",
            DateKind::Shipping => "shipping_us",
            DateKind::Report => "reported_us",
            DateKind::Settlement => "settled_us",
        };
        let words = words(search);
        let tables = if words.is_empty() {
            "mall_order o"
        } else {
            "mall_order o JOIN mall_order_words w ON w.shop_id = o.shop_id AND w.number = o.number"
        };
        let sql = format!("{tables} WHERE o.shop_id = $1 AND o.{date} >= $2 AND o.{date} <= $3");
        let mut question = Question { sql, values: params![shop, search.start, search.end].to_vec() };
        question.codes("o.progress", search.progress.iter().map(|progress| progress.code()).collect());
        question.codes("o.kind", search.kinds.iter().map(|kind| kind.code()).collect());
        match &search.sub_statuses {
            SubStatuses::Any => {}
            SubStatuses::None => question.sql.push_str(" AND o.sub_status IS NULL"),
            SubStatuses::OneOf(ids) => question.codes("o.sub_status", ids.clone()),
        }
        if let Some(method) = search.method {
            question.and("o.method = ", method);
        }
        if let Some(name) = &search.delivery_name {
            question.and("o.delivery_name = ", name.as_str());
        }
        if search.site != 0 {
            question.and("o.site = ", search.site);
        }
        question.traits(search);
        for (column, word) in words {
            question.word(column, word);
        }
        question
    }

    fn and(&mut self, condition: &str, value: impl Into<Value>) {
        self.values.push(value.into());
        self.sql.push_str(&format!(" AND {condition}${}", self.values.len()));
    }

    fn word(&mut self, column: &str, word: Word) {
        match word {
            Word::Is(text) => self.and(&format!("{column} = "), text),
            Word::Within(text) => {
                self.and(&format!("lower({column}) LIKE "), contains(&text));
                self.sql.push_str(" ESCAPE '!'");
            }
        }
    }

    /// One of these numbers, any if there are none.
    fn codes(&mut self, column: &str, codes: Vec<i64>) {
        if codes.is_empty() {
            return;
        }
        let first = self.values.len() + 1;
        let places: Vec<String> = (0..codes.len()).map(|place| format!("${}", first + place)).collect();
        self.values.extend(codes.into_iter().map(Value::from));
        self.sql.push_str(&format!(" AND {column} IN ({})", places.join(", ")));
    }

    fn traits(&mut self, search: &Search) {
        let wanted = [
            (search.asuraku, columns::ASURAKU),
            (search.coupons, columns::COUPONS),
            (search.drug, columns::DRUG),
            (search.one_day, columns::ONE_DAY),
            (search.no_shipping_date, columns::NO_DATE),
            (search.no_shipping_number, columns::NO_NUMBER),
        ];
        let bits: i64 = wanted.into_iter().filter(|(is_wanted, _)| *is_wanted).map(|(_, bit)| bit).sum();
        if bits != 0 {
            self.values.push(Value::from(bits));
            let place = self.values.len();
            self.sql.push_str(&format!(" AND (o.traits & ${place}) = ${place}"));
        }
    }
}

/// Conditions on the words of an order: a column and what it is, or what it holds somewhere.
fn words(search: &Search) -> Vec<(&'static str, Word)> {
    let mut all = Vec::new();
    if let Some((kind, word)) = &search.keyword {
        let column = match kind {
            KeywordKind::ItemName => "w.item_names",
            KeywordKind::ItemNumber => "w.item_numbers",
            KeywordKind::Memo => "w.memo",
            KeywordKind::Orderer => "w.orderer",
            KeywordKind::OrdererKana => "w.orderer_kana",
            KeywordKind::Sender => "w.destinations",
            KeywordKind::SkuNumber => "w.sku_numbers",
            KeywordKind::SkuMerchantNumber => "w.sku_merchant_numbers",
            KeywordKind::SkuInfo => "w.sku_infos",
        };
        all.push((column, Word::Within(word.clone())));
    }
    if let Some(email) = &search.email {
        all.push(("w.email", Word::Is(email.clone())));
    }
    match &search.phone {
        Some((1, number)) => all.push(("w.phone", Word::Is(digits(number)))),
        Some((_, number)) => all.push(("w.destination_phones", Word::Within(format!("\n{}\n", digits(number))))),
        None => {}
    }
    if let Some(number) = &search.reserve_number {
        all.push(("w.reserve_number", Word::Is(number.clone())));
    }
    all
}

/// What a column has to be, or to hold.
enum Word {
    Is(String),
    Within(String),
}

/// A telephone number as rows hold it.
fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

/// A pattern for `LIKE` that finds `text` anywhere; large and small ASCII letters are the same, as both engines compare.
fn contains(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.to_ascii_lowercase().chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern + "%"
}
