//! Who may call what: every route of the API against every kind of caller.

use api::{Access, Route};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use e2e::people::{admin, shopper};
use e2e::routes;
use e2e::shop::{Answer, Call, setting};
use serde_json::{Value, json};

/// The route's path with ids that are well-formed and belong to nobody.
pub(crate) fn path_of(route: &Route) -> String {
    const ULID: &str = "01JH8Z6V0W4T3N9Q2RSKX7M5CD";
    let prefix = match route.path.split('/').find(|part| !part.is_empty() && *part != "admin").unwrap() {
        "products" => "prod_",
        "carts" => "cart_",
        "orders" => "ord_",
        "payments" => "pay_",
        _ => "",
    };
    route
        .path
        .replace("{id}", &format!("{prefix}{ULID}"))
        .replace("{sku}", "NO-SUCH-SKU")
        .replace("{slug}", "no-such-slug")
}

pub(crate) fn call(route: &Route) -> Call {
    let method = match route.method {
        "get" => "GET",
        "post" => "POST",
        "put" => "PUT",
        "delete" => "DELETE",
        other => panic!("no call for {other}"),
    };
    let mut call = Call::new(method, &path_of(route));
    if route.idempotent {
        call = call.key(&e2e::unique());
    }
    if route.body.is_some() {
        call = call.json(&json!({}));
    }
    call
}

#[track_caller]
fn refused_with(answer: &Answer, status: u16, route: &Route, who: &str) {
    assert_eq!(answer.status, status, "{} {} for {who}: {}", route.method, route.path, answer.text);
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json"),
        "{} for {who}: {}",
        route.path,
        answer.text
    );
    assert_eq!(answer.json()["status"], status, "{} for {who}", route.path);
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
fn a_route_that_needs_an_account_refuses_everybody_without_a_good_token() {
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
        if needs_account {
            refused_with(&call(&route).send(), 401, &route, "nobody");
        }
        if needs_account || route.access == Access::Optional {
            for (who, token) in &bad {
                refused_with(&call(&route).bearer(token).send(), 401, &route, who);
            }
        }
    }
}

#[test]
fn a_staff_route_refuses_shoppers_and_lets_admins_through() {
    let person = shopper();
    for route in routes() {
        let Access::Staff(_) = route.access else { continue };
        refused_with(&call(&route).bearer(&person.access_token).send(), 403, &route, "a shopper");
        let answer = call(&route).bearer(&admin().access_token).send();
        assert!(![401, 403].contains(&answer.status), "{}: {}", route.path, answer.text);
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

#[test]
fn what_belongs_to_somebody_else_is_not_found() {
    let person = shopper();
    for route in routes().iter().filter(|route| route.access == Access::Optional && route.path.contains("{id}")) {
        if route.body.is_some() {
            continue;
        }
        refused_with(&call(route).send(), 404, route, "a guest");
        refused_with(&call(route).bearer(&person.access_token).send(), 404, route, "a shopper");
    }
}
