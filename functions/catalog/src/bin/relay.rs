//! Sends the catalogue's events as they are written.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), relay::Error> {
    relay::relay().await
}
