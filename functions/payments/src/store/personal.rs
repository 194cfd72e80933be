//! What is kept about people, for those who leave and those who ask.

use dynamo::{Change, Condition, Entity as _, Item, Query, Row, StoreError, Table, WriteError, WriteSet};
use events::UserExportRequested;
use kernel::{PaymentId, UserId};
use privacy::{Collect, Forget, Leaver, Tombstone, erase};
use serde_json::{Value, json};

use crate::domain::Payment;
use crate::store::payments::Owner;
use crate::store::{Payments, keys};

/// Rounds against others who change the payment meanwhile.
const TRIES: usize = 3;

impl Forget for Payments {
    type Error = StoreError;

    async fn forget(&self, leaver: &Leaver) -> Result<(), StoreError> {
        let user = &leaver.user_id;
        Tombstone::put(&self.table, user, leaver.deleted_at).await?;
        for item in self.table.all_items(Query::about(user)).await? {
            let key = Table::key_of(&item);
            if let Some(payment) = owned(item)? {
                self.take_person_out(payment, user).await?;
            }
            // Only now: it is what leads to the payment.
            erase(&self.table, key).await?;
        }
        Ok(())
    }
}

impl Collect for Payments {
    async fn collect(&self, asked: &UserExportRequested) -> Result<Value, StoreError> {
        let mut payments = Vec::new();
        for item in self.table.all_items(Query::about(&asked.user_id)).await? {
            if let Some(id) = owned(item)? {
                payments.extend(self.table.get::<Payment>(keys::payment(id)).await?.map(|row| shown(&row.body)));
            }
        }
        Ok(json!({ "payments": payments }))
    }
}

/// The payment that a row leads to; other rows about somebody lead to none.
fn owned(item: Item) -> Result<Option<PaymentId>, StoreError> {
    let leads = Table::type_of(&item) == Owner::TYPE;
    leads.then(|| Table::decode::<Owner>(item).map(|row| row.body.payment_id)).transpose()
}

/// A payment as its owner may see it. The secret that would pay it stays with Stripe and the shop.
fn shown(payment: &Payment) -> Value {
    let Payment { id, order_id, provider, status, amount, captured, refunded, failure, created_at, updated_at, .. } =
        payment;
    json!({
        "id": id, "order_id": order_id, "provider": provider, "status": status, "amount": amount, "captured": captured,
        "refunded": refunded, "failure": failure, "created_at": created_at, "updated_at": updated_at,
    })
}

impl Payments {
    async fn take_person_out(&self, id: PaymentId, user: &UserId) -> Result<(), StoreError> {
        for _ in 0..TRIES {
            let found: Option<Row<Payment>> = self.table.get(keys::payment(id)).await?;
            let Some(before) = found.filter(|row| row.body.user_id.as_ref() == Some(user)) else { return Ok(()) };
            let after = before.body.clone().without_person();
            let change = Change::update(&self.table, before.key.clone())
                .when(Condition::equals("version", before.version))
                .remove("user_id")
                .set("token_version", after.token_version);
            match WriteSet::new().with(change, ()).commit().await {
                Ok(()) => return Ok(()),
                Err(WriteError::Refused(_)) => {}
                Err(WriteError::Store(error)) => return Err(error),
            }
        }
        Err(StoreError::Busy("the payment kept changing".into()))
    }
}
