//! ログイン中の端末: where one's own account is logged in, and ending that.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use shop::staff::device;
use shop::staff::rows::Device;
use store::{StoreError, Tx};

use super::{AccountText, at, sections};
use crate::staff::{Desk, posted};
use crate::texts;
use crate::ui::frame::moment;
use crate::ui::{Frame, Language, Link, Posted, Problem, Query, Tone};

texts! {
    /// What the page says.
    DeviceText {
        lead: "覚えのない端末があれば、ログアウトさせてから", "If you do not know one of these, log it out and ";
        lead_password: "パスワードを変更", "change your password";
        lead_end: "してください。", ".";
        device: "端末", "Device";
        address: "IPアドレス", "Address";
        begun: "ログイン日時", "Logged in";
        seen: "最終利用日時", "Last used";
        act: "操作", "Action";
        here: "この端末", "This device";
        end: "ログアウトさせる", "Log it out";
        end_others: "ほかの端末をすべてログアウトさせる", "Log out everywhere else";
        alone: "ほかにログイン中の端末はありません。", "You are logged in nowhere else.";
        ended: "ログアウトさせました。", "It was logged out.";
        ended_others: "ほかの端末をすべてログアウトさせました。", "Every other device was logged out.";
        unknown: "不明な端末", "Unknown device";
    }
}

/// A row of the list.
struct Row {
    id: String,
    device: String,
    address: String,
    begun: String,
    seen: String,
    is_here: bool,
}

#[derive(Template)]
#[template(path = "account/devices.html")]
struct Page {
    frame: Frame,
    t: &'static DeviceText,
    a: &'static AccountText,
    links: Vec<Link>,
    base: String,
    rows: Vec<Row>,
}

/// `GET …/account/devices`.
pub(super) async fn show(desk: Desk) -> Response {
    let (t, a) = (DeviceText::of(desk.visit.language), AccountText::of(desk.visit.language));
    let staff_id = desk.staff.id.clone();
    let devices = match desk.visit.ui.store().read(move |tx: &mut Tx<'_>| device::list(tx, &staff_id)).await {
        Ok(devices) => devices,
        Err(error) => return desk.failed(&error),
    };
    let frame = match Query::of(&desk.visit.path).get("done") {
        "end" => desk.frame().saying(Tone::Good, t.ended),
        "others" => desk.frame().saying(Tone::Good, t.ended_others),
        _ => desk.frame(),
    };
    let rows = devices.into_iter().map(|device| row(device, &desk.session.id, desk.visit.language)).collect();
    let (links, base) = (sections(&desk, "devices"), at(desk.side, "devices"));
    desk.visit.page(&Page { frame, t, a, links, base, rows })
}

/// `POST …/account/devices/{id}/end`.
pub(super) async fn end(Path((_, id)): Path<(String, String)>, form: Posted) -> Result<Response, Response> {
    let (desk, _) = posted(form).await?;
    let (staff, by) = (desk.staff.clone(), desk.by());
    let ended = desk.visit.ui.store().write(move |tx: &mut Tx<'_>| device::end(tx, &staff, &id, &by)).await;
    match ended.map_err(|error: StoreError| desk.failed(&error))? {
        true => Ok(desk.visit.redirect(&format!("{}?done=end", at(desk.side, "devices")))),
        false => Err(desk.problem(Problem::Absent)),
    }
}

/// `POST …/account/devices/end`.
pub(super) async fn end_others(form: Posted) -> Result<Response, Response> {
    let (desk, _) = posted(form).await?;
    let (staff, here, by) = (desk.staff.clone(), desk.session.id.clone(), desk.by());
    let end = move |tx: &mut Tx<'_>| device::end_all(tx, &staff, Some(&here), &by);
    desk.visit.ui.store().write(end).await.map_err(|error: StoreError| desk.failed(&error))?;
    Ok(desk.visit.redirect(&format!("{}?done=others", at(desk.side, "devices"))))
}

fn row(device: Device, here: &str, language: Language) -> Row {
    let Device { id, device, address, created, seen } = device;
    let name = named(&device).unwrap_or_else(|| DeviceText::of(language).unknown.to_owned());
    Row { is_here: id == here, id, device: name, address, begun: moment(created), seen: moment(seen) }
}

/// Browser and system in a few words, of what a browser calls itself.
fn named(agent: &str) -> Option<String> {
    let first =
        |known: &[(&str, &'static str)]| known.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    // The order counts: most browsers also call themselves Chrome and Safari.
    let browser = first(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("CriOS/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = first(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => Some(format!("{browser} / {system}")),
        (Some(one), None) | (None, Some(one)) => Some(one.to_owned()),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn browsers_are_told_apart() {
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36 Edg/120.0";
        assert_eq!(named(edge).as_deref(), Some("Edge / Windows"));
        let phone =
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1 Version/17.0 Mobile Safari/604.1";
        assert_eq!(named(phone).as_deref(), Some("Safari / iPhone"));
        assert_eq!(named("curl/8"), None);
    }
}
