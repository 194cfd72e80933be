//! Handlers at work: each is the shop's own, and stops at every call so that others may come in between, or so that it dies there.

use std::fmt::Display;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use catalog::handlers::{on_order_cancelled as free_stock, on_order_confirmed as sell_stock, settlement};
use orders::handlers::{expire_order, expire_orders, on_payment_captured};
use payments::handlers::receive_stripe_webhook::WebhookMessage;
use payments::handlers::{Clock, on_order_cancelled, process_webhook, reconcile};
use queue::Message as _;
use telemetry::Trace;

use crate::bag::Message;
use crate::clock;
use crate::coverage::{OrderFact, PaymentFact};
use crate::world::{Asks, World};

pub(crate) const CLOCK: Clock = Clock { now: clock::now, new_id: clock::new_id };

type Doing = Pin<Box<dyn Future<Output = Result<(), String>>>>;

/// A function at work, and the message that brought it there.
pub(crate) struct Work {
    name: String,
    doing: Doing,
    message: Option<Message>,
}

impl Work {
    pub(crate) fn new<E: Display>(name: String, doing: impl Future<Output = Result<(), E>> + 'static) -> Self {
        Self { name, doing: Box::pin(async { doing.await.map_err(|error| error.to_string()) }), message: None }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Goes on to the next call.
    pub(crate) fn step(&mut self) -> Poll<Result<(), String>> {
        self.doing.as_mut().poll(&mut Context::from_waker(Waker::noop()))
    }

    /// The message that brings the work again.
    pub(crate) fn into_message(self) -> Option<Message> {
        self.message
    }

    /// What the shop does with `message`.
    pub(crate) fn of(world: &World, message: Message) -> Self {
        let (name, kept) = (message.name(), message.clone());
        let work = match message {
            Message::Expiry(body) => {
                let orders = world.asking(Asks::Order(OrderFact::Expire));
                let placed = expire_order::Placed::read(&body).expect("it is as the rule made it");
                let deps = expire_order::Deps { queue: orders.clone(), orders, now: clock::now, new_id: clock::new_id };
                Self::new(name, async move { expire_order::handle(&deps, placed).await })
            }
            Message::Captured(event) => {
                let orders = world.asking(Asks::Order(OrderFact::Captured));
                let deps = on_payment_captured::Deps { orders, now: clock::now, new_id: clock::new_id };
                Self::new(name, async move { on_payment_captured::handle(&deps, event).await })
            }
            Message::Sold(event) => {
                let deps = settlement::Deps { catalog: world.clone(), now: clock::now };
                Self::new(name, async move { sell_stock::handle(&deps, event).await })
            }
            Message::Free(event) => {
                let deps = settlement::Deps { catalog: world.clone(), now: clock::now };
                Self::new(name, async move { free_stock::handle(&deps, event).await })
            }
            Message::Close(event) => {
                let deps = on_order_cancelled::Deps { store: world.clone(), provider: world.clone(), clock: CLOCK };
                Self::new(name, async move { on_order_cancelled::handle(&deps, event).await })
            }
            Message::Webhook { body, intent, .. } => {
                let event = serde_json::from_str(&body).expect("Stripe sends JSON");
                let message = WebhookMessage { trace: Trace::start("webhook"), event };
                let store = world.hearing_of(&intent, told(&body));
                let environment = crate::ENVIRONMENT.to_owned();
                let deps = process_webhook::Deps { provider: store.clone(), store, environment, clock: CLOCK };
                Self::new(name, async move { process_webhook::handle(&deps, message).await })
            }
            Message::Mail(event, order, status) => {
                let world = world.clone();
                Self::new(name, async move {
                    let mut state = world.call().await;
                    if state.seen.insert(("notifications-send-email", event)) {
                        state.told.mails.push((order, status));
                    }
                    Ok::<_, String>(())
                })
            }
        };
        Self { message: Some(kept), ..work }
    }

    /// The sweep over orders that are due.
    pub(crate) fn sweep(world: &World) -> Self {
        let orders = world.asking(Asks::Order(OrderFact::Expire));
        let deps = expire_orders::Deps { orders, now: clock::now, new_id: clock::new_id };
        Self::new("sweep".to_owned(), async move {
            expire_orders::handle(&deps, clock::now().plus_seconds(60)).await.map(|_| ())
        })
    }

    /// Compares all orders that are not settled with their money.
    pub(crate) fn reconcile(world: &World) -> Self {
        let store = world.asking(Asks::Agreement);
        let deps = reconcile::Deps { provider: store.clone(), store, clock: CLOCK, patience_seconds: 60 };
        let asked = serde_json::from_str(r#"{"older_than_seconds":0}"#).expect("what an operator sends");
        let world = world.clone();
        Self::new("reconcile".to_owned(), async move {
            let report = reconcile::handle(&deps, asked).await?;
            world.state().note(format_args!("    {report:?}"));
            world.state().reports.push(report);
            Ok::<_, dynamo::StoreError>(())
        })
    }
}

fn told(body: &str) -> Asks {
    let facts = [
        ("payment_intent.succeeded", PaymentFact::Succeeded),
        ("payment_intent.payment_failed", PaymentFact::Failed),
        ("payment_intent.canceled", PaymentFact::Cancelled),
        ("charge.refunded", PaymentFact::Refunded),
    ];
    let found = facts.iter().find(|(kind, _)| body.contains(kind));
    found.map_or(Asks::Nothing, |(_, fact)| Asks::Payment(*fact))
}
