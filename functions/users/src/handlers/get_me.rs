//! `GET /me`: who is signed in.

use api::{Authenticator, Code, Group, Problem, Request, Response};
use kernel::{Email, Locale, Phone, Timestamp, UserId};
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::{Name, Profile};
use crate::handlers::profiles::LoadProfile;

pub struct Deps<S> {
    pub auth: Authenticator,
    pub users: S,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "User")]
pub struct UserView {
    id: UserId,
    email: Email,
    name: Name,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<Phone>,
    locale: Locale,
    /// `admin`, `support`, `warehouse`; a shopper is in none.
    groups: Vec<&'static str>,
    created_at: Timestamp,
}

impl UserView {
    fn of(profile: Profile, groups: &[Group]) -> Self {
        let Profile { id, email, name, phone, locale, created_at, .. } = profile;
        Self { id, email, name, phone, locale, groups: groups.iter().map(|group| group.as_str()).collect(), created_at }
    }
}

pub async fn handle(deps: &Deps<impl LoadProfile>, request: Request) -> Result<Response, Problem> {
    let user = deps.auth.user(&request).await?;
    let profile = deps.users.load_profile(&user.id).await?;
    let profile = profile.ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(Response::ok(&UserView::of(profile, &user.groups)))
}

#[cfg(test)]
mod tests {
    use dynamo::StoreError;
    use serde_json::json;

    use super::*;
    use crate::domain::Account;

    const ADA: &str = "b3f0c1de-5a5e-4c7f-9d0e-1f6a2b3c4d5e";
    const NOBODY: &str = "00000000-5a5e-4c7f-9d0e-1f6a2b3c4d5e";

    /// A table with Ada in it.
    struct Users;

    impl LoadProfile for Users {
        async fn load_profile(&self, id: &UserId) -> Result<Option<Profile>, StoreError> {
            let ada = Account::read(ADA, "ada@example.com", Some("Ada"), Some("de")).unwrap();
            Ok((id.as_str() == ADA).then(|| Profile::of(ada, testkit::now()).confirmed_by("123456")))
        }
    }

    async fn me(request: testkit::request::RequestBuilder) -> Result<Response, Problem> {
        handle(&Deps { auth: testkit::auth::authenticator(), users: Users }, request.build()).await
    }

    #[tokio::test]
    async fn somebody_signed_in_sees_their_profile_and_groups_and_nothing_else() {
        let response = me(testkit::request::get("/me").authorized(ADA, "[admin]")).await.unwrap();
        assert_eq!(
            testkit::json(&response),
            json!({
                "id": ADA, "email": "ada@example.com", "name": "Ada", "locale": "de", "groups": ["admin"],
                "created_at": testkit::now(),
            })
        );
    }

    #[tokio::test]
    async fn an_account_without_a_profile_is_not_found() {
        let problem = me(testkit::request::get("/me").authorized(NOBODY, "")).await.unwrap_err();
        assert_eq!(problem.code(), Code::NotFound);
    }

    #[tokio::test]
    async fn a_guest_has_no_profile() {
        assert_eq!(me(testkit::request::get("/me")).await.unwrap_err().code(), Code::Unauthenticated);
    }
}
