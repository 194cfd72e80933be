//! `UserDeleted.v1` in the house itself: the account at Cognito, whatever rows are left, and the files of exports.

use dynamo::StoreError;
use kernel::UserId;
use privacy::{BucketError, ExportBucket, Forget, Leaver};

use crate::cognito::Refused;

pub trait DeleteAccount {
    /// Takes the account away from Cognito, with its sessions. Gone already is as good.
    async fn delete_account(&self, user: &UserId) -> Result<(), Refused>;
}

pub trait EraseBelongings {
    /// Removes every row about somebody except their tombstone.
    async fn erase_belongings(&self, user: &UserId) -> Result<(), StoreError>;
}

pub trait EraseFiles {
    async fn erase_files(&self, user: &UserId) -> Result<(), BucketError>;
}

impl EraseFiles for ExportBucket {
    async fn erase_files(&self, user: &UserId) -> Result<(), BucketError> {
        self.erase(user).await
    }
}

/// Everywhere this service keeps something of people.
pub struct Belongings<C, S, B> {
    pub pool: C,
    pub users: S,
    pub bucket: B,
}

#[derive(Debug, thiserror::Error)]
pub enum NotErased {
    #[error(transparent)]
    Cognito(#[from] Refused),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Bucket(#[from] BucketError),
}

impl<C: DeleteAccount, S: EraseBelongings, B: EraseFiles> Forget for Belongings<C, S, B> {
    type Error = NotErased;

    /// The account first: nobody signs in any more while the rest goes.
    async fn forget(&self, leaver: &Leaver) -> Result<(), NotErased> {
        self.pool.delete_account(&leaver.user_id).await?;
        self.users.erase_belongings(&leaver.user_id).await?;
        self.bucket.erase_files(&leaver.user_id).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use telemetry::Trace;

    use super::*;
    use crate::domain::samples::ada;

    /// Everything at once, which writes down what went.
    #[derive(Default)]
    struct Shop(RefCell<Vec<&'static str>>);

    impl DeleteAccount for &Shop {
        async fn delete_account(&self, _: &UserId) -> Result<(), Refused> {
            self.0.borrow_mut().push("account");
            Ok(())
        }
    }

    impl EraseBelongings for &Shop {
        async fn erase_belongings(&self, _: &UserId) -> Result<(), StoreError> {
            self.0.borrow_mut().push("rows");
            Ok(())
        }
    }

    impl EraseFiles for &Shop {
        async fn erase_files(&self, _: &UserId) -> Result<(), BucketError> {
            self.0.borrow_mut().push("files");
            Ok(())
        }
    }

    #[tokio::test]
    async fn account_rows_and_files_go_in_this_order() {
        let shop = Shop::default();
        let belongings = Belongings { pool: &shop, users: &shop, bucket: &shop };
        let leaver = Leaver { user_id: ada().id, email: None, deleted_at: testkit::now(), trace: Trace::start("c") };
        belongings.forget(&leaver).await.unwrap();
        assert_eq!(*shop.0.borrow(), ["account", "rows", "files"]);
    }
}
