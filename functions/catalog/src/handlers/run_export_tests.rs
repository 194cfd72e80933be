use std::cell::{Cell, RefCell};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use dynamo::Row;
use kernel::Ulid;
use serde_json::json;

use super::*;
use crate::domain::sheet::Header;
use crate::domain::sheet_rows::{Place, rows};
use crate::domain::{Product, RESTARTS, Tree};
use crate::fixtures;
use crate::handlers::fakes::category;
use crate::store::keys;

/// A catalogue of so many teas, and a bucket; it fails at one of its calls, once.
#[derive(Default)]
struct Shop {
    teas: u128,
    export: RefCell<Option<Row<Export>>>,
    files: RefCell<BTreeMap<String, Vec<u8>>>,
    parts: RefCell<BTreeMap<(String, u16), Vec<u8>>>,
    uploads: Cell<u32>,
    /// Times that somebody else puts a part in the place of the first right before the file is made of them.
    replaced: Cell<u32>,
    /// The call that fails, counted down, and whether it does what it was asked.
    fault: Cell<Option<(u32, bool)>>,
}

/// So many bytes make a part: some two hundred teas.
const PART_OF_TESTS: usize = 20_000;

fn id() -> ExportId {
    ExportId::new(Ulid(1000))
}

fn busy() -> StoreError {
    StoreError::Busy("the fault of the test".into())
}

fn etag(bytes: &[u8]) -> String {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(bytes).to_string()
}

impl Shop {
    fn of(teas: u128) -> Self {
        let asked = Export::new(id(), fixtures::STAFF.parse().unwrap(), Trace::start("c"), fixtures::now());
        Self { teas, export: RefCell::new(Some(Row::new(keys::export(id()), asked))), ..Self::default() }
    }

    fn call<T>(&self, act: impl FnOnce() -> T) -> Result<T, StoreError> {
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

    fn export(&self) -> Export {
        self.export.borrow().as_ref().unwrap().body.clone()
    }

    /// Delivers the message once; what fails is delivered again.
    async fn deliver(&self) {
        let deps = Deps { catalog: self, uploads: self, rest: self, part_bytes: PART_OF_TESTS, now: fixtures::now };
        let _ = handle(&deps, ExportWork { export_id: id(), trace: Trace::start("c") }).await;
    }
}

impl LoadExport for &Shop {
    async fn load_export(&self, _: ExportId) -> Result<Option<Row<Export>>, StoreError> {
        self.call(|| self.export.borrow().clone())
    }
}

impl SaveExport for &Shop {
    async fn save_export(&self, before: &Row<Export>, after: &Export) -> Result<bool, StoreError> {
        self.call(|| {
            if self.export.borrow().as_ref().unwrap().version != before.version {
                return false;
            }
            self.export.replace(Some(Row { version: before.version + 1, body: after.clone(), ..before.clone() }));
            true
        })
    }
}

impl ReadCategories for &Shop {
    async fn read_categories(&self) -> Result<Tree, StoreError> {
        self.call(|| Tree::new([category(fixtures::category_id(), "tea")]))
    }
}

impl LoadCatalog for &Shop {
    /// A hundred at a time.
    async fn load_catalog(&self, after: Option<ProductId>, _: u16) -> Result<Shelf, StoreError> {
        let from = after.map_or(0, |id| id.ulid().0 + 1);
        let tea = |number: u128| {
            let stored = fixtures::stored_tea();
            let slug = format!("tea-{number}").parse().unwrap();
            Stored { product: Product { id: ProductId::new(Ulid(number)), slug, ..stored.product }, ..stored }
        };
        let ids: Vec<u128> = (from..self.teas).take(100).collect();
        let next = ids.last().filter(|last| **last + 1 < self.teas).map(|last| ProductId::new(Ulid(*last)));
        self.call(|| Shelf { products: ids.into_iter().map(tea).collect(), next })
    }
}

impl WriteFile for &Shop {
    async fn begin_file(&self, _: &str) -> Result<String, BucketError> {
        let begin = || {
            self.uploads.set(self.uploads.get() + 1);
            self.uploads.get().to_string()
        };
        self.call(begin).map_err(BucketError::of)
    }

    async fn put_part(&self, _: &str, upload: &str, number: u16, bytes: Vec<u8>) -> Result<Part, BucketError> {
        let etag = etag(&bytes);
        self.call(|| self.parts.borrow_mut().insert((upload.to_owned(), number), bytes)).map_err(BucketError::of)?;
        Ok(Part { number, etag })
    }

    async fn complete_file(&self, key: &str, upload: &str, parts: &[Part]) -> Result<bool, BucketError> {
        let place = |number: u16| (upload.to_owned(), number);
        if self.replaced.get() > 0 {
            self.replaced.set(self.replaced.get() - 1);
            self.parts.borrow_mut().insert(place(1), b"another".to_vec());
        }
        let is_there = |part: &Part| etag(&self.parts.borrow()[&place(part.number)]) == part.etag;
        if !parts.iter().all(is_there) {
            return Ok(false);
        }
        let complete = || {
            let mut bytes = Vec::new();
            for (at, part) in parts.iter().enumerate() {
                let found = self.parts.borrow_mut().remove(&place(part.number)).unwrap();
                assert!(found.len() >= PART_OF_TESTS || at + 1 == parts.len());
                bytes.extend(found);
            }
            self.files.borrow_mut().insert(key.to_owned(), bytes);
            true
        };
        self.call(complete).map_err(BucketError::of)
    }

    async fn put_rest(&self, key: &str, bytes: Vec<u8>) -> Result<String, BucketError> {
        let etag = etag(&bytes);
        self.call(|| self.files.borrow_mut().insert(key.to_owned(), bytes)).map(|_| etag).map_err(BucketError::of)
    }

    async fn has_file(&self, key: &str) -> Result<bool, BucketError> {
        self.call(|| self.files.borrow().contains_key(key)).map_err(BucketError::of)
    }

    async fn read_rest(&self, key: &str, known: &str) -> Result<Option<Vec<u8>>, BucketError> {
        let read = || self.files.borrow().get(key).filter(|bytes| etag(bytes) == known).cloned();
        self.call(read).map_err(BucketError::of)
    }
}

impl SendOn for &Shop {
    async fn send_on(&self, _: &ExportWork) -> Result<(), NotQueued> {
        self.call(|| ()).map_err(|error| NotQueued(Box::new(error)))
    }
}

/// Delivers the message until the file is there; the file.
async fn run(shop: &Shop) -> Vec<u8> {
    for _ in 0..100 {
        if shop.export().status == ExportStatus::Ready {
            return shop.files.borrow()[&export_file(id(), shop.export().restarts)].clone();
        }
        shop.deliver().await;
    }
    panic!("the copy is never done");
}

#[tokio::test]
async fn a_copy_has_every_product_once_in_parts_that_the_bucket_takes() {
    for teas in [0, 1, 100, 101, 600] {
        let shop = Shop::of(teas);
        let file = run(&shop).await;
        let (rows, _) = rows(&file, Place::START, true);
        assert_eq!(rows.len() as u128, teas + 1);
        let first = |cells: &[String]| cells[0].clone();
        let slugs: Vec<String> = rows[1..].iter().map(|row| first(row.cells.as_ref().unwrap())).collect();
        assert_eq!(slugs, (0..teas).map(|number| format!("tea-{number}")).collect::<Vec<_>>());
        let cells = rows[0].cells.as_ref().unwrap();
        assert_eq!(Header::read(cells.iter().map(String::as_str)), Ok(Header::whole()));
        assert_eq!(u128::from(shop.export().products), teas);
    }
}

#[tokio::test]
async fn a_copy_that_is_cut_at_any_call_is_the_same() {
    let whole = run(&Shop::of(301)).await;
    for is_done in [false, true] {
        for call in 0.. {
            let shop = Shop::of(301);
            shop.fault.set(Some((call, is_done)));
            assert!(run(&shop).await == whole, "cut at call {call}, done: {is_done}");
            let Export { products, restarts, .. } = shop.export();
            assert_eq!((products, restarts), (301, 0), "cut at call {call}, done: {is_done}");
            if shop.fault.get().is_some() {
                assert!(call > 20, "{call} calls are too few to tell");
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_copy_of_which_another_message_replaced_a_part_is_begun_anew_but_not_for_ever() {
    let whole = run(&Shop::of(301)).await;
    for times in 1..=RESTARTS {
        let shop = Shop::of(301);
        shop.replaced.set(times);
        assert!(run(&shop).await == whole);
        let Export { products, restarts, .. } = shop.export();
        assert_eq!((products, restarts), (301, times));
    }
    let shop = Shop::of(301);
    shop.replaced.set(RESTARTS + 1);
    for _ in 0..100 {
        shop.deliver().await;
    }
    assert_eq!((shop.export().status, shop.uploads.get()), (ExportStatus::Failed, RESTARTS + 1));
    assert!((0..=RESTARTS).all(|times| !shop.files.borrow().contains_key(&export_file(id(), times))));
}

#[tokio::test]
async fn a_copy_whose_rest_another_message_replaced_or_that_is_gone_is_begun_anew() {
    let whole = run(&Shop::of(301)).await;
    for contents in [None, Some(b"another".to_vec())] {
        let shop = Shop::of(301);
        shop.deliver().await;
        let rest = shop.files.take().into_keys();
        shop.files.replace(rest.filter_map(|key| Some((key, contents.clone()?))).collect());
        assert!(run(&shop).await == whole);
        assert_eq!(shop.export().restarts, 1);
    }
}

#[tokio::test]
async fn a_copy_that_is_done_or_was_never_asked_for_is_left_alone() {
    let shop = Shop::of(1);
    let file = run(&shop).await;
    let deps = Deps { catalog: &shop, uploads: &shop, rest: &shop, part_bytes: PART_OF_TESTS, now: fixtures::now };
    let work = || ExportWork { export_id: id(), trace: Trace::start("c") };
    shop.files.borrow_mut().clear();
    handle(&deps, work()).await.unwrap();
    shop.export.replace(None);
    handle(&deps, work()).await.unwrap();
    assert!(shop.files.borrow().is_empty() && !file.is_empty());
}

#[test]
fn the_queue_holds_the_event_and_what_is_left_of_copies() {
    let rest = ExportWork { export_id: id(), trace: Trace::start("c") };
    assert_eq!(ExportWork::read(&serde_json::to_string(&rest).unwrap()).unwrap(), rest);
    let event_id = kernel::EventId::new(Ulid(1));
    let event =
        events::Envelope::new(event_id, fixtures::now(), rest.trace.clone(), 1, ExportRequested { export_id: id() });
    let told = json!({ "detail-type": "ExportRequested.v1", "detail": event }).to_string();
    assert_eq!(ExportWork::read(&told).unwrap(), rest);
    assert!(ExportWork::read("{}").is_err());
}
