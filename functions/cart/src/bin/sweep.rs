//! Wires the sweep of the carts' outbox.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), queue::Error> {
    relay::sweep().await
}
