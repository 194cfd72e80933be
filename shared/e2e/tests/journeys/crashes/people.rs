//! What people with accounts do while functions die under them: try again.
//!
//! Each way goes through the functions of one matter, so that a person meets few of the crashes and counters stay low.

use api::Code;
use e2e::buyer::address;
use e2e::operator::Table;
use e2e::people::{new_address, sign_in};
use e2e::shop::{Answer, delete, eventually_within, get, patch, post, put, setting};
use e2e::totp;
use serde_json::{Value, json};

use super::accounts::{Somebody, counted, mailed_code, stranger};
use super::ends::{How, PATIENCE};
use super::flows::{Flow, Goods, Way, cart, flows, patient, place_for};
use super::leaving::leave;
use super::passwords::{change_passwords, forget_while_half_open};

pub(super) const OTHER_PASSWORD: &str = "Battery-staple-8-horse";

/// So many of each that they meet a function's crashes together, and one message after the other does not wait for the queue alone.
pub(super) fn people(goods: &Goods) -> Vec<Flow<'_, Somebody>> {
    let ways: [Way<Goods, Somebody>; 10] = [
        ("moving in", 2, move_in),
        // A confirmation that is cut short does not come back to where it was.
        ("registering what another has registered", 4, share_an_address),
        ("finding what a guest ordered", 2, find_a_guests_orders),
        ("keeping a profile and addresses", 2, keep_addresses),
        ("moving to another address", 2, change_address),
        ("changing and forgetting a password", 2, change_passwords),
        ("forgetting the password of an account that is half open", 2, forget_while_half_open),
        ("using an authenticator app", 2, use_an_app),
        ("being staff", 2, be_staff),
        ("leaving with a copy", 2, leave),
    ];
    flows(goods, &ways)
}

/// A new account, signed in, and the code that confirmed it.
pub(super) fn arrive(mut somebody: Somebody) -> (Somebody, String) {
    somebody.register(&somebody.password);
    let code = somebody.confirm(0);
    somebody.get_in(&code);
    (somebody, code)
}

impl Somebody {
    /// Signs in. A registration that was cut short and sent again cannot be told from one of somebody else: then the password is that of a
    /// reset, as the mail says.
    fn get_in(&mut self, code: &str) {
        let answer = patient("signing in", || sign_in(&self.email, &self.password));
        if answer.json()["code"] == Code::CredentialsInvalid.as_str() {
            let password = self.password.clone();
            self.reset_password(&password, code);
            // If that was cut short, too, the queue ends it.
            return self.gets_in_eventually();
        }
        self.takes(&answer.expect(200));
    }

    fn gets_in_eventually(&mut self) {
        let tokens = eventually_within(PATIENCE, "signing in with the new password", || {
            let answer = patient("signing in", || sign_in(&self.email, &self.password));
            (answer.json()["code"] != Code::CredentialsInvalid.as_str()).then(|| answer.expect(200))
        });
        self.takes(&tokens);
    }

    /// As if the confirmation had stopped between Cognito and the table.
    pub(super) fn loses_profile(&self) {
        let users = Table::of("users");
        users.delete(&format!("USER#{}", self.id), "PROFILE");
        users.delete(&format!("EMAIL#{}", self.email), "EMAIL");
    }

    /// Waits until the account lists an order with this number.
    fn awaits_order(&self, number: &str) {
        eventually_within(PATIENCE, &format!("order {number} to be listed"), || {
            let orders = self.ask("the orders", &get("/orders")).expect(200);
            orders["data"].as_array().unwrap().iter().any(|order| order["number"] == number).then_some(())
        });
    }

    /// Waits for what is sold out, with the account and by its address alone.
    pub(super) fn waits_for(&self, goods: &Goods) {
        let (sku, id) = (&goods.sold_out.sku, &goods.sold_out.id);
        let call = post(&format!("/products/{id}/stock-alerts"));
        self.ask("to hear of it", &call.clone().json(&json!({ "sku": sku }))).expect(202);
        let wish = self.tell(call).json(&json!({ "sku": sku, "email": self.email }));
        patient("to hear of it as a guest", || wish.clone().send()).expect(202);
    }

    /// A guest orders with `email`, and thinks better of it.
    fn guest_orders(&mut self, goods: &Goods, email: &str) -> String {
        let mut buyer = cart(goods);
        email.clone_into(&mut buyer.email);
        let order = place_for(buyer, How::Cancelled, 0);
        order.cancel();
        let number = order.number.clone();
        self.orders.push(order);
        number
    }
}

fn move_in(_: &Goods) -> Somebody {
    let mut somebody = stranger();
    somebody.register(&somebody.password);
    let wish = json!({ "email": somebody.email });
    patient("the code again", || somebody.tell(post("/users/confirmation-codes")).json(&wish).send()).expect(202);
    let code = somebody.confirm(1);
    somebody.get_in(&code);
    let refresh = |token: &str| {
        let body = json!({ "refresh_token": token });
        patient("refreshing", || somebody.tell(post("/sessions/refreshes")).json(&body).send())
    };
    refresh(&somebody.refresh_token).expect(200);
    assert_eq!(somebody.ask("signing out", &delete("/sessions")).status, 204);
    refresh(&somebody.refresh_token).refused(Code::CredentialsInvalid);

    somebody.loses_profile();
    somebody.sign_in();
    let (users, pk) = (Table::of("users"), format!("USER#{}", somebody.id));
    // As a release before the list of all wrote it.
    let mut old = somebody.row("PROFILE").unwrap();
    for attribute in ["gsi1pk", "gsi1sk"] {
        old.as_object_mut().unwrap().remove(attribute);
    }
    users.put(&old);
    somebody.sign_in();
    // As if Cognito had been told by another way that there is no app.
    users.set(&pk, "PROFILE", &[("totp_since", json!(kernel::fresh::now().to_string()))]);
    somebody.sign_in();
    assert_eq!(somebody.row("PROFILE").unwrap().get("totp_since"), None);
    somebody
}

/// Two want one address; it is theirs who has the mailbox, with a password of their own.
fn share_an_address(_: &Goods) -> Somebody {
    let mut somebody = stranger();
    let mut tries = somebody.register(OTHER_PASSWORD) + somebody.register(&somebody.password);
    let code = somebody.confirm(1);
    somebody.get_in(&code);
    let body = json!({ "email": somebody.email, "password": OTHER_PASSWORD, "name": "Mallory" });
    patient("the other password", || sign_in(&somebody.email, OTHER_PASSWORD)).refused(Code::CredentialsInvalid);
    let (answer, times) = counted("registering what is taken", || somebody.tell(post("/users")).json(&body).send());
    answer.expect(201);
    tries += times;
    // Each try may have been one, and the queue may have come to the first of them after the confirmation.
    somebody.is_told(&somebody.email, "already have", tries);
    somebody
}

fn find_a_guests_orders(goods: &Goods) -> Somebody {
    let mut guest = stranger();
    let email = guest.email.clone();
    let before = guest.guest_orders(goods, &email);
    let (mut somebody, _) = arrive(guest);
    somebody.awaits_order(&before);
    let after = somebody.guest_orders(goods, &email);
    somebody.awaits_order(&after);
    somebody
}

fn keep_addresses(_: &Goods) -> Somebody {
    let (somebody, _) = arrive(stranger());
    let wish = json!({ "name": "Countess", "phone": "+4930901820", "locale": "en", "marketing_consent": true });
    let changed = somebody.ask("another name", &patch("/me").json(&wish)).expect(200);
    assert_eq!((&changed["name"], &changed["phone"]), (&wish["name"], &wish["phone"]));

    let add = post("/me/addresses").json(&json!({ "address": address() }));
    let first = somebody.ask("an address", &add).expect(201);
    let second = somebody.ask("another address", &add).expect(201);
    let path = |entry: &Value| format!("/me/addresses/{}", entry["id"].as_str().unwrap());
    let serving = json!({ "address": address(), "default_shipping": true });
    for body in [serving, json!({ "address": address() })] {
        somebody.ask("an address of the book", &put(&path(&second)).json(&body)).expect(200);
    }
    let (removed, times) = counted("removing an address", || somebody.by(delete(&path(&first))).send());
    assert!(removed.status == 204 || (times > 1 && removed.status == 404), "{}", removed.text);
    let book = somebody.ask("the book", &get("/me/addresses")).expect(200);
    let entries = book["data"].as_array().unwrap();
    assert!(entries.iter().any(|entry| entry["id"] == second["id"] && entry["default_shipping"] == true), "{book}");
    assert!(entries.iter().all(|entry| entry["id"] != first["id"]), "{book}");
    somebody
}

fn change_address(goods: &Goods) -> Somebody {
    let new = new_address();
    let (mut somebody, code) = arrive(stranger());
    somebody.waits_for(goods);
    let ordered = somebody.guest_orders(goods, &new);
    let wish = json!({ "email": new, "password": somebody.password });
    somebody.ask("a code for another address", &post("/me/email-changes").json(&wish)).expect(202);
    let body = json!({ "email": new, "code": mailed_code(&new, &code, 0) });
    for what in ["moving", "moving again"] {
        let moved = somebody.ask(what, &post("/me/email-changes/confirmations").json(&body)).expect(200);
        assert_eq!(moved["email"], new.as_str());
    }
    // Written with the profile, once.
    somebody.is_told(&somebody.email, "another e-mail address", 1);
    somebody.former = Some(std::mem::replace(&mut somebody.email, new));
    somebody.awaits_order(&ordered);
    somebody.sign_in();
    let former = somebody.former.clone().unwrap();
    patient("the old address", || sign_in(&former, &somebody.password)).refused(Code::CredentialsInvalid);
    somebody
}

fn use_an_app(_: &Goods) -> Somebody {
    let (mut somebody, _) = arrive(stranger());
    let password = json!({ "password": somebody.password });
    let begun = somebody.ask("a secret", &post("/me/totp").json(&password)).expect(201);
    let secret = begun["secret"].as_str().unwrap();
    let (enabled, times) = counted("showing that the app works", || {
        somebody.by(put("/me/totp")).json(&json!({ "code": totp::code(secret) })).send()
    });
    let was_cut_short = times > 1 && enabled.json()["code"] == Code::TotpActive.as_str();
    assert!(enabled.status == 200 || was_cut_short, "{}", enabled.text);
    assert_eq!(somebody.me()["totp"], true);

    // Whose answer is lost begins again: a session is good once.
    let mut rounds = 0;
    let tokens = eventually_within(PATIENCE, "signing in with a code", || {
        rounds += 1;
        let challenge = patient("signing in", || sign_in(&somebody.email, &somebody.password)).expect(200);
        assert_eq!(challenge["challenge"], "totp", "{challenge}");
        let body = json!({ "email": somebody.email, "session": challenge["session"], "code": totp::code(secret) });
        let (answer, times) =
            counted("the code of the app", || somebody.tell(post("/sessions/challenges")).json(&body).send());
        assert!(rounds > 1 || times > 1 || answer.status == 200, "{}", answer.text);
        (answer.status == 200).then(|| answer.json())
    });
    somebody.takes(&tokens);
    assert_eq!(somebody.ask("removing the app", &delete("/me/totp").json(&password)).status, 204);
    assert_eq!(somebody.me()["totp"], false);
    somebody.sign_in();
    somebody
}

fn be_staff(_: &Goods) -> Somebody {
    let (mut somebody, _) = arrive(stranger());
    let (email, password) = (setting("SOUK_ADMIN_EMAIL"), setting("SOUK_ADMIN_PASSWORD"));
    let admin = patient("the admin", || sign_in(&email, &password)).expect(200);
    let token = admin["access_token"].as_str().unwrap();
    let read = |path: &str| patient("reading accounts", || get(path).bearer(token).send());
    let path = format!("/admin/users/{}", somebody.id);
    let begin = somebody.email.split('@').next().unwrap();
    for search in [format!("email={begin}"), "name=ada&limit=5".to_owned()] {
        read(&format!("/admin/users?{search}")).expect(200);
    }
    let change = |body: &Value| -> Answer {
        let etag = read(&path).header("etag").unwrap().to_owned();
        let call = patch(&path).bearer(token).header("If-Match", etag).json(body);
        somebody.tell(call).send()
    };
    // The last two set what was changed back: nobody is staff at the end.
    let steps = [
        json!({ "groups": ["admin"] }),
        json!({ "status": "disabled" }),
        json!({ "status": "active" }),
        json!({ "groups": [] }),
        json!({ "totp": false }),
    ];
    for body in steps {
        // Read again each time: a try that was cut short may have made another version.
        patient("changing the account", || change(&body)).expect(200);
        let shown = read(&path).expect(200);
        for (name, value) in body.as_object().unwrap() {
            assert_eq!(&shown[name], value, "{shown}");
        }
        if body["status"] == "disabled" {
            let refused = patient("signing in", || sign_in(&somebody.email, &somebody.password));
            refused.refused(Code::CredentialsInvalid);
        }
    }
    somebody.sign_in();
    assert_eq!(somebody.me()["groups"], json!([]), "Cognito has learnt it, too");
    somebody
}
