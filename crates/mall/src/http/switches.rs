//! Where the sources leave two behaviours open, the plausible one is what happens, and a switch makes it the other
//! (docs/rms-fidelity.md, "Switches"). They are the names in the setting `rms_switches`.

use std::str::FromStr;

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Switch {
    /// getOrder and getPayment also answer versions 1 and 2.
    OldVersions,
    /// Any Content-Type, or none, is taken for JSON in UTF-8.
    AnyContentType,
    /// Who is not let in is told ES01-01 in place of ES04-01.
    UnauthorisedEs01,
    /// Who is not let in gets 403 in place of 401.
    Unauthorised403,
    /// Who asks too often gets 429 in place of 503.
    Throttled429,
    /// What one order does not allow is answered with 200 in place of 400.
    Refused200,
    /// A list in which an order failed is answered with 400 in place of 200.
    ListErrors400,
    /// Faults of updateOrderShippingAsync are answered with 400 in place of 200.
    AsyncErrors400,
    /// getOrder says nothing of orders that there are not, in place of a warning for each.
    SilentMissing,
    /// updateOrderShipping takes `20261122` for a shipping date, too.
    CompactShippingDates,
    /// Messages of rows of 発送情報 leave the number of their order out.
    RowsWithoutOrder,
    /// A request of updateOrderShipping or of its sister has 151 rows at the most, in place of 20 for each destination.
    Rows151,
    /// The 730 and 63 days of searchOrder are counted in dates of Japan, in place of seconds.
    LimitsByDate,
    /// updateOrderSender answers whatever it refuses with 200 in place of 400.
    Sender200,
    /// An order may have any sub-status of the shop, in place of those of its status.
    AnySubStatus,
    /// A function that is switched on leaves the key's end where it is, in place of beginning its days again.
    FixedLicenceEnd,
}

impl Switch {
    /// Every switch.
    pub const ALL: [Switch; 16] = [
        Switch::OldVersions,
        Switch::AnyContentType,
        Switch::UnauthorisedEs01,
        Switch::Unauthorised403,
        Switch::Throttled429,
        Switch::Refused200,
        Switch::ListErrors400,
        Switch::AsyncErrors400,
        Switch::SilentMissing,
        Switch::CompactShippingDates,
        Switch::RowsWithoutOrder,
        Switch::Rows151,
        Switch::LimitsByDate,
        Switch::Sender200,
        Switch::AnySubStatus,
        Switch::FixedLicenceEnd,
    ];

    /// Its name in the setting.
    pub fn name(self) -> &'static str {
        match self {
            Switch::OldVersions => "old_versions",
            Switch::AnyContentType => "any_content_type",
            Switch::UnauthorisedEs01 => "unauthorised_es01",
            Switch::Unauthorised403 => "unauthorised_403",
            Switch::Throttled429 => "throttled_429",
            Switch::Refused200 => "refused_200",
            Switch::ListErrors400 => "list_errors_400",
            Switch::AsyncErrors400 => "async_errors_400",
            Switch::SilentMissing => "silent_missing",
            Switch::CompactShippingDates => "compact_shipping_dates",
            Switch::RowsWithoutOrder => "rows_without_order",
            Switch::Rows151 => "rows_151",
            Switch::LimitsByDate => "limits_by_date",
            Switch::Sender200 => "sender_200",
            Switch::AnySubStatus => "any_sub_status",
            Switch::FixedLicenceEnd => "fixed_licence_end",
        }
    }
}

/// No switch has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown switch {0:?}")]
pub struct UnknownSwitch(pub String);

impl FromStr for Switch {
    type Err = UnknownSwitch;

    fn from_str(text: &str) -> Result<Switch, UnknownSwitch> {
        let known = Switch::ALL.into_iter().find(|switch| switch.name() == text);
        known.ok_or_else(|| UnknownSwitch(text.to_owned()))
    }
}

/// Those that are on; usually none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Switches(u16);

impl Switches {
    /// These.
    pub fn of(switches: &[Switch]) -> Switches {
        Switches(switches.iter().fold(0, |bits, switch| bits | 1 << (*switch as u8)))
    }

    /// Whether it is on.
    pub fn has(self, switch: Switch) -> bool {
        self.0 & 1 << (switch as u8) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_on_by_itself_and_has_a_name() {
        for switch in Switch::ALL {
            assert_eq!(switch.name().parse(), Ok(switch));
            for other in Switch::ALL {
                assert_eq!(Switches::of(&[switch]).has(other), switch == other);
            }
        }
        assert_eq!(Switches::of(&[]), Switches::default());
    }
}
