//! The first look at a file that is to be imported: whether it can be one, how many rows it has, and which stand there twice.

use kernel::{ImportId, Invalid};

use crate::domain::import::File;
use crate::domain::sheet::Header;
use crate::domain::sheet_rows::{Place, SheetRow, Survey, rows, unclosed};
use crate::handlers::run_import::ReadUpload;
use crate::uploads::{BucketError, Excerpt, import_file};

/// Why a file was not looked through.
pub(super) enum Stopped {
    Refused(Invalid),
    Bucket(BucketError),
}

impl From<Invalid> for Stopped {
    fn from(invalid: Invalid) -> Self {
        Self::Refused(invalid)
    }
}

impl From<BucketError> for Stopped {
    fn from(error: BucketError) -> Self {
        Self::Bucket(error)
    }
}

/// What the file of an import is, all of it read once, a piece at a time.
pub(super) async fn look_through(uploads: &impl ReadUpload, id: ImportId, piece_bytes: u64) -> Result<File, Stopped> {
    let key = import_file(id);
    let first = uploads.read_upload(&key, None, 0, piece_bytes).await?.ok_or_else(gone)?;
    let is_all = is_end(&first, Place::START);
    let (rows_of_first, mut rest) = rows(&first.bytes, Place::START, is_all);
    if rows_of_first.is_empty() && !is_all {
        return Err(too_long(Place::START).into());
    }
    quotes_close(&first, Place::START, &rows_of_first)?;
    let header = header(&rows_of_first)?;
    if let Some(row) = rows_of_first.get(1) {
        rest = row.place;
    }
    let mut survey = Survey::new(header.clone());
    let mut place = rest;
    while place.byte < first.size {
        let piece = uploads.read_upload(&key, Some(&first.etag), place.byte, piece_bytes).await?.ok_or_else(gone)?;
        let (rows, next) = rows(&piece.bytes, place, is_end(&piece, place));
        if next == place {
            return Err(too_long(place).into());
        }
        quotes_close(&piece, place, &rows)?;
        survey.add(&rows, next)?;
        place = next;
    }
    let (rows, repeated) = survey.finish();
    if rows == 0 {
        return Err(empty().into());
    }
    Ok(File { etag: first.etag, size: first.size, rows, columns: File::names(&header), repeated, rest })
}

fn header(rows: &[SheetRow]) -> Result<Header, Invalid> {
    let first = rows.first().ok_or_else(empty)?;
    let cells = first.cells.as_ref().ok_or_else(|| Invalid::new("invalid_text", "The file is not UTF-8."))?;
    Header::read(cells.iter().map(String::as_str))
}

/// What stands behind a quote that never closes would all be of one cell.
fn quotes_close(piece: &Excerpt, place: Place, rows: &[SheetRow]) -> Result<(), Invalid> {
    let line = if is_end(piece, place) { unclosed(&piece.bytes, place, rows) } else { None };
    match line {
        Some(line) => {
            Err(Invalid::new("unclosed_quote", format!("In the row of line {line} a quote is never closed.")))
        }
        None => Ok(()),
    }
}

/// Whether nothing comes behind a piece that was read from `place` on.
pub(super) fn is_end(piece: &Excerpt, place: Place) -> bool {
    place.byte + piece.bytes.len() as u64 >= piece.size
}

pub(super) fn gone() -> Invalid {
    Invalid::new("file_gone", "The file is gone, or another came in its place.")
}

fn empty() -> Invalid {
    Invalid::new("empty_file", "The file needs a row with the names of its columns, and one for each variant below it.")
}

pub(super) fn too_long(place: Place) -> Invalid {
    let detail = format!("The row in line {} is longer than a product can be; a quote may be missing.", place.line);
    Invalid::new("product_too_long", detail)
}
