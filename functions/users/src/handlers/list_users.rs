//! `GET /admin/users`: all accounts by address, or those whose address or name begins as asked.

use std::collections::HashMap;

use api::{Code, Group, Limit, PageRequest, Problem, Request, Response, Staff};
use dynamo::StoreError;
use kernel::Text;
use serde::Deserialize;

use crate::domain::Profile;
use crate::handlers::member::MemberView;

/// Where one row is; what a cursor holds.
pub type Place = HashMap<String, String>;

/// Which accounts are asked for. What they begin with is in small letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    All,
    Email(String),
    Name(String),
}

pub trait ListUsers {
    /// The parts of the index that `wanted` is found in, which every page's position must lead to.
    fn sections(&self, wanted: &Wanted) -> Vec<String>;

    /// The next `limit` accounts after `position`, and where to go on if there may be more.
    async fn list_users(
        &self,
        wanted: &Wanted,
        limit: u16,
        position: Option<Place>,
    ) -> Result<(Vec<Profile>, Option<Place>), StoreError>;
}

pub struct Deps<S> {
    pub staff: Staff,
    pub users: S,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    email: Option<Text<1, 254>>,
    name: Option<Text<1, 100>>,
    #[serde(default)]
    limit: Limit,
    cursor: Option<String>,
}

impl Asked {
    fn wanted(&self) -> Result<Wanted, Problem> {
        match (&self.email, &self.name) {
            (None, None) => Ok(Wanted::All),
            (Some(email), None) => Ok(Wanted::Email(email.as_str().to_lowercase())),
            (None, Some(name)) => Ok(Wanted::Name(name.as_str().to_lowercase())),
            (Some(_), Some(_)) => Err(Problem::detailed(Code::InvalidQuery, "Give 'email' or 'name', not both.")),
        }
    }
}

pub async fn handle(deps: &Deps<impl ListUsers>, request: Request) -> Result<Response, Problem> {
    deps.staff.admit(&request, &[Group::Admin, Group::Support]).await?;
    let asked: Asked = request.query()?;
    let wanted = asked.wanted()?;
    let page = PageRequest::read(&request, asked.cursor.as_deref())?;
    let position = page.position_in("gsi1pk", &deps.users.sections(&wanted))?;
    let (found, next) = deps.users.list_users(&wanted, asked.limit.get(), position).await?;
    let users = found.into_iter().map(MemberView::of).collect();
    Ok(page.respond::<MemberView>(users, next, &request))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use testkit::json;

    use super::*;
    use crate::domain::samples::ada;

    const ROBIN: &str = "00000000-5a5e-4c7f-9d0e-1f6a2b3c4d5e";

    #[derive(Default)]
    struct Users(RefCell<Vec<(Wanted, Option<Place>)>>);

    impl ListUsers for Users {
        fn sections(&self, wanted: &Wanted) -> Vec<String> {
            if *wanted == Wanted::All { vec!["USERS#a".into(), "USERS#b".into()] } else { vec!["USERS#a".into()] }
        }

        async fn list_users(
            &self,
            wanted: &Wanted,
            _: u16,
            position: Option<Place>,
        ) -> Result<(Vec<Profile>, Option<Place>), StoreError> {
            self.0.borrow_mut().push((wanted.clone(), position));
            let place = [("pk", "USER#1"), ("sk", "PROFILE"), ("gsi1pk", "USERS#b"), ("gsi1sk", "b@example.com#1")];
            Ok((vec![ada()], Some(place.map(|(name, value)| (name.to_owned(), value.to_owned())).into())))
        }
    }

    async fn list(deps: &Deps<Users>, query: &[(&str, &str)], groups: &str) -> Result<Response, Problem> {
        let request = testkit::request::get("/admin/users").authorized(ROBIN, groups);
        let request = query.iter().fold(request, |request, (name, value)| request.query(name, value));
        handle(deps, request.build()).await
    }

    fn deps() -> Deps<Users> {
        Deps { staff: testkit::auth::staff(), users: Users::default() }
    }

    #[tokio::test]
    async fn staff_page_through_all_accounts() {
        let deps = deps();
        let first = json(&list(&deps, &[], "[support]").await.unwrap());
        assert_eq!(first["data"][0]["email"], "ada@example.com");
        let cursor = first["next_cursor"].as_str().unwrap();
        list(&deps, &[("cursor", cursor)], "[support]").await.unwrap();
        assert_eq!(deps.users.0.borrow()[1].1.as_ref().unwrap()["gsi1sk"], "b@example.com#1");
    }

    #[tokio::test]
    async fn a_search_is_in_small_letters() {
        let deps = deps();
        list(&deps, &[("email", " ADA@Ex")], "[admin]").await.unwrap();
        list(&deps, &[("name", "Åsa L")], "[admin]").await.unwrap();
        let asked: Vec<Wanted> = deps.users.0.borrow().iter().map(|(wanted, _)| wanted.clone()).collect();
        assert_eq!(asked, [Wanted::Email("ada@ex".into()), Wanted::Name("åsa l".into())]);
    }

    #[tokio::test]
    async fn a_cursor_leads_on_in_its_own_list_only() {
        let deps = deps();
        let all = json(&list(&deps, &[], "[admin]").await.unwrap());
        let cursor = all["next_cursor"].as_str().unwrap();
        let refused = list(&deps, &[("email", "a"), ("cursor", cursor)], "[admin]").await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidCursor);
        let astray = json(&list(&deps, &[("email", "a")], "[admin]").await.unwrap());
        let cursor = astray["next_cursor"].as_str().unwrap();
        let refused = list(&deps, &[("email", "a"), ("cursor", cursor)], "[admin]").await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidCursor, "a place outside of what was asked for");
    }

    #[tokio::test]
    async fn address_and_name_are_not_searched_at_once() {
        let refused = list(&deps(), &[("email", "a"), ("name", "a")], "[admin]").await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidQuery);
    }

    #[tokio::test]
    async fn shoppers_and_the_warehouse_see_no_list() {
        for groups in ["[]", "[warehouse]"] {
            assert_eq!(list(&deps(), &[], groups).await.unwrap_err().code(), Code::Forbidden);
        }
    }
}
