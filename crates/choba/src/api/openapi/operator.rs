//! What whoever runs this server does, and what shops read of it: shops, information, notices, fees, operators.

use pay::ApiError;
use pay::fee::Unfit;
use serde_json::{Map, Value, json};
use shop::information::FIELD_MAX;
use shop::notice::{self, Severity};

use super::answer::{answers, good, of_authenticated, of_parameters};
use super::introduction::{OPERATOR_TAG, SHOP_TAG, TOKEN};
use super::parameter::shared;
use super::schema::{complete, or_null, seconds, text};
use super::webhook_schema::id;
use super::{content, reference};
use crate::api::operator::PATHS;

const DAY: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$";
const JSON: &str = "application/json";

pub(super) fn paths() -> Map<String, Value> {
    let items = [
        (0, json!({ "get": list_shops(), "post": open_shop() })),
        (13, json!({ "get": show_shop() })),
        (1, json!({ "get": show_information(), "put": replace_information() })),
        (2, json!({ "put": register_shop() })),
        (3, json!({ "post": add_owner() })),
        (4, json!({ "get": list_fees(), "post": write_fee() })),
        (5, json!({ "post": withdraw_fee() })),
        (6, json!({ "get": show_news_mail(), "put": set_news_mail() })),
        (7, json!({ "get": shown_notices() })),
        (8, json!({ "post": read_notice() })),
        (15, json!({ "post": unread_notice() })),
        (9, json!({ "get": list_notices(), "post": write_notice() })),
        (14, json!({ "get": show_notice() })),
        (10, json!({ "post": withdraw_notice() })),
        (11, json!({ "get": list_operators(), "post": grant_operator() })),
        (12, json!({ "delete": revoke_operator() })),
    ];
    items.into_iter().map(|(path, item)| (PATHS[path].to_owned(), item)).collect()
}

/// One operation: its name, what it does, its parameters, its answers.
fn operation(id: &str, tag: &str, summary: &str, parameters: &[Value], responses: Value) -> Value {
    json!({
        "operationId": id,
        "tags": [tag],
        "summary": summary,
        "security": [{ TOKEN: [] }],
        "parameters": parameters,
        "responses": responses,
    })
}

/// With a description.
fn described(mut operation: Value, description: &str) -> Value {
    operation["description"] = description.into();
    operation
}

/// With a JSON body.
fn sends(mut operation: Value, schema: &str, example: Value) -> Value {
    operation["requestBody"] = json!({ "required": true, "content": content(JSON, schema, example) });
    operation
}

fn query(name: &str, description: &str, schema: Value) -> Value {
    let place = "query";
    json!({ "name": name, "in": place, "description": description, "schema": schema })
}

/// Refusals of who is not known, or has another scope.
fn of_token(message: &str) -> Vec<ApiError> {
    let mut refusals = of_authenticated("Send a valid token as Authorization: Bearer choba_….");
    refusals.push(ApiError::forbidden("insufficient_scope", message));
    refusals
}

fn of_operator() -> Vec<ApiError> {
    of_token("The token needs the scope admin, of the operator.")
}

fn of_settings() -> Vec<ApiError> {
    let mut refusals = of_token("The token needs the scope settings for this shop.");
    refusals.push(ApiError::missing_resource("There is no such shop."));
    refusals
}

fn absent(mut refusals: Vec<ApiError>) -> Vec<ApiError> {
    refusals.push(ApiError::missing_resource("There is no such shop."));
    refusals
}

/// Refusals of a change with a body.
fn changing(mut refusals: Vec<ApiError>, invalid: ApiError) -> Vec<ApiError> {
    let not_json = serde_json::from_str::<Value>("{").expect_err("half an object is no JSON");
    refusals.extend([
        invalid,
        ApiError::invalid_json(&not_json),
        ApiError::invalid("unreadable_body", "The body could not be read."),
    ]);
    writing(refusals)
}

/// Refusals of every change.
fn writing(mut refusals: Vec<ApiError>) -> Vec<ApiError> {
    refusals.extend([ApiError::outcome_unknown(), ApiError::read_only()]);
    refusals
}

fn keyed(mut refusals: Vec<ApiError>) -> Vec<ApiError> {
    refusals.extend([ApiError::key_reused(), ApiError::parameter("Idempotency-Key", "1 to 255 ASCII characters")]);
    refusals
}

fn list_shops() -> Value {
    let mut refusals = of_parameters(ApiError::parameter("after", "the number of a shop"));
    refusals.extend(of_operator());
    let after = query(
        "after",
        "Only shops after this number.",
        json!({ "type": "integer", "minimum": 0, "maximum": i64::MAX }),
    );
    let answer = good("Up to 100 shops.", "ShopList", json!({ "object": "list", "data": [shop()], "has_more": false }));
    operation("list_shops", OPERATOR_TAG, "The shops of this server", &[after], answers(answer, refusals))
}

fn show_shop() -> Value {
    let answer = good("The shop.", "Shop", shop());
    operation("show_shop", OPERATOR_TAG, "One shop", &[shared("Shop")], answers(answer, absent(of_operator())))
}

fn open_shop() -> Value {
    let refusals = keyed(changing(
        of_operator(),
        ApiError::parameter("name", "one line of 1 to 80 characters that Japanese mail can carry"),
    ));
    let answer = answers(good("The shop.", "Shop", shop()), absent(refusals));
    let open = operation("open_shop", OPERATOR_TAG, "Open a shop", &[shared("IdempotencyKey")], answer);
    let open = described(open, "Makes keys and webhook secrets for every environment. `choba keys` shows them.");
    sends(open, "NewShop", json!({ "name": "お茶の店", "receives_address": true }))
}

fn register_shop() -> Value {
    let refusals = changing(absent(of_operator()), ApiError::parameter("registration", "received or complete"));
    let answer = answers(good("The shop.", "Shop", shop()), refusals);
    let register = operation("register_shop", OPERATOR_TAG, "本申込: received, or complete", &[shared("Shop")], answer);
    let register = described(register, "Once it is complete the shop can use Live. A step that was made stays.");
    sends(register, "Registration", json!({ "registration": "complete" }))
}

fn add_owner() -> Value {
    let mut refusals = changing(absent(of_operator()), ApiError::parameter("email", "a mail address in ASCII"));
    refusals.push(ApiError::invalid("address_taken", "The address has an account already."));
    let answer = answers(good("The account.", "Owner", owner()), refusals);
    let add = operation("add_owner", OPERATOR_TAG, "Add an owner's account", &[shared("Shop")], answer);
    let more = "Answers with a password for the first login, which is shown once and changed there. Sent again it is \
        refused: the address has an account.";
    sends(described(add, more), "NewAccount", json!({ "email": "owner@shop.example" }))
}

fn show_information() -> Value {
    let answer = answers(good("What is known.", "ShopInformation", information()), of_settings());
    operation("show_shop_information", SHOP_TAG, "店舗情報: company and site", &[shared("Shop")], answer)
}

fn replace_information() -> Value {
    let refusals = changing(absent(of_operator()), ApiError::parameter("postal_code", "seven digits such as 158-0094"));
    let answer = answers(good("What is known.", "ShopInformation", information()), refusals);
    let replace = operation("replace_shop_information", OPERATOR_TAG, "Change 店舗情報", &[shared("Shop")], answer);
    let mut example = information();
    let fields = example.as_object_mut().expect("an object");
    fields.remove("object");
    fields.remove("shop");
    let more = "Replaces all of it; what is left out is not known. `contact_address` is that of the mail settings.";
    sends(described(replace, more), "NewShopInformation", example)
}

fn show_news_mail() -> Value {
    let answer = answers(good("The setting.", "NewsMail", news_mail()), of_settings());
    operation("show_news_mail", SHOP_TAG, "最新のお知らせ: whether new notices come by mail", &[shared("Shop")], answer)
}

fn set_news_mail() -> Value {
    let refusals = changing(of_settings(), ApiError::invalid("invalid_parameter", "wanted: expected a boolean."));
    let answer = answers(good("The setting.", "NewsMail", news_mail()), refusals);
    let set = operation("set_news_mail", SHOP_TAG, "Say whether new notices come by mail", &[shared("Shop")], answer);
    sends(set, "NewsMailWish", json!({ "wanted": true }))
}

fn list_fees() -> Value {
    let answer = good("The fees.", "FeeList", json!({ "object": "list", "data": [fee()] }));
    operation("list_fees", SHOP_TAG, "手数料, with their history", &[shared("Shop")], answers(answer, of_settings()))
}

fn write_fee() -> Value {
    let refusals =
        keyed(changing(absent(of_operator()), ApiError::invalid("invalid_parameter", format!("{}.", Unfit::Past))));
    let answer = answers(good("The fee.", "Fee", fee()), refusals);
    let write = operation("write_fee", OPERATOR_TAG, "Add a fee", &[shared("Shop"), shared("IdempotencyKey")], answer);
    let more = "Takes the share of each charge's total, fractions of a yen dropped, and a fixed amount. Begins today or \
        later; only a shop's first fee may begin in the past. The one that began last counts.";
    sends(described(write, more), "NewFee", json!({ "from": "2026-12-01", "basis_points": 325, "fixed": 10 }))
}

fn withdraw_fee() -> Value {
    let mut refusals = writing(absent(of_operator()));
    refusals.push(ApiError::invalid("fee_has_begun", "A fee that has begun stays."));
    let answer = answers(good("The fee.", "Fee", fee()), refusals);
    let parameters = [shared("Shop"), shared("Fee")];
    operation("withdraw_fee", OPERATOR_TAG, "Withdraw a fee that has not begun", &parameters, answer)
}

fn shown_notices() -> Value {
    let mut refusals = of_parameters(ApiError::parameter("staff", "an account of this shop: stf_…"));
    refusals.extend(of_settings());
    let staff = query("staff", "Whose reading is told: `stf_…`.", json!({ "type": "string" }));
    let answer = answers(good("Up to 100 notices.", "NoticeList", notices()), refusals);
    let more = "What nobody, or the member of the staff that is named, has read comes first.";
    described(
        operation("shown_notices", SHOP_TAG, "お知らせ that the shop is shown now", &[shared("Shop"), staff], answer),
        more,
    )
}

fn read_notice() -> Value {
    let refusals = changing(of_settings(), ApiError::parameter("staff", "an account of this shop: stf_…"));
    let answer = answers(good("The notice.", "Notice", notice_example()), refusals);
    let parameters = [shared("Shop"), shared("Notice")];
    let read = operation("read_notice", SHOP_TAG, "Note that somebody has read a notice", &parameters, answer);
    sends(read, "NoticeReader", json!({ "staff": "stf_0190a1b2c3d4e5f6" }))
}

fn unread_notice() -> Value {
    let refusals = changing(of_settings(), ApiError::parameter("staff", "an account of this shop: stf_…"));
    let answer = answers(good("The notice.", "Notice", notice_example()), refusals);
    let parameters = [shared("Shop"), shared("Notice")];
    let summary = "Take back that somebody has read a notice";
    let unread = operation("unread_notice", SHOP_TAG, summary, &parameters, answer);
    sends(unread, "NoticeReader", json!({ "staff": "stf_0190a1b2c3d4e5f6" }))
}

fn list_notices() -> Value {
    let mut refusals = of_parameters(ApiError::parameter("before", "ntc_… with 32 hex digits"));
    refusals.extend(of_operator());
    let before = query("before", "Only those older than this notice.", id("ntc_"));
    let answer = answers(good("Up to 100 notices.", "NoticeList", notices()), refusals);
    operation("list_notices", OPERATOR_TAG, "Every notice, the newest first", &[before], answer)
}

fn show_notice() -> Value {
    let answer = answers(good("The notice.", "Notice", notice_example()), absent(of_operator()));
    operation("show_notice", OPERATOR_TAG, "One notice", &[shared("Notice")], answer)
}

fn write_notice() -> Value {
    let invalid = ApiError::invalid("invalid_parameter", format!("{}.", notice::Unfit::Title));
    let mut refusals = keyed(changing(absent(of_operator()), invalid));
    refusals.push(ApiError::invalid("no_such_shop", format!("{}.", notice::Unfit::Shop)));
    let answer = answers(good("The notice.", "Notice", notice_example()), refusals);
    let write = operation("write_notice", OPERATOR_TAG, "Write a notice", &[shared("IdempotencyKey")], answer);
    let more = "Shown on the top page of one shop, or of all if `shop` is left out; from an instant on, at once if it is \
        left out; until another one, or for good.";
    let example = json!({ "severity": "maintenance", "title": "メンテナンスのお知らせ", "body": "深夜に行います。" });
    sends(described(write, more), "NewNotice", example)
}

fn withdraw_notice() -> Value {
    let answer = answers(good("The notice.", "Notice", notice_example()), writing(absent(of_operator())));
    let withdraw = operation("withdraw_notice", OPERATOR_TAG, "Withdraw a notice", &[shared("Notice")], answer);
    described(withdraw, "Nobody sees it any more. Doing it twice is doing it once.")
}

fn list_operators() -> Value {
    let answer = answers(good("The operators.", "OperatorList", operators()), of_operator());
    operation("list_operators", OPERATOR_TAG, "Who runs this server", &[], answer)
}

fn grant_operator() -> Value {
    let mut refusals = changing(of_operator(), ApiError::parameter("email", "a mail address in ASCII"));
    refusals.push(ApiError::invalid("no_such_account", "There is no such account."));
    let answer = answers(good("The operator.", "Operator", operator_example()), refusals);
    let grant = operation("grant_operator", OPERATOR_TAG, "Make somebody with an account an operator", &[], answer);
    sends(grant, "NewAccount", json!({ "email": "owner@shop.example" }))
}

fn revoke_operator() -> Value {
    let mut refusals = writing(absent(of_operator()));
    refusals.push(ApiError::invalid("last_operator", "The last operator stays one."));
    let answer = answers(good("Who is left.", "OperatorList", operators()), refusals);
    operation("revoke_operator", OPERATOR_TAG, "Take the right to run this server away", &[shared("Member")], answer)
}

const HEX: &str = "0190a1b2c3d4e5f60718293a4b5c6d7e";

fn shop() -> Value {
    json!({
        "object": "shop", "shop": 1, "name": "お茶の店", "service_id_sandbox": "1000000001", "service_id_live": "2000000001",
        "registration": "complete", "registration_since": 1_795_309_800, "created": 1_795_309_800,
    })
}

fn owner() -> Value {
    json!({
        "object": "owner", "shop": 1, "staff": "stf_0190a1b2c3d4e5f6", "one_time_password": "abcde-fghij-kmnpq-rstuv",
    })
}

fn information() -> Value {
    json!({
        "object": "shop_information", "shop": 1, "name": "お茶の店", "contact_address": "shop@example.jp",
        "company_name": "お茶株式会社", "company_kana": "オチャカブシキガイシャ", "representative": "茶山 花子",
        "postal_code": "158-0094", "address": "東京都世田谷区玉川1-14-1", "phone": "03-1234-5678",
        "site_url": "https://shop.example/", "contact_phone": "03-1234-5679", "contact_hours": "平日 10時~17時",
    })
}

fn news_mail() -> Value {
    json!({ "object": "news_mail", "shop": 1, "wanted": true })
}

fn fee() -> Value {
    json!({
        "object": "fee", "id": format!("fee_{HEX}"), "from": "2026-12-01", "basis_points": 325, "fixed": 10,
        "in_force": false, "withdrawn": null,
    })
}

fn notice_example() -> Value {
    json!({
        "object": "notice", "id": format!("ntc_{HEX}"), "shop": null, "severity": "maintenance",
        "title": "メンテナンスのお知らせ", "body": "深夜に行います。", "state": "shown", "from": 1_795_309_800, "until": null,
    })
}

fn notices() -> Value {
    json!({ "object": "list", "data": [notice_example()], "has_more": false })
}

fn operator_example() -> Value {
    json!({ "object": "operator", "id": "stf_0190a1b2c3d4e5f6", "email": "owner@shop.example", "shop": 1 })
}

fn operators() -> Value {
    json!({ "object": "list", "data": [operator_example()] })
}

fn number(description: &str) -> Value {
    json!({ "type": "integer", "description": description })
}

fn flag(description: &str) -> Value {
    json!({ "type": "boolean", "description": description })
}

fn line(description: &str) -> Value {
    text(description, json!({ "maxLength": FIELD_MAX }))
}

fn list_of(schema: &str, more: bool) -> Value {
    let data = json!({ "type": "array", "items": reference("schemas", schema) });
    let mut properties = json!({ "object": { "const": "list" }, "data": data });
    if more {
        properties["has_more"] = flag("Whether there are more than these.");
    }
    complete("A list.", properties)
}

/// A body whose other properties may be left out.
fn body(required: &[&str], properties: Value) -> Value {
    json!({ "type": "object", "required": required, "additionalProperties": false, "properties": properties })
}

fn information_fields() -> Map<String, Value> {
    let fields = [
        ("company_name", "会社名."),
        ("company_kana", "会社名(フリガナ)."),
        ("representative", "代表者名."),
        ("postal_code", "郵便番号, as in `158-0094`."),
        ("address", "会社住所."),
        ("phone", "電話番号."),
        ("site_url", "サイトURL."),
        ("contact_phone", "問い合わせ先: telephone."),
        ("contact_hours", "問い合わせ先: hours."),
    ];
    fields.into_iter().map(|(name, meaning)| (name.to_owned(), line(meaning))).collect()
}

fn shop_schema() -> Value {
    let service = |description: &str| text(description, json!({ "pattern": "^[0-9]{10}$" }));
    complete(
        "A shop.",
        json!({
            "object": { "const": "shop" },
            "shop": number("Its number."),
            "name": text("サイト名.", json!({})),
            "service_id_sandbox": service("サービスID of Sandbox."),
            "service_id_live": service("サービスID of Live."),
            "registration": { "type": "string", "enum": ["none", "received", "complete"], "description": "本申込." },
            "registration_since": or_null(seconds("Since when it is so")),
            "created": seconds("When it was opened"),
        }),
    )
}

fn information_schemas() -> [(&'static str, Value); 2] {
    let contact = or_null(text("問い合わせ先: the address of the mail settings.", json!({ "maxLength": 254 })));
    let mut shown = Map::from_iter([
        ("object".to_owned(), json!({ "const": "shop_information" })),
        ("shop".to_owned(), number("Number of the shop.")),
        ("name".to_owned(), text("サイト名.", json!({}))),
        ("contact_address".to_owned(), contact.clone()),
    ]);
    shown.extend(information_fields());
    let mut new = Map::from_iter([
        ("name".to_owned(), text("サイト名.", json!({ "minLength": 1, "maxLength": 80 }))),
        ("contact_address".to_owned(), contact),
    ]);
    new.extend(information_fields());
    [
        ("ShopInformation", complete("店舗情報. A field that is not known is empty.", Value::Object(shown))),
        ("NewShopInformation", body(&["name"], Value::Object(new))),
    ]
}

fn notice_schemas() -> [(&'static str, Value); 3] {
    let severity = json!({ "type": "string", "enum": Severity::ALL.map(Severity::as_str) });
    let title = |least| text("One line.", json!({ "minLength": least, "maxLength": notice::TITLE_MAX }));
    let words = |least| text("The text.", json!({ "minLength": least, "maxLength": notice::BODY_MAX }));
    let mut shown = complete(
        "お知らせ.",
        json!({
            "object": { "const": "notice" },
            "id": id("ntc_"),
            "shop": or_null(number("To which shop; null: to all.")),
            "severity": severity,
            "title": title(1),
            "body": words(1),
            "state": { "type": "string", "enum": ["scheduled", "shown", "over", "withdrawn"] },
            "from": seconds("From when it is shown"),
            "until": or_null(seconds("Until when; null: for good")),
        }),
    );
    shown["properties"]["read"] = seconds("When the member of the staff that was named has read it");
    let new = json!({
        "shop": or_null(number("To which shop; left out: to all.")),
        "severity": severity,
        "title": title(1),
        "body": words(1),
        "from": or_null(seconds("From when it is shown; left out: at once")),
        "until": or_null(seconds("Until when; left out: for good")),
    });
    let reader = json!({ "staff": text("Who has read it: `stf_…`.", json!({})) });
    [
        ("Notice", shown),
        ("NewNotice", body(&["severity", "title", "body"], new)),
        ("NoticeReader", body(&["staff"], reader)),
    ]
}

fn fee_schemas() -> [(&'static str, Value); 2] {
    let from = || text("From which day on (Japan).", json!({ "pattern": DAY }));
    let share = json!({ "type": "integer", "minimum": 0, "maximum": pay::fee::BASIS_POINTS_MAX, "description": "Hundredths of a percent." });
    let fixed = json!({ "type": "integer", "minimum": 0, "maximum": pay::fee::FIXED_MAX, "description": "Yen for each charge." });
    let shown = json!({
        "object": { "const": "fee" },
        "id": id("fee_"),
        "from": from(),
        "basis_points": share,
        "fixed": fixed,
        "in_force": flag("Whether it is the one that counts today."),
        "withdrawn": or_null(seconds("When it was withdrawn")),
    });
    let new = json!({ "from": from(), "basis_points": share, "fixed": fixed });
    [("Fee", complete("手数料.", shown)), ("NewFee", body(&["from", "basis_points", "fixed"], new))]
}

/// The shapes of bodies.
pub(super) fn schemas() -> Map<String, Value> {
    let email = || text("A mail address in ASCII.", json!({ "maxLength": 254 }));
    let staff = || text("Its name: `stf_…`.", json!({}));
    let name = text("サイト名.", json!({ "minLength": 1, "maxLength": 80 }));
    let new_shop = json!({ "name": name, "receives_address": flag("Whether its charges carry the shipping address.") });
    let step = json!({ "registration": { "type": "string", "enum": ["received", "complete"] } });
    let owner = json!({
        "object": { "const": "owner" },
        "shop": number("Number of the shop."),
        "staff": staff(),
        "one_time_password": text("For the first login; shown once.", json!({})),
    });
    let news = json!({
        "object": { "const": "news_mail" }, "shop": number("Number of the shop."), "wanted": flag("Whether they come."),
    });
    let one = json!({
        "object": { "const": "operator" }, "id": staff(), "email": email(), "shop": number("The shop of the account."),
    });
    let mut all = vec![
        ("Shop", shop_schema()),
        ("ShopList", list_of("Shop", true)),
        ("NewShop", body(&["name"], new_shop)),
        ("Registration", body(&["registration"], step)),
        ("NewAccount", body(&["email"], json!({ "email": email() }))),
        ("Owner", complete("An account that was made.", owner)),
        ("NewsMail", complete("最新のお知らせ.", news)),
        ("NewsMailWish", body(&["wanted"], json!({ "wanted": flag("Whether they are to come.") }))),
        ("NoticeList", list_of("Notice", true)),
        ("FeeList", list_of("Fee", false)),
        ("Operator", complete("Somebody who runs this server.", one)),
        ("OperatorList", list_of("Operator", false)),
    ];
    all.extend(information_schemas());
    all.extend(notice_schemas());
    all.extend(fee_schemas());
    all.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}
