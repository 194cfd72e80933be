//! A product as rows.

use csv::WriterBuilder;
use serde::Serialize;

use crate::domain::sheet::{Column, Header, list, pair};
use crate::domain::{Offer, ProductInput, Stored, VariantInput};

/// The first row: the names of all columns.
#[must_use]
pub fn header() -> Vec<u8> {
    written([Column::ALL.map(|(_, name)| name.to_owned()).to_vec()])
}

/// The rows of a product in the category with this slug: all of it in the first, and in the others what is only the variant's.
#[must_use]
pub fn product_rows(stored: &Stored, category: &str) -> Vec<u8> {
    let input = stored.input();
    let row = |(at, (variant, offer)): (usize, (&VariantInput, &Offer))| {
        let cell = |column: Column| match column {
            Column::Slug => input.slug.to_string(),
            column if column.is_shared() && at > 0 => String::new(),
            column if column.is_shared() => shared(&input, category, column),
            column => of_variant(&input, variant, offer, column),
        };
        Header::whole().columns().map(cell).collect::<Vec<String>>()
    };
    let variants = input.variants.iter().zip(stored.variants()).enumerate();
    written(variants.map(row))
}

/// # Panics
/// Never: memory can be written to, and all rows have as many cells.
fn written(rows: impl IntoIterator<Item = Vec<String>>) -> Vec<u8> {
    let mut writer = WriterBuilder::new().from_writer(Vec::new());
    for row in rows {
        writer.write_record(&row).expect("rows have as many cells as there are columns");
    }
    writer.into_inner().expect("memory can be written to")
}

fn shared(input: &ProductInput, category: &str, column: Column) -> String {
    match column {
        Column::Title => input.title.to_string(),
        Column::Description => input.description.to_string(),
        Column::Category => category.to_owned(),
        Column::Status => word(input.status),
        Column::Tags => list(&input.tags),
        Column::TaxClass => word(input.tax_class),
        Column::Attributes => {
            let pairs = input.attributes.iter().map(|(name, value)| pair(name.as_str(), &list([value])));
            pairs.collect::<Vec<_>>().join("|")
        }
        Column::OptionName(place) => {
            let option = input.options.get(place);
            option.map(|option| pair(option.name.as_str(), &list(&option.values))).unwrap_or_default()
        }
        _ => String::new(),
    }
}

fn of_variant(input: &ProductInput, variant: &VariantInput, offer: &Offer, column: Column) -> String {
    match column {
        Column::OptionValue(place) => {
            let value = input.options.get(place).and_then(|option| variant.options.get(&option.name));
            value.map(|value| list([value])).unwrap_or_default()
        }
        Column::Sku => variant.sku.to_string(),
        Column::VariantTitle => variant.title.as_ref().map(ToString::to_string).unwrap_or_default(),
        Column::Price => variant.price.decimal(),
        Column::CompareAtPrice => variant.compare_at_price.map(kernel::Money::decimal).unwrap_or_default(),
        Column::WeightGrams => variant.weight_grams.to_string(),
        Column::Stock => offer.on_hand.to_string(),
        _ => String::new(),
    }
}

/// The word that the API has for it.
fn word(choice: impl Serialize) -> String {
    match serde_json::to_value(choice) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

#[cfg(test)]
#[path = "sheet_write_tests.rs"]
mod tests;
