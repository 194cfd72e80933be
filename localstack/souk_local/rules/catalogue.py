"""The catalogue: what is written in several rows says the same in all of them."""

from __future__ import annotations

from datetime import datetime

from souk_local.rules import Finding, Rule
from souk_local.snapshot import Row, Snapshot


def variants(shop: Snapshot) -> Finding:
    """A variant's row repeats what carts and orders need of its product."""
    products = _products(shop)
    found = Finding(len(shop.stocks))
    for product in products.values():
        for position, sku in enumerate(product["skus"]):
            stock = shop.stocks.get(sku)
            if stock is None or stock["product_id"] != product["id"]:
                found.wrong(sku, f"a row of product {product['id']}", "none" if stock is None else stock["product_id"], _touched(product))
                continue
            expected, actual = {**_repeated(product), "position": position}, {name: stock.get(name) for name in (*_REPEATED, "position")}
            if actual != expected or stock.get("retired"):
                wrong = {name: value for name, value in actual.items() if value != expected[name]} or {"retired": True}
                found.wrong(sku, {name: expected.get(name) for name in wrong}, wrong, _touched(product))
    for sku, stock in shop.stocks.items():
        product = products.get(stock["product_id"])
        if sku not in (product["skus"] if product else ()) and (stock["for_sale"] or not stock.get("retired")):
            found.wrong(sku, f"a variant of {stock['product_id']}, or one that is retired", "a row of no product", _touched(product))
    return found


def pending(shop: Snapshot) -> Finding:
    rows, products = shop.of("pending_edit"), _products(shop)
    found = Finding(len(rows))
    for row in rows:
        found.wrong(row["product_id"], "its last edit written whole", f"{len(row['offers'])} variants left", _touched(products.get(row["product_id"])))
    return found


def slugs(shop: Snapshot) -> Finding:
    products = _products(shop)
    leads = {row["pk"].removeprefix("SLUG#"): row["product_id"] for row in shop.of("slug")}
    wanted = {slug: product["id"] for product in products.values() for slug in (product["slug"], *(product.get("former_slugs") or ()))}
    found = Finding(len(leads))
    for slug in leads.keys() | wanted.keys():
        if leads.get(slug) != wanted.get(slug):
            found.wrong(slug, f"to lead to {wanted.get(slug)}", leads.get(slug), _touched(products.get(wanted.get(slug, ""))))
    return found


_REPEATED = ("title", "tax_class", "image", "for_sale")


def _repeated(product: Row) -> dict[str, object]:
    image = next(iter(product["images"]), None)
    shown = {name: image[name] for name in ("url", "alt")} if image else None
    return {"title": product["title"], "tax_class": product["tax_class"], "image": shown, "for_sale": product["status"] == "active"}


def _products(shop: Snapshot) -> dict[str, Row]:
    return {row["id"]: row for row in shop.of("product")}


def _touched(product: Row | None) -> datetime | None:
    return product.at("updated_at") if product else None


_EDIT = "change the product again: an edit begins with what the last one left; ./scripts/logs with its id shows who wrote it"

RULES = (
    Rule("a variant's row repeats what its product says", "SKUs", variants, _EDIT),
    Rule("every edit of a product is written whole", "edits that are not", pending, _EDIT),
    Rule("each slug leads to the product that has or had it", "slugs", slugs, "change the product's slug there and back"),
)
