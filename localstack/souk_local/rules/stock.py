"""Goods: no unit is lost, doubled or invented."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from souk_local.rules import GRACE, Finding, Rule
from souk_local.snapshot import Row, Snapshot

_PARTS = ("available", "reserved", "committed")
_WAITS_TO_BE_SHIPPED = ("confirmed",)


def parts(shop: Snapshot) -> Finding:
    found = Finding(len(shop.stocks))
    for sku, stock in shop.stocks.items():
        total = sum(stock[part] for part in _PARTS)
        if stock["on_hand"] != total:
            found.wrong(sku, f"on_hand {total} ({_numbers(stock)})", stock["on_hand"], _touched(shop, sku))
        negative = [part for part in ("on_hand", *_PARTS) if stock[part] < 0]
        if negative:
            found.wrong(sku, "nothing below zero", _numbers(stock), _touched(shop, sku))
    return found


def ledger(shop: Snapshot) -> Finding:
    found = Finding(len(shop.of("ledger")))
    sums: Counter[str] = Counter()
    for entry in shop.of("ledger"):
        sums[entry["sku"]] += entry["delta"]
    for sku in shop.stocks.keys() | sums.keys():
        stock = shop.stocks.get(sku)
        if stock is None:
            found.wrong(sku, "a stock row for its ledger", "none")
        elif stock["on_hand"] != sums[sku]:
            found.wrong(sku, f"on_hand {sums[sku]}, the sum of its ledger", stock["on_hand"])
    return found


def reserved(shop: Snapshot) -> Finding:
    found = Finding(len(shop.holds))
    held: Counter[str] = Counter()
    for hold in shop.holds.values():
        held.update(hold["lines"])
    _compare(shop, found, "reserved", held, "what the holds say")
    return found


def committed(shop: Snapshot) -> Finding:
    """Goods of an order whose hold is not settled yet are still reserved; whether they may be is for another rule."""
    waiting = [order for order in shop.orders.values() if order["status"] in _WAITS_TO_BE_SHIPPED and order["id"] not in shop.holds]
    found = Finding(len(waiting))
    sold: Counter[str] = Counter()
    for order in waiting:
        sold.update(units(order, "shipped", "cancelled"))
    _compare(shop, found, "committed", sold, "what paid orders wait for")
    return found


def holds(shop: Snapshot) -> Finding:
    pending = {id: order for id, order in shop.orders.items() if order["status"] == "pending_payment"}
    found = Finding(len(pending | shop.holds))
    for id in pending.keys() | shop.holds.keys():
        hold, order = shop.holds.get(id), shop.orders.get(id)
        if hold is None:
            found.wrong(id, "a hold, for it waits for payment", "none", shop.touched(id))
        elif order is None:
            found.wrong(id, "an order for the hold", "none")
        elif id not in pending:
            found.wrong(id, f"no hold, for the order is {order['status']}", _goods(hold["lines"]), shop.touched(id))
        elif hold["lines"] != units(order):
            found.wrong(id, f"a hold over {_goods(units(order))}", _goods(hold["lines"]))
    return found


def overdue(shop: Snapshot) -> Finding:
    """A payment that begins extends the order's time, not the hold's."""
    found = Finding(len(shop.holds))
    for id, hold in shop.holds.items():
        until = shop.orders.get(id, hold).at("expires_at")
        if shop.now > until + GRACE:
            found.wrong(id, f"its hold to end by {until + GRACE:%Y-%m-%d %H:%M:%S}", "it is still there")
    return found


def alerts(shop: Snapshot) -> Finding:
    """Who waits is in two rows: with the SKU, and with the address. What has expired is nobody's any more."""
    waiting = {(row["sku"], row["sk"], row["slot"]): row for row in _live(shop, "stock_alert")}
    places = {(row["sku"], row["pk"].removeprefix("ALERTS#"), row["slot"]): row for row in _live(shop, "alert_slot")}
    found = Finding(len(waiting))
    for sku, address, slot in waiting.keys() ^ places.keys():
        have, lack = ("an alert", "slot") if (sku, address, slot) in waiting else ("a slot", "alert")
        found.wrong(sku, f"{have} of {address} to have its {lack}", "none")
    for sku in {sku for sku, _, _ in waiting}:
        stock = shop.stocks.get(sku)
        if stock and stock["for_sale"] and stock["available"] > 0:
            found.wrong(sku, "nobody to wait for what can be bought", f"{stock['available']} available", _restocked(shop, sku))
    return found


def _live(shop: Snapshot, kind: str) -> list[Row]:
    return [row for row in shop.of(kind) if row.at("expires_at") > shop.now]


def _restocked(shop: Snapshot, sku: str) -> datetime | None:
    """When its stock or its product last changed in a way that may have brought it back."""
    moments = [entry.at("at") for entry in shop.of("ledger") if entry["sku"] == sku and entry.get("at")]
    moments += [product.at("updated_at") for product in shop.of("product") if sku in product["skus"]]
    return max([*moments, *filter(None, [_touched(shop, sku)])], default=None)


def units(order: Row, *without: str) -> dict[str, int]:
    """How many of each SKU an order's lines are over, without those that have already left it."""
    summed: Counter[str] = Counter()
    for line in order["lines"]:
        summed[line["sku"]] += line["quantity"] - sum(line.get(name, 0) for name in without)
    return dict(summed)


def _compare(shop: Snapshot, found: Finding, part: str, expected: Counter[str], why: str) -> None:
    for sku in shop.stocks.keys() | {sku for sku, number in expected.items() if number}:
        stock = shop.stocks.get(sku)
        actual = stock[part] if stock else "no stock row"
        if actual != expected[sku]:
            found.wrong(sku, f"{part} {expected[sku]}, {why}", actual, _touched(shop, sku))


def _touched(shop: Snapshot, sku: str) -> datetime | None:
    orders = (order["id"] for order in shop.orders.values() if any(line["sku"] == sku for line in order["lines"]))
    return max((moment for id in orders if (moment := shop.touched(id))), default=None)


def _numbers(stock: Row) -> str:
    return ", ".join(f"{part} {stock[part]}" for part in _PARTS)


def _goods(lines: dict[str, int]) -> str:
    return ", ".join(f"{number} x {sku}" for sku, number in sorted(lines.items())) or "nothing"


_COUNT = "count the goods; then put the numbers right by an adjustment, and ask ./scripts/logs with the SKU's orders how it came"
_TELL = "send {\"sku\": …, \"correlation_id\": \"by hand\"} to catalog-send-stock-alerts; dead letters of catalog-on-stock-change may say why nobody did"
_SETTLE = "./scripts/logs <order id> shows which consumer did not settle it; its dead-letter queue has the event"

RULES = (
    Rule("on_hand = available + reserved + committed, none below zero", "SKUs", parts, _COUNT),
    Rule("on_hand is the sum of the ledger", "ledger entries", ledger, _COUNT),
    Rule("reserved is what holds say", "holds", reserved, _SETTLE),
    Rule("committed is what paid orders wait for", "paid orders", committed, _SETTLE),
    Rule("there is a hold for each order that waits for payment, over its lines, and for no other", "orders and holds", holds, _SETTLE),
    Rule("whoever waits for a SKU has a place for it, and nobody waits for what can be bought", "alerts", alerts, _TELL),
    Rule("no hold outlives its order's time to pay by five minutes", "holds", overdue, "look for errors of orders-expire-order"),
)
