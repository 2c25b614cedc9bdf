//! A browser, driven over the WebDriver protocol (W3C): ChromeDriver and Chromium, headless, as `cargo xtask test` installs
//! them. The protocol is a few JSON requests, so no client library is needed.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use serde_json::{Value, json};

use crate::http::{Http, Request};

/// The key under which WebDriver names elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// How often a driver is started until one has its port.
const STARTS: usize = 5;
/// How often, and how far apart, something is looked for on a page: half a minute, because the machine may be busy.
const LOOKS: (usize, Duration) = (600, Duration::from_millis(50));
/// How long the end of a session is waited for.
const ENDING: Duration = Duration::from_secs(20);
/// How long a script of a test may take: axe on a long page and a busy machine.
const SCRIPT_MS: u64 = 300_000;
/// The key Tab, as WebDriver writes it.
pub const TAB: &str = "\u{E004}";
/// The key Enter.
pub const ENTER: &str = "\u{E007}";
/// The key Escape.
pub const ESCAPE: &str = "\u{E00C}";
/// The arrow that points down.
pub const DOWN: &str = "\u{E015}";
/// The key Ctrl, to be held.
pub const CONTROL: &str = "\u{E009}";
/// The space bar.
pub const SPACE: &str = " ";

/// Which pages somebody likes to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Scheme {
    /// The word of media queries.
    pub fn as_str(self) -> &'static str {
        match self {
            Scheme::Light => "light",
            Scheme::Dark => "dark",
        }
    }
}

/// A browser that runs until it is dropped.
pub struct Browser {
    driver: Child,
    address: SocketAddr,
    http: Http,
    session: String,
    _profile: tempfile::TempDir,
}

impl Drop for Browser {
    fn drop(&mut self) {
        // A driver that is killed leaves its browser behind: the session is ended first.
        let _ = self.end();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// Where ChromeDriver is: `CHOBA_TEST_CHROMEDRIVER`, or that of the system.
fn chromedriver() -> String {
    std::env::var("CHOBA_TEST_CHROMEDRIVER").unwrap_or_else(|_| "/usr/bin/chromedriver".to_owned())
}

/// Starts the driver; none if somebody took the port that it had chosen.
fn start_driver() -> Option<(Child, u16)> {
    let mut command = Command::new(chromedriver());
    let mut driver = command
        .arg("--port=0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("ChromeDriver, which `cargo xtask test` installs");
    let lines = BufReader::new(driver.stdout.take().expect("its output")).lines();
    let port = lines.map_while(Result::ok).find_map(|line| {
        let (_, rest) = line.split_once("started successfully on port ")?;
        rest.trim_end_matches('.').parse::<u16>().ok()
    });
    if port.is_none() {
        let _ = driver.kill();
        let _ = driver.wait();
    }
    Some((driver, port?))
}

impl Browser {
    /// Ends the session, and with it the browser; waits until it has ended.
    fn end(&self) -> std::io::Result<()> {
        let mut driver = std::net::TcpStream::connect(self.address)?;
        driver.set_read_timeout(Some(ENDING))?;
        let head = format!("DELETE /session/{} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n", self.session);
        driver.write_all(head.as_bytes())?;
        driver.read(&mut [0; 1]).map(|_| ())
    }

    /// Starts one, in this language.
    pub async fn start(language: &str) -> Browser {
        let (driver, port) = (0..STARTS).find_map(|_| start_driver()).expect("ChromeDriver says its port");
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let http = Http::new(address);
        let profile = tempfile::tempdir().expect("a temporary folder");
        let browser = Browser { driver, address, http, session: String::new(), _profile: profile };
        browser.begin(language).await
    }

    async fn begin(mut self, language: &str) -> Browser {
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--window-size=1280,1000",
            "--hide-scrollbars",
            &format!("--user-data-dir={}", self._profile.path().display()),
            &format!("--lang={language}"),
        ];
        let options = json!({ "args": arguments, "prefs": { "intl.accept_languages": language } });
        let timeouts = json!({ "script": SCRIPT_MS });
        let always = json!({ "goog:chromeOptions": options, "timeouts": timeouts });
        let wanted = json!({ "capabilities": { "alwaysMatch": always } });
        let made = self.send("POST", "/session".to_owned(), Some(wanted)).await.expect("a session");
        self.session = made["sessionId"].as_str().expect("the session's id").to_owned();
        self
    }

    async fn send(&self, method: &'static str, path: String, body: Option<Value>) -> Result<Value, String> {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let request = Request::post(path, body).method(method).header("content-type", "application/json");
        let reply = self.http.send(&request).await;
        let value = reply.json()["value"].clone();
        if reply.status == 200 {
            return Ok(value);
        }
        let said = |name: &str| value[name].as_str().unwrap_or("?").lines().next().unwrap_or_default().to_owned();
        Err(format!("{}: {}", said("error"), said("message")))
    }

    /// A command of the DevTools protocol that may be given twice: a page that is going away answers none.
    async fn command(&self, command: &str, params: Value) -> Value {
        let (looks, pause) = LOOKS;
        let body = json!({ "cmd": command, "params": params });
        let mut last = String::new();
        for _ in 0..looks / 10 {
            match self.post("/goog/cdp/execute", body.clone()).await {
                Ok(value) => return value,
                Err(error) => last = error,
            }
            tokio::time::sleep(pause).await;
        }
        panic!("{command}: {last}");
    }

    async fn post(&self, path: &str, body: Value) -> Result<Value, String> {
        self.send("POST", format!("/session/{}{path}", self.session), Some(body)).await
    }

    async fn get(&self, path: &str) -> Result<Value, String> {
        self.send("GET", format!("/session/{}{path}", self.session), None).await
    }

    /// Opens an address in the present window.
    pub async fn open(&self, url: &str) {
        self.post("/url", json!({ "url": url })).await.expect("opening a page");
    }

    /// The address that is shown.
    pub async fn url(&self) -> String {
        self.get("/url").await.ok().and_then(|url| url.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Back in the history.
    pub async fn back(&self) {
        self.post("/back", json!({})).await.expect("going back");
    }

    /// Loads the page again.
    pub async fn reload(&self) {
        self.post("/refresh", json!({})).await.expect("loading again");
    }

    /// The first element of a CSS selector, waited for.
    pub async fn find(&self, css: &str) -> String {
        let (looks, pause) = LOOKS;
        for _ in 0..looks {
            if let Some(element) = self.look(css).await {
                return element;
            }
            tokio::time::sleep(pause).await;
        }
        panic!("no {css} at {}: {}", self.url().await, self.text().await);
    }

    /// The element, if it is there now.
    pub async fn look(&self, css: &str) -> Option<String> {
        let found = self.post("/element", json!({ "using": "css selector", "value": css })).await.ok()?;
        Some(found[ELEMENT].as_str()?.to_owned())
    }

    /// Waits until the page is painted: before that, browsers drop what is clicked.
    async fn painted(&self) {
        let painted = "return document.readyState === 'complete' && performance.getEntriesByType('paint').length > 0";
        let (looks, pause) = LOOKS;
        for _ in 0..looks {
            if self.script(painted).await == Value::Bool(true) {
                return;
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// Clicks.
    pub async fn click(&self, css: &str) {
        let (looks, pause) = LOOKS;
        self.painted().await;
        for _ in 0..looks {
            let element = self.find(css).await;
            if self.post(&format!("/element/{element}/click"), json!({})).await.is_ok() {
                return;
            }
            // Something lies above it, such as a bar that stays at the edge: away from the edges.
            let scroll = "arguments[0].scrollIntoView({ block: 'center' })";
            let _ = self.post("/execute/sync", json!({ "script": scroll, "args": [{ ELEMENT: element }] })).await;
            tokio::time::sleep(pause).await;
        }
        panic!("{css} cannot be clicked at {}", self.url().await);
    }

    /// Types into a field.
    pub async fn fill(&self, css: &str, text: &str) {
        let (looks, pause) = LOOKS;
        for _ in 0..looks {
            let element = self.find(css).await;
            match self.post(&format!("/element/{element}/value"), json!({ "text": text })).await {
                Ok(_) => return,
                // The page changed under the hand: nothing was typed.
                Err(error) if error.starts_with("stale element") || error.starts_with("element not interactable") => {}
                Err(error) => panic!("typing into {css}: {error}"),
            }
            tokio::time::sleep(pause).await;
        }
        panic!("{css} takes no text at {}", self.url().await);
    }

    /// Presses keys wherever the focus is.
    pub async fn press(&self, keys: &str) {
        self.painted().await;
        let strokes: Vec<Value> = keys
            .chars()
            .flat_map(|key| [json!({ "type": "keyDown", "value": key }), json!({ "type": "keyUp", "value": key })])
            .collect();
        let actions = json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": strokes }] });
        self.post("/actions", actions).await.expect("pressing keys");
    }

    /// What a script returns.
    pub async fn script(&self, script: &str) -> Value {
        self.post("/execute/sync", json!({ "script": script, "args": [] })).await.unwrap_or(Value::Null)
    }

    /// What the promise of an async script gives.
    pub async fn promise(&self, script: &str) -> Result<Value, String> {
        let script = format!(
            "const done = arguments[arguments.length - 1]; \
             (async () => {{ {script} }})().then((good) => done({{ good }}), (bad) => done({{ bad: String(bad) }}))"
        );
        let answer = self.post("/execute/async", json!({ "script": script, "args": [] })).await?;
        if let Some(bad) = answer["bad"].as_str() { Err(bad.to_owned()) } else { Ok(answer["good"].clone()) }
    }

    /// Runs a script in every page that is opened from now on, before the page's own.
    pub async fn on_every_page(&self, script: &str) {
        self.command("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await;
    }

    /// Sets a cookie for the site that `url` is of.
    pub async fn set_cookie(&self, url: &str, name: &str, value: &str) {
        let params = json!({ "url": url, "name": name, "value": value, "path": "/" });
        self.command("Network.setCookie", params).await;
    }

    /// The value of a cookie of the page that is open.
    pub async fn cookie(&self, name: &str) -> Option<String> {
        let cookie = self.get(&format!("/cookie/{name}")).await.ok()?;
        Some(cookie["value"].as_str()?.to_owned())
    }

    /// As somebody who likes dark pages, or light ones, and no movement.
    pub async fn prefer(&self, scheme: Scheme) {
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme.as_str() },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.command("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    }

    /// As the page looks on paper, or on a screen again.
    pub async fn print(&self, printed: bool) {
        self.command("Emulation.setEmulatedMedia", json!({ "media": if printed { "print" } else { "" } })).await;
        self.command("Emulation.setScrollbarsHidden", json!({ "hidden": printed })).await;
    }

    /// Presses `key` while `held` (Ctrl, Shift …, as WebDriver writes them) is down.
    pub async fn press_with(&self, held: &str, key: &str) {
        self.painted().await;
        let strokes = json!([
            { "type": "keyDown", "value": held }, { "type": "keyDown", "value": key },
            { "type": "keyUp", "value": key }, { "type": "keyUp", "value": held },
        ]);
        let actions = json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": strokes }] });
        self.post("/actions", actions).await.expect("pressing keys");
    }

    /// Waits until a script returns true.
    pub async fn until(&self, what: &str, script: &str) {
        let (looks, pause) = LOOKS;
        for _ in 0..looks {
            if self.script(script).await == Value::Bool(true) {
                return;
            }
            tokio::time::sleep(pause).await;
        }
        panic!("never {what} at {}: {}", self.url().await, self.text().await);
    }

    /// The text of the page.
    pub async fn text(&self) -> String {
        let text = self.script("return document.body ? document.body.innerText : ''").await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the page says `text`.
    pub async fn sees(&self, text: &str) {
        let (looks, pause) = LOOKS;
        for _ in 0..looks {
            if self.text().await.contains(text) {
                return;
            }
            tokio::time::sleep(pause).await;
        }
        panic!("no {text:?} at {}: {}", self.url().await, self.text().await);
    }

    /// The windows, oldest first.
    pub async fn windows(&self) -> Vec<String> {
        let handles = self.get("/window/handles").await.unwrap_or_default();
        handles.as_array().into_iter().flatten().filter_map(|handle| handle.as_str().map(str::to_owned)).collect()
    }

    /// Goes over to the window that `known` does not have, waited for.
    pub async fn to_new_window(&self, known: &[String]) -> String {
        let (looks, pause) = LOOKS;
        for _ in 0..looks {
            if let Some(new) = self.windows().await.into_iter().find(|handle| !known.contains(handle)) {
                self.to_window(&new).await;
                return new;
            }
            tokio::time::sleep(pause).await;
        }
        panic!("no new window beside {}: {}", self.url().await, self.text().await);
    }

    /// Goes over to a window.
    pub async fn to_window(&self, handle: &str) {
        self.post("/window", json!({ "handle": handle })).await.expect("a window");
    }

    /// Closes the present window.
    pub async fn close_window(&self) {
        let handle = self.get("/window").await.expect("a window");
        self.close(handle.as_str().unwrap_or_default()).await;
    }

    /// Closes a window, which may be closing by itself, until it is gone.
    async fn close(&self, handle: &str) {
        let (looks, pause) = LOOKS;
        for _ in 0..looks {
            if !self.windows().await.iter().any(|known| known == handle) {
                return;
            }
            if self.post("/window", json!({ "handle": handle })).await.is_ok() {
                let _ = self.send("DELETE", format!("/session/{}/window", self.session), None).await;
            }
            tokio::time::sleep(pause).await;
        }
        panic!("the window {handle} cannot be closed");
    }

    /// Makes the window this large, in pixels.
    pub async fn resize(&self, width: u32, height: u32) {
        // Windows are not narrower than 500 pixels; a phone's width is emulated.
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500 });
        self.command("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// A browser that nobody has used: no cookies, nothing kept, one window.
    pub async fn forget(&self) {
        let all = self.windows().await;
        for handle in all.iter().skip(1) {
            self.close(handle).await;
        }
        if let Some(first) = all.first() {
            self.to_window(first).await;
        }
        self.command("Network.clearBrowserCookies", json!({})).await;
    }

    /// A picture of the whole page, PNG.
    pub async fn picture(&self) -> Vec<u8> {
        let size = "const root = document.documentElement; return [root.scrollWidth, root.scrollHeight]";
        let size = self.script(size).await;
        let clip = json!({ "x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1 });
        let params = json!({ "captureBeyondViewport": true, "clip": clip });
        let picture = self.command("Page.captureScreenshot", params).await;
        let text = picture["data"].as_str().unwrap_or_default();
        base64::engine::general_purpose::STANDARD.decode(text).expect("base64")
    }
}
