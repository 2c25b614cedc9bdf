//! Our own drawings, as SVG: acceptance marks are neutral plates with the brands' names as text (no brand's own mark is
//! drawn), service logos are the shop curtain of the payment button.

use acquirer::Brand;

/// A picture, with its size in pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawing {
    /// Its width.
    pub width: u32,
    /// Its height.
    pub height: u32,
    /// The SVG document.
    pub svg: String,
}

/// A plate's width, its height, and what is left free beside it.
const PLATE: (u32, u32, u32) = (84, 52, 8);
const SANS: &str = "-apple-system, 'Hiragino Sans', 'Noto Sans JP', 'Noto Sans CJK JP', Meiryo, sans-serif";

/// One plate for each brand, side by side.
pub fn plates(brands: &[Brand]) -> Drawing {
    let (width, height, gap) = PLATE;
    let all: u32 = brands.len().try_into().unwrap_or(0);
    let total = all * (width + gap) - gap.min(all * (width + gap));
    let names: Vec<&str> = brands.iter().map(|brand| brand.display_name()).collect();
    let plate = |(index, name): (u32, &&str)| plate(index * (width + gap), name);
    let body: String = (0..).zip(&names).map(plate).collect();
    framed(total, height, &names.join(", "), &body)
}

fn plate(left: u32, name: &str) -> String {
    let (width, height, _) = PLATE;
    let middle = left + width / 2;
    let frame = format!(
        "<rect x=\"{}.5\" y=\".5\" width=\"{}\" height=\"{}\" rx=\"6\" fill=\"#fff\" stroke=\"#767676\"/>",
        left,
        width - 1,
        height - 1
    );
    let line = |size: u32, base: u32, text: &str| {
        format!(
            "<text x=\"{middle}\" y=\"{base}\" font-size=\"{size}\" font-weight=\"700\" fill=\"#333\" \
             text-anchor=\"middle\" font-family=\"{SANS}\">{text}</text>"
        )
    };
    let words = match name.split_once(' ') {
        Some((first, second)) => line(13, 23, first) + &line(13, 39, second),
        None if name.len() > 6 => line(13, 31, name),
        None => line(18, 33, name),
    };
    frame + &words
}

/// The service's logo on a light or a dark page.
pub fn logo(on_dark: bool) -> Drawing {
    let (ink, edge) = if on_dark { ("#fff", "#fff") } else { ("#00118f", "#00118f") };
    let fill = if on_dark { "#1a1a1a" } else { "#fff" };
    let body = format!(
        "<rect x=\"1\" y=\"1\" width=\"198\" height=\"58\" rx=\"8\" fill=\"{fill}\" stroke=\"{edge}\" \
         stroke-width=\"2\"/>{}{}{}",
        curtain(18, 17, ink),
        said(62, 29, 20, ink, "帳場"),
        said(62, 47, 13, ink, "オンライン決済")
    );
    framed(200, 60, "帳場 オンライン決済", &body)
}

/// A broad picture for the top of a page.
pub fn banner() -> Drawing {
    let ink = "#fff";
    let body = format!(
        "<rect width=\"468\" height=\"60\" rx=\"8\" fill=\"#00118f\"/>{}{}{}",
        curtain(22, 17, ink),
        said(68, 37, 20, ink, "帳場 オンライン決済"),
        said(286, 36, 12, ink, "カードでお支払いいただけます")
    );
    framed(468, 60, "帳場 オンライン決済 カードでお支払いいただけます", &body)
}

/// A shop curtain, 34 wide and 26 high.
fn curtain(left: u32, top: u32, ink: &str) -> String {
    format!(
        "<path d=\"M{left} {top}h34M{} {top}v26h8v-20m0 20h12v-20m0 20h8v-26\" fill=\"none\" stroke=\"{ink}\" \
         stroke-width=\"3\" stroke-linejoin=\"round\"/>",
        left + 3
    )
}

fn said(left: u32, base: u32, size: u32, ink: &str, text: &str) -> String {
    format!(
        "<text x=\"{left}\" y=\"{base}\" font-size=\"{size}\" font-weight=\"700\" fill=\"{ink}\" \
         font-family=\"{SANS}\">{text}</text>"
    )
}

fn framed(width: u32, height: u32, title: &str, body: &str) -> Drawing {
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\"><title>{title}</title>{body}</svg>"
    );
    Drawing { width, height, svg }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_brand_has_a_plate() {
        let drawing = plates(&[Brand::Visa, Brand::Amex]);
        assert_eq!((drawing.width, drawing.height), (84 + 8 + 84, 52));
        assert!(drawing.svg.contains("<title>Visa, American Express</title>"));
        assert!(drawing.svg.contains(">Visa</text>") && drawing.svg.contains(">Express</text>"));
        assert!(!drawing.svg.contains("JCB"));
        assert_eq!(plates(&[]).width, 0);
    }
}
