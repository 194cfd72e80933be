//! Wires `UserDeleted.v1`.

use privacy::{ExportBucket, Forgetting, Leaver, forget};
use users::cognito::Pool;
use users::handlers::on_user_deleted::Belongings;
use users::store::Users;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), queue::Error> {
    telemetry::init();
    let belongings = Belongings {
        pool: Pool::from_env().await?,
        users: Users::from_env().await?,
        bucket: ExportBucket::from_env().await?,
    };
    queue::consume::<Leaver, _, _, _, _>(Forgetting::from_env(belongings).await?, forget).await
}
