//! The menu of the dashboard: what somebody may see on the side they are on, in the order of the seed.

use shop::{Duties, Right};

use super::pages::Access;
use super::side::Side;
use crate::texts;
use crate::ui::Language;

texts! {
    /// What the menu says.
    MenuText {
        home: "ホーム", "Home";
        orders: "注文管理", "Orders";
        webhooks: "Webhook", "Webhooks";
        images: "イメージライブラリ", "Image library";
        mall: "モール", "Marketplace";
        account: "アカウント設定", "Account";
        shop: "店舗情報", "Shop";
        mailbox: "メールボックス", "Mailbox";
        requests: "リクエストログ", "Request log";
        operator: "運営", "Operator";
    }
}

/// One line of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where it leads.
    pub href: String,
    /// What it says.
    pub text: &'static str,
    /// The letter that leads to it, after `g`.
    pub key: char,
    /// Whether it is the part that is open.
    pub is_here: bool,
}

/// The lines for somebody with these duties, who is at `path`.
pub fn lines(duties: &Duties, side: Side, path: &str, language: Language) -> Vec<Line> {
    let t = MenuText::of(language);
    let with = Access::With;
    let environment = side.environments()[0].as_str();
    let mut all = vec![
        (with(Right::SeeFigures), side.path(""), t.home, 'h'),
        (with(Right::SeeOrders), side.path("/orders"), t.orders, 'o'),
        (with(Right::SeeWebhooks), side.path("/webhooks"), t.webhooks, 'w'),
        (with(Right::SeeImages), side.path("/images"), t.images, 'i'),
        (Access::Staff, side.path("/account"), t.account, 'a'),
        (with(Right::SeeShop), side.path("/shop"), t.shop, 's'),
        (with(Right::SeeMails), format!("/mailbox?environment={environment}"), t.mailbox, 'm'),
        (with(Right::SeeRequests), format!("/requests?environment={environment}"), t.requests, 'r'),
        (with(Right::Operate), "/operator".to_owned(), t.operator, 'p'),
    ];
    // The marketplace is in the sandbox alone.
    if side == Side::Sandbox {
        all.insert(2, (with(Right::SeeOrders), side.path("/mall"), t.mall, 'l'));
    }
    let at = without_query(path);
    let line = |(_, href, text, key): (Access, String, &'static str, char)| {
        let own = without_query(&href);
        let below = at.strip_prefix(own).is_some_and(|rest| rest.starts_with('/')) && own != side.path("");
        // The notices are the second page of the first one.
        let notices = own == side.path("") && at == side.path("/notices");
        Line { is_here: at == own || below || notices, href, text, key }
    };
    all.into_iter().filter(|(access, ..)| access.allows(duties)).map(line).collect()
}

fn without_query(path: &str) -> &str {
    path.split('?').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_of_owner() -> Vec<Line> {
        lines(&Duties::of(&[shop::Role::Owner], true), Side::Live, "/", Language::En)
    }

    #[test]
    fn the_menu_holds_what_somebody_may_see_and_marks_where_they_are() {
        let shipping = Duties::of(&[shop::Role::Shipping], false);
        let lines = lines(&shipping, Side::Live, "/dashboard/live/orders/1?x=1", Language::Ja);
        let texts: Vec<_> = lines.iter().map(|line| (line.text, line.is_here)).collect();
        let expected = [
            ("ホーム", false),
            ("注文管理", true),
            ("アカウント設定", false),
            ("店舗情報", false),
            ("メールボックス", false),
        ];
        assert_eq!(texts, expected);
        let owner = lines_of_owner();
        let keys: Vec<char> = owner.iter().map(|line| line.key).collect();
        assert!(keys.iter().all(|key| keys.iter().filter(|other| *other == key).count() == 1), "{keys:?}");
        assert_eq!(lines[4].href, "/mailbox?environment=live");
    }
}
