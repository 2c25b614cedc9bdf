//! Who orders, and who receives.

use serde::{Deserialize, Serialize};

/// A name with its reading and a telephone number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// 姓.
    pub family_name: String,
    /// 名.
    pub first_name: Option<String>,
    /// セイ.
    pub family_kana: Option<String>,
    /// メイ.
    pub first_kana: Option<String>,
    /// 電話番号, in up to three parts; at most one is missing.
    pub phone: [Option<String>; 3],
}

/// 住所.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// 郵便番号, three and four digits.
    pub zip: [String; 2],
    /// 都道府県, or 国外.
    pub prefecture: String,
    /// 郡市区.
    pub city: String,
    /// それ以降の住所.
    pub rest: String,
}

/// 注文者.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Orderer {
    /// Who.
    pub person: Person,
    /// Where they live.
    pub address: Address,
    /// The masked address of theirs.
    pub email: String,
    /// 性別, as they said it.
    pub sex: Option<String>,
    /// Year, month and day of birth.
    pub birth: Option<(i64, i64, i64)>,
}
