//! `/`: on to the dashboard, to the side that was used last.

use axum::response::Response;
use shop::Right;

use super::Desk;
use crate::ui::Side;

/// `GET /`.
pub(super) async fn show(desk: Desk) -> Response {
    if !desk.may(Right::SeeFigures) && desk.may(Right::Operate) {
        return desk.visit.redirect("/operator");
    }
    let side = desk.visit.last_side().filter(|side| *side == Side::Sandbox || desk.has_live);
    let query = desk.visit.path.strip_prefix('/').unwrap_or_default();
    desk.visit.redirect(&format!("{}{query}", side.unwrap_or(Side::Sandbox).path("")))
}
