//! 認証キー: the keys of the side, with their ends; a private key is shown on demand to who has just proved who they are,
//! and that is audited.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use kernel::{Environment, Timestamp};
use shop::rotation::{self, Refused};
use shop::{Credential, CredentialKind, Right, rows};
use store::{ErrorKind, StoreError, Tx};

use super::{AccountText, at, sections};
use crate::staff::{Desk, posted};
use crate::texts;
use crate::ui::frame::moment;
use crate::ui::{Frame, Link, Posted, Problem, Query, Tone};

texts! {
    /// What the pages say.
    KeyText {
        lead: "API等にアクセスするための認証キー(Public KeyとPrivate Key)です。Private Keyは人に見せたり、ページやプログラムの公開部分に書いたりしないでください。",
            "The keys that reach the API. Never show a private key to anybody, and never put it into a page.";
        sandbox: "Sandbox環境", "Sandbox";
        test: "Live環境(テスト用)", "Live (test keys)";
        live: "Live環境(本番用)", "Live (production keys)";
        public_key: "Public Key", "Public key";
        private_key: "Private Key", "Private key";
        kind: "種類", "Kind";
        value: "キー", "Key";
        state: "状態", "State";
        made: "作成日時", "Made";
        place: "環境", "Environment";
        id: "キーID: {}", "Key id: {}";
        act: "操作", "Action";
        counts: "有効", "Counts";
        until: "{}まで有効", "Counts until {}";
        over: "無効", "Counts no more";
        hidden: "非表示", "hidden";
        show: "表示する", "Show";
        rotate: "切り替える", "Rotate";
        end: "今すぐ無効にする", "End it now";
        audited: "表示した人と日時は監査ログに記録されます。", "Who shows a key, and when, stands in the audit log.";
        shown: "Private Key", "Private key";
        shown_more: "この画面を離れると、もう一度本人確認が必要になることがあります。",
            "Once you leave this page, you may have to prove again who you are.";
        rotated: "新しいキーを作成しました。古いキーは指定した時刻まで使えます。",
            "The new key counts. The old one counts until the time you chose.";
        ended: "古いキーを無効にしました。", "The old key counts no more.";
        confirmed: "確認できました。もう一度「表示する」を押してください。", "It is you. Press “Show” once more.";
        none: "この環境のキーはまだありません。", "There is no key of this environment yet.";
    }
}

impl KeyText {
    /// What an environment is called.
    pub(super) fn environment(&self, environment: Environment) -> &'static str {
        match environment {
            Environment::Sandbox => self.sandbox,
            Environment::Test => self.test,
            Environment::Live => self.live,
        }
    }

    /// What a kind of key is called; none of what stands on another page.
    pub(super) fn kind(&self, kind: CredentialKind) -> Option<&'static str> {
        match kind {
            CredentialKind::PublicKey => Some(self.public_key),
            CredentialKind::PrivateKey => Some(self.private_key),
            CredentialKind::WebhookSecret | CredentialKind::WebhookSigningSecret => None,
        }
    }
}

/// A key as the list shows it.
struct Row {
    kind: &'static str,
    id: String,
    /// Of a public key.
    value: Option<String>,
    tone: &'static str,
    state: String,
    made: String,
    /// Where it is shown.
    reveal: Option<String>,
    /// Why it is not shown.
    why_not: &'static str,
    rotate: Option<String>,
    end: Option<String>,
}

/// The keys of an environment.
struct Group {
    name: &'static str,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "account/keys.html")]
struct Page {
    frame: Frame,
    t: &'static KeyText,
    a: &'static AccountText,
    links: Vec<Link>,
    groups: Vec<Group>,
}

#[derive(Template)]
#[template(path = "account/key.html")]
struct ShownPage {
    frame: Frame,
    t: &'static KeyText,
    a: &'static AccountText,
    environment: &'static str,
    value: String,
    back: String,
}

/// `GET …/account/keys`.
pub(super) async fn show(desk: Desk) -> Response {
    let (t, a) = (KeyText::of(desk.visit.language), AccountText::of(desk.visit.language));
    let (vault, shop, environments) = (desk.visit.ui.vault().clone(), desk.shop(), desk.side.environments());
    let read = move |tx: &mut Tx<'_>| {
        let mut groups = Vec::new();
        for environment in environments {
            let mut keys = Vec::new();
            for sealed in rows::credentials_of(tx, shop, *environment)? {
                let (expires, kind) = (sealed.expires, sealed.kind);
                if matches!(kind, CredentialKind::PublicKey | CredentialKind::PrivateKey) {
                    let opened = sealed.open(&vault);
                    let opened = opened.map_err(|error| StoreError::new(ErrorKind::Corrupt, error.to_string()))?;
                    keys.push(Credential { expires, ..opened });
                }
            }
            // The ones that count now first, then the newest.
            keys.sort_by_key(|key| {
                (key.kind.as_str() != "public_key", key.expires.is_some(), std::cmp::Reverse(key.created))
            });
            groups.push((*environment, keys));
        }
        Ok::<_, StoreError>(groups)
    };
    let groups = match desk.visit.ui.store().read(read).await {
        Ok(groups) => groups,
        Err(error) => return desk.failed(&error),
    };
    let group = |(environment, keys): (Environment, Vec<Credential>)| Group {
        name: t.environment(environment),
        rows: keys.into_iter().filter_map(|key| row(&desk, t, key)).collect(),
    };
    let groups = groups.into_iter().map(group).collect();
    let frame = match Query::of(&desk.visit.path).get("done") {
        "rotated" => desk.frame().saying(Tone::Good, t.rotated),
        "ended" => desk.frame().saying(Tone::Good, t.ended),
        "confirmed" if desk.is_confirmed() => desk.frame().saying(Tone::Good, t.confirmed),
        _ => desk.frame(),
    };
    desk.visit.page(&Page { frame, t, a, links: sections(&desk, "keys"), groups })
}

fn row(desk: &Desk, t: &'static KeyText, key: Credential) -> Option<Row> {
    let Credential { environment, id, kind, value, created, expires, .. } = key;
    let name = t.kind(kind)?;
    let is_public = kind == CredentialKind::PublicKey;
    let counts = rotation::counts(expires, desk.visit.ui.now());
    let (tone, state) = state(t, expires, counts);
    let address = |rest: &str| at(desk.side, &format!("keys/{environment}/{rest}"));
    let may_change = desk.may(Right::ChangeKeys);
    let may_show = may_change || environment != Environment::Live;
    let reveal = (!is_public && counts && may_show).then(|| address(&format!("{id}/reveal")));
    Some(Row {
        kind: name,
        value: is_public.then_some(value),
        tone,
        state,
        made: moment(created),
        why_not: if counts && !may_show { AccountText::of(desk.visit.language).not_yours } else { "" },
        reveal,
        rotate: (expires.is_none() && may_change).then(|| address(&format!("{}/rotate", kind.as_str()))),
        end: (expires.is_some() && counts && may_change).then(|| address(&format!("{id}/end"))),
        id: t.id.replace("{}", &id),
    })
}

fn state(t: &KeyText, expires: Option<Timestamp>, counts: bool) -> (&'static str, String) {
    match expires {
        None => ("good", t.counts.to_owned()),
        Some(end) if counts => ("care", t.until.replace("{}", &moment(end))),
        Some(_) => ("plain", t.over.to_owned()),
    }
}

/// `POST …/account/keys/{environment}/{id}/reveal`.
pub(super) async fn reveal(
    Path((_, environment, id)): Path<(String, String, String)>,
    form: Posted,
) -> Result<Response, Response> {
    let (desk, _) = posted(form).await?;
    let environment = place(&desk, &environment).ok_or_else(|| desk.problem(Problem::Absent))?;
    if environment == Environment::Live && !desk.may(Right::ChangeKeys) {
        return Err(desk.problem(Problem::Forbidden));
    }
    // What was pressed is not sent again by itself: the page says that it has to be.
    desk.confirmed(&at(desk.side, "keys?done=confirmed"))?;
    let (vault, shop, by) = (desk.visit.ui.vault().clone(), desk.shop(), desk.by());
    let write = move |tx: &mut Tx<'_>| rotation::reveal(tx, &vault, (shop, environment, &id), &by);
    let key = desk.visit.ui.store().write(write).await.map_err(|refused| failed(&desk, &refused))?;
    let (t, a) = (KeyText::of(desk.visit.language), AccountText::of(desk.visit.language));
    let back = at(desk.side, "keys");
    let frame = Frame { path: back.clone(), ..desk.frame() };
    Ok(desk.visit.page(&ShownPage { frame, t, a, environment: t.environment(environment), value: key.value, back }))
}

/// The environment that a path names, if it is one of the side's.
pub(super) fn place(desk: &Desk, environment: &str) -> Option<Environment> {
    desk.side.environments().iter().copied().find(|known| known.as_str() == environment)
}

/// The page for a key that is not there, or a database that does not answer.
pub(super) fn failed(desk: &Desk, refused: &Refused) -> Response {
    match refused {
        Refused::Store(error) => desk.failed(error),
        Refused::NoSuch | Refused::Newest | Refused::Overlap => desk.problem(Problem::Absent),
    }
}
