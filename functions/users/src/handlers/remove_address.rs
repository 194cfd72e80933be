//! `DELETE /me/addresses/{id}`: an address less in the book. Orders keep the address they were placed with.

use api::{Authenticator, Code, Problem, Request, Response};
use dynamo::StoreError;
use kernel::AddressId;

use crate::domain::Profile;
use crate::handlers::addresses::BookSaved;
use crate::handlers::changes::{TRIES, known};
use crate::handlers::profiles::LoadProfile;

/// Removes an address of `before`'s book, together with the profile that counts it.
pub trait RemoveAddress {
    async fn remove_address(&self, id: AddressId, before: &Profile, after: &Profile) -> Result<BookSaved, StoreError>;
}

pub struct Deps<S> {
    pub auth: Authenticator,
    pub users: S,
}

pub async fn handle<S: LoadProfile + RemoveAddress>(deps: &Deps<S>, request: Request) -> Result<Response, Problem> {
    let user = deps.auth.user(&request).await?;
    let id: AddressId = request.path_parameter("id")?;
    for _ in 0..TRIES {
        let before = known(&deps.users, &user.id).await?;
        match deps.users.remove_address(id, &before, &before.without_address(id)).await? {
            BookSaved::Done => return Ok(Response::no_content()),
            BookSaved::Gone => return Err(Problem::new(Code::NotFound)),
            BookSaved::Raced => {}
        }
    }
    Err(Problem::new(Code::TryAgain))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::samples::{ADA, ada, saved};
    use crate::handlers::changes::Saved;
    use crate::handlers::fakes::OneUser;

    /// A book with the address 1 in it.
    impl RemoveAddress for OneUser {
        async fn remove_address(
            &self,
            id: AddressId,
            before: &Profile,
            after: &Profile,
        ) -> Result<BookSaved, StoreError> {
            if id != saved(1).id {
                return Ok(BookSaved::Gone);
            }
            Ok(if self.save(before, after) == Saved::Done { BookSaved::Done } else { BookSaved::Raced })
        }
    }

    async fn remove(id: impl ToString) -> (Result<Response, Problem>, Profile) {
        let owner = Profile { address_count: 1, default_shipping: Some(saved(1).id), ..ada() };
        let deps = Deps { auth: testkit::auth::authenticator(), users: OneUser::new(owner) };
        let request = testkit::request::delete("/me/addresses/x").path_parameter("id", id).authorized(ADA, "");
        (handle(&deps, request.build()).await, deps.users.profile())
    }

    #[tokio::test]
    async fn an_address_that_goes_is_neither_counted_nor_used() {
        let (answer, owner) = remove(saved(1).id).await;
        assert_eq!(answer.unwrap().status().as_u16(), 204);
        assert_eq!((owner.address_count, owner.default_shipping), (0, None));
    }

    #[tokio::test]
    async fn what_is_not_in_the_book_is_not_found() {
        for id in [saved(2).id.to_string(), "nonsense".to_owned()] {
            let (answer, owner) = remove(id).await;
            assert_eq!((answer.unwrap_err().code(), owner.address_count), (Code::NotFound, 1));
        }
    }
}
