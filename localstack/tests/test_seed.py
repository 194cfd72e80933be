"""Seeding fills an empty shop, finishes a half-filled one, and leaves a full one alone."""

from __future__ import annotations

import sys
import unittest
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from fake_shop import FakeShop, problem  # noqa: E402 (needs the path above)

from souk_local import demo_catalogue, seed  # noqa: E402
from souk_local.public_api import NotLoopback, require_loopback  # noqa: E402

WHOLE = demo_catalogue.load()
SMALL = replace(WHOLE, products=WHOLE.products[::20])


def fill(shop: FakeShop, token: str = "admin", catalogue: demo_catalogue.Catalogue = SMALL) -> seed.Summary:
    return seed.run(shop.url, token, progress=lambda _: None, catalogue=catalogue)


def once(method: str, part: str, answer: tuple[int, Any]) -> Callable[[str, str], tuple[int, Any] | None]:
    """Interferes with the first request of this kind."""
    left = [answer]
    return lambda asked, path: left.pop() if left and asked == method and part in path else None


class Case(unittest.TestCase):
    def setUp(self) -> None:
        self.shop = FakeShop().__enter__()
        self.addCleanup(self.shop.__exit__)
        patch = mock.patch("souk_local.seed.time.sleep")
        patch.start()
        self.addCleanup(patch.stop)

    def assert_complete(self, catalogue: demo_catalogue.Catalogue = SMALL) -> None:
        products = self.shop.products.values()
        self.assertEqual(sorted(p["slug"] for p in products), sorted(p.slug for p in catalogue.products))
        self.assertTrue(all(len(product["images"]) == 1 for product in products))
        self.assertEqual(sorted(self.shop.objects.values()), sorted(product.svg() for product in catalogue.products))
        self.assertEqual(+self.shop.stock, +Counter({variant.sku: variant.stock for variant in catalogue.variants()}))


class Seeding(Case):
    def test_puts_the_whole_catalogue_into_an_empty_shop(self) -> None:
        summary = fill(self.shop, catalogue=WHOLE)
        self.assert_complete(WHOLE)
        self.assertEqual(summary.products_created, len(WHOLE.products))
        self.assertEqual(len(self.shop.categories), len(WHOLE.categories))
        self.assertEqual(self.shop.puts["/admin/tax-rates"], demo_catalogue.tax_rates())
        self.assertEqual(self.shop.puts["/admin/shipping-zones"], demo_catalogue.shipping_zones())

    def test_again_only_looks_at_the_list_of_products(self) -> None:
        fill(self.shop, catalogue=WHOLE)
        self.shop.requests.clear()
        summary = fill(self.shop, catalogue=WHOLE)
        self.assertEqual(dict(self.shop.requests), {"GET /v1/products": 4})
        self.assertEqual((summary.products_created, summary.products_kept), (0, len(WHOLE.products)))

    def test_ends_when_lists_show_all_products(self) -> None:
        self.shop.late_lists = 4
        fill(self.shop)
        self.assertEqual(self.shop.late_lists, 0)
        self.assert_complete()

    def test_does_not_repeat_what_lists_do_not_show_yet(self) -> None:
        fill(self.shop)
        self.shop.late_lists = 1
        summary = fill(self.shop)
        self.assertEqual((summary.products_created, summary.pictures_uploaded), (0, 0))
        self.assert_complete()

    def test_says_so_when_lists_never_show_a_product(self) -> None:
        self.shop.late_lists = 1_000_000
        with mock.patch.object(seed, "LISTED_WITHIN_SECONDS", 0.2), self.assertRaisesRegex(seed.SeedError, "lists still"):
            fill(self.shop)

    def test_takes_up_a_run_that_was_cut_off(self) -> None:
        for part in ("/adjustments", "/images", "/admin/products"):
            with self.subTest(part):
                self.shop.interfere = once("POST", part, problem(500, "internal_error"))
                with self.assertRaises(seed.SeedError):
                    fill(self.shop)
        fill(self.shop)
        self.assert_complete()

    def test_keeps_what_customers_bought_and_staff_changed(self) -> None:
        fill(self.shop)
        sku = next(iter(self.shop.stock))
        self.shop.stock[sku] = 0
        next(iter(self.shop.products.values()))["title"] = "Renamed"
        fill(self.shop)
        self.assertEqual(self.shop.stock[sku], 0)
        self.assertEqual(next(iter(self.shop.products.values()))["title"], "Renamed")

    def test_leaves_a_product_hidden_that_staff_archived(self) -> None:
        fill(self.shop)
        next(iter(self.shop.products.values()))["status"] = "archived"
        summary = fill(self.shop)
        self.assertEqual((summary.products_created, summary.products_kept), (0, len(SMALL.products)))
        self.assert_complete()

    def test_outlives_a_busy_server_and_a_lost_connection(self) -> None:
        for method, part, answer in (
            ("POST", "/admin/products", problem(503, "try_again")),
            ("POST", "/adjustments", (0, None)),
            ("POST", "/media", (0, None)),
        ):
            with self.subTest(part):
                self.shop.interfere = once(method, part, answer)
                fill(self.shop, catalogue=replace(SMALL, products=SMALL.products[: len(self.shop.products) + 5]))
        fill(self.shop)
        self.assert_complete()

    def test_does_not_double_a_product_whose_answer_was_lost(self) -> None:
        def lose(method: str, path: str) -> Any:
            if method == "POST" and path == "/v1/admin/products" and not lost:
                lost.append(path)
                self.shop.interfere = lambda *_: None
                first = SMALL.products[0]
                self.shop.create_product(seed.product_body(first, next(iter(self.shop.categories))))
                return 0, None
            return None

        lost: list[str] = []
        self.shop.interfere = lose
        fill(self.shop, catalogue=replace(SMALL, products=SMALL.products[:1]))
        self.assert_complete(replace(SMALL, products=SMALL.products[:1]))

    def test_tells_what_the_api_did_not_like(self) -> None:
        fault = {"pointer": "/slug", "code": "invalid_slug", "detail": "A slug has no spaces."}
        self.shop.interfere = once("POST", "/admin/products", problem(422, "validation_failed", fault))
        with self.assertRaises(seed.SeedError) as caught:
            fill(self.shop)
        said = str(caught.exception)
        for words in ("product ", "422 validation_failed", "because of validation_failed", "/slug invalid_slug A slug has no"):
            self.assertIn(words, said)

    def test_is_refused_without_an_administrators_token(self) -> None:
        with self.assertRaisesRegex(seed.SeedError, "401 unauthenticated"):
            fill(self.shop, token="stale")
        self.assertEqual(self.shop.products, {})


class TheLoopbackRule(unittest.TestCase):
    def test_accepts_this_machine(self) -> None:
        for host in ("127.0.0.1:4566", "127.9.8.7", "localhost", "[::1]:4566"):
            require_loopback(f"http://{host}/v1")

    def test_refuses_everything_else(self) -> None:
        for url in (
            "http://192.0.2.7/v1",
            "http://0.0.0.0/v1",
            "http://[2001:db8::1]/v1",
            "http://127.0.0.1@192.0.2.7/v1",
            "http://shop.invalid/v1",
            "ftp://127.0.0.1/v1",
            "127.0.0.1/v1",
            "",
        ):
            with self.subTest(url), self.assertRaises(NotLoopback):
                require_loopback(url)

    def test_judges_a_name_by_all_of_its_addresses(self) -> None:
        def resolve(*addresses: str) -> Any:
            found = [(0, 0, 0, "", (address, 0)) for address in addresses]
            return mock.patch("souk_local.public_api.socket.getaddrinfo", return_value=found)

        with resolve("127.0.0.1"):
            require_loopback("http://api.local.test/v1")
        with resolve("127.0.0.1", "192.0.2.7"), self.assertRaises(NotLoopback):
            require_loopback("http://api.local.test/v1")

    def test_is_asked_before_anything_is_sent(self) -> None:
        with mock.patch.object(seed, "Api") as api, self.assertRaises(NotLoopback):
            seed.run("https://192.0.2.7/v1", "admin")
        api.assert_not_called()


if __name__ == "__main__":
    unittest.main()
