//! The carts' rows of the API.

use api::{Access, Code, Route};

use crate::handlers::add_line::AddLine;
use crate::handlers::create_cart::{CreateCart, CreatedCartView};
use crate::handlers::set_line::SetLine;
use crate::handlers::view::CartView;

/// What refuses a change of a cart's lines beyond the faults of the request itself.
const CHANGE: &[Code] = &[Code::CartNotOpen, Code::CartChanged];
const MORE: &[Code] = &[Code::SkuNotFound, Code::CartFull];

/// All endpoints of this service.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        Route::post("/carts", "cart-create-cart", "A new cart; a guest's comes with the token that opens it")
            .access(Access::Optional)
            .body::<CreateCart>()
            .answers::<CreatedCartView>(201),
        Route::get("/carts/{id}", "cart-get-cart", "A cart at today's prices and stock")
            .access(Access::Optional)
            .guests_show("Cart-Token")
            .answers::<CartView>(200),
        Route::post("/carts/{id}/lines", "cart-add-line", "Put so many more of a SKU into a cart")
            .access(Access::Optional)
            .guests_show("Cart-Token")
            .body::<AddLine>()
            .answers::<CartView>(200)
            .refuses(CHANGE)
            .refuses(MORE)
            .refuses(&[Code::QuantityTooLarge]),
        Route::put("/carts/{id}/lines/{sku}", "cart-set-line", "Have exactly so many of a SKU in a cart; 0 removes it")
            .access(Access::Optional)
            .guests_show("Cart-Token")
            .body::<SetLine>()
            .answers::<CartView>(200)
            .refuses(CHANGE)
            .refuses(MORE),
        Route::delete("/carts/{id}/lines/{sku}", "cart-remove-line", "Take a SKU out of a cart")
            .access(Access::Optional)
            .guests_show("Cart-Token")
            .answers::<CartView>(200)
            .refuses(CHANGE),
    ]
}
