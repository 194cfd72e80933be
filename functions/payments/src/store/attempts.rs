use dynamo::{Change, Condition, Entity, Personal, Row};
use kernel::PaymentId;

use crate::domain::Attempts;
use crate::store::{Payments, keys};

impl Entity for Attempts {
    const TYPE: &'static str = "attempts";
    const PERSONAL: Personal = Personal::None;
}

impl Payments {
    /// The row as it is to be, found among the unsettled ones until order and money agree.
    pub(crate) fn attempts_row(attempts: &Attempts) -> Row<Attempts> {
        let row = Row::new(keys::attempts(attempts.order_id), attempts.clone());
        match place(attempts) {
            Some((partition, sort)) => row.indexed(partition, sort),
            None => row,
        }
    }

    /// Writes the attempts, if nobody has written since they were read.
    pub(crate) fn put_attempts(&self, before: Option<&Row<Attempts>>, after: &Attempts) -> Change {
        let Some(before) = before else { return Change::create(&self.table, &Self::attempts_row(after)) };
        let change = Change::update(&self.table, keys::attempts(after.order_id))
            .when(Condition::equals("version", before.version))
            .set("live", after.live)
            .set("payments", &after.payments)
            .set("looked_at", after.looked_at);
        let change = match after.paid_by {
            // Whatever was read: who has paid once has paid.
            Some(paid_by) => change.set("paid_by", paid_by).when(unpaid_or_by(paid_by)),
            None => change,
        };
        let change = match after.unsettled_since {
            Some(since) => change.set("unsettled_since", since),
            None => change.remove("unsettled_since"),
        };
        match place(after) {
            Some((partition, sort)) => change.set("gsi1pk", partition).set("gsi1sk", sort),
            None => change.remove("gsi1pk").remove("gsi1sk"),
        }
    }
}

fn place(attempts: &Attempts) -> Option<(String, String)> {
    let partition = keys::unsettled(keys::shard(attempts.order_id));
    attempts.unsettled_since.map(|_| (partition, keys::looked_at(attempts.looked_at, attempts.order_id)))
}

fn unpaid_or_by(payment: PaymentId) -> Condition {
    Condition::lacks("paid_by").or(Condition::equals("paid_by", payment))
}
