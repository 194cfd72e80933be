//! What really goes over the wire, against a server of one answer.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread::JoinHandle;

use super::*;
use crate::domain::RefundStatus;
use crate::domain::examples::{at, captured, created};
use crate::stripe::StripeSecret;

const INTENT: &str = r#"{"id":"pi_1","object":"payment_intent","status":"requires_payment_method","amount":4599,"amount_received":0,
    "currency":"eur","client_secret":"pi_1_secret_x","metadata":{"payment_id":"pay_1"},"last_payment_error":null}"#;

/// A server that gives one answer, and the request it got.
fn serve(status: u16, body: &'static str) -> (Stripe, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let (mut request, mut buffer) = (String::new(), [0; 4096]);
        while !is_whole(&request) {
            let read = stream.read(&mut buffer).unwrap();
            request.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
        }
        let length = body.len();
        write!(stream, "HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}").unwrap();
        request
    });
    (stripe(url, "sk_test_x"), server)
}

fn is_whole(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else { return false };
    body.len() >= header(head, "content-length").and_then(|length| length.parse().ok()).unwrap_or(0)
}

fn header(head: &str, name: &str) -> Option<String> {
    let pairs = head.lines().filter_map(|line| line.split_once(": "));
    pairs.into_iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
}

fn stripe(url: String, key: &str) -> Stripe {
    let secret = StripeSecret { secret_key: key.to_owned(), ..StripeSecret::default() };
    Stripe { url, environment: "test".to_owned(), secrets: Secrets::known(secret) }
}

#[tokio::test]
async fn opening_an_intent_names_the_payment_the_order_and_the_environment() {
    let (stripe, server) = serve(200, INTENT);
    let payment = created();
    let intent = stripe.open_intent(&payment).await.unwrap();
    assert_eq!(intent.id, "pi_1");
    let request = server.join().unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /v1/payment_intents HTTP/1.1\r\n"), "{head}");
    assert_eq!(header(head, "authorization").as_deref(), Some("Bearer sk_test_x"));
    assert_eq!(header(head, "content-type").as_deref(), Some("application/x-www-form-urlencoded"));
    assert_eq!(header(head, "idempotency-key"), Some(format!("{}-create", payment.id)));
    let (id, order) = (payment.id, payment.order_id);
    let metadata =
        format!("metadata%5Bpayment_id%5D={id}&metadata%5Border_id%5D={order}&metadata%5Benvironment%5D=test");
    assert_eq!(body, format!("amount=4599&currency=eur&automatic_payment_methods%5Benabled%5D=true&{metadata}"));
}

#[tokio::test]
async fn a_refund_is_asked_for_under_its_own_id() {
    let (stripe, server) = serve(200, r#"{"id":"re_1","status":"pending"}"#);
    let refund = Refund::closing(&captured(), RefundReason::Duplicate, at(9));
    let answer = stripe.refund_intent(&refund, "pi_1").await.unwrap();
    assert_eq!((answer.id.as_str(), answer.status()), ("re_1", RefundStatus::Pending));
    let request = server.join().unwrap();
    assert_eq!(header(&request, "idempotency-key"), Some(refund.id.to_string()));
    assert!(request.contains("amount=4599&payment_intent=pi_1&reason=duplicate"), "{request}");
}

#[tokio::test]
async fn an_intent_is_read_and_cancelled_by_its_id() {
    let (stripe, server) = serve(200, INTENT);
    stripe.retrieve_intent("pi_1").await.unwrap();
    assert!(server.join().unwrap().starts_with("GET /v1/payment_intents/pi_1 HTTP/1.1\r\n"));
    let (stripe, server) =
        serve(400, r#"{"error":{"type":"invalid_request_error","code":"payment_intent_unexpected_state"}}"#);
    let refused = stripe.cancel_intent("pi_1").await.expect_err("refused");
    assert_eq!(refused.refusal_code(), Some("payment_intent_unexpected_state"));
    let request = server.join().unwrap();
    assert!(request.starts_with("POST /v1/payment_intents/pi_1/cancel HTTP/1.1\r\n"));
    assert_eq!(header(&request, "idempotency-key"), None);
}

#[tokio::test]
async fn what_cannot_be_read_or_reached_may_have_happened() {
    let (stripe_says_nonsense, server) = serve(200, "<html>");
    let nobody = stripe("http://127.0.0.1:9".to_owned(), "sk_test_x");
    for stripe in [stripe_says_nonsense, nobody] {
        assert!(matches!(stripe.open_intent(&created()).await, Err(ProviderError::Unavailable(_))));
    }
    server.join().unwrap();
}

#[tokio::test]
async fn without_a_key_nothing_is_sent() {
    let stripe = stripe("http://127.0.0.1:9".to_owned(), "");
    assert!(matches!(stripe.open_intent(&created()).await, Err(ProviderError::NotConfigured(_))));
}
