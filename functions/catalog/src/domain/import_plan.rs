//! What has to be written for the rows of one product, and what becomes of each row.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{CategoryId, Currency, ImportId, ProductId, Sku, Slug, Ulid};

use crate::domain::import::{CellFault, Import, RefusedRow, RowResult};
use crate::domain::import_cells::{Cells, SharedCells, VariantCells};
use crate::domain::import_faults::{Found, divide, refuse_all};
use crate::domain::import_input::input;
use crate::domain::sheet::{Column, Header};
use crate::domain::sheet_rows::{Group, SheetRow};
use crate::domain::{Edit, Moment, OfferEdit, Product, Stored, edit};

/// Characters of another row's cell that a report repeats.
const SHOWN_CELL: usize = 60;

/// What all rows of a file have in common.
#[derive(Debug, Clone, Copy)]
pub struct Importing<'a> {
    pub id: ImportId,
    pub header: &'a Header,
    /// Lines that repeat a product or a SKU of earlier ones.
    pub repeated: &'a BTreeSet<u32>,
    pub categories: &'a BTreeMap<Slug, CategoryId>,
    pub currency: Currency,
    pub moment: Moment,
}

/// What the rows of one product come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// None when nothing is to be written of product and variants.
    pub edit: Option<Edit>,
    pub rows: Vec<PlannedRow>,
    pub refused: Vec<RefusedRow>,
}

/// A row that is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedRow {
    pub line: u32,
    pub sku: Sku,
    pub result: RowResult,
    pub count: Option<Count>,
}

/// A stock that was counted, and is not what the books say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    pub on_hand: i64,
    pub counted: i64,
}

/// A row with its variant.
pub(super) struct Taken {
    pub(super) line: u32,
    pub(super) sku: Sku,
    pub(super) cells: VariantCells,
}

impl Importing<'_> {
    /// The product that the rows name; none when they name none.
    #[must_use]
    pub fn slug(&self, group: &Group) -> Option<Slug> {
        let cells = group.rows[0].cells.as_ref()?;
        Slug::parse(self.header.cell(cells, Column::Slug)?.trim()).ok()
    }

    /// The variants that the rows name, as far as they do.
    #[must_use]
    pub fn skus(&self, group: &Group) -> Vec<Sku> {
        let cells = group.rows.iter().filter_map(|row| self.header.cell(row.cells.as_ref()?, Column::Sku));
        cells.filter_map(|cell| Sku::parse(cell.trim()).ok()).collect()
    }

    /// What becomes of the rows of `group`, whose product is `stored`, or new. The SKUs in `taken` were there already: another product has
    /// them, unless they are among those of `stored`.
    #[must_use]
    pub fn plan(&self, group: &Group, stored: Option<&Stored>, taken: &BTreeSet<Sku>) -> Plan {
        let mut refused = Vec::new();
        let mut rows = Vec::new();
        for row in &group.rows {
            match self.read(row, &group.rows[0], stored, taken) {
                Ok(row) => rows.push(row),
                Err(row) => refused.push(row),
            }
        }
        let first = &group.rows[0];
        let mut edit = None;
        let faults = match self.shared(first) {
            Err(faults) => Some(faults),
            Ok(shared) => loop {
                if rows.is_empty() {
                    break None;
                }
                match self.edit(first.place.line, &shared, stored, &rows) {
                    Ok(written) => {
                        edit = Some(written);
                        break None;
                    }
                    Err(found) => {
                        let of_product = divide(found, &mut rows, &mut refused);
                        if of_product.is_some() {
                            break of_product;
                        }
                    }
                }
            },
        };
        if let Some(faults) = faults {
            refuse_all(first, faults, rows.drain(..), &mut refused);
        }
        refused.sort_by_key(|row| row.line);
        let rows = edit.as_mut().map_or_else(Vec::new, |edit| self.results(edit, stored, &rows));
        Plan { edit: edit.filter(|edit| !edit.is_nothing()), rows, refused }
    }

    /// A row by itself.
    fn read(
        &self,
        row: &SheetRow,
        first: &SheetRow,
        stored: Option<&Stored>,
        taken: &BTreeSet<Sku>,
    ) -> Result<Taken, RefusedRow> {
        let line = row.place.line;
        let refused = |sku: &str, fault| Err(RefusedRow::new(line, sku, vec![fault]));
        let Some(texts) = &row.cells else {
            return refused("", CellFault::whole("invalid_text", "The row is not UTF-8."));
        };
        if texts.len() != self.header.len() {
            let detail = format!("The row has {} cells, the first row {}.", texts.len(), self.header.len());
            return refused("", CellFault::whole("wrong_number_of_cells", detail));
        }
        let mut cells = Cells::new(self.header, texts);
        let shown = cells.text(Column::Sku).unwrap_or_default().trim();
        if self.repeated.contains(&line) {
            let detail =
                "The product or the SKU was there before; the rows of a product stand together, at most 100 of them.";
            return refused(shown, CellFault::whole("repeated", detail));
        }
        let variant = VariantCells::read(&mut cells, self.currency);
        let others = first.cells.as_ref().filter(|_| row != first);
        for column in self.header.columns().filter(|column| column.is_shared() && *column != Column::Slug) {
            let Some(same) = others.and_then(|others| self.header.cell(others, column)) else { continue };
            let text = cells.text(column).unwrap_or_default();
            if !text.trim().is_empty() && !column.is_same(text.trim(), same.trim()) {
                let shown: String = same.trim().chars().take(SHOWN_CELL).collect();
                let detail = format!("In line {} the product has '{shown}'.", first.place.line);
                cells.refuse(column, "differs", &detail);
            }
        }
        let offer = variant.sku.as_ref().and_then(|sku| stored?.offer(sku)).map(|stored| &stored.offer);
        // What was in the way is the product's own when somebody else did the same rows at the same time.
        if offer.is_none() && variant.sku.as_ref().is_some_and(|sku| taken.contains(sku)) {
            cells.refuse(Column::Sku, "sku_taken", "Another product has this SKU, or had it once.");
        }
        let promised = offer.map_or(0, |offer| offer.reserved + offer.committed);
        if variant.stock.is_some_and(|counted| counted < promised) {
            let detail = format!("Of this SKU {promised} are reserved or sold.");
            cells.refuse(Column::Stock, "stock_negative", &detail);
        }
        let faults = cells.into_faults();
        match variant.sku.clone().filter(|_| faults.is_empty()) {
            Some(sku) => Ok(Taken { line, sku, cells: variant }),
            None => Err(RefusedRow::new(line, shown, faults)),
        }
    }

    /// What the first row says of the product, or what is wrong with that.
    fn shared(&self, first: &SheetRow) -> Result<SharedCells, Vec<CellFault>> {
        // A row that is nothing has a group of its own, and its fault was found already.
        let texts = first.cells.as_ref().filter(|texts| texts.len() == self.header.len()).ok_or_else(Vec::new)?;
        let mut cells = Cells::new(self.header, texts);
        let shared = SharedCells::read(&mut cells, self.categories);
        let faults = cells.into_faults();
        if faults.is_empty() { Ok(shared) } else { Err(faults) }
    }

    /// What is to be written for `rows`.
    fn edit(
        &self,
        first: u32,
        shared: &SharedCells,
        stored: Option<&Stored>,
        rows: &[Taken],
    ) -> Result<Edit, Vec<Found>> {
        let wanted = input(shared, stored, rows)?;
        let skus: Vec<Sku> = wanted.variants.iter().map(|variant| variant.sku.clone()).collect();
        let edit = match stored {
            Some(stored) => edit::apply(stored, wanted, self.currency, self.moment),
            None => edit::create(ProductId::new(self.ulid(first)), wanted, self.currency, self.moment),
        };
        edit.map_err(|faults| faults.iter().map(|fault| Found::of(fault, &skus)).collect())
    }

    /// An id for what the row in `line` writes: the same however often that is done, and in the order of the file.
    #[must_use]
    pub fn ulid(&self, line: u32) -> Ulid {
        Ulid(self.id.ulid().0.wrapping_add(line.into()))
    }

    /// What each row came to, noted in the rows that it changes.
    fn results(&self, edit: &mut Edit, stored: Option<&Stored>, rows: &[Taken]) -> Vec<PlannedRow> {
        let is_changed = edit.before.as_ref().is_some_and(|(before, _)| differs(before, &edit.product));
        let mut planned = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            let before = stored.and_then(|stored| stored.offer(&row.sku)).map(|stored| &stored.offer);
            let written = edit.offers.iter().find(|edit| *edit.sku() == row.sku);
            let on_hand = before.map_or(0, |offer| offer.on_hand);
            let count = row.cells.stock.filter(|counted| *counted != on_hand);
            let result = match written {
                Some(OfferEdit::Create(_)) => RowResult::Created,
                Some(_) => RowResult::Updated,
                None if count.is_some() || (is_changed && at == 0) => RowResult::Updated,
                None => RowResult::Unchanged,
            };
            let is_written = written.is_some() || (is_changed && at == 0);
            let mark = before.and_then(|offer| offer.imported.as_deref());
            let result = Import::marked(self.id, row.line, mark).unwrap_or(result);
            if is_written {
                edit.mark_imported(&row.sku, &Import::mark(self.id, row.line, result));
            }
            let count = count.map(|counted| Count { on_hand, counted });
            planned.push(PlannedRow { line: row.line, sku: row.sku.clone(), result, count });
        }
        planned
    }
}

/// Whether anything but the list of variants is another.
fn differs(before: &Product, after: &Product) -> bool {
    let Product { skus, has_retired, updated_at, .. } = before.clone();
    *before != Product { skus, has_retired, updated_at, ..after.clone() }
}

#[cfg(test)]
#[path = "import_plan_tests.rs"]
mod tests;
