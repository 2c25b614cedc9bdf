//! Four weeks of a small shop for tea and sweets: who buys what when, and what the staff do about it.

use kernel::{JstDate, Timestamp, Yen};
use pay::charge::Windows;
use pay::charge::item::{Item, Items};
use pay::charge::order::{Address, Buyer, Order};

use super::Dice;

/// Something that happens.
pub struct Scene {
    /// When.
    pub at: Timestamp,
    /// To which order.
    pub order: usize,
    /// What.
    pub act: Act,
}

/// What happens.
pub enum Act {
    /// A buyer pays.
    Pay(Box<Purchase>),
    /// 確定.
    Capture,
    /// キャンセル.
    Cancel,
    /// 金額変更.
    Change(Items),
}

/// What a buyer agrees to.
pub struct Purchase {
    items: Items,
    cart_id: String,
    point: Yen,
    card: &'static str,
    buyer: &'static Person,
}

struct Person {
    id: &'static str,
    last: [&'static str; 2],
    first: [&'static str; 2],
    zip: &'static str,
    state: &'static str,
    city: &'static str,
    line: &'static str,
    tel: &'static str,
}

const PRODUCTS: [(&str, &str, i64); 10] = [
    ("tea-01", "煎茶 100g", 1_080),
    ("tea-02", "玉露 50g", 1_620),
    ("tea-03", "ほうじ茶 200g", 864),
    ("tea-04", "抹茶 30g 缶入り", 2_160),
    ("tea-05", "玄米茶 ティーバッグ 20個", 756),
    ("sweet-01", "羊羹 詰め合わせ 6本", 3_240),
    ("sweet-02", "最中 10個入り", 2_700),
    ("sweet-03", "干菓子 季節の小箱", 1_296),
    ("pot-01", "常滑焼 急須 360ml", 5_940),
    ("gift-01", "お茶とお菓子の贈り物", 7_560),
];

const PEOPLE: [Person; 6] = [
    Person {
        id: "buyer-1",
        last: ["楽天", "ラクテン"],
        first: ["太郎", "タロウ"],
        zip: "1580094",
        state: "東京都",
        city: "世田谷区",
        line: "玉川1-14-1",
        tel: "0312345678",
    },
    Person {
        id: "buyer-2",
        last: ["髙橋", "タカハシ"],
        first: ["美咲", "ミサキ"],
        zip: "5300001",
        state: "大阪府",
        city: "大阪市北区",
        line: "梅田2-4-9 ブリーゼ 301号室",
        tel: "0612345678",
    },
    Person {
        id: "buyer-3",
        last: ["佐藤", "サトウ"],
        first: ["健一", "ケンイチ"],
        zip: "0600042",
        state: "北海道",
        city: "札幌市中央区",
        line: "大通西8-2",
        tel: "0111234567",
    },
    Person {
        id: "buyer-4",
        last: ["比嘉", "ヒガ"],
        first: ["さくら", "サクラ"],
        zip: "9000013",
        state: "沖縄県",
        city: "那覇市",
        line: "牧志3-2-10",
        tel: "0981234567",
    },
    Person {
        id: "buyer-5",
        last: ["渡邉", "ワタナベ"],
        first: ["由美子", "ユミコ"],
        zip: "9800021",
        state: "宮城県",
        city: "仙台市青葉区",
        line: "中央1-3-1 アエル 12階",
        tel: "0221234567",
    },
    Person {
        id: "buyer-6",
        last: ["中村", "ナカムラ"],
        first: ["翔", "ショウ"],
        zip: "8120011",
        state: "福岡県",
        city: "福岡市博多区",
        line: "博多駅前3-1-1",
        tel: "0921234567",
    },
];

/// The scenes from `first` until `until`, in the order of their instants.
pub fn write(first: JstDate, until: Timestamp, dice: &mut Dice) -> Vec<Scene> {
    let mut scenes = Vec::new();
    let mut orders = 0;
    let mut day = first;
    while day.start() < until {
        for _ in 0..5 + dice.roll(6) {
            order(orders, day, dice, &mut scenes);
            orders += 1;
        }
        day = day.plus_days(1);
    }
    scenes.retain(|scene| scene.at < until);
    scenes.sort_by_key(|scene| (scene.at, scene.order));
    scenes
}

/// One order, and what becomes of it within a few days. Orders of the last days are still provisional.
fn order(order: usize, day: JstDate, dice: &mut Dice, scenes: &mut Vec<Scene>) {
    // Between 8:00 and 24:00.
    let paid = day.start().plus_seconds(8 * 3_600 + dice.roll(16 * 3_600) as i64);
    let purchase = purchase(order, dice);
    let total = purchase.items.total();
    scenes.push(Scene { at: paid, order, act: Act::Pay(Box::new(purchase)) });
    let shipped = paid.plus_seconds(12 * 3_600 + dice.roll(48 * 3_600) as i64);
    match dice.roll(20) {
        0 => scenes.push(Scene { at: paid.plus_seconds(900), order, act: Act::Cancel }),
        1 => {
            scenes.push(Scene { at: shipped, order, act: Act::Capture });
            scenes.push(Scene { at: shipped.plus_seconds(5 * 86_400), order, act: Act::Cancel });
        }
        2 => {
            // One more box, packed into the same parcel.
            let (id, name, unit_price) = PRODUCTS[7];
            let more = item(id, name, unit_price + total.get(), 1);
            let changed = Items::new(vec![Item { name: format!("{name} ほか"), ..more }]);
            scenes.extend(changed.map(|items| Scene { at: paid.plus_seconds(7_200), order, act: Act::Change(items) }));
            scenes.push(Scene { at: shipped.plus_seconds(7_200), order, act: Act::Capture });
        }
        3 | 4 => {}
        _ => scenes.push(Scene { at: shipped, order, act: Act::Capture }),
    }
}

fn purchase(order: usize, dice: &mut Dice) -> Purchase {
    let lines = (0..1 + dice.roll(3)).map(|_| {
        let (id, name, unit_price) = *dice.pick(&PRODUCTS);
        item(id, name, unit_price, 1 + dice.roll(3) as u32)
    });
    let items = Items::new(lines.collect()).expect("the products can be ordered");
    let point = if dice.roll(4) == 0 { 100 + dice.roll(5) as i64 * 100 } else { 0 };
    let card = *dice.pick(&["visa", "visa", "mastercard", "jcb", "jcb", "amex", "diners", "3ds_passes"]);
    let card = if dice.roll(25) == 0 { "insufficient_funds" } else { card };
    Purchase {
        items,
        cart_id: format!("cart-{:05}", order + 1),
        point: Yen::new(point).expect("a few points"),
        card,
        buyer: dice.pick(&PEOPLE),
    }
}

fn item(id: &str, name: &str, unit_price: i64, quantity: u32) -> Item {
    Item { id: id.to_owned(), name: name.to_owned(), quantity, unit_price }
}

impl Purchase {
    /// The order; `openid` is the beginning of OpenIDs.
    pub fn into_order(self, openid: &str) -> Order {
        let Person { id, last, first, zip, state, city, line, tel } = *self.buyer;
        let text = |text: &str| Some(text.to_owned());
        Order {
            items: self.items,
            cart_id: Some(self.cart_id),
            point: self.point,
            card: text(self.card),
            address: Some(Address {
                country: text("JPN"),
                first_name: text(first[0]),
                first_name_kana: text(first[1]),
                last_name: text(last[0]),
                last_name_kana: text(last[1]),
                address_zip: text(zip),
                address_state: text(state),
                address_city: text(city),
                address_line: text(line),
                tel: text(tel),
            }),
            buyer: Buyer {
                id: text(id),
                email: Some(format!("{id}@example.com")),
                first_name: text(first[0]),
                first_name_kana: text(first[1]),
                last_name: text(last[0]),
                last_name_kana: text(last[1]),
            },
            open_id: pay::charge::order::open_id(openid, id),
            presence: pay::charge::Presence::Simulated,
            windows: Windows::USUAL,
        }
    }
}
