//! The money of an order, by Stripe's books and by ours.

use e2e::ordered::payments_of;
use e2e::stripe;
use serde_json::Value;

use super::story::Ending;

/// Whether exactly the total of a confirmed order is kept, and nothing of a cancelled one, and nobody can pay it any more.
pub(super) fn settled(ending: &Ending) -> Result<(), String> {
    let owed = if ending.confirmed { ending.total } else { 0 };
    let known = stripe::known(&ending.order_id);
    let is_open = |intent: &&Value| !matches!(intent["status"].as_str(), Some("succeeded" | "canceled"));
    if let Some(intent) = known.intents().iter().find(is_open).filter(|_| !ending.confirmed) {
        return Err(format!("{}: {} can still be paid", ending.order_id, intent["id"]));
    }
    let (taken, returned) = known.taken_and_returned();
    if taken - returned != owed {
        return Err(format!("{}: Stripe took {taken} and gave back {returned}, not {owed} kept", ending.order_id));
    }
    let payments = payments_of(&ending.order_id);
    let kept_by = |row: &Value| number(&row["captured"]["amount"]) - number(&row["refunded"]["amount"]);
    let kept: Vec<i64> = payments.iter().map(kept_by).filter(|kept| *kept != 0).collect();
    let expected: &[i64] = if ending.confirmed { &[owed] } else { &[] };
    if kept != expected {
        return Err(format!("{}: our payments keep {kept:?}, not {expected:?}", ending.order_id));
    }
    Ok(())
}

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or(0)
}
