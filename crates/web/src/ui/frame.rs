//! The frame around every page.

use kernel::Timestamp;

use super::asset;
use super::language::Language;
use crate::texts;

texts! {
    /// What the frame says.
    FrameText {
        brand: "帳場", "Choba";
        skip: "本文へ", "Skip to content";
        menu: "メニュー", "Menu";
        home: "ホーム", "Home";
        requests: "リクエストログ", "Request log";
        mailbox: "メールボックス", "Mailbox";
        docs: "API仕様", "API reference";
        password: "パスワード変更", "Change password";
        logout: "ログアウト", "Log out";
    }
}

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

    /// With a notice.
    #[must_use]
    pub fn saying(self, tone: Tone, text: impl Into<String>) -> Frame {
        Frame { notice: Some(Notice { tone, text: text.into() }), ..self }
    }

    /// The address of an asset.
    pub fn asset(&self, name: &str) -> String {
        asset::url(name)
    }

    /// `aria-current` for the menu.
    pub fn is_at(&self, path: &str) -> bool {
        let at = self.path.split('?').next().unwrap_or_default();
        at == path || (path != "/" && at.strip_prefix(path).is_some_and(|rest| rest.starts_with('/')))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_read_as_people_in_japan_write_them() {
        assert_eq!(moment(Timestamp::from_seconds(1_795_305_600)), "2026-11-22 09:00:00");
    }
}
