//! DynamoDB between functions and emulator, failing as tests ask: conflicts, throttling, delays, answers that are never heard.
//!
//! Tests set rules over HTTP: `PUT /_faults/<name>` with a [`Rule`] as JSON, `GET` for what came of it, `DELETE`. What no rule catches
//! passes through byte by byte. The emulator itself never conflicts, never throttles and never loses an answer; DynamoDB does.

mod answers;
mod message;
mod rules;

use std::io::{self, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use message::Message;
pub use rules::{Fault, Rule, Tally};
use rules::{Passage, Rules};

/// Serves until the process is ended.
///
/// # Errors
/// When the listener fails.
pub fn serve(listener: &TcpListener, emulator: SocketAddr) -> io::Result<()> {
    let rules = Arc::new(Rules::default());
    loop {
        let (client, _) = listener.accept()?;
        let rules = rules.clone();
        // Whatever breaks a connection, either side sees it as it would without the proxy: the connection ends.
        std::thread::spawn(move || attend(client, emulator, &rules));
    }
}

/// All requests of one connection.
fn attend(client: TcpStream, emulator: SocketAddr, rules: &Rules) -> io::Result<()> {
    client.set_nodelay(true)?;
    let mut answers = client.try_clone()?;
    let mut requests = BufReader::new(client);
    let mut upstream = Upstream { address: emulator, connection: None };
    while let Some(request) = Message::read(&mut requests)? {
        if let Some(name) = request.path().strip_prefix("/_faults/") {
            answers.write_all(&answers::control(rules, request.method(), name, &request.body))?;
            continue;
        }
        let passage = rules.meet(request.operation(), &request.body);
        let Some(answer) = pass(&passage, &request, &mut upstream)? else { return Ok(()) };
        // The caller may ask for the tally as soon as it has its answer.
        drop(passage);
        answers.write_all(&answer.bytes())?;
        if request.ends_connection() || answer.ends_connection() {
            return Ok(());
        }
    }
    Ok(())
}

/// The answer to `request`; none if the caller must not hear it.
#[expect(clippy::disallowed_methods, reason = "a delay is asked for; each connection has its own thread")]
fn pass(passage: &Passage<'_>, request: &Message, upstream: &mut Upstream) -> io::Result<Option<Message>> {
    std::thread::sleep(Duration::from_millis(passage.delay_ms));
    match passage.fault {
        Fault::Conflict => Ok(Some(answers::conflict(request))),
        Fault::Throttle => Ok(Some(answers::throttled())),
        Fault::LostAnswer => upstream.ask(request).map(|_| None),
        Fault::Delay | Fault::None => upstream.ask(request).map(Some),
    }
}

/// The emulator, over one connection as long as it keeps it open.
struct Upstream {
    address: SocketAddr,
    connection: Option<BufReader<TcpStream>>,
}

impl Upstream {
    fn ask(&mut self, request: &Message) -> io::Result<Message> {
        if !self.connection.as_ref().is_some_and(|connection| is_open(connection.get_ref())) {
            let connection = TcpStream::connect(self.address)?;
            connection.set_nodelay(true)?;
            self.connection = Some(BufReader::new(connection));
        }
        let connection = self.connection.as_mut().expect("it was opened just now");
        connection.get_mut().write_all(&request.bytes())?;
        let answer = Message::read(connection)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        if answer.ends_connection() {
            self.connection = None;
        }
        Ok(answer)
    }
}

/// Whether the other side has not closed the connection while nothing was asked.
fn is_open(connection: &TcpStream) -> bool {
    let looked = connection.set_nonblocking(true).and_then(|()| connection.peek(&mut [0]));
    let restored = connection.set_nonblocking(false);
    restored.is_ok() && looked.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
}

#[cfg(test)]
mod tests;
