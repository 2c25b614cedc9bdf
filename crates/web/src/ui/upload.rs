//! A form with a file in it that one of our pages sent.

use axum::extract::{FromRef, FromRequest, FromRequestParts as _, Multipart, Request};
use axum::response::Response;
use pay::http::form::Form;

use super::problem::Problem;
use super::visit::Visit;
use super::{Ui, csrf};

/// Fields of such a form at the most.
const FIELDS_MAX: usize = 16;
/// Bytes of a field that is no file, at the most.
const FIELD_MAX: usize = 1_024;

/// A form with one file.
#[derive(Clone)]
pub struct Uploaded {
    /// The request.
    pub visit: Visit,
    /// Its fields but the file.
    pub form: Form,
    /// What came of the file.
    pub file: File,
}

/// What came of the file of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum File {
    /// None was chosen.
    None,
    /// It is larger than pages take.
    TooLarge,
    /// Its bytes.
    Bytes(Vec<u8>),
}

/// Bytes of a file at the most. Who reads it may draw the line lower.
const FILE_MAX: usize = 256 << 10;

impl<S: Send + Sync> FromRequest<S> for Uploaded
where
    Ui: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Uploaded, Response> {
        let (mut parts, body) = request.into_parts();
        let visit = Visit::from_request_parts(&mut parts, state).await?;
        if !csrf::is_ours(&parts.headers, visit.ui.gateway().base_url()) {
            return Err(visit.problem(Problem::Foreign));
        }
        let unreadable = || visit.problem(Problem::Unreadable);
        let parts = Multipart::from_request(Request::from_parts(parts, body), state).await;
        let (form, file) = read(parts.map_err(|_| unreadable())?).await.ok_or_else(unreadable)?;
        let given = form.get(csrf::FIELD).unwrap_or_default();
        if !csrf::holds(visit.ui.vault(), visit.bound_to(), given) {
            return Err(visit.problem(Problem::Expired));
        }
        Ok(Uploaded { visit, form, file })
    }
}

/// The fields and the file; none if it is no form of ours. The file comes last: what stood before it is known even if it
/// is too large.
async fn read(mut parts: Multipart) -> Option<(Form, File)> {
    let mut fields = Vec::new();
    let mut file = File::None;
    while let Ok(Some(mut part)) = parts.next_field().await {
        let name = part.name()?.to_owned();
        let is_file = part.file_name().is_some();
        let most = if is_file { FILE_MAX } else { FIELD_MAX };
        let mut bytes = Vec::new();
        let mut whole = true;
        loop {
            match part.chunk().await {
                Ok(Some(chunk)) if bytes.len() + chunk.len() <= most => bytes.extend_from_slice(&chunk),
                Ok(None) => break,
                Ok(Some(_)) | Err(_) => {
                    whole = false;
                    break;
                }
            }
        }
        match (is_file, whole) {
            (true, false) => return Some((Form::of(fields), File::TooLarge)),
            (true, true) if bytes.is_empty() => {}
            (true, true) => file = File::Bytes(bytes),
            (false, false) => return None,
            (false, true) => fields.push((name, String::from_utf8(bytes).ok()?)),
        }
        if fields.len() > FIELDS_MAX {
            return None;
        }
    }
    Some((Form::of(fields), file))
}
