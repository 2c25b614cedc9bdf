//! The items of the editor as they were typed, and what its buttons do to them. Everything travels in the form, so the
//! editor works without a script, and nothing that was typed is kept anywhere else.

use pay::charge::item::{Item, Items, ItemsError};
use pay::http::form::Form;
use pay::rules;

/// A line of 注文内訳, as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Typed {
    /// 商品番号.
    pub id: String,
    /// 商品名.
    pub name: String,
    /// 個数.
    pub quantity: String,
    /// 単価.
    pub unit_price: String,
}

/// A field of a line that cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// 商品番号 is empty, too long, or has a control character.
    Id,
    /// 商品名 likewise.
    Name,
    /// 個数 is no whole number from 1.
    Quantity,
    /// 単価 is no whole number of yen from 0.
    UnitPrice,
    /// Too much by itself.
    Total,
}

/// What the editor shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Mode {
    /// The items.
    #[default]
    List,
    /// Fields for the item at this place, from 0; `was` is what it was before, none for a new one.
    Edit { place: usize, was: Option<Typed> },
    /// The window that asks whether to delete the item at this place.
    Delete(usize),
}

/// The editor's content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Draft {
    /// The items.
    pub items: Vec<Typed>,
    /// What is shown.
    pub mode: Mode,
    /// The item that was deleted last, and its place, so that it can be brought back.
    pub gone: Option<(usize, Typed)>,
    /// What is wrong with the item that is edited.
    pub wrong: Vec<Wrong>,
}

impl Typed {
    /// Of an item.
    pub fn of(item: &Item) -> Typed {
        Typed {
            id: item.id.clone(),
            name: item.name.clone(),
            quantity: item.quantity.to_string(),
            unit_price: item.unit_price.to_string(),
        }
    }

    fn read(form: &Form, prefix: &str, suffix: &str) -> Option<Typed> {
        let text = |field: &str| form.get(&format!("{prefix}_{field}{suffix}")).map(str::to_owned);
        Some(Typed {
            id: text("id")?,
            name: text("name")?,
            quantity: text("quantity")?,
            unit_price: text("unit_price")?,
        })
    }

    /// The item, or every field that cannot be taken.
    pub fn item(&self) -> Result<Item, Vec<Wrong>> {
        let quantity = number(&self.quantity).and_then(|number| u32::try_from(number).ok());
        let unit_price = number(&self.unit_price);
        let mut wrong = Vec::new();
        let mut check = |item: Item| match Items::new(vec![item]) {
            Ok(_) => {}
            Err(ItemsError::Text { field, .. } | ItemsError::Control { field, .. }) if field == "id" => {
                wrong.push(Wrong::Id);
            }
            Err(ItemsError::Text { .. } | ItemsError::Control { .. }) => wrong.push(Wrong::Name),
            Err(ItemsError::Quantity(_)) => wrong.push(Wrong::Quantity),
            Err(ItemsError::UnitPrice(_)) => wrong.push(Wrong::UnitPrice),
            Err(ItemsError::Total | ItemsError::Count(_)) => wrong.push(Wrong::Total),
        };
        // Each field by itself, beside others that pass: the rule is that of the operation, and all of it is told.
        let sound = || Item { id: "1".to_owned(), name: "1".to_owned(), quantity: 1, unit_price: 1 };
        let (id, name) = (self.id.trim().to_owned(), self.name.trim().to_owned());
        check(Item { id: id.clone(), ..sound() });
        check(Item { name: name.clone(), ..sound() });
        check(Item { quantity: quantity.unwrap_or(0), unit_price: 0, ..sound() });
        check(Item { unit_price: unit_price.unwrap_or(-1), ..sound() });
        let item = Item { id, name, quantity: quantity.unwrap_or(0), unit_price: unit_price.unwrap_or(-1) };
        if wrong.is_empty() && Items::new(vec![item.clone()]).is_err() {
            wrong.push(Wrong::Total);
        }
        if wrong.is_empty() { Ok(item) } else { Err(wrong) }
    }
}

/// A whole number as people type it: digits of full width and groups count too.
fn number(text: &str) -> Option<i64> {
    let half = |c: char| match c {
        '０'..='９' => char::from_digit(u32::from(c) - u32::from('０'), 10),
        ',' | '，' => None,
        other => Some(other),
    };
    let text: String = text.trim().chars().filter_map(half).collect();
    pay::http::form::digits(&text)?.parse().ok()
}

impl Draft {
    /// With these items.
    pub fn of(items: &[Item]) -> Draft {
        Draft { items: items.iter().map(Typed::of).collect(), ..Draft::default() }
    }

    /// What a form brought back. Lines beyond what can be ordered are not read.
    pub fn read(form: &Form) -> Draft {
        let items: Vec<Typed> =
            (1..=rules::ITEMS_MAX).map_while(|number| Typed::read(form, "item", &format!("_{number}"))).collect();
        let place = |text: &str| text.parse::<usize>().ok().filter(|place| *place < items.len());
        let mode = form.get("mode").unwrap_or_default();
        let mode = match mode.split_once('-') {
            Some(("edit", at)) => place(at).map(|place| Mode::Edit { place, was: Typed::read(form, "was", "") }),
            Some(("delete", at)) => place(at).map(Mode::Delete),
            Some(_) | None => None,
        };
        let at = form.get("gone_at").and_then(|at| at.parse().ok());
        let gone = at.zip(Typed::read(form, "gone", ""));
        Draft { mode: mode.unwrap_or_default(), gone, items, wrong: Vec::new() }
    }

    /// As the form spells what is shown.
    pub fn mode_word(&self) -> String {
        match &self.mode {
            Mode::List => String::new(),
            Mode::Edit { place, .. } => format!("edit-{place}"),
            Mode::Delete(place) => format!("delete-{place}"),
        }
    }

    /// What a button does. One that means nothing here changes nothing.
    pub fn press(&mut self, button: &str) {
        match button.split_once('-').unwrap_or((button, "")) {
            ("add", _) if self.closed() && self.items.len() < rules::ITEMS_MAX => {
                self.items.push(Typed { quantity: "1".to_owned(), ..Typed::default() });
                self.mode = Mode::Edit { place: self.items.len() - 1, was: None };
            }
            ("edit", at) if self.closed() => {
                if let Some((place, typed)) = self.at(at) {
                    self.mode = Mode::Edit { place, was: Some(typed) };
                }
            }
            ("delete", at) if self.closed() => {
                if let Some((place, _)) = self.at(at) {
                    self.mode = Mode::Delete(place);
                }
            }
            ("ok", _) => {
                self.closed();
            }
            ("leave", _) => self.leave(),
            ("yes", _) => {
                if let Mode::Delete(place) = self.mode {
                    self.gone = Some((place, self.items.remove(place)));
                    self.mode = Mode::List;
                }
            }
            ("undo", _) if self.closed() => {
                if let Some((place, typed)) = self.gone.take() {
                    self.items.insert(place.min(self.items.len()), typed);
                }
            }
            _ => {}
        }
    }

    fn at(&self, text: &str) -> Option<(usize, Typed)> {
        let place: usize = text.parse().ok()?;
        Some((place, self.items.get(place)?.clone()))
    }

    /// Takes what is being edited; false, and what is wrong is told, if it cannot be taken.
    fn closed(&mut self) -> bool {
        if let Mode::Edit { place, .. } = self.mode {
            match self.items.get(place).map(Typed::item) {
                Some(Ok(item)) => self.items[place] = Typed::of(&item),
                Some(Err(wrong)) => {
                    self.wrong = wrong;
                    return false;
                }
                None => {}
            }
        }
        self.mode = Mode::List;
        true
    }

    /// 取消, いいえ: as it was before.
    fn leave(&mut self) {
        if let Mode::Edit { place, was } = std::mem::take(&mut self.mode) {
            match was {
                Some(was) => self.items[place] = was,
                None => {
                    self.items.remove(place);
                }
            }
        }
    }

    /// The items that can be ordered, or the first line that cannot be taken is opened.
    pub fn items(&mut self) -> Result<Vec<Item>, ()> {
        let mut items = Vec::with_capacity(self.items.len());
        for (place, typed) in self.items.iter().enumerate() {
            match typed.item() {
                Ok(item) => items.push(item),
                Err(wrong) => {
                    let was = Some(typed.clone());
                    self.wrong = wrong;
                    self.mode = Mode::Edit { place, was };
                    return Err(());
                }
            }
        }
        Ok(items)
    }

    /// The total of the lines that can be read, in yen.
    pub fn total(&self) -> i64 {
        let line = |typed: &Typed| {
            let (quantity, price) = (number(&typed.quantity)?, number(&typed.unit_price)?);
            quantity.checked_mul(price)
        };
        self.items.iter().filter_map(line).fold(0, i64::saturating_add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(id: &str, name: &str, quantity: &str, unit_price: &str) -> Typed {
        let [id, name, quantity, unit_price] = [id, name, quantity, unit_price].map(str::to_owned);
        Typed { id, name, quantity, unit_price }
    }

    fn draft() -> Draft {
        Draft { items: vec![typed("a", "煎茶", "2", "1000"), typed("b", "急須", "1", "500")], ..Draft::default() }
    }

    #[test]
    fn a_line_is_taken_as_people_type_it_and_every_wrong_field_is_told() {
        let item = Item { id: "a".into(), name: "煎茶".into(), quantity: 12, unit_price: 1_080 };
        assert_eq!(typed(" a ", "煎茶", "１２", "1,080").item(), Ok(item));
        let all = vec![Wrong::Id, Wrong::Name, Wrong::Quantity, Wrong::UnitPrice];
        assert_eq!(typed("", "\u{7}", "0", "-1").item(), Err(all));
        assert_eq!(typed("a", "b", "1.5", "円").item(), Err(vec![Wrong::Quantity, Wrong::UnitPrice]));
        assert_eq!(typed("a", "b", "2", "99999999").item(), Err(vec![Wrong::Total]));
        assert_eq!(typed("a", &"あ".repeat(256), "1", "1").item(), Err(vec![Wrong::Name]));
    }

    #[test]
    fn an_item_is_added_edited_and_deleted() {
        let mut draft = draft();
        draft.press("add");
        assert_eq!((draft.items.len(), draft.mode_word()), (3, "edit-2".to_owned()));
        draft.press("ok");
        assert_eq!((draft.wrong.len(), draft.mode_word()), (3, "edit-2".to_owned()), "an empty item is not taken");
        draft.items[2] = typed("c", "茶筒", "1", "300");
        draft.press("ok");
        assert_eq!((draft.total(), draft.mode_word()), (2_800, String::new()));

        draft.press("edit-0");
        draft.items[0].quantity = "5".to_owned();
        draft.press("leave");
        assert_eq!(draft.total(), 2_800, "as it was before");

        draft.press("delete-1");
        assert_eq!(draft.mode, Mode::Delete(1));
        draft.press("leave");
        assert_eq!(draft.items.len(), 3);
        draft.press("delete-1");
        draft.press("yes");
        assert_eq!(draft.total(), 2_300);
        draft.press("undo");
        assert_eq!((draft.total(), draft.items[1].name.as_str()), (2_800, "急須"));
    }

    #[test]
    fn buttons_that_mean_nothing_change_nothing() {
        for button in ["", "yes", "edit-9", "delete-x", "undo", "edit", "ok", "leave", "nonsense-1"] {
            let mut pressed = draft();
            pressed.press(button);
            assert_eq!(pressed, draft(), "{button}");
        }
    }

    #[test]
    fn what_a_form_says_is_bounded() {
        let form =
            Form::parse(b"item_id_1=a&item_name_1=b&item_quantity_1=9&item_unit_price_1=9&item_id_2=x&mode=edit-7");
        let read = Draft::read(&form.unwrap());
        assert_eq!((read.items.len(), read.mode.clone(), read.total()), (1, Mode::List, 81));
        let vast = Draft { items: vec![typed("a", "b", "999999999999999999", "999999999999999999")], ..draft() };
        assert_eq!(vast.total(), 0);
    }
}
