//! Wires `users-sweep`: see `shared/relay`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), relay::Error> {
    relay::sweep().await
}
