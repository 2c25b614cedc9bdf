//! A browser without a window: keeps cookies, follows no redirect by itself, sends the forms of the pages it has.

use kernel::ShopId;
use shop::password::Passwords;
use shop::staff::rows;
use shop::{Duties, Staff};
use store::StoreError;
use testkit::TestApp;
use testkit::http::{Http, Reply, Request};
use testkit::merchant::escaped;

/// The password of every account of the tests.
pub const PASSWORD: &str = "a long test password";

/// A browser and its cookies.
#[derive(Clone)]
pub struct Browser {
    http: Http,
    cookies: Vec<(String, String)>,
    headers: Vec<(&'static str, String)>,
}

impl Browser {
    /// One that has never been here.
    pub fn new(app: &TestApp) -> Browser {
        Browser { http: app.http.clone(), cookies: Vec::new(), headers: Vec::new() }
    }

    /// One that is logged in as the account of `email`.
    pub async fn logged_in(app: &TestApp, email: &str) -> Browser {
        let mut browser = Browser::new(app);
        let reply = browser.login(email, PASSWORD).await;
        assert_eq!(reply.status, 303, "{}", reply.text);
        browser
    }

    /// The same browser, sending one more header with each request.
    #[must_use]
    pub fn saying(mut self, name: &'static str, value: &str) -> Browser {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// The value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|(kept, _)| kept == name).map(|(_, value)| value.as_str())
    }

    /// Sets a cookie, as another site on a neighbouring host might.
    pub fn plant(&mut self, name: &str, value: &str) {
        self.cookies.retain(|(kept, _)| kept != name);
        self.cookies.push((name.to_owned(), value.to_owned()));
    }

    pub async fn get(&mut self, path: &str) -> Reply {
        self.send(Request::get(path).header("accept", "text/html,*/*;q=0.8")).await
    }

    /// Sends a form with the token of `page`.
    pub async fn submit(&mut self, page: &Reply, action: &str, fields: &[(&str, &str)]) -> Reply {
        let token = token(page).unwrap_or_default();
        self.post(action, &[&[("csrf", token)], fields].concat()).await
    }

    /// Sends a form as it stands.
    pub async fn post(&mut self, action: &str, fields: &[(&str, &str)]) -> Reply {
        let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        let request = Request::post(action, fields.join("&"));
        self.send(request.header("content-type", "application/x-www-form-urlencoded")).await
    }

    /// Sends a form with a file, with the token of `page`.
    pub async fn upload(
        &mut self,
        page: &Reply,
        action: &str,
        fields: &[(&str, &str)],
        (name, bytes): (&str, &[u8]),
    ) -> Reply {
        const LINE: &str = "testboundary7d3a";
        let mut body = Vec::new();
        for (field, value) in [&[("csrf", token(page).unwrap_or_default())], fields].concat() {
            let part = format!("--{LINE}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
            body.extend(part.into_bytes());
        }
        let head = format!("--{LINE}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n");
        body.extend(head.into_bytes());
        body.extend(b"Content-Type: application/x-x509-ca-cert\r\n\r\n");
        body.extend_from_slice(bytes);
        body.extend(format!("\r\n--{LINE}--\r\n").into_bytes());
        let kind = format!("multipart/form-data; boundary={LINE}");
        self.send(Request::post(action, body).header("content-type", kind)).await
    }

    /// Opens the login and sends it.
    pub async fn login(&mut self, email: &str, password: &str) -> Reply {
        let page = self.get("/login").await;
        self.submit(&page, "/login", &[("email", email), ("password", password)]).await
    }

    async fn send(&mut self, mut request: Request) -> Reply {
        if !self.cookies.is_empty() {
            let line: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header("cookie", line.join("; "));
        }
        for (name, value) in &self.headers {
            request = request.header(name, value.clone());
        }
        let reply = self.http.send(&request).await;
        for line in reply.head.lines().filter_map(|line| line.strip_prefix("set-cookie: ")) {
            let (name, rest) = line.split_once('=').expect("a cookie");
            self.cookies.retain(|(kept, _)| kept != name);
            if !line.contains("Max-Age=0") {
                let value = rest.split(';').next().unwrap_or_default();
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        reply
    }
}

/// The fields that are filled in already of the form that is sent to `action`, without the token and the buttons.
pub fn fields(page: &Reply, action: &str) -> Vec<(String, String)> {
    let form = page.text.split("<form ").find(|form| form.contains(&format!(r#"action="{action}""#)));
    let form = form.unwrap_or_else(|| panic!("no form for {action} in {}", page.text));
    let form = form.split("</form>").next().unwrap_or_default();
    let attribute = |tag: &str, name: &str| {
        let value = tag.split_once(&format!(r#" {name}=""#))?.1.split('"').next()?;
        Some(plain(value))
    };
    let inputs = form.split("<input ").skip(1).map(|tag| format!(" {}", tag.split('>').next().unwrap_or_default()));
    let inputs = inputs.filter(|tag| !tag.contains(r#"type="checkbox""#) || tag.contains(" checked"));
    let pair = |tag: String| Some((attribute(&tag, "name")?, attribute(&tag, "value").unwrap_or_default()));
    inputs.filter_map(pair).filter(|(name, _)| name != "csrf").collect()
}

/// A text as a page shows it.
pub fn plain(text: &str) -> String {
    let marks = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")];
    marks.into_iter().fold(text.to_owned(), |text, (mark, character)| text.replace(mark, character))
}

/// The token of the forms of a page.
pub fn token(page: &Reply) -> Option<&str> {
    page.text.split_once(r#"name="csrf" value=""#)?.1.split('"').next()
}

/// The value of a hidden field of a page.
pub fn hidden(page: &Reply, name: &str) -> String {
    let mark = format!(r#"name="{name}" value=""#);
    let found = page.text.split_once(mark.as_str()).and_then(|(_, rest)| rest.split('"').next());
    found.unwrap_or_else(|| panic!("no field {name} in {}", page.text)).to_owned()
}

/// Makes an account of `shop` with these roles.
pub async fn make_member(app: &TestApp, shop: ShopId, email: &str, roles: &[shop::Role]) -> Staff {
    make_staff_with(app, shop, email, Duties::of(roles, false)).await
}

/// Makes an account with these duties.
pub async fn make_staff_with(app: &TestApp, shop: ShopId, email: &str, duties: Duties) -> Staff {
    let staff = Staff { duties, ..Staff::new(shop, email.parse().expect("an address"), false, &*app.entropy) };
    let hash = Passwords::default().hash(PASSWORD.to_owned(), &*app.entropy).await;
    let made = staff.clone();
    let write = move |tx: &mut store::Tx<'_>| tx.execute_all(&[rows::insert(&made, &hash, tx.machine_now())]);
    app.store().write::<_, StoreError, _>(write).await.expect("writing an account");
    staff
}

/// Completes the registration of a shop for Live.
pub async fn open_live(app: &TestApp, shop: ShopId) {
    let write = move |tx: &mut store::Tx<'_>| tx.execute_all(&[shop::rows::register_live(shop, tx.machine_now())]);
    app.store().write::<_, StoreError, _>(write).await.expect("registering for Live");
}

/// Makes an account of `shop`.
pub async fn make_staff(app: &TestApp, shop: ShopId, email: &str, must_change: bool) -> Staff {
    let staff = Staff::new(shop, email.parse().expect("an address"), must_change, &*app.entropy);
    let hash = Passwords::default().hash(PASSWORD.to_owned(), &*app.entropy).await;
    let made = staff.clone();
    let write = move |tx: &mut store::Tx<'_>| tx.execute_all(&[rows::insert(&made, &hash, tx.machine_now())]);
    app.store().write::<_, StoreError, _>(write).await.expect("writing an account");
    staff
}
