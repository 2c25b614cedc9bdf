//! アカウント設定: keys, staff, the audit log.

use pay::ApiError;
use pay::rules;
use serde_json::{Map, Value, json};
use shop::rotation;
use shop::staff::team;

use super::answer::{answers, good, of_authenticated};
use super::content;
use super::introduction::{ACCOUNT_TAG, TOKEN};
use super::parameter::{query, shared};
use super::schema::{complete, or_null, seconds, text};
use crate::api::account::{
    AUDIT, END, INVITATION, INVITATIONS, KEYS, LIVE_TWO_STEP, MEMBER, REVEAL, ROLES, ROTATE, STAFF,
};

const KEY_ID: &str = "cred_6f1e0c3b9a7d2458";
const STAFF_ID: &str = "stf_6f1e0c3b9a7d2458";
const INVITATION_ID: &str = "inv_6f1e0c3b9a7d2458";

pub(super) fn paths() -> Map<String, Value> {
    let paths = [
        (KEYS, json!({ "get": keys() })),
        (ROTATE, json!({ "post": rotate() })),
        (
            REVEAL,
            json!({ "post": one_key("reveal_key", "Show a key with its value", REVEAL_MORE, Vec::new(), shown_key()) }),
        ),
        (
            END,
            json!({ "post": one_key("end_key", "End an old key at once", END_MORE, vec![rotation::Refused::Newest.into()], old_key()) }),
        ),
        (STAFF, json!({ "get": staff() })),
        (INVITATIONS, json!({ "post": invite() })),
        (INVITATION, json!({ "delete": take_back() })),
        (MEMBER, json!({ "delete": end() })),
        (ROLES, json!({ "put": roles() })),
        (LIVE_TWO_STEP, json!({ "get": show_two_step(), "put": set_two_step() })),
        (AUDIT, json!({ "get": audit() })),
    ];
    paths.into_iter().map(|(path, item)| (path.to_owned(), item)).collect()
}

const REVEAL_MORE: &str = "Who shows a key, and when, stands in the audit log.";
const END_MORE: &str =
    "Only a key that was rotated away, and would still count for a while. Doing it twice is doing it once.";

pub(super) fn operation(id: &str, summary: &str, description: &str, parameters: Vec<Value>, responses: Value) -> Value {
    let mut operation = json!({
        "operationId": id,
        "tags": [ACCOUNT_TAG],
        "summary": summary,
        "security": [{ TOKEN: [] }],
        "parameters": parameters,
        "responses": responses,
    });
    if !description.is_empty() {
        operation["description"] = description.into();
    }
    operation
}

pub(super) fn taking(mut operation: Value, schema: &str, example: Value) -> Value {
    operation["requestBody"] = json!({ "required": true, "content": content("application/json", schema, example) });
    operation
}

pub(super) fn named(name: &str, description: &str, example: &str) -> Value {
    json!({
        "name": name, "in": "path", "required": true, "description": description,
        "schema": { "type": "string" }, "example": example,
    })
}

pub(super) fn of_token(scope: &str) -> Vec<ApiError> {
    let mut refusals = of_authenticated("Send a valid token as Authorization: Bearer choba_….");
    let message = format!("The token needs the scope {scope} for this shop.");
    refusals.push(ApiError::forbidden("insufficient_scope", &message));
    refusals.push(ApiError::missing_resource("There is no such shop."));
    refusals
}

pub(super) fn of_change(scope: &str) -> Vec<ApiError> {
    let mut refusals = of_token(scope);
    refusals.extend([ApiError::outcome_unknown(), ApiError::read_only()]);
    refusals
}

pub(super) fn of_body(scope: &str) -> Vec<ApiError> {
    let not_json = serde_json::from_str::<Value>("{").expect_err("half an object is no JSON");
    let mut refusals = of_change(scope);
    refusals.extend([
        ApiError::invalid_json(&not_json),
        ApiError::parameter("a field", "what is described"),
        ApiError::invalid("unreadable_body", "The body could not be read."),
    ]);
    refusals
}

fn with_key(mut refusals: Vec<ApiError>) -> Vec<ApiError> {
    refusals.extend([ApiError::parameter("Idempotency-Key", "given once"), ApiError::key_reused()]);
    refusals
}

fn place() -> Vec<Value> {
    vec![shared("Shop"), shared("Environment")]
}

fn keys() -> Value {
    let example = json!({ "object": "list", "data": [public_key()] });
    let answers = answers(good("The keys.", "Keys", example), of_token("keys"));
    let more = "Also those that were rotated away. Values only of public keys.";
    operation("list_keys", "認証キー: which keys there are", more, place(), answers)
}

fn rotate() -> Value {
    let mut refusals = with_key(of_body("keys"));
    refusals.push(rotation::Refused::Overlap.into());
    let answers = answers(good("The new key, with its value.", "Key", shown_key()), refusals);
    let more = "A new key counts at once; the old one counts for `overlap_seconds` more, at most 90 days.";
    let parameters = [place(), vec![shared("IdempotencyKey")]].concat();
    let rotate = operation("rotate_key", "Make a new key in the place of the present one", more, parameters, answers);
    taking(rotate, "KeyRotation", json!({ "kind": "private_key", "overlap_seconds": 86_400 }))
}

fn one_key(id: &str, summary: &str, more: &str, refusals: Vec<ApiError>, example: Value) -> Value {
    let refusals = [of_change("keys"), refusals].concat();
    let parameters = [place(), vec![named("key", "The key.", KEY_ID)]].concat();
    operation(id, summary, more, parameters, answers(good("The key.", "Key", example), refusals))
}

fn staff() -> Value {
    let example = json!({ "object": "list", "data": [member()], "invitations": [guest()] });
    let answers = answers(good("The staff.", "StaffList", example), of_token("staff"));
    operation("list_staff", "スタッフ: who may see the shop's pages", "", vec![shared("Shop")], answers)
}

fn invite() -> Value {
    let mut refusals = with_key(of_body("staff"));
    refusals.push(team::Refused::Taken.into());
    let answers = answers(good("The invitation.", "StaffInvitation", guest()), refusals);
    let more = "A mail is sent with a link by which they choose a password. It counts once, for 72 hours.";
    let parameters = vec![shared("Shop"), shared("IdempotencyKey")];
    let invite = operation("invite_staff", "Invite somebody to the staff", more, parameters, answers);
    taking(invite, "NewStaffInvitation", json!({ "email": "orders@shop.example", "name": "", "roles": ["orders"] }))
}

fn take_back() -> Value {
    let parameters = vec![shared("Shop"), named("invitation", "The invitation.", INVITATION_ID)];
    let example = json!({ "object": "staff_invitation", "id": INVITATION_ID, "deleted": true });
    let answers = answers(good("It counts no more.", "Ended", example), of_change("staff"));
    operation("delete_staff_invitation", "Take an invitation back", "", parameters, answers)
}

fn of_member() -> Vec<ApiError> {
    vec![team::Refused::LastOwner.into(), team::Refused::OperatorOnly.into()]
}

fn end() -> Value {
    let parameters = vec![shared("Shop"), named("staff", "The member of the staff.", STAFF_ID)];
    let example = json!({ "object": "staff", "id": STAFF_ID, "deleted": true });
    let refusals = [of_change("staff"), of_member()].concat();
    let answers = answers(good("Their access has ended.", "Ended", example), refusals);
    let more = "They are logged out at once. A shop always has an owner.";
    operation("delete_staff", "End somebody's access", more, parameters, answers)
}

fn roles() -> Value {
    let parameters = vec![shared("Shop"), named("staff", "The member of the staff.", STAFF_ID)];
    let refusals = [of_body("staff"), of_member()].concat();
    let answers = answers(good("The member of the staff.", "Staff", member()), refusals);
    let more = "Replaces all of them; counts from their next request on. Doing it twice is doing it once.";
    let roles = operation("replace_staff_roles", "Give somebody other roles", more, parameters, answers);
    taking(roles, "StaffRoles", json!({ "roles": ["orders", "shipping"] }))
}

fn two_step_example() -> Value {
    json!({ "object": "live_two_step", "shop": 1, "needed": false })
}

fn show_two_step() -> Value {
    let answers = answers(good("The setting.", "LiveTwoStep", two_step_example()), of_token("settings"));
    let summary = "Whether Live opens only for who has the two-step login";
    operation("show_live_two_step", summary, "", vec![shared("Shop")], answers)
}

fn set_two_step() -> Value {
    let answers = answers(good("The setting.", "LiveTwoStep", two_step_example()), of_body("settings"));
    let summary = "Say whether Live opens only for who has the two-step login";
    let set = operation("replace_live_two_step", summary, "", vec![shared("Shop")], answers);
    taking(set, "NewLiveTwoStep", json!({ "needed": false }))
}

fn audit() -> Value {
    let any = json!({ "type": "string" });
    let instant = json!({ "type": "integer", "format": "int64", "minimum": 0 });
    let limit = json!({ "type": "integer", "minimum": 1, "maximum": rules::PAGE_MAX, "default": rules::PAGE_DEFAULT });
    let parameters = vec![
        shared("Shop"),
        query("actor", "Beginning of who did it: `staff:`, `token:`, `key:`.", any.clone()),
        query("action", "Beginning of what was done: `keys.`, `staff.roles`.", any.clone()),
        query("of", "Part of the id of what it was done to.", any.clone()),
        query("from", "From this instant on, Unix seconds.", instant.clone()),
        query("until", "Before this instant, Unix seconds.", instant),
        query("before", "`next` of the page before.", json!({ "type": "string", "pattern": "^[0-9A-Za-z_-]{1,100}$" })),
        query("limit", "How many, at the most.", limit),
    ];
    let row = json!({
        "object": "audit_row", "id": "019aa8b5c0f05f1c9d0a7b3e42688c6d", "at": 1_795_309_800, "actor": format!("staff:{STAFF_ID}"),
        "origin": "page 192.0.2.1 5f1c9d0a7b3e42688c6d", "action": "keys.rotate", "of": KEY_ID,
        "fields": { "environment": "sandbox" }, "position": 1,
    });
    let example = json!({ "object": "list", "data": [row], "next": null });
    let mut refusals = of_token("audit");
    refusals.extend([ApiError::parameter("limit", "a whole number"), ApiError::too_many_parameters()]);
    let answers = answers(good("A page of rows, newest first.", "AuditPage", example), refusals);
    let more =
        "A page may hold fewer rows than asked for, or none, and still have a `next`: then the search goes on there.";
    operation("list_audit", "監査ログ: who did what, when, from where", more, parameters, answers)
}

fn public_key() -> Value {
    let value = format!("sandbox_public_{}", "0a".repeat(48));
    json!({
        "object": "key", "id": KEY_ID, "kind": "public_key", "environment": "sandbox", "value": value,
        "created": 1_795_309_800, "expires": null,
    })
}

fn shown_key() -> Value {
    let value = format!("sandbox_private_{}", "0a".repeat(48));
    json!({
        "object": "key", "id": KEY_ID, "kind": "private_key", "environment": "sandbox", "value": value,
        "created": 1_795_309_800, "expires": null,
    })
}

fn old_key() -> Value {
    json!({
        "object": "key", "id": KEY_ID, "kind": "private_key", "environment": "sandbox", "value": null,
        "created": 1_795_309_800, "expires": 1_795_396_200,
    })
}

fn member() -> Value {
    json!({
        "object": "staff", "id": STAFF_ID, "email": "owner@shop.example", "name": "", "roles": ["owner"],
        "operator": false, "two_step": true,
    })
}

fn guest() -> Value {
    json!({
        "object": "staff_invitation", "id": INVITATION_ID, "email": "orders@shop.example", "name": "", "roles": ["orders"],
        "created": 1_795_309_800, "expires": 1_795_569_000,
    })
}

/// The shapes of bodies.
pub(super) fn schemas() -> Map<String, Value> {
    let all = key_schemas().into_iter().chain(staff_schemas()).chain(other_schemas());
    all.map(|(name, schema)| (name.to_owned(), schema)).collect()
}
/// Schemas by their names.
pub(super) type Schemas = Vec<(&'static str, Value)>;

fn flag() -> Value {
    json!({ "type": "boolean" })
}

pub(super) fn id() -> Value {
    text("Its id.", json!({}))
}

pub(super) fn list_of(items: Value) -> Value {
    json!({ "type": "array", "items": items })
}

/// A body that has these properties and no others.
pub(super) fn closed(required: Value, properties: Value) -> Value {
    json!({ "type": "object", "required": required, "additionalProperties": false, "properties": properties })
}

fn key_schemas() -> Schemas {
    let kind = json!({
        "type": "string", "enum": ["public_key", "private_key", "webhook_secret", "webhook_signing_secret"],
    });
    let key = complete(
        "A key or a webhook secret.",
        json!({
            "object": { "const": "key" },
            "id": id(),
            "kind": kind,
            "environment": { "type": "string", "enum": ["sandbox", "test", "live"] },
            "value": or_null(text("The key itself, where it is shown.", json!({}))),
            "created": seconds("When it was made"),
            "expires": or_null(seconds("When it ends")),
        }),
    );
    let overlap = json!({ "type": "integer", "format": "int64", "minimum": 0, "maximum": 90 * 86_400 });
    let keys = json!({ "object": { "const": "list" }, "data": list_of(super::reference("schemas", "Key")) });
    let rotation = json!({ "kind": kind, "overlap_seconds": overlap });
    vec![
        ("Key", key),
        ("Keys", complete("Keys.", keys)),
        ("KeyRotation", closed(json!(["kind", "overlap_seconds"]), rotation)),
    ]
}

fn staff_schemas() -> Schemas {
    let role = json!({ "type": "string", "enum": ["owner", "orders", "shipping", "accounting", "developer"] });
    let roles = list_of(role.clone());
    let some_roles = json!({ "type": "array", "minItems": 1, "items": role });
    let name = text("What colleagues call them; may be empty.", json!({ "maxLength": team::NAME_MAX }));
    let email = text("By which they log in.", json!({ "maxLength": 254 }));
    let staff = json!({
        "object": { "const": "staff" }, "id": id(), "email": email, "name": name, "roles": roles, "operator": flag(),
        "two_step": flag(),
    });
    let invitation = json!({
        "object": { "const": "staff_invitation" }, "id": id(), "email": email, "name": name, "roles": roles,
        "created": seconds("When it was sent"), "expires": seconds("When it ends"),
    });
    let of = |name: &str| list_of(super::reference("schemas", name));
    let all = json!({ "object": { "const": "list" }, "data": of("Staff"), "invitations": of("StaffInvitation") });
    let new = json!({ "email": email, "name": name, "roles": some_roles });
    vec![
        ("Staff", complete("A member of the staff.", staff)),
        ("StaffInvitation", complete("Somebody who is invited.", invitation)),
        ("StaffList", complete("The staff, and who is invited.", all)),
        ("NewStaffInvitation", closed(json!(["email", "roles"]), new)),
        ("StaffRoles", closed(json!(["roles"]), json!({ "roles": some_roles }))),
    ]
}

fn other_schemas() -> Schemas {
    let word = |description: &str| text(description, json!({}));
    let row = complete(
        "A row of the audit log.",
        json!({
            "object": { "const": "audit_row" }, "id": id(), "at": seconds("When"), "actor": word("Who."),
            "origin": word("From where."), "action": word("What."), "of": word("To what."),
            "fields": { "description": "What changed." },
            "position": or_null(json!({ "type": "integer", "description": "Its place in the sealed chain." })),
        }),
    );
    let next = or_null(word("To be sent as `before`."));
    let page = json!({ "object": { "const": "list" }, "data": list_of(row), "next": next });
    let two_step = json!({ "object": { "const": "live_two_step" }, "shop": { "type": "integer" }, "needed": flag() });
    let ended = json!({ "object": { "type": "string" }, "id": id(), "deleted": flag() });
    vec![
        ("Ended", complete("What is no more.", ended)),
        ("LiveTwoStep", complete("Whether Live opens only for who has the two-step login.", two_step)),
        ("NewLiveTwoStep", closed(json!(["needed"]), json!({ "needed": flag() }))),
        ("AuditPage", complete("A page of the audit log.", page)),
    ]
}
