//! 変更・キャンセル: what happened to an order after it was placed, as `ChangeReasonModelList` shows it.

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Day, stored};
use crate::code::{ChangeDetail, ChangeType, Reason};

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// 変更ID.
    pub id: i64,
    /// What kind.
    pub kind: ChangeType,
    /// Of a change of amount or method: which.
    pub detail: Option<ChangeDetail>,
    /// Why; whose doing it is follows from it.
    pub reason: Option<Reason>,
    /// 申請日時.
    #[serde(with = "stored::opt_at")]
    pub applied: Option<Timestamp>,
    /// 確定日時.
    #[serde(with = "stored::opt_at")]
    pub fixed: Option<Timestamp>,
    /// 完了日時.
    #[serde(with = "stored::opt_at")]
    pub completed: Option<Timestamp>,
}

/// What a due date is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DueKind {
    /// 支払期限, `dueDateType` 0.
    Payment,
    /// 支払方法変更期限, 1.
    MethodChange,
    /// 返金手続き期限, 2.
    Refund,
}

impl DueKind {
    /// `dueDateType`.
    pub fn code(self) -> i64 {
        match self {
            DueKind::Payment => 0,
            DueKind::MethodChange => 1,
            DueKind::Refund => 2,
        }
    }
}

/// 期限日.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueDate {
    /// What for.
    pub kind: DueKind,
    /// The last day.
    pub date: Day,
}
