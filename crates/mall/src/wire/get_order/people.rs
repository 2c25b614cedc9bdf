//! OrdererModel and SenderModel (contract, 4.2 and 4.6).

use super::super::members::Members;
use super::super::read::Version;
use crate::order::{Address, Orderer, Package, Person};

/// OrdererModel.
pub(super) fn orderer(orderer: &Orderer) -> Members {
    let (year, month, day) = orderer.birth.unwrap_or((0, 0, 0));
    named(placed(&orderer.address), &orderer.person)
        .put("emailAddress", orderer.email.as_str())
        .put("sex", orderer.sex.as_deref())
        .put("birthYear", year)
        .put("birthMonth", month)
        .put("birthDay", day)
}

/// SenderModel; of a social gift whose recipient said nothing yet, the words that wait in its place.
pub(super) fn sender(package: &Package, version: Version) -> Members {
    let members =
        if package.waits_for_recipient() { waiting() } else { named(placed(&package.address), &package.person) };
    members.since(version, 2, "isolatedIslandFlag", package.isolated_island)
}

fn placed(address: &Address) -> Members {
    let [first, second] = &address.zip;
    Members::new()
        .put("zipCode1", first.as_str())
        .put("zipCode2", second.as_str())
        .put("prefecture", address.prefecture.as_str())
        .put("city", address.city.as_str())
        .put("subAddress", address.rest.as_str())
}

fn named(members: Members, person: &Person) -> Members {
    let [first, second, third] = &person.phone;
    members
        .put("familyName", person.family_name.as_str())
        .put("firstName", person.first_name.as_deref())
        .put("familyNameKana", person.family_kana.as_deref())
        .put("firstNameKana", person.first_kana.as_deref())
        .put("phoneNumber1", first.as_deref())
        .put("phoneNumber2", second.as_deref())
        .put("phoneNumber3", third.as_deref())
}

/// Contract 4.6, "Social gift not yet filled in".
fn waiting() -> Members {
    let text = |text: &str| Some(text.to_owned());
    let word = || "入力待ち".to_owned();
    let address =
        Address { zip: ["999".to_owned(), "9999".to_owned()], prefecture: word(), city: word(), rest: word() };
    let person = Person {
        family_name: word(),
        first_name: Some(word()),
        family_kana: text("ニュウリョクマチ"),
        first_kana: text("ニュウリョクマチ"),
        phone: [text("999"), text("9999"), text("9999")],
    };
    named(placed(&address), &person)
}
