//! The two languages: Japanese unless somebody chose English or their browser asks for it first.

use axum::response::Response;
use http::{HeaderMap, header};

use super::cookie::{self, Keep};
use super::visit::Posted;

/// Where the switch is sent.
pub const PATH: &str = "/language";
/// A choice is kept for a year.
const KEPT_SECONDS: u32 = 365 * 86_400;

/// A language of our pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// 日本語.
    Ja,
    /// English.
    En,
}

impl Language {
    /// What `lang` attributes and the cookie say.
    pub fn code(self) -> &'static str {
        match self {
            Language::Ja => "ja",
            Language::En => "en",
        }
    }

    /// The other one, which the switch offers.
    pub fn other(self) -> Language {
        match self {
            Language::Ja => Language::En,
            Language::En => Language::Ja,
        }
    }

    /// What it calls itself.
    pub fn own_name(self) -> &'static str {
        match self {
            Language::Ja => "日本語",
            Language::En => "English",
        }
    }

    fn of_code(code: &str) -> Option<Language> {
        [Language::Ja, Language::En].into_iter().find(|language| language.code() == code)
    }

    /// What was chosen, otherwise the first of ours that the browser names, otherwise Japanese.
    pub(super) fn wanted(chosen: Option<&str>, headers: &HeaderMap) -> Language {
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let first = || accepted.split(',').find_map(|entry| Language::of_code(entry.trim().get(..2)?));
        chosen.and_then(Language::of_code).or_else(first).unwrap_or(Language::Ja)
    }
}

/// `POST /language`: keeps the choice and goes back to the page it was made on.
pub(super) async fn switch(Posted { visit, form }: Posted) -> Response {
    let chosen = form.get("language").and_then(Language::of_code).unwrap_or(Language::Ja);
    let to = form.get("to").filter(|to| is_local(to)).unwrap_or("/");
    let kept = cookie::set(cookie::LANGUAGE, &visit.peer, chosen.code(), Keep::Seconds(KEPT_SECONDS));
    let mut response = visit.redirect(to);
    response.headers_mut().append(header::SET_COOKIE, kept);
    response
}

/// Whether an address leads to a page of this server, and to nowhere else.
pub fn is_local(to: &str) -> bool {
    let graphic = to.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    to.starts_with('/') && !to.starts_with("//") && graphic
}

/// The texts of a page in both languages: a struct with a field for each, which a template reads as `t.field`. One that
/// lacks a language does not compile.
#[macro_export]
macro_rules! texts {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $ja:literal, $en:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name {
            $(#[doc = $ja] pub $field: &'static str,)+
        }

        impl $name {
            /// The texts in `language`.
            pub fn of(language: $crate::ui::Language) -> &'static $name {
                const JA: &$name = &$name { $($field: $ja,)+ };
                const EN: &$name = &$name { $($field: $en,)+ };
                match language {
                    $crate::ui::Language::Ja => JA,
                    $crate::ui::Language::En => EN,
                }
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_choice_counts_before_the_browser_and_japanese_otherwise() {
        let wanted = |chosen, accepted: &str| {
            let headers = HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, accepted.parse().unwrap())]);
            Language::wanted(chosen, &headers)
        };
        assert_eq!(wanted(None, "ja,en-US;q=0.8"), Language::Ja);
        assert_eq!(wanted(None, "en-GB,en;q=0.9,ja;q=0.8"), Language::En);
        assert_eq!(wanted(None, "fr, de;q=0.5"), Language::Ja);
        assert_eq!(wanted(None, "fr, en;q=0.5"), Language::En);
        assert_eq!(wanted(Some("ja"), "en"), Language::Ja);
        assert_eq!(wanted(Some("xx"), "en"), Language::En);
        assert_eq!(Language::wanted(None, &HeaderMap::new()), Language::Ja);
    }

    #[test]
    fn the_switch_leads_to_our_own_pages_only() {
        for local in ["/", "/requests?page=2&text=%E8%8C%B6", "/a//b"] {
            assert!(is_local(local), "{local}");
        }
        for foreign in ["", "//evil.example", "https://evil.example", "/\\evil.example", "/a\nb", "a"] {
            assert!(!is_local(foreign), "{foreign}");
        }
    }
}
