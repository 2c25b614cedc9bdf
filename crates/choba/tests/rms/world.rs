//! The mall's shop 123456, whose clock stands at 2026-11-22T09:00:00+0900, and orders for tea.

use kernel::Timestamp;
use mall::code::{Carrier, Device, Method, OrderType, Progress};
use mall::licence::Functions;
use mall::market::Script;
use mall::order::{Address, Card, Item, Notes, Order, Orderer, Package, Payment, Person, Price, Sku, TaxRate, Traits};
use serde_json::{Value, json};
use testkit::{Reply, RmsProgram, TestApp};

/// The six digits of the shop.
pub const RMS_ID: u32 = 123_456;
/// The number of the first order.
pub const FIRST: &str = "123456-20261122-0000000001";
/// A number that no order has.
pub const NONE: &str = "123456-20261122-9999999999";
/// 2026-11-22T08:30:00+0900: half an hour before the clock.
pub const PLACED: Timestamp = Timestamp::from_seconds(1_795_303_800);

/// The shop's program, with every function.
pub async fn program(app: &TestApp) -> RmsProgram {
    app.open_on_mall(app.shop.id, RMS_ID, Functions::all()).await
}

/// The same, with orders 1 to `count` for tea, paid by card.
pub async fn with_orders(app: &TestApp, count: u64) -> RmsProgram {
    let program = program(app).await;
    for serial in 1..=count {
        place(app, tea(serial, Method::Card)).await;
    }
    program
}

/// A buyer places an order.
pub async fn place(app: &TestApp, order: Order) {
    app.place_on_mall(app.shop.id, order, Script::default()).await;
}

pub fn number(serial: u64) -> String {
    format!("123456-20261122-{serial:010}")
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

pub fn person() -> Person {
    Person {
        family_name: "楽天".into(),
        first_name: text("太郎"),
        family_kana: text("ラクテン"),
        first_kana: text("タロウ"),
        phone: [text("03"), text("1234"), text("5678")],
    }
}

pub fn address() -> Address {
    Address {
        zip: ["158".into(), "0094".into()],
        prefecture: "東京都".into(),
        city: "世田谷区".into(),
        rest: "玉川1-14-1".into(),
    }
}

fn item() -> Item {
    Item {
        detail_id: 11,
        name: "煎茶 100g".into(),
        item_id: 10_000_001,
        number: text("tea-100"),
        manage_number: "tea-100".into(),
        price: 1_080,
        units: 2,
        postage_included: false,
        tax_included: true,
        cod_included: false,
        tax: TaxRate(8),
        choice: None,
        point_rate: 1,
        lead_time: None,
        restock: 0,
        deal: false,
        drug: false,
        single: false,
        skus: vec![Sku { variant: "tea-100".into(), merchant_id: None, info: None }],
        deleted: false,
    }
}

fn package(method: Method) -> Package {
    Package {
        id: 1,
        person: person(),
        address: address(),
        isolated_island: false,
        postage: Price::Fixed(500),
        postage_tax: TaxRate(10),
        cod_fee: Price::Fixed(if method == Method::CashOnDelivery { 330 } else { 0 }),
        cod_tax: TaxRate(10),
        noshi: None,
        items: vec![item()],
        parcels: Vec::new(),
        default_carrier: Carrier::Yamato,
        drop_off: None,
        pick_up: None,
        social_gift: None,
        deleted: false,
    }
}

fn card() -> Card {
    Card {
        // The simulator's card that is always approved.
        token: "visa".into(),
        name: "VISA".into(),
        number: "XXXX-XXXX-XXXX-0015".into(),
        owner: "RAKUTEN TARO".into(),
        expires: "2028-11".into(),
        pay_type: 0,
        instalments: None,
    }
}

/// Two packets of tea for 2,160 yen, postage 500 yen: 2,660 yen, and the fee on delivery.
pub fn tea(serial: u64, method: Method) -> Order {
    let payments = if method == Method::Card { vec![Payment::new(0, method, 0, Some(card()))] } else { Vec::new() };
    Order {
        number: number(serial).parse().unwrap(),
        kind: OrderType::Normal,
        progress: Progress::AwaitingConfirmation,
        placed: PLACED,
        confirmed: None,
        fixed: None,
        reported: None,
        settled: None,
        orderer: Orderer {
            person: person(),
            address: address(),
            email: "0a1b2c3ds1@pc.fw.rakuten.example".into(),
            sex: text("男"),
            birth: Some((1980, 4, 1)),
        },
        packages: vec![package(method)],
        wrappings: Vec::new(),
        coupons: Vec::new(),
        points: 0,
        method,
        payment_charge: 0,
        payments,
        accepted: Price::Unset,
        changes: Vec::new(),
        due_dates: Vec::new(),
        needs_approval: false,
        under_check: false,
        caution: None,
        notes: Notes { delivery_name: "宅配便".into(), ..Notes::default() },
        traits: Traits {
            device: Device::Iphone,
            member: true,
            asuraku: false,
            drug: false,
            deal: false,
            delivery_certified: false,
            one_day: false,
            modified: false,
        },
        returned: None,
        last_id: 20,
    }
}

/// `ORDER_EXT_API_` and this.
pub fn message(kind: &str, code: &str, text: &str) -> Value {
    json!({ "messageType": kind, "messageCode": format!("ORDER_EXT_API_{code}"), "message": text })
}

/// The same, about an order.
pub fn about(number: &str, kind: &str, code: &str, text: &str) -> Value {
    let mut message = message(kind, code, text);
    message["orderNumber"] = number.into();
    message
}

/// The body of an answer that must have this status.
#[track_caller]
pub fn body(reply: &Reply, status: u16) -> Value {
    assert_eq!(reply.status, status, "{}", reply.text);
    assert_eq!(reply.header("content-type"), Some("application/json;charset=UTF-8"));
    reply.json()
}

/// An order as getOrder shows it in version 7.
pub async fn shown(program: &RmsProgram, number: &str) -> Value {
    let reply = program.call("getOrder", json!({ "orderNumberList": [number], "version": 7 })).await;
    body(&reply, 200)["OrderModelList"][0].clone()
}

/// Confirms an order and lets the mall secure its payment: it waits for shipment then.
pub async fn confirmed(app: &TestApp, program: &RmsProgram, number: &str) {
    let reply = program.call("confirmOrder", json!({ "orderNumberList": [number] })).await;
    assert_eq!(body(&reply, 200)["MessageModelList"][0]["messageType"], "INFO", "{}", reply.text);
    advance_seconds(app, 60).await;
    assert_eq!(shown(program, number).await["orderProgress"], 300);
}

/// Turns the shop's clock.
pub async fn advance_seconds(app: &TestApp, seconds: i64) {
    let now = app.now(app.shop.id).await;
    app.advance(app.shop.id, now.plus_seconds(seconds)).await;
}

/// Turns the shop's clock to an instant such as `2026-11-23T00:00:00+0900`.
pub async fn advance_to(app: &TestApp, at: &str) {
    app.advance(app.shop.id, mall::wire::time::parse_datetime(at).unwrap()).await;
}

/// Reports the parcel of an order.
pub async fn ship(program: &RmsProgram, number: &str, date: &str) -> Value {
    let row = json!({ "deliveryCompany": "1001", "shippingNumber": "123456789012", "shippingDate": date });
    let reply = program
        .call(
            "updateOrderShipping",
            json!({
                "orderNumber": number, "BasketidModelList": [{ "basketId": 1, "ShippingModelList": [row] }],
            }),
        )
        .await;
    body(&reply, 200)
}
