//! Saved searches on the page of the list: saved, opened, deleted and brought back there.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use pay::orders::Search;
use pay::orders::view::{self, NewView, Refused};
use store::{StoreError, Tx};

use super::asked::{self, Asked};
use super::list;
use crate::staff::{Desk, posted};
use crate::texts;
use crate::ui::{Frame, Posted, Problem, Query, Tone};

texts! {
    /// What is said of saved searches.
    ViewText {
        title: "保存した検索", "Saved searches";
        save: "この検索を保存", "Save this search";
        name: "名前", "Name";
        shared: "全員で共有", "For everybody";
        all_staff: "共有", "shared";
        submit: "保存", "Save";
        delete: "削除", "Delete";
        delete_of: "保存した検索「{}」を削除", "Delete the saved search {}";
        deleted: "保存した検索「{}」を削除しました。", "The saved search {} was deleted.";
        undo: "元に戻す", "Undo";
        saved: "検索「{}」を保存しました。", "The search {} was saved.";
        wrong_name: "名前を1~60文字で入力してください。", "Enter a name of 1 to 60 characters.";
        wrong_search: "検索条件を読み取れません。", "The search could not be read.";
        too_many: "保存できる検索は200件までです。使わないものを削除してください。", "At most 200 searches are kept. Delete some.";
        not_restored: "元に戻せませんでした。同じ名前の検索があります。", "It could not be brought back: there is another of its name.";
    }
}

/// What the list shows of them.
pub(super) struct Views {
    pub t: &'static ViewText,
    pub rows: Vec<Row>,
    /// The one that was deleted just now: id and name.
    pub gone: Option<(String, String)>,
    /// The search of the page, as addresses spell it.
    pub search: String,
    /// The name that was typed.
    pub name: String,
    /// What is wrong with it.
    pub wrong: &'static str,
}

pub(super) struct Row {
    pub id: String,
    pub name: String,
    pub href: String,
    pub is_here: bool,
    pub is_shared: bool,
}

/// Loads them; the name of the one that was just saved.
pub(super) async fn load(desk: &Desk, search: &Search) -> Result<(Views, Option<String>), StoreError> {
    let query = Query::of(&desk.visit.path);
    let (shop, staff) = (desk.shop(), desk.staff.id.clone());
    let removed = query.get("removed").to_owned();
    let removed = if is_id(&removed) { removed } else { String::new() };
    let read = move |tx: &mut Tx<'_>| {
        let gone = view::rows::find(tx, shop, &removed, true)?;
        Ok::<_, StoreError>((view::rows::all(tx, shop, Some(&staff))?, gone))
    };
    let (all, gone) = desk.visit.ui.store().read(read).await?;
    let path = desk.side.path("/orders");
    let here = search.query();
    let saved = all.iter().find(|view| query.is("saved", &view.id)).map(|view| view.name.clone());
    let gone = gone.filter(|view| view.staff.as_ref().is_none_or(|staff| *staff == desk.staff.id));
    let row = |view: view::View| Row {
        href: if view.search.is_empty() { path.clone() } else { format!("{path}?{}", view.search) },
        is_here: view.search == here && !here.is_empty(),
        is_shared: view.staff.is_none(),
        id: view.id,
        name: view.name,
    };
    let views = Views {
        t: ViewText::of(desk.visit.language),
        rows: all.into_iter().map(row).collect(),
        gone: gone.map(|view| (view.id, view.name)),
        search: here,
        name: String::new(),
        wrong: "",
    };
    Ok((views, saved))
}

/// `ov_` and 32 hex digits.
fn is_id(text: &str) -> bool {
    let digits = text.strip_prefix("ov_").filter(|digits| digits.len() == 32);
    digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// `POST …/orders/views`.
pub(super) async fn save(form: Posted) -> Result<Response, Response> {
    let (mut desk, form) = posted(form).await?;
    let t = ViewText::of(desk.visit.language);
    let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
    let (name, search) = (text("name"), text("search"));
    let staff = form.get("shared").is_none().then(|| desk.staff.id.clone());
    // The page that is shown again, and the switch of language, are those of the list.
    let path = desk.side.path("/orders");
    desk.visit.path = asked::back(&path, &search);
    let refuse = |desk: Desk, why: &Refused| {
        let wrong = match why {
            Refused::Name => t.wrong_name,
            Refused::Search(_) => t.wrong_search,
            Refused::TooMany => t.too_many,
        };
        list::refused_name(desk, name.clone(), wrong)
    };
    let new = match NewView::new(staff, &name, &search) {
        Ok(new) => new,
        Err(why) => return Ok(refuse(desk, &why).await),
    };
    let (shop, by, searched) = (desk.shop(), desk.by(), new.search.clone());
    let write = move |tx: &mut Tx<'_>| view::save(tx, shop, &new, &by);
    match desk.visit.ui.store().write(write).await.map_err(|error| desk.failed(&error))? {
        Ok(saved) => Ok(desk.visit.redirect(&asked::link(&path, &searched, &[("saved", &saved.id)]))),
        Err(why) => Ok(refuse(desk, &why).await),
    }
}

/// `POST …/orders/views/{view}/remove`.
pub(super) async fn remove(Path((_, id)): Path<(String, String)>, form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    if !is_id(&id) {
        return Err(desk.problem(Problem::Absent));
    }
    let (shop, by, staff, of) = (desk.shop(), desk.by(), desk.staff.id.clone(), id.clone());
    let write = move |tx: &mut Tx<'_>| {
        // Sent twice, it is gone already.
        let again = view::rows::find(tx, shop, &of, true)?.is_some();
        Ok::<_, StoreError>(view::remove(tx, shop, &of, Some(&staff), &by)?.is_some() || again)
    };
    let removed = desk.visit.ui.store().write(write).await.map_err(|error| desk.failed(&error))?;
    if !removed {
        return Err(desk.problem(Problem::Absent));
    }
    Ok(desk.visit.redirect(&back(&desk, form.get("search"), &[("removed", &id)])))
}

/// `POST …/orders/views/{view}/restore`.
pub(super) async fn restore(Path((_, id)): Path<(String, String)>, form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    if !is_id(&id) {
        return Err(desk.problem(Problem::Absent));
    }
    let (shop, by, staff, of) = (desk.shop(), desk.by(), desk.staff.id.clone(), id);
    let write = move |tx: &mut Tx<'_>| view::restore(tx, shop, &of, Some(&staff), &by);
    match desk.visit.ui.store().write(write).await.map_err(|error| desk.failed(&error))? {
        Some(view) => Ok(desk.visit.redirect(&back(&desk, form.get("search"), &[("saved", &view.id)]))),
        None => {
            let t = ViewText::of(desk.visit.language);
            let frame = Frame { path: desk.side.path("/orders"), ..desk.frame() }.saying(Tone::Bad, t.not_restored);
            Ok(list::shown(desk, frame, StatusCode::NOT_FOUND).await)
        }
    }
}

fn back(desk: &Desk, search: Option<&str>, more: &[(&str, &str)]) -> String {
    let asked = Asked::of(&Query::of(&format!("?{}", search.unwrap_or_default())));
    asked::link(&desk.side.path("/orders"), &asked.search().unwrap_or_default(), more)
}
