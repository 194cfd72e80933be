//! `PATCH /admin/users/{id}`: admins disable and enable accounts, say who is staff, and take a lost authenticator app off.
//!
//! The row and Cognito are two; whatever comes between them, nobody has more rights than was meant, and the same change sent again ends
//! what was begun.

use api::{AuditEntry, Code, Group, Problem, Request, Response, Staff};
use dynamo::{Row, StoreError, WriteError};
use kernel::{Timestamp, Ulid, UserId};
use tracing::info;

use crate::cognito::Refused;
use crate::domain::{Admins, Profile, StaffChange, Step};
use crate::handlers::member;

/// Tries when others change the same account or the list of admins at the same time.
const TRIES: u32 = 5;

/// Somebody's profile, and who the admins are, in one call.
pub trait LoadMember {
    async fn load_member(&self, id: &UserId) -> Result<Option<Member>, StoreError>;
}

/// An account and the list that it may be on.
#[derive(Debug, Clone)]
pub struct Member {
    pub profile: Profile,
    pub admins: Option<Row<Admins>>,
}

/// What one change writes.
pub struct Saving<'a> {
    /// As it was read.
    pub before: &'a Member,
    pub after: &'a Profile,
    /// The admins afterwards, if they are others.
    pub admins: Option<&'a Admins>,
    pub audit: &'a AuditEntry,
    pub audit_id: Ulid,
}

/// Writes the change with its audit entry; refused when profile or admins are no longer what was read.
pub trait SaveMember {
    async fn save_member(&self, saving: Saving<'_>) -> Result<(), WriteError<()>>;
}

/// Tells Cognito one thing. Told twice, it is as if told once.
pub trait TellCognito {
    async fn tell(&self, id: &UserId, step: Step) -> Result<(), Refused>;
}

pub struct Deps<S, C> {
    pub staff: Staff,
    pub users: S,
    pub cognito: C,
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

pub async fn handle<S: LoadMember + SaveMember>(
    deps: &Deps<S, impl TellCognito>,
    request: Request,
) -> Result<Response, Problem> {
    let staff = deps.staff.admit(&request, &[Group::Admin]).await?;
    let id: UserId = request.path_parameter("id")?;
    let change: StaffChange = request.json()?;
    change.check().map_err(Problem::invalid)?;
    let now = (deps.now)();
    let audit = AuditEntry::new(&request, &staff, now, "update_user", &id, &change.fields());
    for _ in 0..TRIES {
        let before = deps.users.load_member(&id).await?.ok_or_else(|| Problem::new(Code::NotFound))?;
        request.if_match(before.profile.version)?;
        let mut after = before.profile.changed_by(&change, now);
        let admins = before.admins.as_ref().map(|row| row.body.clone()).unwrap_or_default();
        let admins = admins.after(&before.profile, &after).map_err(|_| Problem::new(Code::LastAdmin))?;
        for step in change.giving() {
            deps.cognito.tell(&id, step).await?;
        }
        // That an app was taken off is written down also where only Cognito knew of one.
        if after != before.profile || admins.is_some() || change.removes_totp() {
            let audit_id = (deps.new_id)();
            let saving = Saving { before: &before, after: &after, admins: admins.as_ref(), audit: &audit, audit_id };
            match deps.users.save_member(saving).await {
                Ok(()) => after.version += 1,
                Err(WriteError::Refused(_)) => continue,
                Err(WriteError::Store(error)) => return Err(error.into()),
            }
            info!(user.id = %id, fields = ?change.fields(), "staff changed account {id}");
        }
        for step in change.taking() {
            deps.cognito.tell(&id, step).await?;
        }
        return Ok(member::answer(after));
    }
    Err(Problem::new(Code::TryAgain))
}

#[cfg(test)]
mod tests;
