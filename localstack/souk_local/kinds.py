"""The kinds of rows that the services write, as far as the invariants look at them. A test holds the names to the services' sources."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Item = Mapping[str, Any]

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def _is_money(value: Any) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("amount"), int) and isinstance(value.get("currency"), str)


def _is_time(value: Any) -> bool:
    return isinstance(value, str) and bool(_TIME.fullmatch(value))


def _are_lines(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(line, Mapping)
        and isinstance(line.get("sku"), str)
        and isinstance(line.get("quantity"), int)
        and _is_money(line.get("unit_price"))
        and _is_money(line.get("line_total"))
        for line in value
    )


def _are_moments(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(entry, Mapping) and _is_time(entry.get("at")) for entry in value)


_FORMS: dict[str, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "money": _is_money,
    "time": _is_time,
    "flag": lambda value: isinstance(value, bool),
    "list": lambda value: isinstance(value, list),
    "lines": _are_lines,
    "moments": _are_moments,
    "numbers": lambda value: isinstance(value, Mapping) and all(isinstance(number, int) for number in value.values()),
}


@dataclass(frozen=True)
class Kind:
    """What a row of one type must have. Others of its attributes are no business of the invariants."""

    table: str | None
    fields: Mapping[str, str] = field(default_factory=dict)
    key: Callable[[Item], tuple[str, str]] | None = None
    schemas: tuple[int, ...] = (1,)
    # Whether a row may keep the id of somebody who left, as its type declares.
    keeps_ids: bool = False


_ORDER = {
    **dict.fromkeys(("id", "number", "cart_id", "status", "payment_status"), "text"),
    **dict.fromkeys(("subtotal", "discount", "shipping", "tax", "total", "captured"), "money"),
    **dict.fromkeys(("placed_at", "expires_at"), "time"),
    "prices_include_tax": "flag",
    "lines": "lines",
    "timeline": "moments",
}
_PAYMENT = {
    **dict.fromkeys(("id", "order_id", "status"), "text"),
    **dict.fromkeys(("amount", "captured", "refunded"), "money"),
    **dict.fromkeys(("created_at", "updated_at"), "time"),
}
_PRODUCT = {
    **dict.fromkeys(("id", "slug", "title", "category_id", "status"), "text"),
    **dict.fromkeys(("skus", "images"), "list"),
    "updated_at": "time",
}
_ATTEMPTS = {"order_id": "text", "live": "text", "payments": "list", "looked_at": "time"}

KINDS: dict[str, Kind] = {
    # In any table, written by the shared crates.
    "audit": Kind(None, keeps_ids=True),
    "idempotency": Kind(None),
    "outbox": Kind(None, {"detail_type": "text", "created_at": "time"}),
    "seen": Kind(None),
    "swept": Kind(None),
    "tombstone": Kind(None, {"deleted_at": "time"}, keeps_ids=True),
    "admins": Kind("users", {"admins": "list"}, lambda row: ("STAFF", "ADMINS")),
    "named": Kind("users", {"user_id": "text"}, lambda row: (f"USER#{row['user_id']}", "NAME")),
    "profile": Kind("users", {"id": "text", "email": "text"}, lambda row: (f"USER#{row['id']}", "PROFILE")),
    "address": Kind("users", {"id": "text"}),
    "email": Kind("users", {"user_id": "text", "claimed_at": "time", "is_confirmed": "flag"}),
    "tries": Kind("users", {"count": "number"}, keeps_ids=True),
    "registrations": Kind("users", {"count": "number"}, keeps_ids=True),
    "export": Kind("users", {"id": "text", "status": "text", "requested_at": "time"}),
    "category": Kind("catalog", {"id": "text"}, lambda row: ("CATEGORIES", f"CAT#{row['id']}")),
    "category_slug": Kind("catalog"),
    "category_tree": Kind("catalog", {"changed_at": "time"}, lambda _: ("CATEGORY-TREE", "TREE")),
    "listing": Kind("catalog", {"id": "text"}),
    "staff_listing": Kind("catalog", {"id": "text"}, lambda row: ("LIST#STAFF", row["id"])),
    "listed": Kind("catalog", {"places": "list"}, lambda row: (f"PRODUCT#{row['staff']['id']}", "LISTED")),
    "member": Kind("catalog", {"product_id": "text"}),
    "product": Kind("catalog", _PRODUCT, lambda row: (f"PRODUCT#{row['id']}", "PRODUCT")),
    "pending_edit": Kind("catalog", {"product_id": "text", "offers": "list"}, lambda row: (f"PRODUCT#{row['product_id']}", "PENDING")),
    "pending_image": Kind("catalog", {"id": "text", "product_id": "text"}, lambda row: (f"PRODUCT#{row['product_id']}", f"IMAGE#{row['id']}"), keeps_ids=True),
    "import": Kind("catalog", {"id": "text", "status": "text", "counts": "numbers"}, lambda row: (f"IMPORT#{row['id']}", "IMPORT"), keeps_ids=True),
    "import_fault": Kind("catalog", {"line": "number", "sku": "text", "faults": "list"}),
    "catalog_export": Kind("catalog", {"id": "text", "status": "text"}, lambda row: (f"EXPORT#{row['id']}", "EXPORT"), keeps_ids=True),
    "slug": Kind("catalog", {"product_id": "text"}),
    "hold": Kind("catalog", {"order_id": "text", "lines": "numbers", "expires_at": "time"}, lambda row: (f"HOLD#{row['order_id']}", "HOLD")),
    "ledger": Kind("catalog", {"sku": "text", "delta": "number"}, keeps_ids=True),
    "stock_alert": Kind("catalog", {"sku": "text", "slot": "number", "expires_at": "time"}),
    "alert_slot": Kind("catalog", {"sku": "text", "slot": "number", "expires_at": "time"}),
    "stock": Kind(
        "catalog",
        {"sku": "text", **dict.fromkeys(("on_hand", "available", "reserved", "committed"), "number")},
        lambda row: (f"STOCK#{row['sku']}#0", "STOCK"),
    ),
    "cart": Kind("cart", {"id": "text", "status": "text", "expires_at": "time"}, lambda row: (f"CART#{row['id']}", "CART")),
    "due": Kind("orders", {"order_id": "text", "expires_at": "time"}, lambda row: (f"ORDER#{row['order_id']}", "DUE")),
    "order": Kind("orders", _ORDER, lambda row: (f"ORDER#{row['id']}", "ORDER")),
    "order_number": Kind("orders", {"order_id": "text"}),
    "shipping_zones": Kind("orders"),
    "tax_rates": Kind("orders"),
    "account": Kind("orders", {"user_id": "text", "email": "text", "sequence": "number"}, lambda row: (f"USER#{row['user_id']}", "ACCOUNT")),
    "account_address": Kind("orders", {"user_id": "text"}),
    "attempts": Kind("payments", _ATTEMPTS, lambda row: (f"ORDER#{row['order_id']}", "ATTEMPTS")),
    "payment_owner": Kind("payments", {"payment_id": "text"}, lambda row: (f"PAYMENT#{row['payment_id']}", "OWNER")),
    "payment": Kind("payments", _PAYMENT, lambda row: (f"PAYMENT#{row['id']}", "PAYMENT")),
    "provider_event": Kind("payments"),
    "refund": Kind(
        "payments",
        {**dict.fromkeys(("id", "payment_id", "order_id", "status"), "text"), "amount": "money", "updated_at": "time"},
        lambda row: (f"PAYMENT#{row['payment_id']}", f"REFUND#{row['id']}"),
    ),
    "mail": Kind("notifications", {**dict.fromkeys(("event_id", "notice", "status"), "text"), "started_at": "time", "lease_until": "time"}),
}


def fault_of(table: str, item: Item) -> str:
    """Why the row cannot be read; empty for a good one."""
    name, schema = item.get("type"), item.get("schema")
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None or kind.table not in (None, table):
        return f"the {table} table has no rows of type {name!r}"
    if schema not in kind.schemas:
        return f"type {name!r} with schema {schema!r}, expected {' or '.join(map(str, kind.schemas))}"
    if not isinstance(item.get("version"), int):
        return f"type {name!r} without a version"
    for attribute, form in kind.fields.items():
        if not _FORMS[form](item.get(attribute)):
            return f"type {name!r} whose {attribute} is {item.get(attribute)!r}, expected {form}"
    if kind.key and kind.key(item) != (item.get("pk"), item.get("sk")):
        return f"type {name!r} under another key than {' '.join(kind.key(item))}"
    return ""
