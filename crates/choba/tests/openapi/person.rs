//! What is a person's own, over the API: sessions, password, two-step login. A token alone changes none of it.

use choba::api::account::{
    PASSWORD, PASSWORD_RESET, RECOVERY_CODES, SESSION, SESSIONS, TWO_STEP, TWO_STEP_OFF, TWO_STEP_PROPOSAL,
};
use serde_json::json;
use shop::staff::second::Whence;
use shop::staff::{Attempt, Door, mail, rows, totp};
use shop::{Duties, Role, Scope, Staff};
use store::StoreError;
use testkit::{TestApp, on_both};

use crate::account::Program;

const PHRASE: &str = "correct horse battery";
const OTHER: &str = "staple on a sunny day";

async fn hana(app: &TestApp) -> Staff {
    member(app, "hana@shop.example", false).await
}

async fn member(app: &TestApp, email: &str, is_operator: bool) -> Staff {
    let staff = Staff::new(app.shop.id, email.parse().unwrap(), false, &*app.entropy);
    let staff = Staff { duties: Duties::of(&[Role::Owner], is_operator), ..staff };
    let hash = door(app).passwords.hash(PHRASE.to_owned(), &*app.entropy).await;
    let made = staff.clone();
    let write = move |tx: &mut store::Tx<'_>| tx.execute_all(&[rows::insert(&made, &hash, tx.machine_now())]);
    app.store().write::<_, StoreError, _>(write).await.expect("writing an account");
    staff
}

fn door(app: &TestApp) -> Door {
    app.wired.ui().door().clone()
}

fn attempt(password: &str) -> Attempt {
    Attempt {
        email: "hana@shop.example".to_owned(),
        password: password.to_owned(),
        address: "192.0.2.7".parse().unwrap(),
        device: "Firefox".to_owned(),
        origin: "page".to_owned(),
    }
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    on_both(async |app| {
        let hana = hana(app).await;
        for _ in 0..3 {
            door(app).login(attempt(PHRASE)).await.expect("logged in");
        }
        let mut staff = Program::with(app, Scope::Staff).await;
        let of = [("staff", hana.id.as_str())];
        let list = staff.send("GET", SESSIONS, &of, None).await.good();
        assert_eq!((list["data"].as_array().unwrap().len(), &list["data"][0]["device"]), (3, &json!("Firefox")));
        let one = [of[0], ("session", list["data"][0]["id"].as_str().unwrap())];
        staff.send("DELETE", SESSION, &one, None).await.good();
        assert_eq!(staff.send("DELETE", SESSION, &one, None).await.status, 404);
        assert_eq!(staff.send("DELETE", SESSIONS, &of, None).await.good()["ended"], 2);
        assert_eq!(staff.send("GET", SESSIONS, &of, None).await.good()["data"], json!([]));
        let operator = member(app, "operator@shop.example", true).await;
        let operator = [("staff", operator.id.as_str()), ("session", "ses_0000000000000000")];
        for path in [SESSIONS, SESSION] {
            staff.send("DELETE", path, &operator, None).await.refused(403, "permission_error", "operator_only");
        }
        let nobody = [("staff", "stf_0000000000000000")];
        assert_eq!(staff.send("GET", SESSIONS, &nobody, None).await.status, 404);
        let mut keys = Program::with(app, Scope::Keys).await;
        keys.send("GET", SESSIONS, &of, None).await.refused(403, "permission_error", "insufficient_scope");
    })
    .await;
}

#[tokio::test]
async fn a_password_is_changed_by_who_knows_it() {
    on_both(async |app| {
        let hana = hana(app).await;
        let mut staff = Program::with(app, Scope::Staff).await;
        let of = [("staff", hana.id.as_str())];
        let body = |old: &str, new: &str| Some(json!({ "password": old, "new_password": new }));
        let wrong = staff.send("POST", PASSWORD, &of, body(OTHER, OTHER)).await;
        wrong.refused(403, "permission_error", "wrong_credentials");
        for unfit in ["short", "hana@shop.example"] {
            let unfit = staff.send("POST", PASSWORD, &of, body(PHRASE, unfit)).await;
            unfit.refused(400, "invalid_request_error", "invalid_parameter");
        }
        let kept = door(app).login(attempt(PHRASE)).await.expect("the old one counts");
        staff.send("POST", PASSWORD, &of, body(PHRASE, OTHER)).await.good();
        assert!(door(app).session(&kept.secret).await.unwrap().is_none(), "sessions end");
        assert!(door(app).login(attempt(PHRASE)).await.is_err());
        door(app).login(attempt(OTHER)).await.expect("the new one counts");
        // Guessing is as slow as at the log-in.
        let mut statuses = Vec::new();
        for _ in 0..6 {
            statuses.push(staff.send("POST", PASSWORD, &of, body(PHRASE, PHRASE)).await.status);
        }
        assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
    })
    .await;
}

#[tokio::test]
async fn a_link_for_another_password_is_mailed() {
    on_both(async |app| {
        let hana = hana(app).await;
        let mut staff = Program::with(app, Scope::Staff).await;
        staff.send("POST", PASSWORD_RESET, &[("staff", hana.id.as_str())], None).await.good();
        let vault = app.wired.gateway.vault().clone();
        let sent = app.store().read(move |tx| mail::rows::newest(tx, &vault, 10)).await.expect("reading mails");
        let [sent] = sent.as_slice() else { panic!("{} mails", sent.len()) };
        let letter = sent.letter.as_ref().expect("it can be read");
        assert_eq!(letter.to, "hana@shop.example");
        let from = Whence { address: "192.0.2.7".parse().unwrap(), device: String::new(), origin: "page".to_owned() };
        door(app).reset(&letter.token, OTHER.to_owned(), &from).await.expect("the link counts");
        door(app).login(attempt(OTHER)).await.expect("the new password counts");
    })
    .await;
}

#[tokio::test]
async fn the_two_step_login_is_turned_on_and_off_by_who_proves_to_be_the_person() {
    on_both(async |app| {
        let hana = hana(app).await;
        let mut staff = Program::with(app, Scope::Staff).await;
        let of = [("staff", hana.id.as_str())];
        let off = staff.send("POST", TWO_STEP_OFF, &of, Some(json!({ "password": PHRASE }))).await;
        off.refused(400, "invalid_request_error", "two_step_off");
        let proposed = staff.send("POST", TWO_STEP_PROPOSAL, &of, None).await.good();
        let proposal = proposed["proposal"].as_str().unwrap();
        let secret = door(app).proposed(&hana, proposal).expect("our own");
        assert_eq!(secret.typed().replace(' ', ""), proposed["secret"]);
        let code = || secret.code(totp::present(app.store().machine_now()));
        let on = |password: &str, proposal: &str, code: &str| {
            Some(json!({ "password": password, "proposal": proposal, "code": code }))
        };
        for wrong in [on(OTHER, proposal, &code()), on(PHRASE, proposal, "000000")] {
            let refused = staff.send("POST", TWO_STEP, &of, wrong).await;
            refused.refused(403, "permission_error", "wrong_credentials");
        }
        let foreign = staff.send("POST", TWO_STEP, &of, on(PHRASE, "00", &code())).await;
        foreign.refused(400, "invalid_request_error", "invalid_parameter");
        let codes = staff.send("POST", TWO_STEP, &of, on(PHRASE, proposal, &code())).await.good();
        assert_eq!(codes["data"].as_array().unwrap().len(), 10);
        assert!(door(app).login(attempt(PHRASE)).await.unwrap().waits, "the password is not enough any more");
        let change = |code: &str| Some(json!({ "password": PHRASE, "code": code, "new_password": PHRASE }));
        let without = staff.send("POST", PASSWORD, &of, change("")).await;
        without.refused(403, "permission_error", "wrong_credentials");
        staff.send("POST", PASSWORD, &of, change(codes["data"][9].as_str().unwrap())).await.good();
        staff.send("POST", TWO_STEP_PROPOSAL, &of, None).await.refused(400, "invalid_request_error", "two_step_on");

        // The code that turned it on is used up; a recovery code counts once.
        let proof = |code: &str| Some(json!({ "password": PHRASE, "code": code }));
        let recovery = codes["data"][0].as_str().unwrap();
        staff.send("POST", RECOVERY_CODES, &of, proof("")).await.refused(403, "permission_error", "wrong_credentials");
        let renewed = staff.send("POST", RECOVERY_CODES, &of, proof(recovery)).await.good();
        assert_ne!(renewed["data"], codes["data"]);
        let old = codes["data"][1].as_str().unwrap();
        staff.send("POST", TWO_STEP_OFF, &of, proof(old)).await.refused(403, "permission_error", "wrong_credentials");
        let new = renewed["data"][0].as_str().unwrap();
        assert_eq!(staff.send("POST", TWO_STEP_OFF, &of, proof(new)).await.good()["two_step"], false);
        assert!(!door(app).login(attempt(PHRASE)).await.unwrap().waits);
    })
    .await;
}
