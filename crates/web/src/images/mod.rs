//! イメージライブラリ (`/dashboard/{side}/images`): on the Live side pictures for the shop's site as tags to copy; on both
//! sides a builder that makes the tag of a payment button, signed by the server.

mod builder;
mod drawing;
pub mod library;

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use kernel::Environment;
use pay::checkout::{button, security_code};
use pay::http::form::Form;
use shop::Right;

use crate::staff::{Desk, posted};
use crate::texts;
use crate::ui::{Access, Frame, Language, Pages, Posted, Problem, Side, Tone, Ui};
use builder::Draft;
use library::Picture;

const PATH: &str = "/dashboard/{side}/images";

/// The page, and the pictures.
pub fn pages(ui: &Ui) -> Pages {
    let may = Access::With(Right::SeeImages);
    Pages::new()
        .get(PATH, may, show)
        .post(PATH, may, build)
        .get("/s/images/{file}", Access::Everybody, library::show)
        .with_state(ui.clone())
}

texts! {
    /// What the page says.
    ImagesText {
        title: "イメージライブラリ", "Image library";
        intro: "貴社サイトに表示できる各種画像のHTMLタグです。テキストボックスの中のタグをコピーし、ご利用ください。",
            "HTML tags of pictures for your site. Copy a tag from its box and paste it into your page.";
        intro_why: "オンライン決済が利用できることをユーザ様に認知させ、貴社でのユーザ様のコンバージョンを高めるためにも、導入して商用開始する際には、必ずご利用下さい。",
            "When you go live, please do use them: buyers see that they can pay online with you, and more of them go through with it.";
        live_only: "アクセプタンスマークとサービスロゴは、Live環境でご利用いただけます。",
            "Acceptance marks and service logos are available in Live.";
        open_live: "Live環境のイメージライブラリを開く", "Open the image library of Live";
        marks: "アクセプタンスマーク", "Acceptance marks";
        marks_more: "貴社サイトでご利用できるカードブランドを示した画像です。カード審査に通過しているブランドだけを表示しています。多くのサイト様にて、決済ステップ中やお支払い方法の選択ページに設置いただいております。ご利用されるカードブランドが変更になった場合は、本画面を再度参照し、アクセプタンスマークの変更を行ってください。",
            "Exactly the card brands that you are approved for. Many shops place them within the steps of the payment and where buyers choose how to pay. If your brands change, come back here and replace the picture.";
        no_marks: "ご利用いただけるカードブランドがまだありません", "No card brand is approved yet";
        no_marks_more: "カード審査に通過すると、ここに表示されます。", "Brands appear here once they have passed the card review.";
        logos: "サービスロゴ", "Service logos";
        logos_more: "トップページ等に設置いただくことにより、ユーザ様の認知が上がり、貴社を訪れたユーザ様の購買意欲を上げることができます。",
            "Placed on your top page and others, they let visitors know how they can pay, and make them more willing to buy.";
        tag: "HTMLタグ", "HTML tag";
        copy: "コピー", "Copy";
        builder: "お支払いボタンを作る", "Build a payment button";
        builder_more: "商品を入力すると、署名(data-sig)の入ったタグができます。署名はサーバーで行うため、Private Keyが画面に出ることはありません。",
            "Enter the items, and you get the tag with its signature (data-sig). The server signs: the private key never reaches this page.";
        builder_live: "「テスト用認証キー」を選ぶと、作成したボタンをこの画面で試せます。",
            "With the test keys you can try the button on this page.";
        environment: "認証キー", "Key";
        production: "本番用認証キー", "Production keys";
        test: "テスト用認証キー", "Test keys";
        item: "商品{}", "Item {}";
        id: "商品番号", "Product id";
        name: "商品名", "Product name";
        unit_price: "単価(円)", "Unit price (yen)";
        quantity: "個数", "Quantity";
        remove: "削除", "Remove";
        remove_item: "商品{}を削除", "Remove item {}";
        add: "商品を追加する", "Add an item";
        cart_id: "Cart ID", "Cart ID";
        cart_id_more: "御社サイトの注文やカートを表すID。商品番号・商品名・Cart IDに「;」は使えません。",
            "Your own id of the order or cart. Ids and names cannot hold a semicolon.";
        optional: "任意", "optional";
        image: "ボタンの画像", "Picture of the button";
        callback: "コールバック関数", "Callback function";
        callback_more: "お支払い後に呼ばれるJavaScriptの関数名(例: shop.paid)。",
            "The JavaScript function that is called after the payment, such as shop.paid.";
        build: "タグを作成する", "Make the tag";
        made: "タグを作成しました。", "Here is your tag.";
        result: "作成したタグ", "Your tag";
        total: "合計金額", "Total";
        old_tag: "内容を変えたときは、もう一度作成してください。署名は内容ごとに異なります。",
            "After any change make it again: a signature fits one content only.";
        try_it: "ボタンを試す", "Try the button";
        try_more: "Sandbox環境のお支払い画面が開きます。お金は動きません。", "Opens the checkout of the sandbox. No money moves.";
        try_test: "テスト用の認証キーのお支払い画面が開きます。お金は動きません。", "Opens the checkout of the test keys. No money moves.";
        try_not: "本番用の認証キーのボタンは実際のお取引になるため、この画面では試せません。試す場合は、「テスト用認証キー」を選んで、もう一度作成してください。",
            "A button with the production key takes real payments, so it cannot be tried here. To try it, choose the test keys and make it again.";
        noscript: "試すにはJavaScriptが必要です。", "Trying it needs JavaScript.";
        try_result: "お支払いの結果", "Result of the payment";
        nothing_tried: "まだお支払いはありません。", "No payment yet.";
        wrong: "入力内容をご確認ください。", "Please look at the fields below.";
        picture_0: "紺", "navy";
        picture_1: "白", "white";
        picture_2: "黒", "black";
        picture_3: "緑(大)", "green, large";
    }
}

#[derive(Template)]
#[template(path = "images/page.html")]
struct Page {
    frame: Frame,
    t: &'static ImagesText,
    is_live: bool,
    marks: Vec<Shown>,
    logos: Vec<Shown>,
    draft: Draft,
    pictures: Vec<(u8, &'static str)>,
    made: Option<Made>,
    is_last_row: bool,
    /// The row that is to be typed into next; 0 for none.
    focus: usize,
}

struct Shown {
    picture: Picture,
    tag: String,
}

/// A tag that was just made.
struct Made {
    tag: String,
    /// In words.
    total: String,
    /// What the button to try holds; none where money would move.
    tried: Option<Vec<(String, String)>>,
}

/// `GET`.
async fn show(desk: Desk) -> Response {
    let draft = Draft::first(desk.side);
    page(&desk, StatusCode::OK, (draft, 0), None).await
}

/// `POST`: a row more or less, or the tag. Nothing is changed by it.
async fn build(form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    let mut draft = Draft::of(&form, desk.side);
    if let Some(row) = draft.edited(form.get("do").unwrap_or_default()) {
        return Ok(page(&desk, StatusCode::OK, (draft, row), None).await);
    }
    let t = ImagesText::of(desk.visit.language);
    let wish = match draft.wish(desk.visit.language) {
        Ok(wish) => wish,
        Err(()) => return Ok(page(&desk, StatusCode::BAD_REQUEST, (draft, 0), Some(Err(t.wrong))).await),
    };
    let (shop, environment, vault) = (desk.shop(), draft.environment, desk.visit.ui.vault().clone());
    let sign = move |tx: &mut store::Tx<'_>| button::sign(tx, &vault, shop, environment, wish.clone());
    let button = desk.visit.ui.store().read(sign).await.map_err(|error| {
        let problem = if error.status == 404 { Problem::Absent } else { Problem::Unavailable };
        desk.problem(problem)
    })?;
    let made = Made {
        tag: button.tag(desk.visit.ui.gateway().base_url()),
        total: crate::checkout::yen(desk.visit.language, button.items.total()),
        tried: (environment != Environment::Live).then(|| tried(&button)),
    };
    Ok(page(&desk, StatusCode::OK, (draft, 0), Some(Ok(made))).await)
}

/// The same button, telling this page of its charge: the callback is not signed.
fn tried(button: &button::Button) -> Vec<(String, String)> {
    let own = |(name, _): &(String, String)| name != "data-callback";
    let mut attributes: Vec<(String, String)> = button.attributes().into_iter().filter(own).collect();
    attributes.push(("data-callback".to_owned(), "choba.tried".to_owned()));
    attributes
}

/// What came of the form: a tag, or what is wrong.
type Outcome = Result<Made, &'static str>;

/// The page with a draft, of which one row is to be typed into next.
async fn page(desk: &Desk, status: StatusCode, (draft, focus): (Draft, usize), outcome: Option<Outcome>) -> Response {
    let (shop, language) = (desk.shop(), desk.visit.language);
    let settings = match desk.visit.ui.store().read(move |tx| security_code::all(tx, shop)).await {
        Ok(settings) => settings,
        Err(error) => return desk.failed(&error),
    };
    let is_live = desk.side == Side::Live;
    let base_url = desk.visit.ui.gateway().base_url();
    let shown = |pictures: Vec<Picture>| -> Vec<Shown> {
        let kept = pictures.into_iter().filter(|_| is_live);
        kept.map(|picture| Shown { tag: picture.tag(base_url), picture }).collect()
    };
    let t = ImagesText::of(language);
    let frame = match &outcome {
        Some(Ok(_)) => desk.frame().saying(Tone::Good, t.made),
        Some(Err(wrong)) => desk.frame().saying(Tone::Bad, *wrong),
        None => desk.frame(),
    };
    let page = Page {
        frame,
        t,
        is_live,
        marks: shown(library::acceptance_marks(&security_code::approved_brands(&settings), language)),
        logos: shown(library::service_logos(language)),
        is_last_row: draft.rows.len() == 1,
        focus,
        draft,
        pictures: (0..).zip([t.picture_0, t.picture_1, t.picture_2, t.picture_3]).collect(),
        made: outcome.and_then(Result::ok),
    };
    desk.visit.page_with(status, &page)
}
