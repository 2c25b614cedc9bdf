//! `/mailbox`: the mails that buyers and the shop got, or would have got where there is no mail server.

mod list;
mod one;

use kernel::Environment;
use pay::mail::{Kind, Outcome, Recipient};
use shop::Right;

use crate::texts;
use crate::ui::{Access, Pages, Tone, Ui};

/// The pages.
pub fn pages(ui: &Ui) -> Pages {
    let access = Access::With(Right::SeeMails);
    Pages::new()
        .get("/mailbox", access, list::show)
        .get("/mailbox/{environment}/{id}", access, one::show)
        .with_state(ui.clone())
}

texts! {
    /// What the pages say.
    MailText {
        title: "メールボックス", "Mailbox";
        environment: "環境", "Environment";
        text: "宛先・件名・本文・注文番号", "Address, subject, text or order number";
        undelivered: "届かなかったメールのみ", "Only mails that did not arrive";
        search: "検索", "Search";
        clear: "クリア", "Clear";
        when: "日時", "Time";
        state: "状態", "State";
        to: "宛先", "To";
        sender: "差出人", "From";
        subject: "件名", "Subject";
        kind: "種類", "Kind";
        charge: "注文番号", "Order number";
        error: "メールサーバーの応答", "What the mail server said";
        nobody_to: "(メールアドレスなし)", "(no address)";
        empty: "まだメールがありません", "No mails yet";
        empty_more: "確定・キャンセル・金額変更をするか、APIでメールを送ると、ここに表示されます。",
            "Capture, cancel or change a charge, or send a mail by API, and it shows here.";
        nothing: "条件に合うメールはありません", "No mail matches";
        nothing_more: "言葉を短くするか、別の環境をお選びください。", "Use fewer words, or another environment.";
        older: "さらに古いメール", "Older mails";
        newest: "最新に戻る", "Back to the newest";
        back: "一覧に戻る", "Back to the list";
        buyer: "購入者様", "Buyer";
        shop: "店舗様", "Shop";
        notification: "お知らせメール", "Notification";
        captured: "確定", "Capture";
        cancelled: "キャンセル", "Cancel";
        expired: "期限切れ", "Expiry";
        changed: "金額変更", "Change of amount";
        waiting: "再送待ち", "Trying again";
        kept: "保管", "Kept here";
        sent: "送信済", "Sent";
        nobody: "宛先なし", "Nobody to send to";
        refused: "送信エラー", "Refused";
        given_up: "送信断念", "Given up";
        sandbox: "Sandbox", "Sandbox";
        test: "テスト", "Test";
        live: "本番", "Live";
    }
}

impl MailText {
    fn environment(&self, environment: Environment) -> &'static str {
        match environment {
            Environment::Sandbox => self.sandbox,
            Environment::Test => self.test,
            Environment::Live => self.live,
        }
    }

    fn kind(&self, kind: Kind) -> &'static str {
        match kind {
            Kind::Notification => self.notification,
            Kind::Captured => self.captured,
            Kind::Cancelled => self.cancelled,
            Kind::Expired => self.expired,
            Kind::Changed => self.changed,
        }
    }

    fn recipient(&self, recipient: Recipient) -> &'static str {
        match recipient {
            Recipient::Buyer => self.buyer,
            Recipient::Shop => self.shop,
        }
    }

    fn outcome(&self, outcome: Outcome) -> (&'static str, Tone) {
        match outcome {
            Outcome::Waiting => (self.waiting, Tone::Care),
            Outcome::Kept => (self.kept, Tone::Plain),
            Outcome::Sent => (self.sent, Tone::Good),
            Outcome::Nobody => (self.nobody, Tone::Plain),
            Outcome::Refused => (self.refused, Tone::Bad),
            Outcome::GivenUp => (self.given_up, Tone::Bad),
        }
    }
}
