//! `dynamodb-proxy <port> <emulator's port>`: DynamoDB at the first port, as the emulator at the second one serves it, with the faults
//! that tests ask for. It says nothing but what went wrong.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let ports: Vec<u16> = std::env::args().skip(1).map(|port| port.parse()).collect::<Result<_, _>>()?;
    let [port, emulator] = ports[..] else { return Err("it takes two ports: its own and the emulator's".into()) };
    let local = |port: u16| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    Ok(testkit::dynamodb_proxy::serve(&TcpListener::bind(local(port))?, local(emulator))?)
}
