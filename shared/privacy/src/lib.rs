//! What every service with personal data does alike: forgetting somebody who left, and handing out a copy of what it keeps.
//!
//! * [`forget`] is the whole consumer of `UserDeleted`; a service says with [`Forget`] what that means for its rows. Tokens outlive the
//!   account by minutes, so the message is sent on ([`Reminders`]) until the last of them has expired, and what was written meanwhile
//!   goes too.
//! * A [`Tombstone`] tells writers that come late whose data they must not write down again.
//! * [`export_part`] is the whole consumer of `UserExportRequested`; a service says with [`Collect`] what it keeps. The parts meet in the
//!   [`ExportBucket`].
//!
//! What a row is to a person, its type declares ([`dynamo::Personal`]).

mod bucket;
mod erase;
mod export;
mod forget;
mod reminders;
mod tombstone;

pub use bucket::{BucketError, ExportBucket, KEEP_DAYS};
pub use erase::{erase, erase_listed};
pub use export::{Collect, Exporting, NotExported, PutPart, TellPart, Telling, export_part};
pub use forget::{Forget, Forgetting, Leaver, NotForgotten, NotSent, SendLater, forget};
pub use reminders::Reminders;
pub use tombstone::Tombstone;
