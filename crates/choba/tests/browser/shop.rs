//! A shop's own site, on another origin than ours: one page with buttons and a callback.

use std::sync::{Arc, Mutex};

use testkit::Button;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// The site. Its page can be changed; the connection says which one is shown.
#[derive(Clone)]
pub struct Shop {
    /// Its origin.
    pub origin: String,
    page: Arc<Mutex<String>>,
}

impl Shop {
    /// A site on a free port.
    pub async fn start() -> Shop {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        let shop = Shop { origin, page: Arc::default() };
        let page = shop.page.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let page = page.clone();
                tokio::spawn(async move {
                    let mut head = vec![0; 8_192];
                    let _ = stream.read(&mut head).await;
                    // Now, not before: browsers open connections that they may need later.
                    let page = page.lock().expect("the page").clone();
                    let length = page.len();
                    let answer = format!(
                        "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {length}\r\n\
                         cache-control: no-store\r\nconnection: close\r\n\r\n{page}"
                    );
                    let _ = stream.write_all(answer.as_bytes()).await;
                });
            }
        });
        shop
    }

    /// Shows a page with these buttons of the server at `ours`; `before` is a script that runs first.
    pub fn shows(&self, ours: &str, language: &str, buttons: &[Button], before: &str) -> String {
        let tags: String = buttons.iter().map(|button| tag(ours, button)).collect();
        *self.page.lock().expect("the page") = format!(
            "<!doctype html><html lang=\"{language}\"><meta charset=\"utf-8\"><title>shop</title><h1>店</h1>\
             <script>window.told = []; window.shop = {{ paid: (charge) => {{ window.told.push(charge); \
             document.getElementById('result').textContent = 'paid ' + charge.id; }} }}; {before}</script>{tags}\
             <p id=\"result\"></p></html>"
        );
        format!("{}/cart", self.origin)
    }
}

fn tag(ours: &str, button: &Button) -> String {
    let mut text = format!(
        "<script src=\"{ours}/s/js/checkout-lite-v1.js\" class=\"checkout-lite-button\" data-callback=\"shop.paid\" \
         data-key=\"{}\" data-sig=\"{}\"",
        button.key, button.signature
    );
    if let Some(cart_id) = &button.cart_id {
        text.push_str(&format!(" data-cart-id=\"{cart_id}\""));
    }
    for (n, item) in (1..).zip(&button.items) {
        text.push_str(&format!(
            " data-item-id-{n}=\"{}\" data-item-name-{n}=\"{}\" data-item-unit-price-{n}=\"{}\" \
             data-item-quantity-{n}=\"{}\"",
            item.id, item.name, item.unit_price, item.quantity
        ));
    }
    text + "></script>"
}
