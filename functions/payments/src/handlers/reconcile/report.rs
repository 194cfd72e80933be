use kernel::{OrderId, PaymentId};
use serde::Serialize;
use tracing::{error, warn};

/// What a walk has found.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Orders looked at.
    pub checked: u64,
    pub mended: Vec<Mended>,
    /// Orders that somebody else has to move, the shopper as a rule.
    pub open: u64,
    pub stuck: Vec<StuckOrder>,
    /// Whether all that was due has been looked at.
    pub finished: bool,
}

/// Something that a lost message or a crash had left, done.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Mended {
    pub order_id: OrderId,
    pub payment_id: PaymentId,
    pub what: &'static str,
}

/// Something that people have to look at.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct StuckOrder {
    pub order_id: OrderId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_id: Option<PaymentId>,
    pub why: String,
}

impl Report {
    pub(super) fn mended(&mut self, order_id: OrderId, payment_id: PaymentId, what: &'static str) {
        warn!(order_id = %order_id, payment_id = %payment_id, what, "mended");
        telemetry::count("payments", "PaymentsMended", 1);
        self.mended.push(Mended { order_id, payment_id, what });
    }

    pub(super) fn stuck(&mut self, order_id: OrderId, payment_id: Option<PaymentId>, why: &str) {
        error!(order_id = %order_id, payment_id = payment_id.map(tracing::field::display), why, "stuck");
        self.stuck.push(StuckOrder { order_id, payment_id, why: why.to_owned() });
    }
}
