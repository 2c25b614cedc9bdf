//! The code tables of the wire (contract rms-order-api, section 5): numbers, words, and what kind of thing they are.

mod carrier;
mod payment;
mod reason;

pub use carrier::Carrier;
pub use payment::{Kind, Method, Status};
pub use reason::{ChangeDetail, ChangeType, Party, Reason};

/// An enum whose members have the numbers of a code table.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$member_doc:meta])* $member:ident = $code:literal, $text:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$member_doc])* $member,)+
        }

        impl $name {
            /// Every member, in the order of the table.
            pub const ALL: &[$name] = &[$($name::$member),+];

            /// The number of the wire.
            pub const fn code(self) -> i64 {
                match self {
                    $($name::$member => $code,)+
                }
            }

            /// What screens and the wire call it.
            pub const fn text(self) -> &'static str {
                match self {
                    $($name::$member => $text,)+
                }
            }

            /// The member with this number.
            pub fn of(code: i64) -> Option<$name> {
                $name::ALL.iter().copied().find(|member| member.code() == code)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_i64(self.code())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<$name, D::Error> {
                let code = <i64 as serde::Deserialize>::deserialize(deserializer)?;
                $name::of(code).ok_or_else(|| serde::de::Error::custom(format!("no code {code}")))
            }
        }
    };
}
pub(crate) use codes;

codes! {
    /// ステータス: how far an order is.
    Progress {
        /// The shop has to confirm it.
        AwaitingConfirmation = 100, "注文確認待ち";
        /// The mall secures the payment.
        InProcess = 200, "楽天処理中";
        /// The shop has to ship it.
        AwaitingShipment = 300, "発送待ち";
        /// A change of its amount is not settled yet.
        AwaitingChange = 400, "変更確定待ち";
        /// Shipped and reported.
        Shipped = 500, "発送済";
        /// The mall settles it with the shop.
        SettlementInProgress = 600, "支払手続き中";
        /// Settled.
        Settled = 700, "支払手続き済";
        /// A cancellation is not settled yet.
        AwaitingCancellation = 800, "キャンセル確定待ち";
        /// Cancelled, for good.
        Cancelled = 900, "キャンセル確定";
    }
}

impl Progress {
    /// Whether it is cancelled, or will be.
    pub const fn is_cancelled(self) -> bool {
        matches!(self, Progress::AwaitingCancellation | Progress::Cancelled)
    }
}

codes! {
    /// 注文種別.
    OrderType {
        /// An ordinary order.
        Normal = 1, "通常購入";
        /// 定期購入.
        Subscription = 4, "定期購入";
        /// 頒布会.
        Club = 5, "頒布会";
        /// 予約商品.
        Reservation = 6, "予約商品";
    }
}

codes! {
    /// 端末: what the buyer ordered with.
    Device {
        /// A computer.
        Pc = 0, "PC";
        /// An iPhone.
        Iphone = 11, "iPhone";
        /// An Android phone.
        Android = 12, "Android";
        /// An iPad.
        Ipad = 21, "iPad";
        /// An Android tablet.
        AndroidTablet = 22, "Androidタブレット";
        /// Something else.
        Other = 99, "その他";
    }
}

codes! {
    /// 配送区分 of the shop.
    DeliveryClass {
        /// 選択なし.
        None = 0, "選択なし";
        /// 普通.
        Normal = 1, "普通";
        /// 冷蔵.
        Chilled = 2, "冷蔵";
        /// 冷凍.
        Frozen = 3, "冷凍";
        /// その他1.
        Other1 = 4, "その他1";
        /// その他2.
        Other2 = 5, "その他2";
        /// その他3.
        Other3 = 6, "その他3";
        /// その他4.
        Other4 = 7, "その他4";
        /// その他5.
        Other5 = 8, "その他5";
    }
}

codes! {
    /// 在庫連動: what a cancellation does to the stock.
    Restock {
        /// As the item is set.
        AsItem = 0, "商品の設定に従う";
        /// It goes back.
        Restore = 1, "在庫連動する";
        /// It does not.
        Keep = 2, "在庫連動しない";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_unique_and_lead_back() {
        for progress in Progress::ALL {
            assert_eq!(Progress::of(progress.code()), Some(*progress));
        }
        assert_eq!(Progress::of(150), None);
        assert_eq!(Carrier::of(1001).unwrap().text(), "ヤマト運輸");
        assert_eq!(Method::of(21).unwrap().text(), "後払い決済");
    }

    #[test]
    fn documents_hold_numbers() {
        assert_eq!(serde_json::to_string(&Progress::AwaitingShipment).unwrap(), "300");
        assert_eq!(serde_json::from_str::<Method>("9").unwrap(), Method::BankTransfer);
        assert!(serde_json::from_str::<Method>("99").is_err());
    }
}
