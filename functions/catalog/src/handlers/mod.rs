//! One file for each endpoint and consumer.

pub mod add_image;
pub mod adjust_inventory;
pub mod create_category;
pub mod create_product;
pub mod get_product;
pub mod list_categories;
pub mod list_products;
pub mod on_order_cancelled;
pub mod on_order_confirmed;
pub mod settlement;
