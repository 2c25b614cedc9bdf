//! `/dashboard/{side}/shop`: 店舗情報, to be read (seed 000 "店舗情報"). In Sandbox there is the service id and nothing else.

use askama::Template;
use axum::response::Response;
use shop::Right;
use shop::information::rows::{Known, find};
use store::Tx;

use crate::staff::Desk;
use crate::texts;
use crate::ui::{Access, Frame, Pages, Problem, Side, Ui};

/// The page.
pub fn pages(ui: &Ui) -> Pages {
    Pages::new().get("/dashboard/{side}/shop", Access::With(Right::SeeShop), show).with_state(ui.clone())
}

texts! {
    /// What the page says.
    InformationText {
        title: "店舗情報", "Shop";
        service: "サービスID", "Service id";
        service_more: "お問い合わせの際には、このサービスIDをご連絡ください。", "Name this service id when you ask for help.";
        sandbox: "Sandbox環境ではサービスIDのみ確認できます。会社情報・サイト情報はLive環境で確認してください。",
            "Sandbox shows the service id alone. The company and the site are shown in Live.";
        copy: "コピー", "Copy";
        company: "会社情報", "Company";
        company_name: "会社名", "Company name";
        company_kana: "会社名(フリガナ)", "Company name (kana)";
        representative: "代表者名", "Representative";
        postal_code: "郵便番号", "Postal code";
        address: "会社住所", "Address";
        phone: "電話番号", "Telephone";
        site: "サイト情報", "Site";
        name: "サイト名", "Site name";
        site_url: "サイトURL", "Site URL";
        contact: "問い合わせ先メールアドレス", "Contact address";
        contact_phone: "問い合わせ先電話番号", "Contact telephone";
        contact_hours: "問い合わせ受付時間", "Contact hours";
        none: "未登録", "Not registered";
        changes: "内容を変更したい場合は、運営者にご連絡ください。", "To change any of this, ask whoever runs this server.";
    }
}

impl InformationText {
    /// 会社情報: the name of each field and what it is called.
    pub(crate) fn company_fields(&self) -> [(&'static str, &'static str); 6] {
        [
            ("company_name", self.company_name),
            ("company_kana", self.company_kana),
            ("representative", self.representative),
            ("postal_code", self.postal_code),
            ("address", self.address),
            ("phone", self.phone),
        ]
    }

    /// サイト情報: the same, without its name and its contact address, which stand elsewhere.
    pub(crate) fn site_fields(&self) -> [(&'static str, &'static str); 3] {
        [("site_url", self.site_url), ("contact_phone", self.contact_phone), ("contact_hours", self.contact_hours)]
    }
}

/// What is read of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fact {
    pub label: &'static str,
    pub value: String,
}

/// 会社情報 and サイト情報 as they are read, in two groups.
pub(crate) fn facts(known: &Known, contact: Option<String>, t: &InformationText) -> (Vec<Fact>, Vec<Fact>) {
    let of = |name: &str| {
        let field = known.information.fields().into_iter().find(|(field, _)| *field == name);
        field.map_or_else(String::new, |(_, value)| value.to_owned())
    };
    let fact = |(name, label): (&str, &'static str)| Fact { label, value: of(name) };
    let mut site = vec![Fact { label: t.name, value: known.name.clone() }];
    site.extend(t.site_fields().map(fact));
    site.insert(2, Fact { label: t.contact, value: contact.unwrap_or_default() });
    (t.company_fields().map(fact).to_vec(), site)
}

#[derive(Template)]
#[template(path = "information/page.html")]
struct Page {
    frame: Frame,
    t: &'static InformationText,
    service: String,
    /// None in Sandbox.
    facts: Option<(Vec<Fact>, Vec<Fact>)>,
}

/// `GET /dashboard/{side}/shop`.
async fn show(desk: Desk) -> Response {
    let t = InformationText::of(desk.visit.language);
    let shop = desk.shop();
    let read = move |tx: &mut Tx<'_>| {
        let known = find(tx, shop)?;
        let settings = pay::mail::rows::settings(tx, shop)?;
        Ok::<_, store::StoreError>(known.map(|known| (known, settings.contact_address)))
    };
    let (known, contact) = match desk.visit.ui.store().read(read).await {
        Ok(Some(found)) => found,
        Ok(None) => return desk.problem(Problem::Absent),
        Err(error) => return desk.failed(&error),
    };
    let (service, facts) = match desk.side {
        Side::Sandbox => (known.sandbox, None),
        Side::Live => (known.live, Some(facts(&known, contact.map(|address| address.to_string()), t))),
    };
    desk.visit.page(&Page { frame: desk.frame(), t, service: service.to_string(), facts })
}
