//! What the cells of a row say.

use std::collections::BTreeMap;

use kernel::{CategoryId, Currency, Invalid, Money, Sku, Slug};
use pricing::TaxClass;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::domain::import::CellFault;
use crate::domain::sheet::{Column, Header, OPTIONS, parts, price, unescaped, unlist, unpair};
use crate::domain::{Description, Label, MAX_COUNT, Status, Title};

/// The cells of a row, and what is wrong with those that were read.
pub(super) struct Cells<'a> {
    header: &'a Header,
    cells: &'a [String],
    faults: Vec<CellFault>,
}

impl<'a> Cells<'a> {
    pub(super) fn new(header: &'a Header, cells: &'a [String]) -> Self {
        Self { header, cells, faults: Vec::new() }
    }

    pub(super) fn text(&self, column: Column) -> Option<&'a str> {
        self.header.cell(self.cells, column).map(String::as_str)
    }

    /// What `column` says; none when the file has no such column, or it says nothing that can be read.
    pub(super) fn read<T>(&mut self, column: Column, read: impl FnOnce(&str) -> Result<T, Invalid>) -> Option<T> {
        match read(self.text(column)?) {
            Ok(value) => Some(value),
            Err(invalid) => {
                self.refuse(column, invalid.code(), invalid.detail());
                None
            }
        }
    }

    /// [`Cells::read`], for columns in which an empty cell says nothing.
    fn filled<T>(&mut self, column: Column, read: impl FnOnce(&str) -> Result<T, Invalid>) -> Option<T> {
        if self.text(column)?.trim().is_empty() { None } else { self.read(column, read) }
    }

    pub(super) fn refuse(&mut self, column: Column, code: &str, detail: &str) {
        self.faults.push(CellFault::at(column, code, detail));
    }

    pub(super) fn into_faults(self) -> Vec<CellFault> {
        self.faults
    }
}

/// What a product's first row says of it; none where the file has no such column.
#[derive(Debug, Clone)]
pub(super) struct SharedCells {
    pub(super) slug: Option<Slug>,
    pub(super) title: Option<Title>,
    pub(super) description: Option<Description>,
    pub(super) category_id: Option<CategoryId>,
    pub(super) status: Option<Status>,
    pub(super) tags: Option<Vec<Label>>,
    pub(super) tax_class: Option<TaxClass>,
    pub(super) attributes: Option<BTreeMap<Label, Label>>,
    pub(super) options: Option<Vec<OptionCell>>,
}

/// An option that a product is to have.
#[derive(Debug, Clone)]
pub(super) struct OptionCell {
    /// Which of the option columns it is in.
    pub(super) place: usize,
    pub(super) name: Label,
    /// None: those that the variants have.
    pub(super) values: Option<Vec<Label>>,
}

impl SharedCells {
    pub(super) fn read(cells: &mut Cells<'_>, categories: &BTreeMap<Slug, CategoryId>) -> Self {
        let category = |text: &str| {
            let text = text.trim();
            let id = Slug::parse(text).ok().and_then(|slug| categories.get(&slug).copied());
            match id {
                Some(id) => Ok(id),
                None if text.is_empty() => Err(Invalid::new("required", "A category is needed.")),
                None => Err(Invalid::new("category_not_found", "There is no category with this slug.")),
            }
        };
        Self {
            slug: cells.read(Column::Slug, |text| Slug::parse(text.trim())),
            title: cells.read(Column::Title, Title::parse),
            description: cells.read(Column::Description, Description::parse),
            category_id: cells.read(Column::Category, category),
            status: cells.filled(Column::Status, choice),
            tags: cells.read(Column::Tags, labels),
            tax_class: cells.filled(Column::TaxClass, choice),
            attributes: cells.read(Column::Attributes, attributes),
            options: options(cells),
        }
    }
}

/// What a row says of its variant; the outer none where the file has no such column.
#[derive(Debug, Clone)]
pub(super) struct VariantCells {
    pub(super) sku: Option<Sku>,
    pub(super) title: Option<Option<Title>>,
    /// By the place of the option.
    pub(super) values: [Option<Option<Label>>; OPTIONS],
    pub(super) price: Option<Money>,
    pub(super) compare_at_price: Option<Option<Money>>,
    pub(super) weight_grams: Option<u32>,
    /// What was counted.
    pub(super) stock: Option<i64>,
}

impl VariantCells {
    pub(super) fn read(cells: &mut Cells<'_>, currency: Currency) -> Self {
        let money = |text: &str| price(text, currency);
        Self {
            sku: cells.read(Column::Sku, |text| Sku::parse(text.trim())),
            title: cells.read(Column::VariantTitle, |text| if_filled(text, Title::parse)),
            values: std::array::from_fn(|place| {
                cells.read(Column::OptionValue(place), |text| if_filled(text, |text| Label::parse(&unescaped(text))))
            }),
            price: cells.read(Column::Price, money),
            compare_at_price: cells.read(Column::CompareAtPrice, |text| if_filled(text, money)),
            weight_grams: cells.filled(Column::WeightGrams, |text| whole_number(text, u32::MAX.into())),
            stock: cells.filled(Column::Stock, |text| whole_number(text, MAX_COUNT)),
        }
    }
}

fn if_filled<T>(text: &str, read: impl FnOnce(&str) -> Result<T, Invalid>) -> Result<Option<T>, Invalid> {
    if text.trim().is_empty() { Ok(None) } else { read(text).map(Some) }
}

/// One of the words that the API has for it, in letters of any size.
fn choice<T: DeserializeOwned>(text: &str) -> Result<T, Invalid> {
    let refusal = |error: serde_json::Error| {
        // It lists the words behind what it found.
        let error = error.to_string();
        let words = error.rsplit_once("expected ").map_or("", |(_, words)| words).replace('`', "'");
        Invalid::new("invalid_value", format!("What may stand here is {words}."))
    };
    serde_json::from_value(Value::String(text.trim().to_ascii_lowercase())).map_err(refusal)
}

fn whole_number<T: TryFrom<i64>>(text: &str, most: i64) -> Result<T, Invalid> {
    let number = text.trim().parse::<i64>().ok().filter(|number| (0..=most).contains(number));
    let number = number.and_then(|number| T::try_from(number).ok());
    number.ok_or_else(|| Invalid::new("out_of_range", format!("A whole number from 0 to {most} is needed.")))
}

fn labels(cell: &str) -> Result<Vec<Label>, Invalid> {
    unlist(cell).iter().map(|text| Label::parse(text)).collect()
}

fn attributes(cell: &str) -> Result<BTreeMap<Label, Label>, Invalid> {
    let mut attributes = BTreeMap::new();
    for part in parts(cell, '|') {
        let (name, value) = unpair(part);
        let Some(value) = value else {
            return Err(Invalid::new("required", "An attribute is written as name=value."));
        };
        if attributes.insert(Label::parse(&name)?, Label::parse(&unescaped(value))?).is_some() {
            return Err(Invalid::new("duplicate", "The attribute is there twice."));
        }
    }
    Ok(attributes)
}

/// The options that are named; none when the file has no columns for their names.
fn options(cells: &mut Cells<'_>) -> Option<Vec<OptionCell>> {
    let mut options = None;
    for place in 0..OPTIONS {
        let column = Column::OptionName(place);
        if cells.text(column).is_none() {
            continue;
        }
        let options = options.get_or_insert_with(Vec::new);
        let option = |cell: &str| {
            let (name, values) = unpair(cell);
            Ok(OptionCell { place, name: Label::parse(&name)?, values: values.map(labels).transpose()? })
        };
        options.extend(cells.filled(column, option));
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_read_however_it_is_written_and_another_is_told_which_there_are() {
        for text in ["active", "Active", " ACTIVE "] {
            assert_eq!(choice::<Status>(text), Ok(Status::Active), "{text}");
        }
        let refused = choice::<Status>("on sale, expected soon").unwrap_err();
        assert_eq!(refused.code(), "invalid_value");
        assert_eq!(refused.detail(), "What may stand here is one of 'draft', 'active', 'archived'.");
    }
}
