use std::cell::{Cell, RefCell};
use std::rc::Rc;

use dynamo::Key;
use serde_json::{Value, json};

use super::*;
use crate::domain::samples::{ADA, ada};

const ROBIN: &str = "00000000-5a5e-4c7f-9d0e-1f6a2b3c4d5e";

/// What happened, in order: `admin+` granted, `admin-` revoked, `row` written.
type Story = Rc<RefCell<Vec<String>>>;

struct Cognito {
    story: Story,
    is_down_for: Option<Step>,
}

impl TellCognito for Cognito {
    async fn tell(&self, _: &UserId, step: Step) -> Result<(), Refused> {
        if self.is_down_for == Some(step) {
            return Err(Refused::Busy("down".into()));
        }
        self.story.borrow_mut().push(match step {
            Step::Grant(group) => format!("{}+", group.as_str()),
            Step::Revoke(group) => format!("{}-", group.as_str()),
            Step::Enable => "on".to_owned(),
            Step::Disable => "off".to_owned(),
            Step::SignOut => "out".to_owned(),
            Step::RemoveTotp => "no app".to_owned(),
        });
        Ok(())
    }
}

/// A table with Ada in it.
struct Users {
    story: Story,
    ada: RefCell<Profile>,
    admins: RefCell<Row<Admins>>,
    /// The admins as somebody makes them just before the first attempt to save.
    meanwhile: Cell<Option<Admins>>,
}

impl LoadMember for Users {
    async fn load_member(&self, id: &UserId) -> Result<Option<Member>, StoreError> {
        let member = Member { profile: self.ada.borrow().clone(), admins: Some(self.admins.borrow().clone()) };
        Ok((id.as_str() == ADA).then_some(member))
    }
}

impl SaveMember for Users {
    async fn save_member(&self, saving: Saving<'_>) -> Result<(), WriteError<()>> {
        let mut row = self.admins.borrow_mut();
        if let Some(admins) = self.meanwhile.take() {
            *row = Row { version: row.version + 1, body: admins, ..row.clone() };
        }
        if saving.before.admins.as_ref().map(|row| row.version) != Some(row.version) {
            return Err(WriteError::Refused(vec![()]));
        }
        if let Some(admins) = saving.admins {
            *row = Row { version: row.version + 1, body: admins.clone(), ..row.clone() };
        }
        let version = saving.before.profile.version + 1;
        self.ada.replace(Profile { version, ..saving.after.clone() });
        self.story.borrow_mut().push(format!("row {}", saving.audit.fields.join(" ")));
        Ok(())
    }
}

fn admins(ids: &[&str]) -> Admins {
    serde_json::from_value(json!({ "admins": ids })).unwrap()
}

fn shop(groups: &[Group], of_shop: &[&str]) -> Deps<Users, Cognito> {
    let story = Story::default();
    let users = Users {
        story: story.clone(),
        ada: RefCell::new(Profile { version: 7, groups: groups.to_vec(), ..ada() }),
        admins: RefCell::new(Row::new(Key::new("STAFF", "ADMINS"), admins(of_shop))),
        meanwhile: Cell::new(None),
    };
    let cognito = Cognito { story, is_down_for: None };
    Deps { staff: testkit::auth::staff(), users, cognito, now: testkit::now, new_id: || Ulid(7) }
}

async fn patch(deps: &Deps<Users, Cognito>, etag: &str, body: Value) -> Result<Response, Problem> {
    let request = testkit::request::patch(&format!("/admin/users/{ADA}")).path_parameter("id", ADA);
    let request = request.authorized(ROBIN, "[admin]").header("if-match", etag).json(body);
    handle(deps, request.build()).await
}

fn story(deps: &Deps<Users, Cognito>) -> Vec<String> {
    deps.cognito.story.borrow().clone()
}

#[tokio::test]
async fn giving_tells_cognito_first_and_taking_tells_it_last() {
    let deps = shop(&[Group::Warehouse], &[ROBIN]);
    let answer = patch(&deps, "\"7\"", json!({ "groups": ["support"] })).await.unwrap();
    assert_eq!(story(&deps), ["support+", "row groups", "admin-", "warehouse-"]);
    assert_eq!(testkit::json(&answer)["groups"], json!(["support"]));
    assert_eq!(answer.header_value("ETag"), Some("\"8\""));
}

#[tokio::test]
async fn a_disabled_account_is_off_in_the_row_before_it_is_in_cognito() {
    let deps = shop(&[], &[ROBIN]);
    patch(&deps, "\"7\"", json!({ "status": "disabled" })).await.unwrap();
    patch(&deps, "\"8\"", json!({ "status": "active" })).await.unwrap();
    assert_eq!(story(&deps), ["row status", "out", "off", "on", "row status"]);
}

#[tokio::test]
async fn an_authenticator_app_is_off_in_the_row_before_it_is_at_cognito() {
    let mut deps = shop(&[], &[ROBIN]);
    let protected = Profile { totp_since: Some(testkit::now()), version: 7, ..ada() };
    deps.users.ada.replace(protected);
    deps.cognito.is_down_for = Some(Step::RemoveTotp);
    let refused = patch(&deps, "\"7\"", json!({ "totp": false })).await.unwrap_err();
    assert_eq!((refused.code(), deps.users.ada.borrow().totp_since), (Code::TryAgain, None));
    deps.cognito.is_down_for = None;
    let answer = patch(&deps, "\"8\"", json!({ "totp": false })).await.unwrap();
    assert_eq!(story(&deps), ["row totp", "row totp", "no app"], "each time is written down");
    assert_eq!((&testkit::json(&answer)["totp"], answer.header_value("ETag")), (&json!(false), Some("\"9\"")));
}

#[tokio::test]
async fn nobody_sets_up_an_authenticator_app_for_somebody_else() {
    let deps = shop(&[], &[ROBIN]);
    let refused = patch(&deps, "\"7\"", json!({ "totp": true, "status": "disabled" })).await.unwrap_err();
    assert_eq!((refused.code(), refused.faults()[0].pointer.as_str()), (Code::ValidationFailed, "/totp"));
    assert!(story(&deps).is_empty());
}

#[tokio::test]
async fn what_cognito_missed_it_learns_when_the_change_is_sent_again() {
    let mut deps = shop(&[Group::Support], &[ROBIN]);
    deps.cognito.is_down_for = Some(Step::Revoke(Group::Support));
    let refused = patch(&deps, "\"7\"", json!({ "groups": [] })).await.unwrap_err();
    assert_eq!((refused.code(), deps.users.ada.borrow().groups.len()), (Code::TryAgain, 0));
    deps.cognito.is_down_for = None;
    deps.cognito.story.borrow_mut().clear();
    let answer = patch(&deps, "\"8\"", json!({ "groups": [] })).await.unwrap();
    assert_eq!(story(&deps), ["admin-", "support-", "warehouse-"], "the row is right already");
    assert_eq!(answer.header_value("ETag"), Some("\"8\""));
}

#[tokio::test]
async fn what_cognito_refuses_to_give_the_row_does_not_give_either() {
    let mut deps = shop(&[], &[ROBIN]);
    deps.cognito.is_down_for = Some(Step::Grant(Group::Admin));
    patch(&deps, "\"7\"", json!({ "groups": ["admin"] })).await.unwrap_err();
    assert!(story(&deps).is_empty() && deps.users.ada.borrow().groups.is_empty());
}

#[tokio::test]
async fn the_last_admin_stays_whichever_way() {
    for body in [json!({ "groups": [] }), json!({ "status": "disabled" })] {
        let deps = shop(&[Group::Admin], &[ADA]);
        assert_eq!(patch(&deps, "\"7\"", body).await.unwrap_err().code(), Code::LastAdmin);
        assert!(story(&deps).is_empty());
    }
}

#[tokio::test]
async fn when_the_other_admin_goes_at_the_same_time_one_of_them_stays() {
    let deps = shop(&[Group::Admin], &[ADA, ROBIN]);
    deps.users.meanwhile.set(Some(admins(&[ADA])));
    let refused = patch(&deps, "\"7\"", json!({ "groups": [] })).await.unwrap_err();
    assert_eq!((refused.code(), deps.users.ada.borrow().is_admin()), (Code::LastAdmin, true));
}

#[tokio::test]
async fn a_new_admin_is_on_the_list() {
    let deps = shop(&[], &[ROBIN]);
    patch(&deps, "\"7\"", json!({ "groups": ["admin"] })).await.unwrap();
    assert_eq!(deps.users.admins.borrow().body, admins(&[ADA, ROBIN]));
}

#[tokio::test]
async fn a_change_names_the_version_that_it_changes() {
    let body = || json!({ "status": "disabled" });
    let deps = shop(&[], &[ROBIN]);
    assert_eq!(patch(&deps, "\"6\"", body()).await.unwrap_err().code(), Code::VersionMismatch);
    let unversioned = testkit::request::patch("/admin/users/x").path_parameter("id", ADA);
    let unversioned = unversioned.authorized(ROBIN, "[admin]").json(body()).build();
    assert_eq!(handle(&deps, unversioned).await.unwrap_err().code(), Code::IfMatchMissing);
    assert!(story(&deps).is_empty());
}

#[tokio::test]
async fn any_of_several_versions_will_do_and_a_weak_one_will_not() {
    let deps = shop(&[], &[ROBIN]);
    let body = || json!({ "groups": [] });
    for etag in ["\"5\", \"7\"", "*"] {
        patch(&deps, etag, body()).await.unwrap();
    }
    for etag in ["W/\"7\"", "\"77\""] {
        assert_eq!(patch(&deps, etag, body()).await.unwrap_err().code(), Code::VersionMismatch, "{etag}");
    }
    for etag in ["7", ""] {
        assert_eq!(patch(&deps, etag, body()).await.unwrap_err().code(), Code::InvalidHeader, "{etag}");
    }
}

#[tokio::test]
async fn only_admins_say_who_is_staff() {
    let deps = shop(&[], &[ROBIN]);
    let request = testkit::request::patch("/admin/users/x").path_parameter("id", ADA);
    let request = request.authorized(ROBIN, "[support]").json(json!({ "groups": ["admin"] })).build();
    assert_eq!(handle(&deps, request).await.unwrap_err().code(), Code::Forbidden);
}
