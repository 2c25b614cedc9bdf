//! Signature (seed 000 "Signature"): the webhook secret that travels in `X-Lite-Webhook-Signature`, and the one that
//! signs and never travels. Shown on demand to who has just proved who they are, and changed with an overlap: the old
//! one travels until its end, so that a shop knows the new one before it comes.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use kernel::time::MICROS_PER_SECOND;
use kernel::{Environment, Timestamp};
use shop::rotation::{self, Refused, Rotation};
use shop::rows::SealedCredential;
use shop::{CredentialKind, Right};
use store::Tx;

use super::WebhookText;
use crate::staff::{Desk, posted};
use crate::texts;
use crate::ui::frame::moment;
use crate::ui::{Choice, Frame, Posted, Problem, Query, Tone};

texts! {
    /// What the pages say.
    SignatureText {
        title: "Signature", "Signature";
        lead: "HTTP(S)リクエストのヘッダーにWebhookの送信元を検証するためのSignatureを送信しています。御社サイトにて、ここに表示されるSignatureとHTTP(S)ヘッダーのX-Lite-Webhook-Signatureを比較する事により、送信元を検証できます。",
            "Every request carries the signature in X-Lite-Webhook-Signature: compare it with the one shown here to know where a request comes from.";
        lite: "Signature (X-Lite-Webhook-Signature)", "Signature (X-Lite-Webhook-Signature)";
        signing: "署名用シークレット (webhook-signature)", "Signing secret (webhook-signature)";
        signing_lead: "署名用シークレットは送信されません。webhook-signatureヘッダーの署名を御社サイトでこのシークレットから計算し、送信元と内容が変わっていないことを検証できます。",
            "The signing secret is never sent: with it your site computes the signature in webhook-signature, and so knows that a request is ours and unchanged.";
        kind: "種類", "Kind";
        state: "状態", "State";
        made: "作成日時", "Made";
        acts: "操作", "Actions";
        sent: "使用中", "Used now";
        sent_until: "{}まで送信", "Sent until {}";
        sent_from: "{}から送信", "Sent from {}";
        used: "使用中", "Used now";
        used_until: "{}まで使用", "Used until {}";
        show: "表示する", "Show";
        rotate: "切り替える", "Change it";
        end: "今すぐ新しいものに切り替える", "Use the new one now";
        audited: "表示した人と日時は監査ログに記録されます。", "Who shows it, and when, stands in the audit log.";
        copy: "コピー", "Copy";
        back: "Signatureに戻る", "Back to the signature";
        rotate_title: "Signatureの切り替え", "Change the signature";
        rotate_lead: "新しいSignatureを作成します。選んだ時期までは現在のSignatureを送り、その後は新しいSignatureを送ります。それまでに、御社サイトで新しいSignatureも受け入れるようにしてください。",
            "A new signature is made. The present one is sent until the time you choose, then the new one: let your site accept both until then.";
        rotate_signing: "新しい署名用シークレットを作成します。選んだ時期までは、古いものと新しいものの両方の署名を送ります。",
            "A new signing secret is made. Until the time you choose, requests carry the signatures of both.";
        overlap: "切り替える時期", "When it changes";
        now: "今すぐ切り替える", "Now";
        now_more: "漏れたときに選んでください。御社サイトに登録するまで、検証に失敗します。",
            "If it has leaked. Your site refuses requests until it knows the new one.";
        hour: "1時間後", "In an hour";
        day: "1日後", "In a day";
        week: "1週間後", "In a week";
        choose: "切り替える時期を選んでください。", "Choose when.";
        rotated: "新しいものを作成しました。「表示する」で確認して、御社サイトに登録してください。",
            "The new one is made. Show it, and let your site know it.";
        ended: "新しいものに切り替えました。", "The new one is used now.";
        not_yours: "本番用認証キーのSignatureは店舗管理者だけが表示できます。", "Only an owner may show that of production.";
    }
}

/// The choices of the overlap, in hours.
const HOURS: [i64; 4] = [1, 24, 7 * 24, 0];
/// The secrets of this page.
const KINDS: [CredentialKind; 2] = [CredentialKind::WebhookSecret, CredentialKind::WebhookSigningSecret];

#[derive(Template)]
#[template(path = "webhooks/signature.html")]
struct Page {
    frame: Frame,
    t: &'static WebhookText,
    s: &'static SignatureText,
    base: String,
    groups: Vec<Group>,
}

/// The secrets of an environment.
struct Group {
    /// Empty in Sandbox.
    name: &'static str,
    rows: Vec<Row>,
}

struct Row {
    kind: &'static str,
    state: String,
    tone: &'static str,
    made: String,
    /// Where it is shown; empty if who asks may not.
    reveal: String,
    rotate: String,
    end: String,
}

#[derive(Template)]
#[template(path = "webhooks/signature-shown.html")]
struct ShownPage {
    frame: Frame,
    s: &'static SignatureText,
    kind: &'static str,
    value: String,
    back: String,
}

#[derive(Template)]
#[template(path = "webhooks/signature-rotate.html")]
struct RotatePage {
    frame: Frame,
    t: &'static WebhookText,
    s: &'static SignatureText,
    lead: &'static str,
    /// Which keys it goes with.
    keys: &'static str,
    action: String,
    back: String,
    choices: Vec<Choice>,
    wrong: &'static str,
    key: String,
}

/// `GET /dashboard/{side}/webhooks/signature`.
pub(super) async fn show(desk: Desk) -> Result<Response, Response> {
    let (t, s) = (WebhookText::of(desk.visit.language), SignatureText::of(desk.visit.language));
    let (shop, environments) = (desk.shop(), desk.side.environments());
    let read = move |tx: &mut Tx<'_>| {
        let of = |environment: &Environment| Ok((*environment, shop::rows::credentials_of(tx, shop, *environment)?));
        environments.iter().map(of).collect::<Result<Vec<_>, store::StoreError>>()
    };
    let found = desk.visit.ui.store().read(read).await.map_err(|error| desk.failed(&error))?;
    let group = |(environment, credentials): (Environment, Vec<SealedCredential>)| Group {
        name: if environment == Environment::Sandbox { "" } else { t.environment(environment) },
        rows: KINDS.into_iter().flat_map(|kind| rows(&desk, s, kind, &credentials)).collect(),
    };
    let groups = found.into_iter().map(group).collect();
    let frame = match Query::of(&desk.visit.path).get("done") {
        "rotated" => desk.frame().saying(Tone::Good, s.rotated),
        "ended" => desk.frame().saying(Tone::Good, s.ended),
        _ => desk.frame(),
    };
    Ok(desk.visit.page(&Page { frame, t, s, base: desk.side.path("/webhooks"), groups }))
}

/// The secrets of one kind that count, the one that is used now first.
fn rows(desk: &Desk, s: &SignatureText, kind: CredentialKind, all: &[SealedCredential]) -> Vec<Row> {
    let now = desk.visit.ui.now();
    let mut ours: Vec<&SealedCredential> =
        all.iter().filter(|one| one.kind == kind && rotation::counts(one.expires, now)).collect();
    ours.sort_by_key(|one| (one.expires.is_none(), one.expires));
    let last_end = ours.iter().filter_map(|one| one.expires).max();
    let base = desk.side.path("/webhooks/signature");
    let row = |one: &&SealedCredential| {
        let (state, tone) = state(s, kind, one.expires, last_end);
        let may_change = desk.may(Right::ChangeKeys);
        let may_show = may_change || one.environment != Environment::Live;
        let at = |name: &str, verb: &str| format!("{base}/{}/{name}/{verb}", one.environment);
        let where_ = |can: bool, address: String| if can { address } else { String::new() };
        Row {
            kind: name(s, kind),
            state,
            tone: tone.class(),
            made: moment(one.created),
            reveal: where_(may_show, at(&one.id, "reveal")),
            rotate: where_(may_change && one.expires.is_none(), at(kind.as_str(), "rotate")),
            end: where_(may_change && one.expires.is_some(), at(&one.id, "end")),
        }
    };
    ours.iter().map(row).collect()
}

fn name(s: &SignatureText, kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::WebhookSigningSecret => s.signing,
        CredentialKind::WebhookSecret | CredentialKind::PublicKey | CredentialKind::PrivateKey => s.lite,
    }
}

/// What a secret is used for now; `last_end` is when the last of those that were rotated away ends.
fn state(
    s: &SignatureText,
    kind: CredentialKind,
    end: Option<Timestamp>,
    last_end: Option<Timestamp>,
) -> (String, Tone) {
    let travels = kind == CredentialKind::WebhookSecret;
    match (end, last_end) {
        (Some(end), _) => {
            let text = if travels { s.sent_until } else { s.used_until };
            (text.replace("{}", &moment(end)), Tone::Care)
        }
        (None, Some(from)) if travels => (s.sent_from.replace("{}", &moment(from)), Tone::Plain),
        (None, _) => ((if travels { s.sent } else { s.used }).to_owned(), Tone::Good),
    }
}

type Place = Path<(String, String, String)>;

/// The environment that a path names, if it is one of the side's.
fn place(desk: &Desk, environment: &str) -> Option<Environment> {
    desk.side.environments().iter().find(|known| known.as_str() == environment).copied()
}

/// The kind of secret that a path names.
fn kind_of(name: &str) -> Option<CredentialKind> {
    KINDS.into_iter().find(|kind| kind.as_str() == name)
}

/// On to the page where who asks proves again who they are; it leads back to this part.
fn failed(desk: &Desk, refused: &Refused) -> Response {
    match refused {
        Refused::Store(error) => desk.failed(error),
        Refused::NoSuch | Refused::Newest | Refused::Overlap => desk.problem(Problem::Absent),
    }
}

/// The secret of this name, if it is one of this page.
async fn find(desk: &Desk, environment: Environment, id: &str) -> Result<SealedCredential, Response> {
    let (shop, name) = (desk.shop(), id.to_owned());
    let well_formed = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let read = move |tx: &mut Tx<'_>| shop::rows::find_credential(tx, shop, environment, &name);
    let found = match well_formed {
        true => desk.visit.ui.store().read(read).await.map_err(|error| desk.failed(&error))?,
        false => None,
    };
    found.filter(|found| KINDS.contains(&found.kind)).ok_or_else(|| desk.problem(Problem::Absent))
}

/// `POST /dashboard/{side}/webhooks/signature/{environment}/{id}/reveal`.
pub(super) async fn reveal(Path((_, environment, id)): Place, form: Posted) -> Result<Response, Response> {
    let (desk, _) = posted(form).await?;
    let environment = place(&desk, &environment).ok_or_else(|| desk.problem(Problem::Absent))?;
    let found = find(&desk, environment, &id).await?;
    let s = SignatureText::of(desk.visit.language);
    if environment == Environment::Live && !desk.may(Right::ChangeKeys) {
        return Err(desk.problem(Problem::Forbidden));
    }
    desk.confirmed(&desk.side.path("/webhooks/signature"))?;
    let (vault, shop, by) = (desk.visit.ui.vault().clone(), desk.shop(), desk.by());
    let write = move |tx: &mut Tx<'_>| rotation::reveal(tx, &vault, (shop, environment, &id), &by);
    let secret = desk.visit.ui.store().write(write).await.map_err(|refused: Refused| failed(&desk, &refused))?;
    let back = desk.side.path("/webhooks/signature");
    // The switch of language leads back to what can be looked at.
    let frame = Frame { path: back.clone(), ..desk.frame() };
    Ok(desk.visit.page(&ShownPage { frame, s, kind: name(s, found.kind), value: secret.value, back }))
}

/// `GET /dashboard/{side}/webhooks/signature/{environment}/{id}/rotate`: of the kind that `id` names.
pub(super) async fn ask(Path((_, environment, kind)): Place, desk: Desk) -> Result<Response, Response> {
    let absent = || desk.problem(Problem::Absent);
    let environment = place(&desk, &environment).ok_or_else(absent)?;
    let kind = kind_of(&kind).ok_or_else(absent)?;
    Ok(asking(&desk, StatusCode::OK, (environment, kind), ""))
}

fn asking(
    desk: &Desk,
    status: StatusCode,
    (environment, kind): (Environment, CredentialKind),
    wrong: &'static str,
) -> Response {
    let (t, s) = (WebhookText::of(desk.visit.language), SignatureText::of(desk.visit.language));
    let back = desk.side.path("/webhooks/signature");
    let said = [s.hour, s.day, s.week, s.now];
    let choice = |(hours, text): (i64, &'static str)| {
        let choice = Choice::new(hours.to_string(), text, hours == 24);
        if hours == 0 { choice.meaning(s.now_more) } else { choice }
    };
    let page = RotatePage {
        frame: desk.frame(),
        t,
        s,
        lead: if kind == CredentialKind::WebhookSecret { s.rotate_lead } else { s.rotate_signing },
        keys: t.environment(environment),
        action: format!("{back}/{environment}/{}/rotate", kind.as_str()),
        back,
        choices: HOURS.into_iter().zip(said).map(choice).collect(),
        wrong,
        key: desk.new_key(),
    };
    desk.visit.page_with(status, &page)
}

/// `POST /dashboard/{side}/webhooks/signature/{environment}/{id}/rotate`.
pub(super) async fn rotate(Path((_, environment, kind)): Place, form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    let absent = || desk.problem(Problem::Absent);
    let environment = place(&desk, &environment).ok_or_else(absent)?;
    let kind = kind_of(&kind).ok_or_else(absent)?;
    desk.confirmed(&desk.side.path("/webhooks/signature"))?;
    let key = desk.key_of(&form).ok_or_else(|| desk.nameless())?;
    let chosen = form.get("overlap").unwrap_or_default();
    let Some(hours) = HOURS.into_iter().find(|hours| hours.to_string() == chosen) else {
        let wrong = SignatureText::of(desk.visit.language).choose;
        return Ok(asking(&desk, StatusCode::BAD_REQUEST, (environment, kind), wrong));
    };
    let overlap_micros = hours * 3_600 * MICROS_PER_SECOND;
    let rotation = Rotation { shop: desk.shop(), environment, kind, overlap_micros, key };
    let gateway = desk.visit.ui.gateway();
    let (vault, entropy, by) = (gateway.vault().clone(), gateway.shared_entropy(), desk.by());
    let write = move |tx: &mut Tx<'_>| rotation::rotate(tx, (&vault, entropy.as_ref()), &rotation, &by);
    gateway.store().write(write).await.map_err(|refused: Refused| failed(&desk, &refused))?;
    Ok(desk.visit.redirect(&desk.side.path("/webhooks/signature?done=rotated")))
}

/// `POST /dashboard/{side}/webhooks/signature/{environment}/{id}/end`: the new one is used from now on.
pub(super) async fn end(Path((_, environment, id)): Place, form: Posted) -> Result<Response, Response> {
    let (desk, _) = posted(form).await?;
    let environment = place(&desk, &environment).ok_or_else(|| desk.problem(Problem::Absent))?;
    find(&desk, environment, &id).await?;
    desk.confirmed(&desk.side.path("/webhooks/signature"))?;
    let (shop, by) = (desk.shop(), desk.by());
    let write = move |tx: &mut Tx<'_>| rotation::end_now(tx, shop, environment, &id, &by);
    desk.visit.ui.store().write(write).await.map_err(|refused: Refused| failed(&desk, &refused))?;
    Ok(desk.visit.redirect(&desk.side.path("/webhooks/signature?done=ended")))
}
