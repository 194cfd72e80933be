//! A file that the catalogue is changed by, and how far that is.

use std::collections::BTreeSet;

use kernel::{ImportId, Invalid, Timestamp, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use telemetry::Trace;

use crate::domain::sheet::{Column, Header};
use crate::domain::sheet_rows::Place;

/// Bytes of one file.
pub const MAX_IMPORT_BYTES: u32 = 20 * 1024 * 1024;

/// How far an import is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    pub id: ImportId,
    pub status: ImportStatus,
    pub created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// Who asked for it: what it changes is changed in their name.
    pub actor: UserId,
    #[serde(flatten)]
    pub trace: Trace,
    /// Of the file, once it was looked through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<File>,
    pub counts: Counts,
    /// Why nothing more is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportStatus {
    /// For the file.
    Waiting,
    Running,
    Done,
    /// The file cannot be imported, or no longer. What was done before stays.
    Failed,
}

/// A file that can be imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Names its contents.
    pub etag: String,
    pub size: u64,
    pub rows: u32,
    /// The names of its columns.
    pub columns: Vec<String>,
    /// Lines of rows that repeat a product or a SKU of earlier rows.
    pub repeated: BTreeSet<u32>,
    /// Where the rest begins.
    pub rest: Place,
}

impl File {
    /// Its columns.
    ///
    /// # Errors
    /// None for what was read as a header before.
    pub fn header(&self) -> Result<Header, Invalid> {
        Header::read(self.columns.iter().map(String::as_str))
    }

    /// The names of the columns of `header`.
    #[must_use]
    pub fn names(header: &Header) -> Vec<String> {
        header.columns().map(|column| column.name().to_owned()).collect()
    }

    #[must_use]
    pub fn is_at_its_end(&self) -> bool {
        self.rest.byte >= self.size
    }
}

/// What became of the rows so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ImportCounts")]
pub struct Counts {
    pub created: u32,
    pub updated: u32,
    pub unchanged: u32,
    pub refused: u32,
}

impl Counts {
    pub fn count(&mut self, result: RowResult) {
        *match result {
            RowResult::Created => &mut self.created,
            RowResult::Updated => &mut self.updated,
            RowResult::Unchanged => &mut self.unchanged,
        } += 1;
    }

    #[must_use]
    pub fn rows(self) -> u32 {
        self.created + self.updated + self.unchanged + self.refused
    }
}

/// What a row that was taken came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowResult {
    /// A new variant.
    Created,
    Updated,
    Unchanged,
}

/// Why an import ended before its file did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ImportFailure")]
pub struct Failure {
    pub code: String,
    pub detail: String,
}

impl From<Invalid> for Failure {
    fn from(invalid: Invalid) -> Self {
        Self { code: invalid.code().to_owned(), detail: invalid.detail().to_owned() }
    }
}

/// A row that was not taken, with everything that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RefusedRow")]
pub struct RefusedRow {
    /// The line that it begins on, counted from 1.
    pub line: u32,
    /// As it stands in the row.
    pub sku: String,
    pub faults: Vec<CellFault>,
}

/// What is wrong with a cell, or with the whole row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CellFault {
    /// None for the whole row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    pub code: String,
    pub detail: String,
}

impl CellFault {
    #[must_use]
    pub fn at(column: Column, code: &str, detail: impl Into<String>) -> Self {
        Self { column: Some(column.name().to_owned()), ..Self::whole(code, detail) }
    }

    #[must_use]
    pub fn whole(code: &str, detail: impl Into<String>) -> Self {
        Self { column: None, code: code.to_owned(), detail: detail.into() }
    }
}

/// Characters of a SKU that a report repeats.
const SHOWN_SKU: usize = 64;
/// Faults of a row that a report tells: a cell of twenty thousand tags may have as many.
const SHOWN_FAULTS: usize = 20;

impl RefusedRow {
    #[must_use]
    pub fn new(line: u32, sku: &str, faults: Vec<CellFault>) -> Self {
        let sku = sku.chars().take(SHOWN_SKU).collect();
        Self { line, sku, faults: faults.into_iter().take(SHOWN_FAULTS).collect() }
    }

    /// The same row, with what is wrong with its product before what is wrong with itself.
    #[must_use]
    pub fn after(self, mut faults: Vec<CellFault>) -> Self {
        faults.extend(self.faults.into_iter().filter(|fault| fault.code != "product_refused"));
        Self::new(self.line, &self.sku, faults)
    }
}

impl Import {
    #[must_use]
    pub fn new(id: ImportId, actor: UserId, trace: Trace, created_at: Timestamp) -> Self {
        let status = ImportStatus::Waiting;
        Self {
            id,
            status,
            created_at,
            finished_at: None,
            actor,
            trace,
            file: None,
            counts: Counts::default(),
            failure: None,
        }
    }

    /// The import once its file was looked through.
    #[must_use]
    pub fn begun(self, file: File) -> Self {
        Self { status: ImportStatus::Running, file: Some(file), ..self }
    }

    #[must_use]
    pub fn failed(self, failure: impl Into<Failure>, at: Timestamp) -> Self {
        Self { status: ImportStatus::Failed, finished_at: Some(at), failure: Some(failure.into()), ..self }
    }

    #[must_use]
    pub fn done(self, at: Timestamp) -> Self {
        Self { status: ImportStatus::Done, finished_at: Some(at), ..self }
    }

    /// What a variant's row is marked with when the row in `line` changes it, so that whoever does the same again counts the same.
    #[must_use]
    pub fn mark(id: ImportId, line: u32, result: RowResult) -> String {
        let result = match result {
            RowResult::Created => "created",
            RowResult::Updated => "updated",
            RowResult::Unchanged => "unchanged",
        };
        format!("{id}#{line}:{result}")
    }

    /// What the row in `line` came to, if `mark` is its own.
    #[must_use]
    pub fn marked(id: ImportId, line: u32, mark: Option<&str>) -> Option<RowResult> {
        let is_it = |result: &RowResult| mark == Some(Self::mark(id, line, *result).as_str());
        [RowResult::Created, RowResult::Updated].into_iter().find(is_it)
    }
}

#[cfg(test)]
mod tests {
    use kernel::Ulid;

    use super::*;

    #[test]
    fn a_mark_is_read_by_its_own_row_only() {
        let (id, other) = (ImportId::new(Ulid(1)), ImportId::new(Ulid(2)));
        for result in [RowResult::Created, RowResult::Updated] {
            let mark = Import::mark(id, 12, result);
            assert_eq!(Import::marked(id, 12, Some(&mark)), Some(result));
            assert_eq!(Import::marked(id, 1, Some(&mark)), None);
            assert_eq!(Import::marked(other, 12, Some(&mark)), None);
        }
        assert_eq!(Import::marked(id, 12, None), None);
    }

    #[test]
    fn a_row_is_counted_under_what_it_came_to() {
        let mut counts = Counts { refused: 1, ..Counts::default() };
        for result in [RowResult::Created, RowResult::Created, RowResult::Updated, RowResult::Unchanged] {
            counts.count(result);
        }
        assert_eq!(counts, Counts { created: 2, updated: 1, unchanged: 1, refused: 1 });
        assert_eq!(counts.rows(), 5);
    }

    #[test]
    fn a_report_repeats_no_more_of_a_sku_than_a_sku_has() {
        assert_eq!(RefusedRow::new(1, &"x".repeat(5000), vec![]).sku.len(), 64);
    }

    #[test]
    fn a_report_tells_twenty_faults_of_a_row_those_of_its_product_first() {
        let many = |code: &str| vec![CellFault::whole(code, "It is wrong."); 5000];
        let row = RefusedRow::new(1, "TEA-1", many("tag")).after(many("title")[..7].to_vec());
        let codes: Vec<_> = row.faults.iter().map(|fault| fault.code.as_str()).collect();
        assert_eq!(codes, [["title"; 7].as_slice(), &["tag"; 13]].concat());
    }
}
