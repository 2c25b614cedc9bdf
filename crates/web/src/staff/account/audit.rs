//! 監査ログ: who did what, when, from where; with search. No personal data stands in it: staff are named by their accounts.

use askama::Template;
use axum::response::Response;
use kernel::JstDate;
use shop::staff::rows::names;
use store::audit_search::{self, Entry, Search};
use store::{StoreError, Tx};

use super::{AccountText, at, deeds, sections};
use crate::staff::Desk;
use crate::texts;
use crate::ui::frame::moment;
use crate::ui::{Choice, Frame, Language, Link, Query, Tone};

/// Rows of a page.
const PAGE: usize = 50;
/// What links of the search keep.
const FIELDS: [&str; 5] = ["actor", "action", "object", "from", "until"];

texts! {
    /// What the page says.
    AuditText {
        actor: "操作した人", "Who";
        everybody: "すべて", "Everybody";
        programs: "APIキー・トークン", "Keys and tokens";
        key: "認証キー", "Key";
        token: "トークン", "Token";
        buyer: "購入者", "The buyer";
        details: "詳細", "Details";
        code: "操作コードの先頭（例: keys.）", "Beginning of the code, such as keys.";
        system: "システム", "The system";
        operator: "運営者（コマンド）", "The operator (command line)";
        nobody: "ログイン前", "Not logged in";
        action: "操作", "What";
        object: "対象", "Of what";
        from: "開始日", "From";
        until: "終了日", "Until";
        search: "検索", "Search";
        clear: "クリア", "Clear";
        when: "日時", "When";
        origin: "操作元", "From where";
        by_page: "画面 {}", "Page {}";
        by_api: "API {}", "API {}";
        by_rms: "RMS API {}", "RMS API {}";
        by_checkout: "お支払い画面 {}", "Checkout {}";
        by_command: "コマンド", "Command line";
        by_timer: "期限の処理", "A deadline";
        by_delivery: "Webhookの配信", "Webhook delivery";
        by_mall: "モール", "Marketplace";
        by_demo: "デモ", "Demo";
        of_mails: "メール設定", "Mail settings";
        of_information: "店舗情報", "Shop's information";
        of_registration: "本申込", "Registration";
        of_clock: "時計", "Clock";
        of_events: "Webhookのイベント", "Events";
        of_origins: "決済ボタン設置元", "Origins of the button";
        of_buyers: "購入者情報", "Buyers' data";
        of_side: "環境全体", "All of it";
        of_sandbox: "Sandbox", "Sandbox";
        of_test: "Live テスト用", "Live, test";
        of_live: "Live 本番用", "Live, production";
        sealed: "記録済み", "Sealed";
        waiting: "記録待ち", "To be sealed";
        further: "さらに読み込む", "Load more";
        empty: "条件に合う記録はありません", "No row matches";
        empty_more: "条件を減らすか、期間を広げてください。", "Remove a condition, or widen the time.";
        nothing_yet: "ここまでに条件に合う記録はありません。続きを検索できます。", "Nothing matched so far; the search can go on.";
        unreadable: "日付を読み取れません。", "A date could not be read.";
    }
}

/// A row of the list.
struct Row {
    when: String,
    who: String,
    /// What was done, in words; empty where there are none.
    deed: &'static str,
    action: String,
    /// What it was done to, in words; empty where there are none.
    thing: String,
    object: String,
    origin: String,
    fields: String,
    tone: &'static str,
    sealed: &'static str,
}

#[derive(Template)]
#[template(path = "account/audit.html")]
struct Page {
    frame: Frame,
    t: &'static AuditText,
    a: &'static AccountText,
    links: Vec<Link>,
    base: String,
    asked: Query,
    actors: Vec<Choice>,
    rows: Vec<Row>,
    next: String,
}

/// `GET …/account/audit`.
pub(super) async fn show(desk: Desk) -> Response {
    let (t, a) = (AuditText::of(desk.visit.language), AccountText::of(desk.visit.language));
    let asked = Query::of(&desk.visit.path);
    let (search, readable) = search(&asked);
    let shop = desk.shop();
    let read =
        move |tx: &mut Tx<'_>| Ok::<_, StoreError>((audit_search::page(tx, shop, &search, PAGE)?, names(tx, shop)?));
    let (found, people) = match desk.visit.ui.store().read(read).await {
        Ok(found) => found,
        Err(error) => return desk.failed(&error),
    };
    let base = at(desk.side, "audit");
    let next = found.next.map(|next| asked.link(&base, &FIELDS, ("before", &next))).unwrap_or_default();
    let page = Page {
        frame: if readable { desk.frame() } else { desk.frame().saying(Tone::Bad, t.unreadable) },
        t,
        a,
        links: sections(&desk, "audit"),
        actors: actors(t, &people, asked.get("actor")),
        rows: found.rows.into_iter().map(|entry| row(desk.visit.language, &people, entry)).collect(),
        base,
        asked,
        next,
    };
    desk.visit.page(&page)
}

/// What is looked for, and whether every date could be read. Days are days in Japan, both included.
fn search(asked: &Query) -> (Search, bool) {
    let day = |name: &str| asked.given(name).map(|text| date(&text));
    let (from, until) = (day("from"), day("until"));
    let readable = from != Some(None) && until != Some(None);
    let search = Search {
        actor: asked.get("actor").to_owned(),
        action: asked.get("action").to_owned(),
        object: asked.get("object").to_owned(),
        from: from.flatten().map(JstDate::start),
        until: until.flatten().map(|date| date.plus_days(1).start()),
        before: asked.given("before"),
    };
    (search, readable)
}

/// `2026-11-22`, as the field of a date sends it.
fn date(text: &str) -> Option<JstDate> {
    let mut parts = text.splitn(3, '-').map(str::parse::<i64>);
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    JstDate::new(year, u8::try_from(month).ok()?, u8::try_from(day).ok()?)
}

fn actors(t: &AuditText, people: &[(String, String)], chosen: &str) -> Vec<Choice> {
    let fixed = [
        ("", t.everybody),
        ("key:", t.programs),
        ("token:", t.programs),
        ("system", t.system),
        ("operator", t.operator),
        ("nobody", t.nobody),
    ];
    let fixed = fixed.into_iter().map(|(value, text)| {
        let text = if value.ends_with(':') { format!("{text} ({value})") } else { text.to_owned() };
        Choice::new(value, text, value == chosen)
    });
    let people = people.iter().map(|(id, name)| {
        let value = format!("staff:{id}");
        let is_chosen = value == chosen;
        Choice::new(value, name.as_str(), is_chosen)
    });
    fixed.chain(people).collect()
}

fn row(language: Language, people: &[(String, String)], entry: Entry) -> Row {
    let t = AuditText::of(language);
    let Entry { at, actor, origin, action, object, fields, position, .. } = entry;
    let (tone, sealed) = if position.is_some() { ("good", t.sealed) } else { ("plain", t.waiting) };
    Row {
        when: moment(at),
        who: who(t, people, actor),
        deed: deeds::words(language, &action).unwrap_or_default(),
        thing: named(&object, "", people).or_else(|| thing(t, &object)).unwrap_or_default(),
        object,
        fields: if fields == "{}" { String::new() } else { fields },
        origin: whence(t, &origin),
        action,
        tone,
        sealed,
    }
}

fn who(t: &AuditText, people: &[(String, String)], actor: String) -> String {
    let of = |words: &str, id: &str| format!("{words} {id}");
    match (actor.as_str(), actor.split_once(':')) {
        (_, Some(("staff", _))) => named(&actor, "staff:", people).unwrap_or(actor),
        (_, Some(("key", id))) => of(t.key, id),
        (_, Some(("token", id))) => of(t.token, id),
        (_, Some(("licence", id))) => of("licenseKey", id),
        ("system", None) => t.system.to_owned(),
        ("operator", None) => t.operator.to_owned(),
        ("nobody", None) => t.nobody.to_owned(),
        ("buyer", None) => t.buyer.to_owned(),
        (_, _) => actor,
    }
}

fn named(text: &str, prefix: &str, people: &[(String, String)]) -> Option<String> {
    let id = text.strip_prefix(prefix)?;
    people.iter().find(|(known, _)| known == id).map(|(_, name)| name.clone())
}

/// Where it came from, in words and without the id of the request.
fn whence(t: &AuditText, origin: &str) -> String {
    let mut words = origin.split(' ');
    let (kind, address) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    match (kind, origin) {
        ("page", _) => t.by_page.replace("{}", address),
        ("api", _) => t.by_api.replace("{}", address),
        ("rms", _) => t.by_rms.replace("{}", address),
        ("checkout", _) => t.by_checkout.replace("{}", address),
        ("timer", _) => t.by_timer.to_owned(),
        (_, "command line") => t.by_command.to_owned(),
        (_, "webhook delivery") => t.by_delivery.to_owned(),
        (_, "mall") => t.by_mall.to_owned(),
        (_, "demo" | "choba serve --demo") => t.by_demo.to_owned(),
        (_, _) => origin.to_owned(),
    }
}

/// What stands for a part of the shop, such as `test origins of shop 1`, in words; none for what has an id.
fn thing(t: &AuditText, object: &str) -> Option<String> {
    let (of, _) = object.split_once(" of shop ")?;
    let (environment, kind) = of.split_once(' ').unwrap_or(match of {
        "sandbox" | "test" | "live" => (of, ""),
        _ => ("", of),
    });
    let environment = match environment {
        "sandbox" => t.of_sandbox,
        "test" => t.of_test,
        "live" => t.of_live,
        _ => "",
    };
    let kind = match (of, kind) {
        ("mail settings", _) => t.of_mails,
        (_, "information") => t.of_information,
        (_, "registration") => t.of_registration,
        (_, "clock") => t.of_clock,
        (_, "events") => t.of_events,
        (_, "origins") => t.of_origins,
        (_, "buyers") => t.of_buyers,
        (_, "") => t.of_side,
        (_, _) => return None,
    };
    Some([environment, kind].join(" ").trim().to_owned())
}

#[cfg(test)]
mod tests {
    use kernel::Timestamp;

    use super::*;

    #[test]
    fn a_search_covers_its_last_day() {
        let (search, readable) = search(&Query::of("/audit?from=2026-11-22&until=2026-11-22&action=keys."));
        assert!(readable);
        // 2026-11-22 begins in Japan at 15:00 UTC of the day before.
        assert_eq!(search.from, Some(Timestamp::from_seconds(1_795_273_200)));
        assert_eq!(search.until, Some(Timestamp::from_seconds(1_795_273_200 + 86_400)));
        assert_eq!(search.action, "keys.");
        assert!(!super::search(&Query::of("/audit?from=yesterday")).1);
    }

    #[test]
    fn people_are_named_and_requests_are_not() {
        let people = [("stf_1".to_owned(), "Hana".to_owned())];
        assert_eq!(named("staff:stf_1", "staff:", &people).as_deref(), Some("Hana"));
        assert_eq!(named("key:cred_1", "staff:", &people), None);
        let t = AuditText::of(Language::Ja);
        assert_eq!(whence(t, "page 192.0.2.1 0a0b"), "画面 192.0.2.1");
        assert_eq!(whence(t, "api 192.0.2.1 0a0b"), "API 192.0.2.1");
        assert_eq!(whence(t, "command line"), "コマンド");
        assert_eq!(whence(t, "R-Card API"), "R-Card API");
    }

    #[test]
    fn parts_of_a_shop_are_named_in_words() {
        let named = |object| thing(AuditText::of(Language::Ja), object);
        assert_eq!(named("sandbox of shop 1").as_deref(), Some("Sandbox 環境全体"));
        assert_eq!(named("test origins of shop 1").as_deref(), Some("Live テスト用 決済ボタン設置元"));
        assert_eq!(named("mail settings of shop 1").as_deref(), Some("メール設定"));
        assert_eq!(named("information of shop 12").as_deref(), Some("店舗情報"));
        assert_eq!(named("ch_1"), None);
        assert_eq!(named("moon of shop 1"), None);
    }
}
