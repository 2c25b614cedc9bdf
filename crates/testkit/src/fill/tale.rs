//! What happens to one charge of a filled shop: who buys what when, and what the shop makes of it. Pure: the same seed
//! tells the same tale.

use kernel::{Timestamp, Yen};
use pay::attempt::Work;
use pay::charge::item::{Item, Items};
use pay::charge::order::{Address, Buyer, Order, open_id};

use crate::sim_clock::SeededEntropy;

const MINUTE: u64 = 60;
const DAY: u64 = 86_400;
/// Buyers of the shop: each comes back again and again.
const BUYERS: u64 = 20_000;

const PRODUCTS: [(&str, &str, i64); 8] = [
    ("tea-01", "煎茶 100g", 1_080),
    ("tea-02", "玉露 50g", 1_620),
    ("tea-03", "ほうじ茶 200g", 864),
    ("tea-04", "抹茶 30g 缶入り", 2_160),
    ("sweet-01", "羊羹 詰め合わせ 6本", 3_240),
    ("sweet-02", "最中 10個入り", 2_700),
    ("pot-01", "常滑焼 急須 360ml", 5_940),
    ("gift-01", "お茶とお菓子の贈り物", 7_560),
];
const CARDS: [&str; 5] = ["visa", "mastercard", "jcb", "amex", "diners"];
const NAMES: [[&str; 4]; 4] = [
    ["佐藤", "サトウ", "健一", "ケンイチ"],
    ["鈴木", "スズキ", "さくら", "サクラ"],
    ["渡邉", "ワタナベ", "由美子", "ユミコ"],
    ["中村", "ナカムラ", "翔", "ショウ"],
];
const PLACES: [[&str; 4]; 4] = [
    ["1580094", "東京都", "世田谷区", "玉川1-14-1"],
    ["5300001", "大阪府", "大阪市北区", "梅田2-4-9 301号室"],
    ["0600042", "北海道", "札幌市中央区", "大通西8-2"],
    ["8120011", "福岡県", "福岡市博多区", "博多駅前3-1-1"],
];

/// Something the shop does with a charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// World time.
    pub at: Timestamp,
    /// Capture or cancel.
    pub work: Work,
}

/// An order, and what becomes of it.
#[derive(Clone, Debug)]
pub struct Tale {
    /// What was ordered, by whom.
    pub order: Order,
    /// When.
    pub ordered: Timestamp,
    /// What followed, in the order of time.
    pub acts: Vec<Act>,
}

impl Tale {
    /// An order at `ordered` that nothing was done with yet.
    pub fn ordered(ordered: Timestamp, openid: &str, seed: u64) -> Tale {
        Tale { order: order(openid, &SeededEntropy::new(seed)), ordered, acts: Vec::new() }
    }

    /// An order at `ordered` with everything that followed until `now`: most are captured within days, some cancelled
    /// before that or returned after it, a few recent ones wait for goods.
    pub fn told(ordered: Timestamp, now: Timestamp, openid: &str, seed: u64) -> Tale {
        let dice = SeededEntropy::new(seed);
        let order = order(openid, &dice);
        let after = |at: Timestamp, least: u64, spread: u64| at.plus_seconds((least + dice.below(spread)) as i64);
        let shipped = after(ordered, 6 * 60 * MINUTE, 3 * DAY);
        let capture = Act { at: shipped, work: Work::Capture };
        let mut acts = match dice.below(20) {
            0 => vec![Act { at: after(ordered, 5 * MINUTE, 2 * DAY), work: Work::Cancel }],
            1 => {
                let returned = after(shipped, 2 * DAY, 8 * DAY);
                vec![capture, Act { at: returned, work: Work::Cancel }]
            }
            2 => vec![Act { at: after(ordered, 60 * DAY, 60 * DAY), work: Work::Capture }],
            _ => vec![capture],
        };
        acts.retain(|act| act.at < now);
        Tale { order, ordered, acts }
    }
}

fn order(openid: &str, dice: &SeededEntropy) -> Order {
    let pick = |choices: u64| dice.below(choices) as usize;
    let lines = (0..1 + pick(3)).map(|_| {
        let (id, name, unit_price) = PRODUCTS[pick(PRODUCTS.len() as u64)];
        Item { id: id.to_owned(), name: name.to_owned(), quantity: 1 + pick(3) as u32, unit_price }
    });
    let items = Items::new(lines.collect()).expect("the products can be ordered");
    let number = dice.below(BUYERS);
    let buyer = format!("buyer-{number}");
    Order {
        items,
        cart_id: Some(format!("cart-{:08x}", dice.next() as u32)),
        point: Yen::ZERO,
        card: Some(CARDS[pick(CARDS.len() as u64)].to_owned()),
        address: Some(address(number as usize)),
        open_id: open_id(openid, &buyer),
        presence: pay::charge::Presence::Simulated,
        windows: pay::charge::Windows::USUAL,
        buyer: person(number as usize, buyer),
    }
}

fn person(number: usize, id: String) -> Buyer {
    let [last, last_kana, first, first_kana] = NAMES[number % NAMES.len()].map(|name| Some(name.to_owned()));
    let email = Some(format!("{id}@example.com"));
    Buyer {
        id: Some(id),
        email,
        first_name: first,
        first_name_kana: first_kana,
        last_name: last,
        last_name_kana: last_kana,
    }
}

fn address(number: usize) -> Address {
    let [last, last_kana, first, first_kana] = NAMES[number % NAMES.len()].map(|name| Some(name.to_owned()));
    let [zip, state, city, line] = PLACES[number / 7 % PLACES.len()].map(|part| Some(part.to_owned()));
    Address {
        country: Some("JPN".to_owned()),
        first_name: first,
        first_name_kana: first_kana,
        last_name: last,
        last_name_kana: last_kana,
        address_zip: zip,
        address_state: state,
        address_city: city,
        address_line: line,
        tel: Some(format!("03{:08}", 10_000_000 + number)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tales_repeat_and_stay_within_their_time() {
        let now = Timestamp::from_seconds(1_795_305_600);
        let ordered = now.plus_seconds(-(10 * DAY as i64));
        let mut captured = 0;
        for seed in 0..200 {
            let (tale, again) =
                (Tale::told(ordered, now, "https://h/", seed), Tale::told(ordered, now, "https://h/", seed));
            assert_eq!((&tale.order, &tale.acts), (&again.order, &again.acts));
            assert!(tale.acts.iter().all(|act| tale.ordered < act.at && act.at < now));
            assert!(tale.acts.windows(2).all(|pair| pair[0].at < pair[1].at));
            captured += usize::from(tale.acts.first().is_some_and(|act| act.work == Work::Capture));
        }
        assert!((150..200).contains(&captured), "{captured}");
    }
}
