//! `GET /admin/imports/{id}`: how far an import is, and the rows that were refused.

use api::{Code, Group, Limit, PageRequest, Problem, Request, Response, Staff};
use kernel::ImportId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::import::RefusedRow;
use crate::handlers::imports::{ImportView, LoadImport, LoadRefusedRows};
use crate::store::keys;

pub struct Deps<S> {
    pub catalog: S,
    pub staff: Staff,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    #[serde(default)]
    limit: Limit,
    cursor: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct ImportReport {
    #[serde(flatten)]
    import: ImportView,
    /// Rows that were refused, in the order of their lines.
    data: Vec<RefusedRow>,
    /// Give it back as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
}

pub async fn handle(deps: &Deps<impl LoadImport + LoadRefusedRows>, request: Request) -> Result<Response, Problem> {
    deps.staff.admit(&request, &[Group::Admin]).await?;
    let id: ImportId = request.path_parameter("id")?;
    let Query { limit, cursor } = request.query()?;
    let page = PageRequest::read(&request, cursor.as_deref())?;
    let after = page.position(("pk", &keys::import(id).pk))?;
    let import = deps.catalog.load_import(id).await?.ok_or_else(|| Problem::new(Code::NotFound))?;
    let refused = deps.catalog.load_refused_rows(id, limit.get(), after).await?;
    let data: Vec<RefusedRow> = refused.rows.into_iter().map(|row| row.body).collect();
    let import = ImportView::of(import.body);
    Ok(page.respond_with(refused.next, &request, |next_cursor| ImportReport { import, data, next_cursor }))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use dynamo::{Key, Page, Row, StoreError};
    use kernel::Ulid;
    use serde_json::{Value, json};
    use telemetry::Trace;
    use testkit::request;

    use super::*;
    use crate::domain::import::{CellFault, Counts, File, Import};
    use crate::domain::sheet::Column;
    use crate::fixtures;
    use crate::handlers::list_products::Place;

    struct Fake(Import);

    fn id() -> ImportId {
        ImportId::new(Ulid(1))
    }

    /// Of fourteen rows, four are done.
    fn running() -> Import {
        let actor = fixtures::STAFF.parse().unwrap();
        let rest = crate::domain::sheet_rows::Place { byte: 200, line: 6 };
        let file =
            File { etag: "e".to_owned(), size: 700, rows: 14, columns: Vec::new(), repeated: BTreeSet::new(), rest };
        let counts = Counts { created: 3, refused: 1, ..Counts::default() };
        Import { counts, ..Import::new(id(), actor, Trace::start("c"), fixtures::now()).begun(file) }
    }

    impl LoadImport for Fake {
        async fn load_import(&self, asked: ImportId) -> Result<Option<Row<Import>>, StoreError> {
            Ok((asked == id()).then(|| Row::new(keys::import(id()), self.0.clone())))
        }
    }

    impl LoadRefusedRows for Fake {
        async fn load_refused_rows(
            &self,
            _: ImportId,
            _: u16,
            after: Option<Place>,
        ) -> Result<Page<RefusedRow>, StoreError> {
            let fault = CellFault::at(Column::Price, "invalid_price", "A price in EUR is written as 19.99.");
            let row = RefusedRow::new(7, "TEA-1", vec![fault]);
            let Key { pk, sk } = keys::import_fault(id(), 7);
            let next = [("pk".to_owned(), pk.clone()), ("sk".to_owned(), sk.clone())].into();
            Ok(Page { rows: vec![Row::new(Key { pk, sk }, row)], next: after.is_none().then_some(next) })
        }
    }

    async fn get(import: Import, id: &str, groups: &str, cursor: Option<&str>) -> Result<Value, Code> {
        let deps = Deps { catalog: Fake(import), staff: testkit::auth::staff() };
        let request = request::get(&format!("/admin/imports/{id}")).path_parameter("id", id);
        let request = cursor.into_iter().fold(request, |request, cursor| request.query("cursor", cursor));
        let answer = handle(&deps, request.authorized(fixtures::STAFF, groups).build()).await;
        answer.map(|answer| testkit::json(&answer)).map_err(|problem| problem.code())
    }

    #[tokio::test]
    async fn whoever_looks_while_an_import_runs_reads_how_far_it_is() {
        let report = get(running(), &id().to_string(), "[admin]", None).await.unwrap();
        assert_eq!((&report["status"], &report["rows"]), (&json!("running"), &json!(14)));
        assert_eq!((&report["created"], &report["refused"], report.get("finished_at")), (&json!(3), &json!(1), None));
    }

    #[tokio::test]
    async fn a_report_tells_the_counts_and_what_is_wrong_with_each_refused_row() {
        let done = || running().done(fixtures::now());
        let report = get(done(), &id().to_string(), "[admin]", None).await.unwrap();
        assert_eq!((&report["status"], &report["created"], &report["refused"]), (&json!("done"), &json!(3), &json!(1)));
        let detail = "A price in EUR is written as 19.99.";
        let faults = json!([{ "column": "price", "code": "invalid_price", "detail": detail }]);
        assert_eq!(report["data"], json!([{ "line": 7, "sku": "TEA-1", "faults": faults }]));
        let rest = get(done(), &id().to_string(), "[admin]", report["next_cursor"].as_str()).await.unwrap();
        assert_eq!(rest["next_cursor"], Value::Null);
    }

    #[tokio::test]
    async fn admins_read_the_imports_that_there_are() {
        assert_eq!(get(running(), &id().to_string(), "[support]", None).await, Err(Code::Forbidden));
        let other = ImportId::new(Ulid(2)).to_string();
        assert_eq!(get(running(), &other, "[admin]", None).await, Err(Code::NotFound));
        assert_eq!(get(running(), "7", "[admin]", None).await, Err(Code::NotFound));
    }
}
