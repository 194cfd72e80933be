//! The product that rows want, made of what they say and of what is there.

use std::collections::BTreeMap;

use kernel::Sku;

use crate::domain::import::CellFault;
use crate::domain::import_cells::{OptionCell, SharedCells};
use crate::domain::import_faults::Found;
use crate::domain::import_plan::Taken;
use crate::domain::sheet::Column;
use crate::domain::{Description, Label, ProductInput, ProductOption, Stored, VariantInput};

/// All of the product: what the file has no column for stays, or is as it is in a new product; variants without a row stay.
pub(super) fn input(shared: &SharedCells, stored: Option<&Stored>, rows: &[Taken]) -> Result<ProductInput, Vec<Found>> {
    let shared = shared.clone();
    let mut input = match stored {
        Some(stored) => stored.input(),
        None => blank(&shared)?,
    };
    input.title = shared.title.unwrap_or(input.title);
    input.description = shared.description.unwrap_or(input.description);
    input.category_id = shared.category_id.unwrap_or(input.category_id);
    input.status = shared.status.unwrap_or(input.status);
    input.tags = shared.tags.unwrap_or(input.tags);
    input.tax_class = shared.tax_class.unwrap_or(input.tax_class);
    input.attributes = shared.attributes.unwrap_or(input.attributes);
    let names: Vec<(usize, Label)> = match &shared.options {
        Some(options) => options.iter().map(|option| (option.place, option.name.clone())).collect(),
        None => input.options.iter().map(|option| option.name.clone()).enumerate().collect(),
    };
    for row in rows {
        let known = input.variants.iter().position(|variant| variant.sku == row.sku);
        let before = known.map(|at| input.variants[at].clone());
        let wanted = variant(row, before, &names)?;
        match known {
            Some(at) => input.variants[at] = wanted,
            None => input.variants.push(wanted),
        }
    }
    let named = shared.options.as_deref();
    let before = std::mem::take(&mut input.options);
    input.options = options(named, &before, &input.variants, &names, rows);
    Ok(input)
}

/// A product that is not there yet, without variants.
fn blank(shared: &SharedCells) -> Result<ProductInput, Vec<Found>> {
    let needed = |column: Column| Found {
        sku: None,
        fault: CellFault::at(column, "required", "A new product needs it, and the file has no such column."),
    };
    let mut missing = Vec::new();
    if shared.title.is_none() {
        missing.push(needed(Column::Title));
    }
    if shared.category_id.is_none() {
        missing.push(needed(Column::Category));
    }
    match (shared.slug.clone(), shared.title.clone(), shared.category_id) {
        (Some(slug), Some(title), Some(category_id)) => Ok(ProductInput {
            slug,
            title,
            description: Description::parse("").expect("a description may be empty"),
            category_id,
            status: shared.status.unwrap_or_default(),
            tags: Vec::new(),
            attributes: BTreeMap::new(),
            tax_class: shared.tax_class.unwrap_or_default(),
            options: Vec::new(),
            variants: Vec::new(),
            images: None,
        }),
        _ => Err(missing),
    }
}

/// The variant of a row. `names` are the product's options by the place of their columns.
fn variant(row: &Taken, before: Option<VariantInput>, names: &[(usize, Label)]) -> Result<VariantInput, Vec<Found>> {
    let cells = &row.cells;
    let Some(price) = cells.price.or(before.as_ref().map(|before| before.price)) else {
        let fault =
            CellFault::at(Column::Price, "required", "A new variant needs it, and the file has no such column.");
        return Err(vec![Found { sku: Some(row.sku.clone()), fault }]);
    };
    let before = before.unwrap_or_else(|| VariantInput {
        sku: row.sku.clone(),
        title: None,
        options: BTreeMap::new(),
        price,
        compare_at_price: None,
        weight_grams: 0,
    });
    let mut options = BTreeMap::new();
    for (place, name) in names {
        let value = match &cells.values[*place] {
            Some(said) => said.clone(),
            None => before.options.get(name).cloned(),
        };
        options.extend(value.map(|value| (name.clone(), value)));
    }
    Ok(VariantInput {
        title: cells.title.clone().unwrap_or(before.title),
        options,
        price,
        compare_at_price: cells.compare_at_price.unwrap_or(before.compare_at_price),
        weight_grams: cells.weight_grams.unwrap_or(before.weight_grams),
        sku: before.sku,
    })
}

/// The options with their values: those that the file lists, or else those that were there and those that come with its rows.
fn options(
    named: Option<&[OptionCell]>,
    before: &[ProductOption],
    variants: &[VariantInput],
    names: &[(usize, Label)],
    rows: &[Taken],
) -> Vec<ProductOption> {
    let listed = |place: usize| named?.iter().find(|option| option.place == place)?.values.clone();
    let is_of_file = |sku: &Sku| rows.iter().any(|row| row.sku == *sku);
    let option = |(place, name): &(usize, Label)| {
        let values = listed(*place).unwrap_or_else(|| {
            let known = before.iter().find(|option| option.name == *name);
            let mut values = known.map(|option| option.values.clone()).unwrap_or_default();
            for variant in variants.iter().filter(|variant| is_of_file(&variant.sku)) {
                if let Some(value) = variant.options.get(name)
                    && !values.contains(value)
                {
                    values.push(value.clone());
                }
            }
            values
        });
        ProductOption { name: name.clone(), values }
    };
    names.iter().map(option).collect()
}
