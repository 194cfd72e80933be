//! What the consumers of users' events share: knowing an account, and listing guests' orders in it.

use std::collections::HashMap;

use dynamo::{Page, StoreError};
use kernel::{Email, UserId};
use tracing::info;

use crate::domain::{Account, ListedFor, Order};
use crate::handlers::transition::{ConsumerError, TRIES};

pub trait LoadAccount {
    async fn load_account(&self, id: &UserId) -> Result<Option<Account>, StoreError>;
}

/// Writes an account and that its address is its own, if it is still as it was read.
pub trait SaveAccount {
    async fn save_account(&self, before: Option<&Account>, after: &Account) -> Result<Known, StoreError>;
}

/// What became of an account that was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    Saved,
    /// Somebody was faster: what was read is no longer true.
    Raced,
    /// Its owner has left: what is told late of them is not written down again.
    Left,
}

/// Forgets whose an address was, if it was `of`'s.
pub trait ReleaseAddress {
    async fn release_address(&self, email: &Email, of: &UserId) -> Result<(), StoreError>;
}

/// Guests' orders with an address that no account lists yet, the oldest first.
pub trait FindGuestOrders {
    async fn find_guest_orders(
        &self,
        email: &Email,
        position: Option<HashMap<String, String>>,
    ) -> Result<Page<Order>, StoreError>;
}

/// Lists a guest's order in an account, unless one lists it or its address is another by now.
pub trait ListOrder {
    async fn list_order(&self, order: &Order, listed: &ListedFor) -> Result<(), StoreError>;
}

/// Knows `account` from now on, and lists what guests ordered with its address. Done again, it ends what was begun; what is older than
/// what is known changes nothing.
///
/// # Errors
/// [`ConsumerError`]: the queue delivers the event again.
pub(crate) async fn settle<S>(orders: &S, account: &Account, old_email: Option<&Email>) -> Result<(), ConsumerError>
where
    S: LoadAccount + SaveAccount + ReleaseAddress + FindGuestOrders + ListOrder,
{
    if !know(orders, account).await? {
        return Ok(());
    }
    if let Some(email) = old_email {
        orders.release_address(email, &account.user_id).await?;
    }
    let (mut position, mut count) = (None, 0);
    loop {
        let page = orders.find_guest_orders(&account.email, position).await?;
        for row in page.rows {
            if let Some(listed) = account.lists(&row.body) {
                orders.list_order(&row.body, &listed).await?;
                count += 1;
            }
        }
        position = page.next;
        if position.is_none() {
            info!(user.id = %account.user_id, count, "listed what a guest ordered");
            return Ok(());
        }
    }
}

/// Whether `account` is what is known now; not, if something newer is.
async fn know<S: LoadAccount + SaveAccount>(orders: &S, account: &Account) -> Result<bool, ConsumerError> {
    for _ in 0..TRIES {
        let known = orders.load_account(&account.user_id).await?;
        match &known {
            Some(known) if known.sequence > account.sequence => return Ok(false),
            Some(known) if known.sequence == account.sequence => return Ok(true),
            _ => {}
        }
        match orders.save_account(known.as_ref(), account).await? {
            Known::Saved => return Ok(true),
            Known::Left => return Ok(false),
            Known::Raced => {}
        }
    }
    Err(ConsumerError::AccountRaced(account.user_id.clone()))
}
