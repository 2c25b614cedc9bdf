//! Rotating a key: a new one counts at once, the old one until a chosen time.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use kernel::time::MICROS_PER_SECOND;
use shop::CredentialKind;
use shop::rotation::{self, Refused, Rotation};
use store::Tx;

use super::keys::{KeyText, failed, place};
use super::two_step::AskPage;
use super::{AccountText, at};
use crate::staff::{Desk, posted};
use crate::texts;
use crate::ui::frame::moment;
use crate::ui::{Choice, Frame, Posted, Problem, cookie};

texts! {
    /// What the pages say.
    RotateText {
        title: "キーの切り替え", "Rotate the key";
        lead: "新しいキーを作成します。古いキーは選んだ期間だけ、新しいキーと併用できます。その間に、サイトやプログラムのキーを入れ替えてください。",
            "A new key is made. The old one counts beside it for as long as you choose: replace it everywhere until then.";
        overlap: "古いキーを使える期間", "How long the old key counts";
        now: "今すぐ無効にする", "Not at all";
        now_more: "キーが漏れたときに選んでください。入れ替えるまで決済が止まります。",
            "If the key has leaked. Payments stop until it is replaced.";
        now_public: "入れ替えるまで、お支払いボタンは使えません。", "Payment buttons stop until it is replaced.";
        hour: "1時間", "An hour";
        day: "1日", "A day";
        week: "1週間", "A week";
        month: "30日", "30 days";
        submit: "切り替える", "Rotate";
        choose: "期間を選んでください。", "Choose how long.";
        end_title: "古いキーを今すぐ無効にする", "End the old key now";
        end_lead: "古いキーを今すぐ無効にしますか? 元に戻せません。このキーを使っているサイトやプログラムは、すぐに使えなくなります。",
            "End the old key now? This cannot be undone. Whatever still uses it stops at once.";
        kind: "種類", "Kind";
        id: "キーID", "Key id";
        expires: "有効期限", "Counts until";
    }
}

/// The choices of how long the old key counts, in hours.
const HOURS: [i64; 5] = [1, 24, 7 * 24, 30 * 24, 0];

#[derive(Template)]
#[template(path = "account/rotate.html")]
struct Page {
    frame: Frame,
    t: &'static RotateText,
    a: &'static AccountText,
    name: String,
    action: String,
    back: String,
    key: String,
    choices: Vec<Choice>,
    wrong: &'static str,
}

type Place = Path<(String, String, String)>;

/// `GET …/account/keys/{environment}/{kind}/rotate`.
pub(super) async fn show(Path((_, environment, kind)): Place, desk: Desk) -> Response {
    let key = cookie::secret(desk.visit.ui.entropy());
    match page(&desk, &environment, &kind, key, "24", "") {
        Some(page) => desk.visit.page(&page),
        None => desk.problem(Problem::Absent),
    }
}

fn page(desk: &Desk, environment: &str, kind: &str, key: String, chosen: &str, wrong: &'static str) -> Option<Page> {
    let language = desk.visit.language;
    let (t, a, k) = (RotateText::of(language), AccountText::of(language), KeyText::of(language));
    let environment = place(desk, environment)?;
    let kind = kind.parse::<CredentialKind>().ok()?;
    let name = k.kind(kind)?;
    let said = [t.hour, t.day, t.week, t.month, t.now];
    let now_more = if kind == CredentialKind::PublicKey { t.now_public } else { t.now_more };
    let choice = |(hours, text): (i64, &'static str)| {
        let choice = Choice::new(hours.to_string(), text, hours.to_string() == chosen);
        if hours == 0 { choice.meaning(now_more) } else { choice }
    };
    Some(Page {
        frame: desk.frame(),
        t,
        a,
        name: format!("{} {name}", k.environment(environment)),
        action: at(desk.side, &format!("keys/{environment}/{}/rotate", kind.as_str())),
        back: at(desk.side, "keys"),
        key,
        choices: HOURS.into_iter().zip(said).map(choice).collect(),
        wrong,
    })
}

/// `POST …/account/keys/{environment}/{kind}/rotate`.
pub(super) async fn rotate(Path((_, environment, kind)): Place, form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    let (key, chosen) = (form.get("key").unwrap_or_default(), form.get("overlap").unwrap_or_default());
    desk.confirmed(&at(desk.side, &format!("keys/{environment}/{kind}/rotate")))?;
    let t = RotateText::of(desk.visit.language);
    let again = page(&desk, &environment, &kind, key.to_owned(), chosen, t.choose);
    let again = again.ok_or_else(|| desk.problem(Problem::Absent))?;
    let hours = HOURS.into_iter().find(|hours| hours.to_string() == chosen);
    let Some(hours) = hours.filter(|_| !key.is_empty()) else {
        return Err(desk.visit.page_with(StatusCode::BAD_REQUEST, &again));
    };
    let (Ok(environment), Ok(kind)) = (environment.parse(), kind.parse()) else {
        return Err(desk.problem(Problem::Absent));
    };
    let overlap_micros = hours * 3_600 * MICROS_PER_SECOND;
    let rotation = Rotation { shop: desk.shop(), environment, kind, overlap_micros, key: key.to_owned() };
    let gateway = desk.visit.ui.gateway();
    let (vault, entropy, by) = (gateway.vault().clone(), gateway.shared_entropy(), desk.by());
    let write = move |tx: &mut Tx<'_>| rotation::rotate(tx, (&vault, entropy.as_ref()), &rotation, &by);
    gateway.store().write(write).await.map_err(|refused: Refused| failed(&desk, &refused))?;
    Ok(desk.visit.redirect(&format!("{}?done=rotated", at(desk.side, "keys"))))
}

/// `GET …/account/keys/{environment}/{id}/end`.
pub(super) async fn ask_end(Path((_, environment, id)): Place, desk: Desk) -> Result<Response, Response> {
    let environment = place(&desk, &environment).ok_or_else(|| desk.problem(Problem::Absent))?;
    let (shop, name) = (desk.shop(), id.clone());
    let find = move |tx: &mut Tx<'_>| shop::rows::find_credential(tx, shop, environment, &name);
    let found = desk.visit.ui.store().read(find).await.map_err(|error| desk.failed(&error))?;
    let old = found.and_then(|key| Some((key.kind, key.expires?)));
    let (kind, expires) = old.ok_or_else(|| desk.problem(Problem::Absent))?;
    let (t, k) = (RotateText::of(desk.visit.language), KeyText::of(desk.visit.language));
    let about = vec![
        (k.place, k.environment(environment).to_owned()),
        (t.kind, k.kind(kind).unwrap_or_default().to_owned()),
        (t.id, id.clone()),
        (t.expires, moment(expires)),
    ];
    let ask = AskPage::new(&desk, t.end_title, t.end_lead, &format!("keys/{environment}/{id}/end"));
    Ok(desk.visit.page(&AskPage { about, ..ask }))
}

/// `POST …/account/keys/{environment}/{id}/end`.
pub(super) async fn end(Path((_, environment, id)): Place, form: Posted) -> Result<Response, Response> {
    let (desk, _) = posted(form).await?;
    let environment = place(&desk, &environment).ok_or_else(|| desk.problem(Problem::Absent))?;
    let (shop, by) = (desk.shop(), desk.by());
    let write = move |tx: &mut Tx<'_>| rotation::end_now(tx, shop, environment, &id, &by);
    desk.visit.ui.store().write(write).await.map_err(|refused: Refused| failed(&desk, &refused))?;
    Ok(desk.visit.redirect(&format!("{}?done=ended", at(desk.side, "keys"))))
}
