//! `/dashboard/{side}/orders.csv`: what the list shows, all of it, as a file.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, header};
use pay::orders::csv::{Encoding, Export};

use super::asked::Asked;
use crate::staff::Desk;
use crate::ui::{Problem, Query};

/// `GET /dashboard/{side}/orders.csv`. A search that cannot be read leads to the list, which says what is wrong with it.
pub(super) async fn show(desk: Desk) -> Response {
    let query = Query::of(&desk.visit.path);
    let Ok(search) = Asked::of(&query).search() else {
        let said = desk.visit.path.split_once('?').map_or("", |(_, query)| query);
        return desk.visit.redirect(&format!("{}?{said}", desk.side.path("/orders")));
    };
    let Some(encoding) = Encoding::named(query.get("encoding")) else { return desk.problem(Problem::Absent) };
    let environments = desk.side.environments().to_vec();
    let export = Export { shop: desk.shop(), environments, search, encoding };
    let day = desk.visit.ui.now().jst_date().to_string();
    let name = format!("attachment; filename=\"orders-{}-{day}.csv\"", desk.side.code());
    let headers: [(HeaderName, HeaderValue); 4] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(encoding.media_type())),
        (header::CONTENT_DISPOSITION, HeaderValue::try_from(name).expect("ASCII")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (headers, Body::new(export.body(desk.visit.ui.gateway()))).into_response()
}
