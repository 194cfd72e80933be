//! `POST /me/addresses`: an address more in the book.

use api::{Authenticator, Code, Problem, Request, Response};
use dynamo::StoreError;
use kernel::Ulid;

use crate::domain::{MAX_ADDRESSES, Profile, SavedAddress};
use crate::handlers::addresses::{BookSaved, EntryInput, EntryView};
use crate::handlers::changes::{TRIES, known};
use crate::handlers::profiles::LoadProfile;

/// Writes an address together with the profile that counts it.
pub trait AddAddress {
    async fn add_address(
        &self,
        entry: &SavedAddress,
        before: &Profile,
        after: &Profile,
    ) -> Result<BookSaved, StoreError>;
}

pub struct Deps<S> {
    pub auth: Authenticator,
    pub users: S,
    pub new_id: fn() -> Ulid,
}

pub async fn handle<S: LoadProfile + AddAddress>(deps: &Deps<S>, request: Request) -> Result<Response, Problem> {
    let user = deps.auth.user(&request).await?;
    let (address, serving) = request.json::<EntryInput>()?.check()?;
    let entry = SavedAddress { id: (deps.new_id)().into(), address };
    for _ in 0..TRIES {
        let before = known(&deps.users, &user.id).await?;
        let after = before.with_address(entry.id, serving).map_err(|_| {
            let detail = format!("The address book has {MAX_ADDRESSES} addresses, and no room for more.");
            Problem::detailed(Code::AddressBookFull, detail)
        })?;
        if deps.users.add_address(&entry, &before, &after).await? == BookSaved::Done {
            let location = format!("/me/addresses/{}", entry.id);
            return Ok(Response::created(&location, &EntryView::of(entry, &after)));
        }
    }
    Err(Problem::new(Code::TryAgain))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use kernel::UserId;
    use serde_json::{Value, json};

    use super::*;
    use crate::domain::samples::{ADA, ada, saved};
    use crate::handlers::changes::Saved;
    use crate::handlers::fakes::{OneUser, new_id};

    struct Book {
        owner: OneUser,
        added: Mutex<Vec<SavedAddress>>,
    }

    impl LoadProfile for Book {
        async fn load_profile(&self, id: &UserId) -> Result<Option<Profile>, StoreError> {
            self.owner.load_profile(id).await
        }
    }

    impl AddAddress for Book {
        async fn add_address(
            &self,
            entry: &SavedAddress,
            before: &Profile,
            after: &Profile,
        ) -> Result<BookSaved, StoreError> {
            if self.owner.save(before, after) == Saved::Raced {
                return Ok(BookSaved::Raced);
            }
            self.added.lock().unwrap().push(entry.clone());
            Ok(BookSaved::Done)
        }
    }

    fn entry() -> Value {
        json!({ "address": { "name": "Ada", "line1": "Street 1", "city": "Berlin", "postal_code": "10115", "country": "DE" } })
    }

    async fn add(owner: OneUser, body: Value) -> (Result<Response, Problem>, Book) {
        let users = Book { owner, added: Mutex::default() };
        let deps = Deps { auth: testkit::auth::authenticator(), users, new_id };
        let request = testkit::request::post("/me/addresses").authorized(ADA, "").json(body).build();
        (handle(&deps, request).await, deps.users)
    }

    #[tokio::test]
    async fn a_first_address_is_kept_counted_and_used() {
        let (answer, book) = add(OneUser::new(ada()), entry()).await;
        let answer = answer.unwrap();
        let id = book.added.lock().unwrap()[0].id;
        assert_eq!(answer.header_value("Location"), Some(format!("/v1/me/addresses/{id}").as_str()));
        let shown = testkit::json(&answer);
        assert_eq!(
            (&shown["id"], &shown["default_shipping"], &shown["default_billing"]),
            (&json!(id), &json!(true), &json!(true))
        );
        assert_eq!((book.owner.profile().address_count, book.owner.profile().default_shipping), (1, Some(id)));
    }

    #[tokio::test]
    async fn what_the_country_does_not_know_is_refused_field_by_field() {
        let mut body = entry();
        body["address"]["postal_code"] = json!("1");
        body["address"]["name"] = json!(" ");
        let (answer, book) = add(OneUser::new(ada()), body).await;
        let problem = answer.unwrap_err();
        let pointers: Vec<&str> = problem.faults().iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(pointers, ["/address/name", "/address/postal_code"]);
        assert!(book.added.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_full_book_takes_no_more() {
        let (answer, book) = add(OneUser::new(Profile { address_count: MAX_ADDRESSES, ..ada() }), entry()).await;
        assert_eq!(answer.unwrap_err().code(), Code::AddressBookFull);
        assert!(book.added.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn the_last_place_is_given_once() {
        let full = Profile { address_count: MAX_ADDRESSES, version: 2, ..ada() };
        let almost = Profile { address_count: MAX_ADDRESSES - 1, ..ada() };
        let (answer, _) = add(OneUser::new(almost).becoming(full), entry()).await;
        assert_eq!(answer.unwrap_err().code(), Code::AddressBookFull);
    }

    #[tokio::test]
    async fn an_address_beside_another_one_is_not_taken_for_the_first() {
        let meanwhile = ada().with_address(saved(1).id, crate::domain::Serving::default()).unwrap();
        let (answer, book) = add(OneUser::new(ada()).becoming(Profile { version: 2, ..meanwhile }), entry()).await;
        assert_eq!(testkit::json(&answer.unwrap())["default_shipping"], json!(false));
        assert_eq!(book.owner.profile().address_count, 2);
    }
}
