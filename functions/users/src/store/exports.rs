//! The copies of their data that people asked for.

use dynamo::{Change, Condition, Entity, Personal, Query, Row, StoreError, Table, WriteError, WriteSet, batch_get};
use events::{Envelope, UserExportReady, UserExportRequested};
use kernel::{ExportId, UserId};
use serde_json::{Value, json};

use crate::domain::{Export, ExportStatus, Profile, SavedAddress};
use crate::handlers::exports::LoadExport;
use crate::handlers::on_user_export_part_ready::{CollectAccount, FinishExport, NotePart};
use crate::handlers::profiles::LoadProfile as _;
use crate::handlers::request_export::{BeginExport, LoadExporter};
use crate::store::{Users, keys};

impl Entity for Export {
    const TYPE: &'static str = "export";
    const PERSONAL: Personal = Personal::Erase;
}

impl LoadExport for Users {
    async fn load_export(&self, user: &UserId) -> Result<Option<Export>, StoreError> {
        Ok(self.table.get::<Export>(keys::export(user)).await?.map(|row| row.body))
    }
}

impl LoadExporter for Users {
    async fn load_exporter(&self, user: &UserId) -> Result<(Option<Profile>, Option<Export>), StoreError> {
        let table = &self.table;
        let mut batch = batch_get([self.profile_key(user), (table, keys::export(user))]).await?;
        let profile = self.take_profile(&mut batch, user)?;
        Ok((profile, batch.take::<Export>(table, &keys::export(user))?.map(|row| row.body)))
    }
}

impl BeginExport for Users {
    async fn begin_export(
        &self,
        latest: Option<&Export>,
        export: &Export,
        event: &Envelope<UserExportRequested>,
    ) -> Result<(), WriteError<()>> {
        let user = &event.data.user_id;
        let still = match latest {
            None => Condition::Absent,
            Some(latest) => is(latest.id).and(Condition::equals("status", latest.status)),
        };
        WriteSet::new()
            .with(Change::put(&self.table, &Row::new(keys::export(user), export.clone()), still), ())
            // Whoever has left meanwhile leaves no new row.
            .with(Change::check(&self.table, keys::profile(user), Condition::has("email")), ())
            .with(Change::announce(&self.table, event), ())
            .commit()
            .await
    }
}

impl NotePart for Users {
    async fn note_part(&self, user: &UserId, export: ExportId, service: &str) -> Result<Option<Export>, StoreError> {
        let part = ["parts", service];
        let change =
            Change::update(&self.table, keys::export(user)).when(is(export)).when(Condition::has(part)).set(part, true);
        match change.apply::<Export>().await {
            Ok(row) => Ok(Some(row.body)),
            Err(WriteError::Refused(_)) => Ok(None),
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}

impl FinishExport for Users {
    async fn finish_export(
        &self,
        user: &UserId,
        export: &Export,
        event: &Envelope<UserExportReady>,
    ) -> Result<(), StoreError> {
        let change = Change::update(&self.table, keys::export(user))
            .when(is(export.id))
            .when(Condition::equals("status", ExportStatus::Pending))
            .set("status", export.status)
            .set("expires_at", event.data.expires_at);
        match WriteSet::new().with(change, ()).with(Change::announce(&self.table, event), ()).commit().await {
            // Refused: somebody else has joined the parts, or the account is gone.
            Ok(()) | Err(WriteError::Refused(_)) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}

impl CollectAccount for Users {
    async fn collect_account(&self, user: &UserId) -> Result<Value, StoreError> {
        let profile = self.load_profile(user).await?;
        let mut addresses = Vec::new();
        for item in self.table.all_items(Query::partition(keys::profile(user).pk).consistent()).await? {
            if Table::type_of(&item) == SavedAddress::TYPE {
                addresses.push(Table::decode::<SavedAddress>(item)?.body);
            }
        }
        Ok(json!({ "profile": profile, "addresses": addresses }))
    }
}

fn is(export: ExportId) -> Condition {
    Condition::equals("id", export)
}
