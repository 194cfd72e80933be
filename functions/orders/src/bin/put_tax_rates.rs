//! Wires `PUT /admin/tax-rates`.

use api::Staff;
use orders::handlers::put_tax_rates::{Deps, handle};
use orders::store::Orders;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    let deps = Deps {
        orders: Orders::from_env().await?,
        staff: Staff::from_env().await?,
        now: kernel::fresh::now,
        new_id: kernel::fresh::ulid,
    };
    api::serve(deps, handle).await
}
