"""A small shop in which everything is right: one order of each status, with its cart, stock, money and mail."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from souk_local.snapshot import Mail, Row, Snapshot
from souk_local.till import Intent

NOW = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
SKU = "TEA-100"
# A variant that is none any more.
GONE = "TEA-50"
TEA = "prod_1"
PAID, WAITING, CLOSED = "ord_PAID", "ord_WAITING", "ord_CLOSED"
ADA, BOB, LEFT = (f"{digit * 8}-1111-4111-8111-111111111111" for digit in "abc")


def at(minutes: float) -> str:
    return (NOW + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


def money(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


def row(table: str, kind: str, pk: str, sk: str, **body: Any) -> Row:
    return Row(table, {"pk": pk, "sk": sk, "type": kind, "schema": 1, "version": 1, **body})


def order(id: str, status: str, quantity: int, **changes: Any) -> Row:
    total = 500 * quantity + 490
    paid = status == "confirmed"
    body = {
        "id": id,
        "number": f"{id[-4:].upper()}-0000-00",
        "cart_id": f"cart_{id}",
        "status": status,
        "payment_status": {"confirmed": "paid", "cancelled": "voided"}.get(status, "unpaid"),
        "lines": [{"sku": SKU, "quantity": quantity, "unit_price": money(500), "line_total": money(500 * quantity)}],
        "subtotal": money(500 * quantity),
        "discount": money(0),
        "shipping": money(490),
        "tax": money(0),
        "prices_include_tax": True,
        "total": money(total),
        "captured": money(total if paid else 0),
        "placed_at": at(-20),
        "expires_at": at(10),
        "timeline": [{"at": at(-20)}],
    }
    return row("orders", "order", f"ORDER#{id}", "ORDER", **{**body, **changes})


def payment(id: str, order_id: str, status: str, amount: int, captured: int = 0, refunded: int = 0, **changes: Any) -> Row:
    body = {
        "id": id,
        "order_id": order_id,
        "status": status,
        "amount": money(amount),
        "captured": money(captured),
        "refunded": money(refunded),
        "provider_id": f"pi_{id}",
        "surplus": False,
        "created_at": at(-15),
        "updated_at": at(-10),
    }
    return row("payments", "payment", f"PAYMENT#{id}", "PAYMENT", **{**body, **changes})


def refund(id: str, payment_id: str, order_id: str, status: str, amount: int) -> Row:
    body = {"id": id, "payment_id": payment_id, "order_id": order_id, "status": status, "amount": money(amount), "updated_at": at(-10)}
    return row("payments", "refund", f"PAYMENT#{payment_id}", f"REFUND#{id}", **body)


def attempts(order_id: str, live: str, paid_by: str | None, *others: str, **changes: Any) -> Row:
    body = {"order_id": order_id, "live": live, "payments": [live, *others], "looked_at": at(-4), **({"paid_by": paid_by} if paid_by else {})}
    return row("payments", "attempts", f"ORDER#{order_id}", "ATTEMPTS", **{**body, **changes})


def hold(order_id: str, quantity: int) -> Row:
    return row("catalog", "hold", f"HOLD#{order_id}", "HOLD", order_id=order_id, lines={SKU: quantity}, expires_at=at(10))


def due(order_id: str) -> Row:
    return row("orders", "due", f"ORDER#{order_id}", "DUE", order_id=order_id, expires_at=at(10))


def mail(order_id: str, event_id: str, notice: str, status: str = "sent", started: float = -10) -> Row:
    body = {"event_id": event_id, "order_id": order_id, "notice": notice, "status": status, "started_at": at(started), "lease_until": at(started + 1)}
    return row("notifications", "mail", f"MAIL#{event_id}#email#abc", "MAIL", **body)


def profile(id: str, email: str, *groups: str, **changes: Any) -> Row:
    body = {"id": id, "email": email, "status": "active", "groups": list(groups), "address_count": 0, "gsi1pk": f"USERS#{email[0]}"}
    return row("users", "profile", f"USER#{id}", "PROFILE", **{**body, **changes})


def claim(id: str, email: str, confirmed: bool = True) -> Row:
    return row("users", "email", f"EMAIL#{email}", "EMAIL", user_id=id, claimed_at=at(-30), is_confirmed=confirmed)


def waiting(sku: str, address: str, slot: int = 0, days: int = 300) -> tuple[Row, Row]:
    """Somebody who waits: the alert, and the slot of the address."""
    body = {"sku": sku, "slot": slot, "expires_at": at(days * 24 * 60)}
    return (row("catalog", "stock_alert", f"ALERT#{sku}", address, **body), row("catalog", "alert_slot", f"ALERTS#{address}", f"{slot:02}", **body))


class Shop:
    """Two units of the SKU are paid for, three held, five to be sold; a shopper, an admin, and one who left. Rows are changed by key."""

    def __init__(self) -> None:
        self.dead_letters = {"souk-local-orders-relay-dead-letters": 0}
        self.mails = [Mail("PAID-0000-00", "ada@example.com", "Your Souk order PAID-0000-00")]
        self.possibly_repeated: set[str] = set()
        self.intents = [Intent("pi_pay_1", PAID, 1490, NOW - timedelta(minutes=15)), Intent("pi_pay_3", CLOSED, 0, NOW - timedelta(minutes=15))]
        self.rows: dict[str, Row] = {}
        of_product = {"product_id": TEA, "position": 0, "title": "Tea", "tax_class": "reduced", "for_sale": True}
        stock = {**of_product, "sku": SKU, "on_hand": 10, "available": 5, "reserved": 3, "committed": 2}
        self.add(row("catalog", "stock", f"STOCK#{SKU}#0", "STOCK", **stock))
        gone = {**of_product, "for_sale": False, "retired": True, **dict.fromkeys(("on_hand", "available", "reserved", "committed"), 0)}
        self.add(row("catalog", "stock", f"STOCK#{GONE}#0", "STOCK", sku=GONE, **gone))
        for alert in waiting(GONE, "abc"):
            self.add(alert)
        self.add(row("catalog", "ledger", f"LEDGER#{SKU}", "1", sku=SKU, delta=12))
        self.add(row("catalog", "ledger", f"LEDGER#{SKU}", "2", sku=SKU, delta=-2))
        for id, status, quantity in ((PAID, "confirmed", 2), (WAITING, "pending_payment", 3), (CLOSED, "cancelled", 1)):
            self.add(order(id, status, quantity))
            self.add(row("orders", "order_number", f"NUMBER#{id[-4:].upper()}-0000-00", "NUMBER", order_id=id))
            self.add(row("cart", "cart", f"CART#cart_{id}", "CART", id=f"cart_{id}", status="ordered", order_id=id, expires_at=at(9999)))
        self.add(row("cart", "cart", "CART#cart_new", "CART", id="cart_new", status="open", expires_at=at(9999)))
        self.add(hold(WAITING, 3))
        self.add(due(WAITING))
        self.add(payment("pay_1", PAID, "captured", 1490, 1490))
        self.add(attempts(PAID, "pay_1", "pay_1"))
        self.add(payment("pay_2", WAITING, "failed", 1990))
        self.add(attempts(WAITING, "pay_2", None, unsettled_since=at(-15), gsi1pk="UNSETTLED#1"))
        self.add(payment("pay_3", CLOSED, "refunded", 990, 990, 990))
        self.add(refund("ref_3", "pay_3", CLOSED, "succeeded", 990))
        self.add(attempts(CLOSED, "pay_3", "pay_3"))
        self.add(mail(PAID, "01EVENT", "order_confirmed"))
        self.add(row("orders", "outbox", "OUTBOX#2026112312#0", "01X", detail_type="OrderPlaced.v1", created_at=at(-1)))

        self.add(profile(ADA, "ada@example.com", address_count=1))
        self.add(claim(ADA, "ada@example.com"))
        self.add(row("users", "address", f"USER#{ADA}", "ADDRESS#addr_1", id="addr_1"))
        self.add(profile(BOB, "bob@example.com", "admin"))
        self.add(claim(BOB, "bob@example.com"))
        self.add(claim(BOB, "about-to-be-bob@example.com", confirmed=False))
        self.add(row("users", "admins", "STAFF", "ADMINS", admins=[BOB]))
        self.add(row("users", "tombstone", f"USER#{LEFT}", "PROFILE", id=LEFT, status="deleted", deleted_at=at(-20)))
        self.add(row("cart", "tombstone", f"TOMBSTONE#{LEFT}", "TOMBSTONE", deleted_at=at(-20)))
        self.add(row("users", "audit", f"AUDIT#{LEFT}", "2026#01X", actor=LEFT))
        self.add(row("users", "tries", "TRIES#sign_in#0f", at(-15), count=3, ttl=int(NOW.timestamp()) + 3600))
        self.add(row("catalog", "category", "CATEGORIES", "CAT#cat_1", id="cat_1", parent_id=None))
        self.add(row("catalog", "category", "CATEGORIES", "CAT#cat_2", id="cat_2", parent_id="cat_1"))
        tea = {"id": "prod_1", "slug": "tea", "title": "Tea"}
        facts = {"category_id": "cat_2", "status": "active"}
        self.add(row("catalog", "product", "PRODUCT#prod_1", "PRODUCT", **tea, **facts, skus=[SKU], tax_class="reduced", images=[], updated_at=at(-20)))
        self.add(row("catalog", "slug", "SLUG#tea", "SLUG", product_id="prod_1"))
        self.add(row("catalog", "member", "IN#cat_2", "prod_1", product_id="prod_1"))
        self.add(row("catalog", "listing", "LIST#ALL#NEWEST", "prod_1", **tea, in_stock=True))
        self.add(row("catalog", "staff_listing", "LIST#STAFF", "prod_1", **tea, **facts))
        places = [{"pk": pk, "sk": "prod_1"} for pk in ("LIST#STAFF", "LIST#ALL#NEWEST")]
        listed = {"places": places, "summary": {**tea, "in_stock": True}, "staff": {**tea, **facts}}
        self.add(row("catalog", "listed", "PRODUCT#prod_1", "LISTED", **listed))

    def add(self, row: Row) -> None:
        self.rows[row.key] = row

    def drop(self, key: str) -> None:
        del self.rows[key]

    def change(self, key: str, **changes: Any) -> None:
        known = self.rows[key]
        self.rows[key] = Row(known.table, {**known.item, **changes})

    def snapshot(self) -> Snapshot:
        return Snapshot(
            self.rows.values(),
            NOW,
            dead_letters=self.dead_letters,
            intents=self.intents,
            mails=self.mails,
            possibly_repeated=self.possibly_repeated,
        )
