//! Whose faults are whose: those of a product, and those of a row.

use std::collections::BTreeMap;

use kernel::{Fault, Sku};

use crate::domain::import::{CellFault, RefusedRow};
use crate::domain::import_plan::Taken;
use crate::domain::sheet::Column;
use crate::domain::sheet_rows::SheetRow;

/// Something that is wrong with the product or with one of its variants.
pub(super) struct Found {
    pub(super) sku: Option<Sku>,
    pub(super) fault: CellFault,
}

impl Found {
    /// The fault of a product with these variants, where the file has it.
    pub(super) fn of(fault: &Fault, skus: &[Sku]) -> Self {
        let segments: Vec<&str> = fault.pointer.split('/').skip(1).collect();
        let number = |text: &&str| text.parse::<usize>().ok();
        let (sku, column) = match segments[..] {
            ["variants", at, ref within @ ..] => {
                let sku = number(&at).and_then(|at| skus.get(at)).cloned();
                (sku, within.first().and_then(|name| variant_column(name)))
            }
            ["options", at, ..] => (None, number(&at).map(Column::OptionName)),
            [name, ..] => (None, shared_column(name)),
            [] => (None, None),
        };
        let fault = CellFault::whole(fault.code, fault.detail.clone());
        Self { sku, fault: CellFault { column: column.map(|column| column.name().to_owned()), ..fault } }
    }
}

fn variant_column(field: &str) -> Option<Column> {
    match field {
        "sku" => Some(Column::Sku),
        "title" => Some(Column::VariantTitle),
        "options" => Some(Column::OptionValue(0)),
        "price" => Some(Column::Price),
        "compare_at_price" => Some(Column::CompareAtPrice),
        "weight_grams" => Some(Column::WeightGrams),
        _ => None,
    }
}

fn shared_column(field: &str) -> Option<Column> {
    match field {
        "slug" => Some(Column::Slug),
        "title" => Some(Column::Title),
        "description" => Some(Column::Description),
        "category_id" => Some(Column::Category),
        "status" => Some(Column::Status),
        "tags" => Some(Column::Tags),
        "tax_class" => Some(Column::TaxClass),
        "attributes" => Some(Column::Attributes),
        "options" => Some(Column::OptionName(0)),
        _ => None,
    }
}

/// Refuses the rows whose variants have faults; what is wrong with the product, or with variants that no row is about, comes back.
pub(super) fn divide(
    found: Vec<Found>,
    rows: &mut Vec<Taken>,
    refused: &mut Vec<RefusedRow>,
) -> Option<Vec<CellFault>> {
    let mut of_rows: BTreeMap<u32, Vec<CellFault>> = BTreeMap::new();
    let mut of_product = Vec::new();
    for Found { sku, fault } in found {
        match sku.and_then(|sku| rows.iter().find(|row| row.sku == sku)) {
            Some(row) => of_rows.entry(row.line).or_default().push(fault),
            None => of_product.push(fault),
        }
    }
    rows.retain(|row| match of_rows.remove(&row.line) {
        Some(faults) => {
            refused.push(RefusedRow::new(row.line, row.sku.as_str(), faults));
            false
        }
        None => true,
    });
    (!of_product.is_empty()).then_some(of_product)
}

pub(super) fn refuse_all(
    first: &SheetRow,
    faults: Vec<CellFault>,
    rows: impl Iterator<Item = Taken>,
    refused: &mut Vec<RefusedRow>,
) {
    let line = first.place.line;
    for row in rows {
        let detail = format!("The product has faults in line {line}.");
        refused.push(RefusedRow::new(row.line, row.sku.as_str(), vec![CellFault::whole("product_refused", detail)]));
    }
    // They stand in the first row, whatever else is wrong with it.
    let first = refused.iter().position(|row| row.line == line).map(|at| refused.remove(at));
    refused.push(first.unwrap_or_else(|| RefusedRow::new(line, "", Vec::new())).after(faults));
}
