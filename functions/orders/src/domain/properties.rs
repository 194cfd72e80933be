//! What holds for every cart and every history.

use kernel::{Money, Timestamp};
use proptest::prelude::*;
use testkit::now;

use super::samples::{WINDOW_SECONDS, address, cart, eur, offer, offers, placing, settings};
use super::*;

#[derive(Debug, Clone, Copy)]
enum Command {
    Confirm {
        short_by: i64,
    },
    Cancel,
    Expire,
    Wait {
        seconds: i64,
    },
    /// Somebody began to pay.
    Extend,
    /// Whoever ordered, or has the address, deletes their account.
    Leave(Departed),
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        (0_i64..2).prop_map(|short_by| Command::Confirm { short_by }),
        Just(Command::Cancel),
        Just(Command::Expire),
        (0..WINDOW_SECONDS).prop_map(|seconds| Command::Wait { seconds }),
        Just(Command::Extend),
        Just(Command::Leave(Departed::Shopper)),
        Just(Command::Leave(Departed::Addressee)),
    ]
}

/// Prices, quantities, and whether prices contain tax.
fn any_draft() -> impl Strategy<Value = Draft> {
    (prop::collection::vec((0_i64..100_000, 1_i64..=100), 1..8), any::<bool>()).prop_map(|(lines, inclusive)| {
        let skus: Vec<String> = (0..lines.len()).map(|n| format!("SKU-{n}")).collect();
        let wanted: Vec<(&str, i64)> =
            skus.iter().zip(&lines).map(|(sku, (_, units))| (sku.as_str(), *units)).collect();
        let offered = skus.iter().zip(&lines).map(|(sku, (price, _))| offer(sku, *price, 100));
        Draft::price(&cart(&wanted), &offers(offered), &settings(inclusive), address(), None).unwrap()
    })
}

fn apply(order: Order, command: Command, now: &mut Timestamp) -> Result<Transition, OrderError> {
    match command {
        Command::Confirm { short_by } => {
            let captured = Money::new(order.total.amount - short_by, order.total.currency);
            order.confirm(captured, *now)
        }
        Command::Cancel => order.cancel(None, *now),
        Command::Expire => order.expire(*now),
        Command::Wait { seconds } => {
            *now = now.plus_seconds(seconds);
            Ok((order, vec![]))
        }
        Command::Leave(who) => Ok(order.left_by(who, *now)),
        Command::Extend => Ok((Order { expires_at: now.plus_seconds(900).max(order.expires_at), ..order }, vec![])),
    }
}

proptest! {
    #[test]
    fn the_money_of_an_order_adds_up(draft in any_draft()) {
        let order = Order::place(draft, placing()).0;
        let sum = |amounts: &mut dyn Iterator<Item = Money>| Money::sum(order.total.currency, amounts).unwrap();
        let lines = || order.lines.iter().map(|line| &line.what);
        for line in lines() {
            prop_assert_eq!(line.line_total, line.unit_price.checked_mul(line.quantity.get()).unwrap());
        }
        prop_assert_eq!(order.subtotal, sum(&mut lines().map(|line| line.line_total)));
        prop_assert_eq!(order.discount, sum(&mut lines().map(|line| line.discount)));
        prop_assert_eq!(order.tax, sum(&mut lines().map(|line| line.tax).chain([order.shipping_tax])));
        prop_assert_eq!(order.tax, sum(&mut order.tax_lines.iter().map(|line| line.amount)));
        let tax_on_top = if order.prices_include_tax { eur(0) } else { order.tax };
        let delivered = order.subtotal.checked_sub(order.discount).unwrap().checked_add(order.shipping).unwrap();
        prop_assert_eq!(order.total, delivered.checked_add(tax_on_top).unwrap());
    }

    #[test]
    fn an_order_ends_once_and_tells_it_once(draft in any_draft(), commands in prop::collection::vec(command(), 1..20)) {
        let (mut order, mut told) = Order::place(draft, placing());
        let (mut time, mut has_left) = (now(), false);
        for command in commands {
            let before = order.clone();
            let Ok((after, events)) = apply(order.clone(), command, &mut time) else { continue };
            prop_assert_eq!(events.is_empty(), after.status == before.status, "an event for each change of status");
            if before.status != OrderStatus::PendingPayment {
                prop_assert_eq!(after.status, before.status, "an end is an end");
            }
            if after.status == OrderStatus::Confirmed {
                prop_assert_eq!(after.captured, after.total);
            }
            prop_assert_eq!(after.payment_status, PaymentStatus::of(after.status, after.total, after.captured));
            prop_assert!(after.timeline.is_sorted_by_key(|entry| entry.at));
            has_left |= matches!(command, Command::Leave(_));
            let is_over = after.status.is_over();
            prop_assert_eq!(after.email.is_erased(), has_left && is_over, "an end keeps nobody who left");
            prop_assert_eq!(after.departed.is_some(), has_left && !is_over, "an open order knows who left");
            told.extend(events);
            order = after;
        }
        let ends = told.iter().filter(|event| !matches!(event, OrderEvent::Placed(_))).count();
        prop_assert_eq!(ends, usize::from(order.status != OrderStatus::PendingPayment));
    }

    #[test]
    fn cancelling_twice_is_cancelling_once(draft in any_draft(), again in 0_i64..100_000) {
        let (order, _) = Order::place(draft, placing());
        let Ok((once, _)) = order.cancel(Some("no"), now()) else { return Ok(()) };
        let (twice, events) = once.clone().cancel(None, now().plus_seconds(again)).unwrap();
        prop_assert_eq!((once, 0), (twice, events.len()));
    }

    #[test]
    fn a_confirmed_order_never_expires(draft in any_draft(), later in 0_i64..10_000_000) {
        let (order, _) = Order::place(draft, placing());
        let total = order.total;
        let (confirmed, _) = order.confirm(total, now()).unwrap();
        prop_assert_eq!(confirmed.clone().expire(now().plus_seconds(later)), Ok((confirmed, vec![])));
    }
}
