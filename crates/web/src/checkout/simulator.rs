//! The simulator's page for 3-D Secure: in words clearly a simulator, where the buyer says what he does.

use acquirer::{ActionOutcome, Merchant};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use kernel::{Environment, ShopId};

use super::Counter;
use super::text::yen;
use crate::texts;
use crate::ui::{Frame, Posted, Problem, Visit};

texts! {
    /// What the page says.
    Words {
        simulated: "これはシミュレーターの画面です。カード会社の画面ではありません。", "This is a simulator, not a card company.";
        title: "3Dセキュア(シミュレーター)", "3-D Secure (simulator)";
        amount: "お支払い金額:", "Amount:";
        what: "カード会社の画面で購入者がすることを選んでください。", "Choose what the buyer does on the card company's page.";
        pass: "認証に成功する", "Authenticate";
        fail: "認証に失敗する", "Fail to authenticate";
        abandon: "認証をやめる", "Give up";
        over: "この本人認証は終わっています。", "This authentication is over.";
        go_back: "お支払いへ戻る", "Back to the checkout";
    }
}

#[derive(Template)]
#[template(path = "checkout/threeds.html")]
struct Page {
    frame: Frame,
    t: &'static Words,
    amount: String,
    place: String,
    back: String,
}

type Place = Path<(i64, String, String)>;

fn merchant(place: &(i64, String, String)) -> Option<Merchant> {
    let environment: Environment = place.1.parse().ok()?;
    Some(Merchant { shop: ShopId(place.0), environment })
}

/// Only pages of the checkout are gone back to.
fn back(given: Option<&str>) -> String {
    let fits = |to: &&str| {
        let plain = to.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_'));
        to.starts_with("/checkout/") && plain
    };
    given.filter(fits).unwrap_or("/").to_owned()
}

/// `GET`.
pub async fn show(State(counter): State<Counter>, visit: Visit, Path(place): Place) -> Response {
    let Some(merchant) = merchant(&place) else { return visit.problem(Problem::Absent) };
    let Ok(open) = counter.simulator.action_page(merchant, &place.2).await else {
        return visit.problem(Problem::Unavailable);
    };
    let query = visit.path.split_once('?').map_or("", |(_, query)| query);
    let given = query.split('&').find_map(|pair| pair.strip_prefix("back="));
    let page = Page {
        frame: visit.frame(),
        t: Words::of(visit.language),
        amount: open.map(|amount| yen(visit.language, amount)).unwrap_or_default(),
        place: visit.place().to_owned(),
        back: back(given),
    };
    visit.page(&page)
}

/// `POST`: the buyer did something, and goes back to the checkout.
pub async fn act(State(counter): State<Counter>, Path(place): Place, posted: Posted) -> Response {
    let Posted { visit, form } = posted;
    let outcome = form.get("outcome").and_then(|text| text.parse::<ActionOutcome>().ok());
    let (Some(merchant), Some(outcome)) = (merchant(&place), outcome) else { return visit.problem(Problem::Absent) };
    match counter.simulator.action_page(merchant, &place.2).await {
        Ok(Some(_)) => {
            if counter.simulator.act(merchant, &place.2, outcome).await.is_err() {
                return visit.problem(Problem::Unavailable);
            }
        }
        Ok(None) => {}
        Err(_) => return visit.problem(Problem::Unavailable),
    }
    visit.redirect(&back(form.get("back")))
}

#[cfg(test)]
mod tests {
    use super::back;

    #[test]
    fn only_the_checkout_is_gone_back_to() {
        assert_eq!(back(Some("/checkout/cs_1_sandbox_0a/return")), "/checkout/cs_1_sandbox_0a/return");
        for foreign in ["https://evil.example", "//evil.example", "/checkout/../login", "/login", "/checkout/a?b"] {
            assert_eq!(back(Some(foreign)), "/", "{foreign}");
        }
        assert_eq!(back(None), "/");
    }
}
