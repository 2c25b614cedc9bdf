//! What is a person's own: sessions, password, two-step login.

use pay::ApiError;
use serde_json::{Map, Value, json};
use shop::staff::{PASSWORD_MIN, Refused, Unfit, team};

use super::account::{Schemas, closed, id, list_of, named, of_body, of_change, of_token, operation, taking};
use super::answer::{answers, good};
use super::parameter::shared;
use super::schema::{complete, seconds, text};
use crate::api::account::person::{off, refused};
use crate::api::account::{
    PASSWORD, PASSWORD_RESET, RECOVERY_CODES, SESSION, SESSIONS, TWO_STEP, TWO_STEP_OFF, TWO_STEP_PROPOSAL,
};

const STAFF_ID: &str = "stf_6f1e0c3b9a7d2458";
const SESSION_ID: &str = "ses_6f1e0c3b9a7d2458";
const PASSPHRASE: &str = "a long phrase of theirs";
const SCOPE: &str = "staff";
/// Bytes of a proposal, spelt in hexadecimal digits, at the most.
const PROPOSAL_MAX: usize = 400;

pub(super) fn paths() -> Map<String, Value> {
    let paths = [
        (SESSIONS, json!({ "get": sessions(), "delete": end_sessions() })),
        (SESSION, json!({ "delete": end_session() })),
        (PASSWORD, json!({ "post": password() })),
        (PASSWORD_RESET, json!({ "post": reset() })),
        (TWO_STEP_PROPOSAL, json!({ "post": propose() })),
        (TWO_STEP, json!({ "post": turn_on() })),
        (TWO_STEP_OFF, json!({ "post": turn_off() })),
        (RECOVERY_CODES, json!({ "post": renew() })),
    ];
    paths.into_iter().map(|(path, item)| (path.to_owned(), item)).collect()
}

fn place() -> Vec<Value> {
    vec![shared("Shop"), named("staff", "The member of the staff.", STAFF_ID)]
}

/// What happens to who does not prove that an account is theirs.
fn unproven() -> Vec<ApiError> {
    vec![refused(Refused::Wrong), refused(Refused::Locked { seconds: 60 })]
}

fn sessions() -> Value {
    let session = json!({
        "object": "staff_session", "id": SESSION_ID, "device": "Mozilla/5.0", "address": "192.0.2.1",
        "created": 1_795_309_800, "seen": 1_795_309_800,
    });
    let example = json!({ "object": "list", "data": [session] });
    let answers = answers(good("The sessions, the last used first.", "StaffSessions", example), of_token(SCOPE));
    operation("list_staff_sessions", "ログイン中の端末: where somebody is logged in", "", place(), answers)
}

fn end_sessions() -> Value {
    let example = json!({ "object": "staff_sessions", "staff": STAFF_ID, "ended": 1 });
    let refusals = [of_change(SCOPE), vec![team::Refused::OperatorOnly.into()]].concat();
    let answers = answers(good("They are logged out.", "EndedStaffSessions", example), refusals);
    operation("end_staff_sessions", "Log somebody out everywhere", "Their account stays as it is.", place(), answers)
}

fn end_session() -> Value {
    let parameters = [place(), vec![named("session", "The session.", SESSION_ID)]].concat();
    let example = json!({ "object": "staff_session", "id": SESSION_ID, "deleted": true });
    let refusals = [of_change(SCOPE), vec![team::Refused::OperatorOnly.into()]].concat();
    let answers = answers(good("It has ended.", "Ended", example), refusals);
    operation("end_staff_session", "Log somebody out on one device", "", parameters, answers)
}

fn account() -> Value {
    json!({ "object": "staff_account", "id": STAFF_ID, "two_step": false })
}

fn password() -> Value {
    let refusals = [of_body(SCOPE), unproven(), vec![refused(Refused::Unfit(Unfit::Short))]].concat();
    let answers = answers(good("It counts.", "StaffAccount", account()), refusals);
    let more = "Takes the password that the account has, and a code if its two-step login is on: a token is no person. Every session of the account ends.";
    let change = operation("change_staff_password", "パスワード変更: another password", more, place(), answers);
    taking(change, "NewStaffPassword", json!({ "password": PASSPHRASE, "new_password": "another long phrase" }))
}

fn reset() -> Value {
    let refusals = [of_change(SCOPE), vec![refused(Refused::Locked { seconds: 60 })]].concat();
    let answers = answers(good("The mail is on its way.", "StaffAccount", account()), refusals);
    let more = "A link to their address, by which they choose another password. It counts once, for 30 minutes.";
    operation(
        "reset_staff_password",
        "パスワード再設定: send somebody a link for another password",
        more,
        place(),
        answers,
    )
}

fn propose() -> Value {
    let example = json!({
        "object": "two_step_proposal", "staff": STAFF_ID, "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
        "uri": "otpauth://totp/Choba:owner@shop.example?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Choba",
        "proposal": "00",
    });
    let refusals = [of_token(SCOPE), vec![refused(Refused::Already)]].concat();
    let answers = answers(good("The secret.", "TwoStepProposal", example), refusals);
    let more = "Changes nothing: the secret counts once a code of it was sent with the `proposal`.";
    operation("propose_two_step", "A secret for an authenticator app", more, place(), answers)
}

fn codes() -> Value {
    json!({ "object": "recovery_codes", "staff": STAFF_ID, "data": ["ABCD-EFGH-JKMN-PQRS"] })
}

fn turn_on() -> Value {
    let refusals = [
        of_body(SCOPE),
        unproven(),
        vec![refused(Refused::Already), ApiError::parameter("proposal", "what two_step/proposal answered")],
    ];
    let answers =
        answers(good("It is on; the recovery codes are shown this once.", "RecoveryCodes", codes()), refusals.concat());
    let more =
        "Takes the password of the account, and a code of the proposed secret. Every session of the account ends.";
    let turn_on = operation("turn_on_two_step", "二段階認証を設定する", more, place(), answers);
    taking(turn_on, "TwoStepOn", json!({ "password": PASSPHRASE, "proposal": "00", "code": "123456" }))
}

const PROOF_MORE: &str = "Takes the password of the account, and a code of the app or a recovery code.";

fn proof() -> Value {
    json!({ "password": PASSPHRASE, "code": "123456" })
}

fn turn_off() -> Value {
    let refusals = [of_body(SCOPE), unproven(), vec![off()]].concat();
    let answers = answers(good("It is off.", "StaffAccount", account()), refusals);
    taking(operation("turn_off_two_step", "二段階認証を解除する", PROOF_MORE, place(), answers), "StaffProof", proof())
}

fn renew() -> Value {
    let refusals = [of_body(SCOPE), unproven(), vec![off()]].concat();
    let answers = answers(good("They are shown this once.", "RecoveryCodes", codes()), refusals);
    let more =
        "The old ones count no more. Takes the password of the account, and a code of the app or a recovery code.";
    taking(
        operation("renew_recovery_codes", "リカバリーコードを作り直す", more, place(), answers),
        "StaffProof",
        proof(),
    )
}

/// The shapes of bodies.
pub(super) fn schemas() -> Schemas {
    let word = |description: &str| text(description, json!({}));
    let of = |object: &str| json!({ "const": object });
    let secret = |description: &str| text(description, json!({ "format": "password" }));
    let session = complete(
        "Where somebody is logged in.",
        json!({
            "object": of("staff_session"), "id": id(), "device": word("What the browser called itself."),
            "address": word("From where."), "created": seconds("When it began"), "seen": seconds("When it was last used"),
        }),
    );
    let fit = json!({ "minLength": PASSWORD_MIN, "format": "password" });
    let proposal = text("What `two_step/proposal` answered.", json!({ "maxLength": PROPOSAL_MAX }));
    vec![
        ("StaffSessions", complete("Sessions.", json!({ "object": of("list"), "data": list_of(session) }))),
        (
            "EndedStaffSessions",
            complete(
                "How many sessions were ended.",
                json!({ "object": of("staff_sessions"), "staff": id(), "ended": { "type": "integer", "minimum": 0 } }),
            ),
        ),
        (
            "StaffAccount",
            complete(
                "An account.",
                json!({ "object": of("staff_account"), "id": id(), "two_step": { "type": "boolean" } }),
            ),
        ),
        (
            "TwoStepProposal",
            complete(
                "A secret for an authenticator app.",
                json!({
                    "object": of("two_step_proposal"), "staff": id(), "secret": word("To be typed into an app."),
                    "uri": word("To be shown as a QR code."), "proposal": proposal.clone(),
                }),
            ),
        ),
        (
            "RecoveryCodes",
            complete(
                "Codes that let in once each.",
                json!({ "object": of("recovery_codes"), "staff": id(), "data": list_of(word("A code.")) }),
            ),
        ),
        (
            "NewStaffPassword",
            closed(
                json!(["password", "new_password"]),
                json!({ "code": word("Of the app, or a recovery code."), "password": secret("The one the account has."), "new_password": text("The new one.", fit) }),
            ),
        ),
        (
            "StaffProof",
            closed(
                json!(["password"]),
                json!({ "password": secret("Theirs."), "code": word("Of the app, or a recovery code.") }),
            ),
        ),
        (
            "TwoStepOn",
            closed(
                json!(["password", "proposal", "code"]),
                json!({ "password": secret("Theirs."), "proposal": proposal, "code": word("Of the app.") }),
            ),
        ),
    ]
}
