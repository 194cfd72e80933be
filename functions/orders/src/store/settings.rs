use api::AuditEntry;
use dynamo::{BatchGet, Change, Condition, Entity, Key, Row, StoreError, Table, WriteError, WriteSet, batch_get};
use kernel::{Currency, Ulid};
use pricing::{ShippingZones, TaxTable};

use crate::domain::Settings;
use crate::handlers::get_shop::LoadSettings;
use crate::handlers::put_shipping_zones::PutShippingZones;
use crate::handlers::put_tax_rates::PutTaxRates;
use crate::handlers::transition::Saved;
use crate::store::rows::{ShippingZonesRow, TaxRatesRow};
use crate::store::{Orders, keys};

impl Orders {
    /// Where the settings are, for reading them together with offers.
    pub(crate) fn settings_keys(&self) -> [(&Table, Key); 2] {
        [(&self.table, keys::tax_rates()), (&self.table, keys::shipping_zones())]
    }

    /// The settings among what was read; empty ones where staff have not set any yet.
    pub(crate) fn take_settings(&self, batch: &mut BatchGet, currency: Currency) -> Result<Settings, StoreError> {
        let taxes = batch.take::<TaxRatesRow>(&self.table, &keys::tax_rates())?;
        let zones = batch.take::<ShippingZonesRow>(&self.table, &keys::shipping_zones())?;
        Ok(Settings {
            currency,
            taxes: taxes.map(|row| row.body.table).unwrap_or_default(),
            zones: zones.map(|row| row.body.table).unwrap_or_default(),
        })
    }

    /// Replaces a row of the settings, with the entry that says who did it.
    async fn replace<T: Entity>(
        &self,
        key: Key,
        body: T,
        audit: &AuditEntry,
        audit_id: Ulid,
    ) -> Result<Saved, StoreError> {
        let (version, unchanged) = match self.table.get::<T>(key.clone()).await? {
            Some(known) => (known.version + 1, Condition::equals("version", known.version)),
            None => (1, Condition::Absent),
        };
        let row = Row { version, ..Row::new(key, body) };
        let set = WriteSet::new()
            .with(Change::put(&self.table, &row, unchanged), ())
            .with(audit.record(&self.table, audit_id), ());
        match set.commit().await {
            Ok(()) => Ok(Saved::Done),
            Err(WriteError::Refused(_)) => Ok(Saved::Raced),
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}

impl LoadSettings for Orders {
    async fn load_settings(&self, currency: Currency) -> Result<Settings, StoreError> {
        let mut batch = batch_get(self.settings_keys()).await?;
        self.take_settings(&mut batch, currency)
    }
}

impl PutTaxRates for Orders {
    async fn put_tax_rates(&self, table: &TaxTable, audit: &AuditEntry, audit_id: Ulid) -> Result<Saved, StoreError> {
        self.replace(keys::tax_rates(), TaxRatesRow { table: table.clone() }, audit, audit_id).await
    }
}

impl PutShippingZones for Orders {
    async fn put_shipping_zones(
        &self,
        table: &ShippingZones,
        audit: &AuditEntry,
        audit_id: Ulid,
    ) -> Result<Saved, StoreError> {
        self.replace(keys::shipping_zones(), ShippingZonesRow { table: table.clone() }, audit, audit_id).await
    }
}
