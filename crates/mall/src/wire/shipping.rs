//! updateOrderShipping and its asynchronous sister (contract, 3.4 to 3.6): what is asked for, and what it does to parcels.

use super::message::{Fault, Message, Operation, Severity};
use super::read::Reader;
use crate::code::Carrier;
use crate::order::{Day, Order, Parcel};

/// Orders of one asynchronous call at the most.
pub const ORDERS_MAX: usize = 100;
/// Characters of a parcel's number at the most.
const NUMBER_MAX: usize = 120;

/// One row of 発送情報 that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// 送付先ID it belongs to.
    pub basket: i64,
    /// From 1, across all baskets of the order.
    pub data_number: u32,
    /// The row to be changed; none adds one.
    pub id: Option<i64>,
    /// The carrier; none keeps it.
    pub carrier: Option<Carrier>,
    /// The number; none keeps it, an empty one clears it.
    pub number: Option<String>,
    /// The date: the outer none keeps it, the inner one clears it.
    pub date: Option<Option<Day>>,
    /// Takes the row out.
    pub delete: bool,
}

/// What is asked for one order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// 注文番号, as it was sent.
    pub number: String,
    /// Its rows, in the order they came.
    pub rows: Vec<Row>,
    /// How many rows there may be.
    pub limit: Limit,
}

/// What is open about reading a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// How dates are written.
    pub dates: Dates,
    /// How many rows there may be.
    pub limit: Limit,
}

/// How many rows of 発送情報 there may be: the pages of the operations and the changelog disagree (contract, section 1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Limit {
    /// 20 for each destination.
    #[default]
    Destination,
    /// 151 for each request.
    Request,
}

impl Limit {
    /// Rows that one destination can have.
    pub fn rows(self) -> usize {
        match self {
            Limit::Destination => 20,
            Limit::Request => 151,
        }
    }

    /// The limit under which a destination can have so many rows.
    pub fn of_rows(rows: i64) -> Limit {
        if rows == Limit::Request.rows() as i64 { Limit::Request } else { Limit::Destination }
    }

    /// Whether a request may have so many rows in all.
    pub fn holds(self, rows: usize) -> bool {
        match self {
            Limit::Destination => true,
            Limit::Request => rows <= self.rows(),
        }
    }
}

/// How a shipping date may be written. One source claims that the live API wanted `YYYYMMDD` (contract, section 1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dates {
    /// `2026-11-22`.
    #[default]
    Usual,
    /// `20261122`, too.
    CompactToo,
}

/// Reads one order's report; otherwise a message for each faulty member, with the row it stands in.
pub fn read(operation: Operation, reader: &mut Reader<'_>, reading: Reading) -> Result<Report, Vec<Message>> {
    let Reading { dates, limit } = reading;
    let number = reader.text("orderNumber", 382);
    let baskets = reader.list("BasketidModelList", 1_000).unwrap_or_default();
    let (mut rows, mut messages, mut data_number) = (Vec::new(), Vec::new(), 0);
    for basket in baskets {
        let mut basket = Reader::new(operation, basket);
        let id = basket.number("basketId");
        let sent = basket.list("ShippingModelList", limit.rows()).unwrap_or_default();
        messages.extend(basket.messages());
        for row in sent {
            data_number += 1;
            let mut row = Reader::new(operation, row);
            let read = one(&mut row, id.unwrap_or_default(), data_number, dates);
            let about = |message: Message| message.of_row(Some(data_number), read.id);
            let faults = row.messages().into_iter().map(about).collect::<Vec<_>>();
            messages.extend(faults);
            rows.push(read);
        }
    }
    if !limit.holds(rows.len()) {
        reader.wrong("BasketidModelList", Fault::Format);
    }
    let mut all = reader.messages();
    all.extend(messages);
    match (number, all.is_empty()) {
        (Some(number), true) => Ok(Report { number, rows, limit }),
        (number, _) => Err(all.into_iter().map(|message| named(message, number.as_deref())).collect()),
    }
}

fn named(message: Message, number: Option<&str>) -> Message {
    match number {
        Some(number) => message.of_order(number),
        None => message,
    }
}

fn one(row: &mut Reader<'_>, basket: i64, data_number: u32, dates: Dates) -> Row {
    let id = row.opt_number("shippingDetailId");
    // The member may be left out; if it is there it has a value (contract 3.4).
    let carrier = match row.given("deliveryCompany") {
        Some(_) => row.code("deliveryCompany", Carrier::of),
        None => {
            if row.has("deliveryCompany") {
                row.wrong("deliveryCompany", Fault::Empty);
            }
            None
        }
    };
    let number = row.opt_text("shippingNumber", NUMBER_MAX);
    if number.as_ref().is_some_and(|number| !kernel::charset::unfit(number, 1).is_empty()) {
        row.wrong("shippingNumber", Fault::Format);
    }
    let date = match dates {
        Dates::Usual => row.opt_date("shippingDate"),
        Dates::CompactToo => {
            row.opt_date_as("shippingDate", |text| Day::parse(text).or_else(|| Day::parse_compact(text)))
        }
    };
    let delete = row.flag("shippingDeleteFlag").unwrap_or(false);
    if delete && id.is_none() && row.is_sound() {
        row.wrong("shippingDetailId", Fault::Missing);
    }
    Row { basket, data_number, id, carrier, number, date, delete }
}

/// The order with its parcels as the rows say, and a message for each row.
///
/// # Errors
///
/// The messages, if a row names a basket or a parcel that the order does not have: nothing is changed then.
pub fn apply(operation: Operation, order: &Order, report: &Report) -> Result<(Order, Vec<Message>), Vec<Message>> {
    let mut after = order.clone();
    let (mut done, mut faults) = (Vec::new(), Vec::new());
    for row in &report.rows {
        match put(operation, &mut after, row, report.limit) {
            Ok(message) => done.push(message.of_order(&report.number)),
            Err(message) => faults.push(message.of_order(&report.number)),
        }
    }
    if faults.is_empty() { Ok((after, done)) } else { Err(faults) }
}

fn put(operation: Operation, order: &mut Order, row: &Row, limit: Limit) -> Result<Message, Box<Message>> {
    let wrong =
        |field: &str| Box::new(Message::fault(operation, field, Fault::Format).of_row(Some(row.data_number), row.id));
    let next = i64::from(order.next_id());
    let package = order.packages.iter_mut().find(|package| package.id == row.basket && !package.deleted);
    let package = package.ok_or_else(|| wrong("basketId"))?;
    let done = |number: u16, text: &str, id: i64| {
        Message::new(operation, Severity::Info, number, text).of_row(Some(row.data_number), Some(id))
    };
    let Some(id) = row.id else {
        if package.parcels.len() >= limit.rows() {
            return Err(wrong("ShippingModelList"));
        }
        package.parcels.push(changed(Parcel { id: next, number: None, carrier: None, date: None }, row));
        return Ok(done(101, "発送情報の追加設定が完了しました。", next));
    };
    let at = package.parcels.iter().position(|parcel| parcel.id == id).ok_or_else(|| wrong("shippingDetailId"))?;
    if row.delete {
        package.parcels.remove(at);
        return Ok(done(103, "発送情報の削除設定が完了しました。", id));
    }
    let parcel = package.parcels.remove(at);
    package.parcels.insert(at, changed(parcel, row));
    Ok(done(102, "発送情報の更新設定が完了しました。", id))
}

fn changed(parcel: Parcel, row: &Row) -> Parcel {
    let number = match &row.number {
        Some(number) => Some(number.clone()).filter(|number| !number.is_empty()),
        None => parcel.number,
    };
    Parcel { id: parcel.id, number, carrier: row.carrier.or(parcel.carrier), date: row.date.unwrap_or(parcel.date) }
}

/// 既にキャンセル: UPDATE_ORDERSHIPPING_ERROR_102.
pub fn cancelled(operation: Operation, number: &str) -> Message {
    let text = "指定された注文番号は既にキャンセルされているため、発送完了報告が出来る状態ではありませんでした。";
    Message::new(operation, Severity::Error, 102, text).of_order(number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rows_are_counted_across_baskets() {
        let row = json!({ "deliveryCompany": "1001" });
        let rows = [row.clone(), row.clone(), row.clone(), row.clone()];
        let value = json!({ "orderNumber": "123456-20180101-1241583267", "BasketidModelList": [
            { "basketId": 1, "ShippingModelList": rows }, { "basketId": "2", "ShippingModelList": [row] }] });
        let report = read(
            Operation::UpdateOrderShipping,
            &mut Reader::new(Operation::UpdateOrderShipping, &value),
            Reading::default(),
        )
        .unwrap();
        let numbers: Vec<_> = report.rows.iter().map(|row| (row.basket, row.data_number)).collect();
        assert_eq!(numbers, [(1, 1), (1, 2), (1, 3), (1, 4), (2, 5)]);
        assert_eq!(report.rows[0].carrier, Some(Carrier::Yamato));
    }

    #[test]
    fn faults_say_their_row() {
        let value = json!({ "orderNumber": "123456-20180101-1241583267", "BasketidModelList": [{ "basketId": 1, "ShippingModelList": [
            { "deliveryCompany": "", "shippingDate": "2018/01/25" }, { "deliveryCompany": 9_999 }] }] });
        let faults = read(
            Operation::UpdateOrderShipping,
            &mut Reader::new(Operation::UpdateOrderShipping, &value),
            Reading::default(),
        )
        .unwrap_err();
        let shown: Vec<_> = faults.iter().map(|message| serde_json::to_value(message).unwrap()).collect();
        let told: Vec<_> = shown
            .iter()
            .map(|fault| (fault["messageCode"].as_str().unwrap(), fault["dataNumber"].as_i64().unwrap()))
            .collect();
        assert_eq!(
            told,
            [
                ("ORDER_EXT_API_UPDATE_ORDERSHIPPING_ERROR_010", 1),
                ("ORDER_EXT_API_UPDATE_ORDERSHIPPING_ERROR_011", 1),
                ("ORDER_EXT_API_UPDATE_ORDERSHIPPING_ERROR_011", 2),
            ]
        );
        assert_eq!(shown[1]["message"], "shippingDateの書式が不正です。");
        assert_eq!(shown[1]["orderNumber"], "123456-20180101-1241583267");
    }
}
