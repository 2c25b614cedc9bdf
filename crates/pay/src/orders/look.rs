//! One order, with what can be done to it now and what is being done.

use kernel::{ChargeNumber, Environment, ShopId, Timestamp, Yen};
use store::{StoreError, Tx, clock};

use super::rows;
use crate::attempt::rows as attempts;
use crate::attempt::rows::Latest;
use crate::charge::rows as charges;
use crate::charge::{Charge, Refused};
use crate::gateway::Gateway;

/// An order as it stood at one instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// In which environment it was ordered.
    pub environment: Environment,
    /// The charge.
    pub charge: Charge,
    /// World time.
    pub now: Timestamp,
    /// The latest attempt to make or change it.
    pub latest: Option<Latest>,
}

/// Why something cannot be done to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It is being changed.
    Running,
    /// Nobody who moves money is set up for the environment.
    NoProvider,
    /// Its state or its window does not allow it.
    Refused(Refused),
}

impl Why {
    /// The stable word for programs: that of the refusal.
    pub fn code(self) -> String {
        let error = match self {
            Why::Running => crate::ApiError::charge_locked(),
            Why::NoProvider => crate::ApiError::no_provider(),
            Why::Refused(refused) => refused.into(),
        };
        error.code
    }
}

/// What can be done to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Possible {
    /// 確定.
    pub capture: Result<(), Why>,
    /// キャンセル.
    pub cancel: Result<(), Why>,
    /// 金額変更, to some amount.
    pub change: Result<(), Why>,
}

impl Look {
    /// What can be done; `has_provider` says whether somebody moves money in the environment.
    pub fn possible(&self, has_provider: bool) -> Possible {
        let standing = &self.charge.standing;
        let of = |allowed: Result<(), Refused>| match allowed {
            Err(refused) => Err(Why::Refused(refused)),
            Ok(()) if self.running().is_some() => Err(Why::Running),
            Ok(()) if !has_provider => Err(Why::NoProvider),
            Ok(()) => Ok(()),
        };
        Possible {
            capture: of(standing.capture(self.now).map(|_| ())),
            cancel: of(standing.cancel(self.now).map(|_| ())),
            change: of(standing.can_change(self.now)),
        }
    }

    /// What a change to a total would come to: how much of it points pay, or why it is refused.
    pub fn after_change(&self, total: Yen) -> Result<Yen, Refused> {
        self.charge.standing.change(total, self.now).map(|plan| plan.amounts().1)
    }

    /// The attempt whose outcome is not known yet.
    pub fn running(&self) -> Option<&Latest> {
        self.latest.as_ref().filter(|latest| latest.is_running)
    }
}

impl Gateway {
    /// Looks an order of one of `environments` up. If a change of it is under way whose outcome was not known, and nobody
    /// is at it, that is settled first.
    pub async fn look(
        &self,
        shop: ShopId,
        environments: &'static [Environment],
        number: ChargeNumber,
    ) -> Result<Option<Look>, StoreError> {
        let read = move |tx: &mut Tx<'_>| look(tx, shop, environments, number);
        let found = self.store().read(read).await?;
        let Some((environment, running)) =
            found.as_ref().and_then(|look| Some((look.environment, look.running()?.id.clone())))
        else {
            return Ok(found);
        };
        if let Err(error) = self.settle(shop, environment, &running).await {
            // What is told then is what is known.
            tracing::warn!(code = error.code, attempt = running, "an outcome could not be asked for");
        }
        self.store().read(read).await
    }
}

/// Looks an order of one of `environments` up.
pub fn look(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environments: &[Environment],
    number: ChargeNumber,
) -> Result<Option<Look>, StoreError> {
    let Some(environment) = rows::environment_of(tx, shop, environments, number)? else { return Ok(None) };
    let charge = charges::find(tx, shop, environment, number)?;
    let latest = attempts::latest(tx, shop, environment, number)?;
    let now = clock::world_now(tx, shop, environment)?;
    Ok(charge.map(|charge| Look { environment, charge, now, latest }))
}
