//! `GET /orders`: the shopper's own orders, and what guests ordered with their address, the newest first.

use std::collections::HashMap;

use api::{Authenticator, Limit, PageRequest, Problem, Request, Response};
use dynamo::{Page, StoreError};
use kernel::UserId;
use serde::Deserialize;

use crate::domain::Order;
use crate::handlers::view::ListedOrder;

/// All this endpoint may do to the table; its role grants the same and no more.
pub trait ListOrders {
    /// The index partition of a shopper's orders, which every page's position must lead to.
    fn partition(&self, user: &UserId) -> String;

    async fn list_orders(
        &self,
        user: &UserId,
        limit: u16,
        position: Option<HashMap<String, String>>,
    ) -> Result<Page<Order>, StoreError>;
}

pub struct Deps<S> {
    pub orders: S,
    pub auth: Authenticator,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[serde(default)]
    limit: Limit,
    cursor: Option<String>,
}

pub async fn handle(deps: &Deps<impl ListOrders>, request: Request) -> Result<Response, Problem> {
    let user = deps.auth.user(&request).await?;
    let asked: Asked = request.query()?;
    let page = PageRequest::read(&request, asked.cursor.as_deref())?;
    let position = page.position(("gsi1pk", &deps.orders.partition(&user.id)))?;
    let found = deps.orders.list_orders(&user.id, asked.limit.get(), position).await?;
    let orders = found.rows.into_iter().map(|row| ListedOrder::of(row.body, &user.id)).collect();
    Ok(page.respond::<ListedOrder>(orders, found.next, &request))
}

#[cfg(test)]
mod tests {
    use api::Code;
    use dynamo::{Key, Row};
    use testkit::auth::authenticator;
    use testkit::{json, request};

    use super::*;
    use crate::domain::ListedFor;
    use crate::domain::samples::{USER, pending, user_id};

    /// Lists this one order, however often it is asked.
    struct Shelf(Order);

    impl ListOrders for Shelf {
        fn partition(&self, user: &UserId) -> String {
            format!("USER#{user}")
        }

        async fn list_orders(
            &self,
            user: &UserId,
            _: u16,
            position: Option<HashMap<String, String>>,
        ) -> Result<Page<Order>, StoreError> {
            let row = Row::new(Key::new("ORDER", "ORDER"), self.0.clone());
            let place = |name: &str, value: &str| (name.to_owned(), value.to_owned());
            let partition = place("gsi1pk", &self.partition(user));
            let next = HashMap::from([place("pk", "ORDER#1"), place("sk", "ORDER"), partition, place("gsi1sk", "1")]);
            Ok(Page { rows: vec![row], next: position.is_none().then_some(next) })
        }
    }

    fn deps() -> Deps<Shelf> {
        listing(Order { user_id: Some(user_id()), ..pending() })
    }

    fn listing(order: Order) -> Deps<Shelf> {
        Deps { orders: Shelf(order), auth: authenticator() }
    }

    #[tokio::test]
    async fn of_a_guest_s_order_number_and_status_are_seen_unless_it_is_older_than_the_account() {
        for whole in [false, true] {
            let order = Order { listed_for: Some(ListedFor { user_id: user_id(), whole }), ..pending() };
            let request = request::get("/orders").authorized(USER, "[]").build();
            let body = json(&handle(&listing(order), request).await.unwrap());
            let expected = serde_json::json!({ "number": pending().number, "status": "pending_payment" });
            assert_eq!(body["data"][0] == expected, !whole, "{body}");
            assert_eq!(body["data"][0]["total"].is_object(), whole, "{body}");
        }
    }

    #[tokio::test]
    async fn a_shopper_pages_through_their_orders() {
        let first = handle(&deps(), request::get("/orders").authorized(USER, "[]").build()).await.unwrap();
        let body = json(&first);
        assert_eq!(body["data"][0]["number"], pending().number.as_str());
        let cursor = body["next_cursor"].as_str().unwrap();
        let request = request::get("/orders").authorized(USER, "[]").query("cursor", cursor).build();
        assert!(json(&handle(&deps(), request).await.unwrap())["next_cursor"].is_null());
    }

    #[tokio::test]
    async fn a_cursor_of_another_shopper_leads_nowhere() {
        let first = handle(&deps(), request::get("/orders").authorized(USER, "[]").build()).await.unwrap();
        let cursor = json(&first)["next_cursor"].as_str().unwrap().to_owned();
        let other = "00000000-0000-4000-8000-000000000000";
        let request = request::get("/orders").authorized(other, "[]").query("cursor", cursor).build();
        assert_eq!(handle(&deps(), request).await.expect_err("not theirs").code(), Code::InvalidCursor);
    }

    #[tokio::test]
    async fn a_guest_has_no_list() {
        let refused = handle(&deps(), request::get("/orders").build()).await.expect_err("a guest");
        assert_eq!(refused.code(), Code::Unauthenticated);
    }

    #[tokio::test]
    async fn a_page_has_a_hundred_orders_at_most() {
        for limit in ["0", "101", "-1", "ten"] {
            let request = request::get("/orders").authorized(USER, "[]").query("limit", limit).build();
            assert_eq!(handle(&deps(), request).await.expect_err(limit).code(), Code::InvalidQuery);
        }
    }
}
