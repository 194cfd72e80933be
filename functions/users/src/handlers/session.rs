//! What everybody gets who has proved who they are.

use api::{Code, Problem, Request, Response};
use kernel::{Timestamp, Ulid};
use schemars::JsonSchema;
use serde::Serialize;
use tracing::warn;

use crate::cognito::Tokens;
use crate::domain::{Account, Person, Profile, Status};
use crate::handlers::changes::{Announcing, SaveProfile, Saved, change_profile};
use crate::handlers::confirm_email::MoveEmail;
use crate::handlers::profiles::{CreateProfile, Entry, LoadPerson, LoadProfile, create};

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Session")]
pub struct SessionView {
    /// Shown as `Authorization: Bearer …`.
    access_token: String,
    /// Who signed in, for the storefront; the API does not take it.
    id_token: String,
    /// For `POST /sessions/refreshes`; absent there.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    /// Seconds.
    expires_in: u32,
    /// `Bearer`.
    token_type: &'static str,
}

impl SessionView {
    pub(crate) fn of(tokens: Tokens) -> Self {
        let Tokens { access_token, id_token, refresh_token, expires_in } = tokens;
        Self { access_token, id_token, refresh_token, expires_in, token_type: "Bearer" }
    }
}

/// Longer than any token of Cognito's.
const MAX_TOKEN: usize = 8192;

/// Whether it may be one of those that were handed out.
pub(crate) fn is_token(text: &str) -> bool {
    (1..=MAX_TOKEN).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// How somebody has shown who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// Cognito asked for nothing else.
    Password,
    PasswordAndCode,
}

/// What the rows let a sign-in do: read the profile, make the one that is missing, and put right what is no longer so.
pub trait Welcoming: LoadPerson + LoadProfile + CreateProfile + SaveProfile + MoveEmail {}

impl<S: LoadPerson + LoadProfile + CreateProfile + SaveProfile + MoveEmail> Welcoming for S {}

/// Hands out the tokens, unless the shop knows better than Cognito, and mends a profile that something interrupted left unfinished.
///
/// # Errors
/// 401 `credentials_invalid` for an account that is disabled or deleted, and for one without a profile whose password may be a stranger's.
pub(crate) async fn welcome(
    users: &impl Welcoming,
    tokens: Tokens,
    shown: Shown,
    request: &Request,
    now: Timestamp,
    new_id: fn() -> Ulid,
) -> Result<Response, Problem> {
    let account = tokens.account()?;
    match users.load_person(&account.id).await? {
        // A confirmation that stopped half-way, or an account made at the console, left no profile.
        None => {
            let announcing = Announcing::of(request, now, new_id);
            create(users, &Profile::of(account, now), Entry::Password, &announcing).await?.opens()?;
        }
        Some(Person::Known(profile)) if profile.status == Status::Active => {
            settle(users, &profile, account, request, now, new_id).await?;
            if shown == Shown::Password && profile.totp_since.is_some() {
                forget_totp(users, &profile).await?;
            }
        }
        // It was taken away here and not yet there.
        Some(Person::Known(_) | Person::Deleted(_)) => return Err(Problem::new(Code::CredentialsInvalid)),
    }
    Ok(Response::ok(&SessionView::of(tokens)))
}

/// Cognito does not ask for the code that the profile speaks of: staff routes would take these tokens for those of somebody who gave one.
async fn forget_totp(users: &impl Welcoming, profile: &Profile) -> Result<(), Problem> {
    warn!(user_id = %profile.id, "Cognito asks for no code of the authenticator app any more");
    let without = |profile: &Profile| Profile { totp_since: None, ..profile.clone() };
    change_profile(users, &profile.id, None, without).await.map(drop)
}

/// Cognito verified another address and the rest did not follow, or the row is older than the list it belongs to.
async fn settle(
    users: &impl MoveEmail,
    profile: &Profile,
    account: Account,
    request: &Request,
    now: Timestamp,
    new_id: fn() -> Ulid,
) -> Result<(), Problem> {
    if profile.is_listed && profile.email == account.email {
        return Ok(());
    }
    let after = profile.moved_to(account.email);
    let event = Announcing::of(request, now, new_id).after(profile, after.updated(profile));
    if users.move_email(profile, &after, &event).await? == Saved::Raced {
        warn!(user_id = %profile.id, "the profile's address is not settled; the next sign-in tries again");
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod fakes {
    use std::sync::Mutex;

    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use dynamo::StoreError;
    use events::{Envelope, UserRegistered, UserUpdated};
    use kernel::{Email, UserId};

    use super::*;
    use crate::handlers::profiles::Creation;

    /// What Cognito gives to whoever has proved to be `id`.
    pub(crate) fn tokens_of(id: &str, email: &Email) -> Tokens {
        let claims = serde_json::json!({ "sub": id, "email": email, "name": "Ada" });
        let id_token = format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims.to_string()));
        Tokens { access_token: "access".into(), id_token, refresh_token: Some("refresh".into()), expires_in: 900 }
    }

    /// A table with room for one person, who changes so often while somebody signs in.
    pub(crate) struct Shop {
        person: Mutex<Option<Person>>,
        written: Mutex<usize>,
        races: Mutex<usize>,
        is_contested: bool,
    }

    impl Shop {
        pub(crate) fn of(person: Option<Person>) -> Self {
            Self { person: Mutex::new(person), written: Mutex::default(), races: Mutex::default(), is_contested: false }
        }

        pub(crate) fn racing(self, races: usize) -> Self {
            Self { races: Mutex::new(races), ..self }
        }

        /// Several have registered with the address.
        pub(crate) fn contested(self) -> Self {
            Self { is_contested: true, ..self }
        }

        pub(crate) fn written(&self) -> usize {
            *self.written.lock().unwrap()
        }

        pub(crate) fn profile(&self) -> Profile {
            self.person.lock().unwrap().clone().and_then(Person::profile).unwrap()
        }

        fn write(&self, profile: &Profile) {
            *self.written.lock().unwrap() += 1;
            *self.person.lock().unwrap() = Some(Person::Known(Box::new(profile.clone())));
        }
    }

    impl LoadPerson for Shop {
        async fn load_person(&self, _: &UserId) -> Result<Option<Person>, StoreError> {
            Ok(self.person.lock().unwrap().clone())
        }
    }

    impl LoadProfile for Shop {
        async fn load_profile(&self, id: &UserId) -> Result<Option<Profile>, StoreError> {
            Ok(self.load_person(id).await?.and_then(Person::profile))
        }
    }

    impl SaveProfile for Shop {
        async fn save_profile(
            &self,
            _: &Profile,
            after: &Profile,
            _: Option<&Envelope<UserUpdated>>,
        ) -> Result<Saved, StoreError> {
            let mut races = self.races.lock().unwrap();
            if *races > 0 {
                *races -= 1;
                return Ok(Saved::Raced);
            }
            self.write(after);
            Ok(Saved::Done)
        }
    }

    impl CreateProfile for Shop {
        async fn create_profile(
            &self,
            profile: &Profile,
            entry: Entry<'_>,
            _: &Envelope<UserRegistered>,
        ) -> Result<Creation, StoreError> {
            assert_eq!(entry, Entry::Password);
            if self.is_contested {
                return Ok(Creation::Contested);
            }
            self.write(profile);
            Ok(Creation::New)
        }
    }

    impl MoveEmail for Shop {
        async fn move_email(
            &self,
            _: &Profile,
            after: &Profile,
            _: &Envelope<UserUpdated>,
        ) -> Result<Saved, StoreError> {
            self.write(after);
            Ok(Saved::Done)
        }
    }
}
