"""Orders: one for a cart, one for a number, and all figures agree."""

from __future__ import annotations

from datetime import timedelta

from souk_local.rules import Finding, Rule
from souk_local.snapshot import Row, Snapshot, grouped

# A guest's cart is kept this long after its last change, and a shopper's longer.
_CART_IS_KEPT = timedelta(days=30)
# What stands in an order that was over when its shopper left; their carts are erased with them.
_ERASED = "erased@erased.invalid"


def _shopper_left(order: Row) -> bool:
    return order.get("departed") == "shopper" or order.get("email") == _ERASED


def carts(shop: Snapshot) -> Finding:
    found = Finding(len(shop.carts))
    for cart_id, orders in grouped(shop.orders.values(), "cart_id").items():
        ids = sorted(order["id"] for order in orders)
        newest = max(order.at("placed_at") for order in orders)
        cart = shop.carts.get(cart_id)
        if len(ids) > 1:
            found.wrong(cart_id, "one order at most", " and ".join(ids), newest)
        elif cart is None and shop.now < newest + _CART_IS_KEPT and not _shopper_left(orders[0]):
            found.wrong(cart_id, f"the cart of {ids[0]}", "no such cart", newest)
        elif cart and (cart["status"], cart.get("order_id")) != ("ordered", ids[0]):
            found.wrong(cart_id, f"ordered as {ids[0]}", f"{cart['status']} as {cart.get('order_id')}", newest)
    for id, cart in shop.carts.items():
        order = shop.orders.get(cart.get("order_id") or "")
        if cart.get("order_id") and (order is None or order["cart_id"] != id):
            found.wrong(id, f"{cart['order_id']} to be of this cart", f"of {order['cart_id']}" if order else "no such order")
        if (cart["status"] == "ordered") != bool(cart.get("order_id")):
            found.wrong(id, "an order exactly if it is ordered", f"{cart['status']} as {cart.get('order_id')}")
    return found


def numbers(shop: Snapshot) -> Finding:
    rows = {row["pk"].removeprefix("NUMBER#"): row["order_id"] for row in shop.of("order_number")}
    found = Finding(len(rows))
    for number, orders in grouped(shop.orders.values(), "number").items():
        ids = sorted(order["id"] for order in orders)
        if ids != [rows.get(number)]:
            found.wrong(number, f"one order, {rows.get(number)}", " and ".join(ids), max(order.at("placed_at") for order in orders))
    for number, id in rows.items():
        order = shop.orders.get(id)
        if order is None or order["number"] != number:
            found.wrong(number, f"to be the number of {id}", order["number"] if order else "no such order")
    return found


def figures(shop: Snapshot) -> Finding:
    found = Finding(len(shop.orders))
    for id, order in shop.orders.items():
        for line in order["lines"]:
            product = line["unit_price"]["amount"] * line["quantity"]
            if line["line_total"]["amount"] != product:
                found.wrong(f"{id} {line['sku']}", f"line_total {product}", line["line_total"]["amount"])
        subtotal = sum(line["line_total"]["amount"] for line in order["lines"])
        if order.amount("subtotal") != subtotal:
            found.wrong(id, f"subtotal {subtotal}", order.amount("subtotal"))
        total = order.amount("subtotal") - order.amount("discount") + order.amount("shipping")
        total += 0 if order["prices_include_tax"] else order.amount("tax")
        if order.amount("total") != total or total < 0:
            found.wrong(id, f"total {total}, not below zero", order.amount("total"))
    return found


def statuses(shop: Snapshot) -> Finding:
    found = Finding(len(shop.orders))
    for id, order in shop.orders.items():
        expected = _expected(order)
        actual = (order.amount("captured"), order["payment_status"])
        if actual != expected:
            found.wrong(id, f"captured {expected[0]}, {expected[1]}, for it is {order['status']}", f"captured {actual[0]}, {actual[1]}")
    return found


def _expected(order: Row) -> tuple[int, str]:
    if order["status"] == "pending_payment":
        return 0, "unpaid"
    return (0, "voided") if order["status"] == "cancelled" else (order.amount("total"), "paid")


def due(shop: Snapshot) -> Finding:
    rows = {row["order_id"]: row for row in shop.of("due")}
    pending = {id for id, order in shop.orders.items() if order["status"] == "pending_payment"}
    found = Finding(len(pending | rows.keys()))
    for id in pending ^ rows.keys():
        order = shop.orders.get(id)
        status = order["status"] if order else "not there"
        expected, actual = ("a due row", "none") if id in pending else ("no due row", "one")
        found.wrong(id, f"{expected}, for the order is {status}", actual, shop.touched(id))
    return found


_BY_HAND = "this is a fault of the program: keep the rows, and look at the request with ./scripts/logs <order id>"

RULES = (
    Rule("a cart became at most one order, and the two name each other", "carts", carts, _BY_HAND),
    Rule("a number belongs to one order", "numbers", numbers, _BY_HAND),
    Rule("an order's lines, subtotal and total add up", "orders", figures, _BY_HAND),
    Rule("what an order says it was paid follows from its status", "orders", statuses, _BY_HAND),
    Rule(
        "an order that waits for payment is on the list of those that end, and no other is",
        "orders and due rows",
        due,
        "look for errors of orders-expire-orders, which closes what is due",
    ),
)
