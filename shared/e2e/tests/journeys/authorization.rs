//! Who may call what: every operation of the API's document by every kind of caller, with a valid request and on things that are there.
//! Whoever may not is told so in the one way that the operation's kind has for it, and has changed nothing.

use api::Code;
use e2e::crowd::{Rush, at_once};
use e2e::settings;
use e2e::shop::Answer;

use document::{Access, Operation, operations};
use people::{Cast, Who};
use requests::request;
use things::{Thing, Whose};

mod document;
mod people;
mod requests;
mod things;
mod tokens;

pub(crate) use tokens::{method_of, path_of};

/// What sets something for the whole shop: no other test runs meanwhile.
const SETTINGS: [&str; 2] = ["PUT /admin/shipping-zones", "PUT /admin/tax-rates"];

/// After these their callers are not who they were, or more comes of it later: each has people of its own.
const CONSUMING: [&str; 6] = [
    "DELETE /me",
    "DELETE /sessions",
    "POST /me/email-changes/confirmations",
    "POST /me/exports",
    "PUT /me/password",
    "PUT /me/totp",
];

/// What `who` is answered: a status of success, or why not.
fn expected(operation: &Operation, who: Who, whose: Whose) -> Result<u16, Code> {
    let is_another_s = operation.collection().is_some() && who != whose.owner();
    let refusal = match &operation.access {
        Access::Public | Access::Optional { guests_show: None } => None,
        // Only its signature counts, whoever shows it, and nobody here has one.
        Access::Provider => Some(Code::SignatureInvalid),
        Access::Optional { guests_show: Some(_) } => is_another_s.then_some(Code::NotFound),
        Access::Required | Access::Staff(_) if !who.has_account() => Some(Code::Unauthenticated),
        Access::Required => is_another_s.then_some(Code::NotFound),
        Access::Staff(groups) => (!who.is_in(groups)).then_some(Code::Forbidden),
    };
    refusal.map_or(Ok(operation.success), Err)
}

/// Has everybody call `operation`, those who may change the thing after all others; what was not as expected.
fn call_by_everybody(operation: &Operation, cast: &Cast, whose: Whose) -> Vec<String> {
    let (thing, rush) = (Thing::of(operation, cast, whose), Rush::default());
    let may_change = |who: &Who| match operation.access {
        Access::Staff(_) => expected(operation, *who, whose).is_ok(),
        _ => *who == whose.owner(),
    };
    let holder = (whose == Whose::Guest).then_some(Who::Holder);
    let (last, first): (Vec<Who>, Vec<Who>) = Who::ALL.into_iter().chain(holder).partition(may_change);
    let send = |who: Who| (who, rush.send(&request(operation, &thing, cast, who)));

    let before = thing.rows();
    let mut answers = at_once(first.len(), |number| send(first[number]));
    let after = thing.rows();
    answers.extend(last.into_iter().map(send));

    let mut faults: Vec<String> = Vec::new();
    for (who, answer) in &answers {
        let fault = differs(answer, expected(operation, *who, whose));
        faults.extend(fault.map(|fault| format!("{operation} of {whose:?} by {who:?}: {fault}")));
    }
    if before != after {
        faults.push(format!("{operation} by others made {before:?} of {whose:?} into {after:?}"));
    }
    faults
}

/// What is wrong with `answer`, if anything.
fn differs(answer: &Answer, expected: Result<u16, Code>) -> Option<String> {
    let is_problem = answer.header("content-type") == Some("application/problem+json");
    let is_right = match expected {
        Ok(status) => answer.status == status,
        Err(code) => answer.status == code.status() && answer.json()["code"] == code.as_str() && is_problem,
    };
    (!is_right).then(|| format!("{expected:?} is expected, {} comes: {}", answer.status, answer.text))
}

/// Holds that everybody is answered as they should be, and that what is others' stays as it is.
#[track_caller]
fn hold(operations: &[Operation], cast: &Cast) {
    let mut faults = Vec::new();
    for operation in operations {
        let own = CONSUMING.contains(&operation.name().as_str()).then(Cast::new);
        let cast = own.as_ref().unwrap_or(cast);
        faults.extend(call_by_everybody(operation, cast, Whose::Shopper));
        if matches!(operation.access, Access::Optional { guests_show: Some(_) }) {
            faults.extend(call_by_everybody(operation, cast, Whose::Guest));
        }
        if let Some(own) = own {
            own.leave();
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn every_route_is_for_those_whom_the_document_names_and_changes_nothing_for_others() {
    let _settings = settings::unchanged();
    let known: Vec<String> = operations().iter().map(Operation::name).collect();
    for name in SETTINGS.iter().chain(&CONSUMING) {
        assert!(known.iter().any(|known| known == name), "the document no longer has {name}");
    }
    let cast = Cast::new();
    let others: Vec<Operation> = operations().into_iter().filter(|operation| !is_setting(operation)).collect();
    hold(&others, &cast);
    cast.leave();
}

#[test]
fn the_shop_s_settings_are_for_those_whom_the_document_names() {
    let _alone = settings::alone();
    let cast = Cast::new();
    let settings: Vec<Operation> = operations().into_iter().filter(is_setting).collect();
    hold(&settings, &cast);
    cast.leave();
}

fn is_setting(operation: &Operation) -> bool {
    SETTINGS.contains(&operation.name().as_str())
}
