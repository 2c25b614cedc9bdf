//! People and places.

use super::Dice;
use crate::order::{Address, Person};

/// Family names with their reading; some with kanji that JIS X 0208 does not have.
const FAMILY: [(&str, &str, &str); 24] = [
    ("佐藤", "サトウ", "SATO"),
    ("鈴木", "スズキ", "SUZUKI"),
    ("髙橋", "タカハシ", "TAKAHASHI"),
    ("田中", "タナカ", "TANAKA"),
    ("伊藤", "イトウ", "ITO"),
    ("渡邉", "ワタナベ", "WATANABE"),
    ("渡邊", "ワタナベ", "WATANABE"),
    ("山﨑", "ヤマサキ", "YAMASAKI"),
    ("中村", "ナカムラ", "NAKAMURA"),
    ("小林", "コバヤシ", "KOBAYASHI"),
    ("加藤", "カトウ", "KATO"),
    ("吉田", "ヨシダ", "YOSHIDA"),
    ("𠮷野", "ヨシノ", "YOSHINO"),
    ("齋藤", "サイトウ", "SAITO"),
    ("濵田", "ハマダ", "HAMADA"),
    ("德永", "トクナガ", "TOKUNAGA"),
    ("勅使河原", "テシガワラ", "TESHIGAWARA"),
    ("一", "ニノマエ", "NINOMAE"),
    ("五十嵐", "イガラシ", "IGARASHI"),
    ("我那覇", "ガナハ", "GANAHA"),
    ("比嘉", "ヒガ", "HIGA"),
    ("長谷川", "ハセガワ", "HASEGAWA"),
    ("桒原", "クワハラ", "KUWAHARA"),
    ("辻󠄀", "ツジ", "TSUJI"),
];
const FIRST: [(&str, &str, &str); 20] = [
    ("花子", "ハナコ", "HANAKO"),
    ("太郎", "タロウ", "TARO"),
    ("陽菜", "ヒナ", "HINA"),
    ("蓮", "レン", "REN"),
    ("結衣", "ユイ", "YUI"),
    ("大翔", "ヒロト", "HIROTO"),
    ("美咲", "ミサキ", "MISAKI"),
    ("健一", "ケンイチ", "KENICHI"),
    ("由美子", "ユミコ", "YUMIKO"),
    ("さくら", "サクラ", "SAKURA"),
    ("凜", "リン", "RIN"),
    ("彩", "アヤ", "AYA"),
    ("誠", "マコト", "MAKOTO"),
    ("千尋", "チヒロ", "CHIHIRO"),
    ("龍之介", "リュウノスケ", "RYUNOSUKE"),
    ("和子", "カズコ", "KAZUKO"),
    ("翔", "ショウ", "SHO"),
    ("明美", "アケミ", "AKEMI"),
    ("隆", "タカシ", "TAKASHI"),
    ("葵", "アオイ", "AOI"),
];
/// 郵便番号, 都道府県, 郡市区, 町域, and whether it is a remote island.
const PLACES: [(&str, &str, &str, &str, &str, bool); 22] = [
    ("158", "0094", "東京都", "世田谷区", "玉川", false),
    ("100", "0001", "東京都", "千代田区", "千代田", false),
    ("530", "0001", "大阪府", "大阪市北区", "梅田", false),
    ("460", "0008", "愛知県", "名古屋市中区", "栄", false),
    ("060", "0001", "北海道", "札幌市中央区", "北一条西", false),
    ("980", "0811", "宮城県", "仙台市青葉区", "一番町", false),
    ("220", "0012", "神奈川県", "横浜市西区", "みなとみらい", false),
    ("330", "0854", "埼玉県", "さいたま市大宮区", "桜木町", false),
    ("260", "0013", "千葉県", "千葉市中央区", "中央", false),
    ("604", "8005", "京都府", "京都市中京区", "河原町通三条上る二丁目下丸屋町", false),
    ("602", "8368", "京都府", "京都市上京区", "北町", false),
    ("650", "0021", "兵庫県", "神戸市中央区", "三宮町", false),
    ("730", "0011", "広島県", "広島市中区", "基町", false),
    ("810", "0001", "福岡県", "福岡市中央区", "天神", false),
    ("900", "0015", "沖縄県", "那覇市", "久茂地", false),
    ("907", "0022", "沖縄県", "石垣市", "大川", true),
    ("906", "0012", "沖縄県", "宮古島市", "平良西里", true),
    ("100", "2101", "東京都", "小笠原村", "父島字西町", true),
    ("100", "0101", "東京都", "大島町", "元町", true),
    ("952", "0011", "新潟県", "佐渡市", "両津夷", true),
    ("894", "0027", "鹿児島県", "奄美市", "名瀬末広町", true),
    ("811", "5133", "長崎県", "壱岐市", "郷ノ浦町本村触", true),
];
const BUILDINGS: [&str; 7] = [
    "コーポ青葉",
    "サンライズマンション",
    "グランドメゾン",
    "ハイツ桜",
    "県営住宅",
    "ザ・パークタワー・イーストレジデンス・アネックス棟",
    "メゾン・ド・フルール・アン・ソレイユ・ルヴァン",
];

/// Somebody.
pub(super) fn person(dice: &mut Dice) -> Person {
    let (family, family_kana, _) = *dice.pick(&FAMILY);
    let (first, first_kana, _) = *dice.pick(&FIRST);
    let mobile = dice.in_thousand(700);
    let first_part =
        if mobile { dice.pick(&["090", "080", "070"]) } else { dice.pick(&["03", "06", "052", "011", "092"]) };
    let phone = [(*first_part).to_owned(), format!("{:04}", dice.below(10_000)), format!("{:04}", dice.below(10_000))];
    let text = |text: &str| Some(text.to_owned());
    Person {
        family_name: family.to_owned(),
        first_name: text(first),
        family_kana: text(family_kana),
        first_kana: text(first_kana),
        phone: phone.map(Some),
    }
}

/// The name on a card.
pub(super) fn romanised(person: &Person) -> String {
    let kana = |kana: &Option<String>| kana.clone().unwrap_or_default();
    let (family, first) = (kana(&person.family_kana), kana(&person.first_kana));
    let family = FAMILY.iter().find(|(_, reading, _)| *reading == family).map_or("", |(_, _, letters)| letters);
    let first = FIRST.iter().find(|(_, reading, _)| *reading == first).map_or("", |(_, _, letters)| letters);
    format!("{first} {family}")
}

/// Somewhere, and whether it is a remote island.
pub(super) fn address(dice: &mut Dice) -> (Address, bool) {
    let (first, second, prefecture, city, town, island) =
        if dice.in_thousand(25) { *dice.pick(&PLACES[15..]) } else { *dice.pick(&PLACES[..15]) };
    let house = format!("{}-{}-{}", 1 + dice.below(9), 1 + dice.below(30), 1 + dice.below(20));
    let building = if dice.in_thousand(450) {
        format!(" {}{}号室", dice.pick(&BUILDINGS), 101 + dice.below(1_400))
    } else {
        String::new()
    };
    let address = Address {
        zip: [first.to_owned(), second.to_owned()],
        prefecture: prefecture.to_owned(),
        city: city.to_owned(),
        rest: format!("{town}{house}{building}"),
    };
    (address, island)
}

/// A masked address, as the mall gives them out.
pub(super) fn email(dice: &mut Dice) -> String {
    format!("{:08x}{:08x}s1@pc.fw.mall.example", dice.below(u32::MAX), dice.below(u32::MAX))
}

/// Year, month and day.
pub(super) fn birth(dice: &mut Dice) -> (i64, i64, i64) {
    (1_945 + i64::from(dice.below(60)), 1 + i64::from(dice.below(12)), 1 + i64::from(dice.below(28)))
}
