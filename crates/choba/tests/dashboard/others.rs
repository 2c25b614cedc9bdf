//! What is of another shop is not there: every route that names an object, from the registers of pages and operations.

use std::collections::{BTreeMap, BTreeSet};

use choba::api::openapi::document;
use http::Method;
use kernel::Environment;
use serde_json::Value;
use shop::{Right, Scope};
use testkit::merchant::{basic, escaped};
use testkit::{Engine, Request, Setup, TestApp};
use web::ui::Access;

use crate::addresses::{self, Found};
use crate::operations::example;
use crate::world::{OWNER, STRANGER, World};

/// Logs in over HTTP; the session's cookie and the token of its forms.
async fn session(app: &TestApp, email: &str) -> (String, String) {
    let page = app.http.send(&Request::get("/login").header("accept", "text/html")).await;
    let visitor = cookie(&page.head, "choba-visitor");
    let form = [("email", email), ("password", crate::world::PASSWORD), ("csrf", &token(&page.text))];
    let reply = post(app, "/login", &visitor, &form).await;
    let session = cookie(&reply.head, "choba-staff");
    let page = addresses::get(app, "/password", &session).await;
    let csrf = token(&page.text);
    // Some pages want it again before they look at anything.
    let proof = [("password", crate::world::PASSWORD), ("csrf", csrf.as_str())];
    assert_eq!(post(app, "/dashboard/sandbox/account/confirm", &session, &proof).await.status, 303);
    (session, csrf)
}

fn cookie(head: &str, name: &str) -> String {
    let line = head.lines().filter_map(|line| line.strip_prefix("set-cookie: ")).find(|line| line.starts_with(name));
    line.and_then(|line| line.split(';').next()).unwrap_or_else(|| panic!("no {name} in {head}")).to_owned()
}

fn token(text: &str) -> String {
    let rest = text.split_once(r#"name="csrf" value=""#).expect("a form").1;
    rest.split('"').next().unwrap_or_default().to_owned()
}

async fn post(app: &TestApp, path: &str, cookie: &str, form: &[(&str, &str)]) -> testkit::Reply {
    let body: Vec<String> = form.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
    let request = Request::post(path, body.join("&")).header("cookie", cookie).header("accept", "text/html");
    app.http.send(&request.header("content-type", "application/x-www-form-urlencoded")).await
}

/// Placeholders that stand for words, not for objects.
const WORDS: [&str; 5] = ["{side}", "{environment}", "{kind}", "{act}", "{group}"];

/// Pages of what is no shop's own: a notice of the operator is for every shop.
const OF_ALL_SHOPS: [&str; 2] = ["/dashboard/{side}/notices/{id}/read", "/dashboard/{side}/notices/{id}/unread"];

/// Forms with a file.
const FILES: [&str; 1] = ["/dashboard/{side}/webhooks/{id}/certificate"];

/// A form with a token, a key and a file.
async fn upload(app: &TestApp, path: &str, cookie: &str, csrf: &str) -> testkit::Reply {
    let part = |name: &str, value: &str| {
        format!("--line\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let file = "--line\r\ncontent-disposition: form-data; name=\"certificate\"; filename=\"a.crt\"\r\n\r\nabc\r\n";
    let body = [part("csrf", csrf), part("key", &"0a".repeat(32)), file.to_owned(), "--line--\r\n".to_owned()].concat();
    let request = Request::post(path, body).header("cookie", cookie).header("accept", "text/html");
    app.http.send(&request.header("content-type", "multipart/form-data; boundary=line")).await
}

/// Segments that stand for objects.
fn objects(pattern: &str) -> usize {
    pattern.split('/').filter(|part| part.starts_with('{') && !WORDS.contains(part)).count()
}

#[tokio::test]
async fn pages_of_another_shops_objects_are_not_there() {
    let world = World::start().await;
    let app = &world.app;
    // On two devices, of which one shows the other.
    session(app, OWNER).await;
    let (owner, _) = session(app, OWNER).await;
    let (stranger, csrf) = session(app, STRANGER).await;
    let found = addresses::found(app, &owner, &world.more()).await;
    let limits = Setup::default().limits;
    let mut tried = 0;
    for page in app.wired.listed_pages(limits).iter().filter(|page| objects(page.path) > 0) {
        let is_operators = page.access == Access::With(Right::Operate);
        if page.access == Access::Everybody || is_operators || OF_ALL_SHOPS.contains(&page.path) {
            continue;
        }
        let addresses = examples(&found, &page.method, page.path);
        assert!(!addresses.is_empty(), "no example of {} {}", page.method, page.path);
        for address in addresses {
            let reply = match page.method {
                Method::GET => {
                    let own = addresses::get(app, &address, &owner).await;
                    assert!([200, 303].contains(&own.status), "{address}, for its own shop: {}", own.status);
                    addresses::get(app, &address, &stranger).await
                }
                _ if FILES.contains(&page.path) => upload(app, &address, &stranger, &csrf).await,
                _ => post(app, &address, &stranger, &[("csrf", &csrf), ("key", &"0a".repeat(32))]).await,
            };
            assert_eq!(reply.status, 404, "{} {address}: {}", page.method, reply.text);
            tried += 1;
        }
    }
    println!("{tried} addresses");
    assert!(tried > 0);
    world.finish().await;
}

/// Addresses of a pattern: those that were found, or made of addresses of pages and forms that name the same objects.
fn examples(found: &Found, method: &Method, pattern: &str) -> Vec<String> {
    let own = if *method == Method::GET { &found.pages } else { &found.forms };
    if let Some(own) = own.get(pattern).filter(|own| !own.is_empty()) {
        return own.clone();
    }
    let parts: Vec<&str> = pattern.split('/').collect();
    let last = parts.iter().rposition(|part| part.starts_with('{')).unwrap_or(0);
    let same = |known: &str| {
        let known: Vec<&str> = known.split('/').collect();
        known.len() > last && known[..=last] == parts[..=last]
    };
    let all = found.pages.iter().chain(&found.forms);
    let fitting = all.filter(|(known, _)| same(known)).flat_map(|(_, addresses)| addresses);
    let made = fitting.map(|address| {
        let head: Vec<&str> = addresses::place(address).split('/').take(last + 1).collect();
        [head.as_slice(), &parts[last + 1..]].concat().join("/")
    });
    made.collect::<BTreeSet<String>>().into_iter().collect()
}

/// What the objects of the first shop are called, by placeholder.
async fn names(world: &World) -> BTreeMap<&'static str, String> {
    let desk = world.app.webhooks().await;
    let first = |list: &Value| list["data"][0]["id"].as_str().expect("an id").to_owned();
    let mails = world.asked("get", &format!("/api/shops/1/sandbox/orders/{}/mails", world.orders[25])).await;
    let staff = world.asked("get", "/api/shops/1/staff").await;
    let keys = world.asked("get", "/api/shops/1/sandbox/keys").await;
    let licences = world.asked("get", "/api/shops/1/mall/licences").await;
    let requests = world.asked("get", "/api/shops/1/requests").await;
    let mailbox = world.asked("get", "/api/shops/1/sandbox/mailbox").await;
    session(&world.app, OWNER).await;
    let owner = staff["data"].as_array().expect("staff").iter().find(|one| one["email"] == OWNER).expect("the owner");
    let owner = owner["id"].as_str().expect("an id").to_owned();
    let sessions = world.asked("get", &format!("/api/shops/1/staff/{owner}/sessions")).await;
    BTreeMap::from([
        ("{licence}", first(&licences)),
        ("{invitation}", world.invitation.clone()),
        ("{staff}", owner),
        ("{session}", first(&sessions)),
        ("{request}", first(&requests)),
        ("{message}", first(&mailbox)),
        ("{key}", first(&keys)),
        ("{notice}", world.notice.clone()),
        ("{fee}", world.fee.clone()),
        ("{view}", world.view.clone()),
        ("{mail}", first(&mails)),
        ("{id}", world.open_order.clone()),
        ("{endpoint}", first(&desk.get("/webhooks").await)),
        ("{event}", first(&desk.get("/events").await)),
        ("{attempt}", first(&desk.get("/webhook-attempts").await)),
        ("{environment}", Environment::Sandbox.to_string()),
    ])
}

#[tokio::test]
async fn operations_on_another_shops_objects_find_nothing() {
    let world = World::start().await;
    let app = &world.app;
    let names = names(&world).await;
    let all: Vec<Scope> = Scope::ALL.to_vec();
    let theirs = app.token(Some(world.other.id), all).await;
    let key = basic(&format!("{}:", world.other.sandbox().private_key));
    let paths = document()["paths"].as_object().expect("paths");
    let mut tried = 0;
    for (path, item) in paths {
        for (method, operation) in item.as_object().expect("operations") {
            let is_ours = path.starts_with("/api/shops/{shop}");
            if !is_ours && (objects(path) == 0 || !path.starts_with("/sandbox/")) {
                continue;
            }
            // Our things below our shop, and our things below theirs.
            let shops = if is_ours { vec![app.shop.id, world.other.id] } else { vec![app.shop.id] };
            let is_theirs_too = path.contains("{notice}");
            for shop in shops.into_iter().filter(|shop| *shop == app.shop.id || objects(path) > 1 && !is_theirs_too) {
                let target = filled(&path.replace("{shop}", &shop.to_string()), &names);
                let authorization = if is_ours { format!("Bearer {theirs}") } else { key.clone() };
                let request = example(method, &target, operation).header("authorization", authorization);
                let reply = app.http.send(&request).await;
                // Whatever the shop is, the operator's operations are no shop's.
                let is_operators = reply.status == 403 && reply.text.contains("of the operator");
                assert!(reply.status == 404 || is_operators, "{method} {target}: {}", reply.text);
                tried += 1;
            }
        }
    }
    println!("{tried} requests");
    assert!(tried >= 40, "{tried}");
    world.finish().await;
}

fn filled(path: &str, names: &BTreeMap<&'static str, String>) -> String {
    let part = |part: &str| match part.starts_with('{') {
        true => names.get(part).unwrap_or_else(|| panic!("{path}: say in `names` what {part} is called")).clone(),
        false => part.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// The document is of the server that runs.
#[tokio::test]
async fn every_operation_of_the_server_is_tried() {
    let app = TestApp::start(Engine::Sqlite, Setup::default()).await;
    let limits = Setup::default().limits;
    for (_, path) in app.wired.app_without_workers(limits).operation_list() {
        assert!(document()["paths"][&path].is_object(), "{path}");
    }
    app.finish().await;
}
