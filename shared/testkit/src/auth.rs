//! A user pool of one key, made anew in each test process.

use std::sync::OnceLock;

use api::{Authenticator, Group, Reading, Staff, Standing, Standings};
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use kernel::UserId;
use serde_json::{Value, json};

pub const ISSUER: &str = "https://pool.example";
pub const CLIENT_ID: &str = "client";
const KEY_ID: &str = "key-1";

/// Accepts the tokens of [`bearer`] at [`crate::now`].
#[must_use]
pub fn authenticator() -> Authenticator {
    let set = serde_json::from_value(jwks()).unwrap();
    Authenticator::new(ISSUER.into(), CLIENT_ID.into(), "http://127.0.0.1:9/jwks.json".into(), set, crate::now)
}

/// Lets in whoever the token lets in: in the table everybody is staff of every kind.
#[must_use]
pub fn staff() -> Staff {
    staff_with(Some(Standing { groups: Group::ALL.to_vec(), ..Standing::default() }), false)
}

/// Lets in whoever the token and this standing let in.
#[must_use]
pub fn staff_with(standing: Option<Standing>, needs_totp: bool) -> Staff {
    Staff::new(authenticator(), Everybody(standing), needs_totp)
}

/// A table in which everybody stands alike.
struct Everybody(Option<Standing>);

impl Standings for Everybody {
    fn read<'a>(&'a self, _: &'a UserId) -> Reading<'a> {
        Box::pin(async { Ok(self.0.clone()) })
    }
}

/// An `Authorization` header that verifies for the next hour.
#[must_use]
pub fn bearer(user_id: &str, groups: &[&str]) -> String {
    let expiry = jsonwebtoken::get_current_timestamp() + 3600;
    let claims = json!({
        "sub": user_id, "iss": ISSUER, "client_id": CLIENT_ID, "token_use": "access", "exp": expiry, "cognito:groups": groups,
        "auth_time": crate::now().epoch_seconds(),
    });
    format!("Bearer {}", sign(&claims))
}

/// Any claims, signed with the pool's key.
#[must_use]
pub fn sign(claims: &Value) -> String {
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some(KEY_ID.to_owned());
    let der = key().as_der().unwrap();
    // The encoder takes PKCS#1, which is what PKCS#8 wraps behind its 26 bytes of algorithm.
    let pkcs8: &[u8] = der.as_ref();
    encode(&header, claims, &EncodingKey::from_rsa_der(&pkcs8[26..])).unwrap()
}

/// The pool's public key, as its JWKS URL would serve it.
#[must_use]
pub fn jwks() -> Value {
    let public = key().public_key();
    json!({ "keys": [{
        "kty": "RSA", "alg": "RS256", "use": "sig", "kid": KEY_ID,
        "n": URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero()),
        "e": URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero()),
    }] })
}

fn key() -> &'static KeyPair {
    static KEY: OnceLock<KeyPair> = OnceLock::new();
    KEY.get_or_init(|| KeyPair::generate(KeySize::Rsa2048).unwrap())
}

#[cfg(test)]
mod tests {
    use api::{AccountStatus, Caller, Code, Problem};

    use super::*;
    use crate::request;

    const USER: &str = "8f14e45f-ceea-4e7a-9c1b-0d3f5a6b7c8d";

    fn claims() -> Value {
        let expiry = jsonwebtoken::get_current_timestamp() + 60;
        json!({ "sub": USER, "iss": ISSUER, "client_id": CLIENT_ID, "token_use": "access", "exp": expiry })
    }

    async fn caller(token: &str) -> Result<Caller, Problem> {
        let request = request::get("/orders").header("authorization", format!("Bearer {token}")).build();
        authenticator().caller(&request).await
    }

    fn with(name: &str, value: Value) -> String {
        let mut claims = claims();
        claims[name] = value;
        sign(&claims)
    }

    #[tokio::test]
    async fn a_signed_token_names_the_user_and_their_groups() {
        let request = request::get("/orders").signed_in(USER, &["admin", "others"]).build();
        let user = authenticator().user(&request).await.unwrap();
        assert_eq!((user.id.to_string().as_str(), user.groups.as_slice()), (USER, [Group::Admin].as_slice()));
    }

    #[tokio::test]
    async fn without_a_token_the_caller_is_a_guest() {
        let caller = authenticator().caller(&request::get("/orders").build()).await.unwrap();
        assert_eq!(caller, Caller::Guest);
    }

    #[tokio::test]
    async fn a_token_that_does_not_verify_is_never_a_guest() {
        let unsigned = |algorithm: &str| {
            let header = json!({ "alg": algorithm, "typ": "JWT", "kid": KEY_ID });
            let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
            format!("{}.{}.", part(&header), part(&claims()))
        };
        let with_public_key = {
            let mut header = Header::new(Algorithm::HS256);
            header.kid = Some(KEY_ID.to_owned());
            let public = jwks()["keys"][0]["n"].as_str().unwrap().to_owned();
            encode(&header, &claims(), &EncodingKey::from_secret(public.as_bytes())).unwrap()
        };
        let good = sign(&claims());
        let (head, rest) = good.split_once('.').unwrap();
        let (_, signature) = rest.split_once('.').unwrap();
        let other_claims = URL_SAFE_NO_PAD.encode(json!({ "sub": "other" }).to_string());
        let expired = jsonwebtoken::get_current_timestamp() - 1;
        for (what, token) in [
            ("nothing", String::new()),
            ("garbage", "garbage".into()),
            ("alg none", unsigned("none")),
            ("HS256 with the public key", with_public_key),
            ("changed claims", format!("{head}.{other_claims}.{signature}")),
            ("an id token", with("token_use", json!("id"))),
            ("another issuer", with("iss", json!("https://other.example"))),
            ("another client", with("client_id", json!("other"))),
            ("expired", with("exp", json!(expired))),
            ("no subject", with("sub", json!(null))),
        ] {
            assert_eq!(caller(&token).await.expect_err(what).code(), Code::Unauthenticated, "{what}");
        }
    }

    #[tokio::test]
    async fn without_the_keys_nothing_is_said_of_a_token() {
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some("unknown".to_owned());
        let der = key().as_der().unwrap();
        let pkcs8: &[u8] = der.as_ref();
        let token = encode(&header, &claims(), &EncodingKey::from_rsa_der(&pkcs8[26..])).unwrap();
        assert_eq!(caller(&token).await.expect_err("no keys").code(), Code::TryAgain);
    }

    #[tokio::test]
    async fn staff_need_their_groups_in_token_and_table() {
        let admit = async |groups: &str, standing: Option<Standing>| {
            let request = request::post("/admin/products").authorized(USER, groups).build();
            staff_with(standing, false).admit(&request, &[Group::Admin]).await.map_err(|problem| problem.code())
        };
        let admins = || Some(Standing { groups: vec![Group::Admin], ..Standing::default() });
        assert_eq!(admit("[admin]", admins()).await.unwrap().signed_in_at, crate::now());
        assert_eq!(admit("[support]", admins()).await, Err(Code::Forbidden));
        assert_eq!(admit("[admin]", None).await, Err(Code::Forbidden));
        let disabled = Standing { status: AccountStatus::Disabled, ..admins().unwrap() };
        assert_eq!(admit("[admin]", Some(disabled)).await, Err(Code::Unauthenticated));
    }

    #[tokio::test]
    async fn staff_without_the_second_factor_are_told_what_to_do() {
        let request = request::post("/admin/products").authorized(USER, "[admin]").build();
        let standing = Standing { groups: vec![Group::Admin], ..Standing::default() };
        let refused = staff_with(Some(standing), true).admit(&request, &[Group::Admin]).await.unwrap_err();
        assert_eq!(refused.code(), Code::TotpRequired);
        assert!(refused.detail().contains("/me/totp"));
    }

    #[tokio::test]
    async fn what_the_gateway_verified_is_believed_unless_it_is_no_access_token() {
        let request = request::get("/me").authorized(USER, "[support]").build();
        assert_eq!(authenticator().user(&request).await.unwrap().groups, [Group::Support]);
        let anonymous = request::get("/me").build();
        assert_eq!(authenticator().user(&anonymous).await.expect_err("nobody").code(), Code::Unauthenticated);
    }
}
