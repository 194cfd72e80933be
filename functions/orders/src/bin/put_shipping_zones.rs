//! Wires `PUT /admin/shipping-zones`.

use api::Staff;
use orders::handlers::put_shipping_zones::{Deps, handle};
use orders::store::Orders;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    let deps = Deps {
        orders: Orders::from_env().await?,
        staff: Staff::from_env().await?,
        currency: aws::env::parsed("SHOP_CURRENCY")?,
        now: kernel::fresh::now,
        new_id: kernel::fresh::ulid,
    };
    api::serve(deps, handle).await
}
