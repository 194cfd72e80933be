use api::Code;
use e2e::crowd::{Rush, at_once};
use e2e::goods::goods;
use e2e::operator::{Table, with_variable};
use e2e::people::{PASSWORD, Person, admin, refresh, shopper, shopper_called, sign_in};
use e2e::shop::{Answer, Call, delete, eventually, get, patch, post, put};
use e2e::staff::{account, change, change_version, changing, member, signed_in_again, user_id};
use e2e::{settings, totp, unique};
use serde_json::{Value, json};

/// Something that only the warehouse and admins may do.
fn count(sku: &str, person: &Person) -> Answer {
    let call = post(&format!("/admin/inventory/{sku}/adjustments")).bearer(&person.access_token);
    call.json(&json!({ "quantity": 1, "reason": "receipt" })).send()
}

fn search(query: &str) -> Vec<Value> {
    let found = get(&format!("/admin/users?{query}")).bearer(&admin().access_token).send().expect(200);
    found["data"].as_array().unwrap().clone()
}

#[test]
fn whoever_is_disabled_is_out_at_once_and_back_after_signing_in_again() {
    let (lamp, packer) = (goods(1999, 1), member(&["warehouse"]));
    count(&lamp.sku, &packer).expect(201);
    let id = user_id(&packer);
    let disabled = change(&id, &json!({ "status": "disabled" })).expect(200);
    assert_eq!((&disabled["status"], &disabled["groups"]), (&json!("disabled"), &json!(["warehouse"])));
    count(&lamp.sku, &packer).refused(Code::Unauthenticated);
    sign_in(&packer.email, PASSWORD).refused(Code::CredentialsInvalid);
    refresh(&packer).refused(Code::CredentialsInvalid);
    change(&id, &json!({ "status": "active" })).expect(200);
    count(&lamp.sku, &packer).refused(Code::Unauthenticated);
    refresh(&packer).refused(Code::CredentialsInvalid);
    eventually("a sign-in that counts", || {
        let answer = count(&lamp.sku, &signed_in_again(&packer));
        (answer.status != 401).then(|| answer.expect(201))
    });
}

#[test]
fn a_member_who_signs_out_everywhere_is_out_at_once() {
    let (lamp, packer) = (goods(1999, 1), member(&["warehouse"]));
    count(&lamp.sku, &packer).expect(201);
    assert_eq!(delete("/sessions").bearer(&packer.access_token).send().status, 204);
    count(&lamp.sku, &packer).refused(Code::Unauthenticated);
    eventually("a sign-in that counts", || {
        let answer = count(&lamp.sku, &signed_in_again(&packer));
        (answer.status != 401).then(|| answer.expect(201))
    });
}

#[test]
fn an_admin_takes_an_authenticator_app_off_and_signing_in_asks_for_none() {
    let person = shopper();
    let by = |call: Call| call.bearer(&person.access_token);
    let begun = by(post("/me/totp")).json(&json!({ "password": PASSWORD })).send().expect(201);
    let code = totp::code(begun["secret"].as_str().unwrap());
    by(put("/me/totp")).json(&json!({ "code": code })).send().expect(200);
    assert_eq!(sign_in(&person.email, PASSWORD).expect(200)["challenge"], "totp");

    let id = user_id(&person);
    assert_eq!(account(&id).expect(200)["totp"], true);
    let refused = change(&id, &json!({ "totp": true })).refused(Code::ValidationFailed);
    assert_eq!(refused["errors"][0]["pointer"], "/totp");
    // Twice is as good as once, and written down each time.
    for written in 1..=2 {
        assert_eq!(change(&id, &json!({ "totp": false })).expect(200)["totp"], false);
        let entries = Table::of("users").partition(&format!("AUDIT#{id}"));
        assert_eq!((entries.len(), &entries[0]["fields"]), (written, &json!(["totp"])));
    }
    assert!(sign_in(&person.email, PASSWORD).expect(200)["access_token"].is_string());
    by(post("/me/totp")).json(&json!({ "password": PASSWORD })).send().expect(201);
}

#[test]
fn a_group_counts_from_the_next_sign_in_and_its_loss_at_once() {
    let (lamp, person) = (goods(1999, 1), shopper());
    let id = user_id(&person);
    change(&id, &json!({ "groups": ["warehouse"] })).expect(200);
    count(&lamp.sku, &person).refused(Code::Forbidden);
    let packer = signed_in_again(&person);
    count(&lamp.sku, &packer).expect(201);
    assert_eq!(change(&id, &json!({ "groups": [] })).expect(200)["groups"], json!([]));
    count(&lamp.sku, &packer).refused(Code::Forbidden);
    let groups = get("/me").bearer(&signed_in_again(&person).access_token).send().expect(200)["groups"].clone();
    assert_eq!(groups, json!([]), "Cognito has learnt it, too");
}

#[test]
fn support_sees_accounts_and_changes_none() {
    let (support, shopper) = (member(&["support"]), shopper());
    let path = format!("/admin/users/{}", user_id(&shopper));
    let read = get(&path).bearer(&support.access_token).send();
    assert_eq!(read.expect(200)["email"], json!(shopper.email));
    let call = patch(&path).bearer(&support.access_token).header("If-Match", read.header("etag").unwrap());
    call.json(&json!({ "groups": ["admin"] })).send().refused(Code::Forbidden);
    get(&path).bearer(&shopper.access_token).send().refused(Code::Forbidden);
}

#[test]
fn a_change_is_of_the_version_that_was_read_and_leaves_its_trace() {
    let id = user_id(&shopper());
    let etag = account(&id).header("etag").unwrap().to_owned();
    let changed = change_version(&id, &etag, &json!({ "groups": ["support"] }));
    changed.expect(200);
    change_version(&id, &etag, &json!({ "groups": [] })).refused(Code::VersionMismatch);
    let unversioned = patch(&format!("/admin/users/{id}")).bearer(&admin().access_token);
    unversioned.json(&json!({ "groups": [] })).send().refused(Code::IfMatchMissing);
    assert_eq!(account(&id).header("etag"), changed.header("etag"));
    let entries = Table::of("users").partition(&format!("AUDIT#{id}"));
    assert_eq!(entries.len(), 1);
    assert_eq!((&entries[0]["action"], &entries[0]["fields"]), (&json!("update_user"), &json!(["groups"])));
}

#[test]
fn accounts_are_found_by_the_beginning_of_address_and_name() {
    let name = format!("Zora {}", unique());
    let person = shopper_called(&name);
    let (begin, _) = person.email.split_once('@').unwrap();
    let query = format!("name={}", name.to_uppercase().replace(' ', "%20"));
    for query in [format!("email={}", begin.to_uppercase()), query] {
        let found = eventually("the index", || Some(search(&query)).filter(|found| !found.is_empty()));
        assert_eq!((found.len(), &found[0]["email"]), (1, &json!(person.email)), "{query}");
    }
    assert!(search(&format!("email={}", unique())).is_empty());
}

#[test]
fn all_accounts_come_in_pages_by_address() {
    let people = [shopper(), shopper()];
    let token = &admin().access_token;
    let all = || {
        let (mut seen, mut cursor): (Vec<String>, _) = (Vec::new(), String::new());
        loop {
            let page = get(&format!("/admin/users?limit=7{cursor}")).bearer(token).send().expect(200);
            let rows = page["data"].as_array().unwrap();
            seen.extend(rows.iter().map(|user| user["email"].as_str().unwrap().to_owned()));
            let Some(next) = page["next_cursor"].as_str() else { return seen };
            cursor = format!("&cursor={next}");
        }
    };
    eventually("both to be listed", || {
        let seen = all();
        assert!(seen.is_sorted());
        people.iter().all(|person| seen.iter().filter(|email| **email == person.email).count() == 1).then_some(())
    });
}

/// Makes these the shop's only admins for `work`, and the list what it was afterwards.
fn with_admins(ids: &[&String], work: impl FnOnce() + std::panic::UnwindSafe) {
    let users = Table::of("users");
    let usual = users.get("STAFF", "ADMINS").unwrap()["admins"].clone();
    users.set("STAFF", "ADMINS", &[("admins", json!(ids))]);
    let outcome = std::panic::catch_unwind(work);
    users.set("STAFF", "ADMINS", &[("admins", usual)]);
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

/// How often each way of removing an admin is tried by both at once.
const ROUNDS: usize = 4;

#[test]
fn of_the_last_two_admins_removed_at_once_one_stays() {
    let _alone = settings::alone();
    let ids = [user_id(&member(&["admin"])), user_id(&member(&["admin"]))];
    let (rush, removals) = (Rush::default(), [json!({ "groups": [] }), json!({ "status": "disabled" })]);
    // Two requests may miss each other, so there are some rounds.
    for removal in removals.iter().cycle().take(2 * ROUNDS) {
        with_admins(&[&ids[0], &ids[1]], || {
            let calls = ids.each_ref().map(|id| changing(id, removal));
            let answers = at_once(2, |number| rush.send(&calls[number]));
            let (gone, kept): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
            assert_eq!((gone.len(), kept.len()), (1, 1), "{answers:?}");
            kept[0].refused(Code::LastAdmin);
            let left = Table::of("users").get("STAFF", "ADMINS").unwrap()["admins"].clone();
            let admins: Vec<&String> = ids.iter().filter(|id| is_admin(id)).collect();
            assert_eq!(left, json!(admins));
            change(admins[0], removal).refused(Code::LastAdmin);
        });
        for id in &ids {
            change(id, &json!({ "status": "active", "groups": ["admin"] })).expect(200);
        }
    }
    assert!(rush.overlap("users-update-user", 4 * ROUNDS) > 1);
    for id in &ids {
        change(id, &json!({ "groups": [] })).expect(200);
    }
}

fn is_admin(id: &str) -> bool {
    let account = account(id).expect(200);
    account["status"] == "active" && account["groups"] == json!(["admin"])
}

#[test]
fn where_staff_need_a_second_factor_those_without_it_are_told_so() {
    let _alone = settings::alone();
    let _strict = with_variable("users-list-users", "STAFF_NEEDS_TOTP", "true");
    eventually("the function to be strict", || {
        let answer = get("/admin/users").bearer(&admin().access_token).send();
        (answer.status != 200).then(|| answer.refused(Code::TotpRequired))
    });
    get("/admin/users").bearer(&shopper().access_token).send().refused(Code::Forbidden);
}
