//! The catalogue's rows of the API.

use api::{Access, Code, Group, PageView, Route};

use crate::domain::{Category, Listing, NewCategory, NewProduct};
use crate::handlers::add_image::{AddedImage, NewImage};
use crate::handlers::adjust_inventory::{NewAdjustment, StockView};
use crate::handlers::list_categories::CategoryList;
use crate::views::ProductView;

/// All endpoints of this service.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/products",
            "catalog-list-products",
            "Products of a category and those below it, or of the whole shop",
        )
        .query("category", "Only products of this category (`cat_…`) and of those below it.")
        .query("sort", "`newest` (first; unless given), `price` (cheapest first) or `-price`.")
        .paged()
        .answers::<PageView<Listing>>(200)
        .refuses(&[Code::NotFound]),
        Route::get("/products/{id}", "catalog-get-product", "A product with its variants, prices and stock")
            .answers::<ProductView>(200),
        Route::get("/categories", "catalog-list-categories", "All categories, those at the top first")
            .answers::<CategoryList>(200),
        Route::post("/admin/categories", "catalog-create-category", "A new category")
            .access(Access::Staff(&[Group::Admin]))
            .body::<NewCategory>()
            .answers::<Category>(201)
            .refuses(&[Code::SlugTaken, Code::CategoryNotFound]),
        Route::post("/admin/products", "catalog-create-product", "A new product with its variants, without stock")
            .access(Access::Staff(&[Group::Admin]))
            .body::<NewProduct>()
            .answers::<ProductView>(201)
            .refuses(&[Code::SlugTaken, Code::SkuTaken, Code::CategoryNotFound]),
        Route::post(
            "/admin/products/{id}/images",
            "catalog-add-image",
            "One more picture, and the form to upload it with",
        )
        .access(Access::Staff(&[Group::Admin]))
        .body::<NewImage>()
        .answers::<AddedImage>(201)
        .refuses(&[Code::TooManyImages]),
        Route::post(
            "/admin/inventory/{sku}/adjustments",
            "catalog-adjust-inventory",
            "Goods came, went, or were counted",
        )
        .access(Access::Staff(&[Group::Admin, Group::Warehouse]))
        .body::<NewAdjustment>()
        .answers::<StockView>(201)
        .refuses(&[Code::StockNegative, Code::IdempotencyKeyReused, Code::InvalidHeader]),
    ]
}
