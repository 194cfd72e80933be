//! The only place that writes the keys of users.
//!
//! | row | pk | sk |
//! | --- | --- | --- |
//! | profile | `USER#<sub>` | `PROFILE` |
//!
//! | access pattern | how |
//! | --- | --- |
//! | somebody's profile | get `USER#<sub>` / `PROFILE`, alone or in a batch |

use dynamo::Key;
use kernel::UserId;

pub(crate) fn profile(id: &UserId) -> Key {
    Key::new(format!("USER#{id}"), "PROFILE")
}
