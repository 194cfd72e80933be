//! Valid requests: whoever is refused is refused for who they are.

use e2e::buyer::address;
use e2e::goods::product_body;
use e2e::mailbox::await_code;
use e2e::people::{PASSWORD, Person, new_address, register, shopper, sign_in};
use e2e::shop::{Call, post, put};
use e2e::{settings, totp, unique};
use serde_json::{Value, json};

use super::document::Operation;
use super::people::{Cast, Who};
use super::things::{Thing, UNSOLD};

const OTHER_PASSWORD: &str = "Battery-staple-8-horse";
/// In the place of a code, from those who could not get one.
const SOME_CODE: &str = "246801";

/// `operation` on `thing` by `who`.
pub(super) fn request(operation: &Operation, thing: &Thing, cast: &Cast, who: Who) -> Call {
    let mut call = Call::new(operation.method, &thing.path(operation));
    for name in &operation.headers {
        let value = match name.as_str() {
            "Idempotency-Key" => unique(),
            "If-Match" => thing.etag().unwrap_or_else(|| panic!("give the version of the thing for {operation}")),
            other => panic!("give a value of {other} for {operation}"),
        };
        call = call.header(name, value);
    }
    if operation.has_body {
        call = call.json(&body(operation, thing, cast, who));
    }
    if who == Who::Holder { thing.buyer().show(call) } else { cast.show(who, call) }
}

fn body(operation: &Operation, thing: &Thing, cast: &Cast, who: Who) -> Value {
    let name = operation.name();
    let of_a_service = match name.split('/').nth(1).unwrap_or_default() {
        "admin" => of_staff(&name, thing),
        "me" => of_somebody(&name, cast.person(who)),
        "users" | "sessions" | "password-resets" => of_anybody(&name, cast),
        "products" => of_whoever_waits(&name, thing, who),
        _ => of_a_buyer(&name, thing),
    };
    of_a_service.unwrap_or_else(|| panic!("give a body for {operation}"))
}

fn of_staff(name: &str, thing: &Thing) -> Option<Value> {
    Some(match name {
        "POST /admin/categories" => {
            json!({ "slug": thing.slug, "title": "A corner", "parent_id": null, "position": 99 })
        }
        "PUT /admin/categories/{id}" => {
            json!({ "slug": thing.slug, "title": "Another corner", "parent_id": null, "position": 99 })
        }
        "POST /admin/products" => {
            let mut product = product_body(1999);
            product["slug"] = thing.slug.as_str().into();
            product
        }
        "PUT /admin/products/{id}" => thing.product().clone(),
        "PATCH /admin/products/{id}" => json!({ "title": "Another lamp" }),
        "POST /admin/products/{id}/variants" => thing.product()["variants"][UNSOLD].clone(),
        "PUT /admin/products/{id}/variants/{sku}" => {
            let mut variant = thing.product()["variants"][0].clone();
            variant.as_object_mut().unwrap().remove("sku");
            variant["weight_grams"] = json!(700);
            variant
        }
        "POST /admin/products/{id}/images" => {
            json!({ "content_type": "image/png", "content_length": 1000, "alt": "A lamp" })
        }
        "POST /admin/inventory/{sku}/adjustments" => json!({ "quantity": 1, "reason": "receipt" }),
        "PUT /admin/inventory/{sku}" => json!({ "low_at": 3 }),
        "PUT /admin/tax-rates" => settings::demo("tax-rates"),
        "PUT /admin/shipping-zones" => settings::demo("shipping-zones"),
        "PATCH /admin/users/{id}" => json!({ "status": "active" }),
        _ => return None,
    })
}

/// About the caller's own account. Without one there is nothing to prepare.
fn of_somebody(name: &str, person: Option<&Person>) -> Option<Value> {
    let password = json!({ "password": PASSWORD });
    Some(match name {
        "DELETE /me" | "POST /me/totp" | "DELETE /me/totp" => password,
        "PATCH /me" => json!({ "name": "Countess of Lovelace" }),
        "POST /me/addresses" | "PUT /me/addresses/{id}" => json!({ "address": address() }),
        "PUT /me/password" => json!({ "old_password": PASSWORD, "new_password": OTHER_PASSWORD }),
        "PUT /me/totp" => json!({ "code": person.map_or(SOME_CODE.to_owned(), |person| totp::code(&app_of(person))) }),
        "POST /me/email-changes" => json!({ "email": new_address(), "password": PASSWORD }),
        "POST /me/email-changes/confirmations" => {
            let email = new_address();
            json!({ "email": email, "code": person.map_or(SOME_CODE.to_owned(), |person| moving_to(person, &email)) })
        }
        _ => return None,
    })
}

/// Who calls does not matter: the body says, and proves, whom it is about.
fn of_anybody(name: &str, cast: &Cast) -> Option<Value> {
    let known = cast.shopper();
    Some(match name {
        "POST /users" => json!({ "email": new_address(), "password": PASSWORD, "name": "Ada Lovelace" }),
        "POST /users/confirmation-codes" | "POST /password-resets" => json!({ "email": new_address() }),
        "POST /users/confirmations" => {
            let email = new_address();
            json!({ "email": email, "code": register(&email) })
        }
        "POST /sessions" => json!({ "email": known.email, "password": PASSWORD }),
        "POST /sessions/refreshes" => {
            json!({ "refresh_token": sign_in(&known.email, PASSWORD).expect(200)["refresh_token"] })
        }
        "POST /sessions/challenges" => {
            let person = shopper();
            let secret = app_of(&person);
            let shown = json!({ "code": totp::code(&secret) });
            put("/me/totp").bearer(&person.access_token).json(&shown).send().expect(200);
            let session = sign_in(&person.email, PASSWORD).expect(200)["session"].clone();
            json!({ "email": person.email, "session": session, "code": totp::code(&secret) })
        }
        "POST /password-resets/confirmations" => {
            let Person { email, .. } = shopper();
            post("/password-resets").json(&json!({ "email": email })).send().expect(202);
            json!({ "email": email, "code": await_code(&email, 1), "password": OTHER_PASSWORD })
        }
        _ => return None,
    })
}

/// Whoever has an account hears of it by their own address.
fn of_whoever_waits(name: &str, thing: &Thing, who: Who) -> Option<Value> {
    let mut wish = json!({ "sku": thing.id("inventory") });
    if !who.has_account() {
        wish["email"] = json!(new_address());
    }
    (name == "POST /products/{id}/stock-alerts").then_some(wish)
}

fn of_a_buyer(name: &str, thing: &Thing) -> Option<Value> {
    Some(match name {
        "POST /carts" | "POST /orders/{id}/cancellations" => json!({}),
        "POST /carts/{id}/lines" => json!({ "sku": thing.id("lines"), "quantity": 1 }),
        "PUT /carts/{id}/lines/{sku}" => json!({ "quantity": 2 }),
        "POST /quotes" => json!({ "cart_id": thing.id("carts"), "shipping_address": address() }),
        "POST /orders" => {
            let mut order = thing.buyer().order_body(&thing.buyer().quote().expect(200)["total"]);
            order["email"] = thing.buyer().email.as_str().into();
            order
        }
        "POST /orders/{id}/payments" => json!({ "provider": "stripe" }),
        _ => return None,
    })
}

/// The secret of a new authenticator app of `person`, which is not asked for yet.
fn app_of(person: &Person) -> String {
    let begun = post("/me/totp").bearer(&person.access_token).json(&json!({ "password": PASSWORD }));
    begun.send().expect(201)["secret"].as_str().unwrap().to_owned()
}

/// The code that `person` was mailed at their new address.
fn moving_to(person: &Person, email: &str) -> String {
    let wish = json!({ "email": email, "password": PASSWORD });
    post("/me/email-changes").bearer(&person.access_token).json(&wish).send().expect(202);
    await_code(email, 0)
}
