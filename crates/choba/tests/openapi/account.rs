//! Keys, staff and the audit log over the API: what it does, and that every answer is as documented.

use choba::api::account::{
    AUDIT, END, INVITATION, INVITATIONS, KEYS, LIVE_TWO_STEP, MEMBER, REVEAL, ROLES, ROTATE, STAFF,
};
use kernel::Environment;
use serde_json::{Value, json};
use shop::staff::rows;
use shop::{Scope, Staff};
use store::StoreError;
use testkit::{Merchant, Reply, Request, TestApp, on_both};

use crate::conversation::Conversation;

/// A program with a token, whose answers are held to the document.
pub struct Program {
    said: Conversation,
    token: String,
    shop: i64,
}

impl Program {
    pub async fn with(app: &TestApp, scope: Scope) -> Program {
        let token = app.token(Some(app.shop.id), vec![scope]).await;
        Program { said: Conversation::new(&app.http), token, shop: app.shop.id.0 }
    }

    pub async fn send(
        &mut self,
        method: &'static str,
        path: &str,
        rest: &[(&str, &str)],
        body: Option<Value>,
    ) -> Reply {
        self.keyed(method, path, rest, body, None).await
    }

    pub async fn keyed(
        &mut self,
        method: &'static str,
        path: &str,
        rest: &[(&str, &str)],
        body: Option<Value>,
        key: Option<&str>,
    ) -> Reply {
        let mut target = path.replace("{shop}", &self.shop.to_string()).replace("{environment}", "sandbox");
        let mut query = String::new();
        for (name, value) in rest {
            match *name {
                "?" => query = format!("?{value}"),
                name => target = target.replace(&format!("{{{name}}}"), value),
            }
        }
        let text = body.map(|body| body.to_string()).unwrap_or_default();
        let mut request = Request::post(target + &query, text).method(method);
        request = request.header("authorization", format!("Bearer {}", self.token));
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        self.said.send(&method.to_ascii_lowercase(), path, request).await
    }
}

async fn make(app: &TestApp, email: &str) -> Staff {
    let staff = Staff::new(app.shop.id, email.parse().expect("an address"), false, &*app.entropy);
    let made = staff.clone();
    let hash = "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAA";
    let write = move |tx: &mut store::Tx<'_>| tx.execute_all(&[rows::insert(&made, hash, tx.machine_now())]);
    app.store().write::<_, StoreError, _>(write).await.expect("writing an account");
    staff
}

#[tokio::test]
async fn keys_are_listed_rotated_once_shown_and_ended() {
    on_both(async |app| {
        let mut keys = Program::with(app, Scope::Keys).await;
        let listed = keys.send("GET", KEYS, &[], None).await.good();
        let private = |list: &Value| {
            let all = list["data"].as_array().unwrap().clone();
            all.into_iter().filter(|key| key["kind"] == "private_key").collect::<Vec<_>>()
        };
        let before = private(&listed);
        assert_eq!((before.len(), &before[0]["value"]), (1, &Value::Null));
        let old = before[0]["id"].as_str().unwrap().to_owned();
        assert_eq!(
            keys.send("POST", END, &[("key", &old)], None).await.refused(400, "invalid_request_error", "newest_key"),
            "The newest key cannot be ended; rotate it."
        );

        let body = json!({ "kind": "private_key", "overlap_seconds": 3_600 });
        let made = keys.keyed("POST", ROTATE, &[], Some(body.clone()), Some("r-1")).await.good();
        let again = keys.keyed("POST", ROTATE, &[], Some(body), Some("r-1")).await.good();
        assert_eq!(made, again);
        let other = json!({ "kind": "private_key", "overlap_seconds": 60 });
        keys.keyed("POST", ROTATE, &[], Some(other), Some("r-1")).await.refused(
            400,
            "invalid_request_error",
            "idempotency_key_reused",
        );
        for wrong in [
            json!({ "kind": "moon", "overlap_seconds": 0 }),
            json!({ "kind": "private_key", "overlap_seconds": 7_776_001 }),
            json!({ "kind": "private_key", "overlap_seconds": -1 }),
        ] {
            assert_eq!(keys.send("POST", ROTATE, &[], Some(wrong)).await.status, 400);
        }
        assert_eq!(app.actions("keys.rotate").await, 1);
        let after = private(&keys.send("GET", KEYS, &[], None).await.good());
        assert_eq!(after.len(), 2);
        assert_eq!((&after[0]["id"], &after[0]["expires"]), (&made["id"], &Value::Null));
        assert!(after[1]["expires"].is_i64());

        let (merchant, value) = (app.merchant(), made["value"].as_str().unwrap().to_owned());
        let new = Merchant::new(app.http.clone(), merchant.shop, Environment::Sandbox, value.clone());
        assert_eq!((merchant.list("").await.status, new.list("").await.status), (200, 200));
        let shown = keys.send("POST", REVEAL, &[("key", made["id"].as_str().unwrap())], None).await.good();
        assert_eq!(shown["value"], value.as_str());
        assert_eq!(app.actions("keys.reveal").await, 1);
        keys.send("POST", END, &[("key", &old)], None).await.good();
        keys.send("POST", END, &[("key", &old)], None).await.good();
        app.wait(1);
        assert_eq!((merchant.list("").await.status, new.list("").await.status), (401, 200));
        assert_eq!(app.actions("keys.end").await, 1);
        keys.send("POST", REVEAL, &[("key", "cred_0")], None).await.refused(
            404,
            "invalid_request_error",
            "resource_missing",
        );
        let mut mails = Program::with(app, Scope::Mail).await;
        assert_eq!(mails.send("GET", KEYS, &[], None).await.status, 403);
    })
    .await;
}

#[tokio::test]
async fn the_staff_is_invited_given_roles_and_ended() {
    on_both(async |app| {
        let owner = make(app, "owner@shop.example").await;
        let other = make(app, "other@shop.example").await;
        let mut staff = Program::with(app, Scope::Staff).await;
        let guest = json!({ "email": "hana@shop.example", "name": "Hana", "roles": ["orders", "shipping"] });
        let invited = staff.keyed("POST", INVITATIONS, &[], Some(guest.clone()), Some("i-1")).await.good();
        assert_eq!(staff.keyed("POST", INVITATIONS, &[], Some(guest.clone()), Some("i-1")).await.good(), invited);
        staff.send("POST", INVITATIONS, &[], Some(guest)).await.refused(400, "invalid_request_error", "address_taken");
        for wrong in [
            json!({ "email": "no", "roles": ["orders"] }),
            json!({ "email": "a@b", "roles": ["king"] }),
            json!({ "email": "a@b", "roles": [] }),
        ] {
            assert_eq!(staff.send("POST", INVITATIONS, &[], Some(wrong)).await.status, 400);
        }
        let list = staff.send("GET", STAFF, &[], None).await.good();
        assert_eq!((list["data"].as_array().unwrap().len(), &list["invitations"][0]), (2, &invited));
        let id = invited["id"].as_str().unwrap();
        staff.send("DELETE", INVITATION, &[("invitation", id)], None).await.good();
        assert_eq!(staff.send("DELETE", INVITATION, &[("invitation", id)], None).await.status, 404);

        let roles = |roles: &[&str]| Some(json!({ "roles": roles }));
        let at = |id: &str| [("staff", id.to_owned())];
        let (one, two) = (at(&owner.id), at(&other.id));
        let (one, two) = ([(one[0].0, one[0].1.as_str())], [(two[0].0, two[0].1.as_str())]);
        let changed = staff.send("PUT", ROLES, &two, roles(&["accounting"])).await.good();
        assert_eq!(changed["roles"], json!(["accounting"]));
        staff.send("PUT", ROLES, &one, roles(&["orders"])).await.refused(400, "invalid_request_error", "last_owner");
        staff.send("DELETE", MEMBER, &one, None).await.refused(400, "invalid_request_error", "last_owner");
        assert_eq!(staff.send("PUT", ROLES, &one, roles(&[])).await.status, 400);
        staff.send("DELETE", MEMBER, &two, None).await.good();
        assert_eq!(staff.send("DELETE", MEMBER, &two, None).await.status, 404);
        assert_eq!((app.actions("staff.invite").await, app.actions("staff.end").await), (1, 1));

        let mut settings = Program::with(app, Scope::Settings).await;
        assert_eq!(settings.send("GET", LIVE_TWO_STEP, &[], None).await.good()["needed"], false);
        for _ in 0..2 {
            let body = Some(json!({ "needed": true }));
            assert_eq!(settings.send("PUT", LIVE_TWO_STEP, &[], body).await.good()["needed"], true);
        }
        assert_eq!(app.actions("shop.live_two_step").await, 1);

        let mut audit = Program::with(app, Scope::Audit).await;
        let page = audit.send("GET", AUDIT, &[("?", "action=staff.&limit=1")], None).await.good();
        assert_eq!((&page["data"][0]["action"], page["data"].as_array().unwrap().len()), (&json!("staff.end"), 1));
        let before = format!("action=staff.&before={}", page["next"].as_str().unwrap());
        let rest = audit.send("GET", AUDIT, &[("?", &before)], None).await.good();
        let actions: Vec<&str> =
            rest["data"].as_array().unwrap().iter().map(|row| row["action"].as_str().unwrap()).collect();
        // Of one instant, which the clock of the test stands on.
        let sorted = std::collections::BTreeSet::from_iter(actions);
        assert_eq!(Vec::from_iter(sorted), ["staff.invite", "staff.invite_end", "staff.roles"]);
        assert!(!rest.to_string().contains("hana@shop.example"), "no personal data");
        for wrong in ["limit=0", "from=x", "before=%00", "limit=1&limit=2"] {
            assert_eq!(audit.send("GET", AUDIT, &[("?", wrong)], None).await.status, 400, "{wrong}");
        }
    })
    .await;
}
