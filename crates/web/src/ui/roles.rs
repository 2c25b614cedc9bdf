//! What the roles of the staff are called on pages.

use shop::{Duties, Role};

use super::Language;
use crate::texts;

texts! {
    /// What roles are called.
    RoleText {
        owner: "店舗管理者", "Owner";
        orders: "受注担当", "Orders";
        shipping: "出荷担当", "Shipping";
        accounting: "経理担当", "Accounting";
        developer: "開発者", "Developer";
        operator: "運営", "Operator";
        none: "役割なし", "No role";
    }
}

/// What a role is called.
pub fn name(role: Role, language: Language) -> &'static str {
    let t = RoleText::of(language);
    match role {
        Role::Owner => t.owner,
        Role::Orders => t.orders,
        Role::Shipping => t.shipping,
        Role::Accounting => t.accounting,
        Role::Developer => t.developer,
    }
}

/// The roles of somebody, in a line.
pub fn names(duties: &Duties, language: Language) -> String {
    let t = RoleText::of(language);
    let mut all: Vec<&str> = duties.roles().iter().map(|role| name(*role, language)).collect();
    if duties.is_operator() {
        all.push(t.operator);
    }
    let between = match language {
        Language::Ja => "・",
        Language::En => ", ",
    };
    if all.is_empty() { t.none.to_owned() } else { all.join(between) }
}
