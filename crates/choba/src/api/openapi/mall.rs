//! The marketplace: licences of the RMS API, functions, sub-statuses, faults. The RMS API itself is a contract of others, in
//! docs/rms-order-api.md.

use mall::fault::{MOST as FAULTS_MOST, SLOW_MAX, Wrong};
use mall::licence::{self, listed};
use mall::market::place::{Refused, URL_MAX};
use mall::wire::Operation;
use pay::ApiError;
use serde_json::{Map, Value, json};

use super::answer::{answers, good, of_authenticated};
use super::introduction::{ESA, HELPER_TAG, MALL_TAG, TOKEN};
use super::parameter::shared;
use super::schema::{complete, or_null, seconds, text};
use super::{content, reference};
use crate::api::mall::place::unopened;
use crate::api::mall::{FAULTS, FUNCTIONS, LICENCES, PLACE, REVEAL, SETTINGS, SUB_STATUSES, refused};

const LICENCE_ID: &str = "lic_6f1e0c3b9a7d2458";

pub(super) fn paths() -> Map<String, Value> {
    let paths = [
        (PLACE, json!({ "get": show_place(), "put": open_place() })),
        (LICENCES, json!({ "get": list(), "post": issue() })),
        (REVEAL, json!({ "post": reveal() })),
        (FUNCTIONS, json!({ "put": switch() })),
        (SETTINGS, json!({ "get": settings(), "put": replace_settings() })),
        (SUB_STATUSES, json!({ "get": sub_statuses(), "put": replace_sub_statuses() })),
        (FAULTS, json!({ "get": faults(), "put": replace_faults() })),
    ];
    paths.into_iter().map(|(path, item)| (path.to_owned(), item)).collect()
}

/// What people read of an operation.
pub(super) struct Told<'a> {
    pub id: &'a str,
    pub summary: &'a str,
    pub description: &'a str,
}

pub(super) fn operation(
    told: &Told<'_>,
    (tag, scheme): (&str, &str),
    parameters: Vec<Value>,
    responses: Value,
) -> Value {
    let Told { id, summary, description } = *told;
    let mut operation = json!({
        "operationId": id,
        "tags": [tag],
        "summary": summary,
        "security": [{ scheme: [] }],
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

fn of_token() -> Vec<ApiError> {
    let mut refusals = of_authenticated("Send a valid token as Authorization: Bearer choba_….");
    let message = "The token needs the scope mall for this shop.";
    refusals.push(ApiError::forbidden("insufficient_scope", message));
    refusals.push(ApiError::missing_resource("There is no such shop."));
    refusals
}

fn of_change() -> Vec<ApiError> {
    [of_token(), vec![ApiError::outcome_unknown(), ApiError::read_only()]].concat()
}

pub(super) fn of_body() -> [ApiError; 3] {
    let not_json = serde_json::from_str::<Value>("{").expect_err("half an object is no JSON");
    [
        ApiError::invalid_json(&not_json),
        ApiError::parameter("a field", "what is described"),
        ApiError::invalid("unreadable_body", "The body could not be read."),
    ]
}

fn place_example() -> Value {
    json!({ "object": "mall_place", "shop": 1, "rms_id": 123_456, "shop_url": "choba-tea", "model": "rpay" })
}

fn show_place() -> Value {
    let told = Told { id: "show_mall_place", summary: "The shop's place on the marketplace", description: "" };
    let answers = answers(good("The place.", "MallPlace", place_example()), of_token());
    operation(&told, (MALL_TAG, TOKEN), vec![shared("Shop")], answers)
}

fn open_place() -> Value {
    let mut refusals = of_change();
    refusals.extend(of_body());
    refusals.extend([Refused::Taken, Refused::Stays].map(unopened));
    let told = Told {
        id: "open_mall_place",
        summary: "Open the shop on the marketplace",
        description: "Its number begins its order numbers. Number and URL stay for good; doing it twice is doing it once. Then a \
            licence is issued. `model` says how cards are settled: `rpay`, by the marketplace, which is usual; `rcard`, by the shop \
            with the older card API (R-Card). It can be changed; orders that are there stay what they are.",
    };
    let answers = answers(good("The place.", "MallPlace", place_example()), refusals);
    let open = operation(&told, (MALL_TAG, TOKEN), vec![shared("Shop")], answers);
    taking(open, "NewMallPlace", json!({ "rms_id": 123_456, "shop_url": "choba-tea" }))
}

fn list() -> Value {
    let told = Told {
        id: "list_mall_licences",
        summary: "利用設定: licenseKeys of the RMS API, and the functions",
        description: "Newest first, without values. Functions belong to the newest key; an older one shows those that it had \
            when it was followed (過去の利用情報) and counts until its own end.",
    };
    operation(
        &told,
        (MALL_TAG, TOKEN),
        vec![shared("Shop")],
        answers(good("The keys.", "MallLicences", keys()), of_token()),
    )
}

fn issue() -> Value {
    let mut refusals = of_change();
    refusals.extend(of_body());
    refusals.extend([ApiError::parameter("Idempotency-Key", "given once"), ApiError::key_reused()]);
    let told = Told {
        id: "issue_mall_licence",
        summary: "Issue or renew a licenseKey",
        description: "The new key lives 90 days of the shop's test clock and takes over the functions of the one before, which \
            counts on until its own end. The first key of a shop makes its serviceSecret and has no functions.",
    };
    let parameters = vec![shared("Shop"), shared("IdempotencyKey")];
    let answers = answers(good("The new key, with its value.", "MallLicence", key(true)), refusals);
    operation(&told, (MALL_TAG, TOKEN), parameters, answers)
}

fn reveal() -> Value {
    let licence = json!({
        "name": "licence", "in": "path", "required": true, "description": "The key.",
        "schema": { "type": "string" }, "example": LICENCE_ID,
    });
    let told = Told {
        id: "reveal_mall_licence",
        summary: "Show serviceSecret and a licenseKey",
        description: "Who shows a key, and when, stands in the audit log.",
    };
    let answers = answers(good("The key, with its value.", "MallLicence", key(true)), of_change());
    operation(&told, (MALL_TAG, TOKEN), vec![shared("Shop"), licence], answers)
}

fn switch() -> Value {
    let mut refusals = of_change();
    refusals.extend(of_body());
    refusals.push(refused(licence::Refused::Ended));
    let told = Told {
        id: "replace_mall_functions",
        summary: "利用機能編集: say which functions are on",
        description: "Exactly these, on the newest key. Where one is added, the key's 90 days begin again, unless the server is \
            set otherwise.",
    };
    let answers = answers(good("The keys.", "MallLicences", keys()), refusals);
    let switch = operation(&told, (MALL_TAG, TOKEN), vec![shared("Shop")], answers);
    taking(switch, "MallFunctions", json!({ "functions": ["rpay.order.searchOrder", "rpay.order.getOrder"] }))
}

fn settings_example() -> Value {
    json!({ "object": "mall_settings", "confirmation": "manual", "trackable_mail": false })
}

fn settings() -> Value {
    let told = Told {
        id: "show_mall_settings",
        summary: "処理設定: how orders are confirmed",
        description: "`unset` at first, which counts as `manual`.",
    };
    let answers = answers(good("The settings.", "MallSettings", settings_example()), of_token());
    operation(&told, (MALL_TAG, TOKEN), vec![shared("Shop")], answers)
}

fn replace_settings() -> Value {
    let mut refusals = of_change();
    refusals.extend(of_body());
    let told = Told {
        id: "replace_mall_settings",
        summary: "Say how orders are confirmed",
        description: "For orders that arrive from now on. With `trackable_mail` (追跡可能メール便), deferred payment can be had with \
            mail delivery too.",
    };
    let answers = answers(good("The settings.", "MallSettings", settings_example()), refusals);
    let replace = operation(&told, (MALL_TAG, TOKEN), vec![shared("Shop")], answers);
    taking(replace, "NewMallSettings", json!({ "confirmation": "automatic", "trackable_mail": false }))
}

fn sub_status_example() -> Value {
    json!({ "id": 3_001, "order_progress": 300, "name": "入荷待ち", "position": 1 })
}

fn sub_statuses() -> Value {
    let told = Told {
        id: "list_sub_statuses",
        summary: "サブステータス: the shop's own stages within a status",
        description: "",
    };
    let example = json!({ "object": "list", "data": [sub_status_example()] });
    let answers = answers(good("The sub-statuses.", "SubStatuses", example), of_token());
    operation(&told, (MALL_TAG, TOKEN), vec![shared("Shop")], answers)
}

fn replace_sub_statuses() -> Value {
    let mut refusals = of_change();
    refusals.extend(of_body());
    let told = Told {
        id: "replace_sub_statuses",
        summary: "Say which sub-statuses there are",
        description: "Exactly these, those of a status in this order. An entry without `id` is new. One that is left out is \
            gone; orders go on showing its number.",
    };
    let example = json!({ "object": "list", "data": [sub_status_example()] });
    let answers = answers(good("The sub-statuses.", "SubStatuses", example), refusals);
    let replace = operation(&told, (MALL_TAG, TOKEN), vec![shared("Shop")], answers);
    taking(replace, "NewSubStatuses", json!({ "data": [{ "order_progress": 300, "name": "入荷待ち" }] }))
}

pub(super) fn of_licence() -> Vec<ApiError> {
    of_authenticated("Send Authorization: ESA base64(serviceSecret:licenseKey): there is no Authorization header.")
}

fn fault_example() -> Value {
    json!({ "faults": [{ "fault": "answer_lost", "operation": "confirmOrder", "times": 1 }] })
}

fn faults() -> Value {
    let told =
        Told { id: "list_mall_faults", summary: "Faults of the RMS API that are still to happen", description: "" };
    let answers = answers(good("The faults.", "MallFaults", fault_example()), of_licence());
    operation(&told, (HELPER_TAG, ESA), Vec::new(), answers)
}

fn replace_faults() -> Value {
    let mut refusals = of_licence();
    refusals.extend([ApiError::outcome_unknown(), ApiError::read_only()]);
    refusals.extend(of_body());
    refusals.push(ApiError::invalid("invalid_parameter", Wrong::Operation.to_string()));
    let told = Told {
        id: "replace_mall_faults",
        summary: "Make the next requests to the RMS API go wrong",
        description: "`slow` answers so many milliseconds later, `unavailable` is a 503 and `dropped` a broken connection before \
            anything was done; after `answer_lost` it was done, and the connection breaks. Each request takes the first fault \
            that concerns its operation. An empty list ends them. Requests of this shop only.",
    };
    let answers = answers(good("The faults.", "MallFaults", fault_example()), refusals);
    taking(operation(&told, (HELPER_TAG, ESA), Vec::new(), answers), "MallFaults", fault_example())
}

fn key(with_values: bool) -> Value {
    let shown = |value: &str| if with_values { Value::from(value) } else { Value::Null };
    json!({
        "object": "mall_licence", "id": LICENCE_ID, "license_key": shown("SL123456_Wb3nXk0PzQr81LdM"),
        "service_secret": shown("SP123456_hT5yGv2Kc9UeSa7F"), "issued": 1_795_309_800, "ends": 1_803_135_600,
        "expiry_date": "2027-02-20T23:59:59+0900", "counts": true, "newest": true, "functions": ["rpay.order.getOrder"],
    })
}

fn keys() -> Value {
    let function = json!({
        "name": "rpay.order.getOrder", "description": "Shows orders in full, by a list of their numbers.",
        "description_ja": "注文番号をリストで指定して受注の詳細情報を取得する。", "enabled": true,
    });
    json!({ "object": "list", "shop_url": "choba-tea", "data": [key(false)], "functions": [function] })
}

/// The shapes of bodies.
pub(super) fn schemas() -> Map<String, Value> {
    let all = licence_schemas().into_iter().chain(other_schemas());
    all.map(|(name, schema)| (name.to_owned(), schema)).collect()
}

type Schemas = Vec<(&'static str, Value)>;

fn list_of(items: Value) -> Value {
    json!({ "type": "array", "items": items })
}

pub(super) fn closed(required: Value, properties: Value) -> Value {
    json!({ "type": "object", "required": required, "additionalProperties": false, "properties": properties })
}

pub(super) fn word(description: &str) -> Value {
    text(description, json!({}))
}

fn flag() -> Value {
    json!({ "type": "boolean" })
}

fn licence_schemas() -> Schemas {
    let names: Vec<String> = listed().into_iter().map(|listed| listed.name).collect();
    let name = json!({ "type": "string", "enum": names });
    let licence = complete(
        "A licenseKey of the RMS API.",
        json!({
            "object": { "const": "mall_licence" },
            "id": word("Its id."),
            "license_key": or_null(word("licenseKey, where it is shown.")),
            "service_secret": or_null(word("serviceSecret, where it is shown.")),
            "issued": seconds("When it was issued, by the shop's test clock"),
            "ends": seconds("The first second at which it counts no more"),
            "expiry_date": word("有効期限: its last second, in Japan."),
            "counts": flag(),
            "newest": flag(),
            "functions": list_of(name.clone()),
        }),
    );
    let function = complete(
        "A function of the RMS API.",
        json!({
            "name": name, "description": word("What it does."), "description_ja": word("機能内容."), "enabled": flag(),
        }),
    );
    let keys = json!({
        "object": { "const": "list" }, "shop_url": word("店舗URL."), "data": list_of(reference("schemas", "MallLicence")),
        "functions": list_of(function),
    });
    vec![
        ("MallLicence", licence),
        ("MallLicences", complete("licenseKeys and functions.", keys)),
        ("MallFunctions", closed(json!(["functions"]), json!({ "functions": list_of(name) }))),
    ]
}

fn other_schemas() -> Schemas {
    let status = json!({ "type": "integer", "enum": [100, 200, 300, 400, 500, 600, 700, 800, 900] });
    let name = text("What the shop calls it.", json!({ "minLength": 1, "maxLength": 30, "pattern": "^\\S" }));
    let number = json!({ "type": "integer", "format": "int64", "minimum": 1 });
    let sub_status =
        complete("A sub-status.", json!({ "id": number, "order_progress": status, "name": name, "position": number }));
    let all = json!({ "object": { "const": "list" }, "data": list_of(sub_status) });
    let id = json!({ "type": ["integer", "null"], "format": "int64" });
    let entry = closed(json!(["order_progress", "name"]), json!({ "id": id, "order_progress": status, "name": name }));
    let wanted = json!({ "data": { "type": "array", "maxItems": 200, "items": entry } });
    let operations = Operation::ALL.iter().map(|operation| Value::from(operation.name()));
    let operations: Vec<Value> = operations.chain([Value::Null]).collect();
    let fault = closed(
        json!(["fault"]),
        json!({
            "fault": { "type": "string", "enum": ["slow", "unavailable", "dropped", "answer_lost"] },
            "operation": {
                "type": ["string", "null"], "enum": operations, "description": "Any, where it is left out or null.",
            },
            "times": { "type": "integer", "minimum": 1, "maximum": 1_000_000, "default": 1 },
            "milliseconds": {
                "type": ["integer", "null"], "minimum": 1, "maximum": SLOW_MAX, "description": "Of `slow` only.",
            },
        }),
    );
    let faults = json!({ "faults": { "type": "array", "maxItems": FAULTS_MOST, "items": fault } });
    let modes = |modes: &[&str]| json!({ "type": "string", "enum": modes, "description": "自動注文確認." });
    let set = json!({
        "object": { "const": "mall_settings" }, "confirmation": modes(&["unset", "manual", "automatic"]),
        "trackable_mail": flag(),
    });
    let to_set = json!({ "confirmation": modes(&["manual", "automatic"]), "trackable_mail": flag() });
    let rms_id = json!({ "type": "integer", "minimum": 100_000, "maximum": 999_999 });
    let url = text("店舗URL.", json!({ "minLength": 1, "maxLength": URL_MAX, "pattern": "^[a-z0-9-]+$" }));
    let model = json!({ "type": "string", "enum": ["rpay", "rcard"] });
    let place = json!({
        "object": { "const": "mall_place" }, "shop": { "type": "integer" }, "rms_id": rms_id, "shop_url": url, "model": model,
    });
    let wanted_model = json!({ "type": ["string", "null"], "enum": ["rpay", "rcard", null], "description": "null leaves it as it is." });
    let wanted_place = json!({ "rms_id": rms_id, "shop_url": url, "model": wanted_model });
    vec![
        ("MallPlace", complete("A shop's place on the marketplace.", place)),
        ("NewMallPlace", closed(json!(["rms_id", "shop_url"]), wanted_place)),
        ("MallSettings", complete("処理設定 of a shop.", set)),
        ("NewMallSettings", closed(json!(["confirmation", "trackable_mail"]), to_set)),
        ("SubStatuses", complete("Sub-statuses.", all)),
        ("NewSubStatuses", closed(json!(["data"]), wanted)),
        ("MallFaults", closed(json!(["faults"]), faults)),
    ]
}
