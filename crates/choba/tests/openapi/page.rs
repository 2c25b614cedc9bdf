//! The document and its page as they are served and printed.

use choba::api::openapi::document;
use testkit::{Engine, Request, Setup, TestApp};

#[tokio::test]
async fn the_document_is_served_as_it_is() {
    let app = TestApp::start(Engine::Sqlite, Setup::default()).await;
    let served = app.http.send(&Request::get("/api/openapi.json")).await;
    assert_eq!(&served.good(), document());
    app.finish().await;
}

#[tokio::test]
async fn the_page_brings_no_script_and_asks_no_other_host() {
    let app = TestApp::start(Engine::Sqlite, Setup::default()).await;
    let page = app.http.send(&Request::get("/api/docs")).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(policy.ends_with("base-uri 'none'; form-action 'none'; frame-ancestors 'none'"), "{policy}");
    for foreign in ["<script", "<link", "<img", " src=", "url(", "@import", "http:"] {
        assert!(!page.text.contains(foreign), "{foreign}");
    }
    app.finish().await;
}

#[test]
fn the_command_prints_the_document() {
    let printed = std::process::Command::new(env!("CARGO_BIN_EXE_choba")).arg("openapi").output().unwrap();
    assert!(printed.status.success());
    let printed: serde_json::Value = serde_json::from_slice(&printed.stdout).unwrap();
    assert_eq!(&printed, document());
    assert_eq!(printed["info"]["version"], env!("CARGO_PKG_VERSION"));
}
