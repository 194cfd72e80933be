"""The demo shop as data: categories, products, variants and opening stock, read from `localstack/demo/`.

`python -m souk_local.demo_catalogue --check` proves what the data promises: enough of everything, nothing twice, every
identifier, price and text within the limits of the admin API.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import unicodedata
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product as combinations_of
from pathlib import Path
from typing import Any

from souk_local import pictures

DEMO_DIR = Path(__file__).resolve().parent.parent / "demo"
CURRENCY = "EUR"
TAX_CLASSES = ("standard", "reduced")
SKU = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Variant:
    """What is put in the cart: one SKU with its price, weight and opening stock."""

    sku: str
    title: str
    options: dict[str, str]
    price: int
    compare_at: int | None
    weight_grams: int
    stock: int


@dataclass(frozen=True)
class Product:
    """A page of the shop; `category` is the slug of its leaf category, `picture` names its drawing."""

    slug: str
    title: str
    description: str
    picture: str
    category: str
    tax_class: str
    tags: tuple[str, ...]
    options: dict[str, tuple[str, ...]]
    variants: tuple[Variant, ...]

    def svg(self) -> bytes:
        """The picture of this product."""
        return pictures.picture(self.slug, self.picture)


@dataclass(frozen=True)
class Category:
    """A category; `parent` is the slug of the one above it, None for those of the first level."""

    slug: str
    title: str
    parent: str | None
    position: int


@dataclass(frozen=True)
class Catalogue:
    """All of the demo shop; parents come before their children."""

    categories: tuple[Category, ...]
    products: tuple[Product, ...]

    def leaves(self) -> list[Category]:
        """The categories that hold products."""
        return [category for category in self.categories if category.parent is not None]

    def variants(self) -> Iterator[Variant]:
        """Every variant of every product."""
        return (variant for product in self.products for variant in product.variants)


@lru_cache(maxsize=1)
def load() -> Catalogue:
    """Read the data files; they are listed in `demo/catalogue-*.json`, one a parent category."""
    categories: list[Category] = []
    products: list[Product] = []
    for position, path in enumerate(sorted(DEMO_DIR.glob("catalogue-*.json"))):
        parent = _json(path)
        categories.append(Category(parent["slug"], parent["title"], None, position))
        for place, leaf in enumerate(parent["categories"]):
            categories.append(Category(leaf["slug"], leaf["title"], parent["slug"], place))
            products.extend(_product(entry, leaf) for entry in leaf["products"])
    return Catalogue(tuple(categories), tuple(products))


def tax_rates() -> dict[str, Any]:
    """The body of `PUT /admin/tax-rates`."""
    return dict(_json(DEMO_DIR / "tax-rates.json"))


def shipping_zones() -> dict[str, Any]:
    """The body of `PUT /admin/shipping-zones`."""
    return dict(_json(DEMO_DIR / "shipping-zones.json"))


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _product(entry: dict[str, Any], leaf: dict[str, Any]) -> Product:
    names: list[str] = entry["options"]
    values = [tuple(dict.fromkeys(variant["values"][at] for variant in entry["variants"])) for at in range(len(names))]
    return Product(
        slug=entry["slug"],
        title=entry["title"],
        description=entry["description"],
        picture=entry["picture"],
        category=leaf["slug"],
        tax_class=leaf["tax_class"],
        tags=tuple(entry["tags"]),
        options=dict(zip(names, values)),
        variants=tuple(_variant(variant, names, entry["title"]) for variant in entry["variants"]),
    )


def _variant(entry: dict[str, Any], names: list[str], product_title: str) -> Variant:
    values: list[str] = entry["values"]
    return Variant(
        sku=entry["sku"],
        title=" / ".join(values) or product_title,
        options=dict(zip(names, values)),
        price=entry["price"],
        compare_at=entry.get("compare_at"),
        weight_grams=entry["weight_grams"],
        stock=entry["stock"],
    )


def faults(catalogue: Catalogue) -> list[str]:
    """Everything that is wrong with the catalogue, in words; empty when it keeps its promises."""
    return [
        *_size_faults(catalogue),
        *_uniqueness_faults(catalogue),
        *(fault for product in catalogue.products for fault in _product_faults(product)),
        *_table_faults(),
    ]


def _size_faults(catalogue: Catalogue) -> Iterator[str]:
    if len(catalogue.products) < 300:
        yield f"only {len(catalogue.products)} products"
    if len(catalogue.leaves()) < 15:
        yield f"only {len(catalogue.leaves())} leaf categories"
    used = {product.category for product in catalogue.products}
    yield from (f"category {leaf.slug} is empty" for leaf in catalogue.leaves() if leaf.slug not in used)
    several = sum(len(product.variants) > 1 for product in catalogue.products)
    if not 0.25 <= several / len(catalogue.products) <= 0.45:
        yield f"{several} products have several variants, which is not about a third"
    stock = Counter(variant.stock for variant in catalogue.variants())
    yield from (f"no SKU opens with a stock of {wanted}" for wanted in (0, 3) if not stock[wanted])


def _uniqueness_faults(catalogue: Catalogue) -> Iterator[str]:
    products = catalogue.products
    yield from _repeated("category", (category.slug for category in catalogue.categories))
    yield from _repeated("slug", (product.slug for product in products))
    yield from _repeated("title", (product.title.casefold() for product in products))
    yield from _repeated("description", (product.description.casefold() for product in products))
    yield from _repeated("sentence", (part for product in products for part in _sentences(product.description)))
    yield from _repeated("picture", (product.svg().decode() for product in products if product.picture in pictures.shapes()))
    yield from _repeated("SKU", (variant.sku.casefold() for variant in catalogue.variants()))


def _sentences(text: str) -> list[str]:
    return [part.casefold() for part in re.split(r"(?<=[.!?])\s+", text)]


def _repeated(what: str, values: Iterable[str]) -> Iterator[str]:
    return (f"{what} {value[:60]!r} occurs {count} times" for value, count in Counter(values).items() if count > 1)


def _product_faults(product: Product) -> Iterator[str]:
    def fault(text: str) -> str:
        return f"{product.slug}: {text}"

    if not SLUG.fullmatch(product.slug) or len(product.slug) > 64:
        yield fault("the slug is not lower-case words and hyphens")
    if product.tax_class not in TAX_CLASSES:
        yield fault(f"unknown tax class {product.tax_class}")
    for text, limit in ((product.title, 80), (product.description, 1000), *((tag, 30) for tag in product.tags)):
        if not _is_clean(text) or len(text) > limit:
            yield fault(f"the text {text[:30]!r} is empty, too long, untrimmed or not NFC")
    if not 80 <= len(product.description):
        yield fault("the description says too little")
    if len(product.tags) != len(set(product.tags)) or not all(SLUG.fullmatch(tag) for tag in product.tags):
        yield fault("tags repeat or are not lower-case words and hyphens")
    yield from map(fault, _picture_faults(product))
    yield from map(fault, _variant_faults(product))


def _is_clean(text: str) -> bool:
    printable = all(unicodedata.category(letter)[0] != "C" for letter in text)
    return bool(text) and text == text.strip() and printable and unicodedata.is_normalized("NFC", text)


def _picture_faults(product: Product) -> Iterator[str]:
    if product.picture not in pictures.shapes():
        yield f"there is no drawing {product.picture}"
        return
    svg = product.svg()
    if len(svg) >= pictures.MAX_BYTES:
        yield f"the picture has {len(svg)} bytes"
    try:
        ElementTree.fromstring(svg)
    except ElementTree.ParseError as error:
        yield f"the picture is not XML: {error}"


def _variant_faults(product: Product) -> Iterator[str]:
    chosen = [tuple(variant.options.values()) for variant in product.variants]
    if not 1 <= len(chosen) <= 6 or (len(chosen) > 1) != bool(product.options):
        yield "it needs one variant without options, or two to six with them"
    if sorted(chosen) != sorted(combinations_of(*product.options.values())):
        yield "the variants are not the combinations of the options"
    for variant in product.variants:
        if not SKU.fullmatch(variant.sku):
            yield f"{variant.sku} is no SKU"
        if not 150 <= variant.price <= 40000:
            yield f"{variant.sku} costs {variant.price}"
        if variant.compare_at is not None and variant.compare_at <= variant.price:
            yield f"{variant.sku} was cheaper before"
        if not 1 <= variant.weight_grams <= 20000 or not 0 <= variant.stock <= 200:
            yield f"{variant.sku} has a weight or stock that cannot be"


def _table_faults() -> Iterator[str]:
    rates = [(rate["country"], rate["tax_class"]) for rate in tax_rates()["rates"]]
    served = [country for zone in shipping_zones()["zones"] for country in zone["countries"]]
    yield from _repeated("tax rate", ("/".join(rate) for rate in rates))
    yield from _repeated("country", served)
    for pair in combinations_of(served, TAX_CLASSES):
        if pair not in rates:
            yield f"no tax rate for {pair}, although we deliver there"


def main(arguments: list[str] | None = None) -> int:
    """Check the catalogue and say what is in it."""
    parser = argparse.ArgumentParser(prog="souk_local.demo_catalogue", description="The data of the demo shop.")
    parser.add_argument("--check", action="store_true", help="prove that the data keeps its promises")
    options = parser.parse_args(arguments)
    catalogue = load()
    skus = sum(1 for _ in catalogue.variants())
    print(f"{len(catalogue.products)} products, {skus} SKUs, {len(catalogue.leaves())} leaf categories")
    found = faults(catalogue) if options.check else []
    for fault in found:
        print(f"  {fault}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
