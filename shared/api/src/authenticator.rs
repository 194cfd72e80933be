//! Who calls: from the access token, checked here unless the gateway did.

use std::sync::Mutex;
use std::time::Duration;

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use kernel::{Timestamp, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Code, Problem, Request};

/// Keys are fetched anew for an unknown key id, but not more often than this.
const REFETCH_SECONDS: i64 = 60;
const FETCH_TIMEOUT: Duration = Duration::from_secs(1);

/// A group of staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    Admin,
    Support,
    Warehouse,
}

impl Group {
    pub const ALL: [Group; 3] = [Group::Admin, Group::Support, Group::Warehouse];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Support => "support",
            Self::Warehouse => "warehouse",
        }
    }
}

/// Somebody who signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    /// As the token has them; what staff may do, [`crate::Staff`] says.
    pub groups: Vec<Group>,
    /// When they last gave their password; the beginning of time, if the token does not say.
    pub signed_in_at: Timestamp,
}

/// Who calls an *optional* route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    Guest,
    User(User),
}

impl Caller {
    #[must_use]
    pub fn user_id(&self) -> Option<&UserId> {
        match self {
            Self::Guest => None,
            Self::User(user) => Some(&user.id),
        }
    }

    /// Whose keys an `Idempotency-Key` is among: a shopper's own, or those of whoever holds the guest's `token` for cart or order.
    #[must_use]
    pub fn principal(&self, token: Option<&str>) -> String {
        match self {
            Self::Guest => format!("guest:{}", token.unwrap_or_default()),
            Self::User(user) => format!("user:{}", user.id),
        }
    }
}

/// What Souk reads of a token. Unknown claims are of no interest.
#[derive(Deserialize)]
struct Claims {
    sub: UserId,
    client_id: String,
    token_use: String,
    #[serde(rename = "cognito:groups", default)]
    groups: Value,
    #[serde(default)]
    auth_time: Value,
}

/// Checks access tokens against the user pool's keys.
#[derive(Debug)]
pub struct Authenticator {
    issuer: String,
    client_id: String,
    jwks_url: String,
    now: fn() -> Timestamp,
    keys: Mutex<Keys>,
}

#[derive(Debug)]
struct Keys {
    set: JwkSet,
    fetched_at: Option<Timestamp>,
    fetch_failed: bool,
}

/// Why a token is not one.
enum Refused {
    Token,
    /// The keys could not be had, so nothing can be said of the token.
    NoKeys(Problem),
}

impl Authenticator {
    /// Made from `AUTH_ISSUER`, `AUTH_CLIENT_ID`, `AUTH_JWKS_URL` and `AUTH_JWKS` (the keys known at deploy).
    ///
    /// # Errors
    /// When a setting is missing or the keys are not a key set.
    pub fn from_env() -> Result<Self, aws::env::SettingError> {
        let jwks = aws::env::required("AUTH_JWKS")?;
        let set = serde_json::from_str(&jwks)
            .map_err(|error| aws::env::SettingError::Invalid("AUTH_JWKS", error.to_string()))?;
        Ok(Self::new(
            aws::env::required("AUTH_ISSUER")?,
            aws::env::required("AUTH_CLIENT_ID")?,
            aws::env::required("AUTH_JWKS_URL")?,
            set,
            kernel::fresh::now,
        ))
    }

    #[must_use]
    pub fn new(issuer: String, client_id: String, jwks_url: String, set: JwkSet, now: fn() -> Timestamp) -> Self {
        Self { issuer, client_id, jwks_url, now, keys: Mutex::new(Keys { set, fetched_at: None, fetch_failed: false }) }
    }

    /// The caller of an *optional* route: a guest without a token, never with a bad one.
    ///
    /// # Errors
    /// 401 for a token that does not verify, 503 when the keys cannot be had.
    pub async fn caller(&self, request: &Request) -> Result<Caller, Problem> {
        match request.header("authorization") {
            None => Ok(Caller::Guest),
            Some(header) => self.verify(header).await.map(Caller::User),
        }
    }

    /// The caller of a *required* route. What the gateway verified is not verified again.
    ///
    /// # Errors
    /// 401 without a valid access token, 503 when the keys cannot be had.
    pub async fn user(&self, request: &Request) -> Result<User, Problem> {
        if let Some(claims) = request.verified_claims().and_then(|fields| fields.get("claims")) {
            let claims = Claims::deserialize(claims).map_err(|_| unauthenticated())?;
            return self.accept(claims).ok_or_else(unauthenticated);
        }
        let header = request.header("authorization").ok_or_else(unauthenticated)?;
        self.verify(header).await
    }

    async fn verify(&self, header: &str) -> Result<User, Problem> {
        let token = header.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let (_, token) = token.ok_or_else(unauthenticated)?;
        match self.read(token.trim()).await {
            Ok(claims) => self.accept(claims).ok_or_else(unauthenticated),
            Err(Refused::Token) => Err(unauthenticated()),
            Err(Refused::NoKeys(problem)) => Err(problem),
        }
    }

    fn accept(&self, claims: Claims) -> Option<User> {
        let is_ours = claims.token_use == "access" && claims.client_id == self.client_id;
        is_ours.then(|| User {
            groups: groups(&claims.groups),
            signed_in_at: moment(&claims.auth_time),
            id: claims.sub,
        })
    }

    async fn read(&self, token: &str) -> Result<Claims, Refused> {
        let header = decode_header(token).map_err(|_| Refused::Token)?;
        if header.alg != Algorithm::RS256 {
            return Err(Refused::Token);
        }
        let kid = header.kid.ok_or(Refused::Token)?;
        let key = match self.known_key(&kid) {
            Some(key) => key,
            None => self.fetch_key(&kid).await?,
        };
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&[&self.issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "sub"]);
        // Access tokens have no audience; the client id is compared instead.
        validation.validate_aud = false;
        validation.leeway = 0;
        decode::<Claims>(token, &key, &validation).map(|token| token.claims).map_err(|_| Refused::Token)
    }

    fn known_key(&self, kid: &str) -> Option<DecodingKey> {
        let keys = self.keys.lock().expect("nobody panics while holding the keys");
        keys.set.find(kid).and_then(|jwk| DecodingKey::from_jwk(jwk).ok())
    }

    async fn fetch_key(&self, kid: &str) -> Result<DecodingKey, Refused> {
        if !self.may_fetch() {
            let unknown = self.keys.lock().expect("nobody panics while holding the keys").fetch_failed;
            // While the keys cannot be had, nothing is said of a token that needs them.
            return Err(if unknown { Refused::NoKeys(Problem::new(Code::TryAgain)) } else { Refused::Token });
        }
        let set = self.fetch().await.map_err(|cause| Refused::NoKeys(Problem::new(Code::TryAgain).because(cause)))?;
        let mut keys = self.keys.lock().expect("nobody panics while holding the keys");
        (keys.set, keys.fetch_failed) = (set, false);
        drop(keys);
        self.known_key(kid).ok_or(Refused::Token)
    }

    /// Claims this minute's one fetch.
    fn may_fetch(&self) -> bool {
        let now = (self.now)();
        let mut keys = self.keys.lock().expect("nobody panics while holding the keys");
        let due = keys.fetched_at.is_none_or(|at| now.seconds_since(at) >= REFETCH_SECONDS);
        if due {
            // Until the fetch succeeds, it counts as failed.
            (keys.fetched_at, keys.fetch_failed) = (Some(now), true);
        }
        due
    }

    async fn fetch(&self) -> Result<JwkSet, Box<dyn std::error::Error + Send + Sync>> {
        let request = http::Request::get(&self.jwks_url).body(String::new())?;
        let answer = tokio::time::timeout(FETCH_TIMEOUT, aws::fetch::fetch(request)).await??;
        if answer.status != 200 {
            return Err(format!("the key set answered {}", answer.status).into());
        }
        Ok(serde_json::from_slice(&answer.body)?)
    }
}

fn unauthenticated() -> Problem {
    Problem::new(Code::Unauthenticated)
}

/// The groups claim in all forms it takes: a list in the token, `a,b` behind REST, `[a b]` behind an HTTP API and the emulator.
fn groups(claim: &Value) -> Vec<Group> {
    let names: Vec<&str> = match claim {
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        Value::String(names) => names.trim_matches(['[', ']']).split([',', ' ']).map(str::trim).collect(),
        _ => Vec::new(),
    };
    Group::ALL.into_iter().filter(|group| names.contains(&group.as_str())).collect()
}

/// A claim that is a moment: a number in the token, the same as text behind a gateway.
fn moment(claim: &Value) -> Timestamp {
    let seconds = claim.as_i64().or_else(|| claim.as_str()?.parse().ok());
    Timestamp::from_epoch_seconds(seconds.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_groups_claim_is_read_in_every_form() {
        for claim in
            [json!(["admin", "support"]), json!("admin,support"), json!("[admin support]"), json!("[admin, support]")]
        {
            assert_eq!(groups(&claim), [Group::Admin, Group::Support], "{claim}");
        }
    }

    #[test]
    fn the_moment_of_signing_in_is_read_in_every_form() {
        let expected = Timestamp::from_epoch_seconds(1_795_410_000);
        for claim in [json!(1_795_410_000), json!("1795410000")] {
            assert_eq!(moment(&claim), expected, "{claim}");
        }
        for claim in [json!(null), json!("yesterday"), json!(1.5)] {
            assert_eq!(moment(&claim), Timestamp::from_epoch_seconds(0), "{claim}");
        }
    }

    #[test]
    fn a_group_matches_only_as_a_whole() {
        for claim in [json!(["administrators"]), json!("not-admin"), json!("ADMIN"), json!(""), json!(null), json!(1)] {
            assert_eq!(groups(&claim), [], "{claim}");
        }
    }
}
