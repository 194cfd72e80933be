use kernel::Sku;

use crate::domain::{Label, Offer, Product, ProductInput, Title, VariantInput};

/// A product with its variants, as it was read for an edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub product: Product,
    /// Of the product's row. It counts the edits of product and variants; stock does not touch it.
    pub version: u64,
    /// The variants in their order, and behind them retired ones of this product that were asked for.
    pub offers: Vec<StoredOffer>,
}

/// A variant's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredOffer {
    pub offer: Offer,
    /// Of the row: it counts what happens to the stock, too.
    pub version: u64,
}

impl Stored {
    /// The variants in their order.
    pub fn variants(&self) -> impl Iterator<Item = &Offer> {
        self.offers.iter().map(|stored| &stored.offer).filter(|offer| !offer.retired)
    }

    /// The row of a SKU, retired or not.
    #[must_use]
    pub fn offer(&self, sku: &Sku) -> Option<&StoredOffer> {
        self.offers.iter().find(|stored| stored.offer.sku == *sku)
    }

    #[must_use]
    pub fn has_variant(&self, sku: &Sku) -> bool {
        self.product.skus.contains(sku)
    }

    /// What somebody would ask for to leave everything as it is.
    #[must_use]
    pub fn input(&self) -> ProductInput {
        let product = self.product.clone();
        ProductInput {
            variants: self.variants().map(|offer| self.variant_input(offer)).collect(),
            images: None,
            slug: product.slug,
            title: product.title,
            description: product.description,
            category_id: product.category_id,
            status: product.status,
            tags: product.tags,
            attributes: product.attributes,
            tax_class: product.tax_class,
            options: product.options,
        }
    }

    fn variant_input(&self, offer: &Offer) -> VariantInput {
        let label = |text: &String| Label::parse(text).expect("an option was checked before it was stored");
        let options = offer.options.iter().map(|(name, value)| (label(name), label(value))).collect();
        let named = VariantInput {
            sku: offer.sku.clone(),
            title: None,
            options,
            price: offer.price,
            compare_at_price: offer.compare_at_price,
            weight_grams: offer.weight_grams,
        };
        // A title that only repeats the options follows them when they change.
        let follows = named.shown_title(&self.product.options, &self.product.title) == offer.variant_title;
        let title = if follows { None } else { Title::parse(&offer.variant_title).ok() };
        VariantInput { title, ..named }
    }
}
