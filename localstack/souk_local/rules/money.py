"""Money: what is taken is what an order costs, and what has no order goes back."""

from __future__ import annotations

from datetime import timedelta

from souk_local.rules import Finding, Rule
from souk_local.snapshot import Row, Snapshot, grouped

# Three rounds of payments-reconcile and their grace.
_LOOKED_AT_WITHIN = timedelta(minutes=30)
_WITHOUT_MONEY = ("created", "pending", "failed", "cancelled")


def kept(payment: Row) -> int:
    return payment.amount("captured") - payment.amount("refunded")


def payments(shop: Snapshot) -> Finding:
    found = Finding(len(shop.payments))
    for id, payment in shop.payments.items():
        refunded, captured, amount = (payment.amount(name) for name in ("refunded", "captured", "amount"))
        touched = payment.at("updated_at")
        if not 0 <= refunded <= captured <= amount:
            found.wrong(id, "0 <= refunded <= captured <= amount", f"refunded {refunded}, captured {captured}, amount {amount}", touched)
        if len({payment[name]["currency"] for name in ("refunded", "captured", "amount")}) > 1:
            found.wrong(id, "one currency", ", ".join(payment[name]["currency"] for name in ("refunded", "captured", "amount")), touched)
        if payment["status"] not in _statuses(refunded, captured):
            found.wrong(id, f"{' or '.join(_statuses(refunded, captured))}, for {captured} were captured and {refunded} refunded", payment["status"], touched)
        if payment["order_id"] not in shop.orders:
            found.wrong(id, f"its order {payment['order_id']}", "no such order", touched)
    return found


def _statuses(refunded: int, captured: int) -> tuple[str, ...]:
    if captured == 0:
        return _WITHOUT_MONEY
    if refunded == 0:
        return ("captured",)
    return ("refunded",) if refunded == captured else ("partially_refunded",)


def intents(shop: Snapshot) -> Finding:
    known = grouped((payment for payment in shop.payments.values() if payment.get("provider_id")), "provider_id")
    found = Finding(len(known))
    for intent, rows in known.items():
        if len(rows) > 1:
            found.wrong(intent, "one payment", " and ".join(sorted(row["id"] for row in rows)))
    return found


def provider(shop: Snapshot) -> Finding:
    """Money with the provider that no payment knows of is money that the shop keeps without a reason."""
    known = grouped((payment for payment in shop.payments.values() if payment.get("provider_id")), "provider_id")
    found = Finding(len(shop.intents))
    for id, intent in shop.intents.items():
        told = sum(kept(payment) for payment in known.get(id, []))
        if told != intent.kept:
            touched = max((payment.at("updated_at") for payment in known.get(id, [])), default=intent.created)
            found.wrong(id, f"{intent.kept} kept of {intent.order_id}, as the provider says", told, touched)
    return found


def refunds(shop: Snapshot) -> Finding:
    by_payment = grouped(shop.of("refund"), "payment_id")
    found = Finding(len(shop.of("refund")))
    for id, rows in by_payment.items():
        payment = shop.payments.get(id)
        touched = max(row.at("updated_at") for row in rows)
        if payment is None:
            found.wrong(id, "a payment for its refunds", "none", touched)
            continue
        for row in rows:
            if row["order_id"] != payment["order_id"]:
                found.wrong(row["id"], f"a refund of {payment['order_id']}", row["order_id"])
            if row["status"] == "failed":
                found.wrong(row["id"], f"{row.amount('amount')} given back of {id}", "the provider could not")
        asked = sum(row.amount("amount") for row in rows if row["status"] != "failed")
        done = sum(row.amount("amount") for row in rows if row["status"] == "succeeded")
        if asked > payment.amount("captured"):
            found.wrong(id, f"refunds of {payment.amount('captured')} at most, for that was captured", asked, touched)
        if done > payment.amount("refunded"):
            found.wrong(id, f"refunded {done}, the sum of its refunds, or more", payment.amount("refunded"), touched)
    return found


def confirmed(shop: Snapshot) -> Finding:
    """Confirmed and paid are one: exactly one payment is kept, of exactly the total; without an order to confirm, none is."""
    found = Finding(len(shop.orders))
    for id, order in shop.orders.items():
        live = {payment["id"]: kept(payment) for payment in shop.payments_of.get(id, []) if kept(payment)}
        total = order.amount("total")
        if order["status"] not in ("confirmed", "completed"):
            if live:
                found.wrong(id, f"nothing kept, for it is {order['status']}", _amounts(live), shop.touched(id))
        elif total == 0:
            if live:
                found.wrong(id, "nothing kept, for it costs nothing", _amounts(live), shop.touched(id))
        elif list(live.values()) != [total]:
            found.wrong(id, f"one payment of exactly {total} kept", _amounts(live), shop.touched(id))
    return found


def attempts(shop: Snapshot) -> Finding:
    """The row that decides which payment pays knows all of them. Releases before it wrote payments without `surplus`, and no such row."""
    found = Finding(len(shop.attempts))
    for id in shop.attempts.keys() | shop.payments_of.keys():
        row = shop.attempts.get(id)
        listed = set(row["payments"]) if row else set()
        written = {payment["id"] for payment in shop.payments_of.get(id, []) if payment.get("surplus") is not None}
        if written - listed:
            found.wrong(id, f"attempts that list {_ids(written)}", _ids(listed) if row else "no such row", shop.touched(id))
        if row is None:
            continue
        foreign = {listed_id for listed_id in listed if listed_id not in {payment["id"] for payment in shop.payments_of.get(id, [])}}
        if foreign:
            found.wrong(id, "payments of the order", f"{_ids(foreign)}, which are none", shop.touched(id))
        if not {row["live"], row.get("paid_by") or row["live"]} <= listed:
            found.wrong(id, f"live and paid_by among {_ids(listed)}", f"{row['live']} and {row.get('paid_by')}", shop.touched(id))
    return found


def paid_by(shop: Snapshot) -> Finding:
    """The first whose money came in pays; any other is surplus and goes back."""
    found = Finding(len(shop.attempts))
    for id, row in shop.attempts.items():
        payer = row.get("paid_by")
        for payment in shop.payments_of.get(id, []):
            expected = payment["id"] != payer and bool(payment.amount("captured"))
            if bool(payment.get("surplus")) != expected:
                text = "surplus, for it took money and" if expected else "no surplus, for"
                found.wrong(payment["id"], f"{text} {payer or 'nothing'} paid {id}", f"surplus {payment.get('surplus')}", shop.touched(id))
    return found


def unsettled(shop: Snapshot) -> Finding:
    """An order and its money are looked at every five minutes until they agree."""
    found = Finding(len(shop.attempts))
    for id, row in shop.attempts.items():
        waits = row.get("unsettled_since") is not None
        if waits != (row.get("gsi1pk") is not None):
            actual = f"unsettled since {row.get('unsettled_since')}, index {row.get('gsi1pk')}"
            found.wrong(id, "to be on reconcile's list exactly while it is unsettled", actual)
        if waits and shop.now > row.at("looked_at") + _LOOKED_AT_WITHIN:
            found.wrong(id, "a look at its payments every five minutes", f"the last at {row['looked_at']}")
    return found


def _amounts(live: dict[str, int]) -> str:
    return ", ".join(f"{amount} of {id}" for id, amount in sorted(live.items())) or "nothing"


def _ids(ids: set[str]) -> str:
    return " and ".join(sorted(ids))


_RECONCILE = "./scripts/reconcile asks the provider and mends what was missed; what it calls stuck, people settle at the provider"

RULES = (
    Rule("0 <= refunded <= captured <= amount, as the payment's status says", "payments", payments, _RECONCILE),
    Rule("a provider's intent is one payment", "intents", intents, _RECONCILE),
    Rule("payments keep what the provider's books say", "intents in the sandbox", provider, _RECONCILE),
    Rule("refunds are of their payment, and never of more than was captured", "refunds", refunds, _RECONCILE),
    Rule("an order is confirmed exactly if one payment of its total is kept, or it costs nothing; of others nothing is kept", "orders", confirmed, _RECONCILE),
    Rule("attempts list every payment of their order", "orders with payments", attempts, _RECONCILE),
    Rule("the first payment whose money came in has paid, any other is surplus", "orders with payments", paid_by, _RECONCILE),
    Rule("what is not settled is looked at", "orders with payments", unsettled, "look for errors of payments-reconcile, or run ./scripts/reconcile"),
)
