//! What is called for: things of a shopper or of a guest, each made for one operation alone.

use e2e::buyer::{Buyer, address};
use e2e::goods::{Goods, goods, goods_of};
use e2e::operator::Table;
use e2e::products::{by_admin, in_sizes};
use e2e::shelves::category_id;
use e2e::shop::{Call, eventually, eventually_by_queue, get, post};
use e2e::stock::listed_as;
use e2e::unique;
use serde_json::{Value, json};

use super::document::{Access, Operation};
use super::people::{Cast, Who};

/// The place of the variant that a product does not have yet.
pub(super) const UNSOLD: usize = 2;

/// Whose the thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// The shopper's, or the shop's own.
    Shopper,
    /// That of a guest who shows its token.
    Guest,
}

impl Whose {
    pub(super) fn owner(self) -> Who {
        match self {
            Self::Shopper => Who::Shopper,
            Self::Guest => Who::Holder,
        }
    }
}

/// What one operation is about.
pub(super) struct Thing {
    /// Ids by the collections they are in: `/carts/{id}/lines/{sku}` is about one of `carts` and one of `lines`.
    ids: Vec<(&'static str, String)>,
    /// Table and partition of what nobody else may change.
    partitions: Vec<(&'static str, String)>,
    /// Table and key of such a row in a partition where others' are.
    row: Option<(&'static str, [String; 2])>,
    /// Who buys, where something is bought.
    buyer: Option<Buyer>,
    /// What is new about it, and no other test's.
    pub(super) slug: String,
    /// What a product is made of, and would be with one more variant.
    product: Option<Value>,
    /// Where staff read it with its version.
    read_at: Option<String>,
    /// What else the path says, from its `?` on.
    query: String,
}

impl Thing {
    pub(super) fn of(operation: &Operation, cast: &Cast, whose: Whose) -> Self {
        let mut thing = Self::new(cast);
        match operation.collection() {
            None => thing.is_the_shop_s(operation),
            Some("products") if operation.path.ends_with("/stock-alerts") => thing.sells(0),
            Some("products" | "by-slug" | "variants") => thing.sells(5),
            Some("inventory") => {
                thing.sells(5);
                thing.read_at = thing.id("inventory").map(|sku| format!("/admin/inventory/{sku}"));
            }
            Some("categories") => thing.is_a_category(operation),
            Some("imports") => thing.is_a_file("imports", "IMPORT", started_import()),
            Some("exports") if matches!(operation.access, Access::Staff(_)) => {
                thing.is_a_file("exports", "EXPORT", finished_catalogue());
            }
            Some("carts" | "lines") => thing.is_put_into_a_cart(cast, whose),
            Some("orders") => {
                thing.is_ordered(cast, whose);
                thing.is_unpaid();
            }
            Some("payments") => thing.is_paid_for(cast, whose),
            Some("addresses") => thing.ids.push(("addresses", saved_address(cast))),
            Some("exports") => thing.ids.push(("exports", finished_export(cast))),
            Some("users") => {
                thing.read_at = Some(format!("/admin/users/{}", cast.shopper_id()));
                thing.ids.push(("users", cast.shopper_id().to_owned()));
            }
            Some(other) => panic!("give a thing for what {operation} names of {other}"),
        }
        thing
    }

    /// Nothing but the shopper's account, which nobody else may change whatever they call.
    fn new(cast: &Cast) -> Self {
        let account = vec![
            ("users", format!("USER#{}", cast.shopper_id())),
            ("users", format!("EMAIL#{}", cast.shopper().email)),
        ];
        Self {
            ids: Vec::new(),
            partitions: account,
            row: None,
            buyer: None,
            slug: format!("lamp-{}", unique()),
            product: None,
            read_at: None,
            query: String::new(),
        }
    }

    /// What staff make or set, it being one of a kind or not there yet.
    fn is_the_shop_s(&mut self, operation: &Operation) {
        if !matches!(operation.access, Access::Staff(_)) || operation.method == "GET" {
            return;
        }
        self.partitions.push(match operation.path.as_str() {
            "/admin/categories" => ("catalog", format!("CATEGORY-SLUG#{}", self.slug)),
            "/admin/products" => ("catalog", format!("SLUG#{}", self.slug)),
            "/admin/tax-rates" | "/admin/shipping-zones" => ("orders", "SHOP".to_owned()),
            // Nobody knows the id beforehand.
            "/admin/imports" | "/admin/exports" => return,
            _ => panic!("say which row {operation} changes"),
        });
    }

    /// A product of two variants, with so many units of the first, once nothing more comes of that.
    fn sells(&mut self, stock: i64) {
        let whole = in_sizes(UNSOLD + 1);
        let mut body = whole.clone();
        body["variants"].as_array_mut().unwrap().truncate(UNSOLD);
        let lamp = goods_of(&body, stock);
        listed_as(&lamp, stock > 0);
        self.product = Some(whole);
        self.read_at = Some(format!("/admin/products/{}", lamp.id));
        self.partitions.push(("catalog", format!("PRODUCT#{}", lamp.id)));
        self.partitions.push(("catalog", format!("STOCK#{}#0", lamp.sku)));
        let Goods { id, slug, sku, .. } = lamp;
        self.ids.extend([("products", id), ("by-slug", slug), ("variants", sku.clone()), ("inventory", sku)]);
    }

    /// A category, and another one for what is in it.
    fn is_a_category(&mut self, operation: &Operation) {
        let id = category_id(None);
        if operation.method == "DELETE" {
            self.query = format!("?move_products_to={}", category_id(None));
        }
        self.read_at = Some(format!("/admin/categories/{id}"));
        self.row = Some(("catalog", ["CATEGORIES".to_owned(), format!("CAT#{id}")]));
        self.ids.push(("categories", id));
    }

    fn is_a_file(&mut self, collection: &'static str, partition: &str, id: String) {
        self.partitions.push(("catalog", format!("{partition}#{id}")));
        self.ids.push((collection, id));
    }

    fn is_put_into_a_cart(&mut self, cast: &Cast, whose: Whose) {
        let Goods { sku, .. } = goods(1999, 5);
        let buyer = match whose {
            Whose::Shopper => Buyer::signed_in(cast.shopper().clone()),
            Whose::Guest => Buyer::guest(),
        };
        buyer.add(&sku, 1).expect(200);
        self.partitions.push(("cart", format!("CART#{}", buyer.cart_id)));
        self.ids.extend([("carts", buyer.cart_id.clone()), ("lines", sku)]);
        self.buyer = Some(buyer);
    }

    fn is_ordered(&mut self, cast: &Cast, whose: Whose) {
        self.is_put_into_a_cart(cast, whose);
        let buyer = self.buyer.as_mut().expect("a cart has its buyer");
        let id = buyer.order()["id"].as_str().unwrap().to_owned();
        self.partitions.push(("orders", format!("ORDER#{id}")));
        self.ids.push(("orders", id));
    }

    /// Nobody has begun to pay for the order, and nobody else does.
    fn is_unpaid(&mut self) {
        let order = self.id("orders").expect("an order").to_owned();
        self.partitions.push(("payments", format!("ORDER#{order}")));
    }

    fn is_paid_for(&mut self, cast: &Cast, whose: Whose) {
        self.is_ordered(cast, whose);
        let (buyer, order, key) = (self.buyer(), self.id("orders").unwrap(), unique());
        let payment = eventually("the payment to be opened", || {
            let answer = buyer.create_payment(order, &key);
            (answer.status != 503).then(|| answer.expect(201))
        });
        let id = payment["id"].as_str().unwrap().to_owned();
        self.partitions.push(("payments", format!("PAYMENT#{id}")));
        self.ids.push(("payments", id));
    }

    /// Who buys it.
    pub(super) fn buyer(&self) -> &Buyer {
        self.buyer.as_ref().expect("a thing that is bought")
    }

    /// What a product is made of, and one more variant.
    pub(super) fn product(&self) -> &Value {
        self.product.as_ref().expect("a product")
    }

    /// The version of it that staff see now: those who may change it do so one after the other.
    pub(super) fn etag(&self) -> Option<String> {
        by_admin(get(self.read_at.as_ref()?)).send().header("etag").map(str::to_owned)
    }

    /// What it has to do with this collection.
    pub(super) fn id(&self, collection: &str) -> Option<&str> {
        self.ids.iter().find(|(of, _)| *of == collection).map(|(_, id)| id.as_str())
    }

    /// The operation's path with the ids of this thing.
    pub(super) fn path(&self, operation: &Operation) -> String {
        let (mut path, mut collection) = (String::new(), "");
        for part in operation.path.split('/').skip(1) {
            let shown = if part.starts_with('{') { self.id(collection) } else { Some(part) };
            path.push('/');
            path.push_str(shown.unwrap_or_else(|| panic!("give a thing for {part} of {collection} in {operation}")));
            collection = part;
        }
        path + &self.query
    }

    /// All that is written down of it, and of the shopper.
    pub(super) fn rows(&self) -> Vec<Value> {
        let row = self.row.as_ref().and_then(|(service, [pk, sk])| Table::of(service).get(pk, sk));
        let partitions =
            self.partitions.iter().flat_map(|(service, partition)| Table::of(service).partition(partition));
        partitions.chain(row).collect()
    }
}

/// An address in the shopper's book.
fn saved_address(cast: &Cast) -> String {
    let call = post("/me/addresses").bearer(&cast.shopper().access_token);
    let entry = call.json(&json!({ "address": address() })).send().expect(201);
    entry["id"].as_str().unwrap().to_owned()
}

/// An import whose file is not there yet.
fn started_import() -> String {
    let import = by_admin(post("/admin/imports")).send().expect(201);
    import["id"].as_str().unwrap().to_owned()
}

/// A copy of the catalogue, once nothing more comes of it.
fn finished_catalogue() -> String {
    let asked = by_admin(post("/admin/exports")).send().expect(202);
    finished("/admin/exports", &asked, by_admin)
}

/// A copy that the shopper asked for, once nothing more comes of that.
fn finished_export(cast: &Cast) -> String {
    let token = &cast.shopper().access_token;
    let asked = post("/me/exports").bearer(token).send().expect(202);
    finished("/me/exports", &asked, |call| call.bearer(token))
}

/// The id of the copy that was `asked` for in `collection`, once it is ready for whoever has that shown with their calls.
fn finished(collection: &str, asked: &Value, shown: impl Fn(Call) -> Call) -> String {
    let id = asked["id"].as_str().unwrap();
    eventually_by_queue("the copy to be ready", || {
        let export = shown(get(&format!("{collection}/{id}"))).send().expect(200);
        (export["status"] == "ready").then_some(())
    });
    id.to_owned()
}
