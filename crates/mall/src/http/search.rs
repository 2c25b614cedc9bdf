//! searchOrder (contract, 3.1).

use kernel::Environment;
use store::{StoreError, Tx, clock};

use super::answer::Answer;
use super::request::Call;
use crate::market::rows;
use crate::wire::search::{self, REACHABLE, Search};
use crate::wire::{Json, Members, Message, Operation, Severity};

pub(super) async fn search_order(call: Call) -> Result<Answer, StoreError> {
    let shop = call.shop;
    let now = call.rms.store().read(move |tx| clock::world_now(tx, shop, Environment::Sandbox)).await?;
    let search = match search::read(&mut call.reader(), now, call.days()) {
        Ok(search) => search,
        Err(faults) => return Ok(wrong(faults)),
    };
    let asked = search.clone();
    let found = move |tx: &mut Tx<'_>| rows::search(tx, shop, &asked);
    let (total, numbers) = call.rms.store().read(found).await?;
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    Ok(Answer::good(shown(&search, total, numbers)))
}

fn wrong(faults: Vec<Message>) -> Answer {
    let body = Members::new().put("orderNumberList", Json::Null);
    let body = body.put("MessageModelList", Json::from(faults));
    Answer::wrong(body.put("PaginationResponseModel", Json::Null))
}

/// In the order of the recording: numbers, messages, pages.
fn shown(search: &Search, total: u64, numbers: Vec<String>) -> Members {
    let found = total > 0;
    let (code, text) = if found {
        (101, "注文検索に成功しました。")
    } else {
        (102, "注文検索に成功しました。(検索結果０件)")
    };
    let message = Message::new(Operation::SearchOrder, Severity::Info, code, text);
    // Pages beyond what can be reached are none.
    let pages = total.min(u64::from(REACHABLE)).div_ceil(u64::from(search.page_size));
    let shown = |number: u64| found.then(|| i64::try_from(number).unwrap_or(i64::MAX));
    let paging = Members::new()
        .put("totalRecordsAmount", shown(total))
        .put("totalPages", shown(pages))
        .put("requestPage", shown(u64::from(search.page)));
    Members::new()
        .put("orderNumberList", numbers)
        .put("MessageModelList", Json::from(vec![message]))
        .put("PaginationResponseModel", paging)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::wire::Reader;

    #[test]
    fn pages_end_where_orders_can_be_reached_no_more() {
        let asked = json!({
            "dateType": 1, "startDatetime": "2026-11-01T00:00:00+0900", "endDatetime": "2026-11-30T23:59:59+0900",
            "PaginationRequestModel": { "requestRecordsAmount": 1_000, "requestPage": 16 },
        });
        let now = crate::wire::time::parse_datetime("2026-11-22T12:00:00+0900").unwrap();
        let search =
            search::read(&mut Reader::new(Operation::SearchOrder, &asked), now, search::Days::Seconds).unwrap();
        let paging = |total: u64| {
            let body: Value = serde_json::to_value(shown(&search, total, Vec::new())).unwrap();
            let pages = &body["PaginationResponseModel"];
            (pages["totalRecordsAmount"].clone(), pages["totalPages"].clone(), pages["requestPage"].clone())
        };
        // Contract 3.1: 15,000 results can be reached.
        assert_eq!(paging(15_000), (json!(15_000), json!(15), json!(16)));
        assert_eq!(paging(20_001), (json!(20_001), json!(15), json!(16)));
        assert_eq!(paging(14_001), (json!(14_001), json!(15), json!(16)));
        assert_eq!(paging(0), (Value::Null, Value::Null, Value::Null));
    }
}
