"""A shop in memory that speaks the parts of the public API which the demo tools use."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Callable
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Answer = tuple[int, Any]


class FakeShop:
    """Start it with `with FakeShop() as shop:`; `shop.url` is its API, everything it was told is in its fields."""

    def __init__(self) -> None:
        self.categories: dict[str, dict[str, Any]] = {}
        self.products: dict[str, dict[str, Any]] = {}
        self.stock: Counter[str] = Counter()
        self.objects: dict[str, bytes] = {}
        self.puts: dict[str, Any] = {}
        self.orders: dict[str, dict[str, Any]] = {}
        self.carts: dict[str, Counter[str]] = {}
        self.requests: Counter[str] = Counter()
        # So many lists do not show anything yet.
        self.late_lists = 0
        # Answers something else in place of a request, once for each entry; None goes on as usual.
        self.interfere: Callable[[str, str], Answer | None] = lambda method, path: None
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.url = f"{self.origin}/v1"

    def __enter__(self) -> FakeShop:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, method: str, path: str, query: dict[str, list[str]], headers: Any, content: bytes) -> Answer:
        with self._lock:
            self.requests[f"{method} {re.sub(r'(prod|cart|ord)_[0-9]+', '*', path)}"] += 1
            interference = self.interfere(method, path)
            if interference is not None:
                return interference
            if path.startswith("/media"):
                return self._upload(headers, content)
            if path.startswith("/v1/admin/") and headers["Authorization"] != "Bearer admin":
                return problem(401, "unauthenticated")
            body = json.loads(content) if content else None
            return self._route(method, path.removeprefix("/v1"), query, body)

    def _route(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> Answer:
        parts = path.strip("/").split("/")
        if method == "PUT":
            self.puts[path] = body
            return 200, body
        for pattern, act in (
            ("GET categories", lambda: (200, {"data": self._tree(None)})),
            ("GET products", lambda: self._page(query)),
            ("GET products *", lambda: self._product(parts[1])),
            ("GET products by-slug *", lambda: self._product_called(parts[2])),
            ("POST admin categories", lambda: self._create_category(body)),
            ("POST admin products", lambda: self.create_product(body)),
            ("POST admin products * images", lambda: self._add_image(parts[2])),
            ("POST admin inventory * adjustments", lambda: self._adjust(parts[2], body)),
            ("POST carts", self._create_cart),
            ("POST carts * lines", lambda: self._add_line(parts[1], body)),
            ("POST quotes", lambda: (200, self._quote(body))),
            ("POST orders", lambda: self._place(body)),
            ("GET orders *", lambda: (200, self.orders[parts[1]])),
            ("POST orders * payments", lambda: (201, {"id": "pay_1", "client_secret": f"{parts[1]}_secret"})),
        ):
            wanted = pattern.split()
            if wanted[0] == method and len(wanted) == len(parts) + 1:
                if all(word in ("*", part) for word, part in zip(wanted[1:], parts)):
                    return act()
        return problem(404, "route_not_found")

    def _tree(self, parent: str | None) -> list[dict[str, Any]]:
        return [
            {**category, "children": self._tree(category["id"])}
            for category in self.categories.values()
            if category["parent_id"] == parent
        ]

    def _page(self, query: dict[str, list[str]]) -> Answer:
        if self.late_lists > 0:
            self.late_lists -= 1
            return 200, {"data": [], "next_cursor": None}
        at, limit = int(query.get("cursor", ["0"])[0]), int(query["limit"][0])
        found = [product for product in self.products.values() if product["status"] == "active"]
        page = [self._summary(product) for product in found[at : at + limit]]
        return 200, {"data": page, "next_cursor": str(at + limit) if len(found) > at + limit else None}

    def _summary(self, product: dict[str, Any]) -> dict[str, Any]:
        in_stock = any(self.stock[variant["sku"]] > 0 for variant in product["variants"])
        summary = {"id": product["id"], "slug": product["slug"], "title": product["title"], "in_stock": in_stock}
        return {**summary, "image": product["images"][0]} if product["images"] else summary

    def _product(self, product_id: str) -> Answer:
        product = self.products[product_id]
        variants = [{**variant, "available": self.stock[variant["sku"]]} for variant in product["variants"]]
        return 200, {**product, "variants": variants}

    def _product_called(self, slug: str) -> Answer:
        for product in self.products.values():
            if product["slug"] == slug and product["status"] == "active":
                return self._product(product["id"])
        return problem(404, "not_found")

    def _create_category(self, body: dict[str, Any]) -> Answer:
        category = {**body, "id": f"cat_{len(self.categories) + 1}"}
        self.categories[category["id"]] = category
        return 201, category

    def create_product(self, body: dict[str, Any]) -> Answer:
        if any(product["slug"] == body["slug"] for product in self.products.values()):
            return problem(409, "slug_taken")
        if body["category_id"] not in self.categories:
            return problem(422, "category_not_found")
        product = {**body, "id": f"prod_{len(self.products) + 1}", "images": []}
        self.products[product["id"]] = product
        return 201, product

    def _add_image(self, product_id: str) -> Answer:
        key = f"{product_id}/{len(self.products[product_id]['images']) + 1}.svg"
        form = {"url": f"{self.origin}/media", "fields": {"key": key, "policy": "…"}}
        return 201, {"image": {"id": "img_1", "alt": "", "status": "pending"}, "upload": form}

    def _adjust(self, sku: str, body: dict[str, Any]) -> Answer:
        self.stock[sku] += body["quantity"]
        return 201, {"sku": sku, "available": self.stock[sku]}

    def _upload(self, headers: Any, content: bytes) -> Answer:
        """Shows the picture among its product's."""
        form = BytesParser().parsebytes(b"Content-Type: " + headers["Content-Type"].encode() + b"\r\n\r\n" + content)
        fields: dict[Any, Any] = {
            part.get_param("name", header="Content-Disposition"): part.get_payload(decode=True) for part in form.walk()
        }
        key = fields["key"].decode()
        self.objects[key] = fields["file"]
        self.products[key.partition("/")[0]]["images"].append({"url": f"{self.origin}/media/{key}", "alt": ""})
        return 204, None

    def _create_cart(self) -> Answer:
        cart_id = f"cart_{len(self.carts) + 1}"
        self.carts[cart_id] = Counter()
        return 201, {"id": cart_id, "token": "cart-token"}

    def _add_line(self, cart_id: str, body: dict[str, Any]) -> Answer:
        self.carts[cart_id][body["sku"]] += body["quantity"]
        return 200, {"id": cart_id}

    def _quote(self, body: dict[str, Any]) -> dict[str, Any]:
        options = [{"id": "letter"}, {"id": "standard"}]
        amount = 1490 if body.get("shipping_method") == "standard" else 1290
        return {"total": {"amount": amount, "currency": "EUR"}, "shipping_options": options}

    def _place(self, body: dict[str, Any]) -> Answer:
        if body["expected_total"] != self._quote(body)["total"]:
            return problem(409, "total_changed")
        order_id = f"ord_{len(self.orders) + 1}"
        number = f"S-{len(self.orders) + 1001}"
        asked = {"total": body["expected_total"], "email": body["email"]}
        order = {"id": order_id, "number": number, "status": "pending_payment", **asked}
        self.orders[order_id] = order
        return 201, {**order, "token": "order-token"}


def problem(status: int, code: str, *faults: dict[str, str]) -> Answer:
    """An answer as the API refuses."""
    return status, {"title": "Refused", "status": status, "code": code, "detail": f"because of {code}", "errors": list(faults)}


def _handler(shop: FakeShop) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _serve(self) -> None:
            target = urlsplit(self.path)
            content = self.rfile.read(int(self.headers["Content-Length"] or 0))
            status, body = shop.answer(self.command, target.path, parse_qs(target.query), self.headers, content)
            if status == 0:
                self.close_connection = True
                return
            answer = b"" if body is None else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = do_PUT = _serve

        def log_message(self, *_: object) -> None:
            pass

    return Handler
