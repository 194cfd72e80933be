//! What the catalogue is about.

mod category;
pub mod edit;
mod export;
mod hold;
pub mod import;
mod import_cells;
mod import_faults;
mod import_input;
pub mod import_plan;
mod ledger;
mod listing;
mod offer;
mod picture;
mod price_history;
mod product;
mod product_change;
mod product_draft;
mod product_input;
pub mod sheet;
pub mod sheet_rows;
pub mod sheet_write;
mod shop_day;
mod stock;
mod stock_alert;
mod stock_news;
mod stored;
mod tree;

pub use category::{Category, CategoryStatus, Closing, NewCategory};
pub use edit::{Edit, OfferEdit};
pub use export::{Export, ExportStatus, PART_BYTES, Part, Progress, RESTARTS};
pub use hold::{Hold, Outcome};
pub use ledger::{Finding, LedgerEntry, MAX_ADJUSTMENT, MAX_COUNT, Note, Reason};
pub use listing::{Display, Listing, Order, PriceRange, Sort, StaffListing};
pub use offer::{DEFAULT_LOW_AT, Image, Offer};
pub use picture::{ImageType, MAX_PICTURE_BYTES, PendingImage, Refusal, TELLING_BYTES};
pub use price_history::{Asked, PriceHistory};
pub use product::{
    AltText, Description, Label, MAX_FORMER_SLUGS, MAX_IMAGES, Product, ProductImage, ProductOption, Status, Title,
};
pub use product_change::ProductChange;
pub use product_draft::{ProductDraft, VariantDraft};
pub use product_input::{FAULT_CODES, ImageInput, MAX_VARIANTS, ProductInput, VariantContent, VariantInput};
pub use shop_day::{Moment, ShopDay, ShopZone, UnknownZone};
pub use stock::{Bin, Movement, Stock};
pub use stock_alert::{Addressee, AlertSlot, MAX_ALERTS, Room, StockAlert, room_for};
pub use stock_news::StockNews;
pub use stored::{Stored, StoredOffer};
pub use tree::{MAX_CATEGORIES, MAX_DEPTH, NoPlace, Tree};
