//! 利用機能編集: 全て選択, 確認する, 登録する (seed 001).

use ::mall::licence::{self, Functions};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use pay::http::form::Form;
use store::Tx;

use super::licences::{Function, LicenceText, failed, functions, keys};
use super::{Held, MarketText, at, mall_shop, sections};
use crate::staff::{Desk, posted};
use crate::texts;
use crate::ui::{Frame, Link, Posted, Query};

texts! {
    /// What the pages say.
    FunctionText {
        title: "利用機能編集", "Edit functions";
        lead: "ご利用するサービスを選んで「利用する」をチェックしてください。最後に「確認する」を押して更新内容を確認してください。",
            "Tick the functions to be used, then check what will change.";
        all: "全て選択", "Select all";
        none: "全て解除", "Select none";
        function_use: "利用する", "Use";
        check: "確認する", "Check";
        back: "前に戻る", "Back";
        confirm: "既に登録済の機能と、新しく利用する機能が表示されています。こちらの内容で問題ない場合は、「登録する」を押してください。",
            "These functions will be on. Register them if that is right.";
        may_extend: "APIの追加により、licenseKeyの有効期限が変わる場合があります。", "Adding functions may change when the licenseKey ends.";
        register: "登録する", "Register";
        nothing: "利用する機能はありません。", "No function will be on.";
        was_on: "利用中", "on";
        will_be_on: "利用する", "will be on";
        will_be_off: "利用をやめる", "will be off";
    }
}

#[derive(Template)]
#[template(path = "market/functions.html")]
struct Page {
    frame: Frame,
    t: &'static MarketText,
    l: &'static LicenceText,
    f: &'static FunctionText,
    links: Vec<Link>,
    functions: Vec<Function>,
    action: String,
    all: String,
    none: String,
    back: String,
}

/// A function as it will be.
struct Changed {
    name: String,
    meaning: [&'static str; 2],
    state: &'static str,
    tone: &'static str,
    /// Whether the form sends it.
    is_on: bool,
}

#[derive(Template)]
#[template(path = "market/functions-check.html")]
struct CheckPage {
    frame: Frame,
    t: &'static MarketText,
    l: &'static LicenceText,
    f: &'static FunctionText,
    links: Vec<Link>,
    functions: Vec<Changed>,
    action: String,
    back: String,
}

/// `GET …/mall/functions`; `?select=all` ticks every one, so that it works without script.
pub(super) async fn show(desk: Desk) -> Result<Response, Response> {
    let (keys, now, mall) = keys(&desk).await?;
    let newest = keys.first().filter(|key| key.counts(now));
    let Some(newest) = newest else { return Err(failed(&desk, licence::Refused::Ended)) };
    let on = match Query::of(&desk.visit.path).get("select") {
        "all" => Functions::all(),
        "none" => Functions::none(),
        _ => newest.functions.clone(),
    };
    let language = desk.visit.language;
    let (t, l, f) = (MarketText::of(language), LicenceText::of(language), FunctionText::of(language));
    Ok(desk.visit.page(&Page {
        frame: desk.frame(),
        t,
        l,
        f,
        links: sections(&desk, &mall, "/licences"),
        functions: functions(language, &on),
        action: at("/functions"),
        all: at("/functions?select=all"),
        none: at("/functions?select=none"),
        back: at("/licences"),
    }))
}

/// What a form ticks; names that there are not are not looked at.
fn ticked(form: &Form) -> Functions {
    let names = licence::listed().into_iter().map(|listed| listed.name);
    let on: Vec<String> = names.filter(|name| form.get(&format!("use.{name}")).is_some()).collect();
    Functions::named(on.iter().map(String::as_str)).unwrap_or_else(|_| Functions::none())
}

/// `POST …/mall/functions`: 確認する. Changes nothing.
pub(super) async fn check(form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    let (keys, now, mall) = keys(&desk).await?;
    let newest = keys.first().filter(|key| key.counts(now));
    let Some(newest) = newest else { return Err(failed(&desk, licence::Refused::Ended)) };
    let language = desk.visit.language;
    let f = FunctionText::of(language);
    let (before, wanted) = (functions(language, &newest.functions), functions(language, &ticked(&form)));
    let changed = before.into_iter().zip(wanted).filter(|(before, wanted)| before.is_on || wanted.is_on);
    let changed = changed.map(|(before, wanted)| {
        let (state, tone) = match (before.is_on, wanted.is_on) {
            (true, true) => (f.was_on, "plain"),
            (false, _) => (f.will_be_on, "good"),
            (true, false) => (f.will_be_off, "care"),
        };
        Changed { name: wanted.name, meaning: wanted.meaning, state, tone, is_on: wanted.is_on }
    });
    Ok(desk.visit.page(&CheckPage {
        frame: Frame { path: at("/functions"), ..desk.frame() },
        t: MarketText::of(language),
        l: LicenceText::of(language),
        f,
        links: sections(&desk, &mall, "/licences"),
        functions: changed.collect(),
        action: at("/functions/register"),
        back: at("/functions"),
    }))
}

/// `POST …/mall/functions/register`: 登録する.
pub(super) async fn register(State(held): State<Held>, form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    mall_shop(&desk).await?;
    let (shop, wanted, added, by) = (desk.shop(), ticked(&form), held.mall.added, desk.by());
    let write = move |tx: &mut Tx<'_>| licence::switch(tx, shop, (&wanted, added), &by);
    desk.visit.ui.store().write(write).await.map_err(|refused| failed(&desk, refused))?;
    Ok(desk.visit.redirect(&at("/licences?done=registered")))
}
