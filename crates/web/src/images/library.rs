//! What the library holds: pictures with the tags that show them, under addresses that stay the same, so that shops'
//! pages can embed them.

use acquirer::Brand;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use kernel::id::hex;
use pay::checkout::button::escaped;
use sha2::{Digest as _, Sha256};

use super::drawing::{self, Drawing};
use crate::ui::Language;

/// Where the pictures are.
pub const FOLDER: &str = "/s/images";
const MARKS: &str = "cards-";
const LIGHT: &str = "logo-light.svg";
const DARK: &str = "logo-dark.svg";
const BANNER: &str = "banner.svg";

/// A picture of the library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Its file, below [`FOLDER`].
    pub file: String,
    /// What it says, for who does not see it.
    pub alt: String,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// The brands that an acceptance mark names; none for a logo.
    pub brands: Vec<Brand>,
}

impl Picture {
    /// Its path on this server.
    pub fn path(&self) -> String {
        format!("{FOLDER}/{}", self.file)
    }

    /// The tag for a page of the shop; `base_url` is where this server is.
    pub fn tag(&self, base_url: &str) -> String {
        let Picture { alt, width, height, .. } = self;
        let address = format!("{base_url}{}", self.path());
        let (address, alt) = (escaped(&address), escaped(alt));
        format!("<img src=\"{address}\" alt=\"{alt}\" width=\"{width}\" height=\"{height}\">")
    }
}

/// アクセプタンスマーク: all approved brands in one picture, then each by itself.
pub fn acceptance_marks(approved: &[Brand], language: Language) -> Vec<Picture> {
    let mut sets: Vec<Vec<Brand>> = Vec::new();
    if approved.len() > 1 {
        sets.push(approved.to_vec());
    }
    sets.extend(approved.iter().map(|brand| vec![*brand]));
    sets.into_iter().map(|brands| mark(brands, language)).collect()
}

fn mark(brands: Vec<Brand>, language: Language) -> Picture {
    let names: Vec<&str> = brands.iter().map(|brand| brand.display_name()).collect();
    let alt = match language {
        Language::Ja => format!("ご利用いただけるカード: {}", names.join("、")),
        Language::En => format!("Cards accepted: {}", names.join(", ")),
    };
    let words: Vec<&str> = brands.iter().map(|brand| brand.as_str()).collect();
    let Drawing { width, height, .. } = drawing::plates(&brands);
    Picture { file: format!("{MARKS}{}.svg", words.join("-")), alt, width, height, brands }
}

/// サービスロゴ.
pub fn service_logos(language: Language) -> Vec<Picture> {
    let alt = match language {
        Language::Ja => "帳場 オンライン決済",
        Language::En => "Choba online payments",
    };
    let logo = |file: &str| {
        let (width, height) = drawn(file).map_or((0, 0), |drawing| (drawing.width, drawing.height));
        Picture { file: file.to_owned(), alt: alt.to_owned(), width, height, brands: Vec::new() }
    };
    [LIGHT, DARK, BANNER].map(logo).to_vec()
}

/// The picture of a file's name. Brands stand in their usual order, each once, so that a picture has one address.
fn drawn(file: &str) -> Option<Drawing> {
    match file {
        LIGHT => return Some(drawing::logo(false)),
        DARK => return Some(drawing::logo(true)),
        BANNER => return Some(drawing::banner()),
        _ => {}
    }
    let words = file.strip_prefix(MARKS)?.strip_suffix(".svg")?;
    let named: Vec<&str> = words.split('-').collect();
    let brands: Vec<Brand> = Brand::ALL.into_iter().filter(|brand| named.contains(&brand.as_str())).collect();
    let known: Vec<&str> = brands.iter().map(|brand| brand.as_str()).collect();
    (known == named).then(|| drawing::plates(&brands))
}

/// `GET /s/images/{file}`: for every site.
pub async fn show(Path(file): Path<String>, headers: HeaderMap) -> Response {
    let Some(drawing) = drawn(&file) else { return StatusCode::NOT_FOUND.into_response() };
    let tag = format!("\"{}\"", hex(&Sha256::digest(drawing.svg.as_bytes())[..8]));
    let is_known = headers.get(header::IF_NONE_MATCH).is_some_and(|given| given.as_bytes() == tag.as_bytes());
    let fixed = HeaderValue::from_static;
    let answer: [(HeaderName, HeaderValue); 6] = [
        (header::CONTENT_TYPE, fixed("image/svg+xml")),
        (header::CACHE_CONTROL, fixed("public, max-age=86400, stale-while-revalidate=604800")),
        (header::ETAG, HeaderValue::try_from(tag).unwrap_or(fixed("\"\""))),
        (header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
        (HeaderName::from_static("cross-origin-resource-policy"), fixed("cross-origin")),
        (header::CONTENT_SECURITY_POLICY, fixed("default-src 'none'; frame-ancestors 'none'")),
    ];
    if is_known { (StatusCode::NOT_MODIFIED, answer).into_response() } else { (answer, drawing.svg).into_response() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_of_exactly_the_approved_brands() {
        let marks = acceptance_marks(&[Brand::Visa, Brand::Mastercard, Brand::Diners], Language::Ja);
        let files: Vec<&str> = marks.iter().map(|mark| mark.file.as_str()).collect();
        let expected =
            ["cards-visa-mastercard-diners.svg", "cards-visa.svg", "cards-mastercard.svg", "cards-diners.svg"];
        assert_eq!(files, expected);
        assert_eq!(acceptance_marks(&[], Language::Ja), []);
        assert_eq!(
            marks[1].tag("https://choba.example"),
            "<img src=\"https://choba.example/s/images/cards-visa.svg\" alt=\"ご利用いただけるカード: Visa\" width=\"84\" \
             height=\"52\">"
        );
    }

    #[test]
    fn a_picture_has_one_address() {
        for picture in acceptance_marks(&Brand::ALL, Language::En).iter().chain(&service_logos(Language::En)) {
            let drawing = drawn(&picture.file).unwrap_or_else(|| panic!("{}", picture.file));
            assert_eq!((drawing.width, drawing.height), (picture.width, picture.height));
        }
        for wrong in ["", "cards-.svg", "cards-visa", "cards-jcb-visa.svg", "cards-visa-visa.svg", "cards-nobody.svg"] {
            assert_eq!(drawn(wrong), None, "{wrong}");
        }
    }
}
