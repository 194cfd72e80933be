//! Wires the mails.

use kernel::fresh;
use notifications::domain::{Incoming, Templates};
use notifications::handlers::send_email::{Deps, handle};
use notifications::ses::Ses;
use notifications::store::Deliveries;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), queue::Error> {
    telemetry::init();
    let shop_name = aws::env::required("SHOP_NAME")?;
    let deps = Deps {
        deliveries: Deliveries::from_env().await?,
        provider: Ses::from_env(&shop_name).await?,
        templates: Templates::new(shop_name)?,
        now: fresh::now,
    };
    queue::consume::<Incoming, _, _, _, _>(deps, handle).await
}
