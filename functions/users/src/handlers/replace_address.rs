//! `PUT /me/addresses/{id}`: another address in the place of one. Orders keep the address they were placed with.

use api::{Authenticator, Code, Problem, Request, Response};
use dynamo::StoreError;
use kernel::AddressId;

use crate::domain::{Profile, SavedAddress};
use crate::handlers::addresses::{BookSaved, EntryInput, EntryView};
use crate::handlers::changes::{TRIES, known};
use crate::handlers::profiles::LoadProfile;

/// Replaces an address of `before`'s book, together with the profile that says what it serves for.
pub trait ReplaceAddress {
    async fn replace_address(
        &self,
        entry: &SavedAddress,
        before: &Profile,
        after: &Profile,
    ) -> Result<BookSaved, StoreError>;
}

pub struct Deps<S> {
    pub auth: Authenticator,
    pub users: S,
}

pub async fn handle<S: LoadProfile + ReplaceAddress>(deps: &Deps<S>, request: Request) -> Result<Response, Problem> {
    let user = deps.auth.user(&request).await?;
    let id: AddressId = request.path_parameter("id")?;
    let (address, serving) = request.json::<EntryInput>()?.check()?;
    let entry = SavedAddress { id, address };
    for _ in 0..TRIES {
        let before = known(&deps.users, &user.id).await?;
        let after = before.serving_with(id, serving);
        match deps.users.replace_address(&entry, &before, &after).await? {
            BookSaved::Done => return Ok(Response::ok(&EntryView::of(entry, &after))),
            BookSaved::Gone => return Err(Problem::new(Code::NotFound)),
            BookSaved::Raced => {}
        }
    }
    Err(Problem::new(Code::TryAgain))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::samples::{ADA, ada, saved};
    use crate::handlers::changes::Saved;
    use crate::handlers::fakes::OneUser;

    /// A book with the address 1 in it.
    impl ReplaceAddress for OneUser {
        async fn replace_address(
            &self,
            entry: &SavedAddress,
            before: &Profile,
            after: &Profile,
        ) -> Result<BookSaved, StoreError> {
            if entry.id != saved(1).id {
                return Ok(BookSaved::Gone);
            }
            Ok(if self.save(before, after) == Saved::Done { BookSaved::Done } else { BookSaved::Raced })
        }
    }

    async fn replace(owner: OneUser, id: impl ToString, serving: bool) -> (Result<Response, Problem>, OneUser) {
        let address =
            json!({ "name": "Ada", "line1": "Street 2", "city": "Wien", "postal_code": "1010", "country": "AT" });
        let request = testkit::request::put("/me/addresses/x").path_parameter("id", id).authorized(ADA, "");
        let request = request.json(json!({ "address": address, "default_billing": serving }));
        let deps = Deps { auth: testkit::auth::authenticator(), users: owner };
        (handle(&deps, request.build()).await, deps.users)
    }

    fn owner() -> Profile {
        Profile { address_count: 1, default_shipping: Some(saved(1).id), ..ada() }
    }

    #[tokio::test]
    async fn an_address_gets_other_lines_and_another_use() {
        let (answer, users) = replace(OneUser::new(owner()), saved(1).id, true).await;
        let shown = testkit::json(&answer.unwrap());
        assert_eq!((&shown["address"]["city"], &shown["id"]), (&json!("Wien"), &json!(saved(1).id)));
        assert_eq!((&shown["default_shipping"], &shown["default_billing"]), (&json!(true), &json!(true)));
        assert_eq!((users.profile().default_billing, users.profile().address_count), (Some(saved(1).id), 1));
    }

    #[tokio::test]
    async fn what_is_not_in_the_book_is_not_found_and_serves_for_nothing() {
        for id in [saved(2).id.to_string(), "nonsense".to_owned()] {
            let (answer, users) = replace(OneUser::new(owner()), id, true).await;
            assert_eq!((answer.unwrap_err().code(), users.profile().default_billing), (Code::NotFound, None));
        }
    }

    #[tokio::test]
    async fn a_change_beside_another_one_loses_neither() {
        let meanwhile = Profile { default_shipping: None, version: 2, ..owner() };
        let (answer, users) = replace(OneUser::new(owner()).becoming(meanwhile), saved(1).id, true).await;
        answer.unwrap();
        assert_eq!((users.profile().default_shipping, users.profile().default_billing), (None, Some(saved(1).id)));
    }
}
