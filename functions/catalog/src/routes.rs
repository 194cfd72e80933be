//! The catalogue's rows of the API.

use api::{Access, Code, Group, PageView, Route};

use crate::domain::{Listing, NewCategory, ProductChange, ProductInput, StaffListing, VariantContent, VariantInput};
use crate::handlers::add_image::{AddedImage, NewImage};
use crate::handlers::adjust_inventory::NewAdjustment;
use crate::handlers::categories::StaffCategoryView;
use crate::handlers::create_import::NewImport;
use crate::handlers::create_stock_alert::{NewStockAlert, StockAlertView};
use crate::handlers::delete_category::CategoryDeletion;
use crate::handlers::exports::ExportView;
use crate::handlers::get_import::ImportReport;
use crate::handlers::get_inventory::InventoryView;
use crate::handlers::list_all_categories::StaffCategoryList;
use crate::handlers::list_categories::CategoryList;
use crate::handlers::update_inventory::StockSettings;
use crate::views::{AdminProductView, ProductView, StockView};

/// What may be in the way of a product as staff want it.
const EDIT_REFUSALS: [Code; 3] = [Code::SlugTaken, Code::SkuTaken, Code::CategoryNotFound];

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
        .query("sort", "`newest` (first; unless given), `price` (cheapest first), `-price`, `title` or `-title`.")
        .query(
            "price_min",
            "Only products from this price, in minor units. Unless sorted by price, a page may then have fewer than \
             `limit`, or none, and `next_cursor` leads on all the same.",
        )
        .query("price_max", "Only products up to this price, in minor units; pages may be short as with `price_min`.")
        .paged()
        .cached()
        .answers::<PageView<Listing>>(200)
        .refuses(&[Code::NotFound]),
        Route::get("/products/{id}", "catalog-get-product", "A product with its variants, prices and stock")
            .cached()
            .answers::<ProductView>(200),
        Route::get(
            "/products/by-slug/{slug}",
            "catalog-get-product-by-slug",
            "A product by its slug; a slug that it had before answers 301 with the one that it has",
        )
        .cached()
        .answers::<ProductView>(200)
        .may_answer(301, "The product has another slug now: `Location`"),
        Route::post(
            "/products/{id}/stock-alerts",
            "catalog-create-stock-alert",
            "Asks for one mail when a SKU that is sold out can be bought again",
        )
        .access(Access::Optional)
        .body::<NewStockAlert>()
        .answers::<StockAlertView>(202)
        .refuses(&[Code::InStock, Code::EmailRequired, Code::TooManyAlerts]),
        Route::get("/categories", "catalog-list-categories", "All categories, those at the top first")
            .cached()
            .answers::<CategoryList>(200),
        Route::get("/admin/products", "catalog-list-all-products", "All products whatever their status, newest first")
            .access(Access::Staff(&Group::ALL))
            .query(
                "status",
                "`draft`, `active` or `archived`. A page may then have fewer than `limit`, or none, and `next_cursor` \
                 leads on all the same.",
            )
            .paged()
            .answers::<PageView<StaffListing>>(200),
        Route::get("/admin/categories", "catalog-list-all-categories", "All categories with what shoppers do not see")
            .access(Access::Staff(&Group::ALL))
            .answers::<StaffCategoryList>(200),
        Route::get("/admin/categories/{id}", "catalog-get-category", "A category, with its version as `ETag`")
            .access(Access::Staff(&Group::ALL))
            .answers::<StaffCategoryView>(200),
        Route::post("/admin/categories", "catalog-create-category", "A new category")
            .access(Access::Staff(&[Group::Admin]))
            .body::<NewCategory>()
            .answers::<StaffCategoryView>(201)
            .refuses(&[Code::SlugTaken, Code::CategoryNotFound]),
        Route::put(
            "/admin/categories/{id}",
            "catalog-update-category",
            "Another name, place or audience of a category; what is below it moves along",
        )
        .access(Access::Staff(&[Group::Admin]))
        .conditional()
        .body::<NewCategory>()
        .answers::<StaffCategoryView>(200)
        .refuses(&[Code::SlugTaken, Code::CategoryNotFound, Code::CategoryClosing]),
        Route::delete(
            "/admin/categories/{id}",
            "catalog-delete-category",
            "Deletes a category: an empty one at once (204), one with products once they have moved (202)",
        )
        .access(Access::Staff(&[Group::Admin]))
        .conditional()
        .query("move_products_to", "The category (`cat_…`) that its products move to; without it, it must have none.")
        .answers::<CategoryDeletion>(202)
        .may_answer(204, "The category was empty and is gone")
        .refuses(&[Code::CategoryNotEmpty, Code::CategoryClosing, Code::CategoryNotFound]),
        Route::post(
            "/admin/products",
            "catalog-create-product",
            "A new product with its variants, without stock; an `Idempotency-Key` is honoured",
        )
        .access(Access::Staff(&[Group::Admin]))
        .body::<ProductInput>()
        .answers::<AdminProductView>(201)
        .refuses(&EDIT_REFUSALS)
        .refuses(&[Code::IdempotencyKeyReused, Code::InvalidHeader]),
        Route::get(
            "/admin/products/{id}",
            "catalog-get-admin-product",
            "A product as staff see it, whatever its status",
        )
        .access(Access::Staff(&Group::ALL))
        .answers::<AdminProductView>(200),
        Route::put("/admin/products/{id}", "catalog-replace-product", "All of a product with all its variants")
            .access(Access::Staff(&[Group::Admin]))
            .conditional()
            .body::<ProductInput>()
            .answers::<AdminProductView>(200)
            .refuses(&EDIT_REFUSALS),
        Route::patch("/admin/products/{id}", "catalog-update-product", "Some of a product; what is not given stays")
            .access(Access::Staff(&[Group::Admin]))
            .conditional()
            .body::<ProductChange>()
            .answers::<AdminProductView>(200)
            .refuses(&EDIT_REFUSALS),
        Route::delete(
            "/admin/products/{id}",
            "catalog-delete-product",
            "A product goes (204); one that was ever ordered or counted is archived (200)",
        )
        .access(Access::Staff(&[Group::Admin]))
        .conditional()
        .answers::<AdminProductView>(200)
        .may_answer(204, "The product is gone"),
        Route::post("/admin/products/{id}/variants", "catalog-add-variant", "One more variant, behind the others")
            .access(Access::Staff(&[Group::Admin]))
            .conditional()
            .body::<VariantInput>()
            .answers::<AdminProductView>(201)
            .refuses(&[Code::SkuTaken]),
        Route::put(
            "/admin/products/{id}/variants/{sku}",
            "catalog-update-variant",
            "All of a variant but its SKU and its stock",
        )
        .access(Access::Staff(&[Group::Admin]))
        .conditional()
        .body::<VariantContent>()
        .answers::<AdminProductView>(200),
        Route::delete(
            "/admin/products/{id}/variants/{sku}",
            "catalog-delete-variant",
            "A variant goes; the stock and the SKU of one that was ever ordered or counted stay",
        )
        .access(Access::Staff(&[Group::Admin]))
        .conditional()
        .answers::<AdminProductView>(200)
        .refuses(&[Code::LastVariant]),
        Route::post(
            "/admin/products/{id}/images",
            "catalog-add-image",
            "The form to upload one more picture with; it is shown once it was looked at",
        )
        .access(Access::Staff(&[Group::Admin]))
        .body::<NewImage>()
        .answers::<AddedImage>(201)
        .refuses(&[Code::TooManyImages]),
        Route::get(
            "/admin/inventory/{sku}",
            "catalog-get-inventory",
            "The stock of a SKU, and its ledger with the newest entry first",
        )
        .access(Access::Staff(&Group::ALL))
        .paged()
        .answers::<InventoryView>(200),
        Route::put(
            "/admin/inventory/{sku}",
            "catalog-update-inventory",
            "Below how many available units a SKU is announced as running low",
        )
        .access(Access::Staff(&[Group::Admin, Group::Warehouse]))
        .conditional()
        .body::<StockSettings>()
        .answers::<StockView>(200),
        Route::post(
            "/admin/imports",
            "catalog-create-import",
            "The form to upload a file with; its rows are done once it is there",
        )
        .access(Access::Staff(&[Group::Admin]))
        .answers::<NewImport>(201),
        Route::get("/admin/imports/{id}", "catalog-get-import", "How far an import is, and the rows that were refused")
            .access(Access::Staff(&[Group::Admin]))
            .paged()
            .answers::<ImportReport>(200),
        Route::post(
            "/admin/exports",
            "catalog-create-export",
            "A copy of the catalogue, as a file that can be imported",
        )
        .access(Access::Staff(&[Group::Admin]))
        .answers::<ExportView>(202),
        Route::get("/admin/exports/{id}", "catalog-get-export", "How a copy stands, and a link to it for five minutes")
            .access(Access::Staff(&[Group::Admin]))
            .answers::<ExportView>(200),
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
