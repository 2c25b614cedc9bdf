//! The clock that the marketplace lives by: the test clock of the shop's sandbox. Turning it works off what becomes due.

use std::time::Duration;

use ::mall::market::{MallShop, WORLD};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use kernel::time::MICROS_PER_SECOND;
use kernel::{JstDate, ShopId, Timestamp};
use pay::http::form::digits;
use serde_json::json;
use shop::By;
use store::work::ClockError;
use store::{StoreError, Tx, clock};

use super::{Held, MarketText, at, mall_shop, sections};
use crate::staff::{Desk, posted};
use crate::texts;
use crate::ui::frame::moment;
use crate::ui::{Choice, Frame, Link, Posted, Tone};

texts! {
    /// What the page says.
    ClockText {
        lead: "Sandbox環境の時計を進めます。期限のある処理（注文確認期限、入金期限、再オーソリ、夜間処理、支払など）は、進めた時刻までに順番に実行されます。",
            "Turns the clock of Sandbox forward. Whatever has a deadline until then is done in its order.";
        for_good: "進めた時計は戻せません。", "The clock cannot be turned back.";
        now: "現在の時刻", "The clock stands at";
        by: "進める時間", "How far";
        unit: "単位", "Unit";
        minutes: "分", "minutes";
        hours: "時間", "hours";
        days: "日", "days";
        submit: "時計を進める", "Turn the clock";
        wrong: "1以上3,650日以内で入力してください。", "Enter 1 or more, up to 3,650 days.";
        turned: "時計を進めました。", "The clock is turned.";
        turning: "時計を進めています。処理が多いため、もうしばらくかかります。この画面を開きなおすと、現在の時刻を確認できます。",
            "The clock is being turned. There is much to do, which takes a while yet; open this page again to see where it stands.";
        busy: "ほかの人が時計を進めています。少し待ってから、もう一度お試しください。", "Somebody else is turning this clock. Try again in a moment.";
        stuck: "実行できない処理があるため、時計は {} で止まりました。", "Something could not be done; the clock stands at {}.";
    }
}

/// Days that a clock is turned at once, at the most; and the year (JST) that none is turned into, because order numbers have
/// years of four digits.
const DAYS_MAX: i64 = 3_650;
const LATEST_YEAR: i64 = 9_000;
const DAY_SECONDS: i64 = 86_400;
/// How long somebody looks at a page that is not there yet.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Template)]
#[template(path = "market/clock.html")]
struct Page {
    frame: Frame,
    t: &'static MarketText,
    c: &'static ClockText,
    links: Vec<Link>,
    path: String,
    now: String,
    /// The same in microseconds: sent twice, the form turns the clock once.
    from: i64,
    by: String,
    units: Vec<Choice>,
    wrong: &'static str,
}

/// `GET …/mall/clock`.
pub(super) async fn show(desk: Desk) -> Result<Response, Response> {
    let mall = mall_shop(&desk).await?;
    let c = ClockText::of(desk.visit.language);
    let frame = match desk.visit.path.split_once("?done=").map(|(_, done)| done) {
        Some("turned") => desk.frame().saying(Tone::Good, c.turned),
        Some("turning") => desk.frame().saying(Tone::Care, c.turning),
        Some(_) | None => desk.frame(),
    };
    let page = page(&desk, (frame, &mall), ("1", "days"), "").await?;
    Ok(desk.visit.page(&page))
}

async fn page(
    desk: &Desk,
    (frame, shop): (Frame, &MallShop),
    (by, unit): (&str, &str),
    wrong: &'static str,
) -> Result<Page, Response> {
    let language = desk.visit.language;
    let (t, c) = (MarketText::of(language), ClockText::of(language));
    let now = now(desk).await.map_err(|error| desk.failed(&error))?;
    let units = [("minutes", c.minutes), ("hours", c.hours), ("days", c.days)];
    Ok(Page {
        frame,
        t,
        c,
        links: sections(desk, shop, "/clock"),
        path: at("/clock"),
        now: moment(now),
        from: now.micros(),
        by: by.to_owned(),
        units: units.map(|(value, text)| Choice::new(value, text, value == unit)).into(),
        wrong,
    })
}

async fn now(desk: &Desk) -> Result<Timestamp, StoreError> {
    let shop = desk.shop();
    desk.visit.ui.store().read(move |tx: &mut Tx<'_>| clock::world_now(tx, shop, WORLD)).await
}

/// `POST …/mall/clock`.
pub(super) async fn advance(State(held): State<Held>, form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    let mall = mall_shop(&desk).await?;
    let c = ClockText::of(desk.visit.language);
    let (typed, unit) = (form.get("by").unwrap_or_default().trim(), form.get("unit").unwrap_or_default());
    let Some(seconds) = seconds(typed, unit) else {
        let page = page(&desk, (desk.frame(), &mall), (typed, unit), c.wrong).await?;
        return Err(desk.visit.page_with(StatusCode::BAD_REQUEST, &page));
    };
    let (shop, by) = (desk.shop(), desk.by());
    let from = form.get("from").and_then(|from| from.parse().ok()).map(Timestamp::from_micros);
    let to = desk.visit.ui.store().write(move |tx: &mut Tx<'_>| begin(tx, shop, (from, seconds), &by)).await;
    let Some(to) = to.map_err(|error| desk.failed(&error))? else {
        let page = page(&desk, (desk.frame(), &mall), (typed, unit), c.wrong).await?;
        return Err(desk.visit.page_with(StatusCode::BAD_REQUEST, &page));
    };
    let background = held.mall.background.clone();
    // It goes on to its end even if the browser goes away.
    let turning = tokio::spawn(async move { background.advance(shop, to).await });
    let Ok(turned) = tokio::time::timeout(PATIENCE, turning).await else {
        return Ok(desk.visit.redirect(&at("/clock?done=turning")));
    };
    let says = match turned {
        // Somebody who turned it further did what was due by then.
        Ok(Ok(_) | Err(ClockError::Backwards(_))) => {
            return Ok(desk.visit.redirect(&at("/clock?done=turned")));
        }
        Ok(Err(ClockError::Busy)) => c.busy.to_owned(),
        Ok(Err(ClockError::Stuck(at))) => c.stuck.replace("{}", &moment(at)),
        Ok(Err(ClockError::Store(error))) => return Err(desk.failed(&error)),
        Err(_) => return Err(desk.problem(crate::ui::Problem::Unavailable)),
    };
    let page = page(&desk, (desk.frame().saying(Tone::Bad, says), &mall), (typed, unit), "").await?;
    Err(desk.visit.page_with(StatusCode::SERVICE_UNAVAILABLE, &page))
}

/// How far, in seconds; none if it is no such number.
fn seconds(typed: &str, unit: &str) -> Option<i64> {
    let number: i64 = digits(typed)?.parse().ok()?;
    let unit = match unit {
        "minutes" => 60,
        "hours" => 3_600,
        "days" => DAY_SECONDS,
        _ => return None,
    };
    number.checked_mul(unit).filter(|seconds| (1..=DAYS_MAX * DAY_SECONDS).contains(seconds))
}

/// Where the clock goes, counted from where whoever turns it saw it stand; it is written down first. None if that is too far.
fn begin(
    tx: &mut Tx<'_>,
    shop: ShopId,
    (from, seconds): (Option<Timestamp>, i64),
    by: &By,
) -> Result<Option<Timestamp>, StoreError> {
    let now = clock::world_now(tx, shop, WORLD)?;
    let to = from.map_or(now, |from| from.min(now)).plus_micros(seconds * MICROS_PER_SECOND);
    if to <= now {
        return Ok(Some(to));
    }
    if JstDate::new(LATEST_YEAR, 1, 1).is_none_or(|latest| latest.start() <= to) {
        return Ok(None);
    }
    let object = format!("sandbox clock of shop {shop}");
    let fields = json!({ "now_us": [now.micros(), to.micros()] });
    tx.execute_all(&[by.record(shop, tx.machine_now(), ("clock.advance", &object), &fields)])?;
    Ok(Some(to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read() {
        assert_eq!(seconds("30", "minutes"), Some(1_800));
        assert_eq!(seconds("3650", "days"), Some(315_360_000));
        for (typed, unit) in
            [("3651", "days"), ("0", "days"), ("-1", "days"), ("1", "years"), ("", "days"), ("1.5", "days")]
        {
            assert_eq!(seconds(typed, unit), None, "{typed} {unit}");
        }
    }
}
