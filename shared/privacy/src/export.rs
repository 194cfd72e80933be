//! `UserExportRequested`: a service puts what it keeps about somebody where it is joined with the others' parts.

use dynamo::{Change, StoreError, Table, WriteError, WriteSet};
use events::{Envelope, UserExportPartReady, UserExportRequested};
use kernel::{EventId, ExportId, Timestamp, Ulid, UserId};
use serde_json::Value;
use tracing::info;

use crate::BucketError;

/// What a service keeps of people, seen by those it is about.
pub trait Collect {
    /// Everything that is there about whoever asked, in a form that people can read.
    async fn collect(&self, asked: &UserExportRequested) -> Result<Value, StoreError>;
}

pub trait PutPart {
    async fn put_part(&self, user: &UserId, export: ExportId, service: &str, json: Vec<u8>) -> Result<(), BucketError>;
}

pub trait TellPart {
    /// Announces the part once for the event that asked for it.
    async fn tell_part(&self, asked: EventId, part: &Envelope<UserExportPartReady>) -> Result<(), StoreError>;
}

/// The consumer's dependencies.
#[derive(Debug)]
pub struct Exporting<S, B, T> {
    /// Whose part it is: `orders`.
    pub service: &'static str,
    pub store: S,
    pub bucket: B,
    pub telling: T,
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

/// Why the message stays in its queue.
#[derive(Debug, thiserror::Error)]
pub enum NotExported {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Bucket(#[from] BucketError),
}

impl<S> Exporting<S, crate::ExportBucket, Telling> {
    /// With the bucket that `EXPORT_BUCKET` names, and the service's own `table` for what it tells.
    ///
    /// # Errors
    /// When a setting is missing.
    pub async fn from_env(service: &'static str, table: Table, store: S) -> Result<Self, aws::env::SettingError> {
        let bucket = crate::ExportBucket::from_env().await?;
        let telling = Telling { table };
        Ok(Self { service, store, bucket, telling, now: kernel::fresh::now, new_id: kernel::fresh::ulid })
    }
}

/// Puts the service's part into the bucket and tells of it. The part has one name, so a second delivery writes it over.
///
/// # Errors
/// [`NotExported`]: the queue delivers the event again.
pub async fn export_part(
    deps: &Exporting<impl Collect, impl PutPart, impl TellPart>,
    event: Envelope<UserExportRequested>,
) -> Result<(), NotExported> {
    let UserExportRequested { export_id, user_id, .. } = event.data.clone();
    let service = deps.service;
    let json = deps.store.collect(&event.data).await?.to_string().into_bytes();
    deps.bucket.put_part(&user_id, export_id, service, json).await?;
    let part = UserExportPartReady { export_id, user_id, service: service.to_owned() };
    let part = Envelope::new(EventId::new((deps.new_id)()), (deps.now)(), event.trace, 1, part);
    deps.telling.tell_part(event.id, &part).await?;
    info!(%export_id, service, "exported a part");
    Ok(())
}

/// Tells through the service's own outbox.
#[derive(Debug, Clone)]
pub struct Telling {
    table: Table,
}

impl TellPart for Telling {
    async fn tell_part(&self, asked: EventId, part: &Envelope<UserExportPartReady>) -> Result<(), StoreError> {
        let consumer = format!("{}-on-user-export-requested", part.data.service);
        let set = WriteSet::new()
            .with(queue::seen(&self.table, &consumer, asked, part.time), ())
            .with(Change::announce(&self.table, part), ());
        match set.commit().await {
            Ok(()) | Err(WriteError::Refused(_)) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use kernel::ulid_at;
    use serde_json::json;
    use telemetry::Trace;
    use testkit::now;

    use super::*;

    struct Store;

    impl Collect for Store {
        async fn collect(&self, asked: &UserExportRequested) -> Result<Value, StoreError> {
            Ok(json!({ "carts": [{ "owner": asked.user_id }] }))
        }
    }

    #[derive(Default)]
    struct Bucket(RefCell<Vec<(String, String)>>);

    impl PutPart for Bucket {
        async fn put_part(&self, _: &UserId, _: ExportId, service: &str, json: Vec<u8>) -> Result<(), BucketError> {
            self.0.borrow_mut().push((service.to_owned(), String::from_utf8(json).unwrap()));
            Ok(())
        }
    }

    #[derive(Default)]
    struct Told(RefCell<Vec<Envelope<UserExportPartReady>>>);

    impl TellPart for Told {
        async fn tell_part(&self, _: EventId, part: &Envelope<UserExportPartReady>) -> Result<(), StoreError> {
            self.0.borrow_mut().push(part.clone());
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_service_puts_its_part_into_the_bucket_and_tells_of_it() {
        let deps = Exporting {
            service: "cart",
            store: Store,
            bucket: Bucket::default(),
            telling: Told::default(),
            now,
            new_id: || ulid_at(now(), 2),
        };
        let asked = UserExportRequested {
            export_id: "exp_01JH8Z6V0W4T3N9Q2RSKX7M5CD".parse().unwrap(),
            user_id: "8f14e45f-ceea-4e7a-9c1b-0d3f5a6b7c8d".parse().unwrap(),
            email: "ada@example.com".parse().unwrap(),
        };
        let event = Envelope::new(EventId::new(ulid_at(now(), 1)), now(), Trace::start("c"), 1, asked.clone());
        export_part(&deps, event).await.unwrap();
        let expected = r#"{"carts":[{"owner":"8f14e45f-ceea-4e7a-9c1b-0d3f5a6b7c8d"}]}"#;
        assert_eq!(*deps.bucket.0.borrow(), [("cart".to_owned(), expected.to_owned())]);
        let told = deps.telling.0.borrow();
        assert_eq!((told[0].data.service.as_str(), told[0].data.export_id), ("cart", asked.export_id));
        assert_eq!(told[0].trace.correlation_id, "c");
    }
}
