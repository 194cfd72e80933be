//! Wires `GET /shop`.

use orders::handlers::get_shop::{Deps, handle};
use orders::store::Orders;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    let deps = Deps {
        orders: Orders::from_env().await?,
        currency: aws::env::parsed("SHOP_CURRENCY")?,
        time_zone: aws::env::required("SHOP_TIME_ZONE")?,
        media_base_url: aws::env::required("MEDIA_BASE_URL")?,
        payment_window_seconds: aws::env::parsed("PAYMENT_WINDOW_SECONDS")?,
        stripe_publishable_key: aws::env::required("STRIPE_PUBLISHABLE_KEY").ok(),
    };
    api::serve(deps, handle).await
}
