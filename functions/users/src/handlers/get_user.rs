//! `GET /admin/users/{id}`: an account, for staff who look after shoppers.

use api::{Code, Group, Problem, Request, Response, Staff};
use kernel::UserId;

use crate::handlers::member;
use crate::handlers::profiles::LoadProfile;

pub struct Deps<S> {
    pub staff: Staff,
    pub users: S,
}

pub async fn handle(deps: &Deps<impl LoadProfile>, request: Request) -> Result<Response, Problem> {
    deps.staff.admit(&request, &[Group::Admin, Group::Support]).await?;
    let id: UserId = request.path_parameter("id")?;
    let profile = deps.users.load_profile(&id).await?;
    Ok(member::answer(profile.ok_or_else(|| Problem::new(Code::NotFound))?))
}

#[cfg(test)]
mod tests {
    use dynamo::StoreError;
    use serde_json::json;

    use super::*;
    use crate::domain::Profile;
    use crate::domain::samples::{ADA, ada};

    const ROBIN: &str = "00000000-5a5e-4c7f-9d0e-1f6a2b3c4d5e";

    /// A table with Ada in it.
    struct Users;

    impl LoadProfile for Users {
        async fn load_profile(&self, id: &UserId) -> Result<Option<Profile>, StoreError> {
            Ok((id.as_str() == ADA).then(|| Profile { version: 7, groups: vec![Group::Warehouse], ..ada() }))
        }
    }

    async fn get(id: &str, groups: &str) -> Result<Response, Problem> {
        let request = testkit::request::get(&format!("/admin/users/{id}")).path_parameter("id", id);
        handle(&Deps { staff: testkit::auth::staff(), users: Users }, request.authorized(ROBIN, groups).build()).await
    }

    #[tokio::test]
    async fn staff_see_an_account_with_the_version_to_change() {
        let answer = get(ADA, "[support]").await.unwrap();
        assert_eq!(answer.header_value("ETag"), Some("\"7\""));
        let expected = json!({
            "id": ADA, "email": "ada@example.com", "name": "Ada", "locale": "de", "status": "active",
            "groups": ["warehouse"], "totp": false, "created_at": testkit::now(),
        });
        assert_eq!(testkit::json(&answer), expected);
    }

    #[tokio::test]
    async fn an_account_that_nobody_has_is_not_found() {
        assert_eq!(get(ROBIN, "[admin]").await.unwrap_err().code(), Code::NotFound);
        assert_eq!(get("nobody", "[admin]").await.unwrap_err().code(), Code::NotFound);
    }

    #[tokio::test]
    async fn the_warehouse_has_no_business_with_accounts() {
        assert_eq!(get(ADA, "[warehouse]").await.unwrap_err().code(), Code::Forbidden);
    }
}
