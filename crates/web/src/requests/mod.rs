//! `/requests`: the request log of the API.

mod json;
mod list;
mod one;

pub(crate) use json::indented;
pub(crate) use list::instant;

use axum::extract::FromRef;
use pay::request_log::again::Log;
use shop::Right;

use crate::texts;
use crate::ui::{Access, Pages, Tone, Ui};

#[derive(Clone)]
struct Requests {
    ui: Ui,
    log: Log,
}

impl FromRef<Requests> for Ui {
    fn from_ref(requests: &Requests) -> Ui {
        requests.ui.clone()
    }
}

/// The pages.
pub fn pages(ui: &Ui, log: &Log) -> Pages {
    let access = Access::With(Right::SeeRequests);
    Pages::new()
        .get("/requests", access, list::show)
        .get("/requests/{id}", access, one::show)
        .post("/requests/{id}/again", access, one::again)
        .with_state(Requests { ui: ui.clone(), log: log.clone() })
}

texts! {
    /// What the pages say.
    RequestsText {
        title: "リクエストログ", "Request log";
        environment: "環境", "Environment";
        status: "ステータス", "Status";
        charge: "注文番号", "Order number";
        key: "認証キー", "Key";
        key_id: "認証キーID", "Key id";
        path: "パス", "Path";
        from: "開始日時", "From";
        until: "終了日時", "Until";
        text: "本文・ヘッダーの文字列", "Text of body or headers";
        any: "すべて", "All";
        success: "成功 (2xx)", "Success (2xx)";
        refused: "エラー (4xx)", "Errors (4xx)";
        broken: "障害 (5xx)", "Failures (5xx)";
        search: "検索", "Search";
        more_conditions: "ほかの条件", "More conditions";
        clear: "クリア", "Clear";
        when: "日時", "Time";
        request: "リクエスト", "Request";
        took: "所要時間", "Took";
        older: "さらに古いリクエスト", "Older requests";
        newest: "最新に戻る", "Back to the newest";
        empty: "まだリクエストがありません", "No requests yet";
        empty_more: "APIを呼び出すと、数秒以内にここに表示されます。", "Call the API, and it shows here within seconds.";
        nothing: "条件に合うリクエストはありません", "No request matches";
        nothing_more: "条件を減らすか、期間を広げてください。", "Remove a condition, or widen the time.";
        nothing_yet: "ここまでに条件に合うリクエストはありません。続きを検索できます。",
            "Nothing matched so far; the search can go on.";
        unreadable: "「{}」を読み取れません。入力をご確認ください。", "“{}” could not be read. Check the value.";
        answer: "レスポンス", "Answer";
        copy: "本文をコピー", "Copy the body";
        of_order: "この注文のリクエストを見る", "Requests of this order";
        request_id: "リクエストID", "Request id";
        again: "Sandboxで再実行", "Run again in the sandbox";
        again_more: "同じ認証キーで、新しいリクエストとして送ります。", "Sends it as a new request with the same key.";
        done: "再実行しました。これは新しいリクエストの記録です。", "It was run again. This is the record of the new request.";
        unrecorded: "再実行しましたが、記録が混み合っているため表示できません。レスポンスは {} でした。",
            "It was run again, but the log is too busy to show it. The answer was {}.";
        not_sandbox: "再実行できるのはSandboxのリクエストだけです。", "Only requests of the sandbox can be run again.";
        not_whole: "秘密にした部分や長すぎる部分があるため、再実行できません。",
            "Something of it was masked or too long, so it cannot be run again.";
        key_gone: "このリクエストの認証キーはもう使えないため、再実行できません。", "Its key counts no more, so it cannot be run again.";
        masked: "認証キー・Cookie・カード情報は [masked] に置き換えています。",
            "Keys, cookies and details of cards are replaced by [masked].";
        no_body: "(本文なし)", "(no body)";
        cut: "先頭 {} バイトだけを保存しています。", "Only the first {} bytes are kept.";
        back: "一覧に戻る", "Back to the list";
        sandbox: "Sandbox", "Sandbox";
        test: "テスト用認証キー", "Test keys";
        live: "本番用認証キー", "Production keys";
    }
}

impl RequestsText {
    fn environment(&self, environment: kernel::Environment) -> &'static str {
        match environment {
            kernel::Environment::Sandbox => self.sandbox,
            kernel::Environment::Test => self.test,
            kernel::Environment::Live => self.live,
        }
    }
}

/// How a status is meant.
fn tone(status: u16) -> Tone {
    match status {
        ..400 => Tone::Good,
        400..500 => Tone::Care,
        500.. => Tone::Bad,
    }
}

/// `12.3 ms`.
pub(crate) fn milliseconds(micros: i64) -> String {
    format!("{}.{} ms", micros / 1_000, micros % 1_000 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_people_write_them() {
        assert_eq!(milliseconds(12_345), "12.3 ms");
        assert_eq!(milliseconds(90), "0.0 ms");
    }
}
