//! 送信内容の確認 and 送信.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use pay::gateway::Change;
use pay::notification::draft::{self, Preview};
use pay::notification::{Refused, Wanted, operations};
use pay::orders::Look;
use pay::{ApiError, Asked};
use store::Tx;
use store::idempotency::RequestKey;

use super::editor::{self, Typed};
use super::text::MailsText;
use crate::orders::one;
use crate::staff::{Desk, posted};
use crate::ui::{Frame, Posted, Problem};

#[derive(Template)]
#[template(path = "orders/mail-confirm.html")]
struct Page {
    frame: Frame,
    t: &'static MailsText,
    own: String,
    preview: Preview,
    typed: Typed,
    key: String,
}

/// `POST /dashboard/{side}/orders/{id}/mails/preview`.
pub(super) async fn preview(Path((_, id)): Path<(String, String)>, form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    let look = one::find(&desk, &id).await?;
    let (typed, key) = (Typed::of(&form), desk.key_of(&form).ok_or_else(|| desk.nameless())?);
    let wanted = match wanted(&look, &typed) {
        Ok(wanted) => wanted,
        Err(refused) => return refuse(&desk, &look, typed, key, &ApiError::from(refused)).await,
    };
    let (shop, environment) = (desk.shop(), look.environment);
    let read = move |tx: &mut Tx<'_>| draft::preview(tx, shop, environment, &wanted);
    match desk.visit.ui.store().read(read).await.map_err(|error| desk.failed(&error))? {
        Err(refused) => refuse(&desk, &look, typed, key, &ApiError::from(refused)).await,
        Ok(preview) => Ok(desk.visit.page(&Page {
            frame: desk.frame().about(environment),
            t: MailsText::of(desk.visit.language),
            own: desk.side.path(&format!("/orders/{}", look.charge.number)),
            preview,
            typed,
            key,
        })),
    }
}

/// `POST /dashboard/{side}/orders/{id}/mails`.
pub(super) async fn send(Path((_, id)): Path<(String, String)>, form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    let look = one::find(&desk, &id).await?;
    let (typed, key) = (Typed::of(&form), desk.key_of(&form).ok_or_else(|| desk.nameless())?);
    let wanted = match wanted(&look, &typed) {
        Ok(wanted) => wanted,
        Err(refused) => return refuse(&desk, &look, typed, key, &ApiError::from(refused)).await,
    };
    let said = serde_json::to_vec(&(&typed.subject, &typed.body)).unwrap_or_default();
    let asked = desk.asked(look.environment, &form, &said).ok_or_else(|| desk.nameless())?;
    // The key stands with those of the order's other changes.
    let key_of_change = asked.key.map(|key| RequestKey { scope: look.environment.as_str(), ..key });
    let Asked { shop, environment, requester, .. } = asked;
    let change = Change { shop, environment, key: key_of_change, requester };
    match operations::ask(desk.visit.ui.gateway(), change, wanted).await {
        Ok(operations::Answer::Made(_)) => {
            let to = desk.side.path(&format!("/orders/{}?done=mail", look.charge.number));
            Ok(desk.visit.redirect(&to))
        }
        // The same form was refused before.
        Ok(operations::Answer::Kept(..)) => {
            let draft = editor::load(&desk, &look).await?;
            let t = MailsText::of(desk.visit.language);
            let notice = draft.refused.map_or(t.wrong, |refused| t.limit(refused));
            Ok(editor::page(&desk, (&look, &draft), typed, desk.new_key(), StatusCode::BAD_REQUEST, Some(notice)))
        }
        Err(error) => refuse(&desk, &look, typed, key, &error).await,
    }
}

fn wanted(look: &Look, typed: &Typed) -> Result<Wanted, Refused> {
    Wanted::new(&look.charge.number.to_string(), &typed.subject, &typed.body)
}

/// The editor again, with everything typed and the reason.
async fn refuse(desk: &Desk, look: &Look, typed: Typed, key: String, error: &ApiError) -> Result<Response, Response> {
    let t = MailsText::of(desk.visit.language);
    let (status, notice) = match error.code.as_str() {
        "period_expired" | "too_many_notifications" => (StatusCode::BAD_REQUEST, t.limit(&error.code)),
        "idempotency_key_reused" => (StatusCode::BAD_REQUEST, t.reused),
        _ if error.status >= 500 || error.code == "charge_locked" => (StatusCode::SERVICE_UNAVAILABLE, t.busy),
        _ if error.status == 404 => return Err(desk.problem(Problem::Absent)),
        _ => (StatusCode::BAD_REQUEST, t.wrong),
    };
    // Another content needs another name; what may still be under way keeps its own.
    let key = if status == StatusCode::SERVICE_UNAVAILABLE { key } else { desk.new_key() };
    let draft = editor::load(desk, look).await?;
    Ok(editor::page(desk, (look, &draft), typed, key, status, Some(notice)))
}
