//! Sends the catalogue's events that the relay could not.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), relay::Error> {
    relay::sweep().await
}
