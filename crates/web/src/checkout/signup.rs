//! Making a buyer's account.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use pay::buyer::account::{self, NotSignedUp, SignUp};
use pay::buyer::address::WrongFields;
use pay::checkout::{NotDone, SessionId};

use super::Counter;
use super::frame::{Common, Field, base, refused};
use super::login::logged_in;
use super::text::{Text, wrong};
use crate::ui::frame::Tone;
use crate::ui::{Frame, Posted, Problem, Visit};

#[derive(Template)]
#[template(path = "checkout/signup.html")]
struct Page {
    frame: Frame,
    c: Common,
    fields: Vec<Field>,
}

/// `GET …/signup`.
pub async fn show(State(counter): State<Counter>, visit: Visit, Path(session): Path<String>) -> Response {
    let Ok(id) = session.parse::<SessionId>() else { return visit.problem(Problem::Absent) };
    let frame = visit.frame();
    page(&counter, &visit, &id, (StatusCode::OK, frame), &SignUp::default(), &Vec::new()).await
}

async fn page(
    counter: &Counter,
    visit: &Visit,
    id: &SessionId,
    (status, frame): (StatusCode, Frame),
    typed: &SignUp,
    wrong: &WrongFields,
) -> Response {
    match counter.checkout.view(id, None).await {
        Ok(view) if view.stage.is_open() => {
            let c = Common::of(visit, &view, None, 0);
            visit.page_with(status, &Page { frame, c, fields: fields(visit, typed, wrong) })
        }
        Ok(_) => visit.redirect(&base(id)),
        Err(error) => refused(counter, visit, id, error).await,
    }
}

fn fields(visit: &Visit, typed: &SignUp, wrongs: &WrongFields) -> Vec<Field> {
    let t = Text::of(visit.language);
    let field = |name: &'static str, label, kind, value: &str, autocomplete, more| {
        let found = wrongs.iter().find(|(wrong, _)| *wrong == name);
        let error = found.map_or("", |(_, why)| wrong(visit.language, *why));
        Field { name, label, kind, value: value.to_owned(), autocomplete, more, error }
    };
    vec![
        field("email", t.email, "email", &typed.email, "username", ""),
        field("password", t.password, "password", "", "new-password", t.password_more),
        field("last_name", t.last_name, "text", &typed.last_name, "family-name", ""),
        field("first_name", t.first_name, "text", &typed.first_name, "given-name", ""),
        field("last_name_kana", t.last_name_kana, "text", &typed.last_name_kana, "off", ""),
        field("first_name_kana", t.first_name_kana, "text", &typed.first_name_kana, "off", ""),
    ]
}

/// `POST …/signup`.
pub async fn sign_up(State(counter): State<Counter>, Path(session): Path<String>, posted: Posted) -> Response {
    let Posted { visit, form } = posted;
    let Ok(id) = session.parse::<SessionId>() else { return visit.problem(Problem::Absent) };
    let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
    let typed = SignUp {
        email: text("email"),
        password: text("password"),
        last_name: text("last_name"),
        first_name: text("first_name"),
        last_name_kana: text("last_name_kana"),
        first_name_kana: text("first_name_kana"),
    };
    let t = Text::of(visit.language);
    let counted = counter.checkout.count_account(visit.peer.address).await;
    if let Err(NotDone::TooManyTries(_)) = counted {
        let frame = visit.frame().saying(Tone::Bad, t.too_many_accounts);
        return page(&counter, &visit, &id, (StatusCode::TOO_MANY_REQUESTS, frame), &typed, &Vec::new()).await;
    }
    if let Err(error) = counted {
        return refused(&counter, &visit, &id, error).await;
    }
    let office = counter.office();
    let made = account::sign_up(office.store, office.passwords, office.entropy, typed.clone()).await;
    match made {
        Ok(account) => match office.begin(&account).await {
            Ok(log_in) => logged_in(&counter, &visit, &id, &log_in.buyer, &log_in.token).await,
            Err(_) => visit.problem(Problem::Unavailable),
        },
        Err(NotSignedUp::Wrong(wrong)) => {
            let frame = visit.frame();
            page(&counter, &visit, &id, (StatusCode::BAD_REQUEST, frame), &typed, &wrong).await
        }
        Err(NotSignedUp::Store(error)) => {
            tracing::error!(%error, "a buyer's account");
            visit.problem(Problem::Unavailable)
        }
    }
}
