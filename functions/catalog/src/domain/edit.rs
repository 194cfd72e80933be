//! What has to be written for a product to become what staff want.

use kernel::{Currency, Fault, Faults, Money, ProductId, Sku, Slug};
use serde::{Deserialize, Serialize};

use crate::domain::{
    DEFAULT_LOW_AT, ImageInput, MAX_FORMER_SLUGS, MAX_IMAGES, Moment, Offer, PriceHistory, Product, ProductImage,
    ProductInput, Stored, StoredOffer, VariantInput,
};

/// Variants that one transaction takes beside the product.
pub const AT_ONCE: usize = 60;

/// A change of a product and its variants, not written yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The product as it was read, with its version; none for a new one.
    pub before: Option<(Product, u64)>,
    pub product: Product,
    /// The variants afterwards, in their order.
    pub variants: Vec<Offer>,
    /// Only of rows that have to change.
    pub offers: Vec<OfferEdit>,
}

/// What one variant's row becomes. Stock is no part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferEdit {
    /// A row that is not there yet.
    Create(Offer),
    /// A row that is there has these contents.
    Put(Offer),
    /// It is a variant no more, and its row stays.
    Retire { sku: Sku, prices: PriceHistory },
    /// Its row goes, unless something happened to it since this version; then it stays, retired.
    Remove { sku: Sku, version: u64, prices: PriceHistory },
}

impl OfferEdit {
    #[must_use]
    pub fn sku(&self) -> &Sku {
        match self {
            Self::Create(offer) | Self::Put(offer) => &offer.sku,
            Self::Retire { sku, .. } | Self::Remove { sku, .. } => sku,
        }
    }
}

impl Edit {
    /// Whether everything is as it was wanted already.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.offers.is_empty() && self.before.as_ref().is_some_and(|(before, _)| *before == self.product)
    }

    /// The version of the product's row once the edit is written.
    #[must_use]
    pub fn version_after(&self) -> u64 {
        let read = self.before.as_ref().map_or(0, |(_, version)| *version);
        if self.is_nothing() { read } else { read + 1 }
    }

    /// Whether the product is sold no more from now on.
    #[must_use]
    pub fn is_archiving(&self) -> bool {
        use crate::domain::Status::Archived;
        let was = self.before.as_ref().is_some_and(|(before, _)| before.status == Archived);
        self.product.status == Archived && !was
    }

    /// Slugs that lead to the product no more: it had too many.
    pub fn forgotten_slugs(&self) -> impl Iterator<Item = &Slug> {
        let before = self.before.iter().flat_map(|(before, _)| before.slugs());
        before.filter(|slug| !self.product.slugs().any(|kept| kept == *slug))
    }

    /// Notes on a variant's row which import wrote it, even if nothing else changes.
    pub fn mark_imported(&mut self, sku: &Sku, mark: &str) {
        let Some(variant) = self.variants.iter_mut().find(|variant| variant.sku == *sku) else { return };
        variant.imported = Some(mark.to_owned());
        let edited = self.offers.iter_mut().find_map(|edit| match edit {
            OfferEdit::Create(offer) | OfferEdit::Put(offer) if offer.sku == *sku => Some(offer),
            _ => None,
        });
        match edited {
            Some(offer) => offer.imported.clone_from(&variant.imported),
            None => self.offers.push(OfferEdit::Put(variant.clone())),
        }
    }
}

/// A new product without any stock.
///
/// # Errors
/// Everything that is wrong with it.
pub fn create(id: ProductId, wanted: ProductInput, currency: Currency, moment: Moment) -> Result<Edit, Vec<Fault>> {
    let mut faults = Faults::new();
    faults.nest("", wanted.check(currency));
    let images = faults.nest("", arranged(&[], wanted.images.as_deref()));
    faults.into_result()?;
    let product = Product {
        id,
        slug: wanted.slug,
        title: wanted.title,
        description: wanted.description,
        category_id: wanted.category_id,
        status: wanted.status,
        tags: wanted.tags,
        attributes: wanted.attributes,
        tax_class: wanted.tax_class,
        options: wanted.options,
        images: images.unwrap_or_default(),
        skus: wanted.variants.iter().map(|variant| variant.sku.clone()).collect(),
        former_slugs: Vec::new(),
        has_retired: false,
        created_at: moment.at,
        updated_at: moment.at,
    };
    let variants: Vec<Offer> = (0..)
        .zip(wanted.variants)
        .map(|(position, variant)| offer(variant, &product, position, None, moment))
        .collect();
    let offers = variants.iter().cloned().map(OfferEdit::Create).collect();
    Ok(Edit { before: None, product, variants, offers })
}

/// What has to be written for `stored` to become as `wanted`.
///
/// A variant that is not wanted goes: its row, too, unless orders or the ledger know it. One that was retired comes back.
///
/// # Errors
/// Everything that is wrong with what is wanted.
pub fn apply(stored: &Stored, wanted: ProductInput, currency: Currency, moment: Moment) -> Result<Edit, Vec<Fault>> {
    let mut faults = Faults::new();
    faults.nest("", wanted.check(currency));
    let images = faults.nest("", arranged(&stored.product.images, wanted.images.as_deref()));
    faults.into_result()?;
    let product = Product {
        former_slugs: former_slugs(&stored.product, &wanted.slug),
        slug: wanted.slug,
        title: wanted.title,
        description: wanted.description,
        category_id: wanted.category_id,
        status: wanted.status,
        tags: wanted.tags,
        attributes: wanted.attributes,
        tax_class: wanted.tax_class,
        options: wanted.options,
        images: images.unwrap_or_default(),
        skus: wanted.variants.iter().map(|variant| variant.sku.clone()).collect(),
        ..stored.product.clone()
    };
    let variants = (0..).zip(wanted.variants).map(|(position, variant)| {
        let before = stored.offer(&variant.sku).map(|stored| &stored.offer);
        offer(variant, &product, position, before, moment)
    });
    let variants = variants.collect();
    Ok(between(stored, product, variants, moment))
}

/// The product with one more picture; none when it has as many as it may have.
#[must_use]
pub fn with_image(stored: &Stored, image: ProductImage, moment: Moment) -> Option<Edit> {
    let mut product = stored.product.clone();
    if product.images.len() >= MAX_IMAGES {
        return None;
    }
    product.images.push(image);
    let first = product.first_image();
    let variants = stored.variants().map(|offer| Offer { image: first.clone(), ..offer.clone() }).collect();
    Some(between(stored, product, variants, moment))
}

/// What differs between what was read and what is wanted.
fn between(stored: &Stored, mut product: Product, variants: Vec<Offer>, moment: Moment) -> Edit {
    let mut offers: Vec<OfferEdit> = variants
        .iter()
        .filter_map(|offer| match stored.offer(&offer.sku) {
            None => Some(OfferEdit::Create(offer.clone())),
            Some(before) if before.offer != *offer => Some(OfferEdit::Put(offer.clone())),
            Some(_) => None,
        })
        .collect();
    let is_gone = |stored: &&StoredOffer| !stored.offer.retired && !product.skus.contains(&stored.offer.sku);
    let gone: Vec<OfferEdit> = stored.offers.iter().filter(is_gone).map(|gone| leaving(gone, moment)).collect();
    product.has_retired |= gone.iter().any(|edit| matches!(edit, OfferEdit::Retire { .. }));
    offers.extend(gone);
    if !offers.is_empty() || product != stored.product {
        product.updated_at = moment.at;
    }
    Edit { before: Some((stored.product.clone(), stored.version)), product, variants, offers }
}

fn leaving(stored: &StoredOffer, moment: Moment) -> OfferEdit {
    let StoredOffer { offer, version } = stored;
    let nothing = crate::domain::Asked::default();
    let prices = offer.prices.clone().after_change(offer.asked(), nothing, moment.day);
    let sku = offer.sku.clone();
    if offer.is_bound() {
        OfferEdit::Retire { sku, prices }
    } else {
        OfferEdit::Remove { sku, version: *version, prices }
    }
}

/// The variant as it is sold; `before` is its row, if there is one.
fn offer(variant: VariantInput, product: &Product, position: u16, before: Option<&Offer>, moment: Moment) -> Offer {
    let variant_title = variant.shown_title(&product.options, &product.title);
    let mut offer = Offer {
        position,
        title: product.title.to_string(),
        variant_title,
        options: variant.options.into_iter().map(|(name, value)| (name.into(), value.into())).collect(),
        image: product.first_image(),
        price: variant.price,
        compare_at_price: variant.compare_at_price,
        tax_class: product.tax_class,
        weight_grams: variant.weight_grams,
        for_sale: product.is_for_sale(),
        retired: false,
        ..before.cloned().unwrap_or_else(|| unsold(variant.sku, product, variant.price))
    };
    let asked = before.map(Offer::asked).unwrap_or_default();
    offer.prices = offer.prices.clone().after_change(asked, offer.asked(), moment.day);
    offer
}

/// A row that says nothing yet.
fn unsold(sku: Sku, product: &Product, price: Money) -> Offer {
    Offer {
        sku,
        product_id: product.id,
        position: 0,
        title: String::new(),
        variant_title: String::new(),
        options: std::collections::BTreeMap::new(),
        image: None,
        price,
        compare_at_price: None,
        prices: PriceHistory::default(),
        tax_class: product.tax_class,
        weight_grams: 0,
        for_sale: false,
        available: 0,
        reserved: 0,
        committed: 0,
        on_hand: 0,
        low_at: DEFAULT_LOW_AT,
        ordered: false,
        counted: false,
        retired: false,
        imported: None,
    }
}

/// The pictures that are wanted of those that are there, in that order.
fn arranged(images: &[ProductImage], wanted: Option<&[ImageInput]>) -> Result<Vec<ProductImage>, Vec<Fault>> {
    let Some(wanted) = wanted else { return Ok(images.to_vec()) };
    let mut faults = Faults::new();
    let mut arranged = Vec::new();
    for (at, image) in wanted.iter().enumerate() {
        match images.iter().find(|known| known.id == image.id) {
            Some(known) => arranged.push(ProductImage { alt: image.alt.to_string(), ..known.clone() }),
            None => {
                faults.push(format!("/images/{at}/id"), "unknown_image", "The product has no such picture.");
            }
        }
    }
    faults.into_result().map(|()| arranged)
}

/// The slugs that go on leading to the product once it has `slug`.
fn former_slugs(before: &Product, slug: &Slug) -> Vec<Slug> {
    if before.slug == *slug {
        return before.former_slugs.clone();
    }
    let given_up = before.former_slugs.iter().chain([&before.slug]).filter(|former| *former != slug);
    let mut former: Vec<Slug> = given_up.cloned().collect();
    former.drain(..former.len().saturating_sub(MAX_FORMER_SLUGS));
    former
}

#[cfg(test)]
#[path = "edit_tests.rs"]
mod tests;
