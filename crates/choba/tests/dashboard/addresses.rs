//! Addresses of every registered page: pages without an id as they are, the others found by following the links of those
//! that were found before, as a person finds them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use http::Method;
use testkit::{Reply, Request, TestApp};
use web::ui::Access;
use web::ui::pages::Listed;

/// Not pages: what browsers load by themselves.
const FILES: [&str; 3] = ["/s/{file}", "/s/images/{file}", "/favicon.ico"];

/// Addresses of a form at the most.
const OF_A_FORM: usize = 3;

/// What was found, by pattern.
#[derive(Default)]
pub struct Found {
    /// Addresses of pages.
    pub pages: BTreeMap<&'static str, Vec<String>>,
    /// Where their forms are sent.
    pub forms: BTreeMap<&'static str, Vec<String>>,
}

/// GET routes of pages.
pub fn patterns(app: &TestApp) -> Vec<Listed> {
    let limits = testkit::Setup::default().limits;
    let listed = app.wired.listed_pages(limits).into_iter();
    listed.filter(|page| page.method == Method::GET && !FILES.contains(&page.path)).collect()
}

/// Whether a path is one of a pattern: `/requests/{id}`.
pub fn fits(pattern: &str, path: &str) -> bool {
    let (of_pattern, of_path): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), path.split('/').collect());
    let part = |(pattern, path): (&&str, &&str)| pattern.starts_with('{') && !path.is_empty() || pattern == path;
    of_pattern.len() == of_path.len() && of_pattern.iter().zip(&of_path).all(part)
}

/// The pattern that serves a path: one without a placeholder counts before one with.
pub fn pattern_of<'a>(patterns: &'a [Listed], path: &str) -> Option<&'a Listed> {
    let fitting = patterns.iter().filter(|page| fits(page.path, path));
    fitting.min_by_key(|page| page.path.matches('{').count())
}

/// Addresses of every pattern that a session may see, one of each kind ([`kind`]), plain ones first; those that lead on
/// to another page, or are no page, have none. `more` are looked at besides.
pub async fn found(app: &TestApp, cookie: &str, more: &[String]) -> Found {
    let patterns = patterns(app);
    let mut known: BTreeSet<String> = BTreeSet::new();
    let mut found = Found::default();
    let limits = testkit::Setup::default().limits;
    let posts: Vec<Listed> =
        app.wired.listed_pages(limits).into_iter().filter(|page| page.method == Method::POST).collect();
    let guessed: Vec<String> = patterns.iter().flat_map(|page| plain(page.path)).collect();
    let mut waiting: VecDeque<String> = guessed.iter().cloned().collect();
    waiting.extend(more.iter().cloned());
    while let Some(address) = waiting.pop_front() {
        let pattern = pattern_of(&patterns, place(&address)).filter(|page| page.access != Access::Everybody);
        let Some(pattern) = pattern else { continue };
        let is_new = known.insert(kind(pattern.path, &address));
        if !is_new && !more.contains(&address) {
            continue;
        }
        let reply = get(app, &address, cookie).await;
        if guessed.contains(&address) && [400, 404].contains(&reply.status) {
            // Without a question there is nothing at it; some link asks one.
            known.remove(&kind(pattern.path, &address));
            continue;
        }
        let of_pattern = found.pages.entry(pattern.path).or_default();
        assert!([200, 303].contains(&reply.status), "{address}: {} {}", reply.status, reply.text);
        if reply.status == 200 && reply.header("content-type").is_some_and(|kind| kind.starts_with("text/html")) {
            waiting.extend(named(&reply, "href"));
            if !of_pattern.contains(&address) {
                of_pattern.push(address);
            }
            for action in named(&reply, "action") {
                if let Some(pattern) = pattern_of(&posts, place(&action)) {
                    let of_pattern = found.forms.entry(pattern.path).or_default();
                    if !of_pattern.contains(&action) && of_pattern.len() < OF_A_FORM {
                        of_pattern.push(action);
                    }
                }
            }
        } else if let Some(to) = reply.header("location") {
            waiting.push_back(to.to_owned());
        }
    }
    found
}

/// What tells addresses of a pattern apart: the side of the dashboard, and whether something was asked for.
fn kind(pattern: &str, address: &str) -> String {
    let side = place(address).strip_prefix("/dashboard/").and_then(|rest| rest.split('/').next()).unwrap_or_default();
    format!("{pattern} {side} {}", address.contains('?'))
}

/// The path of an address.
pub fn place(address: &str) -> &str {
    address.split('?').next().unwrap_or_default()
}

/// A pattern without ids, on both sides.
fn plain(pattern: &str) -> Vec<String> {
    let sides = ["sandbox", "live"].map(|side| pattern.replace("{side}", side)).to_vec();
    let mut plain: Vec<String> = sides.into_iter().filter(|path| !path.contains('{')).collect();
    plain.dedup();
    plain
}

/// Where the links of a page lead on this server (`href`), or its forms (`action`).
fn named(page: &Reply, attribute: &str) -> Vec<String> {
    let before = format!(" {attribute}=\"");
    let addresses = page.text.split(&before).skip(1).filter_map(|rest| rest.split('"').next());
    let ours = addresses.filter(|address| address.starts_with('/')).map(|address| {
        let address = address.replace("&amp;", "&").replace("&#38;", "&");
        address.split('#').next().unwrap_or_default().to_owned()
    });
    ours.collect()
}

/// A GET with a session.
pub async fn get(app: &TestApp, address: &str, cookie: &str) -> Reply {
    let request = Request::get(address).header("cookie", cookie).header("accept", "text/html");
    app.http.send(&request).await
}
