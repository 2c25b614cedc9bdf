//! What stands in the form of the builder, as it was typed, and what is wrong with it.

use kernel::Environment;
use pay::charge::Item;
use pay::charge::item::ItemsError;
use pay::checkout::button::{Checked, PICTURES, Refused, Wish};
use pay::rules;

use super::*;

/// Rows of the form at the most; a shop's server signs larger carts itself.
const ROWS_MAX: usize = 50;

texts! {
    /// What is wrong.
    WrongText {
        text: "1〜{}文字で入力してください。", "Use 1 to {} characters.";
        control: "{}文字目に使えない文字(制御文字)があります。", "Character {} is a control character.";
        semicolon: "「;」は使えません。", "A semicolon cannot be used.";
        number: "半角数字で入力してください。", "Enter digits.";
        quantity: "1以上の数を入力してください。", "Enter at least 1.";
        price: "0〜{}円で入力してください。", "Enter 0 to {} yen.";
        total: "合計金額は{}円までです。", "The total may be at most {} yen.";
        nothing: "合計金額は1円以上にしてください。", "The total must be at least 1 yen.";
        cart_id: "{}文字以内で、制御文字を含めずに入力してください。", "Use at most {} characters, none of them a control character.";
        callback: "関数名を入力してください(例: shop.paid)。英数字と _ $ . が使えます。", "Enter the name of a function, such as shop.paid.";
        image: "画像を選んでください。", "Choose a picture.";
    }
}

/// The form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Under whose keys it is signed.
    pub environment: Environment,
    /// The items.
    pub rows: Vec<Row>,
    /// Cart ID.
    pub cart_id: Field,
    /// The picture.
    pub image: String,
    /// The callback.
    pub callback: Field,
    /// What is wrong with all of it.
    pub error: String,
}

/// A field as it was typed; the error is empty when there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// The text.
    pub value: String,
    /// What is wrong.
    pub error: String,
}

/// A row of the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Counted from 1.
    pub number: usize,
    /// 商品番号.
    pub id: Field,
    /// 商品名.
    pub name: Field,
    /// 単価.
    pub unit_price: Field,
    /// 個数.
    pub quantity: Field,
}

impl Row {
    /// Its fields with their names.
    pub fn fields(&self) -> [(&'static str, &Field); 4] {
        [("id", &self.id), ("name", &self.name), ("unit_price", &self.unit_price), ("quantity", &self.quantity)]
    }

    /// What it is called: 商品1.
    pub fn numbered(&self, text: &str) -> String {
        text.replace("{}", &self.number.to_string())
    }

    fn field(&mut self, name: &str) -> &mut Field {
        match name {
            "id" => &mut self.id,
            "name" => &mut self.name,
            "quantity" => &mut self.quantity,
            _ => &mut self.unit_price,
        }
    }

    fn item(&self) -> Option<Item> {
        let (quantity, unit_price) = (number(&self.quantity.value)?, number(&self.unit_price.value)?);
        let quantity = u32::try_from(quantity).ok()?;
        Some(Item { id: self.id.value.clone(), name: self.name.value.clone(), quantity, unit_price })
    }
}

/// A number as people type it: digits of either width, with or without commas.
fn number(text: &str) -> Option<i64> {
    let narrow = |c: char| match c {
        '０'..='９' => char::from_u32(c as u32 - '０' as u32 + '0' as u32),
        ',' | '，' => None,
        other => Some(other),
    };
    let text: String = text.trim().chars().filter_map(narrow).collect();
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // Longer than any number that is taken: as large as that.
    digits.then(|| text.parse().unwrap_or(i64::MAX))
}

impl Draft {
    /// One empty row.
    pub fn first(side: Side) -> Draft {
        let mut draft = Draft {
            environment: side.environments()[0],
            rows: vec![Row::default()],
            cart_id: Field::default(),
            image: "0".to_owned(),
            callback: Field::default(),
            error: String::new(),
        };
        draft.rows[0].quantity.value = "1".to_owned();
        draft.renumber();
        draft
    }

    /// What was sent.
    pub fn of(form: &Form, side: Side) -> Draft {
        let field = |name: &str| Field { value: form.get(name).unwrap_or_default().to_owned(), error: String::new() };
        let row = |n: usize| Row {
            number: n,
            id: field(&format!("item_id_{n}")),
            name: field(&format!("item_name_{n}")),
            unit_price: field(&format!("item_unit_price_{n}")),
            quantity: field(&format!("item_quantity_{n}")),
        };
        let named = form.get("environment").and_then(|name| name.parse::<Environment>().ok());
        let ours = named.filter(|environment| side.environments().contains(environment));
        let is_sent = |n: &usize| form.get(&format!("item_id_{n}")).is_some();
        let mut draft = Draft {
            environment: ours.unwrap_or(side.environments()[0]),
            rows: (1..=ROWS_MAX).take_while(is_sent).map(row).collect(),
            cart_id: field("cart_id"),
            image: field("image").value,
            callback: field("callback"),
            error: String::new(),
        };
        if draft.rows.is_empty() {
            draft.rows = Draft::first(side).rows;
        }
        draft
    }

    /// Does what a button of a row says; the row to go on with, none if it was no such button.
    pub fn edited(&mut self, what: &str) -> Option<usize> {
        let removed = what.strip_prefix("remove-").and_then(|number| number.parse::<usize>().ok());
        match (what, removed) {
            ("add", _) if self.rows.len() < ROWS_MAX => {
                let quantity = Field { value: "1".to_owned(), error: String::new() };
                self.rows.push(Row { quantity, ..Row::default() });
            }
            ("add", _) => {}
            (_, Some(number)) if self.rows.len() > 1 => self.rows.retain(|row| row.number != number),
            (_, Some(_)) => {}
            (_, None) => return None,
        }
        self.renumber();
        Some(removed.unwrap_or(usize::MAX).clamp(1, self.rows.len()))
    }

    fn renumber(&mut self) {
        for (row, number) in self.rows.iter_mut().zip(1..) {
            row.number = number;
        }
    }

    /// Whether more rows fit.
    pub fn has_room(&self) -> bool {
        self.rows.len() < ROWS_MAX
    }

    /// What can be signed; otherwise every field says what is wrong with it.
    pub fn wish(&mut self, language: Language) -> Result<Checked, ()> {
        let t = WrongText::of(language);
        for row in &mut self.rows {
            for field in [&mut row.unit_price, &mut row.quantity] {
                if number(&field.value).is_none() {
                    field.error = t.number.to_owned();
                }
            }
            if number(&row.quantity.value).is_some_and(|quantity| u32::try_from(quantity).is_err()) {
                row.quantity.error = t.total.replace("{}", &rules::LARGEST_TOTAL_YEN.to_string());
            }
        }
        let items: Option<Vec<Item>> = self.rows.iter().map(Row::item).collect();
        let wish = Wish {
            items: items.ok_or(())?,
            cart_id: Some(self.cart_id.value.clone()),
            image: self.image.parse().unwrap_or(PICTURES),
            callback: Some(self.callback.value.trim().to_owned()),
        };
        wish.checked().map_err(|refused| self.blame(&refused, t))
    }

    /// Puts a refusal beside its field.
    fn blame(&mut self, refused: &Refused, t: &WrongText) {
        let largest = |text: &str| text.replace("{}", &rules::LARGEST_TOTAL_YEN.to_string());
        let longest = |text: &str| text.replace("{}", &rules::TEXT_MAX.to_string());
        match refused {
            Refused::Items(ItemsError::Count(_)) => self.error = t.nothing.to_owned(),
            Refused::Items(ItemsError::Text { index, field }) => self.at(*index, field, longest(t.text)),
            Refused::Items(ItemsError::Control { index, field, position }) => {
                self.at(*index, field, t.control.replace("{}", &position.to_string()));
            }
            Refused::Items(ItemsError::Quantity(index)) => self.at(*index, "quantity", t.quantity.to_owned()),
            Refused::Items(ItemsError::UnitPrice(index)) => self.at(*index, "unit_price", largest(t.price)),
            Refused::Items(ItemsError::Total) => self.error = largest(t.total),
            Refused::Semicolon(name) => match name.strip_prefix("item_").and_then(|rest| rest.rsplit_once('_')) {
                Some((field, index)) => self.at(index.parse().unwrap_or(1), field, t.semicolon.to_owned()),
                None => self.cart_id.error = t.semicolon.to_owned(),
            },
            Refused::CartId => self.cart_id.error = longest(t.cart_id),
            Refused::Nothing => self.error = t.nothing.to_owned(),
            Refused::Image => self.error = t.image.to_owned(),
            Refused::Callback => self.callback.error = t.callback.to_owned(),
        }
    }

    fn at(&mut self, index: usize, field: &str, error: String) {
        if let Some(row) = self.rows.get_mut(index.saturating_sub(1)) {
            row.field(field).error = error;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(text: &str) -> Draft {
        Draft::of(&Form::parse(text.as_bytes()).unwrap(), Side::Sandbox)
    }

    #[test]
    fn numbers_as_people_type_them() {
        assert_eq!(number("1,080"), Some(1_080));
        assert_eq!(number(" １，０８０ "), Some(1_080));
        assert_eq!(number("99999999999999999999"), Some(i64::MAX));
        for wrong in ["", "-1", "1.5", "千", "1 0", "٣"] {
            assert_eq!(number(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn rows_come_and_go_and_keep_what_was_typed() {
        let mut draft = sent("item_id_1=a&item_name_1=A&item_id_2=b&item_name_2=B&cart_id=c");
        assert_eq!((draft.edited("add"), draft.edited("remove-1")), (Some(3), Some(1)));
        let rows: Vec<(usize, &str)> = draft.rows.iter().map(|row| (row.number, row.name.value.as_str())).collect();
        assert_eq!(rows, [(1, "B"), (2, "")]);
        assert_eq!(draft.cart_id.value, "c");
        assert_eq!((draft.edited("remove-2"), draft.edited("remove-1")), (Some(1), Some(1)), "the last row stays");
        assert_eq!(draft.rows.len(), 1);
        assert_eq!((draft.edited("build"), draft.edited("")), (None, None));
    }

    #[test]
    fn every_refusal_stands_beside_its_field() {
        let good = "item_id_1=a&item_name_1=A&item_unit_price_1=100&item_quantity_1=1&image=0";
        assert!(sent(good).wish(Language::Ja).is_ok());
        let wrong = |text: &str, look: fn(&Draft) -> &str| {
            let mut draft = sent(text);
            assert_eq!(draft.wish(Language::Ja), Err(()), "{text}");
            assert_ne!(look(&draft), "", "{text}: {draft:?}");
        };
        wrong(&good.replace("=100", "=x"), |draft| &draft.rows[0].unit_price.error);
        wrong(&good.replace("=100", "=0"), |draft| &draft.error);
        wrong(&good.replace("=100", "=100000000"), |draft| &draft.rows[0].unit_price.error);
        wrong(&good.replace("quantity_1=1", "quantity_1=0"), |draft| &draft.rows[0].quantity.error);
        wrong(&good.replace("quantity_1=1", "quantity_1=5000000000"), |draft| &draft.rows[0].quantity.error);
        wrong(&good.replace("quantity_1=1", "quantity_1=4000000000"), |draft| &draft.error);
        wrong(&good.replace("=A", "="), |draft| &draft.rows[0].name.error);
        wrong(&good.replace("=A", "=a%3B"), |draft| &draft.rows[0].name.error);
        wrong(&good.replace("id_1=a", "id_1=%0A"), |draft| &draft.rows[0].id.error);
        wrong(&good.replace("image=0", "image=9"), |draft| &draft.error);
        wrong(&format!("{good}&cart_id=%3B"), |draft| &draft.cart_id.error);
        wrong(&format!("{good}&callback=a()"), |draft| &draft.callback.error);
    }

    #[test]
    fn only_keys_of_the_side_sign() {
        let of = |name: &str, side| Draft::of(&Form::parse(format!("environment={name}").as_bytes()).unwrap(), side);
        assert_eq!(of("test", Side::Live).environment, Environment::Test);
        assert_eq!(of("sandbox", Side::Live).environment, Environment::Live);
        assert_eq!(of("live", Side::Sandbox).environment, Environment::Sandbox);
    }
}
