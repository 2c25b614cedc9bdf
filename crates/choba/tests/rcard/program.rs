//! A real SOAP client (PyPI's zeep) that knows nothing but the WSDL, through an order's whole life.

use std::io::Write as _;
use std::process::{Command, Stdio};

use mall::rcard::http::PATH;
use serde_json::{Value, json};
use testkit::{Engine, Request, Setup, TestApp};

use crate::client::{Program, SHOP_URL};

const SCRIPT: &str = r#"
import json, sys
import zeep
from zeep.helpers import serialize_object

given = json.loads(sys.stdin.readline())
client = zeep.Client(given["wsdl"])
# The address of the service is the public one; tests reach it elsewhere.
name = "{http://orderapi.rms.rakuten.co.jp/rccsapi-services/RCCSAPI}RCCSApiBinding"
service = client.create_service(name, given["address"])
who = {"authKey": given["key"], "shopUrl": given["shop"], "userName": given["user"]}

def say(answer):
    print(json.dumps(serialize_object(answer, dict), default=str, ensure_ascii=False), flush=True)

for line in sys.stdin:
    step = json.loads(line)
    try:
        say(getattr(service, step["operation"])(userAuthModel=who, **step["parts"]))
    except zeep.exceptions.Fault as fault:
        say({"fault": fault.code})
"#;

/// The client, a process that is told step by step what to call.
struct Zeep {
    child: std::process::Child,
    lines: std::io::Lines<std::io::BufReader<std::process::ChildStdout>>,
}

impl Zeep {
    fn start(given: &Value) -> Zeep {
        let mut child = Command::new(testkit::python())
            .args(["-c", SCRIPT])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("starting Python");
        let lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().expect("its output")));
        let mut zeep = Zeep { child, lines };
        zeep.tell(given);
        zeep
    }

    fn tell(&mut self, what: &Value) {
        let stdin = self.child.stdin.as_mut().expect("its input");
        writeln!(stdin, "{what}").expect("writing to Python");
        stdin.flush().expect("writing to Python");
    }

    fn call(&mut self, operation: &str, parts: Value) -> Value {
        self.tell(&json!({ "operation": operation, "parts": parts }));
        let line = self.lines.next().expect("an answer").expect("a line");
        serde_json::from_str(&line).expect("a line of JSON")
    }

    fn request_id(&mut self) -> i64 {
        self.call("getRCCSRequestId", json!({}))["requestId"].as_i64().expect("a number")
    }
}

impl Drop for Zeep {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn zeep_goes_by_the_wsdl_through_a_whole_life() {
    let app = TestApp::start(Engine::Sqlite, Setup::default()).await;
    let program = Program::switched(&app).await;
    let described = app.http.send(&Request::get(format!("{PATH}?WSDL"))).await;
    assert_eq!(described.header("content-type"), Some("text/xml; charset=utf-8"));
    assert!(described.text.contains("location=\"https://choba.example/rccsapi-services/RCCSApiService\""));

    let address = format!("http://{}{PATH}", app.address());
    let wsdl = format!("{address}?wsdl");
    let (key, user) = (&program.auth_key, &program.user_name);
    let given = json!({ "wsdl": wsdl, "address": address, "key": key, "user": user, "shop": SHOP_URL });
    let mut zeep = tokio::task::block_in_place(|| Zeep::start(&given));
    let order = program.order(208, "jcb").await;

    let lives = [
        ("authori", "uiAuthoriRequestModels", "UiAuthoriRequestModel", json!({ "payType": 0, "price": 208 }), 12),
        ("sales", "uiSalesRequestModels", "UiSalesRequestModel", json!({}), 32),
        ("salesCancel", "uiCancelRequestModels", "UiCancelRequestModel", json!({}), 42),
        ("authori", "uiAuthoriRequestModels", "UiAuthoriRequestModel", json!({ "payType": 0, "price": 100 }), 12),
        ("authoriCancel", "uiCancelRequestModels", "UiCancelRequestModel", json!({}), 22),
    ];
    for (operation, list, model, mut one, status) in lives {
        one["orderNumber"] = json!(order);
        let (id, accepted) = tokio::task::block_in_place(|| {
            let id = zeep.request_id();
            (id, zeep.call(operation, json!({ "intVal": id, list: { model: [one] } })))
        });
        assert_eq!(accepted["errorCode"], "RCCS_N00-000", "{accepted}");
        program.pass(31).await;
        let shown = tokio::task::block_in_place(|| zeep.call("getRCCSResult", json!({ "ints": { "int": [id] } })));
        let request = &shown["rccsRequestStatus"]["UiRCCSRequestStatusModel"][0];
        assert_eq!((&request["status"], &request["count"]), (&json!(3), &json!(1)), "{shown}");
        let result = &request["rccsResults"]["UiRCCSResultModel"][0];
        assert_eq!((&result["cardStatus"], &result["orderNumber"]), (&json!(status), &json!(order)), "{result}");
        assert_eq!(result["cardNo"], "****-****-****-0000");
    }
    let search = json!({ "cardStatus": -1, "fromDate": "2026-11-22", "toDate": "2026-11-23" });
    let all =
        tokio::task::block_in_place(|| zeep.call("getRCCSResultAll", json!({ "uiRCCSResultSearchModel": search })));
    let found = all["rccsResults"]["UiRCCSResultModel"].as_array().expect("results");
    let statuses: Vec<i64> = found.iter().filter_map(|result| result["cardStatus"].as_i64()).collect();
    assert_eq!(statuses, [12, 32, 42, 12, 22]);
    drop(zeep);
    app.finish().await;
}
