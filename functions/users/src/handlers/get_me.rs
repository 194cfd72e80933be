//! `GET /me`: who is signed in.

use api::{Authenticator, Group, Problem, Request, Response};
use kernel::{AddressId, Email, Locale, Phone, Timestamp, UserId};
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::{MarketingConsent, Name, Profile};
use crate::handlers::changes::known;
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
    groups: Vec<Group>,
    /// Whether signing in takes a code of an authenticator app.
    totp: bool,
    /// Absent from those who were never asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    marketing_consent: Option<MarketingConsent>,
    /// The address to ship to unless another is chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    default_shipping: Option<AddressId>,
    /// The address on the invoice unless another is chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    default_billing: Option<AddressId>,
    created_at: Timestamp,
}

impl UserView {
    /// The token says what staff might do when they signed in, the profile what they may do now: both have to.
    pub(crate) fn of(profile: Profile, groups: &[Group]) -> Self {
        let groups = groups.iter().copied().filter(|group| profile.groups.contains(group)).collect();
        Self {
            groups,
            totp: profile.totp_since.is_some(),
            id: profile.id,
            email: profile.email,
            name: profile.name,
            phone: profile.phone,
            locale: profile.locale,
            marketing_consent: profile.marketing_consent,
            default_shipping: profile.default_shipping,
            default_billing: profile.default_billing,
            created_at: profile.created_at,
        }
    }
}

pub async fn handle(deps: &Deps<impl LoadProfile>, request: Request) -> Result<Response, Problem> {
    let user = deps.auth.user(&request).await?;
    let profile = known(&deps.users, &user.id).await?;
    Ok(Response::ok(&UserView::of(profile, &user.groups)))
}

#[cfg(test)]
mod tests {
    use api::Code;
    use serde_json::json;

    use super::*;
    use crate::domain::samples::{ADA, ada};
    use crate::handlers::fakes::OneUser;

    async fn me(users: OneUser, request: testkit::request::RequestBuilder) -> Result<Response, Problem> {
        handle(&Deps { auth: testkit::auth::authenticator(), users }, request.build()).await
    }

    #[tokio::test]
    async fn a_shopper_sees_their_profile_and_nothing_else() {
        let response = me(OneUser::new(ada()), testkit::request::get("/me").authorized(ADA, ""));
        assert_eq!(
            testkit::json(&response.await.unwrap()),
            json!({
                "id": ADA, "email": "ada@example.com", "name": "Ada", "locale": "de", "groups": [], "totp": false,
                "created_at": testkit::now(),
            })
        );
    }

    #[tokio::test]
    async fn whoever_keeps_more_here_sees_all_of_it() {
        let address: AddressId = kernel::Ulid(1).into();
        let consent = MarketingConsent { granted: false, at: testkit::now() };
        let profile = Profile {
            phone: Some("+4930901820".parse().unwrap()),
            totp_since: Some(testkit::now()),
            marketing_consent: Some(consent),
            default_shipping: Some(address),
            ..ada()
        };
        let user =
            testkit::json(&me(OneUser::new(profile), testkit::request::get("/me").authorized(ADA, "")).await.unwrap());
        assert_eq!((&user["phone"], &user["totp"]), (&json!("+4930901820"), &json!(true)));
        assert_eq!((&user["marketing_consent"], &user["default_shipping"]), (&json!(consent), &json!(address)));
        assert!(user.get("default_billing").is_none());
    }

    #[tokio::test]
    async fn staff_are_in_the_groups_that_both_token_and_profile_name() {
        let profile = Profile { groups: vec![Group::Support, Group::Warehouse], ..ada() };
        let request = testkit::request::get("/me").authorized(ADA, "[admin support]");
        assert_eq!(testkit::json(&me(OneUser::new(profile), request).await.unwrap())["groups"], json!(["support"]));
    }

    #[tokio::test]
    async fn an_account_without_a_profile_is_not_found() {
        let problem = me(OneUser::gone(), testkit::request::get("/me").authorized(ADA, "")).await.unwrap_err();
        assert_eq!(problem.code(), Code::NotFound);
    }

    #[tokio::test]
    async fn a_guest_has_no_profile() {
        let problem = me(OneUser::new(ada()), testkit::request::get("/me")).await.unwrap_err();
        assert_eq!(problem.code(), Code::Unauthenticated);
    }
}
