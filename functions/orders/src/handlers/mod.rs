//! One file for each endpoint and consumer, and what they share: the order as it is shown, refusals, saving a transition, and expiring.

pub mod accounts;
pub mod cancel_order;
pub(crate) mod destination;
pub mod expire_order;
pub mod expire_orders;
pub mod expiry;
#[cfg(test)]
pub(crate) mod fakes;
pub mod get_order;
pub mod get_shop;
pub mod language;
pub mod list_orders;
pub mod on_order_placed;
pub mod on_payment_captured;
pub mod on_user_deleted;
pub mod on_user_registered;
pub mod on_user_updated;
pub mod place_order;
pub mod put_shipping_zones;
pub mod put_tax_rates;
pub mod quote;
pub mod refusal;
pub mod transition;
pub mod view;

/// What guests show to get at their cart.
pub const CART_TOKEN: &str = "Cart-Token";
/// What guests show to get at their order.
pub const ORDER_TOKEN: &str = "Order-Token";
