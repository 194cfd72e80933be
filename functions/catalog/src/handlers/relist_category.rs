//! `CategoryChanged`: products follow their category. Where it moved or is shown to others, they are listed anew; where it is being
//! deleted, they move out. Page by page: each message does a part, and sends the rest on.

use dynamo::StoreError;
use events::{CategoryChanged, Envelope, Unreadable, read_rule_message};
use kernel::{CategoryId, ProductId, Timestamp, Ulid};
use queue::Message;
use serde::{Deserialize, Serialize};
use telemetry::Trace;
use tracing::info;

use crate::domain::{Category, Closing, Tree};
use crate::handlers::closing::{Ending, Finish, finish};
use crate::handlers::empty_category::{MoveProduct, NotMoved, ReadProduct, move_some};
use crate::handlers::list_product::{NotQueued, QueueListing, SettleOffers};
use crate::handlers::members::LoadMembers;
use crate::handlers::tree::LoadTree;

/// Products that one message sends to be listed.
const PRODUCTS: u16 = 100;
/// Categories that one message looks into.
const CATEGORIES: usize = 25;

/// A category whose products follow it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelistWork {
    pub category_id: CategoryId,
    /// None at the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reached: Option<Reached>,
    #[serde(flatten)]
    pub trace: Trace,
}

/// The last that was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reached {
    pub category_id: CategoryId,
    pub product_id: Option<ProductId>,
}

impl Message for RelistWork {
    fn read(body: &str) -> Result<Self, Unreadable> {
        if let Ok(work) = serde_json::from_str(body) {
            return Ok(work);
        }
        let Envelope { trace, data, .. } = read_rule_message::<CategoryChanged>(body)?;
        Ok(Self { category_id: data.category_id, reached: None, trace })
    }

    fn trace(&self) -> &Trace {
        &self.trace
    }
}

/// Sends the rest of the work on.
pub trait SendOn {
    async fn send_on(&self, work: &RelistWork) -> Result<(), NotQueued>;
}

pub struct Deps<S, L, Q> {
    pub catalog: S,
    pub lists: L,
    pub rest: Q,
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

/// Why the message stays in its queue.
#[derive(Debug, thiserror::Error)]
pub enum NotRelisted {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    NotQueued(#[from] NotQueued),
    #[error(transparent)]
    NotMoved(#[from] NotMoved),
    #[error("category {0} could not be ended: others change the tree all the time")]
    Busy(CategoryId),
}

/// # Errors
/// [`NotRelisted`]: the queue delivers the message again.
pub async fn handle<S, L, Q>(deps: &Deps<S, L, Q>, work: RelistWork) -> Result<(), NotRelisted>
where
    S: LoadTree + LoadMembers + ReadProduct + SettleOffers + MoveProduct + Finish,
    L: QueueListing,
    Q: SendOn,
{
    let tree = deps.catalog.load_tree().await?.tree;
    let rest = match tree.get(work.category_id) {
        None => None,
        Some(Category { closing: Some(closing), .. }) => empty(deps, &work, *closing).await?,
        Some(_) => relist(deps, &work, &tree).await?,
    };
    info!(category.id = %work.category_id, ?rest, "products followed their category");
    if let Some(rest) = rest {
        deps.rest.send_on(&rest).await?;
    }
    Ok(())
}

/// Moves some products out of a category that is being deleted, and ends it when there are none; the work that is left.
async fn empty<S, L, Q>(
    deps: &Deps<S, L, Q>,
    work: &RelistWork,
    closing: Closing,
) -> Result<Option<RelistWork>, NotRelisted>
where
    S: LoadTree + LoadMembers + ReadProduct + SettleOffers + MoveProduct + Finish,
{
    let now = (deps.now)();
    if let Some(target) = closing.move_to {
        move_some(&deps.catalog, work, target, now, deps.new_id).await?;
    }
    match finish(&deps.catalog, work.category_id, now).await? {
        Ending::Gone | Ending::Stays => Ok(None),
        Ending::HasProducts => Ok(Some(work.clone())),
        Ending::Busy => Err(NotRelisted::Busy(work.category_id)),
    }
}

/// Sends some products of the category and of those below it to be listed; the work that is left.
async fn relist<S: LoadMembers, L: QueueListing, Q>(
    deps: &Deps<S, L, Q>,
    work: &RelistWork,
    tree: &Tree,
) -> Result<Option<RelistWork>, NotRelisted> {
    let from = work.reached.map(|reached| reached.category_id);
    let mut ahead = tree.with_those_below(work.category_id);
    ahead.retain(|id| from.is_none_or(|from| *id >= from));
    let mut room = PRODUCTS;
    for (looked_into, category_id) in ahead.into_iter().enumerate() {
        if looked_into == CATEGORIES {
            let reached = Some(Reached { category_id, product_id: None });
            return Ok(Some(RelistWork { reached, ..work.clone() }));
        }
        let reached = work.reached.filter(|reached| reached.category_id == category_id);
        let after = reached.and_then(|reached| reached.product_id);
        let found = deps.catalog.load_members(category_id, after, room).await?;
        deps.lists.queue_listing(&found, &work.trace).await?;
        let count = u16::try_from(found.len()).expect("a page keeps to its limit");
        if count == room {
            let reached = Some(Reached { category_id, product_id: found.last().copied() });
            return Ok(Some(RelistWork { reached, ..work.clone() }));
        }
        room -= count;
    }
    Ok(None)
}

#[cfg(test)]
#[path = "relist_category_tests.rs"]
mod tests;
