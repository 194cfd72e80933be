//! What a token must be, wherever one is looked at.

use api::{Access, Code, Route};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use e2e::people::shopper;
use e2e::routes;
use e2e::shop::{Call, setting};
use serde_json::{Value, json};

/// The route's path with ids that are well-formed and belong to nobody.
pub(crate) fn path_of(route: &Route) -> String {
    const ULID: &str = "01JH8Z6V0W4T3N9Q2RSKX7M5CD";
    if route.path.starts_with("/admin/users/") {
        return route.path.replace("{id}", "00000000-0000-4000-8000-000000000000");
    }
    let prefix = match route.path.split('/').find(|part| !part.is_empty() && *part != "admin").unwrap() {
        "products" => "prod_",
        "categories" => "cat_",
        "imports" => "imp_",
        "exports" => "exp_",
        "carts" => "cart_",
        "orders" => "ord_",
        "payments" => "pay_",
        "me" if route.path.contains("/addresses/") => "addr_",
        "me" if route.path.contains("/exports/") => "exp_",
        _ => "",
    };
    route
        .path
        .replace("{id}", &format!("{prefix}{ULID}"))
        .replace("{sku}", "NO-SUCH-SKU")
        .replace("{slug}", "no-such-slug")
}

pub(crate) fn method_of(route: &Route) -> &'static str {
    match route.method {
        "get" => "GET",
        "post" => "POST",
        "put" => "PUT",
        "patch" => "PATCH",
        "delete" => "DELETE",
        other => panic!("no call for {other}"),
    }
}

fn call(route: &Route) -> Call {
    let mut call = Call::new(method_of(route), &path_of(route));
    if route.idempotent {
        call = call.key(&e2e::unique());
    }
    if route.body.is_some() {
        call = call.json(&json!({}));
    }
    call
}

/// The token with its header or claims changed and its signature kept.
fn forged(token: &str, header: Option<Value>, change: impl FnOnce(&mut Value)) -> String {
    let parts: Vec<&str> = token.split('.').collect();
    let mut claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    change(&mut claims);
    let head = header.map_or(parts[0].to_owned(), |header| URL_SAFE_NO_PAD.encode(header.to_string()));
    format!("{head}.{}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()), parts[2])
}

/// The token's claims, signed with the pool's public key as if it were a secret.
fn signed_with_the_public_key(token: &str) -> String {
    let url = format!("{}/{}/.well-known/jwks.json", setting("SOUK_EMULATOR_URL"), setting("SOUK_USER_POOL_ID"));
    let keys = e2e::shop::fetch(&url).expect(200);
    let key = &keys["keys"][0];
    let header = json!({ "alg": "HS256", "typ": "JWT", "kid": key["kid"] });
    let claims = token.split('.').nth(1).unwrap();
    let message = format!("{}.{claims}", URL_SAFE_NO_PAD.encode(header.to_string()));
    let secret = hmac::Key::new(hmac::HMAC_SHA256, key["n"].as_str().unwrap().as_bytes());
    let signature = hmac::sign(&secret, message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

#[test]
fn a_route_that_looks_at_tokens_refuses_every_bad_one() {
    let person = shopper();
    let token = &person.access_token;
    let bad = [
        ("an id token", person.id_token.clone()),
        ("garbage", "garbage".to_owned()),
        ("alg none", forged(token, Some(json!({ "alg": "none", "typ": "JWT" })), |_| ())),
        ("HS256 with the public key", signed_with_the_public_key(token)),
        (
            "another user's id",
            forged(token, None, |claims| claims["sub"] = json!("8f14e45f-ceea-4e7a-9c1b-0d3f5a6b7c8d")),
        ),
        ("another issuer", forged(token, None, |claims| claims["iss"] = json!("https://other.example"))),
        ("an admin's groups", forged(token, None, |claims| claims["cognito:groups"] = json!(["admin"]))),
    ];
    for route in routes() {
        let needs_account = matches!(route.access, Access::Required | Access::Staff(_));
        if !needs_account && route.access != Access::Optional {
            continue;
        }
        for (what, token) in &bad {
            let answer = call(&route).bearer(token).send();
            assert_eq!(answer.status, 401, "{} {} with {what}: {}", route.method, route.path, answer.text);
            answer.refused(Code::Unauthenticated);
        }
    }
}

#[test]
fn a_public_route_ignores_tokens() {
    for route in routes().iter().filter(|route| route.access == Access::Public && route.method == "get") {
        let anonymous = call(route).send();
        let answer = call(route).bearer("garbage").send();
        assert_eq!(answer.status, anonymous.status, "{}: {}", route.path, answer.text);
    }
}
