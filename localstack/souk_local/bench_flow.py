"""One purchase as a shopper's browser makes it, each step timed."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from souk_local import bench_log, demo_order, people, seed, stripe_sandbox
from souk_local.clients import Clients
from souk_local.console import Failure, Progress
from souk_local.demo_catalogue import Product
from souk_local.public_api import Api
from souk_local.shop import Shop

LIST = "list products"
PRODUCT = "get product"
CART = "create cart"
LINE = "add line"
QUOTE = "quote"
PLACE = "place order"
PAYMENT = "create payment"
PAY = "pay at the sandbox"
CONFIRMED = "until confirmed"
READ = "get order"
STEPS = (LIST, PRODUCT, CART, LINE, QUOTE, PLACE, PAYMENT, PAY, CONFIRMED, READ)
WHOLE = "the whole, until confirmed"

_POLL_SECONDS = 0.05
_DEADLINE_SECONDS = 60.0


@dataclass(frozen=True)
class Goods:
    """The product that everybody buys."""

    id: str
    sku: str


@dataclass(frozen=True)
class Bought:
    """A confirmed order and how long each step took, in milliseconds."""

    order_id: str
    took: dict[str, float]

    @property
    def whole(self) -> float:
        return sum(milliseconds for step, milliseconds in self.took.items() if step != READ)


def stock(shop: Shop, like: Product, units: int) -> Goods:
    """Puts a product of its own on the shelf: the demo goods would not be enough."""
    name = f"bench-{time.time_ns()}"
    with Api(shop.api_url) as guest:
        token = people.access_token(guest, people.demo_people(shop.place)["admin"])
        categories = seed.ids_by_slug(guest.get("/categories")["data"])
    body = seed.product_body(like, categories[like.category])
    variant = {**body["variants"][0], "sku": name.upper(), "options": {}}
    with Api(shop.api_url, token) as admin:
        product = admin.post("/admin/products", {**body, "slug": name, "options": [], "variants": [variant]})
        admin.post(f"/admin/inventory/{variant['sku']}/adjustments", {"quantity": units, "reason": "receipt"})
    return Goods(product["id"], variant["sku"])


class Checkout:
    """Buys one unit of `goods` after the other; threads may share it."""

    def __init__(self, shop: Shop, goods: Goods, api: Api) -> None:
        self._shop = shop
        self._goods = goods
        self._api = api
        self._table = f"souk-{shop.place.environment}-orders"
        self._dynamodb = shop.clients("dynamodb")

    def buy(self, number: int) -> Bought:
        api, goods = self._api, self._goods
        took: dict[str, float] = {}

        def timed(step: str, work: Callable[[], Any]) -> Any:
            began = time.perf_counter()
            answer = work()
            took[step] = (time.perf_counter() - began) * 1000
            return answer

        timed(LIST, lambda: api.get("/products?limit=24"))
        timed(PRODUCT, lambda: api.get(f"/products/{goods.id}"))
        cart = timed(CART, lambda: api.post("/carts", {}))
        holder = {"Cart-Token": cart["token"]}
        timed(LINE, lambda: api.post(f"/carts/{cart['id']}/lines", {"sku": goods.sku, "quantity": 1}, holder))
        wanted = {"cart_id": cart["id"], "shipping_address": demo_order.ADDRESS, "shipping_method": demo_order.METHOD}
        quote = timed(QUOTE, lambda: api.post("/quotes", wanted, holder))
        order = {**wanted, "expected_total": quote["total"], "email": f"bench-{number}@example.com"}
        placed = timed(PLACE, lambda: api.post("/orders", order, holder))
        holder = {"Order-Token": placed["token"]}
        path = f"/orders/{placed['id']}"
        payment = timed(PAYMENT, lambda: api.post(f"{path}/payments", {"provider": "stripe"}, holder))
        timed(PAY, lambda: stripe_sandbox.pay(payment["client_secret"], sandbox_url=self._shop.sandbox.url))
        timed(CONFIRMED, lambda: self._await_confirmation(placed["id"]))
        seen = timed(READ, lambda: api.get(path, holder))
        if seen["status"] != "confirmed":
            raise Failure(f"order {placed['id']} is {seen['status']}", "./scripts/logs with its id shows why")
        return Bought(placed["id"], took)

    def _await_confirmation(self, order_id: str) -> None:
        """Looks into the table, so that waiting costs the functions nothing."""
        key = {"pk": {"S": f"ORDER#{order_id}"}, "sk": {"S": "ORDER"}}
        deadline = time.monotonic() + _DEADLINE_SECONDS
        while True:
            row = self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True)["Item"]
            if row["status"]["S"] != "pending_payment":
                return
            if time.monotonic() > deadline:
                raise Failure(f"order {order_id} was not confirmed within {_DEADLINE_SECONDS:.0f} s", f"./scripts/logs {order_id} --environment bench")
            time.sleep(_POLL_SECONDS)


def buy_many(shop: Shop, goods: Goods, orders: int, concurrency: int, progress: Progress) -> tuple[list[Bought], float]:
    """`orders` purchases, at most `concurrency` of them at once; how long they took together, in seconds."""
    done: list[Bought] = []
    with Api(shop.api_url) as api, ThreadPoolExecutor(concurrency) as pool:
        checkout = Checkout(shop, goods, api)
        began = time.perf_counter()
        for bought in pool.map(checkout.buy, range(orders)):
            done.append(bought)
            progress.show(f"{len(done)} of {orders} orders")
        return done, time.perf_counter() - began


def await_the_rest(clients: Clients, environment: str, orders: int, began_ms: int) -> dict[str, bench_log.Used]:
    """Waits for what follows a confirmation, the stock and the mail of every order. Gives what each function logged of all."""
    deadline = time.monotonic() + _DEADLINE_SECONDS + orders
    while True:
        handled = bench_log.by_function(bench_log.read(clients, environment, began_ms))
        behind = [name for name in bench_log.LAST if name not in handled or handled[name].invocations < orders]
        if not behind:
            return handled
        if time.monotonic() > deadline:
            raise Failure(f"{', '.join(behind)} did not handle all {orders} orders", "look into .souk/logs/emulator-bench.log")
        time.sleep(2)
