//! What members of the staff may do: roles, rights, and the one table that joins them.

use std::fmt;
use std::str::FromStr;

/// What somebody does in the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// 店舗管理者: everything of the shop.
    Owner,
    /// 受注担当: orders, their money and their mails.
    Orders,
    /// 出荷担当: sees orders and captures what was shipped.
    Shipping,
    /// 経理担当: sees orders and figures, exports them.
    Accounting,
    /// 開発者: keys of Sandbox, webhooks, the request log.
    Developer,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 5] = [Role::Owner, Role::Orders, Role::Shipping, Role::Accounting, Role::Developer];

    /// The word of rows and wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Owner => "owner",
            Role::Orders => "orders",
            Role::Shipping => "shipping",
            Role::Accounting => "accounting",
            Role::Developer => "developer",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// No role has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown role {0:?}: expected owner, orders, shipping, accounting or developer")]
pub struct UnknownRole(pub String);

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Role, UnknownRole> {
        let known = Role::ALL.into_iter().find(|role| role.as_str() == text);
        known.ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

/// One thing that somebody may do or may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// See the top page with its charts.
    SeeFigures,
    /// See orders, one or many.
    SeeOrders,
    /// Export orders as CSV.
    ExportOrders,
    /// 確定.
    Capture,
    /// キャンセル.
    Cancel,
    /// 金額変更.
    ChangeAmount,
    /// メール送信.
    SendMail,
    /// See mails that were sent, with their texts.
    SeeMails,
    /// See endpoints of webhooks and what was delivered.
    SeeWebhooks,
    /// Change endpoints and certificates, ping, resend, replay.
    ChangeWebhooks,
    /// See the request log of the API; run a request of Sandbox again.
    SeeRequests,
    /// See the image library and build buttons.
    SeeImages,
    /// See which keys there are, and show those of Sandbox.
    SeeKeys,
    /// Show private keys of Live, rotate keys.
    ChangeKeys,
    /// セキュリティコード and 最新のお知らせ.
    ChangeSettings,
    /// 利用設定 of WEB APIサービス: licence keys of the marketplace, which are sandbox, and their functions.
    SeeLicences,
    /// Renew licence keys, switch their functions, set sub-statuses.
    ChangeLicences,
    /// 処理設定 of the marketplace; play its buyers, and turn the clock of the sandbox.
    ChangeMall,
    /// 店舗情報.
    SeeShop,
    /// Invite staff, change their roles, end their access.
    ManageStaff,
    /// Search the audit log.
    SeeAudit,
    /// Run this server: shops, notices, fees, forced settings. Of operators only, whatever their roles.
    Operate,
}

impl Right {
    /// Every right.
    pub const ALL: [Right; 22] = [
        Right::SeeFigures,
        Right::SeeOrders,
        Right::ExportOrders,
        Right::Capture,
        Right::Cancel,
        Right::ChangeAmount,
        Right::SendMail,
        Right::SeeMails,
        Right::SeeWebhooks,
        Right::ChangeWebhooks,
        Right::SeeRequests,
        Right::SeeImages,
        Right::SeeKeys,
        Right::ChangeKeys,
        Right::ChangeSettings,
        Right::SeeLicences,
        Right::ChangeLicences,
        Right::ChangeMall,
        Right::SeeShop,
        Right::ManageStaff,
        Right::SeeAudit,
        Right::Operate,
    ];

    /// The roles that have it. This is the table of rights; there is no other place that says who may do what.
    pub fn roles(self) -> &'static [Role] {
        use Role::{Accounting, Developer, Orders, Owner, Shipping};
        match self {
            Right::SeeFigures | Right::SeeShop => &[Owner, Orders, Shipping, Accounting, Developer],
            Right::SeeOrders => &[Owner, Orders, Shipping, Accounting, Developer],
            Right::ExportOrders => &[Owner, Orders, Accounting],
            Right::Capture => &[Owner, Orders, Shipping],
            Right::Cancel | Right::ChangeAmount => &[Owner, Orders],
            Right::SendMail => &[Owner, Orders, Shipping],
            Right::SeeMails => &[Owner, Orders, Shipping],
            Right::SeeWebhooks | Right::ChangeWebhooks | Right::SeeRequests => &[Owner, Developer],
            Right::SeeImages | Right::ChangeMall => &[Owner, Orders, Developer],
            Right::SeeKeys | Right::SeeLicences | Right::ChangeLicences => &[Owner, Developer],
            Right::ChangeKeys | Right::ChangeSettings | Right::ManageStaff | Right::SeeAudit => &[Owner],
            Right::Operate => &[],
        }
    }
}

/// The roles of one member of the staff, and whether they run this server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duties {
    roles: Vec<Role>,
    operator: bool,
}

impl Duties {
    /// Of these roles, each once.
    pub fn of(roles: &[Role], operator: bool) -> Duties {
        let mut roles = roles.to_vec();
        roles.sort_unstable();
        roles.dedup();
        Duties { roles, operator }
    }

    /// Those of the shop's owner.
    pub fn owner() -> Duties {
        Duties::of(&[Role::Owner], false)
    }

    /// The roles, in the order of [`Role::ALL`].
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// Whether they run this server.
    pub fn is_operator(&self) -> bool {
        self.operator
    }

    /// Whether they include a right.
    pub fn allow(&self, right: Right) -> bool {
        match right {
            Right::Operate => self.operator,
            other => other.roles().iter().any(|role| self.roles.contains(role)),
        }
    }

    /// As rows hold the roles: `orders,shipping`.
    pub fn joined(&self) -> String {
        self.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(",")
    }

    /// Of what [`Duties::joined`] wrote.
    pub fn split(text: &str, operator: bool) -> Result<Duties, UnknownRole> {
        let roles = text.split(',').filter(|name| !name.is_empty()).map(str::parse).collect::<Result<Vec<_>, _>>()?;
        Ok(Duties::of(&roles, operator))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_has_every_right_of_the_shop_and_none_of_the_operator() {
        for right in Right::ALL {
            assert_eq!(Duties::owner().allow(right), right != Right::Operate, "{right:?}");
        }
        assert!(Duties::of(&[], true).allow(Right::Operate) && !Duties::of(&[], true).allow(Right::SeeOrders));
    }

    #[test]
    fn duties_go_through_rows() {
        let duties = Duties::of(&[Role::Shipping, Role::Orders, Role::Shipping], true);
        assert_eq!(duties.joined(), "orders,shipping");
        assert_eq!(Duties::split(&duties.joined(), true), Ok(duties));
        assert_eq!(Duties::split("", false), Ok(Duties::of(&[], false)));
        assert_eq!(Duties::split("owner,king", false), Err(UnknownRole("king".to_owned())));
    }
}
