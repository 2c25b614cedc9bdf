//! The two sides of the dashboard, Sandbox and Live (seed 000 "環境切り替え"): tabs at the top right. Live shows what was
//! sold with production keys and with test keys.

use kernel::Environment;

/// Where pages of a side are: `/dashboard/{side}/…`.
pub const DASHBOARD: &str = "/dashboard";

/// A side of the dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// Sandbox環境.
    Sandbox,
    /// Live環境.
    Live,
}

impl Side {
    /// Both, in the order of the tabs.
    pub const ALL: [Side; 2] = [Side::Sandbox, Side::Live];

    /// The part of the path.
    pub fn code(self) -> &'static str {
        match self {
            Side::Sandbox => "sandbox",
            Side::Live => "live",
        }
    }

    /// What the tab says, in both languages.
    pub fn name(self) -> &'static str {
        match self {
            Side::Sandbox => "Sandbox",
            Side::Live => "Live",
        }
    }

    /// The environments whose orders it shows, the main one first.
    pub fn environments(self) -> &'static [Environment] {
        match self {
            Side::Sandbox => &[Environment::Sandbox],
            Side::Live => &[Environment::Live, Environment::Test],
        }
    }

    /// The side that shows an environment.
    pub fn of(environment: Environment) -> Side {
        match environment {
            Environment::Sandbox => Side::Sandbox,
            Environment::Test | Environment::Live => Side::Live,
        }
    }

    /// The side of this name.
    pub fn named(code: &str) -> Option<Side> {
        Side::ALL.into_iter().find(|side| side.code() == code)
    }

    /// The address of a page of this side; `rest` begins with `/` or is empty.
    pub fn path(self, rest: &str) -> String {
        format!("{DASHBOARD}/{}{rest}", self.code())
    }
}

/// What a path says about the side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// It is a page of this side.
    Of(Side),
    /// It is a page of the dashboard, of a side that there is not.
    Unknown,
    /// It is a page of both.
    Nothing,
}

/// The side that the path of a page names, or its `environment=` parameter.
pub fn said(path: &str, environment: Option<Environment>) -> Said {
    match path.strip_prefix(DASHBOARD).and_then(|rest| rest.strip_prefix('/')) {
        Some(rest) => Side::named(rest.split('/').next().unwrap_or_default()).map_or(Said::Unknown, Said::Of),
        None => environment.map_or(Said::Nothing, |environment| Said::Of(Side::of(environment))),
    }
}

/// The address of the page that the tab of `side` leads to: the same part of the dashboard, without the one object that
/// is open.
pub fn across(path: &str, side: Side) -> String {
    let section = path.strip_prefix(DASHBOARD).and_then(|rest| rest.split('/').nth(2)).filter(|name| !name.is_empty());
    side.path(&section.map_or(String::new(), |name| format!("/{name}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_says_its_side() {
        assert_eq!(said("/dashboard/live/orders", None), Said::Of(Side::Live));
        assert_eq!(said("/dashboard/sandbox", None), Said::Of(Side::Sandbox));
        assert_eq!(said("/dashboard/moon/orders", None), Said::Unknown);
        assert_eq!(said("/mailbox", Some(Environment::Test)), Said::Of(Side::Live));
        assert_eq!(said("/password", None), Said::Nothing);
        assert_eq!(said("/dashboards/live", None), Said::Nothing);
    }

    #[test]
    fn tabs_lead_to_the_same_part_of_the_other_side() {
        assert_eq!(across("/dashboard/sandbox/orders/1234567890-1", Side::Live), "/dashboard/live/orders");
        assert_eq!(across("/dashboard/live", Side::Sandbox), "/dashboard/sandbox");
        assert_eq!(across("/password", Side::Live), "/dashboard/live");
    }
}
