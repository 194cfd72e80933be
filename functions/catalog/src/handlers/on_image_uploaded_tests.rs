use std::cell::{Cell, RefCell};

use kernel::Sku;
use serde_json::json;

use super::*;
use crate::domain::{ImageType, MAX_IMAGES, Stored};
use crate::fixtures;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01";

/// A tea, a picture on its way to it, and the two buckets.
struct Shop {
    product: RefCell<Option<Stored>>,
    pending: RefCell<Option<PendingImage>>,
    uploaded: RefCell<Option<Vec<u8>>>,
    size: u64,
    shown: RefCell<Vec<(String, String)>>,
    /// Writes that somebody else is faster than.
    refusals: Cell<u32>,
    /// The call that fails, counted down, and whether it does what it was asked.
    fault: Cell<Option<(u32, bool)>>,
}

fn image_id() -> ImageId {
    ImageId::new(Ulid(5))
}

fn product_id() -> ProductId {
    fixtures::stored_tea().product.id
}

impl Shop {
    fn given(bytes: &[u8]) -> Self {
        let pending = PendingImage {
            id: image_id(),
            product_id: product_id(),
            alt: "A tin of tea".parse().unwrap(),
            content_type: ImageType::Png,
            asked_at: fixtures::now(),
            actor: fixtures::STAFF.parse().unwrap(),
            trace: Trace::start("c"),
            refused: None,
        };
        Self {
            product: RefCell::new(Some(fixtures::stored_tea())),
            pending: RefCell::new(Some(pending)),
            uploaded: RefCell::new(Some(bytes.to_vec())),
            size: bytes.len() as u64,
            shown: RefCell::default(),
            refusals: Cell::default(),
            fault: Cell::default(),
        }
    }

    fn call<T>(&self, act: impl FnOnce() -> T) -> Result<T, StoreError> {
        let busy = || StoreError::Busy("the fault of the test".into());
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

    fn refused(&self) -> Option<Refusal> {
        self.pending.borrow().as_ref()?.refused
    }

    fn images(&self) -> usize {
        self.product.borrow().as_ref().map_or(0, |stored| stored.product.images.len())
    }
}

impl LoadPendingImage for &Shop {
    async fn load_pending_image(&self, _: ProductId, _: ImageId) -> Result<Option<PendingImage>, StoreError> {
        self.call(|| self.pending.borrow().clone())
    }
}

impl RefuseImage for &Shop {
    async fn refuse_image(&self, image: &PendingImage, refusal: Refusal) -> Result<(), StoreError> {
        let refused = PendingImage { refused: Some(refusal), ..image.clone() };
        self.call(|| self.pending.replace(Some(refused))).map(|_| ())
    }
}

impl LoadStored for &Shop {
    async fn load_stored(&self, _: ProductId, _: &[Sku]) -> Result<Option<Stored>, StoreError> {
        self.call(|| self.product.borrow().clone())
    }
}

impl SaveEdit for &Shop {
    async fn save_edit(&self, saving: Saving<'_>) -> Result<(), WriteError<NotSaved>> {
        assert_eq!((saving.audit.action.as_str(), saving.audit.actor.as_str()), ("show_image", fixtures::STAFF));
        if self.refusals.get() > 0 {
            self.refusals.set(self.refusals.get() - 1);
            return Err(WriteError::Refused(vec![NotSaved::Changed]));
        }
        if saving.image.is_some() && self.pending.borrow().is_none() {
            return Err(WriteError::Refused(vec![NotSaved::Changed, NotSaved::ImageEnded]));
        }
        let after = Stored { version: saving.edit.version_after(), ..fixtures::stored(saving.edit.clone()) };
        let write = || {
            self.product.replace(Some(after));
            self.pending.borrow_mut().take_if(|pending| Some(pending.id) == saving.image);
        };
        self.call(write).map_err(WriteError::Store)
    }
}

impl MovePicture for &Shop {
    async fn look(&self, _: &str, _: u64) -> Result<Option<Excerpt>, BucketError> {
        let excerpt = |bytes| Excerpt { bytes, size: self.size, etag: "e".to_owned() };
        self.call(|| self.uploaded.borrow().clone().map(excerpt)).map_err(BucketError::of)
    }

    async fn publish(&self, key: &str, etag: &str, to: (&str, &str), content_type: &str) -> Result<bool, BucketError> {
        assert_eq!((key, etag), (image_file(product_id(), image_id()).as_str(), "e"));
        let publish = || self.shown.borrow_mut().push((format!("{}/{}", to.0, to.1), content_type.to_owned()));
        self.call(publish).map(|()| self.uploaded.borrow().is_some()).map_err(BucketError::of)
    }

    async fn discard(&self, _: &str) -> Result<(), BucketError> {
        self.call(|| self.uploaded.replace(None)).map(|_| ()).map_err(BucketError::of)
    }
}

fn deps(shop: &Shop) -> Deps<&Shop, &Shop> {
    Deps {
        catalog: shop,
        uploads: shop,
        media: Media::of_tests(),
        zone: fixtures::zone(),
        now: fixtures::now,
        new_id: fixtures::new_id,
    }
}

async fn deliver(shop: &Shop) -> Result<(), NotShown> {
    handle(&deps(shop), ImageWork { image: Some((product_id(), image_id())), trace: Trace::start("c") }).await
}

#[tokio::test]
async fn a_picture_that_is_one_is_shown_with_its_product_and_its_variants() {
    let shop = Shop::given(PNG);
    deliver(&shop).await.unwrap();
    let file = format!("products/{}/{}.png", product_id(), image_id());
    assert_eq!(*shop.shown.borrow(), [(format!("media/{file}"), "image/png".to_owned())]);
    let stored = shop.product.borrow().clone().unwrap();
    let image = stored.product.images[0].clone();
    assert_eq!((image.id, image.alt.as_str()), (image_id(), "A tin of tea"));
    assert_eq!(image.url, format!("http://127.0.0.1:4566/media/{file}"));
    assert_eq!(stored.offers[0].offer.image, stored.product.first_image());
    assert_eq!((shop.pending.borrow().is_none(), shop.uploaded.borrow().is_none()), (true, true));
}

#[tokio::test]
async fn what_is_no_such_picture_is_deleted_and_the_reason_noted() {
    let texts: [&[u8]; 3] = [b"a text that is called tea.png", b"\xff\xd8\xff\xe0\0\x10JFIF", b"<svg/>"];
    for bytes in texts {
        let shop = Shop::given(bytes);
        deliver(&shop).await.unwrap();
        assert_eq!((shop.refused(), shop.images()), (Some(Refusal::NotThatPicture), 0));
        assert!(shop.uploaded.borrow().is_none() && shop.shown.borrow().is_empty());
    }
    let shop = Shop { size: 5_242_881, ..Shop::given(PNG) };
    deliver(&shop).await.unwrap();
    assert_eq!((shop.refused(), shop.images()), (Some(Refusal::TooLarge), 0));
}

#[tokio::test]
async fn a_product_that_is_full_or_gone_meanwhile_gets_no_picture() {
    let shop = Shop::given(PNG);
    let image = ProductImage { id: ImageId::new(Ulid(1)), url: "u".to_owned(), alt: "a".to_owned() };
    shop.product.borrow_mut().as_mut().unwrap().product.images = vec![image; MAX_IMAGES];
    deliver(&shop).await.unwrap();
    assert_eq!((shop.refused(), shop.images()), (Some(Refusal::TooManyImages), MAX_IMAGES));
    let shop = Shop::given(PNG);
    shop.product.replace(None);
    deliver(&shop).await.unwrap();
    assert_eq!((shop.images(), shop.uploaded.borrow().is_none()), (0, true));
}

#[tokio::test]
async fn a_picture_that_nobody_asked_for_is_deleted_and_so_is_one_that_comes_a_day_late() {
    let shop = Shop::given(PNG);
    shop.pending.replace(None);
    deliver(&shop).await.unwrap();
    assert_eq!((shop.images(), shop.uploaded.borrow().is_none()), (0, true));
    for (seconds, images) in [(86_399, 1), (86_400, 0)] {
        let shop = Shop::given(PNG);
        shop.pending.borrow_mut().as_mut().unwrap().asked_at = fixtures::now().plus_seconds(-seconds);
        deliver(&shop).await.unwrap();
        assert_eq!((shop.images(), shop.uploaded.borrow().is_none()), (images, true));
    }
}

#[tokio::test]
async fn a_picture_that_staff_took_out_before_its_message_came_again_stays_out() {
    let shop = Shop::given(PNG);
    let saving = 4;
    shop.fault.set(Some((saving, true)));
    assert!(deliver(&shop).await.is_err());
    assert_eq!(shop.images(), 1);
    shop.product.borrow_mut().as_mut().unwrap().product.images.clear();
    deliver(&shop).await.unwrap();
    assert_eq!((shop.images(), shop.uploaded.borrow().is_none()), (0, true));
}

#[tokio::test]
async fn of_two_messages_about_a_picture_one_adds_it() {
    let shop = Shop::given(PNG);
    let pending = shop.pending.borrow().clone().unwrap();
    deliver(&shop).await.unwrap();
    // The other looked whether it is on its way before the first had added it.
    let key = image_file(product_id(), image_id());
    shop.uploaded.replace(Some(PNG.to_vec()));
    assert!(matches!(show(&deps(&shop), &pending, &key, "e").await, Ok(End::Shown)));
    assert_eq!(shop.images(), 1);
}

#[tokio::test]
async fn whoever_changes_the_product_at_the_same_time_is_waited_for_but_not_for_ever() {
    let shop = Shop::given(PNG);
    shop.refusals.set(TRIES - 1);
    deliver(&shop).await.unwrap();
    assert_eq!(shop.images(), 1);
    let shop = Shop::given(PNG);
    shop.refusals.set(TRIES);
    assert!(matches!(deliver(&shop).await, Err(NotShown::Busy(_))));
}

#[tokio::test]
async fn a_message_that_is_cut_at_any_call_and_repeated_shows_the_picture_once() {
    for is_done in [false, true] {
        for call in 0..20 {
            let shop = Shop::given(PNG);
            shop.fault.set(Some((call, is_done)));
            for _ in 0..3 {
                let _ = deliver(&shop).await;
            }
            assert_eq!(shop.images(), 1, "cut at call {call}, done: {is_done}");
            assert!(shop.pending.borrow().is_none() && shop.uploaded.borrow().is_none());
        }
    }
}

#[test]
fn the_queue_holds_what_the_bucket_tells() {
    let key = image_file(product_id(), image_id());
    let told = json!({ "Records": [{ "s3": { "object": { "key": key } } }] }).to_string();
    assert_eq!(ImageWork::read(&told).unwrap().image, Some((product_id(), image_id())));
    assert_eq!(ImageWork::read(&json!({ "Event": "s3:TestEvent" }).to_string()).unwrap().image, None);
    assert!(ImageWork::read("x").is_err());
}
