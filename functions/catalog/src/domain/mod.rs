//! What the catalogue is about.

mod category;
mod hold;
mod ledger;
mod listing;
mod new_product;
mod offer;
mod product;
mod stock;

pub use category::{Category, MAX_DEPTH, NewCategory, NoPlace, Tree};
pub use hold::{Hold, Outcome};
pub use ledger::{LedgerEntry, MAX_ADJUSTMENT, Reason};
pub use listing::{Listing, Sort};
pub use new_product::{FAULT_CODES, NewProduct, NewVariant};
pub use offer::{Image, Offer};
pub use product::{AltText, Description, Label, MAX_IMAGES, Product, ProductOption, Status, Title};
pub use stock::{Bin, Movement, Stock};
