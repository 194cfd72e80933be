//! `PATCH /me`: what the shop knows of somebody, changed by themselves.

use api::{Authenticator, Problem, Request, Response};
use kernel::{Locale, Phone, Timestamp, Ulid};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use crate::domain::{Name, Profile, ProfileChange};
use crate::handlers::changes::{Announcing, SaveProfile, change_profile};
use crate::handlers::get_me::UserView;
use crate::handlers::profiles::LoadProfile;

pub struct Deps<S> {
    pub auth: Authenticator,
    pub users: S,
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

/// What is left out stays as it is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateMe {
    name: Option<Name>,
    /// Null removes the number.
    #[serde(default, deserialize_with = "said")]
    #[schemars(with = "Option<Phone>")]
    phone: Option<Option<Phone>>,
    /// The language of the mails.
    locale: Option<Locale>,
    /// Whether the shop may send advertising. The moment it changes is kept with it.
    marketing_consent: Option<bool>,
}

/// A field that is there, be it null.
fn said<'de, T: Deserialize<'de>, D: Deserializer<'de>>(field: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(field).map(Some)
}

pub async fn handle<S: LoadProfile + SaveProfile>(deps: &Deps<S>, request: Request) -> Result<Response, Problem> {
    let user = deps.auth.user(&request).await?;
    let UpdateMe { name, phone, locale, marketing_consent } = request.json()?;
    let change = ProfileChange { name, phone, locale, marketing_consent };
    let announcing = Announcing::of(&request, (deps.now)(), deps.new_id);
    let changed = |profile: &Profile| profile.updated_by(change.clone(), announcing.at);
    let profile = change_profile(&deps.users, &user.id, Some(&announcing), changed).await?;
    Ok(Response::ok(&UserView::of(profile, &user.groups)))
}

#[cfg(test)]
mod tests {
    use api::Code;
    use serde_json::{Value, json};

    use super::*;
    use crate::domain::samples::{ADA, ada};
    use crate::handlers::fakes::{OneUser, new_id};

    async fn update(users: OneUser, body: Value) -> (Result<Response, Problem>, OneUser) {
        let deps = Deps { auth: testkit::auth::authenticator(), users, now: testkit::now, new_id };
        let request = testkit::request::patch("/me").authorized(ADA, "").json(body).build();
        (handle(&deps, request).await, deps.users)
    }

    #[tokio::test]
    async fn what_is_said_changes_and_is_told_to_the_other_services() {
        let body = json!({ "name": "Countess", "phone": "+49 30 901820", "locale": "en", "marketing_consent": true });
        let (answer, users) = update(OneUser::new(ada()), body).await;
        let user = testkit::json(&answer.unwrap());
        assert_eq!(
            (&user["name"], &user["phone"], &user["locale"]),
            (&json!("Countess"), &json!("+4930901820"), &json!("en"))
        );
        assert_eq!(user["marketing_consent"], json!({ "granted": true, "at": testkit::now() }));
        let told = users.told();
        assert_eq!((told[0].data.name.as_str(), told[0].sequence, told.len()), ("Countess", 2, 1));
        assert_eq!(told[0].data.old_email, None);
    }

    #[tokio::test]
    async fn null_removes_the_number_and_silence_keeps_it() {
        let known = Profile { phone: Some("+4930901820".parse().unwrap()), ..ada() };
        let (answer, users) = update(OneUser::new(known.clone()), json!({ "name": "Ada" })).await;
        assert_eq!((testkit::json(&answer.unwrap())["phone"].clone(), users.told().len()), (json!("+4930901820"), 0));
        let (answer, _) = update(OneUser::new(known), json!({ "phone": null })).await;
        assert!(testkit::json(&answer.unwrap()).get("phone").is_none());
    }

    #[tokio::test]
    async fn a_change_beside_another_one_loses_neither() {
        let meanwhile = Profile { address_count: 3, version: 2, ..ada() };
        let (answer, users) = update(OneUser::new(ada()).becoming(meanwhile), json!({ "name": "Countess" })).await;
        answer.unwrap();
        assert_eq!((users.profile().address_count, users.profile().name.as_str()), (3, "Countess"));
    }

    #[tokio::test]
    async fn all_faults_are_named_together_and_nobody_gives_themselves_groups() {
        let body =
            json!({ "name": "", "phone": "110", "locale": "tlh", "groups": ["admin"], "email": "a@example.com" });
        let problem = update(OneUser::new(ada()), body).await.0.unwrap_err();
        let pointers: Vec<&str> = problem.faults().iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(pointers, ["/name", "/phone", "/locale", "/groups", "/email"]);
    }

    #[tokio::test]
    async fn somebody_without_a_profile_has_none_to_change() {
        let problem = update(OneUser::gone(), json!({ "name": "Ada" })).await.0.unwrap_err();
        assert_eq!(problem.code(), Code::NotFound);
    }
}
