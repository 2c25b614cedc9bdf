//! What the pages of mails say.

use pay::notification::blocks::Kind;
use pay::notification::check::{CheckedText, Pointed};

use crate::texts;
use crate::ui::Tone;

texts! {
    /// What the pages say.
    MailsText {
        history: "通知メール履歴", "Mails sent";
        write: "メール送信", "Send a mail";
        when: "送信日時", "Time";
        subject: "件名", "Subject";
        state: "状態", "State";
        empty: "まだお知らせメールを送信していません", "No mail was sent yet";
        empty_more: "「メール送信」から、購入者様にお知らせメールを送信できます。", "Write to the buyer with “Send a mail”.";
        readable: "送信日から365日の間、お知らせメールの内容を確認できます。", "Mails can be read here for 365 days.";
        waiting: "送信待ち", "Waiting";
        sent: "送信済", "Sent";
        kept: "メールボックスに保管", "In the mailbox";
        bounced: "届きませんでした", "Bounced";
        given_up: "送信できませんでした", "Given up";
        nobody: "宛先なし", "No address";
        why_role: "メール送信は{}だけが行えます。", "Only {} may send mails.";
        too_many: "一注文につき30通までのため、これ以上送信できません。", "An order has at most 30 mails.";
        too_late: "送信ができるのは注文日から180日までのため、送信できません。", "Mails can be sent until 180 days after the order.";
        edit: "メールの編集", "Write a mail";
        number: "注文番号", "Order number";
        opening: "自動挿入文", "Automatic opening";
        opening_more: "メールの先頭に自動的に挿入されます。「お客様氏名」は、送信時に購入者様のフルネームになります。",
            "Stands at the beginning of the mail. お客様氏名 becomes the buyer's full name.";
        body: "自由記述欄", "Text";
        insert: "挿入項目を選択", "Insert";
        insert_more: "選んだ情報を自由記述欄に挿入します。", "Puts what you choose into the text.";
        insert_none: "この注文には送付先情報がありません。", "The order has no shipping address.";
        insert_no_contact: "お問い合わせ先が登録されていません。", "No contact is registered.";
        block_order: "注文情報", "Order";
        block_amounts: "料金明細", "Amounts";
        block_contact: "問い合わせ先", "Contact";
        block_payment: "支払い方法", "Payment";
        block_shipping: "送付先情報", "Shipping address";
        confirm: "送信内容の確認", "Check before sending";
        confirm_more: "この内容で購入者様に送信します。", "The buyer gets exactly this.";
        send: "送信", "Send";
        back: "修正する", "Change it";
        cancel: "やめる", "Cancel";
        order_back: "注文詳細に戻る", "Back to the order";
        to: "宛先", "To";
        buyer: "購入者様", "The buyer";
        no_guarantee: "購入者様のメール受信を保証するものではありません。", "This does not guarantee that the buyer receives it.";
        rule_length: "件名は80文字、自由記述欄は4000文字まで入力できます。", "A subject has at most 80 characters and a text 4,000.";
        rule_characters: "件名および本文に機種依存文字はご利用いただけません。", "They hold only characters that Japanese mail can carry.";
        rule_days: "送信ができるのは注文日から180日までです。", "Mails can be sent until 180 days after the order.";
        left: "この注文にはあと{}通送信できます。", "{} more mails can be sent for this order.";
        need_subject: "件名を入力してください。", "Enter a subject.";
        need_body: "自由記述欄を入力してください。", "Enter a text.";
        long_subject: "件名は80文字までです。現在{}文字です。", "A subject has at most 80 characters; this has {}.";
        long_body: "自由記述欄は4000文字までです。現在{}文字です。", "A text has at most 4,000 characters; this has {}.";
        lines: "件名に改行は使えません。", "A subject is one line.";
        unfit: "機種依存文字はご利用いただけません: {}", "Characters that Japanese mail cannot carry: {}";
        place: "{line}行目{column}文字目「{character}」", "line {line}, character {column}: “{character}”";
        place_one: "{column}文字目「{character}」", "character {column}: “{character}”";
        more: "ほか", "and more";
        wrong: "入力内容をご確認ください。", "Check what you entered.";
        reused: "この画面は一度送信されています。内容を確かめて、もう一度送信してください。",
            "This form was sent before with other content. Check it, and send it again.";
        busy: "ただいま送信できません。しばらくしてから、もう一度お試しください。", "It cannot be sent right now. Try again in a little while.";
        sent_done: "お知らせメールの送信を受け付けました。", "The mail is on its way.";
        again_done: "もう一度送信します。", "It is sent again.";
        again: "もう一度送信する", "Send it again";
        again_more: "同じ内容を同じ宛先に送ります。", "The same text to the same address.";
        not_failed: "このメールは送信済みか送信待ちのため、もう一度送信できません。", "Only a mail that did not arrive is sent again.";
        not_written: "まだ送信されていません。本文は送信時に作成されます。", "It has not left yet; its text is made then.";
        asked_text: "自由記述欄の内容", "What was written";
        server_said: "メールサーバの応答", "The mail server said";
    }
}

impl MailsText {
    /// Why no mail can be sent.
    pub fn limit(&self, refused: &str) -> &'static str {
        match refused {
            "too_many_notifications" => self.too_many,
            "period_expired" => self.too_late,
            _ => self.wrong,
        }
    }

    /// What became of a mail, and how that is meant.
    pub fn outcome(&self, outcome: &str) -> (&'static str, Tone) {
        match outcome {
            "sent" => (self.sent, Tone::Good),
            "kept" => (self.kept, Tone::Good),
            "nobody" => (self.nobody, Tone::Care),
            "refused" => (self.bounced, Tone::Bad),
            "given_up" => (self.given_up, Tone::Bad),
            _ => (self.waiting, Tone::Plain),
        }
    }

    /// 挿入項目.
    pub fn block(&self, kind: Kind) -> &'static str {
        match kind {
            Kind::Order => self.block_order,
            Kind::Amounts => self.block_amounts,
            Kind::Contact => self.block_contact,
            Kind::Payment => self.block_payment,
            Kind::Shipping => self.block_shipping,
        }
    }

    /// Why a block cannot be inserted.
    pub fn no_block(&self, kind: Kind) -> &'static str {
        match kind {
            Kind::Contact => self.insert_no_contact,
            Kind::Order | Kind::Amounts | Kind::Payment | Kind::Shipping => self.insert_none,
        }
    }

    /// What is wrong with the subject; empty if nothing is.
    pub fn wrong_subject(&self, checked: &CheckedText) -> String {
        match checked.count {
            0 => self.need_subject.to_owned(),
            count if count > checked.most => self.long_subject.replace("{}", &count.to_string()),
            _ if checked.broken => self.lines.to_owned(),
            _ => self.unfit(checked, self.place_one),
        }
    }

    /// What is wrong with the text; empty if nothing is.
    pub fn wrong_body(&self, checked: &CheckedText) -> String {
        match checked.count {
            0 => self.need_body.to_owned(),
            count if count > checked.most => self.long_body.replace("{}", &count.to_string()),
            _ => self.unfit(checked, self.place),
        }
    }

    /// Characters that are named in one sentence.
    fn unfit(&self, checked: &CheckedText, place: &str) -> String {
        const NAMED: usize = 10;
        if checked.unfit.is_empty() {
            return String::new();
        }
        let named = checked.unfit.iter().take(NAMED).map(|unfit| at(place, unfit));
        let more = (checked.unfit.len() > NAMED).then(|| self.more.to_owned());
        self.unfit.replace("{}", &named.chain(more).collect::<Vec<_>>().join("、"))
    }
}

/// What cannot be seen is shown by its number.
fn at(place: &str, Pointed(unfit): &Pointed) -> String {
    let character = if unfit.character.is_control() || unfit.character.is_whitespace() {
        format!("U+{:04X}", u32::from(unfit.character))
    } else {
        unfit.character.to_string()
    };
    let place = place.replace("{line}", &unfit.line.to_string()).replace("{column}", &unfit.column.to_string());
    place.replace("{character}", &character)
}
