//! Imports: how far each is, and the rows that were refused.

use api::AuditEntry;
use dynamo::{Change, Condition, Entity, Page, Personal, Query, Row, StoreError, WriteError, WriteSet};
use kernel::{ImportId, Timestamp};

use crate::domain::Movement;
use crate::domain::import::{Import, RefusedRow};
use crate::handlers::create_import::InsertImport;
use crate::handlers::import_group::{Counting, NotCounted, SaveCounts};
use crate::handlers::imports::{LoadImport, LoadRefusedRows};
use crate::handlers::list_products::Place;
use crate::handlers::run_import::SaveProgress;
use crate::store::{Catalog, keys};

/// For so long it can be read what became of an import.
const KEEP_SECONDS: i64 = 30 * 24 * 60 * 60;
/// Refused rows of one transaction.
const CHUNK: usize = 90;

impl Entity for Import {
    const TYPE: &'static str = "import";
    const PERSONAL: Personal = Personal::Keep("who changed the shop's data must stay known; an actor is a bare id");
}

impl Entity for RefusedRow {
    const TYPE: &'static str = "import_fault";
    const PERSONAL: Personal = Personal::None;
}

fn expiry(created_at: Timestamp) -> i64 {
    created_at.plus_seconds(KEEP_SECONDS).epoch_seconds()
}

/// The changes of `set`, in which nothing can be refused by anybody.
async fn commit(set: WriteSet<()>) -> Result<(), StoreError> {
    match set.commit().await {
        Ok(()) => Ok(()),
        Err(WriteError::Refused(_)) => Err(StoreError::Busy("a new row was there already".into())),
        Err(WriteError::Store(error)) => Err(error),
    }
}

impl InsertImport for Catalog {
    async fn insert_import(&self, import: &Import, audit: &AuditEntry) -> Result<(), StoreError> {
        let row = Row::new(keys::import(import.id), import.clone()).expiring(expiry(import.created_at));
        let set = WriteSet::new()
            .with(Change::create(&self.table, &row), ())
            .with(audit.record(&self.table, import.id.ulid()), ());
        commit(set).await
    }
}

impl LoadImport for Catalog {
    async fn load_import(&self, id: ImportId) -> Result<Option<Row<Import>>, StoreError> {
        self.table.get(keys::import(id)).await
    }
}

impl LoadRefusedRows for Catalog {
    async fn load_refused_rows(
        &self,
        id: ImportId,
        limit: u16,
        after: Option<Place>,
    ) -> Result<Page<RefusedRow>, StoreError> {
        let query = Query::partition(keys::import(id).pk).prefix(keys::IMPORT_FAULT).limit(limit).after(after);
        self.table.query(query).await
    }
}

impl SaveProgress for Catalog {
    async fn save_progress(
        &self,
        before: &Row<Import>,
        after: &Import,
        refused: &[RefusedRow],
    ) -> Result<bool, StoreError> {
        let table = &self.table;
        // Whoever does the same rows again finds the same faults.
        let whatever = || Condition::Exists.or(Condition::Absent);
        for rows in refused.chunks(CHUNK) {
            let mut set = WriteSet::new();
            for row in rows {
                let row = Row::new(keys::import_fault(after.id, row.line), row.clone());
                set.push(Change::put(table, &row.expiring(expiry(after.created_at)), whatever()), ());
            }
            commit(set).await?;
        }
        let row = Row { version: before.version + 1, body: after.clone(), ..before.clone() };
        let unchanged = Condition::equals("version", before.version);
        match WriteSet::new().with(Change::put(table, &row, unchanged), ()).commit().await {
            Ok(()) => Ok(true),
            Err(WriteError::Refused(_)) => Ok(false),
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}

impl SaveCounts for Catalog {
    async fn save_counts(&self, counts: &[Counting]) -> Result<(), WriteError<NotCounted>> {
        let mut set = WriteSet::new();
        for Counting { entry, line: (at, id), on_hand, mark } in counts {
            let moved = self
                .move_stock(&entry.sku, Movement::Adjust(entry.delta))
                .when(Condition::equals("on_hand", *on_hand))
                .set("imported", mark);
            set.push(moved, NotCounted::Changed);
            let line = Row::new(keys::ledger(&entry.sku, *at, *id), entry.clone());
            set.push(Change::create(&self.table, &line), NotCounted::Already(entry.sku.clone()));
        }
        set.commit().await
    }
}

#[cfg(test)]
mod tests {
    use kernel::Ulid;
    use telemetry::Trace;

    use super::*;
    use crate::domain::import::{CellFault, File};
    use crate::domain::sheet::{Column, Header};
    use crate::domain::sheet_rows;
    use crate::fixtures;

    fn reads_back<T: Entity + PartialEq + std::fmt::Debug>(row: Row<T>) {
        let item: dynamo::Item = serde_dynamo::to_item(&row).unwrap();
        assert_eq!(serde_dynamo::from_item::<_, Row<T>>(item).unwrap(), row);
    }

    #[test]
    fn imports_and_refused_rows_are_read_as_they_were_written() {
        let id = ImportId::new(Ulid(1));
        let import = Import::new(id, fixtures::STAFF.parse().unwrap(), Trace::start("c"), fixtures::now());
        let file = File {
            etag: "\"e\"".to_owned(),
            size: 7,
            rows: 2,
            columns: File::names(&Header::whole()),
            repeated: [3, 9].into(),
            rest: sheet_rows::Place::START,
        };
        reads_back(Row::new(keys::import(id), import.clone()).expiring(1));
        let failed = import.begun(file).failed(kernel::Invalid::new("file_gone", "Gone."), fixtures::now());
        reads_back(Row::new(keys::import(id), failed));
        let faults = vec![CellFault::at(Column::Price, "required", "x"), CellFault::whole("repeated", "y")];
        reads_back(Row::new(keys::import_fault(id, 7), RefusedRow::new(7, "TEA-1", faults)));
    }

    #[test]
    fn refused_rows_are_in_the_order_of_their_lines() {
        let id = ImportId::new(Ulid(1));
        let mut lines = [100_000, 9, 10].map(|line| keys::import_fault(id, line).sk);
        lines.sort();
        assert!(lines.iter().all(|line| line.starts_with(keys::IMPORT_FAULT)));
        assert_eq!(lines, ["FAULT#000009", "FAULT#000010", "FAULT#100000"]);
    }
}
