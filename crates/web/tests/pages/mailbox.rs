//! The mailbox: what buyers and the shop got, for who is logged in to that shop.

use testkit::app::on_both;
use testkit::http::Reply;
use testkit::merchant::{Merchant, Sale, escaped};

use crate::browser::{Browser, make_staff};
use crate::safety::assert_safe;

const OWNER: &str = "owner@shop.example";

fn listed(page: &Reply) -> Vec<String> {
    assert_eq!(page.status, 200, "{}", page.text);
    let links = page.text.split(r#"<a href="/mailbox/"#).skip(1);
    links.map(|link| link.split('"').next().unwrap().to_owned()).collect()
}

/// Sells to a buyer with an address and writes to them; the order number.
async fn write(merchant: &Merchant, subject: &str, body: &str) -> String {
    let buyer = serde_json::json!({ "id": "buyer-7", "email": "hanako@buyer.example", "last_name": "<b>楽天", "first_name": "花子" });
    let sold = merchant.sell(&Sale::of(1_000).with("buyer", buyer)).await;
    let form = format!("charge={sold}&subject={}&body={}", escaped(subject), escaped(body));
    merchant.post("/notifications/mail", &form).await.good();
    sold
}

#[tokio::test]
async fn mails_are_listed_searched_and_read_as_text() {
    on_both(async |app| {
        make_staff(app, app.shop.id, OWNER, false).await;
        let sold = write(&app.merchant(), "発送のお知らせ", "<script>alert(1)</script>\n本日発送しました。").await;
        app.run_jobs().await;
        let mut browser = Browser::logged_in(app, OWNER).await;
        let page = browser.get("/mailbox").await;
        assert_safe("/mailbox", &page);
        assert!(page.text.contains("発送のお知らせ") && page.text.contains("hanako@buyer.example"), "{}", page.text);
        assert!(page.text.contains("未送信</span>"), "{}", page.text);

        let mut count = async |query: &str| listed(&browser.get(&format!("/mailbox?{query}")).await).len();
        let all = count("").await;
        assert!(all >= 1);
        assert_eq!(count(&format!("text={}", escaped("本日発送"))).await, 1);
        assert_eq!(count(&format!("text={sold}")).await, all);
        assert_eq!(count("text=%25").await, 0);
        assert_eq!(count("text=a%00b").await, 0);
        assert_eq!(count("environment=test").await, 0);

        let found = browser.get(&format!("/mailbox?text={}", escaped("本日発送"))).await;
        let one = browser.get(&format!("/mailbox/{}", listed(&found)[0])).await;
        assert_safe("/mailbox/{environment}/{id}", &one);
        assert!(one.text.contains("&#60;script&#62;alert(1)") && !one.text.contains("<script>"), "{}", one.text);
        let order = format!(r#"href="/dashboard/sandbox/orders/{sold}""#);
        assert!(one.text.contains("本日発送しました。") && one.text.contains(&order), "{}", one.text);
        assert!(one.text.contains("送信せずに保管しています。"), "{}", one.text);
    })
    .await;
}

#[tokio::test]
async fn the_mails_of_another_shop_are_not_there() {
    on_both(async |app| {
        make_staff(app, app.shop.id, OWNER, false).await;
        let other = app.new_shop(false).await;
        make_staff(app, other.id, "other@shop.example", false).await;
        write(&other.sandbox(), "他店のお知らせ", "本文").await;
        app.run_jobs().await;
        let mut theirs = Browser::logged_in(app, "other@shop.example").await;
        let mails = listed(&theirs.get("/mailbox").await);
        assert!(!mails.is_empty());
        let mut ours = Browser::logged_in(app, OWNER).await;
        assert_eq!(listed(&ours.get("/mailbox").await), [""; 0]);
        for path in [format!("/mailbox/{}", mails[0]), "/mailbox/moon/1".into(), "/mailbox/sandbox/%00".into()] {
            assert_eq!(ours.get(&path).await.status, 404, "{path}");
        }
        assert_eq!(Browser::new(app).get("/mailbox").await.status, 303);
    })
    .await;
}
