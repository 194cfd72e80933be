"""The demo order goes from the cart to the mail, and says where it stopped if it does not."""

from __future__ import annotations

import sys
import unittest
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from fake_shop import FakeShop, problem  # noqa: E402 (needs the path above)

from souk_local import demo_catalogue, demo_order, seed  # noqa: E402
from souk_local.demo_order import DemoOrderError, Mail, format_mail, money, place  # noqa: E402

WHOLE = demo_catalogue.load()
BASKET = [product for product in WHOLE.products if product.slug in dict(demo_order.BASKET)]
SMALL = replace(WHOLE, products=(*BASKET, *WHOLE.products[:5]))


class TheDemoOrder(unittest.TestCase):
    def setUp(self) -> None:
        self.shop = FakeShop().__enter__()
        self.addCleanup(self.shop.__exit__)
        seed.run(self.shop.url, "admin", progress=lambda _: None, catalogue=SMALL)
        self.mails: list[dict[str, Any]] = [{"To": ["else@example.com"], "Subject": "Order S-1001", "BodyText": ""}]
        patch = mock.patch.multiple(demo_order, DEADLINE_SECONDS=0.3, POLL_SECONDS=0.01)
        patch.start()
        self.addCleanup(patch.stop)

    def pay(self, client_secret: str) -> None:
        order = self.shop.orders[client_secret.removesuffix("_secret")]
        order["status"] = "confirmed"
        mail = {"Source": "shop@example.com", "To": [order["email"]], "Subject": f"Order {order['number']}"}
        self.mails.append({**mail, "BodyText": "Thanks"})

    def place(self, pay: Any = None) -> demo_order.DemoOrder:
        return place(self.shop.url, pay or self.pay, lambda: self.mails, progress=lambda _: None)

    def test_ends_with_a_confirmed_order_and_its_own_mail(self) -> None:
        done = self.place()
        self.assertEqual((done.order["status"], done.number, done.total), ("confirmed", "S-1001", "14.90 EUR"))
        self.assertEqual((done.mail.to, done.mail.text), (("amina.berger@example.com",), "Thanks"))
        self.assertEqual(len(self.shop.carts["cart_1"]), len(demo_order.BASKET))

    def test_buys_something_else_when_the_basket_is_sold_out(self) -> None:
        slugs = dict(demo_order.BASKET)
        for product in self.shop.products.values():
            if product["slug"] in slugs:
                self.shop.stock.subtract({variant["sku"]: self.shop.stock[variant["sku"]] for variant in product["variants"]})
        self.place()
        self.assertEqual(len(self.shop.carts["cart_1"]), len(demo_order.BASKET))

    def test_says_so_when_there_is_nothing_to_buy(self) -> None:
        self.shop.stock.clear()
        with self.assertRaisesRegex(DemoOrderError, "nothing in stock"):
            self.place()

    def test_waits_for_the_confirmation_but_not_for_ever(self) -> None:
        with self.assertRaisesRegex(DemoOrderError, "for order S-1001 to be confirmed"):
            self.place(pay=lambda _: None)

    def test_stops_at_once_when_the_order_is_cancelled(self) -> None:
        def cancel(client_secret: str) -> None:
            self.shop.orders[client_secret.removesuffix("_secret")]["status"] = "cancelled"

        with self.assertRaisesRegex(DemoOrderError, "was cancelled"):
            self.place(pay=cancel)

    def test_says_so_when_no_mail_comes(self) -> None:
        def pay_without_mail(client_secret: str) -> None:
            self.pay(client_secret)
            self.mails.pop()

        with self.assertRaisesRegex(DemoOrderError, "for the mail about order S-1001"):
            self.place(pay=pay_without_mail)

    def test_tells_what_the_api_answered(self) -> None:
        self.shop.interfere = lambda method, path: problem(409, "out_of_stock") if path == "/v1/orders" else None
        with self.assertRaisesRegex(DemoOrderError, "POST /orders was answered 409 out_of_stock"):
            self.place()

    def test_buys_what_the_catalogue_has(self) -> None:
        self.assertEqual(len(BASKET), len(demo_order.BASKET))
        self.assertEqual({product.tax_class for product in BASKET}, {"standard", "reduced"})
        self.assertTrue(all(product.variants[0].stock >= 20 for product in BASKET))


class Formatting(unittest.TestCase):
    def test_frames_the_mail_and_wraps_long_lines(self) -> None:
        mail = Mail("shop@example.com", ("a@example.com",), "Your order", "First line\n\n" + "word " * 40, "")
        lines = format_mail(mail, 60).splitlines()
        self.assertEqual({len(line) for line in lines}, {60})
        self.assertTrue(any("First line" in line for line in lines))

    def test_writes_money_as_people_do(self) -> None:
        for amount, written in ((1999, "19.99 EUR"), (5, "0.05 EUR"), (-150, "-1.50 EUR")):
            self.assertEqual(money({"amount": amount, "currency": "EUR"}), written)


if __name__ == "__main__":
    unittest.main()
