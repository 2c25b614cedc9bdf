//! `/operator/shops/{shop}/brands`: which card brands a shop is approved for, and whose security code is compulsory.

use ::shop::information::rows::find;
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use pay::checkout::security_code::{self, BrandGroup, Change, Setting};
use store::{StoreError, Tx};

use super::text::OperatorText;
use super::{sections, shop_of};
use crate::staff::{Desk, posted};
use crate::ui::part::{Choice, Link};
use crate::ui::{Frame, Posted, Problem};

#[derive(Template)]
#[template(path = "operator/brands.html")]
struct Page {
    frame: Frame,
    t: &'static OperatorText,
    sections: Vec<Link>,
    number: i64,
    name: String,
    groups: Vec<(String, &'static str, Vec<Choice>)>,
}

/// `GET …/brands`.
pub(super) async fn ask(desk: Desk, Path(shop): Path<String>) -> Response {
    let Some(shop) = shop_of(&shop) else { return desk.problem(Problem::Absent) };
    let read = move |tx: &mut Tx<'_>| Ok::<_, StoreError>((find(tx, shop)?, security_code::all(tx, shop)?));
    let (known, settings) = match desk.visit.ui.store().read(read).await {
        Ok((Some(known), settings)) => (known, settings),
        Ok((None, _)) => return desk.problem(Problem::Absent),
        Err(error) => return desk.failed(&error),
    };
    let t = OperatorText::of(desk.visit.language);
    let group = |(group, Setting { approved, forced, .. }): (BrandGroup, Setting)| {
        let choices = vec![Choice::new("approved", t.may_take, approved), Choice::new("forced", t.must_ask, forced)];
        (group.as_str().to_owned(), t.group_name(group), choices)
    };
    let groups = settings.into_iter().map(group).collect();
    let (frame, sections) = (desk.frame(), sections(&desk));
    desk.visit.page(&Page { frame, t, sections, number: shop.0, name: known.name, groups })
}

/// `POST …/brands`: doing it twice is doing it once.
pub(super) async fn save(Path(shop): Path<String>, sent: Posted) -> Result<Response, Response> {
    let (desk, sent) = posted(sent).await?;
    let Some(shop) = shop_of(&shop) else { return Err(desk.problem(Problem::Absent)) };
    let wanted = BrandGroup::ALL.map(|group| {
        let is_on = |what: &str| Some(sent.get(&format!("{group}.{what}")).is_some());
        (group, Change { asked: None, approved: is_on("approved"), forced: is_on("forced") }, desk.by())
    });
    let write = move |tx: &mut Tx<'_>| {
        let known = find(tx, shop)?.is_some();
        for (group, before) in security_code::all(tx, shop)?.into_iter().filter(|_| known) {
            let Some((_, change, by)) = wanted.iter().find(|(wanted, ..)| *wanted == group) else { continue };
            // Nothing is asked of the operator's own settings that could be refused.
            let after = security_code::change(before, *change, true).unwrap_or(before);
            if after != before {
                security_code::save(tx, shop, group, after, by)?;
            }
        }
        Ok::<_, StoreError>(known)
    };
    match desk.visit.ui.store().write(write).await {
        Ok(true) => Ok(desk.visit.redirect(&format!("/operator/shops/{shop}?done=saved"))),
        Ok(false) => Err(desk.problem(Problem::Absent)),
        Err(error) => Err(desk.failed(&error)),
    }
}
