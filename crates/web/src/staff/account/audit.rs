//! 監査ログ: who did what, when, from where; with search. No personal data stands in it: staff are named by their accounts.

use askama::Template;
use axum::response::Response;
use kernel::JstDate;
use shop::staff::rows::names;
use store::audit_search::{self, Entry, Search};
use store::{StoreError, Tx};

use super::things::{Thing, thing};
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
        everything: "すべて", "Everything";
        key: "認証キー", "Key";
        token: "トークン", "Token";
        buyer: "購入者", "The buyer";
        details: "詳細", "Details";
        system: "システム", "The system";
        operator: "運営者(コマンド)", "The operator (command line)";
        nobody: "ログイン前", "Not logged in";
        action: "操作", "What";
        object: "対象", "Of what";
        from: "開始日", "From";
        until: "終了日", "Until";
        search: "検索", "Search";
        clear: "条件をクリア", "Clear the conditions";
        newest: "最新に戻る", "Back to the newest";
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
    /// Of a program's key.
    who_id: String,
    /// What was done, in words or by its code.
    deed: String,
    action: String,
    thing: Thing,
    object: String,
    origin: String,
    fields: String,
    /// Whether the row is still to be sealed against changes, which happens within seconds.
    is_open: bool,
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
    actions: Vec<Choice>,
    is_search: bool,
    rows: Vec<Row>,
    next: String,
    /// Where the list begins, for who is further on; may be empty.
    newest: String,
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
        actions: actions(desk.visit.language, asked.get("action")),
        is_search: FIELDS.iter().any(|field| asked.given(field).is_some()),
        newest: match asked.given("before") {
            Some(_) => asked.link(&base, &FIELDS[1..], (FIELDS[0], asked.get(FIELDS[0]))),
            None => String::new(),
        },
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
        ("key:", t.key),
        ("token:", t.token),
        ("system", t.system),
        ("operator", t.operator),
        ("nobody", t.nobody),
    ];
    let fixed = fixed.into_iter().map(|(value, text)| Choice::new(value, text, value == chosen));
    let people = people.iter().map(|(id, name)| {
        let value = format!("staff:{id}");
        let is_chosen = value == chosen;
        Choice::new(value, name.as_str(), is_chosen)
    });
    fixed.chain(people).collect()
}

/// Everything that can be done. What is asked for by a code that is none of them stands by itself.
fn actions(language: Language, chosen: &str) -> Vec<Choice> {
    let every = Choice::new("", AuditText::of(language).everything, chosen.is_empty());
    let known = deeds::all(language).map(|(code, words)| Choice::new(code, words, code == chosen));
    let mut all: Vec<Choice> = std::iter::once(every).chain(known).collect();
    if !all.iter().any(|choice| choice.chosen) {
        all.push(Choice::new(chosen, chosen, true));
    }
    all
}

fn row(language: Language, people: &[(String, String)], entry: Entry) -> Row {
    let t = AuditText::of(language);
    let Entry { at, actor, origin, action, object, fields, position, .. } = entry;
    let person = named(&object, "", people).map(|name| Thing::from(name.as_str()));
    let (who, who_id) = who(t, people, actor);
    Row {
        when: moment(at),
        who,
        who_id,
        deed: deeds::words(language, &action).unwrap_or(&action).to_owned(),
        thing: person.or_else(|| thing(language, &action, &object)).unwrap_or_else(|| object.as_str().into()),
        is_open: position.is_none(),
        object,
        fields: if fields == "{}" { String::new() } else { fields },
        origin: whence(t, &origin),
        action,
    }
}

/// Who it was, and the id of the key of a program.
fn who(t: &AuditText, people: &[(String, String)], actor: String) -> (String, String) {
    let of = |words: &str, id: &str| (words.to_owned(), id.to_owned());
    match (actor.as_str(), actor.split_once(':')) {
        (_, Some(("staff", _))) => (named(&actor, "staff:", people).unwrap_or(actor), String::new()),
        (_, Some(("key", id))) => of(t.key, id),
        (_, Some(("token", id))) => of(t.token, id),
        (_, Some(("licence", id))) => of("licenseKey", id),
        ("system", None) => of(t.system, ""),
        ("operator", None) => of(t.operator, ""),
        ("nobody", None) => of(t.nobody, ""),
        ("buyer", None) => of(t.buyer, ""),
        (_, _) => (actor, String::new()),
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
}
