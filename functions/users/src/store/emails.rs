use dynamo::{Change, Condition, Row, StoreError, WriteError, WriteSet, batch_get};
use kernel::{Email, Timestamp, UserId};

use crate::domain::{EmailClaim, HOLD_SECONDS, Profile};
use crate::handlers::change_email::HoldEmail;
use crate::handlers::confirm::LoadClaim;
use crate::handlers::confirm_email::LoadEmailChange;
use crate::store::{Users, keys};

impl HoldEmail for Users {
    async fn hold_email(&self, email: &Email, user: &UserId, now: Timestamp) -> Result<bool, StoreError> {
        let claim = EmailClaim::held(user.clone(), now);
        let row = Row::new(keys::email(email), claim).about(user);
        let row = row.expiring(now.plus_seconds(HOLD_SECONDS).epoch_seconds());
        let has_lapsed = Condition::equals("is_confirmed", false)
            .and(Condition::less_than("claimed_at", now.plus_seconds(-HOLD_SECONDS)));
        let is_free = Condition::Any(vec![Condition::Absent, Condition::equals("user_id", user), has_lapsed]);
        match WriteSet::new().with(Change::put(&self.table, &row, is_free), ()).commit().await {
            Ok(()) => Ok(true),
            Err(WriteError::Refused(_)) => Ok(false),
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}

impl LoadClaim for Users {
    async fn load_claim(&self, email: &Email) -> Result<Option<EmailClaim>, StoreError> {
        Ok(self.table.get::<EmailClaim>(keys::email(email)).await?.map(|row| row.body))
    }
}

impl LoadEmailChange for Users {
    async fn load_email_change(
        &self,
        user: &UserId,
        email: &Email,
    ) -> Result<(Option<Profile>, Option<EmailClaim>), StoreError> {
        let (table, claim) = (&self.table, keys::email(email));
        let mut batch = batch_get([self.profile_key(user), (table, claim.clone())]).await?;
        let profile = self.take_profile(&mut batch, user)?;
        Ok((profile, batch.take::<EmailClaim>(table, &claim)?.map(|row| row.body)))
    }
}
