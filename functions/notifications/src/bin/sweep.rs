//! Wires the sweep of the notifications' outbox.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), queue::Error> {
    relay::sweep().await
}
