//! The orders' rows of the API.

use api::{Access, Code, Group, PageView, Route};
use pricing::{ShippingZones, TaxTable};

use crate::handlers::cancel_order::CancelOrder;
use crate::handlers::get_shop::ShopView;
use crate::handlers::place_order::{PlaceOrder, TotalChanged};
use crate::handlers::quote::{QuoteRequest, QuoteView};
use crate::handlers::refusal::{CartAlreadyOrdered, NotForSale, OutOfStock};
use crate::handlers::view::{ListedOrder, OrderView};
use crate::handlers::{CART_TOKEN, ORDER_TOKEN};

/// Why a cart cannot be priced or ordered.
const CHECKOUT_REFUSALS: &[Code] = &[
    Code::NotFound,
    Code::CartEmpty,
    Code::AddressNotFound,
    Code::ShippingUnavailable,
    Code::ShippingMethodUnknown,
    Code::TaxRateMissing,
    Code::AmountTooLarge,
];

/// All endpoints of this service.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/shop",
            "orders-get-shop",
            "What a storefront must know: currency, countries, languages, providers",
        )
        .cached()
        .answers::<ShopView<'static>>(200),
        Route::post("/quotes", "orders-quote", "What a cart would cost, delivered to an address")
            .access(Access::Optional)
            .guests_show(CART_TOKEN)
            .body::<QuoteRequest>()
            .answers::<QuoteView>(200)
            .refuses(CHECKOUT_REFUSALS)
            .refuses_with::<CartAlreadyOrdered>(Code::CartAlreadyOrdered)
            .refuses_with::<NotForSale>(Code::NotForSale),
        Route::post("/orders", "orders-place-order", "Place the order of a cart")
            .access(Access::Optional)
            .guests_show(CART_TOKEN)
            .idempotent()
            .body::<PlaceOrder>()
            .answers::<OrderView>(201)
            .refuses(CHECKOUT_REFUSALS)
            .refuses(&[Code::CartChanged, Code::EmailRequired])
            .refuses_with::<CartAlreadyOrdered>(Code::CartAlreadyOrdered)
            .refuses_with::<NotForSale>(Code::NotForSale)
            .refuses_with::<OutOfStock>(Code::OutOfStock)
            .refuses_with::<TotalChanged>(Code::TotalChanged),
        Route::get(
            "/orders",
            "orders-list-orders",
            "The shopper's own orders, and what guests ordered with their address, the newest first",
        )
        .access(Access::Required)
        .paged()
        .answers::<PageView<ListedOrder>>(200),
        Route::get("/orders/{id}", "orders-get-order", "An order")
            .access(Access::Optional)
            .guests_show(ORDER_TOKEN)
            .answers::<OrderView>(200),
        Route::post("/orders/{id}/cancellations", "orders-cancel-order", "Cancel an order that is not paid")
            .access(Access::Optional)
            .guests_show(ORDER_TOKEN)
            .idempotent()
            .body::<CancelOrder>()
            .answers::<OrderView>(200)
            .refuses(&[Code::OrderNotCancellable]),
        Route::put("/admin/tax-rates", "orders-put-tax-rates", "Set all tax rates of the shop")
            .access(Access::Staff(&[Group::Admin]))
            .body::<TaxTable>()
            .answers::<TaxTable>(200),
        Route::put("/admin/shipping-zones", "orders-put-shipping-zones", "Set all shipping zones of the shop")
            .access(Access::Staff(&[Group::Admin]))
            .body::<ShippingZones>()
            .answers::<ShippingZones>(200),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_methods_of_one_path_are_different() {
        let mut rows: Vec<_> = routes().iter().map(|route| (route.method, route.path)).collect();
        let count = rows.len();
        rows.sort_unstable();
        rows.dedup();
        assert_eq!(rows.len(), count);
    }
}
