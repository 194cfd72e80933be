use dynamo::{Query, Row, StoreError, WriteError, WriteSet, batch_get};
use kernel::{OrderId, Timestamp};

use crate::domain::Attempts;
use crate::handlers::Raced;
use crate::handlers::reconcile::{Case, ListUnsettled, LoadCase, Position, SaveAttempts};
use crate::store::{Till, keys};

impl ListUnsettled for Till {
    async fn list_unsettled(
        &self,
        shard: u8,
        before: Timestamp,
        position: Option<Position>,
    ) -> Result<(Vec<OrderId>, Option<Position>), StoreError> {
        let query = Query::index(keys::unsettled(shard)).up_to(keys::looked_at_until(before)).after(position);
        let page = self.payments.table.query::<Attempts>(query).await?;
        Ok((page.rows.into_iter().map(|row| row.body.order_id).collect(), page.next))
    }
}

impl LoadCase for Till {
    async fn load_case(&self, id: OrderId) -> Result<Option<Case>, StoreError> {
        let (table, attempts) = (&self.payments.table, keys::attempts(id));
        let mut found = batch_get([(table, attempts.clone()), self.orders.order_key(id)]).await?;
        let order = self.orders.take_order(&mut found, id)?;
        Ok(found.take(table, &attempts)?.map(|attempts| Case { attempts, order }))
    }
}

impl SaveAttempts for Till {
    async fn save_attempts(&self, before: &Row<Attempts>, after: &Attempts) -> Result<(), WriteError<Raced>> {
        WriteSet::new().with(self.payments.put_attempts(Some(before), after), Raced).commit().await
    }
}
