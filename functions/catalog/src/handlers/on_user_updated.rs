//! `UserUpdated.v1`: with a new address, what was asked at the old one without signing in is forgotten: when the account is deleted, nobody
//! knows that address any more. What was asked with the account stays, and is told at the new one.

use dynamo::StoreError;
use events::{Envelope, UserUpdated};
use kernel::{Email, Timestamp};

pub trait ForgetGuest {
    /// Erases what was asked for by this address, without signing in, until then. Since then it may be somebody else's.
    async fn forget_guest(&self, address: &Email, until: Timestamp) -> Result<(), StoreError>;
}

pub struct Deps<S> {
    pub catalog: S,
}

/// # Errors
/// [`StoreError`]: the queue delivers the event again.
pub async fn handle(deps: &Deps<impl ForgetGuest>, event: Envelope<UserUpdated>) -> Result<(), StoreError> {
    match &event.data.old_email {
        Some(address) => deps.catalog.forget_guest(address, event.time).await,
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use kernel::{EventId, Locale, Ulid};
    use telemetry::Trace;

    use super::*;
    use crate::fixtures;

    #[derive(Default)]
    struct Fake(Mutex<Vec<(String, Timestamp)>>);

    impl ForgetGuest for Fake {
        async fn forget_guest(&self, address: &Email, until: Timestamp) -> Result<(), StoreError> {
            self.0.lock().unwrap().push((address.as_str().to_owned(), until));
            Ok(())
        }
    }

    async fn forgotten(old_email: Option<&str>) -> Vec<(String, Timestamp)> {
        let data = UserUpdated {
            user_id: fixtures::STAFF.parse().unwrap(),
            email: "new@example.com".parse().unwrap(),
            old_email: old_email.map(|email| email.parse().unwrap()),
            name: "Ada".into(),
            locale: Locale::En,
            since: None,
        };
        let event = Envelope::new(EventId::new(Ulid(1)), fixtures::now(), Trace::start("c"), 2, data);
        let deps = Deps { catalog: Fake::default() };
        handle(&deps, event).await.unwrap();
        deps.catalog.0.into_inner().unwrap()
    }

    #[tokio::test]
    async fn what_a_guest_waited_for_goes_with_the_address_that_an_account_leaves() {
        let expected = [("old@example.com".to_owned(), fixtures::now())];
        assert_eq!(forgotten(Some("old@example.com")).await, expected);
    }

    #[tokio::test]
    async fn another_name_is_of_no_interest() {
        assert!(forgotten(None).await.is_empty());
    }
}
