//! SSL証明書アップロード and SSL証明書削除: the server certificate that is accepted instead of publicly trusted ones.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use kernel::Timestamp;
use pay::webhook::endpoint::CertificateRefused;
use sha2::{Digest as _, Sha256};

use super::remove::Question;
use super::{DeliveryText, WebhookText, failed, one};
use crate::staff::{Desk, posted};
use crate::ui::frame::moment;
use crate::ui::upload::File;
use crate::ui::{Posted, Tone, Uploaded};

/// `POST /dashboard/{side}/webhooks/{id}/certificate`.
pub(super) async fn upload(Path((_, id)): Path<(String, String)>, sent: Uploaded) -> Result<Response, Response> {
    let Uploaded { visit, form, file } = sent;
    let desk = Desk::of(visit).await?;
    let (t, d) = (WebhookText::of(desk.visit.language), DeliveryText::of(desk.visit.language));
    let (environment, endpoint) = super::endpoint(&desk, &id).await?;
    let file = match file {
        File::Bytes(file) => Ok(file),
        File::None => Err(d.no_file),
        File::TooLarge => Err(d.file_large),
    };
    let error = match file {
        Err(error) => error.to_owned(),
        Ok(file) => {
            let asked = desk.asked(environment, &form, &Sha256::digest(&file)).ok_or_else(|| desk.nameless())?;
            let webhooks = desk.visit.ui.gateway().webhooks();
            match webhooks.set_certificate(&asked, &id, file.clone()).await {
                Ok(_) => {
                    let to = desk.side.path(&format!("/webhooks/{id}?done=uploaded"));
                    return Ok(desk.visit.redirect(&to));
                }
                Err(error) if error.status == 404 => return Err(failed(&desk, &error)),
                Err(error) => {
                    let why: Option<CertificateRefused> = webhooks.certificate_refused(&file, &endpoint.url);
                    why.map_or_else(|| t.refused(&error).to_owned(), |why| d.file_refused(&why))
                }
            }
        }
    };
    let frame = desk.frame().saying(Tone::Bad, error.clone());
    one::page(&desk, frame, StatusCode::BAD_REQUEST, (environment, endpoint), error).await
}

/// `GET /dashboard/{side}/webhooks/{id}/certificate/delete`.
pub(super) async fn ask(desk: Desk, Path((_, id)): Path<(String, String)>) -> Result<Response, Response> {
    let (t, d) = (WebhookText::of(desk.visit.language), DeliveryText::of(desk.visit.language));
    let (_, endpoint) = super::endpoint(&desk, &id).await?;
    let back = desk.side.path(&format!("/webhooks/{id}"));
    let mut facts = vec![(t.url, endpoint.url)];
    if let Some(pinned) = endpoint.certificate {
        let until = moment(Timestamp::from_seconds(pinned.not_after));
        facts.extend([(d.subject, pinned.subject), (d.valid_until, until)]);
    }
    Ok(desk.visit.page(&Question {
        frame: desk.frame(),
        t,
        title: t.certificate_delete,
        question: t.certificate_delete_ask,
        facts,
        more: String::new(),
        action: format!("{back}/certificate/delete"),
        back,
        key: desk.new_key(),
    }))
}

/// `POST /dashboard/{side}/webhooks/{id}/certificate/delete`.
pub(super) async fn delete(Path((_, id)): Path<(String, String)>, form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    let (environment, _) = super::endpoint(&desk, &id).await?;
    let asked = desk.asked(environment, &form, b"").ok_or_else(|| desk.nameless())?;
    let done = desk.visit.ui.gateway().webhooks().remove_certificate(&asked, &id).await;
    done.map_err(|error| failed(&desk, &error))?;
    Ok(desk.visit.redirect(&desk.side.path(&format!("/webhooks/{id}?done=certificate"))))
}
