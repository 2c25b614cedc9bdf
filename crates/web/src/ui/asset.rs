//! Style sheets, scripts and pictures: embedded, and served under names that change with their content, so that browsers
//! keep them for good.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use kernel::id::hex;
use sha2::{Digest as _, Sha256};

/// A file of the binary.
struct Asset {
    /// What templates call it.
    name: &'static str,
    /// Its media type.
    kind: &'static str,
    bytes: &'static [u8],
    /// `desk-1f2e3d4c5b6a.css`.
    file: String,
}

/// Every asset. One more: one more line.
static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    vec![
        asset("desk.css", "text/css; charset=utf-8", include_bytes!("../../assets/desk.css")),
        asset("desk.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/desk.js")),
        asset("htmx.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/vendor/htmx-2.0.11.min.js")),
        asset("choba.svg", "image/svg+xml", include_bytes!("../../assets/choba.svg")),
        asset("checkout.css", "text/css; charset=utf-8", include_bytes!("../../assets/checkout.css")),
        asset("checkout-done.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/checkout-done.js")),
        asset("orders.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/orders.js")),
        asset("mail.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/mail.js")),
        asset("demo-shop.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/demo-shop.js")),
        asset("uplot.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/vendor/uplot-1.6.32.min.js")),
        asset("uplot.css", "text/css; charset=utf-8", include_bytes!("../../assets/vendor/uplot-1.6.32.min.css")),
        asset("chart.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/chart.js")),
        asset("chart.css", "text/css; charset=utf-8", include_bytes!("../../assets/chart.css")),
        asset("images.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/images.js")),
        asset("keys.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/keys.js")),
        asset("demo-tea.svg", "image/svg+xml", include_bytes!("../../assets/demo-tea.svg")),
        asset("demo-sweet.svg", "image/svg+xml", include_bytes!("../../assets/demo-sweet.svg")),
    ]
});

fn asset(name: &'static str, kind: &'static str, bytes: &'static [u8]) -> Asset {
    let digest = hex(&Sha256::digest(bytes)[..8]);
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    Asset { name, kind, bytes, file: format!("{stem}-{digest}.{ending}") }
}

/// The address of the asset that templates call `name`.
///
/// # Panics
///
/// If there is no such asset: a slip in a template, which every test of its page finds.
pub fn url(name: &str) -> String {
    let asset = ASSETS.iter().find(|asset| asset.name == name);
    format!("/s/{}", asset.unwrap_or_else(|| panic!("there is no asset {name}")).file)
}

/// `GET /s/{file}`.
pub async fn show(Path(file): Path<String>) -> Response {
    match ASSETS.iter().find(|asset| asset.file == file) {
        Some(asset) => answer(asset, "public, max-age=31536000, immutable"),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// `GET /favicon.ico`, which browsers ask for by themselves.
pub async fn icon() -> Response {
    match ASSETS.iter().find(|asset| asset.name == "choba.svg") {
        Some(asset) => answer(asset, "public, max-age=86400"),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn answer(asset: &Asset, caching: &'static str) -> Response {
    let fixed = HeaderValue::from_static;
    let headers: [(HeaderName, HeaderValue); 4] = [
        (header::CONTENT_TYPE, fixed(asset.kind)),
        (header::CACHE_CONTROL, fixed(caching)),
        (header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
        (header::CONTENT_SECURITY_POLICY, fixed("default-src 'none'; frame-ancestors 'none'")),
    ];
    (headers, asset.bytes).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_change_with_the_content_and_are_unique() {
        for asset in ASSETS.iter() {
            assert!(url(asset.name).starts_with("/s/"));
            assert_eq!(ASSETS.iter().filter(|other| other.name == asset.name).count(), 1, "{}", asset.name);
        }
        assert_ne!(asset("a.css", "", b"1").file, asset("a.css", "", b"2").file);
    }

    #[test]
    fn no_asset_names_another_host_and_the_style_is_small() {
        for asset in ASSETS.iter() {
            let text = String::from_utf8_lossy(asset.bytes).replace("http://www.w3.org/2000/svg", "");
            assert!(!text.contains("://") && !text.contains("@import"), "{}", asset.name);
        }
        let weight = |name| ASSETS.iter().find(|asset| asset.name == name).unwrap().bytes.len();
        assert!(weight("desk.css") < 48_000 && weight("desk.js") < 24_000);
    }
}
