use std::sync::Mutex;

use dynamo::{Key, Row, WriteError};
use events::ProductChanged;
use kernel::EventId;
use serde_json::json;

use super::*;
use crate::domain::Product;
use crate::fixtures;
use crate::handlers::fakes::{Shelves, category};

impl ReadProduct for Shelves {
    async fn read_product(&self, id: ProductId) -> Result<Option<Row<Product>>, StoreError> {
        let is_there = self.products.lock().unwrap().contains(&id);
        let product = Product { id, ..fixtures::tea().0 };
        Ok(is_there.then(|| Row::new(Key::new("P", "P"), product)))
    }
}

impl SettleOffers for Shelves {
    async fn settle_offers(&self, _: ProductId) -> Result<(), StoreError> {
        Ok(())
    }
}

impl MoveProduct for Shelves {
    async fn move_product(
        &self,
        before: &Row<Product>,
        after: &Product,
        event: &Envelope<ProductChanged>,
    ) -> Result<(), WriteError<()>> {
        assert_eq!((after.category_id, event.sequence), (fixtures::other_category_id(), before.version + 1));
        self.race(())?;
        self.products.lock().unwrap().retain(|product| *product != before.body.id);
        Ok(())
    }
}

#[derive(Default)]
struct Lists(Mutex<Vec<ProductId>>);

impl QueueListing for Lists {
    async fn queue_listing(&self, products: &[ProductId], _: &Trace) -> Result<(), NotQueued> {
        self.0.lock().unwrap().extend(products);
        Ok(())
    }
}

#[derive(Default)]
struct Rest(Mutex<Vec<RelistWork>>);

impl SendOn for Rest {
    async fn send_on(&self, work: &RelistWork) -> Result<(), NotQueued> {
        // As the queue will give it back.
        let body = serde_json::to_string(work).unwrap();
        self.0.lock().unwrap().push(RelistWork::read(&body).unwrap());
        Ok(())
    }
}

fn deps(catalog: Shelves) -> Deps<Shelves, Lists, Rest> {
    Deps { catalog, lists: Lists::default(), rest: Rest::default(), now: fixtures::now, new_id: fixtures::new_id }
}

fn work() -> RelistWork {
    RelistWork { category_id: fixtures::category_id(), reached: None, trace: Trace::start("c") }
}

/// Handles the message and all that it sends on; how many there were.
async fn run(deps: &Deps<Shelves, Lists, Rest>, first: RelistWork) -> usize {
    let mut messages = 0;
    let mut next = Some(first);
    while let Some(work) = next {
        // A message that comes twice does its part twice.
        handle(deps, work.clone()).await.unwrap();
        deps.rest.0.lock().unwrap().clear();
        handle(deps, work).await.unwrap();
        messages += 1;
        next = deps.rest.0.lock().unwrap().pop();
    }
    messages
}

#[tokio::test]
async fn all_products_of_a_category_that_moved_are_listed_anew_page_by_page() {
    let deps = deps(Shelves::tea().with_products(250));
    assert_eq!(run(&deps, work()).await, 3);
    let mut listed = deps.lists.0.into_inner().unwrap();
    listed.sort_unstable();
    listed.dedup();
    assert_eq!(listed.len(), 250);
}

#[tokio::test]
async fn products_of_categories_below_follow_too() {
    let shelves = Shelves::tea().with_products(3);
    let below = Category { parent_id: Some(fixtures::other_category_id()), ..shelves.category().unwrap() };
    shelves.put(below);
    let deps = deps(shelves);
    run(&deps, RelistWork { category_id: fixtures::other_category_id(), ..work() }).await;
    assert_eq!(deps.lists.0.into_inner().unwrap().len(), 2 * 3);
}

#[tokio::test]
async fn one_message_looks_into_a_few_categories_only() {
    let shelves = Shelves::tea().with_products(3);
    for number in 100..160 {
        let below = category(CategoryId::new(Ulid(number)), &format!("c-{number}"));
        shelves.put(Category { parent_id: Some(fixtures::category_id()), ..below });
    }
    let deps = deps(shelves);
    assert_eq!(run(&deps, work()).await, 3, "sixty-one categories");
}

#[tokio::test]
async fn products_move_out_of_a_category_that_is_being_deleted_and_it_goes_with_the_last() {
    let shelves = Shelves::tea().with_products(60).closing(Some(fixtures::other_category_id())).refusing(3);
    let deps = deps(shelves);
    run(&deps, work()).await;
    assert_eq!((deps.catalog.category(), deps.catalog.products.into_inner().unwrap()), (None, vec![]));
    assert!(deps.lists.0.into_inner().unwrap().is_empty(), "each product tells itself that it moved");
}

#[tokio::test]
async fn a_deletion_that_died_half_way_is_ended() {
    let empty = deps(Shelves::tea().closing(None));
    run(&empty, work()).await;
    assert_eq!(empty.catalog.category(), None);
    let full = deps(Shelves::tea().with_products(1).closing(None));
    run(&full, work()).await;
    assert!(full.catalog.category().unwrap().is_open());
}

#[tokio::test]
async fn a_product_that_is_never_let_go_leaves_the_message_in_the_queue() {
    let shelves = Shelves::tea().with_products(1).closing(Some(fixtures::other_category_id())).refusing(99);
    assert!(matches!(handle(&deps(shelves), work()).await, Err(NotRelisted::NotMoved(NotMoved::Refused(_)))));
}

#[tokio::test]
async fn nothing_follows_a_category_that_is_gone() {
    let deps = deps(Shelves::tea().with_products(3));
    assert_eq!(run(&deps, RelistWork { category_id: CategoryId::new(Ulid(99)), ..work() }).await, 1);
    assert!(deps.lists.0.into_inner().unwrap().is_empty());
}

#[test]
fn the_queue_holds_events_and_what_is_left_of_them() {
    let data = CategoryChanged { category_id: fixtures::category_id() };
    let event = Envelope::new(EventId::new(Ulid(1)), fixtures::now(), Trace::start("c"), 1, data);
    let message = json!({ "detail-type": "CategoryChanged.v1", "detail": event }).to_string();
    assert_eq!(RelistWork::read(&message).unwrap(), work());
    let reached = Some(Reached { category_id: fixtures::category_id(), product_id: Some(fixtures::tea().0.id) });
    let rest = RelistWork { reached, ..work() };
    assert_eq!(RelistWork::read(&serde_json::to_string(&rest).unwrap()).unwrap(), rest);
}
