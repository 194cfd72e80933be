//! Wires `POST /admin/products`.

use api::Staff;
use catalog::handlers::create_product::{Deps, handle};
use catalog::store::Catalog;
use kernel::fresh;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    let deps = Deps {
        catalog: Catalog::from_env().await?,
        staff: Staff::from_env().await?,
        currency: aws::env::parsed("SHOP_CURRENCY")?,
        now: fresh::now,
        new_id: fresh::ulid,
    };
    api::serve(deps, handle).await
}
