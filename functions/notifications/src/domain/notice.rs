use events::{CancelReason, Envelope, OrderCancelled, OrderConfirmed, OrderSummary, Unreadable, read_rule_message};
use kernel::EventId;
use queue::Message;
use telemetry::Trace;

/// Something to tell the person who ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub event_id: EventId,
    pub trace: Trace,
    pub about: About,
    pub order: OrderSummary,
}

/// What happened to the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    Confirmed,
    Cancelled(CancelReason),
}

impl About {
    /// What the delivery's record calls it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "order_confirmed",
            Self::Cancelled(_) => "order_cancelled",
        }
    }
}

impl Message for Notice {
    /// One queue takes both events, so the message tells which one it is.
    fn read(body: &str) -> Result<Self, Unreadable> {
        match read_rule_message::<OrderConfirmed>(body) {
            Ok(event) => Ok(event.into()),
            Err(Unreadable::OtherType { .. }) => read_rule_message::<OrderCancelled>(body).map(Self::from),
            Err(unreadable) => Err(unreadable),
        }
    }

    fn trace(&self) -> &Trace {
        &self.trace
    }
}

impl From<Envelope<OrderConfirmed>> for Notice {
    fn from(event: Envelope<OrderConfirmed>) -> Self {
        Self { event_id: event.id, trace: event.trace, about: About::Confirmed, order: event.data.order }
    }
}

impl From<Envelope<OrderCancelled>> for Notice {
    fn from(event: Envelope<OrderCancelled>) -> Self {
        let about = About::Cancelled(event.data.reason);
        Self { event_id: event.id, trace: event.trace, about, order: event.data.order }
    }
}

#[cfg(test)]
mod tests {
    use events::Event;
    use serde_json::json;

    use super::*;
    use crate::domain::examples::{NOW, event_id, order};

    fn message<E: Event>(data: E) -> String {
        let event = Envelope::new(event_id(), NOW, Trace::start("request-1"), 2, data);
        json!({ "source": E::SOURCE, "detail-type": E::DETAIL_TYPE, "detail": event }).to_string()
    }

    #[test]
    fn both_events_are_read_from_one_queue() {
        let confirmed = Notice::read(&message(OrderConfirmed { order: order() })).unwrap();
        assert_eq!((confirmed.about, confirmed.event_id), (About::Confirmed, event_id()));
        let reason = CancelReason::Expired;
        let cancelled = Notice::read(&message(OrderCancelled { order: order(), reason })).unwrap();
        assert_eq!((cancelled.about, &cancelled.order), (About::Cancelled(reason), &order()));
        assert_eq!(cancelled.trace().correlation_id, "request-1");
    }

    #[test]
    fn another_event_is_unreadable() {
        let other = r#"{"detail-type":"OrderPlaced.v1","detail":{}}"#;
        assert!(matches!(Notice::read(other), Err(Unreadable::OtherType { .. })));
        assert!(matches!(Notice::read("{}"), Err(Unreadable::Json(_))));
    }
}
