//! The short model: what is true after every step, and what is true once nothing is under way.

use std::collections::{BTreeMap, BTreeSet};

use catalog::domain::Stock;
use kernel::{OrderId, Sku};
use orders::domain::{Order, OrderStatus};
use payments::domain::RefundStatus;

use crate::goods::{SHELF, sku};
use crate::stripe::Status;
use crate::world::State;

macro_rules! hold {
    ($condition:expr, $($words:tt)+) => {
        if !$condition {
            return Err(format!($($words)+));
        }
    };
}

/// What is true at every moment. `ended` are the orders that had ended before.
pub(crate) fn always(state: &State, ended: &mut BTreeMap<OrderId, OrderStatus>) -> Result<(), String> {
    hold!(state.wrong.is_empty(), "{:?}", state.wrong);
    for row in state.orders.values() {
        let order = &row.body;
        let before = ended.get(&order.id).copied();
        hold!(
            before.is_none_or(|before| before == order.status),
            "{} was {before:?} and is {:?}",
            order.id,
            order.status
        );
        if order.status != OrderStatus::PendingPayment {
            ended.insert(order.id, order.status);
        }
        order_is_right(state, order)?;
    }
    for intent in &state.stripe.intents {
        hold!(intent.refunded() <= intent.received(), "more went back than came: {intent:?}");
    }
    for row in state.payments.values() {
        let payment = &row.body;
        let (captured, refunded) = (payment.captured.amount, payment.refunded.amount);
        let in_range = 0 <= refunded && refunded <= captured && captured <= payment.amount.amount;
        hold!(in_range, "captured {captured}, refunded {refunded}: {payment:?}");
    }
    stock_is_right(state, &held(state))
}

fn order_is_right(state: &State, order: &Order) -> Result<(), String> {
    let id = order.id;
    let told = |told: &[OrderId]| told.iter().filter(|told| **told == id).count();
    let (confirmed, cancelled) = (told(&state.told.confirmed), told(&state.told.cancelled));
    hold!(
        confirmed == usize::from(order.status == OrderStatus::Confirmed),
        "{id}: told {confirmed} times as confirmed"
    );
    hold!(
        cancelled == usize::from(order.status == OrderStatus::Cancelled),
        "{id}: told {cancelled} times as cancelled"
    );
    let paying = state.told.captured.get(&id).map_or(0, BTreeSet::len);
    hold!(paying <= 1, "{id}: {paying} payments were told as captured");
    let paid = order.total.is_zero() || state.stripe.of_order(id).any(|intent| intent.received() == order.total.amount);
    hold!(order.status != OrderStatus::Confirmed || paid, "{id}: confirmed without money");
    Ok(())
}

/// Units that are held for orders.
fn held(state: &State) -> BTreeMap<Sku, i64> {
    let mut held = BTreeMap::new();
    for (sku, units) in state.holds.values().flat_map(|hold| &hold.lines) {
        *held.entry(sku.clone()).or_insert(0) += i64::from(*units);
    }
    held
}

fn stock_is_right(state: &State, held: &BTreeMap<Sku, i64>) -> Result<(), String> {
    for (text, _, delivered) in SHELF {
        let Stock { on_hand, available, reserved, committed } = state.stock[&sku(text)];
        hold!(on_hand == delivered, "{text}: {on_hand} of {delivered} are there");
        hold!(on_hand == available + reserved + committed, "{text}: {:?}", state.stock[&sku(text)]);
        hold!(available.min(reserved).min(committed) >= 0, "{text}: {:?}", state.stock[&sku(text)]);
        let held = held.get(&sku(text)).copied().unwrap_or(0);
        hold!(reserved == held, "{text}: {reserved} are reserved, and {held} held");
    }
    Ok(())
}

/// What is true once nothing is under way and the money was reconciled. `stuck` are orders that people were told of.
pub(crate) fn at_rest(state: &State, stuck: &BTreeSet<OrderId>) -> Result<(), String> {
    let mut sold: BTreeMap<Sku, i64> = BTreeMap::new();
    for row in state.orders.values() {
        let order = &row.body;
        let is_end = matches!(order.status, OrderStatus::Confirmed | OrderStatus::Cancelled);
        hold!(is_end, "{} is {:?}", order.id, order.status);
        let mails: Vec<_> = state.told.mails.iter().filter(|(id, _)| *id == order.id).map(|(_, told)| *told).collect();
        hold!(mails == [order.status], "{} is {:?}, and the mails are {mails:?}", order.id, order.status);
        if order.status == OrderStatus::Confirmed {
            for line in &order.lines {
                *sold.entry(line.what.sku.clone()).or_insert(0) += i64::from(line.what.quantity.get());
            }
        }
        money_is_right(state, order, stuck.contains(&order.id))?;
    }
    for (text, ..) in SHELF {
        let stock = state.stock[&sku(text)];
        let sold = sold.get(&sku(text)).copied().unwrap_or(0);
        hold!((stock.reserved, stock.committed) == (0, sold), "{text}: {sold} were sold: {stock:?}");
    }
    Ok(())
}

/// Of a confirmed order exactly its total is kept, by one payment; of a cancelled one nothing; but for what people gave back by hand,
/// and for what nobody could give back, which is told.
fn money_is_right(state: &State, order: &Order, told: bool) -> Result<(), String> {
    let (id, confirmed) = (order.id, order.status == OrderStatus::Confirmed);
    let paying: Vec<_> = state
        .payments_of(id)
        .filter(|payment| confirmed && !payment.captured.is_zero() && !payment.surplus)
        .map(|payment| (payment.captured, payment.provider_id.clone()))
        .collect();
    let owed = usize::from(confirmed && !order.total.is_zero());
    hold!(paying.len() == owed, "{id} is {:?} and paid by {paying:?}", order.status);
    hold!(paying.iter().all(|(captured, _)| *captured == order.total), "{id} costs {:?}: {paying:?}", order.total);
    let pays = |intent: &str| paying.iter().any(|(_, known)| known.as_deref() == Some(intent));
    let failed = |id: &&payments::domain::Payment| {
        state.refunds.get(&id.id).is_some_and(|row| row.body.status == RefundStatus::Failed)
    };
    let has_failed = state.payments_of(id).any(|payment| failed(&payment));
    hold!(!has_failed || told, "{id}: money could not go back, and nobody was told");
    for intent in state.stripe.of_order(id) {
        let by_hand = intent.by_hand();
        let owed = if pays(&intent.id) { order.total.amount - by_hand } else { 0 };
        let kept = intent.received() - intent.refunded();
        hold!(kept == owed || has_failed, "{id} is {:?}: {kept} of {} are kept, not {owed}", order.status, intent.id);
        let known = state.payments_of(id).find(|payment| payment.provider_id.as_deref() == Some(intent.id.as_str()));
        // An intent whose secret nobody was given does no harm.
        let is_payable =
            intent.status == Status::Open && state.answers.values().any(|answer| answer.contains(&intent.secret()));
        hold!(!is_payable, "{id}: {} can still be paid", intent.id);
        let Some(known) = known else {
            hold!(intent.status != Status::Paid, "{id}: nobody knows of the money of {}", intent.id);
            continue;
        };
        hold!(known.captured.amount == intent.received(), "{id}: {} is {:?} in our books", intent.id, known.captured);
        let ours = known.kept().amount;
        hold!(ours == kept || has_failed, "{id}: {kept} of {} are kept, and {ours} in our books", intent.id);
    }
    Ok(())
}
