//! The frame around every page.

use kernel::{Environment, Timestamp};
use shop::Duties;

use super::asset;
use super::language::Language;
use super::menu::{self, Line};
use super::query::Query;
use super::roles;
use super::side::{self, Side};
use crate::texts;

texts! {
    /// What the frame says.
    FrameText {
        brand: "帳場", "Choba";
        skip: "本文へ", "Skip to content";
        menu: "メニュー", "Menu";
        side: "環境切り替え", "Environment";
        docs: "API仕様", "API reference";
        password: "パスワード変更", "Change password";
        logout: "ログアウト", "Log out";
        sandbox: "Sandbox環境: お金は動きません", "Sandbox: no money moves";
        live: "Live環境: 実際のお取引です", "Live: real payments";
        live_test: "Live環境: テスト用認証キーの注文です(お金は動きません)", "Live: ordered with a test key (no money moves)";
        both: "Sandbox・Live共通", "Of Sandbox and Live";
        commands: "コマンド", "Commands";
        keys: "キーボード操作", "Keyboard";
    }
}

/// Pages of the dashboard that change what both sides share, below `/dashboard/{side}/`.
const OF_BOTH: [&str; 6] = [
    "account/audit",
    "account/automatic-mails",
    "account/devices",
    "account/security-code",
    "account/staff",
    "account/two-step",
];

/// `2026-11-22 09:30:00`, in Japan.
pub fn moment(at: Timestamp) -> String {
    at.to_string().replace('T', " ").chars().take(19).collect()
}

/// How something is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// It went well.
    Good,
    /// It did not.
    Bad,
    /// Somebody should look at it.
    Care,
    /// It is said only.
    Plain,
}

impl Tone {
    /// The class of the style sheet.
    pub fn class(self) -> &'static str {
        match self {
            Tone::Good => "good",
            Tone::Bad => "bad",
            Tone::Care => "care",
            Tone::Plain => "plain",
        }
    }
}

/// What happened, at the top of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How it is meant.
    pub tone: Tone,
    /// What is said.
    pub text: String,
}

/// Who is logged in, as the bar shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// What the shop is called.
    pub shop: String,
    /// The side of the dashboard.
    pub side: Side,
    /// What they are called.
    pub name: String,
    /// What they may do.
    pub duties: Duties,
}

/// A tab of the sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tab {
    /// Its side.
    pub side: Side,
    /// Where it leads.
    pub href: String,
    /// Whether it is the side that is open; of a page of both sides, neither is.
    pub is_here: bool,
}

/// The frame of a page. Templates extend `base.html`, or `desk.html` with the bar of the staff, and hold it as `frame`.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The language of the page.
    pub language: Language,
    /// The token that every form of the page sends.
    pub csrf: String,
    /// Path and query of the page, where the switch of language leads back to.
    pub path: String,
    /// Who is logged in, if anybody.
    pub who: Option<Who>,
    /// Whether the page is about an order that a test key made: it is of Live, and yet no money moves.
    pub is_test: bool,
    /// What happened.
    pub notice: Option<Notice>,
    /// The frame's own texts.
    pub text: &'static FrameText,
}

impl Frame {
    /// With somebody logged in.
    #[must_use]
    pub fn of(self, who: Who) -> Frame {
        Frame { who: Some(who), ..self }
    }

    /// The frame of a page about an order of this environment.
    #[must_use]
    pub fn about(self, environment: Environment) -> Frame {
        Frame { is_test: environment == Environment::Test, ..self }
    }

    /// With a notice.
    #[must_use]
    pub fn saying(self, tone: Tone, text: impl Into<String>) -> Frame {
        Frame { notice: Some(Notice { tone, text: text.into() }), ..self }
    }

    /// The address of an asset.
    pub fn asset(&self, name: &str) -> String {
        asset::url(name)
    }

    /// The lines of the menu; none for who is not logged in.
    pub fn menu(&self) -> Vec<Line> {
        let who = self.who.as_ref();
        who.map(|who| menu::lines(&who.duties, who.side, &self.path, self.language)).unwrap_or_default()
    }

    /// Whether the page is about neither side alone: the operator's area, who is logged in, and settings that a shop has
    /// once.
    pub fn is_of_both(&self) -> bool {
        let is_of_shop = self.path.strip_prefix(side::DASHBOARD).is_some_and(|rest| {
            let place = rest.trim_start_matches('/').split_once('/').map_or("", |(_, place)| place);
            OF_BOTH.iter().any(|setting| place.starts_with(setting))
        });
        // The log of requests shows every environment until one is chosen.
        let is_log = self.path.split('?').next() == Some("/requests");
        let is_whole_log = is_log && Query::of(&self.path).given("environment").is_none();
        let of_nobody = ["/operator", "/password", "/mailbox/staff"];
        is_of_shop || is_whole_log || of_nobody.iter().any(|place| self.path.starts_with(place))
    }

    /// What the side that is open means; nothing for who is not logged in.
    pub fn world(&self) -> &'static str {
        match self.who.as_ref().map(|who| who.side) {
            Some(_) if self.is_of_both() => self.text.both,
            Some(Side::Sandbox) => self.text.sandbox,
            Some(Side::Live) if self.is_test => self.text.live_test,
            Some(Side::Live) => self.text.live,
            None => "",
        }
    }

    /// The roles of who is logged in, in a line.
    pub fn roles(&self) -> String {
        self.who.as_ref().map(|who| roles::names(&who.duties, self.language)).unwrap_or_default()
    }

    /// The tabs Sandbox and Live; none for who is not logged in.
    pub fn tabs(&self) -> Vec<Tab> {
        let Some(who) = &self.who else { return Vec::new() };
        let place = self.path.split('?').next().unwrap_or_default();
        let tab = |side| Tab { side, href: side::across(place, side), is_here: side == who.side && !self.is_of_both() };
        Side::ALL.map(tab).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(path: &str) -> Frame {
        let (shop, name) = ("店 1".to_owned(), "山田 花子".to_owned());
        let who = Who { shop, side: Side::Live, name, duties: Duties::of(&[shop::Role::Owner], false) };
        let text = FrameText::of(Language::Ja);
        let (csrf, path) = (String::new(), path.to_owned());
        Frame { language: Language::Ja, csrf, path, who: Some(who), is_test: false, notice: None, text }
    }

    #[test]
    fn of_a_page_of_both_sides_no_tab_is_the_one_that_is_open() {
        let open = |path: &str| {
            let frame = live(path);
            (frame.world(), frame.tabs().into_iter().find(|tab| tab.is_here).map(|tab| tab.side))
        };
        let (both, side) = (("Sandbox・Live共通", None), ("Live環境: 実際のお取引です", Some(Side::Live)));
        for path in
            ["/dashboard/live/account/audit", "/dashboard/live/account/automatic-mails", "/requests", "/password"]
        {
            assert_eq!(open(path), both, "{path}");
        }
        for path in ["/dashboard/live", "/dashboard/live/account/keys", "/requests?environment=live&text=a"] {
            assert_eq!(open(path), side, "{path}");
        }
    }

    #[test]
    fn what_a_test_key_sold_is_not_called_real() {
        let frame = live("/dashboard/live/orders/1");
        assert_eq!(frame.clone().about(Environment::Live).world(), frame.text.live);
        assert_eq!(frame.clone().about(Environment::Test).world(), frame.text.live_test);
    }

    #[test]
    fn moments_read_as_people_in_japan_write_them() {
        assert_eq!(moment(Timestamp::from_seconds(1_795_305_600)), "2026-11-22 09:00:00");
    }
}
