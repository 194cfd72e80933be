"""Shelves: the categories are a tree, each product stands in one of them, and lists show what is there."""

from __future__ import annotations

from souk_local.rules import Finding, Rule
from souk_local.snapshot import Row, Snapshot

_LEVELS = 5


def tree(shop: Snapshot) -> Finding:
    categories = {row["id"]: row for row in shop.of("category")}
    found = Finding(len(categories))
    for id in categories:
        at, levels = id, 0
        while at is not None and levels <= _LEVELS:
            if at not in categories:
                found.wrong(id, "a way to the top", f"{at} above it, which is not there")
                break
            at, levels = categories[at].get("parent_id"), levels + 1
        else:
            if levels > _LEVELS:
                found.wrong(id, f"at most {_LEVELS} levels", "more, or a circle")
    return found


def members(shop: Snapshot) -> Finding:
    products, categories = shop.of("product"), {row["id"] for row in shop.of("category")}
    found = Finding(len(products))
    expected = {f"IN#{product['category_id']} {product['id']}": product for product in products}
    actual = {row.key: row for row in shop.of("member")}
    for key, product in expected.items():
        if product["category_id"] not in categories:
            found.wrong(product["id"], "its category to be there", f"no {product['category_id']}")
        if key not in actual:
            found.wrong(product["id"], f"a row {key}", "none")
    for key in actual.keys() - expected.keys():
        found.wrong(actual[key]["product_id"], "to be in its own category only", key)
    return found


def lists(shop: Snapshot) -> Finding:
    """What lists have of a product is a moment behind it."""
    products = {row["id"]: row for row in shop.of("product")}
    listed = {row["staff"]["id"]: row for row in shop.of("listed")}
    shown: dict[str, set[str]] = {}
    for row in (*shop.of("listing"), *shop.of("staff_listing")):
        shown.setdefault(row["id"], set()).add(row.key)
    found = Finding(len(products))
    for id in products.keys() | listed.keys() | shown.keys():
        product, mine = products.get(id), listed.get(id)
        touched = product.at("updated_at") if product else None
        if product is None:
            found.wrong(id, "no list to show it, for there is no such product", f"{len(shown.get(id, ()))} rows")
            continue
        if mine is None:
            found.wrong(id, "to be listed", "not", touched)
            continue
        places = {f"{place['pk']} {place['sk']}" for place in mine["places"]}
        if places != shown.get(id, set()):
            apart = ", ".join(sorted(places ^ shown.get(id, set())))
            found.wrong(id, "lists to have it where it is noted", f"a difference at {apart}", touched)
        expected, actual = _summary(shop, product), _as_listed(mine)
        if expected != actual:
            found.wrong(id, f"lists to say {expected}", actual, touched)
    return found


def _summary(shop: Snapshot, product: Row) -> tuple[object, ...]:
    if product["status"] != "active":
        return (product["status"], product["category_id"])
    in_stock = any(shop.stocks[sku]["available"] > 0 for sku in product["skus"] if sku in shop.stocks)
    return (product["status"], product["category_id"], product["title"], product["slug"], in_stock)


def _as_listed(listed: Row) -> tuple[object, ...]:
    staff, summary = listed["staff"], listed.get("summary")
    if summary is None:
        return (staff["status"], staff["category_id"])
    return (staff["status"], staff["category_id"], summary["title"], summary["slug"], summary["in_stock"])


_MOVE = "move one of them by PUT /v1/admin/categories/<id>"
_RELIST = "send {\"product_id\": …, \"correlation_id\": \"by hand\"} to catalog-list-product; its dead-letter queue may have what it could not do"

RULES = (
    Rule("the categories are a tree of at most five levels, without a circle or an orphan", "categories", tree, _MOVE),
    Rule("each product is in its own category and in no other", "products", members, "./scripts/logs <product id> shows who wrote it last"),
    Rule("lists show each product as it is, and where it is", "products", lists, _RELIST),
)
