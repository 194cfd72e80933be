//! Those who call.

use e2e::buyer::Buyer;
use e2e::crowd::at_once;
use e2e::ordered::ordered;
use e2e::people::{Person, shopper};
use e2e::shop::Call;
use e2e::staff::{account, change, member, user_id};
use serde_json::json;

/// A kind of caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    Anonymous,
    /// With the tokens of a cart and an order of their own.
    Guest,
    Shopper,
    OtherShopper,
    Support,
    Warehouse,
    Admin,
    /// The guest who has the thing that is called for.
    Holder,
}

impl Who {
    /// Everybody but the holder, who is another one each time.
    pub(super) const ALL: [Self; 7] =
        [Self::Anonymous, Self::Guest, Self::Shopper, Self::OtherShopper, Self::Support, Self::Warehouse, Self::Admin];
    const WITH_ACCOUNT: [Self; 5] = [Self::Shopper, Self::OtherShopper, Self::Support, Self::Warehouse, Self::Admin];

    pub(super) fn has_account(self) -> bool {
        Self::WITH_ACCOUNT.contains(&self)
    }

    pub(super) fn is_in(self, groups: &[String]) -> bool {
        self.group().is_some_and(|group| groups.iter().any(|known| known == group))
    }

    fn group(self) -> Option<&'static str> {
        match self {
            Self::Support => Some("support"),
            Self::Warehouse => Some("warehouse"),
            Self::Admin => Some("admin"),
            Self::Anonymous | Self::Guest | Self::Shopper | Self::OtherShopper | Self::Holder => None,
        }
    }
}

/// One of each kind.
pub(super) struct Cast {
    guest: Buyer,
    accounts: Vec<Account>,
}

struct Account {
    who: Who,
    id: String,
    person: Person,
}

impl Cast {
    pub(super) fn new() -> Self {
        let account = |number: usize| {
            let who = Who::WITH_ACCOUNT[number];
            let person = who.group().map_or_else(shopper, |group| member(&[group]));
            Account { who, id: user_id(&person), person }
        };
        Self { guest: ordered().buyer, accounts: at_once(Who::WITH_ACCOUNT.len(), account) }
    }

    fn account(&self, who: Who) -> Option<&Account> {
        self.accounts.iter().find(|account| account.who == who)
    }

    pub(super) fn person(&self, who: Who) -> Option<&Person> {
        self.account(who).map(|account| &account.person)
    }

    pub(super) fn shopper(&self) -> &Person {
        self.person(Who::Shopper).unwrap()
    }

    pub(super) fn shopper_id(&self) -> &str {
        &self.account(Who::Shopper).unwrap().id
    }

    /// `call` with all that `who` has to show.
    pub(super) fn show(&self, who: Who, call: Call) -> Call {
        match (who, self.person(who)) {
            (_, Some(person)) => call.bearer(&person.access_token),
            (Who::Guest, None) => self.guest.show(call),
            (_, None) => call,
        }
    }

    /// Takes the admin's rights back, unless they left by themselves: the shop's list of admins is as it was.
    pub(super) fn leave(self) {
        let admin = &self.account(Who::Admin).unwrap().id;
        if account(admin).status == 200 {
            change(admin, &json!({ "groups": [] })).expect(200);
        }
    }
}
