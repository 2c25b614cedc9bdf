//! The table of rights, by hand, walked over every route of the register with every role: what is allowed is never refused
//! for want of a right, what is not allowed always is, and nobody gets anywhere without a login.

use std::path::Path;

use http::Method;
use shop::{Duties, Right, Role};
use testkit::TestApp;
use testkit::app::on_both;
use testkit::http::Reply;
use web::Access;

use crate::browser::{Browser, make_staff_with};

/// What the page says to who has no right to it.
const FORBIDDEN: &str = "この操作を行う権限がありません";

/// Who may what, by hand: owner, orders, shipping, accounting, developer.
const TABLE: [(Right, [u8; 5]); 22] = [
    (Right::SeeFigures, [1, 1, 1, 1, 1]),
    (Right::SeeOrders, [1, 1, 1, 1, 1]),
    (Right::ExportOrders, [1, 1, 0, 1, 0]),
    (Right::Capture, [1, 1, 1, 0, 0]),
    (Right::Cancel, [1, 1, 0, 0, 0]),
    (Right::ChangeAmount, [1, 1, 0, 0, 0]),
    (Right::SendMail, [1, 1, 1, 0, 0]),
    (Right::SeeMails, [1, 1, 1, 0, 0]),
    (Right::SeeWebhooks, [1, 0, 0, 0, 1]),
    (Right::ChangeWebhooks, [1, 0, 0, 0, 1]),
    (Right::SeeRequests, [1, 0, 0, 0, 1]),
    (Right::SeeImages, [1, 1, 0, 0, 1]),
    (Right::SeeKeys, [1, 0, 0, 0, 1]),
    (Right::SeeLicences, [1, 0, 0, 0, 1]),
    (Right::ChangeLicences, [1, 0, 0, 0, 1]),
    (Right::ChangeMall, [1, 1, 0, 0, 1]),
    (Right::ChangeKeys, [1, 0, 0, 0, 0]),
    (Right::ChangeSettings, [1, 0, 0, 0, 0]),
    (Right::SeeShop, [1, 1, 1, 1, 1]),
    (Right::ManageStaff, [1, 0, 0, 0, 0]),
    (Right::SeeAudit, [1, 0, 0, 0, 0]),
    // Of who runs the server, whatever their roles.
    (Right::Operate, [0, 0, 0, 0, 0]),
];

const ROLES: [Role; 5] = [Role::Owner, Role::Orders, Role::Shipping, Role::Accounting, Role::Developer];

fn expected(right: Right, duties: &Duties) -> bool {
    if right == Right::Operate {
        return duties.is_operator();
    }
    let (_, row) = TABLE.iter().find(|(known, _)| *known == right).expect("every right is in the table");
    ROLES.iter().zip(row).any(|(role, has)| *has == 1 && duties.roles().contains(role))
}

/// A path of the register with something in the place of each parameter.
fn filled(path: &str) -> String {
    let part = |part: &str| match part {
        "{side}" | "{environment}" => "sandbox".to_owned(),
        "{kind}" => "private_key".to_owned(),
        other if other.starts_with('{') => "0000000000000000".to_owned(),
        other => other.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

fn register(app: &TestApp) -> Vec<(Method, &'static str, Access)> {
    let log = pay::request_log::again::Log { recorder: app.wired.recorder.clone(), routes: Default::default() };
    let background = app.wired.background();
    let mall = web::market::Mall { background, added: mall::licence::Added::KeepsEnd };
    let pages = web::pages(&web::Ui::new(app.wired.gateway.clone()), &log, &mall);
    pages.listed().iter().map(|listed| (listed.method.clone(), listed.path, listed.access)).collect()
}

#[tokio::test]
async fn every_route_opens_to_the_roles_of_the_table_and_to_nobody_else() {
    on_both(async |app| {
        let routes = register(app);
        assert!(routes.len() > 50, "{}", routes.len());
        let mut people: Vec<Duties> = ROLES.map(|role| Duties::of(&[role], false)).to_vec();
        people.push(Duties::of(&[], true));
        for duties in people {
            let email =
                format!("{}@shop.example", if duties.is_operator() { "operator".into() } else { duties.joined() });
            make_staff_with(app, app.shop.id, &email, duties.clone()).await;
            let mut browser = Browser::logged_in(app, &email).await;
            let page = browser.get("/password").await;
            for (method, path, access) in &routes {
                let allowed = match access {
                    Access::Everybody => continue,
                    Access::Staff => true,
                    Access::With(right) => expected(*right, &duties),
                };
                let reply = match *method {
                    Method::GET => browser.get(&filled(path)).await,
                    _ => sent(&mut browser, &page, path).await,
                };
                let refused = reply.status == 403 && reply.text.contains(FORBIDDEN);
                assert_eq!(refused, !allowed, "{method} {path} as {email}: {} {}", reply.status, reply.text);
                assert!(reply.status < 500, "{method} {path} as {email}: {}", reply.status);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn nobody_gets_anywhere_without_a_login() {
    on_both(async |app| {
        let mut browser = Browser::new(app);
        let page = browser.get("/login").await;
        for (method, path, access) in register(app) {
            if access == Access::Everybody {
                continue;
            }
            let reply = match method {
                Method::GET => browser.get(&filled(path)).await,
                _ => sent(&mut browser, &page, path).await,
            };
            let to = reply.header("location").unwrap_or_default();
            // The editor of an order keeps what was typed and shows it again, with nothing of the shop in it.
            if path.ends_with("/orders/{id}/change") && method == Method::POST {
                assert!(reply.status == 403 && reply.text.contains("/login?to="), "{}", reply.text);
                continue;
            }
            assert!(reply.status == 303 && to.starts_with("/login"), "{method} {path}: {} {to}", reply.status);
        }
    })
    .await;
}

/// Sends the form of a route, with the file that one of them has.
async fn sent(browser: &mut Browser, page: &Reply, path: &str) -> Reply {
    match path {
        "/dashboard/{side}/webhooks/{id}/certificate" => {
            browser.upload(page, &filled(path), &[], ("shop.crt", b"none")).await
        }
        _ => browser.submit(page, &filled(path), &[]).await,
    }
}

/// Pages of the staff are routed by the register alone; the checkout is the buyers'.
#[test]
fn no_page_is_routed_past_the_register() {
    fn files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { files(&path, found) } else { found.push(path) }
        }
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&source, &mut found);
    let mut routing = Vec::new();
    for path in found {
        let name = path.strip_prefix(&source).unwrap().display().to_string();
        if std::fs::read_to_string(&path).unwrap().contains(".route(") {
            routing.push(name);
        }
    }
    routing.retain(|name| !name.starts_with("checkout/"));
    assert_eq!(routing, ["ui/pages.rs"]);
}
