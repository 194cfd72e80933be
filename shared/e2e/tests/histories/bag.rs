//! What is under way between services and from Stripe. Any of it may come at any time, again, or not for a while.

use events::{Envelope, Event, OrderCancelled, OrderConfirmed, OrderPlaced, PaymentCaptured};
use kernel::{EventId, OrderId};
use orders::domain::{OrderEvent, OrderStatus};
use telemetry::Trace;

use crate::clock;
use crate::world::State;

#[derive(Debug, Clone)]
pub(crate) enum Message {
    /// `OrderPlaced`, for whoever closes what is not paid.
    Expiry(String),
    Captured(Envelope<PaymentCaptured>),
    Sold(Envelope<OrderConfirmed>),
    Free(Envelope<OrderCancelled>),
    /// `OrderCancelled`, for payments.
    Close(Envelope<OrderCancelled>),
    Mail(EventId, OrderId, OrderStatus),
    Webhook {
        id: String,
        intent: String,
        body: String,
    },
}

impl Message {
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Expiry(_) => "OrderPlaced to expiry".to_owned(),
            Self::Captured(event) => format!("PaymentCaptured by {}", event.data.payment_id),
            Self::Sold(event) => format!("OrderConfirmed {} to catalog", event.data.order.order_id),
            Self::Free(event) => format!("OrderCancelled {} to catalog", event.data.order.order_id),
            Self::Close(event) => format!("OrderCancelled {} to payments", event.data.order.order_id),
            Self::Mail(_, order, status) => format!("{status:?} {order} to notifications"),
            Self::Webhook { id, intent, .. } => format!("{id} of {intent}"),
        }
    }
}

impl State {
    /// Takes the message number `which` out, counted round; the newest, if the number is the greatest.
    pub(crate) fn take(&mut self, which: usize) -> Option<Message> {
        if which == usize::MAX {
            return self.bag.pop();
        }
        let count = self.bag.len();
        (count > 0).then(|| self.bag.remove(which % count))
    }

    /// Loses a message. The expiry of an order is lost for good, for a sweep sees to it; and what Stripe tells of an intent that a payment
    /// knows, for reconciling asks. Everything else comes back: the bus delivers until it is done, and Stripe repeats for days.
    pub(crate) fn lose(&mut self, which: usize) {
        let Some(message) = self.take(which) else { return };
        self.note(format_args!("  lost: {}", message.name()));
        let for_good = match &message {
            Message::Expiry(_) => true,
            Message::Webhook { id, intent, .. } => id.contains("payment_intent.") && self.knows_intent(intent),
            _ => false,
        };
        if !for_good {
            self.astray.push(message);
        }
    }

    /// What was lost, and not for good, comes back.
    pub(crate) fn find(&mut self) {
        let found = std::mem::take(&mut self.astray);
        self.bag.extend(found);
    }

    /// Announces what became of an order; what rules and queues make of it is put into the bag.
    pub(crate) fn announce(&mut self, event: OrderEvent) {
        match event {
            OrderEvent::Placed(placed) => {
                let event = envelope(placed);
                let body = format!(
                    r#"{{"source":"{}","detail-type":"{}","detail":{}}}"#,
                    OrderPlaced::SOURCE,
                    OrderPlaced::DETAIL_TYPE,
                    serde_json::to_string(&event).unwrap()
                );
                self.bag.push(Message::Expiry(body));
            }
            OrderEvent::Confirmed(confirmed) => {
                let (order, event) = (confirmed.order.order_id, envelope(confirmed));
                self.told.confirmed.push(order);
                self.bag.push(Message::Mail(event.id, order, OrderStatus::Confirmed));
                self.bag.push(Message::Sold(event));
            }
            OrderEvent::Cancelled(cancelled) => {
                let (order, event) = (cancelled.order.order_id, envelope(cancelled));
                self.told.cancelled.push(order);
                self.bag.push(Message::Mail(event.id, order, OrderStatus::Cancelled));
                self.bag.push(Message::Free(event.clone()));
                self.bag.push(Message::Close(event));
            }
        }
    }

    pub(crate) fn announce_capture(&mut self, captured: PaymentCaptured) {
        self.told.captured.entry(captured.order_id).or_default().insert(captured.payment_id);
        self.bag.push(Message::Captured(envelope(captured)));
    }
}

fn envelope<E: Event>(data: E) -> Envelope<E> {
    Envelope::new(EventId::new(clock::new_id()), clock::now(), Trace::start("history"), 1, data)
}
