//! Somebody with an account, who tries again whatever dies, and how their account must end.

use std::cell::RefCell;

use api::Code;
use e2e::declarations::{self, Personal};
use e2e::operator::{Table, buckets, named, objects};
use e2e::people::{PASSWORD, Person, new_address, sign_in};
use e2e::shop::{Answer, Call, eventually_within, get, post};
use e2e::{logs, mailbox, unique};
use serde_json::{Value, json};

use super::ends::{End, PATIENCE, WITH_OUTBOX};
use super::flows::patient;

/// Services that keep something of people, apart from users itself, and remember who left.
const REMEMBERING: [&str; 5] = ["catalog", "cart", "orders", "payments", "notifications"];

/// A mail about the account.
#[derive(Debug)]
struct Told {
    to: String,
    words: String,
    /// At least and at most so often, apart from what the log calls possibly repeated.
    times: (usize, usize),
}

#[derive(Debug)]
pub(super) struct Somebody {
    pub(super) email: String,
    pub(super) password: String,
    pub(super) id: String,
    pub(super) access_token: String,
    pub(super) refresh_token: String,
    /// All of their requests carry it, and so does what the shop does on account of them.
    trace: String,
    told: RefCell<Vec<Told>>,
    /// What was ordered with their address, and how that must end.
    pub(super) orders: Vec<End>,
    /// An address that they had before.
    pub(super) former: Option<String>,
    pub(super) has_left: bool,
    /// How often a reset was sent.
    pub(super) resets: usize,
}

/// `call` until it is answered, and how often that took. What was asked for once may then have happened several times.
#[track_caller]
pub(super) fn counted(what: &str, mut call: impl FnMut() -> Answer) -> (Answer, usize) {
    let mut times = 0;
    let answer = patient(what, || {
        times += 1;
        call()
    });
    (answer, times)
}

/// The codes that were mailed to `address`, other than `known`, oldest first.
fn codes(address: &str, known: &str) -> Vec<String> {
    let mails = mailbox::mails_to(address).into_iter().filter(|mail| mail.subject.contains("code"));
    mails.filter_map(|mail| mail.code().filter(|code| *code != known).map(str::to_owned)).collect()
}

/// The code that is mailed to `address` after the first `so_far` ones, other than `known`.
#[track_caller]
pub(super) fn mailed_code(address: &str, known: &str, so_far: usize) -> String {
    eventually_within(PATIENCE, &format!("a code for {address}"), || codes(address, known).into_iter().nth(so_far))
}

/// Somebody whom nobody knows yet.
pub(super) fn stranger() -> Somebody {
    Somebody {
        email: new_address(),
        password: PASSWORD.to_owned(),
        id: String::new(),
        access_token: String::new(),
        refresh_token: String::new(),
        trace: format!("crash-{}", unique()),
        told: RefCell::default(),
        orders: Vec::new(),
        former: None,
        has_left: false,
        resets: 0,
    }
}

impl Somebody {
    /// `call`, with their trace.
    pub(super) fn tell(&self, call: Call) -> Call {
        call.header("X-Correlation-Id", &self.trace)
    }

    /// `call`, by them.
    pub(super) fn by(&self, call: Call) -> Call {
        self.tell(call).bearer(&self.access_token)
    }

    /// `call` by them until it is answered.
    #[track_caller]
    pub(super) fn ask(&self, what: &str, call: &Call) -> Answer {
        patient(what, || self.by(call.clone()).send())
    }

    /// How often it took.
    #[track_caller]
    pub(super) fn register(&self, password: &str) -> usize {
        let body = json!({ "email": self.email, "password": password, "name": "Ada Lovelace" });
        let (answer, times) = counted("registering", || self.tell(post("/users")).json(&body).send());
        answer.expect(201);
        times
    }

    /// Shows the code from the mail that comes after the first `so_far`, and shows it again; gives it.
    #[track_caller]
    pub(super) fn confirm(&self, so_far: usize) -> String {
        let code = mailed_code(&self.email, "", so_far);
        let body = json!({ "email": self.email, "code": code });
        for what in ["confirming", "confirming again"] {
            patient(what, || self.tell(post("/users/confirmations")).json(&body).send()).expect(200);
        }
        code
    }

    #[track_caller]
    pub(super) fn sign_in(&mut self) {
        let tokens = patient("signing in", || sign_in(&self.email, &self.password)).expect(200);
        self.takes(&tokens);
    }

    #[track_caller]
    pub(super) fn takes(&mut self, tokens: &Value) {
        let token = |name: &str| tokens[name].as_str().unwrap_or_else(|| panic!("no {name} in {tokens}")).to_owned();
        (self.access_token, self.refresh_token) = (token("access_token"), token("refresh_token"));
        let id = self.me()["id"].as_str().unwrap().to_owned();
        assert!(self.id.is_empty() || self.id == id, "{id} was {} before", self.id);
        self.id = id;
    }

    /// Forgets the password and has another set by code: whatever password counted before, this one does now.
    #[track_caller]
    pub(super) fn reset_password(&mut self, password: &str, known_code: &str) {
        let (wish, so_far) = (json!({ "email": self.email }), codes(&self.email, known_code).len());
        patient("a reset", || self.tell(post("/password-resets")).json(&wish).send()).expect(202);
        let code = mailed_code(&self.email, known_code, so_far);
        let body = json!({ "email": self.email, "code": code, "password": password });
        let (answer, times) =
            counted("another password", || self.tell(post("/password-resets/confirmations")).json(&body).send());
        // The code is spent by the try that was cut short.
        let was_cut_short = times > 1 && answer.json()["code"] == Code::CodeMismatch.as_str();
        assert!(answer.status == 204 || was_cut_short, "{}", answer.text);
        password.clone_into(&mut self.password);
        self.resets += times;
    }

    #[track_caller]
    pub(super) fn me(&self) -> Value {
        self.ask("the profile", &get("/me")).expect(200)
    }

    pub(super) fn row(&self, sk: &str) -> Option<Value> {
        Table::of("users").get(&format!("USER#{}", self.id), sk)
    }

    /// As whoever buys knows them.
    pub(super) fn person(&self) -> Person {
        Person {
            email: self.email.clone(),
            password: self.password.clone(),
            access_token: self.access_token.clone(),
            id_token: String::new(),
            refresh_token: self.refresh_token.clone(),
        }
    }

    /// A mail with these words must come to `to`, once or up to `most` times.
    pub(super) fn is_told(&self, to: &str, words: &str, most: usize) {
        self.is_told_at_least(1, to, words, most);
    }

    pub(super) fn is_told_at_least(&self, least: usize, to: &str, words: &str, most: usize) {
        let told = Told { to: to.to_owned(), words: words.to_owned(), times: (least, most) };
        self.told.borrow_mut().push(told);
    }

    // How it must end

    pub(super) fn holds(&self) {
        if self.has_left {
            self.is_forgotten();
        } else {
            self.is_one_account();
        }
        self.was_told();
        self.orders.iter().for_each(End::holds);
    }

    /// One profile, whose the address is; the books of both services agree, and its owner gets in.
    fn is_one_account(&self) {
        let users = Table::of("users");
        let profile = self.row("PROFILE").expect("a profile");
        assert_eq!((&profile["email"], &profile["status"]), (&json!(self.email), &json!("active")), "{profile}");
        let listed = users.indexed(&format!("USERS#{}", &self.email[..1]));
        let of_this_address =
            listed.iter().filter(|row| row["type"] == "profile" && row["email"] == self.email.as_str());
        assert_eq!(of_this_address.map(|row| &row["id"]).collect::<Vec<_>>(), [&json!(self.id)], "one, and listed");
        let claims: Vec<_> =
            users.indexed(&format!("PERSON#{}", self.id)).into_iter().filter(|row| row["type"] == "email").collect();
        let places: Vec<_> = claims.iter().map(|claim| (&claim["pk"], &claim["is_confirmed"])).collect();
        assert_eq!(places, [(&json!(format!("EMAIL#{}", self.email)), &json!(true))], "{claims:?}");
        if let Some(former) = &self.former {
            assert_eq!(users.get(&format!("EMAIL#{former}"), "EMAIL"), None);
            let waiting = Table::of("catalog").scan("ALERT#");
            assert!(waiting.iter().all(|alert| !alert.to_string().contains(former)), "{waiting:?}");
        }
        let book = users.partition(&format!("USER#{}", self.id));
        let addresses = book.iter().filter(|row| row["type"] == "address").count();
        assert_eq!(profile["address_count"], json!(addresses), "{profile}");
        let admins = users.get("STAFF", "ADMINS").unwrap()["admins"].clone();
        assert!(!admins.as_array().unwrap().contains(&json!(self.id)), "{admins}");

        let known = Table::of("orders").get(&format!("USER#{}", self.id), "ACCOUNT").expect("orders knows the account");
        assert_eq!(known["email"], self.email.as_str(), "{known}");
        let tokens = patient("signing in", || sign_in(&self.email, &self.password)).expect(200);
        assert!(tokens["access_token"].is_string(), "{tokens}");
    }

    /// Nothing is left but that they left, and what says of itself why it is kept.
    fn is_forgotten(&self) {
        let rows = Table::of("users").partition(&format!("USER#{}", self.id));
        let kinds: Vec<_> = rows.iter().map(|row| (&row["sk"], &row["type"], &row["status"])).collect();
        assert_eq!(kinds, [(&json!("PROFILE"), &json!("tombstone"), &json!("deleted"))], "{rows:?}");
        for service in REMEMBERING {
            let tombstone = Table::of(service).get(&format!("TOMBSTONE#{}", self.id), "TOMBSTONE");
            assert!(tombstone.is_some(), "{service} does not know that {} has left", self.id);
        }
        let declared = declarations::by_name();
        for service in WITH_OUTBOX {
            for row in Table::of(service).scan_all() {
                let text = row.to_string();
                assert!(!text.contains(&self.email), "{service}: {text}");
                let is_kept = declared[row["type"].as_str().unwrap()] == Personal::Keep;
                assert!(is_kept || !text.contains(&self.id), "{service}: {text}");
            }
        }
        let bucket =
            buckets().into_iter().find(|name| name.starts_with(&named("data-"))).expect("the bucket of copies");
        assert!(objects(&bucket).iter().all(|key| !key.contains(&self.id)));
        let refused = patient("signing in", || sign_in(&self.email, &self.password));
        refused.refused(Code::CredentialsInvalid);
    }

    /// Whatever was repeated because nobody could know says so in the log.
    fn was_told(&self) {
        for Told { to, words, times: (least, most) } in self.told.borrow().iter() {
            let has_words = |mail: &&mailbox::Mail| mail.subject.contains(words) || mail.text.contains(words);
            let mails = mailbox::mails_to(to).iter().filter(has_words).count();
            // The log is long: it is read only when it has something to excuse.
            let log = if mails > *most { logs::of(&self.trace) } else { Vec::new() };
            let is_repeated = |line: &&Value| line["message"] == "mail sent" && line["possibly_repeated"] == true;
            let most = most + log.iter().filter(is_repeated).count();
            assert!(
                (*least..=most).contains(&mails),
                "{to}: {mails} mails '{words}', expected {least} to {most}: {log:#?}"
            );
        }
    }
}
