//! `PUT /admin/tax-rates`: staff set all tax rates of the shop at once.

use api::{AuditEntry, Code, Group, Problem, Request, Response, Staff};
use dynamo::StoreError;
use kernel::{Timestamp, Ulid};
use pricing::TaxTable;

use crate::handlers::transition::Saved;

/// All this endpoint may do to the table; its role grants the same and no more.
pub trait PutTaxRates {
    async fn put_tax_rates(&self, table: &TaxTable, audit: &AuditEntry, audit_id: Ulid) -> Result<Saved, StoreError>;
}

pub struct Deps<S> {
    pub orders: S,
    pub staff: Staff,
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

pub async fn handle(deps: &Deps<impl PutTaxRates>, request: Request) -> Result<Response, Problem> {
    let user = deps.staff.admit(&request, &[Group::Admin]).await?;
    let table: TaxTable = request.json()?;
    table.check().map_err(Problem::invalid)?;
    let fields = ["prices_include_tax", "rates"];
    let audit = AuditEntry::new(&request, &user, (deps.now)(), "put_tax_rates", "tax-rates", &fields);
    match deps.orders.put_tax_rates(&table, &audit, (deps.new_id)()).await? {
        Saved::Done => Ok(Response::ok(&table)),
        Saved::Raced => Err(Problem::new(Code::TryAgain)),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use serde_json::{Value, json};
    use testkit::auth::staff;
    use testkit::{now, request};

    use super::*;
    use crate::domain::samples::USER;
    use crate::handlers::fakes::new_id;

    #[derive(Default)]
    struct Stored(RefCell<Vec<(TaxTable, AuditEntry)>>);

    impl PutTaxRates for Stored {
        async fn put_tax_rates(&self, table: &TaxTable, audit: &AuditEntry, _: Ulid) -> Result<Saved, StoreError> {
            self.0.borrow_mut().push((table.clone(), audit.clone()));
            Ok(Saved::Done)
        }
    }

    fn rate(country: &str, bps: i64) -> Value {
        json!({ "country": country, "tax_class": "standard", "title": "VAT", "rate_bps": bps })
    }

    async fn put(groups: &str, rates: &[Value]) -> (Result<Response, Problem>, Vec<(TaxTable, AuditEntry)>) {
        let deps = Deps { orders: Stored::default(), staff: staff(), now, new_id };
        let body = json!({ "prices_include_tax": true, "rates": rates });
        let request = request::put("/admin/tax-rates").authorized(USER, groups).json(body).build();
        let answer = handle(&deps, request).await;
        (answer, deps.orders.0.into_inner())
    }

    #[tokio::test]
    async fn an_admin_sets_all_rates_and_leaves_a_trace() {
        let (answer, stored) = put("[admin]", &[rate("DE", 1900), rate("AT", 2000)]).await;
        assert_eq!(testkit::json(&answer.unwrap())["rates"][1]["rate_bps"], 2000);
        let [(table, audit)] = stored.as_slice() else { panic!("not stored once") };
        assert_eq!(table.rates.len(), 2);
        assert_eq!((audit.actor.as_str(), audit.action.as_str()), (USER, "put_tax_rates"));
    }

    #[tokio::test]
    async fn others_may_not() {
        for groups in ["[]", "[support]", "[warehouse]"] {
            let (answer, stored) = put(groups, &[rate("DE", 1900)]).await;
            assert_eq!(answer.expect_err(groups).code(), Code::Forbidden);
            assert!(stored.is_empty());
        }
    }

    #[tokio::test]
    async fn all_faults_are_told_at_once_and_nothing_is_stored() {
        let (answer, stored) = put("[admin]", &[rate("DE", 1900), rate("DE", 700), rate("AT", 10_001)]).await;
        let problem = answer.expect_err("two faults");
        let pointers: Vec<&str> = problem.faults().iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!((pointers.len(), stored.len()), (2, 0), "{pointers:?}");
    }
}
