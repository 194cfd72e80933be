//! A file in pieces: its rows, and which of them are of one product. What a row is does not depend on where a piece ends.

use std::collections::{BTreeSet, HashSet};

use csv::{ByteRecord, ReaderBuilder};
use kernel::Invalid;
use serde::{Deserialize, Serialize};

use crate::domain::MAX_VARIANTS;
use crate::domain::sheet::{Column, Header};

/// Bytes that are read at once.
pub const PIECE_BYTES: u64 = 4 * MAX_PRODUCT_BYTES;
/// Bytes of the rows of one product, so that a piece always holds them and the row behind them.
const MAX_PRODUCT_BYTES: u64 = 1024 * 1024;
/// Rows of a file, without its first.
pub const MAX_ROWS: u32 = 50_000;
/// Rows that are read of a piece: those of the longest file, its first row, and one more, which shows that there are too many. What the rest
/// would take in memory, a function does not have.
const MAX_ROWS_AT_ONCE: usize = MAX_ROWS as usize + 2;
/// Rows that may repeat a product or a SKU of earlier ones before the whole file is refused.
const MAX_REPEATED: usize = 1000;

/// Where a row begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Counted from 0.
    pub byte: u64,
    /// Counted from 1.
    pub line: u32,
}

impl Place {
    pub const START: Self = Self { byte: 0, line: 1 };
}

/// A row of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetRow {
    pub place: Place,
    /// None when they are not text.
    pub cells: Option<Vec<String>>,
}

/// Neighbouring rows of one product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub rows: Vec<SheetRow>,
    /// Where the next one begins.
    pub after: Place,
}

/// The rows that begin and end in a piece of a file, and where the first begins that does not; of more than a file may have, the first ones.
/// `is_end`: nothing comes behind the piece.
///
/// # Panics
/// Never: a slice of bytes can always be read, and rows may have any number of cells.
#[must_use]
pub fn rows(bytes: &[u8], from: Place, is_end: bool) -> (Vec<SheetRow>, Place) {
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let mut record = ByteRecord::new();
    let mut rows = Vec::new();
    let mut counted = Counted { bytes, from, upto: 0, line: from.line };
    while rows.len() < MAX_ROWS_AT_ONCE && reader.read_byte_record(&mut record).expect("a slice can be read") {
        let begin = record.position().map_or(0, csv::Position::byte);
        let text = |cell: &[u8]| std::str::from_utf8(cell).ok().map(str::to_owned);
        rows.push(SheetRow { place: counted.place(begin), cells: record.iter().map(text).collect() });
    }
    if is_end && rows.len() < MAX_ROWS_AT_ONCE {
        return (rows, counted.place(bytes.len() as u64));
    }
    // It may go on in the next piece.
    let rest = rows.pop().map_or(from, |row| row.place);
    (rows, rest)
}

/// The line of a last row in which a quote opens and never closes. `rows` are those of `bytes`, with which the file ends.
#[must_use]
pub fn unclosed(bytes: &[u8], from: Place, rows: &[SheetRow]) -> Option<u32> {
    let last = rows.last()?.place;
    let begin = usize::try_from(last.byte - from.byte).ok()?;
    // Within a quote, even another line is still of the same row.
    let longer = [bytes.get(begin..)?, b"\nx"].concat();
    (self::rows(&longer, last, true).0.len() == 1).then_some(last.line)
}

/// Counts lines as far as it was asked for.
struct Counted<'a> {
    bytes: &'a [u8],
    from: Place,
    upto: usize,
    line: u32,
}

impl Counted<'_> {
    /// The place of the row that begins at `begin` or, behind ends of lines and empty ones, after it.
    fn place(&mut self, begin: u64) -> Place {
        let begin = usize::try_from(begin).unwrap_or(usize::MAX).min(self.bytes.len());
        let blank = self.bytes[begin..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let begin = begin + blank;
        let lines = (self.upto..begin).filter(|at| self.is_end_of_line(*at)).count();
        self.line += u32::try_from(lines).unwrap_or(u32::MAX);
        self.upto = begin;
        Place { byte: self.from.byte + begin as u64, line: self.line }
    }

    /// Some spreadsheets end lines with a carriage return alone; rows are told apart by their lines.
    fn is_end_of_line(&self, at: usize) -> bool {
        match self.bytes[at] {
            b'\n' => true,
            b'\r' => self.bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        }
    }
}

/// The products that begin and end in a piece of a file. With nothing in it, the piece is shorter than the rows of its first product.
#[must_use]
pub fn groups(bytes: &[u8], from: Place, is_end: bool, header: &Header) -> Vec<Group> {
    let (rows, rest) = rows(bytes, from, is_end);
    let mut groups: Vec<Group> = Vec::new();
    for row in rows {
        match groups.last_mut() {
            Some(group) if group.takes(&row, header) => group.rows.push(row),
            last => {
                if let Some(last) = last {
                    last.after = row.place;
                }
                groups.push(Group { rows: vec![row], after: rest });
            }
        }
    }
    if !is_end {
        // Rows of its product may follow.
        groups.pop();
    }
    groups
}

impl Group {
    /// Whether `row` is of the same product; one of a hundred variants begins anew.
    fn takes(&self, row: &SheetRow, header: &Header) -> bool {
        let first = &self.rows[0];
        let (mine, its) = (slug_of(first, header), slug_of(row, header));
        mine.is_some() && mine == its && self.rows.len() < MAX_VARIANTS
    }
}

/// The product that a row is of; none in one that has not as many cells as there are columns.
fn slug_of<'a>(row: &'a SheetRow, header: &Header) -> Option<&'a str> {
    cell_of(row, header, Column::Slug)
}

fn cell_of<'a>(row: &'a SheetRow, header: &Header, column: Column) -> Option<&'a str> {
    let cells = row.cells.as_ref().filter(|cells| cells.len() == header.len())?;
    Some(header.cell(cells, column)?.trim())
}

/// Looks through a whole file before anything of it is done, so that what a row means does not depend on those before it.
#[derive(Debug)]
pub struct Survey {
    header: Header,
    slugs: HashSet<String>,
    skus: HashSet<String>,
    current: Option<Current>,
    rows: u32,
    repeated: BTreeSet<u32>,
}

/// The product whose rows are being looked at.
#[derive(Debug)]
struct Current {
    slug: Option<String>,
    begin: Place,
    rows: usize,
    is_repeated: bool,
}

impl Survey {
    #[must_use]
    pub fn new(header: Header) -> Self {
        Self { header, slugs: HashSet::new(), skus: HashSet::new(), current: None, rows: 0, repeated: BTreeSet::new() }
    }

    /// Takes in the next rows; `after` is where the one behind them begins.
    ///
    /// # Errors
    /// Why the file cannot be imported at all.
    pub fn add(&mut self, rows: &[SheetRow], after: Place) -> Result<(), Invalid> {
        for row in rows {
            self.is_not_too_long(row.place)?;
            self.rows += 1;
            if self.rows > MAX_ROWS {
                return Err(Invalid::new("too_many_rows", format!("A file has at most {MAX_ROWS} rows.")));
            }
            let sku = cell_of(row, &self.header, Column::Sku).unwrap_or_default().to_owned();
            let repeats_sku = !sku.is_empty() && !self.skus.insert(sku);
            if self.repeats_product(row) || repeats_sku {
                self.repeated.insert(row.place.line);
            }
            if self.repeated.len() > MAX_REPEATED {
                let detail = "Too many rows repeat a product or a SKU; the rows of a product stand together.";
                return Err(Invalid::new("too_many_repeats", detail));
            }
        }
        self.is_not_too_long(after)
    }

    /// How many rows there are, and the lines of those that repeat a product or a SKU of earlier ones.
    #[must_use]
    pub fn finish(self) -> (u32, BTreeSet<u32>) {
        (self.rows, self.repeated)
    }

    fn is_not_too_long(&self, upto: Place) -> Result<(), Invalid> {
        let Some(Current { begin, .. }) = self.current else { return Ok(()) };
        if upto.byte - begin.byte <= MAX_PRODUCT_BYTES {
            return Ok(());
        }
        let detail =
            format!("The product in line {} is longer than a product can be; a quote may be missing.", begin.line);
        Err(Invalid::new("product_too_long", detail))
    }

    /// Whether rows of this product stand somewhere before, or a hundred of them just before.
    fn repeats_product(&mut self, row: &SheetRow) -> bool {
        let slug = slug_of(row, &self.header).map(str::to_owned);
        if let Some(current) = &mut self.current
            && current.slug.is_some()
            && current.slug == slug
            && current.rows < MAX_VARIANTS
        {
            current.rows += 1;
            return current.is_repeated;
        }
        let is_repeated = slug.as_ref().is_some_and(|slug| !self.slugs.insert(slug.clone()));
        self.current = Some(Current { slug, begin: row.place, rows: 1, is_repeated });
        is_repeated
    }
}

#[cfg(test)]
#[path = "sheet_rows_tests.rs"]
mod tests;
