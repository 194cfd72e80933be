//! `UserExportPartReady.v1`: once the last part is there, all of them become one file.
//!
//! A part is noted as often as it is told. Whoever finds them all there joins them; two at the same moment write the same file, and one
//! of them tells its owner.

use dynamo::StoreError;
use events::{Envelope, UserExportPartReady, UserExportReady};
use kernel::{ExportId, Timestamp, Ulid, UserId};
use privacy::{BucketError, ExportBucket};
use serde_json::{Map, Value, json};
use telemetry::Trace;
use tracing::info;

use crate::domain::{Export, PARTS, Profile};
use crate::handlers::changes::Announcing;
use crate::handlers::profiles::LoadProfile;

pub trait NotePart {
    /// Notes that the part of `service` is there, and gives the export as it is then; none if it is not the latest, or gone.
    async fn note_part(&self, user: &UserId, export: ExportId, service: &str) -> Result<Option<Export>, StoreError>;
}

pub trait CollectAccount {
    /// What this service itself keeps about somebody.
    async fn collect_account(&self, user: &UserId) -> Result<Value, StoreError>;
}

pub trait FinishExport {
    /// Writes that the file is there and tells its owner, unless that has happened.
    async fn finish_export(
        &self,
        user: &UserId,
        export: &Export,
        event: &Envelope<UserExportReady>,
    ) -> Result<(), StoreError>;
}

pub trait JoinParts {
    async fn read_part(&self, user: &UserId, export: ExportId, service: &str) -> Result<Vec<u8>, BucketError>;
    async fn put_file(&self, user: &UserId, export: ExportId, json: Vec<u8>) -> Result<(), BucketError>;
}

impl JoinParts for ExportBucket {
    async fn read_part(&self, user: &UserId, export: ExportId, service: &str) -> Result<Vec<u8>, BucketError> {
        self.read_part(user, export, service).await
    }

    async fn put_file(&self, user: &UserId, export: ExportId, json: Vec<u8>) -> Result<(), BucketError> {
        self.put_file(user, export, json).await
    }
}

/// Why the message stays in its queue.
#[derive(Debug, thiserror::Error)]
pub enum NotJoined {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Bucket(#[from] BucketError),
    #[error("a part is no JSON")]
    Unreadable(#[from] serde_json::Error),
}

pub struct Deps<S, B> {
    pub users: S,
    pub bucket: B,
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

/// # Errors
/// [`NotJoined`]: the queue delivers the event again.
pub async fn handle<S>(deps: &Deps<S, impl JoinParts>, event: Envelope<UserExportPartReady>) -> Result<(), NotJoined>
where
    S: NotePart + LoadProfile + CollectAccount + FinishExport,
{
    let UserExportPartReady { export_id, user_id, service } = event.data;
    let noted = deps.users.note_part(&user_id, export_id, &service).await?;
    let Some(export) = noted.filter(Export::can_be_joined) else { return Ok(()) };
    // Whoever has left meanwhile gets no copy.
    let Some(profile) = deps.users.load_profile(&user_id).await? else { return Ok(()) };
    let now = (deps.now)();
    let file = join(deps, &user_id, &export, now).await?;
    deps.bucket.put_file(&user_id, export_id, serde_json::to_vec_pretty(&file)?).await?;
    tell(deps, &profile, export.joined(now), event.trace).await?;
    info!(%user_id, %export_id, "export {export_id} is ready");
    Ok(())
}

async fn join(
    deps: &Deps<impl CollectAccount, impl JoinParts>,
    user: &UserId,
    export: &Export,
    now: Timestamp,
) -> Result<Value, NotJoined> {
    let mut file = Map::new();
    file.insert("export".to_owned(), json!({ "id": export.id, "made_at": now }));
    file.insert("users".to_owned(), deps.users.collect_account(user).await?);
    for service in PARTS {
        let part = deps.bucket.read_part(user, export.id, service).await?;
        file.insert(service.to_owned(), serde_json::from_slice(&part)?);
    }
    Ok(file.into())
}

async fn tell<B>(
    deps: &Deps<impl FinishExport, B>,
    profile: &Profile,
    export: Export,
    trace: Trace,
) -> Result<(), StoreError> {
    let announcing = Announcing { trace, at: (deps.now)(), new_id: deps.new_id };
    let expires_at = export.expires_at.unwrap_or(announcing.at);
    let event = announcing.about(profile, export.ready_for(profile, expires_at));
    deps.users.finish_export(&profile.id, &export, &event).await
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use kernel::EventId;

    use super::*;
    use crate::domain::ExportStatus;
    use crate::domain::samples::ada;
    use crate::handlers::fakes::new_id;

    /// A table with one open export.
    struct Users {
        export: Mutex<Export>,
        told: Mutex<Vec<UserExportReady>>,
    }

    impl NotePart for Users {
        async fn note_part(&self, _: &UserId, id: ExportId, service: &str) -> Result<Option<Export>, StoreError> {
            let mut export = self.export.lock().unwrap();
            export.parts.insert(service.to_owned(), true);
            Ok(Some(export.clone()).filter(|export| export.id == id))
        }
    }

    impl LoadProfile for Users {
        async fn load_profile(&self, _: &UserId) -> Result<Option<Profile>, StoreError> {
            Ok(Some(ada()))
        }
    }

    impl CollectAccount for Users {
        async fn collect_account(&self, _: &UserId) -> Result<Value, StoreError> {
            Ok(json!({ "profile": { "name": "Ada" } }))
        }
    }

    impl FinishExport for Users {
        async fn finish_export(
            &self,
            _: &UserId,
            export: &Export,
            event: &Envelope<UserExportReady>,
        ) -> Result<(), StoreError> {
            *self.export.lock().unwrap() = export.clone();
            self.told.lock().unwrap().push(event.data.clone());
            Ok(())
        }
    }

    /// A bucket in which every part says whose it is.
    #[derive(Default)]
    struct Bucket(Mutex<Vec<Value>>);

    impl JoinParts for Bucket {
        async fn read_part(&self, _: &UserId, _: ExportId, service: &str) -> Result<Vec<u8>, BucketError> {
            Ok(json!({ "of": service }).to_string().into_bytes())
        }

        async fn put_file(&self, _: &UserId, _: ExportId, json: Vec<u8>) -> Result<(), BucketError> {
            self.0.lock().unwrap().push(serde_json::from_slice(&json).unwrap());
            Ok(())
        }
    }

    fn deps() -> Deps<Users, Bucket> {
        let export = Export::new(ExportId::new(Ulid(1)), testkit::now());
        let users = Users { export: Mutex::new(export), told: Mutex::default() };
        Deps { users, bucket: Bucket::default(), now: testkit::now, new_id }
    }

    async fn part(deps: &Deps<Users, Bucket>, export: u128, service: &str) {
        let data = UserExportPartReady {
            export_id: ExportId::new(Ulid(export)),
            user_id: ada().id,
            service: service.to_owned(),
        };
        let event = Envelope::new(EventId::new(new_id()), testkit::now(), Trace::start("c"), 1, data);
        handle(deps, event).await.unwrap();
    }

    #[tokio::test]
    async fn the_last_part_makes_one_file_of_all_and_tells_its_owner() {
        let deps = deps();
        for service in PARTS {
            assert!(deps.bucket.0.lock().unwrap().is_empty(), "{service} is not there yet");
            part(&deps, 1, service).await;
        }
        let files = deps.bucket.0.lock().unwrap();
        assert_eq!((files.len(), &files[0]["users"]["profile"]["name"]), (1, &json!("Ada")));
        assert!(PARTS.iter().all(|service| files[0][service]["of"] == **service), "{}", files[0]);
        let told = deps.users.told.lock().unwrap();
        assert_eq!((told.len(), &told[0].email), (1, &ada().email));
        assert_eq!(deps.users.export.lock().unwrap().status, ExportStatus::Ready);
    }

    #[tokio::test]
    async fn a_part_that_is_told_again_changes_nothing() {
        let deps = deps();
        for service in PARTS.into_iter().chain(PARTS) {
            part(&deps, 1, service).await;
        }
        assert_eq!((deps.bucket.0.lock().unwrap().len(), deps.users.told.lock().unwrap().len()), (1, 1));
    }

    #[tokio::test]
    async fn a_part_of_an_earlier_export_is_of_no_use() {
        let deps = deps();
        for service in PARTS {
            part(&deps, 2, service).await;
        }
        assert!(deps.bucket.0.lock().unwrap().is_empty());
    }
}
