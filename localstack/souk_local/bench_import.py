"""A catalogue brought in as a file: rows per second, the function's memory, and what walking through all of it costs afterwards."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from souk_local import bench_cpu, bench_log, people
from souk_local.console import Failure, step
from souk_local.media_upload import post_file
from souk_local.public_api import Api, ApiError, Unreachable
from souk_local.seed import may_pass
from souk_local.shop import Shop

COLUMNS = "slug,title,description,category,status,tags,tax_class,option1_name,option1_value,sku,price,compare_at_price,weight_grams,stock"
# What works at an import, at the lists that follow it, and at reading them.
FUNCTIONS = (
    "catalog-run-import",
    "catalog-run-export",
    "catalog-relay",
    "catalog-on-stock-change",
    "catalog-list-product",
    "catalog-list-products",
    "catalog-get-product",
)
# What shoppers read, each at the price of one call.
_READERS = ("catalog-list-products", "catalog-get-product")
MOST_VARIANTS = 9
_FUNCTION = "catalog-run-import"
# Access tokens are good for a quarter of an hour.
_TOKEN_SECONDS = 600.0
_LOOK_SECONDS = 1.0
# What works at fifty thousand rows may keep an answer waiting.
_ATTEMPTS = 5
# A file of fifty thousand rows takes minutes on a laptop, whose emulator is one program.
_DEADLINE_SECONDS = 2 * 60 * 60
# Of a page of a hundred products, and of one with nine variants, without pictures.
_PAGE_BYTES = 64 * 1024
_PRODUCT_BYTES = 8 * 1024


@dataclass(frozen=True)
class Imported:
    """One import of the file."""

    seconds: float
    counts: dict[str, int]
    memory_kb: int


class Admin:
    """The API as the demo shop's admin, however long it takes."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._api: Api | None = None
        self._until = 0.0

    def __enter__(self) -> Admin:
        return self

    def __exit__(self, *_: object) -> None:
        if self._api:
            self._api.__exit__()

    def get(self, path: str) -> Any:
        for _ in range(1, _ATTEMPTS):
            try:
                return self._signed_in().get(path)
            except (ApiError, Unreachable) as error:
                if not may_pass(error):
                    raise
            time.sleep(_LOOK_SECONDS)
        return self._signed_in().get(path)

    def post(self, path: str, body: Any) -> Any:
        return self._signed_in().post(path, body)

    def _signed_in(self) -> Api:
        if self._api is None or time.monotonic() > self._until:
            self.__exit__()
            with Api(self._shop.api_url) as guest:
                token = people.access_token(guest, people.demo_people(self._shop.place)["admin"])
            self._api, self._until = Api(self._shop.api_url, token), time.monotonic() + _TOKEN_SECONDS
        return self._api


def table(products: int, variants: int, category: str) -> bytes:
    """A file of so many products with so many variants each."""
    rows = [COLUMNS]
    for product in range(products):
        slug = f"bench-{product:05}"
        shared = f"{slug},Tea of lot {product},Leaves of the first flush. Keeps two years.,{category},active,black|loose,reduced,Size"
        for variant in range(variants):
            head = shared if variant == 0 else f"{slug},,,,,,,"
            price = f"{5 + product % 40}.{variant}9"
            rows.append(f"{head},{(variant + 1) * 50} g,{slug.upper()}-{variant},{price},,{(variant + 1) * 60},{product % 90}")
    return ("\n".join(rows) + "\n").encode()


def measure(shop: Shop, products: int, variants: int) -> dict[str, Any]:
    """Imports the file twice into a running shop, waits for the lists, walks through them, and takes a copy."""
    with Admin(shop) as api:
        category = api.post("/admin/categories", {"slug": f"bench-{time.time_ns()}", "title": "Bench", "parent_id": None, "position": 999})
        file = table(products, variants, category["slug"])
        began_ms = int(time.time() * 1000)
        first = _import(shop, api, file, "importing")
        listed = _await_lists(shop, category["id"], products)
        again = _import(shop, api, file, "importing the same again")
        walk = _walk(api, category["id"])
        copy = _export(api)
    used = bench_log.by_function(bench_log.read(shop.clients, shop.place.environment, began_ms))
    per_call = {name: used[name].calls / used[name].invocations for name in _READERS}
    figures = {
        "products": products,
        "rows": products * variants,
        "bytes": len(file),
        "first": _summary(first, products * variants),
        "again": _summary(again, products * variants),
        "listed_after_seconds": round(listed, 1),
        "walk": walk,
        "copy": copy,
        "calls": per_call,
    }
    broken = broken_promises(figures)
    if broken:
        raise Failure(f"the import was measured, and is not what it should be: {'; '.join(broken)}", "look into .souk/logs/emulator-bench.log")
    return figures


def broken_promises(figures: Mapping[str, Any]) -> list[str]:
    """What is otherwise than it has to be however large the catalogue is."""
    rows, products, walk = figures["rows"], figures["products"], figures["walk"]
    promises = {
        f"each of the {rows} rows makes a variant": figures["first"]["created"] == rows and figures["first"]["refused"] == 0,
        "the same file changes nothing": figures["again"]["unchanged"] == rows,
        f"a walk shows all {products} products": walk["products"] == products,
        "a copy has them all": figures["copy"]["products"] >= products,
        f"a page has at most {_PAGE_BYTES} bytes": walk["largest_page_bytes"] <= _PAGE_BYTES,
        f"a product has at most {_PRODUCT_BYTES} bytes": walk["product_bytes"] <= _PRODUCT_BYTES,
        "a list and a product are one call each": figures["calls"] == dict.fromkeys(_READERS, 1),
    }
    return [f"not true that {promise}" for promise, is_kept in promises.items() if not is_kept]


def _import(shop: Shop, api: Admin, file: bytes, what: str) -> Imported:
    with step(f"{what}: {len(file):,} bytes") as progress:
        asked = api.post("/admin/imports", None)
        began = time.perf_counter()
        post_file(asked["upload"]["url"], asked["upload"]["fields"], "text/csv", file)
        memory, deadline = 0, began + _DEADLINE_SECONDS
        while True:
            report = api.get(f"/admin/imports/{asked['id']}")
            memory = max(memory, bench_cpu.peak_memory_kb(f"souk-{shop.place.environment}-{_FUNCTION}"))
            counts = {name: report[name] for name in ("created", "updated", "unchanged", "refused")}
            progress.show(f"{sum(counts.values()):,} of {report.get('rows', 0):,} rows")
            if report["status"] == "done":
                return Imported(time.perf_counter() - began, counts, memory)
            if report["status"] == "failed" or time.perf_counter() > deadline:
                raise Failure(f"the import is {report['status']}: {report.get('failure')}", f"./scripts/logs {asked['id']} --environment bench")
            time.sleep(_LOOK_SECONDS)


def _await_lists(shop: Shop, category: str, products: int) -> float:
    """Waits until the category's list has all products; looks into the table, so that waiting costs the functions nothing."""
    dynamodb = shop.clients("dynamodb")
    query = {
        "TableName": f"souk-{shop.place.environment}-catalog",
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": f"LIST#{category}#NEWEST"}},
        "Select": "COUNT",
    }
    began = time.perf_counter()
    with step("waiting for lists") as progress:
        while True:
            listed = sum(page["Count"] for page in dynamodb.get_paginator("query").paginate(**query))
            progress.show(f"{listed:,} of {products:,} products")
            if listed >= products:
                return time.perf_counter() - began
            if time.perf_counter() > began + _DEADLINE_SECONDS:
                raise Failure(f"lists show {listed} of {products} products", "look into .souk/logs/emulator-bench.log")
            time.sleep(5)


def _walk(api: Admin, category: str) -> dict[str, Any]:
    """All pages of the category, a hundred products each, and one of the products."""
    with step("walking through all pages") as progress:
        began, cursor = time.perf_counter(), ""
        seen: set[str] = set()
        pages = largest = 0
        while True:
            page = api.get(f"/products?category={category}&limit=100{cursor}")
            pages, largest = pages + 1, max(largest, _size(page))
            seen.update(product["id"] for product in page["data"])
            progress.show(f"{len(seen):,} products")
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
        seconds = time.perf_counter() - began
    product = api.get(f"/products/{min(seen)}")
    return {"products": len(seen), "pages": pages, "seconds": round(seconds, 2), "largest_page_bytes": largest, "product_bytes": _size(product)}


def _size(answer: Any) -> int:
    return len(json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode())


def _export(api: Admin) -> dict[str, Any]:
    with step("taking a copy") as progress:
        began = time.perf_counter()
        asked = api.post("/admin/exports", None)
        while True:
            export = api.get(f"/admin/exports/{asked['id']}")
            progress.show(f"{export['products']:,} products")
            if export["status"] == "ready":
                return {"products": export["products"], "seconds": round(time.perf_counter() - began, 1)}
            if export["status"] == "failed" or time.perf_counter() > began + _DEADLINE_SECONDS:
                raise Failure(f"the copy is {export['status']}", f"./scripts/logs {asked['id']} --environment bench")
            time.sleep(_LOOK_SECONDS)


def _summary(imported: Imported, rows: int) -> dict[str, Any]:
    seconds = round(imported.seconds, 1)
    return {"seconds": seconds, "rows_per_second": round(rows / imported.seconds, 1), "memory_mb": round(imported.memory_kb / 1024, 1), **imported.counts}


def document(figures: Mapping[str, Any]) -> str:
    """What docs/benchmarks.md shows between the marks of imports."""
    machine, first, again, walk = figures["machine"], figures["first"], figures["again"], figures["walk"]
    head = (
        f"`{figures['command']}` · {figures['date']} · commit {figures['commit']} · functions in the {figures['profile']} profile · "
        f"{machine['cpus']} × {machine['cpu']}, {machine['memory_gb']} GB, {machine['system']} · load before {machine['load_before']:.2f}"
    )
    rows = [
        f"{figures['products']:,} products with {figures['rows']:,} variants, a file of {figures['bytes'] / 1e6:.1f} MB.",
        "",
        "| step | seconds | rows per second | memory of the function, MB | created | unchanged | refused |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        *(_row(name, run) for name, run in (("import", first), ("the same file again", again))),
        "",
        f"Lists showed all of it {figures['listed_after_seconds']:,.0f} s after the import. Walking through {walk['products']:,} products took "
        f"{walk['pages']} pages and {walk['seconds']:.1f} s; the largest page has {walk['largest_page_bytes']:,} bytes, a product "
        f"{walk['product_bytes']:,}. A copy of all {figures['copy']['products']:,} products was there after {figures['copy']['seconds']:,.0f} s. "
        + "; ".join(f"`{name}` makes {calls:g} DynamoDB call{'s' * (calls != 1)}" for name, calls in sorted(figures["calls"].items()))
        + ".",
    ]
    return head + "\n\n" + "\n".join(rows)


def _row(name: str, run: Mapping[str, Any]) -> str:
    memory = f"{run['memory_mb']:.1f}" if run["memory_mb"] else ""
    return f"| {name} | {run['seconds']:,.0f} | {run['rows_per_second']:,.0f} | {memory} | {run['created']:,} | {run['unchanged']:,} | {run['refused']:,} |"
