//! getSubStatusList (contract, 3.7): the shop's sub-statuses, by the status that they belong to.

use super::members::Members;
use crate::code::Progress;
use crate::sub_status::SubStatus;

/// `StatusModelList`: the statuses that have some, in the order of their numbers.
pub fn view(all: &[SubStatus]) -> Vec<Members> {
    let of = |progress: Progress| {
        let ours = all.iter().filter(|sub| sub.progress == progress).map(one).collect::<Vec<_>>();
        (!ours.is_empty()).then(|| Members::new().put("orderProgress", progress.code()).put("SubStatusModelList", ours))
    };
    Progress::ALL.iter().copied().filter_map(of).collect()
}

fn one(sub: &SubStatus) -> Members {
    Members::new().put("subStatusId", sub.id).put("subStatusName", sub.name.as_str()).put("orderby", sub.position)
}
