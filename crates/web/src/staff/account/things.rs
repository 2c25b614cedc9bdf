//! What rows of the audit log say that something was done to, in words; an order leads to its page.

use kernel::Environment;

use crate::texts;
use crate::ui::{Language, Side};

texts! {
    /// What is acted upon.
    ThingText {
        of_sandbox: "Sandbox", "Sandbox";
        of_test: "テスト用認証キー", "Test keys";
        of_live: "本番用認証キー", "Production keys";
        mails: "メール設定", "Mail settings";
        information: "店舗情報", "Shop's information";
        registration: "本申込", "Registration";
        clock: "時計", "Clock";
        events: "Webhookのイベント", "Events";
        origins: "決済ボタン設置元", "Origins of the button";
        buyers: "購入者情報", "Buyers' data";
        all: "環境全体", "All of it";
        shop: "店舗", "Shop";
        view: "検索条件", "Saved search";
        code: "セキュリティコード認証", "Security code";
        key: "認証キー", "Key";
        token: "トークン", "Token";
        invitation: "招待", "Invitation";
        staff: "スタッフ", "Member of the staff";
        session: "ログイン中の端末", "Where somebody is logged in";
        fee: "手数料", "Fee";
        notice: "お知らせ", "Notice";
        mail: "メール", "Mail";
        licence: "licenseKey", "licenseKey";
        webhook: "Webhook", "Webhook";
        mall: "モール", "Marketplace";
        request: "リクエスト", "Request";
    }
}

/// What something is called, and where it is; all but the text may be empty.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Thing {
    /// The environment.
    pub place: &'static str,
    pub text: String,
    pub href: String,
}

impl From<&str> for Thing {
    fn from(text: &str) -> Thing {
        Thing { text: text.to_owned(), ..Thing::default() }
    }
}

/// The thing that a row names; none that is known for nobody's.
pub(super) fn thing(language: Language, action: &str, object: &str) -> Option<Thing> {
    let t = ThingText::of(language);
    if let Some((environment, id)) = of_environment(object) {
        let place = t.environment(environment);
        return Some(match t.by_id(id) {
            Some(kind) => Thing { place, ..kind.into() },
            None if is_number(id) => Thing { place, ..order(id, Side::of(environment).path(&format!("/orders/{id}"))) },
            None => Thing { place, ..id.into() },
        });
    }
    match object {
        _ if object.starts_with("shop ") => Some(t.shop.into()),
        _ if object.starts_with("order view ") => Some(t.view.into()),
        _ if object.starts_with("security code of ") => Some(t.code.into()),
        _ if action == "request.again" => Some(t.request.into()),
        _ if action.starts_with("mall.rcard.") && is_number(object) => Some(object.into()),
        _ if action.starts_with("mall.") && is_number(object) => {
            Some(order(object, Side::Sandbox.path(&format!("/mall/orders/{object}"))))
        }
        _ => t
            .by_id(object)
            .map(Thing::from)
            .or_else(|| part(t, object))
            .or_else(|| action.starts_with("mall.").then(|| t.mall.into())),
    }
}

fn order(number: &str, href: String) -> Thing {
    Thing { text: number.to_owned(), href, ..Thing::default() }
}

/// `sandbox/…`.
fn of_environment(object: &str) -> Option<(Environment, &str)> {
    let (environment, id) = object.split_once('/')?;
    Some((environment.parse().ok()?, id))
}

/// Whether it is an order number: `123456-20261125-0000000001`.
fn is_number(text: &str) -> bool {
    text.matches('-').count() == 2 && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit())
}

/// A part of the shop, such as `test origins of shop 1`.
fn part(t: &ThingText, object: &str) -> Option<Thing> {
    let (of, _) = object.split_once(" of shop ")?;
    let (environment, kind) = match of.split_once(' ') {
        Some((environment, kind)) => (environment.parse::<Environment>().ok(), kind),
        None => (of.parse().ok(), of),
    };
    let kind = match (of, kind) {
        ("mail settings", _) => t.mails,
        (_, "information") => t.information,
        (_, "registration") => t.registration,
        (_, "clock") => t.clock,
        (_, "events") => t.events,
        (_, "origins") => t.origins,
        (_, "buyers") => t.buyers,
        (_, "sandbox" | "test" | "live") => t.all,
        (_, _) => return None,
    };
    let place = environment.map_or("", |environment| t.environment(environment));
    Some(Thing { place, ..kind.into() })
}

impl ThingText {
    fn environment(&self, environment: Environment) -> &'static str {
        match environment {
            Environment::Sandbox => self.of_sandbox,
            Environment::Test => self.of_test,
            Environment::Live => self.of_live,
        }
    }

    /// By how its id begins.
    fn by_id(&self, id: &str) -> Option<&'static str> {
        Some(match id.split_once('_')?.0 {
            "cred" => self.key,
            "tkn" => self.token,
            "inv" => self.invitation,
            "stf" => self.staff,
            "ses" => self.session,
            "fee" => self.fee,
            "ntc" => self.notice,
            "ntfn" => self.mail,
            "lic" => self.licence,
            "we" => self.webhook,
            "evt" => self.events,
            "ov" => self.view,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn called(action: &str, object: &str) -> Option<String> {
        let words = |Thing { place, text, .. }: Thing| format!("{place} {text}").trim().to_owned();
        thing(Language::Ja, action, object).map(words)
    }

    #[test]
    fn parts_of_a_shop_are_named_in_words() {
        let named = |object| called("", object);
        assert_eq!(named("sandbox of shop 1").as_deref(), Some("Sandbox 環境全体"));
        assert_eq!(named("test origins of shop 1").as_deref(), Some("テスト用認証キー 決済ボタン設置元"));
        assert_eq!(named("mail settings of shop 1").as_deref(), Some("メール設定"));
        assert_eq!(named("information of shop 12").as_deref(), Some("店舗情報"));
        assert_eq!(named("security code of diners, shop 1").as_deref(), Some("セキュリティコード認証"));
        assert_eq!(named("shop 1").as_deref(), Some("店舗"));
        assert_eq!(named("cred_1").as_deref(), Some("認証キー"));
        assert_eq!(named("sandbox/we_1").as_deref(), Some("Sandbox Webhook"));
        assert_eq!(named("order view ov_1").as_deref(), Some("検索条件"));
        assert_eq!(named("moon of shop 1"), None);
    }

    #[test]
    fn an_order_leads_to_its_page() {
        let of = |action, object| thing(Language::Ja, action, object).map(|thing| thing.href).unwrap_or_default();
        assert_eq!(of("charge.pay", "test/1-20261125-0000000001"), "/dashboard/live/orders/1-20261125-0000000001");
        assert_eq!(of("mall.place", "1-20261125-0000000001"), "/dashboard/sandbox/mall/orders/1-20261125-0000000001");
        assert_eq!(of("mall.rcard.order", "1-20261125-0000000001"), "");
        assert_eq!(of("keys.rotate", "cred_1"), "");
        assert_eq!(of("webhook.resend", "sandbox/evt_1"), "");
        assert_eq!(of("webhook.ping", "sandbox/019aa8b5c0f0"), "");
    }
}
