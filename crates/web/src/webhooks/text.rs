//! What the pages of webhooks say.

use kernel::Environment;
use outbound::Failure;
use pay::ApiError;
use pay::webhook::EventType;
use pay::webhook::endpoint::{CertificateRefused, UrlRefused};

use crate::texts;
use crate::ui::Tone;

texts! {
    /// What the pages say.
    WebhookText {
        title: "Webhook", "Webhooks";
        add: "Webhook追加", "Add a webhook";
        change: "Webhook変更", "Change a webhook";
        delete: "Webhook削除", "Delete a webhook";
        change_short: "変更", "Change";
        delete_short: "削除", "Delete";
        deliveries: "配信ログ", "Delivery log";
        replay: "まとめて再送", "Send a range again";
        signature: "Signature", "Signature";
        event: "イベント", "Event";
        url: "エンドポイントURL", "Endpoint URL";
        environment: "環境", "Environment";
        state: "状態", "State";
        last: "最終配信", "Last delivery";
        certificate: "SSL証明書", "Certificate";
        acts: "操作", "Actions";
        none_yet: "まだありません", "None yet";
        no_kinds: "イベントが選択されていません。", "No event is chosen.";
        empty: "Webhookはまだ設定されていません", "There are no webhooks yet";
        empty_more: "「Webhook追加」から、イベントの通知先となるエンドポイントURLを設定してください。",
            "Add one: an endpoint URL of your server that hears of events.";
        active: "配信中", "Active";
        disabled: "停止中", "Disabled";
        disabled_shop: "店舗様の操作で停止しています。", "Your shop disabled it.";
        disabled_failing: "配信の失敗が続いたため、自動的に停止しました。", "It was disabled, because every delivery failed for days.";
        disabled_gone: "エンドポイントが410 Goneを返したため、自動的に停止しました。", "It was disabled, because it answered 410 Gone.";
        stopped_here: "このエンドポイントへの配信を停止しています。", "This endpoint gets no deliveries.";
        stopped: "配信を停止しているエンドポイントがあります: {}", "An endpoint gets no deliveries: {}";
        kept: "{}件のイベントが配信を待っています。再開すると順に配信されます。", "{} events wait for it; enabled, it gets them in order.";
        waiting: "配信待ち", "Waiting";
        events_count: "{}件", "{}";
        failing: "失敗が続いています", "Failing";
        failing_since: "失敗が続いている日時", "Failing since";
        enable: "配信を再開する", "Enable";
        disable: "配信を停止する", "Disable";
        created: "登録日時", "Added";
        save: "保存", "Save";
        cancel: "やめる", "Cancel";
        yes: "はい", "Yes";
        no: "いいえ", "No";
        back: "Webhookに戻る", "Back to webhooks";
        public_ca: "公的に信頼された証明書", "Publicly trusted";
        sandbox: "Sandbox", "Sandbox";
        live: "本番用認証キー", "Production keys";
        test: "テスト用認証キー", "Test keys";
        kind_check: "決済前の確認", "Check before a payment";
        kind_succeeded: "仮売上の発生", "Provisional sale made";
        kind_captured: "確定", "Captured";
        kind_refunded: "キャンセル", "Cancelled";
        kind_updated: "金額変更", "Amount changed";
        kind_ping: "疎通確認", "Connection check";
        url_https: "HTTPSのURLのみ設定できます。", "Only https.";
        url_both: "HTTPまたはHTTPSのURLを設定できます。", "http or https.";
        taken: "別のエンドポイントURLに設定済み: {}(変更するには、そちらの「Webhook変更」で外してください)",
            "Goes to {} (to change that, take it away there)";
        no_event: "イベントを1つ以上選択してください。", "Choose at least one event.";
        no_url: "エンドポイントURLを入力してください。", "Enter an endpoint URL.";
        event_taken: "選択したイベントには、別のエンドポイントURLが設定されています。", "Another endpoint hears of an event that you chose.";
        too_many: "登録できるエンドポイントの上限に達しています。", "There are as many endpoints as there can be.";
        wrong: "入力内容をご確認ください。", "Check what you entered.";
        reused: "この画面は一度送信されています。内容を確かめて、もう一度送信してください。",
            "This form was sent before with other content. Check it, and send it again.";
        busy: "ただいま処理できません。しばらくしてから、もう一度お試しください。", "Unavailable right now. Try again in a little while.";
        url_long: "URLが長すぎます。2000文字以内で入力してください。", "The URL has more than 2,000 characters.";
        url_wrong: "URLの形式が正しくありません。https:// から始まるURLを入力してください。", "It is no URL that can be requested.";
        url_user: "URLにユーザー名やパスワードを含めることはできません。", "A URL must not contain a user name or password.";
        url_fragment: "URLに # 以降の文字列を含めることはできません。", "A URL must not contain a fragment (#…).";
        url_private: "{} はインターネットから届かない内部用のアドレスのため、設定できません。公開されているURLを入力してください。",
            "{} is not a public address. Enter a URL that the internet can reach.";
        url_not_https: "この環境ではHTTPSのURLのみ設定できます。", "Here it must be https.";
        certificate_other_host: "登録済みのSSL証明書が、このURLのホストのものではありません。先にSSL証明書を削除してください。",
            "The certificate is not for the host of this URL. Delete the certificate first.";
        delete_ask: "このWebhookのエンドポイントURLを削除しますか?", "Delete this endpoint?";
        delete_waiting: "配信待ちのイベント{}件は配信されなくなります。", "{} events that wait for it will not be delivered.";
        certificate_delete: "SSL証明書削除", "Delete the certificate";
        certificate_delete_ask: "このSSL証明書を削除しますか? 削除後は、公的に信頼された証明書だけを受け入れます。",
            "Delete this certificate? Then only publicly trusted ones are accepted.";
        saved: "保存しました。", "Saved.";
        deleted: "削除しました。", "Deleted.";
        enabled_done: "配信を再開しました。", "Enabled.";
        disabled_done: "配信を停止しました。", "Disabled.";
        uploaded: "SSL証明書をアップロードしました。pingで通信をご確認ください。", "Uploaded. Check the connection with ping.";
        certificate_deleted: "SSL証明書を削除しました。", "The certificate was deleted.";
    }
}

texts! {
    /// What the pages of one endpoint, its certificate and its deliveries say.
    DeliveryText {
        copy: "本文をコピー", "Copy the body";
        current: "現在のSSL証明書", "Current certificate";
        no_certificate: "登録されていません。公的に信頼された認証局の証明書を受け入れます。",
            "None. Certificates of publicly trusted authorities are accepted.";
        no_need: "エンドポイントURLがHTTPのため、SSL証明書は使われません。", "The endpoint is http, which shows no certificate.";
        upload_title: "SSL証明書アップロード", "Upload a certificate";
        upload_more: "https通信で独自の証明書をお使いの場合に、SSLサーバ証明書ファイル(CRT形式またはCER形式、DERまたはPEM)をアップロードしてください。",
            "For a certificate of your own: the server's certificate as CRT or CER, DER or PEM.";
        how: "証明書ファイルの用意のしかた(Google Chrome)", "How to get the file (Google Chrome)";
        how_open: "WebhookエンドポイントURLにブラウザでアクセスする", "Open the endpoint URL in the browser.";
        how_show: "「保護された通信」(新しいChromeではサイト情報の「この接続は保護されています」)をクリックし、「証明書(有効)」を選択する",
            "In the site information of the address bar, open “Connection is secure” and choose “Certificate is valid”.";
        how_copy: "証明書ダイアログの「詳細」タブを選択し、「ファイルにコピー」(または「エクスポート」)をクリックする。お使いのブラウザごとに表示方法が異なります。",
            "On the “Details” tab of the certificate, choose “Copy to File” (or “Export”). Browsers show this in different ways.";
        how_next: "「次へ」をクリックする", "Choose “Next”.";
        how_der: "「DER encoded binary X.509」を選択し、「次へ」をクリックする", "Choose “DER encoded binary X.509”, then “Next”.";
        how_name: "「ファイル名」に証明書の保存先を設定し、「次へ」をクリックする", "Under “File name” say where to save it, then choose “Next”.";
        how_finish: "「完了」をクリックする", "Choose “Finish”.";
        how_here: "Dashboard > Webhookから、このエンドポイントの画面にアクセスする", "Come back to this page: Dashboard, Webhooks, this endpoint.";
        how_choose: "「SSL証明書アップロード」の「選択」をクリックし、保存した証明書を選択する", "Under “Upload a certificate”, choose the file that you saved.";
        how_upload: "選択した証明書が表示されていることを確認し、「アップロード」をクリックする", "See that its name is shown, and choose “Upload”.";
        how_check: "「現在のSSL証明書」にアップロードした証明書が表示されていることを確認する", "See that it is shown under “Current certificate”.";
        how_ping: "「ping」をクリックし、通信ができていることを確認する", "Choose “Ping” and see that the connection works.";
        choose: "選択", "Choose";
        upload: "アップロード", "Upload";
        subject: "発行先", "Subject";
        issuer: "発行者", "Issuer";
        hosts: "対象ホスト", "Hosts";
        valid_from: "有効期間の開始", "Valid from";
        valid_until: "有効期限", "Valid until";
        ends_soon: "あと{}日で期限が切れます", "Ends in {} days";
        ended: "期限切れ", "Expired";
        warn_soon: "SSL証明書の期限が近づいています: {}", "A certificate ends soon: {}";
        warn_ended: "SSL証明書の期限が切れているため、配信できません: {}", "A certificate has expired, so nothing is delivered: {}";
        no_file: "ファイルを選択してください。", "Choose a file.";
        file_large: "ファイルが大きすぎます。64KB以内の証明書を選択してください。", "The file is larger than 64 KiB.";
        file_key: "秘密鍵が含まれています。証明書だけを選択してください。この秘密鍵は漏えいしたものとして扱ってください。",
            "It contains a private key. Upload the certificate alone, and consider the key as leaked.";
        file_several: "証明書が複数含まれています。サーバ証明書だけを選択してください。", "It contains several certificates. Upload the server's alone.";
        file_damaged: "PEM形式のテキストが壊れています。", "The PEM text is damaged.";
        file_other: "証明書として読み取れません。CRT形式またはCER形式のファイルを選択してください。", "It is no certificate (CRT or CER, DER or PEM).";
        file_unusable: "TLSで使えない形式の証明書です。", "It is not of the version that TLS needs.";
        file_host: "エンドポイントのホスト {} の証明書ではありません。", "It is not for the endpoint's host {}.";
        file_expired: "有効期限が切れた証明書です。", "It has expired.";
        ping: "ping", "Ping";
        ping_result: "疎通確認の結果", "Connection check";
        request: "リクエスト", "Request";
        response: "レスポンス", "Response";
        no_response: "レスポンスはありません。", "There was no response.";
        fail_url: "このURLにはリクエストを送れません。", "This URL cannot be requested.";
        fail_private: "インターネットから届かない内部用のアドレスのため、接続しませんでした。", "It is not a public address, so nothing was connected to.";
        fail_name: "ホスト名のアドレスが見つかりませんでした。エンドポイントURLとDNSの設定をご確認ください。",
            "The host name has no address. Check the endpoint URL and your DNS.";
        fail_connect: "サーバーに接続できませんでした。サーバーが動いているか、ポートが開いているかをご確認ください。",
            "The server could not be connected to. Check that it runs and that its port is open.";
        fail_untrusted: "SSL証明書が信頼されていません。公的に信頼された証明書を使うか、この画面で証明書をアップロードしてください。",
            "The certificate is not trusted. Use a publicly trusted one, or upload yours.";
        fail_pin: "SSL証明書が、アップロードされたものと異なります。", "The certificate is not the one that was uploaded.";
        fail_expired: "SSL証明書の有効期限が切れています。", "The certificate has expired.";
        fail_early: "SSL証明書の有効期間がまだ始まっていません。", "The certificate is not valid yet.";
        fail_host: "SSL証明書が、このホストのものではありません。", "The certificate is not for this host.";
        fail_tls: "安全な接続(TLS)を確立できませんでした。", "No secure connection (TLS) could be made.";
        fail_slow: "時間内に応答がありませんでした。", "It did not answer in time.";
        fail_large: "応答が大きすぎます。", "The answer is too large.";
        fail_protocol: "応答が正しいHTTPではありませんでした。", "The answer was not proper HTTP.";
        no_body: "(本文なし)", "(no body)";
        body_unknown: "本文は表示できません(送信後に内容が変わったか、削除されています)。", "The body cannot be shown: what it was made from has changed or is gone.";
        cut: "レスポンスの先頭だけを保存しています。", "Only the beginning of the response is kept.";
        masked: "Signatureは webhook_******** に置き換えて表示しています。", "The signature is shown as webhook_********.";
        recent: "最近の配信", "Recent deliveries";
        all: "すべて", "All";
        all_deliveries: "すべての配信を見る", "All deliveries";
        when: "日時", "Time";
        order: "注文番号", "Order number";
        number: "試行", "Try";
        nth: "{}回目", "No. {}";
        took: "所要時間", "Took";
        result: "結果", "Result";
        delivered: "成功", "Delivered";
        refused: "失敗 {}", "Refused {}";
        unanswered: "応答なし", "No answer";
        refused_any: "失敗(2xx以外の応答)", "Refused (not 2xx)";
        from: "開始日時", "From";
        to: "終了日時", "Until";
        search: "検索", "Search";
        clear: "クリア", "Clear";
        older: "さらに古い配信", "Older deliveries";
        newest: "最新に戻る", "Back to the newest";
        nothing: "条件に合う配信はありません", "No delivery matches";
        nothing_more: "条件を減らすか、期間を広げてください。", "Remove a condition, or widen the time.";
        empty: "まだ配信がありません", "No deliveries yet";
        empty_of: "{}の配信はまだありません", "No deliveries yet: {}";
        nothing_of: "{}に、条件に合う配信はありません", "No delivery matches: {}";
        empty_more: "イベントが発生すると、ここに記録されます。", "When events happen, they are logged here.";
        unreadable: "「{}」を読み取れません。入力をご確認ください。", "“{}” could not be read. Check the value.";
        delivery: "配信の詳細", "Delivery";
        event_id: "イベントID", "Event id";
        endpoint: "エンドポイント", "Endpoint";
        resend: "このイベントを再送する", "Send this event again";
        resend_more: "今このイベントを受け取るエンドポイントへ、同じイベントIDで送ります。", "To the endpoint that hears of its type now, with the same event id.";
        resent: "再送を受け付けました。まもなく配信されます。", "It leaves again in a moment.";
        no_endpoint: "このイベントを受け取るエンドポイントが設定されていないため、再送できません。", "No endpoint hears of this type.";
        no_right: "再送する権限がありません。", "You have no right to send it again.";
        not_resendable: "疎通確認と決済前の確認は、再送できません。", "Connection checks and checks before a payment cannot be sent again.";
        replay_title: "まとめて再送", "Send a range again";
        replay_more: "期間内に発生したイベントを、古いものから順に送り直します。送る前に件数を確認できます。",
            "Events that happened in this time leave again, oldest first. You see how many before anything is sent.";
        count: "件数を確認する", "Count them";
        will: "{}件のイベントを再送します。", "{} events will be sent again.";
        will_none: "この期間に再送できるイベントはありません。", "There is nothing to send again in this time.";
        will_skip: "受け取るエンドポイントがない{}件は送られません。", "{} of types that no endpoint hears of are left out.";
        will_more: "続きのイベントがあります。再送後に、続きを再送できます。", "There are more; they can be sent after these.";
        replay_do: "{}件を再送する", "Send {} again";
        replayed: "{}件の再送を受け付けました。", "{} events leave again.";
        replay_on: "続きを再送する", "Go on";
        back_to_log: "配信ログに戻る", "Back to the log";
        events_label: "イベント", "Events";
        events_all: "選択しない場合は、すべてのイベントが対象です。", "None chosen: all of them.";
        retry_hint: "失敗した配信は、間隔をあけて自動的に再送されます。", "What failed is tried again by itself, with growing pauses.";
    }
}

impl WebhookText {
    /// What a type of event is called.
    pub fn kind(&self, kind: EventType) -> &'static str {
        match kind {
            EventType::Check => self.kind_check,
            EventType::Succeeded => self.kind_succeeded,
            EventType::Captured => self.kind_captured,
            EventType::Refunded => self.kind_refunded,
            EventType::Updated => self.kind_updated,
            EventType::Ping => self.kind_ping,
        }
    }

    /// What the keys of an environment are called.
    pub fn environment(&self, environment: Environment) -> &'static str {
        match environment {
            Environment::Sandbox => self.sandbox,
            Environment::Test => self.test,
            Environment::Live => self.live,
        }
    }

    /// Why an endpoint is disabled.
    pub fn disabled_for(&self, reason: &str) -> &'static str {
        match reason {
            "failing" => self.disabled_failing,
            "gone" => self.disabled_gone,
            _ => self.disabled_shop,
        }
    }

    /// Why a URL cannot be set.
    pub fn url_refused(&self, refused: &UrlRefused) -> String {
        use outbound::BadUrl;
        match refused {
            UrlRefused::TooLong => self.url_long.to_owned(),
            UrlRefused::Unusable(BadUrl::UserInfo) => self.url_user.to_owned(),
            UrlRefused::Unusable(BadUrl::Malformed | BadUrl::NotHttp | BadUrl::NoHost | BadUrl::BadPort) => {
                self.url_wrong.to_owned()
            }
            UrlRefused::Fragment => self.url_fragment.to_owned(),
            UrlRefused::NotHttps => self.url_not_https.to_owned(),
            UrlRefused::Forbidden(forbidden) => self.url_private.replace("{}", &forbidden.address.to_string()),
        }
    }

    /// What a refusal says that belongs to no field.
    pub fn refused(&self, error: &ApiError) -> &'static str {
        match error.code.as_str() {
            "event_taken" => self.event_taken,
            "too_many_endpoints" => self.too_many,
            "idempotency_key_reused" => self.reused,
            _ if error.status >= 500 => self.busy,
            _ => self.wrong,
        }
    }
}

impl DeliveryText {
    /// SSL証明書アップロード方法, step by step (seed 000).
    pub fn how_steps(&self) -> [&'static str; 12] {
        [
            self.how_open,
            self.how_show,
            self.how_copy,
            self.how_next,
            self.how_der,
            self.how_name,
            self.how_finish,
            self.how_here,
            self.how_choose,
            self.how_upload,
            self.how_check,
            self.how_ping,
        ]
    }

    /// What a try came to, and how that is meant.
    pub fn outcome(&self, outcome: &str, status: Option<i64>) -> (String, Tone) {
        match (outcome, status) {
            ("delivered", _) => (self.delivered.to_owned(), Tone::Good),
            (_, Some(status)) => (self.refused.replace("{}", &status.to_string()), Tone::Bad),
            (_, None) => (self.unanswered.to_owned(), Tone::Bad),
        }
    }

    /// Why nothing came back.
    pub fn failure(&self, failure: Failure) -> &'static str {
        match failure {
            Failure::BadUrl => self.fail_url,
            Failure::Forbidden => self.fail_private,
            Failure::NameNotFound => self.fail_name,
            Failure::Connect => self.fail_connect,
            Failure::NotTrusted => self.fail_untrusted,
            Failure::NotPinned => self.fail_pin,
            Failure::Expired => self.fail_expired,
            Failure::NotYetValid => self.fail_early,
            Failure::WrongHost => self.fail_host,
            Failure::Tls => self.fail_tls,
            Failure::TimedOut => self.fail_slow,
            Failure::TooLarge => self.fail_large,
            Failure::Protocol => self.fail_protocol,
        }
    }

    /// Why a file cannot be the certificate.
    pub fn file_refused(&self, refused: &CertificateRefused) -> String {
        use outbound::pin::BadCertificate;
        match refused {
            CertificateRefused::Unreadable(BadCertificate::TooLarge) => self.file_large.to_owned(),
            CertificateRefused::Unreadable(BadCertificate::PrivateKey) => self.file_key.to_owned(),
            CertificateRefused::Unreadable(BadCertificate::Several) => self.file_several.to_owned(),
            CertificateRefused::Unreadable(BadCertificate::DamagedPem) => self.file_damaged.to_owned(),
            CertificateRefused::Unreadable(BadCertificate::NotACertificate) => self.file_other.to_owned(),
            CertificateRefused::Unreadable(BadCertificate::Unusable) => self.file_unusable.to_owned(),
            CertificateRefused::NotHttps => self.no_need.to_owned(),
            CertificateRefused::OtherHost(host) => self.file_host.replace("{}", host),
            CertificateRefused::Expired => self.file_expired.to_owned(),
        }
    }
}
