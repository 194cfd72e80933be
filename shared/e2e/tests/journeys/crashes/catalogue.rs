//! What staff do with the catalogue while functions die under them: try again. Each flow has things of its own, so that what it must come to
//! hangs on no other.

use e2e::goods::{Goods, listed};
use e2e::shelves::{category, product_in};
use e2e::shop::{Answer, eventually_within};

use super::ends::PATIENCE;
use super::files::{add_two_pictures, import_a_file, take_a_copy};
use super::flows::{Flow, Way, flows, patient};
use super::products::live;
use super::shelves::{Shelves, rearrange};
use super::stock::{Stock, go_and_come};

/// What they work on.
pub(super) struct Catalogue {
    /// Where they put new products; nobody moves it.
    pub(super) category: String,
    pub(super) category_slug: String,
    /// Is there before, and nobody changes it.
    pub(super) lamp: Goods,
    pub(super) shelves: Shelves,
    pub(super) stock: Stock,
}

impl Catalogue {
    pub(super) fn new() -> Self {
        let category = category(None);
        let text = |name: &str| category[name].as_str().unwrap().to_owned();
        let (id, slug) = (text("id"), text("slug"));
        let lamp = product_in(&id, 1999);
        listed(&lamp);
        Self { category: id, category_slug: slug, lamp, shelves: Shelves::new(), stock: Stock::new() }
    }

    pub(super) fn flows(&self) -> Vec<Flow<'_, ()>> {
        let ways: [Way<Self, ()>; 6] = [
            ("large products that come, change and go", 1, live),
            ("rearranging categories", 1, rearrange),
            ("a stock that goes and comes", 1, go_and_come),
            ("importing a file", 1, import_a_file),
            ("adding two pictures", 1, add_two_pictures),
            ("taking a copy", 1, take_a_copy),
        ];
        flows(self, &ways)
    }
}

/// [`patient`], for a call that names the version it is meant for: when a try that nobody heard of again was done after all, the next one
/// has to read anew.
#[track_caller]
pub(super) fn up_to_date(what: &str, mut call: impl FnMut() -> Answer) -> Answer {
    eventually_within(PATIENCE, what, || Some(patient(what, &mut call)).filter(|answer| answer.status != 412))
}
