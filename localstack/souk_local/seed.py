"""Fills a local shop with the demo catalogue through the public admin API.

Safe to run again at any time. A product's picture is given last, so a product that has one is complete: a second run
looks at the list of products and is done, and a run that was cut off is taken up where it ended. What staff have changed
since is left alone. A picture is shown once the shop has looked at it, and lists show a product a moment after it was
written; the run ends when they show all of them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any

from souk_local import demo_catalogue
from souk_local.console import Failure
from souk_local.demo_catalogue import CURRENCY, Catalogue, Category, Product, Variant
from souk_local.media_upload import post_file
from souk_local.public_api import Api, ApiError, Unreachable, require_loopback

WORKERS = 8
ATTEMPTS = 4
LISTED_WITHIN_SECONDS = 300.0
LOOK_SECONDS = 0.5
PROGRESS_SECONDS = 2.0
AGAIN = "what is loaded stays; run it again to go on from there"
PICTURE_TYPE = "image/svg+xml"

Upload = Callable[[str, Mapping[str, str], str, bytes], None]


class SeedError(Failure):
    """The shop could not be filled; the message says what was being done and what the API answered."""


@dataclass
class Summary:
    """What a run did."""

    categories_created: int = 0
    products_created: int = 0
    products_kept: int = 0
    skus_stocked: int = 0
    pictures_uploaded: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        if not (self.products_created or self.pictures_uploaded):
            return f"{self.products_kept} products were there already"
        return (
            f"{self.products_created} products created, {self.products_kept} were there, {self.skus_stocked} SKUs stocked,"
            f" {self.pictures_uploaded} pictures, {self.categories_created} categories"
        )


@dataclass(frozen=True)
class Known:
    """A product that the shop has; `image` is the address of its picture, if it has one."""

    id: str
    image: str | None
    in_stock: bool = False


def run(
    api_url: str,
    admin_token: str,
    *,
    media_upload: Upload = post_file,
    progress: Callable[[str], None] = print,
    catalogue: Catalogue | None = None,
) -> Summary:
    """Brings the shop at `api_url` to the demo catalogue, on this machine only."""
    require_loopback(api_url)
    started = time.monotonic()
    with Api(api_url, admin_token) as api:
        seeder = _Seeder(api, media_upload, progress, catalogue or demo_catalogue.load())
        try:
            seeder.fill()
        except (ApiError, Unreachable) as error:
            raise SeedError(str(error), AGAIN) from error
    seeder.summary.seconds = time.monotonic() - started
    return seeder.summary


class _Seeder:
    def __init__(self, api: Api, upload: Upload, progress: Callable[[str], None], catalogue: Catalogue) -> None:
        self._api = api
        self._upload = upload
        self._progress = progress
        self._catalogue = catalogue
        self._known: dict[str, Known] = {}
        self._category_ids: dict[str, str] = {}
        # What this run has loaded: slug, and whether it brought stock.
        self._loaded: dict[str, bool] = {}
        self._counting = threading.Lock()
        self.summary = Summary()

    def fill(self) -> None:
        self._known = self._listed()
        products = self._catalogue.products
        missing = [product for product in products if not self._is_complete(product)]
        self.summary.products_kept = len(products) - len(missing)
        if not missing:
            return
        self._put_tables()
        self._create_categories()
        # One product stays back until all others are done: as long as it is missing, the next run looks at everything.
        *most, last = missing
        self._in_parallel(most)
        self._load(last)
        self._await_lists()

    def _listed(self) -> dict[str, Known]:
        return {
            summary["slug"]: Known(summary["id"], _image_url(summary), bool(summary["in_stock"]))
            for summary in self._api.products()
        }

    def _await_lists(self) -> None:
        """Waits until shoppers find all that was loaded, with its picture and in stock."""
        end = time.monotonic() + LISTED_WITHIN_SECONDS
        while waiting := self._not_listed():
            if time.monotonic() > end:
                raise SeedError(f"lists still do not show {len(waiting)} products, such as {waiting[0]}", AGAIN)
            time.sleep(LOOK_SECONDS)

    def _not_listed(self) -> list[str]:
        listed = self._listed()
        return [
            slug
            for slug, has_stock in self._loaded.items()
            if slug not in listed or listed[slug].image is None or listed[slug].in_stock < has_stock
        ]

    def _is_complete(self, product: Product) -> bool:
        known = self._known.get(product.slug)
        return known is not None and known.image is not None

    def _put_tables(self) -> None:
        self._progress("tax rates and shipping zones")
        self._api.put("/admin/tax-rates", demo_catalogue.tax_rates())
        self._api.put("/admin/shipping-zones", demo_catalogue.shipping_zones())

    def _create_categories(self) -> None:
        self._progress(f"{len(self._catalogue.categories)} categories")
        self._category_ids = ids_by_slug(self._api.get("/categories")["data"])
        for category in self._catalogue.categories:
            if category.slug not in self._category_ids:
                self._category_ids[category.slug] = self._api.post("/admin/categories", self._category_body(category))["id"]
                self._count("categories_created")

    def _category_body(self, category: Category) -> dict[str, Any]:
        return {
            "slug": category.slug,
            "title": category.title,
            "parent_id": self._category_ids[category.parent] if category.parent else None,
            "position": category.position,
        }

    def _in_parallel(self, products: list[Product]) -> None:
        with ThreadPoolExecutor(WORKERS) as pool:
            futures = [pool.submit(self._load, product) for product in products]
            try:
                self._follow(futures)
            except BaseException:
                # What has begun is finished, so that Ctrl-C leaves no product without its picture.
                pool.shutdown(wait=True, cancel_futures=True)
                raise

    def _follow(self, futures: list[Future[None]]) -> None:
        said = 0.0
        for done, future in enumerate(as_completed(futures), start=1):
            future.result()
            now = time.monotonic()
            if now - said >= PROGRESS_SECONDS or done == len(futures):
                said = now
                self._progress(f"{done} of {len(futures)} products")

    def _load(self, product: Product) -> None:
        """Completes one product; what was interrupted is looked at again before anything is repeated."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._complete(product)
            except (ApiError, Unreachable) as error:
                if attempt == ATTEMPTS or not may_pass(error):
                    raise SeedError(f"product {product.slug}: {error}", AGAIN) from error
                time.sleep(0.25 * 2**attempt)

    def _complete(self, product: Product) -> None:
        created = product.slug not in self._known and self._create(product)
        known = self._known.get(product.slug)
        if known is None:
            # Staff have hidden a product of this name; theirs stays as it is.
            self._count("products_kept")
            return
        available: dict[str, int] = {}
        if not created:
            known, available = self._read(product.slug, known.id)
        lacking = [variant for variant in product.variants if variant.stock and not available.get(variant.sku)]
        for variant in lacking:
            self._stock(variant)
        if known.image is None:
            self._give_picture(known.id, product)
        self._loaded[product.slug] = bool(lacking)

    def _create(self, product: Product) -> bool:
        """False if the slug is in use: by a hidden product, or by an attempt of ours whose answer was lost."""
        try:
            answer = self._api.post("/admin/products", product_body(product, self._category_ids[product.category]))
        except ApiError as error:
            if error.code != "slug_taken":
                raise
            self._look_up(product.slug)
            return False
        self._known[product.slug] = Known(answer["id"], None)
        self._count("products_created")
        return True

    def _look_up(self, slug: str) -> None:
        """Lists may not show it yet; one that staff have hidden, or given another slug, is not looked for."""
        try:
            product = self._api.get(f"/products/by-slug/{slug}")
        except ApiError as error:
            if error.status not in (301, 404):
                raise
            return
        images = product["images"]
        self._known[slug] = Known(product["id"], images[0]["url"] if images else None)

    def _read(self, slug: str, product_id: str) -> tuple[Known, dict[str, int]]:
        """The product as it is, with the picture that lists may not show yet, and its stock."""
        product = self._api.get(f"/products/{product_id}")
        images = product["images"]
        known = self._known[slug] = Known(product_id, images[0]["url"] if images else None)
        return known, {variant["sku"]: variant["available"] for variant in product["variants"]}

    def _stock(self, variant: Variant) -> None:
        body = {"quantity": variant.stock, "reason": "opening_stock"}
        key = {"Idempotency-Key": f"opening-stock-{variant.sku}"}
        self._api.post(f"/admin/inventory/{variant.sku}/adjustments", body, key)
        self._count("skus_stocked")

    def _give_picture(self, product_id: str, product: Product) -> None:
        svg = product.svg()
        body = {"content_type": PICTURE_TYPE, "alt": f"Drawing: {product.title}", "content_length": len(svg)}
        upload = self._api.post(f"/admin/products/{product_id}/images", body)["upload"]
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._upload(upload["url"], upload["fields"], PICTURE_TYPE, svg)
                break
            except (ApiError, Unreachable) as error:
                if attempt == ATTEMPTS or not may_pass(error):
                    raise SeedError(f"picture of {product.slug}: {error}", AGAIN) from error
                time.sleep(0.25 * 2**attempt)
        self._count("pictures_uploaded")

    def _count(self, what: str) -> None:
        with self._counting:
            setattr(self.summary, what, getattr(self.summary, what) + 1)


def product_body(product: Product, category_id: str) -> dict[str, Any]:
    """The body of `POST /admin/products`."""
    return {
        "slug": product.slug,
        "title": product.title,
        "description": product.description,
        "category_id": category_id,
        "status": "active",
        "tags": list(product.tags),
        "tax_class": product.tax_class,
        "options": [{"name": name, "values": list(values)} for name, values in product.options.items()],
        "variants": [_variant_body(variant) for variant in product.variants],
    }


def _variant_body(variant: Variant) -> dict[str, Any]:
    body: dict[str, Any] = {
        "sku": variant.sku,
        "title": variant.title,
        "options": variant.options,
        "price": _money(variant.price),
        "weight_grams": variant.weight_grams,
    }
    if variant.compare_at is not None:
        body["compare_at_price"] = _money(variant.compare_at)
    return body


def _money(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": CURRENCY}


def _image_url(summary: Mapping[str, Any]) -> str | None:
    """The picture's address, whether the summary gives it bare or beside its alternative text."""
    image = summary.get("image")
    return image.get("url") if isinstance(image, Mapping) else image


def ids_by_slug(categories: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Ids of the categories, whether the API lists them flat or as a tree."""
    ids: dict[str, str] = {}
    for category in categories:
        ids[category["slug"]] = category["id"]
        ids.update(ids_by_slug(category.get("children") or []))
    return ids


def may_pass(error: ApiError | Unreachable) -> bool:
    """Whether the same request may succeed in a moment."""
    return isinstance(error, Unreachable) or error.status in (429, 502, 503, 504) or error.code == "idempotency_in_flight"
