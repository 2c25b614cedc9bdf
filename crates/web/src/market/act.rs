//! What the buyer of an order does, played by somebody of the staff for a test: the operations of the test helpers.

use ::mall::code::{Kind, Method};
use ::mall::market::{Undone, rows};
use ::mall::order::{Card, Order, OrderNumber};
use ::mall::progress::{Event, Refused, decide};
use ::mall::scenario::{ChangeMethod, EnterRecipient, Later, Nothing, Pay, later};
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use pay::http::form::{Form, digits};
use store::Tx;

use super::list::money;
use super::one::{self, Look};
use super::{MarketText, at, words};
use crate::staff::{Desk, posted};
use crate::texts;
use crate::ui::{Choice, Frame, Language, Posted, Problem, Tone};

texts! {
    /// What the windows say.
    ActText {
        pay: "入金する", "Pay in";
        change: "支払方法を変更する", "Change the way of paying";
        cancel: "購入者としてキャンセルする", "Cancel as the buyer";
        give_back: "商品を返品する", "Return the goods";
        recipient: "受取人情報を入力する", "Enter the recipient";
        charge_back: "チャージバックする", "Charge back";
        amount: "入金額（円）", "Yen";
        amount_more: "未入金の金額: {}", "Still to pay: {}";
        wrong_amount: "1以上99,999,999以下の数字で入力してください。", "Enter a number from 1 to 99,999,999.";
        method: "新しい支払方法", "Another way of paying";
        wrong_method: "支払方法を選んでください。", "Choose a way of paying.";
        card: "クレジットカード（承認されるカード）", "A card that is approved";
        refused_card: "クレジットカード（承認されないカード）", "A card that is refused";
        cancel_more: "購入者に代わって注文をキャンセルします。元に戻せません。", "The order is cancelled for the buyer, for good.";
        return_more: "購入者に代わって商品を返品します。元に戻せません。", "The goods are sent back for the buyer, for good.";
        charge_back_more: "カード会社が、購入者の申し出により決済を取り消します。", "The card's issuer takes the money back for the buyer.";
        recipient_more: "ソーシャルギフトの受取人が送付先を入力します。", "The recipient of the gift says where it goes.";
        no: "やめる", "Do not";
        back: "受注詳細に戻る", "Back to the order";
        cannot: "操作できません: {}", "Not possible: {}";
        did_pay: "入金を登録しました。", "The payment is in.";
        did_change: "支払方法を変更しました。", "The way of paying is changed.";
        did_cancel: "キャンセルを受け付けました。", "The cancellation is taken.";
        did_return: "返品を登録しました。", "The return is taken.";
        did_recipient: "受取人情報を登録しました。", "The recipient is entered.";
        did_charge_back: "チャージバックを登録しました。", "The money was taken back.";
    }
}

/// What a buyer can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Buyer {
    Pay,
    Change,
    Cancel,
    Return,
    Recipient,
    ChargeBack,
}

/// Ways of paying that a buyer may change to, besides cards.
const METHODS: [Method; 4] = [Method::BankTransfer, Method::SevenEleven, Method::Lawson, Method::CashOnDelivery];
/// Yen of a deposit at the most.
const AMOUNT_MAX: u32 = 99_999_999;

impl Buyer {
    pub(super) const ALL: [Buyer; 6] =
        [Buyer::Pay, Buyer::Change, Buyer::Cancel, Buyer::Return, Buyer::Recipient, Buyer::ChargeBack];

    /// The last part of the address.
    pub(super) fn name(self) -> &'static str {
        match self {
            Buyer::Pay => "pay",
            Buyer::Change => "change_method",
            Buyer::Cancel => "cancel",
            Buyer::Return => "return_goods",
            Buyer::Recipient => "enter_recipient",
            Buyer::ChargeBack => "charge_back",
        }
    }

    fn named(name: &str) -> Option<Buyer> {
        Buyer::ALL.into_iter().find(|buyer| buyer.name() == name)
    }

    pub(super) fn text(self, language: Language) -> &'static str {
        let t = ActText::of(language);
        match self {
            Buyer::Pay => t.pay,
            Buyer::Change => t.change,
            Buyer::Cancel => t.cancel,
            Buyer::Return => t.give_back,
            Buyer::Recipient => t.recipient,
            Buyer::ChargeBack => t.charge_back,
        }
    }

    /// Why it cannot be done now, by what the engine would say.
    pub(super) fn barred(self, look: &Look) -> Option<Refused> {
        if self == Buyer::Pay && outstanding(&look.order) <= 0 {
            return Some(Refused::Status);
        }
        let is_refused = |event: &Event| decide(&look.order, event, &look.policy, look.now).err();
        let mut tried = self.tries(look);
        let first = is_refused(&tried.remove(0))?;
        // One way of paying may be had where another one may not.
        tried.iter().map(is_refused).all(|refused| refused.is_some()).then_some(first)
    }

    /// Events by which the engine is asked whether it can be done.
    fn tries(self, look: &Look) -> Vec<Event> {
        match self {
            Buyer::Pay => vec![deposit(look, outstanding(&look.order).max(1))],
            Buyer::Change => {
                let card = Event::BuyerChangesMethod { method: Method::Card, card: Some(card(look)) };
                let others = METHODS.map(|method| Event::BuyerChangesMethod { method, card: None });
                [card].into_iter().chain(others).collect()
            }
            Buyer::Cancel => vec![Event::BuyerCancels],
            Buyer::Return => vec![Event::GoodsReturned],
            Buyer::Recipient => vec![Event::RecipientEntered],
            Buyer::ChargeBack => vec![Event::ChargedBack],
        }
    }
}

fn deposit(look: &Look, amount: i64) -> Event {
    let name_kana = look.order.orderer.person.family_kana.clone().unwrap_or_default();
    Event::Deposited { amount, name_kana }
}

/// Yen that a prepayment still lacks.
fn outstanding(order: &Order) -> i64 {
    let prepaid = order.payment().filter(|payment| payment.method.kind() == Kind::Prepaid);
    prepaid.map_or(0, |payment| payment.amount - payment.paid_in())
}

/// A card of theirs, to ask the engine about.
fn card(look: &Look) -> Card {
    Card {
        token: "visa".to_owned(),
        name: "VISA".to_owned(),
        number: "XXXX-XXXX-XXXX-1111".to_owned(),
        owner: look.order.orderer.person.family_kana.clone().unwrap_or_default(),
        expires: "2035-12".to_owned(),
        pay_type: 0,
        instalments: None,
    }
}

/// What was done, as the page of the order says it.
pub(super) fn done(language: Language, name: &str) -> Option<&'static str> {
    let t = ActText::of(language);
    Buyer::named(name).map(|buyer| match buyer {
        Buyer::Pay => t.did_pay,
        Buyer::Change => t.did_change,
        Buyer::Cancel => t.did_cancel,
        Buyer::Return => t.did_return,
        Buyer::Recipient => t.did_recipient,
        Buyer::ChargeBack => t.did_charge_back,
    })
}

#[derive(Template)]
#[template(path = "market/act.html")]
struct Page {
    frame: Frame,
    t: &'static MarketText,
    a: &'static ActText,
    title: &'static str,
    /// It cannot be taken back.
    is_grave: bool,
    more: String,
    number: String,
    status: &'static str,
    action: String,
    own: String,
    why: String,
    /// Of a deposit: what was typed.
    amount: Option<String>,
    /// Yen that are still to pay.
    left: i64,
    /// Of a change: the ways of paying.
    methods: Vec<Choice>,
    wrong: &'static str,
}

type Place = Path<(String, String, String)>;

/// `GET …/orders/{order}/{act}`.
pub(super) async fn ask(desk: Desk, Path((_, number, act)): Place) -> Result<Response, Response> {
    let buyer = Buyer::named(&act).ok_or_else(|| desk.problem(Problem::Absent))?;
    let look = one::find(&desk, &number).await?;
    Ok(desk.visit.page(&page(&desk, &look, buyer, None, "")))
}

/// `POST …/orders/{order}/{act}`.
pub(super) async fn act(Path((_, number, act)): Place, form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    let buyer = Buyer::named(&act).ok_or_else(|| desk.problem(Problem::Absent))?;
    let look = one::find(&desk, &number).await?;
    let left = form.get("left").and_then(|text| text.parse().ok());
    let what = match wished(&desk, buyer, &form) {
        Ok(what) => what,
        Err(wrong) => {
            let page = page(&desk, &look, buyer, Some(&form), wrong);
            return Err(desk.visit.page_with(StatusCode::BAD_REQUEST, &page));
        }
    };
    match happen(&desk, look.order.number, what, left).await {
        // What has happened already, as by a form that was sent twice, is as good.
        Ok(()) | Err(Undone::Refused(Refused::Stale)) => {
            Ok(desk.visit.redirect(&at(&format!("/orders/{number}?done={act}"))))
        }
        Err(Undone::Refused(refused)) => {
            let a = ActText::of(desk.visit.language);
            let says = a.cannot.replace("{}", words::refused(desk.visit.language, refused));
            let look = one::find(&desk, &number).await?;
            let mut page = page(&desk, &look, buyer, Some(&form), "");
            page.frame = page.frame.saying(Tone::Bad, says);
            Err(desk.visit.page_with(StatusCode::CONFLICT, &page))
        }
        Err(Undone::NoSuchShop | Undone::NoSuchOrder) => Err(desk.problem(Problem::Absent)),
        Err(Undone::Store(error)) => Err(desk.failed(&error)),
    }
}

/// Lets it happen. A deposit, which could be made again and again, is made only while as much is left to pay as the form
/// said: sent twice, it happens once.
async fn happen(desk: &Desk, number: OrderNumber, what: Later, left: Option<i64>) -> Result<(), Undone> {
    let (shop, by) = (desk.shop(), desk.by());
    let write = move |tx: &mut Tx<'_>| {
        if let Later::Pay(_) = what {
            let loaded = rows::load_for_update(tx, shop, number)?.ok_or(Undone::NoSuchOrder)?;
            if left != Some(outstanding(&loaded.order)) {
                return Err(Undone::Refused(Refused::Stale));
            }
        }
        later(tx, shop, (number, &what), &by).map(|_| ())
    };
    desk.visit.ui.store().write(write).await
}

/// What the form says; otherwise what is wrong with it.
fn wished(desk: &Desk, buyer: Buyer, form: &Form) -> Result<Later, &'static str> {
    let a = ActText::of(desk.visit.language);
    Ok(match buyer {
        Buyer::Pay => {
            let amount = form.get("amount").map(str::trim).and_then(digits).and_then(|text| text.parse::<u32>().ok());
            let amount = amount.filter(|yen| (1..=AMOUNT_MAX).contains(yen)).ok_or(a.wrong_amount)?;
            Later::Pay(Pay { amount: Some(amount), name_kana: None })
        }
        Buyer::Change => Later::ChangeMethod(change(form.get("method").unwrap_or_default()).ok_or(a.wrong_method)?),
        Buyer::Cancel => Later::Cancel(Nothing {}),
        Buyer::Return => Later::ReturnGoods(Nothing {}),
        Buyer::Recipient => Later::EnterRecipient(EnterRecipient { person: None, address: None }),
        Buyer::ChargeBack => Later::ChargeBack(Nothing {}),
    })
}

/// The way of paying that a form names.
fn change(chosen: &str) -> Option<ChangeMethod> {
    let of_card = |card: &str| ChangeMethod { method: Method::Card, card: Some(card.to_owned()) };
    match chosen {
        "card" => Some(of_card("visa")),
        "refused_card" => Some(of_card("insufficient_funds")),
        code => {
            let method = code.parse().ok().and_then(Method::of).filter(|method| METHODS.contains(method))?;
            Some(ChangeMethod { method, card: None })
        }
    }
}

fn page(desk: &Desk, look: &Look, buyer: Buyer, sent: Option<&Form>, wrong: &'static str) -> Page {
    let language = desk.visit.language;
    let (t, a) = (MarketText::of(language), ActText::of(language));
    let own = at(&format!("/orders/{}", look.order.number));
    let left = outstanding(&look.order);
    let typed = |field: &str| sent.and_then(|form| form.get(field)).map(str::to_owned);
    let more = match buyer {
        Buyer::Pay => a.amount_more.replace("{}", &money(language, left)),
        Buyer::Change => String::new(),
        Buyer::Cancel => a.cancel_more.to_owned(),
        Buyer::Return => a.return_more.to_owned(),
        Buyer::Recipient => a.recipient_more.to_owned(),
        Buyer::ChargeBack => a.charge_back_more.to_owned(),
    };
    let why =
        buyer.barred(look).map_or(String::new(), |refused| a.cannot.replace("{}", words::refused(language, refused)));
    Page {
        frame: desk.frame(),
        t,
        title: buyer.text(language),
        is_grave: matches!(buyer, Buyer::Cancel | Buyer::Return | Buyer::ChargeBack),
        more,
        number: look.order.number.to_string(),
        status: words::progress(language, look.order.progress),
        action: format!("{own}/{}", buyer.name()),
        own,
        why,
        amount: (buyer == Buyer::Pay).then(|| typed("amount").unwrap_or_else(|| left.to_string())),
        left,
        methods: if buyer == Buyer::Change { methods(language, a, typed("method").as_deref()) } else { Vec::new() },
        wrong,
        a,
    }
}

fn methods(language: Language, a: &ActText, chosen: Option<&str>) -> Vec<Choice> {
    let of = |value: String, text: &str| {
        let is_chosen = chosen == Some(value.as_str());
        Choice::new(value, text, is_chosen)
    };
    let cards = [of("card".to_owned(), a.card), of("refused_card".to_owned(), a.refused_card)];
    let others = METHODS.map(|method| of(method.code().to_string(), words::method(language, method)));
    cards.into_iter().chain(others).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back() {
        for buyer in Buyer::ALL {
            assert_eq!(Buyer::named(buyer.name()), Some(buyer));
            assert!(done(Language::Ja, buyer.name()).is_some());
        }
        assert_eq!(Buyer::named("sing"), None);
        assert!(METHODS.iter().all(|method| method.can_be_changed_to()));
    }
}
