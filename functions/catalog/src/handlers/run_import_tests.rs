use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use dynamo::WriteError;
use kernel::{ProductId, Sku};
use serde_json::json;

use super::*;
use crate::domain::import::Counts;
use crate::domain::{LedgerEntry, Offer, OfferEdit, Stored, StoredOffer, Tree};
use crate::fixtures;
use crate::handlers::edits::{NotSaved, Saving};
use crate::handlers::fakes::category;
use crate::handlers::import_group::{Counting, NotCounted};
use crate::store::keys;

/// A shop in memory that fails at one of its calls, once: before it did what it was asked, or after.
#[derive(Default)]
struct Shop {
    products: RefCell<BTreeMap<ProductId, Stored>>,
    ledger: RefCell<BTreeMap<(Sku, Ulid), LedgerEntry>>,
    import: RefCell<Option<Row<Import>>>,
    refused: RefCell<BTreeMap<u32, RefusedRow>>,
    file: Vec<u8>,
    /// The call that fails, counted down, and whether it does what it was asked.
    fault: Cell<Option<(u32, bool)>>,
    calls: Cell<u32>,
    writes: Cell<u32>,
    sent: Cell<u32>,
}

/// All that an import leaves behind.
#[derive(Debug, PartialEq)]
struct Left {
    products: Vec<String>,
    ledger: Vec<(Sku, i64)>,
    status: ImportStatus,
    counts: Counts,
    refused: Vec<RefusedRow>,
}

fn id() -> ImportId {
    ImportId::new(Ulid(1000))
}

fn busy() -> StoreError {
    StoreError::Busy("the fault of the test".into())
}

impl Shop {
    fn with_file(file: &str) -> Self {
        Self { file: file.as_bytes().to_vec(), ..Self::default() }.asked(id())
    }

    /// Waits for the file under another import.
    fn asked(self, id: ImportId) -> Self {
        let import = Import::new(id, fixtures::STAFF.parse().unwrap(), Trace::start("c"), fixtures::now());
        self.import.replace(Some(Row::new(keys::import(id), import)));
        self.refused.borrow_mut().clear();
        self
    }

    /// Does `act`, unless it is this call's turn to fail.
    fn call<T>(&self, act: impl FnOnce() -> T) -> Result<T, StoreError> {
        self.calls.set(self.calls.get() + 1);
        match self.fault.get() {
            Some((0, is_done)) => {
                self.fault.set(None);
                if is_done {
                    act();
                }
                Err(busy())
            }
            Some((left, is_done)) => {
                self.fault.set(Some((left - 1, is_done)));
                Ok(act())
            }
            None => Ok(act()),
        }
    }

    fn left(&self) -> Left {
        let Row { body: Import { status, counts, .. }, .. } = self.import.borrow().clone().unwrap();
        let told = |stored: &Stored| {
            let product = serde_json::to_value(&stored.product).unwrap();
            let offers: Vec<_> = stored.offers.iter().map(|stored| json!(stored.offer)).collect();
            json!([product, offers]).to_string()
        };
        Left {
            products: self.products.borrow().values().map(told).collect(),
            ledger: self.ledger.borrow().values().map(|entry| (entry.sku.clone(), entry.delta)).collect(),
            status,
            counts,
            refused: self.refused.borrow().values().cloned().collect(),
        }
    }
}

impl LoadImport for &Shop {
    async fn load_import(&self, _: ImportId) -> Result<Option<Row<Import>>, StoreError> {
        self.call(|| self.import.borrow().clone())
    }
}

impl SaveProgress for &Shop {
    async fn save_progress(
        &self,
        before: &Row<Import>,
        after: &Import,
        refused: &[RefusedRow],
    ) -> Result<bool, StoreError> {
        self.call(|| {
            self.refused.borrow_mut().extend(refused.iter().map(|row| (row.line, row.clone())));
            if self.import.borrow().as_ref().unwrap().version != before.version {
                return false;
            }
            self.import.replace(Some(Row { version: before.version + 1, body: after.clone(), ..before.clone() }));
            true
        })
    }
}

impl ReadCategories for &Shop {
    async fn read_categories(&self) -> Result<Tree, StoreError> {
        self.call(|| Tree::new([category(fixtures::category_id(), "tea")]))
    }
}

impl FindSlug for &Shop {
    async fn find_slug(&self, slug: &Slug) -> Result<Option<ProductId>, StoreError> {
        let is_it = |stored: &&Stored| stored.product.slugs().any(|known| known == slug);
        self.call(|| self.products.borrow().values().find(is_it).map(|stored| stored.product.id))
    }
}

impl LoadStored for &Shop {
    async fn load_stored(&self, id: ProductId, _: &[Sku]) -> Result<Option<Stored>, StoreError> {
        self.call(|| self.products.borrow().get(&id).cloned())
    }
}

impl SaveEdit for &Shop {
    async fn save_edit(&self, saving: Saving<'_>) -> Result<(), WriteError<NotSaved>> {
        let edit = saving.edit;
        let is_of_others = |sku: &Sku| {
            self.products.borrow().values().any(|other| other.product.id != edit.product.id && other.has_variant(sku))
        };
        for created in edit.offers.iter().filter(|edit| matches!(edit, OfferEdit::Create(_))) {
            if is_of_others(created.sku()) {
                return Err(WriteError::Refused(vec![NotSaved::SkuTaken(created.sku().clone())]));
            }
        }
        let write = || {
            self.writes.set(self.writes.get() + 1);
            let mut products = self.products.borrow_mut();
            let offers = edit.variants.iter().map(|offer| StoredOffer { offer: offer.clone(), version: 1 }).collect();
            let stored = Stored { product: edit.product.clone(), version: edit.version_after(), offers };
            products.insert(edit.product.id, stored);
        };
        self.call(write).map_err(WriteError::Store)
    }
}

impl SaveCounts for &Shop {
    async fn save_counts(&self, counts: &[Counting]) -> Result<(), WriteError<NotCounted>> {
        let key = |counting: &Counting| (counting.entry.sku.clone(), counting.line.1);
        let known = counts.iter().filter(|counting| self.ledger.borrow().contains_key(&key(counting)));
        let refusals: Vec<NotCounted> = known.map(|counting| NotCounted::Already(counting.entry.sku.clone())).collect();
        if !refusals.is_empty() {
            return Err(WriteError::Refused(refusals));
        }
        let write = || {
            self.writes.set(self.writes.get() + 1);
            for counting in counts {
                let LedgerEntry { sku, delta, .. } = &counting.entry;
                let mut products = self.products.borrow_mut();
                let offers = products.values_mut().flat_map(|stored| &mut stored.offers);
                let offer = offers.map(|stored| &mut stored.offer).find(|offer| offer.sku == *sku).unwrap();
                assert_eq!(offer.on_hand, counting.on_hand);
                let mark = Some(counting.mark.clone());
                *offer = Offer {
                    on_hand: offer.on_hand + delta,
                    available: offer.available + delta,
                    counted: true,
                    imported: mark,
                    ..offer.clone()
                };
                self.ledger.borrow_mut().insert(key(counting), counting.entry.clone());
            }
        };
        self.call(write).map_err(WriteError::Store)
    }
}

impl ReadUpload for &Shop {
    async fn read_upload(
        &self,
        _: &str,
        etag: Option<&str>,
        from: u64,
        length: u64,
    ) -> Result<Option<Excerpt>, BucketError> {
        assert!(etag.is_none_or(|etag| etag == "e"));
        let from = usize::try_from(from).unwrap();
        let end = self.file.len().min(from + usize::try_from(length).unwrap());
        let read =
            || Excerpt { bytes: self.file[from..end].to_vec(), size: self.file.len() as u64, etag: "e".to_owned() };
        self.call(read).map(Some).map_err(BucketError::of)
    }
}

impl SendOn for &Shop {
    async fn send_on(&self, _: &ImportWork) -> Result<(), NotQueued> {
        self.call(|| self.sent.set(self.sent.get() + 1)).map_err(|error| NotQueued(Box::new(error)))
    }
}

/// A file of so many teas in two sizes each, with some rows that are wrong.
fn file(teas: u32) -> String {
    let mut file = "slug,title,category,status,option1_name,option1_value,sku,price,stock\n".to_owned();
    for tea in 0..teas {
        let category = if tea % 7 == 3 { "coffee" } else { "tea" };
        file += &format!("tea-{tea},Tea {tea},{category},active,Size,S,T-{tea}-S,5.00,{tea}\n");
        let price = if tea % 5 == 2 { "five" } else { "9.50" };
        file += &format!("tea-{tea},,,,,L,T-{tea}-L,{price},\n");
    }
    file + "tea-0,Again,tea,active,Size,XS,T-X,5.00,1\nlast,Last,tea,active,,,T-1-S,5.00,1\n"
}

const SMALL: Limits = Limits { rows: 4, seconds: 4, piece_bytes: 400 };

/// Delivers the message until nothing is left to be done.
async fn run(shop: &Shop, limits: Limits) {
    let deps = Deps {
        catalog: shop,
        uploads: shop,
        rest: shop,
        currency: Currency::EUR,
        zone: fixtures::zone(),
        limits,
        now: fixtures::now,
        new_id: fixtures::new_id,
    };
    for _ in 0..500 {
        let status = shop.import.borrow().as_ref().map(|row| row.body.status);
        if !matches!(status, Some(ImportStatus::Waiting | ImportStatus::Running)) {
            return;
        }
        // What fails is delivered again.
        let _ = handle(&deps, ImportWork { import_id: Some(id()), trace: Trace::start("c") }).await;
    }
    panic!("the import never ends");
}

#[tokio::test]
async fn a_file_is_done_row_by_row_and_what_is_wrong_is_told() {
    let shop = Shop::with_file(&file(6));
    run(&shop, Limits::default()).await;
    let left = shop.left();
    assert_eq!(
        (left.status, left.counts),
        (ImportStatus::Done, Counts { created: 9, refused: 5, ..Counts::default() })
    );
    let told: Vec<(u32, &str)> = left.refused.iter().map(|row| (row.line, row.faults[0].code.as_str())).collect();
    let expected =
        [(7, "invalid_price"), (8, "category_not_found"), (9, "product_refused"), (14, "repeated"), (15, "repeated")];
    assert_eq!(told, expected);
    assert_eq!((left.products.len(), left.ledger.len()), (5, 4), "the first tea has no stock");
    let row = shop.import.borrow().clone().unwrap();
    assert_eq!((row.body.file.unwrap().rows, row.body.finished_at), (14, Some(fixtures::now())));
}

#[tokio::test]
async fn the_same_file_sent_twice_changes_nothing_the_second_time() {
    let shop = Shop::with_file(&file(6));
    run(&shop, SMALL).await;
    let (first, writes) = (shop.left(), shop.writes.get());
    let shop = shop.asked(ImportId::new(Ulid(2000)));
    run(&shop, SMALL).await;
    let second = shop.left();
    assert_eq!((shop.writes.get(), &second.products, &second.ledger), (writes, &first.products, &first.ledger));
    assert_eq!(second.counts, Counts { unchanged: 9, refused: 5, ..Counts::default() });
    assert_eq!(second.refused, first.refused);
}

#[tokio::test]
async fn an_import_comes_to_the_same_in_whatever_chunks() {
    let whole = Shop::with_file(&file(12));
    run(&whole, Limits::default()).await;
    for (rows, piece_bytes) in [(1, 400), (3, 401), (7, 450), (100, 1000), (2, 1_000_000)] {
        let shop = Shop::with_file(&file(12));
        run(&shop, Limits { rows, piece_bytes, ..SMALL }).await;
        assert_eq!(shop.left(), whole.left(), "{rows} rows, {piece_bytes} bytes");
    }
}

#[tokio::test]
async fn an_import_that_is_cut_at_any_call_comes_to_the_same() {
    let whole = Shop::with_file(&file(8));
    run(&whole, SMALL).await;
    assert!(whole.sent.get() > 1, "an import whose rows fit into one message never goes on");
    for is_done in [false, true] {
        for call in 0..whole.calls.get() {
            let shop = Shop::with_file(&file(8));
            shop.fault.set(Some((call, is_done)));
            run(&shop, SMALL).await;
            assert_eq!(shop.fault.get(), None, "call {call} is one that an import makes");
            assert_eq!(shop.left(), whole.left(), "cut at call {call}, done: {is_done}");
        }
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_imported_changes_nothing_and_says_why() {
    let quote = format!("slug,sku\na,\"{}", "x".repeat(3000));
    for (file, code) in [
        ("\n", "empty_file"),
        ("slug,sku", "empty_file"),
        ("slug,sku\n\n", "empty_file"),
        ("slug,sku\na,1\nb,\"2\nc,3\n", "unclosed_quote"),
        ("slug,\"sku\na,1\n", "unclosed_quote"),
        ("slug,sku,colour\na,b,c\n", "unknown_column"),
        ("slug,price\na,5\n", "missing_column"),
        ("slug,sku,sku\na,b,c\n", "repeated_column"),
        (&quote, "product_too_long"),
    ] {
        let shop = Shop::with_file(file);
        run(&shop, SMALL).await;
        let import = shop.import.borrow().clone().unwrap().body;
        assert_eq!((import.status, import.failure.unwrap().code.as_str()), (ImportStatus::Failed, code));
        assert_eq!(shop.writes.get(), 0);
    }
}

#[tokio::test]
async fn what_others_sell_is_refused_and_the_rest_of_the_product_is_made() {
    let shop = Shop::with_file(
        "slug,title,category,sku,price,option1_name,option1_value\n\
        assam,Assam,tea,TEA-100,5,Size,S\nassam,,,A-2,6,,L\n",
    );
    let tea = fixtures::stored_tea();
    shop.products.borrow_mut().insert(tea.product.id, tea);
    run(&shop, Limits::default()).await;
    let left = shop.left();
    assert_eq!(left.counts, Counts { created: 1, refused: 1, ..Counts::default() });
    assert_eq!((left.refused[0].line, left.refused[0].faults[0].code.as_str()), (2, "sku_taken"));
}

#[tokio::test]
async fn an_import_that_is_over_or_was_never_asked_for_is_left_alone() {
    let shop = Shop::with_file(&file(1));
    run(&shop, Limits::default()).await;
    let (left, sent) = (shop.left(), shop.sent.get());
    let deps = Deps {
        catalog: &shop,
        uploads: &shop,
        rest: &shop,
        currency: Currency::EUR,
        zone: fixtures::zone(),
        limits: SMALL,
        now: fixtures::now,
        new_id: fixtures::new_id,
    };
    let work = |import_id| ImportWork { import_id, trace: Trace::start("c") };
    handle(&deps, work(Some(id()))).await.unwrap();
    handle(&deps, work(None)).await.unwrap();
    shop.import.replace(None);
    handle(&deps, work(Some(id()))).await.unwrap();
    assert_eq!(shop.sent.get(), sent);
    assert_eq!((left.status, left.counts.rows()), (ImportStatus::Done, 4));
}

#[test]
fn the_queue_holds_what_the_bucket_tells_and_what_is_left_of_imports() {
    let key = import_file(id());
    let told = json!({ "Records": [{ "s3": { "object": { "key": key } } }] }).to_string();
    assert_eq!(ImportWork::read(&told).unwrap().import_id, Some(id()));
    let rest = ImportWork { import_id: Some(id()), trace: Trace::start("c") };
    assert_eq!(ImportWork::read(&serde_json::to_string(&rest).unwrap()).unwrap(), rest);
    let trial = json!({ "Event": "s3:TestEvent" }).to_string();
    assert_eq!(ImportWork::read(&trial).unwrap().import_id, None);
    assert!(ImportWork::read("x").is_err());
}

#[test]
fn products_of_a_category_that_is_being_deleted_are_refused() {
    let mut closing = category(fixtures::category_id(), "tea");
    closing.closing = Some(crate::domain::Closing { move_to: None });
    let open = category(fixtures::other_category_id(), "coffee");
    let slugs: Vec<String> = by_slug(Tree::new([closing, open])).keys().map(ToString::to_string).collect();
    assert_eq!(slugs, ["coffee"]);
}
