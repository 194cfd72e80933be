//! `GET /me/addresses`: the whole address book, in the order in which it was written.

use api::{Authenticator, Code, Problem, Request, Response};
use dynamo::StoreError;
use kernel::UserId;
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::{Profile, SavedAddress};
use crate::handlers::addresses::EntryView;

pub trait LoadBook {
    /// The owner and their addresses; none without a profile.
    async fn load_book(&self, user: &UserId) -> Result<Option<(Profile, Vec<SavedAddress>)>, StoreError>;
}

pub struct Deps<S> {
    pub auth: Authenticator,
    pub users: S,
}

/// All addresses: there are at most twenty.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AddressBook {
    data: Vec<EntryView>,
}

pub async fn handle(deps: &Deps<impl LoadBook>, request: Request) -> Result<Response, Problem> {
    let user = deps.auth.user(&request).await?;
    let book = deps.users.load_book(&user.id).await?;
    let (owner, addresses) = book.ok_or_else(|| Problem::new(Code::NotFound))?;
    let data = addresses.into_iter().map(|entry| EntryView::of(entry, &owner)).collect();
    Ok(Response::ok(&AddressBook { data }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::samples::{ADA, ada, saved};

    struct Book;

    impl LoadBook for Book {
        async fn load_book(&self, user: &UserId) -> Result<Option<(Profile, Vec<SavedAddress>)>, StoreError> {
            let owner = Profile { default_billing: Some(saved(2).id), address_count: 2, ..ada() };
            Ok((*user == owner.id).then(|| (owner, vec![saved(1), saved(2)])))
        }
    }

    async fn list(user: &str) -> Result<Response, Problem> {
        let request = testkit::request::get("/me/addresses").authorized(user, "").build();
        handle(&Deps { auth: testkit::auth::authenticator(), users: Book }, request).await
    }

    #[tokio::test]
    async fn each_address_says_what_it_serves_for() {
        let book = testkit::json(&list(ADA).await.unwrap());
        let address =
            json!({ "name": "Ada", "line1": "Street 1", "city": "Berlin", "postal_code": "10115", "country": "DE" });
        assert_eq!(
            book["data"][1],
            json!({ "id": saved(2).id, "address": address, "default_shipping": false, "default_billing": true })
        );
        assert_eq!((&book["data"][0]["default_billing"], &book["data"][2]), (&json!(false), &json!(null)));
    }

    #[tokio::test]
    async fn somebody_without_a_profile_has_no_book() {
        let problem = list("00000000-5a5e-4c7f-9d0e-1f6a2b3c4d5e").await.unwrap_err();
        assert_eq!(problem.code(), Code::NotFound);
    }
}
