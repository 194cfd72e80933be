use serde::{Deserialize, Serialize};

/// Registrations with one address that nobody has confirmed since.
///
/// Whoever registers first sets the password, whoever reads the mailbox has the code, and they need not be one person. A single registration is
/// taken for the owner's. Of two, nobody can tell whose the password is, so the confirmation does not let it stand. It says nothing of whether
/// anybody has the address, and is written alike for every one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registrations {
    pub count: u32,
}

impl Registrations {
    /// With so many, the password may be a stranger's.
    pub const CONTESTED: u32 = 2;
    /// How long they are remembered after the last code, which is good for a day.
    pub const KEEP_SECONDS: i64 = 30 * 24 * 60 * 60;
}
