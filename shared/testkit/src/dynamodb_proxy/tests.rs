use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

/// Calls that reached the emulator of [`proxy`].
type Reached = Arc<AtomicUsize>;

/// An emulator that answers `{}` to so many `calls` on a connection and then closes it.
fn emulator(calls: usize) -> (SocketAddr, Reached) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let reached = Reached::default();
    let count = reached.clone();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = BufReader::new(connection.unwrap());
            for _ in 0..calls {
                let Ok(Some(_)) = Message::read(&mut connection) else { break };
                count.fetch_add(1, Ordering::SeqCst);
                connection.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").unwrap();
            }
        }
    });
    (address, reached)
}

/// A proxy before an emulator that keeps its connections open.
fn proxy() -> (SocketAddr, Reached) {
    let (address, reached) = emulator(usize::MAX);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let own = listener.local_addr().unwrap();
    std::thread::spawn(move || serve(&listener, address));
    (own, reached)
}

fn request(method: &str, path: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nx-amz-target: DynamoDB_20120810.TransactWriteItems\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

/// Sends `requests` over one connection; all that comes back.
fn send(proxy: SocketAddr, requests: &[String]) -> String {
    let mut connection = TcpStream::connect(proxy).unwrap();
    connection.write_all(requests.concat().as_bytes()).unwrap();
    connection.shutdown(Shutdown::Write).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn without_rules_calls_pass_over_one_connection() {
    let (proxy, reached) = proxy();
    let answer = send(proxy, &vec![request("POST", "/", "{}"); 5]);
    assert_eq!((answer.matches("200 OK").count(), reached.load(Ordering::SeqCst)), (5, 5), "{answer}");
}

#[test]
fn a_connection_that_the_emulator_closed_is_opened_again() {
    let (address, reached) = emulator(1);
    let mut upstream = Upstream { address, connection: None };
    let call = Message::read(&mut BufReader::new(request("POST", "/", "{}").as_bytes())).unwrap().unwrap();
    for _ in 0..3 {
        assert!(upstream.ask(&call).unwrap().bytes().ends_with(b"{}"));
        // A call that crosses the closing is lost, with the proxy as without it: the next waits until the closing has arrived.
        while upstream.connection.as_ref().is_some_and(|connection| is_open(connection.get_ref())) {
            std::thread::yield_now();
        }
    }
    assert_eq!(reached.load(Ordering::SeqCst), 3);
}

#[test]
fn a_conflict_names_each_action_and_never_reaches_the_tables() {
    let (proxy, reached) = proxy();
    let rule = request("PUT", "/_faults/mine", r#"{"fault":"conflict"}"#);
    let answer = send(proxy, &[rule, request("POST", "/", r#"{"TransactItems":[{},{},{}]}"#)]);
    assert!(answer.contains("TransactionCanceledException"), "{answer}");
    assert_eq!(answer.matches(r#""Code":"TransactionConflict""#).count(), 3, "{answer}");
    assert_eq!(reached.load(Ordering::SeqCst), 0);
}

#[test]
fn a_lost_answer_is_done_and_not_heard() {
    let (proxy, reached) = proxy();
    send(proxy, &[request("PUT", "/_faults/mine", r#"{"fault":"lost_answer","times":1}"#)]);
    assert_eq!(send(proxy, &[request("POST", "/", "{}")]), "");
    assert_eq!(reached.load(Ordering::SeqCst), 1);
    assert!(send(proxy, &[request("POST", "/", "{}")]).ends_with("{}"));
}

#[test]
fn a_rule_tells_what_it_saw_until_it_is_removed() {
    let (proxy, _) = proxy();
    let rule = request("PUT", "/_faults/mine", r#"{"operation":"TransactWriteItems","fault":"throttle"}"#);
    let told = send(proxy, &[rule, request("POST", "/", "{}"), request("GET", "/_faults/mine", "")]);
    assert!(told.contains("#ThrottlingException"), "{told}");
    assert!(told.ends_with(r#"{"matched":1,"injected":1,"max_in_flight":1}"#), "{told}");
    let after = send(proxy, &[request("DELETE", "/_faults/mine", ""), request("GET", "/_faults/mine", "")]);
    assert!(after.starts_with("HTTP/1.1 200") && after.contains("404 Not Found"), "{after}");
}

#[test]
fn a_rule_that_is_none_is_refused() {
    let (proxy, _) = proxy();
    let answer = send(proxy, &[request("PUT", "/_faults/mine", r#"{"fault":"earthquake"}"#)]);
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
}
