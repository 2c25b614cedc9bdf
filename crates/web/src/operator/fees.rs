//! `/operator/shops/{shop}/fees`: what a shop pays, from a day on, with the history.

use ::shop::register::Made;
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use kernel::{JstDate, ShopId};
use pay::fee::{self, Fee, Rate, Unfit, Withdrawn};
use store::Tx;

use super::registration::Confirm;
use super::text::OperatorText;
use super::{Typed, key_for, key_of, name, name_of, sections, shop_of};
use crate::staff::{Desk, posted};
use crate::top::{date, grouped};
use crate::ui::part::Link;
use crate::ui::{Frame, Posted, Problem, Tone};

/// A fee as a list shows it.
pub(super) struct Row {
    pub id: String,
    pub from: String,
    pub share: String,
    pub fixed: String,
    pub state: &'static str,
    pub tone: &'static str,
    pub is_later: bool,
}

/// The fees of a shop, with what each is on `today`.
pub(super) fn rows(fees: &[Fee], today: JstDate, t: &OperatorText) -> Vec<Row> {
    let now = fee::on(fees, today).map(|fee| fee.id.clone());
    let row = |fee: &Fee| {
        let (state, tone) = match fee {
            Fee { withdrawn: Some(_), .. } => (t.fee_withdrawn, Tone::Plain),
            Fee { from, .. } if today < *from => (t.fee_later, Tone::Care),
            Fee { id, .. } if Some(id) == now.as_ref() => (t.fee_now, Tone::Good),
            Fee { .. } => (t.fee_past, Tone::Plain),
        };
        Row {
            id: fee.id.clone(),
            from: fee.from.to_string(),
            share: format!("{}%", percent(fee.rate.basis_points())),
            fixed: t.yen.replace("{}", &grouped(fee.rate.fixed().get())),
            state,
            tone: tone.class(),
            is_later: fee.withdrawn.is_none() && today < fee.from,
        }
    };
    fees.iter().map(row).collect()
}

/// `3.25` of 325 basis points.
fn percent(basis_points: i64) -> String {
    format!("{}.{:02}", basis_points / 100, basis_points % 100)
}

/// 325 basis points of `3.25`, `3.2` or `3`.
fn basis_points(text: &str) -> Option<i64> {
    let (whole, rest) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(rest) || whole.len() > 3 || rest.len() > 2 {
        return None;
    }
    let hundredths: i64 = format!("{rest:0<2}").parse().ok()?;
    Some(whole.parse::<i64>().ok()? * 100 + hundredths)
}

#[derive(Template)]
#[template(path = "operator/fees.html")]
struct Page {
    frame: Frame,
    t: &'static OperatorText,
    sections: Vec<Link>,
    number: i64,
    name: String,
    typed: Typed,
    key: String,
}

/// The form of a shop, which has a name.
fn form(
    desk: &Desk,
    status: StatusCode,
    frame: Frame,
    (shop, name, typed, key): (ShopId, String, Typed, String),
) -> Response {
    let t = OperatorText::of(desk.visit.language);
    desk.visit.page_with(status, &Page { frame, t, sections: sections(desk), number: shop.0, name, typed, key })
}

/// What stands in the form at first: from today on.
fn first(desk: &Desk) -> Typed {
    Typed::default().with("from", desk.visit.ui.now().jst_date().to_string()).with("fixed", "0")
}

/// `GET …/fees`: the form for another one.
pub(super) async fn ask(desk: Desk, Path(shop): Path<String>) -> Result<Response, Response> {
    let Some(shop) = shop_of(&shop) else { return Err(desk.problem(Problem::Absent)) };
    let name = name_of(&desk, shop).await?;
    Ok(form(&desk, StatusCode::OK, desk.frame(), (shop, name, first(&desk), key_for(&desk, None))))
}

/// The fee that was typed, or the fields that cannot be read.
fn typed_fee(typed: &mut Typed, t: &OperatorText) -> Option<(JstDate, Rate)> {
    let from = date(typed.get("from").trim());
    if from.is_none() {
        typed.wrong("from", t.wrong_day);
    }
    let share = basis_points(typed.get("share")).filter(|share| *share <= fee::BASIS_POINTS_MAX);
    if share.is_none() {
        typed.wrong("share", t.wrong_percent);
    }
    let fixed = typed.get("fixed").trim().parse().ok().filter(|fixed| (0..=fee::FIXED_MAX).contains(fixed));
    if fixed.is_none() {
        typed.wrong("fixed", t.wrong_yen);
    }
    Some((from?, Rate::new(share?, fixed?).ok()?))
}

/// `POST …/fees`.
pub(super) async fn save(Path(shop): Path<String>, sent: Posted) -> Result<Response, Response> {
    let (desk, sent) = posted(sent).await?;
    let Some(shop) = shop_of(&shop) else { return Err(desk.problem(Problem::Absent)) };
    let t = OperatorText::of(desk.visit.language);
    let called = name_of(&desk, shop).await?;
    let mut typed = Typed::of(&sent, &["from", "share", "fixed"]);
    let again = |typed: Typed, text: &str| {
        let frame = desk.frame().saying(Tone::Bad, text);
        form(&desk, StatusCode::BAD_REQUEST, frame, (shop, called.clone(), typed, key_for(&desk, Some(&sent))))
    };
    let Some((from, rate)) = typed_fee(&mut typed, t) else { return Err(again(typed, t.check)) };
    let new = Fee { id: name(&desk, "fee_"), from, rate, created: desk.visit.ui.now(), withdrawn: None };
    let (key, by) = (key_of(&desk, &sent), desk.by());
    let write = move |tx: &mut Tx<'_>| fee::write_once(tx, shop, &new, (key.as_ref(), &by));
    match desk.visit.ui.store().write(write).await.map_err(|error| desk.failed(&error))? {
        Ok(Made::New(_) | Made::Before(_)) => Ok(desk.visit.redirect(&format!("/operator/shops/{shop}?done=saved"))),
        Ok(Made::KeyReused) => Err(again(typed, t.sent_before)),
        Err(Unfit::Past | Unfit::BasisPoints | Unfit::Fixed) => {
            typed.wrong("from", t.wrong_past);
            Err(again(typed, t.check))
        }
    }
}

/// `GET …/fees/{fee}/withdraw`.
pub(super) async fn ask_withdraw(desk: Desk, Path((shop, id)): Path<(String, String)>) -> Result<Response, Response> {
    let Some(shop) = shop_of(&shop) else { return Err(desk.problem(Problem::Absent)) };
    let name = name_of(&desk, shop).await?;
    let fees = desk.visit.ui.store().read(move |tx| fee::rows::all(tx, shop)).await;
    let fees = fees.map_err(|error| desk.failed(&error))?;
    let t = OperatorText::of(desk.visit.language);
    let row = rows(&fees, desk.visit.ui.now().jst_date(), t).into_iter().find(|row| row.id == id);
    let row = row.ok_or_else(|| desk.problem(Problem::Absent))?;
    let back = format!("/operator/shops/{shop}");
    let (share, fixed) = (row.share, row.fixed);
    Ok(desk.visit.page(&Confirm {
        frame: desk.frame(),
        t,
        sections: sections(&desk),
        title: format!("{name}: {}", t.withdraw_title),
        text: t.withdraw_fee.replace("{from}", &row.from).replace("{fee}", &format!("{share} + {fixed}")),
        action: format!("{back}/fees/{id}/withdraw"),
        back,
        hidden: ("", ""),
        is_danger: true,
    }))
}

/// `POST …/fees/{fee}/withdraw`: doing it twice is doing it once.
pub(super) async fn withdraw(Path((shop, id)): Path<(String, String)>, sent: Posted) -> Result<Response, Response> {
    let (desk, _) = posted(sent).await?;
    let Some(shop) = shop_of(&shop) else { return Err(desk.problem(Problem::Absent)) };
    let by = desk.by();
    let done = desk.visit.ui.store().write(move |tx| fee::withdraw(tx, shop, &id, &by)).await;
    match done.map_err(|error| desk.failed(&error))? {
        Withdrawn::Done => Ok(desk.visit.redirect(&format!("/operator/shops/{shop}?done=saved"))),
        Withdrawn::Absent => Err(desk.problem(Problem::Absent)),
        Withdrawn::Begun => {
            let t = OperatorText::of(desk.visit.language);
            let frame = desk.frame().saying(Tone::Bad, t.fee_begun);
            let name = name_of(&desk, shop).await?;
            Err(form(&desk, StatusCode::BAD_REQUEST, frame, (shop, name, first(&desk), key_for(&desk, None))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_read_and_written_as_percent() {
        let rows = [("3.25", Some(325)), ("3", Some(300)), (" 0.5 ", Some(50)), ("100", Some(10_000)), ("3.256", None)];
        for (text, expected) in rows {
            assert_eq!(basis_points(text), expected, "{text}");
        }
        for wrong in ["", ".", "-1", "3,5", "1e2", "3.", "1000"] {
            assert_eq!(basis_points(wrong), None, "{wrong}");
        }
        assert_eq!((percent(325), percent(5), percent(10_000)), ("3.25".into(), "0.05".into(), "100.00".into()));
    }
}
